"""The trapezoid rule, composed as torch composes it.

What may live here: trapezoid, trapz, cumulative_trapezoid.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad.dims import normal_dim
from minigrad.errors import no_dimensions
from minigrad.ops.arithmetic import over
from minigrad.ops.loss_forms import scaled
from minigrad.ops.slicing import slice_op
from minigrad.registry import composite
from minigrad.tensor import Tensor, wrap

# mypy: disable-error-code="no-untyped-def, no-untyped-call"


def _halved(x: Any) -> Any:
    return over(x, 2.0) if x._a.dtype.kind in "fc" else x / 2.0


def _halves(y: Any, dim: int) -> tuple[Any, Any]:
    """All values but the last along `dim`, and all but the first."""
    left = slice_op(y, dim, 0, -1, 1)
    return left, slice_op(y, dim, 1, None, 1)


def _steps(name: str, y: Any, x: Any, dim: int) -> Any:
    """The distances of the sample points, shaped to fit beside `y`."""
    if x._a.ndim == 1:
        if x._a.shape[0] != y._a.shape[dim]:
            raise RuntimeError(f"{name}: There must be one `x` value for each sample point")
        shape = [1] * y._a.ndim
        shape[dim] = x._a.shape[0]
        x = x.view(shape)
    elif x._a.ndim < y._a.ndim:
        x = x.view((1,) * (y._a.ndim - x._a.ndim) + x._a.shape)
    left, right = _halves(x, dim)
    return right - left


def _prepared(name: str, y: Any, x: Any, dim: int) -> int:
    """The dimension, which torch counts from 0 where there are points to bring into its place."""
    for label, tensor in (("y", y), ("x", x)):
        if isinstance(tensor, Tensor) and tensor._a.dtype == np.bool_:
            raise RuntimeError(f"{name}: received a bool input for `{label}`, but bool is not supported")
    if not y._a.ndim:
        if name == "trapezoid":
            raise no_dimensions(dim)
        raise IndexError("slice() cannot be applied to a 0-dim tensor.")
    d = normal_dim(dim, y._a.ndim)
    return dim if x is None else d


@composite("trapezoid", method=False, aliases=("trapz",))
def trapezoid(y, x: Any = None, *, dx: Any = 1, dim: int = -1):
    """The integral along a dimension by the trapezoid rule, over points `x` or steps `dx`."""
    dim = _prepared("trapezoid", y, x, dim)
    if not y._a.shape[dim]:
        nothing = wrap(np.zeros(np.delete(y._a.shape, dim), y._a.dtype))
        nothing.counter()[0] = 1  # torch fills it with zeros
        return nothing
    if x is not None:
        steps = _steps("trapezoid", y, x, dim)
        left, right = _halves(y, dim)
        return _halved(((left + right) * steps).sum(dim))
    last = y.select(
        dim, -1
    )  # made before the first, and both before the sum: C++ starts with the last argument
    ends = scaled(y.select(dim, 0) + last, 0.5)
    return scaled(y.sum(dim) - ends, float(dx))


@composite("cumulative_trapezoid", method=False)
def cumulative_trapezoid(y, x: Any = None, *, dx: Any = 1, dim: int = -1):
    """The integral up to each point but the first."""
    dim = _prepared("cumulative_trapezoid", y, x, dim)
    steps = None if x is None else _steps("cumulative_trapezoid", y, x, dim)
    left, right = _halves(y, dim)
    if steps is None:
        return scaled(left + right, float(dx) / 2.0).cumsum(dim)
    return _halved(((left + right) * steps).cumsum(dim))
