"""Tangents of tensors: what carries one, where it lies, what a view sees of its base's.

What may live here: reading and setting tangents.

Note [Where tangents live]: a tangent belongs to the Tensor object (its Meta). A view's tangent is the same
view of its base's tangent, so writes through either are seen by both.
"""

from __future__ import annotations

import weakref
from typing import Any

import numpy as np

from minigrad import errors, modes
from minigrad.autograd.batched import Batched, laid_out_like
from minigrad.copy_slices import Geometry
from minigrad.memory import strides_of
from minigrad.node import Node, next_seq
from minigrad.recording import edge_of
from minigrad.tensor import Tensor, memory, wrap
from minigrad.windows import offset_of, storage
from minigrad.zeros import ZeroTensor

levels: list[list[weakref.ref[Any]]] = []
"""What has a tangent (Tensors, saved results), per open level; there is at most one, as in torch."""


def tangent_of(x: Any) -> Tensor | None:
    """The tangent that `x` carries, if any; a view sees what its base got by later writes. Inference mode sees none."""
    if not isinstance(x, Tensor) or x._meta is None or modes.state.inference:
        return None
    meta = x._meta
    if meta.tangent is None and meta.base is not None and not meta.primal and levels:
        base = meta.base
        whole = None if base._meta is None else base._meta.tangent
        if whole is not None:
            set_tangent(x, same_window(whole, x, base) if meta.replay is None else meta.replay(whole))
    return meta.tangent


def set_tangent(x: Tensor, tangent: Tensor) -> None:
    """Makes `x` carry `tangent`. Raises RuntimeError where their shapes differ, and where `tangent` carries one."""
    if tangent._meta is not None and tangent_of(tangent) is not None:
        raise RuntimeError(
            "Setting a forward grad that itself has a forward gradient at the same level0 is not supported."
        )
    if tangent._a.shape != x._a.shape:
        raise RuntimeError(
            "Trying to set a forward gradient that has a different size than that of the original Tensor, this is not "
            f"supported. Tensor is of size {errors.shape_text(x._a.shape)} while the given forward gradient is of size "
            f"{errors.shape_text(tangent._a.shape)}."
        )
    if type(tangent) is Batched:
        x.meta().tangent = laid_out_like(tangent, memory(x), x.is_conj())
    else:
        x.meta().tangent = _laid_as(tangent, x)
    levels[-1].append(weakref.ref(x))


def _laid_as(tangent: Tensor, x: Tensor) -> Tensor:
    """`tangent`, or a copy of it, laid out so that views of `x` name the same elements of it."""
    alike = tangent.is_conj() == x.is_conj() and _laid_out_alike(memory(tangent), memory(x))
    zero = type(tangent) is ZeroTensor and tangent._a.size != 1  # torch's have memory for one element
    return tangent if alike and not zero else _relaid(tangent, memory(x))


def _laid_out_alike(a: np.ndarray[Any, Any], b: np.ndarray[Any, Any]) -> bool:
    """Whether a view of `b` names the same elements of `a`: same strides and offset, storages of one size. Of what is
    empty only the storages are asked."""
    steps = zip(strides_of(a), strides_of(b), b.shape, strict=True)
    alike = not b.size or (all(m == n or k < 2 for m, n, k in steps) and offset_of(a) == offset_of(b))
    return alike and storage(a).nbytes // a.itemsize == storage(b).nbytes // b.itemsize


def _relaid(tangent: Tensor, like: np.ndarray[Any, Any]) -> Tensor:
    """A copy of `tangent` in a storage laid out as that of `like`, and of its dtype."""
    room = wrap(np.zeros(storage(like).nbytes // like.itemsize, like.dtype))
    out: Tensor = room.as_strided(like.shape, strides_of(like), offset_of(like)).detach()
    return out.copy_(tangent)  # type: ignore[no-any-return]


def same_window(whole: Tensor, part: Tensor, base: Tensor) -> Tensor:
    """The part of `whole` that `part` is of `base`, which is laid out alike."""
    size, stride, offset = Geometry.of(part._a, base._a)
    return whole.as_strided(size, stride, offset + whole.storage_offset())  # type: ignore[no-any-return]


class Identity(Node):
    """The node of a primal taken out of a dual tensor, by `unpack_dual` or for a rule that asks for it."""

    __slots__ = ()
    label = "torch::autograd::Identity"

    def __init__(self, source: Tensor) -> None:
        fn, nr = edge_of(source)
        self.seq, self.x = next_seq(), None
        modes.remember(self)
        self.fns, self.nrs = (fn,), (nr,)
        self.shape, self.dt = source._a.shape, source._a.dtype

    def raw(self, grad: Any) -> Any:
        return [grad]

    ten = raw
