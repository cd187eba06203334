"""Views that come several at once: unbind, split, chunk, tensor_split and their relatives.

What may live here: ops that cut a tensor into pieces. unbind, split and chunk are one op with several outputs
(which refuse writes); tensor_split and the hsplit family are slices one by one, as in torch.
"""

from __future__ import annotations

from functools import wraps
from itertools import pairwise
from typing import Any

import numpy as np

from minigrad import errors, modes
from minigrad.arguments import is_int
from minigrad.dims import existing_dim, normal_dim
from minigrad.ops.joining import cat, side_by_side, stack
from minigrad.ops.slicing import along, slice_kernel, slice_op
from minigrad.refusals import handed
from minigrad.registry import composite, decl_of, derivative, op
from minigrad.signatures import Parser
from minigrad.tensor import Tensor

# mypy: disable-error-code="no-untyped-def"

Shape = tuple[int, ...]


def filled(grads: Any, shapes: list[Shape]) -> list[Any]:
    """Gradients of several outputs with zeros where none arrived."""
    like = next(g for g in grads if g is not None)
    zeros: Any = like.new_zeros if isinstance(like, Tensor) else lambda shape: np.zeros(shape, like.dtype)
    return [zeros(shape) if g is None else g for g, shape in zip(grads, shapes, strict=True)]


@op("unbind.int", view=True, several=True, promote="keep", numbers=False)
def unbind(self, dim: int = 0):
    if dim == 0 and self.ndim:
        return [self[i, ...] for i in range(len(self))]
    d = existing_dim(dim, self.ndim)
    return [self[along(d, i)] for i in range(self.shape[d])]


def stack_grads(grads: Any, dim: int, self_shape: Shape) -> Any:
    """The gradients of an unbind stacked again."""
    d = normal_dim(dim, len(self_shape))
    for g in grads:
        if g is None:
            grads = filled(grads, [(*self_shape[:d], *self_shape[d + 1 :])] * len(grads))
            break
    return stack(grads, dim) if isinstance(grads[0], Tensor) else side_by_side(grads, d)


derivative("UnbindBackward0", of=unbind, forward="linear", shows={"self_shape": {}}, self=stack_grads)


# -- split ----------------------------------------------------------------------------------------------


def cut(a: Any, dim: int, sizes: Any) -> list[Any]:
    """Consecutive pieces of `a` of the given sizes."""
    out, start = [], 0
    for n in sizes:
        out.append(slice_kernel(a, dim, start, start + n, 1))
        start += n
    return out


def even_sizes(n: int, size: int) -> list[int]:
    """Sizes of pieces of `size`, the last one smaller if need be; at least one piece."""
    return [min(size, n - at) for at in range(0, n, size)] if n else [0]


def joined(grads: Any, dim: int, shape: Shape, sizes: Any) -> Any:
    """The gradients of pieces put together again."""
    shapes = [(*shape[:dim], n, *shape[dim + 1 :]) for n in sizes]
    return cat(filled(grads, shapes), dim)


@op("_split.Tensor", view=True, several=True, promote="keep", numbers=False)
def split_evenly(self, split_size: int, dim: int = 0):
    if self.ndim == 0:
        raise RuntimeError("split expects at least a 1-dimensional tensor")
    if split_size < 0:
        raise RuntimeError(f"split expects split_size be non-negative, but got split_size={split_size}")
    d = normal_dim(dim, self.ndim)
    n = self.shape[d]
    if split_size == 0 and n:
        raise RuntimeError(f"split_size can only be 0 if dimension size is 0, but got dimension size of {n}")
    return cut(self, d, even_sizes(n, split_size))


def _of_memory(kernel: Any) -> Any:
    """A kernel of pieces that can be written to: of what is conjugated or negated as it is read, of a copy."""

    @wraps(kernel)
    def unsafe(self, *args, **kwargs):
        return kernel(self if self.flags.writeable else self.copy(order="K"), *args, **kwargs)

    return unsafe


