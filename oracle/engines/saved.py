"""Reads what nodes show of what they saved: which names there are, and the values that are no tensors.

What may live here: this reading, through torch's public attribute names. Tensors are not looked at: unpacking them
runs hooks, and is refused once they are freed. What a node shows once was saved for good.
"""

from __future__ import annotations

import marshal
from collections.abc import Callable
from operator import attrgetter
from typing import Any

from oracle.observation import Saved

PREFIX, RAW = "_saved_", "_raw_saved_"
"""What names of saved values begin with; of a tensor there is a raw one, too."""

_NOTHING = Saved()


class _Readers(dict[type, Callable[[Any], Saved]]):
    """By class of nodes, how they are read: the names belong to the class."""

    def __missing__(self, cls: type) -> Callable[[Any], Saved]:
        every = dir(cls)
        raw = {name.removeprefix(RAW) for name in every if name.startswith(RAW)}
        shown = [name.removeprefix(PREFIX) for name in every if name.startswith(PREFIX)]
        tensors, names = tuple(n for n in shown if n in raw), tuple(n for n in shown if n not in raw)
        reader = self[cls] = _reader(Saved(tensors, names), tuple(PREFIX + n for n in names))
        return reader


def _reader(known: Saved, attributes: tuple[str, ...]) -> Callable[[Any], Saved]:
    tensors, names = known.tensors, known.names
    if not names:
        constant = known if tensors else _NOTHING
        return lambda node: constant
    read = attrgetter(*attributes)

    def saved(node: Any) -> Saved:
        values = read(node) if len(attributes) > 1 else (read(node),)
        try:
            return Saved(tensors, names, marshal.dumps(values, 2))
        except ValueError:  # a dtype, a layout
            return Saved(tensors, names, marshal.dumps(tuple(map(_plain, values)), 2))

    return saved


READERS = _Readers()


def _plain(value: Any) -> Any:
    try:
        marshal.dumps(value, 2)
    except ValueError:
        return f"<{str(value).rpartition('.')[2]}>"
    return value
