"""Functions of the normal distribution and of entropy: ndtr, ndtri, log_ndtr, erfcx, entr.

What may live here: these elementwise ops of one operand and their derivatives. SciPy is imported when the first of
them is used.
"""

from __future__ import annotations

import math

import numpy as np

from minigrad.ops import elementary
from minigrad.ops.arithmetic import less, over, plus, times
from minigrad.ops.carriers import in_float32, supports, supports_wide
from minigrad.ops.exponential import exp, log
from minigrad.ops.powers import pow, square  # noqa: A004 - torch's name
from minigrad.ops.special import erf
from minigrad.registry import composite, derivative, op, publish

# mypy: disable-error-code="no-untyped-def, no-untyped-call"


@op("_special_entr", promote="float", numbers=False)
@supports("f", "entr_cpu")
@in_float32
def entr(self):
    value = -self * elementary.log(self)
    return np.where(self > 0, value, np.where(self == 0, 0, np.where(np.isnan(self), self, -np.inf))).astype(self.dtype)


derivative(
    "SpecialEntrBackward0", of=entr, forward="elementwise", self=lambda grad, self: grad * -plus(log(self), 1)
)


@op("_special_ndtri", promote="float", numbers=False)
@supports_wide("ndtri_cpu")
def ndtri(self):
    from scipy.special import ndtri as quantile

    return quantile(self)


derivative(
    "SpecialNdtriBackward0",
    of=ndtri,
    forward="elementwise",
    self=lambda grad, result: times(grad, math.sqrt(2 * math.pi)) * exp(over(square(result), 2)),
)


@op("_special_log_ndtr", promote="float", numbers=False)
@supports_wide("log_ndtr_cpu")
def log_ndtr(self):
    from scipy.special import erfc

    turned = self * self.dtype.type(math.sqrt(0.5))
    far = np.log(_scaled(-turned) / 2) - turned * turned
    return np.where(self < -1, far, np.log1p(-erfc(turned) / 2)).astype(self.dtype, copy=False)


derivative(
    "SpecialLogNdtrBackward0",
    of=log_ndtr,
    forward="elementwise",
    self=lambda grad, self, result: over(grad, math.sqrt(2 * math.pi)) * exp(-(result + over(pow(self, 2), 2))),
)


def _scaled(x):
    """exp(x * x) erfc(x). Single precision rounds what torch's table and its continued fraction are asked for."""
    from scipy.special import erfcx as scaled

    if x.dtype.char != "f":
        return scaled(x)
    size, square = np.abs(x), x * x
    inner = scaled(400 / (400 / (4 + size)).astype(np.float64) - 4)
    above, below = square * (square.astype(np.float64) + 4.5) + 2, (square * (square + 5)).astype(np.float64) + 3.75
    outer = np.where(x > 5e7, _OF_ROOT / x, _OF_ROOT * above / (x * below))
    right = np.where(x > 50, outer, inner)
    raised = 2 * elementary.exp(square)
    left = np.where(x < -6.1, raised, raised - inner)
    return np.where(x < 0, left, right).astype(np.float32)


_OF_ROOT = np.float32(1 / math.sqrt(math.pi))


@op("_special_erfcx", promote="float", numbers=False)
@supports_wide("erfcx_cpu")
def erfcx(self):
    return _scaled(self)


derivative(
    "SpecialErfcxBackward0",
    of=erfcx,
    forward="elementwise",
    self=lambda grad, self, result: less(times(self, 2.0) * result, 2.0 / math.sqrt(math.pi)) * grad,
)

for _name, _fn in (("entr", entr), ("ndtri", ndtri), ("log_ndtr", log_ndtr), ("erfcx", erfcx)):
    publish("special." + _name, _fn, method=False)


@composite("special.ndtr", method=False)
def ndtr(self):
    """The share of a normal distribution that lies below."""
    return times(plus(erf(times(self, math.sqrt(0.5))), 1), 0.5)
