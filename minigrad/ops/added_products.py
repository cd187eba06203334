"""Matrix products added to something: addmm, addmv, addr, baddbmm, addbmm.

What may live here: ops of the form `beta * self + alpha * product`. The products alone are in `products`.
"""

from __future__ import annotations

from functools import wraps
from typing import Any

import numpy as np

from minigrad import errors
from minigrad.dims import existing_dim
from minigrad.dtypes import C_NAMES
from minigrad.ops.arithmetic import conj, times
from minigrad.ops.carriers import in_float32
from minigrad.ops.expanding import expand_op
from minigrad.ops.products import (
    batch_product,
    bmm,
    check_batch_product,
    check_matrix_product,
    check_vector_product,
    first_factor,
    ger,
    matrix_product,
    mm,
    mv,
    outer,
    refuse_bool,
    second_factor,
    vector_product,
)
from minigrad.ops.reduction import sum_dims, unsqueeze
from minigrad.ops.transposing import t, transpose
from minigrad.registry import derivative, inplace_of, op, publish
from minigrad.tensor import Tensor
from minigrad.views import check_inplace
from minigrad.windows import expanded

# mypy: disable-error-code="no-untyped-def, no-untyped-call"

Shape = tuple[int, ...]


def _check_expands(a: Any, shape: Shape) -> None:
    expanded(a, shape)


def _size(a: Any, dim: int) -> int:
    return a.shape[existing_dim(dim, a.ndim)]  # type: ignore[no-any-return]


def _factor(value: Any, dt: Any) -> Any:
    """`beta` or `alpha` as a number of the operands' dtype."""
    if isinstance(value, complex) and dt.kind != "c":
        raise RuntimeError(f"value cannot be converted to type {C_NAMES[dt.name]} without overflow")
    return dt.type(int(value) if dt.kind in "iu" else value)


@in_float32
def _sum(self: Any, product: Any, beta: Any, alpha: Any) -> Any:
    """`beta * self + alpha * product`; where beta is 0, not even a NaN of `self` counts."""
    alpha = _factor(alpha, product.dtype)
    return _added(self, product if _is_idle(alpha) else product * alpha, beta)


def _is_idle(factor: Any) -> bool:
    """Whether what is multiplied by this stays as it is: a complex 1 has a 0 that makes NaN of an infinity."""
    return factor.dtype.kind != "c" and factor == 1  # type: ignore[no-any-return]


def _added(self: Any, product: Any, beta: Any) -> Any:
    """`beta * self + product`, likewise."""
    beta = _factor(beta, product.dtype)
    if beta == 0:
        return product
    return (self if _is_idle(beta) else self * beta) + product


def _maybe(x: Any, factor: Any) -> Any:
    return x if factor == 1 else times(x, conj(factor))


def _along(self_t: Any, first: Any, second: Any, beta: Any, alpha: Any) -> Any:
    """The tangent: of what is added to, and of the product along each of its factors."""
    parts = ((self_t, beta), (first, alpha), (second, alpha))
    added, one, other = (x if factor == 1 else times(x, factor) for x, factor in parts)
    return added + one + other


def _added_matrices(self: Any, mat1: Any, mat2: Any, beta: Any, alpha: Any) -> Any:
    shape = (mat1.shape[0], mat2.shape[1])
    out = matrix_product(
        mat1, mat2, _factor(alpha, self.dtype), _factor(beta, self.dtype), np.broadcast_to(self, shape)
    )
    return np.ascontiguousarray(out)


# -- of matrices ----------------------------------------------------------------------------------------


def _check_dtypes(self: Any, mat1: Any, mat2: Any) -> None:
    for name, a, b in (("self", self, mat2), ("mat1", mat1, mat2)):
        if a.dtype != b.dtype:
            raise RuntimeError(
                f"{name} and mat2 must have the same dtype, but got {errors.TYPE_NAMES[a.dtype.name]} and "
                f"{errors.TYPE_NAMES[b.dtype.name]}"
            )


@op("addmm", inplace=True, promote="keep", numbers=False)
def addmm(self, mat1, mat2, *, beta: Any = 1, alpha: Any = 1):
    _check_dtypes(self, mat1, mat2)
    for name, a in (("mat1", mat1), ("mat2", mat2)):
        if a.ndim != 2:
            raise RuntimeError(f"{name} must be a matrix, got {a.ndim}-D tensor")
    check_matrix_product(mat1, mat2)
    _check_expands(self, (mat1.shape[0], mat2.shape[1]))
    refuse_bool("addmm_impl_cpu_", self)
    return _added_matrices(self, mat1, mat2, beta, alpha)


