"""Elementwise ops of one, two or three operands, in torch's order of names within each group.

What may live here: one line per op, and rules that serve ops of this file alone.
"""

from __future__ import annotations

from typing import Any

from oracle.opset.metas import BOOL, COMPLEX, FLOAT, TO_REAL, Meta, broadcast, float_dtype, meta
from oracle.opset.params import choice, number
from oracle.opset.rules import (
    OTHER,
    SELF,
    TENSOR_OTHER,
    binary,
    binary_tensors,
    floating,
    floating_real,
    promoted,
    same,
    same_not_bool,
    same_ordered,
    same_real,
)
from oracle.opset.spec import Operand, OpSpec, rule

ALPHA = number("alpha", 2, -1, 0.5, default=1, keyword="must")
MULTIPLE = number("alpha", 2, -1, 0.5, keyword="never")
EXPONENT = Operand("exponent", numbers=(2, 2.0, 3, 0.5, -1.0, 1, 0, -0.5, 1.5))
INF, NAN = float("inf"), float("nan")


def _alpha_fits(result: Meta, alpha: Any) -> bool:
    return alpha == 1 or (result.category != BOOL and (isinstance(alpha, int) or result.category >= FLOAT))


@rule(SELF, OTHER, ALPHA)
def added(x: Meta, other: Meta, alpha: Any) -> Meta | None:
    result = promoted(x, other)
    return result if result is not None and _alpha_fits(result, alpha) else None


@rule(SELF, OTHER, ALPHA)
def subtracted(x: Meta, other: Meta, alpha: Any) -> Meta | None:
    if BOOL in (x.category, other.category):
        return None  # torch asks for logical_xor instead
    result = promoted(x, other)
    return result if result is not None and _alpha_fits(result, alpha) else None


@rule(SELF, MULTIPLE, TENSOR_OTHER)
def multiple_added(x: Meta, alpha: Any, other: Meta) -> Meta | None:
    return added.infer(x, other, alpha)  # type: ignore[return-value]


@rule(SELF, MULTIPLE, TENSOR_OTHER)
def multiple_subtracted(x: Meta, alpha: Any, other: Meta) -> Meta | None:
    return subtracted.infer(x, other, alpha)  # type: ignore[return-value]


@rule(SELF, OTHER, choice("rounding_mode", None, "floor", "trunc", default=None, keyword="must"))
def divided(x: Meta, other: Meta, rounding_mode: Any) -> Meta | None:
    result = promoted(x, other)
    if result is None or rounding_mode is None:
        return result and meta(result.shape, float_dtype(result.dtype))
    # integer division by zero raises by value, so ints are left to true division
    return result if result.category == FLOAT else None


@rule(SELF, OTHER)
def divided_truly(x: Meta, other: Meta) -> Meta | None:
    return divided.infer(x, other, None)  # type: ignore[return-value]


@rule(SELF, EXPONENT)
def powered(x: Meta, exponent: Meta) -> Meta | None:
    if BOOL in (x.category, exponent.category):
        return None
    result = promoted(x, exponent)
    if result is None or (result.category < FLOAT and not (x.number or exponent.number)):
        return None  # ints to the power of negative ints depend on values
    return result


@rule(SELF, OTHER)
def divided_floats(x: Meta, other: Meta) -> Meta | None:
    """Remainders and rounded quotients: of ints only by floats, since a zero among ints raises by value."""
    result = promoted(x, other)
    return result if result is not None and result.category == FLOAT else None


def _all_float(*operands: Meta) -> Meta | None:
    result = promoted(*operands)
    return result if result is not None and result.category == FLOAT else None


@rule(SELF, TENSOR_OTHER)
def floats_of_two(x: Meta, other: Meta) -> Meta | None:
    """Broadcasting and promoting floats: hypot, nextafter, ... Backward fails for bools beside them."""
    return _all_float(x, other) if x.category == other.category else None


def _raised(x: Meta, other: Meta) -> Meta | None:
    result = promoted(x, other)
    if result is None or result.category == COMPLEX:
        return None
    return meta(result.shape, float_dtype(result.dtype))


@rule(SELF, TENSOR_OTHER)
def raised_pair(x: Meta, other: Meta) -> Meta | None:
    """Two tensors, ints raised to floats: atan2. Backward fails for bools beside floats."""
    return None if BOOL in (x.category, other.category) else _raised(x, other)


