"""Reductions, scans, sorting, softmax and norms.

What may live here: one line per op, and rules that serve ops of this file alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from oracle.opset.metas import BOOL, COMPLEX, FLOAT, TO_REAL, Meta, Shape, float_dtype, meta
from oracle.opset.params import axes, by_shape, choice, dim, dims, dtype, flag, joint, number, sized
from oracle.opset.rules import SELF, TENSOR_OTHER, kept_dims, promoted, reduction
from oracle.opset.spec import OMIT, Operand, OpSpec, Param, rule

INF, NAN = float("inf"), float("nan")
KEEPDIM = flag("keepdim")
DTYPE = dtype("float64", "float32")


def along(x: Meta, axis: int) -> int | None:
    """A dim counted from 0 (0 for a 0-dim tensor), or None where there is none such."""
    rank = max(x.rank, 1)
    return axis % rank if -rank <= axis < rank else None


def _size(x: Meta, axis: int) -> int:
    return x.shape[axis] if x.rank else 1


def without(x: Meta, axis: int, keepdim: bool) -> Shape:
    if not x.rank:
        return ()
    return (*x.shape[:axis], *((1,) if keepdim else ()), *x.shape[axis + 1 :])


def real(x: Meta) -> bool:
    return x.category != COMPLEX


def dims_or_none() -> Param:
    """One dim, or None for all."""
    return Param("dim", lambda x: (OMIT, *axes(x), None), None, wrong=dim().wrong)


# -- over everything ------------------------------------------------------------------------------------


@rule(SELF)
def greatest(x: Meta) -> Meta | None:
    """One element out of all: max, min."""
    return meta((), x.dtype) if x.numel and real(x) else None


@rule(SELF)
def middle(x: Meta) -> Meta | None:
    return meta((), x.dtype) if x.numel and real(x) and x.category != BOOL else None


@by_shape
def _smaller(x: Meta) -> Sequence[Shape]:
    """Shapes that expand to that of x."""
    found = [(*x.shape[:d], 1, *x.shape[d + 1 :]) for d in range(x.rank)]
    found += [x.shape[1:], (1,) * x.rank, x.shape, (1,) * max(x.rank - 1, 0)]
    return list(dict.fromkeys(found))


@rule(SELF, sized("size", _smaller, keyword="never"))
def summed_to(x: Meta, shape: Shape) -> Meta:
    return x if shape and shape == x.shape else meta(shape, "int64" if x.category < FLOAT else x.dtype)


# -- along one dim --------------------------------------------------------------------------------------


@rule(SELF, dim(), KEEPDIM)
def extreme(x: Meta, axis: int, keepdim: bool) -> tuple[Meta, ...] | None:
    """Values and indices: max, min."""
    return _selected(x, axis, keepdim)


def _selected(x: Meta, axis: int, keepdim: bool) -> tuple[Meta, ...] | None:
    place = along(x, axis)
    if place is None or not _size(x, place) or not real(x):
        return None
    shape = without(x, place, keepdim)
    return meta(shape, x.dtype), meta(shape, "int64")


@rule(SELF, dim(default=-1), KEEPDIM)
def commonest(x: Meta, axis: int, keepdim: bool) -> tuple[Meta, ...] | None:
    return _selected(x, axis, keepdim)


@rule(SELF, dim(), KEEPDIM)
def ranked(x: Meta, axis: int, keepdim: bool) -> tuple[Meta, ...] | None:
    """The same for numbers alone: median, nanmedian."""
    return None if x.category == BOOL else _selected(x, axis, keepdim)


def _counts(x: Meta) -> list[tuple[Any, ...]]:
    """(k, dim) pairs, dim left out where it is the last."""
    found: list[tuple[Any, ...]] = [(1,)]
    for axis in axes(x):
        size = _size(x, axis)
        found += [(k, axis) for k in dict.fromkeys((1, size, (size + 1) // 2)) if k]
    return found


WHICH = joint("k", _counts, wrong=lambda x: ((99,), (1, x.rank + 1)))


@rule(SELF, WHICH, flag("keepdim", keyword="must"))
def kth(x: Meta, which: Any, keepdim: bool) -> tuple[Meta, ...] | None:
    k, axis = (*which, -1)[:2]
    place = along(x, axis)
    if x.category == BOOL or place is None or not 1 <= k <= _size(x, place):
        return None
    return _selected(x, axis, keepdim)


@rule(SELF, WHICH, flag("largest", default=True, keyword="must"))
def highest(x: Meta, which: Any, largest: bool) -> tuple[Meta, ...] | None:
    k, axis = (*which, -1)[:2]
    place = along(x, axis)
    if x.category == BOOL or not real(x) or place is None or not 0 <= k <= _size(x, place):
        return None
    shape = (*x.shape[:place], k, *x.shape[place + 1 :]) if x.rank else ()
    return meta(shape, x.dtype), meta(shape, "int64")


@rule(SELF, dim(default=-1), flag("descending"))
def ordered(x: Meta, axis: int, descending: bool) -> tuple[Meta, ...] | None:
    return (x, meta(x.shape, "int64")) if along(x, axis) is not None and real(x) else None


@rule(
    SELF,
    choice("stable", True, keyword="must"),
    Param("dim", dim().choices, -1, "must"),
    flag("descending", keyword="must"),
)
def ordered_stably(x: Meta, stable: bool, axis: int, descending: bool) -> tuple[Meta, ...] | None:
    return (x, meta(x.shape, "int64")) if along(x, axis) is not None and real(x) else None


@rule(SELF, dim(default=-1), flag("descending"))
def ordering(x: Meta, axis: int, descending: bool) -> Meta | None:
    return meta(x.shape, "int64") if along(x, axis) is not None and real(x) else None


@rule(SELF)
def ordered_first(x: Meta) -> Meta | None:
    return x if real(x) else None


@rule(SELF, dim(), DTYPE)
def spread_out(x: Meta, axis: int, to: Any) -> Meta | None:
    """softmax, log_softmax."""
    if along(x, axis) is None or x.category == COMPLEX or (to is None and x.category != FLOAT):
        return None
    return meta(x.shape, x.dtype if to is None else to.path)


@rule(SELF, dim(), KEEPDIM)
def summed_logs(x: Meta, axis: int, keepdim: bool) -> Meta | None:
    place = along(x, axis)
    if place is None or not real(x):
        return None
    return meta(without(x, place, keepdim), float_dtype(x.dtype))


@rule(SELF, choice("dim", (), default=None), KEEPDIM)
def position_of_all(x: Meta, axis: Any, keepdim: bool) -> Meta | None:
    refused = keepdim or axis is not None or not x.numel or x.category in (BOOL, COMPLEX)
    return None if refused else meta((), "int64")


@rule(SELF, dim(), KEEPDIM)
def position(x: Meta, axis: int, keepdim: bool) -> Meta | None:
    place = along(x, axis)
    if place is None or not _size(x, place) or x.category in (BOOL, COMPLEX):
        return None
    return meta(without(x, place, keepdim), "int64")


# -- over several dims ----------------------------------------------------------------------------------


def _reduced(x: Meta, where: Any, keepdim: bool, name: str) -> Meta | None:
    shape = kept_dims(x, where, keepdim)
    return None if shape is None else meta(shape, name)


def _filled(x: Meta, where: Any) -> bool:
    """Whether no dim that is reduced is empty."""
    named = range(x.rank) if where is None or where == () else where if isinstance(where, tuple) else (where,)
    return all(x.shape[d] for d in named if x.rank)


@rule(SELF, dims(default=()), KEEPDIM)
def extremes(x: Meta, where: Any, keepdim: bool) -> Meta | None:
    """amax, amin: no dim and () mean all; None is no dim there."""
    out = None if where is None or not real(x) else _reduced(x, where, keepdim, x.dtype)
    return out if out is not None and _filled(x, where) else None


@rule(SELF, choice("dim", 0, -1, default=None, keyword="must"), flag("keepdim", keyword="must"))
def both_extremes(x: Meta, axis: Any, keepdim: bool) -> tuple[Meta, ...] | None:
    if not real(x) or not _filled(x, axis):
        return None
    out = _reduced(x, axis, keepdim, x.dtype)
    return None if out is None else (out, out)


def spread(*, pair: bool = False) -> Any:
    """var and std; `pair`: with the mean."""

    correction = number("correction", 0, 1, 2, 0.5, default=1, keyword="must")

    @rule(SELF, dims(), correction, flag("keepdim", keyword="must"))
    def infer(x: Meta, where: Any, correction: Any, keepdim: bool) -> Meta | tuple[Meta, ...] | None:
        if x.category < FLOAT:
            return None
        shape = kept_dims(x, where, keepdim)
        if shape is None:
            return None
        of = meta(shape, TO_REAL.get(x.dtype, x.dtype))
        return (of, meta(shape, x.dtype)) if pair else of

    return infer


@rule(SELF, dims(), KEEPDIM, DTYPE)
def summed_without_nan(x: Meta, where: Any, keepdim: bool, to: Any) -> Meta | None:
    if not real(x):
        return None
    name = to.path if to is not None else "int64" if x.category < FLOAT else x.dtype
    return _reduced(x, where, keepdim, name)


@rule(SELF, dims(), KEEPDIM)
def averaged_without_nan(x: Meta, where: Any, keepdim: bool) -> Meta | None:
    return _reduced(x, where, keepdim, x.dtype) if x.category == FLOAT else None


@rule(SELF, dims(), KEEPDIM)
def truth(x: Meta, where: Any, keepdim: bool) -> Meta | None:
    if where is None and keepdim:
        return None
    return _reduced(x, where, keepdim, "uint8" if x.dtype == "uint8" else "bool")


@rule(SELF, dims())
def counted(x: Meta, where: Any) -> Meta | None:
    return _reduced(x, where, False, "int64")


@rule(SELF, DTYPE)
def multiplied_all(x: Meta, to: Any) -> Meta | None:
    return _product(x, (), to)


@rule(SELF, dim(), KEEPDIM, DTYPE)
def multiplied(x: Meta, axis: int, keepdim: bool, to: Any) -> Meta | None:
    place = along(x, axis)
    return None if place is None else _product(x, without(x, place, keepdim), to)


def _product(x: Meta, shape: Shape, to: Any) -> Meta | None:
    if to is not None and x.category == COMPLEX:
        return None
    return meta(shape, to.path if to is not None else "int64" if x.category < FLOAT else x.dtype)


# -- norms ----------------------------------------------------------------------------------------------

POWER = number("p", 1, 2, 3, INF, 0.5, 0, -INF, 1.5, default=2)
ORDER = number("p", 1, 2, 3, INF, 0.5, 0, -INF, 1.5, default=None)


@rule(SELF, ORDER, dims(), KEEPDIM)
def norm_of(x: Meta, power: Any, where: Any, keepdim: bool) -> Meta | None:
    if power is None and isinstance(where, tuple) and len(where) > 2:
        return None  # the Frobenius norm is of matrices
    if x.category != FLOAT or (power in (INF, -INF) and not _filled(x, where)):
        return None
    return _reduced(x, where, keepdim, x.dtype)


@rule(SELF, TENSOR_OTHER, POWER)
def distance(x: Meta, other: Meta, power: Any) -> Meta | None:
    both = promoted(x, other)
    if both is None or both.category != FLOAT or x.dtype != other.dtype:
        return None
    if power in (INF, -INF) and not both.numel:
        return None
    return meta((), both.dtype)


def _lengths(x: Meta) -> list[tuple[Any, ...]]:
    """(p, dim, maxnorm) triples."""
    return [(p, axis, most) for p in (2, 1, 3) for axis in range(x.rank) for most in (1.0, 0.5, 5)]


@rule(Operand("self", fresh=meta((2, 2), "float32")), joint("p", _lengths))
def renormed(x: Meta, how: Any) -> Meta | None:
    return x if x.rank >= 2 and x.category == FLOAT else None


@rule(SELF, number("q", 0.5, 0.25, 0.0, 1.0, 0.9), dims_or_none(), KEEPDIM)
def quantiles(x: Meta, q: float, axis: Any, keepdim: bool) -> Meta | None:
    if x.dtype not in ("float32", "float64") or not x.numel:
        return None
    return _reduced(x, axis, keepdim, x.dtype)


TIES: dict[str, Any] = {"edges": (0.0, 1.0, NAN, INF), "tolerance": "exact"}
CHOICE: dict[str, Any] = {"outs": "many", **TIES}
FLAG: dict[str, Any] = {"grad": False, "saves": False, "tolerance": "exact"}

SPECS = (
    # sums and products
    OpSpec("sum", infer=reduction(), saves=False, tolerance="sum"),
    OpSpec("nansum", infer=summed_without_nan, tolerance="sum", edges=(NAN, 0.0)),
    OpSpec("mean", infer=reduction(floats=True), saves=False, tolerance="sum"),
    OpSpec("nanmean", infer=averaged_without_nan, tolerance="sum", edges=(NAN, 0.0)),
    OpSpec("prod", infer=multiplied_all, tolerance="sum", edges=(0.0, -0.0)),
    OpSpec("prod", infer=multiplied, tolerance="sum", edges=(0.0, -0.0), overload="dim"),
    # moments
    OpSpec("var", infer=spread(), tolerance="loose"),
    OpSpec("std", infer=spread(), tolerance="loose", edges=(0.0, 1.0)),
    OpSpec("var_mean", infer=spread(pair=True), forms=("call",), outs="many", tolerance="loose"),
    OpSpec("std_mean", infer=spread(pair=True), forms=("call",), outs="many", tolerance="loose"),
    # choice
    OpSpec("max", infer=greatest, **TIES),
    OpSpec("min", infer=greatest, **TIES),
    OpSpec("max", infer=extreme, overload="dim", **CHOICE),
    OpSpec("min", infer=extreme, overload="dim", **CHOICE),
    OpSpec("amax", infer=extremes, **TIES),
    OpSpec("amin", infer=extremes, **TIES),
    OpSpec("aminmax", infer=both_extremes, **CHOICE),
    OpSpec("median", infer=middle, **TIES),
    OpSpec("nanmedian", infer=middle, **TIES),
    # torch 2.13.0 reads beyond the memory of an expanded operand: T.ones(1).expand(2).median(0) is what lies there
    OpSpec("median", infer=ranked, overload="dim", needs_dense=True, **CHOICE),
    OpSpec("nanmedian", infer=ranked, overload="dim", needs_dense=True, **CHOICE),
    OpSpec("mode", infer=commonest, **CHOICE),
    OpSpec("kthvalue", infer=kth, **CHOICE),
    OpSpec("argmax", infer=position_of_all, **FLAG),
    OpSpec("argmin", infer=position_of_all, **FLAG),
    OpSpec("argmax", infer=position, overload="dim", **FLAG),
    OpSpec("argmin", infer=position, overload="dim", **FLAG),
    OpSpec("quantile", infer=quantiles, halves=False, view="maybe", edges=(NAN, 0.0, 1.0)),
    OpSpec("nanquantile", infer=quantiles, halves=False, view="maybe", edges=(NAN, 0.0, 1.0)),
    # order
    OpSpec("sort", infer=ordered, **CHOICE),
    OpSpec("sort", infer=ordered_stably, overload="stable", **CHOICE),
    OpSpec("argsort", infer=ordering, **FLAG),
    OpSpec("msort", infer=ordered_first, **TIES),
    OpSpec("topk", infer=highest, **CHOICE),
    # softmax, whose gradient takes a weighted mean off
    OpSpec("softmax", infer=spread_out, tolerance="cancelling", edges=(INF, -INF, 100.0)),
    OpSpec("log_softmax", infer=spread_out, tolerance="cancelling", edges=(INF, -INF, 100.0)),
    OpSpec("logsumexp", infer=summed_logs, tolerance="loose", edges=(INF, -INF, 100.0)),
    # norms
    OpSpec("norm", infer=norm_of, tolerance="loose", edges=(0.0, -0.0, INF)),
    OpSpec("dist", infer=distance, grad="refused", tolerance="loose", edges=(0.0, INF)),
    OpSpec("renorm", infer=renormed, inplace=True, tolerance="loose", edges=(0.0, INF)),
    # answers without a gradient
    OpSpec("sum_to_size", infer=summed_to, forms=("method",), view="maybe", saves=False, tolerance="sum"),
    OpSpec("any", infer=truth, **FLAG),
    OpSpec("all", infer=truth, **FLAG),
    OpSpec("count_nonzero", infer=counted, **FLAG),
)  # fmt: skip
