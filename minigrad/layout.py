"""In which order a pointwise result of several operands lies in memory.

What may live here: the result put into it; the rule itself is `memory.iterator_strides`. NumPy's own choice is
the same unless operands disagree: there torch lets the first operand that can tell two dimensions apart decide.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from minigrad.memory import allocate, iterator_strides

Array = np.ndarray[Any, Any]


def laid_out(result: Array, operands: Sequence[Any]) -> Array:
    """`result` of a pointwise op on `operands` (arrays that broadcast to its shape), in torch's layout."""
    shape = result.shape
    if 0 in shape:
        return result
    strides = [_broadcast_strides(a, shape) for a in operands if isinstance(a, np.ndarray) and a.ndim]
    if all(s == strides[0] for s in strides[1:]):
        return result
    wanted = iterator_strides(shape, strides)
    if all(w * result.itemsize == s or k == 1 for w, s, k in zip(wanted, result.strides, shape, strict=True)):
        return result
    out = allocate(shape, result.dtype, wanted, zero=False)
    out[...] = result
    return out


def _broadcast_strides(a: Array, shape: tuple[int, ...]) -> tuple[int, ...]:
    lead = len(shape) - a.ndim
    own = (0 if n == 1 and shape[lead + i] != 1 else s for i, (n, s) in enumerate(zip(a.shape, a.strides, strict=True)))
    return (*(0,) * lead, *own)
