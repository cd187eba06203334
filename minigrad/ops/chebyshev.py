"""Bessel's functions of order zero near one, in single precision, where the last bit decides what arccos makes of them.

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
"""Below it the functions are one, or off by a few units."""
DEGREE = 29
"""Of torch's polynomial for numbers from 0 to 8 (as of that of the Cephes library)."""


def near_one(out: Any, x: Any, scaled: bool) -> Any:
    """`out`, i0 of `x` (i0e if `scaled`), with torch's own numbers where `x` is near zero."""
    if x.dtype is not SINGLE:
        return out
    size = np.abs(x)
    near = size < NEAR
    if near.any():
        out = np.asarray(out)
        few = size[near]
        sums = _series(few / few.dtype.type(2) - few.dtype.type(2))
        out[near] = sums if scaled else elementary.exp(few) * sums
    return out


def _series(x: Any) -> Any:
    """Clenshaw's sum of the polynomials; the compiler has fused each product with what is taken off."""
    number = x.dtype.type
    first, *rest = _coefficients()
    sums, before = np.full_like(x, first), np.zeros_like(x)
    last = before
    for coefficient in rest:
        last, before = before, sums
        sums = fma(x, before, -last) + number(coefficient)
    return number(0.5) * (sums - last)


@cache
def _coefficients() -> list[float]:
    """Those of exp(-x) I0(x) from 0 to 8, of the highest degree first; the one of degree 0 counts half."""
    from numpy.polynomial.chebyshev import chebinterpolate
    from scipy.special import i0e

    found = chebinterpolate(lambda t: i0e(4 * t + 4), DEGREE)
    found[0] *= 2
    return [float(one) for one in found[::-1]]
