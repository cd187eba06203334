"""Functions that torch implements natively, published with the signature that their errors speak of.

What may live here: `native` alone. No op is declared here.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from minigrad.registry import composite
from minigrad.signatures import Parser

TOP, FUNCTIONAL = "", "nn.functional."


def native(signature: str, *spaces: str, method: bool = False) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Publishes a function as `name(Tensor input, ...)`, as torch prints it, in these namespaces.

    `method`: it is one of Tensor, too. Arguments arrive by the names of the signature; those left out take the
    function's own defaults.
    """
    name, _, parameters = signature.partition("(")
    usage = Parser(name, "(" + parameters)
    of_method = Parser(name, "(" + parameters.partition(", ")[2])  # after the receiver

    def declare(fn: Callable[..., Any]) -> Callable[..., Any]:
        def public(*args: Any, **kwargs: Any) -> Any:
            return fn(**usage.parse(args, kwargs)[1])

        def bound(self: Any, *args: Any, **kwargs: Any) -> Any:
            return fn(self, **of_method.parse(args, kwargs)[1])

        for one in (public, bound):
            one.__name__ = one.__qualname__ = name
            one.__doc__ = fn.__doc__
        for space in spaces or (TOP, FUNCTIONAL):
            composite(space + name, method=False)(public)
        if method:
            composite(name, function=False)(bound)
        return fn

    return declare
