"""CopySlices: the history of a base after a write through one of its views.

What may live here: that node and the geometry it needs to find the view's elements in a gradient.

The gradient of the base is copied, the part under the view is taken out, sent through the node of the write,
and what comes back is put in its place: `out = grad; out[view] = fn(grad[view])`.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from minigrad import errors, modes, saving_errors
from minigrad.accumulate_grad import accumulator
from minigrad.node import Node, next_seq, wanted_edges
from minigrad.tensor import Tensor, wrap
from minigrad.windows import address, offset_of, overlaps_itself, storage


class Geometry(NamedTuple):
    """Sizes, strides (in elements) and offset (in elements, from the first element of the base)."""

    size: tuple[int, ...]
    stride: tuple[int, ...]
    offset: int

    @staticmethod
    def of(view: np.ndarray[Any, Any], base: np.ndarray[Any, Any]) -> Geometry:
        item = view.itemsize
        strides = tuple([s // item for s in view.strides])
        if view is base:
            return Geometry(view.shape, strides, 0)
        if not same_memory(view, base):
            return Geometry(view.shape, strides, offset_of(view))
        return Geometry(view.shape, strides, (address(view) - address(base)) // item)


def same_memory(view: np.ndarray[Any, Any], base: np.ndarray[Any, Any]) -> bool:
    """Whether the two look into one storage, as a view and its base do unless one was told otherwise by `set_`."""
    owner = view.base
    return owner is base or view is base or (owner is not None and owner is base.base) or storage(view) is storage(base)


def _reach(size: tuple[int, ...], stride: tuple[int, ...]) -> int:
    """How much memory these sizes and strides span, in elements."""
    return 0 if 0 in size else 1 + sum((n - 1) * s for n, s in zip(size, stride, strict=True))


def _memory(a: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """The memory that `a` spans, as one dimension: never a copy, whatever the order of its dimensions."""
    stride = tuple(s // a.itemsize for s in a.strides)
    return np.lib.stride_tricks.as_strided(a, (_reach(a.shape, stride),), (a.itemsize,))


def strided_window(a: np.ndarray[Any, Any], geometry: Geometry) -> np.ndarray[Any, Any]:
    """The elements of the memory of `a` (its dimensions in any order) that `geometry` names, as a writable view."""
    item = a.itemsize
    flat = a if a.flags.c_contiguous else _memory(a)
    strides = tuple([s * item for s in geometry.stride])
    if 0 in geometry.size:  # which may begin past the end
        return np.lib.stride_tricks.as_strided(flat.reshape(-1)[geometry.offset :], geometry.size, strides)
    return np.ndarray(geometry.size, a.dtype, flat, geometry.offset * item, strides)


class CopySlices(Node):
    """Wraps the node of a write to a view; edge 0 leads to the base's previous history."""

    __module__ = "builtins"  # as types that are written in C show themselves

    __slots__ = ("base_geometry", "fn", "geometry", "replay")

    label = "torch::autograd::CopySlices"

    def __init__(self, base: Tensor, view: Tensor, fn: Node) -> None:
        self.seq = next_seq()
        self.x = None
        modes.remember(self)
        self.fn: Node | None = fn
        self.geometry = Geometry.of(view._a, base._a)
        self.replay = None if view._meta is None else view._meta.replay
        if self.replay is None and not same_memory(view._a, base._a):
            geometry = self.geometry
            self.replay = lambda whole: whole.as_strided(*geometry)  # which minds the bounds
        self.base_geometry = Geometry.of(base._a, base._a)
        self.shape, self.dt = base._a.shape, base._a.dtype
        below: Node | None = None
        if base.requires_grad:
            below = base.grad_fn or accumulator(base)
        self.fns = (below, *fn.fns[1:])
        self.nrs = (base._nr if below is not None else 0, *fn.nrs[1:])

    def raw(self, grad: Any) -> tuple[Any, ...]:
        fn = self._inner()
        if grad is None:
            return (None,) * len(self.fns)
        if self.replay is not None:
            with modes.no_grad():
                return tuple(None if g is None else g._a for g in self.ten(wrap(np.asarray(grad))))
        whole = np.array(grad, order="C")
        item = whole.itemsize
        if self.base_geometry.stride != tuple([s // item for s in whole.strides]):
            whole = _laid_out_like(whole, self.base_geometry)
        part = strided_window(whole, self.geometry)
        grads = fn.raw([part.copy()] if fn.several else part.copy())
        first = grads[0]
        if wanted_edges(self)[0] is None:
            return (None, *grads[1:])
        if first is not None and 0 in self.geometry.stride and overlaps_itself(part):
            raise errors.overlapping_write()
        part[...] = 0 if first is None else first
        task = modes.state.task
        if task is not None and task.raw is not None:
            task.raw.written(whole, 2)  # the gradient as a whole, and the part
        return (whole, *grads[1:])

    def ten(self, grad: Any) -> tuple[Any, ...]:
        fn = self._inner()
        if grad is None:
            return (None,) * len(self.fns)
        g = self.base_geometry
        whole = grad.new_empty_strided(g.size, g.stride)
        whole.copy_(grad)
        part = whole.as_strided(*self.geometry) if self.replay is None else self.replay(whole)
        grads = fn.ten([part.clone()] if fn.several else part.clone())
        if wanted_edges(self)[0] is None:
            return (None, *grads[1:])
        if grads[0] is None:
            part.zero_()
        else:
            part.copy_(grads[0])
        return (whole, *grads[1:])

    def _inner(self) -> Node:
        if self.fn is None:
            raise saving_errors.graph_freed()
        return self.fn

    def release(self) -> None:
        self.fn = None


def _laid_out_like(a: np.ndarray[Any, Any], geometry: Geometry) -> np.ndarray[Any, Any]:
    """A copy of `a` whose strides are those of `geometry`, for bases that are not C-contiguous."""
    item = a.itemsize
    buffer = np.zeros(_reach(geometry.size, geometry.stride), a.dtype)
    out = np.lib.stride_tricks.as_strided(buffer, geometry.size, tuple(s * item for s in geometry.stride))
    out[...] = a
    return out
