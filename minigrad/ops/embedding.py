"""embedding of nn.functional: rows of a matrix by number; and embedding_renorm_, which shortens them in place.

What may live here: these two and the op of the gradient. There are no sparse tensors here: `sparse=True` gives the
same gradient as a dense one.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad import errors, modes
from minigrad.ops.loss_forms import functional, real_where_recorded
from minigrad.ops.native_forms import TOP, native
from minigrad.ops.norms import norm_of
from minigrad.ops.slicing import select
from minigrad.registry import FUNCTIONS, decl_of, derivative, inplace_of, op

# mypy: disable-error-code="no-untyped-def, no-untyped-call"


row_of = decl_of(select).kernel


def _check_indices(function: str, number: int, indices: Any) -> None:
    if indices.dtype not in (np.int64, np.int32):
        raise RuntimeError(
            f"Expected tensor for argument #{number} 'indices' to have one of the following scalar types: Long, Int; "
            f"but got {errors.tensor_type(indices)} instead (while checking arguments for {function})"
        )


@op("_embedding", promote="keep", numbers=False)
def embedding_op(weight, indices, padding_idx: int, scale_grad_by_freq: bool, sparse: bool):
    if weight.ndim != 2:
        raise RuntimeError("'weight' must be 2-D")
    _check_indices("embedding", 1, indices)
    if indices.size and (indices.min() < 0 or indices.max() >= len(weight)):
        raise IndexError("index out of range in self")
    return weight[indices.reshape(-1)].reshape(*indices.shape, weight.shape[1])


@op("_embedding_dense_backward", promote="keep", numbers=False)
def embedding_back(grad_output, indices, num_weights: int, padding_idx: int, scale_grad_by_freq: bool):
    places = indices.reshape(-1)
    grads = grad_output.reshape(places.size, grad_output.shape[-1])
    out = np.zeros((num_weights, grads.shape[1]), grads.dtype)
    if scale_grad_by_freq:
        counts = np.bincount(places, minlength=num_weights)[places].astype(grads.dtype)
        grads = grads * (1 / counts)[:, None]
    kept = places != padding_idx
    np.add.at(out, places[kept], grads[kept])
    return out


def _taken(grad, indices, padding_idx):
    """The rows of a gradient's gradient, with nothing for the padding."""
    rows = grad.index_select(0, indices.reshape(-1))
    if padding_idx >= 0:
        rows.masked_fill_((indices == padding_idx).reshape((-1, 1)), 0)
    return rows.view((*indices.shape, -1))


derivative(
    "EmbeddingBackward0",
    of=embedding_op,
    forward=lambda weight_t, indices, padding_idx, scale_grad_by_freq, sparse: embedding_op(
        weight_t, indices, padding_idx, scale_grad_by_freq, sparse
    ),
    shows={"weight_shape": {"weight_sym_argsize_0": 0}},
    weight=lambda grad, weight_shape, indices, padding_idx, scale_grad_by_freq, sparse: embedding_back(
        grad, indices, weight_shape[0], padding_idx, scale_grad_by_freq
    ),
)
derivative(
    "EmbeddingDenseBackwardBackward0",
    of=embedding_back,
    on_tensors=True,
    forward=lambda grad_output_t, indices, num_weights, padding_idx, scale_grad_by_freq: embedding_back(
        grad_output_t, indices, num_weights, padding_idx, scale_grad_by_freq
    ),
    grad_output=lambda grad, indices, padding_idx: _taken(grad, indices, padding_idx),
)


@native(
    "embedding(Tensor weight, Tensor indices, int padding_idx = -1, bool scale_grad_by_freq = False, "
    "bool sparse = False)",
    TOP,
)
def embedding(
    weight: Any, indices: Any, padding_idx: int = -1, scale_grad_by_freq: bool = False, sparse: bool = False
) -> Any:
    """Rows of `weight`, which come first here as in torch."""
    return real_where_recorded("embedding", embedding_op(weight, indices, padding_idx, scale_grad_by_freq, sparse))


# -- shortened rows -------------------------------------------------------------------------------------


@op("_embedding_renorm", inplace=True, promote="keep", numbers=False)
def embedding_renorm_op(self, indices, max_norm: float, norm_type: float):
    if self.ndim != 2:
        raise RuntimeError(
            f"Expected 2-dimensional tensor, but got {self.ndim}-dimensional tensor for argument #1 'self' (while "
            "checking arguments for embedding_renorm_)"
        )
    _check_indices("embedding_renorm_", 2, indices)
    if self.dtype.kind not in "fc":
        name = errors.type_name(self)
        raise RuntimeError(f"norm(): input dtype should be either floating point or complex. Got {name} instead.")
    out = self.copy()
    for row in np.unique(indices).tolist():
        length = float(norm_of(row_of(self, 0, row), norm_type, (0,), False))
        if length > max_norm:
            out[row] *= self.dtype.type(max_norm / (length + 1e-7))
    return out


def _not_implemented(grad: Any) -> Any:
    raise errors.no_derivative("embedding_renorm")


derivative(
    "EmbeddingRenormBackward0", of=embedding_renorm_op, forward=None, self=lambda grad: _not_implemented(grad)
)


@native("embedding_renorm_(Tensor input, Tensor indices, float max_norm, float norm_type)", TOP)
def embedding_renorm_(input: Any, indices: Any, max_norm: float, norm_type: float) -> Any:
    """Rows that are longer than `max_norm` brought to that length, in place."""
    return inplace_of(embedding_renorm_op)(input, indices, max_norm, norm_type)


def _padding(weight: Any, padding_idx: int | None) -> int:
    """The row that is padding, counted from the front; -1 for none."""
    if padding_idx is None:
        return -1
    inside = True
    if padding_idx > 0:
        inside = padding_idx < weight.size(0)
    elif padding_idx < 0:
        inside = padding_idx >= -weight.size(0)
    if not inside:
        raise AssertionError("Padding_idx must be within num_embeddings")
    return padding_idx + weight.size(0) if padding_idx < 0 else padding_idx


@functional("embedding")
def embedding_of(
    input: Any, weight: Any, padding_idx: int | None = None, max_norm: float | None = None, norm_type: float = 2.0,
    scale_grad_by_freq: bool = False, sparse: bool = False,
) -> Any:  # fmt: skip
    """Rows of `weight` by the numbers in `input`; with `max_norm`, longer ones are shortened first, in place."""
    padding = _padding(weight, padding_idx)
    if max_norm is not None:
        input = input.contiguous()
        with modes.no_grad():
            FUNCTIONS["embedding_renorm_"](weight.detach(), input, max_norm, norm_type)
    return FUNCTIONS["embedding"](weight, input, padding, scale_grad_by_freq, sparse)


embedding_of.__name__ = embedding_of.__qualname__ = "embedding"  # which errors in its arguments speak of
