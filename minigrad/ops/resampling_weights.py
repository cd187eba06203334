"""Where resampled pixels come from: for each place of one dimension, the places it is made of and their weights.

What may live here: these tables for one dimension, and sums over products of such tables. No op is declared here.
Formulas are those of torch's CPU kernels, in the precision they compute in.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import reduce
from itertools import product
from typing import Any, NamedTuple

import numpy as np

from minigrad.ops.fused import fma

Table = tuple[Any, Any]
"""Places (taps, size) and weights (taps, size) of one dimension; weights are None where elements are copied."""


IDLE = -1
"""Stands for the place of a tap that a filter has elsewhere, but not here."""


class Along(NamedTuple):
    """One dimension: its sizes before and after, the factor that was asked for (if one was), corners, precision."""

    old: int
    new: int
    factor: float | None
    corners: bool
    kind: Any

    @property
    def scale(self) -> Any:
        """How far apart in the old dimension neighbours of the new one lie."""
        number = self.kind.type
        if self.corners:
            return number((self.old - 1) / (self.new - 1)) if self.new > 1 else number(0)
        if self.factor is not None and self.factor > 0:
            return number(1.0 / self.factor)
        return number(self.old) / number(self.new)

    @property
    def centers(self) -> Any:
        """Where the new places lie among the old ones."""
        places = np.arange(self.new, dtype=self.kind)
        if self.corners:
            return self.scale * places
        half = np.full(self.new, 0.5, self.kind)
        return fma(np.full(self.new, self.scale, self.kind), places + half, -half)


def _floor(at: Any) -> Any:
    """Whole places; what is rounded to float32 first may be a whole number only then."""
    return np.floor(at.astype(np.float32)).astype(np.int64)


def nearest(along: Along) -> Table:
    """The place at or before."""
    places = np.arange(along.new)
    if along.new != along.old:
        places = _floor(along.scale * places.astype(along.kind))
    return np.minimum(places, along.old - 1)[None], None


def nearest_exact(along: Along) -> Table:
    """The place nearest to the center."""
    at = along.scale * (np.arange(along.new, dtype=along.kind) + along.kind.type(0.5))
    return np.minimum(_floor(at), along.old - 1)[None], None


def linear(along: Along) -> Table:
    """The places on both sides."""
    if along.new == along.old:
        places = np.arange(along.new)
        ones = np.ones(along.new, along.kind)
        return np.stack([places, places]), np.stack([ones, ones - ones])
    at = np.maximum(along.centers, 0)
    first = np.minimum(_floor(at), along.old - 1)
    second = first + (first < along.old - 1)
    past = np.clip(at - first.astype(along.kind), 0, 1).astype(along.kind)
    return np.stack([first, second]), np.stack([1 - past, past])


_BEND = -0.75
"""The parameter of the cubic convolution."""


def _near(x: Any) -> Any:
    return ((_BEND + 2) * x - (_BEND + 3)) * x * x + 1


def _far(x: Any) -> Any:
    return ((_BEND * x - 5 * _BEND) * x + 8 * _BEND) * x - 4 * _BEND


def cubic(along: Along) -> Table:
    """Two places on either side; those outside are those at the border."""
    at = along.centers
    first = np.minimum(_floor(at), along.old - 1)
    past = np.clip(at - first.astype(along.kind), 0, 1)
    weights = np.stack([_far(past + 1), _near(past), _near(1 - past), _far(2 - past)]).astype(along.kind)
    places = np.stack([np.clip(first + step, 0, along.old - 1) for step in (-1, 0, 1, 2)])
    return places, weights


# -- with antialiasing ----------------------------------------------------------------------------------


def _triangle(x: Any) -> Any:
    return np.maximum(1 - np.abs(x), 0)


def _bump(x: Any) -> Any:
    """The cubic convolution with the parameter -0.5."""
    x = np.abs(x)
    outer = np.where(x < 2, -0.5 * (((x - 5) * x + 8) * x - 4), 0)
    return np.where(x < 1, (1.5 * x - 2.5) * x * x + 1, outer)


def _lanczos(x: Any) -> Any:
    return np.where(np.abs(x) < 3, np.sinc(x) * np.sinc(x / 3), 0)


def _filtered(shape: Callable[[Any], Any], width: int) -> Callable[[Along], Table]:
    """Every place under a filter of this width, which is stretched where the image shrinks; weights sum to one."""

    def weigh(along: Along) -> Table:
        number, scale = along.kind.type, along.scale
        stretch = max(scale, number(1))
        support = number(width / 2) * stretch
        centers = scale * (np.arange(along.new, dtype=along.kind) + number(0.5))
        first = np.maximum((centers - support + number(0.5)).astype(np.int64), 0)
        count = np.minimum((centers + support + number(0.5)).astype(np.int64), along.old) - first
        taps = np.arange(max(int(count.max()), 1))[:, None]
        weights = shape((taps + first - centers + number(0.5)) / stretch)
        weights = np.where(taps < count, weights, 0)
        places = np.where(taps < count, first + taps, IDLE)
        return places, (weights / weights.sum(0)).astype(along.kind)

    return weigh


def unchanged(size: int, kind: Any) -> Table:
    """Every place as it is."""
    return np.arange(size)[None], np.ones((1, size), kind)


# -- sums of products -----------------------------------------------------------------------------------


def _fused(x: Any, weight: Any, total: Any) -> Any:
    """`x * weight + total`, rounded once."""
    x, weight, total = map(np.ascontiguousarray, np.broadcast_arrays(x, weight, total))
    return fma(x, weight, total)


def _weighed(parts: Sequence[Any], weights: Sequence[Any]) -> Any:
    """Products added up from the left, each with one rounding, as compilers fuse that: the second comes first."""
    if len(parts) == 1:
        return parts[0] * weights[0]
    total = _fused(parts[0], weights[0], parts[1] * weights[1])
    for part, weight in zip(parts[2:], weights[2:], strict=True):
        total = _fused(part, weight, total)
    return total


def _combinations(tables: Sequence[Table]) -> Any:
    """For each way to choose a tap per dimension: the places per dimension, and the product of the weights."""
    for taps in product(*(range(len(places)) for places, _ in tables)):
        index = tuple(places[tap] for (places, _), tap in zip(tables, taps, strict=True))
        weight: Any = None
        for d, ((_, weights), tap) in enumerate(zip(tables, taps, strict=True)):
            if weights is not None:
                one = weights[tap].reshape(-1, *(1,) * (len(tables) - d - 1))
                weight = one if weight is None else weight * one
        yield index, weight


def gathered(x: Any, tables: Sequence[Table], jointly: bool) -> Any:
    """`x` resampled along its last dimensions: with products of weights (`jointly`), or one dimension in another."""
    if tables[0][1] is None:
        return x[(..., *np.ix_(*(places[0] for places, _ in tables)))]
    if jointly:
        chosen = [(x[(..., *np.ix_(*index))], weight) for index, weight in _combinations(tables)]
        return _weighed([part for part, _ in chosen], [weight for _, weight in chosen])
    return _nested(x, tables, ())


def _nested(x: Any, tables: Sequence[Table], index: tuple[Any, ...]) -> Any:
    if not tables:
        return x[(..., *np.ix_(*index))]
    (places, weights), *inner = tables
    parts = [_nested(x, inner, (*index, chosen)) for chosen in places]
    idle = places == IDLE
    if idle.any():
        lead = (-1, *(1,) * len(inner))
        parts = [np.where(one.reshape(lead), x.dtype.type(-0.0), part) for one, part in zip(idle, parts, strict=True)]
    return _weighed(parts, [one.reshape(-1, *(1,) * len(inner)) for one in weights])


def spread(grad: Any, tables: Sequence[Table], size: tuple[int, ...]) -> Any:
    """The adjoint: what each old place gets of the new ones, one new place after the other.

    In rounds: the first that each old place gets, the second that each gets, ...
    """
    lead, total = grad.shape[: grad.ndim - len(size)], int(np.prod(size))
    chosen = list(_combinations(tables))
    places = [np.ravel_multi_index(np.ix_(*index), size, "clip").ravel() for index, _ in chosen]
    live = np.stack([reduce(np.multiply.outer, [at != IDLE for at in index]).ravel() for index, _ in chosen], 1).ravel()
    to = np.stack(places, 1).ravel()[live]
    given = np.repeat(grad.reshape(-1, len(places[0])), len(chosen), 1)[:, live]
    order = np.argsort(to, kind="stable")
    turn = np.empty_like(order)
    counts = np.bincount(to, minlength=total)
    turn[order] = np.arange(len(to)) - np.repeat(np.cumsum(counts) - counts, counts)
    weights: Any = None
    if chosen[0][1] is not None:
        weights = np.stack([weight.ravel() for _, weight in chosen], 1).ravel()[live]
    out = np.zeros((given.shape[0], total), grad.dtype)
    for one in range(int(counts.max(initial=0))):
        now = turn == one
        had, got = out[:, to[now]], given[:, now]
        out[:, to[now]] = had + got if weights is None else _fused(got, weights[now], had)
    return out.reshape(*lead, *size)


WEIGHTS: dict[str, Callable[[Along], Table]] = {
    "nearest": nearest,
    "nearest_exact": nearest_exact,
    "linear": linear,
    "cubic": cubic,
    "smooth linear": _filtered(_triangle, 2),
    "smooth cubic": _filtered(_bump, 4),
    "smooth lanczos": _filtered(_lanczos, 6),
}
