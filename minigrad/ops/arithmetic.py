"""The four operations, negation, and the Python operators that stand for them.

What may live here: these ops and their forms for numbers. Rounding quotients are in `division`.

Note [Numbers in formulas]: torch's own formulas, being C++, give a number to an overload of its own, whose
node has one edge (MulBackward1), where Python code gives it to mul.Tensor (MulBackward0, two edges). So that
graphs of derivatives agree, formulas say `plus`, `times`, `over` and `minus` where an operand is a number.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from minigrad.dtypes import get_default_dtype
from minigrad.from_data import check_range
from minigrad.ops.carriers import array_of, is_batched
from minigrad.ops.complex_products import complex_product, complex_quotient
from minigrad.ops.fused import fma
from minigrad.ops.vectors import hoisted, in_vectors
from minigrad.promotion import broadcast_shape
from minigrad.recording import tangents
from minigrad.registry import composite, decl_of, derivative, inplace_of, op
from minigrad.tensor import Tensor, wrap

# mypy: disable-error-code="no-untyped-def, no-untyped-call"


def _alpha_fits(self: Any, other: Any, alpha: Any = 1) -> None:
    """Refuses an alpha of a higher category than the result."""
    if isinstance(alpha, bool):
        if not (_is_bool(self) and _is_bool(other)):
            raise RuntimeError("Boolean alpha only supported for Boolean results.")
    elif isinstance(alpha, (float, complex)) and _category(self) < 2 and _category(other) < 2:
        raise RuntimeError("For integral input tensors, argument alpha must not be a floating point number.")
    elif isinstance(alpha, complex) and _category(self) < 3 and _category(other) < 3:
        raise RuntimeError("For non-complex input tensors, argument alpha must not be a complex number.")


def _category(x: Any) -> int:
    """0 bool, 1 int, 2 float, 3 complex."""
    kind = x.dtype.kind if hasattr(x, "dtype") else "bifc"[(bool, int, float, complex).index(type(x))]
    return {"b": 0, "i": 1, "u": 1, "f": 2, "c": 3}[kind]


def refuse_bool_subtraction(self: Any, other: Any, alpha: Any = 1) -> None:
    if _is_bool(self) and _is_bool(other):
        raise RuntimeError(
            "Subtraction, the `-` operator, with two bool tensors is not supported. Use the `^` or "
            "`logical_xor()` "
            "operator instead."
        )
    if _is_bool(self) or _is_bool(other):
        raise RuntimeError(
            "Subtraction, the `-` operator, with a bool tensor is not supported. If you are trying to "
            "invert a mask, "
            "use the `~` or `logical_not()` operator instead."
        )
    _alpha_fits(self, other, alpha)


def _is_bool(x: Any) -> bool:
    return isinstance(x, bool) or getattr(x, "dtype", None) == np.bool_


def _no_bool_negation(self: Any) -> None:
    if self.dtype == np.bool_:
        raise RuntimeError(
            "Negation, the `-` operator, on a bool tensor is not supported. If you are trying to invert a "
            "mask, use "
            "the `~` or `logical_not()` operator instead."
        )


def conj(x: Any) -> Any:
    """The complex conjugate of a carrier or number; real ones are returned as they are."""
    if not isinstance(x, Tensor):
        return x.conjugate()  # arrays and numbers alike; real arrays return themselves
    return x.conj() if x._a.dtype.kind == "c" else x


@op("mul.Tensor", inplace=True, wide=True)
def mul(self, other):
    return np.multiply(self, other) if self.dtype.kind != "c" else complex_product(self, other)


def _mul_tangent(self_t, other_t, self, other):
    last = self_t * other  # which torch's compiler has computed first
    return other_t * self + last


derivative(
    "MulBackward0",
    of=mul,
    forward=_mul_tangent,
    self=lambda grad, other: grad * conj(other),
    other=lambda grad, self: grad * conj(self),
)


@op("add.Tensor", inplace=True, check=_alpha_fits)
def add(self, other, *, alpha: Any = 1):
    if alpha == 1 and type(alpha) is int and self.dtype.kind != "c":
        return np.add(self, other)
    if _is_fused(self, alpha):
        _alpha_fits(self, other, alpha)
        check_range(alpha, self.dtype)
        return _fused(self, other, alpha)
    return _plus_multiple(self, other, alpha)


def _fused(self, other, alpha):
    """`self + alpha * other` rounded once, but where the product is one for many elements (vectors.hoisted)."""
    other, alpha = np.asarray(other, self.dtype), np.asarray(alpha, self.dtype)
    out = fma(other, alpha, self)
    if other.shape != out.shape and other.size < out.size and not out.all():  # which nothing but zeros shows
        np.copyto(out, self + alpha * other, where=hoisted(out, self, other))
    return out


def _plus_multiple(self, other, alpha):
    """`self + alpha * other`; of halves the product is rounded, but in vectors."""
    out = np.add(self, _scaled(other, alpha, self))
    if self.dtype.char != "e" or alpha in (0, 1, -1):
        return out
    wide = fma(*(np.asarray(x, np.float32) for x in (other, alpha, self))).astype(self.dtype)
    return np.where(in_vectors(out, self, other), wide, out)


def _is_fused(self, alpha):
    """Whether torch's kernel multiplies by alpha and adds in one rounding."""
    return isinstance(alpha, (int, float)) and alpha is not True and self.dtype.char in "fd"


