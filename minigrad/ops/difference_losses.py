"""Losses of the difference of two tensors: mse, l1, smooth_l1, huber; and soft_margin, of their product.

What may live here: these and the ops of their gradients, whose names torch shows in graphs.
"""

from __future__ import annotations

from functools import wraps
from typing import Any

import numpy as np

from minigrad import dtypes, errors
from minigrad.layout import laid_out, lying_as
from minigrad.ops import elementary
from minigrad.ops.arithmetic import filled_like, over, plus, times
from minigrad.ops.carriers import HALF, array_of, in_float32, supports, zeros_like
from minigrad.ops.conversion import cast
from minigrad.ops.exponential import exp
from minigrad.ops.loss_forms import (
    MEAN,
    NONE,
    functional,
    in_place,
    mean_factor,
    reduced,
    reduced_array,
    reduced_in_place,
    reduction_name,
    reduction_number,
    refuse_gradients,
    together,
    warn_of_sizes,
)
from minigrad.ops.reduction import contiguous
from minigrad.refusals import handed
from minigrad.registry import derivative, op
from minigrad.zeros import ZeroTensor

# mypy: disable-error-code="no-untyped-def, no-untyped-call"


def _over_mean(x: Any, like: Any, reduction: int) -> Any:
    return in_place(over, x, array_of(like).size) if reduction == MEAN else x


def _weighted(losses: Any, weight: Any, reduction: str, by_weight: bool) -> Any:
    """Losses times their weights; the mean over the weights, or over the elements."""
    losses = losses * weight
    if reduction == "none":
        return losses
    if reduction == "sum":
        return losses.sum()
    if reduction == "mean":
        return losses.sum() / weight.sum() if by_weight else losses.mean()
    raise ValueError(f"Invalid reduction mode: {reduction}. Expected one of 'none', 'mean', 'sum'.")


def _check_weight(weight: Any, input: Any) -> None:
    if weight.size() != input.size():
        raise ValueError("Weights and input must have the same size.")


def _of_operand(kernel: Any) -> Any:
    """The gradient of a loss for its first operand, which has that one's dtype, whatever is worked out in."""

    @wraps(kernel)
    def narrowed(grad_output: Any, self: Any, target: Any, *args: Any) -> Any:
        wide = np.result_type(grad_output, self, target)
        if wide.itemsize == 2 or HALF not in (grad_output.dtype, self.dtype, target.dtype):
            return in_float32(kernel)(grad_output, self, target, *args)
        made = kernel(*(x.astype(wide, copy=False) for x in (grad_output, self, target)), *args)
        return made.astype(self.dtype, copy=False)

    return narrowed


# -- mse ------------------------------------------------------------------------------------------------


@op("_mse_loss", numbers=False)
@supports("f", "mse_cpu")
def mse_op(self, target, reduction: Any):
    return reduced_in_place(_squares(self, target), reduction)


@in_float32
def _squares(self, target):
    return np.square(self - target)


@op("_mse_loss_backward", promote="keep", numbers=False)
@_of_operand
def mse_backward(grad_output, self, target, reduction: Any):
    norm = 2.0 * mean_factor(self.size, reduction)
    slope = (self - target) * self.dtype.type(norm) * grad_output
    return contiguous(np.asarray(slope)).astype(self.dtype, copy=False)


def _slope_times(backward: Any, grad: Any, grad_output: Any, *args: Any) -> Any:
    """The gradient of a loss's gradient for what arrived: the slope, summed where the loss was."""
    if args[2] == NONE:
        return backward(grad, *args)
    return (backward(filled_like(grad_output, 1), *args) * grad).sum()


def _mse_twice(grad, x, reduction):
    return _over_mean(times(grad, 2), x, reduction)


