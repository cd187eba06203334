"""Copies and overwriting by copies: clone, contiguous, copy_, detach."""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad import casting, dispatch, errors, modes
from minigrad.arguments import is_number
from minigrad.device import channels_last, channels_last_3d, contiguous_format, memory_format, preserve_format
from minigrad.lazy import look_alike, with_bits
from minigrad.memory import allocate, dense_strides, recalled, strides_of
from minigrad.node import Node, next_seq
from minigrad.ops.carriers import is_batched
from minigrad.promotion import broadcast_shape
from minigrad.registry import NODES, composite, derivative, op
from minigrad.saved_variable import Cut, detached
from minigrad.tensor import InferenceLeaf, Tensor, Uncounted, memory, wrap
from minigrad.validate import integral
from minigrad.views import check_inplace, rebase_history
from minigrad.zeros import ZeroTensor

# mypy: disable-error-code="no-untyped-def"


# -- layouts --------------------------------------------------------------------------------------------


def format_strides(shape: tuple[int, ...], chosen: Any) -> tuple[int, ...]:
    """The strides of a channels-last format; raises RuntimeError in torch's words for other ranks."""
    rank = 4 if chosen is channels_last else 5
    if len(shape) != rank:
        raise RuntimeError(f"required rank {rank} tensor to use {chosen.name} format")
    out, step = [0] * rank, 1
    for d in (1, *range(rank - 1, 1, -1), 0):
        out[d] = step
        step *= max(shape[d], 1)
    return tuple(out)


def copied(a: Any, chosen: Any = None) -> Any:
    """A copy of `a` laid out as `chosen` says (None and preserve_format: as it is, without gaps)."""
    if (chosen is None or chosen is preserve_format) and not (a.flags.c_contiguous and 1 not in a.shape):
        wanted = dense_strides(a.shape, strides_of(a))
        out = a.copy(order="K")
        if strides_of(out) == wanted:
            return out
        out = allocate(a.shape, a.dtype, wanted, zero=False)
    elif chosen is channels_last or chosen is channels_last_3d:
        out = allocate(a.shape, a.dtype, format_strides(a.shape, chosen), zero=False)
    else:
        return a.copy(order="C")
    out[...] = a
    return out


def zeros_of(grad: Any) -> Any:
    """Zeros of a carrier's shape and dtype."""
    if not isinstance(grad, Tensor):
        return np.zeros_like(grad)
    out = wrap(np.zeros_like(grad._a))
    if grad.is_inference() and not modes.state.inference:
        out._vc = [1]  # torch writes the zeros by an op that autograd does not hide
    return out


def _check_format(function: str, chosen: Any) -> None:
    if chosen is not None and not isinstance(chosen, memory_format):
        raise errors.wrong_argument(function, "memory_format", None, "torch.memory_format", chosen)


@op("clone", promote="keep", numbers=False)
def clone(self, *, memory_format: Any = None):
    _check_format("clone", memory_format)
    return copied(self, memory_format)


derivative("CloneBackward0", of=clone, forward="linear", self=lambda grad: grad)


@composite("contiguous", function=False)
def contiguous(self, *, memory_format: Any = contiguous_format):
    """This tensor, or a copy in the order asked for if it is not in it."""
    _check_format("contiguous", memory_format)
    if self.is_contiguous(memory_format=memory_format):
        return self
    if memory_format is preserve_format:
        raise RuntimeError("preserve memory format is unsupported by the contiguous operator")
    return clone(self, memory_format=memory_format)


# -- conversion ---------------------------------------------------------------------------------------


def _converted(self: Any, dtype: Any, memory_format: Any) -> Any:
    if self.dtype == dtype:
        return copied(self, memory_format)
    return copied(casting.cast(self, dtype), memory_format)


@op("_to_copy", promote="keep", numbers=False)
def to_copy_op(self, dtype: Any, memory_format: Any = None):
    return _converted(self, dtype, memory_format)


@op("_to_copy.integral", promote="keep", numbers=False)
def to_copy_integral(self, dtype: Any, memory_format: Any = None):
    return _converted(self, dtype, memory_format)


def to_copy(x: Any, dt: np.dtype[Any], memory_format: Any = None) -> Any:
    """A copy of a carrier in a NumPy dtype; one of integers or bools leaves the graph."""
    out = (to_copy_op if dt.kind in "fc" else to_copy_integral)(x, dt, memory_format)
    if isinstance(x, InferenceLeaf) and not modes.state.inference:
        # autograd overlooks the cast, but not the copy in it
        out._vc = [0]
        copy_(out, x)
    return out


def converted(x: Any, dt: np.dtype[Any]) -> Any:
    """A carrier in a NumPy dtype as `to` makes it: where complex numbers become real with a warning."""
    if isinstance(x, Tensor):
        return x if x._a.dtype == dt else to_copy(x, dt)
    return casting.cast(np.asarray(x), dt)


def cast(x: Any, dt: np.dtype[Any]) -> Any:
    """A carrier in a NumPy dtype; itself where it has it already. Of complex ones the real part stays."""
    if isinstance(x, Tensor):
        if x._a.dtype == dt:
            return x
        if x._a.dtype.kind == "c" and dt.kind != "c":
            x = x.real
        return x if x._a.dtype == dt else to_copy(x, dt)
    x = np.asarray(x)
    return casting.cast(recalled(x).real if x.dtype.kind == "c" and dt.kind != "c" else x, dt)


