"""Matrix products and linear algebra.

What may live here: one line per op, and rules that serve ops of this file alone.
"""

from __future__ import annotations

from collections.abc import Sequence

from oracle.opset.metas import BOOL, FLOAT, Meta, Shape, broadcast, meta, result_dtype
from oracle.opset.params import choice, number
from oracle.opset.rules import matmul_shape, promoted
from oracle.opset.spec import Operand, OpSpec, Rule, rule

VECTOR = meta((3,), "float32")
MATRIX = meta((2, 2), "float32")
BATCH = meta((2, 2, 2), "float32")


def _inner(x: Meta) -> int:
    return x.shape[-1] if x.rank else 1


def _factors(x: Meta) -> Sequence[Meta]:
    """Metas that x can be multiplied by, as matrices."""
    return (meta((_inner(x), 2), x.dtype), meta((_inner(x),), x.dtype))


def _columns(x: Meta) -> Sequence[Meta]:
    """Matrices that the matrix (or batch of them) x can be multiplied by."""
    return (meta((*x.shape[:-2], _inner(x), 2), x.dtype),)


def _vector(x: Meta) -> Sequence[Meta]:
    return (meta((_inner(x),), x.dtype),)


def _product(x: Meta, other: Meta) -> Meta | None:
    if x.dtype != other.dtype or x.category == BOOL:
        return None
    shape = matmul_shape(x.shape, other.shape)
    return None if shape is None else meta(shape, x.dtype)


@rule(Operand("self", fresh=MATRIX), Operand("other", likes=_factors))
def multiplied(x: Meta, other: Meta) -> Meta | None:
    return _product(x, other) if x.category >= FLOAT else None


@rule(Operand("self", fresh=VECTOR), Operand("tensor", likes=_vector))
def vectors(x: Meta, other: Meta) -> Meta | None:
    """Two vectors of one length: dot."""
    return _product(x, other) if x.rank == other.rank == 1 else None


@rule(Operand("self", fresh=VECTOR), Operand("other", likes=_vector))
def conjugate_vectors(x: Meta, other: Meta) -> Meta | None:
    return _product(x, other) if x.rank == other.rank == 1 else None


@rule(Operand("self", fresh=MATRIX), Operand("vec", likes=_vector))
def matrix_vector(x: Meta, vec: Meta) -> Meta | None:
    return _product(x, vec) if (x.rank, vec.rank) == (2, 1) else None


@rule(Operand("self", fresh=MATRIX), Operand("mat2", likes=_columns))
def matrices(x: Meta, other: Meta) -> Meta | None:
    return _product(x, other) if x.rank == other.rank == 2 else None


@rule(Operand("self", fresh=BATCH), Operand("mat2", likes=_columns))
def batches(x: Meta, other: Meta) -> Meta | None:
    if x.rank != 3 or other.rank != 3 or x.shape[0] != other.shape[0]:
        return None
    return _product(x, other)


@rule(Operand("self", fresh=VECTOR), Operand("vec2", likes=lambda x: (VECTOR,)))
def outer(x: Meta, vec: Meta) -> Meta | None:
    if x.rank != 1 or vec.rank != 1:
        return None
    both = promoted(meta((1,), x.dtype), meta((1,), vec.dtype))
    return None if both is None else meta((*x.shape, *vec.shape), both.dtype)


# -- added to something ---------------------------------------------------------------------------------

BETA = number("beta", 0.5, 0, 2, default=1, keyword="must")
ALPHA = number("alpha", 2, -0.5, 0, default=1, keyword="must")


def _expands(shape: Shape, to: Shape) -> bool:
    return broadcast(shape, to) == to and len(shape) <= len(to)


def _adding(rank: int, first: str, second: str, ranks: tuple[int, int], summed: bool = False) -> Rule:
    """`self + first @ second`: factors of these ranks, the result of this one; `summed` over batches."""
    lead: Shape = (2,) * (ranks[0] - 2)

    def firsts(x: Meta) -> Sequence[Meta]:
        rows = x.shape[-1 if rank == 1 else -2] if x.rank >= (1 if rank == 1 else 2) else 2
        batch = (x.shape[0],) if rank == 3 and x.rank == 3 else lead
        return (meta((*batch, rows, 2), x.dtype), meta((*batch, rows, 3), x.dtype))

    def seconds(x: Meta, one: Meta) -> Sequence[Meta]:
        columns = x.shape[-1] if x.rank else 2
        if ranks[1] == 1:
            return (meta((_inner(one),), x.dtype),)
        return (meta((*one.shape[:-2], _inner(one), columns), x.dtype),)

    @rule(Operand("self"), Operand(first, likes=firsts), Operand(second, likes=seconds), BETA, ALPHA)
    def added(x: Meta, one: Meta, two: Meta, beta: complex, alpha: complex) -> Meta | None:
        if x.category < FLOAT or x.dtype != one.dtype or (one.rank, two.rank) != ranks:
            return None
        if ranks[0] == 3 and one.shape[0] != two.shape[0]:
            return None
        result = _product(one, two)
        if result is None:
            return None
        shape = result.shape[1:] if summed else result.shape
        return meta(shape, x.dtype) if _expands(x.shape, shape) else None

    return added


