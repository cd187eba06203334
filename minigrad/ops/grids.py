"""Grids and tuples made of vectors: meshgrid, cartesian_prod, combinations, unravel_index.

What may live here: composites of views, stack and masked_select, as torch composes them.
"""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any

import numpy as np

from minigrad import errors
from minigrad.ops.carriers import written
from minigrad.ops.expanding import expand_op
from minigrad.ops.gathering import masked_select
from minigrad.ops.joining import stack, tensor_list
from minigrad.ops.reshaping import view_op
from minigrad.registry import composite
from minigrad.tensor import Tensor, wrap
from minigrad.warn import warn_once

# mypy: disable-error-code="no-untyped-def"


def _flattened(tensors: tuple[Any, ...]) -> list[Any]:
    if len(tensors) == 1 and isinstance(tensors[0], (tuple, list)):
        return list(tensors[0])
    return list(tensors)


@composite("meshgrid", method=False)
def meshgrid(*tensors, indexing: str | None = None):
    """Each vector expanded to the grid that all of them span, as views."""
    found = tensor_list("meshgrid", _flattened(tensors))
    if not found:
        raise RuntimeError("meshgrid expects a non-empty TensorList")
    if indexing is not None and not isinstance(indexing, str):
        raise TypeError(f"meshgrid(): argument 'indexing' must be str, not {errors.type_of(indexing)}")
    for t in found:
        if t._a.ndim > 1:
            raise RuntimeError(f"torch.meshgrid: Expected 0D or 1D tensor in the tensor list but got: {t!r}")
    if len({t._a.dtype for t in found}) > 1:
        raise RuntimeError("meshgrid expects all tensors to have the same dtype")
    if indexing is None:
        warn_once(
            "torch.meshgrid: in an upcoming release, it will be required to pass the indexing argument."
        )
    elif indexing not in ("xy", "ij"):
        raise RuntimeError(f'torch.meshgrid: indexing must be one of "xy" or "ij", but received: {indexing}')
    swap = indexing == "xy" and len(found) >= 2
    if swap:
        found[:2] = found[1::-1]
    shape = tuple(t._a.size for t in found)
    grids = []
    for d, t in enumerate(found):
        one = view_op(t, (*(1,) * d, -1, *(1,) * (len(found) - d - 1)))
        grids.append(expand_op(one, shape))
    if swap:
        grids[:2] = grids[1::-1]
    return tuple(grids)


def _check_vector(t: Tensor) -> None:
    if t._a.ndim != 1:
        raise RuntimeError(f"Expect a 1D vector, but got shape {errors.shape_text(t._a.shape)}")


@composite("cartesian_prod", method=False)
def cartesian_prod(*tensors):
    """All tuples of one element from each vector, a row each."""
    found = tensor_list("cartesian_prod", tensors)
    for t in found:
        _check_vector(t)
    if len(found) == 1:
        return found[0]
    return stack([g.flatten() for g in meshgrid(*found, indexing="ij")], 1)


@composite("combinations", method=False)
def combinations(input: Tensor, r: int = 2, with_replacement: bool = False):
    """All subsets (or multisets) of `r` elements of a vector, a row each, in order."""
    _check_vector(input)
    if r < 0:
        raise RuntimeError(f"Expect a non-negative number, but got {r}")
    if r == 0:
        return wrap(np.empty(0, input._a.dtype))
    n = input._a.size
    places = np.meshgrid(*[np.arange(n)] * r, indexing="ij")
    mask = np.ones((n,) * r, bool)
    for first, second in pairwise(places):
        mask &= first <= second if with_replacement else first < second
    grids = meshgrid(*[input] * r, indexing="ij")
    chosen = written(wrap(mask), r)  # torch fills the mask, and narrows it for each pair in place
    return stack([masked_select(g, chosen) for g in grids], 1)


@composite("unravel_index", method=False)
def unravel_index(indices: Any, shape: Any):
    """Flat positions as one index tensor per dimension of `shape`; views of one result."""
    sizes = (shape,) if isinstance(shape, int) else tuple(shape)
    if any(n < 0 for n in sizes):
        raise ValueError(f"'shape' cannot have negative values, but got {sizes}")
    steps = [math.prod(sizes[d + 1 :]) for d in range(len(sizes))]
    a = indices._a
    whole = np.stack([(a // step) % n for step, n in zip(steps, sizes, strict=True)], axis=-1)
    return wrap(whole).unbind(-1)
