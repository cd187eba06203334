"""From Python data to arrays: what `tensor([[1, 2.5]])` means, which dtype it gets, what it cannot mean.

What may live here: inference and conversion of nested sequences, numbers, NumPy arrays, Tensors; array out.

Note [Quick and exact]: lists of plain Python numbers are left to NumPy, which is quick; whatever NumPy
refuses or understands differently goes through `_exact`, which follows torch element by element and has its
errors.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Sequence
from itertools import chain
from typing import Any

import numpy as np

from minigrad import dtypes, modes
from minigrad.arguments import INT64, type_name
from minigrad.casting import cast
from minigrad.dtypes import Array, dtype
from minigrad.memory import allocate, dense_strides, strides_of
from minigrad.storage import hold
from minigrad.tensor import Tensor
from minigrad.warn import warn_once

_NUMBERS = frozenset({bool, int, float, complex})
_LISTS = frozenset({list, tuple})
_FLOAT16 = np.dtype("float16")
_LARGEST = {char: float(np.finfo(char).max) for char in "efd"}


def to_array(data: Any, wanted: dtype | None, copy: bool = True) -> Array:
    """The array that `data` describes, with dtype `wanted` or the one torch infers.

    Fresh memory unless `copy` is False and `data` is an array (of the wanted dtype) already.
    Raises TypeError, ValueError or RuntimeError in torch's words.
    """
    modes.state.fast  # noqa: B018 - reading it silences NumPy's floating-point warnings in this thread
    kinds = _leaf_types(data)
    if kinds is not None:
        chosen = wanted or _dtype_of(kinds)
        if chosen is dtypes.uint8 and float in kinds:
            return _exact(data, chosen)  # NumPy takes -0.5
        try:
            return _quick(data, chosen)
        except (ValueError, TypeError, OverflowError):
            pass  # see Note [Quick and exact]
    if isinstance(data, Tensor):
        return _copied(data._a, wanted)
    if isinstance(data, np.ndarray):
        array = from_ndarray(data, warn=not copy)
        if copy:
            return _copied(array, wanted)
        return hold(array) if wanted is None or wanted.numpy is array.dtype else cast(array, wanted.numpy)
    return _exact(data, wanted)


def _copied(array: Array, wanted: dtype | None) -> Array:
    """A copy without gaps whose dimensions are in the same order."""
    strides = dense_strides(array.shape, strides_of(array))
    out = allocate(array.shape, wanted.numpy if wanted else array.dtype, strides)
    out[...] = cast(array, out.dtype)
    return out


# --- quick ---


def _leaf_types(data: Any) -> frozenset[type] | None:
    """The types of the numbers in nested lists, None if there is anything else or the nesting is uneven."""
    kind = type(data)
    if kind in _NUMBERS:
        return frozenset({kind})
    if kind not in _LISTS:
        return None
    for _ in range(64):  # as deep as NumPy goes; a list that contains itself has no end
        kinds = frozenset(map(type, data))
        if kinds <= _NUMBERS:
            return kinds
        if not kinds <= _LISTS:
            return None
        data = list(chain.from_iterable(data))
    return None


def _dtype_of(kinds: frozenset[type]) -> dtype:
    if complex in kinds:
        return dtypes.get_default_complex_dtype()
    if float in kinds or not kinds:
        return dtypes.get_default_dtype()
    return dtypes.int64 if int in kinds else dtypes.bool_


def _quick(data: Any, chosen: dtype) -> Array:
    if chosen.numpy is _FLOAT16:  # torch rounds by way of float32
        array = np.array(data, np.float32).astype(np.float16)
    else:
        array = np.array(data, chosen.numpy)
    return array if array.size else allocate(array.shape, chosen.numpy)


# --- exact ---


def _exact(data: Any, wanted: dtype | None) -> Array:
    if isinstance(data, str | bytes):
        raise TypeError(f"new(): invalid data type '{type_name(data)}'")
    sizes = _sizes(data)
    chosen = wanted or infer_dtype(data)
    out = allocate(sizes, chosen.numpy)
    if out.size:
        _store(out, 0, chosen, data)
    return out


def _is_sequence(data: Any) -> bool:
    if isinstance(data, Tensor | dict | set | frozenset):
        return False
    return isinstance(data, Sequence | np.ndarray) or (
        hasattr(data, "__getitem__") and hasattr(data, "__len__")
    )


def _sizes(data: Any) -> tuple[int, ...]:
    """The shape, read off the first element of each level."""
    sizes: list[int] = []
    while _is_sequence(data):
        sizes.append(len(data))
        if len(sizes) > 128:
            raise ValueError(f"too many dimensions '{type_name(data)}'")
        if sizes[-1] == 0:
            break
        data = data[0]
    return tuple(sizes)


def infer_dtype(data: Any) -> dtype:
    """The dtype of the smallest category and width that holds all numbers in `data`."""
    if isinstance(data, np.ndarray | np.generic):
        return _supported(np.asarray(data).dtype)
    if isinstance(data, bool | int | float | complex):
        return dtypes.scalar_dtype(data)
    if isinstance(data, Tensor):
        return data.dtype
    if isinstance(data, str | bytes):
        raise TypeError(f"new(): invalid data type '{type_name(data)}'")
    if not _is_sequence(data):
        raise RuntimeError(f"Could not infer dtype of {type_name(data)}")
    found: dtype | None = None
    for item in data:
        if item is data:
            raise TypeError("new(): self-referential lists are incompatible")
        one = infer_dtype(item)
        found = one if found is None else dtypes.promote_types(found, one)
        if found is dtypes.complex128:
            break
    return found or dtypes.get_default_dtype()


def _store(out: Array, dim: int, chosen: dtype, data: Any) -> None:
    """Writes `data` into `out`, whose first `dim` dimensions have been gone through."""
    if out.ndim == 0:
        out[...] = element(data, chosen)
        return
    try:
        items = list(data)
    except TypeError:
        raise TypeError("not a sequence") from None
    if len(items) != out.shape[0]:
        raise ValueError(f"expected sequence of length {out.shape[0]} at dim {dim} (got {len(items)})")
    for i, item in enumerate(items):
        if isinstance(item, np.ndarray):
            warn_once(
                "Creating a tensor from a list of numpy.ndarrays is extremely slow. Please consider "
                "converting the list to a single numpy.ndarray with numpy.array() before converting to a "
                "tensor."
            )
        _store(out[i, ...], dim + 1, chosen, item)


def element(value: Any, chosen: dtype) -> Any:
    """One number as an element of dtype `chosen`. Raises where Python's conversion does, and on overflow."""
    if chosen.is_complex:
        return complex(value) if isinstance(value, complex | np.complexfloating | Tensor) else _real(value)
    if chosen.is_floating_point:
        return np.float32(_real(value)) if chosen is dtypes.float16 else _real(value)
    if chosen is dtypes.bool_:
        if not isinstance(value, int | float | complex | np.bool_):
            value = operator.index(value)
        return bool(value)
    return _integer(value, chosen)


