"""Where and how a tensor lies in memory: sizes, strides, offset, storage, contiguity.

What may live here: methods that report; nothing here computes or records.
"""

from __future__ import annotations

from typing import Any

from minigrad import errors
from minigrad.dims import existing_dim
from minigrad.lazy import bits_of
from minigrad.memory import strides_of
from minigrad.ops.copying import format_strides
from minigrad.registry import composite
from minigrad.storage import UntypedStorage
from minigrad.tensor import Size, Tensor, memory
from minigrad.windows import address, offset_of, storage

# mypy: disable-error-code="no-untyped-def"


@composite("untyped_storage", function=False)
def untyped_storage(self):
    """The memory behind this tensor, which it shares with its views."""
    return UntypedStorage.behind(memory(self))


@composite("data_ptr", function=False)
def data_ptr(self):
    """The address of the first element, 0 if there is none."""
    return address(memory(self)) if memory(self).size else 0


@composite("storage_offset", function=False)
def storage_offset(self):
    """Elements between the beginning of the storage and the first element."""
    return offset_of(memory(self))


@composite("stride", function=False)
def stride(self, dim: int | None = None):
    """Steps between neighbours along each dimension, in elements, or along `dim`."""
    strides = strides_of(memory(self))
    return strides if dim is None else strides[existing_dim(dim, len(strides))]


@composite("size", function=False)
def size(self, dim: int | None = None):
    """The shape, or its size along `dim`."""
    shape = memory(self).shape
    return Size(shape) if dim is None else shape[existing_dim(dim, len(shape))]


@composite("is_shared", function=False)
def is_shared(self):
    """Whether the memory behind this tensor counts as shared with other processes."""
    return UntypedStorage.behind(memory(self)).is_shared()


@composite("share_memory_", function=False)
def share_memory_(self):
    """Has it count as that; gives this tensor back."""
    UntypedStorage.behind(memory(self)).share_memory_()
    return self


@composite("is_contiguous", function=False)
def is_contiguous(self, *, memory_format: Any = None):
    """Whether the elements lie in memory one after the other in the order asked for."""
    a = memory(self)
    if memory_format is None or memory_format.name in ("contiguous_format", "preserve_format"):
        return a.flags.c_contiguous
    rank = 4 if memory_format.name == "channels_last" else 5
    if a.ndim != rank:
        return False
    wanted = format_strides(a.shape, memory_format)
    return not a.size or all(
        n == 1 or s == w * a.itemsize for n, s, w in zip(a.shape, a.strides, wanted, strict=True)
    )


@composite("is_set_to", function=False)
def is_set_to(self, tensor):
    """Whether both look at the same memory in the same way."""
    a, b = memory(self), memory(tensor)
    same = storage(a) is storage(b) and address(a) == address(b)
    return same and not (bits_of(self) or bits_of(tensor)) and a.shape == b.shape and strides_of(a) == strides_of(b)


@composite("is_same_size")
def is_same_size(self, other):
    """Whether both have the same shape."""
    if not isinstance(other, Tensor):
        raise errors.wrong_argument("is_same_size", "other", 1, "Tensor", other)
    return memory(self).shape == other._a.shape