_unsafe_evenly = op("_unsafe_split.Tensor", several=True, promote="keep", numbers=False)(
    _of_memory(decl_of(split_evenly).kernel)
)
"""The same pieces as tensors of their own, which share the memory."""
for _label, _of in (("SplitBackward0", split_evenly), ("UnsafeSplitBackward0", _unsafe_evenly)):
    derivative(
        _label,
        of=_of,
        forward="linear",
        self=lambda grads, split_size, dim, self_shape: joined(
            grads, dim % len(self_shape), self_shape, even_sizes(self_shape[dim], split_size)
        ),
    )


@op("split_with_sizes", view=True, several=True, promote="keep", numbers=False)
def split_with_sizes(self, split_sizes: Any, dim: int = 0):
    if self.ndim == 0:
        raise RuntimeError("split expects at least a 1-dimensional tensor")
    d = normal_dim(dim, self.ndim)
    shown = errors.shape_text(tuple(split_sizes))
    if any(n < 0 for n in split_sizes):
        raise RuntimeError(
            "split_with_sizes expects split_sizes have only non-negative entries, but got "
            f"split_sizes={shown}"
        )
    if sum(split_sizes) != self.shape[d]:
        raise RuntimeError(
            f"split_with_sizes expects split_sizes to sum exactly to {self.shape[d]} (input tensor's size at "
            f"dimension {dim}), but got split_sizes={shown}"
        )
    return cut(self, d, split_sizes)


_unsafe_with_sizes = op("_unsafe_split_with_sizes", several=True, promote="keep", numbers=False)(
    _of_memory(decl_of(split_with_sizes).kernel)
)
for _label, _of in (
    ("SplitWithSizesBackward0", split_with_sizes),
    ("UnsafeSplitWithSizesBackward0", _unsafe_with_sizes),
):
    derivative(
        _label,
        of=_of,
        forward="linear",
        shows={"split_sizes": {"split_sizes": tuple}},
        self=lambda grads, split_sizes, dim, self_shape: joined(
            grads, dim % len(self_shape), self_shape, split_sizes
        ),
    )


@composite("split")
def split(self, split_size_or_sections: Any = None, dim: int = 0, **keywords: Any):
    """Pieces of one size, or of given sizes, along `dim`."""
    if not isinstance(self, Tensor):
        raise AttributeError(f"{type(self).__name__!r} object has no attribute 'split'")
    size = keywords.get("split_size", split_size_or_sections)
    handed("split" if isinstance(size, int) else "split_with_sizes", self, size, dim)
    if is_int(size):
        return split_evenly(self, size, dim)
    return split_with_sizes(self, tuple(size), dim)


@composite("chunk")
def chunk(self, chunks: int, dim: int = 0):
    """At most `chunks` pieces of one size along `dim`, the last one smaller if need be."""
    return _chunks(self, chunks, dim, split_evenly, split_with_sizes)


@composite("unsafe_split")
def unsafe_split(self, split_size: int, dim: int = 0):
    """The pieces of `split` as tensors of their own, which share the memory; in inference mode they are views."""
    if modes.state.inference or self.is_inference():
        return _recounted(split_evenly(self, split_size, dim))
    return _unsafe_evenly(self, split_size, dim)


@composite("unsafe_split_with_sizes")
def unsafe_split_with_sizes(self, split_sizes: Any, dim: int = 0):
    """The same of pieces of given sizes."""
    if modes.state.inference or self.is_inference():
        return _recounted(split_with_sizes(self, tuple(split_sizes), dim))
    return _unsafe_with_sizes(self, tuple(split_sizes), dim)


def _recounted(pieces: Any) -> Any:
    """Pieces that are views, which count their writes themselves, from 0, so that none finds out about those to the
    whole."""
    for piece in pieces:
        if not piece.is_inference():
            piece._vc = [0]
    return pieces


