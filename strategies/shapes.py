"""Shapes: those the composer uses, related by broadcasting, and public Hypothesis strategies for them.

What may live here: plain tuples of sizes. 0-d, empty and size-1 dims are in every table on purpose.
"""

from __future__ import annotations

from typing import Final

from hypothesis import strategies as st

from oracle.opset.metas import Shape, broadcast
from strategies.checks import integer_between
from strategies.layout import spread

BASES: Final[tuple[tuple[Shape, int], ...]] = (
    ((), 22), ((2,), 26), ((3,), 20), ((2, 2), 22), ((2, 3), 36), ((1,), 12), ((3, 1), 14), ((1, 3), 10),
    ((2, 1, 3), 16), ((0,), 8), ((2, 0), 8), ((0, 3), 4), ((2, 3, 2), 16), ((1, 1), 6), ((3, 3), 10),
    ((2, 1, 2, 2), 10),
)  # fmt: skip
"""Base shapes of a program with their weights; the first is the simplest."""


def _related(base: Shape) -> tuple[Shape, ...]:
    """Shapes that broadcast with `base` or are rearranged from it; `base` first, once per way."""
    found: list[Shape] = [base]
    found += [base[i:] for i in range(1, len(base))]
    found += [(*base[:i], 1, *base[i + 1 :]) for i in range(len(base)) if base[i] != 1]
    found += [()]
    if len(base) > 1:
        found += [(1,) * len(base), base[::-1]]
    if len(base) < 4:
        found += [(1, *base), (2, *base)]
    if len(base) <= 1:
        found += [(1,), (2, 1)]
    return tuple(dict.fromkeys(found))


def _row(base: Shape) -> tuple[Shape, ...]:
    """256 entries: more than half are `base` itself."""
    related = _related(base)
    rest = related[1:]
    return (base,) * 140 + tuple(rest[i % len(rest)] for i in range(116))


ROWS: Final = tuple(_row(shape) for shape, _ in BASES)
"""`ROWS[base][leaf byte]` is the shape of a leaf."""
BASE_OF: Final = spread({base: weight for base, (_, weight) in enumerate(BASES)})
"""Header byte to base shape, by its place in BASES."""


def shapes(max_rank: int = 3, max_side: int = 4, min_side: int = 0) -> st.SearchStrategy[Shape]:
    """Tuples of sizes; 0-d, empty and size-1 dims are frequent.

    max_rank  the largest number of dims, 0 to 8
    max_side  the largest size, 1 to 64; min_side  the smallest, 0 or 1
    """
    integer_between("shapes(max_rank=...)", max_rank, 0, 8)
    integer_between("shapes(max_side=...)", max_side, 1, 64)
    integer_between("shapes(min_side=...)", min_side, 0, 1)
    sizes = st.integers(min_side, max_side) | st.sampled_from((1, 2, min_side))
    return st.lists(sizes, max_size=max_rank).map(tuple)


def broadcastable_pairs(max_rank: int = 3, max_side: int = 4) -> st.SearchStrategy[tuple[Shape, Shape]]:
    """Pairs of shapes that broadcast with each other, either way and both ways; arguments as in `shapes`."""

    def pair(drawn: tuple[Shape, list[int], list[int]]) -> tuple[Shape, Shape]:
        full, first, second = drawn
        made = []
        for cuts in (first, second):
            ones = tuple(1 if cuts[1 + d] == 0 else size for d, size in enumerate(full))
            made.append(ones[min(cuts[0], len(full)) :])
        return made[0], made[1]

    cuts = st.lists(st.integers(0, 3), min_size=9, max_size=9)
    found = st.tuples(shapes(max_rank, max_side), cuts.map(_first_small), cuts.map(_first_small)).map(pair)
    return found.filter(lambda pair: broadcast(*pair) is not None)


def _first_small(cuts: list[int]) -> list[int]:
    return [cuts[0] if cuts[0] < 3 else 0, *cuts[1:]]
