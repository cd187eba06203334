"""Ops on matrices and vectors that are no matrix products: trace, cross, kron, linalg.vecdot.

What may live here: such ops, under `linalg.` names too.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad import errors, modes
from minigrad.dims import normal_dim
from minigrad.ops.arithmetic import conj
from minigrad.ops.carriers import fresh_zeros, in_float32, is_batched, written
from minigrad.ops.fused import by_parts, fma
from minigrad.ops.products import refuse_bool, vdot
from minigrad.ops.reshaping import unsafe_view, view_op
from minigrad.promotion import broadcast_shape
from minigrad.registry import composite, derivative, op
from minigrad.tensor import Tensor, wrap
from minigrad.warn import warn_once

# mypy: disable-error-code="no-untyped-def, no-untyped-call"

Shape = tuple[int, ...]


@op("trace", promote="keep", numbers=False)
@in_float32
def trace(self):
    refuse_bool("trace", self)
    if self.ndim != 2:
        raise RuntimeError(f"trace: expected a matrix, but got tensor with dim {self.ndim}")
    total = self.dtype.type(0) if self.dtype.kind in "fc" else np.int64(0)
    for element in self.diagonal():  # one after the other, as torch adds them
        total = total + element
    return np.asarray(total, None if self.dtype.kind in "fc" else np.int64)


def _along_diagonal(grad: Any, shape: Shape) -> Any:
    size, step = shape[0] * shape[1], shape[1] + 1
    places = np.arange(0, min(shape) * step, step)
    if is_batched(grad):
        return modes.state.batch.diagonal_of(grad, shape)
    if isinstance(grad, Tensor):
        return view_op(fresh_zeros((size,), grad._a.dtype).index_fill_(0, wrap(places), grad), shape)
    flat = np.zeros(size, grad.dtype)
    flat[places] = grad
    return written(flat, 2).reshape(shape)


derivative(
    "TraceBackward0",
    of=trace,
    forward="linear",
    self=lambda grad, self_shape: _along_diagonal(grad, self_shape),
)


# -- cross ----------------------------------------------------------------------------------------------


@op("_linalg_cross", promote="keep", numbers=False)
@in_float32
def cross_op(self, other, dim: int):
    if self.ndim != other.ndim:
        raise RuntimeError("linalg.cross: inputs must have the same number of dimensions.")
    axis = normal_dim(dim, self.ndim)
    sizes = (self.shape[axis], other.shape[axis]) if self.ndim else (1, 1)
    if sizes != (3, 3):
        raise RuntimeError(f"linalg.cross: inputs dimension {dim} must have length 3. Got {sizes[0]} and {sizes[1]}")
    shape = broadcast_shape([self.shape, other.shape])
    refuse_bool("cross", self)
    if self.dtype != other.dtype:
        raise RuntimeError(
            f"expected scalar type {errors.TYPE_NAMES[self.dtype.name]} but found {errors.TYPE_NAMES[other.dtype.name]}"
        )
    a, b = (np.moveaxis(np.broadcast_to(x, shape), axis, 0) for x in (self, other))
    out = np.empty(shape, self.dtype)
    into = np.moveaxis(out, axis, 0)
    for i in range(3):
        j, k = (i + 1) % 3, (i + 2) % 3
        if self.dtype == np.complex64:  # of which torch's compiler fuses nothing
            into[i] = by_parts(a[j], b[k]) - by_parts(a[k], b[j])
        else:
            into[i] = fma(a[j], b[k], -(a[k] * b[j]))  # as torch's compiler has it
    return out


derivative(
    "LinalgCrossBackward0",
    of=cross_op,
    forward=lambda self_t, other_t, self, other, dim: cross_op(self_t, other, dim) + cross_op(self, other_t, dim),
    self=lambda grad, other, dim: cross_op(conj(other), grad, dim),
    other=lambda grad, self, dim: cross_op(grad, conj(self), dim),
)


@composite("linalg.cross", method=False)
def linalg_cross(input: Any, other: Any, *, dim: int = -1):
    """The cross product along a dimension of length 3."""
    return cross_op(input, other, dim)


@composite("cross")
def cross(self, other, dim: Any = None):
    """The same along `dim`, or the first dimension of length 3."""
    if dim is None:
        warn_once(
            "Using torch.cross without specifying the dim arg is deprecated.\nPlease either pass the dim "
            "explicitly or simply use torch.linalg.cross.\nThe default value of dim will change to agree with that of "
            "linalg.cross in a future release."
        )
        dim = next((d for d, n in enumerate(self._a.shape) if n == 3), None)
        if dim is None:
            raise RuntimeError("no dimension of size 3 in input")
    return cross_op(self, other, dim)


# -- composed -------------------------------------------------------------------------------------------


@composite("linalg.vecdot", method=False)
def vecdot(x: Any, y: Any, *, dim: int = -1):
    """The sums of products along a dimension, the first factor conjugated."""
    if x._a.dtype.kind not in "fc":
        raise RuntimeError(
            "linalg.vecdot: Expected a floating point or complex tensor as input. Got "
            f"{errors.TYPE_NAMES[x._a.dtype.name]}"
        )
    if x._a.dtype != y._a.dtype:
        raise RuntimeError(
            "linalg.vecdot: Expected x and y to have the same dtype, but found x of type "
            f"{errors.TYPE_NAMES[x._a.dtype.name]} and y of type {errors.TYPE_NAMES[y._a.dtype.name]} instead"
        )
    if x._a.ndim == y._a.ndim == 1:
        return vdot(x, y)
    return (conj(x) * y).sum(dim)


@composite("kron")
def kron(self, other):
    """The Kronecker product: every element of one times the whole of the other."""
    if not isinstance(other, Tensor):
        raise errors.wrong_argument("kron", "other", 1, "Tensor", other)
    n = max(self._a.ndim, other._a.ndim)
    a, b = ((1,) * (n - x._a.ndim) + x._a.shape for x in (self, other))
    left = unsafe_view(self, tuple(k for size in a for k in (size, 1)))
    right = unsafe_view(other, tuple(k for size in b for k in (1, size)))
    return unsafe_view(left * right, tuple(p * q for p, q in zip(a, b, strict=True)))
