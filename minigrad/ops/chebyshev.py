"""Bessel's functions near zero, in single precision, where the last bit decides what arccos makes of the one that is
about one there, and whether the other is zero; and where their exponential is greater than any number.

What may live here: the sum of Chebyshev polynomials that torch computes them by, for the few numbers for which it is
worth its time. Its coefficients are found by interpolating SciPy's function when the first of them is asked for.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

from minigrad.ops import elementary
from minigrad.ops.fused import SINGLE, fma

NEAR = 2.0**-10
"""Below it i0 is one, or off by a few units."""
FAR = 88.0
"""Up to it exponentials are finite."""
DEGREES = 29, 16
"""Of torch's polynomials for numbers from 0 to 8 (as of those of the Cephes library), of i0 and of i1."""


def near_zero(out: Any, x: Any, function: str) -> Any:
    """`out`, the Bessel function (i0, i1; i0e, i1e: scaled) of `x`, with torch's own numbers where `x` is near zero or
    where its exponential is none."""
    if x.dtype is not SINGLE:
        return out
    out, size = np.asarray(out), np.abs(x)
    odd, scaled = function[1] == "1", function.endswith("e")
    near = size < NEAR
    if near.any():
        few = size[near]
        sums = _series(few / few.dtype.type(2) - few.dtype.type(2), odd)
        raised = sums if scaled else elementary.exp(few) * few * sums if odd else elementary.exp(few) * sums
        if odd:
            raised = raised * few if scaled else raised
            raised = np.where(x[near] < 0, -raised, raised)
        out[near] = raised
    far = size > FAR
    if not scaled and far.any():
        far &= (size < np.inf) & (elementary.exp(size) == np.inf)  # what it is multiplied by comes too late
        out[far] = np.copysign(np.inf, x[far]) if odd else np.inf
    return out


def _series(x: Any, odd: bool) -> Any:
    """Clenshaw's sum of the polynomials; the compiler has fused each product with what is taken off."""
    number = x.dtype.type
    first, *rest = _coefficients(odd)
    sums, before = np.full_like(x, first), np.zeros_like(x)
    last = before
    for coefficient in rest:
        last, before = before, sums
        sums = fma(x, before, -last) + number(coefficient)
    return number(0.5) * (sums - last)


@cache
def _coefficients(odd: bool) -> list[float]:
    """Those of exp(-x) I0(x), or exp(-x) I1(x) / x, from 0 to 8, of the highest degree first; the one of degree 0
    counts half."""
    from numpy.polynomial.chebyshev import chebinterpolate
    from scipy.special import i0e, i1e

    found = chebinterpolate(lambda t: i1e(4 * t + 4) / (4 * t + 4) if odd else i0e(4 * t + 4), DEGREES[0])
    found[0] *= 2
    return [float(one) for one in found[DEGREES[odd] :: -1]]
