"""Losses of probabilities and of distributions: cross entropies of two classes, kl_div, negative log likelihoods.

What may live here: these, logsigmoid, and the ops of their gradients. Losses of class indices are in
`class_losses`.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from minigrad import errors, modes
from minigrad.filling import ones_like
from minigrad.layout import lying_as
from minigrad.ops import elementary
from minigrad.ops.arithmetic import less, minus, mul, neg, over, plus, refuse_bool_subtraction, sub, times, true_div
from minigrad.ops.carriers import array_of, in_float32, supports, written
from minigrad.ops.comparison import le
from minigrad.ops.expanding import broadcast_shapes
from minigrad.ops.exponential import exp, log, sigmoid
from minigrad.ops.loss_forms import (
    MEAN,
    NONE,
    SUM,
    functional,
    in_place,
    multiplied,
    raised,
    reduced,
    reduced_array,
    reduced_in_place,
    reduction_name,
    reduction_number,
    refuse_gradients,
    scaled,
    subtracted_in_place,
    times_in_place,
)
from minigrad.ops.pairs import xlogy
from minigrad.ops.powers import pow  # noqa: A004 - torch's name
from minigrad.ops.special import logit
from minigrad.promotion import broadcast_shape
from minigrad.refusals import handed
from minigrad.registry import derivative, op
from minigrad.tensor import Tensor
from minigrad.warn import warn
from minigrad.zeros import zero_like

# mypy: disable-error-code="no-untyped-def, no-untyped-call"

TINY = 1e-12
"""What torch adds to probabilities before it divides by them."""


def _scaled(grad: Any, weight: Any, x: Any, reduction: int) -> Any:
    """A gradient times the weights and over the number of elements."""
    if weight is not None:
        grad = in_place(mul, grad, weight)
    return in_place(over, grad, array_of(x).size) if reduction == MEAN else grad


# -- logsigmoid -----------------------------------------------------------------------------------------


@op("_log_sigmoid_forward", promote="keep", numbers=False, outs=("output", "buffer"))
@supports("f", "log_sigmoid_cpu")
@in_float32
def log_sigmoid_op(self):
    x = np.asarray(self, order="C")
    buffer = elementary.exp(-np.abs(x))
    return np.minimum(x, self.dtype.type(0)) - elementary.log1p_in_vectors(buffer), buffer


@op("_log_sigmoid_backward", promote="keep", numbers=False)
@in_float32
def log_sigmoid_backward(grad_output, self, buffer):
    most = (self < 0).astype(self.dtype)
    sign = np.where(self < 0, self.dtype.type(1), self.dtype.type(-1))
    return lying_as(np.asarray(grad_output * (most - sign * (buffer / (1 + buffer)))), grad_output)


def _log_sigmoid_twice(grad, self):
    s = sigmoid(self)
    return grad * less(s, 1) * s


derivative(
    "LogSigmoidBackward0",
    of=log_sigmoid_op,
    forward=lambda self_t, self, buffer: (log_sigmoid_backward(self_t, self, buffer),),
    self=lambda grad, self, buffer: log_sigmoid_backward(grad, self, buffer),
)
derivative(
    "LogSigmoidBackwardBackward0",
    of=log_sigmoid_backward,
    forward="terms",
    grad_output=lambda grad, self, buffer: log_sigmoid_backward(grad, self, buffer),
    self=lambda grad, grad_output, self: _log_sigmoid_twice(grad * grad_output, self),
)


def _log_sigmoid(x: Any) -> Any:
    """The logarithm of the sigmoid of a carrier."""
    return log_sigmoid_op(x)[0]


@functional("logsigmoid")
def logsigmoid(input):
    """`log(1 / (1 + exp(-x)))`."""
    handed("log_sigmoid", input)
    return _log_sigmoid(input)


LEAST = np.float32(TINY)
"""What the product of a probability and its opposite counts as at least; torch has it in float32."""


# -- binary cross entropy -------------------------------------------------------------------------------


def _check_probabilities(x: Any, target: Any) -> None:
    """torch's refusals of binary_cross_entropy; it looks at one pair of elements after the other."""
    if target.dtype != x.dtype:
        raise errors.unlike_dtypes(target, x)
    if x.dtype.kind != "f":
        raise errors.not_implemented_for("binary_cross_entropy", x.dtype)
    outside = ~np.stack([(values >= 0) & (values <= 1) for values in (x, target)], axis=-1)
    if outside.any():
        name = ("input", "target")[int(np.argmax(outside)) % 2]
        raise RuntimeError(f"all elements of {name} should be between 0 and 1")


