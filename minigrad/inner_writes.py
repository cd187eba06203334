"""How often torch's kernels write to their results by ops that count, which shows in the versions of some results.

What may live here: numbers, by overload. Autograd hides these writes but from ops that it does not see: those outside
of inference mode on inference tensors alone (`recording.written_inside`).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

Count = int | tuple[int, ...] | Callable[..., int | tuple[int, ...]]
"""The same for all results, one number for each, or what the operands decide."""

_ONCE = """
    abs alias_copy _all _any _cholesky_inverse clone _cummax _cummin deg2rad rad2deg _linalg_det _detach_copy
    diagonal_copy dot vdot _expand_copy _fill.Scalar _fill.Tensor index_copy _kthvalue.dim _linalg_eig
    _linalg_lu_solve _linalg_slogdet _linalg_solve_ex logical_and logical_not logical_or logical_xor _logsumexp _max
    _min _max_pool3d_with_indices _median.dim _nanmedian.dim _sort _sort.stable mv nan_to_num _nansum
    _channel_shuffle _hardtanh _multi_margin_loss _multilabel_margin_loss_forward __pdist_forward _pixel_shuffle
    _pixel_unshuffle _soft_margin_loss _permute_copy _prod _prod.dim_int renorm select_copy.int slice_copy.Tensor
    _squeeze_copy _squeeze_copy.dim _squeeze_copy.dims view_as_complex_copy _sum _sum.dim_IntList t_copy
    transpose_copy.int unfold_copy unsqueeze_copy view_as_real_copy _view_copy split_copy.Tensor
    split_with_sizes_copy unbind_copy.int isreal _to_copy _to_copy.integral _adaptive_avg_pool2d
    _adaptive_avg_pool3d polar complex _triangular_solve _unfold_backward
"""
_TWICE = """
    _cholesky_solve diag_embed _index_fill.int_Scalar _index_fill.int_Tensor _index_put _masked_fill.Scalar
    _masked_fill.Tensor masked_scatter put select_scatter slice_scatter diagonal_scatter _as_strided_scatter
    _slice_backward _select_backward _diagonal_backward
