"""Activations of nn.functional that let part of their operand through: gelu, glu, the hard sigmoids, softshrink.

What may live here: these with the ops of their gradients. The other activations are in `activations`.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from minigrad import errors
from minigrad.dims import normal_dim
from minigrad.from_data import check_range
from minigrad.layout import laid_out
from minigrad.ops import elementary, rough_gelu
from minigrad.ops.arithmetic import divided_by, minus, over, plus, times
from minigrad.ops.carriers import HALF, array_of, constant, in_float32, supports, zeros_like
from minigrad.ops.comparison import logical_and
from minigrad.ops.exponential import exp, sigmoid
from minigrad.ops.fused import fma
from minigrad.ops.joining import cat
from minigrad.ops.loss_forms import functional
from minigrad.ops.powers import pow  # noqa: A004 - torch's name
from minigrad.ops.selection import where_op
from minigrad.ops.trigonometric import cosh, tanh
from minigrad.ops.undifferentiated import recorded_opaquely
from minigrad.ops.vectors import in_vectors, nan_inside, without_nan
from minigrad.refusals import handed
from minigrad.registry import derivative, inplace_of, op
from minigrad.tensor import Tensor, wrap

# mypy: disable-error-code="no-untyped-def, no-untyped-call"

# -- gelu -----------------------------------------------------------------------------------------------

ROOT_HALF = math.sqrt(0.5)
BETA, KAPPA = math.sqrt(2 / math.pi), 0.044715
"""The approximation by a hyperbolic tangent is `x / 2 * (1 + tanh(BETA * (x + KAPPA * x^3)))`."""


def _erf(x: Any) -> Any:
    import scipy.special

    return scipy.special.erf(x)


@op("_gelu", promote="keep", numbers=False)
@supports("f", "GeluKernelImpl")
def gelu_op(self, approximate: str):
    if rough_gelu.is_rough(self, approximate):
        return rough_gelu.gelu(self)
    out = _gelu(self, approximate)
    if rough_gelu.in_library(self, approximate):  # whose erf has no value at infinity
        return np.where(np.isinf(self), self.dtype.type(np.nan), out)
    return out


@in_float32
def _gelu(self, approximate):
    number = self.dtype.type
    if approximate == "tanh":
        inner = number(BETA) * (self + number(KAPPA) * self * self * self)
        return number(0.5) * self * (1 + elementary.tanh(inner))
    above = 1 + _erf(self * number(ROOT_HALF))
    if rough_gelu.in_library(self, approximate):
        return self * above * number(0.5)
    return self * number(0.5) * above


@op("_gelu_backward", numbers=False)
@in_float32
def gelu_backward(grad_output, self, approximate: str):
    number = self.dtype.type
    if approximate == "tanh":
        square = self * self
        bent = elementary.tanh(number(BETA) * (self + number(KAPPA) * square * self))
        left = number(0.5) * self * (1 - bent * bent) * number(BETA) * (1 + number(3 * KAPPA) * square)
        return grad_output * (number(0.5) * (1 + bent) + left)
    if rough_gelu.is_rough(self, approximate):
        return rough_gelu.slope(self) * grad_output
    density = elementary.exp(self * self * number(-0.5)) * number(2 / math.sqrt(math.pi) * ROOT_HALF * 0.5)
    return grad_output * fma(self, density, number(0.5) * (1 + _erf(self * number(ROOT_HALF))))


def _bend_of_tanh(x: Any) -> Any:
    """The second derivative of the approximation."""
    inner = times(x + times(pow(x, 3), KAPPA), BETA)
    bent, sech = tanh(inner), divided_by(1, cosh(inner))
    half, slope = times(x, 0.5), minus(1, bent * bent)
    inner_slope = times(plus(times(x, 3 * KAPPA) * x, 1), BETA)
    slope_slope = times(sech, 2) * (-sech * bent) * inner_slope
    twice = times(times(slope, 0.5) * inner_slope, 2)
    return twice + half * inner_slope * slope_slope + half * slope * times(times(x, 6 * KAPPA), BETA)


def _gelu_twice(grad, grad_output, self, approximate):
    if approximate == "tanh":
        return grad * grad_output * _bend_of_tanh(self)
    square = self * self
    density = times(exp(times(square, -0.5)), ROOT_HALF / math.sqrt(math.pi))
    return grad * grad_output * (times(density, 2) - square * density)


derivative(
    "GeluBackward0",
    of=gelu_op,
    forward="elementwise",
    self=lambda grad, self, approximate: gelu_backward(grad, self, approximate),
)
derivative(
    "GeluBackwardBackward0",
    of=gelu_backward,
    forward="terms",
    grad_output=lambda grad, self, approximate: gelu_backward(grad, self, approximate),
    self=_gelu_twice,
)

@functional("gelu")
def gelu(input, *, approximate: str = "none"):
    """`x` times the probability that a normal variable is below it."""
    if approximate not in ("none", "tanh"):
        raise RuntimeError("approximate argument must be either none or tanh.")
    return gelu_op(input, approximate)


# -- glu ------------------------------------------------------------------------------------------------


def _halves(x: Any, dim: int) -> tuple[Any, Any]:
    """The two halves of a carrier along a dimension."""
    size = array_of(x).shape[dim] // 2
    if isinstance(x, Tensor):
        return x.narrow(dim, 0, size), x.narrow(dim, size, size)
    one, two = np.split(x, 2, axis=dim)
    return one, two


@op("_glu", promote="keep", numbers=False)
@in_float32
def glu_op(self, dim: int):
    dim = normal_dim(dim, self.ndim)
    if self.shape[dim] % 2:
        raise RuntimeError(f"Halving dimension must be even, but dimension {dim} is size {self.shape[dim]}")
    if self.dtype.kind != "f":
        raise errors.not_implemented_for("glu_cpu", self.dtype)
    first, second = _halves(self, dim)
    return laid_out(np.asarray(first * (1 / (1 + elementary.exp(-second)))), (first, second))


@op("_glu_backward", promote="keep", numbers=False)
@in_float32
def glu_backward(grad_output, self, dim: int):
    first, second = _halves(self, dim)
    gate = 1 / (1 + elementary.exp(-second))
    made = np.concatenate([gate * grad_output, (1 - gate) * gate * first * grad_output], axis=dim)
    return np.ascontiguousarray(made)


def _glu_twice(grad, grad_output, self, dim):
    first, second = _halves(self, dim)
    gate = sigmoid(second)
    shut = minus(1, gate)
    slope = gate * shut
    to_first, to_second = _halves(grad, dim)
    scaled = to_second * first
    of_first = to_second * grad_output * slope
    of_second = scaled * grad_output * (slope * shut - gate * slope) + to_first * grad_output * slope
    if isinstance(self, Tensor):
        return cat([of_first, of_second], dim)
    return np.concatenate([of_first, of_second], axis=dim)


def _glu_twice_grad_output(grad, self, dim):
    a = array_of(self)
    dim = normal_dim(dim, a.ndim)
    ones = np.ones((*a.shape[:dim], a.shape[dim] // 2, *a.shape[dim + 1 :]), a.dtype)
    first, second = _halves(grad * glu_backward(wrap(ones) if isinstance(self, Tensor) else ones, self, dim), dim)
    return first + second


@op("_glu_jvp", promote="keep", numbers=False)
def _glu_jvp(glu, x, dx, dim: int):
    if x.dtype == HALF:
        raise errors.not_implemented_for("glu_jvp_cpu", x.dtype)
    (_, second), (first_t, second_t) = _halves(x, dim), _halves(dx, dim)
    gate = 1 / (1 + elementary.exp(-second))
    return first_t * gate + glu * (second_t - gate * second_t)


_glu_along = recorded_opaquely("glu_jvp", _glu_jvp)

derivative(
    "GluBackward0",
    of=glu_op,
    forward=lambda self_t, self, result, dim: _glu_along(result, self, self_t, dim),
    self=lambda grad, self, dim: glu_backward(grad, self, dim),
)


@op("_glu_backward_jvp", promote="keep", numbers=False)
def _glu_backward_jvp(grad_x, grad_glu, x, dgrad_glu, dx, dim: int):
    (first, second), (first_t, second_t), (of_first, _) = _halves(x, dim), _halves(dx, dim), _halves(grad_x, dim)
    gate = 1 / (1 + elementary.exp(-second))
    made = first * gate
    shut_t = second_t - second_t * gate
    to_first = dgrad_glu * gate + of_first * shut_t
    to_second = to_first * (first - made) + of_first * (first_t - first_t * gate - made * shut_t)
    return np.concatenate([to_first, to_second], axis=dim)


_glu_backward_along = recorded_opaquely("glu_backward_jvp", _glu_backward_jvp)

derivative(
    "GluBackwardBackward0",
    of=glu_backward,
    forward=lambda grad_output_t, self_t, grad_output, self, result, dim: _glu_backward_along(
        result, grad_output, self, grad_output_t, self_t, dim
    ),
    grad_output=_glu_twice_grad_output,
    self=_glu_twice,
)


@functional("glu")
def glu(input, dim: int = -1):
    """The first half along `dim` times the sigmoid of the second."""
    if input.dim() == 0:
        raise RuntimeError("glu does not support scalars because halving size must be even")
    handed("glu", input, dim)
    return glu_op(input, dim)


# -- hard sigmoids --------------------------------------------------------------------------------------


SIXTH = np.float32(1 / 6)
"""torch has it in float32, whatever the dtype."""


@op("_hardsigmoid", inplace=True, promote="keep", numbers=False)
@supports("f", "hardsigmoid_cpu")
@in_float32
def hardsigmoid_op(self):
    number = self.dtype.type
    return np.minimum(np.maximum(self + number(3), number(0)), number(6)) / number(6)


@op("_hardsigmoid_backward", numbers=False)
@in_float32
def _hardsigmoid_slope(grad_output, self):
    number = grad_output.dtype.type
    return np.where((self > -3) & (self < 3), grad_output * number(SIXTH), number(0))


hardsigmoid_backward = recorded_opaquely("hardsigmoid_backward", _hardsigmoid_slope)
derivative(
    "HardsigmoidBackward0",
    of=hardsigmoid_op,
    forward="elementwise",
    self=lambda grad, self: hardsigmoid_backward(grad, self),
)


@op("_hardswish", inplace=True, promote="keep", numbers=False)
@supports("f", "hardswish_cpu")
@in_float32
def hardswish_op(self):
    number = self.dtype.type
    return self * np.minimum(np.maximum(self + number(3), number(0)), number(6)) / number(6)


@op("_hardswish_backward", numbers=False)
@nan_inside
@in_float32
def hardswish_backward(grad_output, self):
    number = grad_output.dtype.type
    inside = grad_output * (self / number(3) + number(0.5))
    return np.where(self < 3, np.where(self > -3, inside, number(0)), grad_output), inside


derivative(
    "HardswishBackward0",
    of=hardswish_op,
    forward="elementwise",
    self=lambda grad, self: hardswish_backward(grad, self),
)
derivative(
    "HardswishBackwardBackward0",
    of=hardswish_backward,
    forward="terms",
    grad_output=lambda grad, self: hardswish_backward(grad, self),
    self=lambda grad, grad_output, self: where_op(
        logical_and(self > -3.0, self < 3.0), over(grad * grad_output, 3.0), constant(0, self)
    ),
)


def _hard(name: str, declared: Any, text: str) -> None:
    def public(input: Any, inplace: bool = False) -> Any:
        handed(name + "_" * bool(inplace), input)
        return (inplace_of(declared) if inplace else declared)(input)

    public.__name__ = public.__qualname__ = name
    public.__doc__ = text
    functional(name)(public)


_hard("hardsigmoid", hardsigmoid_op, "A line from 0 at -3 to 1 at 3.")
_hard("hardswish", hardswish_op, "`x * hardsigmoid(x)`.")


# -- softshrink -----------------------------------------------------------------------------------------


def _check_lambda(a: Any, lambd: Any) -> None:
    if type(lambd) is not float:
        check_range(lambd, np.dtype(np.float64))
    if a.dtype.kind != "f":
        raise errors.not_implemented_for("softshrink_check", a.dtype)
    if not 0 <= lambd <= np.finfo(a.dtype).max:
        raise RuntimeError(
            f"lambda must be in range [0, {float(np.finfo(a.dtype).max):g}] for input dtype {errors.type_name(a)}, "
            f"but found {lambd:g}"
        )


@op("_softshrink", promote="keep", numbers=False)
def softshrink_op(self, lambd: Any):
    _check_lambda(self, lambd)
    out = _shrunk(self, lambd)
    if not out.all():
        out = np.where(in_vectors(out, self), out + 0, out)  # vectors lose the sign of what becomes zero
    return laid_out(out, (self,))


@in_float32
def _shrunk(self, lambd):
    edge = self.dtype.type(lambd)
    return np.where(self > edge, self - edge, np.where(self < -edge, self + edge, self * self.dtype.type(0)))


@op("_softshrink_backward", numbers=False)
def softshrink_backward(grad_output, self, lambd: Any):
    edge = self.dtype.type(lambd)
    return without_nan((self >= -edge) & (self <= edge), grad_output, self)


derivative(
    "SoftshrinkBackward0",
    of=softshrink_op,
    forward="elementwise",
    self=lambda grad, self, lambd: softshrink_backward(grad, self, lambd),
)
derivative(
    "SoftshrinkBackwardBackward0",
    of=softshrink_backward,
    forward=lambda grad_output_t, self, lambd: softshrink_backward(grad_output_t, self, lambd),
    grad_output=lambda grad, self, lambd: softshrink_backward(grad, self, lambd),
    self=lambda grad: zeros_like(grad),
)

@functional("softshrink")
def softshrink(input, lambd: float = 0.5):
    """What is beyond `lambd`, moved towards zero by it."""
    return softshrink_op(input, lambd)
