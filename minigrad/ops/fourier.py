"""Fourier transforms as torch's three ops: of complex to complex, real to complex, complex to real numbers.

What may live here: their kernels, on SciPy's transforms (which keep float32), and derivatives. What torch offers
under `fft.` is composed of them in `fourier_forms`.

Note [Layout of transforms]: torch's library transforms the innermost dimensions of a tensor whose other dimensions
are in the order of the operand's strides; the result lies in memory as that tensor would.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import as_strided

from minigrad.memory import strides_of
from minigrad.ops.arithmetic import times
from minigrad.ops.carriers import array_of, written
from minigrad.ops.copying import copied
from minigrad.ops.reduction import contiguous
from minigrad.registry import derivative, inplace_of, op
from minigrad.tensor import Tensor

# mypy: disable-error-code="no-untyped-def, no-untyped-call"

Dims = tuple[int, ...]
NONE, BY_ROOT_N, BY_N = range(3)
"""What a transform is divided by."""


def _scipy() -> Any:
    import scipy.fft

    return scipy.fft


def _by_strides(a: Any, dims: Any) -> list[int]:
    strides = strides_of(a)
    return sorted(dims, key=lambda d: -strides[d])


def _batch(ndim: int, dims: Any) -> list[int]:
    """The other dimensions, as `std::partition` leaves them: from the end comes what stands where `dims` stood."""
    order = list(range(ndim))
    first, last = 0, ndim
    while True:
        while first < last and order[first] not in dims:
            first += 1
        last -= 1
        while first < last and order[last] in dims:
            last -= 1
        if first >= last:
            return order[:first]
        order[first], order[last] = order[last], order[first]
        first += 1


def _laid_out(out: Any, a: Any, dims: Any) -> Any:
    """The result of transforming `dims` (outermost first) of `a`, in torch's layout."""
    if out.ndim == 1 and out.base is None and out.flags.c_contiguous:
        return out
    order = [*_by_strides(a, _batch(a.ndim, dims)), *dims]
    dense = contiguous(out.transpose(order))
    dense = dense if dense.base is None else dense.copy()
    if order == sorted(order):
        return dense
    turned = dense.transpose(np.argsort(order))
    return as_strided(turned, turned.shape, turned.strides)  # which is no view of an array


def _scaled(out: Any, points: int, normalization: int) -> Any:
    if normalization == NONE:
        return out
    scale = out.real.dtype.type(1 / (points if normalization == BY_N else math.sqrt(points)))
    if out.dtype.kind != "c":
        return out * scale
    out.real *= scale  # each part by itself: a complex product would turn infinities into NaN
    out.imag *= scale
    return out


def _points(a: Any, dims: Dims) -> int:
    return math.prod(a.shape[d] for d in dims)


def _check_batch(a: Any, dims: Dims) -> None:
    """torch's library takes no batch of nothing."""
    if not a.size and all(a.shape[d] for d in dims):
        raise RuntimeError("MKL FFT error: Intel oneMKL DFTI ERROR: Inconsistent configuration parameters")


def _complex_transform(a: Any, dims: list[int], forward: bool) -> Any:
    """Along `dims`, the last one first as torch's library does; without a scale, in either direction."""
    if forward:
        return _scipy().fftn(a, axes=dims[::-1])
    return _scipy().ifftn(a, axes=dims[::-1], norm="forward")


@op("_fft_c2c", promote="keep", numbers=False)
def c2c(self, dim: Dims, normalization: int, forward: bool):
    if not dim:
        return copied(self)
    _check_batch(self, dim)
    dims = _by_strides(self, dim)
    out = _scaled(_complex_transform(self, dims, forward), _points(self, dim), normalization)
    return _laid_out(out, self, dims)


derivative(
    "FftC2CBackward0",
    of=c2c,
    forward=lambda self_t, dim, normalization, forward: c2c(self_t, dim, normalization, forward),
    self=lambda grad, dim, normalization, forward: c2c(grad, dim, normalization, not forward),
)


@op("_fft_r2c", promote="keep", numbers=False)
def r2c(self, dim: Dims, normalization: int, onesided: bool):
    _check_batch(self, dim)
    others = _by_strides(self, dim[:-1])
    half = _scipy().rfft(self, axis=dim[-1])
    half = _complex_transform(half, others, True) if others else half
    half = _scaled(half, _points(self, dim), normalization)
    out = half if onesided else _mirrored(half, dim, self.shape[dim[-1]])
    return _laid_out(out, self, [*others, dim[-1]])


def _mirrored(half: Any, dims: Dims, size: int) -> Any:
    """The whole transform of real numbers from its first half: the rest is conjugate, at the opposite places."""
    last = dims[-1]
    rest = half.take(range(size - half.shape[last], 0, -1), axis=last).conj()
    for d in dims[:-1]:
        rest = np.roll(np.flip(rest, d), 1, d)
    return np.concatenate([half, rest], axis=last)


def _whole_grad(grad: Any, last: int, size: int) -> Any:
    """The gradient of a half, with zeros for the other."""
    a = array_of(grad)
    if a.shape[last] == size:
        return grad
    shape = (*a.shape[:last], size, *a.shape[last + 1 :])
    if isinstance(grad, Tensor):
        whole = grad.new_zeros(shape)
        whole.narrow(last, 0, a.shape[last]).copy_(grad)
        return whole
    out = np.zeros(shape, a.dtype)
    out[(slice(None),) * last + (slice(0, a.shape[last]),)] = grad
    return out


def _r2c_self(grad, self, dim, normalization, onesided):
    """Of `self` only the size counts, but torch saves all of it."""
    last = dim[-1]
    whole = _whole_grad(grad, last, self.shape[last]) if onesided else grad
    return c2c(whole, dim, normalization, False).real


derivative(
    "FftR2CBackward0",
    of=r2c,
    forward=lambda self_t, dim, normalization, onesided: r2c(self_t, dim, normalization, onesided),
    self=_r2c_self,
)


@op("_fft_c2r", promote="keep", numbers=False)
def c2r(self, dim: Dims, normalization: int, last_dim_size: int):
    _check_batch(self, dim)
    if len(dim) > 1:
        return c2r(c2c(self, dim[:-1], normalization, False), dim[-1:], normalization, last_dim_size)
    out = _scipy().irfft(self, last_dim_size, axis=dim[0], norm="forward")
    return _laid_out(_scaled(out, last_dim_size, normalization), self, dim)


_times_in_place = inplace_of(times)


def _c2r_self(grad, dim, normalization):
    half = r2c(grad, dim, normalization, True)
    last = dim[-1]
    doubled = array_of(grad).shape[last] - array_of(half).shape[last]
    if doubled <= 0:
        return half
    if isinstance(half, Tensor):
        _times_in_place(half.narrow(last, 1, doubled), 2)
        return half
    half[(slice(None),) * last + (slice(1, 1 + doubled),)] *= 2
    return written(half)


derivative(
    "FftC2RBackward0",
    of=c2r,
    forward=lambda self_t, dim, normalization, last_dim_size: c2r(self_t, dim, normalization, last_dim_size),
    self=_c2r_self,
)
