"""Activations that let less through below zero: leaky_relu, rrelu, elu, selu, celu.

What may live here: these. In place they have nodes of their own, which tell the gradient from the result.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad import errors
from minigrad.arguments import to_number
from minigrad.from_data import as_scalar, check_range
from minigrad.generator import default_generator
from minigrad.layout import laid_out
from minigrad.ops import elementary
from minigrad.ops.arithmetic import times
from minigrad.ops.carriers import array_of, in_float32, supports, zeros_like
from minigrad.ops.conversion import cast
from minigrad.ops.loss_forms import functional
from minigrad.ops.vectors import nan_inside
from minigrad.refusals import handed
from minigrad.registry import composite, derivative, inplace_of, op
from minigrad.tensor import Tensor, wrap

# mypy: disable-error-code="no-untyped-def, no-untyped-call"


def _negative_slope(function: str, end: str) -> RuntimeError:
    return RuntimeError(
        f"In-place {function} backward calculation is triggered with a negative slope which is not supported. This is "
        "caused by calling in-place forward function with a negative slope, please call out-of-place version instead"
        f"{end}"
    )


_DOUBLE = np.dtype(np.float64)
LEAKY_ADVICE = (
    ". File an issue at https://github.com/pytorch/pytorch if you do require supporting in-place leakRelu backward "
    "calculation with negative slope"
)

# -- leaky ----------------------------------------------------------------------------------------------


@op("_leaky_relu", promote="keep", numbers=False)
@supports("f", "leaky_relu_cpu")
@in_float32
def leaky_relu_op(self, negative_slope: Any):
    return np.where(self > 0, self, self * as_scalar(negative_slope, self.dtype))


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
    forward=lambda grad_output_t, self, negative_slope: leaky_relu_backward(grad_output_t, self, negative_slope),
    grad_output=lambda grad, self, negative_slope: leaky_relu_backward(grad, self, negative_slope),
    self=lambda grad: zeros_like(grad),
)


@op("_leaky_relu.written", inplace=True, promote="keep", numbers=False)
def leaky_relu_written(self, negative_slope: Any):
    return leaky_relu_op(self, negative_slope)


def _leaky_of_result(grad, result, negative_slope):
    if negative_slope < 0:
        raise _negative_slope("leakyReLu", LEAKY_ADVICE)
    return leaky_relu_backward(grad, result, negative_slope)


derivative(
    "LeakyReluBackward1",
    of=leaky_relu_written,
    # that it names `self` has the tangent read before the write
    forward=lambda self_t, self, result, negative_slope: _leaky_of_result(self_t, result, negative_slope),
    self=_leaky_of_result,
)


@functional("leaky_relu")
def leaky_relu(input: Any, negative_slope: float = 0.01, inplace: bool = False):
    """`negative_slope` times what is not positive."""
    handed("leaky_relu_" if inplace else "leaky_relu", input, negative_slope)
    return (inplace_of(leaky_relu_written) if inplace else leaky_relu_op)(input, negative_slope)


# -- exponential below zero -----------------------------------------------------------------------------


@op("_elu", promote="keep", numbers=False)
@supports("f", "elu_cpu")
@in_float32
def elu_op(self, alpha: Any, scale: Any = 1, input_scale: Any = 1):
    number = self.dtype.type
    if type(alpha) is not float:
        check_range(alpha, self.dtype)
    below = elementary.expm1(self * number(input_scale)) * number(alpha * scale)
    return np.where(self < 0, below, self * number(scale))


@op("_elu_backward", numbers=False)
@nan_inside
@in_float32
def elu_backward(grad_output, self_or_result, alpha: Any, scale: Any, input_scale: Any, is_result: bool = False):
    number, x = grad_output.dtype.type, self_or_result
    if is_result:
        below = grad_output * number(input_scale) * (x + number(alpha * scale))
    else:
        below = grad_output * number(input_scale) * number(alpha * scale) * elementary.exp(x * number(input_scale))
    return np.where(x <= 0, below, grad_output * number(scale)), below


derivative(
    "EluBackward0",
    of=elu_op,
    forward="elementwise",
    self=lambda grad, self, alpha, scale, input_scale: elu_backward(grad, self, alpha, scale, input_scale),
)


def _elu_twice(grad, grad_output, self_or_result, alpha, scale, input_scale, is_result):
    bend, below = times(grad * grad_output, input_scale), cast(self_or_result < 0, array_of(grad).dtype)
    return bend * below if is_result else elu_backward(bend, self_or_result, alpha, scale, input_scale) * below


derivative(
    "EluBackwardBackward0",
    of=elu_backward,
    forward="terms",
    grad_output=lambda grad, self_or_result, alpha, scale, input_scale, is_result: elu_backward(
        grad, self_or_result, alpha, scale, input_scale, is_result
    ),
    self_or_result=_elu_twice,
)


@op("_elu.written", inplace=True, promote="keep", numbers=False)
def elu_written(self, alpha: Any, scale: Any = 1, input_scale: Any = 1):
    return elu_op(self, alpha, scale, input_scale)


def _elu_of_result(grad, result, alpha, scale, input_scale):
    if alpha < 0:
        raise _negative_slope("elu", ".")
    return elu_backward(grad, result, alpha, scale, input_scale, True)


derivative(
    "EluBackward1",
    of=elu_written,
    forward=lambda self_t, self, result, alpha, scale, input_scale: _elu_of_result(
        self_t, result, alpha, scale, input_scale
    ),
    self=_elu_of_result,
)


@op("_celu", promote="keep", numbers=False)
@supports("f", "elu_cpu")
def celu_op(self, alpha: Any):
    if type(alpha) is not float:
        check_range(alpha, _DOUBLE)
    return elu_op(self, alpha, 1.0, 1.0 / alpha)


derivative(
    "CeluBackward0",
    of=celu_op,
    forward="elementwise",
    self=lambda grad, self, alpha: elu_backward(grad, self, alpha, 1, 1.0 / alpha),
)



@op("_celu.written", inplace=True, promote="keep", numbers=False)
def celu_written(self, alpha: Any):
    return celu_op(self, alpha)


derivative(
    "CeluBackward1",
    of=celu_written,
    forward=lambda self_t, self, result, alpha: _elu_of_result(self_t, result, alpha, 1, 1.0 / alpha),
    self=lambda grad, result, alpha: _elu_of_result(grad, result, alpha, 1, 1.0 / alpha),
)

SELU_ALPHA, SELU_SCALE = 1.6732632423543772848170429916717, 1.0507009873554804934193349852946


@functional("elu")
def elu(input: Any, alpha: float = 1.0, inplace: bool = False):
    """`alpha * (exp(x) - 1)` where negative."""
    handed("elu_" if inplace else "elu", input, alpha)
    return (inplace_of(elu_written) if inplace else elu_op)(input, alpha)


def elu_(input: Any, alpha: Any = 1, scale: Any = 1, input_scale: Any = 1):
    """The same in place, with factors of the result and of what the exponential is taken of."""
    return inplace_of(elu_written)(input, *map(to_number, (alpha, scale, input_scale)))


@functional("selu")
def selu(input: Any, inplace: bool = False):
    """elu with the scales that keep mean and variance."""
    handed("selu_" if inplace else "selu", input)
    return (inplace_of(elu_written) if inplace else elu_op)(input, SELU_ALPHA, SELU_SCALE)


@functional("celu")
def celu(input: Any, alpha: float = 1.0, inplace: bool = False):
    """elu with a slope that is continuous for every alpha."""
    handed("celu_" if inplace else "celu", input, alpha)
    if alpha == 0:
        raise RuntimeError("ZeroDivisionError: alpha cannot be 0 for CELU")
    return (inplace_of(celu_written) if inplace else celu_op)(input, alpha)


composite("selu", method=False)(selu)
composite("celu", method=False)(celu)

# -- rrelu ----------------------------------------------------------------------------------------------


@op("_rrelu_with_noise", promote="keep", numbers=False)
@supports("f", "leaky_relu_cpu")
@in_float32
def rrelu_op(self, noise, lower: Any, upper: Any, training: bool):
    slope = noise if training else self.dtype.type((lower + upper) / 2)
    return np.asarray(np.where(self > 0, self, self * slope), order="C")


@op("_rrelu_with_noise_backward", promote="keep", numbers=False)
@in_float32
def rrelu_backward(grad_output, self, noise, lower: Any, upper: Any, training: bool):
    if training:
        return laid_out(np.asarray(noise * grad_output), (noise, grad_output))
    out = np.where(self > 0, grad_output, grad_output * grad_output.dtype.type((lower + upper) / 2))
    return laid_out(np.asarray(out), (self, grad_output))


@op("_rrelu_with_noise.written", inplace=True, promote="keep", numbers=False)
def rrelu_written(self, noise, lower: Any, upper: Any, training: bool):
    return rrelu_op(self, noise, lower, upper, training)


def _rrelu_of_result(grad, result, noise, lower, upper, training):
    if not training and lower + upper < 0:
        raise _negative_slope("leakyReLu", LEAKY_ADVICE)
    return rrelu_backward(grad, result, noise, lower, upper, training)


derivative(
    "RreluWithNoiseBackward0",
    of=rrelu_op,
    forward="elementwise",
    self=lambda grad, self, noise, lower, upper, training: rrelu_backward(grad, self, noise, lower, upper, training),
)
derivative("RreluWithNoiseBackward1", of=rrelu_written, forward=None, self=_rrelu_of_result)
derivative(
    "RreluWithNoiseBackwardBackward0",
    of=rrelu_backward,
    forward=lambda grad_output_t, self, noise, lower, upper, training: rrelu_backward(
        grad_output_t, self, noise, lower, upper, training
    ),
    grad_output=lambda grad, self, noise, lower, upper, training: rrelu_backward(
        grad, self, noise, lower, upper, training
    ),
    self=lambda grad: zeros_like(grad),
)


def _noise(a: Any, lower: float, upper: float, training: bool) -> Tensor:
    """The slope of each element: drawn for those that are not positive, 1 for others."""
    noise = np.zeros(a.shape, a.dtype)
    if training:
        below = a <= 0
        drawn = default_generator.uniform(int(below.sum()), True) * (upper - lower) + lower
        noise = np.ones(a.shape, a.dtype)
        noise[below] = drawn
    return wrap(noise)


@functional("rrelu")
def rrelu(input, lower: float = 1.0 / 8, upper: float = 1.0 / 3, training: bool = False, inplace: bool = False):
    """leaky_relu with slopes drawn between two numbers, or their mean when not training."""
    handed("rrelu_" if inplace else "rrelu", input, lower, upper, training)
    if lower > upper:
        raise RuntimeError("Lower bound should be less than or equal to the upper bound")
    if training and input._a.dtype.kind != "f":
        raise errors.not_implemented_for("rrelu_with_noise_out_cpu", input._a.dtype)
    noise = _noise(input._a, lower, upper, training)
    return (inplace_of(rrelu_written) if inplace else rrelu_op)(input, noise, lower, upper, training)


composite("rrelu", method=False)(rrelu)

# -- in place by name -----------------------------------------------------------------------------------


def publish_writing(function: Any, *spaces: str, name: str = "", **defaults: int) -> None:
    """The function's `name_` in these namespaces: the same with `inplace=True`, and maybe defaults of its own."""

    def write(input: Any, *args: Any, **kwargs: Any) -> Any:
        rest = dict(list(defaults.items())[len(args) :])
        return function(input, *args, **{**rest, **kwargs}, inplace=True)

    write.__name__ = write.__qualname__ = (name or function.__name__) + "_"
    for space in spaces:
        composite(space + write.__name__, method=False)(write)


for _function in (rrelu, celu, selu):
    publish_writing(_function, "nn.functional.", "")
publish_writing(leaky_relu, "nn.functional.")
composite("nn.functional.elu_", method=False)(elu_)