def _scaled(other, alpha, beside):
    """`alpha * other`, to be added to `beside`; complex numbers are multiplied even by 1, which makes NaN of
    infinity, as in torch."""
    if alpha != 1 or type(alpha) is not int:
        _alpha_fits(beside, other, alpha)
        check_range(alpha, beside.dtype)
    if isinstance(other, (bool, int, float, complex)):
        return other * alpha
    if other.dtype == np.bool_ and _is_bool(beside):
        return other if alpha else np.zeros_like(other)
    return np.multiply(other, complex(alpha) if other.dtype.kind == "c" else alpha)


derivative(
    "AddBackward0",
    of=add,
    forward=lambda self_t, other_t, alpha: self_t + (other_t if alpha == 1 else times(other_t, alpha)),
    self=lambda grad: grad,
    other=lambda grad, alpha: grad if alpha == 1 else times(grad, conj(alpha)),
)


@op("sub.Tensor", inplace=True, check=refuse_bool_subtraction)
def sub(self, other, *, alpha: Any = 1):
    if alpha == 1 and type(alpha) is int and self.dtype.kind != "c":
        return np.subtract(self, other)
    return _less(self, other, alpha)


def _less(self, other, alpha):
    """`self - alpha * other`; of complex numbers torch adds the multiple by -alpha, as signs of zeros show."""
    if alpha != 1 and _is_fused(self, alpha):
        _alpha_fits(self, other, alpha)
        check_range(alpha, self.dtype)
        return _fused(self, other, -alpha)  # -0 is 0 of an int
    if self.dtype.kind in "fc" and alpha is not True:
        return _plus_multiple(self, other, -alpha)  # -0 is 0 of an int
    return np.subtract(self, _scaled(other, alpha, self))


derivative(
    "SubBackward0",
    of=sub,
    forward=lambda self_t, other_t, alpha: self_t - (other_t if alpha == 1 else times(other_t, alpha)),
    self=lambda grad: grad,
    other=lambda grad, alpha: negated(grad) if alpha == 1 else times(negated(grad), conj(alpha)),
)


@op("_rsub.Scalar", check=refuse_bool_subtraction)
def rsub_scalar(self, other, alpha: Any = 1):
    if alpha == 1 and self.dtype.kind != "c":
        return np.subtract(other, self)
    return _less(np.asarray(other, self.dtype), self, alpha)


derivative(
    "RsubBackward1",
    of=rsub_scalar,
    forward="elementwise",
    self=lambda grad, alpha: negated(grad) if alpha == 1 else times(negated(grad), conj(alpha)),
)


@op("_rsub.Tensor", check=refuse_bool_subtraction, last_first=True)
def rsub_tensor(self, other, alpha: Any = 1):
    broadcast_shape([other.shape, self.shape])  # in the order in which torch subtracts
    return np.subtract(other, self) if alpha == 1 and other.dtype.kind != "c" else _less(other, self, alpha)


derivative(
    "RsubBackward0",
    of=rsub_tensor,
    forward=lambda self_t, other_t, alpha: -(self_t if alpha == 1 else self_t * alpha) + other_t,
    self=lambda grad, alpha: negated(grad) if alpha == 1 else times(negated(grad), conj(alpha)),
    other=lambda grad: grad,
)


@op("_div.Tensor", inplace=True, promote="float", wide=True)
def true_div(self, other):
    return np.true_divide(self, other) if self.dtype.kind != "c" else complex_quotient(self, other)


def _over(grad, self, other):
    ratio = conj((self / other) / other)  # C++ makes the second operand first
    return negated(grad) * ratio


derivative(
    "DivBackward0",
    of=true_div,
    forward=lambda self_t, other_t, other, result: (self_t - other_t * result) / other,
    self=lambda grad, other: grad / conj(other),
    other=_over,
)


@op("neg", inplace=True, promote="keep", check=_no_bool_negation)
def neg(self):
    return np.negative(self) if self.dtype.kind != "c" else _negative_complex(self)


def _negative_complex(a):
    """Negated; vectors are taken from 0."""
    out = np.asarray(np.negative(a))
    np.subtract(0, a, out=out, where=in_vectors(a, a))
    return out


