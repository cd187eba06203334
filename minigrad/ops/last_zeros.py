"""Which zero is left where extremes are zeros of both signs: the one that torch's loops compare last, or first.

What may live here: the order in which they compare, which shows in the sign of that zero alone. Their vectors have 32
bytes, as these kernels are not compiled for wider ones.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad.along import taken_along

BYTES = 32


def signed(result: Any, a: Any, dims: tuple[int, ...], loop: str) -> Any:
    """Extremes over `dims` with the sign of zero that a loop of torch leaves: "alone" takes one number after the other,
    "along" vectors where it can, "all" vectors of all elements, row by row."""
    if a.dtype.kind != "f" or not a.ndim or not np.any(result == 0):
        return result
    kept = tuple(d for d in range(a.ndim) if d not in dims)
    inner = sorted(dims, key=lambda d: -a.strides[d]) if loop == "along" else sorted(dims)
    rows = a.transpose(*kept, *inner).reshape(*(a.shape[d] for d in kept), -1)
    n = rows.shape[-1]
    turns = _of_all(a.dtype, n) if loop == "all" else _along(a, inner, n) if loop == "along" else n - 1 - np.arange(n)
    at = np.argmax(np.where(rows == 0, turns, -1), axis=-1)
    met = taken_along(rows, at[..., None], -1).reshape(result.shape)
    return np.where(result == 0, met, result)


def _of_all(dtype: Any, n: int) -> Any:
    """When each of `n` numbers is compared, the last to come being the one that is left."""
    places = np.arange(n)
    item = 4 if dtype.char == "e" else dtype.itemsize  # halves become float32 by the two vectors
    lanes = BYTES // item
    lane = places % lanes
    if dtype.char == "e":
        if n <= lanes:
            return places
        if n >= 2 * lanes:
            places = places % (2 * lanes) // lanes * n + places
        return (_by_halves(lane) if n >= 2 * lanes else lane) * (3 * n) + places
    if n < lanes:
        return places
    return (_by_halves(lane) if dtype.char == "f" else lane) * n + places


def _by_halves(lane: Any) -> Any:
    """When each of eight lanes comes, where halves of vectors are compared: 0, 4, 2, 6, 1, 5, 3, 7."""
    return np.argsort([0, 4, 2, 6, 1, 5, 3, 7])[lane]


def _along(a: Any, inner: list[int], n: int) -> Any:
    """The same along dimensions: four vectors at a time where they lie together, and of the lanes the first one."""
    places = np.arange(n)
    lanes = BYTES // a.itemsize
    block = 4 * lanes
    if not _together(a, inner):
        kept = [d for d in range(a.ndim) if d not in inner]
        if not kept or not _together(a, kept):
            return n - 1 - places
        shape = [a.shape[d] for d in kept]  # vectors of results, which take one row after the other
        column = np.arange(np.prod(shape)).reshape(shape)[..., None]
        return np.where(column < column.size - column.size % block, places, n - 1 - places)
    whole = n - n % block
    among = (lanes - places % lanes) * 5 * n + places % block // lanes * n + places // block
    return np.where(places < whole, n + among, n - 1 - places)


def _together(a: Any, dims: list[int]) -> bool:
    """Whether `dims`, the outermost first, lie one number after the other."""
    step = a.itemsize
    for d in reversed(dims):
        if a.shape[d] > 1 and a.strides[d] != step:
            return False
        step *= a.shape[d]
    return True