@op("_binary_cross_entropy", promote="keep", numbers=False)
def bce_op(self, target, weight=None, reduction: Any = MEAN):
    _check_probabilities(self, target)
    least = self.dtype.type(-100)
    of_one, of_other = np.maximum(elementary.log(self), least), np.maximum(elementary.log1p(-self), least)
    losses = lying_as(np.asarray((target - 1) * of_other - target * of_one), self)
    return reduced_in_place(losses if weight is None else _times_weight(losses, weight), reduction)


def _times_weight(losses: Any, weight: Any) -> Any:
    """Losses times weights in place, as torch does: the weights must not make them larger."""
    if broadcast_shape([losses.shape, weight.shape]) != losses.shape:
        raise errors.output_shape_mismatch(losses.shape, broadcast_shape([losses.shape, weight.shape]))
    return lying_as(times_in_place(losses, weight), losses)


@op("_binary_cross_entropy_backward", promote="keep", numbers=False)
def bce_backward(grad_output, self, target, weight=None, reduction: Any = MEAN):
    return _bce_slope(grad_output, self, target, weight, reduction, float(self.dtype.type(LEAST)))  # 0 of halves


@in_float32
def _bce_slope(grad_output, self, target, weight, reduction, least):
    width, least = (1 - self) * self, self.dtype.type(least)
    slope = grad_output * (self - target) / np.where(width < least, least, width)  # of two zeros the first one
    if weight is not None:
        slope = slope * weight
    if reduction == MEAN:
        slope = slope / self.dtype.type(self.size)
    return np.asarray(slope).astype(self.dtype, copy=False)


def _bce_target(grad, self, target, weight, reduction):
    return _scaled(in_place(mul, in_place(neg, logit(self)), grad), weight, target, reduction)


def _bce_tangent(self_t, target_t, self, target, weight, reduction):
    by_self = bce_backward(self_t, self, target, weight, NONE)
    return reduced(by_self + _bce_target(target_t, self, target, weight, NONE), reduction)


derivative(
    "BinaryCrossEntropyBackward0",
    of=bce_op,
    forward=_bce_tangent,
    self=lambda grad, self, target, weight, reduction: bce_backward(grad, self, target, weight, reduction),
    target=_bce_target,
)


def _apart(grad: Any, weight: Any, x: Any, reduction: int) -> Any:
    """`_scaled`, with the quotient as a tensor of its own."""
    grad = _scaled(grad, weight, x, NONE)
    return over(grad, array_of(x).size) if reduction == MEAN else grad


def _bce_twice_self(grad, grad_output, self, target, weight, reduction):
    low, high = plus(self, TINY), plus(minus(1, self), TINY)
    bend = (self * self - times(self, 2) * target + target) / (pow(low, 2) * pow(high, 2))
    return _apart(in_place(mul, bend, grad * grad_output), weight, self, reduction)


def _bce_twice_target(grad, grad_output, self, target, weight, reduction):
    slope = _scaled(-grad * grad_output, weight, target, NONE)
    product = minus(1, self) * self
    if isinstance(product, Tensor):
        with modes.no_grad():  # torch clamps it behind the back of autograd
            product.clamp_min_(TINY)
    else:
        product = np.maximum(product, TINY)
    return _scaled(in_place(true_div, slope, product), None, target, reduction)


def _bce_twice_grad_output(grad, self, target, weight, reduction):
    slope = (self - target) / (plus(self, TINY) * plus(minus(1, self), TINY))
    return _apart(in_place(mul, slope, grad), weight, self, reduction)  # which is summed where its edge is so small


