"""What is imported when it is first asked for: families of ops by the names that they publish.

What may live here: how such a name is found, on Tensor and in the namespace. Which families those are is said in
`families`; importing all of them would cost most programs more than everything else that they import.

Note [Later]: on Tensor stands a descriptor for each such method, in the namespace a `__getattr__` for the functions.
Both import the family, which publishes what it has in their place, so that nobody can tell but by the time it takes.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from importlib import import_module
from types import ModuleType
from typing import Any

from minigrad.families import FAMILIES
from minigrad.tensor import Tensor

METHODS: dict[str, str] = {}
FUNCTIONS: dict[str, str] = {}
"""Names to the families that publish them."""

for _family, _names in FAMILIES.items():
    for _name in _names.split():
        if _name[0] in ".@":
            METHODS[_name[1:]] = _family
        elif _name[0] == ":":
            FUNCTIONS[_name[1:]] = _family
        else:
            METHODS[_name] = FUNCTIONS[_name] = _family


def family(name: str) -> ModuleType:
    return import_module(f"minigrad.ops.{name}")


def everything() -> None:
    """Imports all families, for those who go through all ops (`registry.OPS` holds what was imported)."""
    for name in FAMILIES:
        family(name)


class Method:
    """Stands on Tensor for a method whose family was not imported yet."""

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name

    def __get__(self, instance: Any, owner: Any) -> Any:
        family(METHODS[self.name])
        if vars(Tensor).get(self.name) is self:
            raise AttributeError(self.name)
        return getattr(owner if instance is None else instance, self.name)


class Attribute(Method):
    """The same for an attribute that can be set."""

    __slots__ = ()

    def __set__(self, instance: Any, value: Any) -> None:
        family(METHODS[self.name])
        setattr(instance, self.name, value)


for _name in METHODS:
    setattr(Tensor, _name, (Attribute if f"@{_name}" in FAMILIES[METHODS[_name]] else Method)(_name))


class Published(dict[str, Callable[..., Any]]):
    """The functions of the namespace by their public names, `"linalg.inv"`: what is put here is seen there."""

    def __missing__(self, path: str) -> Callable[..., Any]:
        if path in FUNCTIONS:
            family(FUNCTIONS[path])
        found = self.get(path)
        if found is None:
            raise KeyError(path)
        return found

    def __setitem__(self, path: str, function: Callable[..., Any]) -> None:
        super().__setitem__(path, function)
        parent, _, name = path.rpartition(".")
        setattr(submodule(parent), name, function)

    def attribute(self, parent: str, name: str) -> Any:
        """What `module.__getattr__` answers for the submodule `parent` ("" is the namespace itself)."""
        path = f"{parent}.{name}" if parent else name
        if path in FUNCTIONS:
            return self[path]
        raise AttributeError(f"module {submodule(parent).__name__!r} has no attribute {name!r}")

    def names(self, parent: str) -> list[str]:
        """What `dir()` shows of that submodule."""
        below = parent + "." if parent else ""
        later = {path[len(below) :].split(".")[0] for path in FUNCTIONS if path.startswith(below)}
        return sorted(later | vars(submodule(parent)).keys())


def submodule(path: str) -> ModuleType:
    """The module in which functions of the dotted path stand, made now if there was none."""
    full = f"minigrad.{path}" if path else "minigrad"
    if full not in sys.modules:
        parent, _, name = path.rpartition(".")
        made = sys.modules[full] = ModuleType(full, f"Functions of torch.{name}.")
        setattr(submodule(parent), name, made)
        vars(made).update(
            __getattr__=lambda name: published.attribute(path, name), __dir__=lambda: published.names(path)
        )
    return sys.modules[full]


published = Published()
for _parent in {path.rpartition(".")[0] for path in FUNCTIONS}:
    submodule(_parent)
