"""The tangents of normalizations, of whatever is normalized together.

What may live here: the terms that batch, layer and group norms share (torch's _norm_jvp and _affine_jvp). Steps, their
order and which of them write in place are torch's, which graphs show.
"""

from __future__ import annotations

from typing import Any

from minigrad.ops.arithmetic import over
from minigrad.ops.powers import pow  # noqa: A004 - torch's name
from minigrad.ops.reduction import mean, sum_dims
from minigrad.registry import inplace_of

# mypy: disable-error-code="no-untyped-def, no-untyped-call"


def normalized_along(input: Any, input_t: Any, middle: Any, rstd: Any, dims: tuple[int, ...], count: int) -> Any:
    """The tangent of `(input - middle) * rstd`, both of which are those of `count` elements over `dims`."""
    drift = (input_t - mean(input_t, dims, True)).mul_(input - middle).mul_(-pow(rstd, 3))
    rstd_t = inplace_of(over)(sum_dims(drift, dims, True), count)
    moved = (input_t - mean(input_t, dims, True)).mul_(rstd)
    return moved.add_((input - middle).mul_(rstd_t))


def affine_along(normalized: Any, normalized_t: Any, weight: Any, weight_t: Any, bias_t: Any) -> Any:
    """The tangent of `normalized * weight + bias`; weight and bias may be None, and then so may their tangents."""
    if weight is not None:
        normalized_t = normalized_t.mul_(weight).add_(normalized.mul_(weight_t))
    return normalized_t if bias_t is None else normalized_t.add_(bias_t)
