"""Copies with a view overwritten: select_scatter, slice_scatter, diagonal_scatter, as_strided_scatter.

What may live here: one line per such op, and rules that serve ops of this file alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from oracle.opset.indexing import EXACT, VECTOR, sized
from oracle.opset.metas import COMPLEX, Meta, meta
from oracle.opset.params import choice, joint
from oracle.opset.spec import Joint, Operand, OpSpec, Param, rule
from oracle.opset.views import MATRIX, WINDOWS, diagonal_shape, restrided


def _slots(x: Meta) -> Sequence[Meta]:
    return (meta(x.shape[1:], x.dtype),)


def _ends(x: Meta, _src: Meta) -> Sequence[Any]:
    return [Joint((d, i)) for d in range(x.rank) for i in (0, -1)]


@rule(Operand("self", fresh=VECTOR), Operand("src", likes=_slots), Param("dim", _ends, keyword="never"))
def select_scattered(x: Meta, src: Meta, at: Any) -> Meta | None:
    d = at[0]
    if x.category == COMPLEX:
        return None  # torch refuses those that require grad
    fits = x.shape[d] and src.shape == (*x.shape[:d], *x.shape[d + 1 :]) and src.dtype == x.dtype
    return x if fits else None


@rule(Operand("self", fresh=VECTOR), Operand("src", likes=lambda x: (meta(sized(x, 0, 1), x.dtype),)),
      Param("dim", lambda x, src: [Joint((d, 0, 1)) for d in range(x.rank)] + [Joint((0, 0, None, 2))],
            keyword="never"))  # fmt: skip
def slice_scattered(x: Meta, src: Meta, at: tuple[Any, ...]) -> Meta | None:
    if not x.rank or x.category == COMPLEX:
        return None  # torch refuses complex ones that require grad
    whole: tuple[Any, ...] = (0, 0, None, 1)
    d, start, end, step = (*at, *whole[len(at) :])
    size = len(range(*slice(start, end, step).indices(x.shape[d])))
    return x if src.shape == sized(x, d, size) and src.dtype == x.dtype else None


def _diagonal_of(x: Meta) -> Sequence[Meta]:
    shape = diagonal_shape(x, 0, 0, 1)
    return () if shape is None else (meta(shape, x.dtype),)


@rule(Operand("self", fresh=MATRIX), Operand("src", likes=_diagonal_of), choice("offset", 1, -1, default=0))
def diagonal_scattered(x: Meta, src: Meta, offset: int) -> Meta | None:
    shape = diagonal_shape(x, offset, 0, 1)
    return x if shape is not None and src.shape == shape and src.dtype == x.dtype else None


def _windows(x: Meta, src: Meta) -> Sequence[tuple[Any, ...]]:
    """Windows of the shape of src in which no element lies twice."""
    return tuple(how for how in WINDOWS if how[0] == src.shape and how not in OVERLAPPING)


OVERLAPPING = (((2, 2), (1, 1)), ((2,), (0,)))


def _window_shapes(x: Meta) -> Sequence[Meta]:
    return [meta(how[0], x.dtype) for how in WINDOWS if restrided.infer(x, how) and how not in OVERLAPPING]


@rule(
    Operand("self", fresh=VECTOR),
    Operand("src", likes=_window_shapes),
    joint("size", _windows, wrong=lambda x, src: (((99,), (1,)), ((1,), (1, 1)))),
)
def strided_scattered(x: Meta, src: Meta, how: Any) -> Meta | None:
    fits = restrided.infer(x, how) is not None and src.shape == how[0] and src.dtype == x.dtype
    return x if fits else None


SPECS = (
    OpSpec("select_scatter", infer=select_scattered, **EXACT),
    OpSpec("slice_scatter", infer=slice_scattered, **EXACT),
    OpSpec("diagonal_scatter", infer=diagonal_scattered, **EXACT),
    OpSpec("as_strided_scatter", infer=strided_scattered, needs_dense=True, **EXACT),
)
