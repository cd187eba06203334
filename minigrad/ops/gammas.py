"""Functions about the gamma function of two operands, or over several: igamma, igammac, mvlgamma, zeta; and xlog1py.

What may live here: these ops and their derivatives. SciPy is imported when the first of them is used.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from minigrad import errors
from minigrad.layout import lying_as
from minigrad.ops import elementary
from minigrad.ops.arithmetic import less, plus, refuse_bool_subtraction, times
from minigrad.ops.carriers import alike, array_of, in_float32, masked, supports
from minigrad.ops.comparison import logical_and
from minigrad.ops.exponential import exp, log
from minigrad.ops.pairs import times_log
from minigrad.ops.special import hurwitz, lgamma
from minigrad.promotion import to_float
from minigrad.registry import composite, derivative, op, publish
from minigrad.tensor import Tensor, wrap

# mypy: disable-error-code="no-untyped-def, no-untyped-call"


def _refuse(what: str) -> Any:
    raise errors.no_derivative(what)


# -- the incomplete gamma functions -----------------------------------------------------------------------


def _slope(self, other):
    refuse_bool_subtraction(array_of(self), 1)
    return exp(less(self, 1) * log(other) - other - lgamma(self))


def _edges(found, a, x, at_zero, at_infinity):
    """torch looks at zeros and infinities of one operand before it sees that the other is NaN."""
    found = np.where((x == 0) & (a != 0) & ~(a < 0), at_zero, found)
    infinite = np.isinf(x)
    found = np.where(infinite & np.isnan(a) & (x > 0), at_infinity, found)
    return np.where(np.isinf(a) & np.isnan(x) & (a > 0), at_zero, found).astype(a.dtype)


@op("igamma", inplace=True, numbers=False)
@supports("f", "igamma_cpu")
@in_float32
def igamma(self, other):
    from scipy.special import gammainc

    return _edges(gammainc(self, other), self, other, 0, 1)


@op("igammac", inplace=True, numbers=False)
@supports("f", "igammac_cpu")
@in_float32
def igammac(self, other):
    from scipy.special import gammaincc

    found = gammaincc(self, other)
    few = (self < 0.01) & (self > 0) & (other <= 1.1)
    if few.any():  # where torch takes the logarithm of the gamma function of 1 + a, which is rounded
        rounded = (1 + self) - 1
        found = np.where(few, found + np.euler_gamma * (self.astype(np.float64) - rounded), found)
    return _edges(found, self, other, 1, 0)


derivative(
    "IgammaBackward0",
    of=igamma,
    forward=None,
    self=lambda grad: _refuse("igamma: input"),
    other=lambda grad, self, other: grad * _slope(self, other),
)
derivative(
    "IgammacBackward0",
    of=igammac,
    forward=None,
    self=lambda grad: _refuse("igammac: input"),
    other=lambda grad, self, other: -grad * _slope(self, other),
)
publish("special.gammainc", igamma, method=False)
publish("special.gammaincc", igammac, method=False)


# -- several gamma functions at once ----------------------------------------------------------------------


def _steps(like, p: int):
    """Halves of whole numbers from (1 - p) / 2 up to 0."""
    return np.arange(-p / 2 + 0.5, 0.5, 0.5).astype(like)


def _check(self: Any, p: int) -> None:
    if self.dtype.kind == "b":
        raise RuntimeError("The input tensor may not be a boolean tensor.")
    if p < 1:
        raise RuntimeError("p has to be greater than or equal to 1")


@op("mvlgamma", inplace=True, promote="float", numbers=False, lays_out=True, check=_check)
@supports("f", "arange_cpu")
def mvlgamma(self, p: int):
    _check(self, p)
    terms = lgamma(np.ascontiguousarray(self[..., None]) + _steps(self.dtype, p))
    return np.add.reduce(terms, -1) + self.dtype.type(p * (p - 1) * math.log(math.pi) * 0.25)


def _mvlgamma_self(grad, self, p):
    return grad * (wrap(_steps(self._a.dtype, p)) + self.unsqueeze(-1)).digamma_().sum(-1)


derivative("MvlgammaBackward0", of=mvlgamma, forward="elementwise", on_tensors=True, self=_mvlgamma_self)


@composite("special.multigammaln", method=False)
def multigammaln(self, p: int):
    """`mvlgamma` by its other name."""
    return mvlgamma(self, p)


# -- sums of powers -----------------------------------------------------------------------------------


def _zeta(x, q):
    x, q = alike(x, q)
    if x.dtype.char not in "df":
        raise errors.not_implemented_for("zeta_cpu", x.dtype)
    x, q = np.broadcast_arrays(x, q)
    found = np.where((q <= 0) & (q == np.floor(q)), np.inf, hurwitz(x, q))
    found = np.where(x < 1, np.nan, np.where(x == 1, np.inf, found)).astype(x.dtype)
    nothing = (x > 1) & (q > 1) & (np.power(q, -x, dtype=np.float64) == 0)
    if nothing.any():  # torch multiplies that by the factors of its series, which may be too many
        factor = np.where(np.isinf(q), np.inf, 1.0)
        for k in range(23):
            factor = factor * (x.astype(np.float64) + k)
        found = np.where(nothing, factor * 0, found).astype(x.dtype)
    return found


@op("_special_zeta", promote="float", numbers=False)
def zeta_tensors(self, other):
    return _zeta(self, other)


@op("_special_zeta.self_scalar", promote="keep")
def zeta_of_number(self: Any, other):
    return lying_as(_zeta(*to_float([self, np.asarray(other)])), np.asarray(other))


@op("_special_zeta.other_scalar", promote="keep")
def zeta_at_number(self, other: Any):
    return lying_as(_zeta(*to_float([np.asarray(self), other])), np.asarray(self))


derivative(
    "SpecialZetaBackward0",
    of=zeta_tensors,
    forward=None,
    self=lambda grad: _refuse("zeta"),
    other=lambda grad, self, other: grad * -self * zeta_tensors(plus(self, 1.0), other),
)
derivative(
    "SpecialZetaBackward1",
    of=zeta_of_number,
    forward=None,
    other=lambda grad, self, other: times(grad, -self) * zeta_of_number(float(self) + 1.0, other),
)
derivative("SpecialZetaBackward2", of=zeta_at_number, forward=None, self=lambda grad: _refuse("zeta"))


@composite("special.zeta", method=False)
def zeta(self, other):
    """Hurwitz' zeta function."""
    if not isinstance(self, Tensor):
        return zeta_of_number(self, other)
    return (zeta_tensors if isinstance(other, Tensor) else zeta_at_number)(self, other)