derivative(
    "BinaryCrossEntropyBackwardBackward0",
    of=bce_backward,
    grad_output=_bce_twice_grad_output,
    self=_bce_twice_self,
    target=_bce_twice_target,
)


@functional("binary_cross_entropy")
def binary_cross_entropy(input, target, weight=None, size_average=None, reduce=None, reduction: str = "mean"):
    """The cross entropy of probabilities, whose logarithms count as at least -100."""
    number = reduction_number(reduction_name(reduction, size_average, reduce))
    if target.size() != input.size():
        raise ValueError(
            f"Using a target size ({target.size()}) that is different to the input size ({input.size()}) is "
            "deprecated. Please ensure they have the same size."
        )
    if weight is not None:
        shape = broadcast_shapes(target.size(), weight.size())
        weight = weight.expand(shape)
    handed("binary_cross_entropy", input, target, weight, number)
    refuse_gradients("binary_cross_entropy", weight=weight)
    return bce_op(input, target, weight, number)


# -- of logits ------------------------------------------------------------------------------------------


@op("_binary_cross_entropy_with_logits", promote="keep", numbers=False)
def logits_op(self, target, weight=None, pos_weight=None, reduction: Any = MEAN):
    low = log_sigmoid_op(self)[0]
    if pos_weight is not None:
        broadcast_shape([pos_weight.shape, target.shape])  # says first what does not fit
        low = _times_weight(low, multiplied(pos_weight - 1, target) + 1)
    refuse_bool_subtraction(target, target)  # the 1 of torch's C++ counts as one
    losses = subtracted_in_place(times_in_place(1 - target, self), low)
    if losses.shape == target.shape:
        losses = lying_as(losses, target)  # torch writes all into what it makes of the target
    return reduced_array(losses if weight is None else _times_weight(losses, weight), reduction)


def _logits_self(grad, self, target, weight, pos_weight, reduction):
    trivial = zero_like(grad, self)
    if trivial is not None:
        return trivial
    if pos_weight is not None:
        positive = pos_weight * target
        slope = (plus(positive, 1) - target) * sigmoid(self) - positive
    else:
        slope = sigmoid(self) - target
    slope = slope * grad if weight is None else slope * grad * weight
    if not modes.state.grad:  # where no graph is recorded, torch writes all this in place
        if not isinstance(slope, Tensor):
            slope = lying_as(np.asarray(slope), self if pos_weight is None else positive)
        slope = written(slope, (2 if pos_weight is None else 4) + (weight is not None))
    return _scaled(slope, None, self, reduction)


def _logits_target(grad, self, target, weight, pos_weight, reduction):
    trivial = zero_like(grad, target)
    if trivial is not None:
        return trivial
    if pos_weight is None:
        return _scaled(-self * grad, weight, target, reduction)
    slope = _log_sigmoid(-self)
    slope = in_place(sub, slope, in_place(mul, _log_sigmoid(self), pos_weight))
    return _scaled(in_place(mul, slope, grad), weight, target, reduction)


def _logits_tangent(self_t, target_t, self, target, weight, pos_weight, reduction):
    by_self = _logits_self(self_t, self, target, weight, pos_weight, NONE)
    return reduced(by_self + _logits_target(target_t, self, target, weight, pos_weight, NONE), reduction)


derivative(
    "BinaryCrossEntropyWithLogitsBackward0",
    of=logits_op,
    forward=_logits_tangent,
    self=_logits_self,
    target=_logits_target,
)

@functional("binary_cross_entropy_with_logits")
def binary_cross_entropy_with_logits(
    input, target, weight=None, size_average=None, reduce=None, reduction: str = "mean", pos_weight=None
):
    """The cross entropy of the sigmoids of `input`, positive examples counting `pos_weight` times."""
    number = reduction_number(reduction_name(reduction, size_average, reduce))
    if target.size() != input.size():
        raise ValueError(f"Target size ({target.size()}) must be the same as input size ({input.size()})")
    handed("binary_cross_entropy_with_logits", input, target, weight, pos_weight, number)
    refuse_gradients("binary_cross_entropy_with_logits", weight=weight, pos_weight=pos_weight)
    return logits_op(input, target, weight, pos_weight, number)


