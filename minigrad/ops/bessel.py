"""Bessel's functions of the first and second kind, modified and spherical ones, and Airy's: torch knows no
derivatives of these.

What may live here: declaring them, and torch's way to compute those in which it differs from SciPy, whose modified
functions are used. Those that have derivatives (i0, i0e, i1, i1e) are in `special`.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from minigrad.ops import elementary, rational
from minigrad.ops.carriers import supports_wide
from minigrad.ops.chebyshev import in_single
from minigrad.ops.rational import polynomial
from minigrad.registry import op, publish

# mypy: disable-error-code="no-untyped-def"


def _declare(name: str, function: Any) -> None:
    @supports_wide(f"{name}_cpu")
    def kernel(self):
        return np.asarray(function(self)).astype(self.dtype, copy=False)

    publish(f"special.{name}", op(f"_special_{name}", promote="float", numbers=False)(kernel), method=False)


def _far(x: Any, order: int, second: bool) -> Any:
    """Hankel's expansion beyond 5: of the first kind, or the second."""
    number = x.dtype.type
    inverse = number(5) / x
    z = number(25) / (x * x) if order == 0 else inverse * inverse
    first, below, last, under = (getattr(rational, f"FAR_{order}_{part}") for part in ("P", "PQ", "Q", "QQ"))
    p = polynomial(first, z) / polynomial(below, z)
    q = inverse * (polynomial(last, z) / polynomial(under, z))
    angle = x - number((0.25 + 0.5 * order) * math.pi)
    sine, cosine = elementary.sin(angle), elementary.cos(angle)
    turned = p * sine + q * cosine if second else p * cosine - q * sine
    return turned * number(math.sqrt(2 / math.pi)) / np.sqrt(x)


def _j0(x: Any) -> Any:
    number, x = x.dtype.type, np.abs(x)
    z = x * x
    near = (z - number(5.78318596294678452118)) * (z - number(30.4712623436620863991))
    near = near * polynomial(rational.J0_P, z) / polynomial(rational.J0_Q, z)
    near = np.where(x < number(0.00001), number(1) - z / number(4), near)
    return np.where(x <= 5, near, _far(x, 0, False))


def _j1(x: Any) -> Any:
    number, size = x.dtype.type, np.where(x < 0, -x, x)
    z = size * size
    near = polynomial(rational.J1_P, z) / polynomial(rational.J1_Q, z) * size
    near = near * (z - number(14.6819706421238932572)) * (z - number(49.2184563216946036703))
    found = np.where(size <= 5, near, _far(size, 1, False))
    return np.where(x < 0, -found, found)


_OVER_PI = 2 / math.pi


def _y0(x: Any) -> Any:
    number = x.dtype.type
    z = x * x
    near = polynomial(rational.Y0_P, z) / polynomial(rational.Y0_Q, z) + number(_OVER_PI) * elementary.log(x) * _j0(x)
    return _second_kind(x, near, 0)


def _y1(x: Any) -> Any:
    number = x.dtype.type
    z = x * x
    near = x * (polynomial(rational.Y1_P, z) / polynomial(rational.Y1_Q, z)) + number(_OVER_PI) * (
        _j1(x) * elementary.log(x) - number(1) / x
    )
    return _second_kind(x, near, 1)


def _second_kind(x: Any, near: Any, order: int) -> Any:
    near = np.where(x == 0, -np.inf, np.where(x < 0, np.nan, near))
    return np.where(x <= 5, near, _far(x, order, True))


def _airy(x: Any) -> Any:
    number = x.dtype.type
    out = np.full_like(x, np.nan)
    for at in np.ndindex(x.shape):
        if not np.isinf(x[at]):
            out[at] = _airy_of_one(x[at], number)
    return out


def _airy_of_one(x: Any, number: Any) -> Any:
    root_pi = number(1 / math.sqrt(math.pi))
    if x > number(103.892):
        return number(0)
    if x < number(-2.09):
        root = np.sqrt(-x)
        zeta = number(-2) * x * root / number(3)
        z = number(1) / zeta
        z2 = z * z
        f = polynomial(rational.AIRY_AFN, z2), polynomial(rational.AIRY_AFD, z2)
        g = polynomial(rational.AIRY_AGN, z2), polynomial(rational.AIRY_AGD, z2)
        t = zeta + number(0.25) * number(math.pi)
        parts = np.sin(t) * (number(1) + z2 * f[0] / f[1]) - np.cos(t) * (z * g[0] / g[1])
        return root_pi / np.sqrt(root) * parts
    if x >= number(2.09):
        zeta = number(2) * x * np.sqrt(x) / number(3)
        inverse = number(1) / zeta
        quotient = polynomial(rational.AIRY_AN, inverse) / polynomial(rational.AIRY_AD, inverse)
        return root_pi * quotient / (number(2) * np.sqrt(np.sqrt(x)) * np.exp(zeta))
    f, g, k, m, n, t = number(1), x, number(1), number(1), x, number(1)
    z = x * x * x
    while t > np.finfo(number).eps:
        m = m * z / (k + number(1))
        n = n * z / (k + number(2))
        m = m / (k + number(2))
        f, k = f + m, k + number(3)
        n = n / k
        g, t = g + n, abs(m / f)
    return number(0.355028053887817239260) * f - number(0.258819403792806798405) * g


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


for _name, _function in (
    ("bessel_j0", _j0), ("bessel_j1", _j1), ("bessel_y0", _y0), ("bessel_y1", _y1), ("airy_ai", _airy),
    ("spherical_bessel_j0", _spherical_j0),
):  # fmt: skip
    _declare(_name, _function)
for _name, _own in (
    ("modified_bessel_i0", "i0"), ("modified_bessel_i1", "i1"), ("modified_bessel_k0", "k0"),
    ("modified_bessel_k1", "k1"), ("scaled_modified_bessel_k0", "k0e"), ("scaled_modified_bessel_k1", "k1e"),
):  # fmt: skip
    _declare(_name, _of_scipy(_own))