def _rows(x: Meta) -> Sequence[Meta]:
    return (meta((x.shape[-2] if x.rank > 1 else 2,), x.dtype),)


def _last(x: Meta, *_: Meta) -> Sequence[Meta]:
    return (meta((x.shape[-1] if x.rank else 2,), x.dtype),)


@rule(Operand("self"), Operand("vec1", likes=_rows), Operand("vec2", likes=_last), BETA, ALPHA)
def outer_added(x: Meta, one: Meta, two: Meta, beta: complex, alpha: complex) -> Meta | None:
    if one.rank != 1 or two.rank != 1 or not _expands(x.shape, (*one.shape, *two.shape)):
        return None
    found = promoted(x, meta(x.shape and (1,), one.dtype), meta((1,), two.dtype))
    if found is None or found.category < FLOAT or one.category < FLOAT or two.category < FLOAT:
        return None
    return meta((*one.shape, *two.shape), x.dtype) if x.dtype == one.dtype == two.dtype else None


# -- of one matrix --------------------------------------------------------------------------------------


@rule(Operand("self", fresh=MATRIX))
def traced(x: Meta) -> Meta | None:
    if x.rank != 2 or x.category == BOOL:
        return None
    return meta((), x.dtype if x.category >= FLOAT else "int64")


THREE = meta((2, 3), "float32")


def _alike(x: Meta) -> Sequence[Meta]:
    return (x,)


@rule(Operand("input", fresh=THREE), Operand("other", likes=_alike), choice("dim", 0, 1, default=-1, keyword="must"))
def crossed(x: Meta, other: Meta, dim: int) -> Meta | None:
    """linalg.cross of two of one rank and dtype."""
    if x.rank != other.rank or x.dtype != other.dtype or x.category < FLOAT or not -x.rank <= dim < x.rank:
        return None
    shape = broadcast(x.shape, other.shape)
    return None if shape is None or x.shape[dim] != 3 or other.shape[dim] != 3 else meta(shape, x.dtype)


CROSSED = Rule((*crossed.operands, choice("dim", 0, 1, -1)), crossed.infer)


@rule(Operand("x", fresh=THREE), Operand("y", likes=_alike))
def dotted(x: Meta, other: Meta) -> Meta | None:
    """linalg.vecdot along the last dimension; two vectors must be of one length."""
    if x.dtype != other.dtype or x.category < FLOAT:
        return None
    if x.rank == other.rank == 1 and x.shape != other.shape:
        return None
    shape = broadcast(x.shape, other.shape)
    return None if shape is None else meta(shape[:-1], x.dtype)


@rule(Operand("self"), Operand("other", likes=_alike))
def spread(x: Meta, other: Meta) -> Meta | None:
    """kron: sizes multiplied, the shorter shape filled up with ones in front."""
    rank = max(x.rank, other.rank)
    one, two = ((1,) * (rank - m.rank) + m.shape for m in (x, other))
    both = result_dtype(meta(one, x.dtype), meta(two, other.dtype))  # as filled up
    return meta(tuple(a * b for a, b in zip(one, two, strict=True)), both) if rank < 5 else None


# In place, torch's products may read what they have already written, so these are not drawn in place. Those that it
# leaves to a BLAS are "unordered": in which order that adds up, and whether fused, depends on the processor.
SPECS = (
    OpSpec("matmul", infer=multiplied, operator="@", tolerance="unordered"),
    OpSpec("dot", infer=vectors, tolerance="unordered"),
    OpSpec("vdot", infer=conjugate_vectors, tolerance="unordered"),
    OpSpec("mv", infer=matrix_vector, tolerance="unordered"),
    OpSpec("mm", infer=matrices, tolerance="unordered"),
    OpSpec("bmm", infer=batches, tolerance="unordered"),
    OpSpec("outer", infer=outer),
    OpSpec("ger", infer=outer),
    OpSpec("trace", infer=traced, tolerance="sum"),
    OpSpec("linalg.cross", infer=crossed, forms=("call",), tolerance="sum"),
    OpSpec("cross", infer=CROSSED, tolerance="sum"),
    OpSpec("linalg.vecdot", infer=dotted, forms=("call",), tolerance="sum"),
    OpSpec("kron", infer=spread, needs_dense=True),
    OpSpec("addmm", infer=_adding(2, "mat1", "mat2", (2, 2)), tolerance="unordered"),
    OpSpec("addmv", infer=_adding(1, "mat", "vec", (2, 1)), tolerance="unordered"),
    OpSpec("addr", infer=outer_added, tolerance="unordered"),  # its gradients are products of matrices
    OpSpec("baddbmm", infer=_adding(3, "batch1", "batch2", (3, 3)), tolerance="unordered"),
    OpSpec("addbmm", infer=_adding(2, "batch1", "batch2", (3, 3), summed=True), tolerance="unordered"),
)
