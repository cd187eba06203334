"""Numbers taken apart and what integers have in common: frexp, gcd, lcm.

What may live here: these.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad.ops.carriers import supports
from minigrad.registry import composite, derivative, op
from minigrad.return_types import named
from minigrad.tensor import Tensor

# mypy: disable-error-code="no-untyped-def"

_FLOATS = RuntimeError("torch.frexp() only supports floating-point dtypes")


@op("_frexp", promote="keep", numbers=False, outs=("mantissa", "exponent"))
@supports("f", b=_FLOATS, i=_FLOATS, u=_FLOATS, c=_FLOATS)
def frexp_op(self):
    mantissa, exponent = np.frexp(self)
    return np.asarray(mantissa), np.asarray(exponent, np.int32)


def _frexp_self(grad: Any, exponent: Any) -> Any:
    scale = exponent.exp2() if isinstance(exponent, Tensor) else np.exp2(exponent.astype(np.float32))
    return grad / scale


derivative("FrexpBackward0", of=frexp_op, forward="elementwise", self=_frexp_self)
_frexp_result = named("frexp", ("mantissa", "exponent"))


@composite("frexp")
def frexp(self):
    """Fractions from a half to one, and the powers of two that they are multiples of."""
    return _frexp_result(frexp_op(self))


@op("gcd", inplace=True, numbers=False)
@supports("iu", "gcd_cpu")
def gcd(self, other):
    return np.gcd(self, other)


@op("lcm", inplace=True, numbers=False)
@supports("iu", "lcm_cpu")
def lcm(self, other):
    return np.lcm(self, other)
