"""AsStridedBackward0: the node of views known only by geometry, as regenerated after a write to their base.

What may live here: that node. Its forward op is in `ops.restriding`. The formula is torch's
as_strided_backward: the gradient is scattered into a buffer that stands for the storage and read off again
in the geometry of the base; elements that the base sees several times share it.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad import modes
from minigrad.copy_slices import Geometry
from minigrad.node import Node, ReadOnly, next_seq
from minigrad.tensor import Tensor, wrap
from minigrad.windows import window

Ints = tuple[int, ...]


def may_overlap(shape: Ints, strides: Ints) -> bool:
    """Whether elements of such a window may share memory (torch's sufficient condition for no)."""
    reach = 0
    for stride, n in sorted(zip(strides, shape, strict=True)):
        if n != 1:
            if stride <= reach:
                return True
            reach += stride * (n - 1)
    return False


def _room(shape: Ints, strides: Ints, offset: int) -> int:
    return offset + 1 + sum((n - 1) * s for n, s in zip(shape, strides, strict=True))


class AsStridedBackward0(Node):
    """Adds every element of the gradient back where it was read from."""

    __module__ = "builtins"  # as types that are written in C show themselves

    __slots__ = ("_saved_storage_offset", "base", "window")

    label = "AsStridedBackward0"

    def __init__(
        self, base: Tensor, window: np.ndarray[Any, Any], offset: int | None, seen: Geometry | None = None
    ) -> None:
        """`offset` is where `window` begins in the storage, None where nobody said; `seen` is its geometry within
        `base` where that is known already."""
        self.x = None
        self.seq = next_seq()
        modes.remember(self)
        self.base = Geometry.of(base._a, base._a)
        self.window = seen or Geometry.of(window, base._a)
        self.shape, self.dt = window.shape, window.dtype
        self._saved_storage_offset = offset

    def raw(self, grad: Any) -> tuple[Any, ...]:
        if grad is None:
            return (None,)
        result = self._backward(wrap(np.asarray(grad)))
        task = modes.state.task  # None where another node runs this one by hand
        return (result._a if task is None or task.raw is None else task.raw.array(result),)

    def ten(self, grad: Any) -> tuple[Any, ...]:
        return (None,) if grad is None else (self._backward(grad),)

    def _backward(self, grad: Any) -> Any:
        base, seen = self.base, self.window
        if 0 in seen.size or 0 in base.size:
            out = wrap(np.zeros(base.size, grad._a.dtype))  # for a batch, too, whose members share it
            out.counter()[0] += 1
            return out
        sizes: list[int] = []
        strides: list[int] = []
        for d in range(len(seen.size) - 1, -1, -1):
            n, s = seen.size[d], seen.stride[d]
            if n == 1:
                grad = grad.squeeze(d)
            elif s == 0:
                grad = grad.sum(d, False)
            else:
                sizes.insert(0, n)
                strides.insert(0, s)
        shape, steps = tuple(sizes), tuple(strides)
        low = min(base.offset, seen.offset)
        read_at, kept_at = seen.offset - low, base.offset - low
        room = max(_room(shape, steps, read_at), _room(base.size, base.stride, kept_at))
        whole = grad.new_zeros((room,))
        if may_overlap(shape, steps):
            where = window(np.arange(room), shape, steps, read_at).reshape(-1)
            whole.index_add_(0, wrap(where), grad.reshape(-1))
        else:
            whole.as_strided(shape, steps, read_at).copy_(grad)
        if may_overlap(base.size, base.stride):
            where = window(np.arange(room), base.size, base.stride, kept_at).reshape(-1)
            whole.div_(wrap(np.bincount(where, minlength=room).astype(self.dt)))
        return whole.as_strided(base.size, base.stride, kept_at)

    @ReadOnly
    def _saved_size(self) -> tuple[int, ...]:
        return self.window.size

    @ReadOnly
    def _saved_stride(self) -> tuple[int, ...]:
        return self.window.stride
