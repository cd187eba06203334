"""Mean and variance of rows in torch's own order of operations, on which what is left of a constant row depends.

What may live here: arrays in, arrays out. A vector register holds 32 bytes; rows are read register by register,
each lane updating its own mean and sum of squares (Welford), then the lanes are merged, after what is left over.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad.ops.fused import fma

REGISTER = 32  # bytes
_CHUNK = 16  # registers, beyond which torch merges partial results in a tree


def moments_of_rows(rows: Any) -> tuple[Any, Any]:
    """Mean and variance of each row of a matrix of float32 or float64, in its dtype."""
    lanes = REGISTER // rows.itemsize
    count = rows.shape[1]
    whole = count // lanes
    if whole > _CHUNK:
        wide = rows.astype(np.float64)
        return wide.mean(axis=1).astype(rows.dtype), wide.var(axis=1).astype(rows.dtype)
    number = rows.dtype.type
    rest = rows[:, whole * lanes :]
    seen, mean, spread = 0, np.zeros(len(rows), rows.dtype), np.zeros(len(rows), rows.dtype)
    for x in rest.T:
        seen += 1
        delta = x - mean
        mean = mean + delta / number(seen)
        spread = spread + delta * (x - mean)
    if whole:
        blocks = rows[:, : whole * lanes].reshape(len(rows), whole, lanes)
        means, spreads = _of_lanes(blocks)
        for lane in range(lanes):
            seen, mean, spread = _merged(whole, means[:, lane], spreads[:, lane], seen, mean, spread)
    return mean, spread / number(count)


def _of_lanes(blocks: Any) -> tuple[Any, Any]:
    number = blocks.dtype.type
    means, spreads = np.zeros_like(blocks[:, 0]), np.zeros_like(blocks[:, 0])
    for j in range(blocks.shape[1]):
        x = blocks[:, j]
        delta = x - means
        means = fma(delta, np.full_like(delta, number(1) / number(j + 1)), means)
        spreads = fma(delta, x - means, spreads)
    return means, spreads


def _merged(more: int, mean_more: Any, spread_more: Any, seen: int, mean: Any, spread: Any) -> tuple[int, Any, Any]:
    number = mean.dtype.type
    total = seen + more
    share = number(more) / number(total)
    delta = mean_more - mean
    mean = fma(np.full_like(delta, share), delta, mean)
    spread = spread + fma(delta * delta * share, np.full_like(delta, number(seen)), spread_more)
    return total, mean, spread
