"""Copies and pickles of tensors: `copy.copy`, `copy.deepcopy`, `pickle`.

What may live here: how tensors are taken apart and put together again. METHODS names the attribute of Tensor
that each function becomes.
"""

from __future__ import annotations

import copy
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from minigrad import modes
from minigrad.dtypes import Array
from minigrad.lazy import LazyTensor, bits_of, set_bits
from minigrad.memory import allocate
from minigrad.tensor import InferenceLeaf, Tensor, memory, wrap
from minigrad.windows import address, flat, storage


def deepcopy(self: Tensor, memo: dict[int, Any]) -> Tensor:
    """A leaf with its own memory, requires_grad, grad and attributes; tensors that share memory still do.

    Hooks stay behind. Raises RuntimeError for tensors that are results of recorded operations.
    """
    if not self.is_leaf:
        raise RuntimeError(
            "Only Tensors created explicitly by the user (graph leaves) support the deepcopy protocol at the "
            "moment.  If you were attempting to deepcopy a module, this may be because of a "
            "torch.nn.utils.weight_norm usage, see https://github.com/pytorch/pytorch/pull/103001"
        )
    if id(self) in memo:
        return memo[id(self)]  # type: ignore[no-any-return]
    elements = self._a if type(self) is not LazyTensor else self.detach().clone()._a
    root = storage(elements)
    copies: dict[int, Array] = memo.setdefault("minigrad", {})  # type: ignore[call-overload]
    if id(root) not in copies:
        copies[id(root)] = root.copy(order="K")
    start = address(elements) - address(flat(elements))
    made = over(copies[id(root)], start, elements.shape, elements.strides, elements.dtype, _kind(self))
    made._rg = self.requires_grad
    if self.grad is not None:
        made.grad = deepcopy(self.grad, memo)
    made.__dict__.update(copy.deepcopy(self.__dict__, memo))
    memo[id(self)] = made
    return made


def over(
    root: Array, start: int, shape: tuple[int, ...], strides: tuple[int, ...], dtype: Any, kind: type[Tensor]
) -> Tensor:
    """A tensor that looks into the storage `root` from byte `start` on, with strides in bytes."""
    if 0 in shape:
        array = allocate(shape, dtype, tuple(s // dtype.itemsize for s in strides))
    else:
        array = np.ndarray(shape, dtype, flat(root), start, strides)
    made = wrap(array)
    if kind is not Tensor:
        made.__class__ = kind
    if not modes.state.inference:
        made.counter()[0] = 1  # torch makes an empty tensor first and then sets its storage
    return made


def rebuild(
    kind: type[Tensor],
    root: Array,
    start: int,
    shape: tuple[int, ...],
    strides: tuple[int, ...],
    dtype: str,
    requires_grad: bool,
    bits: int,
) -> Tensor:
    """The tensor that a pickle describes."""
    made = over(root, start, shape, strides, np.dtype(dtype), kind)
    made._rg = requires_grad
    return set_bits(made, bits)


def _kind(x: Tensor) -> type[Tensor]:
    return Tensor if type(x) in (LazyTensor, InferenceLeaf) else type(x)


def reduce_ex(self: Tensor, protocol: Any) -> tuple[Any, ...]:
    """How tensors are pickled: storage, geometry, requires_grad and attributes; neither grad nor hooks.

    `copy.copy` goes this way too, so it shares memory. Results of recorded operations come back as leaves.
    """
    warn_of_hooks(self)
    array = memory(self)
    start = address(array) - address(flat(array))
    parts = (
        _kind(self),
        storage(array).view(),  # a new object: in torch, too, every tensor is pickled with its own memory
        start,
        array.shape,
        array.strides,
        array.dtype.name,
        self.requires_grad,
        bits_of(self),
    )
    return (rebuild, parts, dict(self.__dict__)) if self.__dict__ else (rebuild, parts)


def warn_of_hooks(x: Tensor) -> None:
    """Say of each hook on `x` that it stays behind."""
    hooks = x._meta.hooks if x._meta is not None else None
    for hook in (hooks or {}).values():
        if not hasattr(hook, "__torch_unserializable__"):
            warnings.warn(
                f"backward hook {hook!r} on tensor will not be serialized.  If this is expected, you can "
                "decorate the function with @torch.utils.hooks.unserializable_hook to suppress this warning",
                stacklevel=3,
            )


METHODS: dict[str, Callable[..., Any]] = {"__deepcopy__": deepcopy, "__reduce_ex__": reduce_ex}
"""What becomes an attribute of Tensor."""
