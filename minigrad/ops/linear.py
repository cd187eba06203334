"""The linear layer of nn.functional, and normalize.

What may live here: these two.
"""

from __future__ import annotations

import math
from typing import Any

from minigrad.ops.added_products import addmm
from minigrad.ops.expanding import expand_op
from minigrad.ops.loss_forms import functional
from minigrad.ops.products import matmul
from minigrad.ops.reshaping import view_op
from minigrad.ops.transposing import t
from minigrad.refusals import handed

# mypy: disable-error-code="no-untyped-def, no-untyped-call"


@functional("linear")
def linear(input: Any, weight: Any, bias: Any = None):
    """`input @ weight.T + bias`."""
    handed("linear", input, weight, bias)
    dims = (input._a.ndim, weight._a.ndim)
    if 0 in dims:
        raise RuntimeError(f"both arguments to linear need to be at least 1D, but they are {dims[0]}D and {dims[1]}D")
    if bias is None:
        return matmul(input, t(weight))
    if dims[0] == 2:
        return addmm(bias, input, t(weight))
    a = input._a
    if a.flags.c_contiguous:
        rows = view_op(input, (math.prod(a.shape[:-1]), a.shape[-1]))
        out = addmm(bias, rows, t(weight))
        return view_op(out, (*a.shape[:-1], out._a.shape[1]))
    return matmul(input, t(weight)).add_(bias)


@functional("normalize")
def normalize(input: Any, p: float = 2.0, dim: Any = 1, eps: float = 1e-12):
    """`input` over its norm along `dim`, which counts as at least `eps`."""
    norm = input.norm(p, dim, keepdim=True).clamp_min(eps)
    return input / expand_op(norm, input._a.shape)
