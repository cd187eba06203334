"""Ops that exist in place alone: copy_, fill_, zero_, fill_diagonal_.

What may live here: ops whose first operand is written and returned. In-place forms of other ops follow from
`inplace=True` on their own line.
"""

from __future__ import annotations

from typing import Any

from oracle.opset.metas import Meta, broadcast, meta
from oracle.opset.params import flag, number
from oracle.opset.rules import SELF, TENSOR_OTHER, filled_by, same
from oracle.opset.spec import Operand, OpSpec, rule


@rule(SELF, TENSOR_OTHER)
def copied(x: Meta, source: Meta) -> Meta | None:
    fits = broadcast(x.shape, source.shape) == x.shape
    return x if fits and x.category >= source.category else None


@rule(SELF, number("value", 0, 1, 2.0, -1.5))
def filled(x: Meta, value: float) -> Meta:
    return x


@rule(Operand("self", fresh=meta((2, 2), "float32")), number("fill_value", 0, 1, 2.0, -1.5), flag("wrap"))
def filled_along(x: Meta, value: float, wrap: bool) -> Meta | None:
    return x if x.rank >= 2 and (x.rank == 2 or len(set(x.shape)) == 1) else None


WRITE: dict[str, Any] = {"forms": ("method",), "writes": True, "saves": False, "tolerance": "exact"}

SPECS = (
    OpSpec("copy_", infer=copied, **WRITE),
    OpSpec("fill_", infer=filled, **WRITE),
    OpSpec("fill_", infer=filled_by, overload="tensor", **WRITE),
    OpSpec("zero_", infer=same, **WRITE),
    OpSpec("fill_diagonal_", infer=filled_along, **WRITE),
)
