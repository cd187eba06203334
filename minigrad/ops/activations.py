"""Activations of nn.functional: relu and its kin, elu, softplus, silu, mish, shrinking.

What may live here: elementwise functions of one tensor with a few numbers, under `nn.functional.` names.
"""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from minigrad import modes
from minigrad.arguments import to_number
from minigrad.from_data import check_range, overflow
from minigrad.layout import laid_out
from minigrad.ops import elementary
from minigrad.ops.arithmetic import minus, plus, right_first, times
from minigrad.ops.carriers import array_of, in_float32, is_batched, is_complex, supports, zeros_like
from minigrad.ops.conversion import cast
from minigrad.ops.exponential import exp, log1p, log_of_one_more, sigmoid, sigmoid_backward
from minigrad.ops.fused import fma
from minigrad.ops.leaky import publish_writing
from minigrad.ops.loss_forms import functional
from minigrad.ops.selection import relu, threshold_backward
from minigrad.ops.trigonometric import tanh
from minigrad.ops.vectors import without_nan
from minigrad.recording import tangents
from minigrad.refusals import handed
from minigrad.registry import composite, derivative, inplace_of, op
from minigrad.tensor import Tensor, wrap

# mypy: disable-error-code="no-untyped-def, no-untyped-call"


def _maybe_inplace(declared: Any, inplace: bool) -> Any:
    return inplace_of(declared) if inplace else declared


def _as(mask: Any, like: Any) -> Any:
    """A mask as numbers of the dtype of `like`."""
    return cast(mask, array_of(like).dtype)


# -- with a corner --------------------------------------------------------------------------------------


@functional("relu")
def relu_of(input: Any, inplace: bool = False):
    """Zero where negative."""
    handed("relu_" if inplace else "relu", input)
    return _maybe_inplace(relu, inplace)(input)


@op("_threshold", promote="keep", numbers=False)
@supports("iuf", "threshold_cpu")
def threshold_op(self, threshold: Any, value: Any):
    for number in (threshold, value):
        check_range(number, self.dtype)
    return np.where(self <= threshold, self.dtype.type(value), self)


derivative(
    "ThresholdBackward0",
    of=threshold_op,
    forward="elementwise",
    self=lambda grad, self, threshold: threshold_backward(grad, self, threshold),
)


@op("_threshold.written", inplace=True, promote="keep", numbers=False, overlaps="all")
def threshold_written(self, threshold: Any, value: Any):
    return threshold_op(self, threshold, value)


derivative(
    "ThresholdBackward1",
    of=threshold_written,
    forward="elementwise",
    onto=lambda self_t, self, threshold: self_t.copy_(threshold_backward(self_t, self, threshold)),
    self=lambda grad, self, threshold: threshold_backward(grad, self, threshold),
)


def _threshold(input: Any, threshold: Any, value: Any, inplace: bool = False):
    """`value` where not above `threshold`."""
    handed("threshold_" if inplace else "threshold", input, threshold, value)
    op = inplace_of(threshold_written) if inplace else threshold_op
    return op(input, to_number(threshold), to_number(value))


functional("threshold")(_threshold)
composite("threshold", method=False)(_threshold)


@op("_hardtanh", inplace=True, promote="keep", numbers=False)
@supports(
    "iuf",
    b=RuntimeError("Bool inputs not supported for hardtanh"),
    c=NotImplementedError("clamp is not supported for complex types"),
)
def hardtanh_op(self, min_val: Any, max_val: Any):
    if type(min_val) is complex or type(max_val) is complex:
        raise overflow("double" if self.dtype.kind == "f" else "int64_t")
    if self.dtype.kind == "u" and min_val < 0:
        raise RuntimeError("cannot do hardtanh on an unsigned type with negative limits")
    for bound in (min_val, max_val):
        check_range(bound, self.dtype)
    low, high = self.dtype.type(min_val), self.dtype.type(max_val)
    raised = np.where(self < low, low, self)
    return np.where(raised > high, high, raised)


derivative(
    "HardtanhBackward0",
    of=hardtanh_op,
    forward="elementwise",
    self=lambda grad, self, min_val, max_val: hardtanh_backward(grad, self, min_val, max_val),
)