derivative(
    "AddmmBackward0",
    of=addmm,
    forward=lambda self_t, mat1_t, mat2_t, mat1, mat2, beta, alpha: _along(
        self_t, mm(mat1_t, mat2), mm(mat1, mat2_t), beta, alpha
    ),
    self=lambda grad, beta: _maybe(grad, beta),
    mat1=lambda grad, mat2, mat1_shape, mat1_strides, alpha: _maybe(
        first_factor(grad, mat2, mat1_shape, mat1_strides), alpha
    ),
    mat2=lambda grad, mat1, mat2_shape, mat2_strides, alpha: _maybe(
        second_factor(grad, mat1, mat2_shape, mat2_strides), alpha
    ),
)


# -- of vectors -----------------------------------------------------------------------------------------


@op("addmv", inplace=True, promote="keep", numbers=False, overlaps="added")
def addmv(self, mat, vec, *, beta: Any = 1, alpha: Any = 1):
    check_vector_product(mat, vec, self.shape, self.dtype)
    refuse_bool("addmv_impl_cpu", self)
    out = np.broadcast_to(self, mat.shape[:1])
    return vector_product(mat, vec, _factor(alpha, self.dtype), _factor(beta, self.dtype), out)


derivative(
    "AddmvBackward0",
    of=addmv,
    forward=lambda self_t, mat_t, vec_t, mat, vec, beta, alpha: _along(
        self_t, mv(mat_t, vec), mv(mat, vec_t), beta, alpha
    ),
    self=lambda grad, beta: _maybe(grad, beta),
    mat=lambda grad, vec, alpha: _maybe(ger(grad, conj(vec)), alpha),
    vec=lambda grad, mat, alpha: _maybe(mv(conj(t(mat)), grad), alpha),
)
publish("addmv_", inplace_of(addmv), method=False)


def _check_addr(self: Any, vec1: Any, vec2: Any, beta: Any = 1, alpha: Any = 1) -> None:
    for name, a in (("vec1", vec1), ("vec2", vec2)):
        if a.ndim != 1:
            raise RuntimeError(f"addr: Expected 1-D argument {name}, but got {a.ndim}-D")
    _check_expands(self, (vec1.shape[0], vec2.shape[0]))
    if all(a.dtype.kind in "biu" for a in (self, vec1, vec2)):
        for name, value in (("beta", beta), ("alpha", alpha)):
            if isinstance(value, (float, complex)):
                raise RuntimeError(
                    f"For integral input tensors, argument {name} must not be a floating point number."
                )


@op("addr", inplace=True, numbers=False, check=_check_addr)
def addr(self, vec1, vec2, *, beta: Any = 1, alpha: Any = 1):
    _check_addr(self, vec1, vec2, beta, alpha)
    if self.dtype == np.bool_:
        product = np.logical_and(vec1[:, None], vec2) & bool(alpha)
        return np.logical_or(self & bool(beta), product)
    product = np.multiply(np.multiply(vec1[:, None], _factor(alpha, self.dtype)), vec2)
    return in_float32(_added)(self, product, beta)


derivative(
    "AddrBackward0",
    of=addr,
    forward=lambda self_t, vec1_t, vec2_t, vec1, vec2, beta, alpha: _along(
        self_t, outer(vec1_t, vec2), outer(vec1, vec2_t), beta, alpha
    ),
    self=lambda grad, beta: _maybe(grad, beta),
    vec1=lambda grad, vec2, alpha: _maybe(mv(grad, conj(vec2)), alpha),
    vec2=lambda grad, vec1, alpha: _maybe(mv(t(grad), conj(vec1)), alpha),
)


_addr_inplace = inplace_of(addr)


@wraps(_addr_inplace)
def _addr_(self: Tensor, vec1: Tensor, vec2: Tensor, **factors: Any) -> Tensor:
    check_inplace(self, self.requires_grad or vec1.requires_grad or vec2.requires_grad)
    if vec1._a.ndim == vec2._a.ndim == 1:
        if self._a.ndim != 2:
            raise RuntimeError(f"2D tensor expected, got {self._a.ndim}D tensor for input")
        if self._a.shape != vec1._a.shape + vec2._a.shape:
            shapes = [errors.shape_text(x._a.shape) for x in (self, vec1, vec2)]
            raise RuntimeError("size mismatch, input: {}, v1: {}, v2: {}".format(*shapes))
    return _addr_inplace(self, vec1, vec2, **factors)  # type: ignore[no-any-return]