def _real(value: Any) -> float:
    """As a float; unlike `float()`, `ldexp` takes no strings and complains as the C API does."""
    return math.ldexp(value, 0)


def _integer(value: Any, chosen: dtype) -> int:
    """As an integer of `chosen`."""
    if not isinstance(value, float):
        value = operator.index(value)
        if value not in INT64:
            raise ValueError("Overflow when unpacking long long")
    return checked_integer(value, chosen, chosen.name)


def checked_integer(value: int | float, chosen: dtype, name: str) -> int:
    """`value` as an integer of `chosen`, which the error for numbers out of range calls `name`.

    As in torch, negative ints (not floats) wrap around for uint8, and 2.0**63 passes for an int64.
    """
    bits = 8 * chosen.itemsize
    highest = 2 ** (bits - chosen.is_signed) - 1
    lowest = 0 if not chosen.is_signed and isinstance(value, float) else -highest - chosen.is_signed
    if not lowest <= value <= (float(highest) if isinstance(value, float) else highest):
        raise overflow(name)
    number: int = int(value)
    if not chosen.is_signed:
        return number % (1 << bits)
    return number if number <= highest else -highest - 1


def check_range(value: Any, dt: Any) -> None:
    """Raises where torch has no number of `dt` for `value`, which is beyond its range or complex."""
    if type(value) is complex:
        if value.imag and dt.kind != "c":
            raise overflow(_ELEMENT_NAMES[dt.name])
    elif dt.kind in "iu":
        as_element(value, dt)
    elif type(value) in (int, float) and not -_LARGEST["e"] <= value <= _LARGEST["e"]:
        if type(value) is int:
            dtypes.check_integer(value)
        if dt.kind == "f" and math.inf > abs(value) > _LARGEST[dt.char]:
            raise overflow(_ELEMENT_NAMES[dt.name])


