"""Elementwise ops of one, two or three operands, in torch's order of names within each group.

What may live here: one line per op, and rules that serve ops of this file alone.
"""

from __future__ import annotations

from typing import Any

from oracle.opset.metas import BOOL, FLOAT, Meta, float_dtype, meta
from oracle.opset.params import choice, number
from oracle.opset.rules import (
    OTHER,
    SELF,
    binary,
    compared,
    floating,
    ordered,
    promoted,
    same,
    same_not_bool,
    same_ordered,
)
from oracle.opset.spec import Operand, OpSpec, rule

ALPHA = number("alpha", 2, -1, 0.5, default=1, keyword="must")
EXPONENT = Operand("exponent", numbers=(2, 2.0, 3, 0.5, -1.0, 1, 0, -0.5, 1.5))
INF = float("inf")


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


@rule(SELF, OTHER, choice("rounding_mode", None, "floor", "trunc", default=None, keyword="must"))
def divided(x: Meta, other: Meta, rounding_mode: Any) -> Meta | None:
    result = promoted(x, other)
    if result is None or rounding_mode is None:
        return result and meta(result.shape, float_dtype(result.dtype))
    # integer division by zero raises by value, so ints are left to true division
    return result if result.category == FLOAT else None


@rule(SELF, EXPONENT)
def powered(x: Meta, exponent: Meta) -> Meta | None:
    if BOOL in (x.category, exponent.category):
        return None
    result = promoted(x, exponent)
    if result is None or (result.category < FLOAT and not (x.number or exponent.number)):
        return None  # ints to the power of negative ints depend on values
    return result


SPECS = (
    # arithmetic
    OpSpec("mul", infer=binary, operator="*", inplace=True, edges=(0.0, -0.0)),
    OpSpec("add", infer=added, operator="+", inplace=True, saves=False),
    OpSpec("sub", infer=subtracted, operator="-", inplace=True, saves=False),
    OpSpec("div", infer=divided, operator="/", inplace=True, domain="nonzero", edges=(0.0, -0.0, INF)),
    OpSpec("neg", infer=same_not_bool, operator="neg", inplace=True, saves=False, tolerance="exact"),
    OpSpec("pow", infer=powered, operator="**", number_first=True, inplace=True, domain="positive",
           edges=(0.0, -0.0, 1.0, -1.0)),
    # exponential and trigonometric
    OpSpec("exp", infer=floating, inplace=True, edges=(0.0, -INF, 88.8)),
    OpSpec("log", infer=floating, inplace=True, domain="positive", edges=(0.0, -0.0, 1.0, -1.0, INF)),
    OpSpec("sqrt", infer=floating, inplace=True, domain="positive", edges=(0.0, -0.0, -1.0, INF)),
    OpSpec("sin", infer=floating, inplace=True, edges=(0.0, -0.0, INF)),
    OpSpec("cos", infer=floating, inplace=True, edges=(0.0, INF)),
    OpSpec("tanh", infer=floating, inplace=True, edges=(0.0, 20.0, -INF)),
    OpSpec("sigmoid", infer=floating, inplace=True, edges=(0.0, 100.0, -100.0, -INF)),
    OpSpec("relu", infer=same_ordered, inplace=True, tolerance="exact", edges=(0.0, -0.0)),
    # copies
    OpSpec("clone", infer=same, saves=False, tolerance="exact"),
    # comparisons, which carry no gradient
    OpSpec("eq", infer=compared, operator="==", grad=False, tolerance="exact", ready=False),
    OpSpec("ne", infer=compared, operator="!=", grad=False, tolerance="exact", ready=False),
    OpSpec("lt", infer=ordered, operator="<", grad=False, tolerance="exact", ready=False),
    OpSpec("gt", infer=ordered, operator=">", grad=False, tolerance="exact", ready=False),
)  # fmt: skip


