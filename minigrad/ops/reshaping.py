"""The same elements in the same order under another shape: view, reshape, flatten, squeeze and their like."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from minigrad import dispatch, dtypes, errors
from minigrad.arguments import is_int
from minigrad.device import contiguous_format
from minigrad.dims import distinct_dims, existing_dim, normal_dim
from minigrad.memory import strides_of
from minigrad.refusals import handed
from minigrad.registry import composite, derivative, op
from minigrad.signatures import Parser
from minigrad.tensor import Tensor, wrap
from minigrad.windows import as_shape, infer_size, reshapes_as_torch, view_strides, window

# mypy: disable-error-code="no-untyped-def"

Shape = tuple[int, ...]

_VIEW = Parser("view", "(torch.dtype dtype)", "(tuple of ints size)")
_RESHAPE = Parser("reshape", "(tuple of ints shape)")


def sizes(args: tuple[Any, ...], usage: Parser, name: str) -> Shape:
    """Sizes given one by one or as one sequence; raises TypeError in torch's words for anything else."""
    given = args[0] if len(args) == 1 and isinstance(args[0], (tuple, list)) else args
    for n in given:
        if type(n) is not int:
            break
    else:
        if args:
            return tuple(given)
    return usage.parse(args, {})[1][name]  # type: ignore[no-any-return]


def reshape_to(x: Any, shape: Shape) -> Any:
    """A carrier under another shape."""
    if isinstance(x, Tensor):
        return reshape(x, shape)
    a = np.asarray(x)
    return a.reshape(shape) if reshapes_as_torch(a) else _reshaped(a, shape)


def _reshaped(a: Any, shape: Shape) -> Any:
    """A view where strides allow it, else a copy that owns its memory (NumPy's would be a view of one)."""
    out = as_shape(a, shape)
    if out is None:
        out = a.copy(order="C")
        out.shape = shape
    return out


# -- view and reshape -----------------------------------------------------------------------------------


def _viewed(a: Any, size: Shape) -> Any:
    out = as_shape(a, infer_size(size, a.size))
    if out is None:
        raise RuntimeError(
            "view size is not compatible with input tensor's size and stride (at least one dimension spans across "
            "two contiguous subspaces). Use .reshape(...) instead."
        )
    return out


@op("_view", view=True, promote="keep", numbers=False)
def view_op(self, size: Shape):
    return _viewed(self, size)


derivative(
    "ViewBackward0", of=view_op, forward="linear", self=lambda grad, self_shape: reshape_to(grad, self_shape)
)


@op("_reshape_alias", view=True, promote="keep", numbers=False)
def reshape_alias(self, size: Shape):
    return as_shape(self, size)


derivative(
    "ReshapeAliasBackward0",
    of=reshape_alias,
    forward="linear",
    self=lambda grad, self_shape: reshape_to(grad, self_shape),
)


@op("_unsafe_view", promote="keep", numbers=False)
def unsafe_view(self, size: Shape):
    return _viewed(self.view(), size)  # a result in its own right, though it need not be a copy


derivative(
    "UnsafeViewBackward0",
    of=unsafe_view,
    forward="linear",
    self=lambda grad, self_shape: reshape_to(grad, self_shape),
)


@composite("view", function=False)
def view(self, *shape, **keywords):
    """The same elements under another shape, or the same bytes under another dtype, without a copy."""
    if keywords or (len(shape) == 1 and isinstance(shape[0], (dtypes.dtype, type))):
        overload, found = _VIEW.parse(shape, keywords)
        return view_dtype(self, found["dtype"]) if overload == 0 else view_op(self, found["size"])
    return view_op(self, sizes(shape, _VIEW, "size"))


