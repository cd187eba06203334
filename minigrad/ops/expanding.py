"""Dimensions made wider: expand and broadcast as views, repeat and tile as copies."""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad import errors
from minigrad.device import contiguous_format
from minigrad.dims import normal_dim
from minigrad.ops.carriers import fresh_zeros, written
from minigrad.ops.reshaping import reshape_to, sizes, unsqueeze
from minigrad.promotion import broadcast_shape
from minigrad.registry import composite, derivative, op
from minigrad.signatures import Parser
from minigrad.summing import total
from minigrad.tensor import Size, Tensor, wrap
from minigrad.windows import expanded, window

# mypy: disable-error-code="no-untyped-def"

Shape = tuple[int, ...]

_EXPAND = Parser("expand", "(tuple of ints size, *, bool implicit = False)")
_BROADCAST = Parser("broadcast_to", "(tuple of ints size)")
_REPEAT = Parser("repeat", "(tuple of ints repeats)")
_TILE = Parser("tile", "(tuple of ints dims)")


@op("_expand", view=True, promote="keep", numbers=False)
def expand_op(self, size: Shape):
    return window(self, *expanded(self, size))


derivative(
    "ExpandBackward0", of=expand_op, forward="linear", self=lambda grad, self_shape: sum_to(grad, self_shape)
)


def sum_to(grad: Any, shape: Shape) -> Any:
    """Summed over what expanding `shape` had added or stretched."""
    full = grad.shape
    lead = len(full) - len(shape)
    if not shape:
        return grad.sum() if isinstance(grad, Tensor) else sum_over(np.asarray(grad), tuple(range(grad.ndim)))
    dims = (*range(lead), *(i + lead for i, n in enumerate(shape) if n == 1 and full[i + lead] != 1))
    if dims:
        grad = sum_over(grad, dims, True)
    return reshape_to(grad, shape) if lead else grad


@composite("expand", function=False)
def expand(self, *size, **keywords):
    """Dimensions of size 1 stretched to `size` without a copy; -1 keeps one as it is."""
    keywords.pop("implicit", None)
    if keywords:
        return expand_op(self, _EXPAND.parse(size, keywords)[1]["size"])
    return expand_op(self, sizes(size, _EXPAND, "size"))


@composite("expand_as", function=False)
def expand_as(self, other):
    """`expand` to the shape of `other`."""
    if not isinstance(other, Tensor):
        raise errors.wrong_argument("expand_as", "other", 1, "Tensor", other)
    return expand_op(self, other._a.shape)


@composite("broadcast_to")
def broadcast_to(self, *size, **keywords):
    """`expand` to `size`."""
    if keywords:
        return expand_op(self, _BROADCAST.parse(size, keywords)[1]["size"])
    return expand_op(self, sizes(size, _BROADCAST, "size"))


@composite("broadcast_tensors", method=False)
def broadcast_tensors(*tensors):
    """Each tensor expanded to the shape they have in common; itself where it has it already."""
    for i, one in enumerate(tensors):
        if not isinstance(one, Tensor):
            raise TypeError(f"expected Tensor as element {i} in argument 0, but got {errors.type_of(one)}")
    shape = broadcast_shape([t._a.shape for t in tensors])
    return tuple(t if t._a.shape == shape else expand_op(t, shape) for t in tensors)


@composite("broadcast_shapes", method=False)
def broadcast_shapes(*shapes):
    """The shape that tensors of these shapes broadcast to."""
    given = [(s,) if isinstance(s, int) else s for s in shapes if s is not None]
    common = [1] * max(map(len, given), default=0)
    for number, shape in enumerate(given):
        for at in range(-1, -1 - len(shape), -1):
            if common[at] == 1 and shape[at] < 0:
                raise ValueError("Attempting to broadcast a dimension with negative length!")
            common[at] = shape[at] if common[at] == 1 else common[at]
            if shape[at] not in (1, common[at]):
                raise RuntimeError(
                    f"Attempting to broadcast a dimension of length {shape[at]} at {at}! Mismatching argument at index "
                    f"{number} had {shape}; but expected shape should be broadcastable to {common}"
                )
    return Size(common)


# -- copies ---------------------------------------------------------------------------------------------


@op("_repeat", promote="keep", numbers=False)
def repeat_op(self, repeats: Shape):
    if len(repeats) < self.ndim:
        raise RuntimeError(
            "Number of dimensions of repeat dims can not be smaller than number of dimensions of tensor"
        )
    whole = (*(1,) * (len(repeats) - self.ndim), *self.shape)
    target = tuple(n * r for n, r in zip(whole, repeats, strict=True))
    negative = next((n for n, r in zip(target, repeats, strict=True) if r < 0), None)
    if negative is not None:
        raise RuntimeError(
            f"Trying to create tensor with negative dimension {negative}: {errors.shape_text(target)}"
        )
    if not self.size or 0 in repeats:
        return np.zeros(target, self.dtype)
    return np.asarray(np.tile(self, repeats), order="C")


