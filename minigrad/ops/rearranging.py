"""The same elements in other places, as copies: flip, roll, rot90, tril and triu, diag and diag_embed."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.lib.stride_tricks import as_strided

from minigrad import errors
from minigrad.dims import distinct_dims, normal_dim
from minigrad.memory import allocate, is_channels_last, strides_of
from minigrad.memory_formats import formatted
from minigrad.ops.copying import copied
from minigrad.ops.index_places import owned
from minigrad.ops.reduction import contiguous
from minigrad.ops.reshaping import sizes, view_op
from minigrad.ops.slicing import diagonal, diagonal_window
from minigrad.ops.view_copies import diagonal_copy
from minigrad.registry import composite, derivative, op
from minigrad.signatures import Parser

# mypy: disable-error-code="no-untyped-def"

Dims = tuple[int, ...]


# -- flip -----------------------------------------------------------------------------------------------


@op("_flip", promote="keep", numbers=False)
def flip_op(self, dims: Dims):
    return _flipped(self, distinct_dims(dims, self.ndim))


def _flipped(a: Any, dims: Any) -> Any:
    out = copied(a)
    if a.ndim:
        out[...] = np.flip(a, dims)
    return out


derivative("FlipBackward0", of=flip_op, forward="linear", self=lambda grad, dims: flip_op(grad, dims))

_FLIP = Parser("flip", "(tuple of ints dims)")


@composite("flip")
def flip(self, *dims, **keywords):
    """The order of elements reversed along the given dimensions."""
    return flip_op(self, _FLIP.parse(dims, keywords)[1]["dims"] if keywords else sizes(dims, _FLIP, "dims"))


@composite("fliplr")
def fliplr(self):
    """Reversed along dimension 1."""
    if self._a.ndim < 2:
        raise RuntimeError("Input must be >= 2-d.")
    return flip_op(self, (1,))


@composite("flipud")
def flipud(self):
    """Reversed along dimension 0."""
    if self._a.ndim < 1:
        raise RuntimeError("Input must be >= 1-d.")
    return flip_op(self, (0,))


# -- roll -----------------------------------------------------------------------------------------------


@op("_roll", promote="keep", numbers=False)
def roll_op(self, shifts: Dims, dims: Dims = ()):
    if not shifts:
        raise RuntimeError("`shifts` required")
    if not dims and len(shifts) == 1:
        return contiguous(owned(np.roll(self, shifts[0]))) if self.ndim else self.copy()
    if len(shifts) == len(dims) == 1 and not self.size:
        return self.copy()
    if len(shifts) != len(dims):
        raise RuntimeError(f"shifts and dimensions must align. shifts: {len(shifts)}, dims:{len(dims)}")
    if not self.ndim:
        raise errors.no_dimensions(dims[0])
    for d in dims:
        normal_dim(d, self.ndim)
    if not self.size:
        return self.copy()
    out = contiguous(owned(np.roll(self, shifts, dims)))
    # torch joins two pieces; of an empty one nobody can tell where its channels are
    pieces = all(s % self.shape[d] for s, d in zip(shifts, dims, strict=True))
    last = pieces and self.ndim == 4 and is_channels_last(self.shape, self.strides)
    return formatted(out, True) if last else out


derivative(
    "RollBackward0",
    of=roll_op,
    forward="linear",
    self=lambda grad, shifts, dims: roll_op(grad, tuple(-s for s in reversed(shifts)), tuple(reversed(dims))),
)


@composite("roll")
def roll(self, shifts: Any, dims: Any = ()):
    """Elements moved by `shifts` along `dims`, those pushed out at the end come in at the front."""
    return roll_op(
        self,
        (shifts,) if isinstance(shifts, int) else tuple(shifts),
        (dims,) if isinstance(dims, int) else tuple(dims if dims is not None else ()),
    )


# -- rot90 ----------------------------------------------------------------------------------------------


@op("_rot90", promote="keep", numbers=False)
def rot90_op(self, k: int, dims: Dims):
    n = self.ndim
    if len(dims) != 2:
        raise RuntimeError(f"expected total rotation dims == 2, but got dims = {len(dims)}")
    if n < 2:
        raise RuntimeError(f"expected total dims >= 2, but got total dims = {n}")
    if dims[0] == dims[1] or abs(dims[0] - dims[1]) == n:
        raise RuntimeError(
            f"expected rotation dims to be different, but got dim0 = {dims[0]} and dim1 = {dims[1]}"
        )
    first, second = (normal_dim(d, n) for d in dims)
    turns = k % 4
    if turns == 0:
        return self.copy(order="C")
    if not self.size:  # which NumPy would forget the strides of
        shape, strides = list(self.shape), list(strides_of(self))
        if turns != 2:
            for facts in (shape, strides):
                facts[first], facts[second] = facts[second], facts[first]
        return allocate(tuple(shape), self.dtype, tuple(strides))
    if turns == 2:
        return _flipped(self, (first, second))
    turned = _flipped(self, second if turns == 1 else first).swapaxes(first, second)
    return as_strided(turned, turned.shape, turned.strides)  # which is no view of an array


derivative(
    "Rot90Backward0", of=rot90_op, forward="linear", self=lambda grad, k, dims: rot90_op(grad, -k, dims)
)


@composite("rot90")
def rot90(self, k: int = 1, dims: Any = (0, 1)):
    """Turned by 90 degrees `k` times in the plane of `dims`."""
    return rot90_op(self, k, tuple(dims))


# -- triangles ------------------------------------------------------------------------------------------


def _check_matrix(name: str, a: Any) -> None:
    if a.ndim < 2:
        raise RuntimeError(f"{name}: input tensor must have at least 2 dimensions")


def _lower(a: Any, diagonal: int) -> Any:
    rows, columns = a.shape[-2:]
    return np.tri(rows, columns, diagonal, dtype=np.bool_)


@op("tril", promote="keep", numbers=False, inplace=True, overlaps="some")
def tril(self, diagonal: int = 0):
    _check_matrix("tril", self)
    return owned(np.where(_lower(self, diagonal), self, self.dtype.type(0)))


@op("triu", promote="keep", numbers=False, inplace=True, overlaps="some")
def triu(self, diagonal: int = 0):
    _check_matrix("triu", self)
    return owned(np.where(_lower(self, diagonal - 1), self.dtype.type(0), self))


derivative("TrilBackward0", of=tril, forward="linear", self=lambda grad, diagonal: tril(grad, diagonal))
derivative("TriuBackward0", of=triu, forward="linear", self=lambda grad, diagonal: triu(grad, diagonal))


# -- diagonals ------------------------------------------------------------------------------------------


@op("diag_embed", promote="keep", numbers=False)
def diag_embed(self, offset: int = 0, dim1: int = -2, dim2: int = -1):
    n = self.ndim + 1
    d1, d2 = normal_dim(dim1, n), normal_dim(dim2, n)
    if d1 == d2:
        raise RuntimeError(f"diagonal dimensions cannot be identical {dim1}, {dim2}")
    size = abs(offset) + self.shape[-1]
    shape = list(self.shape[:-1])
    for d in sorted((d1, d2)):
        shape.insert(d, size)
    out = np.zeros(shape, self.dtype)
    diagonal_window(out, offset, d1, d2)[...] = self
    return out


derivative(
    "DiagEmbedBackward0",
    of=diag_embed,
    forward="linear",
    self=lambda grad, offset, dim1, dim2: diagonal(grad, offset, dim1, dim2),
)


@composite("diag")
def diag(self, diagonal: int = 0):
    """The matrix with this vector on its diagonal, or a copy of the diagonal of this matrix."""
    n = self._a.ndim
    if n == 1:
        return diag_embed(self, diagonal)
    if n == 2:
        return diagonal_copy(self, diagonal)
    raise RuntimeError(f"diag(): Supports 1D or 2D tensors. Got {n}D")


@composite("diagflat")
def diagflat(self, offset: int = 0):
    """The matrix with all elements on its diagonal."""
    return diag_embed(view_op(self.contiguous(), (self._a.size,)), offset)
