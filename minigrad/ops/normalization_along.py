"""The tangents of normalizations, of whatever is normalized together.

What may live here: the terms that batch, layer and group norms share (torch's _norm_jvp and _affine_jvp). Steps, their
order and which of them write in place are torch's, which graphs show.
"""

from __future__ import annotations

from typing import Any

from minigrad.ops.arithmetic import over
from minigrad.ops.carriers import is_batched
from minigrad.ops.powers import pow  # noqa: A004 - torch's name
from minigrad.ops.reduction import mean, sum_dims
from minigrad.registry import inplace_of
from minigrad.zeros import ZeroTensor

# mypy: disable-error-code="no-untyped-def, no-untyped-call"


def _written_into(*tensors: Any) -> bool:
    """Whether torch's steps write in place: nothing that has no memory of its own is among these."""
    return not any(type(x) is ZeroTensor or is_batched(x) for x in tensors)


def deviation_along(
    input: Any, input_t: Any, middle: Any, rstd: Any, dims: tuple[int, ...], count: int, keepdim: bool
) -> Any:  # fmt: skip
    """The tangent of `rstd`, one over the standard deviation of `count` elements over `dims`."""
    if _written_into(input_t):
        drift = (input_t - mean(input_t, dims, True)).mul_(input - middle).mul_(-pow(rstd, 3))
    else:
        drift = -pow(rstd, 3) * (input_t - mean(input_t, dims, True)) * (input - middle)
    return inplace_of(over)(sum_dims(drift, dims, keepdim), count)


def normalized_along(input: Any, input_t: Any, middle: Any, rstd: Any, dims: tuple[int, ...], count: int) -> Any:
    """The tangent of `(input - middle) * rstd`, both of which are those of `count` elements over `dims`."""
    rstd_t = deviation_along(input, input_t, middle, rstd, dims, count, True)
    if not _written_into(input_t):
        return (input_t - mean(input_t, dims, True)) * rstd + (input - middle) * rstd_t
    moved = (input_t - mean(input_t, dims, True)).mul_(rstd)
    return moved.add_((input - middle).mul_(rstd_t))


def affine_along(normalized: Any, normalized_t: Any, weight: Any, weight_t: Any, bias_t: Any) -> Any:
    """The tangent of `normalized * weight + bias`; weight and bias may be None, and then so may their tangents."""
    if weight is not None:
        if _written_into(normalized_t, weight_t):
            normalized_t = normalized_t.mul_(weight).add_(normalized.mul_(weight_t))
        else:
            normalized_t = normalized_t * weight + normalized * weight_t
    if bias_t is None:
        return normalized_t
    written = _written_into(normalized_t) and not is_batched(bias_t)
    return normalized_t.add_(bias_t) if written else normalized_t + bias_t
