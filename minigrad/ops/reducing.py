"""Writing by index tensor with a reduction: scatter_reduce, index_reduce.

What may live here: those two; their gradients follow torch's scatter_reduce_backward and
index_reduce_backward. Where several values tie for an extremum they share its gradient evenly.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad.dims import normal_dim
from minigrad.node import Node, next_seq
from minigrad.ops.gathering import gather, index_select
from minigrad.ops.index_places import at_least_1d, check_vector, selected_places
from minigrad.ops.masking import masked_fill_number
from minigrad.ops.scattering import (
    index_add,
    index_fill_number,
    refuse_overlap,
    scatter_add,
    scatter_places,
    scatter_value,
)
from minigrad.ops.selection import where
from minigrad.registry import composite, decl_of, derivative, op
from minigrad.tensor import Tensor, wrap

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


def reduced(own: Any, key: Any, values: Any, reduce: str, include_self: bool) -> Any:
    """`values` combined into a copy of `own` at `key`; without `include_self`, only with each other there."""
    out = own.copy()
    target = at_least_1d(out)
    if not include_self:
        target[key] = _neutral(reduce, own.dtype)
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


# -- scatter_reduce -------------------------------------------------------------------------------------


@op("scatter_reduce.two", promote="keep", numbers=False, inplace=True)
def scatter_reduce(self, dim: int, index, src, reduce: str, *, include_self: bool = True):
    if reduce not in UFUNCS:
        raise RuntimeError(f"reduce argument must be either sum, prod, mean, amax or amin, got {reduce}")
    key, values = scatter_places(self, dim, index, src)
    return reduced(self, key, values, reduce, include_self)


class DelayedError(Node):
    """An identity whose backward raises: what torch puts where a second derivative does not exist."""

    __slots__ = ("text",)
    label = "torch::autograd::Error"

    def __init__(self, text: str, of: Tensor) -> None:
        from minigrad.dispatch import edge_of

        self.x = None
        self.seq = next_seq()
        self.text = text
        (fn, nr) = edge_of(of)
        self.fns, self.nrs = (fn,), (nr,)
        self.shape, self.dt = of._a.shape, of._a.dtype

    def raw(self, grad: Any) -> tuple[Any, ...]:
        raise RuntimeError(self.text)

    ten = raw


def delayed_error(x: Tensor, text: str) -> Tensor:
    """`x` whose gradient must not be asked for."""
    if not x.requires_grad:
        return x
    out = wrap(x._a)
    out._fn, out._nr, out._rg = DelayedError(text, x), 0, True
    return out


_TWICE = (
    "{}(): Double backward is unsupported for {} when >1 zeros in {} are scattered to the same position in self"
)


def _is_zero(x: Tensor) -> Tensor:
    return wrap(np.asarray(x._a == 0))


def _equal(x: Tensor, y: Tensor) -> Tensor:
    return wrap(np.asarray(x._a == y._a))


def _prod_grads(grad: Any, own: Any, source: Any, result: Any, read: Any, add: Any, again: Any, text: str) -> Any:
    """Gradients of a product at positions: `read` gathers there, `add` scatters, `again` reduces once more."""
    masked_self = masked_fill_number(own, _is_zero(own), 1)
    grad_self = grad * again(masked_self, source) / masked_self
    zero = _is_zero(source)
    zeros = own.new_zeros(own._a.shape)
    count = read(add(zeros, wrap(zero._a.astype(own._a.dtype))))
    single = wrap(zero._a & (count._a == 1))
    masked = masked_fill_number(source, single, 1)
    alone = read(grad * again(own, masked))
    grad_source = where(single, alone, read(grad * result) / masked_fill_number(source, zero, 1))
    if (count._a > 1).any():
        grad_source = delayed_error(grad_source, text)
    return grad_self, grad_source


def _mean_grads(grad: Any, own: Any, source: Any, read: Any, add: Any, include_self: bool) -> Any:
    start = np.ones if include_self else np.zeros
    count = add(wrap(start(grad._a.shape, grad._a.dtype)), wrap(np.ones_like(source._a)))
    count = masked_fill_number(count, _is_zero(count), 1)
    return grad / count, read(grad) / read(count)


def _extremum_grads(grad: Any, own: Any, source: Any, result: Any, read: Any, add: Any) -> Any:
    dt = own._a.dtype
    own_hits = wrap(_equal(own, result)._a.astype(dt))
    source_hits = wrap(_equal(source, read(result))._a.astype(dt))
    shared = grad / add(own_hits, source_hits)
    return own_hits * shared, source_hits * read(shared)


def _grads(grad: Any, own: Any, source: Any, result: Any, reduce: str, include: bool, ways: Any, text: str) -> Any:
    read, add, again, blank = ways
    if reduce == "sum":
        mine, theirs = grad, read(grad)
    elif reduce == "prod":
        mine, theirs = _prod_grads(grad, own, source, result, read, add, again, text)
    elif reduce == "mean":
        mine, theirs = _mean_grads(grad, own, source, read, add, include)
    else:
        mine, theirs = _extremum_grads(grad, own, source, result, read, add)
    return mine if include else blank(mine), theirs


def _scatter_reduce_backward(grad, self, dim, index, src, reduce, include_self, result):  # type: ignore[no-untyped-def]
    ways = (
        lambda x: gather(x, dim, index),
        lambda x, values: scatter_add(x, dim, index, values),
        lambda x, values: scatter_reduce(x, dim, index, values, reduce, include_self=include_self),
        lambda x: scatter_value(x, dim, index, 0),
    )
    text = _TWICE.format("scatter_reduce", "src", "src")
    return _grads(grad, self, src, result, reduce, include_self, ways, text)


derivative(
    "ScatterReduceBackward0",
    of=scatter_reduce,
    self=lambda grad, self, dim, index, src, reduce, include_self, result: _scatter_reduce_backward(
        grad, self, dim, index, src, reduce, include_self, result
    )[0],
    src=lambda grad, self, dim, index, src, reduce, include_self, result: _scatter_reduce_backward(
        grad, self, dim, index, src, reduce, include_self, result
    )[1],
)


@composite("scatter_reduce_", function=False)
def scatter_reduce_(self, dim: int, index: Any, src: Any, reduce: str, *, include_self: bool = True):
    """Combines `src` into this tensor at positions `index` along `dim`."""
    refuse_overlap(self, index, src)
    return decl_of(scatter_reduce).inplace_function(self, dim, index, src, reduce, include_self=include_self)


# -- index_reduce ---------------------------------------------------------------------------------------


@op("index_reduce", promote="keep", numbers=False, inplace=True)
def index_reduce(self, dim: int, index, source, reduce: str, *, include_self: bool = True):
    if reduce not in UFUNCS or reduce == "sum":
        raise RuntimeError(f"index_reduce(): Expected reduce to be one of prod, mean, amax or amin but got {reduce}.")
    d = normal_dim(dim, self.ndim)
    check_vector("index_reduce_", index, source, d, self)
    places = selected_places(index, at_least_1d(self).shape[d])
    return reduced(self, (*(slice(None),) * d, places), at_least_1d(source), reduce, include_self)


def _index_reduce_backward(grad, self, dim, index, source, reduce, include_self, result):  # type: ignore[no-untyped-def]
    ways = (
        lambda x: index_select(x, dim, index),
        lambda x, values: index_add(x, dim, index, values),
        lambda x, values: index_reduce(x, dim, index, values, reduce, include_self=include_self),
        lambda x: index_fill_number(x, dim, index, 0),
    )
    text = _TWICE.format("index_reduce", "source", "source")
    return _grads(grad, self, source, result, reduce, include_self, ways, text)


derivative(
    "IndexReduceBackward0",
    of=index_reduce,
    self=lambda grad, self, dim, index, source, reduce, include_self, result: _index_reduce_backward(
        grad, self, dim, index, source, reduce, include_self, result
    )[0],
    source=lambda grad, self, dim, index, source, reduce, include_self, result: _index_reduce_backward(
        grad, self, dim, index, source, reduce, include_self, result
    )[1],
)


@composite("index_reduce_", function=False)
def index_reduce_(self, dim: int, index: Any, source: Any, reduce: str, *, include_self: bool = True):
    """Combines `source` into this tensor at the positions `index` along `dim`."""
    refuse_overlap(self, index, source)
    return decl_of(index_reduce).inplace_function(self, dim, index, source, reduce, include_self=include_self)
