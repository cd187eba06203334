"""Batch normalization with its gradients, and instance normalization, which is made of it.

What may live here: the two ops and the functions over them. Checks are in `normalization_checks`, second derivatives
in `normalization_twice`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad import errors
from minigrad.memory_formats import channels_last as innermost
from minigrad.memory_formats import formatted
from minigrad.ops import normalization_checks as checks
from minigrad.ops import normalization_composed as composed
from minigrad.ops.arithmetic import plus
from minigrad.ops.carriers import array_of, constant
from minigrad.ops.expanding import repeat_op, sum_over
from minigrad.ops.fused import fma
from minigrad.ops.loss_forms import functional, refuse_gradients
from minigrad.ops.normalization_along import affine_along, normalized_along
from minigrad.ops.normalization_twice import Normalized, added, with_bias
from minigrad.ops.powers import pow  # noqa: A004 - torch's name
from minigrad.ops.reduction import expand_to, unsqueeze
from minigrad.ops.reshaping import reshape_to
from minigrad.registry import composite, derivative, op
from minigrad.signatures import Parser

# mypy: disable-error-code="no-untyped-def, no-untyped-call"


def _spread(v: Any, ndim: int) -> Any:
    """An array of one number per channel, ready to be combined with the input."""
    return v.reshape(-1, *(1,) * (ndim - 2))


def _statistics(input: Any, running_mean: Any, running_var: Any, momentum: Any, eps: Any, kept: Any) -> tuple[Any, Any]:
    """Mean and 1 over standard deviation per channel, from double sums; running ones move towards them."""
    rows = np.moveaxis(input, 1, 0).reshape(input.shape[1], -1)
    rows = rows.astype(kept, copy=False)
    count = rows.shape[1]
    mean = _added_up(rows) / count
    squares = _added_up(np.square(rows - mean.astype(kept)[:, None]))
    for running, now in ((running_mean, mean), (running_var, squares / np.float64(count - 1))):
        if running is not None:
            running[...] = momentum * now.reshape(running.shape) + (1 - momentum) * running.astype(np.float64)
    return mean.astype(kept), (1 / np.sqrt((squares.astype(kept) / kept.type(count)) + np.float64(eps))).astype(kept)


def _added_up(rows: Any) -> Any:
    """The sum of each row in double precision, one number after the other."""
    return np.cumsum(rows, axis=1, dtype=np.float64)[:, -1]


@op("_native_batch_norm", promote="keep", numbers=False, outs=("result0", "result1", "result2"))
def batch_norm_op(
    input, weight=None, bias=None, running_mean=None, running_var=None, training: bool = False,
    momentum: Any = 0.1, eps: Any = 1e-5,
):  # fmt: skip
    if input.ndim < 2:
        raise errors.dim_out_of_range(1, input.ndim)
    checks.check_dtypes("batch_norm", input, weight, bias, running_mean, running_var)
    kept = next((p.dtype for p in (weight, bias, running_mean) if p is not None), input.dtype)
    if training:
        mean, rstd = _statistics(input, running_mean, running_var, momentum, eps, kept)
        saved = [mean, rstd]
    else:
        mean, rstd = running_mean.reshape(-1), 1 / np.sqrt(running_var.reshape(-1) + kept.type(eps))
        saved = [np.empty(0, kept)] * 2
    scale = rstd if weight is None else rstd * weight.reshape(-1)
    shift = fma(-mean, scale, np.zeros_like(scale) if bias is None else bias.reshape(-1))
    wide = input.astype(kept, copy=False)
    out = fma(wide, _spread(scale, input.ndim), _spread(shift, input.ndim))
    return [formatted(out.astype(input.dtype, copy=False), innermost(input)), *saved]


def _over_planes(v: Any) -> Any:
    """Sums per channel: of each sample in its own precision, of the samples in double."""
    planes = v.reshape(*v.shape[:2], -1).sum(axis=2)
    return np.cumsum(planes, axis=0, dtype=np.float64)[-1]


@op("_native_batch_norm_backward", promote="keep", several=True, numbers=False)
def batch_norm_backward(
    grad_out, input, weight=None, running_mean=None, running_var=None, save_mean=None, save_invstd=None,
    train: bool = False, eps: Any = 0.0, output_mask: Any = (),
):  # fmt: skip
    n = input.ndim
    checks.check_vectors(weight, *(() if train else (running_mean, running_var)))
    kept = input.dtype if weight is None else weight.dtype
    mean, rstd = save_mean, save_invstd
    if not train:
        mean, rstd = running_mean.reshape(-1), 1 / np.sqrt(running_var.reshape(-1) + running_var.dtype.type(eps))
    wide = grad_out.astype(kept, copy=False)
    apart = input - _spread(mean, n)
    total, drawn = (_over_planes(v) for v in (wide, apart * wide))
    made: list[Any] = [None, drawn * rstd, total]
    if output_mask[0]:
        if train:
            count = input.size // input.shape[1]
            drift = (drawn.astype(kept) * rstd * rstd / kept.type(count)).astype(kept)
            wide = fma(-apart, _spread(drift, n), wide - _spread((total / count).astype(kept), n))
        found = wide * _spread(rstd, n)
        found = found if weight is None else found * _spread(weight, n)
        made[0] = formatted(found.astype(input.dtype, copy=False), innermost(input))
    made[1:] = [x.astype(kept) for x in made[1:]]
    return [x if wanted else None for x, wanted in zip(made, output_mask, strict=True)]


def _tangents_of_gradients(
    grad_out_t, input_t, weight_t, grad_out, input, weight, running_mean, running_var, save_mean, save_invstd, train,
    eps, output_mask, result,
):  # fmt: skip
    operands = (grad_out, input, weight, running_mean, running_var, save_mean, save_invstd, train, eps, output_mask)
    tangents = {0: grad_out_t, 1: input_t, 2: weight_t}
    return composed.tangents_of(composed.batch_norm_backward, result, tangents, *operands)


def _gradients(
    grad, input, weight, running_mean, running_var, result1, result2, training, eps, wanted
):  # fmt: skip
    return batch_norm_backward(
        grad, input, weight, running_mean, running_var, result1, result2, training, eps, wanted
    )  # fmt: skip


def _of_channels(v: Any, like: Any) -> Any:
    """One number per channel as a carrier that broadcasts against `like`, dimension by dimension as in torch."""
    v = reshape_to(v, (-1,)) if array_of(v).ndim != 1 else v
    for _ in range(array_of(like).ndim - 2):
        v = unsqueeze(v, 1)
    return unsqueeze(v, 0)


def _expanded(v: Any, like: Any) -> Any:
    for _ in range(array_of(like).ndim - 2):
        v = unsqueeze(v, 1)
    return expand_to(v, array_of(like).shape)


def _total(keepdim: bool) -> Any:
    """Sums over all dimensions but that of the channels, one after the other."""

    def total(x: Any) -> Any:
        x = sum_over(x, (0,), keepdim)
        for d in range(array_of(x).ndim - 1, int(keepdim), -1):
            x = sum_over(x, (d,), keepdim)
        return x

    return total


def _normalized(input, running_mean, running_var, mean, rstd, training, eps) -> Normalized:
    count = array_of(input).size // max(array_of(input).shape[1], 1)
    if not training:
        mean, rstd = running_mean, pow(plus(running_var, eps), -0.5)
    apart = input - _of_channels(mean, input)
    return Normalized(apart, _of_channels(rstd, input), _total(True), count)


def _tangent(
    input_t, weight_t, bias_t, input, weight, bias, running_mean, running_var, result1, result2, training, eps
):  # fmt: skip
    shape = array_of(input).shape
    affine = (1, shape[1], *(1,) * (len(shape) - 2))
    if training:
        middle, rstd = result1.view(affine), result2.view(affine)
        dims = tuple(d for d in range(len(shape)) if d != 1)
        moved = normalized_along(input, input_t, middle, rstd, dims, array_of(input).size // max(shape[1], 1))
    else:
        middle, rstd = running_mean.view(affine), (1 / plus(running_var, eps).sqrt()).view(affine)
        moved = input_t * rstd
    normalized = None if weight is None else (input - middle) * rstd
    weight, weight_t = (None if weight is None else one.view(affine) for one in (weight, weight_t))
    return affine_along(normalized, moved, weight, weight_t, None if bias is None else bias_t.view(affine))


derivative(
    "NativeBatchNormBackward0", of=batch_norm_op, forward=_tangent, joint=(("input", "weight", "bias"), _gradients)
)


def _twice(
    grads, grad_out, input, weight, running_mean, running_var, save_mean, save_invstd, train, eps
):  # fmt: skip
    on_input, on_weight, on_bias = grads
    parts = _normalized(input, running_mean, running_var, save_mean, save_invstd, train, eps)
    one = constant(1.0, input)
    gain = one if weight is None else _expanded(weight, input)
    on_gain = None if on_weight is None else _expanded(on_weight, input)
    of_input = of_weight = of_grad = None
    if on_input is not None and train:
        of_input = gain * parts.bend(grad_out, on_input, grad_out * on_input)
    if on_gain is not None:
        term = on_gain * parts.slope(lambda: grad_out) if train else on_gain * parts.rstd * grad_out
        of_input = added(of_input, term)
    if weight is not None and on_input is not None:
        held = on_input * parts.first(grad_out, one) if train else on_input * grad_out * parts.rstd
        of_weight = _total(False)(held)
    if on_input is not None:
        of_grad = parts.first(on_input, gain) if train else on_input * parts.rstd * gain
    if on_gain is not None:
        of_grad = added(of_grad, on_gain * parts.apart * parts.rstd)
    if on_bias is not None:
        of_grad = with_bias(of_grad, _expanded(on_bias, input), weight)
    return [of_grad, of_input, of_weight, None, None]


derivative(
    "NativeBatchNormBackwardBackward0",
    of=batch_norm_backward,
    forward=_tangents_of_gradients,
    joint=(("grad_out", "input", "weight", "save_mean", "save_invstd"), _twice),
)


# -- the functions --------------------------------------------------------------------------------------

_BATCH = Parser(
    "batch_norm",
    "(Tensor input, Tensor? weight, Tensor? bias, Tensor? running_mean, Tensor? running_var, bool training, "
    "float momentum, float eps, bool cudnn_enabled)",
)
_INSTANCE = Parser(
    "instance_norm",
    "(Tensor input, Tensor? weight, Tensor? bias, Tensor? running_mean, Tensor? running_var, bool use_input_stats, "
    "float momentum, float eps, bool cudnn_enabled)",
)
_PARAMETERS = ("weight", "bias", "running_mean", "running_var")


def _batch_norm(input, parameters, training, momentum, eps):
    weight, bias, running_mean, running_var = parameters
    if training:
        checks.both_or_neither(running_mean, running_var)
    shape = input._a.shape
    if not input._a.size:
        return _of_nothing(input, weight, bias)
    channels = shape[1] if len(shape) > 1 else 0
    checks.check_channels(
        channels, training, running_mean=running_mean, running_var=running_var, weight=weight, bias=bias
    )
    refuse_gradients("native_batch_norm", running_mean=running_mean, running_var=running_var)
    return batch_norm_op(input, weight, bias, running_mean, running_var, training, momentum, eps)[0]


def _of_nothing(input, weight, bias):
    """torch keeps the graph together where there is nothing to normalize."""
    out = input.clone()
    if weight is not None:
        out = out * weight[0]
    return out if bias is None else out + bias[0]


@composite("batch_norm", method=False)
def batch_norm(*args, **kwargs):
    """The native function, whose arguments are in another order than nn.functional's."""
    _, given = _BATCH.parse(args, kwargs)
    how = (given["training"], given["momentum"], given["eps"])
    return _batch_norm(given["input"], [given.get(name) for name in _PARAMETERS], *how)


