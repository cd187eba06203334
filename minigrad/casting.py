"""Conversion of arrays from one element type to another, as torch's CPU kernels do it.

What may live here: array in, array out. Recording a conversion in the graph belongs to the ops.
"""

from __future__ import annotations

import numpy as np

from minigrad.dtypes import Array, NumPyDType
from minigrad.memory import allocate, dense_strides, is_dense, strides_of
from minigrad.warn import warn_once

_FLOAT16, _FLOAT32 = np.dtype("float16"), np.dtype("float32")
_UINT8, _INT64 = np.dtype("uint8"), np.dtype("int64")


def cast(array: Array, to: NumPyDType) -> Array:
    """`array` with dtype `to`: itself when it has it, else a new array laid out the same way.

    Complex numbers lose their imaginary part with torch's warning (once per process); halves are rounded by
    way of float32; integers wrap around.
    """
    of = array.dtype
    if of is to or of == to:
        return array
    if of.kind == "c" and to.kind not in "cb":
        warn_once("Casting complex values to real discards the imaginary part")
        array = array.real
        of = array.dtype
    strides = strides_of(array)  # before a step on the way, which NumPy lays out its own way
    if to == _FLOAT16 and of.itemsize == 8 and of.kind == "f":
        array = array.astype(_FLOAT32)
    elif to == _UINT8 and of.kind == "f":
        array = array.astype(_INT64)
    shape = array.shape
    if is_dense(shape, strides):
        out = np.asarray(array.astype(to))
        if (1 not in shape and 0 not in shape) or strides_of(out) == strides:
            return out  # else there are strides that nothing is found by, which torch keeps, even if they are 0
    else:
        strides = dense_strides(shape, strides)
    out = allocate(shape, to, strides, zero=False)
    np.copyto(out, array, casting="unsafe")
    return out
