"""Orthogonal factors: linalg.qr, qr.

What may live here: these and their derivatives.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad import lapack
from minigrad.ops.arithmetic import times
from minigrad.ops.joining import cat
from minigrad.ops.matrix_checks import called, check_floating, check_kernel, check_matrix
from minigrad.ops.products import matmul
from minigrad.ops.triangular import solve_triangular
from minigrad.registry import derivative, inplace_of, op
from minigrad.return_types import named
from minigrad.warn import warn_once

# mypy: disable-error-code="no-untyped-def, no-untyped-call"
# ruff: noqa: N803 - matrices bear the names that torch gives them


times_ = inplace_of(times)


@op("_linalg_qr", several=True, named=("Q", "R"), promote="keep", numbers=False)
def qr_op(A, mode: str):
    check_matrix(A, "linalg.qr")
    check_floating(A, "linalg.qr")
    if mode not in ("reduced", "complete", "r"):
        raise RuntimeError(
            f"qr received unrecognized mode '{mode}' but expected one of 'reduced' (default), 'r', or 'complete'"
        )
    check_kernel(A, "geqrf_cpu")
    m, n = A.shape[-2:]
    kept = m if mode == "complete" else min(m, n)
    factored, tau = lapack.householder(A)
    r = lapack.in_columns(np.triu(factored[..., :kept, :]))
    if mode == "r":
        return [np.zeros(0, A.dtype), r]
    return [lapack.reflected(factored, tau, kept), r]


def _check_differentiable(Q: Any, R: Any, mode: str) -> None:
    if mode == "r":
        raise RuntimeError(
            "The derivative of linalg.qr depends on Q, which is not computed when mode='r'. Please use linalg.qr(A, "
            "mode='reduced') if you are going to differentiate through linalg.qr."
        )
    if mode == "complete" and Q.shape[-2] > R.shape[-1]:
        raise RuntimeError(
            "The QR decomposition is not differentiable when mode='complete' and nrows > ncols."
        )


def _doubled(x: Any) -> Any:
    """x + x^H, its diagonal once and real."""
    out = x + x.mH
    times_(_real_diagonal(out), 0.5)
    return out


def _real_diagonal(x: Any) -> Any:
    diagonal = x.diagonal(0, -2, -1)
    return diagonal.real if x.is_complex() else diagonal


def _qr_back(grads, Q, R, mode):
    """torch's linalg_qr_backward."""
    of_q, of_r = grads
    _check_differentiable(Q, R, mode)
    if of_q is None and of_r is None:
        return None
    m, n = Q.shape[-2], R.shape[-1]
    if of_r is None:
        inner = -matmul(Q.mH, of_q)
    elif of_q is None:
        inner = matmul(of_r, R.mH)
    else:
        subtracted = matmul(Q.mH, of_q)  # first, as the operand on the right in torch
        inner = matmul(of_r, R.mH) - subtracted
    if m >= n:
        out = matmul(Q, _doubled(inner.triu()))
        out = out if of_q is None else out + of_q
        return solve_triangular(R.mH, out, upper=False, left=False)
    inner = -inner
    skew = (inner - inner.mH).tril()
    if skew.is_complex():
        times_(skew.diagonal(0, -2, -1).imag, 0.5)
    out = matmul(Q, skew)
    out = solve_triangular(R.narrow(-1, 0, m).mH, out, upper=False, left=False)
    out = cat([out, out.new_zeros((*out.shape[:-1], n - m))], -1)
    return out if of_r is None else out + matmul(Q, of_r)


def _qr_along(A_t, Q, R, mode):
    """torch's linalg_qr_jvp."""
    _check_differentiable(Q, R, mode)
    m, n = Q.shape[-2], R.shape[-1]
    if m >= n:
        turned = solve_triangular(R, A_t, upper=True, left=False)
        of_r = _doubled(matmul(Q.mH, turned)).triu()
        return [turned - matmul(Q, of_r), matmul(of_r, R)]
    turned = matmul(Q.mH, A_t)
    square = solve_triangular(R.narrow(-1, 0, m), turned.narrow(-1, 0, m), upper=True, left=False)
    low = square.tril(-1)
    if square.is_complex():
        low = low + (square - square.real).tril().triu()
    of_q = low - square.tril(-1).mH
    return [matmul(Q, of_q), turned - matmul(of_q, R)]


derivative("LinalgQrBackward0", of=qr_op, forward=_qr_along, on_tensors=True, A=_qr_back)

Qr, OldQr = named("linalg_qr", ("Q", "R")), named("qr", ("Q", "R"))


@called("linalg.qr", '(Tensor A, str mode = "reduced")')
def qr(A: Any, mode: str = "reduced") -> Any:
    """Q and R of A = Q R."""
    return Qr(qr_op(A, mode))


@called("qr", "(Tensor input, bool some = True)", method=True)
def _old_qr(input: Any, some: bool = True) -> Any:
    """`torch.qr`, which warns of its age."""
    warn_once(
        "torch.qr is deprecated in favor of torch.linalg.qr and will be removed in a future PyTorch release.\nThe "
        "boolean parameter 'some' has been replaced with a string parameter 'mode'.\nQ, R = torch.qr(A, some)\nshould "
        "be replaced with\nQ, R = torch.linalg.qr(A, 'reduced' if some else 'complete')"
    )
    return OldQr(qr_op(input, "reduced" if some else "complete"))
