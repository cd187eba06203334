"""Ops that put several tensors together: cat, stack and their relatives, block_diag."""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad import errors
from minigrad.dims import normal_dim
from minigrad.memory import allocate, strides_of
from minigrad.memory_formats import channels_last, channels_last_strides, suggests_last
from minigrad.ops.carriers import array_of, zero_gradient
from minigrad.registry import composite, derivative, op
from minigrad.tensor import Tensor, wrap
from minigrad.windows import as_shape

# mypy: disable-error-code="no-untyped-def"

Tensors = list[Any]
Shape = tuple[int, ...]


def tensor_list(function: str, tensors: Any, name: str = "tensors") -> Tensors:
    """A list of Tensors as it was passed; raises TypeError in torch's words for anything else."""
    if not isinstance(tensors, (tuple, list)):
        raise errors.wrong_argument(function, name, 1, "tuple of Tensors", tensors)
    for i, one in enumerate(tensors):
        if not isinstance(one, (Tensor, np.ndarray, np.generic)):
            raise TypeError(f"expected Tensor as element {i} in argument 0, but got {errors.type_of(one)}")
    return list(tensors)


# -- cat ------------------------------------------------------------------------------------------------


@op("_cat", numbers=False)
def cat_op(tensors: Tensors, dim: int = 0):
    for i, a in enumerate(tensors):
        if a.ndim == 0:
            raise RuntimeError(f"zero-dimensional tensor (at position {i}) cannot be concatenated")
    counted = [(i, a) for i, a in enumerate(tensors) if a.shape != (0,)]
    if not counted:
        normal_dim(dim, 1)
        return np.empty((0,), tensors[0].dtype)
    like = counted[0][1]
    d = normal_dim(dim, like.ndim)
    for i, a in counted:
        if a.ndim != like.ndim:
            raise RuntimeError(f"Tensors must have same number of dimensions: got {like.ndim} and {a.ndim}")
        for k, (n, m) in enumerate(zip(like.shape, a.shape, strict=True)):
            if n != m and k != d:
                raise RuntimeError(
                    f"Sizes of tensors must match except in dimension {d}. Expected size {n} but got size "
                    f"{m} for "
                    f"tensor number {i} in the list."
                )
    shape = list(like.shape)
    shape[d] = sum(a.shape[d] for _, a in counted)
    parts = [a for _, a in counted]
    strides = channels_last_strides(tuple(shape)) if all(map(channels_last, tensors)) else None
    return np.concatenate(parts, axis=d, out=allocate(tuple(shape), like.dtype, strides, zero=False))


def pieces(grad: Any, dim: int, shapes: Any, dtypes: Any) -> list[Any]:
    """A carrier cut back into what was joined along `dim`; of a real operand the real part is cut."""
    out, start = [], 0
    d = dim % len(grad.shape)
    parts = _by_kind(grad, dtypes)
    for shape, whole in zip(shapes, parts, strict=True):
        if shape == (0,):
            out.append(zero_gradient(grad, (0,), array_of(whole).dtype))
            continue
        n = shape[d]
        if isinstance(whole, Tensor):
            out.append(whole.narrow(d, start, n))
        else:
            out.append(np.asarray(whole)[(*(slice(None),) * d, slice(start, start + n))])
        start += n
    return out


def _by_kind(grad: Any, dtypes: Any) -> list[Any]:
    """For each operand, `grad` or its real part, which is taken once for all real ones."""
    if array_of(grad).dtype.kind != "c":
        return [grad] * len(dtypes)
    real = grad.real
    return [grad if dt.kind == "c" else real for dt in dtypes]


derivative(
    "CatBackward0",
    of=cat_op,
    forward="linear",
    tensors=lambda grad, dim, tensors_shape, tensors_dtype: pieces(grad, dim, tensors_shape, tensors_dtype),
)


@composite("cat", method=False, aliases=("concat", "concatenate"))
def cat(tensors: Any, dim: int = 0):
    """The tensors one after the other along `dim`."""
    tensors = tensor_list("cat", tensors)
    if not tensors:
        raise ValueError("torch.cat(): expected a non-empty list of Tensors")
    return cat_op(tensors, dim)


# -- stack ----------------------------------------------------------------------------------------------


@op("_stack", numbers=False)
def stack_op(tensors: Tensors, dim: int = 0):
    first = tensors[0].shape
    for i, a in enumerate(tensors):
        if a.shape != first:
            raise RuntimeError(
                f"stack expects each tensor to be equal size, but got {errors.shape_text(first)} at entry "
                "0 and "
                f"{errors.shape_text(a.shape)} at entry {i}"
            )
    return side_by_side(tensors, normal_dim(dim, len(first) + 1))


def side_by_side(arrays: Any, d: int) -> Any:
    """Arrays of one shape and dtype stacked along a new dimension `d`, densely."""
    out = _room(arrays, d) if arrays[0].ndim > 2 else None
    if out is None:
        shape = arrays[0].shape
        out = np.empty((*shape[:d], len(arrays), *shape[d:]), arrays[0].dtype)
    slots = out if d == 0 else np.moveaxis(out, d, 0)
    for i, a in enumerate(arrays):
        slots[i] = a
    return out


