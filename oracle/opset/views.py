"""More views: other orders of dims, parts, windows, pieces, complex numbers as pairs.

What may live here: one line per view op beyond those of `shape`, and rules that serve ops of this file alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise, permutations
from typing import Any

from oracle.opset.metas import COMPLEX, TO_COMPLEX, TO_REAL, Meta, Shape, broadcast, meta
from oracle.opset.params import axes, by_shape, choice, dim, expansions, joint, sized
from oracle.opset.rules import SELF, same
from oracle.opset.shape import MOST_PIECES, VIEW, chunked, split_evenly, transposed, wrapped
from oracle.opset.spec import Operand, OpSpec, Param, Rule, rule
from oracle.program.language import ListArg

MATRIX = meta((2, 3), "float32")
CUBE = meta((2, 3, 2), "float32")


# -- orders of dims -------------------------------------------------------------------------------------


def orders(x: Meta) -> Sequence[Shape]:
    """Some orders of the dims of x, the last one named from the back."""
    every = list(permutations(range(x.rank)))[:8]
    if x.rank >= 2:
        every += [tuple(d - x.rank for d in every[-1])]
    return every


@rule(SELF, sized("dims", orders))
def permuted(x: Meta, order: Shape) -> Meta | None:
    if sorted(d % x.rank for d in order) != list(range(x.rank)):
        return None
    return meta(tuple(x.shape[d] for d in order), x.dtype)


def _moves(x: Meta) -> Sequence[tuple[Any, ...]]:
    found: list[tuple[Any, ...]] = [(a, b) for a in axes(x)[:4] for b in axes(x)[:4]]
    if x.rank >= 2:
        found += [((0, 1), (1, 0)), ((0, -1), (-1, 0)), ((1,), (0,))]
    return found


@rule(SELF, joint("source", _moves, wrong=lambda x: ((x.rank + 1, 0), ((0,), (0, 1)))))
def moved(x: Meta, where: Any) -> Meta | None:
    if not x.rank:
        return x
    named = (one if isinstance(one, tuple) else (one,) for one in where)
    sources, targets = ([d % x.rank for d in dims] for dims in named)
    order = [d for d in range(x.rank) if d not in sources]
    for target, source in sorted(zip(targets, sources, strict=True)):
        order.insert(target, source)
    return meta(tuple(x.shape[d] for d in order), x.dtype)


# -- shapes ---------------------------------------------------------------------------------------------


@rule(SELF, dim("start_dim", default=0), dim("end_dim", default=-1))
def flattened(x: Meta, start: int, end: int) -> Meta | None:
    first, last = wrapped(start, x.rank), wrapped(end, x.rank)
    if first is None or last is None or first > last:
        return None
    size = 1
    for n in x.shape[first : last + 1]:
        size *= n
    return meta((*x.shape[:first], size, *x.shape[last + 1 :]), x.dtype)


@rule(SELF)
def raveled(x: Meta) -> Meta:
    return meta((x.numel,), x.dtype)


def _unfoldings(x: Meta) -> Sequence[tuple[Any, ...]]:
    found: list[tuple[Any, ...]] = []
    for d, n in enumerate(x.shape):
        found += [(d, (n, 1)), (d - x.rank, (1, n))]
        if n and n % 2 == 0:
            found += [(d, (2, n // 2)), (d, (-1, 2))]
    return found


@rule(SELF, joint("dim", _unfoldings, wrong=lambda x: ((0, (99,)), (0, ()))))
def unflattened(x: Meta, where: Any) -> Meta | None:
    d, sizes = where[0] % x.rank, where[1]
    known = 1
    for n in sizes:
        known *= 1 if n == -1 else n
    sizes = tuple(x.shape[d] // known if n == -1 else n for n in sizes)
    return meta((*x.shape[:d], *sizes, *x.shape[d + 1 :]), x.dtype)


def _same_numel(x: Meta) -> Sequence[Meta]:
    return (meta((x.numel,), x.dtype), x)


@rule(SELF, Operand("other", likes=_same_numel, tracked=False))
def viewed_as(x: Meta, other: Meta) -> Meta | None:
    return meta(other.shape, x.dtype) if x.numel == other.numel else None


@rule(SELF, Operand("other", likes=lambda x: (meta((2, *x.shape), x.dtype), x), tracked=False))
def expanded_as(x: Meta, other: Meta) -> Meta | None:
    fits = len(other.shape) >= x.rank and broadcast(x.shape, other.shape) == other.shape
    return meta(other.shape, x.dtype) if fits else None


def _whole(x: Meta) -> Sequence[Shape]:
    return [size for size in expansions(x) if -1 not in size]


@rule(SELF, sized("size", _whole, keyword="never"))
def broadcasted(x: Meta, size: Shape) -> Meta | None:
    return meta(size, x.dtype) if broadcast(x.shape, size) == size and len(size) >= x.rank else None


def _at_least(rank: int) -> Any:
    @rule(SELF)
    def raised(x: Meta) -> Meta:
        shape = x.shape
        if rank == 3 and len(shape) < 3:
            shape = (1, *shape, 1) if len(shape) == 1 else (*shape, *(1,) * (3 - len(shape)))
        return meta((*(1,) * (rank - len(shape)), *shape), x.dtype)

    return raised


# -- parts ----------------------------------------------------------------------------------------------


def _diagonals(x: Meta) -> Sequence[tuple[Any, ...]]:
    found: list[tuple[Any, ...]] = [(), (1,), (-1,), (0, 0, 1), (0, 1, 0), (0, -1, -2), (5,)]
    return [*found, (0, 0, 2), (1, 1, 2)] if x.rank > 2 else found


def diagonal_shape(x: Meta, offset: int, first: int, second: int) -> Shape | None:
    """The shape of a diagonal, or None where the dims do not exist or coincide."""
    a, b = wrapped(first, x.rank), wrapped(second, x.rank)
    if x.rank < 2 or a is None or b is None or a == b:
        return None
    n, m = x.shape[a], x.shape[b]
    length = max(min(n, m - offset) if offset >= 0 else min(n + offset, m), 0)
    return (*(size for d, size in enumerate(x.shape) if d not in (a, b)), length)


@rule(
    Operand("A", fresh=MATRIX),
    choice("offset", 1, -1, default=0, keyword="must"),
    choice("dim1", 0, default=-2, keyword="must"),
    choice("dim2", 1, 0, default=-1, keyword="must"),
)
def diagonal_by_name(x: Meta, offset: int, first: int, second: int) -> Meta | None:
    """linalg.diagonal, of the last two dims if no others are named."""
    shape = diagonal_shape(x, offset, first, second)
    return None if shape is None else meta(shape, x.dtype)


@rule(Operand("self", fresh=MATRIX), joint("offset", _diagonals, wrong=lambda x: ((0, 0, 0), (0, 0, 9))))
def diagonal_of(x: Meta, how: Any) -> Meta | None:
    shape = diagonal_shape(x, *(*how, *(0, 0, 1)[len(how) :]))
    return None if shape is None else meta(shape, x.dtype)


def _windows(x: Meta) -> Sequence[tuple[int, int, int]]:
    found = []
    for d, n in enumerate(x.shape or (1,)):
        found += [(d, size, step) for size, step in ((1, 1), (2, 1), (2, 2), (n, 1), (0, 2)) if size <= n]
    return found


@rule(SELF, joint("dimension", _windows, wrong=lambda x: ((0, 99, 1), (0, 1, 0))))
def unfolded(x: Meta, how: Any) -> Meta | None:
    d, size, step = how
    if not x.rank:
        return meta((size,), x.dtype)
    count = (x.shape[d] - size) // step + 1
    return meta((*x.shape[:d], count, *x.shape[d + 1 :], size), x.dtype)


def _pieces(x: Meta, axis: int, sizes: list[int]) -> tuple[Meta, ...] | None:
    if not 1 <= len(sizes) <= MOST_PIECES:
        return None
    return tuple(meta((*x.shape[:axis], n, *x.shape[axis + 1 :]), x.dtype) for n in sizes)


def tensor_split_sizes(n: int, how: Any) -> list[int]:
    """Sizes of the pieces between indices, or of so many nearly equal ones."""
    if isinstance(how, int):
        size, longer = divmod(n, how)
        return [size + (i < longer) for i in range(how)]
    bounds = [0, *(min(at, n) for at in how), n]
    return [max(end - start, 0) for start, end in pairwise(bounds)]


def _cuts(x: Meta) -> Sequence[tuple[Any, ...]]:
    found: list[tuple[Any, ...]] = []
    for d in range(x.rank):
        where = () if d == 0 else (d,)
        found += [(2, *where), (3, *where), ((1,), *where), ((0, 1), *where), ((1, 9), *where)]
    return found


@rule(SELF, joint("indices_or_sections", _cuts, wrong=lambda x: ((0,), (2, 9))))
def cut_up(x: Meta, how: Any) -> tuple[Meta, ...] | None:
    d = how[1] if len(how) > 1 else 0
    return _pieces(x, d, tensor_split_sizes(x.shape[d], how[0]))


def _split_along(least: int, dim_of: Any) -> Any:
    fresh = (meta((2,), "float32"), MATRIX, CUBE)[least - 1]

    def choices(x: Meta) -> Sequence[Any]:
        if x.rank < least:
            return ()
        n = x.shape[dim_of(x)]
        return [k for k in (1, 2, n) if k and n % k == 0] + [ListArg((1,))]

    @rule(Operand("self", fresh=fresh), Param("indices_or_sections", choices, keyword="never"))
    def pieces(x: Meta, how: Any) -> tuple[Meta, ...] | None:
        if x.rank < least:
            return None
        d = dim_of(x)
        return _pieces(x, d, tensor_split_sizes(x.shape[d], how.items if isinstance(how, ListArg) else how))

    return pieces


WINDOWS = (
    ((), ()), ((1,), (1,)), ((2,), (1,)), ((1, 2), (2, 1)), ((2, 2), (1, 1)), ((2,), (0,)), ((2, 1), (2, 1), 0),
    ((0,), (1,)), ((3, 2), (1, 3)), ((2, 2), (2, 1)), ((1,), (1,), 1),
)  # fmt: skip
"""Sizes, strides and offsets of as_strided."""


@rule(SELF, joint("size", lambda x: WINDOWS, wrong=lambda x: (((99,), (1,)), ((1,), (1, 1)), ((1,), (-1,)))))
def restrided(x: Meta, how: Any) -> Meta | None:
    """What lies within the elements of x itself, wherever in its storage it begins."""
    size, stride, *offset = how
    last = sum((n - 1) * step for n, step in zip(size, stride, strict=True)) + sum(offset)
    return meta(size, x.dtype) if 0 in size or last < x.numel else None


@by_shape
def _sizes(x: Meta) -> Sequence[tuple[Any, ...]]:
    """Sizes of all pieces along a dim."""
    found: list[tuple[Any, ...]] = []
    for d, n in enumerate(x.shape):
        where = () if d == 0 else (d,) if d % 2 else (d - x.rank,)
        found += [((n - n // 2, n // 2), *where), ((n,), *where), ((0, n), *where)]
        found += [(ListArg((1, n - 2, 1)), *where)] if n >= 3 else []
    return found


@rule(SELF, joint("split_sizes", _sizes, wrong=lambda x: (((99, 1),), ((-1, 1),))))
def split_by_sizes(x: Meta, how: Any) -> tuple[Meta, ...] | None:
    sizes = how[0].items if isinstance(how[0], ListArg) else how[0]
    return _pieces(x, how[1] % x.rank if len(how) > 1 else 0, list(sizes))


@rule(Operand("self", fresh=MATRIX))
def matrix_turned(x: Meta) -> Meta | None:
    """T and H, of matrices alone: torch warns of others once per process, or refuses them."""
    return meta(x.shape[::-1], x.dtype) if x.rank == 2 else None


@rule(Operand("self", fresh=MATRIX))
def matrices_turned(x: Meta) -> Meta | None:
    return meta((*x.shape[:-2], x.shape[-1], x.shape[-2]), x.dtype) if x.rank > 1 else None


# -- complex --------------------------------------------------------------------------------------------

PAIRS = meta((3, 2), "float32")
WHOLE = meta((2,), "complex64")


@rule(Operand("self", fresh=WHOLE))
def as_pairs(x: Meta) -> Meta | None:
    return meta((*x.shape, 2), TO_REAL[x.dtype]) if x.category == COMPLEX else None


@rule(Operand("self", fresh=PAIRS))
def from_pairs(x: Meta) -> Meta | None:
    fits = x.dtype in ("float32", "float64") and x.rank and x.shape[-1] == 2
    return meta(x.shape[:-1], TO_COMPLEX[x.dtype]) if fits else None


@rule(Operand("self", fresh=WHOLE))
def part_of(x: Meta) -> Meta | None:
    return meta(x.shape, TO_REAL[x.dtype]) if x.category == COMPLEX else None


MAYBE: dict[str, Any] = {"view": "maybe", "saves": False, "tolerance": "exact"}
PLAIN: dict[str, Any] = {"dense": False, **VIEW}
SHARED: dict[str, Any] = {**PLAIN, "view": "detached"}
ATTRIBUTE: dict[str, Any] = {"forms": ("get",), **PLAIN}

SPECS = (
    OpSpec("permute", infer=permuted, **PLAIN),
    OpSpec("swapaxes", infer=Rule((SELF, dim("axis0"), dim("axis1")), transposed.infer), **PLAIN),
    OpSpec("swapdims", infer=transposed, **PLAIN),
    OpSpec("movedim", infer=moved, **PLAIN),
    OpSpec("flatten", infer=flattened, **MAYBE),
    OpSpec("ravel", infer=raveled, **MAYBE),
    OpSpec("unflatten", infer=unflattened, needs_dense=True, **VIEW),
    OpSpec("view_as", infer=viewed_as, forms=("method",), needs_dense=True, **VIEW),
    OpSpec("reshape_as", infer=viewed_as, forms=("method",), **MAYBE),
    OpSpec("expand_as", infer=expanded_as, forms=("method",), overlap=True, **PLAIN),
    OpSpec("broadcast_to", infer=broadcasted, overlap=True, **PLAIN),
    OpSpec("atleast_1d", infer=_at_least(1), forms=("call",), **MAYBE),
    OpSpec("atleast_2d", infer=_at_least(2), forms=("call",), **MAYBE),
    OpSpec("atleast_3d", infer=_at_least(3), forms=("call",), **MAYBE),
    OpSpec("diagonal", infer=diagonal_of, **PLAIN),
    OpSpec("linalg.diagonal", infer=diagonal_by_name, forms=("call",), **PLAIN),
    OpSpec("unfold", infer=unfolded, forms=("method",), overlap=True, **PLAIN),
    OpSpec("as_strided", infer=restrided, overlap=True, needs_dense=True, **PLAIN),
    OpSpec("split_with_sizes", infer=split_by_sizes, outs="many", **PLAIN),
    OpSpec("unsafe_split", infer=split_evenly, outs="many", **SHARED),
    OpSpec("unsafe_split_with_sizes", infer=split_by_sizes, outs="many", **SHARED),
    OpSpec("unsafe_chunk", infer=chunked, outs="many", **SHARED),
    OpSpec("T", infer=matrix_turned, **ATTRIBUTE),
    OpSpec("H", infer=matrix_turned, **ATTRIBUTE),
    OpSpec("mT", infer=matrices_turned, **ATTRIBUTE),
    OpSpec("mH", infer=matrices_turned, **ATTRIBUTE),
    OpSpec("tensor_split", infer=cut_up, outs="many", **PLAIN),
    OpSpec("hsplit", infer=_split_along(1, lambda x: 1 if x.rank > 1 else 0), outs="many", **PLAIN),
    OpSpec("vsplit", infer=_split_along(2, lambda x: 0), outs="many", **PLAIN),
    OpSpec("dsplit", infer=_split_along(3, lambda x: 2), outs="many", **PLAIN),
    OpSpec("conj", infer=same, **{**MAYBE, "dense": False}),
    OpSpec("resolve_conj", infer=same, **MAYBE),
    OpSpec("resolve_neg", infer=same, **MAYBE),
    OpSpec("view_as_real", infer=as_pairs, forms=("call",), **PLAIN),
    OpSpec("view_as_complex", infer=from_pairs, halves=False, forms=("call",), needs_dense=True, **PLAIN),
    OpSpec("real", infer=part_of, forms=("call",), **PLAIN),
    OpSpec("imag", infer=part_of, forms=("call",), **PLAIN),
)
