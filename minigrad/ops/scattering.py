"""Writing at positions along one dimension: scatter, scatter_add, index_add, index_copy, index_fill, put.

What may live here: ops that write by index tensor without reducing; those that reduce are in `reducing`.
"""

from __future__ import annotations

from functools import wraps
from typing import Any

import numpy as np

from minigrad import errors
from minigrad.arguments import is_number
from minigrad.dims import normal_dim
from minigrad.from_data import as_element
from minigrad.ops.complex_products import SINGLE
from minigrad.ops.copying import copied
from minigrad.ops.fused import by_parts
from minigrad.ops.gathering import gather, take
from minigrad.ops.index_places import (
    at_least_1d,
    check_within,
    checked_index,
    flat_places,
    place_grid,
)
from minigrad.ops.undifferentiated import recorded_opaquely, written_opaquely
from minigrad.registry import composite, decl_of, derivative, inplace_of, op, publish
from minigrad.signatures import Parser
from minigrad.tensor import Tensor
from minigrad.views import check_inplace
from minigrad.warn import warn_once
from minigrad.windows import address, overlaps_partly, storage

# mypy: disable-error-code="no-untyped-def"

Shape = tuple[int, ...]


def refuse_overlap(target: Any, *sources: Any) -> None:
    """Raises where a source looks at memory that is about to be written to, as these ops do in place."""
    if not isinstance(target, Tensor):
        return
    given = [s for s in sources if isinstance(s, Tensor)]
    check_inplace(target, target.requires_grad or any(s.requires_grad for s in given))
    a = target._a
    for source in given:
        b = source._a
        same = a.size and storage(a) is storage(b) and address(a) == address(b) and a.strides == b.strides
        if source is target or (same and a.shape == b.shape) or overlaps_partly(a, b):
            raise errors.partly_overlapping_write()


def refusing_overlap(function: Any) -> None:
    """Publishes the in-place form of an op so that it refuses sources that overlap its target."""
    inplace = inplace_of(function)

    @wraps(inplace)
    def checked(self: Any, *args: Any, **kwargs: Any) -> Any:
        refuse_overlap(self, *args, *kwargs.values())
        return inplace(self, *args, **kwargs)

    publish(decl_of(function).name + "_", checked, function=False)


# -- scatter --------------------------------------------------------------------------------------------


def scatter_places(own: Any, dim: int, index: Any, src: Any = None) -> tuple[tuple[Any, ...], Any]:
    """Where to write and what, checked; `src` None for a number."""
    d = normal_dim(dim, own.ndim)
    index = checked_index("scatter", index)
    if src is not None and src.dtype != own.dtype:
        raise RuntimeError("scatter(): Expected self.dtype to be equal to src.dtype")
    target, places = at_least_1d(own), at_least_1d(index)
    if not index.size:
        return place_grid(places, d), None if src is None else np.zeros(places.shape, src.dtype)
    if places.ndim != target.ndim:
        raise RuntimeError("Index tensor must have the same number of dimensions as self tensor")
    values = None if src is None else at_least_1d(src)
    if values is not None and values.ndim != places.ndim:
        normal_dim(places.ndim - 1 if values.ndim < places.ndim and d == places.ndim - 1 else 1, values.ndim)
        raise RuntimeError("Index tensor must have the same number of dimensions as src tensor")
    too_large = any(n > m and k != d for k, (n, m) in enumerate(zip(places.shape, target.shape, strict=True)))
    if values is not None:
        too_large = too_large or any(n > m for n, m in zip(places.shape, values.shape, strict=True))
    if too_large:
        beyond = (
            "" if values is None else f" and to be no larger size than src {errors.shape_text(values.shape)}"
        )
        raise RuntimeError(
            f"Expected index {errors.shape_text(index.shape)} to be no larger than self "
            f"{errors.shape_text(own.shape)} "
            f"apart from dimension {d}{beyond}"
        )
    check_within(places, d, target.shape[d])
    if values is not None:
        values = values[tuple(slice(n) for n in places.shape)]
    return place_grid(places, d), values


