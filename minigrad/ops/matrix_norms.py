"""Norms of matrices and the condition number: linalg.matrix_norm, linalg.norm, linalg.cond.

What may live here: what torch composes of vector norms, sums and singular values. Vector norms are in `norms`.
"""

from __future__ import annotations

import math
from typing import Any

from minigrad import errors
from minigrad.dims import normal_dim
from minigrad.dtypes import FROM_NUMPY, promote_types
from minigrad.errors import shape_text
from minigrad.ops.carriers import fresh_zeros
from minigrad.ops.extrema import amax, amin
from minigrad.ops.matrix_checks import called, check_floating, check_matrix, check_square
from minigrad.ops.norms import vector_norm_op
from minigrad.ops.singular_values import svdvals
from minigrad.ops.solving import inv_ex

# mypy: disable-error-code="no-untyped-def, no-untyped-call"

Dims = tuple[int, ...]


def _check_norm_dtype(dtype: Any, a: Any, function: str) -> None:
    if dtype is None:
        return
    name = dtype.scalar_type
    if dtype.numpy.kind not in "fc":
        raise RuntimeError(f"{function}: dtype should be floating point or complex, but got {name}")
    if (a.dtype.kind == "c") != (dtype.numpy.kind == "c"):
        raise RuntimeError(
            f"{function}: dtype should be {'complex' if a.dtype.kind == 'c' else 'real'} for "
            f"{'complex' if a.dtype.kind == 'c' else 'real'} inputs, but got {name}"
        )
    if promote_types(FROM_NUMPY[a.dtype], dtype) != dtype:
        raise RuntimeError(
            f"{function}: the dtype of the input ({errors.TYPE_NAMES[a.dtype.name]}) should be convertible without "
            f"narrowing to the specified dtype ({name})"
        )


def _last_two(x: Any, dims: Dims) -> Any:
    """`x` with the two dimensions at the end."""
    rest = [d for d in range(x._a.ndim) if d not in dims]
    return x.permute((*rest, *dims))


def _kept(result: Any, dims: Dims, ndim: int, keepdim: bool) -> Any:
    """A result over the last two dimensions with those of size 1 put back where they were."""
    if not keepdim:
        return result
    rest = [d for d in range(ndim) if d not in dims]
    order = [*rest, *dims]
    inverse = [order.index(d) for d in range(ndim)]
    return result.unsqueeze(-1).permute(inverse)


def _extreme(x: Any, dim: int, keepdim: bool, largest: bool) -> Any:
    """The largest or smallest along `dim`; the largest of nothing is 0."""
    shape = list(x._a.shape)
    if not largest or shape[dim]:
        return (amax if largest else amin)(x, dim, keepdim)
    shape[dim : dim + 1 or None] = [1] if keepdim else []
    return fresh_zeros(tuple(shape), x._a.dtype)


def _shown(ord: Any) -> str:
    return str(int(ord)) if isinstance(ord, float) and ord.is_integer() else str(ord)


@called(
    "linalg.matrix_norm",
    "(Tensor input, Number ord, tuple of ints dim = {-2,-1}, bool keepdim = False, *, torch.dtype dtype = None)",
    '(Tensor input, str ord = "fro", tuple of ints dim = {-2,-1}, bool keepdim = False, *, torch.dtype dtype = None)',
)
def matrix_norm(
    input: Any, ord: Any = "fro", dim: Any = (-2, -1), keepdim: bool = False, dtype: Any = None
) -> Any:
    """The norm of a matrix: Frobenius, nuclear, of its sums by rows or columns, or of its singular values."""
    a = input._a
    size = abs(ord) if not isinstance(ord, str) else None
    if ord not in ("fro", "nuc") and size not in (1, 2, math.inf):
        raise RuntimeError(f"linalg.matrix_norm: Order {_shown(ord)} not supported.")
    check_matrix(a, "linalg.matrix_norm")
    if len(dim) != 2:
        shown = " ".join(map(str, dim))
        raise RuntimeError(f"linalg.matrix_norm: dim must be a 2-tuple. Got {shown}")
    check_floating(a, "linalg.matrix_norm")
    dims = tuple(normal_dim(d, a.ndim) for d in dim)
    if dims[0] == dims[1]:
        raise RuntimeError(f"linalg.matrix_norm: dims must be different. Got ({dim[0]}, {dim[1]})")
    _check_norm_dtype(dtype, a, "linalg.matrix_norm")
    if ord == "fro":
        return vector_norm_op(input, 2, dims, keepdim, dtype)
    if ord == "nuc" or size == 2:
        values = svdvals(_last_two(input if dtype is None else input.to(dtype), dims))
        if ord == "nuc":
            result = values.sum(-1, keepdim)
        else:
            result = _extreme(values, -1, keepdim, ord > 0)
        return _kept(result, dims, a.ndim, keepdim)
    over, then = (dims[0], dims[1]) if size == 1 else (dims[1], dims[0])
    if not keepdim and over < then:
        then -= 1
    sums = vector_norm_op(input, 1.0, (over,), keepdim, dtype)
    return _extreme(sums, then, keepdim, ord > 0)


