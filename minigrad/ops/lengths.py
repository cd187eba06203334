"""Lengths of rows: the 2-norm where the numbers it is taken of lie one after the other, in torch's own order.

What may live here: that sum. A unit decides whether the cosine of a vector with itself is one.
"""

from __future__ import annotations

from typing import Any

import numpy as np

LANES = {"f": 8, "d": 4}
"""Numbers in a vector of the kernel, which is not compiled for wider ones."""


def rows_of(a: Any, dims: Any) -> Any:
    """The array with `dims` as one last dimension, if what is reduced lies together in memory; else None."""
    if a.size < 2 or a.dtype.char not in LANES:
        return None
    inner = sorted(dims, key=lambda d: -a.strides[d])
    step = a.itemsize
    for d in reversed(inner):
        if a.shape[d] > 1 and a.strides[d] != step:
            return None
        step *= a.shape[d]
    outer = [d for d in range(a.ndim) if d not in dims]
    return a.transpose([*outer, *inner]).reshape([*(a.shape[d] for d in outer), -1])


def length_of_rows(rows: Any) -> Any:
    """The square root of the sum of squares along the last dimension: vector by vector, then what is left, of which
    the compiler has fused all products but those that it takes four at a time."""
    n, lanes, dt = rows.shape[-1], LANES[rows.dtype.char], rows.dtype
    squares = rows * rows
    whole = n - n % lanes
    alone = n - n % 4 if dt.char == "f" else whole
    total = np.zeros(rows.shape[:-1], dt)
    if whole:
        sums = np.add.reduce(squares[..., :whole].reshape([*rows.shape[:-1], -1, lanes]), axis=-2)
        for lane in range(lanes):
            total = total + sums[..., lane]
    for k in range(whole, alone):
        total = total + squares[..., k]
    if alone < n:
        wider = np.float64 if dt.char == "f" else np.longdouble  # which rounds a double's square, but seldom shows it
        rest = np.square(rows[..., alone:], dtype=wider)
        for k in range(n - alone):
            total = (total + rest[..., k]).astype(dt)
    return np.sqrt(total)
