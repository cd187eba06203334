"""Hooks on everything that is saved inside a block, or their prohibition.

What may live here: these contexts. What becomes of the pairs of hooks is in `saved_variable`.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Generator
from typing import Any

from minigrad import modes
from minigrad.tensor import Tensor

_NO_HOOKS = (
    "_push_saved_tensors_default_hooks(): incompatible function arguments. The following argument types are "
    "supported:\n    1. (arg0: collections.abc.Callable, arg1: collections.abc.Callable) -> None\n\n"
    "Invoked with: {!r}, {!r}"
)


class saved_tensors_hooks:  # noqa: N801 - torch's public name
    """Tensors saved inside pass through `pack_hook`, and come back through `unpack_hook` when needed."""

    def __init__(self, pack_hook: Callable[[Tensor], Any], unpack_hook: Callable[[Any], Tensor]) -> None:
        self.pack_hook, self.unpack_hook = pack_hook, unpack_hook

    def __enter__(self) -> None:
        state = modes.state
        if not (callable(self.pack_hook) and callable(self.unpack_hook)):
            raise TypeError(_NO_HOOKS.format(self.pack_hook, self.unpack_hook))
        if state.saved_hooks_error is not None:
            raise RuntimeError(state.saved_hooks_error)
        state.saved_hooks.append((self.pack_hook, self.unpack_hook))
        state.enter_special()

    def __exit__(self, *exc: object) -> None:
        modes.state.saved_hooks.pop()
        modes.state.leave_special()


class save_on_cpu(saved_tensors_hooks):  # noqa: N801 - torch's public name
    """Saves the tensors as they are: there is one device, and torch copies nothing that is on the CPU already."""

    def __init__(self, pin_memory: bool = False, device_type: str = "cuda") -> None:
        super().__init__(lambda tensor: (tensor.device, tensor), lambda packed: packed[1])


@contextlib.contextmanager
def disable_saved_tensors_hooks(error_message: str) -> Generator[None, None, None]:
    """Inside, entering `saved_tensors_hooks` raises RuntimeError(error_message)."""
    state = modes.state
    previous = state.saved_hooks_error
    if state.saved_hooks:
        raise RuntimeError(error_message)
    state.saved_hooks_error = error_message
    try:
        yield
    finally:
        state.saved_hooks_error = previous