def _reinterpreted(self: Any, dtype: Any) -> Any:
    old, new = self.itemsize, dtype.numpy.itemsize
    if old == new:
        return self.view(dtype.numpy)
    if not self.ndim:
        raise RuntimeError(
            f"self.dim() cannot be 0 to view {_type(self)} as {dtype.scalar_type} (different element sizes)"
        )
    strides = strides_of(self)
    if self.size and strides[-1] != 1:
        raise RuntimeError(
            f"self.stride(-1) must be 1 to view {_type(self)} as {dtype.scalar_type} (different element "
            "sizes), "
            f"but got {strides[-1]}"
        )
    if new > old and self.shape[-1] % (new // old):
        raise RuntimeError(
            f"self.size(-1) must be divisible by {new // old} to view {_type(self)} as {dtype.scalar_type} "
            f"(different element sizes), but got {self.shape[-1]}"
        )
    return self.view(dtype.numpy)


def _type(a: Any) -> str:
    return dtypes.FROM_NUMPY[a.dtype].scalar_type


def view_dtype(self: Tensor, dtype: Any) -> Tensor:
    """The same bytes read as another dtype; no gradient passes."""
    if self.is_conj() or self.is_neg():
        which = "conjugate view tensors" if self.is_conj() else "tensors with negative bit set"
        raise RuntimeError(f"torch.Tensor.view is not supported for {which} when converting to a different dtype.")
    out = wrap(_reinterpreted(self._a, dtype))
    out._vc = self.counter()
    return out


@composite("reshape")
def reshape(self, *shape, **keywords):
    """The same elements under another shape: a view where strides allow it, else a copy."""
    if keywords:
        size = _RESHAPE.parse(shape, keywords)[1]["shape"]
    else:
        size = sizes(shape, _RESHAPE, "shape")
    if not isinstance(self, Tensor):
        return reshape_to(self, size)
    a = self._a
    if type(a) is not np.ndarray:
        return self.reshape(size)  # of batched tensors, which know for themselves
    proposed, size = size, infer_size(size, a.size)
    if a.flags.c_contiguous:
        return view_op(self, proposed)
    if view_strides(a, size) is not None:
        return reshape_alias(self, size)
    copied = self.clone(memory_format=contiguous_format)
    if copied._fn is None and not dispatch.tangents:  # nothing to record: the clone is the result
        copied._a.shape = size
        return copied
    return unsafe_view(copied, size)


@composite("view_as", function=False)
def view_as(self, other):
    """`view` with the shape of `other`."""
    if not isinstance(other, Tensor):
        raise errors.wrong_argument("view_as", "other", 1, "Tensor", other)
    return view_op(self, other._a.shape)


@composite("reshape_as", function=False)
def reshape_as(self, other):
    """`reshape` with the shape of `other`."""
    if not isinstance(other, Tensor):
        raise errors.wrong_argument("reshape_as", "other", 1, "Tensor", other)
    return reshape(self, other._a.shape)


@composite("flatten")
def flatten(self, start_dim: int = 0, end_dim: int = -1):
    """Dimensions start_dim to end_dim made one; the tensor itself where that changes nothing."""
    shape = self._a.shape
    start, end = normal_dim(start_dim, len(shape)), normal_dim(end_dim, len(shape))
    if start > end:
        raise RuntimeError("flatten() has invalid args: start_dim cannot come after end_dim")
    if not shape:
        return reshape(self, (1,))
    if start == end:
        return self
    return reshape(self, (*shape[:start], math.prod(shape[start : end + 1]), *shape[end + 1 :]))


@composite("ravel")
def ravel(self):
    """All elements in one dimension."""
    return view_op(self.contiguous(), (-1,)) if self._a.size else view_op(self.contiguous(), (0,))


_UNFLATTEN = Parser("unflatten", "(int dim, tuple of ints sizes)")


@composite("unflatten")
def unflatten(self, dim: int, sizes: Any):
    """Dimension `dim` split into several whose product it is; one of them may be -1."""
    if not sizes:
        raise RuntimeError("unflatten: sizes must be non-empty")
    dim, sizes = _UNFLATTEN.parse((dim, sizes), {})[1].values()
    shape = self._a.shape
    try:
        d = existing_dim(dim, len(shape))
        if sum(n == -1 for n in sizes) > 1:
            raise RuntimeError("only one dimension can be inferred")
    except (RuntimeError, IndexError) as error:
        if shape and isinstance(error, IndexError):
            raise
        raise RuntimeError(f"unflatten got an unexpected error:\n{error}") from None
    known = math.prod(n for n in sizes if n != -1)
    fits = known == shape[d] if -1 not in sizes else known and shape[d] % known == 0
    if not fits:
        raise RuntimeError(
            f"unflatten: Provided sizes {errors.shape_text(sizes)} don't multiply up to the size of dim {d} "
            f"({shape[d]}) in the input tensor"
        )
    if -1 in sizes:
        sizes = tuple(shape[d] // known if n == -1 else n for n in sizes)
    return view_op(self, (*shape[:d], *sizes, *shape[d + 1 :]))


# -- squeeze and unsqueeze ------------------------------------------------------------------------------


@op("unsqueeze", view=True, promote="keep", numbers=False)
def unsqueeze(self, dim: int):
    d = normal_dim(dim, self.ndim + 1)
    shape, strides = self.shape, strides_of(self)
    step = shape[d] * strides[d] if d < self.ndim else 1
    return window(self, (*shape[:d], 1, *shape[d:]), (*strides[:d], step, *strides[d:]))


derivative(
    "UnsqueezeBackward0",
    of=unsqueeze,
    forward="linear",
    self=lambda grad, dim: squeeze_dim(grad, dim),
)


def _without(a: Any, dims: Any) -> Any:
    """`a` without those of `dims` that have one element."""
    shape, strides = a.shape, strides_of(a)
    kept = [d for d in range(a.ndim) if d not in dims or shape[d] != 1]
    return window(a, tuple(shape[d] for d in kept), tuple(strides[d] for d in kept))


@op("_squeeze", view=True, promote="keep", numbers=False)
def squeeze_all(self):
    return _without(self, range(self.ndim))


derivative(
    "SqueezeBackward0",
    of=squeeze_all,
    forward="linear",
    self=lambda grad, self_shape: unsqueeze_to(grad, range(len(self_shape)), self_shape),
)


@op("_squeeze.dim", view=True, promote="keep", numbers=False)
def squeeze_one(self, dim: int):
    return _without(self, (normal_dim(dim, self.ndim),))


derivative(
    "SqueezeBackward1",
    of=squeeze_one,
    forward="linear",
    self=lambda grad, dim, self_shape: unsqueeze_to(grad, (normal_dim(dim, len(self_shape)),), self_shape),
)


@op("_squeeze.dims", view=True, promote="keep", numbers=False)
def squeeze_several(self, dim: Any):
    return _without(self, distinct_dims(dim, self.ndim))


derivative(
    "SqueezeBackward2",
    of=squeeze_several,
    forward="linear",
    self=lambda grad, dim, self_shape: unsqueeze_to(grad, distinct_dims(dim, len(self_shape)), self_shape),
)


def unsqueeze_to(grad: Any, dims: Any, shape: Shape) -> Any:
    """The dimensions of one element among `dims` put back."""
    if len(grad.shape) == len(shape):
        return grad
    if not isinstance(grad, Tensor):
        return np.asarray(grad).reshape(shape)
    for d in range(len(shape)):
        if d in dims and shape[d] == 1:
            grad = unsqueeze(grad, d)
    return grad


def squeeze_dim(x: Any, dim: int) -> Any:
    """A carrier without dimension `dim`, which has one element."""
    return squeeze_one(x, dim) if isinstance(x, Tensor) else np.squeeze(x, dim)


_SQUEEZE = Parser("squeeze", "()", "(int dim)", "(tuple of ints dim)", "(name dim)")


@composite("squeeze")
def squeeze(self, dim: Any = None, *more: Any):
    """Without the dimensions of one element: all of them, or those named."""
    dim = (dim, *more) if more else dim
    if dim is None:
        return squeeze_all(self)
    if type(dim) is int or is_int(dim):
        return squeeze_one(self, int(dim))
    if isinstance(dim, (tuple, list)):
        return squeeze_several(self, tuple(dim))
    raise _SQUEEZE.explain((dim,), {})


# -- at least so many dimensions ------------------------------------------------------------------------


def _one_or_many(tensors: tuple[Any, ...], each: Any) -> Any:
    if len(tensors) == 1 and isinstance(tensors[0], (tuple, list)):
        tensors = tuple(tensors[0])
    elif len(tensors) == 1:
        return each(tensors[0])
    return tuple(each(t) for t in tensors)


def _atleast_1d(t: Tensor) -> Tensor:
    return t if t._a.ndim else reshape(t, (1,))


def _atleast_2d(t: Tensor) -> Tensor:
    if t._a.ndim == 0:
        return reshape(t, (1, 1))  # type: ignore[no-any-return]
    return unsqueeze(t, 0) if t._a.ndim == 1 else t


def _atleast_3d(t: Tensor) -> Tensor:
    if t._a.ndim == 0:
        return reshape(t, (1, 1, 1))  # type: ignore[no-any-return]
    if t._a.ndim == 1:
        return unsqueeze(unsqueeze(t, 0), -1)  # type: ignore[no-any-return]
    return unsqueeze(t, -1) if t._a.ndim == 2 else t


def _publish_at_least(name: str, each: Any) -> None:
    def public(*tensors: Any) -> Any:
        handed(name, tensors[0] if len(tensors) == 1 else tensors)
        return _one_or_many(tensors, each)

    public.__name__ = public.__qualname__ = name
    public.__doc__ = f"Each tensor with at least {name[-2]} dimensions."
    composite(name, method=False)(public)


for _name, _each in (("atleast_1d", _atleast_1d), ("atleast_2d", _atleast_2d), ("atleast_3d", _atleast_3d)):
    _publish_at_least(_name, _each)
