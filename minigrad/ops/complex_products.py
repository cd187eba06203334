"""Small products of complex matrices in the order in which torch's BLAS (MKL) adds up their terms.

What may live here: gemm of complex arrays, and the question how a matrix lies. Those of reals are in `blas`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad.ops.fused import by_parts


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
