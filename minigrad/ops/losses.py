"""Losses and the linear layer of nn.functional.

What may live here: mse_loss, l1_loss, linear, normalize.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from minigrad.ops.added_products import addmm
from minigrad.ops.arithmetic import filled_like, over, times
from minigrad.ops.carriers import array_of, in_float32, supports
from minigrad.ops.expanding import broadcast_tensors, expand_op
from minigrad.ops.products import matmul
from minigrad.ops.reduction import contiguous
from minigrad.ops.reshaping import view_op
from minigrad.ops.transposing import t
from minigrad.registry import composite, derivative, op

# mypy: disable-error-code="no-untyped-def, no-untyped-call"

NONE, MEAN, SUM = range(3)


def _functional(name: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    return composite("nn.functional." + name, method=False)


def _reduction(name: str) -> int:
    """torch's number of a reduction. ValueError for a name that is none."""
    if name not in ("none", "mean", "sum"):
        raise ValueError(f"{name} is not a valid value for reduction")
    return ("none", "mean", "sum").index(name)


def _together(input: Any, target: Any) -> tuple[Any, Any]:
    """Both expanded to the shape they have in common, with torch's warning where that is not theirs."""
    if target._a.shape != input._a.shape:
        warnings.warn(
            f"Using a target size ({target.shape}) that is different to the input size ({input.shape}). "
            "This will likely lead to incorrect results due to broadcasting. Please ensure they have the same size.",
            stacklevel=3,
        )
    return broadcast_tensors(input, target)  # type: ignore[no-any-return]


def _reduced(x: Any, reduction: int) -> Any:
    return x if reduction == NONE else x.mean() if reduction == MEAN else x.sum()


# -- mse ------------------------------------------------------------------------------------------------


@op("_mse_loss", numbers=False)
@supports("f", "mse_cpu")
@in_float32
def mse_op(self, target, reduction: Any):
    squares = np.square(self - target)
    if reduction == NONE:
        return squares
    total = squares.sum(dtype=squares.dtype)
    return np.asarray(total if reduction == SUM else total / squares.dtype.type(squares.size))


@op("_mse_loss_backward", promote="keep", numbers=False)
@in_float32
def mse_backward(grad_output, self, target, reduction: Any):
    norm = 2.0 / self.size if reduction == MEAN and self.size else 2.0
    return contiguous(np.asarray((self - target) * self.dtype.type(norm) * grad_output))


def _mse_backward_grad(grad, grad_output, self, target, reduction):
    if reduction == NONE:
        return mse_backward(grad, self, target, reduction)
    slope = mse_backward(filled_like(grad_output, 1), self, target, reduction)
    return (slope * grad).sum()


def _mse_twice(grad, x, reduction):
    doubled = times(grad, 2)
    return over(doubled, array_of(x).size) if reduction == MEAN else doubled


derivative(
    "MseLossBackward0",
    of=mse_op,
    forward=lambda self_t, target_t, self, target, reduction: _reduced(
        (self - target) * (self_t - target_t) * 2, reduction
    ),
    self=lambda grad, self, target, reduction: mse_backward(grad, self, target, reduction),
    target=lambda grad, self, target, reduction: mse_backward(grad, target, self, reduction),
)
derivative(
    "MseLossBackwardBackward0",
    of=mse_backward,
    grad_output=_mse_backward_grad,
    self=lambda grad, grad_output, self, reduction: _mse_twice(grad * grad_output, self, reduction),
    target=lambda grad, grad_output, target, reduction: -_mse_twice(grad * grad_output, target, reduction),
)


@_functional("mse_loss")
def mse_loss(input: Any, target: Any, *, reduction: str = "mean"):
    """The mean of squared differences; their sum or themselves by `reduction`."""
    return mse_op(*_together(input, target), _reduction(reduction))


@_functional("l1_loss")
def l1_loss(input: Any, target: Any, *, reduction: str = "mean"):
    """The mean of absolute differences; their sum or themselves by `reduction`."""
    input, target = _together(input, target)
    return _reduced((input - target).abs(), _reduction(reduction))


# -- layers ---------------------------------------------------------------------------------------------


@_functional("linear")
def linear(input: Any, weight: Any, bias: Any = None):
    """`input @ weight.T + bias`."""
    dims = (input._a.ndim, weight._a.ndim)
    if 0 in dims:
        raise RuntimeError(f"both arguments to linear need to be at least 1D, but they are {dims[0]}D and {dims[1]}D")
    if bias is None:
        return matmul(input, t(weight))
    if dims[0] == 2:
        return addmm(bias, input, t(weight))
    a = input._a
    if a.flags.c_contiguous:
        rows = view_op(input, (math.prod(a.shape[:-1]), a.shape[-1]))
        out = addmm(bias, rows, t(weight))
        return view_op(out, (*a.shape[:-1], out._a.shape[1]))
    return matmul(input, t(weight)).add_(bias)


@_functional("normalize")
def normalize(input: Any, p: float = 2.0, dim: Any = 1, eps: float = 1e-12):
    """`input` over its norm along `dim`, which counts as at least `eps`."""
    norm = input.norm(p, dim, keepdim=True).clamp_min(eps)
    return input / expand_op(norm, input._a.shape)
