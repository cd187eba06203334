"""Inverses and systems of tensors taken as matrices, matrices of powers, and other names of `linalg`.

What may live here: what torch composes of inverses, solutions, products and reshapes.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from minigrad.errors import TYPE_NAMES
from minigrad.ops.joining import cat
from minigrad.ops.matrix_checks import SINGULAR, called, check_info
from minigrad.ops.products import matmul
from minigrad.ops.scans import cumprod
from minigrad.ops.slicing import slice_op
from minigrad.ops.solving import inverse_op, solve
from minigrad.tensor import wrap

# mypy: disable-error-code="no-untyped-def, no-untyped-call"
# ruff: noqa: N803, N806 - matrices bear the names that torch gives them


@called("linalg.tensorinv", "(Tensor input, int ind = 2)")
def tensorinv(input: Any, ind: int = 2) -> Any:
    """The inverse of a tensor as a map from its last dimensions to its first `ind` ones."""
    if ind <= 0:
        raise RuntimeError(f"Expected a strictly positive integer for 'ind', but got {ind}")
    shape = input._a.shape
    if ind > len(shape):
        raise RuntimeError(f"ArrayRef: invalid slice, N = {ind}; size = {len(shape)}")
    rows, columns = math.prod(shape[:ind]), math.prod(shape[ind:])
    if rows != columns:
        raise RuntimeError(
            "Expected self to satisfy the requirement prod(self.shape[ind:]) == prod(self.shape[:ind]), but got "
            f"{columns} != {rows}"
        )
    found, info = inverse_op(input.reshape(columns, rows))
    check_info(info, "inv", SINGULAR)
    return found.reshape((*shape[ind:], *shape[:ind]))


@called("linalg.tensorsolve", "(Tensor input, Tensor other, tuple of ints dims = None)")
def tensorsolve(input: Any, other: Any, dims: Any = None) -> Any:
    """X of A X = B, of A a map from tensors shaped like X to tensors shaped like B."""
    A = input
    if dims is not None:
        A = A.movedim(tuple(dims), tuple(range(A._a.ndim - len(dims), A._a.ndim)))
    shape, ndim = A._a.shape, other._a.ndim
    if ndim > len(shape):  # torch counts the other dimensions, and makes a list of less than none
        raise RuntimeError("cannot create std::vector larger than max_size()")
    rows, columns = other._a.size, math.prod(shape[ndim:])
    if rows != columns:
        raise RuntimeError(
            "Expected self to satisfy the requirement prod(self.shape[other.ndim:]) == prod(self.shape[:other.ndim]), "
            f"but got {columns} != {rows}"
        )
    return solve(A.reshape(columns, columns), other.reshape(-1) if ndim != 1 else other.flatten()).reshape(shape[ndim:])


called("linalg.matmul", "(Tensor input, Tensor other)")(matmul)


@called("linalg.diagonal", "(Tensor A, *, int offset = 0, int dim1 = -2, int dim2 = -1)")
def linalg_diagonal(A: Any, offset: int = 0, dim1: int = -2, dim2: int = -1) -> Any:
    """A view of the diagonals of matrices."""
    return A.diagonal(offset, dim1, dim2)


@called("linalg.vander", "(Tensor x, *, int N = None)")
def linalg_vander(x: Any, N: Any = None) -> Any:
    """The powers of each element, from 0 to N - 1, along a new last dimension."""
    a = x._a
    if a.dtype in (np.bool_, np.float16):
        raise RuntimeError(
            f"linalg.vander supports floating point, complex, and integer tensors, but got {TYPE_NAMES[a.dtype.name]}"
        )
    n = (a.shape[-1] if a.ndim else 1) if N is None else N
    if n <= 1:
        raise RuntimeError("N must be greater than 1.")
    x = x.unsqueeze(-1) if not a.ndim else x
    shape = x._a.shape
    powers = cumprod(x.unsqueeze(-1).expand((*shape, n - 1)), -1)
    return cat([wrap(np.ones((*shape, 1), a.dtype)), powers], -1)


@called("vander", "(Tensor x, int N = None, bool increasing = False)")
def vander(x: Any, N: Any = None, increasing: bool = False) -> Any:
    """The powers of each element of a vector, in rows: the highest first, or the lowest if `increasing`."""
    a = x._a
    if a.ndim != 1:
        raise RuntimeError("x must be a one-dimensional tensor.")
    n = a.shape[0] if N is None else N
    if n < 0:
        raise RuntimeError("N must be non-negative.")
    dt = np.dtype(np.int64) if a.dtype.kind in "biu" else a.dtype
    out = wrap(np.zeros((a.shape[0], n), dt))
    if n > 0:
        out.select(1, 0).fill_(1)
    if n > 1:
        slice_op(out, 1, 1).copy_(x.unsqueeze(1))
        slice_op(out, 1, 1).copy_(cumprod(slice_op(out, 1, 1), 1))
    return out if increasing else out.flip(1)
