"""Products of many numbers in the order in which torch multiplies them, which overflow and zeros show.

What may live here: the product of an array over one dimension or all, and running ones.

Note [Order of products]: a row that lies in one piece is read four vectors at a time, whose products are multiplied at
the end, and so are the elements of the one vector that is left; then come the numbers that filled no vectors, one by
one. Rows across memory are taken four vectors of rows at a time, and those left over one by one. All products begin
at 1, which signs of zero and infinities show where numbers are complex. For their rounding see `complex_products`.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from minigrad.ops.fused import by_parts

WIDTH, ROWS = 32, 4
"""Bytes of a vector, and how many are taken at a time."""


def product(a: Any, axis: int | None = None, keepdims: bool = False) -> Any:
    """`a.prod` over a dimension, or over all, in torch's order."""
    if not a.ndim:
        return a * a.dtype.type(1) if a.dtype.kind == "c" else a.copy()
    few = a.size < ROWS * WIDTH // a.itemsize or a.dtype.kind not in "fc"
    if (few and a.dtype.kind != "c") or not a.size:
        return a.prod(axis=axis, keepdims=keepdims, dtype=a.dtype)  # of small integers NumPy's own is an int64
    if axis is None:
        return np.asarray(_row(a.ravel("K")[None]).reshape((1,) * a.ndim if keepdims else ()))
    rows = np.moveaxis(a, axis, -1)
    shape = a.shape[:axis] + (1,) * keepdims + a.shape[axis + 1 :]
    if a.strides[axis] == a.itemsize or a.shape[axis] == 1:
        return _row(rows).reshape(shape)
    return _across(rows, math.prod(a.shape[axis + 1 :])).reshape(shape)


_WIDER = {np.dtype(a): np.dtype(b) for a, b in (("e", "f"), ("f", "d"), ("F", "D"))}


def widened(a: Any) -> Any:
    """A new array in the dtype of torch's running totals, which has more digits than the elements."""
    return a.astype(_WIDER.get(a.dtype, a.dtype))


def running(a: Any, axis: int) -> Any:
    """The running products along a dimension."""
    wide = widened(a)
    if a.dtype.kind == "c":  # from one on, each by itself
        rows, last = np.moveaxis(wide, axis, 0), np.ones((), wide.dtype)
        for k in range(len(rows)):
            rows[k] = last = np.multiply(last, rows[k])
        return wide.astype(a.dtype, order="C", copy=False)
    return np.multiply.accumulate(wide, axis=axis).astype(a.dtype, order="C", copy=False)


def _row(rows: Any) -> Any:
    """Products of rows in one piece, along the last dimension."""
    width = WIDTH // rows.itemsize
    whole = rows.shape[-1] // (ROWS * width)
    total = np.ones(rows.shape[:-1], rows.dtype)
    if whole:
        vectors = rows[..., : whole * ROWS * width].reshape(*rows.shape[:-1], whole, ROWS, width)
        lanes = vectors[..., 0, :, :]
        for i in range(1, whole):
            lanes = _by_vectors(lanes, vectors[..., i, :, :])
        one, two, three, four = (lanes[..., k, :] for k in range(ROWS))
        lane = _by_vectors(_by_vectors(one, two), _by_vectors(three, four))
        last = lane[..., 0]
        for k in range(1, width):
            last = _by_one(last, lane[..., k])
        total = _by_one(total, last)
    return _in_turn(total, rows[..., whole * ROWS * width :], _by_one)


def _across(rows: Any, beside: int) -> Any:
    """Products of rows across memory, of which `beside` lie beside each other."""
    total = np.ones(rows.shape[:-1], rows.dtype)
    one_by_one = _in_turn(total, rows, _by_one)
    block = ROWS * WIDTH // rows.itemsize
    if rows.dtype.kind != "c" or beside < block:
        return one_by_one
    places = np.arange(one_by_one.size).reshape(one_by_one.shape) % beside
    by_vectors = _by_vectors(_in_turn(rows[..., 0], rows[..., 1:], _by_vectors), total)
    return np.where(places < beside - beside % block, by_vectors, one_by_one)


def _in_turn(total: Any, rows: Any, by: Any) -> Any:
    for k in range(rows.shape[-1]):
        total = by(total, rows[..., k])
    return total


def _by_one(x: Any, y: Any) -> Any:
    return np.multiply(np.ascontiguousarray(x).reshape(x.shape), np.ascontiguousarray(y).reshape(y.shape))


def _by_vectors(x: Any, y: Any) -> Any:
    return by_parts(x, y) if x.dtype.kind == "c" else np.multiply(x, y)
