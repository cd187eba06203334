"""Elementwise functions of three operands: lerp, addcmul, addcdiv.

What may live here: such ops.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad import errors
from minigrad.from_data import as_element, check_range
from minigrad.layout import laid_out
from minigrad.ops.arithmetic import conj, divided_by, minus, times
from minigrad.ops.carriers import HALF, SINGLE, array_of, in_float32
from minigrad.ops.elementary import FEW
from minigrad.ops.fused import by_parts, fma
from minigrad.ops.vectors import NARROW, in_vectors
from minigrad.registry import composite, derivative, inplace_of, op
from minigrad.tensor import Tensor

# mypy: disable-error-code="no-untyped-def, no-untyped-call"


def _same_dtypes(*operands: Any) -> None:
    """lerp promotes nothing. Raises RuntimeError in torch's words where dtypes differ."""
    from minigrad.dtypes import C_NAMES

    first = operands[0]
    for name, x in zip(("end", "weight"), operands[1:], strict=False):
        if hasattr(x, "dtype") and x.dtype != first.dtype:
            raise RuntimeError(
                f"expected dtype {C_NAMES[first.dtype.name]} for `{name}` but got dtype "
                f"{C_NAMES[x.dtype.name]}"
            )


def _lerp(start, end, weight):
    """From whichever end is nearer, so that both ends are met exactly."""
    return _between(start, end, weight, NARROW * (1 + (start.dtype is HALF)))


@in_float32
def _between(start, end, weight, size):
    """The same of floats, `size` bytes of which are taken at a time."""
    if start.dtype.kind not in "fc":
        kind = "tensor" if isinstance(weight, np.ndarray) else "scalar"
        raise errors.not_implemented_for(f"lerp_kernel_{kind}", start.dtype)
    if type(weight) is not float:
        check_range(weight, start.dtype)
    operands = [x for x in (start, end, weight) if isinstance(x, np.ndarray)]
    weight = np.asarray(weight, start.dtype)
    way = end - start
    if start.dtype.kind == "c":
        return np.where(np.abs(weight) < 0.5, start + weight * way, end - way * (1 - weight))
    near, far = fma(weight, way, start), fma(-way, 1 - weight, end)
    if not far.all():
        far = np.where(in_vectors(far, *operands, size=size), fma(way, weight - 1, end), far)
    return np.where(np.abs(weight) < 0.5, near, far)


@op("_lerp.Scalar", inplace=True, promote="keep", check=_same_dtypes)
def lerp_number(self, end, weight: Any):
    return laid_out(_lerp(self, end, weight), (self, end))


derivative(
    "LerpBackward0",
    of=lerp_number,
    forward="linear",
    self=lambda grad, weight: times(grad, 1 - (conj(weight) if isinstance(weight, complex) else float(weight))),
    end=lambda grad, weight: times(grad, conj(weight)),
)


@op("_lerp.Tensor", inplace=True, promote="keep", check=_same_dtypes)
def lerp_tensor(self, end, weight):
    return laid_out(_lerp(self, end, weight), (self, end, weight))


derivative(
    "LerpBackward1",
    of=lerp_tensor,
    forward=lambda self_t, end_t, weight_t, self, end, weight: (
        lerp_tensor(self_t, end_t, weight) + weight_t * (end - self)
    ),
    self=lambda grad, weight: grad * conj(minus(1, weight)),
    end=lambda grad, weight: grad * conj(weight),
    weight=lambda grad, self, end: grad * conj(end - self),
)


@composite("lerp")
def lerp(self, end, weight):
    """From `self` to `end` by `weight`."""
    return (lerp_tensor if isinstance(weight, Tensor) else lerp_number)(self, end, weight)


@composite("lerp_", function=False)
def lerp_(self, end, weight):
    """The same, in place."""
    return inplace_of(lerp_tensor if isinstance(weight, Tensor) else lerp_number)(self, end, weight)


