"""Zeros that torch holds without memory (ZeroTensors): what its rules are given where nothing changes.

What may live here: their class, and what the few ops give that know them. A rule of tangents is given one for an
operand without tangent, and the gradient of sgn is one. They are exactly nothing: their product with infinity is
zero, their sum with -0.0 is -0.0, and nobody can write to them. Other ops take them for plain zeros.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from minigrad.dtypes import Array
from minigrad.memory import allocate, dense_strides, strides_of
from minigrad.tensor import Tensor, wrap


class ZeroTensor(Tensor):
    """A tensor of which it is known that it is zero. No fast path, which asks for `type(x) is Tensor`, knows it."""

    __slots__ = ()

    def _is_zerotensor(self) -> bool:
        return True


ZeroTensor.__name__ = ZeroTensor.__qualname__ = Tensor.__name__
ZeroTensor.__module__ = Tensor.__module__


def zero_tensor(shape: tuple[int, ...], dt: Any) -> Tensor:
    """A new one, contiguous."""
    out = wrap(np.zeros(shape, dt))
    out.__class__ = ZeroTensor
    return out


def zeros_of_gradient(grad: Any) -> Any:
    """One as the gradient of what does not depend on its operand; of arrays the pass remembers that it is one."""
    from minigrad.modes import state

    made = zero_tensor(grad.shape, grad._a.dtype if isinstance(grad, Tensor) else grad.dtype)
    if isinstance(grad, Tensor):
        return made
    if state.task is not None and state.task.raw is not None:
        state.task.raw.replaced(made)
    return made._a


def materialized(x: Any) -> Any:
    """A ZeroTensor as plain zeros, one expanded, for a formula that does not know it; anything else as it is."""
    return wrap(np.broadcast_to(np.zeros((), x._a.dtype), x._a.shape)) if type(x) is ZeroTensor else x


def zero_like(grad: Any, x: Any) -> Tensor | None:
    """A ZeroTensor of the shape and dtype of the Tensor `x` if `grad` is one, else None."""
    return zero_tensor(x._a.shape, x._a.dtype) if type(grad) is ZeroTensor else None


def plain(args: Sequence[Any], arrays: list[Any]) -> list[Any]:
    """The arrays of operands for an op that does not know ZeroTensors: one zero, expanded."""
    return [
        np.broadcast_to(np.zeros((), a.dtype), a.shape) if type(x) is ZeroTensor else a
        for x, a in zip(args, arrays, strict=True)
    ]


def numbers_are_tensors(name: str, arrays: list[Any]) -> list[Any]:
    """The operands where torch forgets on the way of ZeroTensors that a number is none: beside a tensor without
    dimensions it has its own dtype, then."""
    if name.removeprefix("_") not in ("mul", "div", "add", "sub") or any(np.ndim(x) for x in arrays[:2]):
        return arrays
    return [np.asarray(x) if at < 2 and type(x) in (float, complex) else x for at, x in enumerate(arrays)]


def known_result(name: str, args: Sequence[Any], made: Array) -> tuple[Array, bool] | None:
    """What an op gives of operands that are ZeroTensors, and whether that is one; None for ops that do not know them.

    `made` has the shape and dtype of the result.
    """
    zero = [type(x) is ZeroTensor for x in args[:2]]
    kind = name.removeprefix("_")
    if kind in ("mul", "dot", "vdot", "linalg_cross") or (kind in ("add", "sub") and all(zero)):
        return np.zeros(made.shape, made.dtype), True
    if kind == "div":
        if not zero[1]:
            return np.zeros(made.shape, made.dtype), True
        return np.full(made.shape, np.nan if zero[0] else np.inf, made.dtype), False
    if kind not in ("add", "sub"):
        return None
    if zero[1]:
        return _copied(args[0], made), False
    other, alpha = _copied(args[1], made), args[2] if len(args) > 2 else 1
    factor = -alpha if kind == "sub" else alpha
    return other if factor == 1 else np.multiply(other, np.asarray(factor, other.dtype)), False


def _copied(x: Any, made: Array) -> Array:
    """An operand as the result that it is, its signs of zeros kept."""
    a = np.asarray(x._a if isinstance(x, Tensor) else x)
    a = a if a.shape == made.shape else np.broadcast_to(a, made.shape)
    out = allocate(made.shape, made.dtype, dense_strides(made.shape, strides_of(a)), zero=False)
    out[...] = a
    return out
