"""How a buffer is cut: a header, leaf fields, op slots, query slots; and which earlier slot a byte names.

What may live here: places and widths of fields and the tables that depend on them alone. Changing a number
here changes the meaning of every stored buffer. """

from __future__ import annotations

from collections.abc import Mapping
from struct import Struct
from typing import Final

HEADER: Final = 4
LEAVES: Final = 4
LEAF_WIDTH: Final = 4
SLOT_WIDTH: Final = 8
MOST_OPS: Final = 16
QUERIES: Final = 3

# bytes of the header
LENGTH, PROFILE, BASE_SHAPE, DTYPES = range(4)
# bytes of a leaf: its shape, its dtype, how it comes to require grad, its values
# fields of a slot: row, unit, extra, first operand, second operand, code of arguments (two bytes), one more

SLOTS_AT: Final = HEADER + LEAVES * LEAF_WIDTH
QUERIES_AT: Final = SLOTS_AT + MOST_OPS * SLOT_WIDTH
QUERY_PLACES: Final = tuple(QUERIES_AT + query * SLOT_WIDTH for query in range(QUERIES))
SIZE: Final = QUERIES_AT + QUERIES * SLOT_WIDTH
"""The length of every buffer, in bytes."""

_SLOT: Final = Struct("<5BHB")
slot_at: Final = _SLOT.unpack_from
"""`slot_at(buffer, place)` is the slot there, as a tuple of its fields."""
each_slot: Final = _SLOT.iter_unpack
"""The slots of a piece of buffer, one after the other."""


def spread(weights: Mapping[int, float], size: int = 256) -> tuple[int, ...]:
    """A table of `size` entries in which each key fills a share by its weight, at least one; in order."""
    total = sum(weights.values())
    table: list[int] = []
    used = 0.0
    left = len(weights)
    for key, weight in weights.items():
        used += weight
        left -= 1
        upto = min(max(round(used * size / total), len(table) + 1), size - left)
        table += [key] * (upto - len(table))
    return tuple(table)


_LENGTHS = {1: 40, 2: 56, 3: 48, 4: 36, 5: 22, 6: 16, 7: 11, 8: 8, 9: 5, 10: 4, 12: 4, 14: 2, 16: 3}
LENGTHS: Final = (0, *spread(_LENGTHS, 255))
"""Header byte to number of op slots in use: mostly one to four, with a long tail."""


def _named(earlier: int) -> tuple[int, ...]:
    """For a slot with `earlier` slots before it (leaves among them): operand byte to earlier slot.

    Low bytes name slots as they are counted, leaf 0 first, so that shrinking leads there; the others lean to
    the slots just before and to the first leaves.
    """
    ops = earlier - LEAVES
    low = list(range(earlier))
    weights = {0: 26, 1: 17, 2: 7, 3: 4}
    for distance, weight in ((1, 60), (2, 22), (3, 13), (4, 8), (5, 5), (7, 4), (10, 3)):
        if distance <= ops:
            weights[earlier - distance] = weights.get(earlier - distance, 0) + weight
    return tuple(low) + spread(weights, 256 - len(low))


NAMED: Final = tuple(_named(LEAVES + slot) for slot in range(MOST_OPS + QUERIES + 1))
"""`NAMED[slot][byte]` is the earlier slot that an operand byte names."""