def written_at(own: Any, where: Any, values: Any, copy: Any = np.ndarray.copy) -> Any:
    """A copy of `own`, contiguous if nothing else is said, with `values` at the NumPy index `where`."""
    out = copy(own)
    at_least_1d(out)[where] = values
    return out


@op("_scatter.src", promote="keep", numbers=False, inplace=True)
def scatter_src(self, dim: int, index, src):
    return written_at(self, *scatter_places(self, dim, index, src))


@op("_scatter.value", promote="keep", numbers=False, inplace=True)
def scatter_value(self, dim: int, index, value: Any):
    where, _ = scatter_places(self, dim, index)
    return written_at(self, where, as_element(value, self.dtype))


derivative(
    "ScatterBackward0",
    of=scatter_src,
    forward="linear",
    onto=True,
    self=lambda grad, dim, index: scatter_value(grad, dim, index, 0),
    src=lambda grad, dim, index: gather(grad, dim, index),
)
derivative(
    "ScatterBackward1",
    of=scatter_value,
    forward=lambda self_t, dim, index: scatter_value(self_t, dim, index, 0),
    onto=lambda self_t, dim, index: inplace_of(scatter_value)(self_t, dim, index, 0),
    self=lambda grad, dim, index: scatter_value(grad, dim, index, 0),
)


@op("_scatter.reduce", promote="keep", numbers=False, inplace=True)
def scatter_src_reduce(self, dim: int, index, src, reduce: str = "add"):
    where, values = scatter_places(self, dim, index, src)
    return _combined(self, where, values, reduce)


@op("_scatter.value_reduce", promote="keep", numbers=False, inplace=True)
def scatter_value_reduce(self, dim: int, index, value: Any, reduce: str = "add"):
    where, _ = scatter_places(self, dim, index)
    return _combined(self, where, as_element(value, self.dtype), reduce)


def _combined(own: Any, where: Any, values: Any, reduce: str) -> Any:
    ufuncs = {"add": np.add, "multiply": np.multiply}
    if reduce not in ufuncs:
        raise RuntimeError("reduce argument must be either add or multiply.")
    out = own.copy()
    if reduce == "multiply" and own.dtype.kind == "c":
        _multiply_each(at_least_1d(out), where, values)
    else:
        ufuncs[reduce].at(at_least_1d(out), where, values)
    return out


def _multiply_each(out: Any, where: Any, values: Any) -> None:
    """Multiplies complex numbers in place, each by itself: of those that hit one place first all that come first."""
    places = np.arange(out.size).reshape(out.shape)[where]
    factors = np.broadcast_to(values, places.shape).ravel()
    places = places.ravel()
    order = np.argsort(places, kind="stable")
    met = places[order]
    turns = np.arange(met.size) - np.searchsorted(met, met)
    product: Any = by_parts if out.dtype is SINGLE else np.multiply
    for turn in range(turns.max(initial=-1) + 1):
        now = order[turns == turn]
        out.flat[places[now]] = product(out.flat[places[now]], factors[now])


def _announced(function: Any) -> Any:
    """A reduction of tensors with torch's warning, which comes before all refusals."""

    def reduce(*args: Any) -> Any:
        warn_once(
            "The reduce argument of torch.scatter with Tensor src is deprecated and will be removed in a future "
            "PyTorch release. Use torch.scatter_reduce instead for more reduction options."
        )
        return function(*args)

    return reduce


def _apart(function: Any) -> Any:
    """A write that refuses sources which overlap its target."""

    def write(self: Any, dim: Any, index: Any, given: Any, reduce: Any) -> Any:
        refuse_overlap(self, index, given)
        return function(self, dim, index, given, reduce)

    return write


