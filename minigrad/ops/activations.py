"""Activations of nn.functional: relu and its kin, elu, softplus, silu, mish, shrinking.

What may live here: elementwise functions of one tensor with a few numbers, under `nn.functional.` names.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from minigrad import errors
from minigrad.layout import laid_out
from minigrad.ops.arithmetic import minus, plus, times
from minigrad.ops.carriers import array_of, in_float32, supports, zeros_like
from minigrad.ops.conversion import cast
from minigrad.ops.exponential import exp, log1p, sigmoid, sigmoid_backward
from minigrad.ops.selection import relu, threshold_backward
from minigrad.ops.softmax import log_softmax, softmax
from minigrad.ops.trigonometric import tanh
from minigrad.registry import composite, derivative, inplace_of, op

# mypy: disable-error-code="no-untyped-def, no-untyped-call"


def _functional(name: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    return composite("nn.functional." + name, method=False)


def _maybe_inplace(declared: Any, inplace: bool) -> Any:
    return inplace_of(declared) if inplace else declared


def _as(mask: Any, like: Any) -> Any:
    """A mask as numbers of the dtype of `like`."""
    return cast(mask, array_of(like).dtype)


# -- with a corner --------------------------------------------------------------------------------------


@_functional("relu")
def functional_relu(input: Any, inplace: bool = False):
    """Zero where negative."""
    return _maybe_inplace(relu, inplace)(input)


@op("_threshold", inplace=True, promote="keep", numbers=False)
@supports("iuf", "threshold_cpu")
def threshold_op(self, threshold: Any, value: Any):
    return np.where(self <= threshold, self.dtype.type(value), self)


derivative(
    "ThresholdBackward0",
    of=threshold_op,
    forward="elementwise",
    self=lambda grad, self, threshold: threshold_backward(grad, self, threshold),
)


def _threshold(input: Any, threshold: Any, value: Any, inplace: bool = False):
    """`value` where not above `threshold`."""
    return _maybe_inplace(threshold_op, inplace)(input, threshold, value)


_functional("threshold")(_threshold)
composite("threshold", method=False)(_threshold)


@op("_leaky_relu", inplace=True, promote="keep", numbers=False)
@supports("f", "leaky_relu_cpu")
@in_float32
def leaky_relu_op(self, negative_slope: Any):
    return np.where(self > 0, self, self * self.dtype.type(negative_slope))


derivative(
    "LeakyReluBackward0",
    of=leaky_relu_op,
    forward="elementwise",
    self=lambda grad, self, negative_slope: leaky_relu_backward(grad, self, negative_slope),
)


@op("_leaky_relu_backward", promote="keep", numbers=False)
@in_float32
def leaky_relu_backward(grad_output, self, negative_slope: Any):
    below = grad_output * grad_output.dtype.type(negative_slope)
    out = np.asarray(np.where(self > 0, grad_output, below))
    return laid_out(out, (self, grad_output)) if out.ndim > 1 else out  # torch asks the operand first


derivative(
    "LeakyReluBackwardBackward0",
    of=leaky_relu_backward,
    grad_output=lambda grad, self, negative_slope: leaky_relu_backward(grad, self, negative_slope),
    self=lambda grad: zeros_like(grad),
)


@_functional("leaky_relu")
def leaky_relu(input: Any, negative_slope: float = 0.01, inplace: bool = False):
    """`negative_slope` times what is not positive."""
    return _maybe_inplace(leaky_relu_op, inplace)(input, negative_slope)


@op("_hardtanh", inplace=True, promote="keep", numbers=False)
@supports(
    "iuf",
    b=RuntimeError("Bool inputs not supported for hardtanh"),
    c=NotImplementedError("clamp is not supported for complex types"),
)
def hardtanh_op(self, min_val: Any, max_val: Any):
    if self.dtype.kind == "u" and min_val < 0:
        raise RuntimeError("cannot do hardtanh on an unsigned type with negative limits")
    number = self.dtype.type
    return np.where(self < number(min_val), number(min_val), np.where(self > number(max_val), number(max_val), self))


derivative(
    "HardtanhBackward0",
    of=hardtanh_op,
    forward="elementwise",
    self=lambda grad, self, min_val, max_val: hardtanh_backward(grad, self, min_val, max_val),
)


@op("_hardtanh_backward", numbers=False)
def hardtanh_backward(grad_output, self, min_val: Any, max_val: Any):
    return np.where((self > min_val) & (self < max_val), grad_output, grad_output.dtype.type(0))


derivative(
    "HardtanhBackwardBackward0",
    of=hardtanh_backward,
    grad_output=lambda grad, self, min_val, max_val: hardtanh_backward(grad, self, min_val, max_val),
    self=lambda grad: zeros_like(grad),
)


@_functional("hardtanh")
def hardtanh(input: Any, min_val: float = -1.0, max_val: float = 1.0, inplace: bool = False):
    """The nearest number between two; the gradient is zero at both."""
    if min_val > max_val:
        raise ValueError("min_val cannot be greater than max_val")
    return _maybe_inplace(hardtanh_op, inplace)(input, min_val, max_val)


@_functional("relu6")
def relu6(input: Any, inplace: bool = False):
    """The nearest number between 0 and 6."""
    return _maybe_inplace(hardtanh_op, inplace)(input, 0, 6)


# -- exponential below zero -----------------------------------------------------------------------------


@op("_elu", inplace=True, promote="keep", numbers=False)
@supports("f", "elu_cpu")
@in_float32
def elu_op(self, alpha: Any, scale: Any = 1, input_scale: Any = 1):
    number = self.dtype.type
    below = np.expm1(self * number(input_scale)) * number(alpha * scale)
    return np.where(self < 0, below, self * number(scale))


@op("_elu_backward", numbers=False)
@in_float32
def elu_backward(grad_output, self, alpha: Any, scale: Any, input_scale: Any):
    number = grad_output.dtype.type
    below = grad_output * number(input_scale) * number(alpha * scale) * np.exp(self * number(input_scale))
    return np.where(self <= 0, below, grad_output * number(scale))


derivative(
    "EluBackward0",
    of=elu_op,
    forward="elementwise",
    self=lambda grad, self, alpha, scale, input_scale: elu_backward(grad, self, alpha, scale, input_scale),
)
derivative(
    "EluBackwardBackward0",
    of=elu_backward,
    grad_output=lambda grad, self, alpha, scale, input_scale: elu_backward(grad, self, alpha, scale, input_scale),
    self=lambda grad, grad_output, self, alpha, scale, input_scale: (
        elu_backward(times(grad * grad_output, input_scale), self, alpha, scale, input_scale) * _as(self < 0, grad)
    ),
)


@op("_celu", inplace=True, promote="keep", numbers=False)
@supports("f", "elu_cpu")
def celu_op(self, alpha: Any):
    return elu_op(self, alpha, 1.0, 1.0 / alpha)


derivative(
    "CeluBackward0",
    of=celu_op,
    forward="elementwise",
    self=lambda grad, self, alpha: elu_backward(grad, self, alpha, 1, 1.0 / alpha),
)

SELU_ALPHA, SELU_SCALE = 1.6732632423543772848170429916717, 1.0507009873554804934193349852946


@_functional("elu")
def elu(input: Any, alpha: float = 1.0, inplace: bool = False):
    """`alpha * (exp(x) - 1)` where negative."""
    return _maybe_inplace(elu_op, inplace)(input, alpha)


@_functional("selu")
def selu(input: Any, inplace: bool = False):
    """elu with the scales that keep mean and variance."""
    return _maybe_inplace(elu_op, inplace)(input, SELU_ALPHA, SELU_SCALE)


@_functional("celu")
def celu(input: Any, alpha: float = 1.0, inplace: bool = False):
    """elu with a slope that is continuous for every alpha."""
    if alpha == 0:
        raise RuntimeError("ZeroDivisionError: alpha cannot be 0 for CELU")
    return _maybe_inplace(celu_op, inplace)(input, alpha)


composite("selu", method=False)(selu)
composite("celu", method=False)(celu)


# -- smooth ---------------------------------------------------------------------------------------------


@op("_softplus", promote="keep", numbers=False)
@supports("f", "softplus_cpu")
@in_float32
def softplus_op(self, beta: Any, threshold: Any):
    number = self.dtype.type
    scaled = self * number(beta)
    return np.where(scaled > threshold, self, np.log1p(np.exp(scaled)) / number(beta))


derivative(
    "SoftplusBackward0",
    of=softplus_op,
    forward="elementwise",
    self=lambda grad, self, beta, threshold: softplus_backward(grad, self, beta, threshold),
)


@op("_softplus_backward", numbers=False)
@in_float32
def softplus_backward(grad_output, self, beta: Any, threshold: Any):
    scaled = self * self.dtype.type(beta)
    z = np.exp(scaled)
    return np.where(scaled > threshold, grad_output, grad_output * z / (z + 1))


def _softplus_twice(grad, x, beta, threshold):
    scaled = times(x, beta)
    return times(sigmoid_backward(grad, sigmoid(scaled)) * _as(scaled < threshold, grad), beta)


derivative(
    "SoftplusBackwardBackward0",
    of=softplus_backward,
    grad_output=lambda grad, self, beta, threshold: softplus_backward(grad, self, beta, threshold),
    self=lambda grad, grad_output, self, beta, threshold: _softplus_twice(grad * grad_output, self, beta, threshold),
)


@_functional("softplus")
def softplus(input: Any, beta: float = 1, threshold: float = 20):
    """`log(1 + exp(beta * x)) / beta`; `x` itself above the threshold."""
    return softplus_op(input, beta, threshold)


@op("_silu", inplace=True, promote="keep", numbers=False)
@supports("fc", "silu_cpu")
@in_float32
def silu_op(self):
    return self / (1 + np.exp(-self))


def _silu_self(grad, self):
    s = sigmoid(self)
    return grad * s * plus(self * minus(1, s), 1)


derivative("SiluBackward0", of=silu_op, forward="elementwise", self=_silu_self)


@_functional("silu")
def silu(input: Any, inplace: bool = False):
    """`x * sigmoid(x)`."""
    return _maybe_inplace(silu_op, inplace)(input)


@op("_mish", inplace=True, promote="keep", numbers=False)
@supports("f", "mish_cpu")
@in_float32
def mish_op(self):
    return self * np.tanh(np.log1p(np.exp(self)))


def _mish_self(grad, self):
    s = sigmoid(self)
    bent = tanh(log1p(exp(self)))
    return grad * (bent + self * s * minus(1, bent * bent))


derivative("MishBackward0", of=mish_op, forward="elementwise", self=_mish_self)


@_functional("mish")
def mish(input: Any, inplace: bool = False):
    """`x * tanh(softplus(x))`."""
    return _maybe_inplace(mish_op, inplace)(input)


@_functional("softsign")
def softsign(input: Any):
    """`x / (|x| + 1)`."""
    return input / (input.abs() + 1)


# -- shrinking ------------------------------------------------------------------------------------------


@op("_hardshrink", promote="keep", numbers=False)
@supports("f", "hardshrink_cpu")
def hardshrink_op(self, lambd: Any):
    inside = (self >= -lambd) & (self <= lambd)
    return np.where(inside, self.dtype.type(0), self)


@op("_hardshrink_backward", numbers=False)
def hardshrink_backward(grad_out, self, lambd: Any):
    inside = (self >= -lambd) & (self <= lambd)  # nan is not, as in torch's scalar loop; its vectors of 16 differ
    return np.where(inside, grad_out.dtype.type(0), grad_out)


derivative(
    "HardshrinkBackward0",
    of=hardshrink_op,
    forward="elementwise",
    self=lambda grad, self, lambd: hardshrink_backward(grad, self, lambd),
)
derivative(
    "HardshrinkBackwardBackward0",
    of=hardshrink_backward,
    grad_out=lambda grad, self, lambd: hardshrink_backward(grad, self, lambd),
    self=lambda grad: zeros_like(grad),
)


def hardshrink(input: Any, lambd: float = 0.5):
    """Zero where the magnitude is at most `lambd`."""
    return hardshrink_op(input, lambd)


_functional("hardshrink")(hardshrink)
composite("hardshrink")(hardshrink)


@_functional("tanhshrink")
def tanhshrink(input: Any):
    """`x - tanh(x)`."""
    return input - input.tanh()


# -- under another name ---------------------------------------------------------------------------------


def _over_dim(name: str, function: Any) -> None:
    def public(input: Any, dim: Any = None, _stacklevel: int = 3, dtype: Any = None) -> Any:
        if dim is None:
            raise errors.wrong_argument(name, "dim", None, "int", dim)
        return function(-input if name == "softmin" else input, dim, dtype)

    public.__name__ = public.__qualname__ = name
    _functional(name)(public)


for _name, _function in (("softmax", softmax), ("softmin", softmax), ("log_softmax", log_softmax)):
    _over_dim(_name, _function)
_functional("sigmoid")(sigmoid)
_functional("tanh")(tanh)
