"""What torch refuses of normalization layers, in its words.

What may live here: checks of shapes, sizes and dtypes that layer, group, instance and batch norms share or own.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from minigrad.errors import TYPE_NAMES, not_implemented_for, shape_text

Shape = tuple[int, ...]


def check_mixed(input: Any, *parameters: Any) -> None:
    """Refuses parameters of a dtype that the input does not go with, before any shape is looked at."""
    given = [p.dtype for p in parameters if p is not None]
    if not given or given[0] == input.dtype:
        return
    if any(dt != np.float32 for dt in given):
        raise RuntimeError("mixed dtype (CPU): expect parameter to have scalar type of Float")
    if input.dtype != np.float16:
        raise RuntimeError("mixed dtype (CPU): all inputs must share same datatype.")


def check_dtypes(kernel: str, input: Any, *parameters: Any) -> None:
    """Refuses inputs that no kernel takes, and parameters of another dtype than the first of them."""
    check_mixed(input, *parameters)
    if input.dtype.kind != "f":
        raise not_implemented_for(kernel, input.dtype)
    given = [p.dtype for p in parameters if p is not None]
    if given and given[0] == input.dtype:
        other = next((dt for dt in given if dt != input.dtype), input.dtype)
        if other != input.dtype:
            raise RuntimeError(f"expected scalar type {TYPE_NAMES[given[0].name]} but found {TYPE_NAMES[other.name]}")


def check_normalized(input: Any, normalized_shape: Shape, weight: Any, bias: Any, star: str) -> int:
    """The first dimension that is normalized."""
    shown = shape_text(normalized_shape)
    if not normalized_shape:
        raise RuntimeError(
            "Expected normalized_shape to be at least 1-dimensional, i.e., containing at least one element, "
            f"but got normalized_shape = {shown}"
        )
    for name, given in (("weight", weight), ("bias", bias)):
        if given is not None and given.shape != normalized_shape:
            raise RuntimeError(
                f"Expected {name} to be of same shape as normalized_shape, but got {name} of shape "
                f"{shape_text(given.shape)} and normalized_shape = {shown}"
            )
    first: int = input.ndim - len(normalized_shape)
    if first < 0 and not star:
        raise ValueError(f"Input tensor must have at least {len(normalized_shape)} dimensions, but got {input.ndim}")
    if first < 0 or input.shape[first:] != normalized_shape:
        sides = "".join(f"{star}{n}" if i == 0 else f", {n}" for i, n in enumerate(normalized_shape))
        raise RuntimeError(
            f"Given normalized_shape={shown}, expected input with shape [*{sides}], but got input of "
            f"size{shape_text(input.shape)}"
        )
    return first


def check_groups(input: Any, groups: int, weight: Any, bias: Any) -> None:
    """Refuses numbers of groups and parameters that the channels do not go with."""
    shape = shape_text(input.shape)
    if groups <= 0:
        raise RuntimeError(f"Expected num groups to be greater than 0, got {groups}")
    channels = input.shape[1]
    if channels % groups:
        raise RuntimeError(
            f"Expected number of channels in input to be divisible by num_groups, but got input of shape {shape} "
            f"and num_groups={groups}"
        )
    for name, given in (("weight", weight), ("bias", bias)):
        if given is not None and given.shape != (channels,):
            shown = shape_text((0,) if weight is None else weight.shape)  # the weight's, for a bias too
            raise RuntimeError(
                f"Expected {name} to be a vector of size equal to the number of channels in input, but got {name} "
                f"of shape {shown} and input of shape {shape}"
            )


def check_channels(channels: int, training: bool, **given: Any) -> None:
    """Refuses statistics and parameters of another number of elements than there are channels."""
    for name, x in given.items():
        if x is None:
            if not training and name in ("running_mean", "running_var"):
                raise RuntimeError(f"{name} must be defined in evaluation mode")
        elif x.numel() != channels:
            raise RuntimeError(f"{name} should contain {channels} elements not {x.numel()}")


def check_vectors(*given: Any) -> None:
    """Refuses parameters of other than one dimension, which only the gradient's kernel minds."""
    for x in given:
        if x is not None and x.ndim != 1:
            raise RuntimeError(f"TensorAccessor expected 1 dims but tensor has {x.ndim}")


def check_batch(size: Any) -> None:
    """Refuses a batch with one value per channel, of which there is no variance."""
    if math.prod((size[0], *size[2:])) == 1:
        raise ValueError(f"Expected more than 1 value per channel when training, got input size {size}")


def check_spatial(size: Any) -> None:
    """Refuses samples with one value per channel."""
    if math.prod(size[2:]) == 1:
        raise ValueError(f"Expected more than 1 spatial element when training, got input size {size}")


def both_or_neither(running_mean: Any, running_var: Any) -> None:
    """Refuses one running statistic without the other."""
    if (running_mean is None) != (running_var is None):
        raise ValueError("running_mean and running_var must either both be None or neither be None")
