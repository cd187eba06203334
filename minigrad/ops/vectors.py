"""Which elements torch's vectorised loops compute, where those differ from the loops over single elements.

What may live here: that rule, and what several kernels make of it. They ask where a NaN, an infinity or the sign of
a zero shows which loop was taken; magnitudes never do.

Note [Vectors]: a pointwise kernel of torch takes two vectors at a time from the innermost dimension that its iterator
is left with, if the result and all operands lie there one element after the other (one of the operands may instead be
the same number throughout). What is left over is computed one by one, and so is everything else. Vectors have 32 bytes;
a few kernels are compiled for the 64 bytes of AVX-512 as well, which torch uses where the processor has that.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import wraps
from importlib import import_module
from typing import Any

import numpy as np

from minigrad.memory import allocate, iterator_strides


def has_avx512() -> bool:
    """Whether the processor has what libraries mean by AVX-512."""
    try:
        features = import_module("numpy._core._multiarray_umath").__cpu_features__
    except (ImportError, AttributeError):  # which NumPy does not promise to have
        return False
    return all(features.get(name, False) for name in ("AVX512VL", "AVX512BW", "AVX512DQ", "FMA3"))


_TOLD = os.environ.get("ATEN_CPU_CAPABILITY")  # with which torch can be told not to use it
NARROW, WIDE = 64, 128 if has_avx512() and _TOLD not in ("default", "avx2") else 64
"""Bytes that the loops take at a time."""

Strides = tuple[int, ...]


def in_vectors(result: Any, *operands: Any, size: int = NARROW) -> Any:
    """Where the elements of `result`, not yet laid out, of a pointwise op on `operands` are computed in vectors.

    An array of bools of the shape of the result, or False where none is.
    """
    shape, item = result.shape, result.itemsize
    block = size // item
    if result.size < block:
        return False
    arrays = [a for a in operands if isinstance(a, (np.ndarray, np.generic))]
    if all(a.flags.c_contiguous and a.shape == shape for a in arrays):
        places = np.arange(result.size).reshape(shape)
        return places < result.size - result.size % block
    steps = [np.broadcast_to(a, shape).strides for a in arrays]
    steps.insert(0, tuple(item * s for s in iterator_strides(shape, steps)))
    order = sorted((d for d, n in enumerate(shape) if n > 1), key=lambda d: -steps[0][d])
    inner = _coalesced(order, shape, steps)
    last = [one[order[-1]] for one in steps]
    if last[0] != item or sum(step == 0 for step in last[1:]) > 1 or any(
        step not in (0, a.itemsize) for step, a in zip(last[1:], arrays, strict=True)
    ):
        return False
    places, count = _places(shape, inner, steps[0], item)
    return places < count - count % block


def left_of_pairs(result: Any, *operands: Any) -> Any:
    """Where a loop that takes two elements at a time is left with one: at the end of each of an odd number."""
    shape, item = result.shape, result.itemsize
    arrays = [a for a in operands if isinstance(a, (np.ndarray, np.generic))]
    if all(a.size == 1 or (a.flags.c_contiguous and a.shape == shape) for a in arrays):
        return result.size % 2 == 1 and np.arange(result.size).reshape(shape) == result.size - 1
    steps = [np.broadcast_to(a, shape).strides for a in arrays]
    steps.insert(0, tuple(item * s for s in iterator_strides(shape, steps)))
    order = sorted((d for d, n in enumerate(shape) if n > 1), key=lambda d: -steps[0][d])
    places, count = _places(shape, _coalesced(order, shape, steps), steps[0], item)
    return count % 2 == 1 and places == count - 1


def beside_one(result: Any, x: Any, y: Any) -> tuple[Any, int] | None:
    """The place of each element in a loop in which one of two operands is the same throughout, and how many it takes;
    None where none is."""
    shape, item = result.shape, result.itemsize
    steps = [np.broadcast_to(a, shape).strides for a in (x, y)]
    steps.insert(0, tuple(item * s for s in iterator_strides(shape, steps)))
    order = sorted((d for d, n in enumerate(shape) if n > 1), key=lambda d: -steps[0][d])
    if not order or 0 not in (steps[1][order[-1]], steps[2][order[-1]]):
        return None
    return _places(shape, _coalesced(order, shape, steps), steps[0], item)


def hoisted(result: Any, x: Any, same: Any) -> Any:
    """Where what a loop makes of its second operand alone is made once for all, and so rounded by itself: beside the
    vectors, if the operand is the `same` throughout, but for the first element and what is left of 16 bytes."""
    shape, item = result.shape, result.itemsize
    steps = [np.broadcast_to(a, shape).strides for a in (x, same)]
    steps.insert(0, tuple(item * s for s in iterator_strides(shape, steps)))
    order = sorted((d for d, n in enumerate(shape) if n > 1), key=lambda d: -steps[0][d])
    if not order or [one[order[-1]] for one in steps] != [item, item, 0]:
        return False
    places, count = _places(shape, _coalesced(order, shape, steps), steps[0], item)
    left, several = count % (NARROW // item), 16 // item
    places -= count - left
    return (places > 0) & (places <= (left - 1) // several * several)


def _places(shape: tuple[int, ...], inner: list[int], steps: Strides, item: int) -> tuple[Any, int]:
    """The place of each element in the loop over the dimensions `inner`, and how many it takes."""
    # laid out as the result will be, lest choosing by what is made of it lies by rows
    places = allocate(shape, np.dtype(np.int64), tuple(s // item for s in steps))
    for d in inner:
        along = np.arange(shape[d]) * (steps[d] // item)
        places += along.reshape([-1 if axis == d else 1 for axis in range(len(shape))])
    return places, int(np.prod([shape[d] for d in inner]))


def _coalesced(order: list[int], shape: tuple[int, ...], steps: list[Strides]) -> list[int]:
    """The innermost dimensions of `order` (outermost first) that are one to every operand."""
    inner = order[-1:]
    for d in order[-2::-1]:
        if any(one[d] != one[inner[0]] * shape[inner[0]] for one in steps):
            break
        inner.insert(0, d)
    return inner


def without_nan(blocked: Any, grad: Any, x: Any) -> Any:
    """`grad`, 0 where blocked; a NaN in `x`, which no comparison holds for, lets it pass but in vectors."""
    nan = np.isnan(x)
    if nan.any():
        blocked = blocked | (nan & in_vectors(np.empty(blocked.shape, grad.dtype), grad, x))
    return np.where(blocked, grad.dtype.type(0), grad)


def nan_inside(pieces: Callable[..., Any]) -> Callable[..., Any]:
    """A kernel of a gradient and an operand: the first of what `pieces` makes of them, but the second, the middle
    piece, where wide vectors meet a NaN in the operand: they take it for a number of that piece."""

    @wraps(pieces)
    def kernel(grad_output: Any, x: Any, *args: Any, **kwargs: Any) -> Any:
        out, inside = pieces(grad_output, x, *args, **kwargs)
        nan = np.isnan(x)
        return np.where(nan & in_vectors(out, grad_output, x, size=WIDE), inside, out) if nan.any() else out

    return kernel
