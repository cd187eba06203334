"""Quotients with rounding and their remainders: div, floor_divide, remainder, fmod.

What may live here: these ops and their operators. True division is in `arithmetic`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad import errors
from minigrad.memory import allocate, dense_strides, strides_of
from minigrad.ops.arithmetic import mul, reciprocal, right_first, true_div
from minigrad.ops.carriers import alike, array_of, in_float32, supports, zeros_like
from minigrad.ops.complex_products import complex_quotient
from minigrad.ops.conversion import cast
from minigrad.ops.undifferentiated import without_derivative
from minigrad.registry import composite, decl_of, derivative, inplace_of, op
from minigrad.tensor import Tensor, wrap

# mypy: disable-error-code="no-untyped-def, no-untyped-call"


def _no_zero_divisor(other):
    if other.dtype.kind in "iu" and not np.all(other):
        raise RuntimeError("ZeroDivisionError")


@in_float32
def _floor_quotient(a, b):
    if a.dtype.kind == "f":
        # by way of the remainder, as Python does: floor(a / b) would round twice
        with_remainder = (a - np.fmod(a, b)) / b
        exact = np.where(
            (np.fmod(a, b) != 0) & ((b < 0) != (np.fmod(a, b) < 0)), with_remainder - 1, with_remainder
        )
        low = np.floor(exact)
        low = np.where(exact - low > 0.5, low + 1, low)
        zero = np.copysign(a.dtype.type(0), a / b)
        return np.where(b == 0, a / b, np.where(exact != 0, low, zero)).astype(a.dtype, copy=False)
    return np.floor_divide(a, b)


@in_float32
def _trunc_quotient(a, b):
    if a.dtype.kind == "f":
        return np.trunc(a / b)
    quotient = np.floor_divide(a, b)
    return quotient + ((a % b != 0) & ((a < 0) != (b < 0)))


def _rounded(a, b, mode):
    a, b = alike(a, b)
    _no_zero_divisor(b)
    return _floor_quotient(a, b) if mode == "floor" else _trunc_quotient(a, b).astype(a.dtype, copy=False)


@op("_div.Tensor_mode", inplace=True, wide=True)
def div_rounded(self, other, rounding_mode: Any):
    if self.dtype.kind not in "iuf":
        raise errors.not_implemented_for(f"div_{rounding_mode}_cpu", self.dtype)
    return _rounded(self, other, rounding_mode)


derivative(
    "DivBackward2",
    of=div_rounded,
    forward=lambda result: zeros_like(result),
    self=lambda grad, self_dtype, other, rounding_mode: zeros_of(grad, self_dtype),
    other=lambda grad, self, other_dtype, other: zeros_of(grad, other_dtype),
)


def zeros_of(grad: Any, dt: Any) -> Any:
    """Zeros laid out as a carrier, in another dtype."""
    a = np.asarray(array_of(grad))
    zeros = allocate(a.shape, dt or a.dtype, dense_strides(a.shape, strides_of(a)))
    return wrap(zeros) if isinstance(grad, Tensor) else zeros


@op("_div.Tensor_no_mode", inplace=True, promote="float", wide=True)
def div_unrounded(self, other, rounding_mode: Any = None):
    return np.true_divide(self, other) if self.dtype.kind != "c" else complex_quotient(self, other)


derivative(
    "DivBackward2",
    of=div_unrounded,
    forward=lambda self_t, other_t, self, other: self_t / other - other_t * (self / other) / other,
    self=lambda grad, other, rounding_mode: decl_of(true_div).formulas["self"](grad, other),
    other=decl_of(true_div).formulas["other"],
)

_OMITTED: Any = object()


def _divide(in_place: bool) -> Any:
    def pick(fn: Any) -> Any:
        return inplace_of(fn) if in_place else fn

    def div(self, other, *, rounding_mode: Any = _OMITTED):
        """Quotient; integers divide to floats unless `rounding_mode` is "trunc" or "floor"."""
        if rounding_mode is _OMITTED:
            return pick(true_div)(self, other)
        if rounding_mode is None:
            return pick(div_unrounded)(self, other)
        if rounding_mode not in ("trunc", "floor"):
            raise RuntimeError(
                "div expected rounding_mode to be one of None, 'trunc', or 'floor' but found '"
                + rounding_mode
                + "'"
            )
        return pick(div_rounded)(self, other, rounding_mode)

    return div


div, div_ = _divide(in_place=False), _divide(in_place=True)
composite("div", aliases=("divide",))(div)
composite("div_", function=False, aliases=("divide_",))(div_)
composite("true_divide")(true_div)
composite("true_divide_", function=False)(inplace_of(true_div))


@supports("iuf", "div_floor_cpu")
def _floor_divided(self, other):
    return _rounded(self, other, "floor")


floor_divide = without_derivative("floor_divide", _floor_divided, wide=True)


# -- remainders -----------------------------------------------------------------------------------------


def _remainder(a, b):
    a, b = alike(a, b)
    _no_zero_divisor(b)
    if a.dtype.kind != "f":
        return np.remainder(a, b)
    mod = np.fmod(a, b)
    return np.where((mod != 0) & ((b < 0) != (mod < 0)), mod + b, mod).astype(a.dtype, copy=False)


@op("_remainder.Scalar", inplace=True)
@supports("iuf", "remainder_cpu")
def remainder_number(self, other):
    return _remainder(self, other)


derivative("RemainderBackward0", of=remainder_number, forward="elementwise", self=lambda grad: grad)


@op("_remainder.Tensor", inplace=True)
@supports("iuf", "remainder_cpu")
def remainder_tensor(self, other):
    return _remainder(self, other)


derivative(
    "RemainderBackward1",
    of=remainder_tensor,
    forward=lambda self_t, other_t, self, other: self_t - other_t * div(self, other, rounding_mode="floor"),
    self=lambda grad: grad,
    other=lambda grad, self, other: right_first(quotient(self, other, "floor"), lambda: -grad),
)


def quotient(self, other, mode: str):
    """The rounded quotient of two carriers."""
    return div(self, other, rounding_mode=mode)


@supports("iuf", "remainder_cpu")
def _remainder_of_number(self, other):
    return _remainder(self, other)


remainder_of_number = without_derivative("_remainder_of_number", _remainder_of_number, shown="remainder")


def _fmod(a, b):
    a, b = alike(a, b)
    _no_zero_divisor(b)
    return np.fmod(a, b)


@op("_fmod.Scalar", inplace=True)
@supports("iuf", "fmod_cpu")
def fmod_number(self, other):
    return _fmod(self, other)


derivative("FmodBackward0", of=fmod_number, forward="elementwise", self=lambda grad: grad)


@op("_fmod.Tensor", inplace=True)
@supports("iuf", "fmod_cpu")
def fmod_tensor(self, other):
    return _fmod(self, other)


derivative(
    "FmodBackward1",
    of=fmod_tensor,
    forward=lambda self_t, other_t, self, other: self_t - other_t * div(self, other, rounding_mode="trunc"),
    self=lambda grad: grad,
    other=lambda grad, self, other: right_first(quotient(self, other, "trunc"), lambda: -grad),
)


def remainder(self, other):
    """The remainder with the sign of the divisor."""
    if not isinstance(self, Tensor):
        return remainder_of_number(self, other)
    return (remainder_tensor if isinstance(other, Tensor) else remainder_number)(self, other)


def fmod(self, other):
    """The remainder with the sign of the dividend."""
    return (fmod_tensor if isinstance(other, Tensor) else fmod_number)(self, other)


def remainder_(self, other):
    """`remainder`, written into `self`."""
    return inplace_of(remainder_tensor if isinstance(other, Tensor) else remainder_number)(self, other)


def fmod_(self, other):
    """`fmod`, written into `self`."""
    return inplace_of(fmod_tensor if isinstance(other, Tensor) else fmod_number)(self, other)


for _name, _fn in (("remainder", remainder), ("fmod", fmod)):
    composite(_name)(_fn)
for _name, _fn in (("remainder_", remainder_), ("fmod_", fmod_)):
    composite(_name, function=False)(_fn)


def _install_operators() -> None:
    t: Any = Tensor

    def guarded(forward: Any) -> Any:
        def method(self, other):
            if not isinstance(other, (Tensor, bool, int, float, complex, np.generic)):
                return NotImplemented
            return forward(self, other)

        return method

    t.__truediv__ = true_div
    decl_of(true_div).operator = True
    t.__rtruediv__ = guarded(lambda self, other: mul(reciprocal(self), other))
    t.__itruediv__ = inplace_of(true_div)
    t.__floordiv__ = guarded(floor_divide)
    t.__rfloordiv__ = guarded(lambda self, other: floor_divide(other, self))
    t.__ifloordiv__ = guarded(t.floor_divide_)
    t.__mod__ = guarded(remainder)
    t.__rmod__ = guarded(lambda self, other: remainder(other, self))
    t.__imod__ = guarded(remainder_)


_install_operators()

__all__ = ["cast", "div", "floor_divide", "fmod", "remainder"]
