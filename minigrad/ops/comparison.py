"""Comparisons, predicates, and logical ops: everything that answers in bools and carries no gradient.

What may live here: such ops, their in-place forms (whose gradient is zero), and their operators.
"""

from __future__ import annotations

from functools import wraps
from typing import Any

import numpy as np

from minigrad import closeness, dtypes, errors, modes
from minigrad.layout import laid_out
from minigrad.ops.arithmetic import _operator, times
from minigrad.ops.carriers import supports, written, zero_gradient, zeros_like
from minigrad.promotion import COMPLEX_HALF
from minigrad.registry import composite, decl_of, derivative, inplace_of, op, publish
from minigrad.tensor import Tensor
from minigrad.warn import warn_once

# mypy: disable-error-code="no-untyped-def, no-untyped-call"

_COMPARISONS = {
    "eq": (np.equal, "__eq__"),
    "ne": (np.not_equal, "__ne__"),
    "lt": (np.less, "__lt__"),
    "le": (np.less_equal, "__le__"),
    "gt": (np.greater, "__gt__"),
    "ge": (np.greater_equal, "__ge__"),
}


def _declare_comparison(name: str, ufunc: Any, dunder: str) -> Any:
    @supports("biuf" + "c" * (name in ("eq", "ne")), f"{name}_cpu")
    def compare(self, other):
        return ufunc(self, other)

    promote = "equality" if name in ("eq", "ne") else "arith"
    public = op(f"{name}.Tensor", promote=promote)(compare)
    label = name.capitalize() + "Backward"

    def _written(kind: str) -> Any:
        how = op(f"_{name}_.{kind}", inplace=True, name=f"_{name}", promote=promote)
        return how(lambda self, other: compare(self, other))

    number = _written("Scalar")
    derivative(
        label + "0",
        of=number,
        forward=lambda self_t: zeros_like(self_t),
        onto=lambda self_t: self_t.zero_(),
        self=lambda grad, self_shape, self_dtype: zero_gradient(grad, self_shape, self_dtype),
    )
    tensor = _written("Tensor")
    derivative(
        label + "1",
        of=tensor,
        forward=lambda self_t: zeros_like(self_t),
        onto=lambda self_t: self_t.zero_(),
        self=lambda grad, self_shape, self_dtype: zero_gradient(grad, self_shape, self_dtype),
        other=lambda grad, other_shape, other_dtype: zero_gradient(grad, other_shape, other_dtype),
    )
    by_number, by_tensor = inplace_of(number), inplace_of(tensor)

    def in_place(self, other):
        if promote == "equality":
            _before_halves_are_written(self, other)
        return (by_tensor if isinstance(other, Tensor) else by_number)(self, other)

    publish(f"{name}_", in_place, function=False)
    setattr(Tensor, dunder, _operator(dunder, public))
    return public


eq, ne, lt, le, gt, ge = (_declare_comparison(name, *how) for name, how in _COMPARISONS.items())
Tensor.__hash__ = object.__hash__  # type: ignore[method-assign, assignment]
for _alias, _fn in (
    ("greater", gt),
    ("greater_equal", ge),
    ("less", lt),
    ("less_equal", le),
    ("not_equal", ne),
):
    composite(_alias)(_fn)
    composite(_alias + "_", function=False)(getattr(Tensor, _fn.__name__ + "_"))


# -- predicates -----------------------------------------------------------------------------------------


@op("isnan", promote="keep", numbers=False)
def isnan(self):
    return np.isnan(self)


@op("isinf", promote="keep", numbers=False)
def isinf(self):
    return np.isinf(self)


@op("_isfinite", promote="keep", numbers=False)
def isfinite_op(self):
    return np.isfinite(self)


@op("isneginf", promote="keep", numbers=False)
@supports("biuf", c=RuntimeError("isneginf does not support complex inputs."))
def isneginf(self):
    return np.equal(self, -np.inf)


