"""Reductions over dimensions."""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad import dtypes
from minigrad.dims import normal_dim, normal_dims
from minigrad.registry import composite, derivative, op
from minigrad.tensor import Tensor

# mypy: disable-error-code="no-untyped-def"

Dims = tuple[int, ...]


def _sum_dtype(a: Any, dtype: Any) -> Any:
    if dtype is not None:
        return dtype.numpy
    return np.dtype(np.int64) if a.dtype.kind in "biu" else a.dtype


def expand_back(grad: Any, dims: Dims, keepdim: bool, shape: tuple[int, ...]) -> Any:
    """A reduced gradient spread over the dimensions that were reduced."""
    if not keepdim:
        for d in sorted(normal_dims(dims, len(shape))):
            grad = unsqueeze(grad, d)
    return expand_to(grad, shape)


def unsqueeze(x: Any, dim: int) -> Any:
    return x.unsqueeze(dim) if isinstance(x, Tensor) else np.expand_dims(x, dim)


def expand_to(x: Any, shape: tuple[int, ...]) -> Any:
    return x.expand(shape) if isinstance(x, Tensor) else np.broadcast_to(x, shape)


@op("_sum", promote="keep")
def sum_all(self, dtype: Any = None):
    return self.sum(dtype=_sum_dtype(self, dtype))


derivative("SumBackward0", of=sum_all, self=lambda grad, self_shape: expand_to(grad, self_shape))


@op("_sum.dim_IntList", promote="keep")
def sum_dims(self, dim: Any, keepdim: bool = False, dtype: Any = None):
    dims = normal_dims(dim, self.ndim)
    return self.sum(axis=dims, keepdims=keepdim, dtype=_sum_dtype(self, dtype))


derivative(
    "SumBackward1",
    of=sum_dims,
    self=lambda grad, self_shape, dim, keepdim: expand_back(grad, dim, keepdim, self_shape),
)


@composite("sum")
def sum(self, dim: Any = None, keepdim: bool = False, *, dtype: dtypes.dtype | None = None):  # noqa: A001
    """The sum over all dimensions, or over `dim` (an int or several); integers are summed as int64."""
    if dim is None and not keepdim:
        return sum_all(self, dtype)
    if isinstance(dim, int) and not isinstance(dim, bool):
        dim = (dim,)
    return sum_dims(self, dim if dim is None else tuple(dim), keepdim, dtype)
