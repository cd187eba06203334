"""Indexing: picking, writing and combining elements by index tensors and masks.

What may live here: one line per op, and rules that serve ops of this file alone. Index tensors are `Const`s,
written into the program for the call, so that they point inside; masks are constants as well.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from oracle.opset.metas import BOOL, FLOAT, Meta, Shape, broadcast, meta
from oracle.opset.params import choice, flag, number
from oracle.opset.rules import SELF, ZERO_DIM, filled_by, takes
from oracle.opset.spec import Const, Joint, Operand, OpSpec, Param, rule
from oracle.program.language import ListArg

VECTOR = meta((3,), "float32")
OTHER_LIKE = Operand("source", likes=lambda x, *_: (x,))


def nested(shape: Shape, values: Sequence[Any]) -> Any:
    """`values`, in order, as nested ListArgs of this shape; repeated as often as needed."""
    if not shape:
        return values[0]
    size = 1
    for n in shape[1:]:
        size *= n
    rows = range(shape[0])
    return ListArg(
        tuple(
            nested(shape[1:], [values[(i * size + k) % len(values)] for k in range(max(size, 1))])
            for i in rows
        )
    )


@lru_cache(maxsize=1024)
def index_of(shape: Shape, limit: int, kind: str) -> Const:
    """An index tensor of `shape` with entries below `limit`: all 0, running, or repeated and backwards."""
    values = {"zero": [0], "running": list(range(limit)), "back": [limit - 1, 0, limit // 2]}[kind]
    return Const(nested(shape, values), meta(shape, "int64"))


@lru_cache(maxsize=1024)
def _mask(shape: Shape, kind: str) -> Const:
    values = {"some": [True, False, False, True, True], "none": [False], "all": [True]}[kind]
    return Const(nested(shape, values), meta(shape, "bool"))


def sized(x: Meta, d: int, n: int) -> Shape:
    return (*x.shape[:d], n, *x.shape[d + 1 :])


# -- picking --------------------------------------------------------------------------------------------


def _gathers(x: Meta, *_: Meta) -> Sequence[Any]:
    found = []
    for d in range(x.rank):
        n = x.shape[d]
        if not n or not x.numel:
            continue
        found += [(d, index_of(x.shape, n, "zero")), (d - x.rank, index_of(x.shape, n, "running"))]
        found.append((d, index_of(sized(x, d, 1), n, "back")))
        found.append((d, index_of(sized(x, d, n + 1), n, "back")))
    return [Joint(one) for one in found]


def _outside(x: Meta, *_: Meta) -> Sequence[Any]:
    return [Joint((0, index_of(x.shape, x.shape[0] + 9, "back")))] if x.rank and x.numel else []


AT = Param("dim", _gathers, keyword="never", wrong=_outside)


@rule(Operand("self", fresh=VECTOR), AT)
def gathered(x: Meta, at: Any) -> Meta:
    return meta(at[1].meta.shape, x.dtype)


def _selections(x: Meta, *_: Meta) -> Sequence[Any]:
    found = []
    for d in range(x.rank):
        n = x.shape[d]
        found.append((d, Const(ListArg(()), meta((0,), "int64"))) if not n else (d, index_of((1,), n, "zero")))
        if n:
            found += [(d, index_of((3,), n, "back")), (d - x.rank, index_of((2,), n, "running"))]
    return [Joint(one) for one in found if one[1].meta.numel]


@rule(Operand("self", fresh=VECTOR), Param("dim", _selections, keyword="never", wrong=_outside))
def selected_by(x: Meta, at: Any) -> Meta:
    d = at[0] % x.rank
    return meta(sized(x, d, at[1].meta.numel), x.dtype)


def _takes(x: Meta) -> Sequence[Any]:
    n = x.numel
    if not n:
        return ()
    return (
        index_of((1,), n, "zero"),
        index_of((2, 2), n, "back"),
        index_of((3,), n, "running"),
        index_of((), n, "back"),
    )


@rule(SELF, Param("index", _takes, keyword="never"))
def taken(x: Meta, index: Const) -> Meta:
    return meta(index.meta.shape, x.dtype)


def _along(x: Meta) -> Sequence[Any]:
    if not x.numel or not x.rank:
        return ()
    found = [Joint((index_of(x.shape, x.numel, "running"),))]
    for d in range(x.rank):
        found += [
            Joint((index_of(sized(x, d, 2), x.shape[d], "back"), d)),
            Joint((index_of((1,) * x.rank, 1, "zero"), d)),
        ]
    return found


@rule(Operand("self", fresh=VECTOR), Param("indices", _along, keyword="never"))
def taken_along(x: Meta, at: Any) -> Meta:
    index = at[0].meta
    if len(at) == 1:
        return meta((index.numel,), x.dtype)
    d = at[1]
    wide = tuple(max(n, m) for n, m in zip(x.shape, index.shape, strict=True))
    return meta((*wide[:d], index.shape[d], *wide[d + 1 :]), x.dtype)


# -- masks ----------------------------------------------------------------------------------------------


def _masks(x: Meta, *_: Meta) -> Sequence[Any]:
    found = [_mask(x.shape, "some"), _mask(x.shape, "none"), _mask(x.shape, "all"), _mask((), "all")]
    return [*found, _mask(x.shape[1:], "some")] if x.rank else found


MASK = Param("mask", _masks, keyword="never")


def _trues(data: Any) -> int:
    return sum(map(_trues, data.items)) if isinstance(data, ListArg) else int(data)


@rule(SELF, MASK)
def masked_selected(x: Meta, mask: Const) -> Meta:
    wide = broadcast(x.shape, mask.meta.shape) or ()
    repeat = 1
    for n in wide:
        repeat *= n
    each = repeat // mask.meta.numel if mask.meta.numel else 0
    return meta((_trues(mask.data) * each,), x.dtype)


@rule(SELF, MASK, number("value", 0, 2.0, -1.5, 3))
def masked_filled(x: Meta, mask: Const, value: float) -> Meta:
    return x


@rule(SELF, MASK, ZERO_DIM)
def masked_filled_by(x: Meta, mask: Const, value: Meta) -> Meta | None:
    return takes(x, value)


@rule(SELF, MASK, OTHER_LIKE)
def masked_scattered(x: Meta, mask: Const, source: Meta) -> Meta | None:
    needed = _trues(mask.data) * (x.numel // mask.meta.numel if mask.meta.numel else 0)
    return x if source.dtype == x.dtype and source.numel >= needed else None


# -- writing by index -----------------------------------------------------------------------------------

SRC = Operand("src", likes=lambda x, *_: (x,))


def _scatters(x: Meta, *_: Meta) -> Sequence[Any]:
    """Where what has the shape of x can be written; a smaller index makes torch's backward raise."""
    found = []
    for d in range(x.rank):
        n = x.shape[d]
        if x.numel:
            found += [(d, index_of(x.shape, n, "running")), (d - x.rank, index_of(x.shape, n, "zero"))]
            found.append((d, index_of(x.shape, n, "back")))
    return [Joint(one) for one in found]


