"""Inference rules shared by many ops: elementwise, broadcasting, reductions, matrix products.

What may live here: rules that more than one family or op uses. A rule of one op stands beside its line.
Each returns the Meta of the result, or None where torch refuses the call.
"""

from __future__ import annotations

from typing import Any

from oracle.opset.metas import (
    BOOL,
    COMPLEX,
    FLOAT,
    TO_REAL,
    Meta,
    Shape,
    broadcast,
    can_cast,
    float_dtype,
    meta,
    result_dtype,
)
from oracle.opset.params import dims, dtype, flag
from oracle.opset.spec import Operand, Rule, rule

SELF = Operand("self")
OTHER = Operand("other", numbers=True)
TENSOR_OTHER = Operand("other")


@rule(SELF)
def same(x: Meta) -> Meta:
    """The operand's shape and dtype: positive, clone, square, ..."""
    return x


@rule(SELF)
def same_not_bool(x: Meta) -> Meta | None:
    """Like `same`, refused for bool: neg, ..."""
    return None if x.category == BOOL else x


@rule(SELF)
def same_real(x: Meta) -> Meta | None:
    """Like `same`, refused for complex: sign, ..."""
    return None if x.category == COMPLEX else x


@rule(SELF)
def same_ordered(x: Meta) -> Meta | None:
    """Like `same`, refused for complex and bool: relu, ceil, ..."""
    return None if x.category in (BOOL, COMPLEX) else x


@rule(SELF)
def same_float(x: Meta) -> Meta | None:
    """Floating or complex operands only, dtype kept: most of nn.functional."""
    return x if x.category >= FLOAT else None


@rule(SELF)
def floating(x: Meta) -> Meta:
    """Ints and bools become the default float dtype: exp, log, sin, ..."""
    return meta(x.shape, float_dtype(x.dtype))


@rule(SELF)
def floating_real(x: Meta) -> Meta | None:
    """Like `floating`, refused for complex: erf, lgamma, ..."""
    return None if x.category == COMPLEX else meta(x.shape, float_dtype(x.dtype))


@rule(SELF)
def real_part(x: Meta) -> Meta:
    """Complex becomes real: abs, ..."""
    return meta(x.shape, TO_REAL.get(x.dtype, x.dtype))


@rule(SELF)
def predicate(x: Meta) -> Meta:
    """A bool for each element: isnan, ..."""
    return meta(x.shape, "bool")


def promoted(*operands: Meta) -> Meta | None:
    """Broadcast shape and promoted dtype of the operands."""
    shape = broadcast(*(operand.shape for operand in operands))
    return None if shape is None else meta(shape, result_dtype(*operands))


@rule(SELF, OTHER)
def binary(x: Meta, other: Meta) -> Meta | None:
    """Broadcasting and promoting: mul, maximum of numbers, ..."""
    return promoted(x, other)


@rule(SELF, TENSOR_OTHER)
def binary_tensors(x: Meta, other: Meta) -> Meta | None:
    """Broadcasting and promoting, tensors alone, not complex: maximum, fmax, ..."""
    if COMPLEX in (x.category, other.category):
        return None
    return promoted(x, other)


@rule(SELF, OTHER)
def compared(x: Meta, other: Meta) -> Meta | None:
    """Bools by broadcasting: eq, ne."""
    result = promoted(x, other)
    return None if result is None else meta(result.shape, "bool")


@rule(SELF, OTHER)
def ordered(x: Meta, other: Meta) -> Meta | None:
    """Like `compared`, refused for complex: lt, le, gt, ge."""
    result = promoted(x, other)
    return None if result is None or result.category == COMPLEX else meta(result.shape, "bool")


def kept_dims(x: Meta, where: Any, keepdim: bool) -> Shape | None:
    """The shape left by a reduction over `where` (None: all); None for a dim out of range or repeated."""
    rank = x.rank
    if where is None or (where == () and rank):
        chosen = set(range(rank))
    else:
        named = where if isinstance(where, tuple) else (where,)
        limit = max(rank, 1)
        if any(not -limit <= d < limit for d in named):
            return None
        chosen = {d % limit for d in named}
        if len(chosen) != len(named):
            return None
    if keepdim:
        return tuple(1 if d in chosen else size for d, size in enumerate(x.shape))
    return tuple(size for d, size in enumerate(x.shape) if d not in chosen)


def reduction(*, floats: bool = False) -> Rule:
    """dim, keepdim and dtype as sum has them; `floats` refuses ints and bools (mean)."""

    @rule(SELF, dims(), flag("keepdim"), dtype("float64", "float32"))
    def reduce(x: Meta, where: Any, keepdim: bool, to: Any) -> Meta | None:
        if where is None and keepdim:
            return None  # sum(keepdim=True) without dim is not an overload
        shape = kept_dims(x, where, keepdim)
        if shape is None or (x.category == COMPLEX and to is not None):
            return None
        if to is not None:
            return meta(shape, to.path)
        if floats and x.category < FLOAT:
            return None
        return meta(shape, "int64" if x.category < FLOAT else x.dtype)

    return reduce


def matmul_shape(a: Shape, b: Shape) -> Shape | None:
    """Shape of a matrix product with torch's treatment of vectors and batches; None if it does not exist."""
    if not a or not b:
        return None
    left = (1, *a) if len(a) == 1 else a
    right = (*b, 1) if len(b) == 1 else b
    batch = broadcast(left[:-2], right[:-2])
    if batch is None or left[-1] != right[-2]:
        return None
    rows = left[-2:-1] if len(a) > 1 else ()
    columns = right[-1:] if len(b) > 1 else ()
    return (*batch, *rows, *columns)


ZERO_DIM = Operand("value", likes=lambda x, *_: (meta((), x.dtype),))


def takes(x: Meta, value: Meta) -> Meta | None:
    """x where a 0-dim tensor can be written into it."""
    return x if not value.rank and can_cast(value.dtype, x.dtype) else None


@rule(SELF, ZERO_DIM)
def filled_by(x: Meta, value: Meta) -> Meta | None:
    return takes(x, value)