@op("_hardtanh_backward", numbers=False)
def hardtanh_backward(grad_output, self, min_val: Any, max_val: Any):
    return without_nan((self <= min_val) | (self >= max_val), grad_output, self)


derivative(
    "HardtanhBackwardBackward0",
    of=hardtanh_backward,
    forward=lambda grad_output_t, self, min_val, max_val: hardtanh_backward(grad_output_t, self, min_val, max_val),
    grad_output=lambda grad, self, min_val, max_val: hardtanh_backward(grad, self, min_val, max_val),
    self=lambda grad: zeros_like(grad),
)


@functional("hardtanh")
def hardtanh(input: Any, min_val: float = -1.0, max_val: float = 1.0, inplace: bool = False):
    """The nearest number between two; the gradient is zero at both."""
    if min_val > max_val:
        raise ValueError("min_val cannot be greater than max_val")
    handed("hardtanh_" if inplace else "hardtanh", input, min_val, max_val)
    return _maybe_inplace(hardtanh_op, inplace)(input, min_val, max_val)


def hardtanh_(input: Any, min_val: Any = -1, max_val: Any = 1):
    """The same in place, where nobody asks whether the bounds are in order."""
    return inplace_of(hardtanh_op)(input, to_number(min_val), to_number(max_val))


@functional("relu6")
def relu6(input: Any, inplace: bool = False):
    """The nearest number between 0 and 6."""
    handed("relu6_" if inplace else "relu6", input)
    return _maybe_inplace(hardtanh_op, inplace)(input, 0, 6)


publish_writing(relu_of, "nn.functional.", name="relu")
publish_writing(_threshold, "nn.functional.", "", name="threshold")
composite("nn.functional.hardtanh_", method=False)(hardtanh_)


# -- smooth ---------------------------------------------------------------------------------------------


@op("_softplus", promote="keep", numbers=False)
@supports("f", "softplus_cpu")
@in_float32
def softplus_op(self, beta: Any, threshold: Any):
    number = self.dtype.type
    for one in (beta, threshold):
        if type(one) is complex:
            check_range(one, self.dtype)
    scaled = self * number(beta)
    return np.where(scaled > threshold, self, log_of_one_more(elementary.exp(scaled), self) / number(beta))


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
    z = elementary.exp(scaled)
    return np.where(scaled > threshold, grad_output, grad_output * z / (z + 1))


def _softplus_twice(grad, x, beta, threshold):
    scaled = times(x, beta)
    return times(sigmoid_backward(grad, sigmoid(scaled)) * _as(scaled < threshold, grad), beta)


derivative(
    "SoftplusBackwardBackward0",
    of=softplus_backward,
    forward="terms",
    grad_output=lambda grad, self, beta, threshold: softplus_backward(grad, self, beta, threshold),
    self=lambda grad, grad_output, self, beta, threshold: _softplus_twice(grad * grad_output, self, beta, threshold),
)


@functional("softplus")
def softplus(input: Any, beta: float = 1, threshold: float = 20):
    """`log(1 + exp(beta * x)) / beta`; `x` itself above the threshold."""
    return softplus_op(input, beta, threshold)


@op("_silu", inplace=True, promote="keep", numbers=False)
@supports("fc", "silu_cpu")
@in_float32
def silu_op(self):
    return self / (1 + elementary.exp(-self))


@in_float32
def _silu_slope(grad, self):
    s = 1 / (1 + elementary.exp(-self))
    return grad * s * fma(self, 1 - s, np.ones_like(s))


def _unrecorded(name: str, kernel: Any, grad: Any, self: Any) -> Any:
    """What torch's own kernel of a gradient makes, where no graph is recorded; it rounds less often, and refuses
    tangents."""
    if is_batched(grad):
        return modes.state.batch.looped(lambda g, x: _unrecorded(name, kernel, g, x), name, (grad, self))
    if tangents:
        tangents[0].refuse(name, (grad, self))
    made = laid_out(np.asarray(kernel(array_of(grad), array_of(self))), (array_of(grad), array_of(self)))
    return wrap(made) if isinstance(self, Tensor) else made


def _silu_self(grad, self):
    if not modes.state.grad and not is_complex(self):
        return _unrecorded("silu_backward", _silu_slope, grad, self)
    s = sigmoid(self)
    return right_first(plus(self * minus(1, s), 1), lambda: grad * s)


