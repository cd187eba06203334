"""resize_ and resize_as_: a tensor gets other sizes in place, and keeps what elements fit.

What may live here: both, and how a tensor comes to new sizes, which `out=` needs, too. Departure: where the memory has
to grow, the tensor and its base get a new one; other tensors that look into the old one stay there.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad import dispatch, modes
from minigrad.device import channels_last, channels_last_3d, contiguous_format, preserve_format
from minigrad.memory import contiguous_strides, strides_of
from minigrad.memory_formats import channels_last_strides, suggested
from minigrad.registry import publish
from minigrad.signatures import Parser
from minigrad.storage import UntypedStorage, is_held
from minigrad.tensor import Tensor, memory, set_memory
from minigrad.windows import offset_of, storage

Ints = tuple[int, ...]

_SIZE = Parser("resize_", "(tuple of ints size, *, torch.memory_format? memory_format = None)")
_TEMPLATE = Parser("resize_as_", "(Tensor the_template, *, torch.memory_format? memory_format = None)")


def resize_(self: Tensor, *args: Any, **kwargs: Any) -> Tensor:
    """Gives this tensor other sizes, in place. RuntimeError where it requires grad or carries a tangent."""
    _, given = _SIZE.parse(args, kwargs)
    return _resized(self, tuple(given["size"]), given.get("memory_format"), self)


def resize_as_(self: Tensor, *args: Any, **kwargs: Any) -> Tensor:
    """Gives this tensor the sizes of another."""
    _, given = _TEMPLATE.parse(args, kwargs)
    template = given["the_template"]
    wanted = given.get("memory_format")
    if wanted is preserve_format:
        wanted = suggested(memory(template))
    return _resized(self, tuple(template.shape), wanted, template)


def _resized(x: Tensor, size: Ints, wanted: Any, template: Tensor) -> Tensor:
    hidden = x.is_inference() and not modes.state.inference
    if x.requires_grad and not (hidden and template.is_inference()):  # of inference tensors alone autograd sees none
        raise RuntimeError("cannot resize variables that require grad")
    if any(n < 0 for n in size):
        raise RuntimeError("numel: integer multiplication overflow")
    dual = dispatch.tangents and dispatch.tangents[0].tangent_of(x) is not None
    if not hidden:
        dispatch.before_write(x)
    changed = size != x._a.shape
    if changed:
        resize(x, size)
    if wanted is not None:
        _reformatted(x, size, wanted)
    if changed:
        dispatch.bump_version(x)  # which refuses inference tensors, no sooner
    if dual:
        raise RuntimeError("cannot resize variables that has a forward grad")
    return x


def _reformatted(x: Tensor, size: Ints, wanted: Any) -> None:
    if wanted is preserve_format:
        raise RuntimeError("Unsupported memory formatPreserve")
    if wanted is channels_last and len(size) != 4:
        raise RuntimeError("required rank 4 tensor to use channels_last format")
    if wanted is channels_last_3d and len(size) != 5:
        raise RuntimeError("required rank 5 tensor to use channels_last_3d format")
    strides = contiguous_strides(size) if wanted is contiguous_format else channels_last_strides(size)
    _look(x, size, strides)


def resize(x: Tensor, size: Ints, strides: Ints | None = None) -> None:
    """Has `x` look at so many elements from where it begins; no version counts that, and nothing is asked."""
    array = memory(x)
    root, offset = storage(array), offset_of(array)
    need = (offset + int(np.prod(size, dtype=np.int64))) * array.itemsize
    if 0 not in size and need > root.nbytes:
        if is_held(root):
            raise RuntimeError("Trying to resize storage that is not resizable")
        _grow(x, need)
    _look(x, size, contiguous_strides(size) if strides is None else strides)


def _grow(x: Tensor, need: int) -> None:
    old = UntypedStorage.behind(memory(x))
    grown = UntypedStorage(need)
    grown._bytes()[: old.nbytes()] = old._bytes()
    for one in (x, x._base):
        if one is not None:
            array = memory(one)
            set_memory(one, grown.window(array.dtype, array.shape, strides_of(array), offset_of(array)))


def _look(x: Tensor, size: Ints, strides: Ints) -> None:
    array = memory(x)
    set_memory(x, UntypedStorage.behind(array).window(array.dtype, size, strides, offset_of(array)))


publish("resize_", resize_, function=False)
publish("resize_as_", resize_as_)
