"""Writing by index tensor with a reduction: scatter_reduce, index_reduce.

What may live here: those two; their gradients follow torch's scatter_reduce_backward and
index_reduce_backward. Where several values tie for an extremum they share its gradient evenly.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from minigrad import modes
from minigrad.dims import normal_dim
from minigrad.node import LAST_SEQ, Node
from minigrad.ops.gathering import gather, index_select
from minigrad.ops.index_places import at_least_1d, check_vector, selected_places
from minigrad.ops.index_writes import index_add, index_fill_number
from minigrad.ops.masking import masked_fill_number
from minigrad.ops.scattering import (
    refuse_overlap,
    scatter_add,
    scatter_places,
    scatter_value,
)
from minigrad.ops.selection import where
from minigrad.recording import tangents
from minigrad.registry import composite, derivative, inplace_of, op
from minigrad.tensor import Tensor, wrap
from minigrad.warn import warn_once

# mypy: disable-error-code="no-untyped-def"

UFUNCS: dict[str, Any] = {
    "sum": np.add, "prod": np.multiply, "mean": np.add, "amax": np.maximum, "amin": np.minimum,
}  # fmt: skip


def _neutral(reduce: str, dt: Any) -> Any:
    if reduce in ("sum", "mean"):
        return 0
    if reduce == "prod":
        return 1
    limits: Any = np.finfo(dt) if dt.kind == "f" else np.iinfo(dt) if dt.kind != "b" else None
    if dt.kind == "f":
        return -np.inf if reduce == "amax" else np.inf
    if limits is None:
        return reduce == "amin"
    return limits.min if reduce == "amax" else limits.max


def reduced(own: Any, key: Any, dim: int, values: Any, reduce: str, include_self: bool) -> Any:
    """`values` combined into a copy of `own` at `key`; without `include_self`, only with each other there."""
    out = own.copy()
    target = at_least_1d(out)
    if not include_self:
        target[key] = _neutral(reduce, own.dtype)
    if reduce in ("amax", "amin"):
        _extremes(target, key, dim, values, np.greater if reduce == "amax" else np.less)
    else:
        UFUNCS[reduce].at(target, key, values)
    if reduce == "mean":
        count = np.zeros(target.shape, np.int64)
        np.add.at(count, key, 1)
        count += 1 if include_self else 0
        count[count == 0] = 1
        if own.dtype.kind in "iu":
            target[...] = np.floor_divide(target, count)
        else:
            target[...] = target / count.astype(own.dtype)
    return out


def _extremes(target: Any, key: Any, dim: int, values: Any, beats: Any) -> None:
    """The first of equal values stays (which shows in the sign of a zero); NaN beats all."""
    places = key[dim]
    for k in range(places.shape[dim] if places.ndim > 1 else places.size):
        part = (*(slice(None),) * dim, slice(k, k + 1))
        if places.ndim > 1 or len(key) == target.ndim == 1:
            where_ = tuple(one[part] if one.shape[dim] != 1 else one for one in key)
        else:
            where_ = (*key[:dim], places[k : k + 1])
        had, new = target[where_], values[part]
        better = beats(new, had)
        if new.dtype.kind == "f":
            better = (better | np.isnan(new)) & ~np.isnan(had)
        target[where_] = np.where(better, new, had)


# -- scatter_reduce -------------------------------------------------------------------------------------


@op("scatter_reduce.two", promote="keep", numbers=False, inplace=True)
def scatter_reduce(self, dim: int, index, src, reduce: str, *, include_self: bool = True):
    if reduce not in UFUNCS:
        raise RuntimeError(f"reduce argument must be either sum, prod, mean, amax or amin, got {reduce}")
    key, values = scatter_places(self, dim, index, src)
    return reduced(self, key, normal_dim(dim, self.ndim), values, reduce, include_self)


class DelayedError(Node):
    """An identity whose backward raises: what torch puts where a second derivative does not exist."""

    __slots__ = ("text",)
    label = "torch::autograd::Error"

    def __init__(self, text: str, of: Tensor) -> None:
        from minigrad.dispatch import edge_of

        self.x = None
        self.text = text
        (fn, nr) = edge_of(of)
        self.fns, self.nrs = (fn,), (nr,)
        self.seq = LAST_SEQ
        modes.remember(self)
        self.shape, self.dt = of._a.shape, of._a.dtype

    def raw(self, grad: Any) -> tuple[Any, ...]:
        raise RuntimeError(self.text)

    ten = raw


def delayed_error(x: Tensor, text: str) -> Any:
    """`x` whose gradient must not be asked for."""
    if not x.requires_grad:
        return x
    out: Any = wrap(x._a)
    out._fn, out._nr, out._rg = DelayedError(text, x), 0, True
    return out


_TWICE = (
    "{}(): Double backward is unsupported for {} when >1 zeros in {} are scattered to the same "
    "position in self"
)


class Ways(NamedTuple):
    """How a gradient goes through positions: read there, add there, reduce there once more."""

    read: Any
    add: Any
    again: Any
    include_self: bool
    names: tuple[str, str, str]


def _is_zero(x: Tensor) -> Tensor:
    return wrap(np.asarray(x._a == 0))


def _self_grad(grad: Any, own: Any, source: Any, reduce: str, ways: Ways, shares: Any) -> Any:
    """The gradient of what was there before, wherever it took part."""
    if reduce == "sum":
        return grad
    if reduce == "prod":
        masked = masked_fill_number(own, _is_zero(own), 1)
        return grad * ways.again(masked, source) / masked
    if reduce == "mean":
        return grad / _counts(grad, source, ways)
    hits, _, shared = shares
    return hits * shared


def _source_grad(grad: Any, own: Any, source: Any, result: Any, reduce: str, ways: Ways, shares: Any) -> Any:
    """The gradient of what was combined in."""
    read = ways.read
    if reduce == "sum":
        return read(grad)
    if reduce == "mean":
        return read(grad) / read(_counts(grad, source, ways))
    if reduce != "prod":
        _, hits, shared = shares
        return hits * read(shared)
    zero = _is_zero(source)
    count = read(ways.add(own.new_zeros(own._a.shape), wrap(zero._a.astype(own._a.dtype))))
    single = wrap(np.asarray(zero._a & (count._a == 1)))
    filled = ways.again(own, masked_fill_number(source, single, 1))
    divisor = masked_fill_number(source, zero, 1)  # from here on as torch's compiler takes it, the last operand first
    whole = read(grad * result) / divisor
    made = where(single, read(grad * filled), whole)
    return delayed_error(made, _TWICE.format(*ways.names)) if (count._a > 1).any() else made


def _counts(grad: Any, source: Any, ways: Ways) -> Any:
    start = np.ones if ways.include_self else np.zeros
    count = ways.add(wrap(start(grad._a.shape, grad._a.dtype)), wrap(np.ones_like(source._a)))
    return masked_fill_number(count, _is_zero(count), 1)


def _shares(grad: Any, own: Any, source: Any, result: Any, ways: Ways) -> tuple[Any, Any, Any]:
    """Who attains the extremum, before and among the source, and the gradient divided among them."""
    dt = own._a.dtype
    own_hits = wrap(np.asarray(own._a == result._a).astype(dt))
    source_hits = wrap(np.asarray(source._a == ways.read(result)._a).astype(dt))
    return own_hits, source_hits, grad / ways.add(own_hits, source_hits)


def _gradients(grad: Any, own: Any, source: Any, result: Any, reduce: str, ways: Ways, wanted: Any) -> tuple[Any, Any]:
    """Both gradients at once: where they come of an extremum they share what is divided among those that attain it."""
    if result is None and reduce != "mean":  # it was never saved
        place = "#1 'other'" if reduce == "prod" else "#0 'self'"
        raise RuntimeError(
            f"Expected a proper Tensor but got None (or an undefined Tensor in C++) for argument {place}"
        )
    shares = _shares(grad, own, source, result, ways) if reduce in ("amax", "amin") else None
    of_self = _self_grad(grad, own, source, reduce, ways, shares) if wanted[0] else None
    return of_self, _source_grad(grad, own, source, result, reduce, ways, shares) if wanted[1] else None


def _scatter_ways(dim: int, index: Any, reduce: str, include_self: bool) -> Ways:
    return Ways(
        lambda x: gather(x, dim, index),
        lambda x, values: scatter_add(x, dim, index, values),
        lambda x, values: scatter_reduce(x, dim, index, values, reduce, include_self=include_self),
        include_self,
        ("scatter_reduce", "src", "src"),
    )


def _scatter_back(grad, self, dim, index, src, reduce, include_self, result, wanted):
    ways = _scatter_ways(dim, index, reduce, include_self)
    of_self, of_src = _gradients(grad, self, src, result, reduce, ways, wanted)
    return of_self if include_self or of_self is None else scatter_value(of_self, dim, index, 0), of_src


def _scatter_along(self_t, src_t, self, dim, index, src, reduce, include_self, result):
    """The tangent (torch's scatter_reduce_jvp); of products torch has none."""
    if reduce in ("sum", "mean"):
        return scatter_reduce(self_t, dim, index, src_t, reduce, include_self=include_self)
    if reduce == "prod":
        return None
    own, others = self == result, src == gather(result, dim, index)
    if not include_self:
        own = scatter_value(own, dim, index, False)
    kind = self_t.dtype
    count = scatter_add(own.to(kind), dim, index, others.to(kind))
    return scatter_add(where(own, self_t, 0.0), dim, index, where(others, src_t, 0.0)) / count


derivative(
    "ScatterReduceBackward0",
    of=scatter_reduce,
    forward=_scatter_along,
    joint=(("self", "src"), _scatter_back),
)


@composite("scatter_reduce_", function=False)
def scatter_reduce_(self, dim: int, index: Any, src: Any, reduce: str, *, include_self: bool = True):
    """Combines `src` into this tensor at positions `index` along `dim`."""
    refuse_overlap(self, index, src)
    out = inplace_of(scatter_reduce)(self, dim, index, src, reduce, include_self=include_self)
    if reduce == "prod" and tangents and tangents[0].tangent_of(self) is not None:
        raise RuntimeError(
            "Expected a proper Tensor but got None (or an undefined Tensor in C++) for argument #1 'src'"
        )
    return out


# -- index_reduce ---------------------------------------------------------------------------------------


@op("_index_reduce", promote="keep", numbers=False, inplace=True)
def index_reduce_op(self, dim: int, index, source, reduce: str, *, include_self: bool = True):
    if reduce not in UFUNCS or reduce == "sum":
        raise RuntimeError(
            f"index_reduce(): Expected reduce to be one of prod, mean, amax or amin but got {reduce}."
        )
    d = normal_dim(dim, self.ndim)
    check_vector("index_reduce_", index, source, d, self)
    warn_once("index_reduce() is in beta and the API may change at any time.")
    places = selected_places(index, at_least_1d(self).shape[d])
    return reduced(self, (*(slice(None),) * d, places), d, at_least_1d(source), reduce, include_self)


def _index_ways(dim: int, index: Any, reduce: str, include_self: bool) -> Ways:
    return Ways(
        lambda x: index_select(x, dim, index),
        lambda x, values: index_add(x, dim, index, values),
        lambda x, values: index_reduce_op(x, dim, index, values, reduce, include_self=include_self),
        include_self,
        ("index_reduce", "source", "source"),
    )


def _index_back(grad, self, dim, index, source, reduce, include_self, result, wanted):
    if reduce == "prod":  # torch works out both (and warns for each) whatever is wanted, before it needs the result
        for _ in range(2 if result is None else 1 - all(wanted)):
            warn_once("index_reduce() is in beta and the API may change at any time.")
    ways = _index_ways(dim, index, reduce, include_self)
    of_self, of_source = _gradients(grad, self, source, result, reduce, ways, wanted)
    return of_self if include_self or of_self is None else index_fill_number(of_self, dim, index, 0), of_source


derivative(
    "IndexReduceBackward0",
    of=index_reduce_op,
    forward=None,
    joint=(("self", "source"), _index_back),
)


@composite("index_reduce")
def index_reduce(self, dim: int, index: Any, source: Any, reduce: str, *, include_self: bool = True):
    """A copy with `source` combined into it at the positions `index` along `dim`."""
    return index_reduce_op(self, dim, index, source, reduce, include_self=include_self)


@composite("index_reduce_", function=False)
def index_reduce_(self, dim: int, index: Any, source: Any, reduce: str, *, include_self: bool = True):
    """Combines `source` into this tensor at the positions `index` along `dim`."""
    refuse_overlap(self, index, source)
    return inplace_of(index_reduce_op)(self, dim, index, source, reduce, include_self=include_self)
