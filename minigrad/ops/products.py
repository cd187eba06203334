"""Matrix products as kernels: dot, vdot, mv, mm, bmm, and `matmul`, which torch composes of them.

What may live here: products of two tensors. Those that add to a third are in `added_products`.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from minigrad import errors, modes
from minigrad.dims import existing_dim
from minigrad.dtypes import C_NAMES
from minigrad.lazy import CONJ, LazyTensor, set_bits
from minigrad.ops import blas
from minigrad.ops.arithmetic import conj
from minigrad.ops.carriers import HALF, in_float32, is_batched
from minigrad.ops.expanding import expand_op
from minigrad.ops.reshaping import reshape, squeeze_one, unsafe_view, unsqueeze
from minigrad.ops.transposing import t, transpose
from minigrad.promotion import broadcast_shape
from minigrad.registry import composite, derivative, op
from minigrad.tensor import Tensor

# mypy: disable-error-code="no-untyped-def, no-untyped-call"

Shape = tuple[int, ...]


SMALL = 400
"""Torch multiplies batches of matrices with fewer multiplications each than this by a loop of its own."""


@in_float32
def batch_product(a: Any, b: Any) -> Any:
    """The products of two batches of matrices; small ones term by term, as torch's loop adds them up."""
    n, k, p = a.shape[1], a.shape[2], b.shape[2]
    return _added(a, b) if n * k * p < SMALL else np.matmul(a, b) + a.dtype.type(0)


def _added(a: Any, b: Any) -> Any:
    """Products of (batches of) matrices term by term; sums start at 0, so that none is -0."""
    out = np.zeros((*a.shape[:-1], b.shape[-1]), a.dtype)
    for k in range(a.shape[-1]):
        out += a[..., :, k, None] * b[..., None, k, :]
    return out


def matrix_product(a: Any, b: Any, alpha: Any = 1, beta: Any = 0, c: Any = None) -> Any:
    """`alpha * (a @ b) + beta * c`."""
    return _of_halves(a, b, alpha, beta, c) if a.dtype is HALF else blas.gemm(a, b, alpha, beta, c)


@in_float32
def _of_halves(a: Any, b: Any, alpha: Any, beta: Any, c: Any) -> Any:
    """The same as torch's own loop has it: sums start at 0, and only a `beta` of 0 is special."""
    total = (np.matmul(a, b) + a.dtype.type(0)) * a.dtype.type(alpha)
    return total if beta == 0 else c * a.dtype.type(beta) + total


vector_product = in_float32(blas.gemv)


