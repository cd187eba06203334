"""Where gradients of chosen elements go, and what their tangents are: extremes, medians, what was sorted to a place.

What may live here: these formulas. The ops that choose are in `extrema` and `order`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad.along import put_along
from minigrad.dims import normal_dims
from minigrad.ops.carriers import array_of, constant, fresh_zeros, is_batched, written
from minigrad.ops.comparison import isnan, logical_and, logical_or
from minigrad.ops.index_places import check_within
from minigrad.ops.reduction import restore_dims, sum_dims, unsqueeze
from minigrad.ops.selection import where_op
from minigrad.tensor import Tensor, wrap


def scattered_back(grad: Any, dim: int, indices: Any, shape: Any, keepdim: bool) -> Any:
    """Zeros with the gradient at what was chosen along `dim` (torch's value_selecting_reduction_backward)."""
    if not keepdim and shape:
        grad, indices = unsqueeze(grad, dim), unsqueeze(indices, dim)
    if isinstance(grad, Tensor):
        return fresh_zeros(shape, grad._a.dtype).scatter_(dim, indices, grad)
    out = np.zeros(shape, grad.dtype)
    d = dim % len(shape) if shape else 0
    check_within(np.asarray(indices), d, shape[d] if shape else 1)
    if shape:
        put_along(out, indices, grad, dim)
    else:
        out[...] = grad
    return written(out, 2)


def chosen_along(self_t: Any, dim: int, indices: Any, keepdim: bool) -> Any:
    """The tangent of what was chosen along `dim` (torch's gather_with_keepdimed_indices)."""
    if keepdim:
        return self_t.gather(dim, indices)
    return self_t.gather(dim, indices.unsqueeze(dim)).squeeze(dim)


def evenly_distributed(grad: Any, self: Any, result: Any) -> Any:
    """The gradient shared by all elements that equal the result (all NaN ones, if that is NaN)."""
    if is_batched(grad):
        mask = logical_or(self == result, logical_and(isnan(self), isnan(result)))
        return mask * (grad / mask.sum())
    mask = isnan(self) if np.isnan(array_of(result)) else self == result
    if isinstance(grad, Tensor):
        zeros = wrap(np.zeros(array_of(self).shape, array_of(self).dtype))
        return zeros.masked_fill_(mask, grad / mask.sum())
    shares = np.where(mask, grad / np.count_nonzero(mask), grad.dtype.type(0))
    return written(np.asarray(shares.astype(grad.dtype, copy=False), order="C"))


def shared_by_count(grad: Any, mask: Any, dims: Any) -> Any:
    """The gradient shared by the elements of `mask` within each reduced group."""
    if isinstance(grad, Tensor):
        return (grad / mask.sum(dims, True)) * mask
    return (grad / np.sum(mask, axis=normal_dims(dims, mask.ndim), keepdims=True, dtype=grad.dtype)) * mask


def extreme_along(self_t: Any, self: Any, result: Any, dims: Any, keepdim: bool) -> Any:
    """The tangent of extremes: the mean of those of the elements that equal them (torch's amaxamin_jvp)."""
    mask = self == restore_dims(result, dims, keepdim)
    return sum_dims(where_op(mask, self_t, constant(0.0, self_t)), dims, keepdim) / sum_dims(mask, dims, keepdim)


def evenly_along(self_t: Any, self: Any, result: Any) -> Any:
    """The tangent of one chosen element (torch's evenly_read_jvp), for which a NaN anywhere else counts too."""
    mask = self == result
    return (mask * (self_t / mask.sum())).sum()
