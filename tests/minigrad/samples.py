"""A sample of operands as plain data, and the same for either engine: what the op database of torch is compared over.

What may live here: that data, tensors and functions made of it, and finding minigrad's function for one of torch's.
"""

from __future__ import annotations

import types
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

import minigrad

LARGEST = 20_000
"""Elements that the memory of a tensor may have."""


class LackingError(Exception):
    """What minigrad has not, or what its tensors cannot hold."""


@dataclass(eq=False)
class Held:
    """A tensor of a sample: where it looks in the memory that it may share with others."""

    memory: np.ndarray[Any, Any]
    shape: tuple[int, ...]
    strides: tuple[int, ...]
    offset: int
    requires_grad: bool
    flags: tuple[bool, bool]

    def __repr__(self) -> str:
        asked = ", requires_grad" if self.requires_grad else ""
        return f"<{self.memory.dtype} {list(self.shape)} by {list(self.strides)}{asked}>"


def held(value: Any, seen: dict[Any, Any]) -> Any:
    """`value` with its tensors replaced by what they hold. `seen`: what has been met in this sample."""
    if isinstance(value, torch.Tensor):
        if id(value) not in seen:
            seen[id(value)] = (_held(value, seen), value)
        return seen[id(value)][0]
    if isinstance(value, (tuple, list)):
        kind = list if isinstance(value, list) else tuple
        return kind(held(one, seen) for one in value)
    if isinstance(value, dict):
        return {name: held(one, seen) for name, one in value.items()}
    return value


def _held(tensor: Any, seen: dict[Any, Any]) -> Held:
    known = str(tensor.dtype).rpartition(".")[2] in np.sctypeDict
    if tensor.layout is not torch.strided or not known or tensor.device.type != "cpu" or tensor.dim() > 60:
        raise LackingError(f"a tensor of {tensor.dtype}, {tensor.layout}, {tensor.device}, {tensor.dim()} dimensions")
    plain, flags = tensor.detach(), (tensor.is_conj(), tensor.is_neg())
    plain = torch._neg_view(plain) if flags[1] else plain
    plain = plain.conj() if flags[0] else plain
    storage = plain.untyped_storage()
    size = storage.nbytes() // plain.element_size()
    if size > LARGEST:
        raise LackingError(f"room for {size} elements")
    place = (storage.data_ptr() or id(tensor), plain.dtype)
    if place not in seen:
        seen[place] = torch.empty(0, dtype=plain.dtype).set_(storage, 0, (size,), (1,)).numpy().copy()
    return Held(seen[place], tuple(plain.shape), plain.stride(), plain.storage_offset(), tensor.requires_grad, flags)


def made(engine: Any, value: Any, seen: dict[int, Any], asking: bool = True) -> Any:
    """The same with tensors of `engine`, and its constants. `asking`: those that should require grad do."""
    if isinstance(value, Held):
        if id(value) not in seen:
            seen[id(value)] = _tensor(engine, value, seen, asking)
        return seen[id(value)]
    if isinstance(value, (tuple, list)):
        return type(value)(made(engine, one, seen, asking) for one in value)
    if isinstance(value, dict):
        return {name: made(engine, one, seen, asking) for name, one in value.items()}
    return value if engine is torch else ours(value)


def _tensor(engine: Any, value: Held, seen: dict[int, Any], asking: bool) -> Any:
    room = seen.get(id(value.memory))
    if room is None:
        room = engine.empty(value.memory.size, dtype=getattr(engine, value.memory.dtype.name))
        if value.memory.size:
            room.copy_(engine.from_numpy(value.memory.copy()))
        seen[id(value.memory)] = room
    tensor = engine.as_strided(room, value.shape, value.strides, value.offset).data
    tensor = tensor.conj() if value.flags[0] else tensor
    tensor = engine._neg_view(tensor) if value.flags[1] else tensor
    return tensor.detach().requires_grad_() if value.requires_grad and asking else tensor


# -- names ----------------------------------------------------------------------------------------------

_SPACES = ("", "nn.functional", "linalg", "fft", "special", "Tensor")


def found(root: Any, path: str) -> Any:
    for part in filter(None, path.split(".")):
        root = getattr(root, part, None)
    return root


def _paths() -> Iterator[tuple[int, str]]:
    for space in reversed(_SPACES):
        owner = found(torch, space)
        for name in dir(owner):
            value = getattr(owner, name, None)
            if callable(value) and not isinstance(value, type):
                yield id(value), f"{space}.{name}".strip(".")


PATHS = dict(_paths())


def ours(value: Any) -> Any:
    """minigrad's for a constant or a function of torch's, which may be written in Python over others."""
    if isinstance(value, (torch.dtype, torch.layout, torch.memory_format)):
        name = next(name for name in dir(torch) if getattr(torch, name) is value and hasattr(minigrad, name))
        return getattr(minigrad, name)
    if isinstance(value, torch.device):
        return minigrad.device(value.type)
    if isinstance(value, torch.Generator):
        return minigrad.Generator()
    if not callable(value) or isinstance(value, type):
        return value
    if id(value) in PATHS:
        there = found(minigrad, PATHS[id(value)])
        if there is None:
            raise LackingError(PATHS[id(value)])
        return there
    if isinstance(value, types.FunctionType) and "torch.testing" in value.__module__:
        return _over_minigrad(value)
    if value.__module__ in ("_operator", "builtins", "math"):
        return value
    raise LackingError(repr(value))


def _over_minigrad(function: types.FunctionType) -> Any:
    def seeded(op: Any, *args: Any, **kwargs: Any) -> Any:
        minigrad.manual_seed(42)
        return op(*args, **kwargs)

    names = {**function.__globals__, "torch": minigrad, "F": minigrad.nn.functional, "wrapper_set_seed": seeded}
    cells = tuple(types.CellType(ours(cell.cell_contents)) for cell in function.__closure__ or ())
    same = types.FunctionType(function.__code__, names, function.__name__, function.__defaults__, cells)
    same.__kwdefaults__ = function.__kwdefaults__
    return same


def pair(of_torch: Any, path: str = "") -> dict[Any, Any]:
    """A function of torch's and minigrad's of the same name, by engine."""
    try:
        return {torch: of_torch, minigrad: ours(of_torch)}
    except LackingError:
        there = found(minigrad, path)
        if not path or there is None:
            raise
        return {torch: of_torch, minigrad: there}
