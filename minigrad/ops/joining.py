"""Ops that put several tensors together."""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad import errors
from minigrad.ops.reduction import normal_dim
from minigrad.registry import derivative, op
from minigrad.tensor import Tensor

# mypy: disable-error-code="no-untyped-def"

Tensors = list[Any]


def _check_stack(tensors: Tensors, dim: int = 0) -> None:
    if not tensors:
        raise RuntimeError("stack expects a non-empty TensorList")
    first = tensors[0].shape
    for i, t in enumerate(tensors):
        if t.shape != first:
            raise RuntimeError(
                f"stack expects each tensor to be equal size, but got {errors.shape_text(first)} at entry 0 and "
                f"{errors.shape_text(t.shape)} at entry {i}"
            )
    normal_dim(dim, len(first) + 1)


@op("stack", method=False, numbers=False, check=_check_stack)
def stack(tensors: Tensors, dim: int = 0):
    return np.stack(tensors, axis=dim)


derivative("StackBackward0", of=stack, tensors=lambda grad, dim: unbound(grad, dim))


def unbound(grad: Any, dim: int) -> Any:
    """The slices of a carrier along `dim`, as one sequence."""
    if isinstance(grad, Tensor):
        return grad.unbind(dim)
    return list(np.moveaxis(np.asarray(grad), dim, 0))


def _check_cat(tensors: Tensors, dim: int = 0) -> None:
    if not tensors:
        raise RuntimeError("torch.cat(): expected a non-empty list of Tensors")


@op("cat", method=False, numbers=False, check=_check_cat)
def cat(tensors: Tensors, dim: int = 0):
    return np.concatenate(tensors, axis=dim)


derivative("CatBackward0", of=cat, tensors=lambda grad, dim, tensors_shape: pieces(grad, dim, tensors_shape))


def pieces(grad: Any, dim: int, shapes: Any) -> list[Any]:
    """A carrier cut back into what was joined along `dim`."""
    out, start = [], 0
    for shape in shapes:
        if shape == (0,):
            out.append(None)
            continue
        n = shape[dim]
        if isinstance(grad, Tensor):
            out.append(grad.narrow(dim, start, n))
        else:
            index = (slice(None),) * (dim % grad.ndim)
            out.append(grad[(*index, slice(start, start + n))])
        start += n
    return out
