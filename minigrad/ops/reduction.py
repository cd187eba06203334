"""Reductions that add or multiply: sum, mean, prod; and what formulas of reductions share.

What may live here: these, and `any`, `all`, `count_nonzero`. Reductions that choose are in `extrema`, moments
in `moments`, norms in `norms`.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from minigrad import casting, dtypes, errors, modes
from minigrad.arguments import to_int
from minigrad.dims import normal_dim, normal_dims
from minigrad.memory import contiguous_strides, in_elements
from minigrad.ops import multiplying
from minigrad.ops.arithmetic import conj, over
from minigrad.ops.carriers import array_of, zeros_like
from minigrad.ops.complex_products import mixed_product
from minigrad.ops.conversion import cast
from minigrad.ops.expanding import expand_op
from minigrad.registry import composite, derivative, op
from minigrad.summing import total, total_of_all
from minigrad.tensor import Tensor, wrap
from minigrad.windows import expanded, window
from minigrad.zeros import materialized

# mypy: disable-error-code="no-untyped-def, no-untyped-call"

Dims = tuple[int, ...]
Shape = tuple[int, ...]
_SIZES = {"self_shape": {"self_sym_sizes": tuple, "self_sym_numel": math.prod}}  # what torch's node of a mean shows


# -- shared by formulas ---------------------------------------------------------------------------------


def unsqueeze(x: Any, dim: int) -> Any:
    return x.unsqueeze(dim) if isinstance(x, Tensor) else np.expand_dims(x, dim)


def expand_to(x: Any, shape: Shape) -> Any:
    if isinstance(x, Tensor):
        return expand_op(x, shape)
    if 0 in shape:  # unlike what is really expanded, this and what has one element can be written to
        return window(np.asarray(x), *expanded(np.asarray(x), shape))
    if x.size == 1 and math.prod(shape) == 1:
        return x.reshape(shape) if x.ndim else window(np.asarray(x), shape, (0,) * len(shape))
    if type(x) is np.ndarray and x.base is None and not x.ndim:  # as `broadcast_to` does it, at a fifth of the time
        seen = np.ndarray(shape, x.dtype, x, 0, (0,) * len(shape))
        seen.flags.writeable = False
        return seen
    return x.view() if x.shape == shape else np.broadcast_to(x, shape)  # NumPy's has no strides where a size is 1


def unsqueeze_multiple(x: Any, dims: Any, ndim: int) -> Any:
    """A reduced carrier with the dimensions back that were reduced, as ones; nothing for no dimensions."""
    for d in dims if dims and len(dims) == 1 else sorted(normal_dims(dims, ndim)) if dims else ():
        x = unsqueeze(x, d)
    return x


def expand_back(grad: Any, dims: Any, keepdim: bool, shape: Shape) -> Any:
    """A reduced gradient spread over the dimensions that were reduced."""
    if not keepdim and shape and dims:
        grad = unsqueeze_multiple(grad, dims, len(shape))
    return expand_to(grad, shape)


def restore_dims(x: Any, dims: Any, keepdim: bool) -> Any:
    """The same by one reshape, which `amax` and `amin` do."""
    if keepdim:
        return x
    total = x.ndim + len(dims)  # of a 0-d tensor reduced over dim 0 this makes a vector, as in torch
    reduced = [d % total for d in dims]
    sizes = iter(x.shape)
    return x.reshape(tuple(1 if d in reduced else next(sizes) for d in range(total)))


def reduced_size(shape: Shape, dims: Any) -> int:
    """How many elements one result stands for."""
    out = 1
    for d in normal_dims(dims, len(shape)):
        out *= shape[d]
    return out


def as_dims(dim: Any) -> Any:
    """A `dim` argument as a tuple of ints, None kept."""
    return None if dim is None else tuple(dim) if isinstance(dim, (tuple, list)) else (to_int(dim),)


def dtype_of(dtype: Any) -> Any:
    """The NumPy dtype behind a dtype argument, None kept."""
    return None if dtype is None else dtypes.PYTHON_TYPES.get(dtype, dtype).numpy


def contiguous(result: Any) -> Any:
    """A reduced array laid out row by row, as torch allocates the results of reductions."""
    if result.ndim < 2 or (1 not in result.shape and result.flags.c_contiguous):
        return result
    if in_elements(result.strides, result.itemsize) == contiguous_strides(result.shape):
        return result
    out = np.empty(result.shape, result.dtype)  # NumPy takes any stride for contiguous where a size is 1
    out[...] = result
    return out


# -- sum ------------------------------------------------------------------------------------------------


def sum_dtype(a: Any, dtype: Any) -> Any:
    return dtype_of(dtype) or (np.dtype(np.int64) if a.dtype.kind in "biu" else a.dtype)


@op("_sum", promote="keep", numbers=False)
def sum_all(self, dtype: Any = None):
    usual = dtype is None and self.dtype.kind == "f"
    return total_of_all(self) if usual else self.sum(dtype=sum_dtype(self, dtype))


derivative(
    "SumBackward0", of=sum_all, unreal=True, forward="linear", self=lambda grad, self_shape: expand_to(grad, self_shape)
)


@op("_sum.dim_IntList", promote="keep", numbers=False)
def sum_dims(self, dim: Any, keepdim: bool = False, dtype: Any = None):
    dims = normal_dims(dim, self.ndim)
    return contiguous(total(self, dims, keepdim, sum_dtype(self, dtype)))


derivative(
    "SumBackward1",
    of=sum_dims, unreal=True,
    forward="linear",
    self=lambda grad, self_shape, dim, keepdim: expand_back(grad, dim, keepdim, self_shape),
)

OMITTED: Any = object()
"""The default of a `dim` that chooses another overload when it is given, even as None."""


@composite("sum")
def sum(self, dim: Any = OMITTED, keepdim: bool = False, *, dtype: Any = None):
    """The sum over all dimensions, or over `dim` (an int or several); integers are summed as int64."""
    if dim is OMITTED:
        return sum_all(self, dtype)
    return sum_dims(self, as_dims(dim), keepdim, dtype)


# -- mean -----------------------------------------------------------------------------------------------


def _mean_dtype(a: Any, dtype: Any) -> Any:
    target = dtype_of(dtype) or a.dtype
    if target.kind not in "fc":
        which = "Input" if dtype is None else "Optional"
        raise RuntimeError(
            f"mean(): could not infer output dtype. {which} dtype must be either a floating point or complex "
            f"dtype. Got: {errors.TYPE_NAMES[target.name]}"
        )
    return target


def averaged(a: Any, dims: Dims, keepdim: bool, target: Any) -> Any:
    """The mean of an array over `dims`, of dtype `target`, added up as torch does."""
    wide = np.dtype(np.float32) if target == np.float16 else target
    added = total(casting.cast(a, wide), dims, keepdim, wide)
    if not a.ndim and wide.kind != "c":  # a complex 1 divides as well: it makes NaN of infinity
        return added.astype(target)
    return contiguous((added / wide.type(reduced_size(a.shape, dims))).astype(target, copy=False))


@op("_mean", promote="keep", numbers=False)
def mean_all(self, dtype: Any = None):
    return averaged(self, tuple(range(self.ndim)), False, _mean_dtype(self, dtype))


derivative(
    "MeanBackward0",
    of=mean_all, unreal=True, shows=_SIZES,
    forward="linear",
    self=lambda grad, self_shape: over(materialized(expand_to(grad, self_shape)), reduced_size(self_shape, None)),
)


@op("_mean.dim", promote="keep", numbers=False)
def mean_dims(self, dim: Any, keepdim: bool = False, dtype: Any = None):
    return averaged(self, target=_mean_dtype(self, dtype), dims=normal_dims(dim, self.ndim), keepdim=keepdim)


def mean_back(grad, shape, dim, keepdim):
    """A mean's gradient spread over what was averaged."""
    return over(materialized(expand_back(grad, dim, keepdim, shape)), reduced_size(shape, dim))