@op("isposinf", promote="keep", numbers=False)
@supports("biuf", c=RuntimeError("isposinf does not support complex inputs."))
def isposinf(self):
    return np.equal(self, np.inf)


@op("isreal", promote="keep", numbers=False)
def isreal(self):
    return np.equal(self.imag, 0) if self.dtype.kind == "c" else np.equal(self, self) | True


@op("signbit", promote="keep", numbers=False)
@supports("biuf", c=NotImplementedError("signbit is not implemented for complex tensors."))
def signbit(self):
    return np.signbit(self) if self.dtype.kind == "f" else np.less(self, 0)


@op("_isclose", promote="keep", numbers=False)
def isclose_op(self, other, rtol: float, atol: float, equal_nan: bool):
    if self.dtype != other.dtype:
        raise RuntimeError(
            f"{errors.TYPE_NAMES[self.dtype.name]} did not match {errors.TYPE_NAMES[other.dtype.name]}"
        )
    return laid_out(np.asarray(closeness.isclose(self, other, rtol, atol, equal_nan)), (self, other))


@composite("isclose")
def isclose(self, other, rtol: float = 1e-05, atol: float = 1e-08, equal_nan: bool = False):
    """Where |self - other| <= atol + rtol * |other|."""
    for name, tolerance in (("rtol", rtol), ("atol", atol)):
        if tolerance < 0:
            raise RuntimeError(f"{name} must be greater than or equal to zero, but got {tolerance}")
    out = isclose_op(self, other, rtol, atol, equal_nan)
    if modes.state.saved_hooks and (rtol != 0 or atol != 0) and self._a.dtype.kind in "fc":
        _ = times(other, rtol).abs(), (self - other).abs().abs()  # what packing hooks are to see
    steps = (equal_nan and self._a.dtype.kind in "fc") + (rtol != 0 or atol != 0)
    return written(out, steps)  # by torch's writes into the first comparison


@composite("allclose")
def allclose(self, other, rtol: float = 1e-05, atol: float = 1e-08, equal_nan: bool = False) -> bool:
    """Whether all elements are close."""
    return bool(isclose_op(self, other, rtol, atol, equal_nan)._a.all())


@composite("equal")
def equal(self, other) -> bool:
    """Whether two tensors have the same shape and elements."""
    return bool(np.array_equal(self._a, other._a))


# -- logic ----------------------------------------------------------------------------------------------


def _refuse_complex_halves(name: str, a: Any, b: Any) -> None:
    """Raises NotImplementedError where halves decide over complex numbers, which torch has hardly a loop for."""
    for halves, other in ((a, b), (b, a)):
        if halves.dtype == np.float16 and halves.ndim and other.dtype.kind == "c" and not other.ndim:
            for _ in (a, b):  # which are both converted
                warn_once(COMPLEX_HALF)
            raise NotImplementedError(f'"{name}_cpu" not implemented for \'ComplexHalf\'')


def _alike(a: Any, b: Any) -> tuple[Any, Any]:
    """Both in their common dtype, in which what has no dimensions may be nothing."""
    if a.dtype is b.dtype or (a.ndim == 0) == (b.ndim == 0):
        return a, b
    common = dtypes.result_dtype(a, b).numpy
    with np.errstate(all="ignore"):
        return a.astype(common, copy=False), b.astype(common, copy=False)


def _before_halves_are_written(self: Any, other: Any) -> None:
    """In place what is written is converted, too, after a look at its shape, where there would be complex halves."""
    if not isinstance(self, Tensor) or self._a.dtype.char not in "eFD":
        return
    halves, number = self._a, other._a if isinstance(other, Tensor) else np.asarray(other)
    if halves.dtype != np.float16:
        halves, number = number, halves
    if halves.dtype == np.float16 and number.dtype.kind == "c" and halves.ndim and not number.ndim:
        if halves is not self._a:
            raise errors.output_shape_mismatch((), halves.shape)
        warn_once(COMPLEX_HALF)


