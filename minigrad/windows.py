"""Looking into memory: windows over storage by sizes, strides and offset, and torch's rules for them.

What may live here: arithmetic of strides (in elements) and views made by it. Arrays in, arrays out; no
Tensors, no autograd. NumPy's own views serve where their strides are torch's.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np

from minigrad import errors
from minigrad.memory import contiguous_strides, is_dense, strides_of

Array = np.ndarray[Any, Any]
Ints = tuple[int, ...]

_new = np.ndarray.__new__


def storage(a: Array) -> Array:
    """The array that owns the memory `a` looks into."""
    base: Any = a.base
    while base is not None:
        if isinstance(base, np.ndarray):
            a = base
        base = getattr(base, "base", None)  # as_strided puts an object of its own between the two
    return a


def address(a: Array) -> int:
    """Where the first element of `a` lies."""
    return a.__array_interface__["data"][0]  # type: ignore[no-any-return]


def offset_of(a: Array) -> int:
    """Elements between the beginning of the storage and the first element of `a`."""
    base = a.base
    return 0 if base is None else (address(a) - address(storage(a))) // a.itemsize


def flat(a: Array) -> Array:
    """The whole storage of `a` as one C-contiguous array (of the storage's dtype)."""
    root = storage(a)
    if root.flags.c_contiguous:
        return root
    order = sorted(range(root.ndim), key=lambda d: -root.strides[d] if root.shape[d] > 1 else 1)
    return root.transpose(order)


def window(a: Array, shape: Ints, strides: Ints, offset: int | None = None) -> Array:
    """A view of the storage of `a`; strides in elements, `offset` from its beginning (None: where `a` is)."""
    item = a.itemsize
    root = flat(a)
    if offset is None:
        start = 0 if a.base is None else address(a) - address(root)
    else:
        start = offset * item
    steps = [s * item for s in strides]
    if 0 in shape:
        try:
            return _new(np.ndarray, shape, a.dtype, root, start, steps)
        except (ValueError, TypeError):  # NumPy minds what leads out of memory even where nothing is read
            return _unchecked(root, shape, a.dtype, start, steps)
    return _new(np.ndarray, shape, a.dtype, root, start, steps)


class Unchecked:
    """What NumPy makes an array of without a look at where it leads; there are no elements in it."""

    def __init__(self, base: Array, shape: Ints, dtype: Any, start: int, steps: list[int]) -> None:
        self.base = base
        place = (address(base) + start, False)
        self.__array_interface__ = {
            "version": 3, "shape": shape, "typestr": dtype.str, "strides": tuple(steps), "data": place
        }  # fmt: skip


def _unchecked(root: Array, shape: Ints, dtype: Any, start: int, steps: list[int]) -> Array:
    return np.asarray(Unchecked(root, shape, dtype, start, steps))


def check_bounds(a: Array, shape: Ints, strides: Ints, offset: int) -> None:
    """Raises RuntimeError in torch's words for a window that leaves the storage of `a`."""
    if 0 in shape:
        return
    item = a.itemsize
    need = (1 + offset + sum((n - 1) * s for n, s in zip(shape, strides, strict=True))) * item
    have = storage(a).nbytes
    if need > have:
        raise RuntimeError(
            f"setStorage: sizes {errors.shape_text(shape)}, strides {errors.shape_text(strides)}, storage "
            "offset "
            f"{offset}, and itemsize {item} requiring a storage size of {need} are out of bounds for "
            "storage of "
            f"size {have}"
        )


def infer_size(shape: Ints, numel: int) -> Ints:
    """A requested shape with -1 worked out; raises RuntimeError in torch's words."""
    known, unknown = 1, None
    for i, n in enumerate(shape):
        if n == -1:
            if unknown is not None:
                raise RuntimeError("only one dimension can be inferred")
            unknown = i
        elif n < 0:
            raise RuntimeError(
                f"invalid shape dimension {n} at index {i} of shape {errors.shape_text(shape)}"
            )
        else:
            known *= n
    if numel == known or (unknown is not None and known > 0 and numel % known == 0):
        if unknown is None:
            return shape
        if known == 0:
            raise RuntimeError(
                f"cannot reshape tensor of 0 elements into shape {errors.shape_text(shape)} because the "
                "unspecified "
                "dimension size -1 can be any value and is ambiguous"
            )
        return (*shape[:unknown], numel // known, *shape[unknown + 1 :])
    raise RuntimeError(f"shape '{errors.shape_text(shape)}' is invalid for input of size {numel}")


def view_strides(a: Array, shape: Ints) -> Ints | None:
    """Strides under which `a` has `shape` without a copy, None if there are none (torch's computeStride)."""
    old, strides = a.shape, strides_of(a)
    if a.size == 0:
        return strides if old == shape else contiguous_strides(tuple(shape))
    out = [0] * len(shape)
    at = len(shape) - 1
    if not old:
        return (1,) * len(shape)
    base = strides[-1]
    tensor_numel = view_numel = 1
    for d in range(len(old) - 1, -1, -1):
        tensor_numel *= old[d]
        if d == 0 or (old[d - 1] != 1 and strides[d - 1] != tensor_numel * base):
            while at >= 0 and (view_numel < tensor_numel or shape[at] == 1):
                out[at] = view_numel * base
                view_numel *= shape[at]
                at -= 1
            if view_numel != tensor_numel:
                return None
            if d > 0:
                base = strides[d - 1]
                tensor_numel = view_numel = 1
    return tuple(out) if at == -1 else None


def reshapes_as_torch(a: Array) -> bool:
    """Whether NumPy's own views of `a` under other shapes have torch's strides: not where dimensions of size 1 have
    idle ones, which torch works out anew even for the shape that `a` has."""
    if not a.flags.c_contiguous or not a.size:
        return False
    return 1 not in a.shape or strides_of(a) == contiguous_strides(a.shape)


def as_shape(a: Array, shape: Ints) -> Array | None:
    """`a` under another shape, sharing memory; None where that needs a copy. `shape` has the right size."""
    if reshapes_as_torch(a):
        return a.reshape(shape)
    strides = view_strides(a, shape)
    return None if strides is None else window(a, shape, strides)


def expanded(a: Array, size: Ints) -> tuple[Ints, Ints]:
    """Shape and strides of `a` expanded to `size`; raises RuntimeError in torch's words."""
    if len(size) < a.ndim:
        raise errors.too_few_sizes(a, size)
    return _expanded(a.shape, strides_of(a), tuple(size))


@lru_cache(maxsize=4096)
def _expanded(have: Ints, strides: Ints, size: Ints) -> tuple[Ints, Ints]:
    lead = len(size) - len(have)
    out_shape: list[int] = []
    out_strides: list[int] = []
    for i in range(len(size) - 1, -1, -1):
        n, d = size[i], i - lead
        old = have[d] if d >= 0 else 1
        if d >= 0:
            stride = strides[d]
        else:
            stride = out_shape[-1] * out_strides[-1] if out_shape else int(bool(have))  # a number is at one place
        if n == -1:
            if d < 0:
                raise errors.expanded_leading_dimension(i)
            n = old
        if old != n:
            if old != 1:
                raise errors.expanded_size(n, old, i, size, have)
            stride = 0
        out_shape.append(n)
        out_strides.append(stride)
    if any(n < 0 for n in out_shape):
        raise RuntimeError("numel: integer multiplication overflow")
    return tuple(reversed(out_shape)), tuple(reversed(out_strides))


# -- overlap --------------------------------------------------------------------------------------------


def overlaps_itself(a: Array) -> bool:
    """Whether several elements of `a` are surely one place in memory (an expanded dimension)."""
    return a.size > 1 and any(s == 0 and n > 1 for n, s in zip(a.shape, a.strides, strict=True))


def meets_itself(a: Array) -> bool:
    """Whether several elements of `a` are one place in memory though no dimension is expanded, as only `as_strided`
    and `unfold` have it."""
    return a.ndim > 1 and not a.flags.c_contiguous and _meets_itself(a.shape, a.strides)


@lru_cache(maxsize=4096)
def _meets_itself(shape: Ints, strides: Ints) -> bool:
    reach, certain = 0, True
    for stride, n in sorted((abs(s), n) for n, s in zip(shape, strides, strict=True) if n > 1):
        certain = certain and stride > reach
        reach += stride * (n - 1)
    if certain or 0 in shape or 0 in strides:
        return False
    places: Any = sum(np.ix_(*(np.arange(n) * s for n, s in zip(shape, strides, strict=True))))
    return bool(np.unique(places).size < places.size)


def interleaves(a: Array, b: Array) -> bool:
    """Whether two arrays of one dtype that `overlaps_partly` passes, as one has gaps, lie among each other."""
    if (a.base is None and b.base is None) or a.dtype is not b.dtype or not a.size or not b.size:
        return False
    if storage(a) is not storage(b) or (a.shape == b.shape and a.strides == b.strides and address(a) == address(b)):
        return False
    return np.may_share_memory(a, b)  # by their bounds


def overlaps_partly(a: Array, b: Array) -> bool:
    """Whether two arrays share some memory but are not the same elements in the same order.

    As in torch, only arrays without gaps are looked at; what interleaves is not found.
    """
    if a is b or (a.base is None and b.base is None) or not overlaps(a, b):
        return False
    return address(a) != address(b) or a.nbytes != b.nbytes or strides_of(a) != strides_of(b)


def overlaps(a: Array, b: Array) -> bool:
    """Whether two arrays without gaps share some memory."""
    if not a.size or not b.size or storage(a) is not storage(b):
        return False
    if not (is_dense(a.shape, strides_of(a)) and is_dense(b.shape, strides_of(b))):
        return False
    a_start, b_start = address(a), address(b)
    return a_start < b_start + b.nbytes and b_start < a_start + a.nbytes
