"""Systems of linear equations: linalg.solve, inv, inverse.

What may live here: ops that solve by LU, with the factorisation that their nodes keep. Determinants, which keep it
too, are in `determinants`, LU itself is in `lu`, triangular systems in `triangular`.

Note [LU of the transpose]: LAPACK wants columns. For the determinant of a real matrix stored by rows torch factorises
the transpose, which lies in memory as LAPACK wants it; the factors kept by the node are then those of A^T. For solving
it factorises the matrix itself.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad import lapack, modes
from minigrad.memory import broadcast_to
from minigrad.ops.lu import lu_solve_op
from minigrad.ops.matrix_checks import (
    SINGULAR,
    UNSOLVABLE,
    broadcast_batches,
    called,
    check_floating,
    check_info,
    check_kernel,
    check_same_dtype,
    check_solver,
    check_square,
    is_vector,
)
from minigrad.ops.products import matmul
from minigrad.registry import derivative, op
from minigrad.return_types import named

# mypy: disable-error-code="no-untyped-def, no-untyped-call"
# ruff: noqa: N803 - matrices bear the names that torch gives them


def _transposes(a: Any) -> bool:
    """Note [LU of the transpose]."""
    return bool(a.flags.c_contiguous and a.dtype.kind != "c")


def factored(a: Any) -> tuple[Any, Any, Any]:
    return lapack.lu_factor(a.swapaxes(-1, -2) if _transposes(a) else a)


# -- solve ----------------------------------------------------------------------------------------------


def _solve(a: Any, b: Any, left: bool, function: str) -> list[Any]:
    """The solution, by columns where A stands left of it; LU, pivots and info."""
    vector = is_vector(a.shape, b.shape)
    rhs = b[..., None] if vector and b.ndim else b
    check_solver(a, rhs, left, function)
    factors = lapack.lu_factor(a)
    rhs = broadcast_batches(a, rhs)[1]
    lead = rhs.shape[:-2]
    lu, pivots = (broadcast_to(x, (*lead, *x.shape[len(a.shape) - 2 :])) for x in factors[:2])
    if left:
        out = lapack.lu_solve(lu, pivots, rhs, 0)
    else:
        adjoint = lapack.lu_solve(lu, pivots, rhs.swapaxes(-1, -2), 1)
        out = adjoint.swapaxes(-1, -2).copy()
    return [_without_last(out) if vector else out, *factors]


def _without_last(x: Any) -> Any:
    """Vectors in one matrix: as a matrix, by columns."""
    return lapack.in_columns(x[..., 0]) if x.ndim > 2 else x[..., 0].copy()


@op("_linalg_solve_ex", outs=("result", "LU", "pivots", "info"), promote="keep", numbers=False)
def solve_op(A, B, left: bool):
    check_floating(A, "linalg.solve")
    check_same_dtype("linalg.solve", A, B)
    check_kernel(A, "lu_cpu")
    return _solve(A, B, left, "linalg.solve")


def _as_matrix(x: Any, vector: bool) -> Any:
    return x.unsqueeze(-1) if vector else x


def _as_vector(x: Any, vector: bool) -> Any:
    return x.squeeze(-1) if vector else x


def _solve_back(grad, result, A, LU, pivots, left, wanted):
    vector = is_vector(LU.shape, result.shape)
    given = _as_matrix(grad, vector)
    if modes.state.grad:
        of_b = solve(A.mH, given, left=left)
    else:
        of_b = lu_solve_op(LU, pivots, given, left, True)
    of_a = None
    if wanted[0]:
        x = _as_matrix(result, vector)
        of_a = -matmul(of_b, x.mH) if left else -matmul(x.mH, of_b)
    return of_a, _as_vector(of_b, vector) if wanted[1] else None


def _solve_along(A_t, B_t, A, result, LU, pivots, left):
    vector = is_vector(LU.shape, result.shape)
    x = _as_matrix(result, vector)
    rest = _as_matrix(B_t, vector) - (matmul(A_t, x) if left else matmul(x, A_t))
    along = lu_solve_op(LU, pivots, rest, left, False)
    return _as_vector(along, vector)


derivative(
    "LinalgSolveExBackward0", of=solve_op, forward=_solve_along, on_tensors=True, joint=(("A", "B"), _solve_back)
)

SolveEx = named("linalg_solve_ex", ("result", "info"))


@called("linalg.solve", "(Tensor A, Tensor B, *, bool left = True)")
def solve(A: Any, B: Any, left: bool = True) -> Any:
    """X of A X = B, or of X A = B."""
    result, _, _, info = solve_op(A, B, left)
    check_info(info, "torch.linalg.solve", UNSOLVABLE)
    return result


@called("linalg.solve_ex", "(Tensor A, Tensor B, *, bool left = True, bool check_errors = False)")
def solve_ex(A: Any, B: Any, left: bool = True, check_errors: bool = False) -> Any:
    """The same with LAPACK's info; singular matrices are refused only by `check_errors`."""
    result, _, _, info = solve_op(A, B, left)
    if check_errors:
        check_info(info, "torch.linalg.solve_ex", UNSOLVABLE)
    return SolveEx((result, info))


# -- inverse --------------------------------------------------------------------------------------------


@op("_linalg_inv_ex", outs=("inverse", "info"), promote="keep", numbers=False)
def inverse_op(A):
    check_square(A, "linalg.inv")
    check_floating(A, "linalg.inv", halves=False)
    eye = np.eye(A.shape[-1], dtype=A.dtype)
    out, _, _, info = _solve(A, broadcast_to(eye, A.shape), True, "linalg.inv")
    return [out, info]


def _inverse_back(grad, inverse):
    product = matmul(grad, inverse.mH)  # C++ makes the second operand first
    return -matmul(inverse.mH, product)


derivative(
    "LinalgInvExBackward0",
    of=inverse_op,
    forward=lambda A_t, inverse: -matmul(matmul(inverse, A_t), inverse),
    on_tensors=True,
    A=_inverse_back,
)

InvEx = named("linalg_inv_ex", ("inverse", "info"))


@called("linalg.inv_ex", "(Tensor A, *, bool check_errors = False)")
def inv_ex(A: Any, check_errors: bool = False) -> Any:
    """The inverse and LAPACK's info."""
    found, info = inverse_op(A)
    if check_errors:
        check_info(info, "linalg.inv_ex", SINGULAR)
    return InvEx((found, info))


def _inverse(A: Any, function: str = "linalg.inv") -> Any:
    found, info = inverse_op(A)
    check_info(info, function, SINGULAR)
    return found


@called("linalg.inv", "(Tensor A)")
def inv(A: Any) -> Any:
    """The inverse of a matrix."""
    return _inverse(A)


called("inverse", "(Tensor input)", method=True)(_inverse)