@rule(SELF, OTHER)
def raised_or_number(x: Meta, other: Meta) -> Meta | None:
    """The same where the second may be a number: xlogy, copysign."""
    return _raised(x, other)


@rule(SELF, TENSOR_OTHER)
def scaled_by_power(x: Meta, other: Meta) -> Meta | None:
    if COMPLEX in (x.category, other.category):
        return None
    if x.category == FLOAT and other.category < FLOAT:
        shape = broadcast(x.shape, other.shape)
        return None if shape is None or other.category == BOOL else meta(shape, x.dtype)
    return promoted(x, other if other.category == FLOAT else meta(other.shape, "float32"))


@rule(SELF, TENSOR_OTHER)
def alike_pair(x: Meta, other: Meta) -> Meta | None:
    """Two tensors of one dtype: heaviside."""
    return promoted(x, other) if x.dtype == other.dtype and x.category != COMPLEX else None


@rule(SELF, OTHER)
def powered_wide(x: Meta, exponent: Meta) -> Meta | None:
    result = promoted(x, exponent)
    if result is None or result.category == COMPLEX:
        return None
    return meta(result.shape, "float64")


@rule(Operand("self", fresh=meta((2,), "complex64")))
def same_complex(x: Meta) -> Meta | None:
    return x if x.category == COMPLEX else None


@rule(Operand("real"), Operand("imag", likes=lambda x: (x,)))
def parts(x: Meta, y: Meta) -> Meta | None:
    """Two real tensors as one complex."""
    shape = broadcast(x.shape, y.shape)
    made = {real: name for name, real in TO_REAL.items()}.get(x.dtype)
    return None if shape is None or made is None or x.dtype != y.dtype else meta(shape, made)


@rule(SELF)
def floating_angle(x: Meta) -> Meta | None:
    return meta(x.shape, TO_REAL.get(x.dtype) or float_dtype(x.dtype))


@rule(SELF)
def sound(x: Meta) -> Meta | None:
    """Floating point alone: frac, logit of floats, ..."""
    return x if x.category == FLOAT else None


@rule(SELF, number("eps", 0.125, 1e-3, default=None))
def log_odds(x: Meta, eps: Any) -> Meta | None:
    return None if x.category == COMPLEX else meta(x.shape, float_dtype(x.dtype))


@rule(SELF, number("decimals", 1, 0, -1, 2, default=None, keyword="must"))
def rounded(x: Meta, decimals: int | None) -> Meta | None:
    return None if x.category in (BOOL, COMPLEX) or (decimals is not None and x.category < FLOAT) else x


@rule(number("n", 0, 1, 2, 3), Operand("input"))
def polygamma_of(n: int, x: Meta) -> Meta | None:
    return None if x.category == COMPLEX else meta(x.shape, float_dtype(x.dtype))


@rule(SELF, number("n", 0, 1, 2, 3))
def polygamma_by(x: Meta, n: int) -> Meta | None:
    return None if x.category == COMPLEX else meta(x.shape, float_dtype(x.dtype))


@rule(
    SELF,
    number("nan", 1.5, 0.0, default=None),
    number("posinf", 2.0, default=None),
    number("neginf", -2.0, default=None),
)
def without_nan(x: Meta, nan: Any, posinf: Any, neginf: Any) -> Meta | None:
    return None if x.category == COMPLEX else x


LOW = number("min", 0, -0.5, 1.0, 2, default=None)
HIGH = number("max", 1, 0.5, 0, 2.0, default=None)


@rule(SELF, LOW, HIGH)
def clamped(x: Meta, low: Any, high: Any) -> Meta | None:
    bounds = [bound for bound in (low, high) if bound is not None]
    if not bounds or x.category == COMPLEX or x.category == BOOL:
        return None
    return promoted(x, *(meta((), "py_int" if isinstance(bound, int) else "py_float") for bound in bounds))


@rule(SELF, Operand("min"), Operand("max"))
def clamped_by_tensors(x: Meta, low: Meta, high: Meta) -> Meta | None:
    result = promoted(x, low, high)
    if result is None or result.category in (BOOL, COMPLEX) or result.shape != x.shape:
        return None  # backward does not undo the broadcasting of x
    return result


