"""How the operands of an op come to one dtype before its kernel runs.

What may live here: the named policies that declarations choose from. The table itself is in `dtypes`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from minigrad import dtypes, errors
from minigrad.casting import cast
from minigrad.warn import warn_once

HALF, SINGLE = np.dtype("float16"), np.dtype("float32")
Operands = list[Any]
Policy = Callable[[Operands], Operands]


def _cast(operands: Operands, target: np.dtype[Any]) -> Operands:
    """Arrays cast to `target`; Python numbers become 0-d arrays of it, so that nothing promotes again."""
    out: list[Any] = []
    for x in operands:
        if isinstance(x, np.ndarray):
            out.append(x if x.dtype is target else cast(x, target))
        elif x is None:
            out.append(x)
        else:
            if type(x) is int and not -(2**63) <= x < 2**63:
                _check_beyond(x, operands)
            out.append(_number(x, target))
    return out


def _check_beyond(x: int, operands: Operands) -> None:
    """Raises for integers beyond 64 bits, and for those that need all of them, without a sign, beside bools."""
    dtypes.check_integer(x)
    if all(a.dtype.kind == "b" for a in operands if isinstance(a, np.ndarray)):
        raise RuntimeError(
            "Promotion for uint16, uint32, uint64 types is not supported, attempted to promote Bool and UInt64"
        )


def _number(x: Any, target: np.dtype[Any]) -> np.ndarray[Any, Any]:
    if target.kind in "iu" and isinstance(x, int):  # integers wrap around, as C casts do
        bits = target.itemsize * 8
        x &= (1 << bits) - 1
        if target.kind == "i" and x >= 1 << (bits - 1):
            x -= 1 << bits
    return np.asarray(x, target)


def arith(operands: Operands) -> Operands:
    """torch's result type of all operands."""
    return _cast(operands, dtypes.result_dtype(*[x for x in operands if x is not None]).numpy)


def equality(operands: Operands) -> Operands:
    """The same of what is only compared: halves beside a complex number are, in complex numbers of halves."""
    try:
        return arith(operands)
    except TypeError:
        if all(getattr(x, "dtype", None) is not HALF for x in operands):
            raise
    for _ in operands:  # which are all converted
        warn_once(COMPLEX_HALF)
    return [_of_halves(np.asarray(x)) for x in operands]


def _of_halves(x: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    out = np.empty(x.shape, np.complex64)
    with np.errstate(all="ignore"):
        out.real, out.imag = x.real.astype(HALF), x.imag.astype(HALF)
    return out


COMPLEX_HALF = "ComplexHalf support is experimental and many operators don't support it yet."


def to_float(operands: Operands) -> Operands:
    """The same, with integers and bools raised to the default float type."""
    target = dtypes.result_dtype(*[x for x in operands if x is not None])
    if not (target.is_floating_point or target.is_complex):
        target = dtypes.get_default_dtype()
    return _cast(operands, target.numpy)


def keep(operands: Operands) -> Operands:
    """Operands as they are."""
    return [np.asarray(x) if isinstance(x, (bool, int, float, complex)) else x for x in operands]


def rest(operands: Operands) -> Operands:
    """All operands after the first brought together; the first (a condition, a mask) is left alone."""
    return [operands[0], *arith(operands[1:])]


def widened(first: Any, second: Any) -> Operands | None:
    """Halves and a number, or a tensor of one element, of another dtype in single precision; None for all else.

    Torch takes the second operand as it is where that is a single number.
    """
    if not isinstance(first, np.ndarray) or first.dtype is not HALF:
        return None
    if isinstance(second, np.ndarray) and (second.dtype is HALF or second.size != 1):
        return None
    return _cast([first, second], SINGLE) if dtypes.result_dtype(first, second).numpy is HALF else None


PROMOTIONS: dict[str, Policy] = {
    "arith": arith, "equality": equality, "float": to_float, "keep": keep, "rest": rest,
}  # fmt: skip


def broadcast_shape(shapes: list[tuple[int, ...]]) -> tuple[int, ...]:
    """The common shape of `shapes`; raises RuntimeError in torch's words where there is none."""
    if len(shapes) == 2 and shapes[0] == shapes[1]:
        return shapes[0]
    out: list[int] = []
    for shape in shapes:
        n = max(len(out), len(shape))
        padded = [1] * (n - len(out)) + out
        other = [1] * (n - len(shape)) + list(shape)
        for dim, (a, b) in enumerate(zip(padded, other, strict=True)):
            if a != b and a != 1 and b != 1:
                # torch names the last such dimension
                last = max(d for d in range(n) if padded[d] != other[d] and 1 not in (padded[d], other[d]))
                raise errors.size_mismatch(padded[last], other[last], last)
            padded[dim] = b if a == 1 else a
        out = padded
    return tuple(out)