derivative(
    "MeanBackward1",
    of=mean_dims, unreal=True, shows=_SIZES,
    forward="linear",
    self=lambda grad, self_shape, dim, keepdim: mean_back(grad, self_shape, dim, keepdim),
)


@composite("mean")
def mean(self, dim: Any = OMITTED, keepdim: bool = False, *, dtype: Any = None):
    """The mean over all dimensions, or over `dim`; floating point and complex alone."""
    if dim is OMITTED:
        return mean_all(self, dtype)
    return mean_dims(self, as_dims(dim), keepdim, dtype)


# -- prod -----------------------------------------------------------------------------------------------


@op("_prod", promote="keep", numbers=False)
def prod_all(self, dtype: Any = None):
    return np.asarray(multiplying.product(casting.cast(self, sum_dtype(self, dtype))))


def _prod_all_self(grad, self, result):
    self = cast(self, array_of(grad).dtype)
    if array_of(self).ndim == 0:
        return grad
    zeros = np.count_nonzero(array_of(self) == 0)
    if not zeros:
        return mixed_product(grad, conj(result / self))
    if not modes.state.grad and zeros > 1:
        return zeros_like(self)
    flat = self.contiguous().view(-1) if isinstance(self, Tensor) else self.reshape(-1)
    return products_of_others(grad, flat, 0).reshape(self.shape)


def _along(gradient: Any, self_t: Any, *dims: Any) -> Any:
    """The tangent of a product from the gradient for ones: their product, summed."""
    return conj((gradient * conj(self_t)).sum(*dims))


def _ones(result: Any) -> Any:
    return wrap(np.ones((), array_of(result).dtype)).expand(array_of(result).shape)