def _refuse_complex_halves_in_place(function: Any) -> None:
    """Publishes the in-place form, which looks at the shape first and converts what it writes, too."""
    write = inplace_of(function)

    @wraps(write)
    def checked(self: Any, other: Any) -> Any:
        _before_halves_are_written(self, other)
        return write(self, other)

    publish(decl_of(function).name + "_", checked, function=False)


@op("logical_and", inplace=True, promote="keep", numbers=False)
def logical_and(self, other):
    _refuse_complex_halves("logical_and", self, other)
    return laid_out(np.asarray(np.logical_and(*_alike(self, other))), (self, other))


@op("logical_or", inplace=True, promote="keep", numbers=False)
def logical_or(self, other):
    _refuse_complex_halves("logical_or", self, other)
    return laid_out(np.asarray(np.logical_or(*_alike(self, other))), (self, other))


@op("logical_xor", inplace=True, promote="keep", numbers=False)
def logical_xor(self, other):
    _refuse_complex_halves("logical_xor", self, other)
    return laid_out(np.asarray(np.logical_xor(*_alike(self, other))), (self, other))


for _logical in (logical_and, logical_or, logical_xor):
    _refuse_complex_halves_in_place(_logical)


@op("logical_not", inplace=True, promote="keep", numbers=False)
def logical_not(self):
    return np.logical_not(self)


# -- bits -----------------------------------------------------------------------------------------------


def _bitwise(name: str, ufunc: Any, kinds: str, lacking: str, *dunders: str) -> Any:
    @supports(kinds, lacking)
    def kernel(self, other):
        return ufunc(self, other)

    public = op(f"{name}.Tensor", inplace=True)(kernel)
    plain, reflected, written = dunders
    setattr(Tensor, plain, _operator(plain, public))
    setattr(Tensor, reflected, _operator(reflected, lambda self, other: public(other, self)))
    setattr(Tensor, written, _operator(written, getattr(Tensor, name + "_")))
    return public


bitwise_and = _bitwise(
    "bitwise_and", np.bitwise_and, "biu", "bitwise_and_cpu", "__and__", "__rand__", "__iand__"
)
bitwise_or = _bitwise("bitwise_or", np.bitwise_or, "biu", "bitwise_or_cpu", "__or__", "__ror__", "__ior__")
bitwise_xor = _bitwise(
    "bitwise_xor", np.bitwise_xor, "biu", "bitwise_xor_cpu", "__xor__", "__rxor__", "__ixor__"
)


def _shifted(ufunc: Any) -> Any:
    """Shifts by as many bits as there are, or by a negative number, as torch has them."""

    def shift(self, other):
        bits = self.dtype.itemsize * 8
        far = np.less(other, 0) | np.greater_equal(other, bits)
        sign = np.less(self, 0) if ufunc is np.right_shift else False
        return np.where(far, np.where(sign, -1, 0), ufunc(self, np.where(far, 0, other))).astype(self.dtype)

    return shift


bitwise_left_shift = _bitwise(
    "bitwise_left_shift",
    _shifted(np.left_shift),
    "iu",
    "lshift_cpu",
    "__lshift__",
    "__rlshift__",
    "__ilshift__",
)
bitwise_right_shift = _bitwise(
    "bitwise_right_shift",
    _shifted(np.right_shift),
    "iu",
    "rshift_cpu",
    "__rshift__",
    "__rrshift__",
    "__irshift__",
)


@op("bitwise_not", inplace=True, promote="keep", numbers=False)
@supports("biu", "bitwise_not_cpu")
def bitwise_not(self):
    return np.invert(self)


def _invert(self: Tensor) -> Tensor:
    if self._a.dtype.kind not in "biu":
        raise TypeError("~ (operator.invert) is only implemented on integer and Boolean-type tensors")
    return bitwise_not(self)  # type: ignore[no-any-return]


setattr(Tensor, "__invert__", _invert)  # noqa: B010 - dunders are attached, not overridden
