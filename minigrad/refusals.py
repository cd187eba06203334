"""Whether arguments fit an overload, and torch's answer where they do not.

What may live here: reading `overloads.json` (how torch's functions may be called, written by
`python -m tests.minigrad.overloads`) and guarding the public functions with it.

Note [Guards]. torch binds arguments before it does anything; here an op binds its own, in the fastest way it can. So
the guard binds them a first time, as torch would, and forgets what came of it, but for whether they fit: which the
types of the arguments say, so that a call with arguments of types that fitted before is let through, as is one with
tensors alone. What hangs on more than types (a tensor where a number is asked for) is looked at each time. Where an op
fails, the guard looks again: sizes that do not fit into 64 bits are of the same types as others. Operators are not
guarded.
"""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Callable, Mapping
from functools import cache
from itertools import takewhile
from types import FunctionType
from typing import Any

import numpy as np

from minigrad.arguments import plain_number
from minigrad.later import family
from minigrad.old_forms import Call, todays_form
from minigrad.signatures import Parser
from minigrad.tensor import Tensor

FUNCTION, METHOD, HANDED = "function", "method", "handed"

UNLESS = " unless "
"""Stands between two definitions of functions that torch wrote in Python, the name of an argument after it."""

NUMBERS_ARE_TENSORS = frozenset({
    "add", "sub", "mul", "div", "divide", "multiply", "subtract", "true_divide", "floor_divide", "copy",
})  # fmt: skip
"""Where a Python number may stand for any tensor, in place too."""


