"""Group normalization with its gradient, as a kernel and, where more derivatives are wanted, as a composition.

What may live here: the op and the function. Checks are in `normalization_checks`.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from minigrad import modes
from minigrad.memory_formats import channels_last, formatted, suggested
from minigrad.ops import normalization_checks as checks
from minigrad.ops.arithmetic import times
from minigrad.ops.carriers import array_of
from minigrad.ops.expanding import sum_over
from minigrad.ops.fused import fma
from minigrad.ops.loss_forms import functional
from minigrad.ops.moments import var_mean_back
from minigrad.ops.moments_of_rows import REGISTER, moments_of_rows
from minigrad.ops.normalization_along import affine_along, deviation_along, normalized_along
from minigrad.ops.reduction import mean as mean_of
from minigrad.ops.reshaping import reshape_to
from minigrad.recording import tangents
from minigrad.registry import composite, derivative, op
from minigrad.signatures import Parser
from minigrad.tensor import Tensor, wrap
from minigrad.zeros import ZeroTensor

# mypy: disable-error-code="no-untyped-def, no-untyped-call"


@op("_native_group_norm", promote="keep", several=True, numbers=False)
def group_norm_op(
    input, weight=None, bias=None, N: int = 0, C: int = 0, HxW: int = 0, group: int = 1, eps: Any = 1e-5  # noqa: N803
):  # fmt: skip
    kept = next((p.dtype for p in (weight, bias) if p is not None), input.dtype)
    checks.check_dtypes("GroupNormKernelImpl", input, weight, bias)
    if not input.size:
        return [np.zeros(input.shape, input.dtype), np.zeros((N, group), kept), np.zeros((N, group), kept)]
    rows = input.reshape(N * group, -1).astype(kept, copy=False)
    mean, spread = (v.reshape(N, group) for v in moments_of_rows(rows))
    rstd = (1 / np.sqrt(np.maximum(spread, 0) + np.float64(eps))).astype(kept)
    if weight is None and bias is None:
        return [_shaped((rows - mean.reshape(-1, 1)) * rstd.reshape(-1, 1), input), mean, rstd]
    scale, middle = (np.repeat(v, C // group, axis=1) for v in (rstd, mean))
    if weight is not None:
        scale = scale * weight
    shift = fma(-scale, middle, np.zeros_like(scale) if bias is None else bias)
    return [_shaped(fma(rows.reshape(N, C, HxW), scale[..., None], shift[..., None]), input), mean, rstd]


def _shaped(out: Any, input: Any) -> Any:
    """A result with the shape, dtype and memory format of the input."""
    return formatted(out.reshape(input.shape).astype(input.dtype, copy=False), channels_last(input))


def _kernel(grad, input, mean, rstd, weight, sizes, wanted):
    """The gradients at once, of arrays."""
    n, c, inner, groups = sizes
    wide, x = (a.reshape(n, groups, c // groups, inner).astype(rstd.dtype, copy=False) for a in (grad, input))
    mean, rstd = (v.reshape(n, groups, 1, 1) for v in (mean, rstd))
    drawn, level = (wide * x).sum(axis=3, keepdims=True), wide.sum(axis=3, keepdims=True)
    of_input = of_weight = of_bias = None
    if wanted[0]:
        gain = np.ones(1, rstd.dtype) if weight is None else weight.reshape(1, groups, -1, 1)
        on_product, on_sum = (_weighted(v, gain) for v in (drawn, level))
        share = rstd.dtype.type(1.0 / max(c // groups * inner, 1))
        slope = fma(on_sum, mean, -on_product) * rstd * rstd * rstd * share
        found = fma(rstd * gain, wide, slope * x) + fma(-on_sum * rstd, share, -slope * mean)
        of_input = _shaped(found, input)
    if wanted[1]:
        of_weight = np.zeros((groups, c // groups, 1), rstd.dtype)
        for sample, scale in zip(fma(-level, mean, drawn), rstd, strict=True):
            of_weight = fma(sample, scale, of_weight)
        of_weight = of_weight.reshape(c).copy()
    if wanted[2]:
        if weight is None:
            raise RuntimeError("tensor does not have a device")  # torch asks the weight for the shape
        of_bias = level.sum(axis=0).reshape(c).copy()
    return [of_input, of_weight, of_bias]


def _weighted(v: Any, gain: Any) -> Any:
    """`v` summed over the channels of a group with their weights, which less than a register of them fuses."""
    if v.shape[2] * v.itemsize >= REGISTER:
        return (v * gain).sum(axis=2, keepdims=True)
    total = np.zeros_like(v[:, :, :1])
    for d in range(v.shape[2]):
        total = fma(v[:, :, d : d + 1], gain[:, :, d : d + 1] if gain.ndim > 1 else gain, total)
    return total


def _gradients(grads, input, weight, result1, result2, N, C, HxW, group, eps, wanted):  # noqa: N803
    """As torch decides: the kernel where nothing is recorded, else what has derivatives itself."""
    grad, on_mean, on_rstd = grads
    sizes = (N, C, HxW, group)
    recorded = isinstance(input, Tensor) and modes.state.grad
    if recorded or on_mean is not None or on_rstd is not None:
        return _composed(grad, on_mean, on_rstd, input, result1, result2, weight, sizes, wanted)
    if not isinstance(input, Tensor):
        return _kernel(grad, input, result1, result2, weight, sizes, wanted)
    if tangents:
        tangents[0].refuse("native_group_norm_backward", (grad, input, result1, result2, weight))
    grad, x, mean, rstd, gain = (array_of(one) for one in (grad, input, result1, result2, weight))
    return [None if g is None else wrap(np.asarray(g)) for g in _kernel(grad, x, mean, rstd, gain, sizes, wanted)]


def _unsqueezed(x: Any, dim: int) -> Any:
    return x.unsqueeze_(dim) if isinstance(x, Tensor) else np.expand_dims(x, dim)


def _composed(grad, on_mean, on_rstd, input, mean, rstd, weight, sizes, wanted):
    n, c, inner, groups = sizes
    deep = c // groups
    x = reshape_to(input, (n, groups, deep, inner))
    mean, rstd = reshape_to(mean, (n, groups, 1, 1)), reshape_to(rstd, (n, groups, 1, 1))
    dy = drawn = level = of_input = of_weight = of_bias = None
    if grad is not None:
        dy = reshape_to(grad, (n, groups, deep, inner))
        drawn, level = _unsqueezed(sum_over(dy * x, (3,)), -1), _unsqueezed(sum_over(dy, (3,)), -1)
    if wanted[0]:
        gain = None if weight is None else reshape_to(weight, (1, groups, deep, 1))
        cube = rstd * rstd * rstd
        if dy is not None:
            of_input = _through_output(dy, x, mean, rstd, cube, gain, (drawn, level), sizes)
        if on_mean is not None and on_rstd is not None:
            of_var = times(cube, -0.5) * reshape_to(on_rstd, (n, groups, 1, 1))
            part = var_mean_back(of_var, reshape_to(on_mean, (n, groups, 1, 1)), x, (2, 3), 0, True)
            of_input = part if of_input is None else of_input + part
        of_input = None if of_input is None else reshape_to(of_input, array_of(input).shape)
    if dy is not None:
        if wanted[1]:
            of_weight = reshape_to(sum_over((drawn - level * mean) * rstd, (0,)), (c,))
        if wanted[2] and weight is None:
            raise RuntimeError(f"shape '[0]' is invalid for input of size {c}")  # that of the weight
        if wanted[2]:
            of_bias = reshape_to(sum_over(level, (0,)), (c,))
    return [of_input, of_weight, of_bias]


def _through_output(dy, x, mean, rstd, cube, gain, sums, sizes):
    """What arrives at the input through the result: a multiple of it, of the input, and a constant.

    Operands on the right come first, as in torch (arithmetic.right_first).
    """
    _, c, inner, groups = sizes
    deep = c // groups
    share = 1.0 / (deep * inner) if deep * inner else math.inf
    drawn, level = sums
    own = rstd
    if gain is not None:
        own, drawn = rstd * gain, drawn * gain
    drawn = _unsqueezed(sum_over(drawn, (2,)), -2)
    level = _unsqueezed(sum_over(level if gain is None else level * gain, (2,)), -2)
    slope = times((level * mean - drawn) * cube, share)
    spread = times(level * rstd, share)
    constant = -slope * mean - spread
    sloped = slope * x
    return own * dy + sloped + constant


def _tangent(input_t, weight_t, bias_t, input, weight, bias, result1, result2, N, C, HxW, group):  # noqa: N803
    shape = array_of(input).shape
    rows, x_t, x = N * group, *(one.view(1, N * group, -1 if N else 1) for one in (input_t, input))
    middle, rstd = (one.view(1, rows, 1) for one in (result1, result2))
    moved = normalized_along(x, x_t, middle, rstd, (0, 2), C // group * HxW).view(shape)
    normalized = None
    if weight is not None:
        normalized = ((x - result1.view(1, rows, 1)) * result2.view(1, rows, 1)).view(shape)
    affine = (1, C, *(1,) * (len(shape) - 2))
    weight, weight_t = (None if weight is None else one.view(affine) for one in (weight, weight_t))
    out = affine_along(normalized, moved, weight, weight_t, None if bias is None else bias_t.view(affine))
    if type(input_t) is ZeroTensor:
        return [out, None, None]
    of_middle = mean_of(x_t, (2,), False).view_as(result1)
    # torch has input and tangent in each other's place here, which the sum does not show
    of_rstd = deviation_along(x_t, x, middle, rstd, (2,), C // group * HxW, False).view_as(result2)
    return [out, of_middle, of_rstd]


derivative(
    "NativeGroupNormBackward0", of=group_norm_op, forward=_tangent, joint=(("input", "weight", "bias"), _gradients)
)

_GROUP = Parser(
    "group_norm",
    "(Tensor input, int num_groups, Tensor weight = None, Tensor bias = None, float eps = 1e-05, "
    "bool cudnn_enabled = True)",
)


@composite("group_norm", method=False)
def group_norm(*args, **kwargs):
    """The native function."""
    _, given = _GROUP.parse(args, kwargs)
    input, groups = given["input"], given["num_groups"]
    weight, bias = given.get("weight"), given.get("bias")
    checks.check_groups(input._a, groups, *(None if p is None else p._a for p in (weight, bias)))
    n, c, *rest = input._a.shape
    input = input.contiguous(memory_format=suggested(input._a))
    weight, bias = (None if p is None else p.contiguous() for p in (weight, bias))
    return group_norm_op(input, weight, bias, n, c, math.prod(rest), groups, given.get("eps", 1e-5))[0]


@functional("group_norm")
def group_norm_of(input, num_groups: int, weight=None, bias=None, eps: float = 1e-5):
    """Groups of channels less their mean, over their standard deviation, sample by sample."""
    if input.dim() < 2:
        raise RuntimeError(f"Expected at least 2 dimensions for input tensor but received {input.dim()}")
    shape = input.size()
    checks.check_batch([shape[0] * shape[1] // num_groups, num_groups, *shape[2:]])
    return group_norm(input, num_groups, weight, bias, eps, True)