derivative(
    "MseLossBackward0",
    of=mse_op,
    forward=lambda self_t, target_t, self, target, reduction: reduced(
        mse_backward(self_t, self, target, NONE) + mse_backward(target_t, target, self, NONE), reduction
    ),
    self=lambda grad, self, target, reduction: mse_backward(grad, self, target, reduction),
    target=lambda grad, self, target, reduction: mse_backward(grad, target, self, reduction),
)
derivative(
    "MseLossBackwardBackward0",
    of=mse_backward,
    forward=lambda grad_output_t, self_t, target_t, grad_output, self, target, reduction: (
        _mse_twice(self_t * grad_output, self, reduction)
        - _mse_twice(target_t * grad_output, target, reduction)
        + mse_backward(grad_output_t, self, target, reduction)
    ),
    grad_output=lambda grad, self, target, reduction: mse_backward(grad, self, target, reduction),
    self=lambda grad, grad_output, self, reduction: _mse_twice(grad * grad_output, self, reduction),
    target=lambda grad, grad_output, target, reduction: -_mse_twice(grad * grad_output, target, reduction),
)


@functional("mse_loss")
def mse_loss(input, target, size_average=None, reduce=None, reduction: str = "mean", weight=None):
    """The mean of squared differences; their sum or themselves by `reduction`."""
    warn_of_sizes(input, target)
    reduction = reduction_name(reduction, size_average, reduce)
    input, target = together(input, target)
    if weight is None:
        return mse_op(input, target, reduction_number(reduction))
    _check_weight(weight, input)
    return _weighted((input - target).pow(2), weight, reduction, by_weight=True)


# -- l1 and smooth l1 -----------------------------------------------------------------------------------


def _l1(input: Any, target: Any, reduction: str) -> Any:
    number = reduction_number(reduction)
    return reduced((input - target).abs(), number)


@functional("l1_loss")
def l1_loss(input, target, size_average=None, reduce=None, reduction: str = "mean", weight=None):
    """The mean of absolute differences; their sum or themselves by `reduction`."""
    warn_of_sizes(input, target)
    reduction = reduction_name(reduction, size_average, reduce)
    expanded, target = together(input, target)
    if weight is None:
        return _l1(expanded, target, reduction)
    _check_weight(weight, input)
    return _weighted((expanded - target).abs(), weight, reduction, by_weight=True)


@op("_smooth_l1_loss", numbers=False)
@supports("f", "smooth_l1_cpu")
def smooth_l1_op(self, target, reduction: Any, beta: Any):
    return reduced_in_place(_smooth(self, target, beta), reduction)


@in_float32
def _smooth(self, target, beta):
    number = self.dtype.type
    z = np.abs(self - target)
    near = number(0.5) * z * z / number(beta)
    return np.where(z < beta, near, z - number(0.5 * beta))


@op("_smooth_l1_loss_backward", promote="keep", numbers=False)
@_of_operand
def smooth_l1_backward(grad_output, self, target, reduction: Any, beta: Any):
    number = self.dtype.type
    x, norm = self - target, number(mean_factor(self.size, reduction))
    near = norm * x * grad_output / number(beta)
    far = np.where(x <= -beta, -norm * grad_output, norm * grad_output)
    return contiguous(np.where((x <= -beta) | (x >= beta), far, near)).astype(self.dtype, copy=False)


def _smooth_l1_twice(grad, self, target, reduction, beta):
    if beta == 0:
        return zeros_like(grad)
    inside = (self - target).__abs__() < beta
    found = over(grad * cast(inside, array_of(grad).dtype), beta)
    if type(found) is ZeroTensor and reduction == MEAN:  # which nobody can write to
        return over(found, array_of(self).size)
    return _over_mean(found, self, reduction)


