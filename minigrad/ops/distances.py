"""Distances between the rows of two matrices: cdist.

What may live here: the two ways torch computes them, and their gradients. Distances of single vectors are in `norms`.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from minigrad import errors
from minigrad.dtypes import C_NAMES
from minigrad.ops import elementary
from minigrad.ops.carriers import zeros_like
from minigrad.ops.matrix_checks import check_kernel
from minigrad.ops.products import batch_product, matmul, matrix_product
from minigrad.ops.reduction import sum_dims
from minigrad.promotion import broadcast_shape
from minigrad.refusals import handed
from minigrad.registry import composite, derivative, op
from minigrad.summing import total

# mypy: disable-error-code="no-untyped-def, no-untyped-call"

FEW = 25
"""Up to so many rows on either side torch subtracts; of more it multiplies matrices."""


# -- by differences -------------------------------------------------------------------------------------


@op("__cdist_forward", promote="keep", numbers=False)
def differences_op(x1, x2, p: float):
    if x1.dtype != x2.dtype:
        wanted, found = (errors.TYPE_NAMES[x.dtype.name] for x in (x1, x2))
        raise RuntimeError(f"expected scalar type {wanted} but found {found}")
    check_kernel(x1, "cdist")
    lead = broadcast_shape([x1.shape[:-2], x2.shape[:-2]])
    if not x1.shape[-1]:
        return np.zeros((*lead, x1.shape[-2], x2.shape[-2]), x1.dtype)
    return lengths(np.abs(np.ascontiguousarray(x1)[..., :, None, :] - np.ascontiguousarray(x2)[..., None, :, :]), p)


def lengths(apart: Any, p: float, largest: Any = np.fmax) -> Any:
    """The p-norms of absolute differences along the last dimension; `largest` says what becomes of NaN for p = inf."""
    if p == 0:
        return np.minimum(np.ceil(apart), 1).sum(-1)
    if p == 1:
        return apart.sum(-1)
    if p == 2:
        return np.sqrt((apart * apart).sum(-1))
    if math.isinf(p):
        return largest.reduce(apart, -1, initial=0)
    return elementary.power(elementary.power(apart, apart.dtype.type(p)).sum(-1), apart.dtype.type(1 / p))


@op("__cdist_backward", promote="keep", numbers=False)
def differences_back(grad, x1, x2, p: float, cdist):
    """The gradient of x1; zero at distance 0."""
    lead = cdist.shape[:-2]
    if 0 in (*lead, *x1.shape[-2:], x2.shape[-2]):
        return zeros_like(x1)
    if p == 0:
        return np.zeros((*lead, *x1.shape[-2:]), x1.dtype)
    apart = x1[..., :, None, :] - x2[..., None, :, :]
    return np.ascontiguousarray(slopes(apart, grad[..., None], cdist[..., None], p).sum(-2), x1.dtype)


def slopes(apart: Any, given: Any, far: Any, p: float) -> Any:
    """What differences get of the gradient of their p-norm `far`; zero at distance 0."""
    with np.errstate(all="ignore"):
        if p == 1:
            return np.sign(apart) * given
        if p == 2:
            return np.where(far == 0, 0, given * apart / far)
        if math.isinf(p):
            return given * np.sign(apart) * (1 - np.minimum(1, np.ceil(np.abs(np.abs(apart) - far))))
        if p < 2:
            sizes = np.sign(apart) * elementary.power(np.abs(apart), p - 1) * given / elementary.power(far, p - 1)
            return np.where((far == 0) | ((apart == 0) & (p < 1)), 0, sizes)
        sizes = apart * elementary.power(np.abs(apart), p - 2) * given / elementary.power(far, p - 1)
        return np.where(far == 0, 0, sizes)


def _refused(grad: Any) -> Any:
    raise errors.no_derivative("_cdist_backward")


derivative(
    "CdistBackwardBackward0",
    of=differences_back,
    forward=None,
    grad=lambda grad: _refused(grad),
    x1=lambda grad: _refused(grad),
    x2=lambda grad: _refused(grad),
    cdist=lambda grad: _refused(grad),
)


def _turned(x: Any) -> Any:
    return x.mT.contiguous()


def _second_back(grad, x1, x2, p, result):
    far = _turned(result)  # first, as the last argument in torch
    return differences_back(_turned(grad), x2, x1, p, far)


derivative(
    "CdistBackward0",
    of=differences_op,
    forward=None,
    on_tensors=True,
    x1=lambda grad, x1, x2, p, result: differences_back(grad.contiguous(), x1, x2, p, result),
    x2=_second_back,
)


# -- by products ----------------------------------------------------------------------------------------


@op("__euclidean_dist", promote="keep", numbers=False)
def euclidean_op(x1, x2):
    if x1.dtype != x2.dtype:
        names = (C_NAMES[x.dtype.name] for x in (x1, x2))
        raise RuntimeError("expected m1 and m2 to have the same dtype, but got: {} != {}".format(*names))
    squares = [total(np.square(x), (x.ndim - 1,), True, x.dtype) for x in (x1, x2)]
    ones = [np.ones_like(s) for s in squares]
    left = np.concatenate([x1 * -2, squares[0], ones[0]], -1)
    right = np.concatenate([x2, ones[1], squares[1]], -1)
    product: Any = {(2, 2): matrix_product, (3, 3): batch_product}.get((x1.ndim, x2.ndim), np.matmul)
    return np.sqrt(np.maximum(product(left, right.swapaxes(-1, -2)), 0))


def _euclidean_back(grad, x1, x2, result, wanted):
    ratio = (grad / result).masked_fill_(result == 0, 0)
    first = x1 * sum_dims(ratio, (-1,), True) - matmul(ratio, x2)
    second = x2 * sum_dims(ratio, (-2,), False).unsqueeze(-1) - matmul(ratio.mT, x1)
    return first if wanted[0] else None, second if wanted[1] else None


derivative(
    "EuclideanDistBackward0",
    of=euclidean_op,
    forward=None,
    on_tensors=True,
    joint=(("x1", "x2"), _euclidean_back),
)


def _euclidean(x1: Any, x2: Any) -> Any:
    one, two = x1._a.shape, x2._a.shape
    lead = broadcast_shape([one[:-2], two[:-2]])
    shape = (*lead, one[-2], two[-2])
    count = math.prod(lead)
    if not count or 0 in (one[-2], two[-2], one[-1]):
        return differences_op(x1, x2, 2.0)
    if count > 1:
        x1, x2 = (_flat(x.expand((*lead, *x._a.shape[-2:])), count) for x in (x1, x2))
    return euclidean_op(x1, x2).view(shape)


def _flat(x: Any, count: int) -> Any:
    """One batch dimension for all, contiguous."""
    return x.contiguous().view((count, *x._a.shape[-2:]))


_MODES = {
    "use_mm_for_euclid_dist_if_necessary": 0,
    "use_mm_for_euclid_dist": 1,
    "donot_use_mm_for_euclid_dist": 2,
}


@composite("cdist", method=False)
def cdist(x1: Any, x2: Any, p: Any = 2.0, compute_mode: str = "use_mm_for_euclid_dist_if_necessary") -> Any:
    """The p-norms of all differences of a row of x1 and a row of x2."""
    if compute_mode not in _MODES:
        raise ValueError(f"{compute_mode} is not a valid value for compute_mode")
    handed("cdist", x1, x2, p)
    for name, x in (("X1", x1), ("X2", x2)):
        if x._a.ndim < 2:
            raise RuntimeError(f"cdist only supports at least 2D tensors, {name} got: {x._a.ndim}D")
    if x1._a.shape[-1] != x2._a.shape[-1]:
        raise RuntimeError(
            f"X1 and X2 must have the same number of columns. X1: {x1._a.shape[-1]} X2: {x2._a.shape[-1]}"
        )
    for name, x in (("X1", x1), ("X2", x2)):
        if x._a.dtype.kind != "f":
            raise RuntimeError(
                f"cdist only supports floating-point dtypes, {name} got: {errors.TYPE_NAMES[x._a.dtype.name]}"
            )
    if p < 0:
        raise RuntimeError("cdist only supports non-negative p values")
    mode = _MODES[compute_mode]
    many = max(x1._a.shape[-2], x2._a.shape[-2]) > FEW
    if p == 2 and (mode == 1 or (mode == 0 and many)):
        return _euclidean(x1, x2)
    return differences_op(x1, x2, float(p))


