"""Exponentials, logarithms, and the functions made of them: sigmoid, logit, logaddexp, xlogy.

What may live here: elementwise ops of that kind. Powers and roots are in `powers`.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from minigrad.ops import elementary
from minigrad.ops.arithmetic import conj, plus, times
from minigrad.ops.carriers import in_float32
from minigrad.ops.fused import by_parts, conjugate_slope
from minigrad.ops.vectors import WIDE, in_vectors
from minigrad.registry import derivative, op

# mypy: disable-error-code="no-untyped-def, no-untyped-call"


@op("exp", inplace=True, promote="float")
def exp(self):
    return elementary.exp(self)


derivative("ExpBackward0", of=exp, forward="elementwise", self=lambda grad, result: grad * conj(result))


@op("exp2", inplace=True, promote="float")
def exp2(self):
    return elementary.exp2(self)


derivative(
    "Exp2Backward0",
    of=exp2,
    forward="elementwise",
    self=lambda grad, result: times(grad * conj(result), math.log(2)),
)


@op("expm1", inplace=True, promote="float")
def expm1(self):
    return elementary.expm1(self)


derivative(
    "Expm1Backward0", of=expm1, forward="elementwise", self=lambda grad, result: grad * plus(conj(result), 1)
)


@op("log", inplace=True, promote="float")
def log(self):
    return elementary.log(self)


derivative("LogBackward0", of=log, forward="elementwise", self=lambda grad, self: grad / conj(self))


@op("log10", inplace=True, promote="float")
def log10(self):
    return elementary.log10(self)


derivative(
    "Log10Backward0",
    of=log10,
    forward="elementwise",
    self=lambda grad, self: grad / times(conj(self), 2.3025850929940456),  # torch's logarithm of 10
)


@op("log2", inplace=True, promote="float")
def log2(self):
    return elementary.log2(self)


derivative(
    "Log2Backward0",
    of=log2,
    forward="elementwise",
    self=lambda grad, self: grad / times(conj(self), math.log(2)),
)


_NORMAL = 2 * np.finfo(np.float32).tiny


def log_of_one_more(raised: Any, *operands: Any) -> Any:
    """`log1p` of exponentials; the smallest of them show whether it was computed in vectors."""
    if not raised.size or raised.min() >= _NORMAL:  # which NaN is not
        return elementary.log1p(raised)
    return elementary.log1p_in_vectors(raised, in_vectors(raised, *operands, size=WIDE))


@op("log1p", inplace=True, promote="float")
def log1p(self):
    if self.dtype.kind != "c":
        return elementary.log1p_in_vectors(self)
    above = _moved(self, 1)  # W. Kahan's way, which torch goes
    high, back = elementary.log(above), _moved(above, -1)
    corrected = np.where(back == self, high, high * (self / back))
    return np.where(above == 1, self, corrected)


def _moved(a, by):
    """Complex numbers plus a real one, which leaves the sign of an imaginary zero alone."""
    out = a.copy(order="K")
    out.real += by
    return out


derivative(
    "Log1PBackward0", of=log1p, forward="elementwise", self=lambda grad, self: grad / conj(plus(self, 1))
)


@op("sigmoid", inplace=True, promote="float")
@in_float32
def sigmoid(self):
    result = np.reciprocal(1 + elementary.exp(-self))
    return result + 0 if result.dtype.kind == "c" else result  # a complex quotient has no negative zero there


derivative(
    "SigmoidBackward0",
    of=sigmoid,
    forward="elementwise",
    self=lambda grad, result: sigmoid_backward(grad, result),
)


@op("_sigmoid_backward")
@in_float32
def sigmoid_backward(grad_output, output):
    if output.dtype.kind == "c":
        return by_parts(
            grad_output, conjugate_slope(output, in_vectors(output, grad_output, output, size=WIDE))
        )
    return grad_output * (1 - output) * output


derivative(
    "SigmoidBackwardBackward0",
    of=sigmoid_backward,
    forward=lambda grad_output_t, output_t, grad_output, output: sigmoid_backward(grad_output_t, output)
    + conj(output_t) * grad_output * plus(times(conj(output), -2), 1),
    grad_output=lambda grad, output: sigmoid_backward(grad, conj(output)),
    output=lambda grad, grad_output, output: conj(grad) * grad_output * plus(times(conj(output), -2), 1),
)