def _scaled(x, value):
    return x if value == 1 else times(x, value)


def _by_value(x, value):
    return by_parts(x, np.asarray(value, x.dtype))


def _multiple(value, dt, kernel):
    """`value` as torch's kernel has it: in the dtype of the result."""
    if dt.kind == "b":
        raise errors.not_implemented_for(kernel, dt)
    known = as_element(value, dt)
    return known if dt.kind in "fc" else dt.type(known)


@op("addcmul", inplace=True, numbers=False)
@in_float32
def addcmul(self, tensor1, tensor2, *, value: Any = 1):
    if value != 1 or self.dtype.kind == "b":
        value = _multiple(value, self.dtype, "addcmul_cpu_out")
    if self.dtype.kind == "c":  # a complex 1 multiplies as well
        return self + by_parts(_by_value(tensor1, value), tensor2)
    one = tensor1 if value == 1 else value * tensor1
    if self.dtype is SINGLE and self.size <= FEW:  # the product is not rounded, which costs little there
        return fma(one, tensor2, self)
    out = np.asarray(self + one * tensor2)
    if self.dtype.kind == "f" and not out.all():  # what is left of it cannot be missed in zeros
        np.copyto(out, fma(one, tensor2, self), where=out == 0)
    return out


derivative(
    "AddcmulBackward0",
    of=addcmul,
    forward=lambda self_t, tensor1_t, tensor2_t, tensor1, tensor2, value: (
        self_t + _scaled(tensor1_t * tensor2, value) + _scaled(tensor2_t * tensor1, value)
    ),
    self=lambda grad: grad,
    tensor1=lambda grad, tensor2, value: grad * conj(times(tensor2, value)),
    tensor2=lambda grad, tensor1, value: grad * conj(times(tensor1, value)),
)

_INTEGER_DIVISION = (
    "Integer division with addcdiv is no longer supported, and in a future  release addcdiv will perform a "
    "true "
    "division of tensor1 and tensor2. The historic addcdiv behavior can be implemented as (input + value * "
    "torch.trunc(tensor1 / tensor2)).to(input.dtype) for integer inputs and as (input + value * tensor1 / "
    "tensor2) "
    "for float inputs. The future addcdiv behavior is just the latter implementation: (input + value * "
    "tensor1 / "
    "tensor2), for all dtypes."
)


def _no_integer_division(self: Any, tensor1: Any, tensor2: Any, value: Any = 1) -> None:
    if tensor1.dtype.kind in "biu" and tensor2.dtype.kind in "biu":
        raise RuntimeError(_INTEGER_DIVISION)


@op("addcdiv", inplace=True, numbers=False, check=_no_integer_division)
@in_float32
def addcdiv(self, tensor1, tensor2, *, value: Any = 1):
    if self.dtype.kind not in "fc":
        raise RuntimeError(_INTEGER_DIVISION)
    if value != 1:
        value = _multiple(value, self.dtype, "addcdiv_cpu_out")
    if self.dtype.kind == "c":
        return self + _by_value(tensor1, value) / tensor2
    return self + value * tensor1 / tensor2 if value != 1 else self + tensor1 / tensor2


def _addcdiv_tensor2(grad, tensor1, tensor2, value):
    squared = tensor2 * tensor2
    slope = conj(times(tensor1, value) / squared)
    return -grad * slope


derivative(
    "AddcdivBackward0",
    of=addcdiv,
    forward=lambda self_t, tensor1_t, tensor2_t, tensor1, tensor2, value: (
        self_t
        + _scaled(tensor1_t / tensor2, value)
        - _scaled(tensor2_t * (tensor1 / tensor2) / tensor2, value)
    ),
    self=lambda grad: grad,
    tensor1=lambda grad, tensor2, value: grad * conj(divided_by(value, tensor2)),
    tensor2=_addcdiv_tensor2,
)

__all__ = ["array_of"]
