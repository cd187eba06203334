"""Layers that move elements: pixels and channels shuffled, sliding blocks as columns and back, rows looked up.

What may live here: one line per op, and rules that serve ops of this file alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from math import prod
from typing import Any

from oracle.opset.constants import constants
from oracle.opset.convolutions import sides
from oracle.opset.indexing import index_of
from oracle.opset.metas import BOOL, COMPLEX, FLOAT, Meta, Shape, meta
from oracle.opset.params import choice, joint, number
from oracle.opset.spec import Const, Operand, OpSpec, Param, rule

PIXELS = Operand("input", fresh=meta((1, 4, 2, 2), "float32"))
CHANNELS = Operand("input", fresh=meta((1, 4, 2), "float32"))
IMAGE = Operand("input", fresh=meta((1, 2, 3, 3), "float32"))
COLUMNS = Operand("input", fresh=meta((1, 4, 4), "float32"))


@rule(PIXELS, choice("upscale_factor", 2, 1))
def spread_out(x: Meta, r: int) -> Meta | None:
    if x.rank < 3 or x.shape[-3] % (r * r) or not x.numel:
        return None  # the gradient of nothing is of the wrong shape
    *lead, c, h, w = x.shape
    return meta((*lead, c // (r * r), h * r, w * r), x.dtype)


@rule(PIXELS, choice("downscale_factor", 2, 1))
def packed(x: Meta, r: int) -> Meta | None:
    if x.rank < 3 or x.shape[-2] % r or x.shape[-1] % r or not x.numel:
        return None
    *lead, c, h, w = x.shape
    return meta((*lead, c * r * r, h // r, w // r), x.dtype)


@rule(CHANNELS, choice("groups", 2, 1, 3))
def regrouped(x: Meta, groups: int) -> Meta | None:
    return None if x.rank < 3 or x.shape[1] % groups else x


BLOCKS = (
    (2,), (1,), ((2, 1),), (2, 1, 1), (2, 1, 0, 2),
    (2, 1, (1, 0)), ((1, 2), (1, 1), 0, (1, 2)), (2, 2, 1), (1, 1, 0, 2),
)  # fmt: skip
"""Kernel size, dilation, padding and stride, with what is left out at the end."""


def _counts(size: Shape, how: tuple[Any, ...]) -> Shape | None:
    kernel, dilation, padding, stride = (sides(one, 2) for one in (*how, *(1, 1, 0, 1)[len(how) :]))
    out = tuple(
        (n + 2 * p - d * (k - 1) - 1) // s + 1
        for n, k, d, p, s in zip(size, kernel, dilation, padding, stride, strict=True)
    )
    return out if min(out) >= 1 else None


def _moves(x: Meta) -> bool:
    return x.category in (BOOL, FLOAT, COMPLEX) and x.dtype != "bfloat16"


@rule(IMAGE, joint("kernel_size", lambda x: BLOCKS, wrong=lambda x: ((9,), (0,), (2, 0), (2, 1, -1), (2, 1, 0, 0))))
def in_columns(x: Meta, how: tuple[Any, ...]) -> Meta | None:
    if x.rank not in (3, 4) or 0 in x.shape[-3:] or not _moves(x):
        return None
    counts = _counts(x.shape[-2:], how)
    if counts is None:
        return None
    return meta((*x.shape[:-3], x.shape[-3] * prod(sides(how[0], 2)), prod(counts)), x.dtype)


@rule(COLUMNS, choice("output_size", 3, (3, 2), 2, 4, keyword="never"), joint("kernel_size", lambda x: BLOCKS))
def in_images(x: Meta, size: Any, how: tuple[Any, ...]) -> Meta | None:
    cells = prod(sides(how[0], 2))
    if x.rank not in (2, 3) or 0 in x.shape[-2:] or not _moves(x) or x.shape[-2] % cells:
        return None
    counts = _counts(sides(size, 2), how)
    if counts is None or prod(counts) != x.shape[-1]:
        return None
    return meta((*x.shape[:-2], x.shape[-2] // cells, *sides(size, 2)), x.dtype)


def _rows(weight: Meta) -> Sequence[Any]:
    n = weight.shape[0] if weight.rank == 2 else 0
    return (index_of((2,), n, "running"), index_of((3,), n, "back"), index_of((2, 2), n, "back")) if n else ()


@rule(
    Param("input", _rows, keyword="never"),
    Operand("weight", fresh=meta((3, 2), "float32")),
    choice("padding_idx", 0, -1, default=None),
    choice("scale_grad_by_freq", True, default=False, keyword="must"),
)
def looked_up(index: Const, weight: Meta, padding: int | None, scaled: bool) -> Meta | None:
    fits = weight.rank == 2 and weight.shape[0] and weight.category < COMPLEX
    return meta((*index.meta.shape, weight.shape[1]), weight.dtype) if fits else None


CLASSES = {index_of((2,), 3, "running"): 2, index_of((2, 2), 3, "back"): 3, index_of((), 2, "zero"): 1}
"""Numbers of classes, with how many there must be of these."""


@rule(
    constants("input", lambda: tuple(CLASSES), keyword="never"),
    choice("num_classes", 3, 5, default=-1),
)
def spelled_out(index: Const, classes: int) -> Meta | None:
    return meta((*index.meta.shape, CLASSES[index] if classes < 0 else classes), "int64")


@rule(
    Operand("input", fresh=meta((3, 2), "float32")),
    Param("indices", _rows, keyword="never"),
    number("max_norm", 1.0, 0.25, 100.0),
    number("norm_type", 2.0, 1.0, float("inf")),
)
def shortened(weight: Meta, index: Const, longest: float, kind: float) -> Meta | None:
    return weight if weight.rank == 2 and weight.numel and weight.category == FLOAT else None


OpSpec_ = partial(OpSpec, forms=("call",))
MOVE: dict[str, Any] = {"saves": False, "tolerance": "exact", "dense": False}
SPECS = (
    OpSpec_("nn.functional.pixel_shuffle", infer=spread_out, **MOVE),
    OpSpec_("nn.functional.pixel_unshuffle", infer=packed, **MOVE),
    OpSpec_("nn.functional.channel_shuffle", infer=regrouped, **MOVE),
    OpSpec_("nn.functional.unfold", infer=in_columns, saves=False, tolerance="sum"),
    OpSpec_("nn.functional.fold", infer=in_images, saves=False, tolerance="sum", dense=False),
    OpSpec_("nn.functional.embedding", infer=looked_up, tolerance="sum"),
    OpSpec_("nn.functional.one_hot", infer=spelled_out, grad=False, saves=False, tolerance="exact"),
    OpSpec_("embedding_renorm_", infer=shortened, writes=True, grad="refused", tolerance="sum"),
)
