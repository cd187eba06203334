"""Losses with a margin: hinge and ranking, of cosines, of triplets, of one or several classes.

What may live here: these and the ops of their gradients.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad import errors
from minigrad.ops.arithmetic import less, minus
from minigrad.ops.carriers import zeros_like
from minigrad.ops.index_places import owned
from minigrad.ops.loss_forms import (
    MEAN,
    NONE,
    SUM,
    functional,
    raised,
    reduced,
    reduced_array,
    reduction_name,
    reduction_number,
    refuse_gradients,
)
from minigrad.ops.norms import norm_op
from minigrad.ops.probability_losses import logsigmoid
from minigrad.ops.selection import minimum, where
from minigrad.ops.undifferentiated import recorded_opaquely
from minigrad.refusals import handed
from minigrad.registry import FUNCTIONS, derivative, op
from minigrad.templates import FLOATS

# mypy: disable-error-code="no-untyped-def, no-untyped-call"


# -- hinge and ranking ----------------------------------------------------------------------------------



@functional("hinge_embedding_loss")
def hinge_embedding_loss(input, target, margin: float = 1.0, size_average=None, reduce=None, reduction: str = "mean"):
    """The input where the target is 1, what it lacks to the margin where that is -1."""
    number = reduction_number(reduction_name(reduction, size_average, reduce))
    handed("hinge_embedding_loss", input, target, margin, number)
    zeros = zeros_like(input)
    lacking = minus(margin, input).clamp_min_(0)
    return reduced(where(target != 1, lacking, zeros) + where(target != -1, input, zeros), number)


@functional("margin_ranking_loss")
def margin_ranking_loss(
    input1, input2, target, margin: float = 0, size_average=None, reduce=None, reduction: str = "mean"
):
    """What the first input lacks to exceed the second by the margin, or the other way where the target is -1."""
    number = reduction_number(reduction_name(reduction, size_average, reduce))
    if input1.dim() != input2.dim() or input1.dim() != target.dim():
        raise RuntimeError(
            "margin_ranking_loss : All input tensors should have same dimension but got sizes: "
            f"input1: {input1.size()}, input2: {input2.size()}, target: {target.size()} "
        )
    handed("margin_ranking_loss", input1, input2, target, margin, number)
    difference = input1 - input2  # first, as in torch: the order of nodes shows in gradients
    return reduced(raised(-target * difference, float(margin)).clamp_min_(0), number)


# -- cosines and triplets -------------------------------------------------------------------------------


def _check_cosine_ranks(input1: Any, input2: Any, target: Any) -> None:
    rank = target._a.ndim
    if rank > 1:
        raise RuntimeError("0D or 1D target tensor expected, multi-target not supported")
    if input1._a.ndim != rank + 1 or input2._a.ndim != rank + 1:
        sizes = " and ".join(errors.shape_text(x._a.shape) for x in (input1, input2))
        raise RuntimeError(
            f"{rank}D target tensor expects {rank + 1}D input tensors, but found inputs with sizes {sizes}."
        )


@functional("cosine_embedding_loss")
def cosine_embedding_loss(
    input1, input2, target, margin: float = 0, size_average=None, reduce=None, reduction: str = "mean"
):
    """One less the cosine where the target is 1, the cosine beyond the margin where it is -1."""
    number = reduction_number(reduction_name(reduction, size_average, reduce))
    handed("cosine_embedding_loss", input1, input2, target, margin, number)
    _check_cosine_ranks(input1, input2, target)
    dim = target._a.ndim
    product = (input1 * input2).sum(dim)
    square1, square2 = (raised((x * x).sum(dim), float(np.float32(1e-12))) for x in (input1, input2))
    cosine = product / (square1 * square2).sqrt_()
    zeros = zeros_like(cosine)
    nearness, beyond = minus(1, cosine), less(cosine, margin).clamp_min_(0)
    alike = where(target == 1, nearness, zeros)
    apart = where(target == -1, beyond, zeros)
    return reduced(alike + apart, number)


def _check_ranks(*ranks: int) -> None:
    if len(set(ranks)) > 1:
        raise RuntimeError(
            "The anchor, positive, and negative tensors are expected to have the same number of dimensions, but got: "
            f"anchor {ranks[0]}D, positive {ranks[1]}D, and negative {ranks[2]}D inputs"
        )


def _distance(x1: Any, x2: Any, p: float, eps: float) -> Any:
    apart = raised(x1 - x2, eps)
    return norm_op(apart, float(p), (apart._a.ndim - 1,))


@functional("triplet_margin_loss")
def triplet_margin_loss(
    anchor, positive, negative, margin: float = 1.0, p: float = 2, eps: float = 1e-6, swap: bool = False,
    size_average=None, reduce=None, reduction: str = "mean",
):  # fmt: skip
    """What the distance to the negative lacks to exceed that to the positive by the margin."""
    number = reduction_number(reduction_name(reduction, size_average, reduce))
    if margin <= 0:
        raise ValueError(f"margin must be greater than 0, got {margin}")
    handed("triplet_margin_loss", anchor, positive, negative, margin, p, eps, swap, number)
    _check_ranks(*[x._a.ndim for x in (anchor, positive, negative)])
    near, far = _distance(anchor, positive, p, eps), _distance(anchor, negative, p, eps)
    if swap:
        far = minimum(far, _distance(positive, negative, p, eps))
    return reduced((raised(near, margin) - far).clamp_min(0), number)


@functional("triplet_margin_with_distance_loss")
def triplet_margin_with_distance_loss(
    anchor, positive, negative, *, distance_function: Any = None, margin: float = 1.0, swap: bool = False,
    reduction: str = "mean",
):  # fmt: skip
    """The same with a distance of one's own."""
    if reduction not in ("mean", "sum", "none"):
        raise ValueError(f"{reduction} is not a valid value for reduction")
    if margin <= 0:
        raise ValueError(f"margin must be greater than 0, got {margin}")
    _check_ranks(*[x.ndim for x in (anchor, positive, negative)])
    distance = FUNCTIONS["pairwise_distance"] if distance_function is None else distance_function
    near, far = distance(anchor, positive), distance(anchor, negative)
    if swap:
        far = minimum(far, distance(positive, negative))
    loss = (margin + near - far).clamp_min(0)
    return loss.sum() if reduction == "sum" else loss.mean() if reduction == "mean" else loss


