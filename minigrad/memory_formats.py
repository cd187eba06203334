"""Which memory format an array suggests to the layers (convolution, pooling, ...), and results put into it.

What may live here: reading formats off strides, and copies into them.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad.device import channels_last as channels_last_4d
from minigrad.device import channels_last_3d, contiguous_format
from minigrad.dtypes import Array
from minigrad.memory import allocate, contiguous_strides, is_contiguous, strides_of

Shape = tuple[int, ...]


def channels_last(a: Array) -> bool:
    """Whether the strides are those of channels-last, gaps allowed; what is ambiguous is not."""
    return a.ndim in (4, 5) and suggests_last(a.shape, strides_of(a))


def suggested(a: Array) -> Any:
    """The memory format that the strides suggest."""
    if not channels_last(a):
        return contiguous_format
    return channels_last_4d if a.ndim == 4 else channels_last_3d


def channels_last_in_two(a: Array) -> bool:
    """The same of an array of one spatial dimension, seen as one of two, as convolutions see it."""
    (*shape, n), (*strides, step) = a.shape, strides_of(a)
    return suggests_last((*shape, 1, n), (*strides, step * n, step))


def suggests_last(shape: Shape, strides: Shape) -> bool:
    """The same of strides of four or five dimensions."""
    least = 0
    if strides[1] == 0:
        return False
    for d in (1, *range(len(shape) - 1, 1, -1), 0):
        size, stride = shape[d], strides[d]
        if size == 0 or stride < least or (d == 0 and least == strides[1]):
            return False
        least = stride * max(size, 1)
    return True


def channels_last_strides(shape: Shape) -> Shape:
    """The strides of a dense array with its channels innermost."""
    out, step = [0] * len(shape), 1
    for d in (1, *range(len(shape) - 1, 1, -1), 0):
        out[d] = step
        step *= max(shape[d], 1)
    return tuple(out)


def formatted(made: Any, last: bool) -> Array:
    """What was made, in memory of its own, with channels innermost if `last`, else contiguous."""
    result: Array = np.asarray(made)
    wanted = channels_last_strides(result.shape) if last else contiguous_strides(result.shape)
    if not isinstance(result.base, np.ndarray) and (result.size == 0 or strides_of(result) == wanted):
        return result
    out: Array = allocate(result.shape, result.dtype, wanted, zero=False)
    out[...] = result
    return out


def unbatched_channels_last(a: Array) -> bool:
    """Whether an array without batches is that of channels innermost and of nothing else, as pooling asks in three
    dimensions, where strides of dimensions of size 1 do not count."""
    wanted = channels_last_strides((1, *a.shape))[1:]
    fits = all(n == 1 or s == w for n, s, w in zip(a.shape, strides_of(a), wanted, strict=True))
    return fits and not is_contiguous(a.shape, strides_of(a))


def formatted_unbatched(made: Any) -> Array:
    """What was made of such an array, with its channels innermost."""
    out: Array = allocate(made.shape, made.dtype, channels_last_strides((1, *made.shape))[1:], zero=False)
    out[...] = made
    return out


def like(result: Any, source: Array) -> Array:
    """`result` in the format that `source` suggests."""
    return formatted(result, channels_last(source))
