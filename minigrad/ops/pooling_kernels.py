"""Pooling of arrays: maxima with their places, averages, and adaptive windows, for two and three dimensions.

What may live here: arrays in, arrays out, and the adjoints.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import numpy as np

from minigrad.memory import broadcast_to
from minigrad.ops.carriers import in_float32
from minigrad.ops.pooling_checks import Pool
from minigrad.ops.sliding import Array, Ints, add_windows, padded, product, windows


def _lowest(dtype: Any) -> Any:
    return -np.inf if dtype.kind == "f" else np.iinfo(dtype).min


@lru_cache(maxsize=256)
def _room(size: Ints, pool: Pool) -> tuple[tuple[int, int], ...]:
    """Padding before and behind each dimension, so that every window fits (those of ceil_mode too)."""
    out = []
    for i, n in enumerate(size):
        reach = (pool.counts[i] - 1) * pool.stride[i] + pool.dilation[i] * (pool.kernel[i] - 1) + 1
        out.append((pool.padding[i], max(reach - n - pool.padding[i], 0)))
    return tuple(out)


def _windows(x: Array, pool: Pool, value: Any) -> Array:
    """All windows of `x`, flattened, what lies outside filled with `value`: (..., *counts, number)."""
    n = len(pool.kernel)
    lead = x.ndim - n
    room = _room(x.shape[lead:], pool)
    whole = padded(x, room, value) if any(map(any, room)) else x
    seen = windows(whole, pool.kernel, pool.stride, pool.dilation, pool.counts)
    return seen.reshape(*x.shape[:lead], *pool.counts, product(pool.kernel))


def chosen(values: Array, inside: Array) -> tuple[Array, Array]:
    """Which of the last dimension torch's loop keeps, the first maximum, but the last NaN; and what stands there."""
    at = np.argmax(values, -1)
    top = _picked(values, at)
    if values.dtype.kind != "f" or np.isfinite(top).all():  # NumPy's maximum is NaN where there is one
        return at, top
    at = np.where(top == -np.inf, np.argmax(broadcast_to(inside, values.shape), -1), at)
    nans = np.isnan(values)
    at = np.where(nans.any(-1), values.shape[-1] - 1 - np.argmax(nans[..., ::-1], -1), at)
    return at, _picked(values, at)


def _picked(values: Array, at: Array) -> Array:
    """The elements at `at` of the last dimension; a third of the time of `take_along_axis`."""
    rows = values.reshape(-1, values.shape[-1])
    return rows[np.arange(len(rows)), at.reshape(-1)].reshape(at.shape)


@lru_cache(maxsize=256)
def _places(size: Ints, pool: Pool) -> Array:
    """For each window the places of its elements in the flattened dimensions, -1 outside: (*counts, number)."""
    return _windows(np.arange(product(size)).reshape(size), pool, -1)


def max_pool(x: Array, pool: Pool) -> tuple[Array, Array]:
    """Maxima and their places in the flattened spatial dimensions."""
    places = _places(x.shape[x.ndim - len(pool.kernel) :], pool)
    values = _windows(x, pool, _lowest(x.dtype))
    at, top = chosen(values, places >= 0)
    return top, _picked(broadcast_to(places, values.shape), at)


def to_places(grad: Array, indices: Array, shape: Ints, n: int) -> Array:
    """The adjoint of taking `indices` out of the last `n` dimensions, flattened, of an array of this shape."""
    lead = shape[: len(shape) - n]
    out = np.zeros((product(lead), product(shape[len(shape) - n :])), grad.dtype)
    rows = np.arange(out.shape[0])[:, None]
    flat = (out.shape[0], product(grad.shape[len(lead) :]))
    np.add.at(out, (rows, indices.reshape(flat)), grad.reshape(flat))
    return out.reshape(shape)


def _summed(values: Array) -> Array:
    """The sum along the last dimension, one after the other from 0 on, as torch's loops add."""
    return np.add.accumulate(values, -1, values.dtype)[..., -1] + values.dtype.type(0)


@lru_cache(maxsize=256)
def divisors(size: Ints, pool: Pool, include_pad: bool, override: int | None) -> Array:
    """By how much the sum of each window is divided: (*counts)."""
    if override is not None:
        return np.full(pool.counts, override)
    out: Any = np.ones((), np.int64)
    for n, k, s, p, count in zip(size, pool.kernel, pool.stride, pool.padding, pool.counts, strict=True):
        start = np.arange(count) * s - p
        end = np.minimum(start + k, n + p)
        if not include_pad:
            start, end = np.maximum(start, 0), np.minimum(end, n)
        out = out[..., None] * (end - start)
    return out


