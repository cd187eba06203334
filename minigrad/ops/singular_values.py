"""Singular values and what rests on them: linalg.svd, svdvals, pinv, and the older svd.

What may live here: these and their derivatives. Of singular vectors the gauge is free, as `eigenvalues` has it in
Note [Gauge].
"""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad import dtypes, errors, lapack, modes
from minigrad.ops.arithmetic import right_first
from minigrad.ops.carriers import fresh_zeros
from minigrad.ops.eigenvalues import eigh_op, may_be_differentiated, with_diagonal
from minigrad.ops.joining import cat
from minigrad.ops.matrix_checks import REPEATED, called, check_floating, check_info, check_kernel, check_matrix
from minigrad.ops.products import matmul
from minigrad.ops.rearranging import diag_embed
from minigrad.registry import derivative, op
from minigrad.return_types import named
from minigrad.tensor import InferenceLeaf, Tensor, wrap

# mypy: disable-error-code="no-untyped-def, no-untyped-call"
# ruff: noqa: N803, N806 - matrices bear the names that torch gives them


def _svd(a: Any, full: bool, vectors: bool) -> list[Any]:
    check_matrix(a, "linalg.svd")
    check_floating(a, "linalg.svd")
    check_kernel(a, "linalg_svd_cpu")
    u, s, vh, info = lapack.svd(a, full, vectors)
    check_info(info, "linalg.svd", REPEATED, "singular values")
    return [u, s, vh]


@op("_linalg_svd", several=True, named=("U", "S", "Vh"), promote="keep", numbers=False)
def svd_op(A, full_matrices: bool):
    return _svd(A, full_matrices, True)


def _skew(x: Any) -> Any:
    return x - x.mH


def _svd_back(of_u: Any, of_s: Any, of_vh: Any, U: Any, S: Any, Vh: Any) -> Any:
    """torch's svd_backward, for distinct singular values."""
    if of_u is None and of_s is None and of_vh is None:
        return None
    m, n, k = U.shape[-2], Vh.shape[-1], S.shape[-1]
    if of_u is None and of_vh is None:
        if m >= n:
            return matmul(U, of_s.unsqueeze(-1) * Vh)
        return matmul(U * of_s.unsqueeze(-2), Vh)
    left = None if of_u is None else _skew(matmul(U.mH, of_u))
    right = None if of_vh is None else _skew(matmul(Vh, of_vh.mH))
    if U.is_complex():
        _check_phases(left, right)
    inner = _inner(left, right, S)
    if of_s is not None:
        inner = inner + diag_embed(of_s)
    if U.is_complex() and left is not None and right is not None:
        inner = inner + diag_embed(left.diagonal(0, -2, -1) / (S * 2.0))
    return _outer(inner, of_u, of_vh, U, S, Vh, m, n, k)


def _gaps(S: Any) -> Any:
    """Differences of the squares of singular values, 1 on the diagonal."""
    squares = S * S
    subtracted = squares.unsqueeze(-1)  # C++ makes the second operand first
    gaps = squares.unsqueeze(-2) - subtracted
    gaps.diagonal(0, -2, -1).fill_(1.0)
    return gaps


def _inner(left: Any, right: Any, S: Any) -> Any:
    """The gradient of A between the singular vectors, but for its diagonal."""
    gaps = _gaps(S)
    if left is None:
        return S.unsqueeze(-1) * (right / gaps)
    if right is None:
        return (left / gaps) * S.unsqueeze(-2)
    second = right_first(right, lambda: S.unsqueeze(-1))
    return (left * S.unsqueeze(-2) + second) / gaps


def _outer(
    inner: Any, of_u: Any, of_vh: Any, U: Any, S: Any, Vh: Any, m: int, n: int, k: int
) -> Any:
    """The gradient of A, with what lies outside of the span of U or of V."""
    if m > k and of_u is not None:
        out = matmul(U, inner)
        scaled = of_u / S.unsqueeze(-2)
        outside = matmul(U, matmul(U.mH, scaled))
        return matmul(out + scaled - outside, Vh)
    if n > k and of_vh is not None:
        out = matmul(inner, Vh)
        scaled = of_vh / S.unsqueeze(-1)
        outside = matmul(matmul(scaled, Vh.mH), Vh)
        return matmul(U, out + scaled - outside)
    return matmul(U, matmul(inner, Vh)) if m >= n else matmul(matmul(U, inner), Vh)


def _check_phases(left: Any, right: Any) -> None:
    """Raises where a function depends on the common phase of a pair of singular vectors."""
    parts = [np.diagonal(x._a, axis1=-2, axis2=-1).imag for x in (left, right) if x is not None]
    total = sum(parts)
    if not np.allclose(total, 0, rtol=1e-2, atol=1e-2):
        raise RuntimeError(
            "svd_backward: The singular vectors in the complex case are specified up to multiplication by e^{i phi}. "
            "The specified loss function depends on this phase term, making it ill-defined."
        )


