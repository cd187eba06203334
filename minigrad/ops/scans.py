"""Scans along one dimension: cumsum, cumprod, cummax, cummin, logcumsumexp; diff and the trapezoid rule.

What may live here: these and their gradients.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad import casting, dtypes, errors, modes
from minigrad.along import put_along, taken_along
from minigrad.dims import normal_dim
from minigrad.ops.arithmetic import conj
from minigrad.ops.carriers import (
    array_of,
    constant,
    fresh_zeros,
    in_float32,
    is_batched,
    is_complex,
    supports,
    written,
    zeros_like,
)
from minigrad.ops.conversion import cast
from minigrad.ops.copying import converted
from minigrad.ops.exponential import exp, log
from minigrad.ops.loss_forms import real_where_recorded
from minigrad.ops.multiplying import running, widened
from minigrad.ops.reduction import contiguous, dtype_of
from minigrad.ops.rounding import abs  # noqa: A004 - torch's name
from minigrad.ops.selection import where_op
from minigrad.ops.slicing import slice_op
from minigrad.recording import tangents
from minigrad.registry import composite, decl_of, derivative, inplace_of, op
from minigrad.return_types import named
from minigrad.tensor import Tensor, wrap
from minigrad.views import check_inplace

# mypy: disable-error-code="no-untyped-def, no-untyped-call"


def flip(x: Any, dim: int) -> Any:
    return x.flip(dim) if isinstance(x, Tensor) else np.flip(x, dim).copy() if x.ndim else x


def _scanned_dtype(a: Any, dtype: Any) -> Any:
    return dtype_of(dtype) or (np.dtype(np.int64) if a.dtype.kind in "biu" else a.dtype)


def _scan(ufunc: Any, a: Any, dim: int, target: Any) -> Any:
    dim = normal_dim(dim, a.ndim)
    if target.kind == "b":
        raise errors.not_implemented_for("cumsum_out_cpu" if ufunc is np.add else "cumprod_out_cpu", target)
    a = casting.cast(a, target)
    if not a.ndim:
        return a.copy()
    if ufunc is np.multiply:
        return running(a, dim)
    out = ufunc.accumulate(widened(a), axis=dim)
    if target.kind in "fc":
        out += 0  # torch begins at 0, which no sum of zeros then falls below: -0.0 does not survive
    return out.astype(target, order="C", copy=False)


# -- sums -----------------------------------------------------------------------------------------------


@op("_cumsum", inplace=True, promote="keep", numbers=False)
def cumsum_op(self, dim: int, dtype: Any = None):
    return _scan(np.add, self, dim, _scanned_dtype(self, dtype))


def reversed_cumsum(x: Any, dim: int) -> Any:
    """Sums from each element to the end."""
    return flip(cumsum_op(flip(x, dim), dim), dim)


def _cumsum_self(grad, self_dtype, dim):
    grad = converted(grad, self_dtype)
    if array_of(grad).size <= 1 or grad.shape[dim] == 1:
        return grad
    return reversed_cumsum(grad, dim)


derivative("CumsumBackward0", of=cumsum_op, forward="linear", self=_cumsum_self)


# -- products -------------------------------------------------------------------------------------------


@op("_cumprod", inplace=True, promote="keep", numbers=False)
def cumprod_op(self, dim: int, dtype: Any = None):
    return _scan(np.multiply, self, dim, _scanned_dtype(self, dtype))


def _cumprod_self(grad, self, result, dim):
    grad = converted(grad, array_of(self).dtype)
    if is_batched(grad):
        return modes.state.batch.looped(_cumprod_self, "cumprod_backward", (grad, self, result, dim))
    if array_of(self).size <= 1:
        return grad
    dim = normal_dim(dim, array_of(self).ndim)
    if self.shape[dim] == 1:
        return grad
    if not np.any(array_of(self) == 0):
        return reversed_cumsum(conj(result) * grad, dim) / conj(self)
    if not isinstance(grad, Tensor):
        return _cumprod_with_zeros(grad, np.conjugate(self), np.conjugate(result), dim)
    if modes.state.grad:
        return _cumprod_with_zeros_recorded(grad, conj(self), dim)
    if tangents and any(tangents[0].tangent_of(one) is not None for one in (grad, self, result)):
        return _cumprod_with_zeros_carried(grad, conj(self), conj(result), dim)
    return wrap(_cumprod_with_zeros(grad._a, np.conjugate(self._a), np.conjugate(result._a), dim))


def _cumprod_with_zeros(grad, x, result, dim):
    """In linear time: before the first zero as without zeros, at it by what lies between it and the second,
    behind it nothing (torch's way when no graph is recorded)."""
    zeros = np.cumsum(x == 0, axis=dim)
    before, between = zeros == 0, zeros == 1
    weighted = np.where(before, result * grad, 0)
    out = np.where(before, reversed_cumsum(weighted, dim) / x, 0)
    at = np.argmax(between, axis=dim, keepdims=True)
    inner = np.where(between, x, 1)
    put_along(inner, at, 1, dim)
    total = np.sum(np.cumprod(inner, axis=dim) * np.where(between, grad, 0), axis=dim, keepdims=True)
    lead = np.where(at > 0, taken_along(result, np.maximum(at - 1, 0), dim), 1)
    met = between.any(axis=dim, keepdims=True)
    put_along(out, at, np.where(met, total * lead, taken_along(out, at, dim)), dim)
    return out.astype(x.dtype, copy=False)


def _cumprod_with_zeros_carried(grad, x, result, dim):
    """The same of Tensors that carry tangents, by torch's own steps."""
    zeros = (x == 0).cumsum(dim)
    before, between = zeros == 0, zeros == 1
    weighted = reversed_cumsum((result * grad).masked_fill(~before, 0.0), dim).div_(x)
    out = where_op(before, weighted, constant(0, grad))
    at: Any = wrap(np.argmax(between._a, axis=dim, keepdims=True))
    first = wrap(np.zeros(between._a.shape, np.bool_)).scatter_(dim, at, True).logical_and_(between)
    behind = between.logical_and(~first)
    lead = result.gather(dim, (at - 1).relu_()).masked_fill_(at == 0, 1.0)
    summed = x.masked_fill(~behind, 1.0).cumprod(dim).mul_(grad.masked_fill(~between, 0.0)).sum(dim, True)
    return where_op(first, summed.mul_(lead), out)


def _cumprod_with_zeros_recorded(grad, x, dim):
    """The same on Tensors, by torch's own steps."""
    n = x.shape[dim]
    ones_shape = [1 if d == dim else size for d, size in enumerate(x.shape)]
    ones = wrap(np.ones(1, grad._a.dtype)).expand(ones_shape)
    out = fresh_zeros(x.shape, grad._a.dtype)
    for k in range(n):
        if k == 0:
            omitted = _cat([ones, slice_op(x, dim, 1).cumprod(dim)], dim)
        else:
            until = slice_op(x, dim, 0, k).prod(dim, True)
            if k == n - 1:
                omitted = until
            else:
                beyond = slice_op(x, dim, k + 1).cumprod(dim)
                omitted = _cat([until, until.expand_as(beyond) * beyond], dim)
        out.select(dim, k).copy_((slice_op(grad, dim, k) * omitted).sum(dim))
    return out


def _cat(tensors: list[Any], dim: int) -> Any:
    from minigrad.ops.joining import cat

    return cat(tensors, dim)


def _cumprod_along(self_t, self, result, dim, dtype):
    """The tangent (torch's cumprod_jvp): behind the first zero that of the product with the tangent in its place."""
    plain = (self_t / self).cumsum(dim) * result
    target = result if dtype is not None else self
    zeros = self == 0
    if not self.ndim:
        return cast(plain.masked_fill_(zeros, self_t), target._a.dtype)
    first = zeros.logical_and(zeros.cumsum(dim) == 1)
    behind = where_op(first, self_t, self).cumprod(dim)
    return cast(where_op(first.cumsum(dim) > 0, behind, plain), target._a.dtype)


derivative("CumprodBackward0", of=cumprod_op, unreal=True, forward=_cumprod_along, self=_cumprod_self)


def _publish(name: str, declared: Any) -> Any:
    def scan(self, dim: int, *, dtype: Any = None):
        return declared(self, dim, dtype)

    def scan_(self, dim: int, *, dtype: Any = None):
        check_inplace(self, self.requires_grad)
        if dtype is not None and dtype is not self.dtype:
            raise RuntimeError(
                f"Bad in-place call: input tensor dtype {self.dtype.scalar_type.lower()} and output tensor "
                "dtype "
                f"{dtype.scalar_type.lower()} should match"
            )
        return inplace_of(declared)(self, dim, self.dtype)

    scan.__name__ = scan.__qualname__ = name
    composite(name + "_", function=False)(scan_)
    return composite(name)(scan)


cumsum, cumprod = _publish("cumsum", cumsum_op), _publish("cumprod", cumprod_op)


# -- extremes -------------------------------------------------------------------------------------------


def _running(a: Any, dim: int, takes: Any) -> tuple[Any, Any]:
    """Running extremes and where they stand: of equal ones the last, and NaN for ever once it was met."""
    if not a.size:  # torch lets any dim pass here
        return a.copy(), np.zeros(a.shape, np.int64)
    dim = normal_dim(dim, a.ndim)
    if not a.ndim:
        return a.copy(), np.zeros((), np.int64)
    rows = np.moveaxis(a, dim, 0)
    values, indices = np.empty(rows.shape, a.dtype), np.empty(rows.shape, np.int64)
    if len(rows):
        best, at = rows[0].copy(), np.zeros(rows.shape[1:], np.int64)
        for i, row in enumerate(rows):
            better = (row != row) | ((best == best) & takes(row, best))
            best, at = np.where(better, row, best), np.where(better, i, at)
            values[i], indices[i] = best, at
    return contiguous(np.moveaxis(values, 0, dim)), contiguous(np.moveaxis(indices, 0, dim))


def added_back(grad: Any, dim: int, indices: Any, shape: Any, dt: Any) -> Any:
    """Zeros with each gradient added at the index it came from."""
    if isinstance(grad, Tensor):
        zeros = fresh_zeros(shape, dt)
        return zeros.scatter_add_(dim, indices, grad) if zeros._a.size else zeros
    out = np.zeros(shape, dt)
    if not out.ndim:
        out += grad
    else:
        places = list(np.indices(indices.shape, sparse=True))
        places[dim] = indices
        np.add.at(out, tuple(places), grad)
    return written(out, 2)


def _gives_back_what_is_empty(usual: Any) -> Any:
    """Makes the gradient of an empty input the input itself, the very tensor, as torch has it."""

    def raw(self, grad):
        if grad is None or grad.size:
            return usual(self, grad)
        return [modes.state.task.raw.replaced(one) for one in self.ten(wrap(grad))]

    return raw


def _running_self(grad, self, dim, indices):
    if is_batched(grad):
        return modes.state.batch.looped(_running_self, "cummaxmin_backward", (grad, self, dim, indices))
    return added_back(grad, dim, indices, self.shape, array_of(self).dtype) if array_of(self).size else self


def _running_op(name: str, takes: Any) -> Any:
    def kernel(self, dim: int):
        if not self.size:
            return _running(self, 0, takes)
        if not self.ndim and dim not in (0, -1):
            raise IndexError(f"{name}(): Expected reduction dim -1 or 0 for scalar but got {dim}")
        normal_dim(dim, self.ndim)
        if self.dtype.kind == "c" and self.ndim:  # a single number is found without a look at it
            raise errors.not_implemented_for(f"{name}_cpu", self.dtype)
        return _running(self, dim, takes)

    declared = op(f"_{name}", promote="keep", numbers=False, outs=("values", "indices"))(kernel)
    derivative(
        name.capitalize() + "Backward0",
        of=declared,
        self=_running_self,
    )
    decl_of(declared).around_raw = _gives_back_what_is_empty
    result = named(name, ("values", "indices"))

    def public(self, dim: int):
        values, indices = declared(self, dim)
        return result((real_where_recorded(name, values), indices))

    public.__name__ = public.__qualname__ = name
    return composite(name)(public)


cummax, cummin = _running_op("cummax", np.greater_equal), _running_op("cummin", np.less_equal)


# -- logarithms -----------------------------------------------------------------------------------------


@op("logcumsumexp", promote="keep", numbers=False)
@supports("fc", "logcumsumexp_out_cpu")
@in_float32
def logcumsumexp(self, dim: int):
    axis = normal_dim(dim, self.ndim)
    if not self.ndim:
        return self.copy()
    return np.add(np.logaddexp.accumulate(self, axis=axis), self.dtype.type(0), order="C")


def _logcumsumexp_self(grad, self, result, dim):
    if array_of(grad).ndim == 0 or array_of(grad).size == 0:
        return grad

    def from_the_end(x):
        return flip(logcumsumexp(flip(x, dim), dim), dim)

    if is_complex(grad):
        return conj(exp(from_the_end(log(conj(grad)) - result) + self))
    least = constant(np.finfo(array_of(grad).dtype).min, grad)
    magnitude = log(abs(grad))
    positive = where_op(grad > 0, magnitude, least)
    negative = where_op(grad < 0, magnitude, least)
    return exp(from_the_end(positive - result) + self) - exp(from_the_end(negative - result) + self)


def _logcumsumexp_tangent(self_t, self, dim):
    shifted = exp(self if is_complex(self) else self - self.max(dim, True).values)
    # as torch has it: the small number keeps what underflowed from dividing by zero
    return cumsum(shifted * self_t, dim).div_(cumsum(shifted, dim).add_(1e-13))


derivative("LogcumsumexpBackward0", of=logcumsumexp, forward=_logcumsumexp_tangent, self=_logcumsumexp_self)


# -- differences and areas, composed --------------------------------------------------------------------


@composite("diff")
def diff(self, n: int = 1, dim: int = -1, prepend: Any = None, append: Any = None):
    """The n-th difference along a dimension, with values put before and behind it first."""
    if self._a.ndim == 0:
        raise RuntimeError("diff expects input to be at least one-dimensional")
    if n < 0:
        raise RuntimeError(f"order must be non-negative but got {n}")
    if n == 0:
        return zeros_like(self).copy_(self)
    parts = [x for x in (prepend, self, append) if x is not None]
    out = _cat(parts, dim) if len(parts) > 1 else self
    size = out._a.shape[normal_dim(dim, out._a.ndim)]
    if n > size:
        n = size
    for _ in range(n):
        size = out._a.shape[normal_dim(dim, out._a.ndim)]
        earlier = out.narrow(dim, 0, size - 1)  # made first, as C++ makes the last argument first
        later = out.narrow(dim, 1, size - 1)
        out = later.logical_xor(earlier) if out._a.dtype == np.bool_ else later - earlier
    return out


__all__ = ["dtypes", "errors"]
