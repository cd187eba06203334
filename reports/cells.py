"""`Cells`: counts by cell of a coverage, in as little memory as a long campaign should need.

What may live here: this mapping. What a cell means is said where `Coverage` is.

Note [Nesting]. A million programs reach some 150,000 pairs of ops and of nodes. A dict by (axis, item, other)
needs a tuple and, from a worker's result, three strings of its own for each, which made the main process of a
campaign grow without end. Here a cell is an entry of the innermost of three dicts, and each name is there once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, MutableMapping
from sys import intern

Cell = tuple[str, str, str]
"""(axis, item, other): ("op", "mul", ""), ("pair", "mul", "sum"), ("dtype", "mul", "float32"),
("edge", "mul", "empty"), ("rank", ...), ("feature", "retain_grad", ""), ("grad_fn", "MulBackward0",
"SumBackward0"), ("refusal", message, "")."""


class Cells(MutableMapping[Cell, int]):
    """How often each cell was reached. A mapping like any other; see Note [Nesting] for why it is no dict."""

    __slots__ = ("_axes", "_size")

    def __init__(self, counts: Mapping[Cell, int] | None = None) -> None:
        self._axes: dict[str, dict[str, dict[str, int]]] = {}
        self._size = 0
        if counts is not None:
            self.add(counts)

    def add(self, counts: Mapping[Cell, int]) -> bool:
        """Add these counts to what is there; True if a cell among them is new."""
        before = self._size
        for (axis, item, other), count in counts.items():
            others = self._others(axis, item)
            if other in others:
                others[other] += count
            else:
                self[axis, item, other] = count
        return self._size > before

    def axis(self, name: str) -> dict[tuple[str, str], int]:
        """The counts of one axis, by (item, other)."""
        items = self._axes.get(name, {}).items()
        return {(item, other): count for item, others in items for other, count in others.items()}

    def rows(self) -> Iterator[list[tuple[str, str, str, int]]]:
        """Cells and their counts in the order of the cells, those of one axis and item at a time."""
        for axis, items in sorted(self._axes.items()):
            for item, others in sorted(items.items()):
                yield [(axis, item, other, count) for other, count in sorted(others.items())]

    def __getitem__(self, cell: Cell) -> int:
        axis, item, other = cell
        return self._axes[axis][item][other]

    def __setitem__(self, cell: Cell, count: int) -> None:
        axis, item, other = cell
        others = self._others(axis, item)
        if other not in others:
            self._size += 1
        others[intern(other)] = count

    def __delitem__(self, cell: Cell) -> None:
        axis, item, other = cell
        del self._axes[axis][item][other]
        self._size -= 1

    def _others(self, axis: str, item: str) -> dict[str, int]:
        return self._axes.setdefault(intern(axis), {}).setdefault(intern(item), {})

    def __iter__(self) -> Iterator[Cell]:
        for axis, items in self._axes.items():
            for item, others in items.items():
                for other in others:
                    yield axis, item, other

    def __len__(self) -> int:
        return self._size
