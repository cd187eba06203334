"""A copy with a view overwritten: select_scatter, slice_scatter, diagonal_scatter, as_strided_scatter.

What may live here: these four. Each writes through the window that the view op of its name gives.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.lib.stride_tricks import as_strided

from minigrad import errors
from minigrad.memory import allocate, strides_of
from minigrad.ops.carriers import is_batched
from minigrad.ops.copying import copied
from minigrad.ops.restriding import strided_window
from minigrad.ops.slicing import diagonal, diagonal_window, select, slice_kernel, slice_op
from minigrad.ops.view_copies import refusing_complex
from minigrad.registry import composite, decl_of, derivative, op
from minigrad.tensor import Tensor, wrap
from minigrad.windows import flat, offset_of, overlaps_itself, storage, window

# mypy: disable-error-code="no-untyped-def"

Ints = tuple[int, ...]


def _patched(own: Any, src: Any, window_of: Any) -> Any:
    whole = own.copy()
    if whole.strides == own.strides and storage(own).size == own.size:
        out = whole
    elif overlaps_itself(own):
        out = copied(own)
    elif storage(own).dtype != own.dtype:  # the parts of complex numbers
        out = allocate(own.shape, own.dtype, strides_of(own), zero=False)
        out[...] = own
    else:  # gaps and all
        room = flat(own).copy().view(own.dtype)  # parts of complex numbers, perhaps
        out = window(room, own.shape, strides_of(own), offset_of(own))
    part = window_of(out)
    if part.shape != src.shape:
        raise RuntimeError(
            "expected src to have a size equal to the slice of self. src size = "
            f"{errors.shape_text(src.shape)}, slice size = {errors.shape_text(part.shape)}"
        )
    np.copyto(part, src, casting="unsafe")
    # its own, though it looks into an array for the sake of its gaps: as a gradient it is to be no view
    return as_strided(out, out.shape, out.strides) if isinstance(out.base, np.ndarray) else out


def _zeros(grad: Any, shape: Ints) -> Any:
    return grad.new_zeros(shape) if isinstance(grad, Tensor) else np.zeros(shape, grad.dtype)


_select, _slice = decl_of(select).kernel, slice_kernel


@op("select_scatter", promote="keep", numbers=False)
def select_scatter(self, src, dim: int, index: int):
    return _patched(
        self, src, lambda a: np.asarray(_select(a, dim, index)) if a.ndim > 1 else _cell(a, dim, index)
    )


def _cell(a: Any, dim: int, index: int) -> Any:
    _select(a, dim, index)  # checks
    start = index % a.shape[0]
    return a[start : start + 1].reshape(())


derivative(
    "SelectScatterBackward0",
    of=select_scatter,
    forward="linear",
    shows={"src_shape": {}},
    self=lambda grad, src_shape, dim, index: select_scatter(grad, _zeros(grad, src_shape), dim, index),
    src=lambda grad, dim, index: select(grad, dim, index),
)


@op("slice_scatter", promote="keep", numbers=False)
def slice_scatter(self, src, dim: int = 0, start: Any = None, end: Any = None, step: int = 1):
    return _patched(self, src, lambda a: _slice(a, dim, start, end, step))


derivative(
    "SliceScatterBackward0",
    of=slice_scatter,
    forward="linear",
    shows={"src_shape": {}},
    self=lambda grad, src_shape, dim, start, end, step: slice_scatter(
        grad, _zeros(grad, src_shape), dim, start, end, step
    ),
    src=lambda grad, dim, start, end, step: slice_op(grad, dim, start, end, step),
)


@op("diagonal_scatter", promote="keep", numbers=False)
def diagonal_scatter(self, src, offset: int = 0, dim1: int = 0, dim2: int = 1):
    return _patched(self, src, lambda a: diagonal_window(a, offset, dim1, dim2))


derivative(
    "DiagonalScatterBackward0",
    of=diagonal_scatter,
    forward="linear",
    shows={"src_shape": {}},
    self=lambda grad, src_shape, offset, dim1, dim2: diagonal_scatter(
        grad, _zeros(grad, src_shape), offset, dim1, dim2
    ),
    src=lambda grad, offset, dim1, dim2: diagonal(grad, offset, dim1, dim2),
)


@op("_as_strided_scatter", promote="keep", numbers=False)
def strided_scatter_op(self, src, size: Any, stride: Any, storage_offset: Any = None):
    return _patched(self, src, lambda a: strided_window(a, size, stride, storage_offset))


def _kept_in_window(grad: Any, shape: Ints, strides: Ints, size: Ints, stride: Ints, offset: int | None) -> Any:
    """What torch takes for the gradient of self: the window where one expects its complement."""
    room = grad.new_zeros(shape) if is_batched(grad) else wrap(np.zeros(shape, grad._a.dtype))
    result = room.as_strided(shape, strides)
    result.as_strided(size, stride, offset).copy_(grad.contiguous().as_strided(size, stride, offset))
    return result


derivative(
    "AsStridedScatterBackward0",
    of=strided_scatter_op,
    forward="linear",
    shows={"self_shape": {}, "self_strides": {}},
    on_tensors=True,
    self=lambda grad, self_shape, self_strides, size, stride, storage_offset: _kept_in_window(
        grad, self_shape, self_strides, size, stride, storage_offset
    ),
    src=lambda grad, size, stride, storage_offset: grad.contiguous().as_strided(size, stride, storage_offset),
)


@composite("as_strided_scatter")
def as_strided_scatter(self, src: Any, size: Any, stride: Any, storage_offset: int | None = None):
    """A copy with `src` written through the window of these sizes and strides."""
    if self.requires_grad and not self._a.flags.c_contiguous and not self.is_conj():  # which is resolved before
        raise RuntimeError(
            "!self.requires_grad() || self.is_contiguous() INTERNAL ASSERT FAILED at "
            '"/__w/pytorch/pytorch/aten/src/ATen/native/TensorShape.cpp":4754, please report a bug to PyTorch. '
            "as_strided_scatter is currently only supported for contiguous inputs"
        )
    return strided_scatter_op(self, src, tuple(size), tuple(stride), storage_offset)


refusing_complex(select_scatter, "select_scatter", method=True)
refusing_complex(slice_scatter, "slice_scatter", method=True)
