"""Several tensors of one shape as one: what `jacobian(vectorize=True)` and batched gradients compute with, as torch
does under vmap.

What may live here: the class, its members, and what it does without passing through an op. What an op does with
one is in `batching`.

Note [Batched]: a batched tensor looks like any one of its members: shape, dtype and strides are theirs. All of
them lie in `whole`, which has one more dimension in front, and which is an ordinary tensor: whatever is recorded,
is recorded of it. A formula need not know; what asks for elements, which differ, raises UnbatchedError.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad.memory import is_contiguous, strides_of
from minigrad.registry import FUNCTIONS
from minigrad.tensor import Tensor, memory, set_memory, wrap
from minigrad.windows import offset_of, storage
from minigrad.zeros import ZeroTensor


class UnbatchedError(RuntimeError):
    """Something was asked of a batched tensor that has no one answer for all of its members."""


class RefusedError(UnbatchedError):
    """Something was asked of a batched tensor that torch refuses, whoever asks for it but minigrad's own formulas."""


UnbatchedError.__name__ = UnbatchedError.__qualname__ = RuntimeError.__name__
RefusedError.__name__ = RefusedError.__qualname__ = RuntimeError.__name__


class Facts:
    """What there is to know of a member without looking at its elements: it stands where an array would."""

    __slots__ = ("dtype", "itemsize", "nbytes", "ndim", "shape", "size", "strides")

    def __init__(self, whole: np.ndarray[Any, Any]) -> None:
        self.shape, self.strides = whole.shape[1:], whole.strides[1:]
        self.dtype, self.itemsize, self.ndim = whole.dtype, whole.itemsize, whole.ndim - 1
        self.size = int(np.prod(self.shape, dtype=np.int64))
        self.nbytes = self.size * self.itemsize

    def __getattr__(self, name: str) -> Any:  # among them what NumPy asks for before it makes an array of it
        raise UnbatchedError(f"nothing is known of the elements of a batched tensor ({name})")

    def __array_ufunc__(self, *args: Any, **kwargs: Any) -> Any:
        raise UnbatchedError("nothing is known of the elements of a batched tensor")


class Batched(Tensor):
    """See Note [Batched]. No fast path, which asks for `type(x) is Tensor`, knows it."""

    __slots__ = ("whole",)

    whole: Tensor

    @property
    def real(self) -> Any:
        return batched(self.whole.real)

    @property
    def imag(self) -> Any:
        return batched(self.whole.imag)

    def conj(self) -> Any:
        return batched(self.whole.conj()) if self.is_complex() else self

    def contiguous(self, **kwargs: Any) -> Any:
        return batched(self.whole.contiguous(**kwargs))

    def new_zeros(self, *size: Any, **kwargs: Any) -> Any:
        given = size[0] if len(size) == 1 and isinstance(size[0], (tuple, list)) else size
        return batched(self.whole.new_zeros((len(self.whole), *given), **kwargs))

    def _neg_view(self) -> Any:
        return batched(self.whole._neg_view())

    def detach(self) -> Any:
        raise RefusedError(
            "Batching rule not implemented for aten::detach; the fallback path doesn't work on out= or view ops."
        )

    def item(self) -> Any:
        raise no_answer("item")

    # whoever asks for elements or memory is refused in torch's words; none of these is to be filled in
    def tolist(self) -> Any:
        raise RefusedError("Cannot access data pointer of Tensor that doesn't have storage")

    data_ptr = tolist

    def numpy(self, **kwargs: Any) -> Any:
        return self.detach()

    def untyped_storage(self) -> Any:
        raise NotImplementedError("Cannot access storage of BatchedTensorImpl")

    def is_contiguous(self, **kwargs: Any) -> bool:
        return is_contiguous(tuple(self.shape), strides_of(memory(self)))

    def __repr__(self, **kwargs: Any) -> str:
        raise no_answer("is_nonzero")

    __int__ = __float__ = __complex__ = __index__ = item

    def __bool__(self) -> bool:
        raise no_answer("is_nonzero")

    def as_strided(self, size: Any, stride: Any, storage_offset: int | None = None) -> Any:
        lead = strides_of(memory(self.whole))[0]
        return batched(self.whole.as_strided((len(self.whole), *size), (lead, *stride), storage_offset))

    def storage_offset(self) -> int:
        return offset_of(memory(self.whole))

    def reshape(self, *shape: Any) -> Any:
        given = shape[0] if len(shape) == 1 and isinstance(shape[0], (tuple, list)) else shape
        return batched(self.whole.reshape((len(self.whole), *given)))

    def copy_(self, other: Any, non_blocking: bool = False) -> Any:
        if not len(self.whole):
            raise no_rule("copy_")
        for mine, its in zip(members(self, len(self.whole)), members(other, len(self.whole)), strict=True):
            mine.copy_(its)
        return self

    def fill_(self, value: Any) -> Any:
        self.whole.fill_(value)
        return self

    def zero_(self) -> Any:
        self.whole.zero_()
        return self

    def _look_at(self, whole: Tensor) -> Any:
        self.whole = whole
        set_memory(self, Facts(memory(whole)))  # type: ignore[arg-type]
        return self

    # To look at memory in another way is what torch has each member do, which is gone then: the batch is as before.

    def squeeze_(self, *dim: Any) -> Any:
        return self._each(lambda member: member.squeeze_(*dim), "squeeze_")

    def unsqueeze_(self, dim: int) -> Any:
        return self._each(lambda member: member.unsqueeze_(dim), "unsqueeze_")

    def transpose_(self, dim0: int, dim1: int) -> Any:
        return self._each(lambda member: member.transpose_(dim0, dim1), "transpose_")

    def as_strided_(self, size: Any, stride: Any, storage_offset: int | None = None) -> Any:
        return self._each(lambda member: member.as_strided_(size, stride, storage_offset), "as_strided_")

    def _each(self, write: Any, name: str) -> Any:
        if not len(self.whole):
            raise no_rule(name)
        for member in members(self, len(self.whole)):
            write(member)
        return self


