"""Views: ops whose result looks into the memory of its operand."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from minigrad import dispatch, errors
from minigrad.ops.joining import stack
from minigrad.ops.reduction import expand_to, normal_dim
from minigrad.registry import composite, derivative, op
from minigrad.strided import AsStridedBackward0
from minigrad.tensor import Tensor
from minigrad.views import storage

# mypy: disable-error-code="no-untyped-def"

Shape = tuple[int, ...]


def is_raw(x: Any) -> bool:
    return not isinstance(x, Tensor)


def zeros_like_shape(shape: Shape, like: Any) -> Any:
    """A gradient of zeros of `shape`, of the carrier and dtype of `like`."""
    if isinstance(like, Tensor):
        return like.new_zeros(shape)
    return np.zeros(shape, like.dtype)


def stack_grads(grads: Any, dim: int, shape: Shape) -> Any:
    """The gradients of an unbind stacked again, zeros where none arrived."""
    like = next(g for g in grads if g is not None)
    dim = normal_dim(dim, len(shape))
    one = (*shape[:dim], *shape[dim + 1 :])
    filled = [zeros_like_shape(one, like) if g is None else g for g in grads]
    return stack(filled, dim) if isinstance(like, Tensor) else np.stack(filled, axis=dim)


@op("unbind.int", view=True, several=True, promote="keep", numbers=False)
def unbind(self, dim: int = 0):
    if self.ndim == 0:
        raise errors.no_dimensions(dim)
    dim = normal_dim(dim, self.ndim)
    lead = (slice(None),) * dim
    return [self[(*lead, i, ...)] for i in range(self.shape[dim])]


derivative("UnbindBackward0", of=unbind, self=lambda grads, dim, self_shape: stack_grads(grads, dim, self_shape))


def reshape_to(x: Any, shape: Shape) -> Any:
    return x.reshape(shape)


def infer_size(shape: Shape, numel: int) -> Shape:
    """A requested shape with -1 worked out; raises RuntimeError in torch's words."""
    if sum(1 for n in shape if n == -1) > 1:
        raise RuntimeError("only one dimension can be inferred")
    for n in shape:
        if n < -1:
            raise RuntimeError(f"invalid shape dimension {n} at index {shape.index(n)} of shape {errors.shape_text(shape)}")
    known = math.prod(n for n in shape if n != -1)
    if -1 in shape:
        if known == 0:
            raise RuntimeError(
                f"cannot reshape tensor of 0 elements into shape {errors.shape_text(shape)} because the unspecified "
                "dimension size -1 can be any value and is ambiguous"
            )
        if numel % known == 0:
            return tuple(numel // known if n == -1 else n for n in shape)
    elif known == numel:
        return shape
    raise RuntimeError(f"shape '{errors.shape_text(shape)}' is invalid for input of size {numel}")


@op("_view", view=True, promote="keep", numbers=False)
def view_op(self, size: Shape):
    size = infer_size(size, self.size)
    out = self.view()
    try:
        out.shape = size
    except AttributeError:
        raise RuntimeError(
            "view size is not compatible with input tensor's size and stride (at least one dimension spans across "
            "two contiguous subspaces). Use .reshape(...) instead."
        ) from None
    return out


derivative("ViewBackward0", of=view_op, self=lambda grad, self_shape: reshape_to(grad, self_shape))


def sizes(args: tuple[Any, ...]) -> Shape:
    """Sizes given one by one or as one sequence."""
    return tuple(args[0]) if len(args) == 1 and isinstance(args[0], (tuple, list)) else tuple(args)


@composite("view", function=False)
def view(self, *shape):
    """The same elements under another shape, without a copy."""
    return view_op(self, sizes(shape))


@op("_expand", view=True, promote="keep", numbers=False)
def expand_op(self, size: Shape):
    return np.lib.stride_tricks.as_strided(self, *_expanded(self, size))


def _expanded(a: Any, size: Shape) -> tuple[Shape, Shape]:
    lead = len(size) - a.ndim
    if lead < 0:
        raise RuntimeError(
            f"expand({errors.TYPE_NAMES[a.dtype.name]}Tensor{{{errors.shape_text(a.shape)}}}, size={errors.shape_text(size)}): "
            f"the number of sizes provided ({len(size)}) must be greater or equal to the number of dimensions in the tensor ({a.ndim})"
        )
    shape, strides = [], []
    for i, n in enumerate(size):
        have, stride = (a.shape[i - lead], a.strides[i - lead]) if i >= lead else (1, 0)
        if n == -1:
            if i < lead:
                raise RuntimeError(
                    f"The expanded size of the tensor (-1) isn't allowed in a leading, non-existing dimension {i}"
                )
            n = have
        elif have != n:
            if have != 1:
                raise RuntimeError(
                    f"The expanded size of the tensor ({n}) must match the existing size ({have}) at non-singleton "
                    f"dimension {i}.  Target sizes: {errors.shape_text(size)}.  Tensor sizes: {errors.shape_text(a.shape)}"
                )
            stride = 0
        shape.append(n)
        strides.append(stride)
    return tuple(shape), tuple(strides)


derivative("ExpandBackward0", of=expand_op, self=lambda grad, self_shape: sum_to(grad, self_shape))


def sum_to(grad: Any, shape: Shape) -> Any:
    """Summed over what expanding `shape` had added or stretched."""
    full = grad.shape
    lead = len(full) - len(shape)
    dims = (*range(lead), *(i + lead for i, n in enumerate(shape) if n == 1 and full[i + lead] != 1))
    if isinstance(grad, Tensor):
        if dims:
            grad = grad.sum(dims, keepdim=True)
        return grad.view(shape) if lead else grad
    return (np.asarray(grad).sum(axis=dims, keepdims=True) if dims else np.asarray(grad)).reshape(shape)


@composite("expand", function=False)
def expand(self, *size):
    """Dimensions of size 1 stretched to `size` without a copy; -1 keeps one as it is."""
    return expand_op(self, sizes(size))


def as_strided(self: Tensor, size: Any, stride: Any, storage_offset: int | None = None) -> Tensor:
    """A view of the whole storage with any sizes and strides (in elements)."""
    root = storage(self._a)
    flat = root.reshape(-1) if root.flags.c_contiguous else root.T.reshape(-1)
    item = self._a.itemsize
    offset = storage_offset
    if offset is None:
        offset = (self._a.__array_interface__["data"][0] - root.__array_interface__["data"][0]) // item
    window = np.lib.stride_tricks.as_strided(flat[offset:], tuple(size), tuple(s * item for s in stride))
    return dispatch.record_view(self, window, AsStridedBackward0(self, window))


@op("unsqueeze", view=True, promote="keep", numbers=False)
def unsqueeze(self, dim: int):
    n = self.ndim + 1
    if not -n <= dim < n:
        raise errors.dim_out_of_range(dim, n)
    return np.expand_dims(self, dim)


derivative("UnsqueezeBackward0", of=unsqueeze, self=lambda grad, dim, self_shape: squeeze_dim(grad, dim))


def squeeze_dim(x: Any, dim: int) -> Any:
    return x.squeeze(dim) if isinstance(x, Tensor) else np.squeeze(x, dim)


@op("_select.int", view=True, promote="keep", numbers=False, name="select")
def select(self, dim: int, index: int):
    if self.ndim == 0:
        raise IndexError("select() cannot be applied to a 0-dim tensor.")
    dim = normal_dim(dim, self.ndim)
    n = self.shape[dim]
    if not -n <= index < n:
        raise IndexError(f"select(): index {index} out of range for tensor of size {errors.shape_text(self.shape)} at dimension {dim}")
    return self[(*(slice(None),) * dim, index, ...)]


derivative(
    "SelectBackward0",
    of=select,
    self=lambda grad, self_shape, dim, index: select_backward(grad, self_shape, dim, index),
)


def select_backward(grad: Any, shape: Shape, dim: int, index: int) -> Any:
    if isinstance(grad, Tensor):
        out = grad.new_zeros(shape)
        out.select(dim, index).copy_(grad)
        return out
    whole = np.zeros(shape, grad.dtype)
    whole[(*(slice(None),) * (dim % len(shape)), index, ...)] = grad
    return whole


@op("t", view=True, promote="keep", numbers=False)
def t(self):
    if self.ndim > 2:
        raise RuntimeError(f"t() expects a tensor with <= 2 dimensions, but self is {self.ndim}D")
    return self.T


derivative("TBackward0", of=t, self=lambda grad: grad.t() if isinstance(grad, Tensor) else np.asarray(grad).T)

composite("as_strided")(as_strided)

__all__ = ["expand_to", "is_raw"]
