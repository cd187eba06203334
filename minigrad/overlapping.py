"""Writes where several elements are one place in memory: into what is expanded by the ops that torch lets do so, and
into what meets itself otherwise, which it does not notice.

What may live here: the warning that some of the former give, and what is left at such a place. Which ops they are is
declared with each (`Op.overlaps`); all others refuse. And writes that read what they have written (`one_by_one`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from minigrad.along import taken_along
from minigrad.dtypes import Array
from minigrad.memory import iterator_strides
from minigrad.warn import warn
from minigrad.windows import overlaps_itself

_DEPRECATED = {
    "index_put": "tensor[indices] = tensor",
    "index_fill": "tensor[mask] = scalar",
    "masked_fill": "tensor[mask] = scalar",
}


def let_through(name: str, target: Array) -> bool:
    """Whether `target` is expanded, so that torch warns where it does."""
    over = overlaps_itself(target)
    if over:
        warn_of(name)
    return over


def warn_of(name: str) -> None:
    """What torch says of some ops that write into an expanded tensor."""
    plain = name.removeprefix("_")
    if plain in _DEPRECATED:
        warn(
            f"Use of {plain}_ on expanded tensors is deprecated. Please clone() the tensor before performing this "
            f"operation. This also applies to advanced indexing e.g. {_DEPRECATED[plain]}"
        )


def left_behind(how: str, kernel: Callable[[Array], Any], target: Array, result: Array) -> Array:
    """`result` with what is left at each place of `target` in all of its elements: what was written last.

    how     "all" where every element is written, "some" where others keep what they had, "added" where
            it is added to, element by element
    kernel  what the op makes of another target
    """
    dims = tuple(d for d, (n, s) in enumerate(zip(target.shape, target.strides, strict=True)) if s == 0 and n > 1)
    if how == "added":
        made: Array = np.asarray(kernel(np.zeros(target.shape, target.dtype)))
        out: Array = np.add(target, made.sum(dims, target.dtype, keepdims=True))
        return out
    written: Any = np.ones(target.shape, bool)
    if how == "some":
        written = _written(kernel, target)
    rest = [d for d in range(target.ndim) if d not in dims]
    order = (*rest, *dims)
    rows = tuple(target.shape[d] for d in rest)
    arrays: Any = (written, result, target)
    flags, values, had = (a.transpose(order).reshape(*rows, -1) for a in arrays)
    last = flags.shape[-1] - 1 - np.argmax(flags[..., ::-1], -1)[..., None]
    left = np.where(flags.any(-1)[..., None], taken_along(values, last, -1), had[..., :1])
    whole = np.broadcast_to(left, flags.shape).reshape(tuple(target.shape[d] for d in order))
    return whole.transpose(np.argsort(order))


def in_part(kernel: Callable[[Array], Any], target: Array, result: Array) -> Array:
    """What is left in `target`, which meets itself (`windows.meets_itself`), by a write that leaves some elements
    alone: nothing is written at those.

    kernel  what the op makes of another target
    """
    made = _written(kernel, target)
    whole = whole_of(target)
    whole[made] = result[made]
    return whole.copy()


def _written(kernel: Callable[[Array], Any], target: Array) -> Any:
    """Which elements of `target` a write does not leave alone: those that come out alike whatever was there."""
    one, other = (np.asarray(kernel(make(target.shape, target.dtype))) for make in (np.zeros, np.ones))
    return (one == other) | (one != one)


def in_turn(kernel: Callable[[list[Any]], Any], target: Array, operands: list[Any]) -> Array:
    """What is left in `target`, which meets itself (`windows.meets_itself`), by work on each element: torch writes one
    row after the other, so that later rows read what earlier ones wrote.

    kernel  what the op makes of operands, the first of which is a part of `target`
    """
    made: Array = target.copy()
    whole = whole_of(target)
    given = [whole if x is target else x for x in operands[1:]]
    spread = [np.broadcast_to(x, target.shape) if isinstance(x, np.ndarray) and x.ndim else x for x in given]
    arrays = [whole, *(x for x in spread if isinstance(x, np.ndarray) and x.ndim)]
    order = np.argsort([-s for s in iterator_strides(target.shape, [a.strides for a in arrays])], kind="stable")
    rows = [x.transpose(order) if isinstance(x, np.ndarray) and x.ndim else x for x in [whole, *spread]]
    for row in np.ndindex(rows[0].shape[:-1]):
        part = [x[row] if isinstance(x, np.ndarray) and x.ndim else x for x in rows]
        part[0][...] = kernel(part)
    made[...] = whole
    return made


def whole_of(target: Array) -> Array:
    """`target` in a copy of the memory that it spans."""
    item = target.itemsize
    reach = 1 + sum((n - 1) * s for n, s in zip(target.shape, target.strides, strict=True)) // item
    room = np.lib.stride_tricks.as_strided(target, (reach,), (item,)).copy()
    whole: Array = np.lib.stride_tricks.as_strided(room, target.shape, target.strides)
    return whole


UNPROMOTED = frozenset({"_heaviside", "_lerp", "logical_and", "logical_or", "logical_xor"})
"""Elementwise ops, though they take operands as they are."""
LOOP = 512
"""Elements up to which a write takes its turns; how many a longer loop reads at once depends on the processor."""


def one_by_one(kernel: Callable[..., Any], operands: list[Any], result: Array) -> Array:
    """`result` of an elementwise write of which an operand has elements in common with what is written: each element
    as torch's loop finds it when its turn comes, in the order of memory."""
    target = operands[0]
    apart = target.dtype is not result.dtype and result.dtype.kind != "b"
    if apart or target.size > LOOP or not target.flags.writeable:
        return result  # another dtype, and what is conjugated or negated, torch computes in room of its own
    each = [np.broadcast_to(x, target.shape) if isinstance(x, np.ndarray) else x for x in operands]
    order = sorted(range(target.ndim), key=lambda d: -target.strides[d])
    for turn in np.ndindex(*(target.shape[d] for d in order)):
        at: Any = tuple(turn[order.index(d)] for d in range(target.ndim))
        target[at] = kernel(*(x[(*at, ...)] if isinstance(x, np.ndarray) else x for x in each))
    left: Array = target.copy()
    return left
