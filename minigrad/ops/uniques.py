"""Each value once: unique, unique_consecutive.

What may live here: these two, which have no derivative, and say so when a gradient comes.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad import errors
from minigrad.dims import normal_dim
from minigrad.registry import composite, derivative, op
from minigrad.signatures import Parser

# mypy: disable-error-code="no-untyped-def"

OUTS = ("output", "inverse_indices", "counts")


def _refused(name: str) -> Any:
    def gradient(grad):
        raise errors.no_derivative(name)

    return gradient


def _parts(starts: Any, order: Any, shape: Any, inverse: bool, counts: bool) -> tuple[Any, Any]:
    """Of values, in this order and with these beginnings of equal ones: inverse indices and how many each."""
    group = np.cumsum(starts) - 1
    back = np.empty(len(order), np.int64)
    back[order] = group
    many = np.bincount(group, minlength=0).astype(np.int64) if len(group) else np.zeros(0, np.int64)
    return back.reshape(shape) if inverse else np.zeros(0, np.int64), many if counts else np.zeros(0, np.int64)


def _check(a: Any, name: str) -> None:
    if a.dtype.kind == "c":
        raise errors.not_implemented_for(name, a.dtype)


def _of_all(self: Any, ordered: bool, inverse: bool, counts: bool) -> Any:
    flat = self.reshape(-1)
    order = np.argsort(flat, kind="stable") if ordered else np.arange(flat.size)
    values = flat[order]
    starts = np.ones(flat.size, bool)
    starts[1:] = values[1:] != values[:-1]
    back, many = _parts(starts, order, self.shape, inverse, counts)
    return [values[starts], back, many]


def _of_slices(self: Any, dim: int, ordered: bool, inverse: bool, counts: bool) -> Any:
    dim = normal_dim(dim, self.ndim)
    if self.size == 0:
        if self.shape[dim]:
            raise RuntimeError("There are 0 sized dimensions, and they aren't selected, so unique cannot be applied")
        if self.shape.count(0) > 1:
            raise RuntimeError("Number of zero sized dimensions is more than one, so unique cannot be applied ")
        return [np.empty_like(self), np.zeros(0, np.int64), np.zeros(0, np.int64)]
    rows = np.moveaxis(self, dim, 0)
    flat = rows.reshape(len(rows), -1)
    order = np.lexsort(flat.T[::-1]) if ordered else np.arange(len(rows))
    starts = np.ones(len(rows), bool)
    starts[1:] = (flat[order][1:] != flat[order][:-1]).any(axis=1)
    back, many = _parts(starts, order, (len(rows),), inverse, counts)
    return [np.ascontiguousarray(np.moveaxis(rows[order][starts], 0, dim)), back, many]


@op("_unique2", promote="keep", numbers=False, outs=OUTS)
def unique_op(self, ordered: bool, inverse: bool, counts: bool):
    _check(self, "unique")
    return _of_all(self, True, inverse, counts)  # torch sorts in any case


@op("_unique_dim", promote="keep", numbers=False, outs=OUTS)
def unique_dim_op(self, dim: int, ordered: bool, inverse: bool, counts: bool):
    _check(self, "unique_dim")
    return _of_slices(self, dim, True, inverse, counts)


@op("_unique_consecutive", promote="keep", numbers=False, outs=OUTS)
def consecutive_op(self, inverse: bool, counts: bool, dim: Any = None):
    _check(self, "unique_consecutive")
    return _of_all(self, False, inverse, counts)


@op("_unique_dim_consecutive", promote="keep", numbers=False, outs=OUTS)
def consecutive_dim_op(self, dim: int, inverse: bool, counts: bool):
    _check(self, "unique_dim")
    return _of_slices(self, dim, False, inverse, counts)


for _label, _of, _name in (
    ("Unique2Backward0", unique_op, "_unique2"),
    ("UniqueDimBackward0", unique_dim_op, "unique_dim"),
    ("UniqueConsecutiveBackward0", consecutive_op, "unique_consecutive"),
    ("UniqueDimConsecutiveBackward0", consecutive_dim_op, "unique_dim_consecutive"),
):
    derivative(_label, of=_of, forward=None, self=_refused(_name))


def _asked(found: Any, inverse: bool, counts: bool) -> Any:
    chosen = (found[0], *([found[1]] if inverse else []), *([found[2]] if counts else []))
    return chosen if len(chosen) > 1 else chosen[0]


_ASKING = "bool return_inverse = False, bool return_counts = False"
_UNIQUE = Parser("_unique2", f"(Tensor input, bool sorted = True, {_ASKING})")
_UNIQUE_DIM = Parser("unique_dim", f"(Tensor input, int dim, bool sorted = True, {_ASKING})")
_CONSECUTIVE = Parser("unique_consecutive", f"(Tensor input, {_ASKING}, int dim = None)")


@composite("unique")
def unique(self, sorted: bool = True, return_inverse: bool = False, return_counts: bool = False, dim: Any = None):
    """Each value, or each slice along `dim`, once."""
    asked = {"return_inverse": return_inverse, "return_counts": return_counts}
    usage, where = (_UNIQUE, ()) if dim is None else (_UNIQUE_DIM, (dim,))
    usage.parse((self, *where), {"sorted": sorted, **asked})
    return _asked((unique_dim_op if where else unique_op)(self, *where, sorted, *asked.values()), *asked.values())


@composite("unique_consecutive")
def unique_consecutive(self, return_inverse: bool = False, return_counts: bool = False, dim: Any = None):
    """The same of runs of equal ones."""
    asked = {"return_inverse": return_inverse, "return_counts": return_counts}
    _CONSECUTIVE.parse((self,), {**asked, "dim": dim})
    if dim is not None:
        return _asked(consecutive_dim_op(self, dim, *asked.values()), *asked.values())
    return _asked(consecutive_op(self, *asked.values()), *asked.values())
