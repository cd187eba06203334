"""softmax, log_softmax and logsumexp.

What may live here: these with their gradients' own ops, which torch has under names of their own.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad import errors
from minigrad.dims import normal_dim, normal_dims
from minigrad.ops import decompositions, elementary
from minigrad.ops.arithmetic import conj
from minigrad.ops.carriers import array_of, in_float32
from minigrad.ops.exponential import exp
from minigrad.ops.extrema import amax
from minigrad.ops.fused import fma
from minigrad.ops.reduction import as_dims, contiguous, sum_dims, unsqueeze_multiple
from minigrad.registry import composite, derivative, op
from minigrad.tensor import Tensor

# mypy: disable-error-code="no-untyped-def, no-untyped-call"


def _axis(a: Any, dim: int) -> Any:
    dim = normal_dim(dim, a.ndim)
    return dim if a.ndim else None


def _check_float(name: str, a: Any, axis: Any) -> None:
    if a.dtype.kind != "f":
        last = "" if a.ndim and axis != a.ndim - 1 else "lastdim_"
        raise errors.not_implemented_for(f"{name}_{last}kernel_impl", a.dtype)


def _lowered(a: Any, axis: Any) -> Any:
    return a - a.max(axis=axis, keepdims=True) if a.size else a


@in_float32
def softmax_along(self, dim: int):
    """The softmax of an array along one dimension."""
    axis = _axis(self, dim)
    _check_float("softmax", self, axis)
    raised = elementary.exp(_lowered(self, axis))
    return contiguous(np.asarray(raised / raised.sum(axis=axis, keepdims=True)))


@op("__softmax", promote="keep", numbers=False)
def softmax_op(self, dim: int):
    return softmax_along(self, dim)


def _logsumexp_along(self_t, self, dims, keepdim):
    """The tangent of logsumexp; multiplied in place, as in torch, so that what exp has saved is spoilt."""
    raised = exp(self - amax(self, dims, True)) if array_of(self).size else exp(self)
    total = sum_dims(raised, dims, keepdim)
    return sum_dims(raised.mul_(self_t), dims, keepdim).div_(total)


derivative(
    "SoftmaxBackward0",
    of=softmax_op,
    forward=lambda self_t, self, result, dim: result * (self_t - _logsumexp_along(self_t, self, (dim,), True)),
    self=lambda grad, result, dim: softmax_backward(grad, result, dim),
)


@op("__softmax_backward_data", promote="keep", numbers=False)
@in_float32
def softmax_backward(grad_output, output, dim: int):
    return (grad_output - _total(grad_output * output, dim)) * output


def _total(a: Any, dim: int) -> Any:
    """The kept sum of an array; it starts at -0 along the last dimension and at 0 along others, as torch's."""
    if not a.ndim:
        return a
    axis = normal_dim(dim, a.ndim)
    return a.sum(axis=axis, keepdims=True, initial=-0.0 if axis == a.ndim - 1 else 0.0)


def total(x: Any, dim: int) -> Any:
    """The kept sum of a carrier along one dimension."""
    return x.sum(dim, True) if isinstance(x, Tensor) else x.sum(axis=dim if x.ndim else None, keepdims=True)


def _softmax_backward_output(grad, grad_output, output, dim):
    return (
        grad_output * grad - total(output * grad_output, dim) * grad - grad_output * total(output * grad, dim)
    )


derivative(
    "SoftmaxBackwardDataBackward0",
    of=softmax_backward,
    forward=lambda grad_output_t, output_t, grad_output, output, dim, result: decompositions.carried(
        decompositions.softmax_backward, {0: grad_output_t, 1: output_t}, grad_output, output, dim, result=result
    ),
    grad_output=lambda grad, output, dim: softmax_backward(grad, output, dim),
    output=_softmax_backward_output,
)


@op("__log_softmax", promote="keep", numbers=False)
@in_float32
def log_softmax_op(self, dim: int):
    axis = _axis(self, dim)
    if not self.size:
        return self.copy()
    _check_float("log_softmax", self, axis)
    low = _lowered(self, axis)
    return contiguous(np.asarray(low - elementary.log(elementary.exp(low).sum(axis=axis, keepdims=True))))


derivative(
    "LogSoftmaxBackward0",
    of=log_softmax_op,
    forward=lambda self_t, self, dim: self_t - _logsumexp_along(self_t, self, (dim,), True),
    self=lambda grad, result, dim: log_softmax_backward(grad, result, dim),
)


@op("__log_softmax_backward_data", promote="keep", numbers=False)
@in_float32
def log_softmax_backward(grad_output, output, dim: int):
    if grad_output.dtype.kind != "f":
        return grad_output - elementary.exp(output) * _total(grad_output, dim)
    return fma(-elementary.exp(output), _total(grad_output, dim), grad_output)


derivative(
    "LogSoftmaxBackwardDataBackward0",
    of=log_softmax_backward,
    forward=lambda grad_output_t, output_t, grad_output, output, dim, result: decompositions.carried(
        decompositions.log_softmax_backward, {0: grad_output_t, 1: output_t}, grad_output, output, dim, result=result
    ),
    grad_output=lambda grad, output, dim: grad - total(grad * exp(output), dim),
    output=lambda grad, grad_output, output, dim: -total(grad_output, dim) * exp(output) * grad,
)


def _publish(name: str, declared: Any) -> Any:
    def public(self, dim: int, dtype: Any = None):
        if dtype is not None:
            self = self.to(dtype)
        return declared(self, dim)

    public.__name__ = public.__qualname__ = name
    composite("special." + name, method=False)(public)
    return composite(name)(public)


softmax, log_softmax = _publish("softmax", softmax_op), _publish("log_softmax", log_softmax_op)


@op("_logsumexp", promote="float", numbers=False)
@in_float32
def logsumexp_op(self, dim: Any, keepdim: bool = False):
    dims = normal_dims(dim, self.ndim)
    if not self.size:
        return contiguous(elementary.log(elementary.exp(self).sum(axis=dims, keepdims=keepdim)))
    high = self.max(axis=dims, keepdims=True)
    high = np.where(np.isinf(np.abs(high)), self.dtype.type(0), high)
    total = elementary.log(elementary.exp(self - high).sum(axis=dims, keepdims=keepdim))
    return contiguous(np.asarray(total + (high if keepdim else high.reshape(total.shape))))


def _logsumexp_self(grad, self, result, dim, keepdim):
    ndim = array_of(self).ndim
    if not keepdim and ndim:
        grad, result = unsqueeze_multiple(grad, dim, ndim), unsqueeze_multiple(result, dim, ndim)
    return grad * conj(exp(self - result))


derivative(
    "LogsumexpBackward0",
    of=logsumexp_op,
    forward=lambda self_t, self, dim, keepdim: _logsumexp_along(self_t, self, dim, keepdim),
    self=_logsumexp_self,
)


@composite("logsumexp")
def logsumexp(self, dim: Any, keepdim: bool = False):
    """The logarithm of the sum of exponentials over `dim`."""
    return logsumexp_op(self, as_dims(dim), keepdim)