@called(
    "linalg.norm",
    "(Tensor input, Number ord = None, tuple of ints[1] dim = None, bool keepdim = False, *, torch.dtype dtype = None)",
    "(Tensor input, str ord, tuple of ints[1] dim = None, bool keepdim = False, *, torch.dtype dtype = None)",
)
def linalg_norm(
    input: Any, ord: Any = None, dim: Any = None, keepdim: bool = False, dtype: Any = None
) -> Any:
    """The norm of a vector or a matrix, as `ord` and `dim` say."""
    ndim = input._a.ndim
    if isinstance(ord, str):
        return matrix_norm(input, ord, (-2, -1) if dim is None else dim, keepdim, dtype)
    if dim is not None and len(dim) not in (1, 2):
        shown = shape_text(tuple(dim))
        raise RuntimeError(f"linalg.norm: If dim is specified, it must be of length 1 or 2. Got {shown}")
    if dim is None and ord is not None and ndim not in (1, 2):
        raise RuntimeError(
            f"linalg.norm: If dim is not specified but ord is, the input must be 1D or 2D. Got {ndim}D."
        )
    if ord is not None and ((dim is not None and len(dim) == 2) or (dim is None and ndim == 2)):
        return matrix_norm(input, ord, (0, 1) if dim is None else dim, keepdim, dtype)
    return vector_norm_op(input, 2.0 if ord is None else ord, dim, keepdim, dtype)


@called(
    "linalg.cond", "(Tensor input, Number p = None)", "(Tensor input, str p)"
)
def cond(input: Any, p: Any = None) -> Any:
    """The condition number of a matrix in a norm; by default, of its singular values."""
    a = input._a
    if isinstance(p, str):
        check_matrix(a, f"linalg.cond(ord={p})")
    elif a.ndim < 2:
        raise RuntimeError("linalg.cond: The input tensor must have at least 2 dimensions.")
    if not isinstance(p, str) and p is not None and abs(p) not in (1, 2, math.inf):
        raise RuntimeError(f"linalg.cond got an invalid norm type: {_shown(p)}")
    if isinstance(p, str) and p not in ("fro", "nuc"):
        raise RuntimeError(f"linalg.cond got an invalid norm type: {p}")
    if p is None or (not isinstance(p, str) and abs(p) == 2):
        if not a.size:
            return fresh_zeros(a.shape[:-2], a.real.dtype)
        values = svdvals(input)
        first, last = values.narrow(-1, 0, 1), values.narrow(-1, -1, 1)
        ratio = last / first if p == -2 else first / last
        return ratio.squeeze(-1)
    check_square(a, f"linalg.cond(ord={_shown(p)})")
    if not a.size:
        return fresh_zeros(a.shape[:-2], a.real.dtype)
    if p == "nuc":
        values = svdvals(input)
        inverse = values.reciprocal().sum(-1)  # C++ makes the second operand first
        return values.sum(-1) * inverse
    inverse, info = inv_ex(input)
    inverse.masked_fill_(info.bool().unsqueeze(-1).unsqueeze(-1), math.inf)
    return (matrix_norm(input, p) * matrix_norm(inverse, p)).nan_to_num_(math.inf, math.inf, -math.inf)
