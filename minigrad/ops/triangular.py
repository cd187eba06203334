"""Triangular systems and Cholesky: solve_triangular, cholesky, cholesky_inverse, cholesky_solve.

What may live here: ops on triangular factors, under their new and old names.
"""

from __future__ import annotations

from typing import Any

from minigrad import dispatch, lapack
from minigrad.errors import TYPE_NAMES
from minigrad.ops.arithmetic import times
from minigrad.ops.carriers import fresh_zeros
from minigrad.ops.matrix_checks import (
    INDEFINITE,
    SINGULAR,
    broadcast_batches,
    called,
    check_floating,
    check_info,
    check_kernel,
    check_solver,
    check_square,
)
from minigrad.ops.products import matmul
from minigrad.ops.rearranging import diag_embed
from minigrad.registry import decl_of, derivative, op
from minigrad.return_types import named
from minigrad.warn import warn_once
from minigrad.zeros import ZeroTensor

# mypy: disable-error-code="no-untyped-def, no-untyped-call"
# ruff: noqa: N803, N806 - matrices bear the names that torch gives them


# -- solve_triangular -----------------------------------------------------------------------------------


@op("_linalg_solve_triangular", promote="keep", numbers=False)
def solve_triangular_op(self, B, upper: bool, left: bool, unitriangular: bool):
    check_solver(self, B, left, "linalg.solve_triangular")
    check_kernel(self, "triangular_solve_cpu")
    matrices, rhs = broadcast_batches(self, B.astype(self.dtype, copy=False))
    if left:
        return lapack.triangular_solve(matrices, rhs, upper, True, unitriangular)
    return lapack.triangular_solve(matrices, rhs, upper, False, unitriangular)


def _solve_back(grad, self, result, upper, left, unitriangular, wanted):
    of_b = solve_triangular_op(self.mH, grad, not upper, left, unitriangular)
    of_a = None
    if wanted[0]:
        of_a = -matmul(of_b, result.mH) if left else -matmul(result.mH, of_b)
        of_a = of_a.triu(int(unitriangular)) if upper else of_a.tril(-int(unitriangular))
    return of_a, of_b if wanted[1] else None


def _solve_along(self_t, B_t, self, result, upper, left, unitriangular):
    part = self_t.triu(int(unitriangular)) if upper else self_t.tril(-int(unitriangular))
    rest = matmul(part, result) if left else matmul(result, part)
    return solve_triangular_op(self, B_t - rest, upper, left, unitriangular)


derivative(
    "LinalgSolveTriangularBackward0",
    of=solve_triangular_op,
    forward=_solve_along,
    on_tensors=True,
    joint=(("self", "B"), _solve_back),
)


@called(
    "linalg.solve_triangular",
    "(Tensor input, Tensor B, *, bool upper, bool left = True, bool unitriangular = False)",
)
def solve_triangular(
    input: Any, B: Any, upper: bool, left: bool = True, unitriangular: bool = False
) -> Any:
    """X of A X = B, or of X A = B, of A one triangle alone."""
    return solve_triangular_op(input, B, upper, left, unitriangular)


# -- its old form ---------------------------------------------------------------------------------------


@op("_triangular_solve", several=True, named=("solution", "cloned_coefficient"), promote="keep", numbers=False)
def old_solve_op(self, A, upper: bool, transpose: bool, unitriangular: bool):
    for name, a in (("b", self), ("A", A)):
        if a.ndim < 2:
            raise RuntimeError(
                f"torch.triangular_solve: Expected {name} to have at least 2 dimensions, but it has {a.ndim} "
                "dimensions instead"
            )
    check_linear_system(self, A, "triangular_solve")
    check_kernel(A, "triangular_solve_cpu")
    matrices, rhs = broadcast_batches(A, self)
    trans = int(transpose)
    found = [
        lapack.triangular_solve(matrices, rhs, upper, True, unitriangular, trans),
        lapack.in_columns(matrices),
    ]
    warn_once(  # which gradients do as well, and each member of a batch
        "torch.triangular_solve is deprecated in favor of torch.linalg.solve_triangularand will be removed in a future "
        "PyTorch release.\ntorch.linalg.solve_triangular has its arguments reversed and does not return a copy of one "
        "of the inputs.\nX = torch.triangular_solve(B, A).solution\nshould be replaced with\nX = "
        "torch.linalg.solve_triangular(A, B)."
    )
    return found


