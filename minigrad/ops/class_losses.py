"""Losses of class indices: nll_loss and cross_entropy, the latter also of class probabilities.

What may live here: these and the ops of their gradients.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from minigrad import errors
from minigrad.along import put_along, taken_along
from minigrad.ops import decompositions
from minigrad.ops.arithmetic import over, plus, times
from minigrad.ops.carriers import in_float32, zeros_like
from minigrad.ops.loss_forms import (
    MEAN,
    NONE,
    functional,
    reduction_name,
    reduction_number,
    refuse_gradients,
)
from minigrad.ops.reshaping import view_op
from minigrad.ops.softmax import log_softmax
from minigrad.refusals import handed
from minigrad.registry import derivative, op

# mypy: disable-error-code="no-untyped-def, no-untyped-call"

STEP = 16
"""Terms of losses that torch adds up before it adds their sum to the next level of sums."""


# -- one index for each row or place --------------------------------------------------------------------


def _check_indices(self: Any, target: Any, weight: Any) -> None:
    """torch's refusals of nll_loss and nll_loss2d, in their order."""
    if self.ndim <= 2:
        _check_rows(self, target, weight)
    else:
        if weight is not None and weight.size != self.shape[1]:
            raise RuntimeError("weight tensor should be defined either for all or no classes")
        if (self.shape[0], *self.shape[2:]) != target.shape:
            mine, theirs = errors.shape_text(self.shape), errors.shape_text(target.shape)
            raise RuntimeError(f"size mismatch (got input: {mine} , target: {theirs}")
    if self.dtype.kind != "f":
        name = "nll_loss_out_frame" if self.ndim <= 2 else "nll_loss2d_forward_out_frame"
        raise errors.not_implemented_for(name, self.dtype)
    if target.dtype.name not in ("int64", "uint8"):
        raise RuntimeError(f"expected target dtype to be Long or Byte, but got {errors.type_name(target)}")
    if weight is not None and weight.dtype != self.dtype:
        raise errors.wrong_scalar_type(errors.type_name(self), weight)


def _check_rows(self: Any, target: Any, weight: Any) -> None:
    if target.ndim > 1:
        raise RuntimeError("0D or 1D target tensor expected, multi-target not supported")
    classes = self.shape[-1]
    if weight is not None and weight.shape != (classes,):
        raise RuntimeError(
            f"weight tensor should be defined either for all {classes} classes or no classes but got weight tensor of "
            f"shape: {errors.shape_text(weight.shape)}"
        )


def _picked(self: Any, target: Any, weight: Any, ignore_index: int) -> tuple[Any, Any, Any]:
    """The targets as places along dimension 1, which of them count, and their weights (0 for others)."""
    shape = (self.shape[0], *self.shape[2:]) if self.ndim > 1 else target.shape
    target = target.astype(np.int64).reshape(shape)
    classes = self.shape[1] if self.ndim > 1 else self.shape[0]
    counted = target != ignore_index
    wrong = counted & ((target < 0) | (target >= classes))
    if wrong.any():
        raise IndexError(f"Target {target[wrong].flat[0]} is out of bounds.")
    places = np.where(counted, target, 0)
    weights = counted.astype(self.dtype)
    if weight is not None and weight.size:
        weights = np.where(counted, weight.reshape(-1)[places], weights)
    return places, counted, weights


def _chosen(self: Any, places: Any) -> Any:
    """The element of each row or place that its index names."""
    if self.ndim == 1:
        return self[places]
    if not places.size:
        return np.zeros(places.shape, self.dtype)
    return taken_along(self, np.expand_dims(places, 1), 1).reshape(places.shape)


def _in_turn(terms: Any, dtype: Any) -> Any:
    """The sum of terms in torch's order: what is left of the steps comes before all whole steps, and last the first
    term, which has gone through all levels of sums."""
    if not 1 < terms.size <= STEP * STEP:
        return terms.sum(dtype=dtype)
    first, rest = terms.ravel()[0], terms.ravel()[1:]
    whole = rest.size - rest.size % STEP
    total = dtype.type(0)
    for some in (rest[whole:], np.add.accumulate(rest[:whole].reshape(-1, STEP), axis=1)[:, -1]):
        if some.size:
            total = total + np.add.accumulate(some)[-1]
    return total + first


def _nll(self, target, weight, reduction: Any, ignore_index: Any):
    """The losses and the total of the weights."""
    _check_indices(self, target, weight)
    places, counted, weights = _picked(self, target, weight, ignore_index)
    gains = np.where(counted, _chosen(self, places) * weights, self.dtype.type(0))
    if reduction == NONE and self.ndim > 1:
        # torch leaves the total alone where it takes none
        return np.where(counted, -gains, gains), np.zeros((), self.dtype)
    total, loss = _in_turn(weights, self.dtype), 0 - _in_turn(gains, self.dtype)
    return np.asarray(loss / total if reduction == MEAN else loss), np.asarray(total)