"""


def of_flip(self: Any, dims: Any) -> int:
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


def _reduced(self: Any, dim: Any) -> int:
    """How many elements one result of a reduction stands for; no dimensions are all of them."""
    dims = range(self.ndim) if dim is None or dim == () else (dim,) if isinstance(dim, int) else dim
    return math.prod(self.shape[d] for d in dims) if self.ndim else 1


def _of_mean(self: Any, *_: Any) -> int:
    return 1 if self.dtype.itemsize == 2 else 2


def of_norm(self: Any, _: Any, dim: Any = None, *__: Any) -> int:
    """Of single numbers torch takes the absolute values instead."""
    if not self.ndim:
        return int(dim is None or dim == ())
    return int(_reduced(self, dim) == 1 or not self.size)


def of_var(self: Any, dim: Any, *_: Any) -> int:
    """What becomes one number is worked out elsewhere, in double precision, and of nothing there is NaN."""
    if self.dtype.kind == "c":
        return 1
    return int(self.dtype.itemsize > 2 and (not self.size or _reduced(self, dim) == self.size))


def _of_std(self: Any, dim: Any, *_: Any) -> int:
    return 2 if self.dtype.kind == "c" else of_var(self, dim)


def _of_var_mean(self: Any, *_: Any) -> int:
    return int(self.dtype.kind == "c" or not self.size)


def _of_std_mean(self: Any, *_: Any) -> int | tuple[int, int]:
    return (2, 1) if self.dtype.kind == "c" else int(not self.size)


def _of_best(self: Any, dim: Any, keepdim: bool = False) -> int:
    """Of max and min along a dimension, which is taken away from the results."""
    return 1 if not self.ndim else 0 if keepdim or not self.size else 2


def _of_aminmax(self: Any, dim: Any, keepdim: bool = False) -> int:
    return 1 if dim is None or not self.ndim else 0 if keepdim else 2


def _of_place(self: Any, dim: Any, *_: Any) -> int:
    return int(dim is not None and self.ndim > 0 and self.shape[dim] == 1)


def _of_scan(self: Any, *_: Any) -> int:
    return int(not self.ndim or not self.size)


def _of_complex(self: Any) -> int:
    return int(self.dtype.kind == "c")


def _of_whole(self: Any) -> int:
    return int(self.dtype.kind in "biu")


def _of_loss(self: Any, *args: Any) -> int:
    """A loss that is reduced, `args` without what is no reduction."""
    reduction = next(x for x in args if type(x) is int)
    return (1 + (self.ndim > 0)) if reduction else 0


def _of_weighed_loss(self: Any, target: Any, weight: Any, reduction: int) -> int:
    return _of_loss(self, reduction) + (weight is not None)


def _of_products(self: Any, first: Any, second: Any, beta: Any, *_: Any) -> int:
    return int(beta != 0)


def _of_added_products(self: Any, batch: Any, *args: Any) -> int:
    return max(len(batch), 1) + 1 + _of_products(self, batch, *args)


def _of_scatter(self: Any, *_: Any) -> int:
    """Halves are scattered once more."""
    return int(1 + (self.dtype.kind == "f" and self.dtype.itemsize == 2))


def _of_scattered(self: Any, dim: int, index: Any, src: Any, reduce: str, include_self: bool) -> int:
    return 1 + _of_scatter(self) + (reduce == "mean") + (not include_self)


def _of_index_reduce(self: Any, dim: int, index: Any, source: Any, reduce: str, include_self: bool) -> int:
    return 1 + (reduce == "mean") + (not include_self)


def _of_trilinear(i1: Any, i2: Any, i3: Any, *expanded: Any) -> int:
    """The products along the second dimension are written one by one."""
    shapes = [list(x.shape) for x in (i1, i2, i3)]
    for shape, dims in zip(shapes, expanded[:3], strict=True):
        for d in sorted(dims):
            shape.insert(d, 1)
    return 3 + max(int(shape[1]) for shape in shapes)


def _of_exponential(self: Any) -> int:
    batch = math.prod(self.shape[:-2])
    return int(not self.shape[-1]) if self.shape[-1] < 2 else 2 * (batch == 1)


def _of_qr(a: Any, mode: str) -> tuple[int, int]:
    rows, columns = a.shape[-2:]
    if mode == "r":
        return 0, 1 + (rows <= columns)
    return 1, 1 + (rows < columns if mode == "reduced" else rows != columns)


def _of_lu(a: Any, *_: Any) -> tuple[int, int, int]:
    return (2, 1, 1) if a.shape[-2] > a.shape[-1] else (1, 2, 1)


def _of_patches(self: Any, kernel: Any, dilation: Any, padding: Any, stride: Any) -> int:
    """Made like the image, the result is brought into its shape, and out of a batch of one."""
    if self.ndim == 4:
        return 1
    each = zip(self.shape[1:], kernel, dilation, padding, stride, strict=True)
    windows = [(n + 2 * p - d * (k - 1) - 1) // s + 1 for n, k, d, p, s in each]
    return 1 + bool(self.shape != (1, self.shape[0] * math.prod(kernel), math.prod(windows)))


def _of_pad(self: Any, pad: Sequence[int], *_: Any) -> int:
    return 1 + any(n > 0 for n in pad)


def _of_power(self: Any, exponent: Any) -> int:
    return int(not hasattr(exponent, "dtype") and exponent in (0, 1))


def _of_roll(self: Any, shifts: Any, dims: Any = ()) -> int:
    return int(len(dims) < 2 and not self.size)


def _of_quarter_turns(self: Any, k: int, dims: Any) -> int:
    if k % 4 == 0:
        return 1
    return of_flip(self, dims) if k % 2 == 0 else 1 + of_flip(self, dims[1:] if k % 4 == 1 else dims[:1])


_BY_OPERANDS: dict[str, Callable[..., Any]] = {
    "_amax": lambda self, *_: int(self.size > 0),
    "_amin": lambda self, *_: int(self.size > 0 and self.dtype.kind not in "iu"),
    "_aminmax": _of_aminmax, "_argmax": _of_place, "_argmin": _of_place,
    "_binary_cross_entropy": _of_weighed_loss, "_mse_loss": _of_loss, "_smooth_l1_loss": _of_loss,
    "_col2im": lambda self, *_: 1 + (self.ndim < 3), "_im2col": _of_patches,
    "_conj_physical": _of_complex, "angle": _of_complex, "isreal": lambda self: 1 - _of_complex(self),
    "addmm": _of_products, "baddbmm": _of_products, "addbmm": _of_added_products, "_linalg_matrix_exp": _of_exponential,
    "_repeat": lambda self, repeats: int(0 not in repeats), "scatter_reduce.two": _of_scattered,
    **dict.fromkeys(("_scatter.src", "_scatter.value", "_scatter.reduce", "_scatter.value_reduce"), _of_scatter),
    "scatter_add": _of_scatter, "index_add": lambda self, *_: 1 + (self.ndim == 2), "_index_reduce": _of_index_reduce,
    "__trilinear": _of_trilinear,
    "_cholesky": lambda a, *_: 3 if a.size else 0,
    "_topk": lambda self, *_: int(not self.ndim),
    "_constant_pad_nd": _of_pad, "_roll": _of_roll, "_rot90": _of_quarter_turns,
    "_cumprod": _of_scan, "_cumsum": _of_scan, "logcumsumexp": lambda self, *_: int(not self.ndim),
    "_isfinite": _of_whole, "isneginf": _of_whole, "isposinf": _of_whole,
    "isinf": lambda self: int(self.dtype.kind in "biuc"),
    "_linalg_lu": _of_lu, "_linalg_qr": _of_qr,
    "_linalg_vector_norm": of_norm, "_norm.ScalarOpt_dim": of_norm,
    "_max.dim": _of_best, "_min.dim": _of_best,
    "_mode.dim": lambda self, *how: _of_best(self, *how) if self.ndim else 2,
    "_binary_cross_entropy_with_logits": lambda *args: 0 if args[-1] else 4 + (args[2] is not None),
    "_mean": _of_mean, "_mean.dim": _of_mean,
    "_pow.Tensor_Scalar": _of_power,
    "_std.correction": _of_std, "_std_mean.correction": _of_std_mean,
    "_var.correction": of_var, "_var_mean.correction": _of_var_mean,
}  # fmt: skip

WRITES: dict[str, Count] = {
    **dict.fromkeys(_ONCE.split(), 1),
    **dict.fromkeys(_TWICE.split(), 2),
    **_BY_OPERANDS,
    "_block_diag": 3,
    "_fft_c2c": _of_c2c,
    "_fft_c2r": _of_c2r,
    "_fft_r2c": _of_r2c,
    "_flip": of_flip,
    "_linalg_solve_triangular": 3,
    "_linalg_cholesky_ex": lambda a, *_: (1, 0) if a.size else (0, 1),
    "_linalg_eigh": (0, 1),
    "_linalg_lu_factor_ex": lambda a, *_: (1, 0, 0) if a.size else (0, 0, 1),
    "_linalg_inv_ex": (3, 1),
}
