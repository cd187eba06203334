"""LU factorisation and what is done with it: lu, lu_factor, lu_unpack, lu_solve.

What may live here: these and their old names. Solving without keeping the factors is in `solving`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad import lapack
from minigrad.memory import broadcast_to
from minigrad.ops.joining import cat
from minigrad.ops.matrix_checks import (
    ZERO_PIVOT,
    broadcast_batches,
    called,
    check_floating,
    check_info,
    check_kernel,
    check_same_dtype,
    check_solver,
)
from minigrad.ops.products import matmul
from minigrad.ops.triangular import solve_triangular
from minigrad.registry import derivative, op
from minigrad.return_types import named
from minigrad.tensor import wrap
from minigrad.warn import warn_once

# mypy: disable-error-code="no-untyped-def, no-untyped-call"
# ruff: noqa: N803, N806 - matrices bear the names that torch gives them


def check_lu(a: Any, function: str, pivot: bool) -> None:
    if a.ndim < 2:
        shape = ", ".join(map(str, a.shape))
        raise RuntimeError(f"{function}: Expected tensor with 2 or more dimensions. Got size: [{shape}] instead")
    if not a.size:  # of which nothing else is asked
        return
    check_kernel(a, "lu_cpu")
    if not pivot:
        raise RuntimeError("linalg.lu_factor: LU without pivoting is not implemented on the CPU")


# -- parts ----------------------------------------------------------------------------------------------


def _triangles(lu: Any) -> list[Any]:
    """L with ones on its diagonal, and U, both by rows."""
    m, n = lu.shape[-2:]
    k = min(m, n)
    lower = np.ascontiguousarray(np.tril(lu[..., :k], -1)) + np.eye(m, k, dtype=lu.dtype)
    return [lower.astype(lu.dtype, copy=False), np.ascontiguousarray(np.triu(lu[..., :k, :]))]


def _permutation_matrix(pivots: Any, rows: int, dtype: Any) -> Any:
    order = lapack.permutation(pivots, rows)
    out = np.zeros((*pivots.shape[:-1], rows, rows), dtype)
    np.put_along_axis(out, order[..., None, :], 1, -2)
    return out


def _lu_back(of_l: Any, of_u: Any, P: Any, L: Any, U: Any, pivot: bool) -> Any:
    """What reaches A = P L U, or L U (torch's plu_backward)."""
    if of_l is None and of_u is None:
        return None
    m, n = L.shape[-2], U.shape[-1]
    if m == n:
        lower = None if of_l is None else matmul(L.mH, of_l).tril(-1)
        upper = None if of_u is None else matmul(of_u, U.mH).triu()
        inner = upper if lower is None else lower if upper is None else lower + upper
        inner = solve_triangular(U.mH, inner, upper=False, left=False)
        found = solve_triangular(L.mH, inner, upper=True, unitriangular=True)
    else:
        found = (_wide_back if m < n else _tall_back)(of_l, of_u, L, U)
    return matmul(P, found) if pivot else found


def _wide_back(of_l: Any, of_u: Any, L: Any, U: Any) -> Any:
    """A = L [U1 U2]."""
    m, n = L.shape[-2], U.shape[-1]
    parts = []
    if of_l is not None:
        parts.append(matmul(L.mH, of_l))
    if of_u is not None:
        product = matmul(of_u.triu(), U.mH)
        parts = [parts[0] - product] if parts else [-product]
    lower = parts[0].tril(-1)  # first, as the last argument in torch; so below
    square = solve_triangular(U.narrow(-1, 0, m).mH, lower, upper=False, left=False)
    if of_u is None:
        return _padded(solve_triangular(L.mH, square, upper=True, unitriangular=True), -1, n - m)
    square = square + of_u.narrow(-1, 0, m).triu()
    rest = of_u.narrow(-1, m, n - m)
    whole = cat([square, rest], -1)
    return solve_triangular(L.mH, whole, upper=True, unitriangular=True)


def _tall_back(of_l: Any, of_u: Any, L: Any, U: Any) -> Any:
    """A = [L1; L2] U."""
    m, n = L.shape[-2], U.shape[-1]
    parts = []
    if of_u is not None:
        parts.append(matmul(of_u, U.mH))
    if of_l is not None:
        product = matmul(L.mH, of_l.tril(-1))
        parts = [parts[0] - product] if parts else [-product]
    upper = parts[0].triu()
    square = solve_triangular(L.narrow(-2, 0, n).mH, upper, upper=True, unitriangular=True)
    if of_l is None:
        return _padded(solve_triangular(U.mH, square, upper=False, left=False), -2, m - n)
    square = square + of_l.narrow(-2, 0, n).tril(-1)
    rest = of_l.narrow(-2, n, m - n)
    whole = cat([square, rest], -2)
    return solve_triangular(U.mH, whole, upper=False, left=False)


def _padded(x: Any, dim: int, size: int) -> Any:
    """`x` with zeros behind it along `dim`."""
    shape = list(x.shape)
    shape[dim] = size
    return cat([x, x.new_zeros(shape)], dim)


# -- lu -------------------------------------------------------------------------------------------------


@op("_linalg_lu", several=True, named=("L", "U", "P"), constant=1, promote="keep", numbers=False)
def lu_op(A, pivot: bool):
    factors, pivots, _ = lapack.lu_factor(A)
    order = _permutation_matrix(pivots, A.shape[-2], A.dtype) if pivot else np.zeros(0, A.dtype)
    return [*_triangles(factors), order]


derivative(
    "LinalgLuBackward0",
    of=lu_op,
    forward=lambda A_t, L, U, P, pivot: [*_lu_along(A_t, P, L, U, pivot), None],
    on_tensors=True,
    A=lambda grads, L, U, P, pivot: _lu_back(grads[0], grads[1], P, L, U, pivot),
)


def _lu_along(A_t: Any, P: Any, L: Any, U: Any, pivot: bool) -> list[Any]:
    """The tangents of L and U (torch's linalg_lu_jvp)."""
    m, n = A_t.shape[-2:]
    k = min(m, n)
    along = matmul(P.mT, A_t) if pivot else A_t
    L1, U1 = L.narrow(-2, 0, k), U.narrow(-1, 0, k)
    inner = solve_triangular(L1, along.narrow(-2, 0, k), upper=False, unitriangular=True)
    square = solve_triangular(U1, inner.narrow(-1, 0, k), upper=True, left=False)
    of_l, of_u = matmul(L1, square.tril(-1)), matmul(square.triu(), U1)
    if m > n:
        rest = along.narrow(-2, k, m - k)
        rest = solve_triangular(U1, rest - matmul(L.narrow(-2, k, m - k), of_u), upper=True, left=False)
        of_l = cat([of_l, rest], -2)
    elif m < n:
        rest = inner.narrow(-1, k, n - k) - matmul(square.tril(-1), U.narrow(-1, k, n - k))
        of_u = cat([of_u, rest], -1)
    return [of_l, of_u]


Lu, LuFactor, LuFactorEx = (
    named("linalg_lu", ("P", "L", "U")),
    named("linalg_lu_factor", ("LU", "pivots")),
    named("linalg_lu_factor_ex", ("LU", "pivots", "info")),
)
LuUnpack = named("lu_unpack", ("P", "L", "U"))


@called("linalg.lu", "(Tensor A, *, bool pivot = True)")
def lu(A: Any, pivot: bool = True) -> Any:
    """P, L and U of A = P L U."""
    check_lu(A._a, "linalg.lu", pivot)
    L, U, P = lu_op(A, pivot)
    return Lu((P, L, U))


# -- lu_factor ------------------------------------------------------------------------------------------


@op("_linalg_lu_factor_ex", outs=("LU", "pivots", "info"), promote="keep", numbers=False)
def lu_factor_op(A, pivot: bool):
    return list(lapack.lu_factor(A))


def _factors_back(grad, LU, pivots, pivot):
    P, L, U = unpacked(LU, pivots, pivot)
    k = min(LU._a.shape[-2:])
    return _lu_back(grad.narrow(-1, 0, k), grad.narrow(-2, 0, k), P, L, U, pivot)


def _factors_along(A_t, LU, pivots, pivot):
    m, n = A_t.shape[-2:]
    of_l, of_u = _lu_along(A_t, *unpacked(LU, pivots, pivot), pivot)
    if m >= n:
        return of_l + (of_u if m == n else _padded(of_u, -2, m - n))
    return _padded(of_l, -1, n - m) + of_u


derivative("LinalgLuFactorExBackward0", of=lu_factor_op, forward=_factors_along, on_tensors=True, A=_factors_back)


@called("linalg.lu_factor_ex", "(Tensor A, *, bool pivot = True, bool check_errors = False)")
def lu_factor_ex(A: Any, pivot: bool = True, check_errors: bool = False) -> Any:
    """L and U in one matrix, the exchanges of rows, and LAPACK's info."""
    check_lu(A._a, "torch.lu_factor", pivot)
    found = lu_factor_op(A, pivot)
    if check_errors:
        check_info(found[2], "torch.linalg.lu_factor_ex", ZERO_PIVOT, error=RuntimeError)
    return LuFactorEx(found)


@called("linalg.lu_factor", "(Tensor A, *, bool pivot = True)")
def lu_factor(A: Any, pivot: bool = True) -> Any:
    """The same without info, singular matrices refused."""
    check_lu(A._a, "torch.lu_factor", pivot)
    found = lu_factor_op(A, pivot)
    check_info(found[2], "torch.linalg.lu_factor", ZERO_PIVOT, error=RuntimeError)
    return LuFactor(found[:2])


# -- lu_unpack ------------------------------------------------------------------------------------------


@op("_lu_unpack", several=True, promote="keep", numbers=False)
def unpack_op(LU_data):
    return _triangles(LU_data)


def _unpack_back(grads, LU_data_shape):
    of_l, of_u = grads
    m, n = LU_data_shape[-2:]
    lower = None if of_l is None else of_l.tril(-1)
    upper = None if of_u is None else of_u.triu()
    if lower is not None and m < n:
        lower = _padded(lower, -1, n - m)
    if upper is not None and m > n:
        upper = _padded(upper, -2, m - n)
    return upper if lower is None else lower if upper is None else lower + upper


derivative(
    "LuUnpackBackward0",
    of=unpack_op,
    on_tensors=True,
    shows={"LU_data_shape": {"LU_data_sym_argsize_minus_1": -1, "LU_data_sym_argsize_minus_2": -2}},
    LU_data=_unpack_back,
)


def unpacked(LU: Any, pivots: Any, with_pivots: bool = True) -> tuple[Any, Any, Any]:
    """P, L and U of what `lu_factor` gives."""
    a = LU._a
    P = _permutation_matrix(pivots._a, a.shape[-2], a.dtype) if with_pivots else np.zeros(0, a.dtype)
    return (wrap(P), *unpack_op(LU))


@called(
    "lu_unpack", "(Tensor LU_data, Tensor LU_pivots, bool unpack_data = True, bool unpack_pivots = True)"
)
def lu_unpack(LU_data: Any, LU_pivots: Any, unpack_data: bool = True, unpack_pivots: bool = True) -> Any:
    """P, L and U of what `lu_factor` gives; what is not asked for is empty."""
    if unpack_pivots and LU_pivots._a.dtype != np.int32:
        raise RuntimeError(
            "torch.lu_unpack: LU_pivots is expected to be a contiguous tensor of torch.int32 dtype.\n"
            "Note: this function is intended to be used with the output produced by torch.linalg.lu_factor"
        )
    if unpack_data:
        return LuUnpack(unpacked(LU_data, LU_pivots, unpack_pivots))
    a = LU_data._a
    P = _permutation_matrix(LU_pivots._a, a.shape[-2], a.dtype) if unpack_pivots else np.zeros(0, a.dtype)
    return LuUnpack((wrap(P), *(wrap(np.zeros(0, a.dtype)) for _ in range(2))))


# -- lu_solve -------------------------------------------------------------------------------------------


@op("_linalg_lu_solve", promote="keep", numbers=False)
def lu_solve_op(LU, pivots, B, left: bool, adjoint: bool):
    check_floating(LU, "torch.linalg.lu_solve")
    if pivots.dtype != np.int32:
        raise RuntimeError("linalg.lu_solve: pivots should be a Tensor of scalar type torch.int32")
    check_same_dtype("linalg.lu_solve", LU, B)
    if LU.ndim > 1 and LU.shape[-2] != LU.shape[-1]:
        m, n = LU.shape[-2:]
        raise RuntimeError(
            f"torch.linalg.lu_solve: A must be batches of square matrices, but they are {m} by {n} matrices"
        )
    check_solver(LU, B, left, "linalg.lu_solve")
    if pivots.shape[-1] != LU.shape[-1]:
        raise RuntimeError("linalg.lu_solve: Number of pivots per batch should be same as the dimension of the matrix")
    if pivots.shape != LU.shape[:-1]:
        raise RuntimeError("linalg.lu_solve: Batch shape of pivots must be the same as that of LU")
    if (pivots < 1).any():
        raise RuntimeError(
            "Pivots given to lu_solve must all be greater or equal to 1. Did you properly pass the result of lu_factor?"
        )
    check_kernel(LU, "linalg.lu_solve_cpu")
    matrices, rhs = broadcast_batches(LU, B)
    exchanges = broadcast_to(pivots, rhs.shape[:-2] + pivots.shape[-1:])
    if left:
        return lapack.lu_solve(matrices, exchanges, rhs, (2 if LU.dtype.kind == "c" else 1) if adjoint else 0)
    turned = rhs.swapaxes(-1, -2)
    if not adjoint:
        return lapack.lu_solve(matrices, exchanges, turned, 1).swapaxes(-1, -2).copy()
    return lapack.lu_solve(matrices, exchanges, turned.conj(), 0).conj().swapaxes(-1, -2).copy()


def _solve_back(grad, LU, pivots, result, left, adjoint, wanted):
    of_b = lu_solve_op(LU, pivots, grad, left, not adjoint) if wanted[1] else None
    return _back_to_factors(grad, LU, pivots, result, left, adjoint) if wanted[0] else None, of_b


def _back_to_factors(grad: Any, LU: Any, pivots: Any, result: Any, left: bool, adjoint: bool) -> Any:
    """torch's linalg_lu_solve_LU."""
    P, L, U = unpacked(LU, pivots, left == adjoint)
    g, x = (grad if left else grad.mH), (result.mH if left else result)
    if left != adjoint:
        inner = -matmul(g, x)  # first, as the last argument in torch; so below
        inner = solve_triangular(U.mH, inner, upper=False)
        lower = matmul(inner, U.mH)
        lower = solve_triangular(L.mH, lower, upper=True, unitriangular=True).tril(-1)
        return lower + inner.triu()
    inner = -matmul(matmul(matmul(P.mT, result if left else result.mH), grad.mH if left else grad), P)
    inner = solve_triangular(L.mH, inner, upper=True, left=False, unitriangular=True)
    upper = matmul(L.mH, inner)
    upper = solve_triangular(U.mH, upper, upper=False, left=False).triu()
    return inner.tril(-1) + upper


def _solve_along(LU_t, B_t, LU, pivots, result, left, adjoint):
    """torch's linalg_lu_solve_jvp."""
    solved = lu_solve_op(LU, pivots, B_t, left, adjoint)
    if left != adjoint:
        lower = solve_triangular(LU, LU_t.tril(-1), upper=False, unitriangular=True)
        upper = LU.triu()
        turned = -solve_triangular(upper, LU_t.triu() + matmul(lower, upper), upper=True)
        return (matmul(turned, result) if left else matmul(result, turned.mH)) + solved
    P, L, U = unpacked(LU, pivots)
    moved = solve_triangular(U, matmul(L, LU_t.triu()), upper=True, left=False) + LU_t.tril(-1)
    turned = -matmul(matmul(result.mH if left else result, P), moved)
    turned = matmul(solve_triangular(L, turned, upper=False, left=False, unitriangular=True), P.mT)
    return (turned.mH if left else turned) + solved


derivative(
    "LinalgLuSolveBackward0",
    of=lu_solve_op,
    forward=_solve_along,
    on_tensors=True,
    joint=(("LU", "B"), _solve_back),
)


@called("linalg.lu_solve", "(Tensor LU, Tensor pivots, Tensor B, *, bool left = True, bool adjoint = False)")
def lu_solve(LU: Any, pivots: Any, B: Any, left: bool = True, adjoint: bool = False) -> Any:
    """X of A X = B, of A what `lu_factor` gives."""
    return lu_solve_op(LU, pivots, B, left, adjoint)


@called("lu_solve", "(Tensor input, Tensor LU_data, Tensor LU_pivots)", method=True)
def _old_lu_solve(input: Any, LU_data: Any, LU_pivots: Any) -> Any:
    """`torch.lu_solve`, which warns of its age."""
    warn_once(
        "torch.lu_solve is deprecated in favor of torch.linalg.lu_solveand will be removed in a future PyTorch "
        "release.\nNote that torch.linalg.lu_solve has its arguments reversed.\nX = torch.lu_solve(B, LU, pivots)\n"
        "should be replaced with\nX = torch.linalg.lu_solve(LU, pivots, B)"
    )
    return lu_solve_op(LU_data, LU_pivots, input, True, False)
