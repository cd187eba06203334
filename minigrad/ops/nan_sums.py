"""Sums and means of what is not NaN: nansum, nanmean."""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad import errors
from minigrad.dims import normal_dims
from minigrad.ops.carriers import array_of, supports
from minigrad.ops.comparison import isnan, logical_not
from minigrad.ops.conversion import cast
from minigrad.ops.reduction import as_dims, contiguous, expand_back, sum_dims, sum_dtype
from minigrad.ops.selection import where_op
from minigrad.registry import composite, derivative, op
from minigrad.summing import total

# mypy: disable-error-code="no-untyped-def, no-untyped-call"


@op("_nansum", promote="keep", numbers=False)
@supports("biuf", c=RuntimeError("nansum on CPU does not support complex inputs"))
def nansum_op(self, dim: Any = None, keepdim: bool = False, dtype: Any = None):
    a = np.where(np.isnan(self), self.dtype.type(0), self) if self.dtype.kind == "f" else self
    return contiguous(total(a, normal_dims(dim, self.ndim), keepdim, sum_dtype(self, dtype)))


derivative(
    "NansumBackward0",
    of=nansum_op,
    forward=lambda self_t, self, dim, keepdim, dtype: (
        sum_dims(where_op(isnan(self), 0, self_t), dim, keepdim, dtype)
    ),
    self=lambda grad, self, dim, keepdim: (
        expand_back(cast(grad, array_of(self).dtype), dim, keepdim, self.shape) * logical_not(isnan(self))
    ),
)


@composite("nansum")
def nansum(self, dim: Any = None, keepdim: bool = False, *, dtype: Any = None):
    """The sum of what is not NaN."""
    return nansum_op(self, as_dims(dim), keepdim, dtype)


@composite("nanmean")
def nanmean(self, dim: Any = None, keepdim: bool = False, *, dtype: Any = None):
    """The mean of what is not NaN."""
    if self._a.dtype.kind not in "fc":
        raise RuntimeError(
            "nanmean(): expected input to have floating point or complex dtype but got "
            f"{errors.TYPE_NAMES[self._a.dtype.name]}"
        )
    counted = logical_not(isnan(self.detach())).sum(as_dims(dim), keepdim)
    return nansum(self, dim, keepdim, dtype=dtype) / counted
