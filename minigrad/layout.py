"""In which order a pointwise result of several operands lies in memory.

What may live here: the result put into it; the rule itself is `memory.iterator_strides`. NumPy's own choice is
the same unless operands disagree: there torch lets the first operand that can tell two dimensions apart decide.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from minigrad.memory import allocate, contiguous_strides, dense_strides, iterator_strides, strides_of
from minigrad.memory_formats import channels_last_strides

Array = np.ndarray[Any, Any]


def laid_out(result: Array, operands: Sequence[Any]) -> Array:
    """`result` of a pointwise op on `operands` (arrays that broadcast to its shape), in torch's layout."""
    shape = result.shape
    if 0 in shape:
        return result
    arrays = [a for a in operands if isinstance(a, np.ndarray) and a.ndim]
    alone = len(arrays) == len(operands)  # no number, of which torch makes a tensor of another shape
    if (alone or 1 not in shape) and all(a.flags.c_contiguous and a.shape == shape for a in arrays):
        return result
    strides = [_broadcast_strides(a, shape) for a in arrays]
    same = alone and all(s == strides[0] for s in strides[1:])
    if same and 1 not in shape and 0 not in strides[0] and strides[0] == result.strides:
        return result
    item = result.itemsize
    last = _channels_last(shape, arrays) if len(shape) == 4 and 1 in shape and alone else None
    if last is not None:
        wanted = last
    elif same and strides:
        wanted = dense_strides(shape, tuple([s // arrays[0].itemsize for s in strides[0]]))
    else:
        wanted = iterator_strides(shape, strides)
    if all(w * item == s for w, s in zip(wanted, result.strides, strict=True)):
        return result
    out = allocate(shape, result.dtype, wanted, zero=False)
    out[...] = result
    return out


def lying_as(result: Array, like: Array) -> Array:
    """`result` in the layout that torch gives what it makes like an array of that shape (`empty_like`)."""
    wanted = dense_strides(like.shape, strides_of(like))
    if result.ndim < 2 or strides_of(result) == wanted:
        return result
    out = allocate(result.shape, result.dtype, wanted, zero=False)
    out[...] = result
    return out


def _channels_last(shape: tuple[int, ...], arrays: Sequence[Array]) -> tuple[int, ...] | None:
    """The strides of channels innermost if all of these have them, but for dimensions of size 1: torch makes its
    result in that format then."""
    wanted = channels_last_strides(shape)
    for a in arrays:
        item = a.itemsize
        if a.shape != shape or any(n != 1 and w * item != s for n, w, s in zip(shape, wanted, a.strides, strict=True)):
            return None
    return wanted


def idle_as(result: Array, operand: Array, alone: bool = False, pointwise: bool = False) -> Array:
    """`result` with the strides that torch gives it where NumPy is free or knows another rule: `operand` has gaps, is
    expanded or has dimensions of size 1, and torch asks later; `alone` says that there is no number beside it. Of what
    is not `pointwise` the kernel knows the order, but for dimensions of size 1 and what is expanded."""
    shape, item = result.shape, result.itemsize
    if shape != operand.shape or result.base is not None or 0 in shape:
        return result
    strides = strides_of(operand)
    if not pointwise and 0 not in strides and result.flags.c_contiguous:
        return result
    last = _channels_last(shape, (operand,)) if alone and len(shape) == 4 and 1 in shape else None
    if last is not None:
        wanted = last
    elif alone:
        wanted = contiguous_strides(shape) if operand.flags.c_contiguous else dense_strides(shape, strides)
    else:
        wanted = iterator_strides(shape, [strides])
    other = [n for n, w, s in zip(shape, wanted, result.strides, strict=True) if w * item != s]
    if not other or (not pointwise and 0 not in strides and any(n != 1 for n in other)):
        return result
    out = allocate(shape, result.dtype, wanted, zero=False)
    out[...] = result
    return out


def _broadcast_strides(a: Array, shape: tuple[int, ...]) -> tuple[int, ...]:
    lead = len(shape) - a.ndim
    own = (0 if n == 1 and shape[lead + i] != 1 else s for i, (n, s) in enumerate(zip(a.shape, a.strides, strict=True)))
    return (*(0,) * lead, *own)
