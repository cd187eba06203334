"""The kinds of parameters that rules are written with: dims, shapes, splits, indices, dtypes, choices.

What may live here: functions that make a `Param` (its choices computed from operand Metas, simplest first)
and the small enumerations behind them. Nothing about single ops.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import wraps
from itertools import permutations
from typing import Any

from oracle.opset.metas import Meta, Shape
from oracle.opset.spec import OMIT, REQUIRED, Joint, Param
from oracle.program.language import Attr, ListArg, Slice


def by_shape(choices: Callable[[Meta], Sequence[Any]]) -> Callable[..., Sequence[Any]]:
    """Choices that depend on the first operand's shape alone, made once for each shape.

    Not only for speed: calls whose choices are the very same object share their arrangement (`calls`).
    """
    made: dict[Shape, tuple[Any, ...]] = {}

    @wraps(choices)
    def remembered(x: Meta, *_: Any) -> Sequence[Any]:
        found = made.get(x.shape)
        if found is None:
            found = made[x.shape] = tuple(choices(x))
        return found

    return remembered


def axes(x: Meta) -> tuple[int, ...]:
    """Every way to name one dim of x: 0 and up, then negative; (0, -1) for a 0-dim tensor."""
    rank = max(x.rank, 1)
    return (*range(rank), *range(-1, -rank - 1, -1))


def dim(name: str = "dim", default: Any = REQUIRED, *, extra: int = 0, dims: bool = False) -> Param:
    """One dim. `extra` counts dims that the result has more (unsqueeze); `dims` says a 0-dim x has none."""

    @by_shape
    def choices(x: Meta) -> Sequence[Any]:
        rank = x.rank + extra if extra else max(x.rank, 1)
        if dims and not x.rank:
            return ()
        named = (*range(rank), *range(-1, -rank - 1, -1))
        return named if default is REQUIRED else (OMIT, *named)

    def wrong(x: Meta, *_: Meta) -> Sequence[Any]:
        rank = x.rank + extra if extra else max(x.rank, 1)
        return (rank, -rank - 1)

    return Param(name, choices, default, wrong=wrong)


def dims(name: str = "dim", default: Any = None) -> Param:
    """No dim, None, one dim, or a tuple of different dims."""

    @by_shape
    def choices(x: Meta) -> Sequence[Any]:
        single = axes(x)
        pairs = list(permutations(range(x.rank), 2))
        mixed = [(0, -1)] if x.rank >= 2 else []
        everything = [tuple(range(x.rank))] if x.rank > 2 else []
        return (OMIT, *single, None, *((d,) for d in single[:2]), *pairs[:6], *mixed, *everything)

    def wrong(x: Meta, *_: Meta) -> Sequence[Any]:
        return (max(x.rank, 1), -max(x.rank, 1) - 1, (0, 0))

    return Param(name, choices, default, wrong=wrong)


def flag(name: str, default: bool = False, keyword: Any = "may") -> Param:
    """A bool with a default: left out, or the other way."""
    return choice(name, not default, default=default, keyword=keyword)


def choice(name: str, *values: Any, default: Any = REQUIRED, keyword: Any = "may") -> Param:
    """One of fixed values; left out first if there is a default."""
    every = values if default is REQUIRED else (OMIT, *values)
    return Param(name, lambda *_: every, default, keyword)


def dtype(*names: str, keyword: Any = "must") -> Param:
    """A dtype or none given; the rule sees an `Attr` or None."""
    return choice("dtype", *(Attr(name) for name in names), default=None, keyword=keyword)


def number(name: str, *values: complex, default: Any = REQUIRED, keyword: Any = "may") -> Param:
    """A Python number out of a few telling ones."""
    return choice(name, *values, default=default, keyword=keyword)


def joint(name: str, choices: Callable[..., Sequence[tuple[Any, ...]]], wrong: Any = None) -> Param:
    """Several consecutive positional arguments that must fit together, as tuples; the rule sees one tuple."""

    made: dict[int, tuple[Any, Sequence[Any]]] = {}

    def joined(*metas: Meta) -> Sequence[Any]:
        tuples = choices(*metas)
        found = made.get(id(tuples))
        if found is None:
            joints = tuple(map(Joint, tuples))
            if not isinstance(tuples, tuple) or len(made) > 500:
                return joints
            found = made[id(tuples)] = (tuples, joints)  # which keeps the tuples, and so their id
        return found[1]

    def refused(*metas: Meta) -> Sequence[Any]:
        return [Joint(values) for values in wrong(*metas)]

    return Param(name, joined, keyword="never", wrong=refused if wrong else None)


def sized(name: str, choices: Callable[..., Sequence[Shape]], keyword: Any = "may") -> Param:
    """A shape, as a tuple or spread out in a method call."""
    return Param(name, choices, keyword=keyword, star=True)


def factorings(numel: int, limit: int = 3) -> list[Shape]:
    """Shapes of `numel` elements with at most `limit` dims, the flat one first."""
    found: list[Shape] = [(numel,)]
    if numel == 0:
        return [(0,), (0, 2), (2, 0), (1, 0, 3)]
    if numel == 1:
        found += [(), (1, 1), (1, 1, 1)]
    for first in range(1, numel + 1):
        if numel % first == 0:
            found.append((first, numel // first))
            if limit > 2:
                rest = numel // first
                found += [(first, second, rest // second) for second in range(2, rest) if rest % second == 0]
    return list(dict.fromkeys(found))


@by_shape
def views_of(x: Meta) -> list[Shape]:
    """Shapes that view(x) may name, with and without a -1."""
    shapes = factorings(x.numel)[:12]
    if x.shape not in shapes:
        shapes.insert(1, x.shape)
    inferred = [(-1,), *((-1, *shape[1:]) for shape in shapes[1:4] if len(shape) > 1)] if x.numel else []
    return shapes + inferred


@by_shape
def expansions(x: Meta) -> list[Shape]:
    """Shapes that x expands to: itself, dims in front, ones widened, -1 for a dim as it is."""
    found: list[Shape] = [x.shape, (2, *x.shape), (1, *x.shape)]
    for place, size in enumerate(x.shape):
        if size == 1:
            found += [(*x.shape[:place], wider, *x.shape[place + 1 :]) for wider in (3, 2, 0)]
            found.append((2, *x.shape[:place], 3, *x.shape[place + 1 :]))
        else:
            found.append((*x.shape[:place], -1, *x.shape[place + 1 :]))
    return [shape for shape in dict.fromkeys(found) if len(shape) <= 4]


@by_shape
def narrowings(x: Meta) -> list[tuple[int, int, int]]:
    """(dim, start, length) triples, empty and full pieces included."""
    found = []
    for axis in range(x.rank):
        size = x.shape[axis]
        pieces = ((0, min(1, size)), (size // 2, size - size // 2), (0, size), (size, 0), (-1, 1))
        for start, length in pieces:
            if start >= -size and start + length <= size:
                found.append((axis if start % 2 == 0 else axis - x.rank, start, length))
    return found


@by_shape
def selections(x: Meta) -> list[tuple[int, int]]:
    """(dim, index) pairs, negative ones included."""
    found = []
    for axis in range(x.rank):
        size = x.shape[axis]
        found += [(axis, 0), (axis - x.rank, -1), (axis, size - 1)] if size else []
    return list(dict.fromkeys(found))


@by_shape
def splits(x: Meta) -> list[tuple[Any, ...]]:
    """(size or sections, dim): even, uneven, with an empty piece, the whole; dim left out where it is 0."""
    found: list[tuple[Any, ...]] = []
    for axis in range(x.rank):
        size = x.shape[axis]
        where = () if axis == 0 else (axis,) if axis % 2 else (axis - x.rank,)
        found += [(1, *where), (2, *where), (max(size, 1), *where)]
        found += [(ListArg((size - size // 2, size // 2)), *where), (ListArg((0, size)), *where)]
        if size >= 3:
            found.append((ListArg((1, size - 2, 1)), *where))
    return found


@by_shape
def indices(x: Meta) -> list[Any]:
    """Basic indices: ints, slices, None, Ellipsis and mixtures; every one makes a view."""
    everything = Slice()
    found: list[Any] = []
    if x.rank and x.shape[0]:
        found += [0, -1, Slice(0, 1), Slice(1, None), Slice(None, None, 2), Slice(-1, None), (0, None)]
    if x.rank:
        found += [everything, Slice(0, 0), (Ellipsis, Slice(1, None)), (None, Slice(None, 1))]
    if x.rank >= 2 and x.shape[1]:
        found += [(everything, 0), (everything, Slice(1, None)), (Slice(0, 1), Slice(None, None, 2))]
        if x.shape[0]:
            found += [(0, 0), (-1, Slice(0, 1)), (0, Ellipsis), (0, None, -1)]
    return [*found, None, Ellipsis, (), (None, Ellipsis), (Ellipsis, None)]
