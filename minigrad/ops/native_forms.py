"""Functions that torch implements natively, published with the signatures that their errors speak of.

What may live here: `native` and `overloaded` alone. No op is declared here.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from minigrad.registry import publish
from minigrad.signatures import Parser

TOP, FUNCTIONAL = "", "nn.functional."
Function = Callable[..., Any]


def native(signature: str, *spaces: str, method: bool = False) -> Callable[[Function], Function]:
    """Publishes a function as `name(Tensor input, ...)`, as torch prints it, in these namespaces.

    `method`: it is one of Tensor, too. Arguments arrive by the names of the signature, the first one by its place;
    those left out take the function's own defaults.
    """
    name, _, parameters = signature.partition("(")

    def declare(fn: Function) -> Function:
        texts = ["(" + parameters]
        for space in spaces or (TOP, FUNCTIONAL):
            publish(space + name, parsed(name, fn, texts), method=False)
        if method:
            publish(name, parsed(name, fn, [_without_first(texts[0])], bound=True), function=False)
        return fn

    return declare


def overloaded(name: str, fn: Function, *texts: str, function: bool = True, method: bool = False) -> None:
    """Publishes a function of several signatures, `(Tensor input, ...)`, at the top, as a method of Tensor, or both."""
    if function:
        publish(name, parsed(name, fn, texts), method=False)
    if method:
        publish(name, parsed(name, fn, [_without_first(text) for text in texts], bound=True), function=False)


def _without_first(text: str) -> str:
    """What is left of a signature after the receiver."""
    return "(" + text.partition(", ")[2].removesuffix(", *, Tensor out = None)").removesuffix(")") + ")"


def parsed(name: str, fn: Function, texts: Any, bound: bool = False) -> Function:
    """The function with its arguments read as torch reads them; `bound`: but for the first, the receiver."""
    usage = Parser(name, *texts)
    first = [signature.names[0] for signature in usage.signatures] if not bound else []

    def public(*args: Any, **kwargs: Any) -> Any:
        number, given = usage.parse(args, kwargs)
        return fn(given.pop(first[number]), **given)

    def of_receiver(self: Any, *args: Any, **kwargs: Any) -> Any:
        return fn(self, **usage.parse(args, kwargs)[1])

    made = of_receiver if bound else public
    made.__name__ = made.__qualname__ = name
    made.__doc__ = fn.__doc__
    return made
