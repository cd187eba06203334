"""Elements picked by index tensors or masks: gather, index_select, take, masked_select and their relatives.

What may live here: ops that read. Their gradients are written back with the ops of `scattering`; kernels
share the arithmetic of positions in `index_places`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad import errors
from minigrad.dims import normal_dim
from minigrad.memory import allocate, broadcast_to
from minigrad.ops.carriers import zeros_like
from minigrad.ops.expanding import expand_op
from minigrad.ops.index_places import (
    at_least_1d,
    check_within,
    checked_index,
    flat_places,
    owned,
    place_grid,
    selected_places,
)
from minigrad.ops.reshaping import view_op
from minigrad.promotion import broadcast_shape
from minigrad.recording import tangents
from minigrad.registry import FUNCTIONS, composite, derivative, op
from minigrad.tensor import Tensor, wrap

# mypy: disable-error-code="no-untyped-def"

Shape = tuple[int, ...]


# -- gather ---------------------------------------------------------------------------------------------


@op("gather", promote="keep", numbers=False)
def gather(self, dim: int, index, *, sparse_grad: bool = False):
    index = checked_index("gather", index)
    d = normal_dim(dim, self.ndim)
    if at_least_1d(index).ndim != at_least_1d(self).ndim:
        raise RuntimeError("Index tensor must have the same number of dimensions as input tensor")
    for k, (n, m) in enumerate(zip(at_least_1d(index).shape, at_least_1d(self).shape, strict=True)):
        if k != d and n > m and index.size:
            raise RuntimeError(
                f"Size does not match at dimension {k} expected index {errors.shape_text(index.shape)} to "
                "be no "
                f"larger than self {errors.shape_text(self.shape)} apart from dimension {d}"
            )
    source, places = at_least_1d(self), at_least_1d(index)
    check_within(places, d, source.shape[d])
    return owned(source[place_grid(places, d)], index.shape)


derivative(
    "GatherBackward0",
    of=gather,
    forward="linear",
    self=lambda grad, self, dim, index, sparse_grad: grad.new_zeros(self.shape).scatter_add_(dim, index, grad),
)


@composite("take_along_dim")
def take_along_dim(self, indices: Tensor, dim: int | None = None):
    """`gather` after broadcasting both, where indices count on at the other end; without `dim` of the flattened tensor,
    where they do not."""
    if dim is None:
        return gather(view_op(self, (-1,)), 0, view_op(indices, (-1,)))
    n, m = self._a.ndim, indices._a.ndim
    if n != m:
        raise RuntimeError(
            "torch.take_along_dim(): input and indices should have the same number of dimensions, "
            f"but got {n} dimensions for input, and {m} dimensions for indices"
        )
    if indices._a.dtype != np.int64:
        got = errors.TYPE_NAMES[indices._a.dtype.name]
        raise RuntimeError(f"torch.take_along_dim(): dtype of indices should be Long but got {got}")
    d = normal_dim(dim, n)
    mine, theirs = self._a.shape, indices._a.shape
    shape = broadcast_shape([(*mine[:d], theirs[d], *mine[d + 1 :]), theirs])
    wide = broadcast_shape([mine, (*theirs[:d], mine[d], *theirs[d + 1 :])])
    return gather(expand_op(self, wide), d, FUNCTIONS["remainder"](expand_op(indices, shape), wide[d]))


# -- index_select ---------------------------------------------------------------------------------------


@op("index_select", promote="keep", numbers=False)
def index_select(self, dim: int, index):
    d = normal_dim(dim, self.ndim)
    if index.ndim > 1:
        raise IndexError("index_select(): Index is supposed to be a vector")
    if self.ndim == 0 and index.size != 1:
        raise RuntimeError(
            f"index_select(): Index to scalar can have only 1 value, got {index.size} value(s)"
        )
    if index.dtype not in (np.int64, np.int32):
        raise RuntimeError("index_select(): Expected dtype int32 or int64 for index")
    places = selected_places(index, at_least_1d(self).shape[d])
    return self.copy() if self.ndim == 0 else owned(np.take(self, places, axis=d))


derivative(
    "IndexSelectBackward0",
    of=index_select,
    forward="linear",
    self=lambda grad, self_shape, dim, index: grad.new_zeros(self_shape).index_add_(dim, index, grad),
)


# -- take -----------------------------------------------------------------------------------------------


@op("take", promote="keep", numbers=False)
def take(self, index):
    if index.dtype != np.int64:
        raise RuntimeError(f"take(): Expected a long tensor for index, but got {errors.type_name(index)}")
    if not self.size and index.size:
        raise IndexError("take(): tried to take from an empty tensor")
    return owned(self.reshape(-1)[flat_places(index, self.size)])


derivative(
    "TakeBackward0",
    of=take,
    forward="linear",
    self=lambda grad, self, index: zeros_like(self).put_(index, grad, True),
)


# -- masks ----------------------------------------------------------------------------------------------


@op("masked_select", promote="keep", numbers=False)
def masked_select(self, mask):
    if mask.dtype != np.bool_:
        raise RuntimeError("masked_select: expected BoolTensor for mask")
    shape = broadcast_shape([mask.shape, self.shape])
    return owned(broadcast_to(self, shape)[broadcast_to(mask, shape)])


def masked_select_backward(grad: Tensor, self: Tensor, mask: Tensor) -> Any:
    """The picked gradients put back where the mask is true."""
    shape = broadcast_shape([self._a.shape, mask._a.shape])
    zeros = zeros_like(expand_op(self, shape).detach()) if shape != self._a.shape else zeros_like(self)
    return zeros.masked_scatter_(mask, grad)


derivative(
    "MaskedSelectBackward0",
    of=masked_select,
    forward="linear",
    self=lambda grad, self, mask: masked_select_backward(grad, self, mask),
)


@composite("nonzero")
def nonzero(self, *, as_tuple: bool = False):
    """Where the elements are not zero: a matrix with a row each, or one index tensor per dimension."""
    if as_tuple and not self._a.ndim:
        return nonzero(self.unsqueeze(0), as_tuple=True)
    found = np.nonzero(at_least_1d(self._a))
    count, dims = len(found[0]), self._a.ndim
    places = allocate((count, dims), np.dtype(np.int64), (1, count) if dims else None, zero=False)
    for column, one in zip(places.T, found, strict=False):
        column[...] = one
    rows = wrap(places)
    return rows.unbind(1) if as_tuple else rows


@composite("nonzero_static")
def nonzero_static(self, *, size: int, fill_value: int = -1):
    """So many of them, the first ones, or filled up."""
    if size < 0:
        raise RuntimeError("nonzero_static: 'size' must be an non-negative integer")
    if tangents:
        tangents[0].refuse("nonzero_static", (self,))
    found = np.argwhere(at_least_1d(self._a))[:, : self._a.ndim][:size]
    rows = np.full((size, self._a.ndim), fill_value, np.int64)
    rows[: len(found)] = found
    return wrap(rows)


@composite("argwhere")
def argwhere(self):
    """Where the elements are not zero, a row each."""
    return nonzero(self)
