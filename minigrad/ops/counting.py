"""How often values occur: histc, in bins of one width; bincount, of small integers.

What may live here: these two, of which no gradient is known.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad import errors
from minigrad.ops.native_forms import TOP, native
from minigrad.ops.undifferentiated import recorded_opaquely
from minigrad.registry import op
from minigrad.tensor import Tensor

# mypy: disable-error-code="no-untyped-def"


@op("histc", promote="keep", numbers=False)
def histc(self, bins: int = 100, min: Any = 0, max: Any = 0):
    if bins <= 0:
        raise RuntimeError(f"torch.histogram(): bins must be > 0, but got {bins} for dimension 0")
    low, high = float(min), float(max)
    if low == high and self.size and self.dtype.kind == "c":
        raise errors.not_implemented_for("aminmax_cpu", self.dtype)
    if low == high and self.size:
        low, high = float(self.min()), float(self.max())
    if low == high:
        low, high = low - 1, high + 1
    if not (np.isfinite(low) and np.isfinite(high)):
        raise RuntimeError(f"torch.histc: range of [{low:g}, {high:g}] is not finite")
    if low >= high:
        raise RuntimeError("torch.histc: max must be larger than min")
    if self.dtype.kind != "f":
        raise errors.not_implemented_for("linspace_cpu" if self.dtype.kind == "b" else "histogram_cpu", self.dtype)
    kind = self.dtype.type
    first, last = kind(low), kind(high)
    values = self.reshape(-1)
    inside = values[(values >= first) & (values <= last)]
    places = ((inside - first) * kind(bins) / (last - first)).astype(np.int64)
    places[places == bins] -= 1
    return np.bincount(places, minlength=bins).astype(self.dtype)


@op("_bincount", promote="keep", numbers=False)
def bincount_op(self, weights=None, minlength: int = 0):
    if minlength < 0:
        raise RuntimeError("minlength should be >= 0")
    if self.dtype.kind not in "iu":
        raise errors.not_implemented_for("bincount_cpu", self.dtype)
    if self.ndim == 1 and not self.size:
        return np.zeros(minlength, np.int64)
    if self.ndim != 1 or self.min() < 0:
        raise RuntimeError("bincount only supports 1-d non-negative integral inputs.")
    if weights is None:
        return np.bincount(self, minlength=minlength).astype(np.int64)
    if weights.shape != self.shape:
        raise RuntimeError("weights should be 1-d and have the same length as input")
    out = np.zeros(max(int(self.max()) + 1, minlength), np.float32 if weights.dtype == np.float32 else np.float64)
    np.add.at(out, self, weights.astype(out.dtype))
    return out


_bincount = recorded_opaquely("bincount", bincount_op)


@native("bincount(Tensor input, Tensor weights = None, int minlength = 0)", TOP, method=True)
def bincount(input: Tensor, weights: Any = None, minlength: int = 0) -> Any:
    """How often each number occurs, or what the weights at its places come to."""
    return _bincount(input, weights, minlength)


__all__ = ["bincount", "histc"]
