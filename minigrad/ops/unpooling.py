"""max_unpool1d, 2d and 3d: maxima put back where they were found, zeros elsewhere.

What may live here: these and the sizes of their results. The pools are in `pooling`.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import numpy as np

from minigrad import errors
from minigrad.memory_formats import channels_last, formatted
from minigrad.ops.loss_forms import functional
from minigrad.ops.pooling import taken_at
from minigrad.ops.reshaping import squeeze_one
from minigrad.refusals import handed
from minigrad.registry import derivative, op

# mypy: disable-error-code="no-untyped-def, no-untyped-call"


def _check(a: Any, indices: Any, size: Any, n: int) -> None:
    kind = errors.TYPE_NAMES[indices.dtype.name]
    if indices.dtype != np.int64:
        raise RuntimeError(f"elements in indices should be type int64{f' but got: {kind}' if n == 2 else ''}")
    if n == 2 and a.ndim not in (3, 4):
        raise RuntimeError(
            f"Input to max_unpooling2d should be a 3d or 4d Tensor, but got a tensor with {a.ndim} dimensions."
        )
    if n == 3 and a.ndim not in (4, 5):
        raise RuntimeError(
            f"Input to max_unpooling3d should be a 4d or 5d Tensor, but got a tensor with {a.ndim} dimensions."
        )
    if a.shape != indices.shape:
        raise RuntimeError(
            f"Expected shape of indices to be same as that of the input tensor ({errors.shape_text(a.shape)}) but got "
            f"indices tensor with shape: {errors.shape_text(indices.shape)}"
        )
    for d in range(1 if a.ndim == n + 2 else 0, a.ndim):
        if not a.shape[d]:
            raise RuntimeError(
                f"max_unpooling{n}d_forward_out_cpu(): Expected input to have non-zero size for non-batch dimensions, "
                f"but got {errors.shape_text(a.shape)} with dimension {d} being empty."
            )


def _put(self: Any, indices: Any, size: Any, n: int) -> Any:
    _check(self, indices, size, n)
    if self.dtype.kind != "f":
        raise errors.not_implemented_for(f"max_unpool{n}d", self.dtype)
    lead, volume = self.shape[: self.ndim - n], math.prod(size)
    outside = (indices < 0) | (indices >= volume)
    if outside.any():
        raise RuntimeError(
            f"Found an invalid max index: {indices[outside][-1]} (output volumes are of size "
            f"{'x'.join(map(str, size))})"
        )
    flat = np.zeros((math.prod(lead), volume), self.dtype)
    rows = np.arange(len(flat))[:, None]
    if self.size:
        flat[rows, indices.reshape(len(flat), -1)] = self.reshape(len(flat), -1)
    out = flat.reshape(*lead, *size)
    return formatted(out, n == 2 and self.ndim == 4 and channels_last(self))


def _unpooling(n: int) -> Any:
    @op(f"_max_unpool{n}d", promote="keep", numbers=False)
    def unpool(self, indices, output_size: Any):
        return _put(self, indices, output_size, n)

    derivative(
        f"MaxUnpool{n}DBackward0",
        of=unpool,
        forward=lambda self_t, indices, output_size: unpool(self_t, indices, output_size),
        self=lambda grad, indices: taken_at(grad, indices, n),
    )
    return unpool


unpool2d, unpool3d = _unpooling(2), _unpooling(3)


def _each(value: Any, n: int) -> tuple[int, ...]:
    return tuple(value) if isinstance(value, Iterable) else (value,) * n


def _size(input: Any, n: int, kernel: Any, stride: Any, padding: Any, wanted: Any) -> tuple[int, ...]:
    """The size of the result: what a pool would make this input of, or the one that is given."""
    kernel, shape = _each(kernel, n), input.size()
    steps, sides = kernel if stride is None else _each(stride, n), _each(padding, n)
    usual = [(shape[d - n] - 1) * steps[d] + kernel[d] - 2 * sides[d] for d in range(n)]
    found = usual
    if wanted is not None:
        found = wanted[2:] if len(wanted) == n + 2 else wanted
        if len(found) != n:
            raise ValueError(
                f"output_size should be a sequence containing {n} or {n + 2} elements, but it has a length of "
                f"'{len(found)}'"
            )
        for d in range(n):
            low, high = usual[d] - steps[d], usual[d] + steps[d]
            if not low < found[d] < high:
                raise ValueError(f'invalid output_size "{found}" (dim {d} must be between {low} and {high})')
    for d in range(n):
        if found[d] < 0:
            raise ValueError(
                "max_unpooling: output_size must contain non-negative spatial dimensions, but got "
                f"output_size[{d}]={found[d]}"
            )
    return tuple(found)


@functional("max_unpool1d")
def max_unpool1d(
    input: Any, indices: Any, kernel_size: Any, stride: Any = None, padding: Any = 0, output_size: Any = None
) -> Any:
    """Maxima along the last dimension put back."""
    size = (*_size(input, 1, kernel_size, stride, padding, output_size), 1)
    column, places = input.unsqueeze(-1), indices.unsqueeze(-1)
    handed("max_unpool2d", column, places, size)
    return squeeze_one(unpool2d(column, places, size), -1)


@functional("max_unpool2d")
def max_unpool2d(
    input: Any, indices: Any, kernel_size: Any, stride: Any = None, padding: Any = 0, output_size: Any = None
) -> Any:
    """Maxima of the last two dimensions put back."""
    size = _size(input, 2, kernel_size, stride, padding, output_size)
    handed("max_unpool2d", input, indices, size)
    return unpool2d(input, indices, size)


@functional("max_unpool3d")
def max_unpool3d(
    input: Any, indices: Any, kernel_size: Any, stride: Any = None, padding: Any = 0, output_size: Any = None
) -> Any:
    """Maxima of the last three dimensions put back."""
    size = _size(input, 3, kernel_size, stride, padding, output_size)
    steps = _each(kernel_size if stride is None else stride, 3)
    handed("max_unpool3d", input, indices, size, steps, _each(padding, 3))
    return unpool3d(input, indices, size)
