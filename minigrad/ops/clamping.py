"""Elements brought within bounds: clamp, clip, clamp_min, clamp_max.

What may live here: these ops, by numbers and by tensors.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad import dtypes, errors
from minigrad.from_data import as_element, check_range, overflow
from minigrad.ops.carriers import array_of, constant, written
from minigrad.ops.comparison import logical_and, logical_or
from minigrad.ops.selection import CLAMPABLE, lowered, other_zero, raised, where_op
from minigrad.promotion import broadcast_shape
from minigrad.registry import composite, derivative, inplace_of, op, publish
from minigrad.tensor import Tensor

# ruff: noqa: A006 - formulas name the parameters they take, which are torch's
# mypy: disable-error-code="no-untyped-def, no-untyped-call"


def _within(self, low, high):
    """Where `self` is not clamped; at the bounds it counts as within."""
    if low is None:
        return self <= high
    return self >= low if high is None else _into(logical_and, self >= low, self <= high)


def _kept(grad, kept):
    return where_op(kept, grad, constant(0, grad))


def _clamped(a, low, high):
    if low is not None:
        a = raised(a, low)
    return a if high is None else lowered(a, high)


def _bounded(kernel: str, a: Any, *bounds: Any) -> Any:
    """An array and numbers in their common dtype, which `kernel` must have."""
    a = np.asarray(a)
    target = a.dtype
    if target.kind != "f":
        target = dtypes.result_dtype(a, *[b for b in bounds if b is not None]).numpy
        if target.kind == "c":
            raise type(CLAMPABLE)(*CLAMPABLE.args)
        if target.kind == "b":
            raise errors.not_implemented_for(kernel, target)
    for bound in bounds:
        if type(bound) is complex:
            raise overflow("double")
        if bound is not None:
            check_range(bound, target)
    if target.kind in "iu":
        bounds = tuple([None if b is None else as_element(b, target) for b in bounds])
    return a.astype(target, copy=False), *(None if b is None else target.type(b) for b in bounds)


def _real(bound):
    """The bound of a function with one."""
    if type(bound) is complex:
        raise type(CLAMPABLE)(*CLAMPABLE.args)
    return bound


@op("_clamp", inplace=True, promote="keep")
def clamp_numbers(self, min: Any = None, max: Any = None):
    bounds = "_min" if max is None else "_max" if min is None else ""
    return _clamped(*_bounded(f"clamp{bounds}_scalar_cpu", self, min, max))


derivative(
    "ClampBackward1",
    of=clamp_numbers,
    forward="elementwise",
    self=lambda grad, self, min, max: _kept(grad, _within(self, min, max)),
)


def _no_complex_numbers(self, min=None, max=None):
    if self.dtype.kind == "c":
        raise type(CLAMPABLE)(*CLAMPABLE.args)


@op("_clamp.Tensor", inplace=True, check=_no_complex_numbers)
def clamp_tensors(self, min=None, max=None):
    if self.dtype.kind in "bc" and min is not None and max is not None:
        raise errors.not_implemented_for("clamp_cpu", self.dtype)
    if self.dtype.kind == "c":
        raise errors.not_implemented_for("minimum_cpu" if min is None else "maximum_cpu", self.dtype)
    if max is None:
        return other_zero(raised(self, min), self, min)
    if min is None:
        return other_zero(lowered(self, max), self, max)
    above = raised(self, min)
    out = lowered(above, max)
    if out.dtype.kind == "f" and not out.all():
        above = other_zero(np.broadcast_to(above, out.shape).copy(), self, min, max)
        out = other_zero(lowered(above, max), above, max, self, min)
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
def clamp_min_number(self, min: Any):
    return raised(*_bounded("clamp_min_scalar_cpu", self, _real(min)))


derivative(
    "ClampMinBackward0",
    of=clamp_min_number,
    forward="elementwise",
    self=lambda grad, self, min: _kept(grad, self >= min),
)


@op("_clamp_min.Tensor", inplace=True)
def clamp_min_tensor(self, min):
    if self.dtype.kind == "c":
        raise errors.not_implemented_for("maximum_cpu", self.dtype)
    return other_zero(raised(self, min), self, min)


derivative(
    "ClampMinBackward1",
    of=clamp_min_tensor,
    forward=lambda self_t, min_t, self, min: where_op(self >= min, self_t, min_t),
    self=lambda grad, self, min: _kept(grad, self >= min),
    min=lambda grad, self, min: _kept(grad, self < min),
)


@op("_clamp_max", inplace=True, promote="keep")
def clamp_max_number(self, max: Any):
    return lowered(*_bounded("clamp_max_scalar_cpu", self, _real(max)))


derivative(
    "ClampMaxBackward0",
    of=clamp_max_number,
    forward="elementwise",
    self=lambda grad, self, max: _kept(grad, self <= max),
)


@op("_clamp_max.Tensor", inplace=True)
def clamp_max_tensor(self, max):
    if self.dtype.kind == "c":
        raise errors.not_implemented_for("minimum_cpu", self.dtype)
    return other_zero(lowered(self, max), self, max)


derivative(
    "ClampMaxBackward1",
    of=clamp_max_tensor,
    forward=lambda self_t, max_t, self, max: where_op(self <= max, self_t, max_t),
    self=lambda grad, self, max: _kept(grad, self <= max),
    max=lambda grad, self, max: _kept(grad, self > max),
)


def _check_written(self, *bounds):
    """What torch looks at first where integers are written: whether they hold what the bounds promote them to."""
    if self._a.dtype.kind in "biu":
        target = dtypes.result_dtype(self._a, *[b for b in bounds if b is not None]).numpy
        if target.kind in ("ifc" if self._a.dtype.kind == "b" else "fc"):
            raise RuntimeError(
                f"result type {errors.TYPE_NAMES[target.name]} can't be cast to the desired output type "
                f"{dtypes.C_NAMES[self._a.dtype.name]}"
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
            tensors = isinstance(min, Tensor) or isinstance(max, Tensor)
            try:
                return how[tensors](self, min, max)
            except RuntimeError:
                if suffix and not tensors:
                    _check_written(self, min, max)
                raise

        return clamp

    for name in ("clamp", "clip"):
        composite(name)(pair(""))
        composite(name + "_")(pair("_"))
    for name, number, tensor in (
        ("clamp_min", clamp_min_number, clamp_min_tensor),
        ("clamp_max", clamp_max_number, clamp_max_tensor),
    ):
        publish(name, _one_bound(name[6:], number, tensor))
        publish(name + "_", _one_bound_in_place(name[6:], *(inplace_of(f) for f in (number, tensor))))


def _one_bound(bound: str, number: Any, tensor: Any) -> Any:
    if bound == "min":
        return lambda self, min: (tensor if isinstance(min, Tensor) else number)(self, min)
    return lambda self, max: (tensor if isinstance(max, Tensor) else number)(self, max)


def _one_bound_in_place(bound: str, number: Any, tensor: Any) -> Any:
    def write(self, value):
        if isinstance(value, Tensor):
            return tensor(self, value)
        try:
            return number(self, value)
        except RuntimeError:
            if type(value) is not complex:
                _check_written(self, value)
            raise

    if bound == "min":
        return lambda self, min: write(self, min)
    return lambda self, max: write(self, max)


_publish_clamps()
