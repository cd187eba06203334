"""Determinants: linalg.det, slogdet, logdet.

What may live here: these, by LU as `solving` has it. Of a singular matrix the determinant has a derivative as well,
which is had from the singular values.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad import modes
from minigrad.ops.arithmetic import times
from minigrad.ops.carriers import is_batched
from minigrad.ops.lu import lu_solve_op
from minigrad.ops.matrix_checks import called, check_floating, check_kernel, check_square
from minigrad.ops.products import matmul
from minigrad.ops.rearranging import diag_embed
from minigrad.ops.reduction import products_of_others
from minigrad.ops.selection import where
from minigrad.ops.singular_values import svd
from minigrad.ops.solving import factored, solve
from minigrad.registry import derivative, op
from minigrad.return_types import named
from minigrad.tensor import wrap

# mypy: disable-error-code="no-untyped-def, no-untyped-call"
# ruff: noqa: N803 - matrices bear the names that torch gives them


def _parity(pivots: Any, dtype: Any) -> Any:
    """The determinant of the permutation that the pivots say."""
    exchanges = (pivots != np.arange(1, pivots.shape[-1] + 1)).sum(-1)
    return np.where(exchanges % 2 == 1, -1, 1).astype(dtype)


@op("_linalg_det", outs=("result", "LU", "pivots"), promote="keep", numbers=False)
def det_op(A):
    check_square(A, "linalg.det")
    check_floating(A, "linalg.det")
    check_kernel(A, "lu_cpu")
    lu, pivots, _ = factored(A)
    product = np.diagonal(lu, axis1=-2, axis2=-1).prod(-1)
    return [np.asarray(_parity(pivots, A.real.dtype) * product).astype(A.dtype, copy=False), lu, pivots]


def _nonsingular(LU: Any) -> Any:
    """The factors with a tiny number in place of each zero pivot: the determinant is differentiable even there."""
    eps = float(np.finfo(LU._a.real.dtype).eps)
    zero = np.diagonal(LU._a, axis1=-2, axis2=-1) == 0
    return LU + diag_embed(wrap(np.where(zero, eps, 0).astype(LU._a.dtype)))


def _det_back(grad, result, A, LU, pivots):
    if not A._a.size:
        return A.new_zeros(A.shape)
    if A.shape[-1] == 1:
        return grad.unsqueeze(-1).unsqueeze(-1).expand(A.shape)
    diagonal = grad * result.conj() if result.is_complex() else grad * result
    d = diag_embed(diagonal.unsqueeze(-1).expand(pivots.shape)).mT
    if not modes.state.grad:
        adjoint = not (A.is_contiguous() and not A.is_complex())
        return lu_solve_op(_nonsingular(LU), pivots, d, True, adjoint)
    if is_batched(grad):
        return _singular(A, d, grad)
    eps = float(np.finfo(A._a.real.dtype).eps)
    there = result.abs() < 100.0 * eps  # by steps that pack their operands, as in torch (its masked_fmap)
    taken = A[there]
    if taken._a.size == A._a.size:
        return _singular(A, d, grad)
    if not taken._a.size:
        return solve(A.mH, d)
    others = wrap(~there._a)
    out = wrap(np.zeros_like(A._a)).index_put((there,), _singular(taken, d[there], grad[there]))
    return out.index_put((others,), solve(A[others].mH, d[others]))


def _singular(A: Any, d: Any, grad: Any) -> Any:
    """grad times the adjugate, by way of the singular values."""
    u, s, vh = svd(A)
    alpha = (det(u) * det(vh)).conj() * grad if A.is_complex() else (det(u) * det(vh)) * grad
    gamma = products_of_others(alpha.unsqueeze(-1), s, s._a.ndim - 1)
    return matmul(u * gamma.unsqueeze(-2), vh)


def _det_along(A_t, result, A, LU, pivots):
    along = lu_solve_op(_nonsingular(LU), pivots, A_t, True, A.is_contiguous() and not A.is_complex())
    return along.diagonal(0, -2, -1).sum(-1) * result


derivative("LinalgDetBackward0", of=det_op, forward=_det_along, on_tensors=True, A=_det_back)


@called("linalg.det", "(Tensor A)")
def det(A: Any) -> Any:
    """The determinant."""
    return det_op(A)[0]


called("det", "(Tensor input)", method=True)(det)


@op(
    "_linalg_slogdet", several=True, named=("sign", "logabsdet", "LU", "pivots"), constant=2, promote="keep",
    numbers=False,
)  # fmt: skip
def slogdet_op(A):
    check_square(A, "linalg.slogdet")
    check_floating(A, "linalg.slogdet", halves=False)
    return _slogdet(A)


def _slogdet(a: Any) -> list[Any]:
    lu, pivots, _ = factored(a)
    diagonal = np.diagonal(lu, axis1=-2, axis2=-1)
    with np.errstate(all="ignore"):
        signs = (diagonal > 0).astype(a.dtype) - (diagonal < 0) if a.dtype.kind == "f" else _phases(diagonal)
        sign = _parity(pivots, a.real.dtype) * signs.prod(-1)
        size = np.log(np.abs(diagonal)).sum(-1)
    return [np.asarray(sign).astype(a.dtype, copy=False), np.asarray(size), lu, pivots]


def _phases(z: Any) -> Any:
    size = np.abs(z)
    return np.where(size == 0, 0, z / np.where(size == 0, 1, size))


def _slogdet_back(grads, A, sign, LU, pivots):
    of_sign, of_size = grads
    if of_size is None and (of_sign is None or not A.is_complex()):
        return None
    g = of_size
    if A.is_complex() and of_sign is not None:
        turned = (of_sign.conj() * sign).imag
        g = times(turned, -1j) if of_size is None else of_size - times(turned, 1j)
    d = diag_embed(g.unsqueeze(-1).expand(pivots.shape)).mT
    d = d if d._a.dtype == A._a.dtype else d.to(A.dtype)
    if modes.state.grad:
        return solve(A.mH, d)
    return lu_solve_op(LU, pivots, d, True, not (A.is_contiguous() and not A.is_complex()))


def _slogdet_along(A_t, A, sign, LU, pivots):
    factors = LU.detach()  # a result without gradient, of which torch takes none here
    along = lu_solve_op(factors, pivots, A_t, True, A.is_contiguous() and not A.is_complex())
    trace = along.diagonal(0, -2, -1).sum(-1)
    if not A.is_complex():
        return [wrap(np.zeros_like(trace._a)), trace, None, None]
    return [(trace - trace.real) * sign, trace.real, None, None]


derivative("LinalgSlogdetBackward0", of=slogdet_op, forward=_slogdet_along, on_tensors=True, A=_slogdet_back)

Slogdet, OldSlogdet = (named(name, ("sign", "logabsdet")) for name in ("linalg_slogdet", "slogdet"))


@called("linalg.slogdet", "(Tensor A)")
def slogdet(A: Any) -> Any:
    """The sign (phase) of the determinant and the logarithm of its absolute value."""
    return Slogdet(slogdet_op(A)[:2])


@called("slogdet", "(Tensor input)", method=True)
def _old_slogdet(input: Any) -> Any:
    """The same under its older name."""
    return OldSlogdet(slogdet_op(input)[:2])


@called("logdet", "(Tensor input)", method=True)
def logdet(input: Any) -> Any:
    """The logarithm of the determinant, NaN where a real one is negative."""
    check_square(input._a, "logdet")
    check_floating(input._a, "logdet", halves=False)
    sign, size = slogdet_op(input)[:2]
    if input.is_complex():
        return sign.log() + size
    return where(sign == -1.0, float("nan"), size)