def _matrix_back(grads, A_shape, U, S, Vh, full_matrices):
    of_u, of_s, of_vh = grads
    if full_matrices:
        k = min(A_shape[-2:])
        of_u = None if of_u is None else of_u.narrow(-1, 0, k)
        of_vh = None if of_vh is None else of_vh.narrow(-2, 0, k)
        U, Vh = U.narrow(-1, 0, k), Vh.narrow(-2, 0, k)
    return _svd_back(of_u, of_s, of_vh, U, S, Vh)


def _svd_along(A_t, U, S, Vh, full_matrices):
    """The tangents of all three (torch's linalg_svd_jvp); of the rest of full matrices they are zero."""
    k = S.shape[-1]
    if full_matrices:
        U, Vh = U.narrow(-1, 0, k), Vh.narrow(-2, 0, k)
    m, n = A_t.shape[-2:]
    X = matmul(matmul(U.mH, A_t), Vh.mH)
    diagonal = X.diagonal(0, -2, -1)
    of_s = diagonal.real if X.is_complex() else diagonal
    X = X - diag_embed(of_s)
    gaps = _gaps(S)
    left, right = _symmetric(X * S.unsqueeze(-2)) / gaps, _symmetric(X * (-S).unsqueeze(-1)) / gaps
    if X.is_complex():
        phase = (diagonal - of_s) / (S * 2.0)
        left, right = with_diagonal(left, phase), with_diagonal(right, phase)
    of_u, of_vh = matmul(U, left), matmul(right, Vh)
    if m > k:
        scaled = matmul(A_t, Vh.mH) / S.unsqueeze(-2)
        of_u = of_u + scaled - matmul(U, matmul(U.mH, scaled))
    if n > k:
        scaled = matmul(U.mH, A_t) / S.unsqueeze(-1)
        of_vh = of_vh + scaled - matmul(matmul(scaled, Vh.mH), Vh)
    if full_matrices and m > k:
        of_u = cat([of_u, of_u.new_zeros((*of_u.shape[:-1], m - k))], -1)
    if full_matrices and n > k:
        of_vh = cat([of_vh, of_vh.new_zeros((*of_vh.shape[:-2], n - k, n))], -2)
    return [of_u, of_s, of_vh]


def _symmetric(x: Any) -> Any:
    return x + x.mH


derivative(
    "LinalgSvdBackward0",
    of=svd_op,
    forward=_svd_along,
    on_tensors=True,
    shows={"A_shape": {"S_sym_argsize_minus_1": lambda shape: min(shape[-2:])}},
    A=_matrix_back,
)

Svd, OldSvd = named("linalg_svd", ("U", "S", "Vh")), named("svd", ("U", "S", "V"))


def _check_driver(driver: Any) -> None:
    if driver is not None:
        raise RuntimeError(
            "torch.linalg.svd: keyword argument `driver=` is only supported on CUDA inputs with cuSOLVER backend."
        )


@called("linalg.svd", "(Tensor A, bool full_matrices = True, *, str driver = None)")
def svd(A: Any, full_matrices: bool = True, driver: Any = None) -> Any:
    """U, S and V^H of A = U S V^H."""
    _check_driver(driver)
    return Svd(svd_op(A, full_matrices))


@called("linalg.svdvals", "(Tensor A, *, str driver = None)")
def svdvals(A: Any, driver: Any = None) -> Any:
    """The singular values alone, in descending order."""
    _check_driver(driver)
    if may_be_differentiated(A):
        return svd_op(A, False)[1]
    return wrap(_svd(A._a, False, False)[1])


@called("svd", "(Tensor input, bool some = True, bool compute_uv = True)", method=True)
def _old_svd(input: Any, some: bool = True, compute_uv: bool = True) -> Any:
    """`torch.svd`: U, S and V, without vectors zeros in their place."""
    if input._a.ndim < 2:
        raise RuntimeError(
            f"linalg.svd: input should have at least 2 dimensions, but has {input._a.ndim} dimensions instead"
        )
    if compute_uv:
        u, s, vh = svd_op(input, not some)
        return OldSvd((u, s, vh.mH))
    m, n = input._a.shape[-2:]
    left, right = (fresh_zeros((*input._a.shape[:-2], size, size), input._a.dtype) for size in (m, n))
    return OldSvd((left, svdvals(input), right.mH))


# -- pinv -----------------------------------------------------------------------------------------------


