"""Lists of index tensors (None where a dimension is taken whole): what `index` and `index_put` work with.

What may live here: masks turned into positions, broadcasting and checking of indices, the layout of results.
Arrays in, arrays out, but for IndexList, which a node keeps so that later writes to an index are noticed.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from minigrad import errors, saving_errors
from minigrad.memory import allocate, iterator_strides, strides_of
from minigrad.saved_variable import SavedTensor, unpack
from minigrad.tensor import Tensor
from minigrad.warn import warn

Array = np.ndarray[Any, Any]
Shape = tuple[int, ...]


class IndexList:
    """Index tensors with the versions they had; what an op takes as its `indices`."""

    __slots__ = ("tensors", "versions")

    def __init__(self, tensors: list[Tensor | None]) -> None:
        self.tensors = tensors
        self.versions = [0 if t is None or t._vc is None else t._vc[0] for t in tensors]

    def __len__(self) -> int:
        return len(self.tensors)

    def __iter__(self) -> Any:
        return iter(self.tensors)

    def kept(self, save: Callable[[Any], Any]) -> IndexList:
        """What a node keeps of it: each index as `save` leaves it."""
        out = IndexList(self.tensors)
        out.tensors = [save(t) for t in self.tensors]
        return out

    def unchanged(self) -> IndexList:
        """The indices as they were; raises RuntimeError where one was written to since."""
        pairs = zip(self.tensors, self.versions, strict=True)
        return IndexList([unpack(None, t, version) for t, version in pairs])

    def handles(self, node: Any) -> tuple[SavedTensor, ...]:
        """What `_raw_saved_indices` shows."""
        return tuple(SavedTensor(node, place, self.tensors) for place in range(len(self.tensors)))


class _FreedList(IndexList):
    """Stands in a node's slot after `release`."""

    __slots__ = ()

    def unchanged(self) -> IndexList:
        raise saving_errors.graph_freed()

    def handles(self, node: Any) -> tuple[SavedTensor, ...]:
        raise saving_errors.graph_freed()


FREED_LIST = _FreedList([])
"""What a node has in place of its indices once they went with the graph."""


def positions(indices: Any, shape: Shape) -> list[Array | None]:
    """Indices with masks replaced by where they are true; raises IndexError in torch's words."""
    out: list[Array | None] = []
    for index in indices:
        if index is None:
            out.append(None)
            continue
        a = index._a if isinstance(index, Tensor) else index
        if a.dtype not in (np.int64, np.int32, np.uint8, np.bool_):
            raise IndexError("tensors used as indices must be long, int, byte or bool tensors")
        if a.dtype not in (np.uint8, np.bool_):
            out.append(a)
            continue
        if a.dtype == np.uint8:
            warn("indexing with dtype torch.uint8 is now deprecated, please use a dtype torch.bool instead.")
        at = len(out)
        for j, n in enumerate(a.shape):
            if at + j >= len(shape) or n != shape[at + j]:
                raise IndexError(
                    f"The shape of the mask {errors.shape_text(a.shape)} at index {j} does not match the "
                    "shape of the "
                    f"indexed tensor {errors.shape_text(shape)} at index {at + j}"
                )
        out.extend(np.nonzero(a) if a.ndim else (np.zeros(int(a), np.int64),))
    if len(out) > len(shape):
        raise IndexError(f"too many indices for tensor of dimension {len(shape)} (got {len(out)})")
    return out + [None] * (len(shape) - len(out))


def broadcast(found: list[Array | None]) -> list[Array | None]:
    """Indices of one shape; raises IndexError where they do not fit."""
    given = [a for a in found if a is not None]
    try:
        wide = iter(np.broadcast_arrays(*given))
    except ValueError:
        shown = ", ".join(errors.shape_text(a.shape) for a in given)
        raise IndexError(
            f"shape mismatch: indexing tensors could not be broadcast together with shapes {shown}"
        ) from None
    return [None if a is None else next(wide) for a in found]


def within(found: list[Array | None], shape: Shape) -> list[Array | None]:
    """Indices within bounds; raises IndexError for others, unless they name no element at all."""
    empty = any(a is None and n == 0 for a, n in zip(found, shape, strict=True))
    out: list[Array | None] = []
    for d, (a, n) in enumerate(zip(found, shape, strict=True)):
        if a is not None and a.size:
            if n == 0:
                raise IndexError("index is out of bounds for dimension with size 0")
            bad = (a < -n) | (a >= n)
            if bad.any():
                if not empty:
                    raise IndexError(
                        f"index {a[bad].reshape(-1)[0]} is out of bounds for dimension {d} with size {n}"
                    )
                a = np.where(bad, 0, a)
        out.append(a)
    return out


def normalised(indices: Any, shape: Shape) -> list[Array | None]:
    """One array of positions per dimension of `shape`, or None; all of one shape and within bounds."""
    return within(broadcast(positions(indices, shape)), shape)


def as_key(found: list[Array | None]) -> tuple[Any, ...]:
    """The NumPy index that means these positions."""
    return tuple(slice(None) if a is None else a for a in found)


def gathered(a: Array, found: list[Array | None]) -> Array:
    """The elements of `a` at these positions, laid out as torch's iterator would."""
    picked: Array = a[as_key(found)]
    at = [d for d, index in enumerate(found) if index is not None]
    if not at:
        return a.copy()
    strides = strides_of(a)
    index = found[at[0]]
    assert index is not None
    adjacent = at[-1] - at[0] == len(at) - 1
    before = [strides[d] for d in range(a.ndim) if found[d] is None and (d < at[0] if adjacent else False)]
    after = [strides[d] for d in range(a.ndim) if found[d] is None and (d > at[0] if adjacent else True)]
    operands = [(*before, *(0,) * index.ndim, *after)]
    for one in found:
        if one is not None:
            operands.append(
                (*(0,) * len(before), *(s // one.itemsize for s in one.strides), *(0,) * len(after))
            )
    wanted = iterator_strides(picked.shape, operands)
    if picked.flags.c_contiguous and strides_of(picked) == wanted and picked.base is None:
        return picked
    out = allocate(picked.shape, picked.dtype, wanted, zero=False)
    out[...] = picked
    return out


def indexed_shape(a_shape: Shape, found: list[Array | None]) -> Shape:
    """The shape of what is at these positions."""
    sizes = tuple([n if a is None else 1 for n, a in zip(a_shape, found, strict=True)])
    firsts = [None if a is None else np.zeros(a.shape, np.intp) for a in found]
    probe: Array = np.broadcast_to(np.empty((), bool), sizes)[as_key(firsts)]
    shape: Shape = probe.shape
    return shape
