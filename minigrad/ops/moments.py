"""Variance and standard deviation, alone and together with the mean.

What may live here: var, std, var_mean, std_mean.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from minigrad import errors
from minigrad.dims import normal_dims
from minigrad.dtypes import get_default_dtype
from minigrad.ops.arithmetic import add, conj, sub, times
from minigrad.ops.carriers import array_of, constant, masked_in_place, written
from minigrad.ops.complex_products import mixed_product
from minigrad.ops.reduction import (
    as_dims,
    averaged,
    contiguous,
    mean,
    mean_back,
    reduced_size,
    sum_dims,
    unsqueeze_multiple,
)
from minigrad.ops.rounding import real_of
from minigrad.ops.selection import where_op
from minigrad.registry import composite, derivative, op
from minigrad.summing import total
from minigrad.tensor import Tensor, wrap
from minigrad.warn import warn

# mypy: disable-error-code="no-untyped-def, no-untyped-call"

MANY = 1024
"""Longer rows are not followed element by element."""


def _variance(name: str, a: Any, dim: Any, correction: Any, keepdim: bool) -> tuple[Any, Any]:
    """Variance and mean, both of reduced shape, in at least float32; of complex numbers by parts, as in torch."""
    if a.dtype.kind not in "fc":
        who = name.removesuffix("()") if "_" in name else "std and var"
        raise RuntimeError(f"{who} only support floating point and complex dtypes")
    if a.dtype.kind == "c":
        parts = [_variance(name, part, dim, correction, keepdim) for part in (a.real, a.imag)]
        (one, middle), (other, turned) = ([np.asarray(x, a.real.dtype) for x in part] for part in parts)
        joined = np.empty(middle.shape, a.dtype)
        joined.real, joined.imag = middle, turned
        return one + other, joined
    dims = normal_dims(dim, a.ndim)
    count = reduced_size(a.shape, dims)
    results = a.size // count if count else 1
    divisor = max(count - (1 if correction is None else correction), 0)
    if divisor <= 0 or not results:
        warn(
            f"{name}: degrees of freedom is <= 0. Correction should be strictly less than the reduction "
            "factor "
            "(input numel divided by output numel)."
        )
    alone = results == 1 and count and "_" not in name and a.dtype != np.float16
    middle, squares = _in_two_passes(a) if alone else _running(a, dims)
    shape = [1 if d in dims else n for d, n in enumerate(a.shape) if keepdim or d not in dims]
    return (squares / np.float64(divisor)).reshape(shape), middle.reshape(shape)


def _rows(a: Any, dims: Any) -> Any:
    """The elements that are reduced, along the last dimension in the order in which they lie in memory."""
    within = sorted(dims, key=lambda d: (-a.strides[d], d))
    kept = [d for d in range(a.ndim) if d not in dims]
    length = math.prod(a.shape[d] for d in within)
    return a.transpose([*kept, *within]).reshape(*(a.shape[d] for d in kept), length).astype(np.float64)


def _in_two_passes(a: Any) -> tuple[Any, Any]:
    """The mean of all, of the precision of `a`, and the sum of the squares of what is beside it: for one result."""
    everything = tuple(range(a.ndim))
    middle = np.float64(total(a, everything, False, a.dtype) / a.dtype.type(a.size))
    apart = _rows(a, everything).reshape(-1) - middle
    return np.asarray(middle), np.add.accumulate(apart * apart)[-1]


def _running(a: Any, dims: Any) -> tuple[Any, Any]:
    """Mean and sum of squares as they are updated by one element after the other (B. P. Welford's way)."""
    rows = _rows(a, dims)
    middle, squares = np.zeros(rows.shape[:-1]), np.zeros(rows.shape[:-1])
    if not rows.shape[-1]:
        return middle * np.nan, squares * np.nan
    if rows.shape[-1] > MANY:
        middle = rows.mean(-1)
        return middle, ((rows - middle[..., None]) ** 2).sum(-1)
    for k in range(rows.shape[-1]):
        apart = rows[..., k] - middle
        middle = middle + apart / (k + 1)
        squares = squares + apart * (rows[..., k] - middle)
    return middle, squares


def _finished(x: Any, a: Any) -> Any:
    x = np.asarray(x)
    return contiguous(x.astype(a.real.dtype if x.dtype.kind == "f" else a.dtype, copy=False))


def _var_self(grad, self, dim, correction, keepdim):
    correction = 1 if correction is None else correction
    if array_of(self).ndim == 0 or dim is None:
        freedom = array_of(self).size - correction
        if freedom <= 0:
            return grad * where_op(self == mean_of(self), _beside(grad, math.nan), _beside(grad, math.inf))
        apart = sub(self, mean_of(self))  # first, as in torch: the order of nodes shows
        return mixed_product(times(grad, 2.0 / freedom), apart)
    if not keepdim and array_of(self).ndim > 1:
        grad = unsqueeze_multiple(grad, dim, array_of(self).ndim)
    freedom = reduced_size(self.shape, dim) - correction
    apart = sub(self, mean_of(self, dim))
    return mixed_product(times(grad, 2.0 / freedom if freedom else math.inf), apart)


def _beside(grad: Any, value: float) -> Any:
    """A number that torch's `where` makes a tensor of, whose dtype is the default one and not that of `grad`."""
    return wrap(np.asarray(value, get_default_dtype().numpy)) if isinstance(grad, Tensor) else constant(value, grad)


def mean_of(x: Any, dim: Any = None) -> Any:
    """The mean of a carrier, over all or kept over `dim`."""
    if not isinstance(x, np.ndarray):
        return mean(x) if dim is None else mean(x, dim, True)
    return averaged(x, normal_dims(dim, x.ndim), dim is not None, x.dtype)


def _var_along(self_t, self, dim, correction, keepdim):
    """The tangent of a variance: its gradient for the tangent, summed."""
    return real_of(sum_dims(_var_self(conj(self_t), self, dim, correction, True), dim or (), keepdim))


def _std_along(self_t, self, result, dim, correction, keepdim):
    return masked_in_place(_var_along(self_t, self, dim, correction, keepdim) / times(result, 2.0), result == 0, 0)


@op("_var.correction", promote="keep", numbers=False)
def var_op(self, dim: Any, correction: Any, keepdim: bool):
    return _finished(_variance("var()", self, dim, correction, keepdim)[0], self)


derivative("VarBackward0", of=var_op, forward=_var_along, self=_var_self)


def _std_self(grad, self, result, dim, correction, keepdim):
    of_variance = masked_in_place(grad / times(result, 2), result == 0, 0)
    return _var_self(of_variance, self, dim, correction, keepdim)


@op("_std.correction", promote="keep", numbers=False)
def std_op(self, dim: Any, correction: Any, keepdim: bool):
    return _finished(np.sqrt(_variance("std()", self, dim, correction, keepdim)[0]), self)


derivative("StdBackward0", of=std_op, forward=_std_along, self=_std_self)


def _with_mean(spread, of_mean, self, dim, keepdim):
    if of_mean is None:
        return spread
    middle = mean_back(of_mean, self.shape, dim, keepdim)
    return middle if spread is None else add(spread, middle)


def var_mean_back(of_var, of_mean, self, dim, correction, keepdim):
    """The input's gradient for those of its variance and its mean."""
    spread = None if of_var is None else _var_self(of_var, self, dim, correction, keepdim)
    return _with_mean(spread, of_mean, self, dim, keepdim)


@op("_var_mean.correction", promote="keep", several=True, numbers=False)
def var_mean_op(self, dim: Any, correction: Any, keepdim: bool):
    return [_finished(x, self) for x in _variance("var_mean()", self, dim, correction, keepdim)]


derivative(
    "VarMeanBackward0",
    of=var_mean_op,
    forward=lambda self_t, self, dim, correction, keepdim: (
        _var_along(self_t, self, dim, correction, keepdim),
        mean(self_t, dim or (), keepdim),
    ),
    self=lambda grads, self, dim, correction, keepdim: var_mean_back(
        grads[0], grads[1], self, dim, correction, keepdim
    ),
)


@op("_std_mean.correction", promote="keep", several=True, numbers=False)
def std_mean_op(self, dim: Any, correction: Any, keepdim: bool):
    variance, middle = _variance("std_mean()", self, dim, correction, keepdim)
    return [_finished(np.sqrt(variance), self), _finished(middle, self)]


derivative(
    "StdMeanBackward0",
    of=std_mean_op,
    forward=lambda self_t, self, result0, dim, correction, keepdim: (
        _std_along(self_t, self, result0, dim, correction, keepdim),
        mean(self_t, dim or (), keepdim),
    ),
    self=lambda grads, self, result0, dim, correction, keepdim: _with_mean(
        None if grads[0] is None else _std_self(grads[0], self, result0, dim, correction, keepdim),
        grads[1],
        self,
        dim,
        keepdim,
    ),
)


def _publish(name: str, declared: Any) -> Any:
    def moment(self, *args: Any, **kwargs: Any) -> Any:
        dim, correction, keepdim = _arguments(*args, **kwargs)
        return declared(self, dim, correction, keepdim)

    moment.__name__ = moment.__qualname__ = name
    return composite(name, method=not name.endswith("_mean"))(moment)


_ABSENT: Any = object()


def _arguments(
    dim: Any = _ABSENT, unbiased: Any = None, keepdim: bool = False, *, correction: Any = _ABSENT
) -> tuple[Any, Any, bool]:
    """(dim, unbiased, keepdim), (unbiased) or (dim, correction=, keepdim=) as dims, correction, keepdim."""
    if isinstance(dim, bool):
        dim, unbiased = None, dim
    if unbiased is None and correction is _ABSENT:  # only the overload that says "unbiased" knows a default
        correction = None if dim is _ABSENT else 1
    dim = None if dim is _ABSENT else dim
    if unbiased is not None:
        correction = int(unbiased)
    return as_dims(dim), correction, keepdim


var, std = _publish("var", var_op), _publish("std", std_op)
var_mean, std_mean = _publish("var_mean", var_mean_op), _publish("std_mean", std_mean_op)

__all__ = ["errors", "written"]