WHERE = Param("dim", _scatters, keyword="never", wrong=_outside)


def _same_kind(x: Meta, src: Meta) -> Meta | None:
    return x if src.shape == x.shape and src.dtype == x.dtype else None


@rule(Operand("self", fresh=VECTOR), WHERE, SRC)
def scattered(x: Meta, at: Any, src: Meta) -> Meta | None:
    return _same_kind(x, src)


ADDED = choice("reduce", "add", "multiply", keyword="must")


@rule(Operand("self", fresh=VECTOR), WHERE, SRC, ADDED)
def scattered_into(x: Meta, at: Any, src: Meta, reduce: str) -> Meta | None:
    return _same_kind(x, src) if x.category >= FLOAT else None


@rule(Operand("self", fresh=VECTOR), WHERE, number("value", 2, 0.5, -1.5))
def scattered_number(x: Meta, at: Any, value: float) -> Meta | None:
    return x if x.category >= FLOAT or (x.category > BOOL and type(value) is int) else None


@rule(Operand("self", fresh=VECTOR), WHERE, number("value", 2, 0.5, -1.5), ADDED)
def scattered_number_into(x: Meta, at: Any, value: float, reduce: str) -> Meta | None:
    return x if x.category >= FLOAT or (x.category > BOOL and type(value) is int) else None


