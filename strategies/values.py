"""Values: what leaves, cotangents and Python numbers are filled with, by profile; and public strategies.

What may live here: Python numbers and pools of them. One profile rules a program, so that one NaN does not
drown everything: smooth (away from ties and zeros), signed, grid (rich in ties), edges (of the op and of the
format) and extremes (huge, tiny).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import lru_cache
from random import Random
from typing import Any, Final

from hypothesis import strategies as st

from oracle.opset.metas import BOOL, COMPLEX, DTYPES, FLOAT, Meta, Shape
from oracle.opset.spec import MATRICES
from oracle.program.language import NAN, Attr, ListArg
from strategies.checks import names_among
from strategies.matrices import matrices

INF: Final = math.inf
PROFILES: Final = ("smooth", "signed", "grid", "edges", "extremes")

GRID: Final = (1.0, 2.0, 0.0, -1.0, 0.5, -0.5, 3.0, -2.0, -0.0, 1.0, 2.0, 0.0)
EDGES: Final = (0.0, -0.0, 1.0, -1.0, INF, -INF, NAN, 0.5, 2.0, 1.1754943508222875e-38, 1e-45, 5e-324, 3.0)
EXTREMES: Final = (
    1e30, -1e30, 1e-30, -1e-30, 3.4e38, 1e-38, 1e-42, 88.7, -103.0, 1e15, 16777216.0, 0.1, 1e300,
)  # fmt: skip

_LENGTH = 256  # of a pool, which goes round


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
_INSIDE: Final[dict[tuple[str, str], tuple[float, ...]]] = {
    ("smooth", "unit"): _smooth(11, 0.05, 0.95, (0.5, 0.25, 0.75)),
    ("signed", "unit"): _smooth(12, -0.95, 0.95, (0.5, -0.5, 0.25)),
    ("smooth", "above_one"): _smooth(13, 1.05, 3.5, (2.0, 3.0, 1.5)),
    ("signed", "above_one"): _smooth(13, 1.05, 3.5, (2.0, 3.0, 1.5)),
    ("signed", "positive"): _smooth(14, 0.05, 3.5, (1.0, 0.5, 2.0)),
    ("signed", "nonnegative"): _smooth(14, 0.05, 3.5, (1.0, 0.5, 2.0)),
    ("smooth", "probability"): _smooth(11, 0.05, 0.95, (0.5, 0.25, 0.75)),
    ("signed", "probability"): _smooth(15, 0.05, 0.95, (0.5, 0.25, 0.75)),
    ("grid", "probability"): _draws(16, (0.0, 0.5, 1.0, 0.25), (0.0, 1.0)),
    ("edges", "probability"): _draws(17, (0.0, 1.0, -0.0, 0.5, 1e-45, 1.1754943508222875e-38), (0.0, 1.0)),
    ("extremes", "probability"): _draws(18, (1e-30, 1e-38, 0.1, 0.9999999, 1e-12, 1.0), (1e-30, 1.0)),
}
"""Where the profile as such would leave the domain on which an op is smooth (or which it insists on), values
inside of it."""
_INTS = (1, 2, 3, 0, -1, 4, -2, 5)
_SMALL_INTS = _draws(6, _INTS, _INTS)
_NATURALS = _draws(7, (1, 2, 3, 0, 4, 5), (1, 2, 3, 0))
_LARGE_INTS = _draws(8, (*_INTS, 127, -128, 100), _INTS)
_BOOLS = _draws(9, (True, False), (True, False))


@lru_cache(maxsize=256)
def pool(
    profile: str, category: int, unsigned: bool = False, edges: tuple[float, ...] = (), domain: str = "any"
) -> tuple[Any, ...]:
    """512 values of a profile for a dtype category, the simplest first.

    edges   points of an op, mixed in for the profile "edges"
    domain  where an op is smooth, kept to by the profiles "smooth" and "signed"
    """
    if category == BOOL:
        base: tuple[Any, ...] = _BOOLS
    elif category < FLOAT:
        base = _NATURALS if unsigned else _LARGE_INTS if profile == "extremes" else _SMALL_INTS
    else:
        base = _INSIDE.get((profile, domain)) or _FLOATS[profile]
        if profile == "edges" and edges:
            near = [edge for edge in edges if math.isfinite(edge)]
            beside = [edge + step for edge in near for step in (0.5, -0.5, 1.0)]
            base = _draws(10, (*edges, *edges, *beside, 1.0, 2.0, -1.5), edges)
        if category == COMPLEX:
            base = tuple(complex(base[i], base[(i * 7 + 3) % _LENGTH]) for i in range(_LENGTH))
    return base + base


_UNSIGNED = frozenset({"uint8", "bool"})
PLACES: Final = 8  # where reading a pool may begin; few, so that written leaves are found again
_STEP = _LENGTH // PLACES
_MOST_METAS = 120  # whose leaves are remembered as used lately
_MOST_METAS_OF_AN_OP = 6
_DTYPE_KWARGS: Final[dict[str, tuple[Any, ...]]] = {name: (("dtype", Attr(name)),) for name in DTYPES}
_UNSAID: Final = frozenset({"float32", "int64", "bool"})  # what T.tensor makes of plain numbers by itself
GRAD: Final = ("requires_grad", True)

Leaf = tuple[str, tuple[Any, ...], tuple[Any, ...], tuple[Any, ...]]
"""A call that makes a tensor: op, arguments, keywords, and keywords if it is to require grad."""


class Leaves:
    """Calls that make a tensor of a given Meta, by one profile and to the taste of one op; remembered."""

    __slots__ = ("_domain", "_edges", "_most", "_older", "_profile", "_recent")

    def __init__(self, profile: str, edges: tuple[float, ...] = (), domain: str = "any") -> None:
        self._profile, self._edges, self._domain = profile, edges, domain
        self._most = _MOST_METAS if domain == "any" and not edges else _MOST_METAS_OF_AN_OP
        self._recent: dict[Meta, list[Leaf | None]] = {}
        self._older: dict[Meta, list[Leaf | None]] = {}

    def of(self, of: Meta, seed: int) -> Leaf:
        """The call that makes a tensor of this Meta with the values of a seed byte."""
        row = self._recent.get(of) or self._row(of)
        return row[seed % PLACES] or self._written(row, of, seed % PLACES)

    def _row(self, of: Meta) -> list[Leaf | None]:
        if len(self._recent) >= self._most:
            self._recent, self._older = {}, self._recent
        row = self._recent[of] = self._older.get(of) or [None] * PLACES
        return row

    def _written(self, row: list[Leaf | None], of: Meta, place: int) -> Leaf:
        if of.numel == 0 and 0 in of.shape[:-1]:  # dims behind an empty one cannot be said by nested lists
            op, args = "zeros", (of.shape,)
            kwargs = () if of.dtype == "float32" else _DTYPE_KWARGS[of.dtype]
        else:
            if self._domain in MATRICES:
                values, at = matrices(self._domain, of.shape, of.category == COMPLEX, place), 0
                op, args = "tensor", (nested(of.shape, values),)
                kwargs = () if of.dtype == "float32" else _DTYPE_KWARGS[of.dtype]
                row[place] = leaf = (op, args, kwargs, (*kwargs, GRAD))
                return leaf
            values = pool(self._profile, of.category, of.dtype in _UNSIGNED, self._edges, self._domain)
            at = place * _STEP
            op, args = "tensor", (nested(of.shape, values[at : at + max(of.numel, 1)]),)
            kwargs = () if of.dtype in _UNSAID and of.numel else _DTYPE_KWARGS[of.dtype]
            if of.dtype == "float32":
                kwargs = ()
        row[place] = leaf = (op, args, kwargs, (*kwargs, GRAD))
        return leaf


LEAVES_OF: Final = {profile: Leaves(profile) for profile in PROFILES}


Taste = Mapping[str, Leaves]
"""By profile, leaves as an op likes them: inside its domain, or at its edges."""


@lru_cache(maxsize=256)
def taste(domain: str, edges: tuple[float, ...]) -> Taste | None:
    """The taste of ops with this domain and these edge points; None if they have none."""
    if domain in ("any", "nonzero") and not edges:
        return None
    liked = dict(LEAVES_OF)
    if domain in MATRICES:
        return {profile: Leaves(profile, (), domain) for profile in PROFILES}
    for profile in PROFILES:
        if (profile, domain) in _INSIDE:
            liked[profile] = Leaves(profile, (), domain)
    if edges:
        liked["edges"] = Leaves("edges", edges)
    return liked


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
