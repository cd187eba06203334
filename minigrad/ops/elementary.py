"""Exponentials, logarithms, powers and angles on arrays, rounded as torch's are.

What may live here: NumPy's functions of that kind, for kernels to call. NumPy's loops for float32 are off by a few
units in the last place; the libraries that torch calls (Sleef, glibc) hardly ever are by one. So single precision is
computed in double and rounded once. What NumPy has of its own in double goes by way of long doubles, where it is
few numbers: a fifth of its tanh is not the nearest number, one in fifty of torch's is not.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from minigrad.ops.vectors import WIDE, has_avx512, in_vectors
from minigrad.tracing import Trace, named

SINGLE, DOUBLE = np.dtype("float32"), np.dtype("float64")
FEW = 64
"""Up to so many doubles go by way of long doubles, which are slow."""


def _rounded_once(ufunc: Any, widest: bool = False) -> Callable[..., Any]:
    """The function of one operand; `widest` if its doubles need more precision as well."""

    def function(x: Any) -> Any:
        dt = x.dtype
        if dt is SINGLE:
            if x.flags.c_contiguous:  # a ufunc that casts goes by way of a buffer, which takes twice as long
                return ufunc(x.astype(DOUBLE), out=...).astype(SINGLE)
            return ufunc(x, dtype=DOUBLE, out=...).astype(SINGLE)
        if type(x) is Trace:
            return named(function, ufunc.__name__, x)
        if widest and dt is DOUBLE and x.size <= FEW:
            return ufunc(x, dtype=np.longdouble, out=...).astype(DOUBLE)
        return ufunc(x, out=...)  # an array, also of no dimensions

    return function


_OWN_LOOPS = has_avx512()


def _by_glibc(ufunc: Any) -> Callable[..., Any]:
    """The same of a function that torch leaves to glibc but in vectors, which rounds up to a quarter of all numbers
    otherwise; NumPy does so, too, where it has no loop of AVX-512."""
    in_vectors_alone = _rounded_once(ufunc, widest=True)

    def function(x: Any) -> Any:
        if type(x) is Trace:
            return named(function, ufunc.__name__, x)
        if _OWN_LOOPS:
            return in_vectors_alone(x)
        if not x.flags.c_contiguous:
            return np.where(in_vectors(x, x, size=WIDE), in_vectors_alone(x), ufunc(x))
        left = x.size % (WIDE // x.itemsize)
        if left == x.size:
            return ufunc(x, out=...)
        out = in_vectors_alone(x)
        if left:
            out.reshape(-1)[-left:] = ufunc(x.reshape(-1)[-left:])
        return out

    return function


def _of_two(ufunc: Any) -> Callable[..., Any]:
    """The same of two operands of one dtype, or a number for the second."""

    def function(x: Any, y: Any) -> Any:
        dt = x.dtype
        if dt is SINGLE:
            return ufunc(x, y, dtype=DOUBLE, out=...).astype(SINGLE)
        if type(x) is Trace:
            return named(function, ufunc.__name__, x, y)
        if dt is DOUBLE and x.size <= FEW:
            return ufunc(x, y, dtype=np.longdouble, out=...).astype(DOUBLE)
        return ufunc(x, y, out=...)

    return function


exp, exp2, log, log2, log1p = map(_rounded_once, (np.exp, np.exp2, np.log, np.log2, np.log1p))
expm1, log10 = (_rounded_once(ufunc, widest=True) for ufunc in (np.expm1, np.log10))  # less good without AVX-512
sin, cos, tan = map(_rounded_once, (np.sin, np.cos, np.tan))
tanh = _rounded_once(np.tanh, widest=True)
sinh, cosh = map(_by_glibc, (np.sinh, np.cosh))
arccos, arctan = map(_rounded_once, (np.arccos, np.arctan))
arctan2, power = map(_of_two, (np.arctan2, np.power))


_TWICE_LEAST = {char: 2 * np.finfo(char).tiny for char in "efdg"}


def log1p_in_vectors(x: Any, inside: Any = True) -> Any:
    """`log1p` where it is Sleef's for vectors (`inside`), which goes by way of half the number: of the smallest, the
    last bit is lost."""
    if type(x) is Trace:
        return named(log1p_in_vectors, "log1p_in_vectors", x)
    out = log1p(x)
    if out.dtype.kind == "c" or not out.size or np.abs(out).min() >= _TWICE_LEAST[out.dtype.char]:  # which NaN is not
        return out
    half = out.dtype.type(0.5)
    found = np.multiply(np.multiply(out, half, out=...), 2, out=...)
    if not found.all():
        np.copyto(found, 0, where=(found == 0) & (out != 0))  # of whatever sign it was
    return found if inside is True else np.where(inside, found, out)
