"""Where values stand among sorted ones, and whether they are among others: searchsorted, bucketize, isin.

What may live here: these, which answer without a gradient.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad import dtypes, errors
from minigrad.creation import tensor
from minigrad.ops.reshaping import view_op
from minigrad.registry import composite, op
from minigrad.signatures import Parser
from minigrad.tensor import Tensor, wrap
from minigrad.warn import warn_once

# mypy: disable-error-code="no-untyped-def"

_SEARCH = "torch.searchsorted(): "


def _check_side(side: str | None, right: bool) -> bool:
    if side is not None and side not in ("left", "right"):
        raise RuntimeError(f"{_SEARCH}side can only be 'left' or 'right' but got {side}")
    if right and side == "left":
        raise RuntimeError(f"{_SEARCH}side and right can't be set to opposites, got side of left while right was True")
    return right or side == "right"


def _check_shapes(of: Any, values: Any) -> None:
    if not of.ndim:
        raise RuntimeError(f"{_SEARCH}boundaries tensor should have positive dimension, but got 0 dimension")
    if not values.ndim and of.ndim != 1:
        raise RuntimeError(
            f"{_SEARCH}input value can be a scalar only when boundaries tensor dimension is 1, but we got boundaries "
            f"tensor dim({of.ndim}) and input value's dim({values.ndim}) numel({values.size})"
        )
    if of.ndim != 1 and of.shape[:-1] != values.shape[:-1]:
        raise RuntimeError(
            f"{_SEARCH}boundaries tensor should be 1 dimension or the first N-1 dimensions of boundaries tensor and "
            f"input value tensor must match, but we got boundaries tensor {errors.shape_text(of.shape)} and input "
            f"value tensor {errors.shape_text(values.shape)}"
        )


def _check_sorter(of: Any, sorter: Any) -> None:
    if sorter.shape != of.shape:
        raise RuntimeError(
            f"{_SEARCH}boundary and sorter must have the same size, but got boundary tensor "
            f"{errors.shape_text(of.shape)}and got sorter tensor {errors.shape_text(sorter.shape)}"
        )
    if sorter.dtype != np.int64:
        raise RuntimeError(
            f"{_SEARCH}sorter must be a tensor of long dtype but got dtype {errors.TYPE_NAMES[sorter.dtype.name]}"
        )
    if sorter.size and (sorter.min() < 0 or sorter.max() >= sorter.shape[-1]):
        raise RuntimeError(f"{_SEARCH}sorter index out of range")


@op("_searchsorted", promote="keep", numbers=False)
def search_op(sorted_sequence, self, right: bool, out_int32: bool, sorter=None):
    of, values = sorted_sequence, self
    _check_shapes(of, values)
    if sorter is not None:
        _check_sorter(of, sorter)
    for what, x in (("input value", values), ("boundary", of), ("sorter", sorter)):
        if x is not None and values.size and not x.flags.c_contiguous:
            warn_once(
                f"{_SEARCH}{what} tensor is non-contiguous, this will lower the performance due to extra data copy "
                f"when converting non-contiguous tensor to contiguous, please use contiguous {what} tensor if "
                "possible. This message will only appear once per program."
            )
    if sorter is not None:
        of = np.take_along_axis(of, sorter, -1)
    if of.dtype != values.dtype:
        common = dtypes.result_dtype(of, values).numpy
        of, values = of.astype(common), values.astype(common)
    kind = np.int32 if out_int32 else np.int64
    if not values.size or not of.size:
        return np.zeros(values.shape, kind)
    if of.dtype.kind in "bc":
        raise errors.not_implemented_for("searchsorted_out_cpu", of.dtype)
    side: Any = "right" if right else "left"
    if of.ndim == 1:
        return np.asarray(np.searchsorted(of, values, side), kind)
    rows, wanted = of.reshape(-1, of.shape[-1]), values.reshape(-1, values.shape[-1])
    return np.stack([np.searchsorted(*each, side) for each in zip(rows, wanted, strict=True)]).reshape(
        values.shape
    ).astype(kind)  # fmt: skip


def _of_number(value: Any, like: Tensor) -> Any:
    """A number as a tensor that promotes as one does."""
    if isinstance(value, Tensor):
        return value
    return tensor(value, dtype=None if like._a.dtype.kind == "b" else like.dtype)


_SEARCHSORTED = Parser(
    "searchsorted",
    "(Tensor sorted_sequence, Tensor input, *, bool out_int32 = False, bool right = False, str side = None, Tensor "
    "sorter = None, Tensor out = None)",
    "(Tensor sorted_sequence, Number self, *, bool out_int32 = False, bool right = False, str side = None, Tensor "
    "sorter = None, Tensor out = None)",
)


@composite("searchsorted", method=False)
def searchsorted(*args, **kwargs):
    """Where each value would be put among sorted ones, row by row."""
    _, given = _SEARCHSORTED.parse(args, kwargs)
    of = given["sorted_sequence"]
    right = _check_side(given.get("side"), bool(given.get("right")))
    values = _of_number(given.get("input", given.get("self")), of)
    return search_op(of, values, right, bool(given.get("out_int32")), given.get("sorter"))


_BUCKETIZE = Parser(
    "bucketize",
    "(Tensor input, Tensor boundaries, *, bool out_int32 = False, bool right = False, Tensor out = None)",
    "(Number self, Tensor boundaries, *, bool out_int32 = False, bool right = False, Tensor out = None)",
)


@composite("bucketize", method=False)
def bucketize(*args, **kwargs):
    """The same of boundaries of buckets."""
    _, given = _BUCKETIZE.parse(args, kwargs)
    of = given["boundaries"]
    if of.dim() != 1:
        raise RuntimeError(f"boundaries tensor must be 1 dimension, but got dim({of.dim()})")
    values = _of_number(given.get("input", given.get("self")), of)
    return search_op(of, values, bool(given.get("right")), bool(given.get("out_int32")))


@op("_isin", promote="keep", numbers=False)
def isin_op(elements, test_elements, invert: bool):
    for x in (elements, test_elements):
        if x.dtype.kind in "bc":
            found = errors.TYPE_NAMES[x.dtype.name]
            raise RuntimeError(f"Unsupported input type encountered for isin(): {found}")
    if elements.size and 0 < test_elements.size < 10 * elements.size**0.145:
        view_op(test_elements, (-1,))  # torch looks at few of them in a row, which may be refused
    return np.isin(elements, test_elements, invert=invert)


_ISIN = Parser(
    "isin",
    "(Tensor elements, Tensor test_elements, *, bool assume_unique = False, bool invert = False, Tensor out = None)",
    "(Number element, Tensor test_elements, *, bool assume_unique = False, bool invert = False, Tensor out = None)",
    "(Tensor elements, Number test_element, *, bool assume_unique = False, bool invert = False, Tensor out = None)",
)


@composite("isin", method=False)
def isin(*args, **kwargs):
    """Whether each element equals one of others."""
    _, given = _ISIN.parse(args, kwargs)
    elements, others = (given.get(f"{name}s", given.get(name)) for name in ("element", "test_element"))
    elements, others = (x if isinstance(x, Tensor) else wrap(np.asarray(x)) for x in (elements, others))
    return isin_op(elements, others, bool(given.get("invert")))

