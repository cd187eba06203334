"""The named tuples that ops with several results return: `torch.return_types.max` and its kin.

What may live here: these types, made from a name and field names. They print as torch's do.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any


class Result(tuple[Any, ...]):
    """A tuple whose items also have names."""

    __slots__ = ()
    fields: tuple[str, ...] = ()

    def __repr__(self) -> str:
        inner = ",\n".join(f"{name}={value!r}" for name, value in zip(self.fields, self, strict=True))
        return f"torch.return_types.{type(self).__name__}(\n{inner})"

    @property
    def n_fields(self) -> int:
        return len(self.fields)


def _item(i: int) -> Any:
    return property(lambda self: self[i])


def named(name: str, fields: Iterable[str]) -> type[Result]:
    """A Result type with these fields, kept in this module under `name`."""
    fields = tuple(fields)
    body = {"__slots__": (), "__module__": "torch.return_types", "fields": fields}
    made = type(name, (Result,), {**body, **{field: _item(i) for i, field in enumerate(fields)}})
    globals()[name] = made
    return made
