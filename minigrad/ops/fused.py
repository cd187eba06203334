"""Fused multiply-add: `x * y + z` rounded once, as the processor does it in torch's kernels.

What may live here: its emulation on arrays of real numbers, which NumPy has no name for. A product is held as
a few parts in a wider dtype whose sum it is, exactly.
"""

from __future__ import annotations

from typing import Any

import numpy as np

Parts = list[Any]
SINGLE, DOUBLE = np.dtype("float32"), np.dtype("float64")


def exact_product(x: Any, y: Any) -> Parts:
    """Arrays of a wider dtype whose sum is `x * y`, largest first."""
    if x.dtype is SINGLE:
        return [np.multiply(x, y, dtype=np.float64)]
    if x.dtype is not DOUBLE:
        return [x * y]
    if _is_single(x) and _is_single(y):
        return [x * y]  # of so few bits that it needs no rounding
    product = np.multiply(x, y, dtype=np.longdouble)
    finite = np.isfinite(product)
    if not finite.all():
        x, y = np.where(finite, x, 0.0), np.where(finite, y, 0.0)
    (xh, xl), (yh, yl) = _halves(x), _halves(y)
    return [np.where(finite, xh * yh, product), xh * yl + xl * yh, xl * yl]


def _is_single(x: Any) -> bool:
    """Whether float32 holds every number, none of them NaN."""
    return bool((x.astype(np.float32) == x).all())


def _halves(x: Any) -> tuple[Any, Any]:
    """The upper and the lower half of the bits of each number, whose products no long double rounds."""
    high = (np.asarray(x).copy(order="K").view(np.int64) & -(1 << 27)).view(np.float64)
    return high.astype(np.longdouble), (x - high).astype(np.longdouble)


def plus_exact(z: Any, parts: Parts) -> Any:
    """`z` plus a product in parts, rounded once to the dtype of `z`."""
    total = z + parts[0]
    for part in parts[1:]:
        total = np.where(part == 0, total, total + part)  # a part of nothing must not turn -0 into 0
    return total.astype(z.dtype, copy=False)


def one_minus_square(x: Any) -> Any:
    """`fma(-x, x, 1)` of real numbers."""
    if x.dtype is SINGLE:
        wide = x.astype(DOUBLE)
        return (1.0 - wide * wide).astype(SINGLE)
    return fma(-x, x, np.ones_like(x))


def by_parts(x: Any, y: Any) -> Any:
    """The product of complex arrays with every part rounded by itself, in whatever order they come."""
    out = np.empty(np.broadcast_shapes(x.shape, y.shape), x.dtype)
    out.real = x.real * y.real - x.imag * y.imag
    out.imag = x.real * y.imag + x.imag * y.real
    return out


def fma(x: Any, y: Any, z: Any) -> Any:
    """`x * y + z` of operands of one dtype, rounded once if that is a real one."""
    return plus_exact(z, exact_product(x, y))


def conjugate_below_one(square: Any, vectors: Any) -> Any:
    """`(1 - square).conj()` of complex numbers; torch's loops take the real 1 from the real part alone, but `vectors`
    (where they are used, or False) a complex one from both."""
    out = np.empty_like(square)
    out.real = 1 - square.real
    out.imag = np.where(vectors, -(0 - square.imag), square.imag)
    return out


def conjugate_slope(x: Any, vectors: Any) -> Any:
    """`((1 - x) * x).conj()` of complex numbers; conjugated before they are multiplied, but in `vectors`."""
    rest = np.empty_like(x)
    rest.real, rest.imag = 1 - x.real, 0 - x.imag
    return np.where(vectors, by_parts(rest, x).conjugate(), by_parts(rest.conjugate(), x.conjugate()))
