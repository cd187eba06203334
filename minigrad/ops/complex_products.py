"""Products of complex numbers as torch rounds them, and those of small matrices in the order in which its BLAS (MKL)
adds up their terms.

What may live here: these, and the question how a matrix lies. Matrices of reals are in `blas`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad.ops.fused import by_parts, fma
from minigrad.ops.vectors import beside_one, in_vectors, left_of_pairs

SINGLE = np.dtype("complex64")


def complex_product(x: Any, y: Any) -> Any:
    """The products of complex numbers, as overflow and what is left of equal terms show: vectors round each term by
    itself, and so do loops over complex64 where no pair is left; all else has one of two terms unrounded, as NumPy."""
    out = power_product(x, y)
    if out.dtype is not SINGLE:
        return out
    alone = _unpaired(out, x, y)
    if alone is False:
        return out
    np.copyto(out, by_parts(x.astype(SINGLE, copy=False), y.astype(SINGLE, copy=False)), where=alone)
    return out


def power_product(x: Any, y: Any) -> Any:
    """The same in loops of one operand."""
    out = np.asarray(np.multiply(x, y))
    inside = in_vectors(out, x, y)
    if inside is False:
        return out
    np.copyto(out, by_parts(x.astype(out.dtype, copy=False), y.astype(out.dtype, copy=False)), where=inside)
    return out


def complex_quotient(x: Any, y: Any) -> Any:
    """The quotients of complex numbers; what is zero shows that torch has one of two terms unrounded, but in what is
    left of pairs of complex64."""
    out = np.asarray(np.true_divide(x, y))
    if out.dtype.kind != "c" or (out.real.all() and out.imag.all()):
        return out
    x, y = (np.asarray(a).astype(out.dtype, copy=False) for a in (x, y))
    alone = left_of_pairs(out, x, y) if out.dtype is SINGLE else False
    np.copyto(out, unrounded_quotient(x, y), where=~(alone | ~np.isfinite(out) | (y == 0)))
    return out  # which lies as NumPy laid it out


def unrounded_quotient(x: Any, y: Any) -> Any:
    """The quotient as it is compiled: of each two terms one is not rounded before they are added."""
    (a, b), (c, d) = _parts(x), _parts(y)
    low = np.abs(c) < np.abs(d)  # where the ratio is turned over
    a, b, c, d = np.where(low, b, a), np.where(low, -a, b), np.where(low, d, c), np.where(low, c, d)
    turn = np.where(low, -1, 1).astype(a.dtype)
    ratio = d / c
    scale = 1 / fma(d, ratio, c)
    out = np.empty(a.shape, x.dtype)
    out.real, out.imag = fma(turn * b, ratio, a) * scale, fma(-turn * a, ratio, b) * scale
    return out


def mixed_product(x: Any, y: Any) -> Any:
    """`x * y` in a formula of which one may be real and the other complex: arrays are multiplied as by the op."""
    arrays = isinstance(x, (np.ndarray, np.generic)) and isinstance(y, (np.ndarray, np.generic))
    if arrays and "c" in (x.dtype.kind, y.dtype.kind):
        return complex_product(x, y)
    return x * y


def product_of_c(x: Any, y: Any) -> Any:
    """`x * y` as C multiplies: what is infinite stays so, where the plain formula would make NaN of both parts.

    Formula of C99, Annex G.5.1.
    """
    out = np.asarray(np.multiply(x, y))
    lost = np.isnan(out.real) & np.isnan(out.imag)
    if not lost.any():
        return out
    (a, b), (c, d) = _parts(x), _parts(y)
    left, right = np.isinf(a) | np.isinf(b), np.isinf(c) | np.isinf(d)
    terms = np.isinf(a * c) | np.isinf(b * d) | np.isinf(a * d) | np.isinf(b * c)
    (a, b), (c, d) = _boxed(a, b, left), _boxed(c, d, right)
    a, b = (np.where((right | terms) & np.isnan(n), np.copysign(0.0, n), n) for n in (a, b))
    c, d = (np.where((left | terms) & np.isnan(n), np.copysign(0.0, n), n) for n in (c, d))
    found = lost & (left | right | terms)
    out.real = np.where(found, np.inf * (a * c - b * d), out.real)
    out.imag = np.where(found, np.inf * (a * d + b * c), out.imag)
    return out


def _parts(x: Any) -> tuple[Any, Any]:
    return np.real(x), np.imag(x)


def _boxed(a: Any, b: Any, infinite: Any) -> tuple[Any, Any]:
    """Parts of infinite numbers as 1 where they are infinite and 0 where not."""
    one, two = (np.where(infinite, np.copysign(np.where(np.isinf(n), 1.0, 0.0), n), n) for n in (a, b))
    return one, two


def _unpaired(out: Any, x: Any, y: Any) -> Any:
    """Which elements a loop over complex64 takes by themselves: it goes in pairs; beside one number, behind one, in a
    four."""
    if x.size == 1 or y.size == 1:
        n, places = out.size, np.arange(out.size).reshape(out.shape)
    elif x.shape == y.shape or (loop := beside_one(out, x, y)) is None:
        return left_of_pairs(out, x, y)
    else:
        places, n = loop
    behind = places - (n - n % 8)
    return (n % 8 < 5) | (behind < 1) | (behind > 4)


def by_columns(x: Any) -> bool:
    """Whether BLAS reads a matrix as one that lies by columns; by rows is tried first."""
    (rows, columns), (down, right) = x.shape, x.strides
    return not (right == x.itemsize and down >= columns * right) and down == x.itemsize and right >= rows * down


def complex_gemm(a: Any, b: Any, alpha: Any, beta: Any, c: Any) -> Any:
    """`blas.gemm` of complex arrays: factors multiply even if they are 1, which shows beside infinities."""
    (rows, k), columns = a.shape, b.shape[1]
    zero = np.zeros((rows, columns), a.dtype)
    if alpha == 0 or k == 0:
        return zero if beta == 0 else c.copy() if beta == 1 else c * beta
    start = zero if beta == 0 else c if beta == 1 else by_parts(c, beta)
    if k == 1 and rows > 1 < columns:
        product = by_parts(by_parts(a, alpha), b)
        return product if beta == 0 else start + product
    if columns == 1 < rows:
        return _chain(start, a, by_parts(b, alpha)) if by_columns(a) else start + by_parts(_chain(zero, a, b), alpha)
    if not by_columns(b) and not rows == columns == k == 1:
        return _chain(start, by_parts(a, alpha), b)
    if rows > 1 and beta != 0:
        start = by_parts(c, beta)
    return start + by_parts(_chain(zero, a, b), alpha)


def _chain(start: Any, a: Any, b: Any) -> Any:
    """`start + a @ b`, term by term; each is rounded before it is added."""
    for k in range(a.shape[1]):
        start = start + by_parts(a[:, k, None], b[k])
    return start
