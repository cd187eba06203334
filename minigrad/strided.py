"""AsStridedBackward0: the node of views known only by geometry, as regenerated after a write to their base.

What may live here: that node. Its forward op is in `ops.shape`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad.copy_slices import Geometry
from minigrad.node import Node, next_seq
from minigrad.tensor import Tensor


class AsStridedBackward0(Node):
    """Adds every element of the gradient back where it was read from (torch's as_strided_backward)."""

    __slots__ = ("base", "window")

    label = "AsStridedBackward0"

    def __init__(self, base: Tensor, window: np.ndarray[Any, Any]) -> None:
        self.x = None
        self.seq = next_seq()
        self.base = Geometry.of(base._a, base._a)
        self.window = Geometry.of(window, base._a)
        self.shape, self.dt = window.shape, window.dtype

    def _positions(self) -> tuple[Any, Any, int]:
        """Where the window reads and where the base lies, as index arrays into a flat buffer, and its size."""
        low = min(0, self.window.offset)
        reach = [
            g.offset - low + sum((n - 1) * s for n, s in zip(g.size, g.stride, strict=True) if n)
            for g in (self.base, self.window)
        ]
        room = 1 + max(reach)
        item = np.dtype(np.intp).itemsize
        where = np.arange(room)
        read, kept = (
            np.lib.stride_tricks.as_strided(where[g.offset - low :], g.size, tuple(s * item for s in g.stride))
            for g in (self.window, self.base)
        )
        return read, kept, room

    def raw(self, grad: Any) -> tuple[Any, ...]:
        if grad is None:
            return (None,)
        read, kept, room = self._positions()
        buffer = np.zeros(room, self.dt)
        np.add.at(buffer, read.ravel(), np.asarray(grad).ravel())
        return (buffer[kept].reshape(self.base.size),)

    def ten(self, grad: Any) -> tuple[Any, ...]:
        if grad is None:
            return (None,)
        whole = grad.new_zeros(self.base.size)
        part = whole.as_strided(*self.window)
        part.copy_(grad)
        return (whole,)

    @property
    def _saved_size(self) -> tuple[int, ...]:
        return self.window.size

    @property
    def _saved_stride(self) -> tuple[int, ...]:
        return self.window.stride

    @property
    def _saved_storage_offset(self) -> int:
        return self.window.offset
