"""Elementwise functions of two operands but arithmetic: atan2, hypot, logaddexp, xlogy, copysign, ldexp.

What may live here: such ops.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from minigrad import dtypes, errors
from minigrad.layout import laid_out, lying_as
from minigrad.ops import elementary
from minigrad.ops.arithmetic import conj, plus, times
from minigrad.ops.carriers import (
    alike,
    fresh_zeros,
    in_float32,
    is_complex,
    masked,
    supports,
    written,
)
from minigrad.ops.comparison import logical_and
from minigrad.ops.exponential import exp, log_of_one_more
from minigrad.ops.fused import fma
from minigrad.ops.powers import pow, pow_of_number, pow_tensors  # noqa: A004 - torch's name
from minigrad.ops.selection import where_op
from minigrad.ops.undifferentiated import without_derivative
from minigrad.promotion import broadcast_shape, to_float
from minigrad.registry import composite, derivative, inplace_of, op
from minigrad.tensor import Tensor, wrap
from minigrad.warn import warn

# mypy: disable-error-code="no-untyped-def, no-untyped-call"


@op("atan2", inplace=True, promote="float", numbers=False)
@supports("f", "atan2_cpu")
def atan2(self, other):
    return elementary.arctan2(self, other)


def _square(self, other):
    """The squared length; the operand on the right comes first, as in torch (arithmetic.right_first)."""
    second = other * other
    return self * self + second


def _atan2_pair(grad, self, other, wanted):
    """Both gradients, which share 1 over the squared length."""
    length = _square(self, other)
    inverse = masked(length.reciprocal() if isinstance(length, Tensor) else 1 / length, length == 0, 0)
    return grad * other * inverse if wanted[0] else None, grad * -self * inverse if wanted[1] else None


derivative(
    "Atan2Backward0",
    of=atan2,
    forward=lambda self_t, other_t, self, other: (
        (-self * other_t + other * self_t) / (pow(self, 2) + pow(other, 2))
    ),
    joint=(("self", "other"), _atan2_pair),
)
composite("arctan2")(atan2)
composite("arctan2_", function=False)(inplace_of(atan2))


@op("hypot", inplace=True, numbers=False)
@supports("f", "hypot_cpu")
def hypot(self, other):
    return np.hypot(self, other)


derivative(
    "HypotBackward0",
    of=hypot,
    forward=lambda self_t, other_t, self, other, result: self_t * self / result + other_t * other / result,
    self=lambda grad, self, result: grad * self / result,
    other=lambda grad, other, result: grad * other / result,
)


# -- sums of exponentials -------------------------------------------------------------------------------


@op("logaddexp", numbers=False)
@supports("fc", "logaddexp_cpu")
@in_float32
def logaddexp(self, other):
    if self.dtype.kind == "f":
        high, raised = np.maximum(self, other), elementary.exp(-np.abs(self - other))
        above = log_of_one_more(raised, self, other)
        return np.where(np.isinf(high) & (self == other), self, high + above)
    high = np.where(self.real >= other.real, self, other)
    return elementary.log(elementary.exp(self - high) + elementary.exp(other - high)) + high


derivative(
    "LogaddexpBackward0",
    of=logaddexp,
    forward=lambda self_t, other_t, self, other: (
        self_t / plus(exp(other - self), 1) + other_t / plus(exp(self - other), 1)
    ),
    self=lambda grad, self, other: grad / conj(plus(exp(other - self), 1)),
    other=lambda grad, self, other: grad / conj(plus(exp(self - other), 1)),
)


@op("logaddexp2", numbers=False)
@supports("f", "logaddexp2_cpu")
@in_float32
def logaddexp2(self, other):
    high = np.maximum(self, other)
    raised = elementary.exp2(-np.abs(self - other))
    above = log_of_one_more(raised, self, other)
    total = fma(above, self.dtype.type(1 / math.log(2)), high)
    return np.where(np.isinf(high) & (self == other), self, total)


derivative(
    "Logaddexp2Backward0",
    of=logaddexp2,
    forward=lambda self_t, other_t, self, other: (
        self_t / plus(pow(2, other - self), 1) + other_t / plus(pow(2, self - other), 1)
    ),
    self=lambda grad, self, other: grad / plus(pow(2, other - self), 1),
    other=lambda grad, self, other: grad / plus(pow(2, self - other), 1),
)


# -- x log y --------------------------------------------------------------------------------------------


def times_log(name: str, log: Callable[[Any], Any]) -> Callable[[Any, Any], Any]:
    """A kernel for x log y, 0 where x is and y is no NaN; `name` is torch's, for what it refuses."""

    @in_float32
    def product(x, y):
        x, y = alike(x, y)
        if x.dtype.kind == "c":
            raise errors.not_implemented_for(name, x.dtype)
        return np.where(np.isnan(y), y, np.where(x == 0, np.zeros_like(x), x * log(y)))

    return product


