"""Windows that slide over arrays: what convolution, pooling and unfolding have in common.

What may live here: views of windows, their adjoint (windows added up where they overlap), padding by zeros, and
the checks that sizes per dimension share. No op is declared here.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import as_strided

Ints = tuple[int, ...]
Array = Any  # mypy knows no index of Ellipsis, slices and numbers


def window_counts(size: Ints, kernel: Ints, stride: Ints, dilation: Ints) -> Ints:
    """How many windows fit into an (already padded) array, per dimension."""
    sides = zip(size, kernel, stride, dilation, strict=True)
    return tuple((n - d * (k - 1) - 1) // s + 1 for n, k, s, d in sides)


def windows(x: Array, kernel: Ints, stride: Ints, dilation: Ints, counts: Ints) -> Array:
    """A view (..., *counts, *kernel) of all windows of `x` (..., *size)."""
    lead = x.ndim - len(kernel)
    steps = x.strides[lead:]
    outer = tuple(step * s for step, s in zip(steps, stride, strict=True))
    inner = tuple(step * d for step, d in zip(steps, dilation, strict=True))
    shape, strides = (*x.shape[:lead], *counts, *kernel), (*x.strides[:lead], *outer, *inner)
    if x.flags.c_contiguous and 0 not in shape:
        return np.ndarray(shape, x.dtype, x, 0, strides)  # a fifth of the time of
    return as_strided(x, shape, strides, writeable=False)


def add_windows(parts: Array, size: Ints, stride: Ints, dilation: Ints, *, by_window: bool = False) -> Array:
    """The adjoint of `windows`: (..., *counts, *kernel) added up in zeros (..., *size).

    What meets in one element is added in the order of its places in the kernel, or of the windows.
    """
    n = len(size)
    kernel, counts = parts.shape[parts.ndim - n :], parts.shape[parts.ndim - 2 * n : parts.ndim - n]
    out: Any = np.zeros((*parts.shape[: parts.ndim - 2 * n], *size), parts.dtype)
    if 0 in parts.shape:
        return out
    places = list(itertools.product(*map(range, kernel)))
    for place in reversed(places) if by_window else places:
        target = tuple(
            slice(p * d, p * d + s * (count - 1) + 1, s)
            for p, d, s, count in zip(place, dilation, stride, counts, strict=True)
        )
        out[(..., *target)] += parts[(..., *place)]
    return out


def zero_padded(x: Array, padding: Ints, value: Any = 0) -> Array:
    """`x` with `padding` at both ends of its last dimensions; `x` itself where there is none."""
    return padded(x, tuple((p, p) for p in padding), value) if any(padding) else x


def padded(x: Array, room: Sequence[tuple[int, int]], value: Any) -> Array:
    """`x` with `room` before and behind in each of its last dimensions, filled with `value`."""
    sides = list(zip(x.shape[x.ndim - len(room) :], room, strict=True))
    whole = tuple(before + n + after for n, (before, after) in sides)
    out: Array = np.full((*x.shape[: x.ndim - len(room)], *whole), value, x.dtype)
    out[(..., *(slice(before, before + n) for n, (before, _) in sides))] = x
    return out


def cropped(x: Array, padding: Ints) -> Array:
    """`x` without `padding` at both ends of its last dimensions."""
    inside = (slice(p, x.shape[x.ndim - len(padding) + i] - p) for i, p in enumerate(padding))
    return x[(..., *inside)]


def times_text(sizes: Sequence[int]) -> str:
    """`5 x 4`."""
    return " x ".join(map(str, sizes))


def product(sizes: Sequence[int]) -> int:
    """The number of elements of sizes."""
    return math.prod(sizes)
