"""Choosing between elements: where, maximum and minimum, clamp, relu, nan_to_num.

What may live here: elementwise ops whose derivative is that of whichever operand was chosen.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad import dtypes, errors
from minigrad.from_data import check_range
from minigrad.ops.arithmetic import over
from minigrad.ops.carriers import array_of, constant, masked, supports, written, zeros_like
from minigrad.ops.comparison import isfinite_op, isnan, logical_and, logical_not, logical_or
from minigrad.ops.copying import copied
from minigrad.ops.vectors import in_vectors
from minigrad.promotion import broadcast_shape
from minigrad.registry import composite, derivative, inplace_of, op, publish
from minigrad.tensor import Tensor

# ruff: noqa: A006 - formulas name the parameters they take, which are torch's
# mypy: disable-error-code="no-untyped-def, no-untyped-call"


def _boolean_condition(condition: Any, self: Any, other: Any) -> None:
    if condition.dtype.kind != "b" and condition.dtype != np.uint8:
        raise RuntimeError(
            "where expected condition to be a boolean tensor, but got a tensor with dtype "
            f"{errors.TYPE_NAMES[condition.dtype.name]}"
        )


@op("_where.self", promote="rest")
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


def _raised(a, low):
    """At least `low`; of equal ones (and of zeros of either sign) the element itself, NaN where either is."""
    return np.where(a < low, low, np.where(np.isnan(low), low, a)) if a.dtype.kind == "f" else np.maximum(a, low)


def _lowered(a, high):
    return np.where(a > high, high, np.where(np.isnan(high), high, a)) if a.dtype.kind == "f" else np.minimum(a, high)


def _other_zero(out, self, other, *beside):
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
    return _other_zero(_raised(self, other), self, other)


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
    return _other_zero(_lowered(self, other), self, other)


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


# -- clamp ----------------------------------------------------------------------------------------------

_CLAMPABLE = NotImplementedError("clamp is not supported for complex types")


def _within(self, low, high):
    """Where `self` is not clamped; at the bounds it counts as within."""
    if low is None:
        return self <= high
    return self >= low if high is None else _into(logical_and, self >= low, self <= high)


def _kept(grad, kept):
    return where_op(kept, grad, constant(0, grad))


def _clamped(a, low, high):
    if low is not None:
        a = _raised(a, low)
    return a if high is None else _lowered(a, high)


def _bounded(a, *bounds):
    """An array and numbers in their common dtype."""
    a = np.asarray(a)
    target = dtypes.result_dtype(a, *[b for b in bounds if b is not None]).numpy
    for bound in bounds:
        check_range(bound, target)
    return a.astype(target, copy=False), *(None if b is None else target.type(b) for b in bounds)


@op("_clamp", inplace=True, promote="keep")
@supports("iuf", "clamp_scalar_cpu", c=_CLAMPABLE)
def clamp_numbers(self, min: Any = None, max: Any = None):
    return _clamped(*_bounded(self, min, max))


derivative(
    "ClampBackward1",
    of=clamp_numbers,
    forward="elementwise",
    self=lambda grad, self, min, max: _kept(grad, _within(self, min, max)),
)


@op("_clamp.Tensor", inplace=True)
@supports("biuf", "clamp_cpu", c=_CLAMPABLE)
def clamp_tensors(self, min=None, max=None):
    if max is None:
        return _other_zero(_raised(self, min), self, min)
    if min is None:
        return _other_zero(_lowered(self, max), self, max)
    above = _raised(self, min)
    out = _lowered(above, max)
    if out.dtype.kind == "f" and not out.all():
        above = _other_zero(np.broadcast_to(above, out.shape).copy(), self, min, max)
        out = _other_zero(_lowered(above, max), above, max, self, min)
    return out


def _into(logic, target, other):
    """What torch does in place here, so that bounds wider than what they bound are refused at backward."""
    a, b = array_of(target).shape, array_of(other).shape
    if broadcast_shape([a, b]) != a:
        raise errors.output_shape_mismatch(a, broadcast_shape([a, b]))
    made = logic(target, other)
    return written(made) if isinstance(made, Tensor) else made


def _clamp_min_gradient(grad, self, min, max):
    below = self < min
    return _kept(grad, below if max is None else _into(logical_and, below, min < max))


def _clamp_max_gradient(grad, self, min, max):
    above = self > max
    return _kept(grad, above if min is None else _into(logical_or, above, max < min))


def _clamp_along(self_t, min_t, max_t, self, min, max):
    """Formula of torch's clamp_jvp."""
    if max is None:
        return where_op(self > min, self_t, min_t)
    if min is None:
        return where_op(self < max, self_t, max_t)
    inside = where_op(self > max, max_t, self_t)
    return where_op(min > max, max_t, where_op(self < min, min_t, inside))