_xlogy = times_log("xlogy_cpu", elementary.log)


@op("_xlogy.Tensor", inplace=True, promote="float")
@supports("f", "xlogy_cpu")
def xlogy_tensors(self, other):
    return _xlogy(self, other)


derivative(
    "XlogyBackward0",
    of=xlogy_tensors,
    forward=lambda self_t, other_t, self, other: (
        masked(xlogy_tensors(self_t, other), logical_and(self == 0.0, other <= 0.0), 0.0)
        + other_t * self / other
    ),
    self=lambda grad, self, other: masked(
        xlogy_tensors(grad, other), logical_and(self == 0.0, other <= 0.0), 0.0
    ),
    other=lambda grad, self, other: grad * self / other,
)


@op("_xlogy.Scalar_Self", promote="keep")
def xlogy_of_number(self: Any, other):
    return _xlogy(*to_float([self, np.asarray(other)]))


derivative(
    "XlogyBackward1",
    of=xlogy_of_number,
    forward="elementwise",
    other=lambda grad, self, other: times(grad, self) / other,
)


@op("_xlogy.Scalar_Other", inplace=True, promote="keep")
def xlogy_number(self, other: Any):
    return _xlogy(*to_float([np.asarray(self), other]))


def _xlogy_number_self(grad, self, other):
    slope = xlogy_number(grad, other)
    return slope if float(other) > 0.0 else masked(slope, self == 0.0, 0.0)


derivative("XlogyBackward2", of=xlogy_number, forward="elementwise", self=_xlogy_number_self)


@composite("xlogy")
def xlogy(self, other):
    """`self * log(other)`, zero where `self` is zero."""
    if not isinstance(self, Tensor):
        return xlogy_of_number(self, other)
    return (xlogy_tensors if isinstance(other, Tensor) else xlogy_number)(self, other)


@composite("xlogy_")
def xlogy_(self, other):
    """The same, in place."""
    return inplace_of(xlogy_tensors if isinstance(other, Tensor) else xlogy_number)(self, other)


# -- signs and scales -----------------------------------------------------------------------------------


def _copysign_self(grad, self, result):
    return grad * masked(result / self, self == 0, 0)


@op("_copysign.Tensor", inplace=True, promote="float")
@supports("f", "copysign_cpu")
def copysign_tensors(self, other):
    return np.copysign(self, other)


def _nothing(grad, shape, dtype):
    """Zeros of `shape` and `dtype` of the kind of carrier that `grad` is."""
    zeros = np.zeros(shape, dtype)
    return wrap(zeros) if isinstance(grad, Tensor) else zeros


derivative(
    "CopysignBackward0",
    of=copysign_tensors,
    forward=lambda self_t, self, result: _copysign_self(self_t, self, result),
    self=_copysign_self,
    other=lambda grad, other_shape, other_dtype: written(_nothing(grad, other_shape, other_dtype)),
)


@op("_copysign.Scalar", inplace=True, promote="float")
@supports("f", "copysign_cpu")
def copysign_number(self, other: Any):
    if isinstance(other, complex):
        raise errors.not_implemented_for("copysign_cpu", np.dtype(np.complex64))
    if type(other) is int:
        dtypes.check_integer(other)
    return np.copysign(self, self.dtype.type(other))


derivative("CopysignBackward1", of=copysign_number, forward="elementwise", self=_copysign_self)


