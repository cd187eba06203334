"""Small matrix products in the order in which torch's BLAS (MKL) adds up their terms.

What may live here: gemm and gemv on arrays, as MKL has them where they are small. The order is no promise of
anyone's, but it shows: it decides where infinities meet, which sums cancel, and which sign a zero has. It was
found by holding sums in every order against torch (each is one chain of fused multiply-adds per lane).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad.ops.complex_products import by_columns, complex_gemm
from minigrad.ops.fused import Parts, exact_product, fma, plus_exact

FEW = 8
"""Up to so many terms per element are added in MKL's order; longer sums are left to NumPy's BLAS."""
SMALL = 1024
"""And in matrices of up to so many elements."""


def gemm(a: Any, b: Any, alpha: Any = 1, beta: Any = 0, c: Any = None) -> Any:
    """`alpha * (a @ b) + beta * c`; where a factor is 0, not even a NaN of what it multiplies counts.

    `c` has the shape of the result.
    """
    (rows, k), columns = a.shape, b.shape[1]
    dt = a.dtype
    alpha, beta = dt.type(alpha), dt.type(beta)
    if dt.kind == "c" and k <= FEW and rows * columns <= SMALL:
        return complex_gemm(a, b, alpha, beta, c)
    start = np.zeros((rows, columns), dt) if beta == 0 else c * beta
    if alpha == 0 or k == 0:
        return start
    if k == 1 and rows > 1 < columns:
        return _outer(a * alpha, b, beta, c)
    if dt.kind != "f" or k > FEW or rows * columns > SMALL:
        product = np.matmul(a, b) + dt.type(0)
        return start + (product if alpha == 1 else product * alpha)
    if rows == 1 and not by_columns(b):
        return _chain(start, exact_product((a * alpha)[:, :, None], b))
    if columns == 1 < rows and by_columns(a):
        return _chain(start, exact_product(a[:, :, None], b * alpha))
    parts = exact_product(a[:, :, None], b)
    if rows == 1 or columns == 1:
        return fma(_dots(parts, dt), alpha, start)
    if dt == np.float64 and not by_columns(a):
        if rows <= 3 and by_columns(b):
            one, two, three, four = _lanes(parts, dt)
            return fma((one + two) + (three + four), alpha, start)
        if rows == 2 or (by_columns(b) and rows < 8 <= columns):
            return _chain(start, exact_product((a * alpha)[:, :, None], b))
    total = _tiles(parts, dt, a, b)
    if alpha != 1:
        total = total * alpha
    return total if beta == 0 else c + total if beta == 1 else fma(c, beta, total)


def gemv(a: Any, x: Any, alpha: Any = 1, beta: Any = 0, y: Any = None) -> Any:
    """`alpha * (a @ x) + beta * y`, likewise."""
    dt = a.dtype
    alpha, beta = dt.type(alpha), dt.type(beta)
    if dt.kind != "f":
        return _plain_gemv(a, x, alpha, beta, y)
    start = np.zeros(a.shape[0], dt) if beta == 0 else y * beta
    if a.shape[1] == 1 and alpha != 0:
        return fma(a[:, 0], x * alpha, start)
    if a.shape[0] == 1 and alpha != 0 and 1 < x.size <= FEW:
        return fma(_dots(exact_product(a[:, :, None], x[:, None]), dt), alpha, start[:, None])[:, 0].copy()
    column = gemm(a, x[:, None], alpha, beta, None if y is None else y[:, None])
    return column[:, 0].copy()  # which is nobody's view


def _plain_gemv(a: Any, x: Any, alpha: Any, beta: Any, y: Any) -> Any:
    """The loop that torch has of its own for dtypes that are not real: a factor of 0 is one like any other."""
    columns = by_columns(a) or a.shape[1] == 1
    start = np.zeros(a.shape[0], a.dtype) if beta == 0 else y.copy() if columns and beta == 1 else y * beta
    if columns:
        for k in range(x.size):
            start = start + a[:, k] * (alpha * x[k])
        return start
    total = np.zeros_like(start)
    for k in range(x.size):
        total += a[:, k] * x[k]
    return start + alpha * total


def _chain(start: Any, parts: Parts) -> Any:
    """`start` plus the terms, which lie along the second dimension, one after the other."""
    if len(parts) == 1:
        (terms,), dt = parts, start.dtype
        for k in range(terms.shape[1]):
            start = (start + terms[:, k]).astype(dt, copy=False)
        return start
    for k in range(parts[0].shape[1]):
        start = plus_exact(start, [part[:, k] for part in parts])
    return start


def _outer(a: Any, b: Any, beta: Any, c: Any) -> Any:
    """A column times a row: only products, which is why one of them may be -0."""
    if beta == 0:
        return np.multiply(a, b, order="C")
    return fma(a, b, c) if beta == 1 else fma(c, beta, a * b)


def _lanes(parts: Parts, dt: Any) -> list[Any]:
    """Four chains, each over every fourth term."""
    zero = np.zeros((parts[0].shape[0], parts[0].shape[2]), dt)
    return [_chain(zero, [part[:, lane::4] for part in parts]) for lane in range(4)]


def _dots(parts: Parts, dt: Any) -> Any:
    """The rows of a matrix times one vector, which either of the two factors may be."""
    one, two, three, four = _lanes(parts, dt)
    if dt == np.float64:
        return (one + three) + (two + four)
    total = one + ((two + four) + three)
    k = parts[0].shape[1]
    if 1 < k <= 4:  # four rows at a time go another way
        whole = total.size // 4 * 4
        ahead = (plus_exact(one, [part[:, 1] for part in parts]) + four) + three
        total.reshape(-1)[:whole] = ahead.reshape(-1)[:whole]
    return total


def _tiles(parts: Parts, dt: Any, a: Any, b: Any) -> Any:
    """The sums of terms of a product of two matrices: in lanes where the second one lies by columns."""
    (rows, k), columns = a.shape, b.shape[1]
    zero = np.zeros((rows, columns), dt)
    first_by_columns = by_columns(a)
    if not by_columns(b):
        chained = True
    elif first_by_columns:
        chained = rows >= columns
    elif dt == np.float32:
        chained = rows >= columns >= 4
    else:
        chained = columns < 5 or columns > 7 or rows >= columns
    if chained:
        return _chain(zero, parts)
    if first_by_columns and k == 4:
        return _chain(zero, [part[:, [1, 0, 2, 3]] for part in parts])
    one, two, three, four = _lanes(parts, dt)
    return (one + three) + (two + four)
