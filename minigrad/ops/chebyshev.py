"""Bessel's functions of order zero near one, where torch's own last bits decide what arccos makes of them.

What may live here: the series that torch adds up, for the few numbers for which it is worth its time.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad.ops import elementary
from minigrad.ops.fused import fma

NEAR = 2.0**-10
"""Below it the functions are one, or off by a few units."""

# Cephes, i0.c: exp(-x) I0(x) for x from 0 to 8
COEFFICIENTS = (
    -4.41534164647933937950e-18, 3.33079451882223809783e-17, -2.43127984654795469359e-16, 1.71539128555513303061e-15,
    -1.16853328779934516808e-14, 7.67618549860493561688e-14, -4.85644678311192946090e-13, 2.95505266312963983461e-12,
    -1.72682629144155570723e-11, 9.67580903537323691224e-11, -5.18979560163526290666e-10, 2.65982372468238665035e-9,
    -1.30002500998624804212e-8, 6.04699502254191894932e-8, -2.67079385394061173391e-7, 1.11738753912010371815e-6,
    -4.41673835845875056359e-6, 1.64484480707288970893e-5, -5.75419501008210370398e-5, 1.88502885095841655729e-4,
    -5.76375574538582365885e-4, 1.63947561694133579842e-3, -4.32430999505057594430e-3, 1.05464603945949983183e-2,
    -2.37374148058994688156e-2, 4.93052842396707084878e-2, -9.49010970480476444210e-2, 1.71620901522208775349e-1,
    -3.04682672343198398683e-1, 6.76795274409476084995e-1,
)  # fmt: skip


def near_one(out: Any, x: Any, scaled: bool) -> Any:
    """`out`, i0 of `x` (i0e if `scaled`), with torch's own numbers where `x` is near zero."""
    size = np.abs(x)
    near = size < NEAR
    if near.any():
        out = np.asarray(out)
        few = size[near]
        sums = _series(few / few.dtype.type(2) - few.dtype.type(2))
        out[near] = sums if scaled else elementary.exp(few) * sums
    return out


def _series(x: Any) -> Any:
    """Clenshaw's sum of the Chebyshev polynomials; the compiler has fused each product with what is taken off."""
    number = x.dtype.type
    sums, before = np.full_like(x, COEFFICIENTS[0]), np.zeros_like(x)
    last = before
    for coefficient in COEFFICIENTS[1:]:
        last, before = before, sums
        sums = fma(x, before, -last) + number(coefficient)
    return number(0.5) * (sums - last)
