"""`tensor[...]` and `tensor[...] = value` in all forms, and the ops behind them: index, index_put.

What may live here: reading an index expression as torch does (views for what is basic, index tensors for what
is advanced), and those two ops with their derivatives.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad import errors, overlapping
from minigrad.arguments import INT64, is_index_tensor, is_int, to_int, type_name
from minigrad.dtypes import bool_, int64, uint8
from minigrad.from_data import as_element, infer_dtype, to_array
from minigrad.memory import broadcast_to
from minigrad.ops.carriers import is_batched, written
from minigrad.ops.copying import copied
from minigrad.ops.expanding import expand_op
from minigrad.ops.filling import fill_
from minigrad.ops.index_lists import (
    FREED_LIST,
    IndexList,
    as_key,
    broadcast,
    gathered,
    indexed_shape,
    normalised,
    positions,
    within,
)
from minigrad.ops.joining import tensor_list
from minigrad.ops.reshaping import unsqueeze, view_op
from minigrad.ops.slicing import alias, select, slice_op
from minigrad.registry import composite, decl_of, derivative, inplace_of, op
from minigrad.tensor import Tensor, wrap
from minigrad.warn import warn
from minigrad.windows import overlaps_itself

# mypy: disable-error-code="no-untyped-def"

Shape = tuple[int, ...]

# -- the ops --------------------------------------------------------------------------------------------


@op("_index.Tensor", promote="keep", numbers=False)
def index(self, indices: Any):
    return gathered(self, normalised(indices, self.shape))


@op("_index_put_impl", promote="keep", numbers=False)
def index_put_impl(self, indices: Any, values, accumulate: bool = False):
    return _put(self, indices, values, accumulate)


@op("_index_put", promote="keep", numbers=False, inplace=True, reads_first=True, overlaps="some")
def index_put_op(self, indices: Any, values, accumulate: bool = False):
    return _put(self, indices, values, accumulate)


def _put(self: Any, indices: Any, values: Any, accumulate: bool) -> Any:
    if not accumulate and values.size == 1 and _is_mask(indices):
        values = _filling(self.dtype, indices, values)
    found = broadcast(positions(indices, self.shape))
    shape = indexed_shape(self.shape, found)
    try:
        values = broadcast_to(values, shape)
    except ValueError:
        raise RuntimeError(
            f"shape mismatch: value tensor of shape {errors.shape_text(values.shape)} cannot be broadcast "
            "to indexing "
            f"result of shape {errors.shape_text(shape)}"
        ) from None
    if self.dtype != values.dtype:
        mine, theirs = errors.TYPE_NAMES[self.dtype.name], errors.TYPE_NAMES[values.dtype.name]
        raise RuntimeError(
            f"Index put requires the source and destination dtypes match, got {mine} for the destination and "
            f"{theirs} for the source."
        )
    out = copied(self)
    found = within(found, self.shape)
    if accumulate:
        np.add.at(out, as_key(found), values)
    else:
        out[as_key(found)] = values
    return out


def _filling(dt: Any, indices: Any, values: Any) -> Any:
    """One element in the place of a mask, which torch writes by masked_fill_: of any dtype and number of dimensions."""
    if any(i is not None and i._a.dtype == np.uint8 for i in indices):
        raise RuntimeError("masked_fill_ only supports boolean masks, but got mask with dtype unsigned char")
    return np.asarray(as_element(values.item(), dt), dt)


def index_backward(grad: Any, shape: Shape, indices: IndexList) -> Any:
    """The gradient added back where it was read from."""
    if isinstance(grad, Tensor):
        if is_batched(grad):
            return index_put_op(grad.new_zeros(shape), indices, grad, True)
        zeros = grad.new_zeros(shape)
        times = 1 if zeros.is_inference() else 1 + zeros._version
        return written(index_put_impl(zeros, indices, grad, True), times)
    out = np.zeros(shape, grad.dtype)
    np.add.at(out, as_key(normalised(indices, shape)), np.asarray(grad))
    return written(out)


def _overwritten(grad: Any, indices: IndexList, values_shape: Shape, accumulate: bool) -> Any:
    if accumulate:
        return grad
    if isinstance(grad, Tensor):
        return index_put_op(grad, indices, grad.new_zeros(values_shape), False)
    return _put(np.asarray(grad), indices, np.zeros(values_shape, grad.dtype), False)


derivative(
    "IndexBackward0",
    of=index,
    forward="linear",
    self=lambda grad, self_shape, indices: index_backward(grad, self_shape, indices),
)
for _label, _of in (("IndexPutBackward0", index_put_op), ("IndexPutImplBackward0", index_put_impl)):
    derivative(
        _label,
        of=_of,
        forward="linear",
        shows={"values_shape": {}},
        onto=True if _of is index_put_op else None,
        self=_overwritten,
        values=lambda grad, indices: index(grad, indices),
    )


for _of in (index, index_put_op, index_put_impl):
    decl_of(_of).freed["indices"] = FREED_LIST


def _index_tensors(function: str, indices: Any) -> IndexList:
    return IndexList(tensor_list(function, indices, "indices"))


@composite("index_put")
def index_put(self, indices: Any, values: Any, accumulate: bool = False):
    """A copy with `values` written (or added) at the places that the index tensors name."""
    return index_put_op(self, _index_tensors("index_put", indices), values, accumulate)


def _put_in_place(self: Any, indices: IndexList, values: Any, accumulate: bool) -> Any:
    """Writes, but not what looks at the same memory; one element in the place of a mask is read before."""
    by_mask = not accumulate and isinstance(values, Tensor) and values._a.size == 1 and _is_mask(indices)
    if not by_mask:
        from minigrad.ops.scattering import refuse_overlap

        refuse_overlap(self, values, *indices)
    out = inplace_of(index_put_op)(self, indices, values, accumulate)
    if by_mask and isinstance(self, Tensor) and overlaps_itself(self._a):
        overlapping.warn_of("masked_fill")  # which torch does it by
    return out


def _is_mask(indices: IndexList) -> bool:
    given = [index for index in indices if index is not None]
    return len(given) == 1 and given[0]._a.dtype in (np.bool_, np.uint8)


@composite("index_put_")
def index_put_(self, indices: Any, values: Any, accumulate: bool = False):
    """Writes (or adds) `values` at the places that the index tensors name."""
    return _put_in_place(self, _index_tensors("index_put_", indices), values, accumulate)


# -- reading an index expression ------------------------------------------------------------------------


def _as_tuple(key: Any) -> tuple[Any, ...]:
    """An index as a tuple of indices; some lists count as tuples, as in NumPy of old."""
    if isinstance(key, tuple):
        return key
    if isinstance(key, Tensor) or not isinstance(key, (list, range, str)) or len(key) >= 32:
        return (key,)
    for one in key:
        if one is None or one is Ellipsis or isinstance(one, (Tensor, slice, list, tuple, str, range)):
            warn(_SEQUENCE)
            return tuple(key)
    return (key,)


_SEQUENCE = (
    "Using a non-tuple sequence for multidimensional indexing is deprecated and will be changed in pytorch 2.9; use "
    "x[tuple(seq)] instead of x[seq]. In pytorch 2.9 this will be interpreted as tensor index, x[torch.tensor(seq)], "
    "which will result either in an error or a different result"
)


def _from_sequence(data: Any) -> Tensor:
    """A nested list as an index tensor: bools and bytes stay, everything else becomes int64."""
    found = infer_dtype(data)
    return wrap(to_array(data, found if found in (bool_, uint8) and np.size(data) else int64))


def _selected(x: Tensor, dim: int, place: int, position: int) -> Tensor:
    shape = x._a.shape
    n = shape[dim]
    if not -n <= place < n:
        if place not in INT64:
            raise ValueError("Overflow when unpacking long long")
        raise IndexError(f"index {place} is out of bounds for dimension {position} with size {n}")
    return select(x, dim, place)  # type: ignore[no-any-return]


def _bound(value: Any) -> int | None:
    if value is None or type(value) is int:
        return value
    if is_index_tensor(value):
        return int(value._a.item())
    if hasattr(value, "__index__"):
        return value.__index__()  # type: ignore[no-any-return]
    raise TypeError("slice indices must be integers or None or have an __index__ method")


def _sliced(x: Tensor, dim: int, part: slice, whole_is_self: bool) -> Tensor:
    step = _bound(part.step)
    if step == 0:
        raise ValueError("slice step cannot be zero")
    start, stop = _bound(part.start), _bound(part.stop)
    step = 1 if step is None else step
    if step < 0:
        raise ValueError("step must be greater than zero")
    if whole_is_self and step == 1 and x._a.ndim:
        n = x._a.shape[dim]
        if (start is None or start == 0) and (stop is None or stop >= n):
            return x
    return slice_op(x, dim, 0 if start is None else start, 2**63 - 1 if stop is None else stop, step)  # type: ignore[no-any-return]


def _consumed(key: tuple[Any, ...]) -> int:
    """How many dimensions the parts of an index stand for."""
    count = 0
    for part in key:
        if isinstance(part, Tensor):
            count += part._a.ndim if part._a.dtype in (np.bool_, np.uint8) else 1
        elif part is not None and part is not Ellipsis and part is not True and part is not False:
            count += 1
    return count


def _basic(x: Tensor, key: tuple[Any, ...]) -> tuple[Tensor, list[Tensor | None]]:
    """The view that the basic parts of an index give, and the index tensors left to apply to it."""
    consumed = _consumed(key)
    if consumed > x._a.ndim:
        raise IndexError(f"too many indices for tensor of dimension {x._a.ndim}")
    found: list[Tensor | None] = []
    dim, rank = 0, x._a.ndim

    def record(t: Tensor, dims: int) -> int:
        found.extend([None] * (dim - len(found)))
        found.append(t)
        return dim + dims

    for position, part in enumerate(key):
        if type(part) is int or (is_int(part) and not isinstance(part, Tensor)):
            x = _selected(x, dim, int(part), position)
        elif isinstance(part, slice):
            x = _sliced(x, dim, part, True)
            dim += 1
        elif part is Ellipsis:
            dim += rank - consumed
        elif part is None:
            x = unsqueeze(x, dim)
            dim += 1
        elif isinstance(part, bool):
            x = unsqueeze(x, dim)
            dim = record(wrap(np.zeros(int(part), np.int64)), 1)
        elif isinstance(part, Tensor):
            kind = part._a.dtype
            if part._a.ndim == 0 and kind.kind in "iub":
                if kind in (np.bool_, np.uint8):
                    x = unsqueeze(x, dim)
                    dim = record(wrap(np.zeros(int(bool(part._a)), np.int64)), 1)
                else:
                    x = _selected(x, dim, int(part._a), position)
            else:
                dim = record(part, part._a.ndim if kind in (np.bool_, np.uint8) else 1)
        elif isinstance(part, (list, tuple, range, str, np.ndarray)):
            made = _from_sequence(part)
            dim = record(made, made._a.ndim if made._a.dtype in (np.bool_, np.uint8) else 1)
        else:
            raise IndexError(
                "only integers, slices (`:`), ellipsis (`...`), None and long or byte Variables are valid "
                "indices "
                f"(got {type_name(part)})"
            )
    return x, found


def _scalar_index(self: Tensor, key: int) -> Tensor:
    if not self._a.ndim:
        if key:
            raise IndexError(f"index {key} is out of bounds for dimension 0 with size 0")
        raise IndexError(
            "invalid index of a 0-dim tensor. Use `tensor.item()` in Python or `tensor.item<T>()` in C++ "
            "to convert a "
            "0-dim tensor to a number"
        )
    return _selected(self, 0, key, 0)


def getitem(self: Tensor, key: Any) -> Tensor:
    """`self[key]`: a view for ints, slices, None and Ellipsis, a copy where tensors or lists index.

    Raises IndexError, ValueError or TypeError in torch's words.
    """
    if type(key) is int:
        return _scalar_index(self, key)
    if type(key) is slice:
        return _sliced(self, 0, key, False)
    if key is None:
        return unsqueeze(self, 0)  # type: ignore[no-any-return]
    if key is Ellipsis:
        return alias(self)  # type: ignore[no-any-return]
    view, found = _basic(self, _as_tuple(key))
    if not found:
        return alias(view) if view is self else view
    return index(view, IndexList(found))  # type: ignore[no-any-return]


# -- writing through one --------------------------------------------------------------------------------


def _as_value(self: Tensor, value: Any) -> Tensor:
    if isinstance(value, Tensor):
        return value
    if isinstance(value, (int, float, complex)) or is_int(value):
        dt = self._a.dtype
        if isinstance(value, int):
            value = to_int(value)
        return wrap(np.asarray(as_element(value, dt), dt))
    raise TypeError(f"can't assign a {type_name(value)} to a torch.{self.dtype.scalar_type}Tensor")


def _without_leading_ones(shape: Shape) -> Shape:
    first = next((d for d, n in enumerate(shape) if n != 1), len(shape))
    return shape[first:]


def _copy_to(target: Tensor, value: Tensor) -> None:
    have, wanted = value._a.shape, target._a.shape
    if have == wanted:
        target.copy_(value)
    elif not have:
        fill_(target, value)
    else:
        target.copy_(expand_op(view_op(value, _without_leading_ones(have)), wanted))


def setitem(self: Tensor, key: Any, value: Any) -> None:
    """`self[key] = value`: a number, or a tensor that broadcasts to what `key` names.

    Raises IndexError, TypeError or RuntimeError in torch's words.
    """
    value = _as_value(self, value)
    if key is False:
        return
    if key is Ellipsis:
        _copy_to(self, value)
    elif key is None or key is True:
        _copy_to(unsqueeze(self, 0), value)
    elif type(key) is int:
        _copy_to(_scalar_index(self, key), value)
    elif type(key) is slice:
        _copy_to(_sliced(self, 0, key, True), value)
    else:
        view, found = _basic(self, _as_tuple(key))
        if not found:
            _copy_to(view, value)
            return
        shape = _without_leading_ones(value._a.shape)
        if shape != value._a.shape:
            value = view_op(value, shape)
        _put_in_place(view, IndexList(found), value, False)


def delitem(self: Tensor, key: Any) -> None:
    """Raises TypeError."""
    raise TypeError("Tensor does not support deleting items")


_tensor: Any = Tensor
_tensor.__getitem__ = getitem
_tensor.__delitem__ = delitem
_tensor.__setitem__ = setitem