def _room(arrays: Any, d: int) -> Any:
    """Memory with channels innermost where torch's stack, which joins along a dimension that is there and then looks at
    it as two, finds its operands so; None where it does not."""
    first, behind = arrays[0], (1,) * (d == arrays[0].ndim)  # behind the last one there is none: a new one is joined
    shape = (*first.shape, *behind)
    if len(shape) not in (4, 5) or not all(suggests_last(shape, (*strides_of(a), *behind)) for a in arrays):
        return None
    joined = (*shape[:d], len(arrays) * shape[d], *shape[d + 1 :])
    out = allocate(joined, first.dtype, channels_last_strides(joined), zero=False)
    if behind:
        return out
    stacked: Any = as_shape(out, (*shape[:d], len(arrays), *shape[d:]))
    return allocate(stacked.shape, first.dtype, strides_of(stacked), zero=False)


def unbound(grad: Any, dim: int) -> Any:
    """The slices of a carrier along `dim`, as one sequence."""
    d = dim % len(grad.shape)
    if isinstance(grad, Tensor):
        return [grad.select(dim, i) for i in range(grad.shape[d])]
    a: Any = np.asarray(grad)
    return [a[(*(slice(None),) * d, i, ...)] for i in range(a.shape[d])]


derivative("StackBackward0", of=stack_op, forward="linear", tensors=lambda grad, dim: unbound(grad, dim))


@composite("stack", method=False)
def stack(tensors: Any, dim: int = 0):
    """The tensors, all of one shape, side by side along a new dimension `dim`."""
    tensors = tensor_list("stack", tensors)
    if not tensors:
        raise RuntimeError("stack expects a non-empty TensorList")
    shapes = [t.shape for t in tensors]
    normal_dim(dim, len(shapes[0]) + 1)
    return stack_op(tensors, dim)


# -- hstack and the others ------------------------------------------------------------------------------


def _not_empty(function: str, tensors: Any) -> Tensors:
    found = tensor_list(function, tensors)
    if not found:
        raise RuntimeError(f"{function} expects a non-empty TensorList")
    return found


@composite("hstack", method=False)
def hstack(tensors: Any):
    """Joined along dimension 1, one-dimensional ones along 0."""
    from minigrad.ops.reshaping import _atleast_1d

    found = [_atleast_1d(t) for t in _not_empty("hstack", tensors)]
    return cat(found, 0 if found[0]._a.ndim == 1 else 1)


@composite("vstack", method=False, aliases=("row_stack",))
def vstack(tensors: Any):
    """Joined along dimension 0, one-dimensional ones as rows."""
    from minigrad.ops.reshaping import _atleast_2d

    return cat([_atleast_2d(t) for t in _not_empty("vstack", tensors)], 0)


@composite("dstack", method=False)
def dstack(tensors: Any):
    """Joined along dimension 2."""
    from minigrad.ops.reshaping import _atleast_3d

    return cat([_atleast_3d(t) for t in _not_empty("dstack", tensors)], 2)


@composite("column_stack", method=False)
def column_stack(tensors: Any):
    """Joined along dimension 1, one-dimensional ones as columns."""
    found = _not_empty("column_stack", tensors)
    return cat([t if t._a.ndim > 1 else t.reshape((t._a.size, 1)) for t in found], 1)


# -- block_diag -----------------------------------------------------------------------------------------


def _extents(shapes: Any) -> list[tuple[int, int]]:
    return [(1,) * (2 - len(s)) + tuple(s) for s in shapes]


@op("_block_diag", numbers=False)
def block_diag_op(tensors: Tensors):
    for i, a in enumerate(tensors):
        if a.ndim > 2:
            raise RuntimeError(
                f"torch.block_diag: Input tensors must have 2 or fewer dimensions. Input {i} has {a.ndim} "
                "dimensions"
            )
    sizes = _extents([a.shape for a in tensors])
    out = np.zeros((sum(n for n, _ in sizes), sum(m for _, m in sizes)), tensors[0].dtype)
    row = column = 0
    for a, (n, m) in zip(tensors, sizes, strict=True):
        out[row : row + n, column : column + m] = a
        row, column = row + n, column + m
    return out


def blocks(grad: Any, shapes: Any, dtypes: Any) -> list[Any]:
    """The blocks of a gradient along its diagonal. That of a vector is a row, which the engine sums, as torch's."""
    from minigrad.ops.slicing import slice_op

    out = []
    row = column = 0
    for shape, (n, m), whole in zip(shapes, _extents(shapes), _by_kind(grad, dtypes), strict=True):
        if shape == (0,):
            out.append(zero_gradient(grad, shape, array_of(whole).dtype))
            continue  # though it was given a row
        if isinstance(grad, Tensor):
            block = slice_op(slice_op(whole, 0, row, row + n, 1), 1, column, column + m, 1)
            for _ in range(2 - len(shape)):
                block = block.squeeze(-1)
            out.append(block)
        else:
            block = np.asarray(whole)[row : row + n, column : column + m]
            for _ in range(2 - len(shape)):
                block = block[..., 0] if block.shape[-1:] == (1,) else block
            out.append(block)
        row, column = row + n, column + m
    return out


derivative(
    "BlockDiagBackward0",
    of=block_diag_op,
    forward="linear",
    tensors=lambda grad, tensors_shape, tensors_dtype: blocks(grad, tensors_shape, tensors_dtype),
)


@composite("block_diag", method=False)
def block_diag(*tensors):
    """A matrix with the tensors along its diagonal and zeros elsewhere."""
    if not tensors:
        return wrap(np.empty((1, 0), np.float32))
    return block_diag_op(tensor_list("block_diag", tensors))
