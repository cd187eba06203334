"""Convolution of arrays: the sum itself and its two adjoints, for any number of spatial dimensions.

What may live here: arrays in, arrays out. A transposed convolution is the adjoint with respect to the input.

Each is, sample by sample and group by group, one product of matrices with the windows of the array as columns:
torch's own CPU kernels work so, and the order of their sums shows (see `blas`). What torch hands to oneDNN
instead (some float32 convolutions) adds up in an order that nobody knows from outside.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from minigrad.ops import blas
from minigrad.ops.carriers import in_float32
from minigrad.ops.sliding import Array, Ints, add_windows, cropped, product, window_counts, windows, zero_padded


class Way(NamedTuple):
    """How a convolution slides: per spatial dimension, and the number of groups."""

    stride: Ints
    padding: Ints
    dilation: Ints
    groups: int


def _shares(groups: int, *sizes: int) -> Iterator[tuple[slice, ...]]:
    """Per group, its share of each of several numbers of channels."""
    for g in range(groups):
        yield tuple(slice(g * size // groups, (g + 1) * size // groups) for size in sizes)


def _seen(x: Array, kernel: Ints, way: Way, counts: Ints) -> Array:
    """The windows of x (N, C, *size), places in the kernel before places of the kernel: (N, C, *kernel, *counts)."""
    n = len(kernel)
    found = windows(zero_padded(x, way.padding), kernel, way.stride, way.dilation, counts)
    return np.ascontiguousarray(np.moveaxis(found, range(2, 2 + n), range(2 + n, 2 + 2 * n)))


@in_float32
def slide(x: Array, weight: Array, bias: Array, way: Way) -> Array:
    """x (N, C, *size) and weight (O, C / groups, *kernel) to (N, O, *out)."""
    kernel = weight.shape[2:]
    room = tuple(n + 2 * p for n, p in zip(x.shape[2:], way.padding, strict=True))
    counts = window_counts(room, kernel, way.stride, way.dilation)
    seen = _seen(x, kernel, way, counts)
    out = np.zeros((x.shape[0], weight.shape[0], product(counts)), x.dtype)
    if bias is not None:
        out += bias[:, None]
    for channels, filters in _shares(way.groups, x.shape[1], weight.shape[0]):
        rows = _rows(weight[filters])
        for sample, columns in zip(out, seen[:, channels], strict=True):
            flat = columns.reshape(rows.shape[1], product(counts))
            if bias is None:
                sample[filters] = blas.gemm(rows, flat)
            else:
                sample[filters] = blas.gemm(rows, flat, 1, 1, sample[filters])
    return out.reshape(*out.shape[:2], *counts)


def _rows(weight: Array) -> Array:
    """Filters as the rows of a matrix."""
    return np.ascontiguousarray(weight).reshape(weight.shape[0], product(weight.shape[1:]))


@in_float32
def spread(grad: Array, weight: Array, size: Ints, way: Way) -> Array:
    """The adjoint in x: grad (N, O, *out) to (N, C, *size)."""
    n, kernel, places = grad.ndim - 2, weight.shape[2:], grad.shape[2:]
    room = tuple(length + 2 * p for length, p in zip(size, way.padding, strict=True))
    made = []
    for (filters,) in _shares(way.groups, weight.shape[0]):
        rows = _rows(weight[filters])
        parts: Any = np.zeros((grad.shape[0], rows.shape[1], product(places)), grad.dtype)
        for sample, mine in zip(parts, grad[:, filters], strict=True):
            sample[...] = blas.gemm(rows.T, _rows(mine))
        parts = parts.reshape(grad.shape[0], weight.shape[1], *kernel, *places)
        back = np.moveaxis(parts, range(2, 2 + n), range(2 + n, 2 + 2 * n))
        made.append(add_windows(back, room, way.stride, way.dilation))
    return cropped(np.concatenate(made, 1), way.padding)


@in_float32
def correlate(grad: Array, x: Array, kernel: Ints, way: Way) -> Array:
    """The adjoint in weight: grad (N, O, *out) and x (N, C, *size) to (O, C / groups, *kernel)."""
    seen = _seen(x, kernel, way, grad.shape[2:])
    made = []
    for filters, channels in _shares(way.groups, grad.shape[1], x.shape[1]):
        terms = (channels.stop - channels.start) * product(kernel)
        columns = seen[:, channels].reshape(x.shape[0], terms, product(grad.shape[2:]))
        total = np.zeros((filters.stop - filters.start, terms), grad.dtype)
        for mine, its in zip(grad[:, filters], columns, strict=True):
            total = blas.gemm(_rows(mine), its.T, 1, 1, total)
        made.append(total.reshape(total.shape[0], channels.stop - channels.start, *kernel))
    return np.concatenate(made, 0)