def refusal(role: str, name: str, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Exception | None:
    """What torch raises since no overload takes these arguments; None if one does, or if that is not known."""
    parse = _parser(role, name)
    if parse is None:
        return None
    try:
        parse(args, kwargs)
    except (TypeError, ValueError, OverflowError) as error:
        return error.with_traceback(None)
    return None


@cache
def _overloads() -> dict[str, dict[str, list[str] | str]]:
    import json  # when something is refused first

    with open(os.path.join(os.path.dirname(__file__), "overloads.json"), encoding="utf-8") as file:
        found: dict[str, dict[str, list[str] | str]] = json.load(file)
    return found


@cache
def _parser(role: str, name: str) -> Callable[[tuple[Any, ...], Mapping[str, Any]], bool] | None:
    """What raises torch's refusal of arguments, or says whether others of these types fit just as well."""
    entry = _overloads()[role].get(name)
    if entry is None:
        if role == HANDED:
            raise KeyError(f"{name} is not among the functions that tests.minigrad.overloads asks torch about")
        return None
    if entry == "none":
        return lambda args, kwargs: _nothing(name, _received(name, args), kwargs)
    if isinstance(entry, str):
        return _written_in_python(entry)
    own = name.removeprefix("nn.functional.").replace(".", "_")
    if not entry[0].startswith("("):
        own, *entry = entry
    parser = Parser(own, *entry, numbers_are_tensors=own.rstrip("_") in NUMBERS_ARE_TENSORS)
    if role != METHOD:
        return parser.fits
    return lambda args, kwargs: parser.fits(_received(name, args), kwargs)


def _received(name: str, args: tuple[Any, ...]) -> tuple[Any, ...]:
    """The arguments of a method behind its receiver."""
    if not args:
        raise TypeError(f"unbound method TensorBase.{name}() needs an argument")
    if not isinstance(args[0], Tensor):
        raise TypeError(f"descriptor '{name}' for 'torch._C.TensorBase' objects doesn't apply to a "
                        f"'{type(args[0]).__name__}' object")  # fmt: skip
    return args[1:]


def _nothing(name: str, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> bool:
    """The words of a method that takes no arguments."""
    if kwargs:
        raise TypeError(f"TensorBase.{name}() takes no keyword arguments")
    if args:
        raise TypeError(f"TensorBase.{name}() takes no arguments ({len(args)} given)")
    return True


def _written_in_python(definition: str) -> Callable[[tuple[Any, ...], Mapping[str, Any]], bool]:
    """Python binds, and complains, itself: to a function of the same name and parameters.

    Where there are two, an argument says which of them is called.
    """
    one, _, rest = definition.partition(UNLESS)
    if rest:
        flag, _, other = rest.partition(": ")
        bind, bind_other = _written_in_python(one), _written_in_python(other)
        at = [part.partition("=")[0] for part in one.rstrip(")").split(", ")].index(flag)

        def chosen(args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> bool:
            return (bind_other if kwargs.get(flag, args[at] if at < len(args) else False) else bind)(args, kwargs)

        return chosen
    name, _, parameters = definition.removeprefix("def ").partition("(")
    made: dict[str, Any] = {}
    exec(f"def function({parameters}: pass", made)
    made["function"].__qualname__ = name
    return lambda args, kwargs: made["function"](*args, **kwargs) is None


def guarded(fn: Callable[..., Any], role: str, name: str) -> Callable[..., Any]:
    """`fn`, as it is published: see Note [Guards]. Classes are published as they are."""
    if not isinstance(fn, FunctionType):
        return fn
    fitted: set[Any] = set()

    def public(*args: Any, **kwargs: Any) -> Any:
        plain = bool(kwargs)
        for one in args:
            if type(one) is not Tensor:
                plain = True
                break
        if plain:
            types: Any = (*map(type, args), *kwargs, *map(type, kwargs.values())) if kwargs else tuple(map(type, args))
            if list in types or tuple in types:
                types += _of_elements(args, kwargs)
            if types not in fitted:
                old = _check(fitted, types, role, name, args, kwargs)
                if old is not None:
                    return public(*old[0], **old[1])
            if kwargs and not _knows(fn, kwargs):
                if "out" in kwargs and role == FUNCTION:
                    return family("outputs").written(public, name, args, kwargs)
                args, kwargs = _placed(role, name, args, kwargs)
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


def _knows(fn: FunctionType, kwargs: Mapping[str, Any]) -> bool:
    """Whether a function surely has parameters of these names."""
    code = fn.__code__
    return set(code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]).issuperset(kwargs)


def _placed(role: str, name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Call:
    """Arguments that torch knows by names which ours need not have, at their places."""
    entry = _overloads()[role].get(name, ())
    for text in () if isinstance(entry, str) else entry:
        by_place, _, by_name = text.strip("()").partition("*, ")
        placed, named = ([part.partition(" = ")[0].rpartition(" ")[2] for part in one.split(", ") if part]
                         for one in (by_place, by_name))  # fmt: skip
        rest = placed[len(args) - (role == METHOD) :]
        if set(rest).union(named).issuperset(kwargs):
            moved = list(takewhile(kwargs.__contains__, rest))
            return (*args, *map(kwargs.pop, moved)), kwargs
    return args, kwargs


def _of_elements(args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> tuple[Any, ...]:
    """What else a fit hangs on where there are lists: the types of their elements."""
    values = (*args, *kwargs.values()) if kwargs else args
    return tuple([tuple(map(type, v)) for v in values if type(v) is tuple or type(v) is list])


def _check(
    fitted: set[Any], types: Any, role: str, name: str, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> Call | None:
    """Raises torch's refusal of arguments; notes types that say that these, and all others of them, fit. Of arguments
    in an old form, what that means."""
    bind = _parser(role, name)
    try:
        if bind is None or bind(args, kwargs):
            if role != HANDED and any(isinstance(t, type) and issubclass(t, np.generic) for t in types):
                return tuple(map(plain_number, args)), {k: plain_number(v) for k, v in kwargs.items()}
            fitted.add(types)
        return None
    except (TypeError, ValueError) as error:
        reason = error.with_traceback(None)
    entry = _overloads()[role].get(name, ())
    old = None if isinstance(entry, str) else todays_form(name, role == METHOD, entry, args, kwargs)
    if old is None:
        raise reason
    return old


def handed(name: str, *args: Any) -> None:
    """Raises what torch's own function `name` says of arguments that one of its Python functions hands on to it."""
    types = tuple(map(type, args)) + _of_elements(args, {})
    fitted = _handed[name]
    if types not in fitted:
        _check(fitted, types, HANDED, name, args, {})


_handed: dict[str, set[Any]] = defaultdict(set)


def unguarded(fn: Callable[..., Any]) -> Any:
    """The function behind a published one: what other ops are made of."""
    return getattr(fn, "unguarded", fn)