@in_float32
def _inner(a: Any, b: Any) -> Any:
    """The sum of products of two vectors: few reals in lanes of 16 bytes, as MKL adds them."""
    if a.dtype.kind == "c" and a.size <= blas.FEW:
        # part by part, so that what overflows becomes NaN where it does in torch
        real = (a.real * b.real).sum() - (a.imag * b.imag).sum()
        imag = (a.real * b.imag).sum() + (a.imag * b.real).sum()
        return np.asarray(complex(real, imag), a.dtype)
    if a.dtype.kind != "f" or a.size > blas.FEW:
        return np.asarray(np.matmul(a, b) + a.dtype.type(0))
    lanes = 16 // a.itemsize
    terms, whole = a * b, a.size // lanes * lanes
    sums = np.zeros(lanes, a.dtype)
    for start in range(0, whole, lanes):
        sums += terms[start : start + lanes]
    for term in terms[whole:]:
        sums[0] += term
    while sums.size > 1:
        sums = sums[: sums.size // 2] + sums[sums.size // 2 :]
    return sums[0]


def refuse_bool(kernel_name: str, *operands: Any) -> None:
    """Raises in torch's words where its kernel meets bools."""
    for a in operands:
        if a.dtype == np.bool_:
            raise errors.not_implemented_for(kernel_name, a.dtype)


def _by(shape: Shape) -> str:
    return "x".join(map(str, shape))


# -- of vectors -----------------------------------------------------------------------------------------


def _check_dot(self: Any, other: Any) -> None:
    if self.ndim != 1 or other.ndim != 1:
        raise RuntimeError(f"1D tensors expected, but got {self.ndim}D and {other.ndim}D tensors")
    if self.dtype != other.dtype:
        raise RuntimeError(
            "dot : expected both vectors to have same dtype, but found "
            f"{errors.TYPE_NAMES[self.dtype.name]} and {errors.TYPE_NAMES[other.dtype.name]}"
        )
    if self.size != other.size:
        raise RuntimeError(
            f"inconsistent tensor size, expected tensor [{self.size}] and src [{other.size}] to have the "
            f"same number of elements, but got {self.size} and {other.size} elements respectively"
        )


@op("dot", promote="keep", numbers=False)
def dot(self, tensor):
    _check_dot(self, tensor)
    refuse_bool("dot", self)
    return _inner(self, tensor)


@op("_dot.conjugated", promote="keep", numbers=False)
def _dot_of_conjugates(self, tensor):
    """The conjugate of their product, made of their conjugates."""
    return dot(self.conjugate(), tensor.conjugate())


for _product in (dot, _dot_of_conjugates):
    derivative(
        "DotBackward0",
        of=_product,
        forward=lambda self_t, tensor_t, self, tensor: dot(self_t, tensor) + dot(self, tensor_t),
        self=lambda grad, tensor: grad * conj(tensor),
        tensor=lambda grad, self: grad * conj(self),
    )


def inner_product(self, tensor):
    """The sum of the products of two vectors; of two conjugates it is lazily one as well, which a zero shows."""
    both = isinstance(self, LazyTensor) and isinstance(tensor, LazyTensor)
    if both and self.is_conj() and tensor.is_conj() and self._a.dtype == tensor._a.dtype:
        return set_bits(_dot_of_conjugates(self, tensor), CONJ)
    return dot(self, tensor)


composite("dot")(inner_product)


@op("vdot", promote="keep", numbers=False)
def vdot(self, other):
    _check_dot(self, other)
    refuse_bool("vdot" if self.dtype.kind == "c" else "dot", self)
    return _inner(self.conjugate(), other)


derivative(
    "VdotBackward0",
    of=vdot,
    forward=lambda self_t, other_t, self, other: vdot(self_t, other) + vdot(self, other_t),
    self=lambda grad, other: conj(grad) * other,
    other=lambda grad, self: grad * self,
)


@composite("outer", aliases=("ger",))
def outer(self, vec2):
    """The products of all elements of one vector with all of the other."""
    for name, v in (("self", self), ("vec2", vec2)):
        if isinstance(v, Tensor) and v._a.ndim != 1:
            raise RuntimeError(f"outer: Expected 1-D argument {name}, but got {v._a.ndim}-D")
    if not isinstance(vec2, Tensor) and isinstance(self, Tensor):
        raise errors.wrong_argument("outer", "vec2", 1, "Tensor", vec2)
    return reshape(self, (self.shape[0], 1)) * vec2


# -- of matrices ----------------------------------------------------------------------------------------


@op("mv", promote="keep", numbers=False)
def mv(self, vec):
    check_vector_product(self, vec, (self.shape[existing_dim(0, self.ndim)],), vec.dtype)
    if 0 not in self.shape:
        refuse_bool("addmv_impl_cpu", self)
    return vector_product(self, vec)


def check_vector_product(mat: Any, vec: Any, out: Shape, added: Any) -> None:
    """Raises in torch's words where `mat @ vec` cannot be added to something of shape `out`."""
    if mat.ndim != 2 or vec.ndim != 1 or len(out) > 1:
        raise RuntimeError(f"vector + matrix @ vector expected, got {len(out)}, {mat.ndim}, {vec.ndim}")
    if mat.shape[1] != vec.shape[0] or (out and out[0] not in (1, mat.shape[0])):
        raise RuntimeError(
            f"size mismatch, got input ({out[existing_dim(0, len(out))]}), mat ({_by(mat.shape)}), "
            f"vec ({vec.shape[0]})"
        )
    if not mat.dtype == vec.dtype == added:
        names = (errors.TYPE_NAMES[dt.name] for dt in (added, mat.dtype, vec.dtype))
        raise RuntimeError(
            "addmv input tensors must have the same dtype, but got {}, {}, and {}".format(*names)
        )


derivative(
    "MvBackward0",
    of=mv,
    forward=lambda self_t, vec_t, self, vec: mv(self_t, vec) + mv(self, vec_t),
    self=lambda grad, vec: ger(grad, conj(vec)),
    vec=lambda grad, self: mv(t(conj(self)), grad),
)


def ger(grad, vec):
    """The gradient of the matrix; torch has no rule for the product in a batch."""
    if is_batched(grad) or is_batched(vec):
        return modes.state.batch.looped(outer, "ger", (grad, vec))
    return outer(grad, vec)


def check_matrix_product(mat1: Any, mat2: Any) -> None:
    """Raises in torch's words where two matrices have no product."""
    if mat1.shape[1] != mat2.shape[0]:
        raise RuntimeError(
            f"mat1 and mat2 shapes cannot be multiplied ({_by(mat1.shape)} and {_by(mat2.shape)})"
        )


@op("mm", promote="keep", numbers=False)
def mm(self, mat2):
    for name, a in (("self", self), ("mat2", mat2)):
        if a.ndim != 2:
            raise RuntimeError(f"{name} must be a matrix")
    check_matrix_product(self, mat2)
    if self.dtype != mat2.dtype:
        raise RuntimeError(
            f"expected m1 and m2 to have the same dtype, but got: {C_NAMES[self.dtype.name]} != "
            f"{C_NAMES[mat2.dtype.name]}"
        )
    refuse_bool("addmm_impl_cpu_", self)
    return matrix_product(self, mat2)


def _by_columns(shape: Shape, strides: Shape) -> bool:
    return strides[0] == 1 and strides[1] == shape[0]


def first_factor(grad: Any, mat2: Any, shape: Shape, strides: Shape) -> Any:
    """The gradient of the first factor, laid out by columns where the factor is."""
    if _by_columns(shape, strides):
        return t(mm(conj(mat2), t(grad)))
    return mm(grad, conj(t(mat2)))


def second_factor(grad: Any, mat1: Any, shape: Shape, strides: Shape) -> Any:
    """The gradient of the second factor, likewise."""
    if _by_columns(shape, strides):
        return t(mm(t(grad), conj(mat1)))
    return mm(conj(t(mat1)), grad)


derivative(
    "MmBackward0",
    of=mm,
    forward=lambda self_t, mat2_t, self, mat2: mm(self_t, mat2) + mm(self, mat2_t),
    self=lambda grad, mat2, self_shape, self_strides: first_factor(grad, mat2, self_shape, self_strides),
    mat2=lambda grad, self, mat2_shape, mat2_strides: second_factor(grad, self, mat2_shape, mat2_strides),
)


def check_batch_product(batch1: Any, batch2: Any) -> None:
    """Raises in torch's words where two batches of matrices have no product."""
    for name, a in (("batch1", batch1), ("batch2", batch2)):
        if a.ndim != 3:
            raise RuntimeError(f"{name} must be a 3D tensor")
    wanted = (batch1.shape[0], batch1.shape[2])
    if batch2.shape[:2] != wanted:
        raise RuntimeError(
            f"Expected size for first two dimensions of batch2 tensor to be: {errors.shape_text(wanted)} but "
            f"got: {errors.shape_text(batch2.shape[:2])}."
        )


@op("bmm", promote="keep", numbers=False)
def bmm(self, mat2):
    check_batch_product(self, mat2)
    out = self.shape[:2] + mat2.shape[2:]
    if 0 not in out and self.shape[2]:
        refuse_bool("bmm", self, mat2)
        if self.dtype != mat2.dtype:
            raise RuntimeError(
                f"expected scalar type {errors.TYPE_NAMES[self.dtype.name]} but found "
                f"{errors.TYPE_NAMES[mat2.dtype.name]}"
            )
    return batch_product(self, mat2).astype(self.dtype, copy=False)


derivative(
    "BmmBackward0",
    of=bmm,
    forward=lambda self_t, mat2_t, self, mat2: bmm(self_t, mat2) + bmm(self, mat2_t),
    self=lambda grad, mat2: bmm(grad, conj(transpose(mat2, 1, 2))),
    mat2=lambda grad, self: bmm(conj(transpose(self, 1, 2)), grad),
)


# -- matmul ---------------------------------------------------------------------------------------------


def _folds(a: Tensor, b: Tensor) -> bool:
    """Whether the batch of the larger operand becomes rows of one matrix, torch's `should_fold`."""
    larger, smaller = (a, b) if a._a.ndim >= b._a.ndim else (b, a)
    if larger._a.ndim < 3 or smaller._a.ndim > 2:
        return False
    if smaller.requires_grad:
        return True  # or its gradient would be made once per batch before it is summed
    if a._a.ndim == 2:
        return False
    if larger is b:
        larger = larger.mT
    if not larger._a.size:
        return True
    shape, strides = larger._a.shape, larger.stride()
    return all(strides[i] == strides[i + 1] * shape[i + 1] for i in range(len(shape) - 2))


def folded_shape(a: Tensor, b: Tensor) -> tuple[int, ...] | None:
    """The shape of the one matrix, or vector, that a product becomes whose batch is folded; None where it is not."""
    if not _folds(a, b):
        return None
    larger, smaller = (b.mT, a) if b._a.ndim > a._a.ndim else (a, b)
    return (math.prod(larger._a.shape[:-1]), *smaller._a.shape[1:])


def _folded(a: Tensor, b: Tensor) -> Any:
    swapped = b._a.ndim > a._a.ndim
    first = b.mT if swapped else a
    second = (t(a) if a._a.ndim == 2 else a) if swapped else b
    shape = first._a.shape
    rows = reshape(first, (math.prod(shape[:-1]), shape[-1]))
    if second._a.ndim == 1:
        return unsafe_view(mv(rows, second), shape[:-1])
    out = unsafe_view(mm(rows, second), (*shape[:-1], second._a.shape[1]))
    return out.mT.contiguous() if swapped else out


def _batched(a: Tensor, b: Tensor) -> Any:
    n, m1 = ((1,) * (a._a.ndim < 2) + a._a.shape)[-2:]
    m2, p = b._a.shape[-2:] if b._a.ndim > 1 else (b._a.shape[0], 1)
    if a._a.ndim == b._a.ndim == 3 and a._a.shape[0] != b._a.shape[0]:
        if a._a.shape[0] == 1 and a.requires_grad:
            return matmul(squeeze_one(a, 0), b)
        if b._a.shape[0] == 1 and b.requires_grad:
            return matmul(a, squeeze_one(b, 0))
    batch = broadcast_shape([a._a.shape[:-2], b._a.shape[:-2]])
    count = math.prod(batch)
    left = reshape(expand_op(a, (*batch, n, m1)), (count, n, m1))
    if b._a.ndim == 1:
        right = unsqueeze(reshape(expand_op(b, (*batch, m2)), (count, m2)), 2)
        return unsafe_view(squeeze_one(bmm(left, right), -1), (*batch, n))
    right = reshape(expand_op(b, (*batch, m2, p)), (count, m2, p))
    return unsafe_view(bmm(left, right), (*batch, *((n,) if a._a.ndim > 1 else ()), p))


@composite("matmul")
def matmul(self, other):
    """The matrix product: of vectors, matrices, or batches of matrices that broadcast."""
    for i, (name, x) in enumerate((("input", self), ("other", other))):
        if not isinstance(x, Tensor):
            raise errors.wrong_argument("matmul", name, i or 1, "Tensor", x)
    batch = modes.state.batch
    if batch is not None and batch.concerns((self, other)):
        return batch.looped(matmul, "matmul", (self, other))
    dims = (self._a.ndim, other._a.ndim)
    if 0 in dims:
        raise RuntimeError(
            f"both arguments to matmul need to be at least 1D, but they are {dims[0]}D and {dims[1]}D"
        )
    if dims == (1, 1):
        return inner_product(self, other)
    if dims == (2, 1):
        return mv(self, other)
    if dims == (1, 2):
        return mm(unsqueeze(self, 0), other).squeeze_(0)
    if dims == (2, 2):
        return mm(self, other)
    return _folded(self, other) if _folds(self, other) else _batched(self, other)


def _operator(self: Tensor, other: Any) -> Any:
    return matmul(self, other) if isinstance(other, Tensor) else NotImplemented


def _reflected(self: Tensor, other: Any) -> Any:
    return matmul(other, self) if isinstance(other, Tensor) else NotImplemented


_tensor: Any = Tensor
_tensor.__matmul__, _tensor.__rmatmul__ = _operator, _reflected
