"""Vector norms and what rests on them: linalg.vector_norm, norm, dist, renorm.

What may live here: these and their shared gradient. Matrix norms belong to linear algebra.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from minigrad import errors
from minigrad.dims import normal_dim, normal_dims
from minigrad.ops import elementary
from minigrad.ops.arithmetic import conj, over, plus, refuse_bool_subtraction, right_first, times
from minigrad.ops.carriers import array_of, in_float32, masked_in_place, zeros_like
from minigrad.ops.comparison import isnan, logical_or
from minigrad.ops.complex_products import mixed_product
from minigrad.ops.conversion import cast
from minigrad.ops.lengths import length_of_rows, rows_of
from minigrad.ops.powers import pow  # noqa: A004 - torch's name
from minigrad.ops.reduction import as_dims, contiguous, dtype_of, sum_dims, unsqueeze_multiple
from minigrad.ops.rounding import abs, real_of, sgn  # noqa: A004 - torch's names
from minigrad.ops.selection import where_op
from minigrad.refusals import handed
from minigrad.registry import composite, derivative, op
from minigrad.tensor import Tensor

# ruff: noqa: A006 - formulas name the parameters they take, which are torch's
# mypy: disable-error-code="no-untyped-def, no-untyped-call"


@in_float32
def norm_of(a: Any, p: float, dims: Any, keepdim: bool) -> Any:
    """The p-norm of an array over dims; p = 0 counts what is not zero."""
    how: dict[str, Any] = {"axis": dims, "keepdims": keepdim}
    size = np.abs(a)
    if p != 0 and size.size and all(a.shape[d] == 1 for d in dims):
        return size if keepdim else size.reshape(tuple(n for d, n in enumerate(a.shape) if d not in dims))
    if math.isinf(p):
        return size.max(**how) if p > 0 else size.min(**how)
    if p == 0:
        return np.count_nonzero(a, **how).astype(size.dtype) if a.ndim else (a != 0).astype(size.dtype)
    if p == 1:
        return size.sum(**how)
    if p == 2:
        rows = rows_of(a, dims)
        if rows is not None:
            out = length_of_rows(rows)
            return np.expand_dims(out, dims) if keepdim else out
        if len(dims) == 1 and size.shape[dims[0]]:  # one after the other, where NumPy would pair them
            sums = np.add.accumulate(size * size, axis=dims[0])
            return np.sqrt(sums.take([-1] if keepdim else -1, axis=dims[0]))
        return np.sqrt((size * size).sum(**how))
    return elementary.power(elementary.power(size, size.dtype.type(p)).sum(**how), size.dtype.type(1 / p))


def _check_filled(a: Any, p: float, dims: Any, named: bool) -> None:
    if a.size or not (math.isinf(p) or p < 0):
        return
    if not named:
        raise RuntimeError(
            f"linalg.vector_norm cannot compute the {_shown(p)} norm on an empty tensor because the "
            "operation does not "
            "have an identity"
        )
    if not all(a.shape[d] for d in dims):
        raise RuntimeError(
            f"linalg.vector_norm cannot compute the {_shown(p)} norm on the dimension "
            f"{next(d for d in dims if not a.shape[d])}because this dimension is empty and the operation "
            "does not "
            "have an identity"
        )


def _shown(p: float) -> str:
    return repr(p) if not float(p).is_integer() else str(int(p)) if math.isfinite(p) else repr(p)


@in_float32
def _length_of_number(a: Any, p: float) -> Any:
    """The norm of a 0-d array over a dimension that it is given: its powers may overflow, as in torch."""
    if p in (0, 1) or math.isinf(p):
        return np.asarray(norm_of(a, p, (), False))
    size = np.abs(a)
    number = size.dtype.type
    if p == 2:
        return np.asarray(np.sqrt(size * size))
    return np.asarray(elementary.power(elementary.power(size, number(p)), number(1 / p)))


@op("_linalg_vector_norm", promote="keep", numbers=False)
def vector_norm_op(self, ord: Any = 2, dim: Any = None, keepdim: bool = False, dtype: Any = None):
    if self.dtype.kind not in "fc":
        raise RuntimeError(
            "linalg.vector_norm: Expected a floating point or complex tensor as input. Got "
            f"{errors.TYPE_NAMES[self.dtype.name]}"
        )
    target = dtype_of(dtype)
    a = self if target is None else self.astype(target)
    dims = normal_dims(dim, a.ndim)
    if dim and not a.ndim:
        return _length_of_number(a, ord)
    _check_filled(a, ord, dims, bool(dim))
    return contiguous(np.asarray(norm_of(a, ord, dims, keepdim)))


def norm_backward(grad: Any, self: Any, p: float, norm: Any, dims: Any = (), keepdim: bool = True) -> Any:
    """What reaches the elements of a p-norm; zero where the norm is (torch's norm_backward)."""
    p = float(p)
    ndim = array_of(self).ndim
    if not keepdim and ndim:
        grad, norm = unsqueeze_multiple(grad, dims, ndim), unsqueeze_multiple(norm, dims, ndim)
    if p == 0:
        return None
    if p == 1:
        return mixed_product(sgn(self), grad)
    if p == 2:
        return mixed_product(grad, masked_in_place(self / norm, norm == 0, 0))
    if math.isinf(p):
        size = abs(self)
        mask = logical_or(size == norm, isnan(size))
        shared = (grad / counted(mask, dims)) * mask
        return mixed_product(sgn(self), shared)
    # operands on the right come first, as in torch (see probability_losses, on distributions)
    power = _raised(abs(self), p - 1 if p < 2 else p - 2)
    if p < 1:
        power = masked_in_place(power, self == 0, 0)
        scaled, length = sgn(self) * power, pow(norm, 1 - p)
        return scaled * grad * length
    scaled = (sgn(self) if p < 2 else self) * power
    return scaled * masked_in_place(grad / pow(norm, p - 1), norm == 0, 0)


def _raised(x: Any, exponent: float) -> Any:
    """The power of what nobody else looks at, in place as torch has it, which shows in third gradients."""
    return x.pow_(exponent) if isinstance(x, Tensor) else pow(x, exponent)


def counted(mask: Any, dims: Any) -> Any:
    """How many hold, kept over `dims`; of arrays as a float, since NumPy makes float64 of what an integer divides."""
    if isinstance(mask, Tensor):
        return sum_dims(mask, dims, True)
    return np.sum(mask, axis=normal_dims(dims, mask.ndim), keepdims=True).astype(np.float32)


def norm_along(self: Any, self_t: Any, p: float, norm: Any, dims: Any = (), keepdim: bool = False) -> Any:
    """The tangent of a p-norm (torch's norm_jvp)."""
    p = float(p)
    if p == 0:
        return zeros_like(norm)
    turned = conj(self_t)
    if p == 1:
        sign = sgn(self)
        moved = sign.mul_(turned) if isinstance(sign, Tensor) else sign * turned
        return sum_dims(real_of(moved), dims, keepdim)
    if p == 2:
        return sum_dims(real_of(self * turned), dims, keepdim).div_(norm).masked_fill_(norm == 0, 0)
    if math.isinf(p):
        return _extreme_along(self, turned, norm, dims, keepdim)
    moved = real_of((sgn(self) if p < 2 else self) * turned)  # operands on the right come first
    power = _raised(abs(self), p - 1 if p < 2 else p - 2)
    if p < 1:
        power = masked_in_place(power, self == 0, 0)
        return sum_dims(power * moved, dims, keepdim) * pow(norm, 1 - p)
    return masked_in_place(sum_dims(power * moved, dims, keepdim) / pow(norm, p - 1), norm == 0, 0)


def _extreme_along(self: Any, turned: Any, norm: Any, dims: Any, keepdim: bool) -> Any:
    """The tangent of the largest or smallest element, which those that tie share."""
    ndim = array_of(self).ndim
    if not keepdim and ndim:
        norm = unsqueeze_multiple(norm, dims, ndim)
    hits = cast(logical_or(abs(self) == norm, isnan(self) & isnan(norm)), array_of(norm).dtype)
    return sum_dims(real_of(sgn(self) * turned) * hits / counted(hits != 0, dims), dims, keepdim)


derivative(
    "LinalgVectorNormBackward0",
    of=vector_norm_op,
    forward=lambda self_t, self, ord, result, dim, keepdim: norm_along(
        cast(self, array_of(result).dtype) if array_of(self).dtype.kind == "f" else self,
        self_t, ord, result, dim or (), keepdim,
    ),
    self=lambda grad, self, ord, result, dim, keepdim: norm_backward(
        grad, self, ord, result, dim or (), keepdim
    ),
)


@op("_norm.ScalarOpt_dim", promote="keep", numbers=False)
def norm_op(self, p: Any, dim: Any, keepdim: bool = False):
    """The norm as torch's C++ takes it, under a node of its own (`norm` in Python is linalg.vector_norm)."""
    return vector_norm_op(self, p, dim, keepdim) if self.ndim else _length_of_number(self, p)


derivative(
    "NormBackward1",
    of=norm_op,
    forward=lambda self_t, self, p, dim, keepdim, result: norm_along(self, self_t, p, result, dim, keepdim),
    self=lambda grad, self, p, dim, keepdim, result: norm_backward(grad, self, p, result, dim, keepdim),
)


@composite("linalg.vector_norm", method=False)
def vector_norm(x, ord: Any = 2, dim: Any = None, keepdim: bool = False, *, dtype: Any = None):
    """The vector norm over `dim` (None: all)."""
    return vector_norm_op(x, ord, as_dims(dim), keepdim, dtype)


@composite("norm")
def norm(input, p: Any = "fro", dim: Any = None, keepdim: bool = False, dtype: Any = None):
    """The p-norm over `dim` (None: all dims); "fro" is 2."""
    if not hasattr(input, "layout"):
        raise AttributeError(f"{type(input).__name__!r} object has no attribute 'layout'")
    dims = [dim] if isinstance(dim, int) else dim
    if isinstance(p, str):
        if p != "fro" or not (dims is None or len(dims) <= 2):
            from minigrad.registry import FUNCTIONS

            dims = list(range(input.ndim)) if dims is None else dims
            return FUNCTIONS["linalg.matrix_norm"](input, p, dims, keepdim, dtype=dtype)
        p = 2
    handed("linalg_vector_norm", input, 2.0 if p is None else p, dims, keepdim)
    return vector_norm_op(input, 2.0 if p is None else p, as_dims(dims), keepdim, dtype)


# -- dist -----------------------------------------------------------------------------------------------


def _no_bool_difference(self: Any, other: Any, p: Any) -> None:
    refuse_bool_subtraction(self, other)


@op("dist", numbers=False, check=_no_bool_difference)
def dist(self, other, p: Any = 2):
    apart = self - other
    dims = tuple(range(apart.ndim))
    _check_filled(apart, float(p), dims, False)
    return np.asarray(norm_of(apart, float(p), dims, False))


derivative(
    "DistBackward0",
    of=dist,
    unreal=True,
    forward=lambda self_t, other_t, self, other, p, result: norm_along(self - other, self_t - other_t, p, result),
    self=lambda grad, self, other, p, result: norm_backward(grad, self - other, p, result),
    other=lambda grad, self, other, p, result: _negated(norm_backward(grad, self - other, p, result)),
)


def _negated(x: Any) -> Any:
    if x is None:
        raise RuntimeError(
            "Expected a proper Tensor but got None (or an undefined Tensor in C++) for argument #0 'self'"
        )
    return -x


# -- renorm ---------------------------------------------------------------------------------------------


def _others(ndim: int, dim: int) -> tuple[int, ...]:
    return tuple(d for d in range(ndim) if d != dim % ndim)


@op("renorm", inplace=True, promote="keep", numbers=False)
def renorm(self, p: Any, dim: int, maxnorm: Any):
    if type(p) is complex:
        raise RuntimeError("renorm: p must be real-valued")
    if p <= 0:
        raise RuntimeError("renorm: non-positive-norm not supported")
    if maxnorm < 0:
        raise RuntimeError(f"renorm: expected maxnorm to be >= 0 but got {maxnorm:g}")
    if self.ndim < 2:
        raise RuntimeError(f"renorm: input needs at least 2 dimensions, got {self.ndim} dimensions")
    if self.dtype.kind not in "fc":
        raise RuntimeError(
            "linalg.vector_norm: Expected a floating point or complex tensor as input. Got "
            f"{errors.TYPE_NAMES[self.dtype.name]}"
        )
    a = self.astype(np.float32) if self.dtype == np.float16 else self
    lengths = norm_of(a, float(p), _others(self.ndim, normal_dim(dim, self.ndim)), True)
    most, least = lengths.dtype.type(maxnorm), lengths.dtype.type(1e-7)
    factor = np.where(lengths > most, most / (lengths + least), lengths.dtype.type(1)).astype(self.real.dtype)
    return np.multiply(self, factor, order="C")


def _renorm_self(grad, self, p, dim, maxnorm):
    dims = _others(array_of(self).ndim, dim)
    dt = array_of(self).dtype
    wide = np.dtype(np.float32 if dt == np.float16 else np.float64 if dt.kind == "f" else np.complex128)
    lengths = _length(self, p, dims, wide)
    summed = _summed(conj(self) * grad, dims, wide)
    back = norm_backward(summed, self, p, lengths, dims, True)
    inverse = reciprocal_of(plus(lengths, 1e-7))
    shrunk = right_first(grad - inverse * back, lambda: times(inverse, maxnorm))
    return where_op(lengths > maxnorm, cast(shrunk, array_of(grad).dtype), grad)


def _length(x: Any, p: float, dims: Any, wide: Any) -> Any:
    if isinstance(x, Tensor):
        from minigrad.dtypes import FROM_NUMPY

        return vector_norm_op(x, p, dims, True, FROM_NUMPY[wide] if x._a.dtype != wide else None)
    return norm_of(x.astype(wide), p, dims, True)


def _summed(x: Any, dims: Any, wide: Any) -> Any:
    real = wide
    if wide.kind == "c":  # a norm is real
        x, real = x.real, np.dtype(np.float64)
    if isinstance(x, Tensor):
        from minigrad.dtypes import FROM_NUMPY

        return sum_dims(x, dims, True, FROM_NUMPY[real])
    return x.sum(axis=dims, keepdims=True, dtype=real)


def reciprocal_of(x: Any) -> Any:
    return x.reciprocal() if isinstance(x, Tensor) else 1 / x


def _renorm_along(self_t, self, p, dim, maxnorm):
    dims = _others(array_of(self).ndim, dim)
    dt = array_of(self).dtype
    wide = np.dtype(np.float32) if dt == np.float16 else dt  # unlike the gradient
    lengths = _length(self, float(p), dims, wide)
    inverse = reciprocal_of(plus(lengths, 1e-7))
    along = norm_along(self, self_t, p, lengths, dims, True)
    shrunk = times(inverse, maxnorm) * (self_t - self * inverse * along)
    return where_op(lengths > maxnorm, shrunk, self_t)


derivative("RenormBackward0", of=renorm, forward=_renorm_along, self=_renorm_self)

__all__ = ["over"]