@composite("copysign")
def copysign(self, other):
    """The magnitude of `self` with the sign of `other`."""
    return (copysign_tensors if isinstance(other, Tensor) else copysign_number)(self, other)


@composite("copysign_", function=False)
def copysign_(self, other):
    """The same, in place."""
    return inplace_of(copysign_tensors if isinstance(other, Tensor) else copysign_number)(self, other)


@op("ldexp", inplace=True, promote="keep", numbers=False, reads_first=True, method=False, function=False)
def ldexp_op(self, other):
    if self.dtype.kind == "f" and other.dtype.kind not in "fc":
        return _exponent_added(self, other)
    scale = _power_of_two(self.dtype, other)
    target = dtypes.result_dtype(self, scale).numpy
    return laid_out(np.multiply(self.astype(target, copy=False), scale.astype(target, copy=False)), (self, scale))


def _power_of_two(like, other):
    """Two to the power of `other`: where `like` is neither that of integers nor the usual dtype, torch has made a
    tensor of the two, which shows in how the power lies."""
    if like.kind in "fc" and like.name != "float32":
        two = np.asarray(2, like)
        target = dtypes.result_dtype(two, other).numpy
        power = pow_tensors(two.astype(target), np.asarray(other.astype(target, copy=False)))
        return laid_out(np.asarray(power), (other,))
    return np.asarray(pow_of_number(2.0, other if other.dtype.kind in "fc" else other.astype(np.float32)))


def _exponent_added(self, other):
    """Floats by integers, of which torch takes 32 bits, without a power that may not be a number of the dtype."""
    if other.dtype.kind == "b":
        raise errors.not_implemented_for("ldexp_cpu_exp", other.dtype)
    out = np.asarray(np.ldexp(self, other.astype(np.int32)))
    return lying_as(out, self) if out.shape == self.shape else laid_out(out, (self, other))


derivative(
    "LdexpBackward0",
    of=ldexp_op,
    unreal=True,
    forward=lambda self_t, other_t, other, result: self_t * pow(2, other) + times(other_t * result, math.log(2)),
    self=lambda grad, other: grad * conj(pow(2, other)),
    other=lambda grad, result: times(grad * conj(result), math.log(2)),
)


@composite("ldexp")
def ldexp(self, other):
    """`self` times two to the power of `other`."""
    if isinstance(other, Tensor) and self._a.dtype.kind == "f" and other._a.dtype.kind not in "fc":
        had, wanted = self._a.shape, broadcast_shape([self._a.shape, other._a.shape])
        if had != wanted and self._a.size:  # torch makes the result like `self`, and then has it grow
            warn(errors.resized_output(had, wanted))
    return ldexp_op(self, other)


@composite("ldexp_", function=False)
def ldexp_(self, other):
    """The same, in place."""
    if self._a.dtype.kind not in "fc":
        raise RuntimeError(f"ldexp can't be cast to the desired output type {errors.TYPE_NAMES[self._a.dtype.name]}")
    return inplace_of(ldexp_op)(self, other)


def _heaviside(self, values):
    if "c" in self.dtype.kind + values.dtype.kind:
        raise RuntimeError("heaviside is not yet implemented for complex tensors.")
    if self.dtype != values.dtype:
        raise RuntimeError("heaviside is not yet implemented for tensors with different dtypes.")
    return laid_out(np.where(self == 0, values, (self > 0).astype(self.dtype)), (self, values))


heaviside = without_derivative("heaviside", _heaviside, promote="keep", numbers=False)


@op("nextafter", inplace=True, numbers=False)
@supports("f", "nextafter_cpu")
def nextafter(self, other):
    found = np.nextafter(self, other)
    return found if self.dtype != np.float16 else np.where(self == other, other, found)  # of zeros the other


def _zeros(grad, shape, kind):
    return fresh_zeros(shape, kind) if isinstance(grad, Tensor) else written(np.zeros(shape, kind))


derivative(
    "NextafterBackward0",
    of=nextafter,
    forward=lambda self_t, self, other: where_op(self != other, self_t, 0),
    self=lambda grad, self, other: where_op(self != other, grad, 0),
    other=lambda grad, other_shape, other_dtype: _zeros(grad, other_shape, other_dtype),
)

__all__ = ["is_complex"]
