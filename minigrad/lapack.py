"""LAPACK on batches of matrices: factorisations and solvers on arrays, results laid out by columns as LAPACK has them.

What may live here: kernels on plain arrays of float32, float64, complex64 and complex128, their `info` as LAPACK
gives it. No checks of arguments, no Tensors, no messages; SciPy is imported when first used.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from itertools import product
from typing import Any

import numpy as np

from minigrad.memory import allocate, contiguous_strides

Array = np.ndarray[Any, Any]
INFO = np.dtype(np.int32)
_LETTERS = {"f": "s", "d": "d", "F": "c", "D": "z"}


@cache
def routine(name: str, char: str) -> Callable[..., Any]:
    """LAPACK's routine of this name for a dtype, by NumPy's character of it."""
    from scipy.linalg import blas, lapack

    full = _LETTERS[char] + name
    found = getattr(lapack, full, None)
    return found if found is not None else getattr(blas, full)  # type: ignore[no-any-return]


def by_columns(shape: tuple[int, ...], dtype: Any) -> Array:
    """Zeros for a batch of matrices, each stored by columns."""
    *lead, rows, _ = contiguous_strides((*shape[:-2], shape[-1], shape[-2]))
    return allocate(shape, np.dtype(dtype), (*lead, 1, rows))


def in_columns(a: Array) -> Array:
    """A copy of a batch of matrices, each stored by columns."""
    out = by_columns(a.shape, a.dtype)
    out[...] = a
    return out


def _batches(a: Array) -> Iterator[tuple[int, ...]]:
    return product(*map(range, a.shape[:-2]))


def lu_factor(a: Array) -> tuple[Array, Array, Array]:
    """L and U in one matrix, the rows exchanged at each step (counted from 1), and info."""
    lu = in_columns(a)
    pivots = np.zeros((*a.shape[:-2], min(a.shape[-2:])), INFO)
    info = np.zeros(a.shape[:-2], INFO)
    if lu.size:
        getrf = routine("getrf", a.dtype.char)
        for i in _batches(a):
            lu[i], found, info[i] = getrf(lu[i])
            pivots[i] = found + 1
    return lu, pivots, info


def lu_solve(lu: Array, pivots: Array, b: Array, trans: int = 0) -> Array:
    """X of A X = b (A^T X = b for trans 1, A^H X = b for 2); the batches have one shape."""
    out = in_columns(b)
    if out.size:
        trsm = routine("trsm", b.dtype.char)
        for i in _batches(b):
            out[i] = _substituted(trsm, lu[i], permutation(pivots[i], lu.shape[-1]), b[i], trans)
    return _of_one_equation(out, b, lu)


def _of_one_equation(out: Array, b: Array, a: Array, positive: bool = False) -> Array:
    """`out`, b over a (or a `positive` number): zeros of one equation have the sign of the quotient. OpenBLAS takes a
    sum of nothing off where there are several of them."""
    if a.shape[-1] == 1 and out.dtype.kind == "f" and not out.all():
        sign = np.copysign(1, b) if positive else np.copysign(1, b) * np.copysign(1, a)
        np.copyto(out, np.copysign(out.dtype.type(0), sign), where=out == 0, casting="same_kind")
    return out


def _substituted(trsm: Callable[..., Any], lu: Array, order: Array, b: Array, trans: int) -> Array:
    """What LAPACK's getrs does; OpenBLAS's hands even the smallest systems to several threads, which then wait for
    each other a thousand times as long as it takes."""
    if not trans:
        return trsm(1, lu, trsm(1, lu, b[order], lower=1, diag=1))  # type: ignore[no-any-return]
    found = np.empty_like(b)
    found[order] = trsm(1, lu, trsm(1, lu, b, trans_a=trans), trans_a=trans, lower=1, diag=1)
    return found


def permutation(pivots: Array, rows: int) -> Array:
    """The order in which rows come after the exchanges of `pivots`."""
    out = np.empty((*pivots.shape[:-1], rows), np.int64)
    out[...] = np.arange(rows)
    for i in product(*map(range, pivots.shape[:-1])):
        order = out[i]
        for k, p in enumerate(pivots[i]):
            order[k], order[p - 1] = order[p - 1], order[k]
    return out


def triangular_solve(a: Array, b: Array, upper: bool, left: bool, unit: bool, trans: int = 0) -> Array:
    """X of A X = b (X A = b unless `left`) for a triangle of `a`; the batches have one shape."""
    out = in_columns(b)
    if out.size:
        trsm = routine("trsm", b.dtype.char)
        for i in _batches(b):
            out[i] = trsm(1, a[i], b[i], side=int(not left), lower=int(not upper), trans_a=trans, diag=int(unit))
    return _of_one_equation(out, b, a, positive=unit)


def cholesky(a: Array, upper: bool = False) -> tuple[Array, Array]:
    """The factor in one triangle, zeros in the other, and info."""
    out, info = in_columns(a), np.zeros(a.shape[:-2], INFO)
    if out.size:
        potrf = routine("potrf", a.dtype.char)
        for i in _batches(a):
            out[i], info[i] = potrf(out[i], lower=int(not upper), clean=1)
            missing = np.flatnonzero(np.isnan(np.diagonal(out[i])))
            if not info[i] and missing.size:  # of which not every library complains
                info[i] = missing[0] + 1
    return out, info


def cholesky_inverse(a: Array, upper: bool) -> tuple[Array, Array]:
    """The inverse of a matrix whose Cholesky factor is a triangle of `a`, and info."""
    out, info = in_columns(a), np.zeros(a.shape[:-2], INFO)
    if out.size:
        potri = routine("potri", a.dtype.char)
        for i in _batches(a):
            half, info[i] = potri(out[i], lower=int(not upper))
            kept = np.triu(half) if upper else np.tril(half)
            out[i] = kept + (np.triu(kept, 1) if upper else np.tril(kept, -1)).conj().T
    return out, info


def cholesky_solve(a: Array, b: Array, upper: bool) -> Array:
    """X of A X = b, of A its Cholesky factor; the batches have one shape."""
    out = in_columns(b)
    if out.size:
        potrs = routine("potrs", b.dtype.char)
        for i in _batches(b):
            out[i] = potrs(a[i], b[i], lower=int(not upper))[0]
    return _of_one_equation(out, b, a, positive=True)


def eigh(a: Array, upper: bool, vectors: bool) -> tuple[Array, Array, Array]:
    """Eigenvalues in ascending order, eigenvectors in columns (of no size unless asked for), and info."""
    real = a.real.dtype
    values, out = np.zeros(a.shape[:-1], real), in_columns(a)
    info = np.zeros(a.shape[:-2], INFO)
    if a.size:
        driver = routine("syevd" if a.dtype.kind == "f" else "heevd", a.dtype.char)
        for i in _batches(a):
            values[i], found, info[i] = driver(a[i], lower=int(not upper), compute_v=int(vectors))
            if vectors:
                out[i] = found
    return values, out if vectors else np.zeros(0, a.dtype), info


def eig(a: Array) -> tuple[Array, Array, Array]:
    """Eigenvalues and eigenvectors in columns, both complex, and info."""
    kind = np.result_type(a.dtype, np.complex64)
    values, out, info = np.zeros(a.shape[:-1], kind), by_columns(a.shape, kind), np.zeros(a.shape[:-2], INFO)
    if a.size:
        geev = routine("geev", a.dtype.char)
        for i in _batches(a):
            *parts, _, right, info[i] = geev(a[i], compute_vl=0)
            values[i] = parts[0] if len(parts) == 1 else parts[0] + 1j * parts[1]
            out[i] = right if len(parts) == 1 else _paired(right, parts[1])
    return values, out, info


def _paired(right: Array, imaginary: Array) -> Array:
    """Complex eigenvectors of a real matrix: of a conjugate pair, LAPACK gives real and imaginary part."""
    out = right.astype(np.result_type(right.dtype, np.complex64))
    k = 0
    while k < imaginary.size:
        if imaginary[k] != 0 and k + 1 < imaginary.size:
            out[:, k] = right[:, k] + 1j * right[:, k + 1]
            out[:, k + 1] = out[:, k].conj()
            k += 1
        k += 1
    return out


def svd(a: Array, full: bool, vectors: bool) -> tuple[Array, Array, Array, Array]:
    """U, the singular values in descending order, V^H, and info."""
    m, n = a.shape[-2:]
    k, lead = min(m, n), a.shape[:-2]
    values, info = np.zeros((*lead, k), a.real.dtype), np.zeros(lead, INFO)
    u = by_columns((*lead, m, m if full else k), a.dtype)
    vh = by_columns((*lead, n if full else k, n), a.dtype)
    if not a.size and vectors:
        u[...], vh[...] = np.eye(*u.shape[-2:]), np.eye(*vh.shape[-2:])
    elif a.size:
        gesdd = routine("gesdd", a.dtype.char)
        for i in _batches(a):
            left, values[i], right, info[i] = gesdd(a[i], compute_uv=int(vectors), full_matrices=int(full))
            if vectors:
                u[i], vh[i] = left, right
    return u, values, vh, info


def householder(a: Array) -> tuple[Array, Array]:
    """R in the upper triangle, the reflections below it and their factors (geqrf)."""
    out = in_columns(a)
    tau = np.zeros((*a.shape[:-2], min(a.shape[-2:])), a.dtype)
    if out.size:
        geqrf = routine("geqrf", a.dtype.char)
        for i in _batches(a):
            out[i], tau[i], *_ = geqrf(out[i])
    return out, tau


def reflected(a: Array, tau: Array, columns: int) -> Array:
    """The first columns of the product of the reflections that `householder` gives (orgqr)."""
    m = a.shape[-2]
    out = by_columns((*a.shape[:-2], m, columns), a.dtype)
    kept = min(columns, a.shape[-1])
    out[..., :kept] = a[..., :kept]
    if not a.size:
        out[...] = np.eye(m, columns)
    elif out.size:
        orgqr = routine("orgqr" if a.dtype.kind == "f" else "ungqr", a.dtype.char)
        for i in _batches(a):
            out[i] = orgqr(out[i], tau[i])[0]
    return out
