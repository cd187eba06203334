"""Eigenvalues and eigenvectors: linalg.eigh, eigvalsh, eig, eigvals.

What may live here: these and their derivatives. Singular values are in `singular_values`.

Note [Gauge]: eigenvectors are determined up to sign or phase only. Which one comes out is LAPACK's choice; a function
that depends on the phase has no derivative, and torch refuses it where it notices.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad import dispatch, dtypes, lapack, modes
from minigrad.ops.arithmetic import right_first, times
from minigrad.ops.carriers import is_batched
from minigrad.ops.matrix_checks import REPEATED, called, check_info, check_kernel, check_square
from minigrad.ops.products import matmul
from minigrad.ops.solving import solve
from minigrad.registry import derivative, op
from minigrad.return_types import named
from minigrad.tensor import wrap
from minigrad.warn import warn_once

# mypy: disable-error-code="no-untyped-def, no-untyped-call"
# ruff: noqa: N803, N806 - matrices bear the names that torch gives them


def may_be_differentiated(x: Any) -> bool:
    """Whether something may ask for the vectors: torch computes them only then."""
    if modes.state.grad and x.requires_grad:
        return True
    return any(module.tangent_of(x) is not None for module in dispatch.tangents)


def _check_phase(turned: Any, function: str) -> None:
    """Raises where a function depends on the phase of eigenvectors, see Note [Gauge]."""
    diagonal = np.diagonal(turned._a, axis1=-2, axis2=-1).imag
    if not np.allclose(diagonal, 0, rtol=1e-2, atol=1e-2):
        raise RuntimeError(
            f"{function}: The eigenvectors in the complex case are specified up to multiplication by e^{{i phi}}. The "
            "specified loss function depends on this quantity, so it is ill-defined."
        )


def _gaps(L: Any) -> Any:
    """Differences of eigenvalues, 1 in place of those of each with itself."""
    gaps = _differences(L)
    gaps.diagonal(0, -2, -1).fill_(1.0)
    return gaps


def _differences(L: Any) -> Any:
    subtracted = L.unsqueeze(-1)  # C++ makes the second operand first
    return L.unsqueeze(-2) - subtracted


def with_diagonal(x: Any, diagonal: Any) -> Any:
    """`x` written over on its diagonals."""
    if diagonal is None:
        x.diagonal(0, -2, -1).zero_()
    elif is_batched(diagonal):
        return x.diagonal_scatter(diagonal, 0, -2, -1)
    else:
        x.diagonal(0, -2, -1).copy_(diagonal)
    return x


# -- of symmetric matrices ------------------------------------------------------------------------------


def eigh_back(of_values: Any, of_vectors: Any, L: Any, V: Any) -> Any:
    """What reaches a symmetric (Hermitian) matrix (torch's linalg_eig_backward)."""
    if of_values is None and of_vectors is None:
        return None
    if of_vectors is None:
        adjoint = V.mH  # C++ makes the second operand first
        return matmul(V * of_values.unsqueeze(-2), adjoint)
    turned = matmul(V.mH, of_vectors)
    if V.is_complex():
        _check_phase(turned, "linalg_eigh_backward")
    inner = times(turned - turned.mH, 0.5).div_(_gaps(L))
    if of_values is not None:
        inner = with_diagonal(inner, of_values)
    return matmul(V, matmul(inner, V.mH))


def _eigh_along(A_t, eigenvalues, eigenvectors):
    L, V = eigenvalues, eigenvectors
    turned = matmul(matmul(V.mH, A_t), V)
    diagonal = turned.diagonal(0, -2, -1)
    of_values = diagonal.real if V.is_complex() else diagonal
    inner = turned / _differences(L)
    inner.diagonal(0, -2, -1).zero_()
    return [of_values, matmul(V, inner)]


@op("_linalg_eigh", named=("eigenvalues", "eigenvectors"), several=True, promote="keep", numbers=False)
def eigh_op(A, upper: bool):
    return list(_eigh(A, upper, True))


def _eigh(a: Any, upper: bool, vectors: bool) -> tuple[Any, Any]:
    check_square(a, "linalg.eigh")
    check_kernel(a, "linalg_eigh_cpu")
    values, found, info = lapack.eigh(a, upper, vectors)
    check_info(info, "linalg.eigh", REPEATED, "eigenvalues")
    return values, found


derivative(
    "LinalgEighBackward0",
    of=eigh_op,
    forward=_eigh_along,
    on_tensors=True,
    A=lambda grads, eigenvalues, eigenvectors: eigh_back(grads[0], grads[1], eigenvalues, eigenvectors),
)

Eigh, Eig = (named(name, ("eigenvalues", "eigenvectors")) for name in ("linalg_eigh", "linalg_eig"))


def _is_upper(UPLO: str) -> bool:
    letter = UPLO.upper()
    if letter not in ("U", "L"):
        raise RuntimeError(f"Expected UPLO argument to be 'L' or 'U', but got {UPLO}")
    return letter == "U"


@called("linalg.eigh", '(Tensor input, str UPLO = "L")')
def eigh(A: Any, UPLO: str = "L") -> Any:
    """Eigenvalues in ascending order and eigenvectors of a symmetric (Hermitian) matrix."""
    check_square(A._a, "linalg.eigh")
    return Eigh(eigh_op(A, _is_upper(UPLO)))


@called("linalg.eigvalsh", '(Tensor input, str UPLO = "L")')
def eigvalsh(A: Any, UPLO: str = "L") -> Any:
    """Its eigenvalues alone."""
    check_square(A._a, "linalg.eigh")
    upper = _is_upper(UPLO)
    if may_be_differentiated(A):
        return eigh_op(A, upper)[0]
    return wrap(_eigh(A._a, upper, False)[0])


# -- of any -----------------------------------------------------------------------------------------------


def _eig_back(grads, eigenvalues, eigenvectors):
    of_values, of_vectors = grads
    L, V = eigenvalues, eigenvectors
    if of_values is None and of_vectors is None:
        return None
    if of_vectors is None:
        rest = right_first(V.mH, lambda: of_values.unsqueeze(-1))
        return solve(V.mH, rest)
    turned = matmul(V.mH, of_vectors)
    if not is_batched(turned):
        _check_phase(turned, "linalg_eig_backward")
    along = turned.diagonal(0, -2, -1)
    # operands on the right come first, as in torch (arithmetic.right_first)
    scaled = V * along.real.unsqueeze(-2)
    inner = turned - matmul(V.mH, scaled)
    inner = inner.div_(_gaps(L.conj()))
    if of_values is not None:
        inner = with_diagonal(inner, of_values)
    rest = matmul(inner, V.mH)
    return solve(V.mH, rest)


def _eig_along(A_t, eigenvalues, eigenvectors):
    L, V = eigenvalues, eigenvectors
    turned = solve(V, matmul(A_t.to(dtypes.FROM_NUMPY[V._a.dtype]), V))
    of_values = turned.diagonal(0, -2, -1)
    inner = turned / _differences(L)
    inner.diagonal(0, -2, -1).zero_()
    of_vectors = matmul(V, inner)
    along = matmul(V.mH, of_vectors).diagonal(0, -2, -1).real
    return [of_values, of_vectors - V * along.unsqueeze(-2)]


@op("_linalg_eig", named=("eigenvalues", "eigenvectors"), several=True, promote="keep", numbers=False)
def eig_op(A):
    return list(_eig(A, "linalg.eig"))


def _eig(a: Any, function: str) -> tuple[Any, Any]:
    if not np.isfinite(a).all():
        raise RuntimeError("torch.linalg.eig: input tensor should not contain infs or NaNs.")
    check_square(a, function)
    if a.dtype.kind not in "fc":
        raise RuntimeError(f"Unknown Complex ScalarType for {dtypes.FROM_NUMPY[a.dtype].scalar_type}")
    if a.dtype == np.float16:
        warn_once("ComplexHalf support is experimental and many operators don't support it yet.")
    check_kernel(a, "linalg_eig_out_cpu")
    values, vectors, info = lapack.eig(a)
    check_info(info, function, REPEATED, "eigenvalues")
    return values, vectors


derivative("LinalgEigBackward0", of=eig_op, forward=_eig_along, on_tensors=True, A=_eig_back)


@called("linalg.eig", "(Tensor input)")
def eig(input: Any) -> Any:
    """Eigenvalues and eigenvectors, both complex."""
    return Eig(eig_op(input))


@called("linalg.eigvals", "(Tensor input)")
def eigvals(input: Any) -> Any:
    """The eigenvalues alone."""
    if may_be_differentiated(input):
        return eig_op(input)[0]
    return wrap(_eig(input._a, "linalg.eigvals")[0])
