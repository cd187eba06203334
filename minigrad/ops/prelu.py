"""prelu: what is not positive is multiplied by a learned number, one for all or one per channel.

What may live here: it and its gradient, an op of two results that has a derivative in turn.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad import errors
from minigrad.layout import laid_out
from minigrad.ops.carriers import array_of, in_float32, supports, zero_gradient
from minigrad.ops.native_forms import native
from minigrad.ops.reshaping import reshape_to
from minigrad.ops.selection import where_op
from minigrad.registry import derivative, op
from minigrad.zeros import ZeroTensor

# mypy: disable-error-code="no-untyped-def, no-untyped-call"


@op("__prelu_kernel", promote="keep", numbers=False)
@supports("f", "prelu_cpu")
@in_float32
def prelu_op(self, weight):
    out = np.asarray(np.where(self > 0, self, weight * self))
    return laid_out(out, (self, weight)) if out.ndim > 1 else out


@op("__prelu_kernel_backward", several=True, promote="keep", numbers=False)
@in_float32
def prelu_back(grad_output, self, weight):
    positive = self > 0
    grads = (np.where(positive, grad_output, weight * grad_output), np.where(positive, 0, self * grad_output))
    made = [np.asarray(g, self.dtype) for g in grads]
    return [laid_out(g, (self, weight, grad_output)) if g.ndim > 1 else g for g in made]


def _gradients(grad, self, weight):
    return list(prelu_back(grad, self, weight))


derivative(
    "PreluKernelBackward0",
    of=prelu_op,
    forward=lambda self_t, weight_t, self, weight: where_op(self >= 0, self_t, weight * self_t + weight_t * self),
    joint=(("self", "weight"), _gradients),
)


def _nothing(self):
    return zero_gradient(self, self.shape, array_of(self).dtype)


def _twice(grads, grad_output, self, weight):
    on_self, on_weight = grads
    kept = self >= 0
    if on_self is None:
        of_grad = where_op(kept, 0, on_weight * self)
    else:
        below = on_self * weight
        of_grad = where_op(kept, on_self, below if on_weight is None else below + on_weight * self)
    of_self = _nothing(self) if on_weight is None else where_op(kept, 0, grad_output * on_weight)
    of_weight = _nothing(self) if on_self is None else where_op(kept, 0, grad_output * on_self)
    return [of_grad, of_self, of_weight]


def _tangents(grad_output_t, self_t, weight_t, grad_output, self, weight):
    kept = self >= 0
    moved = [type(t) is not ZeroTensor for t in (grad_output_t, self_t, weight_t)]
    of_self = of_weight = None
    if moved[0] or moved[2]:
        of_self = where_op(kept, grad_output_t, grad_output_t * weight + grad_output * weight_t)
    if moved[0] or moved[1]:
        of_weight = where_op(kept, 0, grad_output * self_t + grad_output_t * self)
    return [of_self, of_weight]


derivative(
    "PreluKernelBackwardBackward0",
    of=prelu_back,
    forward=_tangents,
    joint=(("grad_output", "self", "weight"), _twice),
)


@native("prelu(Tensor input, Tensor weight)", method=True)
def prelu(input: Any, weight: Any) -> Any:
    """`weight` times what is not positive; one weight for all, or one for each channel (dimension 1)."""
    rank, count = input._a.ndim, weight._a.size
    if input._a.dtype != weight._a.dtype:
        names = " and ".join(errors.type_name(x._a) for x in (input, weight))
        raise RuntimeError(f"prelu: Type promoting not supported. Got {names}")
    if count != 1:
        if not rank:
            raise RuntimeError("Not allow zero-dim input tensor.")
        channels = input._a.shape[1] if rank > 1 else 1
        if channels != count:
            raise RuntimeError(
                "Mismatch of parameter numbers and input channel size. Found parameter numbers = "
                f"{count} and channel size = {channels}."
            )
    if weight._a.ndim > 1:
        raise RuntimeError(
            f"prelu: Expected `weight` to be a scalar or 1D tensor, but got: ndim = {weight._a.ndim}"
        )
    if rank != weight._a.ndim:
        weight = reshape_to(weight, (1, count, *(1,) * (rank - 2)) if rank > 1 else (1,) * rank)
    return prelu_op(input, weight)