@op("_linalg_pinv", promote="keep", numbers=False)
def pinv_op(self, atol: Any, rtol: Any, hermitian: bool):
    if not self.size:
        return np.zeros((*self.shape[:-2], self.shape[-1], self.shape[-2]), self.dtype)
    if hermitian:
        values, vectors = eigh_op(self, False)
        size = np.abs(values)
        cut = np.maximum(atol, rtol * size.max(-1, initial=0))
        inverse = np.where(size > cut[..., None], 1 / np.where(size == 0, 1, values), 0).astype(values.dtype)
        return np.matmul(vectors * inverse[..., None, :], vectors.conj().swapaxes(-1, -2))
    u, s, vh = _svd(self, False, True)
    cut = np.maximum(atol, rtol * s[..., 0])[..., None]
    inverse = np.where(s > cut, 1 / np.where(s == 0, 1, s), 0).astype(s.dtype)
    return np.matmul(vh.conj().swapaxes(-1, -2) * inverse[..., None, :], u.conj().swapaxes(-1, -2))


def _pinv_back(grad, result, self):
    """torch's pinv_backward, by way of the smaller products."""
    A = self
    m, n = A.shape[-2:]
    P, Ph, gh = result, result.mH, grad.mH
    if m <= n:
        K = matmul(gh, P)
        KPh = matmul(K, Ph)
        # operands on the right come first, as in torch (arithmetic.right_first)
        third = matmul(matmul(Ph, P), gh - matmul(K, A))
        second = matmul(matmul(A, P), KPh)
        return -matmul(P, K).mH + KPh - second + third
    K = matmul(P, gh)
    PhK = matmul(Ph, K)
    third = matmul(matmul(PhK, P), A)
    first = matmul(matmul(gh - matmul(A, K), P), Ph)
    return -matmul(K, P).mH + first + PhK - third


def _pinv_along(self_t, result, self):
    A, A_t = self, self_t
    m, n = A.shape[-2:]
    P, Ph, Ah = result, result.mH, A_t.mH
    if m <= n:
        K = matmul(A_t, P)
        Kh = K.mH
        return matmul(P, Kh - K - matmul(Kh, matmul(A, P))) + matmul(Ah - matmul(P, matmul(A, Ah)), matmul(Ph, P))
    K = matmul(P, A_t)
    Kh = K.mH
    return matmul(Kh - K - matmul(matmul(P, A), Kh), P) + matmul(matmul(P, Ph), Ah - matmul(matmul(Ah, A), P))


derivative("LinalgPinvBackward0", of=pinv_op, forward=_pinv_along, on_tensors=True, self=_pinv_back)


def _cuts(a: Any, atol: Any, rtol: Any) -> tuple[Any, Any]:
    """Absolute and relative tolerance as arrays; the relative one is the precision unless any is given."""
    real = a.real.dtype
    if rtol is None:
        given = atol is not None and np.any(np.asarray(getattr(atol, "_a", atol)) > 0)
        rtol = 0.0 if given else float(np.finfo(real).eps) * max(a.shape[-2:])
    parts = (np.asarray(getattr(x, "_a", x), real) for x in (0.0 if atol is None else atol, rtol))
    first, second = parts
    return first, second


def _pinv(A: Any, atol: Any, rtol: Any, hermitian: bool) -> Any:
    a = A._a
    if a.ndim < 2 or a.dtype.char not in "fdFD":
        kind = dtypes.FROM_NUMPY[a.dtype].scalar_type
        sizes = ", ".join(map(str, a.shape))
        raise RuntimeError(
            f"linalg.pinv({kind}{{[{sizes}]}}): expected a tensor with 2 or more dimensions of float, double, cfloat "
            "or cdouble types"
        )
    alike = all(x is None or (isinstance(x, Tensor) and x.is_inference()) for x in (atol, rtol))
    if not alike and isinstance(A, InferenceLeaf) and modes.state.grad and not modes.state.inference:
        raise errors.inference_saved()  # numbers become tensors that autograd sees
    return pinv_op(A, *_cuts(a, atol, rtol), hermitian)


@called(
    "linalg.pinv",
    "(Tensor input, *, Tensor atol = None, Tensor rtol = None, bool hermitian = False)",
    "(Tensor input, *, float atol = None, float rtol = None, bool hermitian = False)",
    "(Tensor input, Tensor rcond, bool hermitian = False)",
    "(Tensor input, float rcond, bool hermitian = False)",
)
def pinv(
    input: Any, rcond: Any = None, atol: Any = None, rtol: Any = None, hermitian: bool = False
) -> Any:
    """The Moore-Penrose inverse; singular values below the tolerance count as zero."""
    if rcond is not None:
        atol, rtol = 0.0, rcond
    return _pinv(input, atol, rtol, hermitian)


@called("pinverse", "(Tensor input, float rcond = 1e-15)", method=True)
def pinverse(input: Any, rcond: float = 1e-15) -> Any:
    """The same with a relative tolerance."""
    return _pinv(input, 0.0, rcond, False)