derivative(
    "ProdBackward0",
    of=prod_all, unreal=True,
    forward=lambda self_t, self, result: _along(
        _prod_all_self(_ones(result), cast(self, array_of(result).dtype), result), self_t
    ),
    self=_prod_all_self,
)


@op("_prod.dim_int", promote="keep", numbers=False)
def prod_dim(self, dim: int, keepdim: bool = False, dtype: Any = None):
    axis = normal_dim(dim, self.ndim)
    if not self.ndim:
        number = self.astype(sum_dtype(self, dtype))
        return number * number.dtype.type(1) if number.dtype.kind == "c" else number  # as signs of zeros show
    return contiguous(multiplying.product(casting.cast(self, sum_dtype(self, dtype)), axis, keepdim))


def _prod_dim_self(grad, self, result, dim, keepdim):
    self = cast(self, array_of(grad).dtype)
    if array_of(self).ndim == 0:
        return grad
    dim = normal_dim(dim, array_of(self).ndim)
    if not keepdim:
        grad, result = unsqueeze(grad, dim), unsqueeze(result, dim)
    if not np.any(array_of(self) == 0):
        return mixed_product(grad, conj(result / self))
    return products_of_others(grad, self, dim)


derivative(
    "ProdBackward1",
    of=prod_dim, unreal=True,
    forward=lambda self_t, self, result, dim, keepdim: _along(
        _prod_dim_self(_ones(result), cast(self, array_of(result).dtype), result, dim, keepdim), self_t, dim, keepdim
    ),
    self=_prod_dim_self,
)


def products_of_others(grad: Any, x: Any, dim: int) -> Any:
    """`grad` times, for each element, the product of all others along `dim`: right where there are zeros."""
    if array_of(x).size == 0:
        return zeros_like(grad)
    n = x.shape[dim]
    if n == 1:
        return grad
    ones_shape = tuple(1 if d == dim else size for d, size in enumerate(x.shape))
    if isinstance(x, Tensor):
        from minigrad.ops.joining import cat

        one = wrap(np.ones(ones_shape, array_of(grad).dtype))
        before = cat([one, x.narrow(dim, 0, n - 1)], dim).cumprod(dim)
        after = cat([one, x.narrow(dim, 1, n - 1).flip(dim)], dim).cumprod(dim)
        return grad * conj(before * after.flip(dim))
    lead = (slice(None),) * dim
    ones = np.ones(ones_shape, grad.dtype)
    before = multiplying.running(np.concatenate([ones, x[(*lead, slice(0, n - 1))]], dim), dim)
    rest = np.flip(x[(*lead, slice(1, n))], dim)
    after = np.flip(multiplying.running(np.concatenate([ones, rest], dim), dim), dim)
    return grad * np.conjugate(before * after)


@composite("prod")
def prod(self, dim: Any = None, keepdim: bool = False, *, dtype: Any = None):
    """The product over all dimensions, or over one; integers are multiplied as int64."""
    if dim is None:
        return prod_all(self, dtype)
    return prod_dim(self, dim, keepdim, dtype)


# -- without gradient -----------------------------------------------------------------------------------


def _truth(name: str, reduce: Any) -> Any:
    @op(f"_{name}", promote="keep", numbers=False)
    def reduced(self, dim: Any, keepdim: bool = False):
        result = reduce(self, axis=normal_dims(dim, self.ndim), keepdims=keepdim)
        return contiguous(result.astype(np.uint8 if self.dtype == np.uint8 else bool))

    def public(self, dim: Any = None, keepdim: bool = False):
        return reduced(self, as_dims(dim), keepdim)

    public.__name__ = public.__qualname__ = name
    return composite(name)(public)


any_true, all_true = _truth("any", np.any), _truth("all", np.all)


@op("_count_nonzero", promote="keep", numbers=False)
def count_nonzero_op(self, dim: Any):
    return np.asarray(np.count_nonzero(self, axis=normal_dims(dim, self.ndim)), np.int64, order="C")


@composite("count_nonzero")
def count_nonzero(self, dim: Any = None):
    """How many elements are not zero."""
    return count_nonzero_op(self, as_dims(dim))


@composite("sum_to_size", function=False)
def sum_to_size(self, *size):
    """Summed to a shape that broadcasts to this tensor's."""
    if not size:
        raise TypeError("sum_to_size() takes a size")
    shape = tuple(size[0]) if len(size) == 1 and isinstance(size[0], (tuple, list)) else tuple(size)
    own = self._a.shape
    lead = len(own) - len(shape)
    if lead < 0 or not all(a in (1, b) for a, b in zip(shape, own[lead:], strict=True)):
        wanted, had = map(errors.shape_text, (shape, own))
        raise RuntimeError(f"size {{{wanted}}} is not expandable to size {{{had}}}.")
    if not shape:
        return self.sum()
    dims = (*range(lead), *(i for i in range(lead, len(own)) if shape[i - lead] == 1 and own[i] != 1))
    out = sum_dims(self, dims, True) if dims else self
    return out.view(shape) if lead else out
