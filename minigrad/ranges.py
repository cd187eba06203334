"""Factories of sequences: `arange`, `range`, `linspace`, `logspace`, `eye`, index grids, as torch has them.

What may live here: functions that make leaves whose values follow from positions.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from minigrad import dtypes
from minigrad.dtypes import Array, dtype
from minigrad.factory import OPTIONS, OUT, bind, checked_number, filled, finish, out_dtype
from minigrad.later import family
from minigrad.memory import allocate, check_sizes
from minigrad.signatures import Parser
from minigrad.tensor import Tensor
from minigrad.warn import warn

_ARANGE = Parser(
    "arange",
    f"(Number end, *, {OUT})",
    f"(Number start, Number end, *, {OPTIONS})",
    f"(Number start, Number end, Number step = 1, *, {OUT})",
)
_RANGE = Parser("range", f"(Number start, Number end, Number step = 1, *, {OUT})")
_EYE = Parser("eye", f"(int n, *, {OUT})", f"(int n, int m, *, {OUT})")
_ENDS = [("Tensor", "Tensor"), ("Number", "Tensor"), ("Tensor", "Number"), ("Number", "Number")]
_LINSPACE = Parser("linspace", *[f"({a} start, {b} end, int steps, *, {OUT})" for a, b in _ENDS])
_LOGSPACE = Parser(
    "logspace", *[f"({a} start, {b} end, int steps, float base = 10.0, *, {OUT})" for a, b in _ENDS]
)
_TRIANGLE = (
    "(int row, int col, int offset = 0, *, " + OPTIONS.replace("dtype = None", "dtype = torch.int64") + ")"
)
_TRIL = Parser("tril_indices", _TRIANGLE)
_TRIU = Parser("triu_indices", _TRIANGLE)

_DOUBLE = dtypes.float64


def _unsupported(kernel: str, d: dtype) -> NotImplementedError:
    return NotImplementedError(f"\"{kernel}\" not implemented for '{d.scalar_type}'")


# --- arange ---


def _check_bounds(start: float, end: float, step: float) -> None:
    if not (step > 0 or step < 0):
        raise RuntimeError("step must be nonzero")
    if not (math.isfinite(start) and math.isfinite(end)):
        raise RuntimeError(f"unsupported range: {start:g} -> {end:g}")
    if (step > 0) != (end >= start) and end != start:
        raise RuntimeError("upper bound and lower bound inconsistent with step sign")


def _count(start: Any, end: Any, step: Any, d: dtype) -> int:
    """How many numbers there are: exact for int64, otherwise as doubles have it."""
    if d is dtypes.int64:
        start, end, step = (checked_number(x, d) for x in (start, end, step))
        if step == 0:
            raise ValueError("step must be nonzero")
        return max(0, int(-((start - end) // step)))
    size: int = math.ceil((float(end) - float(start)) / float(step))
    if not 0 <= size < 2**63:
        raise RuntimeError("invalid size, possible overflow?")
    return size


def arange(*args: Any, **kwargs: Any) -> Tensor:
    """The numbers from `start` up to, not including, `end`: int64 if all arguments are integers."""
    given = bind(_ARANGE, args, kwargs)[1]
    start, end, step = given.get("start", 0), given["end"], given.get("step", 1)
    integers = all(isinstance(x, int) for x in (start, end, step))
    d = out_dtype(given, dtypes.int64 if integers else dtypes.get_default_dtype())
    if d.is_complex or d is dtypes.bool_:
        raise _unsupported("arange_cpu", d)
    doubles = [checked_number(x, _DOUBLE) for x in (start, end, step)]
    _check_bounds(*doubles)
    size = _count(start, end, step, d)
    check_sizes((size,), d.itemsize)
    wide = _DOUBLE if d.is_floating_point else dtypes.int64
    first, step = (np.asarray(checked_number(x, wide), wide.numpy) for x in (start, step))
    positions = np.arange(size, dtype=wide.numpy)
    if d.is_floating_point:
        return finish(_stepped(first, step, positions, d.numpy), given)
    return finish((first + step * positions).astype(d.numpy), given)


def _stepped(first: Array, step: Array, positions: Array, d: np.dtype[Any]) -> Array:
    """`first + step * positions` of doubles in dtype `d`, with the roundings of torch's loop.

    It takes 64 bytes at a time, from the number at the beginning of each 32, rounded; and what is left one by one.
    Halves are computed in float32, everything else in doubles.
    """
    if d.itemsize == 2:
        first, step, positions = (x.astype(np.float32) for x in (first, step, positions))
    line = _plain if float(step).is_integer() else _fma
    serial = line(step, positions, first)
    block = 64 // d.itemsize
    whole = positions.size - positions.size % block
    numbers = serial.astype(d)
    if whole:
        lane = positions[:whole] % (block // 2)
        base = np.repeat(numbers[: whole : block // 2].astype(step.dtype), block // 2)
        numbers[:whole] = line(step, lane, base).astype(d)
    return numbers


def _fma(x: Array, y: Array, z: Array) -> Array:
    """`x * y + z` in one rounding."""
    fma = family("fused").fma  # imported when first used: ops are made of what is here

    result: Array = fma(*np.broadcast_arrays(x, y, z))
    return result


def range(*args: Any, **kwargs: Any) -> Tensor:
    """The numbers from `start` to `end`, which is included. Deprecated, as in torch."""
    given = bind(_RANGE, args, kwargs)[1]
    warn(
        "torch.range is deprecated and will be removed in a future release because its behavior is "
        "inconsistent with Python's range builtin. Instead, use torch.arange, which produces values in "
        "[start, end)."
    )
    start, end, step = (checked_number(given.get(n, 1), _DOUBLE) for n in ("start", "end", "step"))
    _check_bounds(start, end, step)
    d = out_dtype(given, dtypes.get_default_dtype())
    positions = np.arange(math.floor((end - start) / step) + 1)
    return finish((start + step * positions).astype(d.numpy), given)


# --- linspace, logspace ---


def _ends(name: str, given: dict[str, Any]) -> tuple[Any, Any, dtype]:
    """Start, end and dtype. Raises RuntimeError for tensors with dimensions and for dtypes too narrow."""
    start, end = given["start"], given["end"]
    if isinstance(start, Tensor) or isinstance(end, Tensor):
        dims = {n: x._a.ndim for n, x in (("start", start), ("end", end)) if isinstance(x, Tensor)}
        if any(dims.values()):
            got = " and ".join(f"{n} with {ndim} dimension(s)" for n, ndim in dims.items())
            raise RuntimeError(f"{name} only supports 0-dimensional start and end tensors, but got {got}.")
        start, end = (x._a.item() if isinstance(x, Tensor) else x for x in (start, end))
    default = dtypes.get_default_dtype()
    if isinstance(start, complex) or isinstance(end, complex):
        default = default.to_complex()
        wanted = given.get("dtype")
        if wanted is not None and not wanted.is_complex:
            c_name = "c10::complex<float>" if default is dtypes.complex64 else "c10::complex<double>"
            raise RuntimeError(
                f"torch.{name}(): inferred dtype {c_name} can't be safely cast to passed dtype "
                f"{wanted.scalar_type}"
            )
    return start, end, out_dtype(given, default)


def _spaced(start: Any, end: Any, steps: int, d: dtype) -> Array:
    """Evenly spaced numbers in the arithmetic of `d` (doubles for integers), from both ends to the middle.

    Products and sums are rounded once, also those of the parts of complex numbers; halves are rounded twice.
    """
    start, end = (checked_number(x, d) for x in (start, end))
    wide = np.dtype("float64") if not (d.is_floating_point or d.is_complex) else d.numpy
    first, last = np.asarray(start, wide), np.asarray(end, wide)
    if wide.kind == "c":
        numbers = np.empty(steps, wide)
        for part, a, b in ((numbers.real, first.real, last.real), (numbers.imag, first.imag, last.imag)):
            part[:] = _mirrored(a, b, (b - a) / np.asarray(steps - 1, part.dtype), steps, _fma)
        return numbers
    step = (last - first) / np.asarray(steps - 1, wide)
    return _mirrored(first, last, step, steps, _fma if wide.itemsize > 2 else _plain)


def _mirrored(first: Array, last: Array, step: Array, steps: int, line: Callable[..., Array]) -> Array:
    """`line(step, k, first)`, which is `first + step * k`, and from the middle on the same from the other end."""
    positions = np.arange(steps)
    rising = line(step, positions.astype(step.dtype), first)
    falling = line(-step, positions[::-1].astype(step.dtype), last)
    return np.where(positions < steps // 2, rising, falling)


def _plain(x: Array, y: Array, z: Array) -> Array:
    result: Array = z + x * y
    return result


def linspace(*args: Any, **kwargs: Any) -> Tensor:
    """`steps` numbers from `start` to `end`, both included."""
    given = bind(_LINSPACE, args, kwargs)[1]
    start, end, d = _ends("linspace", given)
    steps = given["steps"]
    if steps < 0:
        raise RuntimeError("number of steps must be non-negative")
    check_sizes((steps,), d.itemsize)
    if steps == 0:
        return finish(allocate((0,), d.numpy), given)
    if steps == 1:
        return finish(filled((1,), start, d), given)
    if d is dtypes.bool_:
        raise _unsupported("linspace_cpu", d)
    return finish(_spaced(start, end, steps, d).astype(d.numpy), given)


def logspace(*args: Any, **kwargs: Any) -> Tensor:
    """`base` to the power of `steps` numbers from `start` to `end`, both included."""
    given = bind(_LOGSPACE, args, kwargs)[1]
    start, end, d = _ends("logspace", given)
    steps, base = given["steps"], given.get("base", 10.0)
    if steps < 0:
        raise RuntimeError("number of steps must be non-negative")
    check_sizes((steps,), d.itemsize)
    if steps == 0:
        return finish(allocate((0,), d.numpy), given)
    if steps > 1 and d is dtypes.bool_:
        raise _unsupported("logspace_cpu", d)
    if steps == 1:
        exponents = np.asarray([start])
    elif d.is_floating_point:  # in doubles, but for the difference between the ends
        first, last = (np.asarray(checked_number(x, d), d.numpy) for x in (start, end))
        step = (last - first).astype(np.float64) / (steps - 1)
        exponents = _mirrored(first.astype(np.float64), last.astype(np.float64), step, steps, _plain)
    else:
        exponents = _spaced(start, end, steps, d)
    wide = np.dtype("complex128") if d.is_complex or isinstance(start, complex) else np.dtype("float64")
    return finish((np.asarray(base, wide) ** exponents.astype(wide)).astype(d.numpy), given)


# --- eye, index grids ---


def eye(*args: Any, **kwargs: Any) -> Tensor:
    """The n by m identity matrix (m defaults to n)."""
    given = bind(_EYE, args, kwargs)[1]
    n, m = given["n"], given.get("m", given["n"])
    for name, size in (("n", n), ("m", m)):
        if size < 0:
            raise RuntimeError(f"{name} must be greater or equal to 0, got {size}")
    out = allocate((n, m), out_dtype(given, dtypes.get_default_dtype()).numpy)
    np.fill_diagonal(out, 1) if out.size else None
    return finish(out, given)


def _triangle(parser: Parser, args: tuple[Any, ...], kwargs: dict[str, Any], lower: bool) -> Tensor:
    given = bind(parser, args, kwargs)[1]
    row, col, offset = given["row"], given["col"], given.get("offset", 0)
    for name, size in (("row", row), ("col", col)):
        if size < 0:
            raise RuntimeError(f"{name} must be non-negative, got{size}")
    d = given.get("dtype", dtypes.int64)
    if d not in (dtypes.int32, dtypes.int64):
        raise _unsupported(parser.function, d)
    mask = np.tri(row, col, offset if lower else offset - 1, dtype=bool)
    found = np.stack(np.nonzero(mask if lower else ~mask))
    return finish(found.astype(d.numpy), given)


def tril_indices(*args: Any, **kwargs: Any) -> Tensor:
    """Row and column numbers of a lower triangle, shape (2, count)."""
    return _triangle(_TRIL, args, kwargs, lower=True)


def triu_indices(*args: Any, **kwargs: Any) -> Tensor:
    """Row and column numbers of an upper triangle, shape (2, count)."""
    return _triangle(_TRIU, args, kwargs, lower=False)
