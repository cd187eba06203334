"""In which order a pointwise result of several operands lies in memory.

What may live here: torch's rule for it (TensorIterator::reorder_dimensions). NumPy's own choice is the same
unless operands disagree: there torch lets the first operand that can tell two dimensions apart decide.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from minigrad.memory import allocate

Array = np.ndarray[Any, Any]


def laid_out(result: Array, operands: Sequence[Any]) -> Array:
    """`result` of a pointwise op on `operands` (arrays that broadcast to its shape), in torch's layout."""
    shape, n = result.shape, result.ndim
    if 0 in shape:
        return result
    strides = [_broadcast_strides(a, shape) for a in operands if isinstance(a, np.ndarray) and a.ndim]
    if all(s == strides[0] for s in strides[1:]):
        return result
    order = list(range(n - 1, -1, -1))
    for i in range(1, n):
        at = i
        for before in range(i - 1, -1, -1):
            swap = _should_swap(order[before], order[at], strides, shape)
            if swap > 0:
                order[before], order[at] = order[at], order[before]
                at = before
            elif swap < 0:
                break
    wanted, step = [0] * n, 1
    for d in order:
        wanted[d] = step
        step *= shape[d]
    if all(w * result.itemsize == s or k == 1 for w, s, k in zip(wanted, result.strides, shape, strict=True)):
        return result
    out = allocate(shape, result.dtype, tuple(wanted), zero=False)
    out[...] = result
    return out


def _broadcast_strides(a: Array, shape: tuple[int, ...]) -> tuple[int, ...]:
    lead = len(shape) - a.ndim
    own = (0 if n == 1 and shape[lead + i] != 1 else s for i, (n, s) in enumerate(zip(a.shape, a.strides, strict=True)))
    return (*(0,) * lead, *own)


def _should_swap(a: int, b: int, strides: Sequence[tuple[int, ...]], shape: tuple[int, ...]) -> int:
    for s in strides:
        if s[a] == 0 or s[b] == 0:
            continue
        if s[a] != s[b]:
            return 1 if s[a] > s[b] else -1
        if shape[a] > shape[b]:
            return 1
    return 0