def _cast_back(grad: Any, dt: np.dtype[Any]) -> Any:
    if dt.kind in "biu":
        raise integral()
    return cast(grad, dt)


derivative(
    "ToCopyBackward0", of=to_copy_op, forward="linear", self=lambda grad, self_dtype: _cast_back(grad, self_dtype)
)


# -- detach ---------------------------------------------------------------------------------------------


@composite("detach")
def detach(self):
    """The same data outside of every graph; shares storage and version counter, yet counts as no view."""
    return detached(self)


def _data(self: Tensor) -> Tensor:
    """The same data as a tensor that autograd knows nothing of: no history, a version counter of its own."""
    out = detached(self)
    out._vc = None
    return out


def _set_data(self: Tensor, value: Any) -> None:
    if not isinstance(value, Tensor):
        raise TypeError(f"Variable data has to be a tensor, but got {type(value).__name__}")
    if self._rg and value._a.dtype.kind not in "fc":
        raise RuntimeError("data set to a tensor that requires gradients must be floating point or complex dtype")
    look_alike(self, value)
    if value.is_inference() is not self.is_inference():
        meta, inference = self.meta(), value.is_inference()
        counted = meta.counted if meta.inference else not meta.uncounted
        # all of it but the version counter, which the tensor has, or has not, as before
        meta.inference, meta.counted, meta.uncounted = inference, counted and inference, not (counted or inference)
        if type(self) in (Tensor, InferenceLeaf, Uncounted):
            normal = Uncounted if meta.uncounted else Tensor
            self.__class__ = InferenceLeaf if self._rg and inference else normal


Tensor.data = property(_data, _set_data)


@composite("detach_")
def detach_(self):
    """Makes this tensor a leaf that requires no grad. Raises RuntimeError on views."""
    if modes.state.inference or self.is_inference():
        return self  # what autograd does not get to see
    if self._is_view():
        raise errors.detach_view_in_place()
    if self._fn is not None:
        self._vc = Cut(self.counter())  # see saved_variable.Note [Detached since]
    self._fn, self._nr, self._rg = None, 0, False
    if self._meta is not None:
        self._meta.tangent = None
    return self


# -- copy_ ----------------------------------------------------------------------------------------------


class CopyBackwards(Node):
    """The node of copy_: what was overwritten gets zeros, the source gets the gradient, summed and cast."""

    __slots__ = ("source_dt",)

    source_dt: np.dtype[Any]
    label = "torch::autograd::CopyBackwards"

    def raw(self, grad: Any) -> tuple[Any, ...]:
        if grad is None:
            return None, None
        return None if self.fns[0] is None else np.zeros(np.shape(grad), grad.dtype), cast(grad, self.source_dt)

    def ten(self, grad: Any) -> tuple[Any, ...]:
        if grad is None:
            return None, None
        return None if self.fns[0] is None else _zeros_like(grad), cast(grad, self.source_dt)


def _zeros_like(grad: Any) -> Any:
    if is_batched(grad):
        return modes.state.batch.looped(_zeros_like, "zeros_like", (grad,))
    return wrap(np.zeros(grad._a.shape, grad._a.dtype))


NODES["CopyBackwards"] = CopyBackwards


@composite("copy_", function=False)
def copy_(self, other, non_blocking: bool = False):
    """Overwrites this tensor with `other`, broadcast and cast."""
    if not isinstance(other, Tensor):
        if not is_number(other):
            raise errors.wrong_argument("copy_", "other", 1, "Tensor", other)
        other = wrap(np.asarray(other))
    batch = modes.state.batch
    if batch is not None and batch.concerns((other,)):
        raise batch.not_batched("copy_")
    requires = self.requires_grad or other.requires_grad
    if not (self.is_inference() and other.is_inference()):  # else autograd sees nothing
        check_inplace(self, requires)
    target, source = memory(self), other._a
    dispatch.check_overlap(target, (source,))
    if source.shape != target.shape:
        shape = broadcast_shape([target.shape, source.shape])
        if shape != target.shape:
            raise errors.output_shape_mismatch(target.shape, shape)
    node: Any = None
    if modes.state.grad and requires and target.dtype.kind in "fc":
        node = CopyBackwards()
        node.x = None
        node.fns, node.nrs = zip(dispatch.edge_of(self), dispatch.edge_of(other), strict=True)
        node.seq = next_seq()
        modes.remember(node)
        node.shape, node.dt, node.source_dt = target.shape, target.dtype, source.dtype
    if type(self) is ZeroTensor:
        raise errors.zero_tensor_written(
            "Please materialize the tensor using `.clone()`, if you want a mutable zero tensor."
        )
    dispatch.before_write(self)
    np.copyto(target, with_bits(self, casting.cast(source, target.dtype)), casting="unsafe")
    dispatch.bump_version(self)
    if node is not None:
        rebase_history(self, node)
    if dispatch.tangents:
        dispatch.tangents[0].after_copy(self, other)
    return self
