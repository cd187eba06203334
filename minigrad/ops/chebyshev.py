"""Bessel's modified functions in single precision, where the last bit decides what arccos makes of one that is about
one, and what is left of a gradient; and where their exponential is greater than any number.

What may live here: the sums of Chebyshev polynomials that torch computes them by. Their coefficients are found by
interpolating SciPy's functions when the first of them is asked for.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

from minigrad.ops import elementary
from minigrad.ops.fused import SINGLE, fma

NEAR = 8.0
"""Up to it there is one polynomial, beyond it another, of the reciprocal."""
DEGREES = {"i0": (29, 24), "i0e": (29, 24), "i1": (16, 6), "i1e": (16, 6), "modified_i1": (28, 24)}
"""Of torch's polynomials (as of those of the Cephes library), near and far."""


def in_single(x: Any, function: str) -> Any:
    """The Bessel function (i0, i1; i0e, i1e: scaled; modified_i1 is i1 with more terms) of `x`, which is of single
    precision; None of another."""
    if x.dtype is not SINGLE:
        return None
    number = x.dtype.type
    odd, scaled = "1" in function, function.endswith("e")
    size = np.abs(x)
    far = size > NEAR
    out = _near(np.where(far, number(1), size), function, odd, scaled)
    if far.any():
        large = np.where(far, size, number(NEAR))
        sums = _series(number(32) / large - number(2), odd, DEGREES[function][1], True)
        out = np.where(far, (sums if scaled else elementary.exp(large) * sums) / np.sqrt(large), out)
    return np.where(x < 0, -out, out) if odd else out


def _near(size: Any, function: str, odd: bool, scaled: bool) -> Any:
    number = size.dtype.type
    sums = _series(size / number(2) - number(2), odd, DEGREES[function][0], False)
    if scaled:
        return sums * size if odd else sums
    raised = elementary.exp(size)
    if function == "modified_i1":
        return sums * size * raised
    return raised * size * sums if odd else raised * sums


def _series(x: Any, odd: bool, degree: int, far: bool) -> Any:
    """Clenshaw's sum of the polynomials; the compiler has fused each product with what is taken off."""
    number = x.dtype.type
    first, *rest = _coefficients(odd, degree, far)
    sums, before = np.full_like(x, first), np.zeros_like(x)
    last = before
    for coefficient in rest:
        last, before = before, sums
        sums = fma(x, before, -last) + number(coefficient)
    return number(0.5) * (sums - last)


@cache
def _coefficients(odd: bool, degree: int, far: bool) -> list[float]:
    """Those of exp(-x) I0(x), or exp(-x) I1(x) / x, from 0 to 8, beyond of exp(-x) I(x) sqrt(x) by 1 / x, of the
    highest degree first; the one of degree 0 counts half."""
    from numpy.polynomial.chebyshev import chebinterpolate
    from scipy.special import i0e, i1e

    function = i1e if odd else i0e
    if far:
        found = chebinterpolate(lambda t: function(16 / (t + 1)) * np.sqrt(16 / (t + 1)), 24)
    else:
        found = chebinterpolate(lambda t: function(4 * t + 4) / (4 * t + 4 if odd else 1), 29)
    found[0] *= 2
    return [float(one) for one in found[degree::-1]]
