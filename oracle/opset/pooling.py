"""Pooling: averages, maxima with or without their places, p-norms, adaptive windows.

What may live here: one line per op, and rules that serve ops of this file alone.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from oracle.opset.convolutions import INPUT, sides
from oracle.opset.metas import Meta, Shape, meta
from oracle.opset.params import choice, flag
from oracle.opset.spec import Operand, OpSpec, Outcome, Rule, rule

FLOATS = ("float32", "float64")
TIES = (0.0, -0.0, 1.0, float("-inf"), float("nan"))


def _operand(n: int) -> Operand:
    return Operand("input", fresh=meta(INPUT[n], "float32"))


def _pooled(x: Meta, n: int) -> Shape | None:
    """The spatial size of what can be pooled."""
    if x.rank not in (n + 1, n + 2) or x.dtype not in FLOATS or 0 in x.shape[-n - 1 :]:
        return None
    return None if n == 3 and 0 in x.shape else x.shape[-n:]


def _counts(size: Shape, kernel: Any, stride: Any, padding: Any, dilation: Any, ceil_mode: bool) -> Shape | None:
    """How many windows there are, or None where torch refuses them."""
    n, out = len(size), []
    kernels = sides(kernel, n)
    how = (kernels if stride is None else sides(stride, n), sides(padding, n), sides(dilation, n))
    for length, k, s, p, d in zip(size, kernels, *how, strict=True):
        free = length + 2 * p - d * (k - 1) - 1
        found = (free + (s - 1 if ceil_mode else 0)) // s + 1
        if ceil_mode and (found - 1) * s >= length + p:
            found -= 1
        if found < 1 or 2 * p > k or (n == 1 and free < 0):
            return None
        if d > 1 and not all(any(0 <= i * s - p + j * d < length for j in range(k)) for i in range(found)):
            return None  # a window of padding alone: torch writes outside of the gradient
        out.append(found)
    return tuple(out)


def _kernel(n: int) -> Any:
    mixed = {1: (), 2: ((1, 2), (2, 3)), 3: ((1, 2, 2),)}[n]
    return choice("kernel_size", 2, 1, 3, *mixed)


STRIDE = choice("stride", 1, 2, default=None)
PADDING = choice("padding", 1, default=0)
DILATION = choice("dilation", 2, default=1)
CEIL = flag("ceil_mode")


def _averages(n: int) -> Rule:
    more = () if n == 1 else (choice("divisor_override", 3, default=None),)

    @rule(_operand(n), _kernel(n), STRIDE, PADDING, CEIL, flag("count_include_pad", True), *more)
    def infer(x: Meta, kernel: Any, stride: Any, padding: Any, ceil_mode: bool, *_: Any) -> Meta | None:
        size = _pooled(x, n)
        out = None if size is None else _counts(size, kernel, stride, padding, 1, ceil_mode)
        if out is None or size is None:
            return None
        if n == 3 and any(k > m for k, m in zip(sides(kernel, 3), size, strict=True)):
            return None
        return meta((*x.shape[:-n], *out), x.dtype)

    return infer


def _maxima(n: int, places: bool) -> Rule:
    @rule(_operand(n), _kernel(n), STRIDE, PADDING, DILATION, CEIL)
    def infer(x: Meta, kernel: Any, stride: Any, padding: Any, dilation: Any, ceil_mode: bool) -> Outcome:
        size = _pooled(x, n)
        out = None if size is None else _counts(size, kernel, stride, padding, dilation, ceil_mode)
        if out is None:
            return None
        shape = (*x.shape[:-n], *out)
        return (meta(shape, x.dtype), meta(shape, "int64")) if places else meta(shape, x.dtype)

    return infer


def _norms(n: int) -> Rule:
    @rule(_operand(n), choice("norm_type", 2.0, 1.0, 3, float("inf")), _kernel(n), STRIDE, CEIL)
    def infer(x: Meta, norm_type: Any, kernel: Any, stride: Any, ceil_mode: bool) -> Meta | None:
        size = _pooled(x, n)
        out = None if size is None else _counts(size, kernel, stride, 0, 1, ceil_mode)
        if out is None or size is None or any(k > m for k, m in zip(sides(kernel, n), size, strict=True)):
            return None
        return meta((*x.shape[:-n], *out), x.dtype)

    return infer


def _adaptive(n: int, places: bool = False, none: bool = True) -> Rule:
    mixed: tuple[Any, ...] = {1: (), 2: ((1, 2), (2, None)), 3: ((1, 2, 1), (None, 1, 2))}[n]
    mixed = tuple(size for size in mixed if none or None not in size)

    @rule(_operand(n), choice("output_size", 2, 1, 3, *mixed))
    def infer(x: Meta, output_size: Any) -> Outcome:
        size = _pooled(x, n)
        if size is None:
            return None
        out = tuple(length if m is None else m for length, m in zip(size, sides(output_size, n), strict=True))
        shape = (*x.shape[:-n], *out)
        return (meta(shape, x.dtype), meta(shape, "int64")) if places else meta(shape, x.dtype)

    return infer


OpSpec_ = partial(OpSpec, forms=("call",), dense=False)
SPECS = (
    *(OpSpec_(f"nn.functional.avg_pool{n}d", infer=_averages(n), halves=n < 3, tolerance="sum") for n in (1, 2, 3)),
    OpSpec_("avg_pool1d", infer=_averages(1), tolerance="sum"),
    *(
        OpSpec_(f"{prefix}max_pool{n}d", infer=_maxima(n, False), tolerance="exact", edges=TIES)
        for n in (1, 2, 3)
        for prefix in ("nn.functional.", "")
    ),
    *(
        OpSpec_(
            f"nn.functional.max_pool{n}d_with_indices", infer=_maxima(n, True), tolerance="exact", edges=TIES,
            outs="many",
        )
        for n in (1, 2, 3)
    ),
    *(OpSpec_(f"nn.functional.lp_pool{n}d", infer=_norms(n), halves=n < 3, tolerance="loose") for n in (1, 2, 3)),
    *(OpSpec_(f"nn.functional.adaptive_avg_pool{n}d", infer=_adaptive(n), tolerance="sum") for n in (1, 2, 3)),
    OpSpec_("adaptive_avg_pool1d", infer=_adaptive(1), tolerance="sum"),
    *(
        OpSpec_(f"nn.functional.adaptive_max_pool{n}d", infer=_adaptive(n), tolerance="exact", edges=TIES)
        for n in (1, 2, 3)
    ),
    OpSpec_("adaptive_max_pool1d", infer=_adaptive(1, places=True), tolerance="exact", edges=TIES, outs="many"),
)
