"""Several tensors beside each other: blocks on a diagonal, grids, products, subsets, broadcasting together.

What may live here: one line per such op, and rules that serve ops of this file alone.
"""

from __future__ import annotations

from typing import Any

from oracle.opset.metas import Meta, broadcast, meta, result_dtype
from oracle.opset.params import choice, flag
from oracle.opset.rules import SELF, TENSOR_OTHER
from oracle.opset.shape import VIEW
from oracle.opset.spec import Operand, OpSpec, rule

VECTOR = meta((3,), "float32")


def _same_dtype(x: Meta) -> tuple[Meta, ...]:
    return (meta((2,), x.dtype), meta((), x.dtype), x)


@rule(SELF, TENSOR_OTHER)
def on_blocks(x: Meta, other: Meta) -> Meta | None:
    if max(x.rank, other.rank) > 2:
        return None
    (n, m), (k, p) = ((1,) * (2 - one.rank) + one.shape for one in (x, other))
    return meta((n + k, m + p), result_dtype(x, other))


@rule(SELF, TENSOR_OTHER)
def broadcast_together(x: Meta, other: Meta) -> tuple[Meta, ...] | None:
    shape = broadcast(x.shape, other.shape)
    return None if shape is None else (meta(shape, x.dtype), meta(shape, other.dtype))


@rule(Operand("self", fresh=VECTOR), Operand("other", likes=_same_dtype))
def all_pairs(x: Meta, other: Meta) -> Meta | None:
    if x.rank != 1 or other.rank != 1 or x.dtype != other.dtype:
        return None
    return meta((x.numel * other.numel, 2), x.dtype)


@rule(Operand("tensors", many=True, fresh=VECTOR), choice("indexing", "ij", "xy", keyword="must"))
def spread_out(tensors: tuple[Meta, ...], indexing: str) -> tuple[Meta, ...] | None:
    if any(one.rank > 1 or one.dtype != tensors[0].dtype for one in tensors):
        return None
    sizes = [one.numel for one in tensors]
    if indexing == "xy" and len(sizes) > 1:
        sizes[:2] = sizes[1::-1]
    return tuple(meta(tuple(sizes), one.dtype) for one in tensors)


@rule(Operand("input", fresh=VECTOR), choice("r", 1, 3, default=2), flag("with_replacement"))
def all_subsets(x: Meta, r: int, again: bool) -> Meta | None:
    if x.rank != 1 or x.numel > 5:
        return None
    n = x.numel + (r - 1 if again else 0)
    rows = 1
    for k in range(r):
        rows = rows * (n - k) // (k + 1)
    return meta((max(rows, 0) if n >= r else 0, r), x.dtype)


CALL: dict[str, Any] = {"forms": ("call",), "tolerance": "exact"}
EACH: dict[str, Any] = {**VIEW, **CALL, "view": "each", "overlap": True, "dense": False, "outs": "many"}

SPECS = (
    OpSpec("block_diag", infer=on_blocks, saves=False, **CALL),
    OpSpec("broadcast_tensors", infer=broadcast_together, **EACH),
    OpSpec("cartesian_prod", infer=all_pairs, saves=False, **CALL),
    OpSpec("meshgrid", infer=spread_out, **EACH),
    OpSpec("combinations", infer=all_subsets, **CALL),
)