derivative(
    "SmoothL1LossBackward0",
    of=smooth_l1_op,
    forward=lambda self_t, target_t, self, target, reduction, beta: reduced(
        smooth_l1_backward(self_t, self, target, NONE, beta) + smooth_l1_backward(target_t, target, self, NONE, beta),
        reduction,
    ),
    self=lambda grad, self, target, reduction, beta: smooth_l1_backward(grad, self, target, reduction, beta),
    target=lambda grad, self, target, reduction, beta: smooth_l1_backward(grad, target, self, reduction, beta),
)
derivative(
    "SmoothL1LossBackwardBackward0",
    of=smooth_l1_backward,
    forward=lambda grad_output_t, self_t, target_t, grad_output, self, target, reduction, beta: (
        _smooth_l1_twice(self_t * grad_output, self, target, reduction, beta)
        - _smooth_l1_twice(target_t * grad_output, self, target, reduction, beta)
        + smooth_l1_backward(grad_output_t, self, target, reduction, beta)
    ),
    grad_output=lambda grad, self, target, reduction, beta: smooth_l1_backward(grad, self, target, reduction, beta),
    self=lambda grad, grad_output, self, target, reduction, beta: _smooth_l1_twice(
        grad * grad_output, self, target, reduction, beta
    ),
    target=lambda grad, grad_output, self, target, reduction, beta: -_smooth_l1_twice(
        grad * grad_output, self, target, reduction, beta
    ),
)


@functional("smooth_l1_loss")
def smooth_l1_loss(input, target, size_average=None, reduce=None, reduction: str = "mean", beta: float = 1.0):
    """Half the square over `beta` where the difference is below it, its absolute value less half beyond."""
    warn_of_sizes(input, target)
    reduction = reduction_name(reduction, size_average, reduce)
    input, target = together(input, target)
    if beta == 0.0:
        return _l1(input, target, reduction)
    number = reduction_number(reduction)
    handed("smooth_l1_loss", input, target, number, beta)
    if beta < 0:
        raise RuntimeError("smooth_l1_loss does not support negative values for beta.")
    return smooth_l1_op(input, target, number, beta)


# -- huber ----------------------------------------------------------------------------------------------


def _check_huber(self: Any, target: Any) -> None:
    both = dtypes.result_dtype(self, target).numpy
    if "biufc".index(both.kind) > "biufc".index(self.dtype.kind):
        raise errors.cannot_cast_result(both, self.dtype)
    if both.kind != "f":
        raise errors.not_implemented_for("huber_cpu", both)


@op("_huber_loss", promote="keep", numbers=False)
def huber_op(self, target, reduction: Any, delta: Any):
    _check_huber(self, target)
    wide = np.result_type(self, target)
    losses = _huber(self.astype(wide, copy=False), target.astype(wide, copy=False), delta)
    losses = losses.astype(self.dtype, copy=False)
    alike = losses.shape == self.shape  # torch writes into what it makes like the input
    return reduced_array(lying_as(losses, self) if alike else laid_out(losses, (self, target)), reduction)


@in_float32
def _huber(self, target, delta):
    z = np.abs(self - target)
    number = z.dtype.type
    far = number(delta) * (z - number(0.5) * number(delta))
    return np.where(z < number(delta), number(0.5) * z * z, far)


@op("_huber_loss_backward", promote="keep", numbers=False)
def huber_backward(grad_output, self, target, reduction: Any, delta: Any):
    for x in (target, grad_output):
        if x.dtype != self.dtype:
            raise errors.unlike_dtypes(x, self)
    return _huber_slope(grad_output, self, target, reduction, delta)


@in_float32
def _huber_slope(grad_output, self, target, reduction, delta):
    number = self.dtype.type
    x, norm, edge = self - target, number(mean_factor(self.size, reduction)), number(delta)
    far = np.where(x <= -edge, -norm * grad_output * edge, norm * grad_output * edge)
    return contiguous(np.where((x <= -edge) | (x >= edge), far, norm * x * grad_output))


def _huber_twice(grad, self, target, reduction, delta):
    inside = (self - target).__abs__() < delta
    return _over_mean(grad * inside, self, reduction)


