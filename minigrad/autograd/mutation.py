"""Writing to saved tensors without harm: `allow_mutation_on_saved_tensors`.

What may live here: that context. Inside, a saved tensor is cloned just before the first write to it, and it is the
clone that backward gets. Tensors are told apart, as in torch, by object, address and version, so that a write that
begins at another address goes unnoticed.
"""

from __future__ import annotations

import contextlib
from collections import defaultdict
from collections.abc import Generator
from typing import Any
from weakref import WeakKeyDictionary, WeakValueDictionary

from minigrad import modes
from minigrad.autograd.saving import saved_tensors_hooks
from minigrad.tensor import Tensor

OUTSIDE = (
    "Trying to backward outside of the 'allow_mutation_on_saved_tensors' context"
    "in which the graph was originally recorded."
)
Place = tuple[int, int]
Identity = tuple[int, int, int]

_active: list[bool] = [False]


class _Handle:
    """What the nodes hold instead of the tensor."""


class _Context:
    """What was saved inside, and what of it had to be cloned."""

    def __init__(self) -> None:
        self.cloned: WeakKeyDictionary[_Handle, Tensor] = WeakKeyDictionary()
        self.original: WeakKeyDictionary[_Handle, Tensor] = WeakKeyDictionary()
        self.tid_to_weakhandle: WeakValueDictionary[Identity, _Handle] = WeakValueDictionary()
        self.sid_to_tid: dict[Place, set[Identity]] = defaultdict(set)

    def clear(self) -> None:
        for part in (self.cloned, self.original, self.tid_to_weakhandle, self.sid_to_tid):
            part.clear()

    def pack(self, tensor: Any) -> _Handle:
        place = _place(tensor)
        identity = (id(tensor), *place)
        self.sid_to_tid[place].add(identity)
        handle = self.tid_to_weakhandle.get(identity)
        if handle is None:
            self.tid_to_weakhandle[identity] = handle = _Handle()
            self.original[handle] = tensor
        return handle

    def unpack(self, handle: _Handle) -> Tensor:
        if not _active[0] or (handle not in self.cloned and handle not in self.original):
            raise AssertionError(OUTSIDE)
        return self.cloned[handle] if handle in self.cloned else self.original[handle]

    def before_write(self, tensor: Any) -> None:
        """Clones what was saved of `tensor`, as it is now."""
        for identity in self.sid_to_tid.get(_place(tensor), ()):
            handle = self.tid_to_weakhandle.get(identity)
            if handle is not None and handle not in self.cloned:
                with modes.no_grad():
                    self.cloned[handle] = self.original.pop(handle).clone()


def _place(tensor: Any) -> Place:
    return tensor.data_ptr(), tensor._version


@contextlib.contextmanager
def allow_mutation_on_saved_tensors() -> Generator[_Context, None, None]:
    """Inside, tensors saved for backward may be written to; backward must run inside as well.

    Raises RuntimeError within another such block, whose effect ends with that.
    """
    ctx = _Context()
    state = modes.state
    before = state.before_write
    with saved_tensors_hooks(ctx.pack, ctx.unpack):
        state.before_write = ctx.before_write
        try:
            if _active[0]:
                raise RuntimeError("allow_mutation_on_saved_tensors contexts cannot be nested")
            _active[0] = True
            yield ctx
        finally:
            state.before_write = before
            ctx.clear()
            _active[0] = False
