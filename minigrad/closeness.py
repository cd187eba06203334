"""When numbers count as close: the rule behind `isclose`, `allclose` and `assert_close`, on arrays.

What may live here: comparisons of arrays of one dtype. Tensors and messages are in `testing` and the ops.
"""

from __future__ import annotations

import numpy as np

from minigrad import dtypes
from minigrad.dtypes import Array


def isclose(actual: Array, expected: Array, rtol: float, atol: float, equal_nan: bool = False) -> Array:
    """Where |actual - expected| <= atol + rtol * |expected|; infinities are close to themselves alone.

    Arrays of the same dtype that broadcast against each other; the result is boolean. Integers are compared
    in the default dtype unless both tolerances are 0.
    """
    close: Array = np.equal(actual, expected)
    if equal_nan and actual.dtype.kind in "fc":
        close = close | (np.isnan(actual) & np.isnan(expected))
    if rtol == 0 and atol == 0:
        return np.asarray(close)
    if actual.dtype.kind not in "fc":
        wide = dtypes.get_default_dtype().numpy
        actual, expected = actual.astype(wide), expected.astype(wide)
    allowed = np.abs(expected * np.asarray(rtol, expected.dtype)) + np.asarray(
        atol, expected.dtype.type(0).real.dtype
    )
    error = np.abs(actual - expected)
    return np.asarray(close | (np.isfinite(error) & (error <= allowed)))


def differences(actual: Array, expected: Array) -> tuple[Array, Array]:
    """Absolute and relative differences; those of integers in int64 and the default dtype."""
    if actual.dtype.kind not in "fc":
        actual, expected = actual.astype(np.int64), expected.astype(np.int64)
    absolute: Array = np.abs(actual - expected)
    size: Array = np.abs(expected)
    if absolute.dtype.kind not in "f":
        wide = dtypes.get_default_dtype().numpy
        return absolute, absolute.astype(wide) / size.astype(wide)
    return absolute, absolute / size
