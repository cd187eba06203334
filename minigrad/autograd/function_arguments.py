"""Arguments of user-defined functions that are given by name, or not at all.

What may live here: what `Function.apply` makes of them before `forward` runs.
"""

from __future__ import annotations

import inspect
from typing import Any


def with_defaults(
    forward: Any, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """The arguments of a `forward` without `ctx`, which `setup_context` gets, too: by position, with defaults."""
    code = getattr(forward, "__code__", None)
    if code is not None and not kwargs and len(args) == code.co_argcount and not code.co_kwonlyargcount:
        return args, kwargs
    bound = inspect.signature(forward).bind(*args, **kwargs)
    bound.apply_defaults()
    return bound.args, bound.kwargs


def by_position(code: Any, args: tuple[Any, ...], kwargs: dict[str, Any], skipped: int) -> tuple[Any, ...]:
    """What is given by name in the place of its parameter, of which the first `skipped` are not for callers. Raises
    TypeError where that leaves a gap: no default fills it."""
    names = code.co_varnames[skipped : code.co_argcount]
    placed: dict[int, Any] = dict(enumerate(args))
    for name, value in kwargs.items():
        if name not in names:
            raise TypeError(f"forward() got an unexpected keyword argument '{name}'")
        at = names.index(name)
        if at in placed:
            raise TypeError(f"forward() got multiple values for argument '{name}'")
        placed[at] = value
    for at in range(max(placed) + 1):
        if at not in placed:
            raise TypeError(f"forward() missing required argument: '{names[at]}' (position {at})")
    return tuple(placed[at] for at in range(len(placed)))
