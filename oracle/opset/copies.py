"""Rearranged copies: cat and stack, repeats, flips, triangles, diagonals, conversions.

What may live here: one line per op that copies elements without computing, and rules of this file alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from oracle.opset.metas import CATEGORY, COMPLEX, FLOAT, Meta, Shape, meta, result_dtype
from oracle.opset.params import choice, dim, joint, sized
from oracle.opset.rules import SELF, same
from oracle.opset.shape import (
    wrapped,
)
from oracle.opset.spec import OMIT, Operand, OpSpec, Param, rule
from oracle.opset.views import MATRIX, diagonal_shape

TENSORS = Operand("tensors", many=True)
VECTOR = meta((3,), "float32")


# -- joining --------------------------------------------------------------------------------------------


def _axis_of(tensors: tuple[Meta, ...], extra: int) -> Sequence[Any]:
    rank = tensors[0].rank + extra
    return (OMIT, *range(rank), *range(-1, -rank - 1, -1))


def _joined(tensors: tuple[Meta, ...], axis: int) -> Meta | None:
    first = tensors[0]
    if not first.rank or any(one.rank != first.rank for one in tensors):
        return None
    d = wrapped(axis, first.rank)
    if d is None:
        return None
    for one in tensors:
        if any(n != m and k != d for k, (n, m) in enumerate(zip(one.shape, first.shape, strict=True))):
            return None
        if one.shape == (0,):
            return None  # old torch's "nothing", which fits everything
    size = sum(one.shape[d] for one in tensors)
    return meta((*first.shape[:d], size, *first.shape[d + 1 :]), result_dtype(*tensors))


@rule(TENSORS, Param("dim", lambda tensors: _axis_of(tensors, 0), 0))
def concatenated(tensors: tuple[Meta, ...], axis: int) -> Meta | None:
    return _joined(tensors, axis)


@rule(TENSORS, Param("dim", lambda tensors: _axis_of(tensors, 1), 0))
def stacked(tensors: tuple[Meta, ...], axis: int) -> Meta | None:
    first = tensors[0]
    if any(one.shape != first.shape for one in tensors) or first.rank > 4:
        return None
    d = wrapped(axis, first.rank + 1)
    if d is None:
        return None
    return meta((*first.shape[:d], len(tensors), *first.shape[d:]), result_dtype(*tensors))


def _raised(one: Meta, rank: int) -> Meta:
    shape = one.shape
    if rank == 3 and len(shape) < 3:
        shape = (1, *shape, 1) if len(shape) == 1 else (*shape, *(1,) * (3 - len(shape)))
    return meta((*(1,) * (rank - len(shape)), *shape), one.dtype)


def _row_wise(rank: int, axis: int) -> Any:
    @rule(TENSORS)
    def joined(tensors: tuple[Meta, ...]) -> Meta | None:
        tensors = tuple(_raised(one, rank) for one in tensors)
        return _joined(tensors, 0 if axis == 1 and tensors[0].rank == 1 else axis)

    return joined


@rule(TENSORS)
def in_columns(tensors: tuple[Meta, ...]) -> Meta | None:
    return _joined(tuple(one if one.rank > 1 else meta((one.numel, 1), one.dtype) for one in tensors), 1)


# -- repeats --------------------------------------------------------------------------------------------


def _repeats(x: Meta) -> Sequence[Shape]:
    ones = (1,) * x.rank
    found: list[Shape] = [(2, *ones), ones]
    found += [(*ones[:d], k, *ones[d + 1 :]) for d in range(x.rank) for k in (2, 3, 0)]
    return [one for one in found if one]


@rule(SELF, sized("repeats", _repeats, keyword="never"))
def repeated(x: Meta, repeats: Shape) -> Meta | None:
    shape = (*(1,) * (len(repeats) - x.rank), *x.shape)
    return meta(tuple(n * k for n, k in zip(shape, repeats, strict=True)), x.dtype)


@rule(SELF, sized("dims", lambda x: [(2,), (1, 2), (2, 1, 1)], keyword="never"))
def tiled(x: Meta, dims: Shape) -> Meta | None:
    dims = (*(1,) * (x.rank - len(dims)), *dims)
    shape = (*(1,) * (len(dims) - x.rank), *x.shape)
    return meta(tuple(n * k for n, k in zip(shape, dims, strict=True)), x.dtype)


@rule(SELF, choice("repeats", 2, 1, 3, 0), dim(default=None))
def interleaved(x: Meta, repeats: int, axis: int | None) -> Meta | None:
    if axis is None:
        return meta((x.numel * repeats,), x.dtype)
    d = wrapped(axis, x.rank)
    if d is None or not x.rank:
        return None
    return meta((*x.shape[:d], x.shape[d] * repeats, *x.shape[d + 1 :]), x.dtype)


# -- rearranging ----------------------------------------------------------------------------------------


def _axes_sets(x: Meta) -> Sequence[Shape]:
    return [(0,), (-1,), *([(0, 1), (1, -x.rank)] if x.rank > 1 else [])] if x.rank else [()]


@rule(SELF, sized("dims", _axes_sets))
def flipped(x: Meta, dims: Shape) -> Meta:
    return x


def _rolls(x: Meta) -> Sequence[tuple[Any, ...]]:
    found: list[tuple[Any, ...]] = [(1,), (-2,)]
    found += [(k, d) for d in range(x.rank) for k in (1, -1, 5)]
    return [*found, ((1, 1), (0, 1)), ((1, -1), (0, 0))] if x.rank > 1 else found


@rule(SELF, joint("shifts", _rolls, wrong=lambda x: (((1, 2), 0),)))
def rolled(x: Meta, how: Any) -> Meta:
    return x


TURNS = ((), (1,), (2, (0, 1)), (-1, (1, 0)), (3, (0, -1)), (0,))


@rule(Operand("self", fresh=MATRIX), joint("k", lambda x: TURNS))
def turned(x: Meta, how: Any) -> Meta | None:
    if x.rank < 2:
        return None
    k = how[0] if how else 1
    a, b = (d % x.rank for d in (how[1] if len(how) > 1 else (0, 1)))
    if a == b:
        return None
    shape = list(x.shape)
    if k % 2:
        shape[a], shape[b] = shape[b], shape[a]
    return meta(tuple(shape), x.dtype)


@rule(Operand("self", fresh=MATRIX))
def turned_over(x: Meta) -> Meta | None:
    return x if x.rank >= 2 else None


@rule(Operand("self", fresh=VECTOR))
def with_dims(x: Meta) -> Meta | None:
    return x if x.rank else None


@rule(Operand("self", fresh=MATRIX), choice("diagonal", 1, -1, 5, default=0))
def triangle(x: Meta, diagonal: int) -> Meta | None:
    return x if x.rank >= 2 else None


@rule(Operand("self", fresh=VECTOR), choice("diagonal", 1, -1, default=0))
def diagonal_matrix(x: Meta, diagonal: int) -> Meta | None:
    if x.rank == 1:
        return meta((x.numel + abs(diagonal),) * 2, x.dtype)
    shape = diagonal_shape(x, diagonal, 0, 1) if x.rank == 2 else None
    return None if shape is None else meta(shape, x.dtype)


@rule(SELF, choice("offset", 1, -1, default=0))
def flat_diagonal(x: Meta, offset: int) -> Meta | None:
    return meta((x.numel + abs(offset),) * 2, x.dtype)


@rule(Operand("self", fresh=VECTOR), joint("offset", lambda x: ((), (1,), (-1,), (0, 0, 1), (0, -1, 0))))
def on_diagonal(x: Meta, how: tuple[Any, ...]) -> Meta | None:
    if not x.rank or x.rank > 3:
        return None
    offset = how[0] if how else 0
    first, second = how[1:] if len(how) == 3 else (-2, -1)
    a, b = sorted((first % (x.rank + 1), second % (x.rank + 1)))
    if a == b:
        return None
    shape = list(x.shape[:-1])
    size = x.shape[-1] + abs(offset)
    shape.insert(a, size)
    shape.insert(b, size)
    return meta(tuple(shape), x.dtype)


# -- conversion -----------------------------------------------------------------------------------------


def _converted(name: str) -> Any:
    @rule(SELF)
    def converted(x: Meta) -> Meta | None:
        if x.category == COMPLEX and CATEGORY[name] < COMPLEX:
            return None  # warns once per process
        return meta(x.shape, name)

    return converted


@rule(SELF, Operand("other", tracked=False))
def converted_as(x: Meta, other: Meta) -> Meta | None:
    return None if x.category == COMPLEX and other.category != COMPLEX else meta(x.shape, other.dtype)


@rule(SELF)
def complex_alone(x: Meta) -> Meta | None:
    return x if x.category >= FLOAT else None


def _methods(**dtypes: str) -> tuple[OpSpec, ...]:
    return tuple(
        OpSpec(
            name,
            infer=_converted(dtype),
            forms=("method",),
            view="maybe",
            grad=CATEGORY[dtype] >= FLOAT,
            **COPY,
        )
        for name, dtype in dtypes.items()
    )


COPY: dict[str, Any] = {"saves": False, "tolerance": "exact"}
CALL: dict[str, Any] = {"forms": ("call",), **COPY}

SPECS = (
    OpSpec("contiguous", infer=same, forms=("method",), view="maybe", dense="always", **COPY),
    OpSpec("cat", infer=concatenated, **CALL),
    OpSpec("stack", infer=stacked, **CALL),
    OpSpec("hstack", infer=_row_wise(1, 1), **CALL),
    OpSpec("vstack", infer=_row_wise(2, 0), **CALL),
    OpSpec("dstack", infer=_row_wise(3, 2), **CALL),
    OpSpec("column_stack", infer=in_columns, **CALL),
    OpSpec("repeat", infer=repeated, forms=("method",), **COPY),
    OpSpec("tile", infer=tiled, **COPY),
    OpSpec("repeat_interleave", view="maybe", infer=interleaved, **COPY),
    OpSpec("flip", infer=flipped, dense=False, **COPY),
    OpSpec("fliplr", infer=turned_over, **COPY),
    OpSpec("flipud", infer=with_dims, **COPY),
    OpSpec("roll", infer=rolled, **COPY),
    OpSpec("rot90", infer=turned, dense=False, **COPY),
    OpSpec("tril", infer=triangle, inplace=True, **COPY),
    OpSpec("triu", infer=triangle, inplace=True, **COPY),
    OpSpec("diag", infer=diagonal_matrix, **COPY),
    OpSpec("diagflat", infer=flat_diagonal, **COPY),
    OpSpec("diag_embed", infer=on_diagonal, dense=False, **COPY),
    OpSpec("type_as", infer=converted_as, forms=("method",), view="maybe", **COPY),
    OpSpec("conj_physical", infer=complex_alone, inplace=True, view="maybe", **COPY),
    *_methods(float="float32", double="float64", long="int64", bool="bool"),
)
