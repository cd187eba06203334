"""What torch refuses of a pooling, in its words, and the sizes that follow from what people give.

What may live here: checks of shapes and parameters, per-dimension parameters, sizes of results.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, NamedTuple

from minigrad import errors
from minigrad.errors import shape_text
from minigrad.memory import is_channels_last, strides_of
from minigrad.ops.sliding import Ints, times_text

WORDS = {1: "one", 2: "two", 3: "three"}
SIDES = {2: "HW", 3: "THW"}


class Pool(NamedTuple):
    """How windows lie, per spatial dimension, and how many there are."""

    kernel: Ints
    stride: Ints
    padding: Ints
    dilation: Ints
    counts: Ints


def per_dimension(name: str, what: str, given: Any, n: int) -> Ints:
    """One int for each of `n` dimensions; torch's complaint differs a little by parameter."""
    if len(given) in (1, n):
        return tuple(given) * (n if len(given) == 1 else 1)
    either = "must be either" if what == "dilation" else "must either be"
    if name == "avg_pool3d":
        either = "must be"
    omitted = "omitted, " if what == "stride" else ""
    raise RuntimeError(f"{name}: {what} {either} {omitted}a single int, or a tuple of {WORDS[n]} ints")


@lru_cache(maxsize=1024)
def pool(
    name: str, shape: Ints, kernel: Any, stride: Any, padding: Any, dilation: Any, ceil_mode: bool, n: int
) -> Pool:
    """The windows of a pooling of an array of this shape; raises RuntimeError where there are none."""
    kernels = per_dimension(name, "kernel_size", kernel, n)
    strides = per_dimension(name, "stride", stride, n) if len(stride) else kernels
    paddings = per_dimension(name, "padding", padding, n)
    dilations = per_dimension(name, "dilation", dilation, n)
    if len(shape) not in (n + 1, n + 2) and name in ("max_pool2d", "max_pool3d", "avg_pool3d"):
        raise RuntimeError(f"non-empty {n + 1}D or {n + 2}D (batch mode) tensor expected for input")
    if len(shape) > n + 2 and name == "avg_pool2d":
        raise RuntimeError(
            "Expected 3D or 4D (batch mode) tensor with optional 0 dim batch size for input, but got:"
            + shape_text(shape)
        )
    if len(shape) < n + 1:
        raise errors.dim_out_of_range(-n - 1, len(shape))
    size = shape[len(shape) - n :]
    for k, s, p, d in zip(kernels, strides, paddings, dilations, strict=True):
        if s == 0:
            raise RuntimeError("stride should not be zero")
        if p < 0:
            raise RuntimeError(f"pad must be non-negative, but got pad: {p}")
        if p > int(((k - 1) * d + 1) / 2):
            raise RuntimeError(
                f"pad should be at most half of effective kernel size, but got pad={p}, kernel_size={k} and "
                f"dilation={d}"
            )
    given = (("kernel size", "k", kernels), ("stride", "d", strides), ("dilation", "dilation", dilations))
    for what, letter, sides in given:
        if min(sides) <= 0:
            shown = " ".join(f"{letter}{side}: {value}" for side, value in zip(SIDES[n], sides, strict=True))
            raise RuntimeError(f"{what} should be greater than zero, but got {shown}")
    each = zip(size, kernels, strides, paddings, dilations, strict=True)
    counts = tuple(count(*one, ceil_mode) for one in each)
    found = Pool(kernels, strides, paddings, dilations, counts)
    _check_shape(name, shape, size, found, n)
    return found


def count(size: int, kernel: int, stride: int, padding: int, dilation: int, ceil_mode: bool) -> int:
    """How many windows there are along a dimension; the last one starts within it or its left padding."""
    free = size + 2 * padding - dilation * (kernel - 1) - 1
    found = (free + (stride - 1 if ceil_mode else 0)) // stride + 1
    return found - 1 if ceil_mode and (found - 1) * stride >= size + padding else found


def _check_shape(name: str, shape: Ints, size: Ints, found: Pool, n: int) -> None:
    inner = shape[len(shape) - n - 1 :]
    if 0 in inner:
        if n == 3:
            who = "avg_pool3d()" if name == "avg_pool3d" else f"{name}_with_indices_out_cpu_template()"
            raise RuntimeError(
                f"{who}: Expected input's non-batch dimensions to have positive "
                f"length, but input has a shape of {shape_text(shape)} and non-batch dimension 0 has "
                "length zero!"
            )
        raise RuntimeError(
            "Expected 3D or 4D (batch mode) tensor with optional 0 dim batch size for input, but got:"
            + shape_text(shape)
        )
    if name == "avg_pool3d" and any(k > s for k, s in zip(found.kernel, size, strict=True)):
        sizes, kernels = (" ".join(f"{m}{s}: {v}" for s, v in zip(SIDES[3], values, strict=True)) for m, values in (
            ("", size), ("k", found.kernel)))  # fmt: skip
        raise RuntimeError(f"input image ({sizes}) smaller than kernel size ({kernels})")
    if min(found.counts) < 1:
        sizes, made = (times_text(x).replace(" ", "") for x in (inner, (inner[0], *found.counts)))
        raise RuntimeError(f"Given input size: ({sizes}). Calculated output size: ({made}). Output size is too small")


