"""What all factories share: their options, parsing them, checking numbers, finishing a leaf.

What may live here: plumbing. The factories themselves are in `creation`, `filling`, `ranges` and `random`.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import numpy as np

from minigrad import dtypes, errors
from minigrad.dtypes import Array, dtype
from minigrad.from_data import checked_integer, overflow
from minigrad.later import family
from minigrad.memory import allocate, check_sizes, strides_of
from minigrad.signatures import Parser
from minigrad.tensor import Tensor, wrap

OPTIONS = (
    "torch.dtype dtype = None, torch.layout layout = None, torch.device device = None, "
    "bool? pin_memory = False, bool? requires_grad = False"
)
OUT = "Tensor out = None, " + OPTIONS
LIKE = "*, torch.memory_format memory_format = None, " + OPTIONS

Arguments = Mapping[str, Any]


def bind(parser: Parser, args: tuple[Any, ...], kwargs: Arguments) -> tuple[int, dict[str, Any]]:
    """Which overload fits and its arguments by name. Raises TypeError where none does."""
    number, given = parser.parse(args, kwargs)
    if given.get("pin_memory"):
        raise RuntimeError(
            "pin_memory=True requires a CUDA or other accelerator backend; no pinned memory allocator is "
            "available on this system."
        )
    if given.get("out") is not None:
        given["called"] = parser.function
    return number, given


def finish(array: Array, given: Arguments) -> Tensor:
    """A leaf over `array`, or `out=` with the array written into it. Raises RuntimeError as torch does."""
    requires_grad = given.get("requires_grad", False)
    if requires_grad and array.dtype.kind not in "fc":
        raise errors.only_floating_require_grad(made=True)
    out = given.get("out")
    if out is None:
        if not array.size and not any(array.strides):
            array = allocate(array.shape, array.dtype, strides_of(array))
        return wrap(array, requires_grad)
    return family("outputs").made(out, array, given["called"], requires_grad)  # type: ignore[no-any-return]


def out_dtype(given: Arguments, default: dtype) -> dtype:
    """The dtype asked for: `dtype=`, that of `out=`, or `default`. Raises RuntimeError where they differ."""
    wanted, out = given.get("dtype"), given.get("out")
    if out is None:
        return wanted or default
    if wanted is not None and wanted is not out.dtype:
        raise RuntimeError(
            f"dtype {wanted.scalar_type} does not match dtype of out parameter ({out.dtype.scalar_type})"
        )
    return out.dtype  # type: ignore[no-any-return]


_C_NAMES = {
    "uint8": "uint8_t",
    "int8": "int8_t",
    "int16": "int16_t",
    "int32": "int",
    "int64": "int64_t",
    "float16": "c10::Half",
    "float32": "float",
    "float64": "double",
    "complex64": "c10::complex<float>",
    "complex128": "c10::complex<double>",
}


def checked_number(value: Any, d: dtype) -> Any:
    """`value` if an element of dtype `d` can hold it (torch's Scalar::to); RuntimeError if it overflows."""
    if isinstance(value, int) and not -(2**63) <= value < 2**64:
        raise OverflowError(
            "int too big to convert" if value > 0 else "can't convert negative int to unsigned"
        )
    if d is dtypes.bool_:
        return bool(value)
    name = _C_NAMES[d.name]
    parts = (value.real, value.imag) if isinstance(value, complex) else (value,)
    if len(parts) == 2 and not d.is_complex:
        if value.imag != 0:
            raise overflow(name)
        parts = parts[:1]
    if not (d.is_floating_point or d.is_complex):
        return checked_integer(parts[0], d, name)
    limit = _largest(d.numpy)
    for part in parts:
        if limit < abs(part) < np.inf:
            raise overflow(name)
    return value if d.is_complex else parts[0]


@lru_cache(maxsize=16)
def _largest(dt: np.dtype[Any]) -> float:
    return float(np.finfo(dt).max)


def filled(shape: tuple[int, ...], value: Any, d: dtype, strides: tuple[int, ...] | None = None) -> Array:
    """An array full of one number, checked against its dtype."""
    check_sizes(shape, d.itemsize)
    value = checked_number(value, d)
    out = allocate(shape, d.numpy, strides, zero=False)
    out[...] = np.float32(value) if d is dtypes.float16 else value
    return out
