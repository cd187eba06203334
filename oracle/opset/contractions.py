"""Sums of products over dimensions, norms of matrices, distances of rows: what torch composes of products and norms.

What may live here: one line per op, and rules that serve ops of this file alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from math import prod
from typing import Any

from oracle.opset.linalg import MATRIX, VECTOR
from oracle.opset.matrices import REAL_SQUARE, SQUARE, is_square
from oracle.opset.metas import BOOL, FLOAT, TO_REAL, Meta, Shape, broadcast, meta, result_dtype
from oracle.opset.params import choice, dims, flag
from oracle.opset.rules import kept_dims, matmul_shape
from oracle.opset.spec import Operand, OpSpec, Param, rule
from oracle.program.language import ListArg

INF = float("inf")


def _factors(x: Meta) -> Sequence[Meta]:
    inner = x.shape[-1] if x.rank else 1
    return (meta((inner, 2), x.dtype), meta((inner,), x.dtype))


@rule(Operand("input", fresh=MATRIX), Operand("other", likes=_factors))
def multiplied(x: Meta, other: Meta) -> Meta | None:
    if x.dtype != other.dtype or x.category < FLOAT:
        return None
    shape = matmul_shape(x.shape, other.shape)
    return None if shape is None else meta(shape, x.dtype)


def _same_last(x: Meta) -> Sequence[Meta]:
    return (meta((2, *x.shape[-1:]), x.dtype), meta(x.shape[-1:], x.dtype))


@rule(Operand("self", fresh=MATRIX), Operand("other", likes=_same_last))
def inner(x: Meta, other: Meta) -> Meta | None:
    if not x.rank or not other.rank:
        if BOOL in (x.category, other.category):
            return None
        return meta(broadcast(x.shape, other.shape) or (), result_dtype(x, other))
    if x.dtype != other.dtype or x.category < FLOAT or x.shape[-1] != other.shape[-1]:
        return None
    return meta((*x.shape[:-1], *other.shape[:-1]), x.dtype)


def _dims(x: Meta, other: Meta) -> Sequence[Any]:
    """Numbers of dimensions, and pairs of lists of them, of one size each."""
    found: list[Any] = [n for n in range(min(x.rank, other.rank) + 1) if x.shape[x.rank - n :] == other.shape[:n]]
    for i, size in enumerate(x.shape):
        found += [(ListArg((i,)), ListArg((j - other.rank,))) for j, n in enumerate(other.shape) if n == size]
    return found[::-1]


def _contracted(x: Meta, other: Meta, dims: Any) -> Shape:
    if isinstance(dims, int):
        return (*x.shape[: x.rank - dims], *other.shape[dims:])
    (i,), (j,) = dims[0].items, dims[1].items
    j %= other.rank
    return (*x.shape[:i], *x.shape[i + 1 :], *other.shape[:j], *other.shape[j + 1 :])


@rule(Operand("a", fresh=MATRIX), Operand("b", likes=_factors), Param("dims", _dims))
def dotted(x: Meta, other: Meta, dims: Any) -> Meta | None:
    if x.dtype != other.dtype or x.category < FLOAT:
        return None
    return meta(_contracted(x, other, dims), x.dtype)


EQUATIONS = {
    1: ("i->i", "i->", "i"),
    2: ("ij->ji", "ij->i", "ij->j", "ij->", "ii->i", "ii", "...j->j..."),
    3: ("ijk->kji", "ijk->j", "i...->...", "ijj->ij", "...jk->...k"),
}
"""By rank of the one operand."""
PAIRS = {
    (1, 1): ("i,i", "i,j->ij", "i,i->i", "i,j->j"),
    (2, 1): ("ij,j->i", "ij,i", "ij,k->ik", "ij,j->ij"),
    (2, 2): ("ij,jk->ik", "ij,jk->ki", "ij,kj", "ij,ij->", "ij,ij->j", "ij,kl->il", "ij,jk", "...ij,...jk->...ik"),
    (3, 2): ("bij,jk->bik", "bij,ij->b", "...ij,jk", "bij,jk->kb"),
    (3, 3): ("bij,bjk->bik", "bij,bij->ij", "bij,bkj->bik", "...ij,...ij->..."),
}


def _evaluated(equation: str, shapes: Sequence[Shape]) -> Shape | None:
    """The shape that an equation gives; None where sizes do not fit."""
    left, arrow, right = equation.partition("->")
    sizes: dict[str, int] = {}
    counts: dict[str, int] = {}
    ellipsis: Shape = ()
    for labels, shape in zip(left.split(","), shapes, strict=True):
        before, dots, after = labels.partition("...")
        own = len(shape) - len(before) - len(after)
        if own < 0 or (own and not dots):
            return None
        covered = broadcast(ellipsis, shape[len(before) : len(before) + own])
        if covered is None:
            return None
        ellipsis = covered
        seen: dict[str, int] = {}
        for label, size in zip(before + after, shape[: len(before)] + shape[len(before) + own :], strict=True):
            if seen.setdefault(label, size) != size:
                return None
            if sizes.get(label, size) != size and 1 not in (sizes[label], size):
                return None
            counts[label] = counts.get(label, 0) + 1
            sizes[label] = size if sizes.get(label, 1) == 1 else sizes[label]
    if not arrow:
        return (*ellipsis, *(sizes[label] for label in sorted(sizes) if counts[label] == 1))
    before, dots, after = right.partition("...")
    return (*(sizes[k] for k in before), *(ellipsis if dots else ()), *(sizes[k] for k in after))


@rule(
    Param("equation", lambda x: EQUATIONS.get(x.rank, ()), keyword="never"),
    Operand("operand", fresh=MATRIX),
)
def summed(equation: str, x: Meta) -> Meta | None:
    """einsum of one operand that has to be summed or copied, so that it is no view of it."""
    shape = _evaluated(equation, (x.shape,)) if x.category >= FLOAT else None
    kept = "->" not in equation or len(equation.partition("->")[2]) >= len(set(equation.partition("->")[0]))
    return None if shape is None or (kept and equation != "ii") else meta(shape, x.dtype)


@rule(
    Param("equation", lambda x, y: PAIRS.get((x.rank, y.rank), ()), keyword="never"),
    Operand("first", fresh=MATRIX),
    Operand("second", likes=_factors),
)
def multiplied_and_summed(equation: str, x: Meta, y: Meta) -> Meta | None:
    shape = _evaluated(equation, (x.shape, y.shape)) if x.dtype == y.dtype and x.category >= FLOAT else None
    return None if shape is None else meta(shape, x.dtype)


@rule(Operand("tensors", many=True, fresh=meta((2, 2), "float32")))
def chained(tensors: Sequence[Meta]) -> Meta | None:
    """multi_dot: two and more matrices that fit, the ends may be vectors."""
    first, last = tensors[0], tensors[-1]
    if len(tensors) < 2 or any(one.dtype != first.dtype or first.category < FLOAT for one in tensors):
        return None
    if any(one.rank != 2 for one in tensors[1:-1]) or not {first.rank, last.rank} <= {1, 2}:
        return None
    if any(a.shape[-1] != b.shape[0] for a, b in pairwise(tensors)):
        return None
    return meta((*first.shape[:-1], *last.shape[1:]), first.dtype)


# -- norms ----------------------------------------------------------------------------------------------


@rule(Operand("A", made=SQUARE), choice("ord", "nuc", 2, -2, "fro", 1, -1, INF, -INF, default="fro"))
def matrix_norm(x: Meta, ord: Any) -> Meta | None:
    if not is_square(x) or not x.numel or (x.category > FLOAT and ord in ("nuc", 2, -2)):
        return None
    return meta(x.shape[:-2], TO_REAL.get(x.dtype, x.dtype))


@rule(Operand("A", made=REAL_SQUARE), choice("p", 2, -2, "nuc", default=None))
def condition(x: Meta, p: Any) -> Meta | None:
    return meta(x.shape[:-2], TO_REAL.get(x.dtype, x.dtype)) if is_square(x) and x.numel else None


@rule(
    Operand("A", fresh=MATRIX),
    choice("ord", 2, 1, 3, INF, default=None),
    choice("dim", 0, -1, (0,)),
    flag("keepdim"),
)
def vector_norm(x: Meta, ord: Any, dim: Any, keepdim: bool) -> Meta | None:
    """linalg.norm along one dimension."""
    if x.category < FLOAT or not x.rank:
        return None
    shape = kept_dims(x, dim, keepdim)
    size = x.shape[dim if isinstance(dim, int) else dim[0]]
    return None if shape is None or not size else meta(shape, TO_REAL.get(x.dtype, x.dtype))


@rule(
    Operand("x", fresh=MATRIX),
    choice("ord", 1, 3, INF, -INF, 0.5, default=2),
    dims(),
    flag("keepdim"),
)
def whole_norm(x: Meta, ord: Any, dim: Any, keepdim: bool) -> Meta | None:
    """linalg.vector_norm along any dimensions."""
    if x.category < FLOAT or not x.numel:
        return None
    shape = kept_dims(x, dim, keepdim)
    return None if shape is None else meta(shape, TO_REAL.get(x.dtype, x.dtype))


# -- inverses of tensors --------------------------------------------------------------------------------


@rule(Operand("A", made=REAL_SQUARE), choice("ind", 1, default=2))
def turned_inside_out(x: Meta, ind: int) -> Meta | None:
    """tensorinv of one matrix, whose row and column dimensions its sizes tell apart."""
    if not is_square(x) or prod(x.shape[:ind]) != prod(x.shape[ind:]) or (x.rank, ind) not in ((2, 1), (3, 2)):
        return None
    return meta((*x.shape[ind:], *x.shape[:ind]), x.dtype)


def _sides(x: Meta) -> Sequence[Meta]:
    return (meta(x.shape[:-1], x.dtype),)


ONE_MATRIX = tuple(meta(shape, name) for shape in ((2, 2), (3, 3), (1, 2, 2)) for name in ("float32", "float64"))


@rule(Operand("A", made=lambda *_: ONE_MATRIX), Operand("B", likes=_sides))
def solved_as_matrix(x: Meta, b: Meta) -> Meta | None:
    """tensorsolve of one matrix."""
    fits = is_square(x) and b.shape == x.shape[:-1] and b.dtype == x.dtype and prod(x.shape[:-2]) == 1
    return meta(x.shape[-1:], x.dtype) if fits else None


# -- distances, powers ----------------------------------------------------------------------------------


def _rows(x: Meta) -> Sequence[Meta]:
    return (meta((3, x.shape[-1] if x.rank else 1), x.dtype),)


@rule(Operand("x1", fresh=MATRIX), Operand("x2", likes=_rows), choice("p", 1.0, 3.0, INF, 0.0, 1.5, default=2.0),
      choice("compute_mode", "use_mm_for_euclid_dist", default=""))  # fmt: skip
def distances(x: Meta, y: Meta, p: float, mode: str) -> Meta | None:
    if min(x.rank, y.rank) < 2 or x.shape[-1] != y.shape[-1] or x.dtype != y.dtype or x.category != FLOAT:
        return None
    lead = broadcast(x.shape[:-2], y.shape[:-2])
    real = x.dtype in ("float32", "float64")
    return meta((*lead, x.shape[-2], y.shape[-2]), x.dtype) if lead is not None and real else None


@rule(Operand("x", fresh=VECTOR), choice("N", 2, 4, default=None, keyword="must"))
def powers(x: Meta, count: int | None) -> Meta | None:
    if not x.rank:
        return None  # torch answers with a row where a vector belongs
    n = x.shape[-1] if count is None else count
    if n is None or n < 2 or x.category == BOOL or (x.category < FLOAT and x.dtype != "int64"):
        return None
    return meta((*x.shape, n), x.dtype)


@rule(Operand("x", fresh=VECTOR), choice("N", 2, 4, default=None), flag("increasing"))
def old_powers(x: Meta, count: int | None, increasing: bool) -> Meta | None:
    if x.rank != 1 or x.category == BOOL:
        return None
    n = x.shape[0] if count is None else count
    if n < 2:
        return None  # what has no powers of x has no gradient
    return meta((x.shape[0], n), x.dtype if x.category >= FLOAT else "int64")


CALL: dict[str, Any] = {"forms": ("call",), "tolerance": "sum"}
PRODUCT: dict[str, Any] = {"forms": ("call",), "tolerance": "unordered"}
MADE: dict[str, Any] = {"forms": ("call",), "tolerance": "lapack"}
SPECS = (
    OpSpec("linalg.matmul", infer=multiplied, **PRODUCT),
    OpSpec("inner", infer=inner, tolerance="unordered"),
    OpSpec("tensordot", infer=dotted, **PRODUCT),
    OpSpec("einsum", infer=summed, overload="one", dense=False, **PRODUCT),
    OpSpec("einsum", infer=multiplied_and_summed, dense=False, **PRODUCT),
    OpSpec("linalg.multi_dot", infer=chained, **PRODUCT),
    OpSpec("linalg.matrix_norm", infer=matrix_norm, domain="regular", **MADE),
    OpSpec("linalg.cond", infer=condition, domain="regular", **MADE),
    OpSpec("linalg.norm", infer=vector_norm, **CALL),
    OpSpec("linalg.vector_norm", infer=whole_norm, edges=(0.0, -0.0, INF), **{**CALL, "tolerance": "loose"}),
    OpSpec("linalg.tensorinv", infer=turned_inside_out, domain="regular", dense=False, **MADE),
    OpSpec("linalg.tensorsolve", infer=solved_as_matrix, domain="regular", dense=False, **MADE),
    OpSpec("cdist", infer=distances, halves=False, **{**PRODUCT, "tolerance": "root"}),  # of a product, if asked for
    OpSpec("linalg.vander", infer=powers, halves=False, **CALL),
    OpSpec("vander", infer=old_powers, halves=False, dense=False, grad="refused", **CALL),
)
