"""What torch refuses of a convolution, in its words, and sizes per dimension made of what people give.

What may live here: checks of shapes, dtypes and parameters, and the size of a transposed convolution's result.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad import errors
from minigrad.errors import shape_text
from minigrad.ops.convolution_kernels import Way
from minigrad.ops.sliding import Ints, times_text


def per_dimension(name: str, given: Any, n: int) -> Ints:
    """One int for each of `n` spatial dimensions. RuntimeError for another number of them."""
    if len(given) == 1:
        return tuple(given) * n
    if len(given) != n:
        raise RuntimeError(
            f"expected {name} to be a single integer value or a list of {n} values to match the convolution "
            f"dimensions, but got {name}={shape_text(given)}"
        )
    return tuple(given)


def expanded(n: int, stride: Any, padding: Any, dilation: Any, output_padding: Any) -> tuple[Ints, Ints, Ints, Ints]:
    """All four per dimension, complained about in torch's order."""
    found = (per_dimension("stride", stride, n), per_dimension("padding", padding, n))
    last = per_dimension("dilation", dilation, n), per_dimension("output_padding", output_padding, n)
    return (*found, *last)


def wrong_rank(name: str, n: int, shape: Ints) -> RuntimeError:
    """An input with neither the rank of one sample nor that of a batch."""
    return RuntimeError(
        f"Expected {n + 1}D (unbatched) or {n + 2}D (batched) input to {name}, but got input of size: "
        f"{shape_text(shape)}"
    )


def check_bias(input: Any, bias: Any) -> None:
    """Refuses a bias of another dtype than the input's."""
    if bias is not None and bias._a.dtype != input.dtype:
        names = (errors.CPP_NAMES[a.dtype.name] for a in (input, bias._a))
        raise RuntimeError("Input type ({}) and bias type ({}) should be the same".format(*names))


def check_complex(input: Any, weight: Any) -> None:
    """Refuses a weight of another dtype than a complex input's."""
    if input.dtype != weight.dtype:
        names = (errors.tensor_type(a) for a in (input, weight))
        raise RuntimeError("Input type ({}) and weight type ({}) should be the same".format(*names))


def check_weight(weight: Any) -> None:
    """Refuses a weight without spatial dimensions."""
    if weight.ndim < 3:
        raise RuntimeError("weight should have at least three dimensions")


def check_same(input: Any, weight: Any, stride: Ints, dilation: Ints, groups: int) -> None:
    """Refuses what cannot be padded to its own size."""
    k = weight.ndim
    check_weight(weight)
    if groups <= 0:
        raise RuntimeError("non-positive groups is not supported")
    if k != input.ndim:
        raise RuntimeError(
            f"Expected {k}-dimensional input for {k}-dimensional weight{shape_text(weight.shape)}, but got "
            f"{input.ndim}-dimensional input of size {shape_text(input.shape)} instead"
        )
    for name, given in (("stride", stride), ("dilation", dilation)):
        if len(given) not in (1, k - 2):
            raise RuntimeError(f"{name} cannot broadcast to {k - 2} dimensions")
    if any(s != 1 for s in stride):
        raise RuntimeError("padding='same' is not supported for strided convolutions")


def check(input: Any, weight: Any, bias: Any, how: tuple[Ints, ...], transposed: bool, groups: int) -> None:
    """Refuses what cannot be convolved."""
    stride, padding, dilation, output_padding = how
    if any(p < 0 for p in padding):
        raise RuntimeError("negative padding is not supported")
    if any(p < 0 for p in output_padding):
        raise RuntimeError("negative output_padding is not supported")
    if any(s <= 0 for s in stride):
        raise RuntimeError("non-positive stride is not supported")
    if any(d < 0 for d in dilation):
        raise RuntimeError("dilation should be greater than zero")
    if groups <= 0:
        raise RuntimeError("non-positive groups is not supported")
    _check_weight(input, weight, bias, transposed, groups)
    if not transposed:
        _check_room(input, weight, padding, dilation)
    _check_empty(input)
    if 0 in dilation:
        plain = shape_text((*(1,) * (len(dilation) == 1), *dilation))  # torch computes in 2d
        shown = ", ".join(_named("dilation", dilation, 1)) if transposed else plain
        raise RuntimeError(f"dilation should be greater than zero, but got {shown}")
    _check_dtypes(input, weight, bias, transposed)
    if transposed and any(o >= max(s, d) for o, s, d in zip(output_padding, stride, dilation, strict=True)):
        raise _output_padding_too_large(output_padding, stride, dilation)


