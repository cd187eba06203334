"""Shapes as values: `torch.Size`.

What may live here: that class.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from minigrad.errors import type_of

as_size = tuple.__new__
"""`as_size(Size, shape)` is a Size of what is known to be ints."""


class Size(tuple[int, ...]):
    """A shape: a tuple of ints that prints as `torch.Size([2, 3])` and counts its elements."""

    __slots__ = ()

    def __new__(cls, sizes: Iterable[Any] = ()) -> Size:
        """Raises TypeError for what is no int, nor a tensor of one."""
        return as_size(cls, [_length(i, n) for i, n in enumerate(sizes)])

    def numel(self) -> int:
        out = 1
        for n in self:
            out *= n
        return out

    def __repr__(self) -> str:
        return f"torch.Size([{', '.join(map(str, self))}])"

    def __add__(self, other: Any) -> Size:
        if not isinstance(other, tuple):
            raise TypeError(f"can only concatenate tuple (not {type_of(other)}) to torch.Size")
        return Size(tuple.__add__(self, other))

    def __radd__(self, other: Any) -> Any:
        return Size((*other, *self)) if isinstance(other, tuple) else NotImplemented

    def __mul__(self, times: Any) -> Any:
        return as_size(Size, tuple.__mul__(self, times)) if hasattr(times, "__index__") else NotImplemented

    __rmul__ = __mul__

    def __getitem__(self, item: Any) -> Any:
        got = tuple.__getitem__(self, item)
        return as_size(Size, got) if isinstance(item, slice) else got


def _length(position: int, n: Any) -> Any:
    if type(n) is int or (hasattr(type(n), "__index__") and not (isinstance(n, bool) or hasattr(n, "_a"))):
        return n
    if isinstance(n, bool) or (getattr(getattr(n, "_a", None), "size", 0) == 1 and n._a.dtype.kind in "iub"):
        return int(n)
    of = "numpy." if type(n).__module__ == "numpy" else ""
    raise TypeError(f"torch.Size() takes an iterable of 'int' (item {position} is '{of}{type_of(n)}')")