def negated(x):
    """`-x` in formulas: arrays of complex numbers as the op has them."""
    return _negative_complex(x) if isinstance(x, np.ndarray) and x.dtype.kind == "c" else -x


derivative("NegBackward0", of=neg, forward="elementwise", self=lambda grad: negated(grad))


@op("reciprocal", inplace=True, promote="float")
def reciprocal(self):
    return np.true_divide(1, self)


derivative(
    "ReciprocalBackward0",
    of=reciprocal,
    forward="elementwise",
    self=lambda grad, result: right_first(conj(result * result), lambda: negated(grad)),
)


# -- numbers in formulas, see Note [Numbers in formulas] ---------------------------------------------------


@op("_add.Scalar")
def plus(self, other: Any):
    return np.add(self, other)


derivative("AddBackward1", of=plus, forward=lambda self_t: self_t.clone(), self=lambda grad: grad)


@op("_sub.Scalar")
def less(self, other: Any):
    return _less(self, other, 1)


derivative("SubBackward1", of=less, forward="elementwise", self=lambda grad: grad)


@op("_mul.Scalar", inplace=True, wide=True)
def times(self, other: Any):
    if self.dtype.kind == "f" or isinstance(other, np.ndarray):  # zeros.numbers_are_tensors
        return np.multiply(self, other)
    if self.dtype.kind != "c":
        return np.multiply(self.astype(get_default_dtype().numpy) if isinstance(other, float) else self, other)
    return complex_product(self, np.asarray(other, self.dtype))


derivative(
    "MulBackward1",
    of=times,
    forward=lambda self_t, other: times(self_t, other),
    self=lambda grad, other: times(grad, conj(other)),
)


@op("_div.Scalar", inplace=True, wide=True)
def over(self, other: Any):
    return np.true_divide(self, other) if self.dtype.kind != "c" else complex_quotient(self, other)


derivative(
    "DivBackward1",
    of=over,
    forward=lambda self_t, other: over(self_t, other),
    self=lambda grad, other: over(grad, conj(other)),
)


def filled_like(x: Any, number: Any) -> Any:
    """A carrier like `x`, filled with a number: what a number on the left of `-` or `/` becomes in C++."""
    full = np.full_like(array_of(x), number)
    return wrap(full) if isinstance(x, Tensor) else full


def right_first(right: Any, left: Callable[[], Any]) -> Any:
    """`left() * right` in a formula: torch's compiler evaluates the operand on the right first, which the order of
    nodes shows, and so the order in which gradients are added."""
    return left() * right


def minus(number: Any, x: Any) -> Any:
    """`number - x` in a formula: torch fills a tensor and subtracts in place."""
    if not isinstance(x, Tensor):
        return number - x
    out = filled_like(x, number)
    if tangents and not is_batched(x):  # where nothing has memory of its own for a tangent
        out.counter()[0] += 1
        return inplace_of(sub)(out, x)
    out = out - x
    out.counter()[0] += 2
    return out


def divided_by(number: Any, x: Any) -> Any:
    """`number / x` in a formula."""
    return filled_like(x, number) / x if isinstance(x, Tensor) else number / x


# -- published forms ------------------------------------------------------------------------------------


def rsub(self, other, *, alpha: Any = 1):
    """`other - alpha * self`."""
    return (rsub_tensor if isinstance(other, Tensor) else rsub_scalar)(self, other, alpha)


def positive(self):
    """The tensor itself. Raises RuntimeError on bool tensors."""
    if self._a.dtype == np.bool_:
        raise RuntimeError("The `+` operator, on a bool tensor is not supported.")
    return self


def _operator(name: str, forward: Any) -> Any:
    """An operator method that answers NotImplemented to what is neither tensor nor number."""

    def method(self: Tensor, other: Any) -> Any:
        if isinstance(other, (Tensor, bool, int, float, complex, np.generic)):
            return forward(self, other)
        return NotImplemented

    method.__name__ = method.__qualname__ = name
    return method


def _install_operators() -> None:
    t: Any = Tensor
    t.__mul__ = t.__rmul__ = mul
    t.__add__ = t.__radd__ = add
    t.__sub__ = sub
    t.__rsub__ = rsub
    t.__neg__ = neg
    t.__pos__ = positive
    t.__imul__ = inplace_of(mul)
    t.__iadd__ = inplace_of(add)
    t.__isub__ = inplace_of(sub)


_install_operators()
for _fn in (mul, add, sub, rsub_scalar):
    decl_of(_fn).operator = True
for _alias, _fn in (("subtract", sub), ("multiply", mul), ("negative", neg)):
    composite(_alias)(_fn)
    composite(_alias + "_", function=_alias == "negative")(inplace_of(_fn))
composite("positive")(positive)
composite("rsub", method=False)(rsub)

__all__ = ["_operator"]
