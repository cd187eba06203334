"""Forms of a call that torch still takes though it warns of them: numbers between tensors, as in `add(x, 2, y)`.

What may live here: which ops have such forms, and what of today's form they mean. They are looked for where no overload
of today takes the arguments.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from minigrad.signatures import Parser
from minigrad.warn import warn_once

NUMBERS = {
    "add": ("alpha",),
    "sub": ("alpha",),
    "addcmul": ("value",),
    "addcdiv": ("value",),
    **dict.fromkeys(("addmm", "addmv", "addr", "addbmm", "baddbmm"), ("beta", "alpha")),
}
"""What once stood between tensors. `beta` did before the first of them, if that was no receiver."""

Call = tuple[tuple[Any, ...], dict[str, Any]]


def todays_form(name: str, method: bool, today: Sequence[str], args: tuple[Any, ...], kwargs: Any) -> Call | None:
    """What an old form means, with a warning; None where the arguments are in none. `today` are the signatures."""
    base = name.removesuffix("_")
    if base not in NUMBERS or not today:
        return None
    current = [text for text in today if text.startswith("(")]
    for text in _old(base, method, current[0]):
        given = _bound(Parser(name, text, numbers_are_tensors=True), args[method:], kwargs)
        if given is None:
            continue
        lines = [f"This overload of {name} is deprecated:", f"\t{name}{text}"]
        lines += ["Consider using one of the following signatures instead:", *(f"\t{name}{one}" for one in current)]
        warn_once("\n".join(lines), key="old form")
        return args[:method] + tuple([given.pop(one) for one in _tensors(current[0])]), given
    return None


def _bound(parser: Parser, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> dict[str, Any] | None:
    try:
        return dict(parser.parse(args, kwargs)[1])
    except (TypeError, ValueError):
        return None


def _tensors(signature: str) -> list[str]:
    """The names of the tensors that a signature asks for."""
    positional = signature.strip("()").partition(", *")[0]
    return [part.removeprefix("Tensor ") for part in positional.split(", ")]


@cache
def _old(base: str, method: bool, signature: str) -> tuple[str, ...]:
    """The old signatures beside one of today."""
    numbers, tensors = [f"Number {one}" for one in NUMBERS[base]], [f"Tensor {one}" for one in _tensors(signature)]
    first, rest = ([], tensors) if method else (tensors[:1], tensors[1:])
    if len(numbers) == 1:
        forms = [[*first, *numbers, *rest]]
    else:
        beta, alpha = numbers
        forms = [[beta, *first, alpha, *rest], [beta, *first, *rest]]
    out = ", *, Tensor out = None" if ", Tensor out = None" in signature else ""
    return tuple(f"({', '.join(one)}{out})" for one in forms)
