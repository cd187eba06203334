"""Why arguments fit no overload: torch's answer, given when an op has failed on them.

What may live here: reading `overloads.json` (how torch's functions may be called, written by
`python -m tests.minigrad.overloads`) and guarding the public functions with it.

Note [Guards]. torch binds arguments before it does anything; here an op binds its own, in the fastest way it can. When
it fails, for whatever reason, the guard looks whether torch would have bound the arguments at all, and if not, raises
what torch raises instead. A call that succeeds pays for one more frame; operators are not guarded.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from functools import cache
from types import FunctionType
from typing import Any

from minigrad.signatures import Parser

FUNCTION, METHOD = "function", "method"

NUMBERS_ARE_TENSORS = frozenset({
    "add", "sub", "mul", "div", "divide", "multiply", "subtract", "true_divide", "floor_divide",
})  # fmt: skip
"""Where a Python number may stand for any tensor, in place too."""


def refusal(role: str, name: str, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Exception | None:
    """What torch raises since no overload takes these arguments; None if one does, or if that is not known."""
    parse = _parser(role, name)
    if parse is None:
        return None
    try:
        parse(args, kwargs)
    except (TypeError, ValueError) as error:
        return error.with_traceback(None)
    return None


@cache
def _overloads() -> dict[str, dict[str, list[str] | str]]:
    import json  # when something is refused first

    with open(os.path.join(os.path.dirname(__file__), "overloads.json"), encoding="utf-8") as file:
        found: dict[str, dict[str, list[str] | str]] = json.load(file)
    return found


@cache
def _parser(role: str, name: str) -> Callable[[tuple[Any, ...], Mapping[str, Any]], Any] | None:
    entry = _overloads()[role].get(name)
    if entry is None:
        return None
    if entry == "none":
        return lambda args, kwargs: _nothing(name, args[1:], kwargs)
    if isinstance(entry, str):
        return _written_in_python(entry)
    own = name.removeprefix("nn.functional.").replace(".", "_")
    parser = Parser(own, *entry, numbers_are_tensors=own.rstrip("_") in NUMBERS_ARE_TENSORS)
    if role == FUNCTION:
        return parser.parse
    return lambda args, kwargs: parser.parse(args[1:], kwargs)


def _nothing(name: str, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> None:
    """The words of a method that takes no arguments."""
    if kwargs:
        raise TypeError(f"TensorBase.{name}() takes no keyword arguments")
    if args:
        raise TypeError(f"TensorBase.{name}() takes no arguments ({len(args)} given)")


def _written_in_python(definition: str) -> Callable[[tuple[Any, ...], Mapping[str, Any]], Any]:
    """Python binds, and complains, itself: to a function of the same name and parameters."""
    name, _, parameters = definition.removeprefix("def ").partition("(")
    made: dict[str, Any] = {}
    exec(f"def function({parameters}: pass", made)
    made["function"].__qualname__ = name
    return lambda args, kwargs: made["function"](*args, **kwargs)


def guarded(fn: Callable[..., Any], role: str, name: str) -> Callable[..., Any]:
    """`fn`, as it is published: see Note [Guards]. Classes are published as they are."""
    if not isinstance(fn, FunctionType):
        return fn

    def public(*args: Any, **kwargs: Any) -> Any:
        try:
            return fn(*args, **kwargs)
        except Exception:
            reason = refusal(role, name, args, kwargs)
            if reason is None:
                raise
        raise reason

    public.__name__, public.__qualname__, public.__doc__ = fn.__name__, fn.__qualname__, fn.__doc__
    public.__module__ = fn.__module__
    public.unguarded = fn  # type: ignore[attr-defined]
    return public


def unguarded(fn: Callable[..., Any]) -> Any:
    """The function behind a published one: what other ops are made of."""
    return getattr(fn, "unguarded", fn)
