"""Trigonometric and hyperbolic functions, their inverses, and angles.

What may live here: elementwise ops of that kind.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from minigrad import dtypes, errors
from minigrad.ops import elementary
from minigrad.ops.arithmetic import conj, filled_like, less, minus, plus, times
from minigrad.ops.carriers import constant, in_float32, is_complex, supports, zeros_like
from minigrad.ops.complex_products import mixed_product, unrounded_quotient
from minigrad.ops.fused import by_parts, conjugate_below_one, one_minus_square
from minigrad.ops.powers import pow, rsqrt  # noqa: A004 - torch's name
from minigrad.ops.rounding import real_of
from minigrad.ops.selection import where_op
from minigrad.ops.vectors import WIDE, in_vectors
from minigrad.registry import composite, derivative, inplace_of, op
from minigrad.tensor import Tensor

# mypy: disable-error-code="no-untyped-def, no-untyped-call"


@op("sin", inplace=True, promote="float")
def sin(self):
    return elementary.sin(self)


derivative("SinBackward0", of=sin, forward="elementwise", self=lambda grad, self: grad * conj(cos(self)))


@op("cos", inplace=True, promote="float")
def cos(self):
    return elementary.cos(self)


derivative("CosBackward0", of=cos, forward="elementwise", self=lambda grad, self: grad * -conj(sin(self)))


@op("tan", inplace=True, promote="float")
def tan(self):
    return elementary.tan(self)


derivative(
    "TanBackward0",
    of=tan,
    forward="elementwise",
    self=lambda grad, result: grad * conj(plus(pow(result, 2), 1)),
)


@op("sinh", inplace=True, promote="float")
def sinh(self):
    return elementary.sinh(self)


derivative("SinhBackward0", of=sinh, forward="elementwise", self=lambda grad, self: grad * conj(cosh(self)))


@op("cosh", inplace=True, promote="float")
def cosh(self):
    return elementary.cosh(self)


derivative("CoshBackward0", of=cosh, forward="elementwise", self=lambda grad, self: grad * conj(sinh(self)))


@op("tanh", inplace=True, promote="float")
def tanh(self):
    return elementary.tanh(self)


derivative(
    "TanhBackward0", of=tanh, forward="elementwise", self=lambda grad, result: tanh_backward(grad, result)
)


@op("_tanh_backward")
@in_float32
def tanh_backward(grad_output, output):
    if output.dtype.kind == "c":
        vectors = in_vectors(output, grad_output, output, size=WIDE)
        return by_parts(grad_output, conjugate_below_one(by_parts(output, output), vectors))
    return grad_output * one_minus_square(output)


derivative(
    "TanhBackwardBackward0",
    of=tanh_backward,
    forward="terms",
    grad_output=lambda grad, output: tanh_backward(grad, conj(output)),
    output=lambda grad, grad_output, output: conj(grad) * (times(conj(output), -2) * grad_output),
)


# -- inverses -------------------------------------------------------------------------------------------


@op("asin", inplace=True, promote="float")
def asin(self):
    return np.arcsin(self)


derivative(
    "AsinBackward0",
    of=asin,
    forward="elementwise",
    self=lambda grad, self: grad * conj(rsqrt(plus(-self * self, 1))),
)


@op("acos", inplace=True, promote="float")
def acos(self):
    if self.dtype == np.complex128:  # whose vectors have no cosine's inverse of their own
        return self.dtype.type(math.pi / 2) - np.arcsin(self)
    return elementary.arccos(self)


derivative(
    "AcosBackward0",
    of=acos,
    forward="elementwise",
    self=lambda grad, self: grad * -conj(rsqrt(plus(-self * self, 1))),
)


@op("atan", inplace=True, promote="float")
def atan(self):
    return elementary.arctan(self)


derivative(
    "AtanBackward0", of=atan, forward="elementwise", self=lambda grad, self: grad / conj(plus(self * self, 1))
)


def _acosh_self(grad, self):
    if is_complex(self):
        return grad * conj(rsqrt(plus(self, 1)) * rsqrt(less(self, 1)))
    return grad * rsqrt(less(self * self, 1))


def _missing(function: str) -> Any:
    """The formula of an in-place form that torch does not differentiate."""

    def refuse(grad):
        raise errors.no_derivative(f"inplace version of {function}")

    return refuse


def _declare_inverse(name: str, ufunc: Any, formula: Any) -> Any:
    """asinh, acosh, atanh: their in-place forms have a node of their own, which raises."""
    label = name.capitalize() + "Backward"
    public = op(name, promote="float")(lambda self: ufunc(self))
    derivative(label + "0", of=public, forward="elementwise", self=formula)
    written = op(f"_{name}_", inplace=True, promote="float", name=f"_{name}")(lambda self: ufunc(self))
    derivative(label + "1", of=written, forward=None, self=_missing(name))
    composite(name + "_")(inplace_of(written))
    return public


def _atanh_self(grad, self):
    slope = conj(minus(1, pow(self, 2)))  # first, as the operand on the right in torch
    return times(grad, 1) / slope


asinh = _declare_inverse("asinh", np.arcsinh, lambda grad, self: grad * conj(rsqrt(plus(pow(self, 2), 1))))
acosh = _declare_inverse("acosh", np.arccosh, _acosh_self)
atanh = _declare_inverse(
    "atanh", np.arctanh, _atanh_self
)

for _alias, _fn in (("arcsin", asin), ("arccos", acos), ("arctan", atan)):
    composite(_alias)(_fn)
    composite(_alias + "_")(inplace_of(_fn))
for _alias, _fn in (("arcsinh", asinh), ("arccosh", acosh), ("arctanh", atanh)):
    composite(_alias)(_fn)
    composite(_alias + "_")(getattr(Tensor, _fn.__name__ + "_"))


# -- angles ---------------------------------------------------------------------------------------------


@op("sinc", inplace=True, promote="float")
@in_float32
def sinc(self):
    turned = self * self.dtype.type(math.pi)
    divide: Any = unrounded_quotient if self.dtype.kind == "c" else np.true_divide
    return np.where(self == 0, self.dtype.type(1), divide(elementary.sin(turned), turned))


def _sinc_self(grad, self):
    turned = times(self, math.pi)
    squared = times(self * self, math.pi)
    sine = sin(turned)
    out = grad * conj((turned * cos(turned) - sine) / squared)
    return where_op(squared == 0.0, constant(0, grad), out)


derivative("SincBackward0", of=sinc, forward="elementwise", self=_sinc_self)


@op("angle", promote="keep", numbers=False)
def angle(self):
    if self.dtype.kind == "c":
        return np.asarray(np.angle(self), order="C")
    a = self if self.dtype.kind == "f" else self.astype(dtypes.get_default_dtype().numpy)
    turned = np.where(a < 0, a.dtype.type(math.pi), a.dtype.type(0))
    return np.where(np.isnan(a), a, turned)


def _angle_self(grad, self):
    if not is_complex(self):
        return zeros_like(self)
    slope = mixed_product(grad, self) / pow(abs(self), 2)
    return where_op(self == 0.0, constant(0, self), times(slope, 1j))


derivative(
    "AngleBackward0",
    of=angle,
    forward=lambda self_t, self: real_of(conj(_angle_self(conj(self_t), self))),
    self=_angle_self,
)


@op("deg2rad", inplace=True, promote="float")
@supports("f", c=RuntimeError("deg2rad is not supported for complex tensors."))
def deg2rad(self):
    return self * self.dtype.type(math.pi / 180)


derivative(
    "Deg2RadBackward0", of=deg2rad, forward="elementwise", self=lambda grad: times(grad, math.pi / 180)
)


@op("rad2deg", inplace=True, promote="float")
@supports("f", c=RuntimeError("rad2deg is not supported for complex tensors."))
def rad2deg(self):
    return self * self.dtype.type(180 / math.pi)


derivative(
    "Rad2DegBackward0", of=rad2deg, forward="elementwise", self=lambda grad: times(grad, 180 / math.pi)
)

__all__ = ["acosh", "asinh", "atanh", "filled_like"]
