"""Choosing between elements: where, maximum and minimum, relu, nan_to_num.

What may live here: elementwise ops whose derivative is that of whichever operand was chosen.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad import errors
from minigrad.from_data import check_range
from minigrad.ops.arithmetic import over
from minigrad.ops.carriers import array_of, constant, masked, supports, written, zeros_like
from minigrad.ops.comparison import isfinite_op, isnan, logical_not, logical_or
from minigrad.ops.copying import copied
from minigrad.ops.vectors import in_vectors
from minigrad.registry import derivative, op, publish
from minigrad.tensor import Tensor

# mypy: disable-error-code="no-untyped-def, no-untyped-call"


def _boolean_condition(condition: Any, self: Any, other: Any) -> None:
    if condition.dtype.kind != "b" and condition.dtype != np.uint8:
        raise RuntimeError(
            "where expected condition to be a boolean tensor, but got a tensor with dtype "
            f"{errors.TYPE_NAMES[condition.dtype.name]}"
        )


def _numbers_fit(condition: Any, self: Any, other: Any) -> None:
    for x, beside in ((self, other), (other, self)):
        if type(x) is int and isinstance(beside, np.ndarray) and beside.dtype.kind in "iu":
            check_range(x, beside.dtype)


@op("_where.self", promote="rest", check=_numbers_fit)
def where_op(condition, self, other):
    _boolean_condition(condition, self, other)
    return np.where(condition, self, other)


derivative(
    "WhereBackward0",
    of=where_op,
    unreal=True,
    forward=lambda self_t, other_t, condition: where_op(condition, self_t, other_t),
    self=lambda grad, condition: where_op(condition, grad, 0),
    other=lambda grad, condition: where_op(condition, 0, grad),
)


def where(condition, input: Any = None, other: Any = None):
    """Elements of `input` where `condition` holds, of `other` elsewhere; broadcast and promoted."""
    if input is None and other is None:
        return condition.nonzero(as_tuple=True)
    return where_op(condition, input, other)


publish("where", where, method=False)
publish("where", lambda self, condition, other: where_op(condition, self, other), function=False)


# -- of two operands ----------------------------------------------------------------------------------


def raised(a, low):
    """At least `low`; of equal ones (and of zeros of either sign) the element itself, NaN where either is."""
    return np.where(a < low, low, np.where(np.isnan(low), low, a)) if a.dtype.kind == "f" else np.maximum(a, low)


def lowered(a, high):
    return np.where(a > high, high, np.where(np.isnan(high), high, a)) if a.dtype.kind == "f" else np.minimum(a, high)


def other_zero(out, self, other, *beside):
    """`out`, which is new, of two zeros the second one in vectors; `beside` is what else the kernel is given."""
    if self.dtype.kind == "f" and not out.all():
        both = (self == 0) & (other == 0)
        np.copyto(out, other, where=both & in_vectors(out, self, other, *beside))
    return out


def _halved_at_ties(grad, self, other, lost):
    shared = where_op(self == other, over(grad, 2), grad)
    return shared.masked_fill_(lost, 0) if isinstance(shared, Tensor) else written(masked(shared, lost, 0))


@op("maximum", numbers=False)
@supports("biuf", c=RuntimeError("maximum not implemented for complex tensors."))
def maximum(self, other):
    return other_zero(raised(self, other), self, other)


derivative(
    "MaximumBackward0",
    of=maximum,
    forward=lambda self_t, other_t, self, other: (
        other_t + _share(self == other, self > other, self_t) * (self_t - other_t)
    ),
    self=lambda grad, self, other: _halved_at_ties(grad, self, other, self < other),
    other=lambda grad, self, other: _halved_at_ties(grad, self, other, self > other),
)


@op("minimum", numbers=False)
@supports("biuf", c=RuntimeError("minimum not implemented for complex tensors."))
def minimum(self, other):
    return other_zero(lowered(self, other), self, other)


derivative(
    "MinimumBackward0",
    of=minimum,
    forward=lambda self_t, other_t, self, other: (
        other_t + _share(self == other, self < other, self_t) * (self_t - other_t)
    ),
    self=lambda grad, self, other: _halved_at_ties(grad, self, other, self > other),
    other=lambda grad, self, other: _halved_at_ties(grad, self, other, self < other),
)


def _share(tied, chosen, tangent):
    """What part of a tangent counts: all where chosen, half at ties."""
    return where_op(tied, constant(0.5, tangent), where_op(chosen, constant(1, tangent), constant(0, tangent)))


def _self_taken(self, other, taken):
    return logical_or(taken, isnan(other))


@op("fmax", numbers=False)
@supports("biuf", c=RuntimeError("fmax not implemented for complex tensors."))
def fmax(self, other):
    return np.where(np.isnan(self) | (self < other), other, self)


derivative(
    "FmaxBackward0",
    of=fmax,
    forward=lambda self_t, other_t, self, other: (
        other_t + _self_taken(self, other, self > other) * (self_t - other_t)
    ),
    self=lambda grad, self, other: masked(grad, logical_not(_self_taken(self, other, self >= other)), 0),
    other=lambda grad, self, other: masked(grad, _self_taken(self, other, self >= other), 0),
)


@op("fmin", numbers=False)
@supports("biuf", c=RuntimeError("fmin not implemented for complex tensors."))
def fmin(self, other):
    return np.where(np.isnan(self) | (self > other), other, self)


derivative(
    "FminBackward0",
    of=fmin,
    forward=lambda self_t, other_t, self, other: (
        other_t + _self_taken(self, other, self <= other) * (self_t - other_t)
    ),
    self=lambda grad, self, other: masked(grad, logical_not(_self_taken(self, other, self <= other)), 0),
    other=lambda grad, self, other: masked(grad, _self_taken(self, other, self <= other), 0),
)


CLAMPABLE = NotImplementedError("clamp is not supported for complex types")

# -- of one operand -------------------------------------------------------------------------------------


@op("relu", inplace=True, promote="keep", numbers=False)
@supports("iuf", b=RuntimeError("Boolean inputs not supported for relu"), c=CLAMPABLE)
def relu(self):
    return np.where(self < 0, self.dtype.type(0), self)


derivative(
    "ReluBackward0",
    of=relu,
    forward="elementwise",
    self=lambda grad, result: threshold_backward(grad, result, 0),
)


@op("_threshold_backward", promote="arith", last_first=True)
def threshold_backward(grad_output, self, threshold: Any):
    return np.where(self <= threshold, grad_output.dtype.type(0), grad_output)


derivative(
    "ThresholdBackwardBackward0",
    of=threshold_backward,
    forward=lambda grad_output_t, self_t, self, threshold: zeros_like(self_t)
    + threshold_backward(grad_output_t, self, threshold),
    grad_output=lambda grad, self, threshold: threshold_backward(grad, self, threshold),
    self=lambda grad: zeros_like(grad),
)


@op("nan_to_num", inplace=True, promote="keep", numbers=False)
def nan_to_num(self, nan: Any = None, posinf: Any = None, neginf: Any = None):
    if self.dtype.kind in "biu":
        return copied(self)
    out = copied(self)
    return np.nan_to_num(out, copy=False, nan=0.0 if nan is None else nan, posinf=posinf, neginf=neginf)


derivative(
    "NanToNumBackward0", of=nan_to_num, forward="elementwise",  # of Tensors `abs` packs its operand
    self=lambda grad, self: grad * isfinite_op(self.abs() if isinstance(self, Tensor) else self),
)

__all__ = ["array_of", "where"]
