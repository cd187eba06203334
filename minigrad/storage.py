"""UntypedStorage: the memory behind a tensor and its views, as bytes.

What may live here: that class. How a tensor looks into a storage is in `ops.setting`; storages neither grow nor
shrink here, since arrays that look into them would not notice.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from weakref import WeakValueDictionary, finalize

import numpy as np

from minigrad.arguments import FITS, name_of
from minigrad.device import CPU, device
from minigrad.windows import address, flat, storage

Array = np.ndarray[Any, Any]

_known: WeakValueDictionary[int, UntypedStorage] = WeakValueDictionary()
_shared: set[int] = set()
"""The roots of memory that is shared with other processes."""


_held: WeakValueDictionary[int, Array] = WeakValueDictionary()


def hold(array: Array) -> Array:
    """`array`, whose memory is NumPy's as well from now on: torch gives such a storage no other size."""
    root = storage(array)
    _held[id(root)] = root
    return array


def is_held(root: Array) -> bool:
    """Whether an ndarray of the user's looks into this memory."""
    return id(root) in _held


class UntypedStorage:
    """A block of bytes: `UntypedStorage(nbytes)`, or that of a tensor by `Tensor.untyped_storage()`."""

    __slots__ = ("__weakref__", "_root")

    _root: Array

    def __init__(self, size: int = 0) -> None:
        self._root = np.zeros(size, np.uint8)
        _known[id(self._root)] = self

    @classmethod
    def behind(cls, array: Array) -> UntypedStorage:
        """The storage of `array`: the same object as long as somebody holds it."""
        root = storage(array)
        found = _known.get(id(root))
        if found is None:
            found = cls.__new__(cls)
            found._root = root
            _known[id(root)] = found
        return found

    def window(self, dt: np.dtype[Any], shape: tuple[int, ...], strides: tuple[int, ...], offset: int) -> Array:
        """An array over this memory; strides and offset in elements of `dt`, all within bounds."""
        steps = [s * dt.itemsize for s in strides]
        start = min(offset * dt.itemsize, self.nbytes())
        return np.ndarray.__new__(np.ndarray, shape, dt, flat(self._root), start, steps)

    def _bytes(self) -> Array:
        return np.ndarray.__new__(np.ndarray, (self.nbytes(),), np.dtype(np.uint8), flat(self._root))

    def data_ptr(self) -> int:
        """The address of the first byte, 0 for a storage without any."""
        return address(self._root) if self._root.nbytes else 0

    def nbytes(self) -> int:
        return self._root.nbytes

    size = __len__ = nbytes

    @property
    def device(self) -> device:
        return CPU

    is_cuda = False

    def is_shared(self) -> bool:
        return id(self._root) in _shared

    def share_memory_(self) -> UntypedStorage:
        """Has this memory count as one that other processes can look into. It stays where it is."""
        if id(self._root) not in _shared:
            _shared.add(id(self._root))
            finalize(self._root, _shared.discard, id(self._root))
        return self

    def element_size(self) -> int:
        return 1

    def tolist(self) -> list[int]:
        return self._bytes().tolist()  # type: ignore[no-any-return]

    def clone(self) -> UntypedStorage:
        """A copy of its own."""
        return UntypedStorage(self.nbytes()).copy_(self)

    def copy_(self, source: UntypedStorage, non_blocking: bool = False) -> UntypedStorage:
        """Overwrites the bytes; no tensor's version counts that."""
        self._bytes()[...] = source._bytes()
        return self

    def fill_(self, value: int) -> UntypedStorage:
        """Sets every byte; no tensor's version counts that."""
        self._bytes()[...] = value
        return self

    def __iter__(self) -> Iterator[int]:
        return iter(self.tolist())

    def __getitem__(self, index: int) -> int:
        return self.tolist()[index]

    def __setitem__(self, index: int, value: int) -> None:
        self._bytes()[index] = value

    def __repr__(self) -> str:
        lines = "\n".join(f" {byte}" for byte in self.tolist())
        return f"{lines}\n[torch.storage.UntypedStorage(device=cpu) of size {self.nbytes()}]"

    __str__ = __repr__


UntypedStorage.__module__ = "minigrad"
name_of(UntypedStorage, "torch.storage.UntypedStorage")
FITS["torch.Storage"] = lambda value: isinstance(value, UntypedStorage)
