"""Writing one number everywhere: fill, fill_, zero_."""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad import casting
from minigrad.arguments import is_number
from minigrad.from_data import as_element
from minigrad.layout import lying_as
from minigrad.memory import strides_of
from minigrad.ops.copying import zeros_of
from minigrad.ops.expanding import sum_to
from minigrad.registry import composite, derivative, inplace_of, op
from minigrad.signatures import Parser
from minigrad.tensor import Tensor, memory
from minigrad.windows import offset_of

# mypy: disable-error-code="no-untyped-def"

def _filled(a: Any, value: Any) -> Any:
    return lying_as(np.full_like(a, value, subok=False), a)


@op("_fill.Scalar", promote="keep", numbers=False)
def fill_number(self, value: Any):
    return _filled(self, as_element(value, self.dtype))


@op("_fill.Tensor", promote="keep", numbers=False)
def fill_tensor(self, value):
    _check_value(value)
    return _filled(self, casting.cast(value, self.dtype))


@op("_fill_.Scalar", promote="keep", numbers=False, inplace=True, overlaps="all")
def fill_number_inplace(self, value: Any):
    return _filled(self, as_element(value, self.dtype))


@op("_fill_.Tensor", promote="keep", numbers=False, inplace=True, reads_first=True)
def fill_tensor_inplace(self, value):
    _check_value(value)
    return _filled(self, casting.cast(value, self.dtype))


def _check_value(value: Any) -> None:
    if value.ndim:
        raise RuntimeError(
            f"fill_ only supports 0-dimension value tensor but got tensor with {value.ndim} dimensions."
        )


for _label, _of in (("FillBackward0", fill_number), ("FillBackward2", fill_number_inplace)):
    derivative(
        _label,
        of=_of,
        forward=lambda self_t: fill_number(self_t, 0),
        onto=lambda self_t: fill_(self_t, 0),
        self=lambda grad: zeros_of(grad),
    )
for _label, _of in (("FillBackward1", fill_tensor), ("FillBackward3", fill_tensor_inplace)):
    derivative(
        _label,
        of=_of,
        forward=lambda self_t, value_t: fill_tensor(self_t, value_t),
        onto=lambda self_t, value_t: fill_(self_t, value_t),
        unreal=True,
        self=lambda grad: zeros_of(grad),
        value=lambda grad: sum_to(grad, ()),
    )

_FILL = Parser("fill_", "(Tensor value)", "(Number value)")


@composite("fill", method=False)
def fill(self, value):
    """A tensor like this one with `value` everywhere."""
    if isinstance(value, Tensor):
        return fill_tensor(self, value)
    if not is_number(value):
        raise Parser("fill", "(Tensor input, Tensor value)", "(Tensor input, Number value)").explain(
            (self, value), {}
        )
    return fill_number(self, value)


@composite("fill_")
def fill_(self, value):
    """Writes `value`, a number or 0-dim tensor, everywhere."""
    if isinstance(value, Tensor):
        _check_value(value._a)  # before it is copied, which is refused where places are shared
        return inplace_of(fill_tensor_inplace)(self, value)
    if not is_number(value):
        raise _FILL.explain((value,), {})
    return inplace_of(fill_number_inplace)(self, value)


_DIAGONAL = Parser("fill_diagonal_", "(Number fill_value, bool wrap = False)")


@composite("fill_diagonal_", function=False)
def fill_diagonal_(self, *args, **kwargs):
    """Writes a number along the main diagonal, which with `wrap` begins anew below the last row of a square."""
    _, given = _DIAGONAL.parse(args, kwargs)
    shape, strides = self._a.shape, strides_of(memory(self))
    if len(shape) < 2:
        raise RuntimeError("dimensions must larger than 1")
    if len(shape) > 2 and len(set(shape)) > 1:
        raise RuntimeError("all dimensions of input must be of equal length")
    (height, width), step, start = shape[:2], sum(strides), offset_of(memory(self))
    size = min(height, width)
    self.as_strided((size,), (step,), start).fill_(given["fill_value"])
    if given.get("wrap") and len(shape) == 2 and height > width + 1:
        rest = -(-self._a.size // (width + 1)) - size
        self.as_strided((rest,), (step,), start + strides[0] * (width + 1)).fill_(given["fill_value"])
    return self


@op("_zero", inplace=True, promote="keep", numbers=False, overlaps="all")
def zero(self):
    return np.zeros_like(self)


derivative(
    "ZeroBackward0",
    of=zero,
    forward=lambda self_t: zeros_of(self_t),
    onto=lambda self_t: self_t.zero_(),
    self=lambda grad: zeros_of(grad),
)

composite("zero_")(inplace_of(zero))