# -- x log (1 + y) ------------------------------------------------------------------------------------


_xlog1py = times_log("xlog1py_cpu", elementary.log1p)


@op("_special_xlog1py", promote="float", numbers=False)
def xlog1py_tensors(self, other):
    return _xlog1py(self, other)


@op("_special_xlog1py.self_scalar", promote="keep")
def xlog1py_of_number(self: Any, other):
    return _xlog1py(*to_float([self, np.asarray(other)]))


@op("_special_xlog1py.other_scalar", promote="keep")
def xlog1py_number(self, other: Any):
    return _xlog1py(*to_float([np.asarray(self), other]))


def _xlog1py_self(grad, self, other):
    return masked(xlog1py_tensors(grad, other), logical_and(self == 0.0, other <= -1.0), 0.0)


def _xlog1py_number_self(grad, self, other):
    slope = xlog1py_number(grad, other)
    return slope if float(other) > -1.0 else masked(slope, self == 0.0, 0.0)


derivative(
    "SpecialXlog1PyBackward0",
    of=xlog1py_tensors,
    forward=lambda self_t, other_t, self, other: (
        _xlog1py_self(self_t, self, other) + other_t * self / plus(other, 1)
    ),
    self=_xlog1py_self,
    other=lambda grad, self, other: grad * self / plus(other, 1),
)
derivative(
    "SpecialXlog1PyBackward1",
    of=xlog1py_of_number,
    forward="elementwise",
    other=lambda grad, self, other: times(grad, self) / plus(other, 1),
)
derivative("SpecialXlog1PyBackward2", of=xlog1py_number, forward="elementwise", self=_xlog1py_number_self)


@composite("special.xlog1py", method=False)
def xlog1py(self, other):
    """`self * log1p(other)`, zero where `self` is zero."""
    if not isinstance(self, Tensor):
        return xlog1py_of_number(self, other)
    return (xlog1py_tensors if isinstance(other, Tensor) else xlog1py_number)(self, other)