@in_float32
def _nll_slope(grad_output, self, target, total_weight, weight=None, reduction: Any = MEAN, ignore_index: Any = -100):
    if self.ndim == 1 and target.ndim == 1 and self.size != 1:
        mine, theirs = errors.shape_text(self.shape), errors.shape_text(target.shape)
        raise RuntimeError(f"size mismatch (got input: {mine}, target: {theirs})")
    places, counted, weights = _picked(self, target, weight, ignore_index)
    slope = -weights if reduction != MEAN else -weights / total_weight
    slope = np.where(counted, slope * grad_output.reshape(places.shape if reduction == NONE else ()), 0)
    out = np.zeros(self.shape, self.dtype)
    if self.ndim == 1:
        out[places] = slope
    elif slope.size:
        put_along(out, np.expand_dims(places, 1), np.expand_dims(slope, 1), 1)
    return out


@op("_nll_loss_forward", promote="keep", numbers=False, outs=("output", "total_weight"))
def nll_op(self, target, weight=None, reduction: Any = MEAN, ignore_index: Any = -100):
    return _nll(self, target, weight, reduction, ignore_index)


@op("_nll_loss2d_forward", promote="keep", numbers=False, outs=("output", "total_weight"))
def nll2d_op(self, target, weight=None, reduction: Any = MEAN, ignore_index: Any = -100):
    return _nll(self, target, weight, reduction, ignore_index)


@op("_nll_loss_backward", promote="keep", numbers=False)
def nll_backward(
    grad_output, self, target, total_weight, weight=None, reduction: Any = MEAN, ignore_index: Any = -100
):
    return _nll_slope(grad_output, self, target, total_weight, weight, reduction, ignore_index)


@op("_nll_loss2d_backward", promote="keep", numbers=False)
def nll2d_backward(
    grad_output, self, target, total_weight, weight=None, reduction: Any = MEAN, ignore_index: Any = -100
):
    return _nll_slope(grad_output, self, target, total_weight, weight, reduction, ignore_index)


def _tangent_of_slope(
    grad_output_t, self_t, grad_output, self, target, total_weight, weight, reduction, ignore_index, result
):  # fmt: skip
    operands = (grad_output, self, target, total_weight, weight, reduction == MEAN, ignore_index)
    return decompositions.carried(
        decompositions.nll_backward, {0: grad_output_t, 1: self_t}, *operands, result=result
    )


def _differentiable(forward: Any, backward: Any, label: str) -> None:
    """The derivatives of nll_loss or nll_loss2d, which are linear in what they pick from."""
    derivative(
        f"{label}Backward0",
        of=forward,
        forward=lambda self_t, target, weight, reduction, ignore_index: (
            forward(self_t, target, weight, reduction, ignore_index)[0],
        ),
        self=lambda grad, self, target, weight, reduction, ignore_index, total_weight: backward(
            grad, self, target, total_weight, weight, reduction, ignore_index
        ),
    )
    derivative(
        f"{label}BackwardBackward0",
        of=backward,
        forward=_tangent_of_slope,
        grad_output=lambda grad, target, weight, reduction, ignore_index: forward(
            grad, target, weight, reduction, ignore_index
        )[0],
        self=lambda grad: zeros_like(grad),
    )


_differentiable(nll_op, nll_backward, "NllLoss")
_differentiable(nll2d_op, nll2d_backward, "NllLoss2D")


def _nll_loss(input, target, weight, reduction: int, ignore_index: int):
    """nll_loss of any rank: of vectors and matrices, or of pictures, to which other ranks are brought."""
    x, t = input._a, target._a
    if x.ndim < 1:
        raise ValueError(f"Expected 1 or more dimensions (got {x.ndim})")
    if x.ndim == 1 == t.ndim and t.shape[0] != 1:
        raise ValueError(f"For 1D input, 1D target must have size 1, but got target size: {t.shape[0]}")
    if x.ndim != 1 and x.shape[0] != (t.shape[0] if t.ndim else 0):
        got = t.shape[0] if t.ndim else 0
        raise ValueError(f"Expected input batch_size ({x.shape[0]}) to match target batch_size ({got}).")
    refuse_gradients("nll_loss_forward" if x.ndim < 3 else "nll_loss2d_forward", weight=weight)
    if x.ndim <= 2:
        return nll_op(input, target, weight, reduction, ignore_index)[0]
    if x.ndim == 4:
        return nll2d_op(input, target, weight, reduction, ignore_index)[0]
    shape = (x.shape[0], *x.shape[2:])
    if t.shape[1:] != x.shape[2:]:
        raise RuntimeError(f"Expected target size {errors.shape_text(shape)}, got {errors.shape_text(t.shape)}")
    flat = (1, math.prod(shape[1:])) if x.size else (0, 0)
    input = view_op(input.contiguous(), (*x.shape[:2], *flat))
    target = view_op(target.contiguous(), (x.shape[0], *flat))
    loss = nll2d_op(input, target, weight, reduction, ignore_index)[0]
    return view_op(loss, shape) if reduction == NONE else loss


