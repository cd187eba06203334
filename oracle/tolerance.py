"""When two arrays agree: NaN equals NaN, zero signs are facts, magnitudes in units of the dtype's precision.

What may live here: how far apart two arrays are, how far apart the ops of a program may bring them, and how
a measured condition widens that. Pure: arrays and programs in, words and numbers out.

A unit is the spacing of the dtype's numbers at the reference's element (for complex: at its modulus). An
instruction allows as many units as its op's class says; a program allows the sum over its instructions, once
for the forward pass and once more for each gradient query. Nothing else is allowed, except by a measurement:
the error that the reference itself made, element by element, as its rerun in another precision shows it, or with
every number moved by a unit (moving.Note [Moved numbers]).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from itertools import chain
from typing import Any, Literal

import numpy as np

from oracle.errors import HarnessError
from oracle.program.edit import STATEFUL_METHODS, is_query
from oracle.program.program import Program

CLASS_UNITS = {
    "exact": 0.0, "ulps": 2.0, "sum": 8.0, "unordered": 8.0, "root": 8.0, "cancelling": 8.0, "lapack": 64.0,
    "loose": 64.0,
}  # fmt: skip
"""Units that one application of an op may add, by the tolerance class of its line in the opset."""

MEASURED_FACTOR = 16.0
"""An element may be off by this many times the error that the reference itself was measured to make."""

PRECISION = {"float16": 10, "bfloat16": 7, "float32": 23, "float64": 52, "complex64": 23, "complex128": 52}
"""Bits after the leading one."""

Kind = Literal["non-finite", "zero-sign", "value"]


@dataclass(frozen=True, slots=True)
class Difference:
    """How two arrays of one shape and dtype differ, in one line, subject first; `units` if it is a number."""

    kind: Kind
    detail: str
    units: float = np.inf


def difference(ours: Any, theirs: Any, dtype: str, units: float, errors: Any = None) -> Difference | None:
    """The first and worst difference beyond `units`, or None if the arrays agree within them.

    `errors`, if given, are absolute errors measured per element, which are allowed `MEASURED_FACTOR` times.
    """
    if ours.dtype.kind not in "fc":
        return _unequal(ours, theirs)
    few = ours.dtype.kind == "f" and ours.size <= _FEW and errors is None
    if few and near(ours.ravel().tolist(), theirs.ravel().tolist(), dtype, 1, units):
        return None
    parts = [(ours, theirs)]
    if ours.dtype.kind == "c":
        parts = [(ours.real, theirs.real), (ours.imag, theirs.imag)]
    for mine, its in parts:
        found = _other_pattern(mine, its)
        if found is not None:
            return found
    with np.errstate(all="ignore"):
        far = _distance(ours, theirs)
        unit = spacing(theirs, dtype)
        allowed = units * unit
        if errors is not None:
            allowed = allowed + MEASURED_FACTOR * errors
        beyond = far > allowed
        if beyond.any():
            at = int(np.argmax(np.where(beyond, far / unit, 0)))
            return Difference("value", *_said(ours, theirs, at, float((far / unit).flat[at]), dtype))
    for mine, its in parts:
        flipped = (mine == 0) & (its == 0) & (np.signbit(mine) != np.signbit(its))
        if flipped.any():
            at = int(np.argmax(flipped))
            text = f"{_at(ours, at)} is {_shown(ours.flat[at])}, reference has {_shown(theirs.flat[at])}"
            return Difference("zero-sign", text, 0.0)
    return None


def spacing(values: Any, dtype: str) -> Any:
    """One unit of precision of `dtype` at each element, as float64; for complex at the modulus."""
    if dtype not in PRECISION:
        raise HarnessError(f"dtype {dtype!r} has no precision; there are {', '.join(PRECISION)}")
    size = np.abs(values).astype(np.float64)
    _, exponent = np.frexp(np.maximum(np.where(np.isfinite(size), size, 1.0), _tiny(dtype)))
    return np.ldexp(1.0, exponent - 1 - PRECISION[dtype])


_DOUBLES = ("float64", "complex128")
_REAL = frozenset({"float16", "bfloat16", "float32", "float64"})


_FEW = 64  # elements up to which a loop over Python floats is faster than NumPy


def near(ours: Any, theirs: Any, dtype: str, rank: int, units: float) -> bool:
    """A quick yes, by the same rules, for nested lists of real numbers that agree; a no: nobody knows yet."""
    if dtype not in _REAL or isinstance(ours, tuple):  # many elements are handed over as bytes
        return False
    if rank == 0:
        ours, theirs = [ours], [theirs]
    for _ in range(rank - 1):
        ours, theirs = chain.from_iterable(ours), chain.from_iterable(theirs)
    precision, tiny = 1 + PRECISION[dtype], _tiny(dtype)
    for mine, its in zip(ours, theirs, strict=True):
        if mine == its:
            if mine == 0.0 and math.copysign(1.0, mine) != math.copysign(1.0, its):
                return False
        elif math.isfinite(mine) and math.isfinite(its):
            if abs(mine - its) > units * math.ldexp(1.0, math.frexp(max(abs(its), tiny))[1] - precision):
                return False
        elif not (math.isnan(mine) and math.isnan(its)):
            return False
    return True


@cache
def _tiny(dtype: str) -> float:
    """The smallest normal number, below which units no longer shrink."""
    return float(np.finfo(np.float16 if dtype == "float16" else np.float64 if dtype in _DOUBLES else np.float32).tiny)


def _distance(ours: Any, theirs: Any) -> Any:
    """|ours - theirs| per element in the widest type, 0 where both are the same infinity or NaN."""
    wide = np.complex128 if ours.dtype.kind == "c" else np.float64
    mine, its = ours.astype(wide), theirs.astype(wide)
    same = (ours == theirs) | (~np.isfinite(ours) & ~np.isfinite(theirs))  # patterns were compared before
    return np.where(same, 0.0, np.abs(mine - its))


def _other_pattern(ours: Any, theirs: Any) -> Difference | None:
    """NaNs and infinities in other places; compared before any magnitude."""
    other = (np.isnan(ours) != np.isnan(theirs)) | ((np.isinf(ours) | np.isinf(theirs)) & (ours != theirs))
    other &= ~(np.isnan(ours) & np.isnan(theirs))
    if not other.any():
        return None
    at = int(np.argmax(other))
    text = f"{_at(ours, at)} is {_shown(ours.flat[at])}, reference has {_shown(theirs.flat[at])}"
    return Difference("non-finite", text)


def _unequal(ours: Any, theirs: Any) -> Difference | None:
    """Integers and bools are exact."""
    other = ours != theirs
    if not other.any():
        return None
    at = int(np.argmax(other))
    text = f"{_at(ours, at)} is {_shown(ours.flat[at])}, reference has {_shown(theirs.flat[at])}"
    return Difference("value", text)


def _said(ours: Any, theirs: Any, at: int, units: float, dtype: str) -> tuple[str, float]:
    text = f"{_at(ours, at)} is {_shown(ours.flat[at])}, reference has {_shown(theirs.flat[at])}"
    return f"{text} ({units:.3g} units of {dtype})", units


def _at(array: Any, flat: int) -> str:
    if array.ndim == 0:
        return "the value"
    return f"element {list(map(int, np.unravel_index(flat, array.shape)))}"


def _shown(value: Any) -> str:
    return str(value.item()) if value.dtype != np.float32 else str(value)


def allowed_units(program: Program) -> float:
    """The units that `program` may put between two engines, by the classes of its ops."""
    queries = sum(map(is_query, program.instructions))
    return sum(CLASS_UNITS[one] for one in _classes(program)) * (1 + queries)


def is_unordered(program: Program) -> bool:
    """Whether an op adds up in an order that torch leaves to a library, which decides where infinities meet."""
    return not {"unordered", "root", "lapack", "cancelling"}.isdisjoint(_classes(program))


def is_bounded_by_norms(program: Program) -> bool:
    """Whether errors of an op are not bounded element by element, but by the norm of a matrix (LAPACK's), or by the
    numbers whose mean was taken off."""
    return not {"lapack", "cancelling"}.isdisjoint(_classes(program))


def errors_of_roots(program: Program, ours: Any, theirs: Any, largest: float, unit: float) -> Any:
    """By element, how far rounding sends the root of a sum in nobody's order, if an op takes one: by how far it sends
    the sum, whose terms are as large as `largest` squared, over the root, of which nothing may be left."""
    if not largest or "root" not in _classes(program):
        return 0.0
    size = np.maximum(np.abs(ours), np.abs(theirs))
    with np.errstate(all="ignore"):
        return largest * unit / np.maximum(size / largest, unit**0.5)


def _classes(program: Program) -> list[str]:
    """The tolerance class of every op that is called."""
    from oracle.opset import OPS  # at first use: a program that agrees to the byte never asks

    found: list[str] = []
    for instruction in program.instructions:
        op = instruction.op
        if is_query(instruction):
            continue
        if instruction.form in ("call", "method", "operator") and op not in STATEFUL_METHODS:
            spec = OPS.get(_OPERATOR_NAMES.get(op, op)) or OPS.get(op.removesuffix("_"))
            found.append("ulps" if spec is None else spec.tolerance)
    return found


def patterns_differ(ours: Any, theirs: Any) -> Any:
    """Per element, whether one is NaN, infinite, or a zero of its sign and the other is not."""
    if ours.dtype.kind == "c":
        return patterns_differ(ours.real, theirs.real) | patterns_differ(ours.imag, theirs.imag)
    other = (np.isnan(ours) != np.isnan(theirs)) | ((np.isinf(ours) | np.isinf(theirs)) & (ours != theirs))
    zeros = ((ours == 0) | (theirs == 0)) & ((ours != theirs) | (np.signbit(ours) != np.signbit(theirs)))
    return (other & ~(np.isnan(ours) & np.isnan(theirs))) | zeros


_OPERATOR_NAMES = {"+": "add", "-": "sub", "*": "mul", "/": "div", "**": "pow", "@": "matmul"}
