"""Layer normalization with its gradients, and what is composed: rms_norm, local_response_norm.

What may live here: these. Checks are in `normalization_checks`, second derivatives in `normalization_twice`.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from minigrad import errors
from minigrad.dtypes import C_NAMES
from minigrad.memory_formats import suggested
from minigrad.ops import normalization_checks as checks
from minigrad.ops import normalization_composed as composed
from minigrad.ops.arithmetic import plus
from minigrad.ops.carriers import array_of, constant
from minigrad.ops.expanding import expand_op, sum_over
from minigrad.ops.fused import fma
from minigrad.ops.loss_forms import functional
from minigrad.ops.moments_of_rows import moments_of_rows
from minigrad.ops.normalization_along import affine_along, normalized_along
from minigrad.ops.normalization_twice import Normalized, added, with_bias
from minigrad.ops.reduction import contiguous
from minigrad.ops.reshaping import reshape_to
from minigrad.refusals import handed
from minigrad.registry import FUNCTIONS, composite, derivative, op
from minigrad.signatures import Parser
from minigrad.warn import warn_once

# mypy: disable-error-code="no-untyped-def, no-untyped-call"

Shape = tuple[int, ...]


def _rows(a: Any, normalized_shape: Shape) -> tuple[int, int]:
    """How many times how many elements are normalized together."""
    count = math.prod(normalized_shape)
    return math.prod(a.shape[: a.ndim - len(normalized_shape)]), count


@op("_native_layer_norm", promote="keep", numbers=False, outs=("result0", "result1", "result2"))
def layer_norm_op(input, normalized_shape: Any, weight=None, bias=None, eps: Any = 1e-5):
    checks.check_mixed(input, weight, bias)
    first = checks.check_normalized(input, normalized_shape, weight, bias, ", ")
    rows, count = _rows(input, normalized_shape)
    kept = next((p.dtype for p in (weight, bias) if p is not None), input.dtype)
    shape = (*input.shape[:first], *(1,) * len(normalized_shape))
    if not input.size:
        return [np.zeros(input.shape, input.dtype), np.zeros(shape, kept), np.full(shape, np.nan, kept)]
    checks.check_dtypes("LayerNormKernelImpl", input, weight, bias)
    wide = input.reshape(rows, count).astype(kept, copy=False)
    mean, spread = (v[:, None] for v in moments_of_rows(wide))
    rstd = 1 / np.sqrt(np.maximum(spread, 0) + kept.type(eps))
    out = ((wide - mean) * rstd).reshape(input.shape)
    if weight is not None and bias is not None:
        out = fma(out, weight, bias)
    else:
        out = (out if weight is None else out * weight) + (0 if bias is None else bias)  # as signs of zeros show
    return [contiguous(out.astype(input.dtype)), contiguous(mean.reshape(shape)), rstd.reshape(shape)]


@op("_native_layer_norm_backward", promote="keep", several=True, numbers=False)
def layer_norm_backward(
    grad_out, input, normalized_shape: Any, mean, rstd, weight=None, bias=None, output_mask: Any = ()
):  # fmt: skip
    rows, count = _rows(input, normalized_shape)
    x, grad = (a.reshape(rows, count).astype(rstd.dtype, copy=False) for a in (input, grad_out))
    mean, rstd, one = mean.reshape(rows, 1), rstd.reshape(rows, 1), rstd.dtype.type(1)
    made: list[Any] = [None, None, None]
    if output_mask[0]:
        gain = one if weight is None else weight.reshape(1, count)
        share = one / rstd.dtype.type(count) if count else one
        level, drawn = ((grad * v * w).sum(axis=1, keepdims=True) for v, w in ((gain, one), (x, gain)))
        slope = fma(level, mean, -drawn) * rstd * rstd * rstd * share
        of_input = fma(slope, x, rstd * grad * gain) + fma(-slope, mean, -(level * rstd * share))
        made[0] = contiguous(of_input.reshape(input.shape).astype(input.dtype))
    if output_mask[1]:
        of_weight = np.zeros(count, rstd.dtype)
        for row, centred in zip(grad, fma(rstd, x, -rstd * mean), strict=True):
            of_weight = fma(row, centred, of_weight)
        made[1] = of_weight.reshape(normalized_shape).copy()
    if output_mask[2]:
        made[2] = grad.sum(axis=0).reshape(normalized_shape).astype(bias.dtype)
    return made


def _tangents_of_gradients(
    grad_out_t, input_t, weight_t, grad_out, input, normalized_shape, mean, rstd, weight, bias, output_mask,
    result,
):  # fmt: skip
    operands = (grad_out, input, normalized_shape, mean, rstd, weight, bias, output_mask)
    tangents = {0: grad_out_t, 1: input_t, 5: weight_t}
    return composed.tangents_of(composed.layer_norm_backward, result, tangents, *operands)


def _gradients(grad, input, normalized_shape, result1, result2, weight, bias, wanted):
    return layer_norm_backward(grad, input, normalized_shape, result1, result2, weight, bias, wanted)


def _normalized(input, mean, rstd, rows: int, count: int) -> Normalized:
    apart = reshape_to(input, (rows, count)) - reshape_to(mean, (rows, 1))
    return Normalized(apart, reshape_to(rstd, (rows, 1)), lambda x: sum_over(x, (1,), True), count)


def _tangent(input_t, weight_t, bias_t, input, normalized_shape, weight, bias, result1, result2):
    shape = array_of(input).shape
    first = len(shape) - len(normalized_shape)
    kept = (*shape[:first], *(1,) * len(normalized_shape))
    middle, rstd = result1.view(kept), result2.view(kept)
    dims = tuple(range(first, len(shape)))
    moved = normalized_along(input, input_t, middle, rstd, dims, _rows(array_of(input), normalized_shape)[1])
    normalized = None if weight is None else (input - middle) * rstd
    affine = (1,) * first + tuple(shape[first:])
    weight, weight_t = (None if weight is None else x.view(affine) for x in (weight, weight_t))
    return affine_along(normalized, moved, weight, weight_t, None if bias is None else bias_t.view(affine))


derivative(
    "NativeLayerNormBackward0", of=layer_norm_op, forward=_tangent, joint=(("input", "weight", "bias"), _gradients)
)


def _twice(grads, grad_out, input, normalized_shape, mean, rstd, weight):
    rows, count = _rows(array_of(input), normalized_shape)
    shape = array_of(input).shape
    on_input, on_weight, on_bias = (
        None if x is None else reshape_to(x, size)
        for x, size in zip(grads, ((rows, count), (1, count), (1, count)), strict=True)
    )
    grad = reshape_to(grad_out, (rows, count))
    parts = _normalized(input, mean, rstd, rows, count)
    one = constant(1.0, input)
    gain = one if weight is None else reshape_to(weight, (1, count))
    of_grad = of_input = of_weight = None
    if on_input is not None:
        weighted = grad * gain
        of_input = parts.bend(weighted, on_input, on_input * weighted)
        of_grad = parts.first(on_input, gain)
        if weight is not None:
            of_weight = reshape_to(sum_over(grad * parts.first(on_input, one), (0,)), normalized_shape)
    if on_weight is not None:
        of_input = added(of_input, parts.slope(lambda: grad * on_weight))
        of_grad = added(of_grad, on_weight * parts.apart * parts.rstd)
    if on_bias is not None:
        of_grad = with_bias(of_grad, on_bias, weight)
    if of_grad is not None:
        of_grad = reshape_to(expand_op(of_grad, (rows, count)), shape)
    if of_input is not None:
        of_input = reshape_to(of_input, shape)
    return [of_grad, of_input, None, None, of_weight, None]


derivative(
    "NativeLayerNormBackwardBackward0",
    of=layer_norm_backward,
    forward=_tangents_of_gradients,
    joint=(("grad_out", "input", "mean", "rstd", "weight", "bias"), _twice),
)


# -- the functions --------------------------------------------------------------------------------------

_LAYER = Parser(
    "layer_norm",
    "(Tensor input, tuple of ints normalized_shape, Tensor weight = None, Tensor bias = None, float eps = 1e-05, "
    "bool cudnn_enable = True)",
)
_RMS = Parser(
    "rms_norm",
    "(Tensor input, tuple of ints normalized_shape, Tensor weight = None, float eps = None)",
)


@composite("layer_norm", method=False)
def layer_norm(*args, **kwargs):
    """The last dimensions, of this shape, less their mean and over their standard deviation."""
    _, given = _LAYER.parse(args, kwargs)
    parameters = (given.get("weight"), given.get("bias"), given.get("eps", 1e-5))
    return layer_norm_op(given["input"], given["normalized_shape"], *parameters)[0]


@functional("layer_norm")
def layer_norm_of(input, normalized_shape, weight=None, bias=None, eps: float = 1e-5):
    """The same, by the names of nn.functional."""
    handed("layer_norm", input, normalized_shape, weight, bias, eps, True)
    return layer_norm(input, normalized_shape, weight, bias, eps, True)


@composite("rms_norm", method=False)
def rms_norm(*args, **kwargs):
    """The last dimensions, of this shape, over the root of the mean of their squares."""
    _, given = _RMS.parse(args, kwargs)
    input, size, weight = given["input"], given["normalized_shape"], given.get("weight")
    a = input._a
    checks.check_normalized(a, size, None if weight is None else weight._a, None, "")
    if weight is not None and weight._a.dtype != a.dtype:
        names = (C_NAMES[x.dtype.name] for x in (a, weight._a))
        warn_once(
            "Mismatch dtype between input and weight: input dtype = {}, weight dtype = {}, Cannot dispatch to fused "
            "implementation.".format(*names)
        )
    if a.dtype.kind not in "fc":
        raise errors.not_implemented_for("rms_norm", a.dtype)
    wide = input.float() if a.dtype == np.float16 else input
    eps = given.get("eps")
    eps = float(np.finfo(wide._a.dtype).eps) if eps is None else eps
    dims = tuple(range(a.ndim - 1, a.ndim - len(size) - 1, -1))
    out = wide * plus(wide.pow(2).mean(dims, True), eps).rsqrt()
    if weight is not None:
        out = out * weight
    return out.to(input.dtype).contiguous(memory_format=suggested(a))


@functional("rms_norm")
def rms_norm_of(input, normalized_shape, weight=None, eps=None):
    """The same, by the names of nn.functional."""
    handed("rms_norm", input, normalized_shape, weight, eps)
    return rms_norm(input, normalized_shape, weight, eps)


@functional("local_response_norm")
def local_response_norm(input, size: int, alpha: float = 1e-4, beta: float = 0.75, k: float = 1.0):
    """Each element over a power of the mean of the squares in `size` channels around it."""
    pad, flat, deep = (FUNCTIONS[f"nn.functional.{name}"] for name in ("pad", "avg_pool2d", "avg_pool3d"))
    if input.dim() < 3:
        raise ValueError(
            f"Expected 3D or higher dimensionality                          input (got {input.dim()} dimensions)"
        )
    shape = input._a.shape
    if not input._a.size:
        return input
    around = (size // 2, (size - 1) // 2)
    squares = input.mul(input)
    if len(shape) == 3:
        squares = flat(pad(squares.unsqueeze(1), (0, 0, *around)), (size, 1), stride=1).squeeze(1)
    else:
        squares = squares.view(shape[0], 1, shape[1], shape[2], -1)
        squares = deep(pad(squares, (0, 0, 0, 0, *around)), (size, 1, 1), stride=1).squeeze(1).view(shape)
    return input / squares.mul(alpha).add(k).pow(beta)
