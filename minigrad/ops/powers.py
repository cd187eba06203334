"""Powers and roots: pow in its overloads, sqrt, rsqrt, square, float_power.

What may live here: elementwise ops of that kind.
"""

from __future__ import annotations

import cmath
import math
from typing import Any

import numpy as np

from minigrad import dtypes, errors, modes
from minigrad.arguments import to_number
from minigrad.from_data import check_range
from minigrad.ops import elementary
from minigrad.ops.arithmetic import conj, less, plus, right_first, times
from minigrad.ops.carriers import HALF, array_of, constant, in_float32, is_complex
from minigrad.ops.comparison import logical_and
from minigrad.ops.complex_products import power_product, product_of_c
from minigrad.ops.conversion import cast
from minigrad.ops.exponential import log
from minigrad.ops.selection import where_op
from minigrad.ops.vectors import WIDE, in_vectors
from minigrad.registry import composite, derivative, inplace_of, op
from minigrad.tensor import InferenceLeaf, Tensor, wrap

# mypy: disable-error-code="no-untyped-def, no-untyped-call"


@op("sqrt", inplace=True, promote="float")
def sqrt(self):
    return np.sqrt(self)


derivative(
    "SqrtBackward0", of=sqrt, forward="elementwise", self=lambda grad, result: grad / times(conj(result), 2)
)


@op("rsqrt", inplace=True, promote="float")
def rsqrt(self):
    out = np.true_divide(1, np.sqrt(self))
    if out.dtype is HALF and (inside := in_vectors(self, self)) is not False:  # which round a half once, not twice
        np.copyto(out, np.true_divide(1, np.sqrt(self.astype(np.float32))), where=inside)
    return out


derivative(
    "RsqrtBackward0",
    of=rsqrt,
    forward="elementwise",
    self=lambda grad, result: right_first(conj(pow(result, 3)), lambda: times(grad, -0.5)),
)


# -- pow: by a number, by a tensor, of a number ---------------------------------------------------------


def _result_dtype(self, exponent):
    return dtypes.result_dtype(self, exponent).numpy


@op("_pow.Tensor_Scalar", inplace=True, promote="keep")
def pow_number(self, exponent: Any):
    self = np.asarray(self)  # a NumPy scalar would count as a Python number
    target = _result_dtype(self, exponent)
    if type(exponent) is int:
        dtypes.check_integer(exponent)
    a = self.astype(target, copy=False)
    if target.kind in "iu" and exponent < 0:
        raise RuntimeError("Integers to negative integer powers are not allowed.")
    if target.kind in "iu":
        check_range(exponent, target if exponent < 2**63 else np.dtype(np.int64))
    if target.kind == "b":
        return np.power(a.astype(np.int8), exponent).astype(bool)
    return _power(a, exponent)


def _power(a, exponent):
    if a.dtype is HALF:
        check_range(exponent, HALF)
        exponent = float(HALF.type(exponent))
        if exponent in (0.5, -0.5):  # halves have no roots for powers, as -0 and -inf show
            return np.float_power(a, np.full(a.shape, exponent)).astype(HALF)
    return _powers(a, exponent)


@in_float32
def _powers(a, exponent):
    """Exponents that torch computes by simpler means than pow are computed by the same means."""
    if a.dtype.kind in "fc":
        product: Any = np.multiply if a.dtype.kind == "f" else power_product
        if exponent == 0:
            return np.ones_like(a)
        if exponent == 1:
            return a.copy(order="K")
        if exponent == 0.5:
            return np.sqrt(a)
        if exponent == 2:
            return product(a, a)
        if exponent == 3:
            return product(product(a, a), a)
        if exponent == -0.5:
            return 1 / np.sqrt(a)
        if exponent == -1:
            return 1 / a
        if exponent == -2:
            return 1 / product(a, a)
    if a.dtype == np.float32:
        return _single_power(a, exponent)
    return _raised(a, a.dtype.type(exponent))


def _single_power(a, exponent):
    """In single precision; only vectors take the exponent in that as well."""
    out = elementary.power(a, np.float64(exponent))
    if float(a.dtype.type(exponent)) == exponent:
        return out
    return np.where(in_vectors(a, a, size=WIDE), elementary.power(a, a.dtype.type(exponent)), out)


def _raised(a, exponent):
    """The power; of complex numbers as C's cpow has it, without NumPy's shorter way for whole exponents."""
    if a.dtype.kind != "c" and exponent.dtype.kind != "c":
        return elementary.power(a, exponent)
    return np.exp(product_of_c(exponent, np.log(a.astype(np.result_type(a, exponent), copy=False))))


def _pow_number_self(grad, self, exponent):
    if exponent == 0:
        zeros = np.zeros(self.shape, array_of(self).dtype)  # which torch makes contiguous
        return wrap(zeros) if isinstance(self, Tensor) else zeros
    exponent = exponent if isinstance(exponent, complex) else float(exponent)
    return grad * conj(times(pow_number(self, exponent - 1), exponent))


derivative("PowBackward0", of=pow_number, forward="elementwise", self=_pow_number_self)