# -- of one class ---------------------------------------------------------------------------------------


def _check_class(self: Any, target: Any, weight: Any) -> None:
    """torch's refusals of multi_margin_loss, in its order."""
    shape = errors.shape_text(self.shape)
    if self.ndim > 2 or (self.ndim and self.shape[-1] == 0):
        raise RuntimeError(f"Expected non-empty vector or matrix with optional 0-dim batch size, but got: {shape}")
    rows = self.shape[0] if self.ndim == 2 else 1
    if target.ndim > 1 or target.size != rows:
        raise RuntimeError(
            "multi_margin_loss: target tensor should be 1-D with size equal to the number of input samples (batch "
            f"size). Expected target size [{rows}], but got {errors.shape_text(target.shape)}. Input has shape {shape}."
        )
    classes = self.shape[-1] if self.ndim else 1
    if weight is not None and weight.size != classes:
        raise RuntimeError(
            f"inconsistent weight size, expected {classes} but got {errors.shape_text(weight.shape)}"
        )
    if self.dtype not in FLOATS:
        raise errors.not_implemented_for("multi_margin_loss_cpu_kernel", self.dtype)
    if target.dtype != np.int64:
        raise errors.wrong_scalar_type("Long", target)
    if weight is not None and weight.dtype != self.dtype:
        raise errors.wrong_scalar_type(errors.type_name(self), weight)
    if ((target < 0) | (target >= classes)).any():
        raise RuntimeError("target out of range")


def _excesses(self: Any, target: Any, margin: Any, weight: Any) -> tuple[Any, Any, Any]:
    """By how much each class comes within the margin (zero at the target), the places of the targets, the weights."""
    x = self.reshape(-1, self.shape[-1] if self.ndim else 1)
    places = (np.arange(len(x)), target.reshape(-1))
    z = self.dtype.type(margin) - x[places][:, None] + x
    z[places] = 0
    return np.where(z > 0, z, self.dtype.type(0)), places, None if weight is None else weight[places[1]][:, None]


@op("_multi_margin_loss", promote="keep", numbers=False)
def multi_margin_op(self, target, p: Any, margin: Any, weight=None, reduction: Any = MEAN):
    _check_class(self, target, weight)
    z, _, weights = _excesses(self, target, margin, weight)
    losses = z if p == 1 else z * z
    losses = losses if weights is None else losses * weights
    losses = losses.sum(axis=1) / self.dtype.type(z.shape[1])
    return reduced_array(owned(losses, target.shape), reduction)


@op("_multi_margin_loss_backward", promote="keep", numbers=False)
def _multi_margin_slope(grad_output, self, target, p: Any, margin: Any, weight=None, reduction: Any = MEAN):
    z, places, weights = _excesses(self, target, margin, weight)
    number = self.dtype.type
    norm = number(1 / (z.shape[1] * (len(z) if reduction == MEAN else 1)))
    slope = np.where(z > 0, norm if p == 1 else 2 * norm * z, number(0))
    slope = slope if weights is None else slope * weights
    slope[places] = 0 - slope.sum(axis=1)
    return owned(slope * grad_output.reshape(-1, 1), self.shape)


multi_margin_backward = recorded_opaquely("multi_margin_loss_backward", _multi_margin_slope)
derivative(
    "MultiMarginLossBackward0",
    of=multi_margin_op,
    forward=None,
    self=lambda grad, self, target, p, margin, weight, reduction: multi_margin_backward(
        grad, self, target, p, margin, weight, reduction
    ),
)

