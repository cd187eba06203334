"""quantile and nanquantile, composed of sort, gather and lerp as torch composes them.

What may live here: these two.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad import dispatch
from minigrad.dims import normal_dim
from minigrad.ops.arithmetic import times
from minigrad.ops.order import sort_op
from minigrad.promotion import broadcast_shape
from minigrad.registry import composite
from minigrad.tensor import Tensor, wrap

# mypy: disable-error-code="no-untyped-def, no-untyped-call"

INTERPOLATIONS = ("linear", "lower", "higher", "midpoint", "nearest")


def _checked(self: Tensor, q: Any, dim: int | None, interpolation: str) -> Tensor:
    """q as a tensor of the input's dtype; raises what torch raises, of nanquantile in quantile's name too."""
    a, dt = self._a, self._a.dtype
    if not isinstance(q, Tensor) and not 0 <= q <= 1:
        raise RuntimeError(f"quantile() q must be in the range [0, 1] but got {q:g}")
    if interpolation not in INTERPOLATIONS:
        raise RuntimeError(
            "quantile() interpolation must be one of linear, lower, higher, midpoint or nearest, but got "
            f"{interpolation}"
        )
    if not a.size:
        raise RuntimeError("quantile() input tensor must be non-empty")
    if isinstance(q, Tensor) and q._a.ndim > 1:
        raise RuntimeError("quantile() q must be a scalar or 1D tensor")
    if dt not in (np.float32, np.float64):
        raise RuntimeError("quantile() input tensor must be either float or double dtype")
    if not isinstance(q, Tensor):
        return wrap(np.asarray(q, dt))
    if q._a.dtype != dt:
        raise RuntimeError("quantile() q tensor must be same dtype as the input tensor")
    if dim is not None:
        normal_dim(dim, a.ndim)
    if not np.all((q._a >= 0) & (q._a <= 1)):
        raise RuntimeError("quantile() q values must be in the range [0, 1]")
    return q


def _sorted(self: Tensor, dim: int | None) -> Any:
    """The values sorted along what is reduced, which comes last."""
    if dim is None:
        return sort_op(self.flatten(), -1, False)[0]
    dim = normal_dim(dim, self._a.ndim)
    if dim == self._a.ndim - 1:  # never of a 0-d tensor, which is made a vector below
        return sort_op(self, -1, False)[0]
    return sort_op(self.unsqueeze(-1).transpose(dim, -1), -1, False)[0]


def _kept(self: Tensor, dim: int | None, keepdim: bool) -> list[int]:
    """The shape that is left of the input."""
    shape = list(self._a.shape)
    if dim is None:
        return [1] * len(shape) if keepdim else []
    if shape:
        d = normal_dim(dim, len(shape))
        shape[d : d + 1] = [1] if keepdim else []
    return shape


def _ranks(ordered: Any, q: Tensor, ignore_nan: bool) -> Any:
    """Where the quantiles lie among the sorted values, as floats."""
    nan = np.isnan(ordered._a)
    if ignore_nan:
        ranks = q._a * (np.sum(~nan, axis=-1, keepdims=True) - 1).astype(ordered._a.dtype)
        return np.where(ranks < 0, ranks.dtype.type(0), ranks)
    last = ordered._a.shape[-1] - 1
    ranks = q._a * q._a.dtype.type(last)
    return np.where(nan.any(axis=-1, keepdims=True), ranks.dtype.type(last), ranks)


def _ranks_of(ordered: Any, q: Any, ignore_nan: bool) -> Any:
    """The same as a tensor, which a gradient of q or a tangent goes through."""
    nan = np.isnan(ordered._a)
    if ignore_nan:
        ranks = q * wrap(np.asarray(np.sum(~nan, axis=-1, keepdims=True) - 1))
        return ranks.masked_fill_(ranks < 0, 0)
    last = ordered._a.shape[-1] - 1
    ranks, absent = times(q, last), nan.any(axis=-1, keepdims=True)
    shape = broadcast_shape([ranks._a.shape, absent.shape])
    return (ranks if ranks._a.shape == shape else ranks.expand(shape)).masked_fill(wrap(absent), last)


def _quantile(self: Tensor, q: Any, dim: int | None, keepdim: bool, interpolation: str, ignore_nan: bool) -> Any:
    q = _checked(self, q, dim, interpolation)
    ordered = _sorted(self, dim)
    ordered = ordered.view((*_kept(self, dim, keepdim), ordered._a.shape[-1]))
    followed = None if not (q.requires_grad or dispatch.tangents) else _ranks_of(ordered, q, ignore_nan)
    ranks = _ranks(ordered, q, ignore_nan) if followed is None else followed._a
    rounding = {"lower": np.floor, "higher": np.ceil, "nearest": np.rint}.get(interpolation)
    if rounding is not None:
        ranks = rounding(ranks)
    below = np.floor(ranks)
    out = ordered.gather(-1, wrap(below.astype(np.int64)))
    if rounding is None:
        above = ordered.gather(-1, wrap(np.ceil(ranks).astype(np.int64)))
        if interpolation == "midpoint":
            weights = wrap(np.full_like(ranks, 0.5))
        else:
            weights = wrap(ranks - below) if followed is None else followed - wrap(below.astype(np.int64))
        out.lerp_(above, weights)
    if q._a.ndim == 0:
        return out.squeeze_(-1)
    return out.unsqueeze_(0).transpose_(0, -1).squeeze_(-1)


def _publish(name: str, ignore_nan: bool) -> Any:
    def public(self, q: Any, dim: int | None = None, keepdim: bool = False, *, interpolation: str = "linear"):
        return _quantile(self, q, dim, keepdim, interpolation, ignore_nan)

    public.__name__ = public.__qualname__ = name
    return composite(name)(public)


quantile, nanquantile = _publish("quantile", False), _publish("nanquantile", True)
