"""Values: what leaves, cotangents and Python numbers are filled with, by profile; and public strategies.

What may live here: Python numbers and pools of them. One profile rules a program, so that one NaN does not
drown everything: smooth (away from ties and zeros), signed, grid (rich in ties), edges (of the op and of the
format) and extremes (huge, tiny).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache
from random import Random
from typing import Any, Final

from hypothesis import strategies as st

from oracle.opset.metas import BOOL, COMPLEX, FLOAT, Meta, Shape
from oracle.program.language import NAN, ListArg
from strategies.checks import names_among

INF: Final = math.inf
PROFILES: Final = ("smooth", "signed", "grid", "edges", "extremes")

GRID: Final = (1.0, 2.0, 0.0, -1.0, 0.5, -0.5, 3.0, -2.0, -0.0, 1.0, 2.0, 0.0)
EDGES: Final = (0.0, -0.0, 1.0, -1.0, INF, -INF, NAN, 0.5, 2.0, 1.1754943508222875e-38, 1e-45, 5e-324, 3.0)
EXTREMES: Final = (1e30, -1e30, 1e-30, -1e-30, 3.4e38, 1e-38, 1e-42, 88.7, -103.0, 1e15, 16777216.0, 0.1, 1e300)

_LENGTH = 256  # of a pool, which goes round
_PLACES, _FEWER = 16, 8  # where reading a pool may begin; few, so that written data are found again
_STEP = 16


def _draws(seed: int, table: Sequence[Any], simple: Sequence[Any]) -> tuple[Any, ...]:
    random = Random(seed)
    return (*simple, *(random.choice(table) for _ in range(_LENGTH - len(simple))))


def _smooth(seed: int, low: float, high: float, simple: Sequence[float]) -> tuple[float, ...]:
    random = Random(seed)
    return (*simple, *(round(random.uniform(low, high), 3) for _ in range(_LENGTH - len(simple))))


_COUNTED = (1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0)
_FLOATS: Final[dict[str, tuple[float, ...]]] = {
    "smooth": _smooth(1, 0.2, 2.5, _COUNTED),
    "signed": _smooth(2, -2.5, 2.5, (1.0, -2.0, 0.5, -0.25)),
    "grid": _draws(3, GRID, GRID),
    "edges": _draws(4, EDGES + GRID, EDGES),
    "extremes": _draws(5, EXTREMES + GRID, EXTREMES),
}
_INTS = (1, 2, 3, 0, -1, 4, -2, 5)
_SMALL_INTS = _draws(6, _INTS, _INTS)
_NATURALS = _draws(7, (1, 2, 3, 0, 4, 5), (1, 2, 3, 0))
_LARGE_INTS = _draws(8, (*_INTS, 127, -128, 100), _INTS)
_BOOLS = _draws(9, (True, False), (True, False))


@lru_cache(maxsize=64)
def pool(profile: str, category: int, unsigned: bool = False, edges: tuple[float, ...] = ()) -> tuple[Any, ...]:
    """512 values of a profile for a dtype category, the simplest first; `edges` are mixed in for "edges"."""
    if category == BOOL:
        base: tuple[Any, ...] = _BOOLS
    elif category < FLOAT:
        base = _NATURALS if unsigned else _LARGE_INTS if profile == "extremes" else _SMALL_INTS
    else:
        base = _FLOATS[profile]
        if profile == "edges" and edges:
            near = [edge for edge in edges if math.isfinite(edge)]
            beside = [edge + step for edge in near for step in (0.5, -0.5, 1.0)]
            base = _draws(10, (*edges, *edges, *beside, 1.0, 2.0, -1.5), edges)
        if category == COMPLEX:
            base = tuple(complex(base[i], base[(i * 7 + 3) % _LENGTH]) for i in range(_LENGTH))
    return base + base


_UNSIGNED = frozenset({"uint8", "bool"})
_written: dict[tuple[Any, ...], Any] = {}


def data(profile: str, of: Meta, seed: int, edges: tuple[float, ...] = ()) -> Any:
    """What `T.tensor` takes for a tensor of this Meta: a number or nested ListArgs, by profile and seed byte.

    Shapes with dims behind an empty one cannot be written so; `writable` tells.
    """
    place = seed % (_PLACES if of.numel <= 3 else _FEWER) * _STEP
    key = (profile, of, place, edges)
    found = _written.get(key)
    if found is None:
        if len(_written) > 4000:
            _written.clear()
        values = pool(profile, of.category, of.dtype in _UNSIGNED, edges)
        found = _written[key] = nested(of.shape, values[place : place + max(of.numel, 1)])
    return found


def nested(shape: Shape, values: Sequence[Any]) -> Any:
    """Flat values in row-major order as nested ListArgs of this shape; a bare value for a 0-dim one."""
    if not shape:
        return values[0]
    if len(shape) == 1:
        return ListArg(tuple(values[: shape[0]]))
    step = math.prod(shape[1:])
    rest = shape[1:]
    rows = [nested(rest, values[row * step : (row + 1) * step]) for row in range(shape[0])]
    return ListArg(tuple(rows))


def writable(shape: Shape) -> bool:
    """Whether nested lists can say this shape: no dim behind an empty one."""
    return 0 not in shape[:-1]


NUMBERS: Final[dict[str, tuple[Any, ...]]] = {
    "smooth": (2, 2.0, 3, 0.5, 1, 1.5, -1, -2.0),
    "signed": (2, -1, 2.0, -0.5, 3, -2, 1.5, 1),
    "grid": (1, 0, 2, -1, 0.5, -0.0, 0.0, 1.0, -0.5, True, 3, 2.0),
    "edges": (0, 1, 0.0, -0.0, INF, -INF, NAN, True, 2, -1.0, False, 1e-45),
    "extremes": (1e30, -1e30, 1e-30, 2, 1e38, 3, 16777217, 0.1),
}
"""Python numbers to stand beside tensors, by profile."""


def values(profiles: Sequence[str] | None = None) -> st.SearchStrategy[float]:
    """Floats as the composer fills tensors with them: simple ones, ties, signed zeros, infinities, NaN, huge.

    profiles  which of "smooth", "signed", "grid", "edges", "extremes" to draw from; all by default
    """
    chosen = names_among("values(profiles=...)", profiles, PROFILES)
    return st.sampled_from(tuple(dict.fromkeys(str(v) for name in chosen for v in _FLOATS[name]))).map(float)
