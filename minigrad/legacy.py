"""The constructor `Tensor(...)` and the method `new(...)`, older than the factories, with rules of their own.

What may live here: these two.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from minigrad import dtypes
from minigrad.arguments import type_name
from minigrad.dtypes import dtype
from minigrad.from_data import to_array
from minigrad.memory import allocate
from minigrad.ops.slicing import alias
from minigrad.signatures import Parser
from minigrad.tensor import Size, Tensor, wrap

_NEW = Parser(
    "new",
    "(*, torch.device device = None)",
    "(torch.Storage storage)",
    "(Tensor other)",
    "(tuple of ints size, *, torch.device device = None)",
    "(object data, *, torch.device device = None)",
)


def _make(d: dtype, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Tensor:
    """Nothing, an alias of a tensor, zeros of given sizes, or a sequence of data, in dtype `d`."""
    overload, given = _NEW.parse(args, kwargs)
    if overload == 2:
        return alias(given["other"])  # type: ignore[no-any-return]
    first = args[0] if args else None
    if overload == 4 or (isinstance(first, list | tuple) and not isinstance(first, Size)):
        return _from_sequence(given.get("data", first), d)
    return wrap(allocate(given.get("size", (0,)), d.numpy))


def _from_sequence(data: Any, d: dtype) -> Tensor:
    if isinstance(data, str):
        raise TypeError("new(): invalid data type 'str'")
    if not hasattr(data, "__len__"):
        raise TypeError(f"new(): data must be a sequence (got {type_name(data)})")
    return wrap(to_array(data, d))


def init(self: Tensor, *args: Any, **kwargs: Any) -> None:
    """`Tensor(...)`: nothing, sizes, or a sequence of data, in the default dtype; an alias of a tensor.

    Raises TypeError for single numbers that are not sizes.
    """
    made = _make(dtypes.get_default_dtype(), args, kwargs)
    for slot in ("_a", "_acc", "_fn", "_grad", "_meta", "_nr", "_rg", "_vc"):
        setattr(self, slot, getattr(made, slot))


def new(self: Tensor, *args: Any, **kwargs: Any) -> Tensor:
    """`t.new(...)`: the same, in this tensor's dtype."""
    return _make(self.dtype, args, kwargs)


METHODS: dict[str, Callable[..., Any]] = {"__init__": init, "new": new}
"""What becomes an attribute of Tensor."""
