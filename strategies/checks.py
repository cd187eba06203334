"""Checks of what people pass to the strategies: one paragraph that names the argument and what is right.

What may live here: validation of arguments, raising `TypeError` or `ValueError`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from difflib import get_close_matches
from typing import Any


def integer_between(argument: str, value: Any, low: int, high: int) -> int:
    """`value`, if it is an int from `low` to `high`."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f"{argument} must be an integer from {low} to {high}, not {value!r}.")
    if not low <= value <= high:
        raise ValueError(f"{argument} must be from {low} to {high}, not {value}.")
    return value


def names_among(argument: str, given: Iterable[str] | None, known: Collection[str]) -> tuple[str, ...]:
    """The given names in the order of `known`, all of it for None; an unknown one gets a suggestion."""
    if given is None:
        return tuple(known)
    if isinstance(given, str):
        raise TypeError(
            f"{argument} must be a collection of names, such as [{given!r}], not the string {given!r}."
        )
    chosen = list(given)
    for name in chosen:
        if name not in known:
            close = get_close_matches(str(name), list(known), 1)
            hint = f"; did you mean {close[0]!r}?" if close else f"; known are {', '.join(known)}."
            raise ValueError(f"{argument} contains {name!r}, which is not known{hint}")
    if not chosen:
        raise ValueError(f"{argument} is empty, so nothing could be composed; leave it out to use all.")
    return tuple(name for name in known if name in set(chosen))
