"""Covariances and correlations of variables, each a row of observations: cov, corrcoef.

What may live here: these two, composed of other ops as torch composes them.
"""

from __future__ import annotations

from typing import Any

from minigrad import errors
from minigrad.creation import tensor
from minigrad.dtypes import int64
from minigrad.filling import zeros_like
from minigrad.ops.arithmetic import times
from minigrad.ops.native_forms import TOP, native
from minigrad.registry import FUNCTIONS
from minigrad.warn import warn

# mypy: disable-error-code="no-untyped-def"


def _check_rank(name: str, x: Any) -> None:
    if x.dim() > 2:
        raise RuntimeError(
            f"{name}(): expected input to have two or fewer dimensions but got an input with {x.dim()} dimensions"
        )


def _checked_weights(name: str, w: Any, fits: bool, kind: str, count: int) -> Any:
    """Weights of observations; raises RuntimeError in torch's words where they are none."""
    if w.dim() > 1:
        raise RuntimeError(
            f"cov(): expected {name} to have one or fewer dimensions but got {name} with {w.dim()} dimensions"
        )
    if not fits:
        found = errors.TYPE_NAMES[w._a.dtype.name]
        raise RuntimeError(f"cov(): expected {name} to have {kind} dtype but got {name} with {found} dtype")
    if w.numel() != count:
        raise RuntimeError(
            f"cov(): expected {name} to have the same numel as there are observations in the input but got "
            f"{w.numel()} != {count}"
        )
    if count and not w.min().ge(0).item():
        raise RuntimeError(f"cov(): {name} cannot be negative")
    return w


@native(
    "cov(Tensor input, *, int correction = 1, Tensor fweights = None, Tensor aweights = None)", TOP, method=True
)
def cov(input: Any, correction: int = 1, fweights: Any = None, aweights: Any = None) -> Any:
    """How variables (rows) vary together over observations (columns), which may be counted and weighted."""
    _check_rank("cov", input)
    if input._a.dtype.kind == "b":
        raise RuntimeError("cov(): bool dtype is not supported for input")
    rows = input.view((1, -1)) if input.dim() < 2 else input
    count = rows.shape[1]
    w = None
    if fweights is not None:
        w = _checked_weights("fweights", fweights, fweights._a.dtype.kind in "iu", "integral", count)
    if aweights is not None:
        aw = _checked_weights("aweights", aweights, aweights._a.dtype.kind == "f", "floating point", count)
        w = aw if w is None else w * aw
    total: Any = tensor(count, dtype=int64) if w is None else w.sum()
    if w is not None and not total.ne(0).item():
        raise RuntimeError("cov(): weights sum to zero, can't be normalized")
    middle = (rows if w is None else rows * w).sum(1) / total
    if w is not None and aweights is not None and correction != 0:
        norm = total - times((w * aweights).sum(), correction) / total
    else:
        norm = total - correction if correction or w is None else total
    if norm.le(0).item():
        warn(
            "cov(): degrees of freedom is <= 0. Correction should be strictly less than the number of observations."
        )
        norm = zeros_like(norm)
    # of one weighted observation torch makes zeros where it lies, in the caller's own memory
    apart = rows.zero_() if w is not None and count == 1 else rows - middle.unsqueeze(1)
    together = FUNCTIONS["mm"](apart, (apart if w is None else apart * w).t().conj())
    if 1 in apart.shape and together.is_complex():
        own = together.real  # but for roundings
        together = FUNCTIONS["complex"](own, zeros_like(own))
    return FUNCTIONS["true_divide"](together, norm).squeeze()


@native("corrcoef(Tensor input)", TOP, method=True)
def corrcoef(input: Any) -> Any:
    """The same in units of each variable's deviation: between -1 and 1."""
    _check_rank("corrcoef", input)
    together = cov(input)
    if not together.dim():
        return together / together
    own = together.diagonal()
    deviation = (own.real if own.is_complex() else own).sqrt()
    together = together / deviation.view((-1, 1))
    together = together / deviation.view((1, -1))
    if not together.is_complex():
        return together.clip(-1, 1)
    return FUNCTIONS["complex"](together.real.clip(-1, 1), together.imag.clip(-1, 1))


__all__ = ["corrcoef", "cov"]