@op("_pow.Tensor_Tensor", inplace=True)
def pow_tensors(self, exponent):
    if self.dtype.kind in "iu" and np.any(exponent < 0):
        ones = np.where(
            exponent < 0, np.where(self == 1, 1, np.where(self == -1, np.where(exponent % 2, -1, 1), 0)), 0
        )
        return np.where(exponent < 0, ones, np.power(self, np.maximum(exponent, 0))).astype(self.dtype)
    if self.dtype.kind == "b":
        raise errors.not_implemented_for("pow", self.dtype)
    if exponent.size == 1 < self.size:  # NumPy takes other ways for one exponent, which keep the sign of a zero
        exponent = np.full(np.broadcast_shapes(self.shape, exponent.shape), exponent)
    return _raised(self, exponent)


def _pow_tensors_self(grad, self, exponent):
    return where_op(exponent == 0.0, constant(0, grad), grad * conj(exponent * pow(self, less(exponent, 1))))


def _not_below_zero(exponent):
    if is_complex(exponent):
        return logical_and(exponent.imag == 0, exponent.real >= 0)
    return exponent >= 0


def _pow_tensors_exponent(grad, self, exponent, result):
    cond = logical_and(self == 0, _not_below_zero(exponent))
    base = cast(self, dtypes.result_dtype(array_of(self), array_of(exponent)).numpy)
    return grad * where_op(cond, constant(0, grad), conj(result * log(base)))


def _pow_tensors_tangent(self_t, exponent_t, self, exponent, result):
    through_exponent = _pow_tensors_exponent(conj(exponent_t), self, exponent, result)  # arithmetic.right_first
    return conj(_pow_tensors_self(conj(self_t), self, exponent) + through_exponent)


derivative(
    "PowBackward1",
    of=pow_tensors,
    forward=_pow_tensors_tangent,
    self=_pow_tensors_self,
    exponent=_pow_tensors_exponent,
)


@op("_pow.Scalar", promote="keep", lays_out=True)
def pow_of_number(self: Any, exponent):
    exponent = np.asarray(exponent)
    target = _result_dtype(exponent, self)
    if type(self) is int:
        dtypes.check_integer(self)
    if self == 1 and self is not True:
        return np.ones(exponent.shape, target)
    return np.asarray(pow_tensors(np.asarray(self).astype(target), exponent.astype(target, copy=False)), order="C")


def _log_of(number):
    if isinstance(number, complex):
        return cmath.log(number) if number else complex(-math.inf, 0)
    if number < 0:
        return math.nan
    return math.log(number) if number else -math.inf


def _pow_of_number_exponent(grad, self, exponent, result):
    if is_complex(exponent) and not isinstance(self, complex):
        self = complex(self)
    slope = conj(times(result, _log_of(self)))
    if self == 0:
        return grad * where_op(_not_below_zero(exponent), constant(0, grad), slope)
    return grad * slope


derivative("PowBackward2", of=pow_of_number, forward="elementwise", exponent=_pow_of_number_exponent)


def _is_number(x: Any) -> bool:
    return type(x) in (float, int, bool, complex)  # NumPy scalars are carriers


def pow(self, exponent):
    """`self` to the power of `exponent`; at most one of them may be a number."""
    if _is_number(exponent):
        return pow_number(self, exponent)
    if not _is_number(self):
        return pow_tensors(self, exponent)
    if isinstance(exponent, InferenceLeaf) and self != 1 and modes.state.grad and not modes.state.inference:
        raise errors.output_not_differentiated("pow")  # but for the tensor that torch makes of the number
    return pow_of_number(self, exponent)


def pow_(self, exponent):
    """The same, written into `self`."""
    return inplace_of(pow_number if _is_number(exponent) else pow_tensors)(self, exponent)


composite("pow")(pow)
composite("pow_", function=False)(pow_)


def square(self):
    """`self` to the power of 2."""
    return pow_number(self, 2)


composite("square")(square)
composite("square_")(lambda self: pow_(self, 2))


def float_power(self, exponent):
    """A power computed and answered in float64 (complex128)."""
    wide = np.dtype(np.complex128 if is_complex(self) or is_complex(exponent) else np.float64)

    def widened(x: Any) -> Any:
        if isinstance(x, Tensor):
            return cast(x, wide)
        if type(x) is int:
            dtypes.check_integer(x)
        return complex(x) if wide.kind == "c" else float(x)

    power = widened(exponent)  # the first of the two to be recorded, as C++ evaluates torch's arguments
    return pow(widened(self), power)


composite("float_power")(float_power)


@composite("float_power_", function=False)
def float_power_(self, exponent):
    """The same, in place; the base must have the dtype of the result."""
    wide = dtypes.complex128 if is_complex(self) or is_complex(exponent) else dtypes.float64
    if self.dtype is not wide:
        raise RuntimeError(
            f"the base given to float_power_ has dtype {self.dtype.scalar_type} but the operation's result "
            "requires "
            f"dtype {wide.scalar_type}"
        )
    return pow_(self, exponent)


def _operand(x: Any) -> Any:
    """What an operator may be given, scalars of NumPy as the numbers that they are to torch; None for all else."""
    return to_number(x) if isinstance(x, np.generic) else x if _is_number(x) or isinstance(x, Tensor) else None


def _power_operator(self, exponent):
    known = _operand(exponent)
    return NotImplemented if known is None else pow(self, known)


def _reflected_power(self, base):
    known = _operand(base)
    return NotImplemented if known is None else pow(known, self)


def _written_power(self, exponent):
    known = _operand(exponent)
    return NotImplemented if known is None else pow_(self, known)


_t: Any = Tensor
_t.__pow__, _t.__rpow__, _t.__ipow__ = _power_operator, _reflected_power, _written_power

__all__ = ["float_power", "plus", "pow", "rsqrt", "sqrt", "square"]
