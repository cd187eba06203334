"""Copies and writes: clone, detach, copy_, fill_, zero_, to."""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad import dispatch, dtypes, errors
from minigrad.node import Node
from minigrad.registry import NODES, composite, derivative, op
from minigrad.tensor import Tensor, wrap
from minigrad.views import check_inplace, rebase_history

# mypy: disable-error-code="no-untyped-def"


@op("clone", promote="keep", numbers=False)
def clone(self, *, memory_format: Any = None):
    return self.copy(order="K")


derivative("CloneBackward0", of=clone, self=lambda grad: grad)


@op("_to_copy", promote="keep", numbers=False, method=False, function=False)
def to_copy(self, dtype: Any):
    return self.astype(dtype)


derivative("ToCopyBackward0", of=to_copy, self=lambda grad, self_dtype: cast(grad, self_dtype))


def cast(x: Any, dt: np.dtype[Any]) -> Any:
    """A carrier cast to a NumPy dtype."""
    if isinstance(x, Tensor):
        return x if x._a.dtype == dt else to_copy(x, dt)
    return x.astype(dt)


def detach(self: Tensor) -> Tensor:
    """The same data outside of every graph: shares storage and version counter, is a view but records none."""
    out = wrap(self._a)
    if out._meta is None or not out._meta.inference:
        out._vc = self.counter()
    return out


def detach_(self: Tensor) -> Tensor:
    """Makes this tensor a leaf that requires no grad. Raises RuntimeError on views."""
    if self._is_view():
        raise errors.detach_view_in_place()
    self._fn, self._nr, self._rg = None, 0, False
    return self


class CopyBackwards(Node):
    """The node of copy_: what was overwritten gets no gradient, the source gets it, summed and cast."""

    __slots__ = ()
    label = "torch::autograd::CopyBackwards"

    def raw(self, grad: Any) -> tuple[Any, ...]:
        return (None, None) if grad is None else (np.zeros_like(grad) if self.fns[0] is not None else None, grad)

    def ten(self, grad: Any) -> tuple[Any, ...]:
        return (None, None) if grad is None else (grad.new_zeros(grad.shape) if self.fns[0] is not None else None, grad)


NODES["CopyBackwards"] = CopyBackwards


def copy_(self: Tensor, src: Any, non_blocking: bool = False) -> Tensor:
    """Overwrites this tensor with `src`, broadcast and cast."""
    if not isinstance(src, Tensor):
        raise errors.wrong_argument("copy_", "other", 1, "Tensor", src)
    requires = self.requires_grad or src.requires_grad
    check_inplace(self, requires)
    dispatch.check_writable(self, src._a.astype(self._a.dtype))
    node = None
    if dispatch.modes.state.grad and requires:
        node = CopyBackwards()
        node.x = None
        node.seq = dispatch.next_seq()
        node.fns, node.nrs = zip(dispatch.edge_of(self), dispatch.edge_of(src), strict=True)
        node.shape, node.dt = self._a.shape, self._a.dtype
    np.copyto(self._a, src._a, casting="unsafe")
    dispatch.bump_version(self)
    if node is not None:
        rebase_history(self, node)
    return self


@op("_zero", inplace=True, promote="keep", method=False, function=False)
def zero(self):
    return np.zeros_like(self)


derivative("ZeroBackward0", of=zero, self=lambda grad: zeros_like(grad))


def zeros_like(x: Any) -> Any:
    return x.new_zeros(x.shape) if isinstance(x, Tensor) else np.zeros_like(x)


@composite("to", function=False)
def to(self, dtype: dtypes.dtype):
    """This tensor in another dtype (itself where it has it already)."""
    return cast(self, dtype.numpy)


composite("detach")(detach)
composite("detach_")(detach_)
composite("copy_", function=False)(copy_)
composite("zero_")(zero.__globals__["OP"].inplace_function)
