"""Special functions, computed by SciPy, which is imported when the first of them is used.

What may live here: elementwise ops of that kind and their derivatives, which are special functions again.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from minigrad import errors, modes
from minigrad.arguments import is_int
from minigrad.ops import elementary
from minigrad.ops.arithmetic import less, minus, plus, reciprocal, times
from minigrad.ops.carriers import array_of, constant, filled_nan, in_float32, of_one_kernel, supports, zeros_like
from minigrad.ops.chebyshev import in_single
from minigrad.ops.comparison import logical_and, logical_not, logical_or
from minigrad.ops.exponential import exp, log
from minigrad.ops.powers import pow, square  # noqa: A004 - torch's name
from minigrad.ops.rounding import sgn
from minigrad.ops.selection import where_op
from minigrad.ops.vectors import WIDE, in_vectors
from minigrad.registry import composite, derivative, inplace_of, op
from minigrad.tensor import Tensor, wrap

# mypy: disable-error-code="no-untyped-def, no-untyped-call"

ROOT_PI = math.sqrt(math.pi)


def _scipy() -> Any:
    import scipy.special

    return scipy.special


def _special(
    function: str, lacking: str, name: str | None = None, method: bool = True, written: bool = True
) -> Any:
    """Declares an elementwise special function of one operand by its name in scipy.special."""

    @supports("f", lacking)
    @in_float32
    def kernel(self):
        out = in_single(self, function) if function in ("i0", "i0e", "i1", "i1e") else None
        return getattr(_scipy(), function)(self) if out is None else out

    public = name or function
    return op(
        public, inplace=written, promote="float", numbers=False, method=method, function=method or True
    )(kernel)


erf = _special("erf", "erf_vml_cpu")
derivative(
    "ErfBackward0",
    of=erf,
    forward="elementwise",
    self=lambda grad, self: times(exp(-pow(self, 2)), 2.0 / ROOT_PI) * grad,
)

erfc = _special("erfc", "erfc_vml_cpu")
derivative(
    "ErfcBackward0",
    of=erfc,
    forward="elementwise",
    self=lambda grad, self: times(exp(-pow(self, 2)), -2.0 / ROOT_PI) * grad,
)


@op("erfinv", inplace=True, promote="float", numbers=False)
@supports("f", "erfinv_vml_cpu")
@in_float32
def erfinv(self):
    return np.where(self == 0, self, _scipy().erfinv(self))


derivative(
    "ErfinvBackward0",
    of=erfinv,
    forward="elementwise",
    self=lambda grad, self: times(exp(pow(erfinv(self), 2)), 0.5 * ROOT_PI) * grad,
)


# -- the gamma function -----------------------------------------------------------------------------------


@op("lgamma", inplace=True, promote="float", numbers=False)
@supports("f", "lgamma_vml_cpu")
@in_float32
def lgamma(self):
    value = np.where(np.isinf(self), self.dtype.type(np.inf), _scipy().gammaln(self))
    tiny = (np.abs(self) < np.finfo(self.dtype).tiny) & (self != 0)  # where gammaln overflows
    return np.where(tiny, -np.log(np.abs(self)), value)


derivative("LgammaBackward0", of=lgamma, forward="elementwise", self=lambda grad, self: grad * digamma(self))


@op("digamma", inplace=True, promote="float", numbers=False)
@supports("f", "digamma")
@in_float32
def digamma(self):
    poles = (self == np.trunc(self)) & (self < 0)
    mirrored = self < 0
    value = _digamma_right(np.where(mirrored, 1 - self, self))
    turn = np.tan(math.pi * np.fmod(self, self.dtype.type(1)).astype(np.float64))
    value = np.where(mirrored, value - math.pi / turn, value)
    value = np.where(self == 0, np.copysign(np.inf, -self), value)
    return np.where(poles | (self == -np.inf), np.nan, value).astype(self.dtype, copy=False)


_DIGAMMA_SERIES = (1 / 12, -1 / 120, 1 / 252, -1 / 240, 1 / 132, -691 / 32760, 1 / 12)


def _digamma_right(x):
    """digamma for x >= 0: steps up to 10, then the asymptotic series (Abramowitz, Stegun 6.3.5, 6.3.18)."""
    total = np.zeros_like(x)
    for _ in range(10):
        low = x < 10
        total = np.where(low, total - 1 / x, total)
        x = np.where(low, x + 1, x)
    square = 1 / (x * x)
    series = np.zeros_like(x)
    for coefficient in reversed(_DIGAMMA_SERIES):
        series = series * square + x.dtype.type(coefficient)
    return np.where(x == np.inf, x, total + np.log(x) - x.dtype.type(0.5) / x - series * square)


derivative(
    "DigammaBackward0",
    of=digamma,
    forward="elementwise",
    self=lambda grad, self: grad * polygamma_op(1, self),
)


@op("_polygamma", promote="float")
def polygamma_op(n: int, self):
    return _polygamma(self, n)


@supports("f", "polygamma")
def _polygamma(self, n):
    return _derivative_of_digamma(self, n, self.dtype)


@in_float32
def _derivative_of_digamma(self, n, held):
    """Zeta's numbers are of the dtype `held`, of which halves have few."""
    if n == 0:
        return digamma(self)
    if n == 1:
        return _trigamma(self)
    zeta = hurwitz(self.dtype.type(n + 1), self)
    factor = (-1.0) ** (n + 1) * math.exp(_scipy().gammaln(n + 1.0))  # rounded as torch has it
    value = factor * zeta.astype(held).astype(np.float64)
    return np.where(self == np.inf, np.nan, value).astype(self.dtype)