def _check_weight(input: Any, weight: Any, bias: Any, transposed: bool, groups: int) -> None:
    k, shown = weight.ndim, shape_text(weight.shape)
    if k != input.ndim:
        raise RuntimeError(
            f"Expected {k}-dimensional input for {k}-dimensional weight {shown}, but got {input.ndim}-dimensional "
            f"input of size {shape_text(input.shape)} instead"
        )
    if weight.shape[0] < groups:
        raise RuntimeError(
            f"Given groups={groups}, expected weight to be at least {groups} at dimension 0, but got weight of size "
            f"{shown} instead"
        )
    if weight.shape[0] % groups:
        raise RuntimeError(
            f"Given groups={groups}, expected weight to be divisible by {groups} at dimension 0, but got weight of "
            f"size [{shown}] instead"
        )
    given = "transposed=1" if transposed else f"groups={groups}"
    channels = weight.shape[0] if transposed else weight.shape[1] * groups
    if input.shape[1] != channels:
        raise RuntimeError(
            f"Given {given}, weight of size {shown}, expected input{shape_text(input.shape)} to have {channels} "
            f"channels, but got {input.shape[1]} channels instead"
        )
    results = weight.shape[1] * groups if transposed else weight.shape[0]
    if bias is not None and bias.shape != (results,):
        start = "transposed=1, weight" if transposed else "weight"
        raise RuntimeError(
            f"Given {start} of size {shown}, expected bias to be 1-dimensional with {results} elements, but got bias "
            f"of size {shape_text(bias.shape)} instead"
        )


def _check_room(input: Any, weight: Any, padding: Ints, dilation: Ints) -> None:
    if 0 in weight.shape[2:]:
        shown = _named("kernel", weight.shape[2:], 1)
        raise RuntimeError(f"kernel size should be greater than zero, but got {' '.join(shown)}")
    room = [n + 2 * p for n, p in zip(input.shape[2:], padding, strict=True)]
    kernel = [d * (k - 1) + 1 for k, d in zip(weight.shape[2:], dilation, strict=True)]
    if any(k > n for k, n in zip(kernel, room, strict=True)):
        raise RuntimeError(
            f"Calculated padded input size per channel: ({times_text(room)}). Kernel size: ({times_text(kernel)}). "
            "Kernel size can't be greater than actual input size"
        )


def _check_empty(input: Any) -> None:
    if input.size == 0 and input.shape[0] and input.shape[1]:
        shape = input.shape if input.ndim > 3 else (*input.shape[:2], 1, input.shape[2])  # torch computes in 2d
        raise RuntimeError(
            "Only zero batch or zero channel inputs are supported, but got input shape: " + shape_text(shape)
        )


def _check_dtypes(input: Any, weight: Any, bias: Any, transposed: bool) -> None:
    typed = (weight, bias) if transposed and input.ndim == 5 else (weight,)  # of fewer dimensions bias is added last
    other = next((a for a in typed if a is not None and a.dtype != input.dtype), None)
    if other is not None and input.size:
        names = (errors.TYPE_NAMES[a.dtype.name] for a in (input, other))
        raise RuntimeError("expected scalar type {} but found {}".format(*names))
    if bias is not None and bias.dtype.kind == "c" and input.dtype.kind != "c":
        raise errors.cannot_cast_result(np.result_type(input.dtype, bias.dtype), input.dtype)
    if input.dtype.kind == "b":
        n = input.ndim - 2
        raise errors.not_implemented_for(_KERNELS[transposed, n], input.dtype)


_KERNELS = {
    (False, 1): "slow_conv2d_cpu",
    (False, 2): "slow_conv2d_cpu",
    (False, 3): "slow_conv3d_cpu",
    (True, 1): "slow_conv_transpose2d_out_cpu",
    (True, 2): "slow_conv_transpose2d_out_cpu",
    (True, 3): "slow_conv_transpose3d_out_cpu",
}
"""Torch's names for its kernels, which it gives where they lack a dtype."""

_SIDES = {1: ("height", "width"), 2: ("height", "width"), 3: ("depth", "height", "width")}


def _output_padding_too_large(output_padding: Ints, stride: Ints, dilation: Ints) -> RuntimeError:
    parts = _named("output_padding", output_padding, 0) + _named("stride", stride, 1) + _named("dilation", dilation, 1)
    return RuntimeError("output padding must be smaller than either stride or dilation, but got " + " ".join(parts))


def _named(name: str, values: Ints, missing: int) -> list[str]:
    """`kernel_height: 3`, ...; one dimension is the width of two, as torch computes it."""
    filled = (missing, *values) if len(values) == 1 else values
    return [f"{name}_{side}: {value}" for side, value in zip(_SIDES[len(values)], filled, strict=True)]


def transposed_size(size: Ints, kernel: Ints, way: Way, output_padding: Ints, library: bool) -> Ints:
    """The size of what a transposed convolution makes. RuntimeError where nothing is left of it, or, of what is left
    to a library, less than nothing."""
    sides = zip(size, kernel, way.stride, way.padding, way.dilation, output_padding, strict=True)
    out = tuple((n - 1) * s - 2 * p + d * (k - 1) + o + 1 for n, k, s, p, d, o in sides)
    if library and min(out) < 0:
        raise RuntimeError("could not construct a memory descriptor using a format tag")
    if min(out) < 1 and not library:
        lead = (1,) * (len(size) == 1)  # torch computes in 2d
        raise RuntimeError(
            f"Given input size per channel: ({times_text(lead + size)}). Calculated output size per channel: "
            f"({times_text(lead + out)}). Output size is too small"
        )
    return out
