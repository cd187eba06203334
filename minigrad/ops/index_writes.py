"""Writing along one dimension at the positions of an index vector: index_add, index_copy, index_fill.

What may live here: those three. index_reduce is in `reducing`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad import errors
from minigrad.dims import normal_dim
from minigrad.from_data import as_element
from minigrad.ops.arithmetic import times
from minigrad.ops.copying import copied
from minigrad.ops.gathering import index_select
from minigrad.ops.index_places import at_least_1d, check_vector, check_within
from minigrad.ops.scattering import refuse_overlap, refusing_overlap, written_at
from minigrad.registry import composite, derivative, inplace_of, op
from minigrad.tensor import Tensor, wrap

# mypy: disable-error-code="no-untyped-def"

Shape = tuple[int, ...]


def _along(dim: int, what: Any) -> tuple[Any, ...]:
    return (*(slice(None),) * dim, what)


@op("index_add", promote="keep", numbers=False, inplace=True)
def index_add(self, dim: int, index, source, *, alpha: Any = 1):
    d = normal_dim(dim, self.ndim)
    check_vector("index_add_", index, source, d, self)
    places = at_least_1d(index)
    check_within(places, d, at_least_1d(self).shape[d])
    out = self.copy()
    values = at_least_1d(source)
    as_scatter = d in (0, self.ndim - 1) and self.ndim > 1 and index.dtype == np.int64  # which torch takes it for
    if alpha != 1 or (self.dtype.kind == "c" and not as_scatter):  # a complex 1 multiplies: it makes NaN of infinity
        values = values * np.asarray(alpha).astype(self.dtype)
    np.add.at(at_least_1d(out), _along(d, places), values)
    return out


def _source_grad(grad: Tensor, dim: int, index: Tensor, shape: Shape) -> Any:
    """The gradient of a source as it was read: along `dim` at `index`."""
    if shape:
        return index_select(grad, dim, index).expand(shape)
    return index_select(grad, dim, index.squeeze(0))


def _scaled(grad: Any, alpha: Any) -> Any:
    return grad if alpha == 1 else times(grad, alpha)


derivative(
    "IndexAddBackward0",
    of=index_add,
    forward=lambda self_t, source_t, dim, index, alpha: index_add(self_t, dim, index, _scaled(source_t, alpha)),
    self=lambda grad: grad,
    source=lambda grad, dim, index, source, source_shape, alpha: _scaled(
        _source_grad(grad, dim, index, source.shape), alpha
    ),
    shows={"source_shape": {"source_dim": len}},
)


@op("index_copy", promote="keep", numbers=False, inplace=True)
def index_copy(self, dim: int, index, source):
    d = normal_dim(dim, self.ndim)
    if index.ndim >= 2:
        raise IndexError(f"index_copy_(): Index should have dimension 1 or 0 (got {index.ndim})")
    if source.ndim == 0 and index.size != 1:
        raise IndexError(
            f"index_copy_(): When source is scalar, index should have one element (got {index.size})"
        )
    if source.ndim != self.ndim and source.ndim and self.ndim:
        raise IndexError(
            "index_copy_(): When source and destination are not scalars, their dimensionality must match. "
            "Source "
            f"dimensionality ({source.ndim}), destination dimensionality ({self.ndim})"
        )
    if index.dtype != np.int64:
        raise RuntimeError(
            f"index_copy_(): Expected a long tensor for index, but got {errors.type_name(index)}"
        )
    if self.dtype != source.dtype:
        raise RuntimeError(
            "index_copy_(): self and source expected to have the same dtype, but got (self) "
            f"{errors.type_name(self)} and (source) {errors.type_name(source)}"
        )
    mine, theirs = list(self.shape), list(source.shape)
    if mine:
        del mine[d]
    if theirs:
        del theirs[d if d < len(theirs) else 0]
    if mine != theirs:
        shown = " ".join(map(str, mine)), " ".join(map(str, theirs))
        raise RuntimeError(
            "index_copy_(): Source/destination tensor must have same slice shapes. Destination slice shape: "
            f"{shown[0]} at dimension {d} and source slice shape: {shown[1]} at dimension 0."
        )
    places, target = at_least_1d(index), at_least_1d(self)
    if source.ndim and places.size != at_least_1d(source).shape[d]:
        raise IndexError(
            f"index_copy_(): Number of indices ({places.size}) should be equal to source.size(dim) "
            f"({at_least_1d(source).shape[d]})"
        )
    n = target.shape[d]
    bad = (places < 0) | (places >= n)
    if bad.any():
        raise IndexError(
            f"index_copy_(): index {places[bad][0]} is out of bounds for dimension {d} with size {n}"
        )
    return written_at(self, _along(d, places), at_least_1d(source))


derivative(
    "IndexCopyBackward0",
    of=index_copy,
    forward="linear",
    onto=True,
    self=lambda grad, dim, index: index_fill_number(grad, dim, index, 0),
    source=lambda grad, dim, index, source, source_shape: _source_grad(grad, dim, index, source.shape),
    shows={"source_shape": {"source_dim": len}},
)


def _fill_places(own: Any, dim: int, index: Any) -> tuple[Any, ...]:
    if index.dtype != np.int64:
        raise IndexError("index_fill_(): Expected dtype int64 for index.")
    if index.ndim > 1:
        raise RuntimeError("Index has to be a vector/scalar")
    d = normal_dim(dim, own.ndim)
    places, n = at_least_1d(index), at_least_1d(own).shape[d]
    bad = (places < -n) | (places >= n)
    if bad.any():
        raise IndexError(f"index {places[bad][0]} is out of bounds for dimension {d} with size {n}")
    return _along(d, places)


def _index_filled(own: Any, dim: int, index: Any, value: Any) -> Any:
    where = _fill_places(own, dim, index)
    if isinstance(value, complex) and own.dtype.kind != "c":
        raise RuntimeError("index_fill_(): Converting complex Scalar to non-complex type is not supported")
    return written_at(own, where, as_element(value, own.dtype), copied)


@op("_index_fill.int_Scalar", promote="keep", numbers=False, inplace=True, overlaps="some")
def index_fill_number(self, dim: int, index, value: Any):
    return _index_filled(self, dim, index, value)


@op("_index_fill.int_Tensor", promote="keep", numbers=False, inplace=True, overlaps="some")
def index_fill_tensor(self, dim: int, index, value):
    if value.ndim:
        raise RuntimeError(
            f"index_fill_ only supports a 0-dimensional value tensor, but got tensor with {value.ndim} "
            "dimension(s)."
        )
    return _index_filled(self, dim, index, value.item())


def _value_grad(grad: Tensor, dim: int, index: Tensor) -> Any:
    return index_select(grad, dim, wrap(np.unique(index._a))).sum()


derivative(
    "IndexFillBackward0",
    of=index_fill_number,
    forward=lambda self_t, dim, index: index_fill_number(self_t, dim, index, 0),
    onto=lambda self_t, dim, index: inplace_of(index_fill_number)(self_t, dim, index, 0),
    self=lambda grad, dim, index: index_fill_number(grad, dim, index, 0),
)
derivative(
    "IndexFillBackward1",
    of=index_fill_tensor,
    unreal=True,
    forward="linear",
    onto=True,
    self=lambda grad, dim, index: index_fill_number(grad, dim, index, 0),
    value=lambda grad, dim, index: _value_grad(grad, dim, index),
)


@composite("index_fill")
def index_fill(self, dim: int, index: Any, value: Any):
    """A copy with `value` at the positions `index` along `dim`."""
    return (index_fill_tensor if isinstance(value, Tensor) else index_fill_number)(self, dim, index, value)


@composite("index_fill_", function=False)
def index_fill_(self, dim: int, index: Any, value: Any):
    """Writes `value` at the positions `index` along `dim`."""
    refuse_overlap(self, index, value)
    chosen = index_fill_tensor if isinstance(value, Tensor) else index_fill_number
    return inplace_of(chosen)(self, dim, index, value)


for _function in (index_add, index_copy):
    refusing_overlap(_function)
