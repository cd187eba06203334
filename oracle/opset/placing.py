"""Maxima put back where they were found, and points of images under maps.

What may live here: max_unpool and affine_grid, one line each, and their rules.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from math import prod
from typing import Any

from oracle.opset.constants import const, constants
from oracle.opset.convolutions import INPUT
from oracle.opset.metas import FLOAT, Meta, meta
from oracle.opset.params import choice, flag
from oracle.opset.spec import Const, Operand, OpSpec, Rule, rule


def _unpooled(n: int) -> Rule:
    """Of windows of two; each maximum stands at its own place or all at the first ones."""

    def places(x: Meta) -> Sequence[Const]:
        count = prod(x.shape[-n:])
        if x.rank not in (n + 1, n + 2) or 0 in x.shape:
            return ()
        return const(x.shape, "int64", *range(count)), const(x.shape, "int64", 1, 0)

    @rule(
        Operand("input", fresh=meta(INPUT[n], "float32")),
        constants("indices", places),
        choice("kernel_size", 2),
        choice("stride", 1, default=None),
    )
    def infer(x: Meta, index: Const, kernel: int, stride: int | None) -> Meta | None:
        if x.rank not in (n + 1, n + 2) or x.category != FLOAT or 0 in x.shape:
            return None
        step = 2 if stride is None else stride
        return meta((*x.shape[:-n], *((size - 1) * step + 2 for size in x.shape[-n:])), x.dtype)

    return infer


SIZES = ((1, 1, 2, 3), (1, 2, 1, 2), (1, 1, 4, 2))


@rule(
    Operand("theta", fresh=meta((1, 2, 3), "float32")),
    choice("size", *SIZES, keyword="never"),
    flag("align_corners", keyword="must"),
)
def mapped(theta: Meta, size: Any, corners: bool) -> Meta | None:
    fits = theta.shape == (1, 2, 3) and theta.dtype in ("float32", "float64")
    return meta((1, *size[2:], 2), theta.dtype) if fits else None


OpSpec_ = partial(OpSpec, forms=("call",))
F = "nn.functional.max_unpool"
MOVE: dict[str, Any] = {"tolerance": "exact", "dense": False}
SPECS = (
    OpSpec_(F + "1d", infer=_unpooled(1), **MOVE),
    OpSpec_(F + "2d", infer=_unpooled(2), **MOVE),
    OpSpec_(F + "3d", infer=_unpooled(3), **MOVE),
    OpSpec_("nn.functional.affine_grid", infer=mapped, tolerance="sum"),
)