@composite("unsafe_chunk")
def unsafe_chunk(self, chunks: int, dim: int = 0):
    """The pieces of `chunk` as tensors of their own, which share the memory."""
    return _chunks(self, chunks, dim, unsafe_split, unsafe_split_with_sizes)


def _chunks(self: Tensor, chunks: int, dim: int, evenly: Any, with_sizes: Any) -> Any:
    shape = self.shape
    if not shape:
        raise RuntimeError("chunk expects at least a 1-dimensional tensor")
    if chunks <= 0:
        raise RuntimeError(f"chunk expects `chunks` to be greater than 0, got: {chunks}")
    n = shape[normal_dim(dim, len(shape))]
    size = -(-n // chunks)
    if size == 0:  # torch gives as many empty pieces as were asked for
        return with_sizes(self, (0,) * chunks, dim)
    return evenly(self, size, dim)


# -- tensor_split and the split functions of NumPy ------------------------------------------------------

_TENSOR_SPLIT = Parser(
    "tensor_split",
    "(Tensor tensor_indices_or_sections, int dim = 0)",
    "(int sections, int dim = 0)",
    "(tuple of ints indices, int dim = 0)",
)


@composite("tensor_split")
def tensor_split(self, indices_or_sections: Any, dim: int = 0):
    """Slices between the given indices, or `sections` of nearly equal size."""
    if not is_int(indices_or_sections) or isinstance(indices_or_sections, Tensor):
        overload, found = _TENSOR_SPLIT.parse((indices_or_sections, dim), {})
        given = next(iter(found.values()))
        if overload == 0:
            given = _from_tensor(given)
    else:
        given = int(indices_or_sections)
    shape = self.shape
    if not shape:
        raise RuntimeError(
            "tensor_split expected at least a 1-dimensional tensor, but got a tensor with 0 dims"
        )
    d = normal_dim(dim, len(shape))
    if isinstance(given, int):
        if given <= 0:
            raise RuntimeError(f"number of sections must be larger than 0, got {given}")
        size, longer = divmod(shape[d], given)
        given = [size * i + min(i, longer) for i in range(1, given)]
    return tuple(slice_op(self, d, a, b, 1) for a, b in pairwise([0, *given, shape[d]]))


def _from_tensor(t: Tensor) -> Any:
    if t._a.dtype != np.int64:
        name = errors.TYPE_NAMES[t._a.dtype.name]
        raise RuntimeError(
            f"tensor_split expected tensor_indices_or_sections to have dtype of long, but got {name}"
        )
    if t._a.ndim > 1:
        raise RuntimeError(
            "tensor_split expected tensor_indices_or_sections to be a zero-dimensional or one-dimensional "
            "tensor, "
            f"but got a tensor with {t._a.ndim} dims"
        )
    return t._a.tolist()


def _like_numpy(name: str, self: Tensor, how: Any, dim: int, least: int) -> Any:
    shape = self.shape
    if len(shape) < least:
        raise RuntimeError(
            f"torch.{name} requires a tensor with at least {least} dimension, but got a tensor with "
            f"{len(shape)} "
            "dimensions!"
        )
    if is_int(how) and (how == 0 or shape[dim] % how):
        raise RuntimeError(
            f"torch.{name} attempted to split along dimension {dim}, but the size of the dimension "
            f"{shape[dim]} is "
            f"not divisible by the split_size {how}!"
        )
    return tensor_split(self, how, dim)


@composite("hsplit")
def hsplit(self, indices_or_sections: Any):
    """Split along dimension 1 (0 for one-dimensional tensors)."""
    return _like_numpy("hsplit", self, indices_or_sections, 1 if self._a.ndim > 1 else 0, 1)


@composite("vsplit")
def vsplit(self, indices_or_sections: Any):
    """Split along dimension 0."""
    return _like_numpy("vsplit", self, indices_or_sections, 0, 2)


@composite("dsplit")
def dsplit(self, indices_or_sections: Any):
    """Split along dimension 2."""
    return _like_numpy("dsplit", self, indices_or_sections, 2, 3)
