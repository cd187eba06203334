"""Rounding, signs and magnitudes: ceil, floor, round, trunc, frac, sign, sgn, abs, isfinite.

What may live here: elementwise ops whose derivative is zero almost everywhere, abs and what is composed of it.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad import errors
from minigrad.ops.arithmetic import conj, times
from minigrad.ops.carriers import in_float32, is_complex, masked_in_place, supports, zeros_like
from minigrad.ops.comparison import isfinite_op
from minigrad.ops.complex_products import mixed_product
from minigrad.ops.vectors import WIDE, in_vectors
from minigrad.registry import composite, derivative, inplace_of, op
from minigrad.tensor import Tensor
from minigrad.zeros import zeros_of_gradient

# mypy: disable-error-code="no-untyped-def, no-untyped-call"


def _whole(name: str, ufunc: Any, **texts: Exception) -> Any:
    """An op that rounds floats and leaves ints alone."""

    @supports("iuf", f"{name}_vml_cpu", **texts)
    def kernel(self):
        return ufunc(self) if self.dtype.kind == "f" else np.positive(self)

    public = op(name, inplace=True, promote="keep", numbers=False)(kernel)
    derivative(
        name.capitalize() + "Backward0", of=public, forward="elementwise", self=lambda grad: zeros_like(grad)
    )
    return public


def _no_complex(name: str) -> Exception:
    return NotImplementedError(f"{name} is not supported for complex inputs")


ceil = _whole("ceil", np.ceil, c=_no_complex("ceil"))
floor = _whole("floor", np.floor, c=_no_complex("floor"))
trunc = _whole("trunc", np.trunc, c=_no_complex("trunc"))


@op("_round", inplace=True, promote="keep")
@supports("iuf", "round_vml_cpu")
def round_whole(self):
    return np.rint(self) if self.dtype.kind == "f" else np.positive(self)


derivative("RoundBackward0", of=round_whole, forward="elementwise", self=lambda grad: zeros_like(grad))


@op("_round.decimals", inplace=True, promote="keep")
@in_float32
def round_decimals(self, decimals: Any):
    if self.dtype.kind != "f":
        raise errors.not_implemented_for("round_cpu" if decimals else "round_vml_cpu", self.dtype)
    scale = self.dtype.type(10 ** max(decimals, -decimals))
    if decimals < 0:
        return np.rint(self / scale) * scale
    return np.rint(self * scale) / scale


derivative("RoundBackward1", of=round_decimals, forward="elementwise", self=lambda grad: zeros_like(grad))


@composite("round")
def round(self, *, decimals: int | None = None):
    """Rounded to the nearest even; to so many decimals, if given."""
    return round_whole(self) if decimals is None else round_decimals(self, decimals)


@composite("round_")
def round_(self, *, decimals: int | None = None):
    """The same, in place."""
    if decimals is None:
        return inplace_of(round_whole)(self)
    return inplace_of(round_decimals)(self, decimals)


@op("frac", inplace=True, promote="keep", numbers=False)
@supports("f", "frac_cpu")
def frac(self):
    return self - np.trunc(self)


derivative("FracBackward0", of=frac, forward="elementwise", self=lambda grad: grad)


def _sign(a):
    if a.dtype.kind == "b":
        return a.copy(order="K")
    if a.dtype.kind == "f":
        return np.where(np.isnan(a), a.dtype.type(0), np.sign(a)) + a.dtype.type(0)
    return np.sign(a)


_USE_SGN = NotImplementedError(
    "Unlike NumPy, torch.sign is not intended to support complex numbers. Please use torch.sgn instead."
)


@op("sign", inplace=True, promote="keep", numbers=False)
@supports("biuf", c=_USE_SGN)
def sign(self):
    return _sign(self)


derivative("SignBackward0", of=sign, forward="elementwise", self=lambda grad: zeros_like(grad))


@op("sgn", inplace=True, promote="keep", numbers=False)
def sgn(self):
    if self.dtype.kind == "c":
        size = np.abs(self)
        by_parts = np.empty_like(self)
        by_parts.real, by_parts.imag = self.real / size, self.imag / size
        out = np.asarray(self / size)
        np.copyto(out, by_parts, where=in_vectors(self, self, size=WIDE))
        np.copyto(out, 0, where=self == 0)
        return out
    return _sign(self)


def _sgn_backward(self, grad, result):
    """Formula of torch's sgn_backward: the part of the gradient across the direction, over the modulus."""
    if not is_complex(self):
        return zeros_of_gradient(grad)
    modulus = abs(self)  # the op
    twice, turned = times(modulus, 2.0), conj(grad)
    return masked_in_place((grad - result * result * turned) / twice, modulus == 0, 0)


def real_of(x: Any) -> Any:
    """The real part of a carrier: a view."""
    return np.asarray(x).real if isinstance(x, np.generic) else x.real


derivative(
    "SgnBackward0",
    of=sgn,
    forward=lambda self_t, self, result: _sgn_backward(self, self_t, result),
    self=lambda grad, self, result: _sgn_backward(self, grad, result),
)


@op("abs", inplace=True, promote="keep", numbers=False)
@supports("iufc", "abs_cpu")
def abs(self):
    return np.abs(self)


derivative(
    "AbsBackward0",
    of=abs,
    forward=lambda self_t, self: (
        real_of(conj(self_t) * sgn(self)) if is_complex(self) else self_t * sgn(self)
    ),
    self=lambda grad, self: mixed_product(grad, sgn(self)),
)


@composite("isfinite")
def isfinite(self):
    """Where neither infinite nor NaN, found from magnitudes, which saved-tensor hooks see."""
    if is_complex(self):
        return isfinite_op(abs(self.real)).logical_and_(isfinite_op(abs(self.imag)))
    return isfinite_op(abs(self) if self._a.dtype.kind == "f" else self)


composite("absolute")(abs)
composite("absolute_", function=False)(inplace_of(abs))
composite("fix")(trunc)
composite("fix_")(inplace_of(trunc))
Tensor.__abs__ = abs  # type: ignore[attr-defined]
