"""A third carrier: one that writes down what a kernel or formula does, so that it can be put into generated code.

What may live here: the carrier and its expressions. What is made of them is in `codegen` and `nodegen`.

Note [Traces]: kernels and formulas are carrier-generic, so handing them `Trace`s instead of arrays yields the text
of what they compute on real floats of one dtype. Whatever cannot be written as one expression (a decision that
depends on data, a shape, a dtype, a helper that counts writes) is refused, and generated code calls the function.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

NAMES: dict[str, Any] = {}
"""What the texts of traces refer to."""


class UntraceableError(Exception):
    """Something was asked of a trace that it cannot know."""


class _RealDtype:
    """float32 or float64, whichever; answers what is the same for both."""

    kind = "f"

    def __eq__(self, other: object) -> bool:
        dt: np.dtype[Any] = np.dtype(other)  # type: ignore[call-overload]
        if dt.kind == "f" and dt.itemsize > 2:
            raise UntraceableError
        return False

    __hash__ = None  # type: ignore[assignment]


class Trace:
    """An array of real floats (or, with `mask`, of bools) known only by how it is computed."""

    __slots__ = ("call", "mask", "text")
    dtype = _RealDtype()

    def __init__(self, text: str, mask: bool = False, call: str = "") -> None:
        self.text = text
        self.mask = mask
        self.call = call or text  # the same as something that stays an array where it has no dimensions

    def conjugate(self) -> Trace:
        return self

    def __bool__(self) -> bool:
        raise UntraceableError

    def __array__(self, *args: Any, **kwargs: Any) -> Any:
        raise UntraceableError

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **kwargs: Any) -> Trace:
        name = ufunc.__name__
        if method != "__call__" or kwargs or ufunc.nout != 1 or getattr(np, name, None) is not ufunc:
            raise UntraceableError
        mask = any(t.endswith("->?") for t in ufunc.types if t.startswith("f" * ufunc.nin))
        if not mask and not any(isinstance(x, Trace) and not x.mask for x in inputs):
            raise UntraceableError
        call = _call(ufunc, inputs)
        return Trace(f"{call})", mask, call + ", out=...)")

    def _with(self, ufunc: np.ufunc, sign: str, *operands: Any, mask: bool = False) -> Trace:
        if not any(isinstance(x, Trace) and not x.mask for x in operands):
            raise UntraceableError
        one, two = map(_text, operands)
        return Trace(f"({one} {sign} {two})", mask, _call(ufunc, operands) + ", out=...)")

    def __add__(self, other: Any) -> Trace:
        return self._with(np.add, "+", self, other)

    def __radd__(self, other: Any) -> Trace:
        return self._with(np.add, "+", other, self)

    def __sub__(self, other: Any) -> Trace:
        return self._with(np.subtract, "-", self, other)

    def __rsub__(self, other: Any) -> Trace:
        return self._with(np.subtract, "-", other, self)

    def __mul__(self, other: Any) -> Trace:
        return self._with(np.multiply, "*", self, other)

    def __rmul__(self, other: Any) -> Trace:
        return self._with(np.multiply, "*", other, self)

    def __truediv__(self, other: Any) -> Trace:
        return self._with(np.true_divide, "/", self, other)

    def __rtruediv__(self, other: Any) -> Trace:
        return self._with(np.true_divide, "/", other, self)

    def __neg__(self) -> Trace:
        if self.mask:
            raise UntraceableError
        return Trace(f"(-{self.text})", call=_call(np.negative, (self,)) + ", out=...)")

    def __lt__(self, other: Any) -> Trace:
        return self._with(np.less, "<", self, other, mask=True)

    def __le__(self, other: Any) -> Trace:
        return self._with(np.less_equal, "<=", self, other, mask=True)

    def __gt__(self, other: Any) -> Trace:
        return self._with(np.greater, ">", self, other, mask=True)

    def __ge__(self, other: Any) -> Trace:
        return self._with(np.greater_equal, ">=", self, other, mask=True)

    def __eq__(self, other: object) -> Any:
        return self._with(np.equal, "==", self, other, mask=True)

    def __ne__(self, other: object) -> Any:
        return self._with(np.not_equal, "!=", self, other, mask=True)

    __hash__ = None  # type: ignore[assignment]


def _call(ufunc: np.ufunc, operands: tuple[Any, ...]) -> str:
    NAMES["np_" + ufunc.__name__] = ufunc
    return f"np_{ufunc.__name__}({', '.join(map(_text, operands))}"


def named(function: Callable[..., Any], name: str, *operands: Any) -> Trace:
    """A call of a function that answers arrays with arrays, under a name that no other has."""
    NAMES["own_" + name] = function
    return Trace(f"own_{name}({', '.join(map(_text, operands))})")


def _text(x: Any) -> str:
    if type(x) is Trace:
        return x.text
    if type(x) in (int, float) and math.isfinite(x):
        return f"({x!r})"
    raise UntraceableError


def traced(function: Callable[..., Any], *args: Any, **keywords: Any) -> Trace | None:
    """What `function` computes of real floats, None where that cannot be written as one expression."""
    try:
        result = function(*args, **keywords)
    except Exception:  # whatever goes wrong on a carrier that is none goes its ordinary way
        return None
    return result if type(result) is Trace and not result.mask else None
