"""Reductions that choose an element: max, min, amax, amin, aminmax, argmax, argmin, median, mode, kthvalue.

What may live here: these and how their gradients go back to what was chosen. Sorting is in `order`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad import errors
from minigrad.along import taken_along
from minigrad.dims import normal_dim, normal_dims
from minigrad.ops.carriers import array_of, is_batched, masked, rewritten, supports
from minigrad.ops.chosen import (
    chosen_along,
    evenly_along,
    evenly_distributed,
    extreme_along,
    scattered_back,
    shared_by_count,
)
from minigrad.ops.last_zeros import signed
from minigrad.ops.loss_forms import real_where_recorded
from minigrad.ops.quickselect import SHORT, introsort, kth, nth_element
from minigrad.ops.reduction import as_dims, contiguous, restore_dims
from minigrad.ops.selection import maximum, minimum
from minigrad.registry import composite, derivative, op
from minigrad.return_types import named
from minigrad.tensor import Tensor

# mypy: disable-error-code="no-untyped-def, no-untyped-call"


# -- all at once ----------------------------------------------------------------------------------------


def _nonempty(name: str, a: Any) -> None:
    if not a.size:
        raise RuntimeError(
            f"{name}(): Expected reduction dim to be specified for input.numel() == 0. Specify the "
            "reduction dim with "
            "the 'dim' argument."
        )


def nonempty_dim(name: str, a: Any, dim: int) -> int:
    """The dimension counted from 0; raises IndexError where it has no elements."""
    found = normal_dim(dim, a.ndim)
    if a.ndim and not a.shape[found]:
        shown = dim if name in ("amin()", "amax()") else found
        raise IndexError(f"{name}: Expected reduction dim {shown} to have non-zero size.")
    return found


def _whole(name: str, reduce: Any) -> Any:
    @supports("biuf", f"{name}_all")
    def kernel(self):
        _nonempty(name, self)
        return signed(np.asarray(reduce(self)), self, tuple(range(self.ndim)), "all")

    declared = op(f"_{name}", promote="keep", numbers=False)(kernel)
    derivative(
        name.capitalize() + "Backward1",
        of=declared,
        forward=lambda self_t, self, result: evenly_along(self_t, self, result),
        self=lambda grad, self, result: evenly_distributed(grad, self, result),
    )
    return declared


max_all, min_all = _whole("max", np.max), _whole("min", np.min)


# -- along one dimension --------------------------------------------------------------------------------


def _taken(a: Any, dim: int, at: Any, keepdim: bool) -> tuple[Any, Any]:
    """Values and indices, from indices of a kept dimension."""
    if not a.ndim:
        return a.copy(), np.zeros((), np.int64)
    values = taken_along(a, at, dim)
    if not keepdim:
        values, at = values.squeeze(dim), at.squeeze(dim)
    return contiguous(values), contiguous(at.astype(np.int64, copy=False))


def selecting(name: str, label: str, kernel: Any) -> Any:
    """Declares an op whose results are values and the indices they stand at, along one dimension."""
    declared = op(f"_{name}.dim", promote="keep", numbers=False, outs=("values", "indices"))(kernel)
    derivative(
        label,
        of=declared,
        forward=lambda self_t, dim, indices, keepdim: [chosen_along(self_t, dim, indices, keepdim), None],
        self=lambda grad, self_shape, dim, indices, keepdim: scattered_back(
            grad, dim, indices, self_shape, keepdim
        ),
    )
    return declared


def _extreme(name: str, find: Any) -> Any:
    def kernel(self, dim: int, keepdim: bool = False):
        dim = nonempty_dim(f"{name}()", self, dim)
        if self.dtype.kind == "c":
            raise RuntimeError(f"{name}(): does not support complex input")
        return _taken(self, dim, find(self, axis=dim, keepdims=True) if self.ndim else None, keepdim)

    return selecting(name, name.capitalize() + "Backward0", kernel)


max_dim, min_dim = _extreme("max", np.argmax), _extreme("min", np.argmin)
_OMITTED: Any = object()


def _publish_extreme(name: str, whole: Any, along: Any, pairwise: Any) -> Any:
    result = named(name, ("values", "indices"))

    def extreme(self, dim: Any = _OMITTED, keepdim: bool = False, *, other: Any = _OMITTED):
        if other is not _OMITTED or isinstance(dim, Tensor):
            return pairwise(self, dim if other is _OMITTED else other)
        if dim is _OMITTED:
            return whole(self)
        if not isinstance(keepdim, bool):
            raise errors.wrong_argument(name, "keepdim", 2, "bool", keepdim)
        return result(along(self, dim, keepdim))

    extreme.__name__ = extreme.__qualname__ = name
    return composite(name)(extreme)


max = _publish_extreme("max", max_all, max_dim, maximum)
min = _publish_extreme("min", min_all, min_dim, minimum)


def _all_nonempty(name: str, a: Any, dims: Any) -> tuple[int, ...]:
    if not dims:
        _nonempty(name, a)
    found = normal_dims(dims, a.ndim)
    for d in dims or found:  # as they were given, which torch shows
        nonempty_dim(f"{name}()", a, d)
    return found


def _several_dims(name: str, reduce: Any) -> Any:
    def kernel(self, dim: Any = (), keepdim: bool = False):
        dims = _all_nonempty(name, self, dim)
        if self.dtype.kind == "c":
            raise errors.not_implemented_for(f"{name[1:]}_values_cpu", self.dtype)
        return contiguous(signed(np.asarray(reduce(self, axis=dims, keepdims=keepdim)), self, dims, "along"))

    declared = op(f"_{name}", promote="keep", numbers=False)(kernel)

    def gradient(grad, self, result, dim, keepdim):
        chosen = restore_dims(result, dim, keepdim) == self
        return shared_by_count(restore_dims(grad, dim, keepdim), chosen, dim)

    def along(self_t, self, result, dim, keepdim):
        return extreme_along(self_t, self, result, dim, keepdim)

    derivative(name.capitalize() + "Backward0", of=declared, forward=along, self=gradient)

    def public(self, dim: Any = (), keepdim: bool = False):
        return declared(self, as_dims(dim), keepdim)

    public.__name__ = public.__qualname__ = name
    return composite(name)(public)


amax, amin = _several_dims("amax", np.max), _several_dims("amin", np.min)


@op("_aminmax", promote="keep", several=True, named=("min", "max"), numbers=False)
@supports("biuf", "aminmax_cpu")
def aminmax_op(self, dim: Any = None, keepdim: bool = False):
    if dim is None:
        if not self.size:
            raise RuntimeError(
                "aminmax(): cannot compute aminmax over an empty dimension as the operation has no identity."
            )
        dims = tuple(range(self.ndim))
    else:
        dims = (nonempty_dim("aminmax", self, dim),) if self.ndim else ()
    found = [np.asarray(reduce(self, axis=dims, keepdims=keepdim)) for reduce in (np.min, np.max)]
    return [contiguous(signed(x, self, dims, "all" if dim is None else "alone")) for x in found]


def _aminmax_self(grads, self, min, max, dim, keepdim):
    dims = tuple(range(array_of(self).ndim)) if dim is None else (dim,)
    total = None
    for grad, extreme in zip(grads, (min, max), strict=True):
        if grad is not None:
            mask = self == restore_dims(extreme, dims, keepdim)
            part = shared_by_count(restore_dims(grad, dims, keepdim), mask, dims)
            total = part if total is None else _added(total, part)
    return total


def _added(total, part):
    """The sum, which torch writes into its first part, but for a batch."""
    if is_batched(total):
        return total + part
    return total.add_(part) if isinstance(total, Tensor) else rewritten(total, total + part)


def _aminmax_along(self_t, self, result, dim, keepdim):
    dims = () if dim is None else (dim,)
    return [extreme_along(self_t, self, one, dims, keepdim) for one in result]


derivative("AminmaxBackward0", of=aminmax_op, forward=_aminmax_along, self=_aminmax_self)
_aminmax_result = named("aminmax", ("min", "max"))


@composite("aminmax")
def aminmax(self, *, dim: int | None = None, keepdim: bool = False):
    """The least and the greatest, over all dimensions or along one."""
    return _aminmax_result(aminmax_op(self, dim, keepdim))


def _position(name: str, find: Any) -> Any:
    refused = [RuntimeError(f"{name}(): does not support {kind} input") for kind in ("complex", "bool")]

    @supports("iuf", c=refused[0], b=refused[1])
    def kernel(self, dim: Any, keepdim: bool = False):
        if dim is None:
            if not self.size:
                raise IndexError(f"{name}(): Expected reduction dim to be specified for input.numel() == 0.")
            at = np.asarray(find(self), np.int64)
            return at.reshape((1,) * self.ndim) if keepdim else at
        dim = nonempty_dim(f"{name}()", self, dim)
        return (
            contiguous(np.asarray(find(self, axis=dim, keepdims=keepdim), np.int64))
            if self.ndim
            else np.zeros((), np.int64)
        )

    declared = op(f"_{name}", promote="keep", numbers=False)(kernel)

    def public(self, dim: Any = None, keepdim: bool = False):
        return declared(self, dim, keepdim)

    public.__name__ = public.__qualname__ = name
    return composite(name)(public)


argmax, argmin = _position("argmax", np.argmax), _position("argmin", np.argmin)


# -- by rank --------------------------------------------------------------------------------------------


def _rows(a: Any, dim: int) -> Any:
    """The vectors of an array along `dim`, as rows."""
    return np.moveaxis(a, dim, -1).reshape(-1, a.shape[dim])


def _found(a: Any, dim: int, keepdim: bool, find: Any) -> tuple[Any, Any]:
    """Values and indices, where `find` gives the index within one row."""
    if not a.ndim:
        return _taken(a, 0, None, keepdim)
    at = np.array([find(row.tolist()) for row in _rows(a, dim)], np.int64)
    kept = (*a.shape[:dim], *a.shape[dim + 1 :])
    return _taken(a, dim, np.expand_dims(at.reshape(kept), dim), keepdim)


def _median_position(row: list[Any], ignore_nan: bool) -> int:
    """Where the lower median stands: of equal ones where a stable sort would have put it."""
    nans = [i for i, x in enumerate(row) if x != x]
    if nans and not ignore_nan:
        return nans[0]
    order = sorted((i for i in range(len(row)) if row[i] == row[i]), key=row.__getitem__)
    return order[(len(order) - 1) // 2] if order else 0


def _median_value(flat: Any, ignore_nan: bool) -> Any:
    """The lower median of all; among zeros the one that selecting in place leaves in the middle."""
    row = flat.tolist()
    at = _median_position(row, ignore_nan)
    if row[at] == 0 and flat.dtype.kind == "f":
        order = list(range(len(row)))
        numbers = len(row) - int(np.count_nonzero(np.isnan(flat)))
        nth_element(
            order, (numbers - 1) // 2, lambda i, j: row[i] < row[j] or (row[i] == row[i] and row[j] != row[j])
        )
        at = order[(numbers - 1) // 2]
    return flat[at]


def _median(name: str, ignore_nan: bool) -> Any:
    @supports("iuf", "median_cpu")
    def whole(self):
        if not self.size:
            return np.asarray(np.nan).astype(self.dtype)
        return np.asarray(_median_value(self.reshape(-1), ignore_nan))

    declared = op(f"_{name}", promote="keep", numbers=False)(whole)
    label = name.capitalize() + "Backward"
    derivative(
        label + "0",
        of=declared,
        forward=lambda self_t, self, result: evenly_along(self_t, self, result),
        self=lambda grad, self, result: evenly_distributed(grad, self, result),
    )

    def along(self, dim: int, keepdim: bool = False):
        dim = nonempty_dim("median()", self, dim)
        if self.dtype.kind not in "iuf":
            raise errors.not_implemented_for("median_out", self.dtype)
        return _found(self, dim, keepdim, lambda row: _median_position(row, ignore_nan))

    by_dim = selecting(name, label + "1", along)
    result = named(name, ("values", "indices"))

    def public(self, dim: Any = _OMITTED, keepdim: bool = False):
        return declared(self) if dim is _OMITTED else result(by_dim(self, dim, keepdim))

    public.__name__ = public.__qualname__ = name
    return composite(name)(public)


median, nanmedian = _median("median", False), _median("nanmedian", True)


def _kthvalue(self, k: int, dim: int = -1, keepdim: bool = False):
    dim = nonempty_dim("kthvalue()", self, dim)
    if not 1 <= k <= (self.shape[dim] if self.ndim else 1):
        raise RuntimeError(f"kthvalue(): selected number k out of range for dimension {dim}")
    if self.ndim and self.dtype.kind not in "iuf":  # a single number is found without a look at it; so below
        raise errors.not_implemented_for("kthvalue_cpu", self.dtype)
    return _found(self, dim, keepdim, lambda row: kth(row, k - 1))


kthvalue_op = selecting("kthvalue", "KthvalueBackward0", _kthvalue)
_kthvalue_result = named("kthvalue", ("values", "indices"))


@composite("kthvalue")
def kthvalue(self, k: int, dim: int = -1, keepdim: bool = False):
    """The k-th smallest (from 1) along a dimension, and where it stands."""
    values, indices = kthvalue_op(self, k, dim, keepdim)
    return _kthvalue_result((real_where_recorded("kthvalue", values), indices))


def _mode_position(row: list[Any]) -> int:
    """The last place of the most frequent value; of equally frequent ones the smallest."""
    order = list(range(len(row)))
    if len(row) > SHORT or any(x != x for x in row):  # of equal ones the sort of that many may leave any last
        introsort(order, 0, len(order), lambda i, j: row[i] < row[j])
    else:
        order.sort(key=row.__getitem__)
    best, most, run = order[0], 0, 0
    for place, i in enumerate(order):
        run += 1
        if place == len(order) - 1 or row[i] != row[order[place + 1]]:
            if run > most:
                best, most = i, run
            run = 0
    return best


def _mode(self, dim: int = -1, keepdim: bool = False):
    dim = nonempty_dim("mode()", self, dim)
    if self.ndim and self.dtype.kind == "c":
        raise errors.not_implemented_for("mode_cpu", self.dtype)
    return _found(self, dim, keepdim, _mode_position)


mode_op = selecting("mode", "ModeBackward0", _mode)
_mode_result = named("mode", ("values", "indices"))


@composite("mode")
def mode(self, dim: int = -1, keepdim: bool = False):
    """The most frequent value along a dimension, and where it stands."""
    values, indices = mode_op(self, dim, keepdim)
    return _mode_result((real_where_recorded("mode", values), indices))


__all__ = ["masked"]
