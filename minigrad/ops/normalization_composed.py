"""The gradients of normalizations as torch composes them of other ops where an operand carries a tangent.

What may live here: these, as torch's decompositions for forward mode have them, to the order of their steps; its
kernels have no formula for tangents. Statistics are computed anew, so that they have tangents, too.
"""

from __future__ import annotations

from math import prod
from typing import Any

from minigrad import recording
from minigrad.filling import zeros, zeros_like
from minigrad.ops.arithmetic import times
from minigrad.registry import FUNCTIONS
from minigrad.tensor import Tensor, memory, set_memory
from minigrad.zeros import ZeroTensor

Gradients = tuple[Any, Any, Any]


def tangents_of(run: Any, results: list[Any], tangents: dict[int, Any], *operands: Any) -> list[Any]:
    """The tangents of what `run` gives of these operands, some of which, by their place, carry tangents. `results`,
    which a kernel gave, become what `run` gives: it rounds in other places."""
    module = recording.tangents[0]
    given = list(operands)
    for at, tangent in tangents.items():
        if isinstance(tangent, Tensor) and type(tangent) is not ZeroTensor:
            module.set_tangent(given[at], tangent)
    made = run(*given)
    for out, one in zip(results, made, strict=True):
        if type(out) is Tensor and type(one) is Tensor:
            set_memory(out, memory(one))
    return [module.tangent_of(one) for one in made]


def _statistics(input: Any, rstd: Any, dims: list[int], keepdim: bool) -> tuple[Any, Any]:
    """Mean and inverse deviation of `input`, with the epsilon that `rstd` was made with."""
    var, mean = FUNCTIONS["var_mean"](input, dim=dims, correction=0, keepdim=keepdim)
    eps = (FUNCTIONS["pow"](1 / rstd, 2) - var).detach()
    return mean, FUNCTIONS["rsqrt"](var + eps)


def _none_of(x: Any) -> Any:
    return zeros(()) if x is None else zeros_like(x)


def layer_norm_backward(
    grad: Any, input: Any, shape: Any, mean: Any, rstd: Any, weight: Any, bias: Any, wanted: Any
) -> Gradients:
    """By input, weight and bias."""
    axis = input.dim() - len(shape)
    inner, outer = list(range(axis, input.dim())), list(range(axis))
    size = prod(input.shape[axis:])
    if not input.numel():
        return tuple(input.new_zeros(input.shape[at:]) for at in (0, axis, axis))
    mean, rstd = _statistics(input, rstd, inner, True)
    normal = (input - mean) * rstd
    scaled = grad if weight is None else grad * weight
    a = times(scaled, size)
    b = scaled.sum(inner, True)
    c = normal * (scaled * normal).sum(inner, True)
    of_input = _none_of(input)
    if wanted[0]:
        of_input = (rstd / size) * (a - b - c)
    of_weight, of_bias = _none_of(weight), _none_of(bias)
    if wanted[1] and weight is not None:
        of_weight = (grad * normal).sum(outer, False) if outer else grad * normal
    if wanted[2] and bias is not None:
        of_bias = grad.sum(outer, False) if outer else grad.clone()
    return of_input, of_weight, of_bias


def batch_norm_backward(
    grad: Any, input: Any, weight: Any, running_mean: Any, running_var: Any, mean: Any, rstd: Any, train: bool,
    eps: float, wanted: Any,
) -> Gradients:  # fmt: skip
    """By input, weight and bias."""
    channels = input.shape[1]
    others = [d for d in range(input.dim()) if d != 1]
    if train:
        mean, rstd = _statistics(input, rstd, others, False)
    else:
        mean, rstd = running_mean, FUNCTIONS["rsqrt"](running_var + eps)
    broad = [1, channels, *[1] * (input.dim() - 2)]
    mean = mean.reshape(broad)
    share = 1.0 / (input.numel() / channels)
    total = grad.sum(others)
    drawn = (grad * (input - mean)).sum(others)
    level = (total * share).reshape(broad)
    slope = FUNCTIONS["mul"](drawn * share, rstd * rstd).reshape(broad)
    scale = rstd.reshape(broad) * 1.0 if weight is None else (rstd * weight).reshape(broad)
    of_input = ((grad - (input - mean) * slope) - level) * scale if train else grad * scale
    of_weight = drawn * rstd if wanted[1] else _none_of(weight)
    return of_input, of_weight, total if wanted[2] else zeros_like(total)
