"""Scans along one dim, differences, areas.

What may live here: one line per op, and rules that serve ops of this file alone.
"""

from __future__ import annotations

from typing import Any

from oracle.opset.metas import BOOL, COMPLEX, FLOAT, Meta, meta
from oracle.opset.params import dim, dims, number
from oracle.opset.reduction import CHOICE, DTYPE, INF, along, real, without
from oracle.opset.rules import SELF
from oracle.opset.spec import Operand, OpSpec, Param, rule

# of an empty tensor torch lets any dim pass
ANY_IF_EMPTY = Param("dim", dim().choices, wrong=lambda x: dim().wrong(x) if x.numel else ())  # type: ignore[misc]


@rule(SELF, ANY_IF_EMPTY)
def running(x: Meta, axis: int) -> tuple[Meta, ...] | None:
    return (x, meta(x.shape, "int64")) if along(x, axis) is not None and real(x) else None


@rule(SELF, dim(), DTYPE)
def scanned(x: Meta, axis: int, to: Any) -> Meta | None:
    """cumsum, cumprod: ints and bools are added as int64."""
    if along(x, axis) is None or (to is not None and x.category == COMPLEX):
        return None
    return meta(x.shape, to.path if to is not None else "int64" if x.category < FLOAT else x.dtype)


@rule(SELF, dim())
def scanned_floats(x: Meta, axis: int) -> Meta | None:
    return x if along(x, axis) is not None and x.category == FLOAT else None

# -- differences ----------------------------------------------------------------------------------------


@rule(SELF, number("n", 2, 0, 3, default=1), dim(default=-1))
def differences(x: Meta, n: int, axis: int) -> Meta | None:
    place = along(x, axis)
    if place is None or not x.rank or x.category == BOOL:
        return None
    return meta((*x.shape[:place], max(x.shape[place] - n, 0), *x.shape[place + 1 :]), x.dtype)


@rule(
    SELF,
    number("spacing", 2, 0.5, default=1, keyword="must"),
    Param("dim", dims().choices, None, "must", dims().wrong),
    number("edge_order", 2, default=1, keyword="must"),
)
def slopes(x: Meta, spacing: Any, where: Any, order: int) -> tuple[Meta, ...] | None:
    named = tuple(range(x.rank)) if where is None else where if isinstance(where, tuple) else (where,)
    places = [along(x, d) for d in named]
    if not places or None in places or len(set(places)) < len(places) or not x.rank or x.category < FLOAT:
        return None
    return (x,) * len(places) if all(x.shape[d] > order for d in places) else None  # type: ignore[index]


@rule(Operand("y"), number("dx", 0.5, 2, default=1, keyword="must"), Param("dim", dim().choices, -1, "must"))
def area(y: Meta, dx: Any, axis: int) -> Meta | None:
    place = along(y, axis)
    if place is None or not y.rank or y.category != FLOAT or not y.shape[place]:
        return None
    return meta(without(y, place, False), y.dtype)


@rule(Operand("y"), number("dx", 0.5, 2, default=1, keyword="must"), Param("dim", dim().choices, -1, "must"))
def running_area(y: Meta, dx: Any, axis: int) -> Meta | None:
    place = along(y, axis)
    if place is None or not y.rank or y.category != FLOAT or not y.shape[place]:
        return None
    return meta((*y.shape[:place], y.shape[place] - 1, *y.shape[place + 1 :]), y.dtype)


SPECS = (
    # scans
    OpSpec("cumsum", infer=scanned, inplace=True, saves=False, tolerance="sum"),
    OpSpec("cumprod", infer=scanned, inplace=True, tolerance="sum", edges=(0.0, -0.0)),
    OpSpec("cummax", infer=running, **CHOICE),
    OpSpec("cummin", infer=running, **CHOICE),
    OpSpec("logcumsumexp", infer=scanned_floats, forward=False, tolerance="loose", edges=(INF, -INF, 0.0)),
    OpSpec("diff", infer=differences, saves=False),
    OpSpec("gradient", infer=slopes, forms=("call",), outs="many", saves=False),
    OpSpec("trapezoid", infer=area, forms=("call",), saves=False, tolerance="sum"),
    OpSpec("cumulative_trapezoid", infer=running_area, forms=("call",), saves=False, tolerance="sum"),
)  # fmt: skip