derivative("SiluBackward0", of=silu_op, forward="elementwise", self=_silu_self)


@functional("silu")
def silu(input: Any, inplace: bool = False):
    """`x * sigmoid(x)`."""
    handed("silu_" if inplace else "silu", input)
    return _maybe_inplace(silu_op, inplace)(input)


@op("_mish", inplace=True, promote="keep", numbers=False)
@supports("f", "mish_cpu")
@in_float32
def mish_op(self):
    return self * elementary.tanh(log_of_one_more(elementary.exp(self), self))


@in_float32
def _mish_slope(grad, self):
    raised = elementary.exp(self)
    bent, s = elementary.tanh(log_of_one_more(raised, grad, self)), 1 / (1 + elementary.exp(-self))
    return grad * fma(self * s, fma(-bent, bent, np.ones_like(s)), bent)


def _mish_self(grad, self):
    if not modes.state.grad:
        return _unrecorded("mish_backward", _mish_slope, grad, self)
    s = sigmoid(self)
    bent = tanh(log1p(exp(self)))
    return grad * (bent + right_first(minus(1, bent * bent), lambda: self * s))


derivative("MishBackward0", of=mish_op, forward="elementwise", self=_mish_self)


@functional("mish")
def mish(input: Any, inplace: bool = False):
    """`x * tanh(softplus(x))`."""
    handed("mish_" if inplace else "mish", input)
    return _maybe_inplace(mish_op, inplace)(input)


@functional("softsign")
def softsign(input: Any):
    """`x / (|x| + 1)`."""
    return input / (input.abs() + 1)


# -- shrinking ------------------------------------------------------------------------------------------


@op("_hardshrink", promote="keep", numbers=False)
@supports("f", "hardshrink_cpu")
def hardshrink_op(self, lambd: Any):
    if type(lambd) is not float:
        check_range(lambd, self.dtype)
    inside = (self >= -lambd) & (self <= lambd)
    return np.where(inside, self.dtype.type(0), self)


@op("_hardshrink_backward", numbers=False)
def hardshrink_backward(grad_out, self, lambd: Any):
    return without_nan((self >= -lambd) & (self <= lambd), grad_out, self)


derivative(
    "HardshrinkBackward0",
    of=hardshrink_op,
    forward="elementwise",
    self=lambda grad, self, lambd: hardshrink_backward(grad, self, lambd),
)
derivative(
    "HardshrinkBackwardBackward0",
    of=hardshrink_backward,
    forward=lambda grad_out_t, self, lambd: hardshrink_backward(grad_out_t, self, lambd),
    grad_out=lambda grad, self, lambd: hardshrink_backward(grad, self, lambd),
    self=lambda grad: zeros_like(grad),
)


def hardshrink(input: Any, lambd: float = 0.5):
    """Zero where the magnitude is at most `lambd`."""
    return hardshrink_op(input, to_number(lambd))


functional("hardshrink")(hardshrink)
composite("hardshrink")(hardshrink)


@functional("tanhshrink")
def tanhshrink(input: Any):
    """`x - tanh(x)`."""
    return input - input.tanh()


# -- under another name ---------------------------------------------------------------------------------


def _implicit_dim(name: str, ndim: int, stacklevel: int) -> int:
    """The dimension that these functions took when none was given, with torch's warning."""
    warnings.warn(
        f"Implicit dimension choice for {name} has been deprecated. Change the call to include dim=X as an argument.",
        stacklevel=stacklevel + 1,
    )
    return 0 if ndim in (0, 1, 3) else 1


def _over_dim(name: str) -> None:
    def public(input: Any, dim: Any = None, _stacklevel: int = 3, dtype: Any = None) -> Any:
        if dim is None:
            dim = _implicit_dim(name, input.dim(), _stacklevel)
        given = -input if name == "softmin" else input
        method = getattr(given, "log_softmax" if name == "log_softmax" else "softmax")
        return method(dim) if dtype is None else method(dim, dtype=dtype)

    public.__name__ = public.__qualname__ = name
    functional(name)(public)


for _name in ("softmax", "softmin", "log_softmax"):
    _over_dim(_name)
functional("sigmoid")(sigmoid)
functional("tanh")(tanh)