@functional("batch_norm")
def batch_norm_of(
    input, running_mean, running_var, weight=None, bias=None, training: bool = False, momentum: float = 0.1,
    eps: float = 1e-5,
):  # fmt: skip
    """Each channel less its mean, over its standard deviation: of this batch if `training`, else the running ones."""
    if training:
        checks.check_batch(input.size())
    if training and eps <= 0.0:
        raise ValueError(f"batch_norm eps must be positive during training, but got {eps}")
    if eps < 0.0:
        raise ValueError(f"batch_norm eps must be non-negative, but got {eps}")
    return batch_norm(input, weight, bias, running_mean, running_var, training, momentum, eps, True)


@composite("instance_norm", method=False)
def instance_norm(*args, **kwargs):
    """Every sample normalized by itself: a batch norm with the samples as channels."""
    _, given = _INSTANCE.parse(args, kwargs)
    input, fresh = given["input"], given["use_input_stats"]
    running = [given.get(name) for name in _PARAMETERS[2:]]
    if not fresh and None in running:
        raise RuntimeError("Expected running_mean and running_var to be defined when use_input_stats is false")
    batch, channels = input._a.shape[:2]
    repeated: list[Any] = [None if (x := given.get(n)) is None else repeat_op(x, (batch,)) for n in _PARAMETERS]
    seen = input.contiguous().view(1, batch * channels, *input._a.shape[2:])
    out = _batch_norm(seen, repeated, fresh, given["momentum"], given["eps"])
    for whole, moved in zip(running, repeated[2:], strict=True):
        if whole is not None and fresh:
            whole.detach().copy_(moved.view(batch, channels).mean(0))
    return out.view(input._a.shape)


@functional("instance_norm")
def instance_norm_of(
    input, running_mean=None, running_var=None, weight=None, bias=None, use_input_stats: bool = True,
    momentum: float = 0.1, eps: float = 1e-5,
):  # fmt: skip
    """Each channel of each sample less its mean, over its standard deviation."""
    if use_input_stats:
        checks.check_spatial(input.size())
    return instance_norm(input, weight, bias, running_mean, running_var, use_input_stats, momentum, eps, True)