def hurwitz(s, q):
    """Hurwitz' zeta function."""
    zeta: Any = _scipy().zeta(s, q)
    far = q > 1e8
    return np.asarray(np.where(far, _zeta_far(s, np.where(far, q, 1.0)), zeta)).astype(q.dtype) if far.any() else zeta


def _zeta_far(s, q):
    """Hurwitz' zeta of large q as torch adds it up, term by term: where q**-s underflows nothing is left."""
    q = q.astype(np.float64)
    total = q**-s
    for _ in range(9):
        q = q + 1
        total = total + q**-s
    last = q**-s
    return total + last * q / (s - 1) - last / 2 + s * (last / q) / 12


def _trigamma(x):
    """The second derivative of lgamma, to torch's own precision: six steps up, then the asymptotic series.

    Below one half by reflection (Abramowitz and Stegun 6.4.6, 6.4.7, 6.4.12).
    """
    reflected = x < 0.5
    turned = np.sin(math.pi * x)
    below = -(math.pi * math.pi) / (turned * turned)
    y = np.where(reflected, 1 - x, x)
    total = np.where(reflected, below, x.dtype.type(0))
    for _ in range(6):
        total = total + 1 / (y * y)
        y = y + 1
    square = 1 / (y * y)
    series = 1 / 6 - square * (1 / 30 - square * (1 / 42))
    total = total + (1 + 1 / (2 * y) + square * series) / y
    return np.where(reflected, -total, total).astype(x.dtype, copy=False)


derivative(
    "PolygammaBackward0",
    of=polygamma_op,
    forward="elementwise",
    self=lambda grad, n, self: grad * polygamma_op(n + 1, self),
)


def _nonnegative(n: int) -> None:
    if not is_int(n):
        raise errors.wrong_argument("polygamma", "n", 1, "int", n)
    if n < 0:
        raise RuntimeError("polygamma(n, x) does not support negative n.")


def polygamma(n: int, input):
    """The n-th derivative of digamma."""
    _nonnegative(n)
    return polygamma_op(n, input)


@op("_polygamma_", inplace=True, promote="float", name="_polygamma")
def polygamma_written(self, n: int):
    return _polygamma(self, n)


derivative(
    "PolygammaBackward1",
    of=polygamma_written,
    onto=lambda self_t, self, n: self_t.mul_(polygamma_op(n + 1, self)),
    self=lambda grad, self, n: grad * polygamma_op(n + 1, self),
)
composite("polygamma", method=False)(polygamma)
composite("polygamma", function=False)(lambda self, n: polygamma(n, self))
composite("polygamma_", function=False)(inplace_of(polygamma_written))