@functional("multi_margin_loss")
def multi_margin_loss(
    input, target, p: int = 1, margin: float = 1.0, weight=None, size_average=None, reduce=None,
    reduction: str = "mean",
):  # fmt: skip
    """How far each other class comes within the margin of the one that is right, over the number of classes."""
    number = reduction_number(reduction_name(reduction, size_average, reduce))
    if p not in (1, 2):
        raise ValueError("only p == 1 and p == 2 supported")
    if weight is not None and weight.dim() != 1:
        raise ValueError("weight must be one-dimensional")
    handed("multi_margin_loss", input, target, p, margin, weight, number)
    refuse_gradients("multi_margin_loss", weight=weight)
    return multi_margin_op(input, target, p, margin, weight, number)


# -- of several classes ---------------------------------------------------------------------------------


def _check_classes(self: Any, target: Any) -> None:
    """torch's refusals of multilabel_margin_loss, in its order."""
    shape = errors.shape_text(self.shape)
    if self.ndim > 2 or (self.ndim and self.shape[-1] == 0):
        raise RuntimeError(f"Expected non-empty vector or matrix with optional 0-dim batch size, but got: {shape}")
    if target.shape != self.shape and not (self.ndim < 2 and target.ndim < 2 and target.size == self.size):
        raise RuntimeError(f"inconsistent target size: {errors.shape_text(target.shape)} for input of size: {shape}")
    if self.dtype not in FLOATS:
        raise errors.not_implemented_for("multilabel_margin_loss_forward_out_frame", self.dtype)
    if target.dtype.kind == "c":
        raise errors.not_implemented_for("min_all", target.dtype)
    if target.dtype != np.int64:
        raise errors.wrong_scalar_type("Long", target)
    if ((target < -1) | (target >= (self.shape[-1] if self.ndim else 1))).any():
        raise RuntimeError("argument #2 'target' is out of range")


def _labels(self: Any, target: Any) -> tuple[Any, Any, Any]:
    """Rows of inputs, which of them are targets (those before the first -1), and by how much others come near."""
    x = self.reshape(-1, self.shape[-1] if self.ndim else 1)
    listed = np.cumsum(target.reshape(x.shape) < 0, axis=1) == 0
    rows, places = np.nonzero(listed)
    columns = target.reshape(x.shape)[rows, places]
    is_target = np.zeros(x.shape, self.dtype)
    is_target[rows, columns] = 1
    z = 1 - x[rows, columns][:, None] + x[rows]
    z = np.where((is_target[rows] == 0) & (z > 0), z, self.dtype.type(0))
    return is_target, (rows, columns), z


@op("_multilabel_margin_loss_forward", promote="keep", numbers=False, outs=("output", "is_target"))
def multilabel_margin_op(self, target, reduction: Any):
    _check_classes(self, target)
    is_target, (rows, _), z = _labels(self, target)
    losses = np.zeros(len(is_target), self.dtype)
    np.add.at(losses, rows, z.sum(axis=1))
    losses = losses / self.dtype.type(is_target.shape[1])
    return reduced_array(owned(losses, self.shape[:-1]), reduction), owned(is_target, target.shape)


@op("_multilabel_margin_loss_backward", promote="keep", numbers=False)
def _multilabel_margin_slope(grad_output, self, target, reduction: Any, is_target):
    if is_target.size and not (is_target.min() >= 0 and is_target.max() <= 1):  # packing hooks may have changed it
        raise RuntimeError("argument #5 'is_target' is out of range")
    found, (rows, columns), z = _labels(self, target)
    norm = self.dtype.type(1 / (found.shape[1] * (len(found) if reduction == MEAN else 1)))
    slope = np.zeros(found.shape, self.dtype)
    near = np.where(z > 0, norm, self.dtype.type(0))
    np.add.at(slope, rows, near)
    np.add.at(slope, (rows, columns), 0 - near.sum(axis=1))
    return owned(slope * grad_output.reshape(-1, 1), self.shape)


multilabel_margin_backward = recorded_opaquely("multilabel_margin_loss_backward", _multilabel_margin_slope)
derivative(
    "MultilabelMarginLossBackward0",
    of=multilabel_margin_op,
    forward=None,
    self=lambda grad, self, target, reduction, is_target: multilabel_margin_backward(
        grad, self, target, reduction, is_target
    ),
)

@functional("multilabel_margin_loss")
def multilabel_margin_loss(input, target, size_average=None, reduce=None, reduction: str = "mean"):
    """How far other classes come within 1 of those listed (up to the first -1), over the number of classes."""
    number = reduction_number(reduction_name(reduction, size_average, reduce))
    handed("multilabel_margin_loss", input, target, number)
    return multilabel_margin_op(input, target, number)[0]


@functional("multilabel_soft_margin_loss")
def multilabel_soft_margin_loss(input, target, weight=None, size_average=None, reduce=None, reduction: str = "mean"):
    """The cross entropy of the sigmoids of each row, averaged over the classes."""
    reduction = reduction_name(reduction, size_average, reduce)
    losses = -(target * logsigmoid(input) + (1 - target) * logsigmoid(-input))
    if weight is not None:
        losses = losses * weight
    dim = input.dim() - 1
    losses = losses.sum(dim=dim) / input.size(dim)
    if reduction not in ("none", "mean", "sum"):
        raise ValueError(reduction + " is not valid")
    return reduced(losses, {"none": NONE, "mean": MEAN, "sum": SUM}[reduction])