@in_float32
def avg_pool(x: Array, pool: Pool, include_pad: bool, override: int | None) -> Array:
    """Averages over windows."""
    n = len(pool.kernel)
    divisor = divisors(x.shape[x.ndim - n :], pool, include_pad, override)
    total = _summed(_windows(x, pool, 0))
    if x.dtype.kind == "f":
        return total / divisor.astype(x.dtype) + x.dtype.type(0)
    return np.asarray(np.trunc(total / divisor)).astype(x.dtype)


@in_float32
def avg_pool_back(grad: Array, shape: Ints, pool: Pool, include_pad: bool, override: int | None) -> Array:
    """The adjoint of `avg_pool` for an array of this shape."""
    n = len(pool.kernel)
    size = shape[len(shape) - n :]
    share = grad / divisors(size, pool, include_pad, override).astype(grad.dtype)
    parts = np.broadcast_to(share[(..., *(None,) * n)], (*share.shape, *pool.kernel))
    room = _room(size, pool)
    whole = tuple(before + length + after for length, (before, after) in zip(size, room, strict=True))
    out = add_windows(parts, whole, pool.stride, pool.dilation, by_window=True)
    return out[(..., *(slice(before, before + length) for length, (before, _) in zip(size, room, strict=True)))]


# -- adaptive -------------------------------------------------------------------------------------------


def adaptive_windows(size: Ints, out: Ints) -> Iterator[tuple[Ints, tuple[slice, ...]]]:
    """Per place of the result, the window that it is made of."""
    for place in itertools.product(*map(range, out)):
        yield place, tuple(slice(p * n // m, -(-(p + 1) * n // m)) for p, n, m in zip(place, size, out, strict=True))


def _divided(total: Any, window: tuple[slice, ...]) -> Any:
    for side in window:
        total = total / total.dtype.type(side.stop - side.start)
    return total


@in_float32
def adaptive_avg(x: Array, out: Ints) -> Array:
    """Averages over windows that cover everything."""
    n = len(out)
    made: Any = np.zeros((*x.shape[: x.ndim - n], *out), x.dtype)
    for place, window in adaptive_windows(x.shape[x.ndim - n :], out):
        seen = x[(..., *window)]
        total = _summed(seen.reshape(*seen.shape[: x.ndim - n], product(seen.shape[x.ndim - n :])))
        made[(..., *place)] = _divided(total, window)
    return made


@in_float32
def adaptive_avg_back(grad: Array, shape: Ints, n: int) -> Array:
    """Its adjoint for an array of this shape."""
    made: Any = np.zeros(shape, grad.dtype)
    for place, window in adaptive_windows(shape[len(shape) - n :], grad.shape[grad.ndim - n :]):
        made[(..., *window)] += _divided(grad[(..., *place)], window)[(..., *(None,) * n)]
    return made


@lru_cache(maxsize=256)
def _adaptive_places(size: Ints, out: Ints) -> Array:
    """For each window the places of its elements in the flattened dimensions: (*out, number of the largest).

    The first place of a smaller one is repeated in front, which changes neither which maximum is first nor which
    NaN is last.
    """
    places = np.arange(product(size)).reshape(size)
    found = [places[window].reshape(-1) for _, window in adaptive_windows(size, out)]
    most = max(map(len, found))
    return np.stack([np.pad(one, (most - len(one), 0), mode="edge") for one in found]).reshape(*out, most)


def adaptive_max(x: Array, out: Ints) -> tuple[Array, Array]:
    """Maxima over windows that cover everything, and their places in the flattened spatial dimensions."""
    n = len(out)
    lead, size = x.shape[: x.ndim - n], x.shape[x.ndim - n :]
    if 0 in out:
        return np.zeros((*lead, *out), x.dtype), np.zeros((*lead, *out), np.int64)
    places = _adaptive_places(size, out)
    values = x.reshape(*lead, product(size))[..., places]
    at, top = chosen(values, np.ones(places.shape, bool))
    return top, _picked(broadcast_to(places, values.shape), at)
