"""How often torch's kernels write to their results by ops that count, which shows in the versions of some results.

What may live here: numbers, by overload. Autograd hides these writes but from ops that it does not see: those outside
of inference mode on inference tensors alone (`recording.written_inside`).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

Count = int | tuple[int, ...] | Callable[..., int]
"""The same for all results, one number for each, or what the operands decide."""

_ONCE = """
    abs alias_copy _all _amax _any _cholesky_inverse clone _cummax _cummin deg2rad rad2deg _linalg_det _detach_copy
    diagonal_copy dot vdot _expand_copy _fill.Scalar _fill.Tensor index_copy _kthvalue.dim _linalg_eig
    _linalg_lu_solve _linalg_slogdet _linalg_solve_ex logical_and logical_not logical_or logical_xor _logsumexp _max
    _min _max_pool3d_with_indices _median.dim _nanmedian.dim _sort _sort.stable mv nan_to_num _nansum
    _channel_shuffle _hardtanh _multi_margin_loss _multilabel_margin_loss_forward __pdist_forward _pixel_shuffle
    _pixel_unshuffle _soft_margin_loss _permute_copy _prod _prod.dim_int renorm select_copy.int slice_copy.Tensor
    _squeeze_copy _squeeze_copy.dim _squeeze_copy.dims view_as_complex_copy _sum _sum.dim_IntList t_copy
    transpose_copy.int unfold_copy unsqueeze_copy view_as_real_copy _view_copy split_copy.Tensor
    split_with_sizes_copy unbind_copy.int isreal _to_copy _to_copy.integral
"""
_TWICE = """
    _cholesky_solve diag_embed _index_fill.int_Scalar _index_fill.int_Tensor _index_put _masked_fill.Scalar
    _masked_fill.Tensor masked_scatter _max.dim _min.dim put
"""


def _of_flip(self: Any, dims: Any) -> int:
    turned = any(self.shape[d] > 1 and self.strides[d] for d in dims) if self.ndim else False
    return int(self.size <= 1 or not turned)


def _of_transform(shape: Sequence[int], dims: Sequence[int]) -> int:
    """One write brings the result into its shape, a first one out of it if it is not one batch of what is transformed,
    the dimensions of that innermost."""
    batch = math.prod(n for d, n in enumerate(shape) if d not in dims)
    return 1 + ((batch, *(shape[d] for d in dims)) != tuple(shape))


def _by_strides(self: Any, dims: Sequence[int]) -> list[int]:
    return sorted(dims, key=lambda d: -self.strides[d])


def _of_c2c(self: Any, dim: Any, *_: Any) -> int:
    return _of_transform(self.shape, _by_strides(self, dim)) if dim else 1


def _of_r2c(self: Any, dim: Any, normalization: int, onesided: bool) -> int:
    shape = list(self.shape)
    if onesided:
        shape[dim[-1]] = shape[dim[-1]] // 2 + 1
    return _of_transform(shape, [*_by_strides(self, dim[:-1]), dim[-1]])


def _of_c2r(self: Any, dim: Any, normalization: int, last_dim_size: int) -> int:
    shape = list(self.shape)
    shape[dim[-1]] = last_dim_size
    return _of_transform(shape, dim[-1:])


WRITES: dict[str, Count] = {
    **dict.fromkeys(_ONCE.split(), 1),
    **dict.fromkeys(_TWICE.split(), 2),
    "_block_diag": 3,
    "_fft_c2c": _of_c2c,
    "_fft_c2r": _of_c2r,
    "_fft_r2c": _of_r2c,
    "_flip": _of_flip,
    "_linalg_eigh": (0, 1),
    "_linalg_inv_ex": (3, 1),
}
