"""Writing where a mask is true: masked_fill, masked_scatter."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from minigrad import errors
from minigrad.arguments import is_number
from minigrad.dtypes import C_NAMES
from minigrad.from_data import as_element
from minigrad.memory import broadcast_to
from minigrad.ops.carriers import is_batched
from minigrad.ops.expanding import sum_to
from minigrad.ops.gathering import masked_select
from minigrad.ops.selection import where
from minigrad.promotion import broadcast_shape
from minigrad.registry import composite, derivative, inplace_of, op
from minigrad.signatures import Parser
from minigrad.tensor import Tensor
from minigrad.warn import warn
from minigrad.windows import expanded

# mypy: disable-error-code="no-untyped-def"

Shape = tuple[int, ...]

def _filled(own: Any, mask: Any, value: Any) -> Any:
    shape = broadcast_shape([mask.shape, own.shape])
    if mask.dtype != np.bool_:
        raise RuntimeError(
            f"masked_fill_ only supports boolean masks, but got mask with dtype {C_NAMES[mask.dtype.name]}"
        )
    out = np.array(broadcast_to(own, shape), order="C")
    np.copyto(out, value, where=broadcast_to(mask, shape), casting="unsafe")
    return out


@op("_masked_fill.Scalar", promote="keep", numbers=False, inplace=True, overlaps="some")
def masked_fill_number(self, mask, value: Any):
    return _filled(self, mask, as_element(value, self.dtype))


@op("_masked_fill.Tensor", promote="keep", numbers=False, inplace=True, overlaps="some")
def masked_fill_tensor(self, mask, value):
    if value.ndim:
        raise RuntimeError(
            f"masked_fill_ only supports a 0-dimensional value tensor, but got tensor with {value.ndim} "
            "dimension(s)."
        )
    return _filled(self, mask, as_element(value.item(), self.dtype))


derivative(
    "MaskedFillBackward0",
    of=masked_fill_number,
    forward=lambda self_t, mask: masked_fill_number(self_t, mask, 0),
    onto=lambda self_t, mask: inplace_of(masked_fill_number)(self_t, mask, 0),
    self=lambda grad, mask: masked_fill_number(grad, mask, 0),
)


def _under(mask: Any, grad: Any) -> Any:
    """The elements of a gradient that went into the value: a batch has zeros for the others."""
    return where(mask, grad, 0) if is_batched(grad) else masked_select(grad, mask)


derivative(
    "MaskedFillBackward1",
    of=masked_fill_tensor,
    unreal=True,
    forward="linear",
    onto=True,
    self=lambda grad, mask: masked_fill_number(grad, mask, 0),
    value=lambda grad, mask: sum_to(_under(mask, grad), ()),
)

_FILL = ("(Tensor mask, Tensor value)", "(Tensor mask, Number value)")


def _masked_fill(name: str, mask: Any, value: Any) -> Any:
    if not isinstance(mask, Tensor) or not (isinstance(value, Tensor) or is_number(value)):
        raise Parser(name, *_FILL).explain((mask, value), {})
    return masked_fill_tensor if isinstance(value, Tensor) else masked_fill_number


@composite("masked_fill")
def masked_fill(self, mask: Any, value: Any):
    """A copy with `value` where `mask`, which broadcasts, is true."""
    return _masked_fill("masked_fill", mask, value)(self, mask, value)


@composite("masked_fill_", function=False)
def masked_fill_(self, mask: Any, value: Any):
    """Writes `value` where `mask`, which broadcasts, is true."""
    return inplace_of(_masked_fill("masked_fill_", mask, value))(self, mask, value)


# -- masked_scatter -------------------------------------------------------------------------------------


@op("masked_scatter", promote="keep", numbers=False, inplace=False)
def masked_scatter(self, mask, source):
    return _scattered(self, mask, source)


def _scattered(own: Any, mask: Any, source: Any, reads_back: bool = False) -> Any:
    """`reads_back`: in place. Only what is made anew may be larger than it was, and its shape is settled first."""
    shape = own.shape if reads_back else broadcast_shape([mask.shape, own.shape])
    if own.dtype != source.dtype:
        raise RuntimeError(
            "masked_scatter: expected self and source to have same dtypes but got"
            f"{errors.type_name(own)} and {errors.type_name(source)}"
        )
    if reads_back:
        expanded(mask, shape)
    if mask.dtype != np.bool_:
        if mask.dtype == np.uint8:  # torch announces what it does not do any more
            warn(
                "masked_scatter_ received a mask with dtype torch.uint8, this behavior is now deprecated,please use a "
                "mask with dtype torch.bool instead."
            )
        raise RuntimeError(
            f"masked_scatter_ only supports boolean masks, but got mask with dtype {errors.type_name(mask)}"
        )
    out = np.array(broadcast_to(own, shape), order="C")
    mask = broadcast_to(mask, shape)
    count = int(mask.sum())
    if count > source.size:
        raise RuntimeError("Number of elements of source < number of ones in mask")
    if reads_back and source is own:  # torch reads what it has just written
        flat = out.reshape(-1)
        for k, place in enumerate(np.flatnonzero(mask)):
            flat[place] = flat[k]
    else:
        out[mask] = source.reshape(-1)[:count]
    return out


@op("_masked_scatter_", promote="keep", numbers=False, inplace=True)
def masked_scatter_inplace(self, mask, source):
    return _scattered(self, mask, source, reads_back=True)


@op("_masked_scatter_backward", promote="keep", numbers=False)
def masked_scatter_backward(grad_output, mask, sizes: Shape):
    mask = broadcast_to(mask, grad_output.shape)
    out = np.zeros(math.prod(sizes), grad_output.dtype)
    picked = grad_output[mask]
    out[: picked.size] = picked
    out.shape = sizes
    return out


for _of in (masked_scatter, masked_scatter_inplace):
    derivative(
        "MaskedScatterBackward0",
        of=_of,
        forward="linear",
        onto=True,
        self=lambda grad, mask: masked_fill_number(grad, mask, 0),
        source=lambda grad, mask, source_shape: masked_scatter_backward(grad, mask, source_shape),
    )
derivative(
    "MaskedScatterBackwardBackward0",
    of=masked_scatter_backward,
    shows={"grad_output_shape": {}},
    grad_output=lambda grad, mask, grad_output_shape: masked_scatter(
        grad.new_zeros(grad_output_shape), mask, grad
    ),
)


@composite("masked_scatter_", function=False)
def masked_scatter_(self, mask, source):
    """Writes the elements of `source` one after the other where `mask` is true."""
    return inplace_of(masked_scatter_inplace)(self, mask, source)
