"""Parts of a tensor as views: select, slice, narrow, diagonal, unfold, and the whole as alias.

What may live here: single-output view ops that look at some of the elements, and the ops their formulas use
to put a gradient back in its place (torch's `*_backward` functions, which have derivatives of their own).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad import errors
from minigrad.dims import normal_dim
from minigrad.memory import recalled, strides_of
from minigrad.promotion import broadcast_shape
from minigrad.registry import composite, derivative, op
from minigrad.signatures import Parser
from minigrad.tensor import Tensor
from minigrad.windows import offset_of, window

# mypy: disable-error-code="no-untyped-def"

Shape = tuple[int, ...]
END = 2**63 - 1
"""The `end` of a slice that goes to the end."""


def along(dim: int, what: Any) -> tuple[Any, ...]:
    """An index that takes `what` of dimension `dim` and all of the others."""
    return (*(slice(None),) * dim, what, ...)


@op("alias", view=True, promote="keep", numbers=False, method=False, function=False)
def alias(self):
    return self.view()


derivative("AliasBackward0", of=alias, forward=lambda self_t: self_t, self=lambda grad: grad)


# -- select ---------------------------------------------------------------------------------------------


@op("select.int", view=True, promote="keep", numbers=False)
def select(self, dim: int, index: int):
    if self.ndim == 0:
        raise IndexError("select() cannot be applied to a 0-dim tensor.")
    d = normal_dim(dim, self.ndim)
    n = self.shape[d]
    if not -n <= index < n:
        raise IndexError(
            f"select(): index {index} out of range for tensor of size {errors.shape_text(self.shape)} at "
            f"dimension {d}"
        )
    return self[along(d, index)]


@op("_select_backward", promote="keep", numbers=False)
def select_backward(grad, input_shape: Shape, dim: int, index: int):
    whole = np.zeros(input_shape, grad.dtype)
    whole[along(dim % len(input_shape), index)] = grad
    return whole


derivative(
    "SelectBackward0",
    of=select,
    forward="linear",
    self=lambda grad, self_shape, dim, index: select_backward(grad, self_shape, dim, index),
)
derivative(
    "SelectBackwardBackward0",
    of=select_backward,
    forward="linear",
    grad=lambda grad, dim, index: select(grad, dim, index),
)


# -- slice and narrow -----------------------------------------------------------------------------------


def slice_bounds(start: int | None, end: int | None, size: int) -> tuple[int, int]:
    """Where a slice begins and ends within `size` elements (torch's clamping)."""
    first = 0 if start is None else start
    last = size if end is None else end
    first += size if first < 0 else 0
    last += size if last < 0 else 0
    first = min(max(first, 0), size)
    return first, min(max(last, first), size)


def slice_kernel(self: Any, dim: int, start: Any, end: Any, step: int) -> Any:
    """The part of an array between two places along a dimension, as a view."""
    if dim == 0 and self.ndim and step > 0 and type(start) is type(end) is int and 0 <= start < end <= len(self):
        return self[start:end:step]
    if self.ndim == 0:
        raise IndexError("slice() cannot be applied to a 0-dim tensor.")
    d = normal_dim(dim, self.ndim)
    if step <= 0:
        raise RuntimeError("slice step must be positive")
    first, last = slice_bounds(start, end, self.shape[d])
    if last == first:  # NumPy forgets where an empty part begins
        strides = strides_of(self)
        shape = (*self.shape[:d], 0, *self.shape[d + 1 :])
        steps = (*strides[:d], strides[d] * step, *strides[d + 1 :])
        return window(self, shape, steps, offset_of(self) + first * strides[d])
    return recalled(self)[along(d, slice(first, last, step))]


@op("_slice", view=True, promote="keep", numbers=False)
def slice_op(self, dim: int = 0, start: Any = None, end: Any = None, step: int = 1):
    return slice_kernel(self, dim, start, end, step)


@op("_slice_backward", promote="keep", numbers=False)
def slice_backward(grad, input_shape: Shape, dim: int, start: Any, end: Any, step: int):
    d = dim % len(input_shape)
    whole = np.zeros(input_shape, grad.dtype)
    first, last = slice_bounds(start, end, input_shape[d])
    part = whole[along(d, slice(first, last, step))]
    if part.shape != grad.shape:
        broadcast_shape([part.shape, grad.shape])
    part[...] = grad
    return whole


def slice_back(grad: Any, shape: Shape, dim: int, start: Any, end: Any, step: int) -> Any:
    """The same with what was left out as what it stands for, which torch's node of it saves."""
    return slice_backward(grad, shape, dim, 0 if start is None else start, END if end is None else end, step)


derivative(
    "SliceBackward0",
    of=slice_op,
    forward="linear",
    self=lambda grad, self_shape, dim, start, end, step: slice_back(grad, self_shape, dim, start, end, step),
)
derivative(
    "SliceBackwardBackward0",
    of=slice_backward,
    forward="linear",
    grad=lambda grad, dim, start, end, step: slice_op(grad, dim, start, end, step),
)

_NARROW = Parser("narrow", "(int dim, Tensor start, int length)", "(int dim, int start, int length)")


@composite("narrow")
def narrow(self, dim: int, start: Any, length: int):
    """`length` elements from `start` on along `dim`."""
    if type(dim) is not int or type(start) is not int or type(length) is not int:
        overload, found = _NARROW.parse((dim, start, length), {})
        dim, start, length = found["dim"], found["start"], found["length"]
        if overload == 0:
            if start._a.ndim or start._a.dtype.kind not in "iu":
                raise RuntimeError("start must be an 0-dim integral Tensor.")
            start = int(start._a)
    first = narrow_start(self._a.shape, dim, start, length)
    return slice_op(self, dim, first, first + length, 1)


def narrow_start(shape: Shape, dim: int, start: int, length: int, shortest: float = 0) -> int:
    """The start counted from 0; raises IndexError or RuntimeError in torch's words."""
    if not shape:
        raise RuntimeError("narrow() cannot be applied to a 0-dim tensor.")
    if length < shortest:
        raise RuntimeError("narrow(): length must be non-negative.")
    d = normal_dim(dim, len(shape))
    n = shape[d]
    if not -n <= start <= n:
        raise IndexError(f"start out of range (expected to be in range of [{-n}, {n}], but got {start})")
    start += n if start < 0 else 0
    if start + length > n:
        raise beyond(start, length, n)
    return start


def beyond(start: int, length: int, n: int) -> RuntimeError:
    """A piece that a dimension of `n` elements does not have."""
    return RuntimeError(f"start ({start}) + length ({length}) exceeds dimension size ({n}).")


# -- diagonal -------------------------------------------------------------------------------------------


def diagonal_window(a: Any, offset: int, dim1: int, dim2: int) -> Any:
    """The diagonal of `a` as a view, as the last dimension. `a` may be any array."""
    d1, d2 = normal_dim(dim1, a.ndim), normal_dim(dim2, a.ndim)
    if d1 == d2:
        raise RuntimeError(f"diagonal dimensions cannot be identical {dim1}, {dim2}")
    n, m, strides = a.shape[d1], a.shape[d2], strides_of(a)
    length = max(min(n, m - offset) if offset >= 0 else min(n + offset, m), 0)
    start = offset_of(a)
    if length:
        start += offset * strides[d2] if offset >= 0 else -offset * strides[d1]
    rest = [d for d in range(a.ndim) if d not in (d1, d2)]
    shape = (*(a.shape[d] for d in rest), length)
    return window(a, shape, (*(strides[d] for d in rest), strides[d1] + strides[d2]), start)


@op("diagonal", view=True, promote="keep", numbers=False)
def diagonal(self, offset: int = 0, dim1: int = 0, dim2: int = 1):
    return diagonal_window(self, offset, dim1, dim2)


@op("_diagonal_backward", promote="keep", numbers=False)
def diagonal_backward(grad, input_shape: Shape, offset: int, dim1: int, dim2: int):
    whole = np.zeros(input_shape, grad.dtype)
    diagonal_window(whole, offset, dim1, dim2)[...] = grad
    return whole


derivative(
    "DiagonalBackward0",
    of=diagonal,
    forward="linear",
    self=lambda grad, self_shape, offset, dim1, dim2: diagonal_backward(grad, self_shape, offset, dim1, dim2),
)
derivative(
    "DiagonalBackwardBackward0",
    of=diagonal_backward,
    forward="linear",
    grad=lambda grad, offset, dim1, dim2: diagonal(grad, offset, dim1, dim2),
)


# -- unfold ---------------------------------------------------------------------------------------------


def unfold_window(a: Any, dimension: int, size: int, step: int) -> Any:
    """All windows of `size` along a dimension, `step` apart, as a view with the window as last dimension."""
    d = normal_dim(dimension, a.ndim)
    shape, strides = (a.shape, strides_of(a)) if a.ndim else ((1,), (1,))
    n = shape[d]
    if size < 0:
        raise RuntimeError(f"size is {size} but must be >= 0")
    if size > n:
        raise RuntimeError(f"maximum size for tensor at dimension {d} is {n} but size is {size}")
    if step <= 0:
        raise RuntimeError(f"step is {step} but must be > 0")
    count = (n - size) // step + 1
    last = strides[d] if a.ndim else 1
    sizes = (*shape[:d], count, *shape[d + 1 :], size) if a.ndim else (size,)
    steps = (*strides[:d], strides[d] * step, *strides[d + 1 :], last) if a.ndim else (1,)
    return window(a, sizes, steps)


@op("unfold", view=True, promote="keep", numbers=False, function=False)
def unfold(self, dimension: int, size: int, step: int):
    return unfold_window(self, dimension, size, step)


@op("_unfold_backward", promote="keep", numbers=False)
def unfold_backward(grad, input_shape: Shape, dim: int, size: int, step: int):
    if not input_shape and grad.size:
        return grad.reshape(()).copy()  # the one element itself, no sum of it
    whole = np.zeros(input_shape, grad.dtype)
    where = unfold_window(np.arange(whole.size).reshape(input_shape), dim, size, step)
    if step >= size:  # no element was read twice
        whole.reshape(-1)[where.reshape(-1)] = grad.reshape(-1)
    else:
        np.add.at(whole.reshape(-1), where.reshape(-1), grad.reshape(-1))
    return whole


derivative(
    "UnfoldBackward0",
    of=unfold,
    forward="linear",
    self=lambda grad, self_shape, dimension, size, step: unfold_backward(
        grad, self_shape, dimension, size, step
    ),
)
derivative(
    "UnfoldBackwardBackward0",
    of=unfold_backward,
    forward="linear",
    grad=lambda grad, dim, size, step: unfold(grad, dim, size, step),
)

Tensor.alias = lambda self: alias(self)  # type: ignore[attr-defined]
