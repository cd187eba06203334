"""Positions along one dimension: what gather, scatter, index_add and their relatives check and share.

What may live here: arrays in, arrays out; torch's complaints about index tensors.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np

from minigrad import errors

Array = np.ndarray[Any, Any]


def at_least_1d(a: Array) -> Array:
    """A 0-d array as one of one element; others as they are."""
    return a if a.ndim else a.reshape(1)


def owned(a: Array, shape: tuple[int, ...] | None = None) -> Array:
    """A contiguous result that owns its memory, under another shape if one is given."""
    out = a if a.base is None and a.flags.c_contiguous and a.flags.owndata else np.array(a, order="C")
    if shape is not None and out.shape != shape:
        out.shape = shape
    return out


def checked_index(function: str, index: Array) -> Array:
    """An index; raises RuntimeError for one that is neither of int32 nor of int64, unless it is empty."""
    if index.dtype in (np.int64, np.int32):
        return index
    if index.size:
        raise RuntimeError(f"{function}(): Expected dtype int32/int64 for index")
    return index.astype(np.int64)


def check_within(places: Array, dim: int, n: int) -> None:
    """Raises RuntimeError for a position outside of [0, n)."""
    bad = (places < 0) | (places >= n)
    if bad.any():
        raise RuntimeError(
            f"index {places[bad].reshape(-1)[0]} is out of bounds for dimension {dim} with size {n}"
        )


def place_grid(places: Array, dim: int) -> tuple[Any, ...]:
    """The NumPy index that names position `places[i, j, ...]` along `dim`, and i, j, ... along the others."""
    grid = _others(places.shape)
    return (*grid[:dim], places, *grid[dim + 1 :])


@lru_cache(maxsize=1024)
def _others(shape: tuple[int, ...]) -> tuple[Array, ...]:
    """i, j, ... for every place of an array of `shape`, to be broadcast."""
    return tuple(np.ogrid[tuple(slice(n) for n in shape)])


def selected_places(index: Array, n: int) -> Array:
    """An index vector, checked against the size it points into."""
    places = at_least_1d(index)
    if places.size and (places.min() < 0 or places.max() >= n):
        raise IndexError("index out of range in self")
    return places


def flat_places(index: Array, n: int) -> Array:
    """Positions in a flattened tensor of `n` elements, negative ones counted from the back."""
    bad = (index < -n) | (index >= n)
    if bad.any():
        raise IndexError(
            f"out of range: tried to access index {index[bad].reshape(-1)[0]} on a tensor of {n} elements."
        )
    return index


def check_vector(function: str, index: Array, source: Array, dim: int, own: Array) -> None:
    """What index_add_ and index_reduce_ demand of index and source; raises in torch's words."""
    if index.ndim > 1:
        raise IndexError(
            f"{function}(): Index is supposed to be a vector, but got dim: {index.ndim} with type: "
            f"{errors.type_name(index)} and size: {errors.shape_text(index.shape)}"
        )
    if index.dtype not in (np.int64, np.int32):
        raise RuntimeError(
            f"{function}(): Expected dtype int32/int64 for index but got: {errors.type_name(index)}"
        )
    if own.dtype != source.dtype:
        raise RuntimeError(
            f"{function}(): self ({errors.type_name(own)}) and source ({errors.type_name(source)}) must "
            "have the "
            "same scalar type"
        )
    if source.ndim == 0 and index.ndim == 1 and index.size != 1:
        raise RuntimeError(
            f"{function}(): When source is scalar, index should have one element (got {index.size})"
        )
    if source.ndim and own.ndim and index.size != source.shape[dim]:
        raise RuntimeError(
            f"{function}(): Number of indices ({index.size}) should be equal to source.size(dim): "
            f"({source.shape[dim]}), for dim: {dim}"
        )
    mine, theirs = list(own.shape), list(source.shape)
    if mine and theirs:
        del mine[dim]
        if dim < len(theirs):
            del theirs[dim]
    if mine != theirs and not (own.ndim == 0 and source.size == 1 and source.ndim <= 1):
        raise RuntimeError(
            "source tensor shape must match self tensor shape, excluding the specified dimension. Got "
            "self.shape = "
            f"{errors.shape_text(own.shape)} source.shape = {errors.shape_text(source.shape)}"
        )