@functional("nll_loss")
def nll_loss(
    input, target, weight=None, size_average=None, ignore_index: int = -100, reduce=None, reduction: str = "mean"
):
    """Minus the logarithm that each class index picks, times its weight; the mean is over the weights."""
    number = reduction_number(reduction_name(reduction, size_average, reduce))
    handed("nll_loss_nd", input, target, weight, number, ignore_index)
    return _nll_loss(input, target, weight, number, ignore_index)


# -- cross entropy --------------------------------------------------------------------------------------


def _along(weight: Any, ndim: int, dim: int) -> Any:
    """Weights of classes as they broadcast along the dimension of the classes."""
    return view_op(weight, tuple(weight._a.shape[0] if d == dim else 1 for d in range(ndim)))


def _of_probabilities(self, target, weight, reduction: int, smoothing: float):
    """The cross entropy of two distributions over the classes."""
    dim = 0 if self._a.ndim == 1 else 1
    classes = self.size(dim)
    if weight is not None and weight._a.shape != (classes,):
        raise RuntimeError(
            f"cross_entropy: weight tensor should be defined either for all {classes} classes or no classes but got "
            f"weight tensor of shape: {errors.shape_text(weight._a.shape)}"
        )
    input = log_softmax(self, dim)
    if smoothing > 0:
        _check_smoothing(smoothing)
        target = plus(times(target, 1 - smoothing), smoothing / classes)
    product = input * target
    if weight is not None:
        product = product * _along(weight, input._a.ndim, dim)
    if reduction == NONE:
        return -product.sum(dim)
    total = product.sum()
    if reduction != MEAN:
        return -total
    return over(-total, input._a.size // classes) if input._a.size else -total.fill_(math.nan)


def _check_smoothing(smoothing: float) -> None:
    if smoothing > 1:
        raise RuntimeError(f"label_smoothing must be between 0.0 and 1.0. Got: {smoothing:g}")


def _smoothed(self, target, weight, reduction: int, ignore_index: int, smoothing: float):
    """A mixture of the loss of the class indices and that of all classes alike."""
    _check_smoothing(smoothing)
    dim = 0 if self._a.ndim == 1 else 1
    input = log_softmax(self, dim)
    loss = _nll_loss(input, target, weight, reduction, ignore_index)
    classes = input.size(dim)
    spread = input if weight is None else input * _along(weight, input._a.ndim, dim)
    smooth = -spread.sum(dim)
    ignored = target == ignore_index
    smooth.masked_fill_(ignored, 0.0)
    if reduction == NONE:
        part = smooth
    elif reduction != MEAN:
        part = smooth.sum()
    elif weight is None:
        part = smooth.sum() / (~ignored).sum()
    else:
        part = smooth.sum() / weight.gather(0, target.masked_select(~ignored).flatten()).sum()
    share = times(part, smoothing / classes)  # first, as the operand on the right in torch
    return times(loss, 1 - smoothing) + share


@functional("cross_entropy")
def cross_entropy(
    input, target, weight=None, size_average=None, ignore_index: int = -100, reduce=None, reduction: str = "mean",
    label_smoothing: float = 0.0,
):  # fmt: skip
    """The cross entropy of the softmax of `input` with class indices, or with probabilities of its shape."""
    number = reduction_number(reduction_name(reduction, size_average, reduce))
    handed("cross_entropy_loss", input, target, weight, number, ignore_index, label_smoothing)
    if input._a.shape == target._a.shape:
        if target._a.dtype.kind != "f":
            raise RuntimeError(
                f"Expected floating point type for target with class probabilities, got {errors.type_name(target._a)}"
            )
        if ignore_index >= 0:
            raise RuntimeError("ignore_index is not supported for floating point target")
        return _of_probabilities(input, target, weight, number, label_smoothing)
    if label_smoothing > 0:
        return _smoothed(input, target, weight, number, ignore_index, label_smoothing)
    return _nll_loss(log_softmax(input, 0 if input._a.ndim == 1 else 1), target, weight, number, ignore_index)