# -- Bessel functions -------------------------------------------------------------------------------------

i0: Any = _special("i0", "i0_vml_cpu")
derivative("I0Backward0", of=i0, forward="elementwise", self=lambda grad, self: grad * i1(self))

i0e: Any = _special("i0e", "i0e_cpu", "_special_i0e", written=False)
derivative(
    "SpecialI0EBackward0",
    of=i0e,
    forward="elementwise",
    self=lambda grad, self, result: grad * _i0e_slope(self, result),
)


def _about_zero(name, grad, self, slope_at_zero, slope):
    """A slope written with 1/x, safe at zero: there x is replaced and the known limit taken."""
    if array_of(self).dtype == np.float16:
        raise errors.not_implemented_for(name, array_of(self).dtype)
    eps = float(np.finfo(array_of(self).dtype).eps)
    tiny = abs(self) > eps
    safe = where_op(tiny, self, constant(eps, self))
    return grad * where_op(tiny, slope(safe), constant(slope_at_zero, self))


def _i0e_slope(self, result):
    scaled = sgn(self) * result  # operands on the right come first, as in torch (arithmetic.right_first)
    return i1e(self) - scaled


def _i1_slope(x, result):
    term = result * reciprocal(x)
    return i0(x) - term


def _i1e_slope(x, result):
    inverse = reciprocal(x)
    term = result * (sgn(x) + inverse)
    return i0e(x) - term


i1: Any = _special("i1", "i1_cpu", "_special_i1", written=False)
derivative(
    "SpecialI1Backward0",
    of=i1,
    forward="elementwise",
    self=lambda grad, self, result: _about_zero(
        "i1_backward", grad, self, 0.5, lambda x: _i1_slope(x, result)
    ),
)

i1e: Any = _special("i1e", "i1e_cpu", "_special_i1e", written=False)
derivative(
    "SpecialI1EBackward0",
    of=i1e,
    forward="elementwise",
    self=lambda grad, self, result: _about_zero(
        "i1e_backward", grad, self, 0.5, lambda x: _i1e_slope(x, result)
    ),
)


# -- logit and entropies ----------------------------------------------------------------------------------


@op("logit", inplace=True, promote="float", numbers=False)
@supports("f", "logit_cpu")
def logit(self, eps: Any = None):
    x = self
    if eps is not None:
        low = self.dtype.type(eps)
        x = np.where(self < low, low, np.where(self > 1 - low, 1 - low, self))
    return _log(x / (1 - x))  # halves are rounded at each step


@in_float32
def _log(x):
    return elementary.log(x)


def _in_wide_vectors(out, *operands):
    """Where torch computes an op in wide vectors, as a carrier like the operands."""
    where = np.asarray(in_vectors(array_of(out), *map(array_of, operands), size=WIDE))
    return wrap(where) if isinstance(out, Tensor) else where


def _logit_self(grad, self, eps):
    slope = grad / (self * minus(1.0, self))
    vectors = False if modes.state.grad else _in_wide_vectors(slope, grad, self)
    if not modes.state.grad:  # where no graph is recorded, torch's kernel has both poles lead the same way
        poles = logical_or(self == 0.0, self == 1.0)
        passed = logical_and(poles, logical_not(vectors))  # but not there
        slope = where_op(passed, grad * constant(np.inf, grad), slope)
    if eps is None:
        out = where_op(logical_and(self >= 0.0, self <= 1.0), slope, filled_nan(self))
    else:
        inside = logical_and(self >= eps, self <= 1.0 - eps)
        if not modes.state.grad:
            outside = logical_or(self < eps, self > 1.0 - eps)  # nan is neither, which vectors take for outside
            inside = logical_or(inside, logical_not(logical_or(outside, vectors)))
        out = where_op(inside, slope, constant(0, self))
    return out if modes.state.grad else of_one_kernel(out, grad, self)


derivative("LogitBackward0", of=logit, forward="elementwise", self=_logit_self)

__all__ = ["less", "log", "plus", "square", "zeros_like"]