derivative(
    "HuberLossBackward0",
    of=huber_op,
    forward=lambda self_t, target_t, self, target, reduction, delta: reduced(
        huber_backward(self_t, self, target, NONE, delta) + huber_backward(target_t, target, self, NONE, delta),
        reduction,
    ),
    self=lambda grad, self, target, reduction, delta: huber_backward(grad, self, target, reduction, delta),
    target=lambda grad, self, target, reduction, delta: huber_backward(grad, target, self, reduction, delta),
)
derivative(
    "HuberLossBackwardBackward0",
    of=huber_backward,
    forward=None,
    grad_output=lambda grad, grad_output, self, target, reduction, delta: _slope_times(
        huber_backward, grad, grad_output, self, target, reduction, delta
    ),
    self=lambda grad, grad_output, self, target, reduction, delta: _huber_twice(
        grad * grad_output, self, target, reduction, delta
    ),
    target=lambda grad, grad_output, self, target, reduction, delta: -_huber_twice(
        grad * grad_output, self, target, reduction, delta
    ),
)


@functional("huber_loss")
def huber_loss(input, target, reduction: str = "mean", delta: float = 1.0, weight=None):
    """Half the square where the difference is below `delta`, linear beyond."""
    warn_of_sizes(input, target)
    expanded, target = together(input, target)
    number = NONE if weight is not None else reduction_number(reduction)
    if weight is not None:
        _check_weight(weight, input)
    handed("huber_loss", expanded, target, number, delta)
    if delta <= 0:
        raise RuntimeError("huber_loss does not support non-positive values for delta.")
    losses = huber_op(expanded, target, number, delta)
    return losses if weight is None else _weighted(losses, weight, reduction, by_weight=False)


# -- soft margin ----------------------------------------------------------------------------------------


@op("_soft_margin_loss", promote="keep", numbers=False)
def soft_margin_op(self, target, reduction: Any):
    if self.dtype.kind not in "fc":
        raise RuntimeError("result type Float can't be cast to the desired output type Long")
    losses = elementary.log1p_in_vectors(elementary.exp(-target * self)).astype(self.dtype, copy=False)
    if losses.shape != self.shape:
        raise errors.output_shape_mismatch(self.shape, losses.shape)
    return reduced_in_place(laid_out(losses, (self, target)), reduction)


@op("_soft_margin_loss_backward", promote="keep", numbers=False)
@in_float32
def soft_margin_backward(grad_output, self, target, reduction: Any):
    z = elementary.exp(-target * self)
    out = target * z * self.dtype.type(-mean_factor(self.size, reduction)) / (z + 1) * grad_output
    return laid_out(np.asarray(out).astype(self.dtype, copy=False), (target, self))


def _soft_margin_twice(grad, self, target, reduction):
    z = exp(self * -target)
    above = plus(z, 1)
    return _over_mean(grad * (target * target) * z / (above * above), self, reduction)


derivative(
    "SoftMarginLossBackward0",
    of=soft_margin_op,
    forward=lambda self_t, self, target, reduction: reduced(
        soft_margin_backward(self_t, self, target, NONE), reduction
    ),
    self=lambda grad, self, target, reduction: soft_margin_backward(grad, self, target, reduction),
)
derivative(
    "SoftMarginLossBackwardBackward0",
    of=soft_margin_backward,
    forward=None,
    grad_output=lambda grad, grad_output, self, target, reduction: _slope_times(
        soft_margin_backward, grad, grad_output, self, target, reduction
    ),
    self=lambda grad, grad_output, self, target, reduction: _soft_margin_twice(
        grad * grad_output, self, target, reduction
    ),
)

@functional("soft_margin_loss")
def soft_margin_loss(input, target, size_average=None, reduce=None, reduction: str = "mean"):
    """`log(1 + exp(-target * input))`, reduced."""
    number = reduction_number(reduction_name(reduction, size_average, reduce))
    handed("soft_margin_loss", input, target, number)
    refuse_gradients("soft_margin_loss", target=target)
    return soft_margin_op(input, target, number)