@rule(SELF, Operand("min", numbers=(0, 0.5, -1.0, 2)))
def raised_to(x: Meta, low: Meta) -> Meta | None:
    return _bound(x, low)


@rule(SELF, Operand("max", numbers=(0, 0.5, -1.0, 2)))
def lowered_to(x: Meta, high: Meta) -> Meta | None:
    return _bound(x, high)


def _bound(x: Meta, bound: Meta) -> Meta | None:
    result = promoted(x, bound)
    return None if result is None or result.category in (BOOL, COMPLEX) or x.category == BOOL else result


def _branches(*operands: Meta) -> tuple[Meta, ...]:
    """Metas for the branches of where: of the shape of the condition, or of the branch before."""
    shape = operands[0].shape
    names = ("float32", "float64", "int64") if len(operands) == 1 else (operands[1].dtype, "float64")
    return tuple(meta(shape, name) for name in dict.fromkeys(names))


@rule(
    Operand("condition", fresh=meta((2,), "bool")),
    Operand("input", likes=_branches),
    Operand("other", likes=_branches),
)
def chosen(condition: Meta, x: Meta, other: Meta) -> Meta | None:
    result = promoted(x, other)
    if condition.category != BOOL or result is None:
        return None
    shape = broadcast(condition.shape, result.shape)
    return None if shape is None else meta(shape, result.dtype)


def _same_floats(x: Meta, *rest: Meta) -> tuple[Meta, ...]:
    return (x,)


@rule(SELF, Operand("end", likes=_same_floats), Operand("weight", likes=_same_floats))
def between(x: Meta, end: Meta, weight: Meta) -> Meta | None:
    if x.category != FLOAT or not x.dtype == end.dtype == weight.dtype:
        return None
    return promoted(x, end, weight)


@rule(SELF, Operand("end", likes=_same_floats), number("weight", 0.5, 2, -0.25, 0, 1))
def between_by_number(x: Meta, end: Meta, weight: float) -> Meta | None:
    return promoted(x, end) if x.category == FLOAT and x.dtype == end.dtype else None


VALUE = number("value", 2, -1, 0.5, default=1, keyword="must")


@rule(SELF, Operand("tensor1"), Operand("tensor2"), VALUE)
def product_added(x: Meta, first: Meta, second: Meta, value: Any) -> Meta | None:
    result = promoted(x, first, second)
    if result is None or result.category in (BOOL, COMPLEX):
        return None
    return None if result.category < FLOAT and isinstance(value, float) else result


@rule(SELF, Operand("tensor1"), Operand("tensor2"), VALUE)
def quotient_added(x: Meta, first: Meta, second: Meta, value: Any) -> Meta | None:
    if not x.category == first.category == second.category == FLOAT:
        return None  # backward cannot cast the gradient of an int
    return _all_float(x, first, second)


EXACT: dict[str, Any] = {"tolerance": "exact"}
TIES: dict[str, Any] = {"edges": (0.0, -0.0, 1.0, NAN, INF), "tolerance": "exact"}

