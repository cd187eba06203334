"""How alike or far apart vectors are, pair by pair: cosine_similarity, pairwise_distance, pdist.

What may live here: these. Distances of all rows of one matrix to all of another are in `distances`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad import dtypes, errors, modes
from minigrad.ops.conversion import cast
from minigrad.ops.distances import lengths, slopes
from minigrad.ops.expanding import expand_op
from minigrad.ops.loss_forms import raised
from minigrad.ops.native_forms import native
from minigrad.ops.norms import norm_op, vector_norm_op
from minigrad.promotion import broadcast_shape
from minigrad.registry import derivative, op

# mypy: disable-error-code="no-untyped-def, no-untyped-call"


@native("cosine_similarity(Tensor x1, Tensor x2, int dim = 1, float eps = 1e-08)")
def cosine_similarity(x1: Any, x2: Any, dim: int = 1, eps: float = 1e-8) -> Any:
    """The cosines of the angles between vectors along `dim`; norms count as at least `eps`."""
    common = dtypes.result_dtype(x1._a, x2._a)
    if not common.is_floating_point:
        raise RuntimeError(
            f"expected common dtype to be floating point, yet common dtype is {errors.TYPE_NAMES[common.numpy.name]}"
        )
    x1, x2 = (x if x._a.dtype.kind == "f" else cast(x, common.numpy) for x in (x1, x2))
    if x1._a.shape != x2._a.shape:
        shape = broadcast_shape([x1._a.shape, x2._a.shape])
        x2 = expand_op(x2, shape)  # first, see below
        x1 = expand_op(x1, shape)
    norms = [vector_norm_op(x, 2, (dim,), True).clone() for x in (x1, x2)]
    with modes.no_grad():
        for norm in norms:
            norm.clamp_min_(eps)
    second = x2 / norms[1]  # first: the order of nodes shows in gradients, and C++ starts with the last operand
    return ((x1 / norms[0]) * second).sum(dim)


@native("pairwise_distance(Tensor x1, Tensor x2, float p = 2, float eps = 1e-06, bool keepdim = False)")
def pairwise_distance(x1: Any, x2: Any, p: float = 2.0, eps: float = 1e-6, keepdim: bool = False) -> Any:
    """The p-norms of the differences of vectors, each raised by `eps`."""
    innermost = max(x1._a.ndim, x2._a.ndim) - 1
    return norm_op(raised(x1 - x2, eps), p, (innermost,), keepdim)


# -- of all pairs of rows -------------------------------------------------------------------------------


def _pairs(x: Any) -> tuple[Any, Any, Any]:
    """Rows of the first and of the second of each pair, and their differences."""
    first, second = np.triu_indices(len(x), 1)
    return first, second, x[first] - x[second]


@op("__pdist_forward", promote="keep", numbers=False)
def pdist_op(self, p: float):
    if self.dtype == np.float16:
        raise errors.not_implemented_for("pdist", self.dtype)
    return lengths(np.abs(_pairs(self)[2]), p, np.maximum)


@op("__pdist_backward", promote="keep", numbers=False)
def pdist_back(grad, self, p: float, pdist):
    out = np.zeros(self.shape, self.dtype)
    if grad.size and self.size and p != 0:
        first, second, apart = _pairs(self)
        parts = slopes(apart, grad[:, None], pdist[:, None], p)
        np.add.at(out, first, parts)
        np.subtract.at(out, second, parts)
    return out


def _refused(grad: Any) -> Any:
    raise errors.no_derivative("_pdist_backward")


derivative(
    "PdistBackwardBackward0",
    of=pdist_back,
    forward=None,
    grad=lambda grad: _refused(grad),
    self=lambda grad: _refused(grad),
    pdist=lambda grad: _refused(grad),
)
derivative(
    "PdistBackward0",
    of=pdist_op,
    forward=None,
    self=lambda grad, self, p, result: pdist_back(grad, self, p, result),
)


@native("pdist(Tensor input, float p = 2)")
def pdist(input: Any, p: float = 2.0) -> Any:
    """The p-norms of the differences of all pairs of rows, in the order of a triangle above the diagonal."""
    if input._a.ndim != 2:
        raise RuntimeError(f"pdist only supports 2D tensors, got: {input._a.ndim}D")
    if input._a.dtype.kind != "f":
        raise RuntimeError("pdist only supports floating-point dtypes")
    if p < 0:
        raise RuntimeError("pdist only supports non-negative p values")
    return pdist_op(input.contiguous(), float(p))