derivative(
    "ClampBackward0",
    of=clamp_tensors,
    forward=_clamp_along,
    self=lambda grad, self, min, max: _kept(grad, _within(self, min, max)),
    min=_clamp_min_gradient,
    max=_clamp_max_gradient,
)


@op("_clamp_min", inplace=True, promote="keep")
@supports("iuf", "clamp_min_scalar_cpu", c=_CLAMPABLE)
def clamp_min_number(self, min: Any):
    return _raised(*_bounded(self, min))


derivative(
    "ClampMinBackward0",
    of=clamp_min_number,
    forward="elementwise",
    self=lambda grad, self, min: _kept(grad, self >= min),
)


@op("_clamp_min.Tensor", inplace=True)
def clamp_min_tensor(self, min):
    return _other_zero(_raised(self, min), self, min)


derivative(
    "ClampMinBackward1",
    of=clamp_min_tensor,
    forward=lambda self_t, min_t, self, min: where_op(self >= min, self_t, min_t),
    self=lambda grad, self, min: _kept(grad, self >= min),
    min=lambda grad, self, min: _kept(grad, self < min),
)


@op("_clamp_max", inplace=True, promote="keep")
@supports("iuf", "clamp_max_scalar_cpu", c=_CLAMPABLE)
def clamp_max_number(self, max: Any):
    return _lowered(*_bounded(self, max))


derivative(
    "ClampMaxBackward0",
    of=clamp_max_number,
    forward="elementwise",
    self=lambda grad, self, max: _kept(grad, self <= max),
)


@op("_clamp_max.Tensor", inplace=True)
def clamp_max_tensor(self, max):
    return _other_zero(_lowered(self, max), self, max)


derivative(
    "ClampMaxBackward1",
    of=clamp_max_tensor,
    forward=lambda self_t, max_t, self, max: where_op(self <= max, self_t, max_t),
    self=lambda grad, self, max: _kept(grad, self <= max),
    max=lambda grad, self, max: _kept(grad, self > max),
)


def _publish_clamps() -> None:
    """clamp, clamp_min, clamp_max and clip choose their overload by the kind of their bounds."""

    def pair(suffix: str) -> Any:
        numbers, tensors = clamp_numbers.__globals__, clamp_tensors.__globals__
        how = (clamp_numbers, clamp_tensors)
        if suffix:
            how = (numbers["OP"].inplace_function, tensors["OP"].inplace_function)

        def clamp(self, min: Any = None, max: Any = None):
            if min is None and max is None:
                raise RuntimeError("torch.clamp: At least one of 'min' or 'max' must not be None")
            return how[isinstance(min, Tensor) or isinstance(max, Tensor)](self, min, max)

        return clamp

    for name in ("clamp", "clip"):
        composite(name)(pair(""))
        composite(name + "_")(pair("_"))
    for name, number, tensor in (
        ("clamp_min", clamp_min_number, clamp_min_tensor),
        ("clamp_max", clamp_max_number, clamp_max_tensor),
    ):
        publish(name, _one_bound(name[6:], number, tensor))
        publish(name + "_", _one_bound(name[6:], *(inplace_of(f) for f in (number, tensor))))


def _one_bound(bound: str, number: Any, tensor: Any) -> Any:
    if bound == "min":
        return lambda self, min: (tensor if isinstance(min, Tensor) else number)(self, min)
    return lambda self, max: (tensor if isinstance(max, Tensor) else number)(self, max)


_publish_clamps()


# -- of one operand -------------------------------------------------------------------------------------


@op("relu", inplace=True, promote="keep", numbers=False)
@supports("iuf", b=RuntimeError("Boolean inputs not supported for relu"), c=_CLAMPABLE)
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