_REDUCING = {
    ("scatter", True): recorded_opaquely("scatter", _announced(scatter_src_reduce)),
    ("scatter", False): recorded_opaquely("scatter", scatter_value_reduce),
    ("scatter_", True): written_opaquely("scatter_", _announced(_apart(inplace_of(scatter_src_reduce)))),
    ("scatter_", False): written_opaquely("scatter_", _apart(inplace_of(scatter_value_reduce))),
}
"""By the name of the function and whether it is given a tensor: torch differentiates none of them."""

_SCATTER = (
    "(int dim, Tensor index, Tensor src)",
    "(int dim, Tensor index, Tensor src, *, str reduce)",
    "(int dim, Tensor index, Number value)",
    "(int dim, Tensor index, Number value, *, str reduce)",
)


def _scatter(
    name: str, inplace: bool, self: Any, dim: Any, index: Any, src: Any, value: Any, reduce: Any
) -> Any:
    given = src if src is not None else value
    if not (isinstance(index, Tensor) and (isinstance(given, Tensor) or is_number(given))):
        raise Parser(name, *_SCATTER).explain((dim, index, given), {})
    tensor = isinstance(given, Tensor)
    if reduce is not None:
        return _REDUCING[name, tensor](self, dim, index, given, reduce)
    if inplace:
        refuse_overlap(self, index, given)
    chosen = scatter_src if tensor else scatter_value
    return (inplace_of(chosen) if inplace else chosen)(self, dim, index, given)


@composite("scatter")
def scatter(self, dim: int, index: Any, src: Any = None, *, value: Any = None, reduce: str | None = None):
    """A copy with `src` (a tensor or a number) written at positions `index` along `dim`."""
    return _scatter("scatter", False, self, dim, index, src, value, reduce)


@composite("scatter_", function=False)
def scatter_(self, dim: int, index: Any, src: Any = None, *, value: Any = None, reduce: str | None = None):
    """Writes `src` (a tensor or a number) at positions `index` along `dim`."""
    return _scatter("scatter_", True, self, dim, index, src, value, reduce)


@op("scatter_add", promote="keep", numbers=False, inplace=True)
def scatter_add(self, dim: int, index, src):
    where, values = scatter_places(self, dim, index, src)
    out = self.copy()
    np.add.at(at_least_1d(out), where, values)
    return out


derivative(
    "ScatterAddBackward0",
    of=scatter_add,
    forward="linear",
    self=lambda grad: grad,
    src=lambda grad, dim, index: gather(grad, dim, index),
)


# -- put ------------------------------------------------------------------------------------------------


@op("put", promote="keep", numbers=False, inplace=True)
def put(self, index, source, accumulate: bool = False):
    if index.dtype != np.int64:
        raise RuntimeError(f"put_(): Expected a long tensor for index, but got {errors.type_name(index)}")
    if self.dtype != source.dtype:
        raise RuntimeError(
            "put_(): self and source expected to have the same dtype, but got self.dtype = "
            f"{errors.type_name(self)} and source.dtype = {errors.type_name(source)}"
        )
    if source.size != index.size:
        raise IndexError(
            "put_(): Expected source and index to have the same number of elements, but got source.numel() = "
            f"{source.size}, index.numel() = {index.size}"
        )
    flat = self.reshape(-1).copy()
    where = flat_places(index, flat.size).reshape(-1)
    if accumulate:
        np.add.at(flat, where, source.reshape(-1))
    else:
        flat[where] = source.reshape(-1)
    out = copied(self)
    out[...] = flat.reshape(self.shape)
    return out


derivative(
    "PutBackward0",
    of=put,
    forward="linear",
    onto=True,
    self=lambda grad, index, source_shape, accumulate: (
        grad if accumulate else put(grad, index, grad.new_zeros(source_shape), False)
    ),
    source=lambda grad, index, source: take(grad, index).reshape(source.shape),
    shows={"source_shape": {}},
)


for _function in (scatter_add, put):
    refusing_overlap(_function)
