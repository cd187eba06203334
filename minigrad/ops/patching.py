"""A copy with a view overwritten: select_scatter, slice_scatter, diagonal_scatter, as_strided_scatter.

What may live here: these four. Each writes through the window that the view op of its name gives.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad import errors, modes
from minigrad.dispatch import edge_of
from minigrad.memory import allocate, strides_of
from minigrad.node import Node, next_seq
from minigrad.ops.copying import copied
from minigrad.ops.restriding import strided_window
from minigrad.ops.slicing import diagonal, diagonal_window, select, slice_kernel, slice_op
from minigrad.ops.view_copies import refusing_complex
from minigrad.registry import composite, decl_of, derivative, op
from minigrad.tensor import Tensor, wrap
from minigrad.windows import overlaps_itself

# mypy: disable-error-code="no-untyped-def"

Ints = tuple[int, ...]


def _patched(own: Any, src: Any, window_of: Any) -> Any:
    if overlaps_itself(own):
        out = copied(own)
    else:  # gaps and all
        out = allocate(own.shape, own.dtype, strides_of(own), zero=False)
        out[...] = own
    part = window_of(out)
    if part.shape != src.shape:
        raise RuntimeError(
            "expected src to have a size equal to the slice of self. src size = "
            f"{errors.shape_text(src.shape)}, slice size = {errors.shape_text(part.shape)}"
        )
    np.copyto(part, src, casting="unsafe")
    return out


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
    self=lambda grad, src_shape, offset, dim1, dim2: diagonal_scatter(
        grad, _zeros(grad, src_shape), offset, dim1, dim2
    ),
    src=lambda grad, offset, dim1, dim2: diagonal(grad, offset, dim1, dim2),
)


class AsStridedScatterBackward0(Node):
    """Of self: the gradient with zeros in the window. Of src: what is in the window."""

    __slots__ = ("own", "window")

    label = "AsStridedScatterBackward0"

    def __init__(self, own: Any, size: Ints, stride: Ints, offset: int | None, dt: Any) -> None:
        self.x = None
        self.own = (own.shape, strides_of(own))
        self.window = (size, stride, offset)
        self.shape, self.dt = own.shape, dt

    def raw(self, grad: Any) -> tuple[Any, ...]:
        if grad is None:
            return None, None
        with modes.no_grad():
            return tuple(None if g is None else g._a for g in self.ten(wrap(np.asarray(grad))))

    def ten(self, grad: Any) -> tuple[Any, ...]:
        if grad is None:
            return None, None
        laid_out = grad.new_empty_strided(*self.own)
        laid_out.copy_(grad)
        size = self.window[0]
        mine = (
            None if self.fns[0] is None else as_strided_scatter(laid_out, grad.new_zeros(size), *self.window)
        )
        theirs = None if self.fns[1] is None else laid_out.as_strided(*self.window).contiguous()
        return mine, theirs


@composite("as_strided_scatter")
def as_strided_scatter(self, src: Any, size: Any, stride: Any, storage_offset: int | None = None):
    """A copy with `src` written through the window of these sizes and strides."""
    size, stride = tuple(size), tuple(stride)
    a = self._a
    out = allocate(a.shape, a.dtype, strides_of(a), zero=False)
    out[...] = a
    part = strided_window(out, size, stride, storage_offset)
    if part.shape != src._a.shape:
        raise RuntimeError(
            "expected src to have a size equal to the slice of self. src size = "
            f"{errors.shape_text(src._a.shape)}, slice size = {errors.shape_text(part.shape)}"
        )
    np.copyto(part, src._a, casting="unsafe")
    made: Any = wrap(out)
    if modes.state.grad and (self.requires_grad or src.requires_grad):
        node: Any = AsStridedScatterBackward0(a, size, stride, storage_offset, out.dtype)
        node.fns, node.nrs = zip(edge_of(self), edge_of(src), strict=True)
        node.seq = next_seq()
        made._fn, made._nr, made._rg = node, 0, True
    return made


refusing_complex(select_scatter, "select_scatter", method=True)
refusing_complex(slice_scatter, "slice_scatter", method=True)
