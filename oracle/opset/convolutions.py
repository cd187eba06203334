"""Convolution of one to three dimensions, transposed too, and bilinear.

What may live here: one line per op, and rules that serve ops of this file alone.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from oracle.opset.metas import Meta, Shape, meta
from oracle.opset.params import choice
from oracle.opset.spec import Operand, OpSpec, Rule, rule

SUMMED = ("float32", "float64", "complex64", "complex128")
INPUT = {1: (1, 2, 5), 2: (1, 2, 4, 3), 3: (1, 2, 3, 2, 2)}


def sides(given: Any, n: int) -> Shape:
    """A number for all dimensions, or one for each."""
    return tuple(given) if isinstance(given, tuple) else (given,) * n


def _spatial(x: Meta, n: int) -> Shape | None:
    return x.shape[-n:] if x.rank in (n + 1, n + 2) and x.dtype in SUMMED else None


def _weights(n: int, transposed: bool) -> Callable[..., Sequence[Meta]]:
    def weights(x: Meta, *_: Meta) -> Sequence[Meta]:
        size = _spatial(x, n) or (1,) * n
        channels = x.shape[-n - 1] if x.rank > n else 1
        kernels = {tuple(min(side, k) for side in size) for k in (2, 3)} | {(1,) * n}
        pairs = [(channels, 2), (channels, 1)] if transposed else [(2, channels), (max(channels, 1), 1), (3, channels)]
        return tuple(meta((*pair, *kernel), x.dtype) for kernel in sorted(kernels, reverse=True) for pair in pairs)

    return weights


def _biases(results: int) -> Callable[..., Sequence[Meta]]:
    """Where in the shape of a weight the number of results (per group) stands."""

    def biases(x: Meta, weight: Meta) -> Sequence[Meta]:
        return tuple(meta((weight.shape[results] * groups,), x.dtype) for groups in (1, 2))

    return biases


def _per_side(name: str, n: int, *values: Any, default: int) -> Any:
    mixed = {1: (), 2: ((1, 2),), 3: ((1, 2, 1),)}[n]
    return choice(name, *values, *(pair for pair in mixed if name != "output_padding"), default=default)


def convolved(n: int) -> Rule:
    """conv1d, conv2d, conv3d: a sample or a batch, groups, uneven strides, padding by name."""

    @rule(
        Operand("input", fresh=meta(INPUT[n], "float32")),
        Operand("weight", likes=_weights(n, False)),
        Operand("bias", likes=_biases(0), optional=True),
        _per_side("stride", n, 2, default=1),
        _per_side("padding", n, 1, 2, "same", "valid", default=0),
        _per_side("dilation", n, 2, default=1),
        choice("groups", 2, default=1),
    )
    def infer(
        x: Meta, weight: Meta, bias: Meta | None, stride: Any, padding: Any, dilation: Any, groups: int
    ) -> Meta | None:
        size = _spatial(x, n)
        if size is None or not _fits(x, weight, bias, n) or 0 in x.shape[-n - 1 :]:
            return None
        filters, channels = weight.shape[:2]
        if filters % groups or channels * groups != x.shape[-n - 1] or (bias is not None and bias.shape != (filters,)):
            return None
        if padding == "same":
            return meta((*x.shape[: -n - 1], filters, *size), x.dtype) if sides(stride, n) == (1,) * n else None
        each = zip(size, weight.shape[2:], *(sides(one, n) for one in (stride, 0 if padding == "valid" else padding)),
                   sides(dilation, n), strict=True)  # fmt: skip
        out = tuple((length + 2 * p - d * (k - 1) - 1) // s + 1 for length, k, s, p, d in each)
        return meta((*x.shape[: -n - 1], filters, *out), x.dtype) if min(out) > 0 else None

    return infer


def spread(n: int) -> Rule:
    """conv_transpose1d, conv_transpose2d, conv_transpose3d."""

    @rule(
        Operand("input", fresh=meta(INPUT[n], "float32")),
        Operand("weight", likes=_weights(n, True)),
        Operand("bias", likes=_biases(1), optional=True),
        _per_side("stride", n, 2, default=1),
        _per_side("padding", n, 1, default=0),
        choice("output_padding", 1, default=0),
        choice("groups", 2, default=1),
        _per_side("dilation", n, 2, default=1),
    )
    def infer(
        x: Meta, weight: Meta, bias: Meta | None, stride: Any, padding: Any, extra: int, groups: int, dilation: Any
    ) -> Meta | None:
        size = _spatial(x, n)
        if size is None or not _fits(x, weight, bias, n) or 0 in x.shape[-n - 1 :]:
            return None
        channels, results = weight.shape[0], weight.shape[1] * groups
        if channels % groups or channels != x.shape[-n - 1] or (bias is not None and bias.shape != (results,)):
            return None
        strides, paddings, dilations = (sides(one, n) for one in (stride, padding, dilation))
        if any(extra >= max(s, d) for s, d in zip(strides, dilations, strict=True)):
            return None
        each = zip(size, weight.shape[2:], strides, paddings, dilations, strict=True)
        out = tuple((length - 1) * s - 2 * p + d * (k - 1) + extra + 1 for length, k, s, p, d in each)
        return meta((*x.shape[: -n - 1], results, *out), x.dtype) if min(out) > 0 else None

    return infer


def _fits(x: Meta, weight: Meta, bias: Meta | None, n: int) -> bool:
    if weight.rank != n + 2 or weight.dtype != x.dtype or 0 in weight.shape:
        return False
    return bias is None or bias.dtype == x.dtype


OpSpec_ = partial(OpSpec, forms=("call",), tolerance="unordered", dense=False)
SPECS = tuple(
    OpSpec_(prefix + name, infer=found)
    for name, found in (
        *((f"conv{n}d", convolved(n)) for n in (1, 2, 3)),
        *((f"conv_transpose{n}d", spread(n)) for n in (1, 2, 3)),
    )
    for prefix in ("nn.functional.", "")
)