def refuse_channels_last(x: Any) -> None:
    """Refuses a sample of three dimensions that lies as a batch of two with its channels last."""
    if is_channels_last(x.shape, strides_of(x)):
        raise RuntimeError("Unsupported memory format. Supports only ChannelsLast3d, Contiguous")


def check_rank(name: str, shape: Ints) -> None:
    """Refuses what is neither a sample nor a batch, for poolings of one dimension."""
    if len(shape) not in (2, 3):
        raise RuntimeError(
            f"Expected 2 to 3 dimensions, but got {len(shape)}-dimensional tensor for argument #1 'self' (while "
            f"checking arguments for {name})"
        )


def single(name: str, what: str, given: Any) -> Ints:
    """The one int of a pooling of one dimension."""
    if len(given) != 1:
        raise RuntimeError(f"{name}() argument '{what}' should contain one int (got {len(given)})")
    return tuple(given)


def check_adaptive(name: str, shape: Ints, output_size: Ints, n: int) -> None:
    """Refuses what cannot be pooled to this size."""
    average = "avg" in name
    if len(output_size) != n:
        internal = "" if average else "internal error: "
        text = "output_size must be" if average else "output_size.size() must be"
        raise RuntimeError(f"{name}{':' if average else '():'} {internal}{text} {n}")
    if average and min(output_size) < 0:
        shown = ", ".join(map(str, output_size[:2])) + "".join(f",{size}" for size in output_size[2:])
        raise RuntimeError(
            f"{name}: elements of output_size must be greater than or equal to 0 but received {{{shown}}}"
        )
    if len(shape) not in (n + 1, n + 2):
        raise RuntimeError(
            f"{name}(): Expected {n + 1}D or {n + 2}D tensor, but got{' ' if average else ': '}{shape_text(shape)}"
        )
    for i in range(len(shape) - n, len(shape)):
        if shape[i] == 0:
            raise RuntimeError(
                f"{name}(): Expected input to have non-zero size for non-batch dimensions, but input has sizes "
                f"{shape_text(shape)} with dimension {i} being empty"
            )


def check_adaptive_gradient(name: str, shape: Ints, n: int) -> None:
    """Refuses to go back from a result without elements per sample."""
    for i in range(len(shape) - n, len(shape)):
        if shape[i] == 0:
            raise RuntimeError(
                f"{name}_backward(): Expected grad_output to have non-zero size for non-batch dimensions, but "
                f"grad_output has sizes {shape_text(shape)} with dimension {i} being empty"
            )


def check_max_pool1d(shape: Ints, kernel: Any, stride: Any, padding: Any, dilation: Any, ceil_mode: bool) -> None:
    """What max_pool1d refuses before it is made of max_pool2d."""
    if len(shape) not in (2, 3) or 0 in shape[1:] or (len(shape) == 2 and not shape[0]):
        raise RuntimeError(
            "max_pool1d: Expected 2D or 3D (batch mode) tensor with optional 0 dim batch size for input, but got:"
            + shape_text(shape)
        )
    names = {"kernel_size": kernel, "stride": stride, "padding": padding, "dilation": dilation}
    for what, given in names.items():
        if len(given) != 1 and not (what == "stride" and not given):
            raise RuntimeError(
                f"max_pool1d() {what} must be an int, list of ints or tuple of ints of size 1 but got size {len(given)}"
            )
    (k,), (p,), (d,), s = kernel, padding, dilation, (stride or kernel)[0]
    for what, value in (("kernel_size", k), ("stride", s)):
        if value <= 0:
            raise RuntimeError(f"max_pool1d() {what} must be greater than zero, but got {value}")
    if p < 0:
        raise RuntimeError(f"max_pool1d() padding must be non-negative, but got {p}")
    if p > k // 2:
        raise RuntimeError(
            f"max_pool1d() padding should be at most half of kernel size, but got padding={p} and kernel_size={k}"
        )
    if d <= 0:
        raise RuntimeError(f"max_pool1d() dilation must be greater than zero, but got {d}")
    made = count(shape[-1], k, s, p, d, ceil_mode)
    if made <= 0:
        raise RuntimeError(f"max_pool1d() Invalid computed output size: {made}")
