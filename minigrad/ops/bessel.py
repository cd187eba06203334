"""Bessel's modified functions and a spherical one, of which torch knows no derivatives.

What may live here: declaring them; SciPy's functions are used. Those that have derivatives (i0, i0e, i1, i1e) are in
`special`. torch's bessel_j0, bessel_j1, bessel_y0, bessel_y1 and airy_ai are not here: in double precision they are
up to 1e-6 and 3e-6 off, so that nothing can be held against them.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad.ops import elementary
from minigrad.ops.carriers import supports_wide
from minigrad.ops.chebyshev import in_single
from minigrad.registry import op, publish

# mypy: disable-error-code="no-untyped-def"


def _declare(name: str, function: Any) -> None:
    @supports_wide(f"{name}_cpu")
    def kernel(self):
        return np.asarray(function(self)).astype(self.dtype, copy=False)

    publish(f"special.{name}", op(f"_special_{name}", promote="float", numbers=False)(kernel), method=False)


def _spherical_j0(x: Any) -> Any:
    square = x * x
    series = 1 + square * (-1 / 6 + square * (1 / 120 + square * (-1 / 5040 + square * (1 / 362880 + square * (
        -1 / 39916800 + square / 6227020800)))))  # fmt: skip
    value = np.where(np.abs(x) < 0.5, series, elementary.sin(x) / x)
    return np.where(np.isinf(x), 0, value)


def _of_scipy(name: str) -> Any:
    def function(x: Any) -> Any:
        import scipy.special

        found = in_single(x, {"i1": "modified_i1"}.get(name, name)) if name in ("i0", "i1") else None
        return getattr(scipy.special, name)(x) if found is None else found

    return function


_declare("spherical_bessel_j0", _spherical_j0)
for _name, _own in (
    ("modified_bessel_i0", "i0"), ("modified_bessel_i1", "i1"), ("modified_bessel_k0", "k0"),
    ("modified_bessel_k1", "k1"), ("scaled_modified_bessel_k0", "k0e"), ("scaled_modified_bessel_k1", "k1e"),
):  # fmt: skip
    _declare(_name, _of_scipy(_own))