publish("addr_", _addr_, function=False)

# -- of batches -----------------------------------------------------------------------------------------


def _check_batch_dtypes(self: Any, batch1: Any, batch2: Any) -> None:
    if not self.dtype == batch1.dtype == batch2.dtype:
        names = (C_NAMES[a.dtype.name] for a in (self, batch1, batch2))
        raise RuntimeError(
            "Input dtypes must be the same, got: input {}, batch1: {}, batch2: {}".format(*names)
        )


@op("baddbmm", inplace=True, promote="keep", numbers=False, overlaps="added")
def baddbmm(self, batch1, batch2, *, beta: Any = 1, alpha: Any = 1):
    _check_expands(self, (_size(batch1, 0), _size(batch1, 1), _size(batch2, 2)))
    _check_batch_dtypes(self, batch1, batch2)
    check_batch_product(batch1, batch2)
    refuse_bool("baddbmm", self)
    return _sum(self, batch_product(batch1, batch2), beta, alpha)


derivative(
    "BaddbmmBackward0",
    of=baddbmm,
    forward=lambda self_t, batch1_t, batch2_t, batch1, batch2, beta, alpha: _along(
        self_t, bmm(batch1_t, batch2), bmm(batch1, batch2_t), beta, alpha
    ),
    self=lambda grad, beta: _maybe(grad, beta),
    batch1=lambda grad, batch2, alpha: _maybe(bmm(grad, conj(transpose(batch2, 1, 2))), alpha),
    batch2=lambda grad, batch1, alpha: _maybe(bmm(conj(transpose(batch1, 1, 2)), grad), alpha),
)


@op("addbmm", inplace=True, promote="keep", numbers=False)
def addbmm(self, batch1, batch2, *, beta: Any = 1, alpha: Any = 1):
    _check_expands(self, (_size(batch1, 1), _size(batch2, 2)))
    for name, a in (("batch1", batch1), ("batch2", batch2)):
        if a.ndim != 3:
            raise RuntimeError(f"{name} must be a 3D tensor")
    (n, rows, inner), (m, other, columns) = batch1.shape, batch2.shape
    if n != m:
        raise RuntimeError(f"batch1 and batch2 must have same number of batches, got {n} and {m}")
    if inner != other:
        raise RuntimeError(f"Incompatible matrix sizes for bmm ({rows}x{inner} and {other}x{columns})")
    _check_dtypes(self, batch1, batch2)
    refuse_bool("addmm_impl_cpu_", self)
    out = np.broadcast_to(self, (rows, columns))
    if not n:
        return np.ascontiguousarray(_sum(out, np.zeros_like(out), beta, alpha))
    for one, two in zip(batch1, batch2, strict=True):
        out, beta = _added_matrices(out, one, two, beta, alpha), 1
    return np.ascontiguousarray(out)


def _spread(grad: Any, batches: int) -> Any:
    shape = (batches, *grad.shape)
    grad = unsqueeze(grad, 0)
    return expand_op(grad, shape) if isinstance(grad, Tensor) else np.broadcast_to(grad, shape)


derivative(
    "AddbmmBackward0",
    of=addbmm,
    shows={
        "batch1_shape": {"batch1_sym_argsize_0": 0, "batch1_sym_argsize_1": 1},
        "batch2_shape": {"batch2_sym_argsize_2": 2},
    },
    forward=lambda self_t, batch1_t, batch2_t, batch1, batch2, beta, alpha: _along(
        self_t, sum_dims(bmm(batch1_t, batch2), (0,), False), sum_dims(bmm(batch1, batch2_t), (0,), False), beta, alpha
    ),
    self=lambda grad, beta: _maybe(grad, beta),
    batch1=lambda grad, batch2, batch1_shape, alpha: _maybe(
        bmm(_spread(grad, batch1_shape[0]), conj(transpose(batch2, 1, 2))), alpha
    ),
    batch2=lambda grad, batch1, batch2_shape, alpha: _maybe(
        bmm(conj(transpose(batch1, 1, 2)), _spread(grad, batch2_shape[0])), alpha
    ),
)
