"""Which ops of the opset lead to a function of minigrad: what programs are to be made of that shall run into it.

What may live here: the graph of who names whom, read off the code objects of minigrad as it was imported.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from types import CodeType, FunctionType, ModuleType
from typing import Any

from oracle.opset import OPS as OPSET

MOST = 12
"""Ops for one function, but that those which are as near as the nearest all count."""


@cache
def nearest(function: FunctionType) -> tuple[str, ...]:
    """The keys of the ops that come to `function` through the fewest others; none where no op is known to.

    Where no op is that function itself, those follow that are one step further away.
    """
    roots, callers = _graph()
    found: dict[str, None] = {}
    level, seen = [function], {function}
    while level:
        here = dict.fromkeys(key for one in level for key in roots.get(one, ()))
        if found and len(found | here) > MOST:
            break
        done = bool(found) or function in roots
        found |= here
        if found and done:
            break
        level = list(dict.fromkeys(one for had in level for one in callers.get(had, ()) if one not in seen))
        seen.update(level)
    return tuple(found)


@cache
def _graph() -> tuple[dict[FunctionType, list[str]], dict[FunctionType, list[FunctionType]]]:
    """Functions to the ops that they are, and to the functions that name them."""
    from minigrad import later

    later.everything()
    roots: dict[FunctionType, list[str]] = defaultdict(list)
    for key, spec in OPSET.items():
        written = ("__getitem__", "__setitem__") if {"index", "setindex"} & set(spec.forms) else ()
        for function in dict.fromkeys(_published(spec.name, *written)):
            roots[function].append(key)
    callers: dict[FunctionType, list[FunctionType]] = defaultdict(list)
    left, seen = list(roots), set(roots)
    for function in left:  # which grows meanwhile
        for named in dict.fromkeys(_named(function)):
            callers[named].append(function)
            if named not in seen:
                seen.add(named)
                left.append(named)
    return roots, callers


def _published(name: str, *others: str) -> Iterator[FunctionType]:
    """The functions behind an op's name, in all its forms, and behind other names of methods."""
    from minigrad.registry import FUNCTIONS
    from minigrad.tensor import Tensor

    for spelled in (name, name + "_"):
        if spelled in FUNCTIONS:
            yield from _functions(FUNCTIONS[spelled])
    for spelled in (name, name + "_", f"__{name}__", *others):
        yield from _functions(vars(Tensor).get(spelled))


def _named(function: FunctionType) -> Iterator[FunctionType]:
    """The functions of minigrad that this one may call."""
    decl = function.__globals__.get("OP")
    if decl is not None:
        for part in (decl.kernel, decl.check, decl.forward, decl.joint, *decl.formulas.values()):
            yield from _functions(part)
        return
    for cell in function.__closure__ or ():
        yield from _functions(cell.cell_contents)
    yield from _functions(getattr(function, "__wrapped__", None))
    yield from _by_code(function.__code__, function.__globals__)


def _by_code(code: CodeType, scope: dict[str, Any]) -> Iterator[FunctionType]:
    from minigrad.registry import FUNCTIONS, METHODS
    from minigrad.tensor import Tensor

    modules = [vars(scope[name]) for name in code.co_names if isinstance(scope.get(name), ModuleType)]
    for name in code.co_names:
        if name in scope:
            yield from _functions(scope[name])
        elif name in METHODS:
            yield from _functions(vars(Tensor)[name])
        for module in modules:
            yield from _functions(module.get(name))
    for const in code.co_consts:
        if isinstance(const, CodeType):
            yield from _by_code(const, scope)
        elif isinstance(const, str) and const in FUNCTIONS:  # looked up there, since it is imported later
            yield from _functions(FUNCTIONS[const])


def _functions(value: Any) -> Iterator[FunctionType]:
    """What of a value can be called and is minigrad's own."""
    from minigrad.refusals import unguarded
    from minigrad.registry import FUNCTIONS
    from minigrad.tensor import Tensor

    value = unguarded(value)
    value = value.fget if isinstance(value, property) else getattr(value, "__func__", value)
    if isinstance(value, FunctionType):
        if "OP" in value.__globals__:  # the op's function stands for its in-place form, too
            yield value.__globals__["OP"].function
        elif str(value.__globals__.get("__name__", "")).startswith("minigrad"):
            yield value
    elif isinstance(value, dict) and value is not FUNCTIONS:
        for one in value.values():
            yield from _functions(one) if callable(one) else ()
    elif isinstance(value, type) and value.__module__.startswith("minigrad") and value is not Tensor:
        yield from (one for one in vars(value).values() if isinstance(one, FunctionType))
