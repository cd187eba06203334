"""Shapes and views: what arranges elements anew without computing.

What may live here: one line per op, and rules that serve ops of this file alone. `view=True` says that the
result shares storage with its first operand; `dense=False` that it need not be contiguous.
"""

from __future__ import annotations

from typing import Any

from oracle.opset.metas import Meta, Shape, meta
from oracle.opset.params import (
    axes,
    by_shape,
    dim,
    expansions,
    indices,
    joint,
    narrowings,
    selections,
    sized,
    splits,
    views_of,
)
from oracle.opset.rules import SELF, same
from oracle.opset.spec import OMIT, OpSpec, Param, rule
from oracle.program.language import ListArg, Slice

MOST_PIECES = 6  # of unbind, split and chunk, so that programs stay readable


def wrapped(axis: int, rank: int) -> int | None:
    """The dim counted from the front, or None if it is out of range."""
    limit = max(rank, 1)
    return axis % limit if -limit <= axis < limit else None


def _with(shape: Shape, axis: int, size: int) -> Shape:
    return (*shape[:axis], size, *shape[axis + 1 :])


def _reshaped(x: Meta, shape: Any) -> Meta | None:
    known = 1
    for size in shape:
        known *= 1 if size == -1 else size
    if -1 in shape:
        if known == 0 or x.numel % known:
            return None
        shape = tuple(x.numel // known if size == -1 else size for size in shape)
    elif known != x.numel:
        return None
    return meta(shape, x.dtype)


@rule(SELF, sized("size", views_of, keyword="never"))
def viewed(x: Meta, shape: Any) -> Meta | None:
    return _reshaped(x, shape)


@rule(SELF, sized("shape", views_of))
def reshaped(x: Meta, shape: Any) -> Meta | None:
    return _reshaped(x, shape)


@rule(SELF)
def matrix_transposed(x: Meta) -> Meta | None:
    return meta(x.shape[::-1], x.dtype) if x.rank <= 2 else None


@rule(SELF, dim("dim0"), dim("dim1"))
def transposed(x: Meta, first: int, second: int) -> Meta | None:
    a, b = wrapped(first, x.rank), wrapped(second, x.rank)
    if a is None or b is None:
        return None
    sizes = list(x.shape)
    if x.rank:
        sizes[a], sizes[b] = sizes[b], sizes[a]
    return meta(tuple(sizes), x.dtype)


@rule(SELF, joint("dim", selections, wrong=lambda x: ((x.rank, 0), (0, 99))))
def selected(x: Meta, where: Any) -> Meta | None:
    axis = where[0] % x.rank
    return meta((*x.shape[:axis], *x.shape[axis + 1 :]), x.dtype)


@rule(SELF, joint("dim", narrowings, wrong=lambda x: ((0, 0, 99), (x.rank, 0, 0))))
def narrowed(x: Meta, where: Any) -> Meta | None:
    axis, _, length = where
    return meta(_with(x.shape, axis % x.rank, length), x.dtype)


@rule(SELF, sized("size", expansions, keyword="never"))
def expanded(x: Meta, shape: Any) -> Meta | None:
    lead = len(shape) - x.rank
    sizes = tuple(x.shape[d - lead] if size == -1 else size for d, size in enumerate(shape))
    for size, wider in zip(x.shape, sizes[lead:], strict=True):
        if size not in (1, wider):
            return None
    return meta(sizes, x.dtype)


@by_shape
def _squeezed_dims(x: Meta) -> list[Any]:
    """None, one dim, or several at once, among them such as are not of size 1."""
    several = [(0, 1), (0, -1), (0, 1, 2)] if x.rank > 2 else [(0, 1), (0, -1)] if x.rank == 2 else []
    return [OMIT, *axes(x), *several]


@rule(SELF, Param("dim", _squeezed_dims, None, wrong=lambda x: (max(x.rank, 1), -max(x.rank, 1) - 1, (0, 0))))
def squeezed(x: Meta, axis: int | tuple[int, ...] | None) -> Meta | None:
    if axis is None:
        return meta(tuple(size for size in x.shape if size != 1), x.dtype)
    if isinstance(axis, tuple):
        gone = {one % x.rank for one in axis}
        kept = tuple(size for d, size in enumerate(x.shape) if size != 1 or d not in gone)
        return meta(kept, x.dtype) if len(gone) == len(axis) else None
    place = wrapped(axis, x.rank)
    if place is None or not x.rank or x.shape[place] != 1:
        return None if place is None else x
    return meta((*x.shape[:place], *x.shape[place + 1 :]), x.dtype)


@rule(SELF, dim(extra=1))
def unsqueezed(x: Meta, axis: int) -> Meta | None:
    if x.rank >= 5 or not -x.rank - 1 <= axis <= x.rank:
        return None
    place = axis % (x.rank + 1)
    return meta((*x.shape[:place], 1, *x.shape[place:]), x.dtype)


@rule(SELF, dim(default=0, dims=True))
def unbound(x: Meta, axis: int) -> tuple[Meta, ...] | None:
    place = wrapped(axis, x.rank)
    if place is None or not x.rank or not 1 <= x.shape[place] <= MOST_PIECES:
        return None
    return (meta((*x.shape[:place], *x.shape[place + 1 :]), x.dtype),) * x.shape[place]


def _pieces(x: Meta, axis: int, sizes: list[int]) -> tuple[Meta, ...] | None:
    if not 1 <= len(sizes) <= MOST_PIECES:
        return None
    return tuple(meta(_with(x.shape, axis, size), x.dtype) for size in sizes)


@rule(SELF, joint("split_size", splits, wrong=lambda x: ((-1,), (ListArg((99, 1)),))))
def split_up(x: Meta, how: Any) -> tuple[Meta, ...] | None:
    axis = how[1] % x.rank if len(how) > 1 else 0
    total, size = x.shape[axis], how[0]
    if isinstance(size, ListArg):
        return _pieces(x, axis, list(size.items))
    return _pieces(x, axis, [min(size, total - at) for at in range(0, total, size)] or [0])


@rule(*split_up.parameters)
def split_evenly(x: Meta, how: Any) -> tuple[Meta, ...] | None:
    return None if isinstance(how[0], ListArg) else split_up.infer(x, how)  # type: ignore[return-value]


@rule(SELF, joint("chunks", by_shape(lambda x: [(n, d) for d in range(x.rank) for n in (2, 1, 3, 5)])))
def chunked(x: Meta, how: Any) -> tuple[Meta, ...] | None:
    chunks, axis = how
    total = x.shape[axis]
    size = -(-total // chunks)
    if size == 0:
        return _pieces(x, axis, [0] * chunks)
    return _pieces(x, axis, [min(size, total - at) for at in range(0, total, size)])


def sliced_size(part: Slice, size: int) -> int:
    """How many elements a slice takes of a dim of `size`."""
    return len(range(*slice(part.start, part.stop, part.step).indices(size)))


@rule(SELF, Param("index", indices, keyword="never"))
def indexed(x: Meta, index: Any) -> Meta | None:
    parts = index if isinstance(index, tuple) else (index,)
    taken = sum(part is not None and part is not Ellipsis for part in parts)
    if taken > x.rank:
        return None
    sizes: list[int] = []
    place = 0
    for part in parts:
        if part is None:
            sizes.append(1)
        elif part is Ellipsis:
            rest = x.rank - taken
            sizes += x.shape[place : place + rest]
            place += rest
        else:
            if isinstance(part, Slice):
                sizes.append(sliced_size(part, x.shape[place]))
            elif not -x.shape[place] <= part < x.shape[place]:
                return None
            place += 1
    return meta((*sizes, *x.shape[place:]), x.dtype)


VIEW: dict[str, Any] = {"view": True, "saves": False, "tolerance": "exact"}

SPECS = (
    OpSpec("detach", infer=same, view="detached", grad=False, saves=False, tolerance="exact"),
    OpSpec("view", infer=viewed, forms=("method",), needs_dense=True, **VIEW),
    OpSpec("reshape", infer=reshaped, view="maybe", saves=False, tolerance="exact"),
    OpSpec("t", infer=matrix_transposed, dense=False, **VIEW),
    OpSpec("transpose", infer=transposed, dense=False, **VIEW),
    OpSpec("select", infer=selected, dense=False, **VIEW),
    OpSpec("narrow", infer=narrowed, dense=False, **VIEW),
    OpSpec("expand", infer=expanded, forms=("method",), overlap=True, dense=False, **VIEW),
    OpSpec("squeeze", infer=squeezed, **VIEW),
    OpSpec("unsqueeze", infer=unsqueezed, **VIEW),
    OpSpec("unbind", infer=unbound, outs="many", dense=False, **VIEW),
    OpSpec("split", infer=split_up, outs="many", dense=False, **VIEW),
    OpSpec("chunk", infer=chunked, outs="many", dense=False, **VIEW),
    OpSpec("getitem", infer=indexed, forms=("index",), dense=False, **VIEW),
)