def repeat_backward(grad: Any, repeats: Shape, shape: Shape) -> Any:
    """The gradients of all repetitions added up."""
    if 0 in repeats:
        return fresh_zeros(shape, grad._a.dtype) if isinstance(grad, Tensor) else written(np.zeros(shape, grad.dtype))
    lead = len(repeats) - len(shape)
    for _ in range(lead):
        grad = sum_over(grad, (0,))
    split: list[int] = []
    dims: list[int] = []
    for n, r in zip(shape, repeats[lead:], strict=True):
        if r != 1:
            dims.append(len(split))
            split.append(r)
        split.append(n)
    return sum_over(reshape_to(grad, tuple(split)), tuple(dims)) if dims else grad


def sum_over(x: Any, dims: Shape, keepdim: bool = False) -> Any:
    """A carrier summed over some dimensions."""
    if isinstance(x, Tensor):
        return x.sum(dims, keepdim)
    return total(np.asarray(x), dims, keepdim, x.dtype)


derivative(
    "RepeatBackward0",
    of=repeat_op,
    forward="linear",
    self=lambda grad, repeats, self_shape: repeat_backward(grad, repeats, self_shape),
)


@composite("repeat", function=False)
def repeat(self, *repeats, **keywords):
    """Copies of the tensor side by side along each dimension; more repeats than dimensions add new ones."""
    if keywords:
        return repeat_op(self, _REPEAT.parse(repeats, keywords)[1]["repeats"])
    return repeat_op(self, sizes(repeats, _REPEAT, "repeats"))


@composite("tile")
def tile(self, *dims, **keywords):
    """`repeat` with missing leading dimensions taken as 1."""
    given = _TILE.parse(dims, keywords)[1]["dims"] if keywords else sizes(dims, _TILE, "dims")
    return repeat_op(self, (*(1,) * (self._a.ndim - len(given)), *given))


# -- repeat_interleave ----------------------------------------------------------------------------------


@composite("repeat_interleave")
def repeat_interleave(self, repeats: Any = None, dim: int | None = None, *, output_size: int | None = None):
    """Each element (along `dim`, or of the flattened tensor) as often as `repeats` says."""
    if repeats is None:
        return positions_of(self, output_size)
    if isinstance(repeats, Tensor):
        counts = repeats._a
        if counts.ndim > 1:
            raise RuntimeError("repeats must be 0-dim or 1-dim tensor")
        source = self if dim is not None else self.flatten()
        d = normal_dim(0 if dim is None else dim, source._a.ndim)
        n = source._a.shape[d]
        if counts.ndim == 1 and counts.size != 1 and counts.size != n:
            raise RuntimeError(
                "repeats must have the same size as input along dim, but got repeats.size(0) = "
                f"{counts.size} and "
                f"input.size({d}) = {n}"
            )
        if counts.size == 1 and counts.ndim <= 1:
            counts = np.broadcast_to(counts.reshape(()), (n,))
        return source.index_select(d, positions_of(wrap(counts), output_size))
    if repeats < 0:
        raise RuntimeError("Repeats must be non-negative")
    source = self if dim is not None else self.flatten()
    d = normal_dim(0 if dim is None else dim, source._a.ndim)
    if output_size is not None and output_size != source._a.shape[d] * repeats:
        raise RuntimeError(
            "repeat_interleave: Invalid output_size, expected "
            f"{source._a.shape[d] * repeats} but got {output_size}"
        )
    wide = unsqueeze(source, d + 1)
    shape = wide._a.shape
    wide = expand_op(wide, (*shape[: d + 1], repeats, *shape[d + 2 :]))
    return wide.clone(memory_format=contiguous_format).flatten(d, d + 1)


def positions_of(counts: Tensor, output_size: int | None) -> Tensor:
    """Position i as often as `counts[i]` says, as an integer tensor. RuntimeError for negative counts."""
    a = counts._a
    if a.dtype not in (np.int64, np.int32):
        raise errors.not_implemented_for("repeat_interleave_cpu", a.dtype)
    if a.ndim != 1:
        raise RuntimeError("repeat_interleave only accept 1D vector as repeat")
    if a.size and a.min() < 0:
        raise RuntimeError("repeats can not be negative")
    if output_size is not None and output_size != a.sum():
        raise RuntimeError("allocated size does not match required size")
    return wrap(np.repeat(np.arange(a.size, dtype=a.dtype), a))
