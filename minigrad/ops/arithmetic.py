"""The four operations, negation, and the Python operators that stand for them."""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad.registry import composite, derivative, op
from minigrad.tensor import Tensor

# mypy: disable-error-code="no-untyped-def"


def _no_bool_subtraction(self: Any, other: Any, alpha: Any = 1) -> None:
    if _is_bool(self) and _is_bool(other):
        raise RuntimeError(
            "Subtraction, the `-` operator, with two bool tensors is not supported. Use the `^` or `logical_xor()` "
            "operator instead."
        )
    if _is_bool(self) or _is_bool(other):
        raise RuntimeError(
            "Subtraction, the `-` operator, with a bool tensor is not supported. If you are trying to invert a mask, "
            "use the `~` or `logical_not()` operator instead."
        )


def _is_bool(x: Any) -> bool:
    return isinstance(x, bool) or getattr(x, "dtype", None) == np.bool_


def _no_bool_negation(self: Any) -> None:
    if self.dtype == np.bool_:
        raise RuntimeError(
            "Negation, the `-` operator, on a bool tensor is not supported. If you are trying to invert a mask, use "
            "the `~` or `logical_not()` operator instead."
        )


@op("mul.Tensor", inplace=True)
def mul(self, other):
    return np.multiply(self, other)


derivative(
    "MulBackward0",
    of=mul,
    self=lambda grad, other: grad * conj(other),
    other=lambda grad, self: grad * conj(self),
)


@op("add.Tensor", inplace=True)
def add(self, other, *, alpha: Any = 1):
    return np.add(self, other) if alpha == 1 else np.add(self, np.multiply(other, alpha))


derivative(
    "AddBackward0",
    of=add,
    self=lambda grad: grad,
    other=lambda grad, alpha: grad if alpha == 1 else grad * conj(alpha),
)


@op("sub.Tensor", inplace=True, check=_no_bool_subtraction)
def sub(self, other, *, alpha: Any = 1):
    return np.subtract(self, other) if alpha == 1 else np.subtract(self, np.multiply(other, alpha))


derivative(
    "SubBackward0",
    of=sub,
    self=lambda grad: grad,
    other=lambda grad, alpha: -grad if alpha == 1 else grad * -conj(alpha),
)


@op("_rsub.Scalar", method=False, function=False, check=_no_bool_subtraction)
def rsub_scalar(self, other: Any, alpha: Any = 1):
    return np.subtract(other, self) if alpha == 1 else np.subtract(other, np.multiply(self, alpha))


derivative("RsubBackward1", of=rsub_scalar, self=lambda grad, alpha: -grad if alpha == 1 else grad * -conj(alpha))


@op("_div.Tensor", inplace=True, promote="float")
def true_div(self, other):
    return np.true_divide(self, other)


derivative(
    "DivBackward0",
    of=true_div,
    self=lambda grad, other: grad / conj(other),
    other=lambda grad, self, other: -grad * conj((self / other) / other),
)


@op("neg", inplace=True, promote="keep", check=_no_bool_negation)
def neg(self):
    return np.negative(self)


derivative("NegBackward0", of=neg, self=lambda grad: -grad)


@op("reciprocal", inplace=True, promote="float")
def reciprocal(self):
    return np.true_divide(1, self)


derivative("ReciprocalBackward0", of=reciprocal, self=lambda grad, result: -grad * conj(result * result))


def conj(x: Any) -> Any:
    """The complex conjugate of a carrier or number; real ones are returned as they are."""
    if isinstance(x, (int, float)):
        return x
    return x.conj() if isinstance(x, Tensor) and x.is_complex() else x.conjugate() if not isinstance(x, Tensor) else x


@composite("div", aliases=("divide", "true_divide"))
def div(self, other, *, rounding_mode: str | None = None):
    """Quotient; integers divide to floats."""
    return true_div(self, other)


def _plain(name: str, forward: Any, *, wrapped: tuple[type, ...] = (bool, int, float, complex)) -> Any:
    """An operator method that answers NotImplemented to what is neither tensor nor number."""

    def method(self: Tensor, other: Any) -> Any:
        if type(other) is Tensor or isinstance(other, (Tensor, *wrapped, np.generic, np.ndarray)):
            return forward(self, other)
        return NotImplemented

    method.__name__ = method.__qualname__ = name
    return method


def _install_operators() -> None:
    t: Any = Tensor
    t.__mul__ = t.__rmul__ = mul
    t.__add__ = t.__radd__ = add
    t.__sub__ = sub
    t.__rsub__ = rsub_scalar
    t.__truediv__ = true_div
    t.__rtruediv__ = lambda self, other: reciprocal(self) * other
    t.__neg__ = neg
    t.__pos__ = lambda self: self
    t.__imul__ = t.mul_
    t.__iadd__ = t.add_
    t.__isub__ = t.sub_
    t.div_ = t.divide_ = t.true_divide_ = t.__itruediv__ = true_div.__globals__["OP"].inplace_function


_install_operators()
composite("subtract")(sub)
composite("multiply")(mul)
composite("negative")(neg)
composite("positive")(lambda self: self)