Batched.__name__ = Batched.__qualname__ = Tensor.__name__
Batched.__module__ = Tensor.__module__


def batched(whole: Tensor) -> Any:
    """The members along the first dimension of `whole` as one tensor."""
    out = Tensor.__new__(Batched)
    out._look_at(whole)
    out._rg, out._nr = False, 0
    out._fn = out._grad = out._acc = out._vc = out._meta = None
    return out


def members(x: Any, count: int) -> list[Any]:
    """What stands for `x` in what is done `count` times, once for each member."""
    if type(x) is Batched:
        whole = x.whole.expand(x.whole.shape)  # as torch has it, even where nothing is missing
        return [whole.select(0, k) for k in range(count)]
    if type(x) in (list, tuple) and Batched in map(type, x):
        return [list(row) for row in zip(*(members(one, count) for one in x), strict=True)]
    return [x] * count


def size_of(args: Any) -> int:
    """How many members there are. UnbatchedError where batches differ in that."""
    sizes = set()
    for x in args:
        if type(x) is Batched:
            sizes.add(len(x.whole))
        elif type(x) in (list, tuple) and Batched in map(type, x):
            sizes.add(size_of(x))
    if len(sizes) != 1:
        raise UnbatchedError(f"batches of {sorted(sizes)} members cannot be taken together")
    return int(sizes.pop())


def stacked(members: list[Any]) -> Any:
    """Results of one shape as one batched tensor, None for Nones."""
    if members[0] is None:
        return None
    whole = FUNCTIONS["stack"](members)
    return batched(whole.view(whole.shape))


def whole_of(x: Tensor, count: int) -> Tensor:
    """All members of `x` in one tensor; of what is not batched, `count` times the same."""
    return x.whole if type(x) is Batched else x.expand((count, *x.shape))


def no_answer(name: str) -> RefusedError:
    """For what gives no tensor, so that it cannot be asked of one member after the other."""
    return RefusedError(f"Batching rule not implemented for aten::{name}. We could not generate a fallback.")


def not_batched(name: str) -> RefusedError:
    """For writing what differs between members into a tensor that they share."""
    return RefusedError(
        f"vmap: aten::{name}(self, *extra_args) is not possible because there exists a Tensor `other` in extra_args "
        "that has more elements than `self`. This happened due to `other` being vmapped over but `self` not being "
        f"vmapped over at level 1. Please try to use out-of-place operators instead of aten::{name}. If said operator "
        "is being called inside the PyTorch framework, please file a bug report instead."
    )


def no_rule(name: str) -> RuntimeError:
    """For an op that torch computes member by member, where there is none to learn the result's shape from."""
    return RuntimeError(
        f"Batching rule not implemented for aten::{name}. The fallback path does not support vmap over dims of size 0."
    )


def laid_out_like(tangent: Batched, like: np.ndarray[Any, Any], conj: bool) -> Batched:
    """`tangent`, or a copy of it in which each member has a storage laid out as that of `like`. What has a bit is
    the whole, which torch does not ask."""
    whole = memory(tangent.whole)
    steps = zip(strides_of(whole)[1:], strides_of(like), like.shape, strict=True)
    alike = all(mine == its or n < 2 for mine, its, n in steps) and offset_of(whole) == offset_of(like)
    if (alike or not like.size) and not conj and type(tangent.whole) is not ZeroTensor:
        return tangent
    room = storage(like).nbytes // like.itemsize
    count = len(tangent.whole)
    flat = wrap(np.zeros(count * room, whole.dtype))
    size, steps_of_all = (count, *like.shape), (room, *strides_of(like))
    out: Batched = batched(flat.as_strided(size, steps_of_all, offset_of(like)).detach())
    out.copy_(tangent)
    return out
