"""Comparisons, predicates, logic and bits: elementwise ops that carry no gradient.

What may live here: one line per op, and rules that serve ops of this file alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from oracle.opset.constants import const, constants
from oracle.opset.metas import BOOL, COMPLEX, FLOAT, Meta, broadcast, meta
from oracle.opset.params import flag, number
from oracle.opset.rules import OTHER, SELF, TENSOR_OTHER, compared, ordered, predicate, promoted
from oracle.opset.spec import Const, Operand, OpSpec, rule

WHOLE = Operand("self", fresh=meta((2,), "int64"))
"""An operand that must not be a float."""


@rule(WHOLE, OTHER)
def bits_of_two(x: Meta, other: Meta) -> Meta | None:
    result = promoted(x, other)
    return None if result is None or result.category >= FLOAT else result


@rule(WHOLE, OTHER)
def shifted(x: Meta, other: Meta) -> Meta | None:
    result = promoted(x, other)
    return None if result is None or result.category in (BOOL, FLOAT, COMPLEX) else result


@rule(WHOLE)
def bits(x: Meta) -> Meta | None:
    return x if x.category < FLOAT else None


@rule(SELF, TENSOR_OTHER)
def truth_of_two(x: Meta, other: Meta) -> Meta | None:
    shape = broadcast(x.shape, other.shape)
    return None if shape is None else meta(shape, "bool")


@rule(SELF)
def real_predicate(x: Meta) -> Meta | None:
    return None if x.category == COMPLEX else meta(x.shape, "bool")


@rule(
    SELF,
    TENSOR_OTHER,
    number("rtol", 0.5, default=1e-05),
    number("atol", 1.0, default=1e-08),
    flag("equal_nan"),
)
def near(x: Meta, other: Meta, rtol: float, atol: float, equal_nan: bool) -> Meta | None:
    shape = broadcast(x.shape, other.shape)
    return None if shape is None or x.dtype != other.dtype else meta(shape, "bool")


@rule(WHOLE, TENSOR_OTHER)
def divisors(x: Meta, other: Meta) -> Meta | None:
    result = promoted(x, other)
    return None if result is None or BOOL in (x.category, result.category) or result.category >= FLOAT else result


def _few(x: Meta) -> Sequence[Any]:
    """Test elements written row by row: of few torch wants a view, which what lies otherwise refuses now and then."""
    if x.category in (BOOL, COMPLEX):
        return ()
    wide = (const((3,), "float64", 0.5, 1.0, float("nan")), const((2, 4), "float32", 0.0, -0.0, 1.0, 2.0, -0.5, 3.0))
    return const((3,), x.dtype, 0, 1, 2), const((), "int64", 1), *wide, const((2, 20), "int64", 3, 1)


@rule(SELF, constants("test_elements", _few), flag("invert", keyword="must"))
def among(x: Meta, others: Const, invert: bool) -> Meta | None:
    return None if x.category in (BOOL, COMPLEX) else meta(x.shape, "bool")


FLAG: dict[str, Any] = {"grad": False, "saves": False, "tolerance": "exact"}
"""Ops that answer without a gradient."""

SPECS = (
    # comparisons and predicates, which carry no gradient
    OpSpec("eq", infer=compared, operator="==", inplace="refused", **FLAG),
    OpSpec("ne", infer=compared, operator="!=", inplace="refused", **FLAG),
    OpSpec("lt", infer=ordered, operator="<", inplace="refused", **FLAG),
    OpSpec("le", infer=ordered, operator="<=", inplace="refused", **FLAG),
    OpSpec("gt", infer=ordered, operator=">", inplace="refused", **FLAG),
    OpSpec("ge", infer=ordered, operator=">=", inplace="refused", **FLAG),
    *(
        OpSpec(name, infer=infer, inplace="refused", **FLAG)
        for names, infer in (("not_equal", compared), ("less less_equal greater greater_equal", ordered))
        for name in names.split()
    ),
    OpSpec("isclose", infer=near, edges=(0.0, float("inf"), float("nan")), **FLAG),
    OpSpec("isnan", infer=predicate, **FLAG),
    OpSpec("isinf", infer=predicate, **FLAG),
    OpSpec("isfinite", infer=predicate, **FLAG),
    OpSpec("isposinf", infer=real_predicate, **FLAG),
    OpSpec("isneginf", infer=real_predicate, **FLAG),
    OpSpec("isreal", infer=predicate, **FLAG),
    OpSpec("signbit", infer=real_predicate, **FLAG),
    OpSpec("isin", infer=among, forms=("call",), **FLAG),
    # logic and bits
    OpSpec("logical_and", infer=truth_of_two, inplace=True, **FLAG),
    OpSpec("logical_or", infer=truth_of_two, inplace=True, **FLAG),
    OpSpec("logical_xor", infer=truth_of_two, inplace=True, **FLAG),
    OpSpec("logical_not", infer=predicate, inplace=True, **FLAG),
    OpSpec("bitwise_and", infer=bits_of_two, operator="&", inplace=True, **FLAG),
    OpSpec("bitwise_or", infer=bits_of_two, operator="|", inplace=True, **FLAG),
    OpSpec("bitwise_xor", infer=bits_of_two, operator="^", inplace=True, **FLAG),
    OpSpec("bitwise_not", infer=bits, operator="invert", inplace=True, **FLAG),
    OpSpec("bitwise_left_shift", infer=shifted, operator="<<", inplace=True, **FLAG),
    OpSpec("gcd", infer=divisors, inplace=True, **FLAG),
    OpSpec("lcm", infer=divisors, inplace=True, **FLAG),
    OpSpec("bitwise_right_shift", infer=shifted, operator=">>", inplace=True, **FLAG),
)  # fmt: skip