SPECS = (
    # arithmetic
    OpSpec("mul", infer=binary, operator="*", inplace=True, edges=(0.0, -0.0)),
    OpSpec("add", infer=added, operator="+", inplace=True, saves=False),
    OpSpec("sub", infer=subtracted, operator="-", inplace=True, saves=False),
    OpSpec("add", infer=multiple_added, overload="old", inplace=True, saves=False),
    OpSpec("sub", infer=multiple_subtracted, overload="old", inplace=True, saves=False),
    OpSpec("rsub", infer=subtracted, forms=("call",), saves=False),
    OpSpec("div", infer=divided, operator="/", inplace=True, domain="nonzero", edges=(0.0, -0.0, INF)),
    OpSpec("true_divide", infer=divided_truly, inplace=True, domain="nonzero", edges=(0.0, -0.0, INF)),
    OpSpec("floor_divide", infer=divided_floats, operator="//", inplace=True, domain="nonzero",
           grad="refused"),
    OpSpec("remainder", infer=divided_floats, operator="%", number_first="refused", inplace=True,
           domain="nonzero"),
    OpSpec("fmod", infer=divided_floats, inplace=True, domain="nonzero"),
    OpSpec("neg", infer=same_not_bool, operator="neg", inplace=True, saves=False, tolerance="exact"),
    OpSpec("positive", infer=same_not_bool, view="maybe", saves=False, tolerance="exact"),
    OpSpec("reciprocal", infer=floating, inplace=True, domain="nonzero", edges=(0.0, -0.0, INF)),
    OpSpec("addcmul", infer=product_added, inplace=True, edges=(0.0, -0.0)),
    OpSpec("addcdiv", infer=quotient_added, inplace=True, domain="nonzero", edges=(0.0, -0.0)),
    OpSpec("lerp", infer=between, inplace=True, edges=(0.0, 0.5, 1.0)),
    OpSpec("lerp", infer=between_by_number, overload="number", inplace=True, saves=False),
    # powers
    OpSpec("pow", infer=powered, operator="**", number_first=True, inplace=True, domain="positive",
           edges=(0.0, -0.0, 1.0, -1.0)),
    OpSpec("float_power", infer=powered_wide, number_first=True, domain="positive", edges=(0.0, 1.0, -1.0)),
    OpSpec("square", infer=same_not_bool, inplace=True, edges=(0.0, -0.0)),
    OpSpec("sqrt", infer=floating, inplace=True, domain="positive", edges=(0.0, -0.0, -1.0, INF)),
    OpSpec("rsqrt", infer=floating, inplace=True, domain="positive", edges=(0.0, -0.0, -1.0, INF)),
    # exponential
    OpSpec("exp", infer=floating, inplace=True, edges=(0.0, -INF, 88.8)),
    OpSpec("exp2", infer=floating, inplace=True, edges=(0.0, -INF, 128.0)),
    OpSpec("expm1", infer=floating, inplace=True, edges=(0.0, -0.0, -INF)),
    OpSpec("log", infer=floating, inplace=True, domain="positive", edges=(0.0, -0.0, 1.0, -1.0, INF)),
    OpSpec("log2", infer=floating, inplace=True, domain="positive", edges=(0.0, 1.0, -1.0, INF)),
    OpSpec("log10", infer=floating, inplace=True, domain="positive", edges=(0.0, 1.0, -1.0, INF)),
    OpSpec("log1p", infer=floating, inplace=True, domain="positive", edges=(0.0, -0.0, -1.0, -2.0, INF)),
    OpSpec("sigmoid", infer=floating, inplace=True, edges=(0.0, 100.0, -100.0, -INF)),
    OpSpec("logit", infer=log_odds, inplace=True, domain="unit", edges=(0.0, 1.0, 0.5, 1.5)),
    OpSpec("logaddexp", infer=floats_of_two, edges=(0.0, INF, -INF)),
    OpSpec("logaddexp2", infer=floats_of_two, edges=(0.0, INF, -INF)),
    OpSpec("xlogy", infer=raised_or_number, number_first=True, inplace=True, domain="positive",
           edges=(0.0, -0.0, 1.0, -1.0)),
    # trigonometric
    OpSpec("sin", infer=floating, inplace=True, edges=(0.0, -0.0, INF)),
    OpSpec("cos", infer=floating, inplace=True, edges=(0.0, INF)),
    OpSpec("tan", infer=floating, inplace=True, edges=(0.0, -0.0, INF)),
    OpSpec("asin", infer=floating, inplace=True, domain="unit", edges=(0.0, 1.0, -1.0, 2.0)),
    OpSpec("acos", infer=floating, inplace=True, domain="unit", edges=(0.0, 1.0, -1.0, 2.0)),
    OpSpec("atan", infer=floating, inplace=True, edges=(0.0, -0.0, INF, -INF)),
    OpSpec("sinh", infer=floating, inplace=True, edges=(0.0, -0.0, 100.0, -INF)),
    OpSpec("cosh", infer=floating, inplace=True, edges=(0.0, 100.0, -INF)),
    OpSpec("tanh", infer=floating, inplace=True, edges=(0.0, 20.0, -INF)),
    OpSpec("asinh", infer=floating, inplace="refused", edges=(0.0, -0.0, INF)),
    OpSpec("acosh", infer=floating, inplace="refused", domain="above_one", edges=(1.0, 0.5, INF)),
    OpSpec("atanh", infer=floating, inplace="refused", domain="unit", edges=(0.0, -0.0, 1.0, -1.0, 2.0)),
    OpSpec("sinc", infer=floating, inplace=True, edges=(0.0, -0.0, 1.0, INF)),
    OpSpec("atan2", infer=raised_pair, inplace=True, edges=(0.0, -0.0, INF, -INF)),
    OpSpec("hypot", infer=floats_of_two, inplace=True, edges=(0.0, -0.0, INF)),
    OpSpec("deg2rad", infer=floating_real, inplace=True, saves=False),
    OpSpec("rad2deg", infer=floating_real, inplace=True, saves=False),
    OpSpec("angle", infer=floating_angle, edges=(0.0, -0.0, NAN)),
    # rounding and signs
    OpSpec("abs", infer=same_ordered, inplace=True, **TIES),
    OpSpec("sign", infer=same_real, inplace=True, saves=False, **TIES),
    OpSpec("sgn", infer=same_real, inplace=True, grad="refused", **TIES),
    OpSpec("sgn", infer=same_complex, overload="complex"),
    # not drawn by default: minigrad makes another graph of their derivatives than torch
    OpSpec("complex", infer=parts, forms=("call",)),
    OpSpec("polar", infer=parts, forms=("call",)),
    OpSpec("ceil", infer=same_ordered, inplace=True, saves=False, **TIES),
    OpSpec("floor", infer=same_ordered, inplace=True, saves=False, **TIES),
    OpSpec("trunc", infer=same_ordered, inplace=True, saves=False, **TIES),
    OpSpec("round", infer=rounded, inplace=True, saves=False, edges=(0.5, 1.5, -0.5, 2.5, -0.0, INF)),
    OpSpec("frac", infer=sound, inplace=True, saves=False, **TIES),
    OpSpec("copysign", infer=raised_or_number, inplace=True, **TIES),
    OpSpec("ldexp", infer=scaled_by_power, inplace=True, edges=(0.0, -1.0, 3.0)),
    OpSpec("nextafter", infer=floats_of_two, inplace=True, **TIES),
    OpSpec("heaviside", infer=alike_pair, inplace=True, grad="refused", **TIES),
    # choice
    OpSpec("where", infer=chosen, forms=("call",), **EXACT),
    OpSpec("maximum", infer=binary_tensors, **TIES),
    OpSpec("minimum", infer=binary_tensors, **TIES),
    OpSpec("fmax", infer=binary_tensors, **TIES),
    OpSpec("fmin", infer=binary_tensors, **TIES),
    OpSpec("clamp", infer=clamped, inplace=True, **TIES),
    OpSpec("clip", infer=clamped_by_tensors, inplace=True, **TIES),
    OpSpec("clamp_min", infer=raised_to, inplace=True, **TIES),
    OpSpec("clamp_max", infer=lowered_to, inplace=True, **TIES),
    OpSpec("relu", infer=same_ordered, inplace=True, tolerance="exact", edges=(0.0, -0.0)),
    OpSpec("nan_to_num", infer=without_nan, inplace=True, tolerance="exact", edges=(0.0, NAN, INF, -INF)),
    # special functions
    OpSpec("erf", infer=floating_real, inplace=True, tolerance="loose", edges=(0.0, -0.0, INF, -INF)),
    OpSpec("erfc", infer=floating_real, inplace=True, tolerance="loose", edges=(0.0, INF, -INF)),
    OpSpec("erfinv", infer=floating_real, inplace=True, domain="unit", tolerance="loose",
           edges=(0.0, 1.0, -1.0)),
    OpSpec("lgamma", infer=floating_real, inplace=True, domain="positive", tolerance="loose",
           edges=(1.0, 2.0)),
    OpSpec("digamma", infer=floating_real, inplace=True, domain="positive", tolerance="loose",
           edges=(0.0, -1.0)),
    OpSpec("polygamma", infer=polygamma_of, forms=("call",), domain="positive", tolerance="loose"),
    OpSpec("polygamma", infer=polygamma_by, overload="method", forms=("method",), inplace=True, domain="positive",
           tolerance="loose"),
    OpSpec("i0", infer=floating_real, inplace=True, tolerance="loose", edges=(0.0,)),
    # copies
    OpSpec("clone", infer=same, saves=False, tolerance="exact"),
)  # fmt: skip
