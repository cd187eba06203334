"""Sorting and what rests on it: sort, argsort, msort, topk.

What may live here: these. Selection by rank along a dimension is in `extrema`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad.along import taken_along
from minigrad.dims import normal_dim
from minigrad.memory import allocate, dense_strides, strides_of
from minigrad.ops.chosen import scattered_back
from minigrad.ops.quickselect import SHORT, introsort, nth_element
from minigrad.ops.reduction import contiguous
from minigrad.registry import composite, derivative, op
from minigrad.return_types import named

# mypy: disable-error-code="no-untyped-def, no-untyped-call"


LONG = 128
"""Elements up to which equal ones come in torch's order, where it keeps none: that is found one by one."""


def _argsort(a: Any, dim: int, descending: bool, stable: bool) -> Any:
    """NaN counts as the greatest."""
    last = a.shape[dim] - 1
    if not descending:
        at = np.argsort(a, axis=dim, kind="stable")
    else:
        at = last - np.flip(np.argsort(np.flip(a, dim), axis=dim, kind="stable"), dim)
    if not stable and SHORT <= last < LONG:
        rows, places = np.moveaxis(a, dim, -1), np.moveaxis(at, dim, -1)
        for row in np.ndindex(rows.shape[:-1]):
            had = rows[row][places[row]]
            if ((had[1:] == had[:-1]) | (had[:-1] != had[:-1])).any():
                order = list(range(last + 1))
                introsort(order, 0, last + 1, _before(rows[row].tolist(), descending))
                places[row] = order
    return at


def _before(row: list[Any], greatest: bool) -> Any:
    """Whether one position comes before another by what is there; NaN is the greatest."""
    nan = [x != x for x in row]

    def first(i: int, j: int) -> bool:
        if greatest:
            return bool((nan[i] and not nan[j]) or row[i] > row[j])
        return bool((not nan[i] and nan[j]) or row[i] < row[j])

    return first


def _sorted(a: Any, dim: int, descending: bool, stable: bool) -> tuple[Any, Any]:
    dim = normal_dim(dim, a.ndim)
    if not a.ndim:
        return a.copy(), np.zeros((), np.int64)
    at = _argsort(a, dim, descending, stable)
    wanted = dense_strides(a.shape, strides_of(a))
    values, places = (allocate(a.shape, np.dtype(dt), wanted, zero=False) for dt in (a.dtype, np.int64))
    values[...], places[...] = taken_along(a, at, dim), at
    return values, places


def _declare(overload: str, label: str) -> Any:
    def kernel(self, dim: int = -1, descending: bool = False, stable: bool = False):
        normal_dim(dim, self.ndim)
        if self.dtype.kind == "c":
            raise RuntimeError(" Sort does not support complex dtypes on CPU")
        return _sorted(self, dim, descending, stable)

    declared = op(overload, promote="keep", numbers=False, outs=("values", "indices"))(kernel)
    derivative(
        label,
        of=declared,
        self=lambda grad, self_shape, dim, indices: scattered_back(grad, dim, indices, self_shape, True),
    )
    return declared


sort_op, sort_stable_op = _declare("_sort", "SortBackward0"), _declare("_sort.stable", "SortBackward1")
_sort_result = named("sort", ("values", "indices"))


@composite("sort")
def sort(self, dim: int = -1, descending: bool = False, *, stable: bool | None = None):
    """Sorted along a dimension, with the indices that sort."""
    if stable is None:
        return _sort_result(sort_op(self, dim, descending))
    return _sort_result(sort_stable_op(self, dim, descending, stable))


@composite("argsort")
def argsort(self, dim: int = -1, descending: bool = False, *, stable: bool = False):
    """The indices that sort along a dimension."""
    return (sort_stable_op(self, dim, descending, True) if stable else sort_op(self, dim, descending))[1]


@composite("msort")
def msort(self):
    """Sorted along the first dimension."""
    return sort_op(self, 0, False)[0]


def _top(row: list[Any], k: int, largest: bool, ordered: bool) -> list[int]:
    """Positions of the k greatest (or least), chosen among equal ones as torch's kernel does."""
    first = _before(row, largest)
    places = list(range(len(row)))
    if not k:
        return []
    if k * 64 <= len(row):
        return sorted(places, key=lambda i: (row[i] == row[i], -row[i]) if largest else (row[i] != row[i], row[i]))[:k]
    nth_element(places, k - 1, first)
    if ordered:
        introsort(places, 0, k - 1, first)
    return places[:k]


@op("_topk", promote="keep", numbers=False, outs=("values", "indices"))
def topk_op(self, k: int, dim: int = -1, largest: bool = True, ordered: bool = True):
    dim = normal_dim(dim, self.ndim)
    if not 0 <= k <= (self.shape[dim] if self.ndim else 1):
        raise RuntimeError("selected index k out of range")
    if self.dtype.kind in "cb":
        kind = " topk does not support complex" if self.dtype.kind == "c" else "topk does not support bool"
        raise RuntimeError(f"{kind} dtypes on CPU")
    if not self.ndim:
        return self.copy(), np.zeros((), np.int64)
    rows = np.moveaxis(self, dim, -1)
    at = np.array(
        [_top(row.tolist(), k, largest, ordered) for row in rows.reshape(-1, self.shape[dim])], np.int64
    )
    at = contiguous(np.moveaxis(at.reshape(*rows.shape[:-1], k), -1, dim))
    return contiguous(taken_along(self, at, dim)), at


derivative(
    "TopkBackward0",
    of=topk_op,
    self=lambda grad, self_shape, dim, indices: scattered_back(grad, dim, indices, self_shape, True),
)
_topk_result = named("topk", ("values", "indices"))


@composite("topk")
def topk(self, k: int, dim: int = -1, largest: bool = True, sorted: bool = True):
    """The k greatest (or least) along a dimension, and where they stand."""
    return _topk_result(topk_op(self, k, dim, largest, sorted))
