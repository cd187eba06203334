"""Tensors that are the conjugates or the negatives of what lies in memory: views that torch makes for nothing.

What may live here: their class, and how their elements are read and written. The ops that make them are in
`ops.complex_views`.

Note [Lazy]: `conj()` of a complex tensor looks into the same memory and remembers a bit; `imag` of that has another.
Here such a tensor has a class of its own, whose `_a` computes what the bits say, each time, as an array that cannot
be written to. So every op reads the right values without knowing, and no fast path, which asks for `type(x) is
Tensor`, pays for it. What is about memory (views, strides, writes) asks for `memory(x)` instead.

A deliberate departure: a first backward pass runs on arrays, so gradients arrive with their elements in memory, where
torch's may have a bit set.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.lib.stride_tricks import as_strided

from minigrad import errors
from minigrad.tensor import Tensor, memory, set_memory
from minigrad.zeros import ZeroTensor

Array = np.ndarray[Any, Any]

CONJ, NEG = 1, 2


class LazyTensor(Tensor):
    """A tensor with bits in its Meta (see Note [Lazy])."""

    __slots__ = ()

    @property
    def _a(self) -> Array:
        raw = memory(self)
        found = with_bits(self, raw)
        if raw.size:  # laid out as in memory
            reach = 1 + sum((n - 1) * s for n, s in zip(raw.shape, raw.strides, strict=True)) // raw.itemsize
            out = as_strided(np.empty(reach, raw.dtype), raw.shape, raw.strides)
            out[...] = found
            found = out
        found.flags.writeable = False
        return found

    @_a.setter
    def _a(self, array: Array) -> None:
        set_memory(self, array)


LazyTensor.__name__ = LazyTensor.__qualname__ = Tensor.__name__
LazyTensor.__module__ = Tensor.__module__


def bits_of(x: Tensor) -> int:
    """CONJ and NEG, as far as they are set."""
    return 0 if x._meta is None else x._meta.bits


def with_bits(x: Tensor, array: Array) -> Array:
    """What `array`, read from the memory of `x`, means; or what is to be written there so that it means `array`."""
    bits = bits_of(x)
    if bits & CONJ:
        array = np.asarray(np.conjugate(array))
    return np.asarray(np.negative(array)) if bits & NEG else array


def set_bits(x: Tensor, bits: int) -> Tensor:
    """Has `x` understand its memory by `bits` from now on."""
    if bits or x._meta is not None:
        x.meta().bits = bits
    if bits or type(x) is LazyTensor:
        x.__class__ = LazyTensor if bits else Tensor
    return x


def look_alike(x: Tensor, source: Tensor) -> Tensor:
    """Has `x` look at the memory of `source` in the same way."""
    set_memory(x, memory(source))
    return set_bits(x, bits_of(source))


def store(target: Tensor, values: Any) -> None:
    """Overwrites the elements of `target`."""
    if type(target) is Tensor:
        target._a[...] = values
    elif type(target) is ZeroTensor:
        raise errors.zero_tensor_written()
    else:
        room = memory(target)
        room[...] = with_bits(target, np.asarray(values).astype(room.dtype, copy=False))