def as_scalar(value: Any, dt: Any) -> Any:
    """A Python number as a NumPy scalar of `dt`, with which a kernel computes. Raises where torch has none."""
    if type(value) is not float:
        check_range(value, dt)
        value = value.real if type(value) is complex and dt.kind != "c" else value
    return dt.type(value)


def overflow(name: str) -> RuntimeError:
    """A number beyond the range of the type called `name`."""
    return RuntimeError(f"value cannot be converted to type {name} without overflow")


_ELEMENT_NAMES = {
    "bool": "bool", "uint8": "uint8_t", "int8": "int8_t", "int16": "int16_t", "int32": "int",
    "int64": "int64_t",
    "float16": "c10::Half", "float32": "float", "float64": "double", "complex64": "c10::complex<float>",
    "complex128": "c10::complex<double>",
}  # fmt: skip
"""What torch's message of numbers that do not fit calls an element type."""


def as_element(value: Any, dt: Any) -> Any:
    """A Python number as an element of dtype `dt`; RuntimeError in torch's words if it does not fit."""
    chosen = dtypes.FROM_NUMPY[dt]
    if type(value) is int:
        dtypes.check_integer(value)
    if isinstance(value, complex) and not chosen.is_complex:
        if value.imag and dt.kind != "b":
            raise overflow(_ELEMENT_NAMES[chosen.name])
        value = value if dt.kind == "b" else value.real
    if dt.kind in "iu":
        return checked_integer(value, chosen, _ELEMENT_NAMES[chosen.name])
    if dt.kind in "fc" and np.finfo(dt).bits < 64:
        parts = (value.real, value.imag) if isinstance(value, complex) else (value,)
        if any(np.finfo(dt).max < abs(part) < float("inf") for part in parts):
            raise overflow(_ELEMENT_NAMES[chosen.name])
    return bool(value) if dt.kind == "b" else value


# --- NumPy arrays ---


def _supported(found: np.dtype[Any]) -> dtype:
    known = dtypes.FROM_NUMPY.get(found.newbyteorder("="))
    if known is None:
        raise TypeError(
            f"can't convert np.ndarray of type numpy.{found.type.__name__}. The only supported types are: "
            "float64, float32, float16, complex64, complex128, int64, int32, int16, int8, uint64, uint32, "
            "uint16, uint8, and bool."
        )
    return known


def from_ndarray(array: Array, warn: bool = True) -> Array:
    """`array` itself in a form that tensors can hold (same memory).

    Raises TypeError for an unsupported dtype, ValueError for byte order and strides torch cannot express.
    """
    if warn and not array.flags.writeable:
        warn_once(
            "The given NumPy array is not writable, and PyTorch does not support non-writable tensors. "
            "This means writing to this tensor will result in undefined behavior. You may want to copy the "
            "array to protect its data or make it writable before converting it to a tensor. This type of "
            "warning will be suppressed for the rest of this program."
        )
    known = _supported(array.dtype)
    if not array.dtype.isnative:
        raise ValueError(
            "given numpy array has byte order different from the native byte order. Conversion between byte "
            "orders is currently not supported."
        )
    if any(s % array.itemsize for s in array.strides):
        raise ValueError(
            "given numpy array strides not a multiple of the element byte size. Copy the numpy array to "
            "reallocate the memory."
        )
    if any(s < 0 for s in array.strides):
        raise ValueError(
            "At least one stride in the given numpy array is negative, and tensors with negative strides "
            "are not currently supported. (You can probably work around this by making a copy of your array "
            " with array.copy().) "
        )
    if type(array) is not np.ndarray or array.dtype is not known.numpy:
        return np.asarray(array).view(known.numpy)
    return array
