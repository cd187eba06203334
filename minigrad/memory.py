"""How new arrays are laid out: contiguous strides, strides that keep another array's order, fresh memory.

What may live here: shapes and strides (in elements) and allocation. No values, no Tensors.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import as_strided

from minigrad.dtypes import Array, NumPyDType

Ints = tuple[int, ...]


@lru_cache(maxsize=4096)
def contiguous_strides(shape: Ints) -> Ints:
    """Row-major strides; dimensions of size 0 count as 1, as in torch."""
    out, step = [], 1
    for n in reversed(shape):
        out.append(step)
        step *= max(n, 1)
    return tuple(reversed(out))


def strides_of(array: Array) -> Ints:
    """Strides in elements. NumPy forgets those of new empty arrays (all become 0); they count as contiguous."""
    strides = array.strides
    if array.size == 0 and not any(strides) and not looks_into_elements(array):
        return contiguous_strides(array.shape)
    return in_elements(strides, array.itemsize)


def looks_into_elements(array: Any) -> bool:
    """Whether an array without elements looks into one that has some, so that its strides are its own: it is expanded
    where they are 0."""
    below = array.base
    while not isinstance(below, (np.ndarray, type(None))):  # as_strided puts an object of its own between the two
        below = getattr(below, "base", None)
    return below is not None and below.size > 0


def recalled(array: Array) -> Array:
    """An array without elements whose strides NumPy has forgotten, with those that it counts as having, which views
    of it are to be seen by; other arrays as they are."""
    if array.size or any(array.strides) or looks_into_elements(array):
        return array
    strides = _in_bytes(contiguous_strides(array.shape), array.dtype)
    return np.ndarray(array.shape, array.dtype, array, 0, strides)  # which looks into `array`, as gradients show


@lru_cache(maxsize=4096)
def in_elements(strides: Ints, item: int) -> Ints:
    return tuple([s // item for s in strides])


def broadcast_to(array: Array, shape: Ints) -> Array:
    """`array` repeated over `shape` without a copy, itself where it has that shape: only to be read."""
    return array if array.shape == shape else np.broadcast_to(array, shape)


def is_contiguous(shape: Ints, strides: Ints) -> bool:
    """Whether the elements lie in row-major order without gaps; strides of dimensions of size 1 are idle."""
    if 0 in shape:
        return True
    return all(s == c for n, s, c in zip(shape, strides, contiguous_strides(shape), strict=True) if n != 1)


def is_dense(shape: Ints, strides: Ints) -> bool:
    """Whether the elements fill one block of memory without gaps and overlaps (in any order)."""
    if 0 in shape:
        return True
    step = 1
    for stride, n in sorted((s, n) for n, s in zip(shape, strides, strict=True) if n > 1):
        if stride != step:
            return False
        step *= n
    return True


def iterator_strides(shape: Ints, operands: list[Ints]) -> Ints:
    """Strides of a new result of elementwise work on operands of `shape` with these strides (0: broadcast).

    torch's TensorIterator: dimensions in the order that the operands have, the first one deciding.
    """
    order = list(range(len(shape)))[::-1]  # innermost first
    for i in range(1, len(order)):
        current = i
        for other in range(i - 1, -1, -1):
            place = _order(shape, operands, order[other], order[current])
            if place > 0:
                order[other], order[current] = order[current], order[other]
                current = other
            elif place < 0:
                break
    out, step = [0] * len(shape), 1
    for dim in order:
        out[dim] = step
        step *= max(shape[dim], 1)
    return tuple(out)


def _order(shape: Ints, operands: list[Ints], a: int, b: int) -> int:
    """1 if dimension `a` belongs outside of `b`, -1 if inside, 0 if no operand tells."""
    for strides in operands:
        s, t = strides[a], strides[b]
        if s == 0 or t == 0:
            continue
        if s != t:
            return 1 if s > t else -1
        if shape[a] > shape[b]:
            return 1
    return 0


def dense_strides(shape: Ints, strides: Ints) -> Ints:
    """Strides without gaps, dimensions in the order that `strides` have (torch's preserve_format)."""
    return strides if is_dense(shape, strides) else iterator_strides(shape, [strides])


def is_channels_last(shape: Ints, strides: Ints) -> bool:
    """Whether torch takes these strides of four dimensions for channels_last (its `suggest_memory_format`)."""
    if strides[1] == 0 or 0 in shape:
        return False
    least = 0
    for d in (1, 3, 2, 0):
        if strides[d] < least or (d == 0 and least == strides[1]):
            return False
        least = strides[d] * shape[d]
    return True


def allocate(shape: Ints, dtype: NumPyDType, strides: Ints | None = None, zero: bool = True) -> Array:
    """A new array of zeros (or, without `zero`, of anything), contiguous or with the given dense strides.

    Raises RuntimeError in torch's words for negative sizes and for more memory than there is.
    """
    check_sizes(shape, dtype.itemsize)
    make: Any = np.zeros if zero else np.empty
    try:
        if 0 in shape:
            return _empty(shape, strides or contiguous_strides(shape), dtype)
        if strides is None or strides == contiguous_strides(shape):
            return make(shape, dtype)  # type: ignore[no-any-return]
        if is_dense(shape, strides):
            out: Array = np.ndarray(shape, dtype, strides=_in_bytes(strides, dtype))
            if zero:
                out.fill(0)
            return out
        reach = 1 + sum((n - 1) * s for n, s in zip(shape, strides, strict=True))
        return as_strided(make(reach, dtype), shape, _in_bytes(strides, dtype))
    except (MemoryError, ValueError):
        raise _out_of_memory(shape, dtype.itemsize) from None


def _empty(shape: Ints, strides: Ints, dtype: NumPyDType) -> Array:
    """An array without elements; NumPy keeps its strides only where it looks into memory as large as they."""
    reach = sum((n - 1) * s for n, s in zip(shape, strides, strict=True) if n)
    if reach > 1000 or not any(strides):  # which are forgotten unless there is something to look into
        return as_strided(np.zeros(1, dtype), shape, _in_bytes(strides, dtype))
    return np.ndarray(shape, dtype, bytearray((reach + 1) * dtype.itemsize), 0, _in_bytes(strides, dtype))


def _in_bytes(strides: Ints, dtype: NumPyDType) -> Ints:
    return tuple(s * dtype.itemsize for s in strides)


def check_sizes(shape: Ints, itemsize: int) -> None:
    """Raises RuntimeError for a negative size and for a total that 64 bits cannot express."""
    total = itemsize
    for n in shape:
        if n < 0:
            raise RuntimeError(f"Trying to create tensor with negative dimension {n}: {list(shape)}")
        total *= n
    if total >= 2**63:
        raise RuntimeError(f"Storage size calculation overflowed with sizes={list(shape)}")


def _out_of_memory(shape: Ints, itemsize: int) -> RuntimeError:
    total = itemsize
    for n in shape:
        total *= n
    return RuntimeError(
        "[enforce fail at alloc_cpu.cpp:127] err == 0. DefaultCPUAllocator: can't allocate memory: you tried "
        f"to allocate {total} bytes. Error code 12 (Cannot allocate memory)"
    )
