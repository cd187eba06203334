"""gelu of single precision as oneDNN computes it, to which torch leaves it, on processors without AVX-512.

What may live here: its approximations of exp, erf and gelu, step by step. They are off by up to 1e-7, which is much
where gelu is small, and by all where it is 0; oneDNN's code for AVX-512 is as good as SciPy's.

Formula of the error function: Abramowitz and Stegun 7.1.26.
"""

from __future__ import annotations

import os
from typing import Any

import numpy as np

from minigrad.ops.fused import fma
from minigrad.ops.vectors import has_avx512

SINGLE = np.float32
LOW, HIGH = SINGLE(-87.33655), SINGLE(88.72284)
"""Between these exp is neither 0 nor infinite."""
LOG2_E, LOG_2 = SINGLE(1.442695), SINGLE(0.6931472)
EXP = tuple(map(SINGLE, (0.00828929059, 0.0418978221, 0.166676521, 0.499991506, 0.999999701, 1.0)))
ERF = tuple(map(SINGLE, (1.061405429, -1.453152027, 1.421413741, -0.284496736, 0.254829592)))
"""Coefficients, that of the highest power first."""
P = SINGLE(0.3275911)
ROOT_HALF, ROOT_PI_INVERSE = SINGLE(0.70710677), SINGLE(0.56418955)


def is_rough(x: Any, approximate: str) -> bool:
    """Whether torch has oneDNN compute gelu of an array, without AVX-512."""
    return in_library(x, approximate) and _ROUGH


def in_library(x: Any, approximate: str) -> bool:
    """Whether torch has oneDNN compute gelu of an array."""
    return x.dtype == SINGLE and x.size > 1 and x.flags.c_contiguous and approximate != "tanh"


_ROUGH = not has_avx512() or os.environ.get("ONEDNN_MAX_CPU_ISA", "").lower() in ("sse41", "avx", "avx2", "avx2_vnni")


def gelu(x: Any) -> Any:
    half = x * SINGLE(0.5)
    scaled = x * ROOT_HALF
    return fma(_erf(scaled, _exp(-(scaled * scaled))), half, half)


def slope(x: Any) -> Any:
    """The derivative of gelu."""
    scaled = x * ROOT_HALF
    bell = _exp(-(scaled * scaled))
    above = scaled * ROOT_PI_INVERSE * bell + SINGLE(0.5)
    return fma(_erf(scaled, bell), np.full_like(x, 0.5), above)


def _erf(x: Any, bell: Any) -> Any:
    """The error function; `bell` is exp(-x * x)."""
    one = np.ones_like(x)
    inverse = 1 / fma(np.abs(x), np.full_like(x, P), one)
    size = fma(-bell * inverse, _polynomial(ERF, inverse), one)
    return np.where(np.signbit(x), -size, size)


def _exp(x: Any) -> Any:
    below = x < LOW
    x = np.where(x > LOW, np.where(x < HIGH, x, HIGH), LOW)  # which a NaN is, too
    power = np.floor(x * LOG2_E + SINGLE(0.5))
    rest = fma(-power, np.full_like(x, LOG_2), x)
    half = np.where(below, SINGLE(0), np.ldexp(np.ones_like(x), power.astype(np.int32) - 1))
    return _polynomial(EXP, rest) * half * SINGLE(2)


def _polynomial(coefficients: tuple[Any, ...], x: Any) -> Any:
    total = np.full_like(x, coefficients[0])
    for coefficient in coefficients[1:]:
        total = fma(total, x, np.full_like(x, coefficient))
    return total