# -- of distributions -----------------------------------------------------------------------------------

# The operands on the right come first, as in torch, whose compiler evaluates them so: the order of nodes shows in
# the order in which gradients are added.


def _divergence(input, target, log_target: bool):
    if log_target:
        difference = target - input
        return exp(target) * difference
    product = target * input
    return xlogy(target, target) - product


@functional("kl_div")
def kl_div(input, target, size_average=None, reduce=None, reduction: str = "mean", log_target: bool = False):
    """The divergence of `target` from the distribution whose logarithms are `input`."""
    if size_average is not None or reduce is not None:
        number = reduction_number(reduction_name(reduction, size_average, reduce))
    else:
        if reduction == "mean":
            warn(
                "reduction: 'mean' divides the total loss by both the batch size and the support size."
                "'batchmean' divides only by the batch size, and aligns with the KL div math definition."
                "'mean' will be changed to behave the same as 'batchmean' in the next major release."
            )
        number = SUM if reduction == "batchmean" else reduction_number(reduction)
    handed("kl_div", input, target, number)
    for x in (input, target):
        if x._a.dtype.kind not in "fc":
            raise RuntimeError("kl_div: Integral inputs not supported.")
        if x._a.dtype.kind == "c":
            raise RuntimeError("kl_div: Complex inputs not supported.")
    total = reduced(_divergence(input, target, log_target), number)
    return total / input._a.shape[0] if reduction == "batchmean" and input._a.ndim else total


def _poisson_nll_loss(input, target, log_input: bool, full: bool, eps: float, reduction: int):
    product = target * (input if log_input else log(raised(input, eps)))
    losses = (exp(input) if log_input else input) - product
    if full:
        root = times(log(scaled(target, 2 * math.pi)), 0.5)
        stirling = target * log(target) - target + root
        losses.add_(stirling.masked_fill(le(target, 1), 0))
    return reduced(losses, reduction)


@functional("poisson_nll_loss")
def poisson_nll_loss(
    input, target, log_input: bool = True, full: bool = False, size_average=None, eps: float = 1e-8, reduce=None,
    reduction: str = "mean",
):  # fmt: skip
    """The negative log likelihood of counts, `full` with Stirling's approximation of their factorials."""
    reduction = reduction_name(reduction, size_average, reduce)
    number = reduction_number(reduction)
    handed("poisson_nll_loss", input, target, log_input, full, eps, number)
    return _poisson_nll_loss(input, target, log_input, full, eps, number)


def _spread_variance(var: Any, input: Any) -> Any:
    """The variance as it broadcasts to the input. ValueError where it does not."""
    mine, theirs = input.size(), var.size()
    if theirs == mine:
        return var
    if mine[:-1] == theirs:
        return var.unsqueeze(-1)
    if len(mine) == len(theirs) and sum(v for n, v in zip(mine, theirs, strict=True) if n != v) == 1:
        return var
    raise ValueError("var is of incorrect size")


@functional("gaussian_nll_loss")
def gaussian_nll_loss(input, target, var, full: bool = False, eps: float = 1e-6, reduction: str = "mean"):
    """The negative log likelihood under normal distributions; variances count as at least `eps`."""
    if isinstance(var, float):
        if var < 0:
            raise ValueError("var has negative entry/entries")
        var = ones_like(input) * var
    elif (var < 0).any():
        raise ValueError("var has negative entry/entries")
    var = _spread_variance(var, input)
    if reduction not in ("none", "mean", "sum"):
        raise ValueError(f"{reduction} is not valid")
    var = var.clone()
    with modes.no_grad():
        var.clamp_(min=eps)
    losses = 0.5 * (log(var) + (input - target) ** 2 / var)
    if full:
        losses += 0.5 * math.log(2 * math.pi)
    return reduced(losses, reduction_number(reduction))