@rule(Operand("self", fresh=VECTOR), WHERE, SRC, choice("reduce", "sum", "prod", "mean", "amax", "amin"),
      flag("include_self", True, keyword="must"))  # fmt: skip
def scatter_reduced(x: Meta, at: Any, src: Meta, reduce: str, include: bool) -> Meta | None:
    if x.category != FLOAT:
        return None
    return _same_kind(x, src)


def _rows(x: Meta, *_: Meta) -> Sequence[Any]:
    """(dim, index vector as long as x along dim), so that x itself fits as source."""
    found = []
    for d in range(x.rank):
        n = x.shape[d]
        if n:
            found += [(d, index_of((n,), n, "running")), (d - x.rank, index_of((n,), n, "zero"))]
            found.append((d, index_of((n,), n, "back")))
    return [Joint(one) for one in found]


def _distinct_rows(x: Meta, *_: Meta) -> Sequence[Any]:
    found = []
    for d in range(x.rank):
        n = x.shape[d]
        if n:
            found.append((d, index_of((n,), n, "running")))
    return [Joint(one) for one in found]


ROWS = Param("dim", _rows, keyword="never", wrong=_outside)
DISTINCT = Param("dim", _distinct_rows, keyword="never", wrong=_outside)


@rule(Operand("self", fresh=VECTOR), ROWS, OTHER_LIKE, number("alpha", 2, -1, default=1, keyword="must"))
def index_added(x: Meta, at: Any, source: Meta, alpha: Any) -> Meta | None:
    return _same_kind(x, source)


@rule(Operand("self", fresh=VECTOR), DISTINCT, OTHER_LIKE)
def index_copied(x: Meta, at: Any, source: Meta) -> Meta | None:
    return _same_kind(x, source)


@rule(Operand("self", fresh=VECTOR), ROWS, OTHER_LIKE, choice("reduce", "prod", "mean", "amax", "amin"),
      flag("include_self", True, keyword="must"))  # fmt: skip
def index_reduced(x: Meta, at: Any, source: Meta, reduce: str, include: bool) -> Meta | None:
    return _same_kind(x, source) if x.category == FLOAT else None


@rule(Operand("self", fresh=VECTOR), Param("dim", _selections, keyword="never", wrong=_outside),
      number("value", 0, 2, -1.5))  # fmt: skip
def index_filled(x: Meta, at: Any, value: float) -> Meta | None:
    return x


@rule(Operand("self", fresh=VECTOR), Param("dim", _selections, keyword="never", wrong=_outside), ZERO_DIM)
def index_filled_by(x: Meta, at: Any, value: Meta) -> Meta | None:
    return takes(x, value)


def _flat(x: Meta, *_: Meta) -> Sequence[Any]:
    return (index_of(x.shape, x.numel, "running"), index_of(x.shape, x.numel, "zero")) if x.numel else ()


@rule(SELF, Param("index", lambda x, *_: _flat(x)[:1], keyword="never"), OTHER_LIKE)
def put_at(x: Meta, index: Const, source: Meta) -> Meta | None:
    return x if source.dtype == x.dtype and source.numel == index.meta.numel else None


# -- index expressions ----------------------------------------------------------------------------------


def _advanced(x: Meta) -> Sequence[Any]:
    if not x.rank or not x.shape[0]:
        return (_mask((), "all"), _mask((), "none"))
    n = x.shape[0]
    found: list[Any] = [index_of((1,), n, "zero"), index_of((3,), n, "back"), index_of((2, 2), n, "running")]
    found += [_mask((n,), "some"), _mask(x.shape, "some"), _mask((n,), "none")]
    return found


@rule(Operand("self", fresh=VECTOR), Param("index", _advanced, keyword="never"))
def indexed_by(x: Meta, index: Const) -> Meta | None:
    shape = index.meta.shape
    if index.meta.dtype == "int64":
        return meta((*shape, *x.shape[1:]), x.dtype)
    return meta((_trues(index.data), *x.shape[len(shape) :]), x.dtype)


