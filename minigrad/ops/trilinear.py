"""bilinear of nn.functional, and the product of three operands that it is made of (torch's _trilinear).

What may live here: these two.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad import errors
from minigrad.dtypes import C_NAMES
from minigrad.ops.loss_forms import real_where_recorded
from minigrad.ops.native_forms import native
from minigrad.registry import derivative, op

# mypy: disable-error-code="no-untyped-def, no-untyped-call"


def _spread(a: Any, dims: Any) -> Any:
    """With dimensions of size 1 put in at these places of the result."""
    return np.expand_dims(a, tuple(dims))


@op("__trilinear", promote="keep", numbers=False)
def trilinear_op(i1, i2, i3, expand1: Any, expand2: Any, expand3: Any, sumdim: Any):
    pair = _spread(i1, expand1) * _spread(i2, expand2)
    return np.ascontiguousarray((pair * _spread(i3, expand3)).sum(tuple(sumdim), dtype=i1.dtype))


def _tangent(i1_t, i2_t, i3_t, i1, i2, i3, expand1, expand2, expand3, sumdim):
    how = (expand1, expand2, expand3, sumdim)
    return trilinear_op(i1_t, i2, i3, *how) + trilinear_op(i1, i2_t, i3, *how) + trilinear_op(i1, i2, i3_t, *how)


derivative(  # each is the product of the gradient with the other two, summed over what that operand was spread over
    "TrilinearBackward0",
    of=trilinear_op,
    forward=_tangent,
    guarded=True,
    i1=lambda grad, i2, i3, expand1, expand2, expand3, sumdim: trilinear_op(
        grad, i2, i3, sumdim, expand2, expand3, expand1
    ),
    i2=lambda grad, i1, i3, expand1, expand2, expand3, sumdim: trilinear_op(
        i1, grad, i3, expand1, sumdim, expand3, expand2
    ),
    i3=lambda grad, i1, i2, expand1, expand2, expand3, sumdim: trilinear_op(
        i1, i2, grad, expand1, expand2, sumdim, expand3
    ),
)


def _check(input1: Any, input2: Any, weight: Any, bias: Any) -> None:
    """What torch refuses, in its order."""
    named = {"input1": input1, "input2": input2, "weight": weight, "bias": bias}
    named = {name: x._a for name, x in named.items() if x is not None}
    if len({a.dtype for a in named.values()}) > 1:
        shown = ", ".join(f"{name}: {C_NAMES[a.dtype.name]}" for name, a in named.items())
        raise RuntimeError(f"All tensors must have the same dtype, got {shown}")
    one, two, of = input1._a.shape, input2._a.shape, weight._a.shape
    if len(one) != len(two):
        raise RuntimeError(f"bilinear(): input dimensions do not match: got {len(one)} and {len(two)}")
    for d, (n, m) in enumerate(zip(one[:-1], two[:-1], strict=True)):
        if n != m:
            raise RuntimeError(f"bilinear(): input batch dimensions do not match at dim {d}: got {n} and {m}")
    for d, (name, shape) in enumerate((("input1", one), ("input2", two)), 1):
        if not shape:
            raise errors.no_dimensions(-1)
        if len(of) <= d:
            raise errors.dim_out_of_range(d, len(of))
        if shape[-1] != of[d]:
            raise RuntimeError(
                f"bilinear(): {name} size does not match weight size: got {shape[-1]} but expected {of[d]}"
            )
    if bias is not None and bias._a.ndim and bias._a.shape[0] != of[0]:
        raise RuntimeError(
            f"bilinear(): bias size does not match weight size: got {bias._a.shape[0]} but expected {of[0]}"
        )


@native("bilinear(Tensor input1, Tensor input2, Tensor weight, Tensor? bias = None)")
def bilinear(input1: Any, input2: Any, weight: Any, bias: Any = None) -> Any:
    """`x1 @ W @ x2 + b` for each matrix W of the weight and each pair of vectors."""
    _check(input1, input2, weight, bias)
    shape = (*input1._a.shape[:-1], weight._a.shape[0])
    one, two = (x.reshape(-1, x._a.shape[-1]) for x in (input1, input2))
    product = trilinear_op(one, weight, two, (1, 3), (0,), (1, 2), (2, 3))
    out = real_where_recorded("_trilinear", product).reshape(shape)
    return out if bias is None else out + bias