def check_linear_system(b: Any, a: Any, function: str) -> None:
    """The right-hand side and the matrix of the older solvers (torch's linearSolveCheckInputs)."""
    if b.dtype != a.dtype:
        raise RuntimeError(
            f"Expected b and A to have the same dtype, but found b of type {TYPE_NAMES[b.dtype.name]} and A of type "
            f"{TYPE_NAMES[a.dtype.name]} instead."
        )
    check_square(a, "")
    if a.shape[-2] != b.shape[-2]:
        raise RuntimeError(
            f"Incompatible matrix sizes for {function}: each A matrix is {a.shape[-1]} by {a.shape[-1]} but each b "
            f"matrix is {b.shape[-2]} by {b.shape[-1]}"
        )


def _old_back(grads, self, A, solution, upper, transpose, unitriangular, wanted):
    of_x, of_m = grads
    of_b = of_a = None
    if of_x is not None:
        of_b = old_solve_op(of_x, A.conj() if A.is_complex() else A, upper, not transpose, unitriangular)[0]
        if wanted[1]:
            x = solution
            of_a = -matmul(x.conj(), of_b.transpose(-2, -1)) if transpose else -matmul(of_b, x.mH)
            of_a = of_a.triu(int(unitriangular)) if upper else of_a.tril(-int(unitriangular))
    of_a = fresh_zeros((1,), A._a.dtype).expand(A.shape) if of_a is None else of_a
    of_b = fresh_zeros((1,), A._a.dtype).expand(self.shape) if of_b is None else of_b
    if wanted[1] and of_m is not None:
        of_a = of_a + of_m
    return of_b if wanted[0] else None, of_a if wanted[1] else None


def _old_along(self_t, A_t, A, solution, upper, transpose, unitriangular):
    rest = self_t - matmul(A_t, solution)  # neither the triangle nor the transpose: torch's rule, as it is
    return [old_solve_op(rest, A, upper, transpose, unitriangular)[0], None if type(A_t) is ZeroTensor else A_t]


derivative(
    "TriangularSolveBackward0", of=old_solve_op, forward=_old_along, on_tensors=True, joint=(("self", "A"), _old_back)
)

OldSolution = named("triangular_solve", ("solution", "cloned_coefficient"))


@called(
    "triangular_solve",
    "(Tensor input, Tensor A, bool upper = True, bool transpose = False, bool unitriangular = False)",
    method=True,
)
def triangular_solve(
    input: Any, A: Any, upper: bool = True, transpose: bool = False, unitriangular: bool = False
) -> Any:
    """`torch.triangular_solve`, which warns of its age, and gives a copy of A besides the solution."""
    found = old_solve_op(input, A, upper, transpose, unitriangular)
    return OldSolution(found)


# -- cholesky -------------------------------------------------------------------------------------------


def _cholesky_back(grad, L, upper):
    lower, of_lower = (L.mH, grad.mH) if upper else (L, grad)
    inner = matmul(lower.mH, of_lower).tril()
    inner = times(inner + inner.tril(-1).mH, 0.5)
    inner = solve_triangular_op(lower.mH, inner, True, True, False)
    return solve_triangular_op(lower, inner, False, False, False)


def _cholesky_along(A_t, L, upper):
    lower = L.mH if upper else L
    inner = solve_triangular_op(lower, A_t, False, True, False)
    inner = solve_triangular_op(lower.mH, inner, True, False, False)
    along = matmul(lower, inner.tril() - diag_embed(times(inner.diagonal(0, -2, -1), 0.5)))
    return along.mH if upper else along


@op("_linalg_cholesky_ex", outs=("L", "info"), promote="keep", numbers=False)
def cholesky_op(A, upper: bool):
    check_square(A, "linalg.cholesky")
    check_floating(A, "linalg.cholesky")
    check_kernel(A, "cholesky_cpu")
    return list(lapack.cholesky(A, upper))


derivative(
    "LinalgCholeskyExBackward0", of=cholesky_op, forward=_cholesky_along, on_tensors=True, A=_cholesky_back
)

CholeskyEx = named("linalg_cholesky_ex", ("L", "info"))


@called("linalg.cholesky_ex", "(Tensor input, *, bool upper = False, bool check_errors = False)")
def cholesky_ex(input: Any, upper: bool = False, check_errors: bool = False) -> Any:
    """The Cholesky factor and LAPACK's info."""
    L, info = cholesky_op(input, upper)
    if check_errors:
        check_info(info, "linalg.cholesky_ex", INDEFINITE)
    return CholeskyEx((L, info))


@called("linalg.cholesky", "(Tensor input, *, bool upper = False)")
def cholesky(input: Any, upper: bool = False) -> Any:
    """L of A = L L^H (U of A = U^H U for `upper`)."""
    L, info = cholesky_op(input, upper)
    check_info(info, "linalg.cholesky", INDEFINITE)
    return L