# -- whole tensors --------------------------------------------------------------------------------------


@rule(SELF, number("value", 0, 2.0, -1.5, 3))
def filled(x: Meta, value: float) -> Meta:
    return x


def _places(x: Meta, *_: Meta) -> Sequence[Any]:
    """Tuples of an index into each of the first dims, or of a mask, such that x itself or a part of it fits."""
    if not x.rank or not x.numel:
        return ()
    n = x.shape[0]
    found: list[Any] = [(index_of((n,), n, "running"),), (index_of((n,), n, "back"),), (_mask(x.shape, "all"),)]
    if x.rank > 1:
        found.append((index_of((n, 1), n, "running"), index_of((x.shape[1],), x.shape[1], "running")))
    return found


def _values(x: Meta) -> Sequence[Meta]:
    return (x, meta((), x.dtype), meta(x.shape[1:], x.dtype))


@rule(
    Operand("self", fresh=VECTOR),
    Param("indices", _places, keyword="never"),
    Operand("values", likes=_values),
    flag("accumulate"),
)
def index_put_at(x: Meta, places: tuple[Const, ...], values: Meta, accumulate: bool) -> Meta | None:
    masked = places[0].meta.dtype == "bool"
    fits = values.shape in ((), (x.numel,)) if masked else broadcast(x.shape, values.shape) == x.shape
    return x if fits and values.dtype == x.dtype else None


REFUSED: dict[str, Any] = {"inplace": True, "grad": "refused", "tolerance": "exact"}
EXACT: dict[str, Any] = {"saves": False, "tolerance": "exact"}
SUM: dict[str, Any] = {"saves": False, "tolerance": "sum"}

SPECS = (
    OpSpec("gather", infer=gathered, tolerance="exact"),
    OpSpec("index_select", infer=selected_by, **EXACT),
    OpSpec("take", infer=taken, tolerance="exact"),
    OpSpec("take_along_dim", infer=taken_along, needs_dense=True, tolerance="exact"),
    OpSpec("masked_select", infer=masked_selected, tolerance="exact"),
    OpSpec("masked_fill", infer=masked_filled, inplace=True, **EXACT),
    OpSpec("masked_fill", infer=masked_filled_by, overload="tensor", inplace=True, **EXACT),
    OpSpec("masked_scatter", infer=masked_scattered, inplace=True, **EXACT),
    OpSpec("scatter", infer=scattered, inplace=True, **EXACT),
    OpSpec("scatter", infer=scattered_into, overload="reduce", **REFUSED),
    OpSpec("scatter", infer=scattered_number, overload="value", inplace=True, **EXACT),
    OpSpec("scatter", infer=scattered_number_into, overload="value_reduce", **REFUSED),
    OpSpec("scatter_add", infer=scattered, inplace=True, **SUM),
    OpSpec("scatter_reduce", infer=scatter_reduced, inplace=True, tolerance="sum", edges=(0.0, 1.0)),
    OpSpec("index_add", infer=index_added, inplace=True, tolerance="sum"),
    OpSpec("index_copy", infer=index_copied, inplace=True, tolerance="exact"),
    OpSpec(
        "index_reduce", infer=index_reduced, halves=False, inplace=True, forward=False, tolerance="sum",
        edges=(0.0, 1.0),
    ),
    OpSpec("index_fill", infer=index_filled, inplace=True, **EXACT),
    OpSpec("index_fill", infer=index_filled_by, overload="tensor", inplace=True, **EXACT),
    OpSpec("put", infer=put_at, inplace=True, tolerance="exact"),
    OpSpec("fill", infer=filled, forms=("call",), saves=False, tolerance="exact"),
    OpSpec("fill", infer=filled_by, overload="tensor", forms=("call",), **EXACT),
    OpSpec("index_put", infer=index_put_at, inplace=True, tolerance="sum"),
    OpSpec("index", infer=indexed_by, forms=("index",), **EXACT),
)
