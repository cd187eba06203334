"""Sums in the order in which torch adds them up, which shows in what cancels.

What may live here: the sum of a small array over some dimensions; others are left to NumPy.

Note [Order of sums]: torch's iterator puts the dimensions that are summed over innermost and joins those that are one
in memory. A row is added up in four lanes, lane k taking every fourth element. With a vector's width or more in one
piece, the lanes are vectors, whose elements are added to what was left over. Rows that lie across memory are taken
four at a time (or four vectors), each in one go, and only those left over in lanes. After STEP terms a subtotal is put
aside.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

FEW, MANY = 5, 256
"""Up to four terms there is one order; in larger arrays none is followed."""
STEP, LANES = 16, 4
WIDTH = 32
"""Bytes of a vector."""

Dims = tuple[int, ...]
add_up: Any = np.add.reduce
add_along: Any = np.add.accumulate


class Plan(NamedTuple):
    """How an array of one shape and layout is summed: brought into rows, which are added up in one of the three ways.

    several     whether the sums of several rows make one
    chain       the order of the terms, where a way comes down to one order
    width       elements of a vector, of rows that are read in vectors
    in_one_go   which rows are added up term by term, if any
    """

    order: Dims
    rows: Dims
    several: bool
    chain: Any
    width: int
    in_one_go: Any


def total(a: Any, dims: Dims, keepdims: bool, dtype: Any) -> Any:
    """`a.sum` over `dims` in torch's order; `dtype` is that of the sum."""
    plan = None
    if FEW <= a.size <= MANY and a.dtype is dtype and dtype.char in "fdFD":
        plan = _plan(a.shape, a.strides, dims, keepdims, a.itemsize)
    if plan is None:
        return add_up(a, dims, dtype, None, keepdims)
    rows = a.transpose(plan.order).reshape(plan.rows)
    if plan.chain is not None:
        sums = _chain(rows.take(plan.chain, -1))
    elif plan.width:
        sums = _by_vectors(rows, plan.width)
    elif plan.in_one_go is False:
        sums = _in_lanes(rows)
    else:
        sums = np.where(plan.in_one_go, _in_turn(rows), _in_lanes(rows))
    return _chain(sums) if plan.several else sums


def total_of_all(a: Any) -> Any:
    """`total` of all elements, at once where they lie in one piece and are so few that their order is
    one."""
    size, dtype = a.size, a.dtype
    if 0 < size <= MANY and dtype.char in "fd" and a.flags.c_contiguous:
        if size < FEW:
            return add_along(a.reshape(size))[-1] or dtype.type(0)  # which -0 plus 0 is
        chain = _chain_of_all(size, dtype.itemsize)
        if chain is not None:
            return add_along(a.take(chain))[-1] or dtype.type(0)
    return total(a, _FIRST[a.ndim] if a.ndim < 8 else tuple(range(a.ndim)), False, dtype)


_FIRST = tuple(tuple(range(n)) for n in range(8))


@lru_cache(maxsize=512)
def _chain_of_all(size: int, item: int) -> Any:
    """The order of all elements of what lies in one piece, None where it is not one."""
    plan = _plan((size,), (item,), (0,), False, item)
    return None if plan is None else plan.chain


@lru_cache(maxsize=2048)
def _plan(shape: Dims, steps: Dims, dims: Dims, keepdims: bool, item: int) -> Plan | None:
    """None where every order is the same, and of what was expanded."""
    strides = tuple([s // item for s in steps])
    reduced = sorted((d for d in dims if shape[d] > 1), key=lambda d: (strides[d], -d))
    if math.prod([shape[d] for d in reduced]) < FEW or any(strides[d] == 0 for d in reduced):
        return None
    kept = [d for d in range(len(shape)) if d not in dims]
    inner, *others = _joined(reduced, shape, strides)
    beside = others or _joined([d for d in reversed(kept) if shape[d] > 1], shape, strides)
    across = strides[beside[0][0]] if beside else 0
    count = math.prod([shape[d] for d in beside[0]]) if beside else 1
    idle = [d for d in dims if shape[d] == 1]
    order = (*idle, *kept, *(d for group in others[::-1] for d in group[::-1]), *inner[::-1])
    size, repeats = (math.prod([shape[d] for d in ds]) for ds in (inner, [d for group in others for d in group]))
    left = [1 if d in dims else n for d, n in enumerate(shape) if keepdims or d not in dims]
    rows = (*left, *([repeats] if others else []), size)
    in_one_go = _in_one_go(size, strides[inner[0]], count, across, item)
    place = np.arange(math.prod(rows[:-1])).reshape(rows[:-1]) % count
    width = WIDTH // item if in_one_go is None else 0
    chain = None
    if size < 2 * width:
        chain = np.array([*range(width, size), *range(width)])
    elif in_one_go == 0 and size < 2 * LANES:
        chain = np.array([0, *range(LANES, size), *range(1, min(size, LANES))])
    return Plan(order, rows, bool(others), chain, width, place < in_one_go if in_one_go else False)


def _joined(dims: list[int], shape: Dims, strides: Dims) -> list[list[int]]:
    """Dimensions, innermost first, in groups that are one dimension in memory."""
    groups: list[list[int]] = []
    for d in dims:
        last = groups[-1][-1] if groups else None
        if last is not None and strides[d] == strides[last] * shape[last]:
            groups[-1].append(d)
        else:
            groups.append([d])
    return groups


def _in_one_go(size: int, step: int, count: int, across: int, item: int) -> int | None:
    """How many of the `count` rows beside each other are added up term by term; None: all of them by vectors."""
    width = WIDTH // item
    if step == 1 and size >= width:
        return None
    if across == 1 and count >= width:
        return count - count % (LANES * width)
    return 0 if step < across else count - count % LANES


def _chain(terms: Any) -> Any:
    """The sums along the last dimension, one term after the other, from 0 on."""
    return np.add.accumulate(terms, axis=-1)[..., -1] + terms.dtype.type(0)


def _in_turn(rows: Any) -> Any:
    """The same; every STEP terms a subtotal is put aside."""
    size = rows.shape[-1]
    if size <= STEP:
        return _chain(rows)
    whole = size - size % STEP
    subtotals = _chain(rows[..., :whole].reshape(*rows.shape[:-1], -1, STEP))
    rest = _chain(rows[..., whole:]) if whole < size else rows.dtype.type(0)
    return rest + _chain(subtotals)


def _in_lanes(rows: Any) -> Any:
    """The sums of rows in four lanes, the first of which takes what is left over."""
    size = rows.shape[-1]
    whole = size - size % LANES
    if whole <= LANES:
        lanes = rows[..., :whole]
    else:
        lanes = _in_turn(rows[..., :whole].reshape(*rows.shape[:-1], -1, LANES).swapaxes(-1, -2))
    return _chain(np.concatenate([lanes[..., :1], rows[..., whole:], lanes[..., 1:]], -1))


def _by_vectors(rows: Any, width: int) -> Any:
    """The sums of rows that are read in vectors."""
    size = rows.shape[-1]
    whole = size - size % width
    vectors = rows[..., :whole].reshape(*rows.shape[:-1], -1, width)
    lanes = _in_lanes(vectors.swapaxes(-1, -2)) if whole > width else vectors[..., 0, :]
    return _chain(np.concatenate([rows[..., whole:], lanes], -1))