@op("_cholesky", promote="keep", numbers=False)
def old_cholesky_op(self, upper: bool):
    check_square(self, "cholesky")
    check_kernel(self, "cholesky_cpu")
    out, info = lapack.cholesky(self, upper)
    check_info(info, "cholesky", INDEFINITE)
    return out


derivative(
    "CholeskyBackward0",
    of=old_cholesky_op,
    forward=None,
    on_tensors=True,
    self=lambda grad, result, upper: _cholesky_back(grad, result, upper),
)


@called("cholesky", "(Tensor input, bool upper = False)", method=True)
def _old_cholesky(input: Any, upper: bool = False) -> Any:
    """`torch.cholesky`, which warns of its age, though not before it has refused tangents."""
    if dispatch.tangents:
        dispatch.tangents[0].before_op(decl_of(old_cholesky_op), (input, upper))
    warn_once(
        "torch.cholesky is deprecated in favor of torch.linalg.cholesky and will be removed in a future PyTorch "
        "release.\nL = torch.cholesky(A)\nshould be replaced with\nL = torch.linalg.cholesky(A)\nand\nU = "
        "torch.cholesky(A, upper=True)\nshould be replaced with\nU = torch.linalg.cholesky(A).mH\nThis transform will "
        "produce equivalent results for all valid (symmetric positive definite) inputs."
    )
    return old_cholesky_op(input, upper)


# -- what is done with the factor -----------------------------------------------------------------------


@op("_cholesky_inverse", promote="keep", numbers=False)
def cholesky_inverse_op(self, upper: bool):
    check_square(self, "cholesky_inverse")
    check_kernel(self, "cholesky_inverse_out_cpu")
    out, info = lapack.cholesky_inverse(self, upper)
    check_info(info, "cholesky_inverse", SINGULAR)
    return out


def _cholesky_inverse_back(grad, self, result, upper):
    common = grad + grad.mH
    common = matmul(result, matmul(common, result))
    return -matmul(self, common) if upper else -matmul(common, self)


def _cholesky_inverse_along(self_t, self, result, upper):
    factor, along = (self, self_t.mH) if upper else (self.mH, self_t)
    half = matmul(matmul(matmul(-result, along), result), factor)  # torch's rule, which is not the derivative
    return half + half.mH


derivative(
    "CholeskyInverseBackward0",
    of=cholesky_inverse_op,
    forward=_cholesky_inverse_along,
    on_tensors=True,
    self=_cholesky_inverse_back,
)


@called("cholesky_inverse", "(Tensor input, bool upper = False)", method=True)
def cholesky_inverse(input: Any, upper: bool = False) -> Any:
    """The inverse of the matrix whose Cholesky factor is given."""
    return cholesky_inverse_op(input, upper)


@op("_cholesky_solve", promote="keep", numbers=False)
def cholesky_solve_op(self, input2, upper: bool):
    for name, a in (("b", self), ("u", input2)):
        if a.ndim < 2:
            raise RuntimeError(f"{name} should have at least 2 dimensions, but has {a.ndim} dimensions instead")
    check_linear_system(self, input2, "cholesky_solve")
    check_kernel(self, "cholesky_solve_cpu")
    matrices, rhs = broadcast_batches(input2, self)
    return lapack.cholesky_solve(matrices, rhs, upper)


def _cholesky_solve_back(grad, self, input2, result, upper, wanted):
    of_self = cholesky_solve_op(grad, input2, upper)
    of_input2 = None
    if wanted[1]:
        common = matmul(of_self, result.mH)
        common = common + common.mH
        of_input2 = -matmul(input2, common) if upper else -matmul(common, input2)
    return of_self if wanted[0] else None, of_input2


def _cholesky_solve_along(self_t, input2_t, input2, result, upper):
    turned = matmul(input2_t.mH, input2) if upper else matmul(input2_t, input2.mH)
    return cholesky_solve_op(self_t - matmul(turned + turned.mH, result), input2, upper)


derivative(
    "CholeskySolveBackward0",
    of=cholesky_solve_op,
    forward=_cholesky_solve_along,
    on_tensors=True,
    joint=(("self", "input2"), _cholesky_solve_back),
)


@called("cholesky_solve", "(Tensor input, Tensor input2, bool upper = False)", method=True)
def cholesky_solve(input: Any, input2: Any, upper: bool = False) -> Any:
    """X of A X = input, of A its Cholesky factor."""
    return cholesky_solve_op(input, input2, upper)


