"""Complex tensors as pairs of reals and back, their parts, and conjugation.

What may live here: view_as_real, view_as_complex, real, imag, conj and its relatives.

How lazily conjugated and negated tensors work is in `lazy`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad import modes
from minigrad.layout import lying_as
from minigrad.lazy import CONJ, NEG, bits_of, set_bits
from minigrad.memory import strides_of
from minigrad.ops.carriers import is_batched
from minigrad.ops.slicing import select
from minigrad.recording import tangents
from minigrad.registry import composite, derivative, inplace_of, op
from minigrad.tensor import Tensor
from minigrad.views import replay_with
from minigrad.windows import address, flat, offset_of

# mypy: disable-error-code="no-untyped-def"

REAL = {np.dtype("complex64"): np.dtype("float32"), np.dtype("complex128"): np.dtype("float64")}
COMPLEX = {real: whole for whole, real in REAL.items()}


def _reread(a: Any, dt: Any, shape: Any, strides: Any) -> Any:
    """The memory of `a` from its first element on, read as another dtype; strides in elements of it."""
    root = flat(a)
    start = address(a) - address(root) if a.size else 0
    return np.ndarray.__new__(np.ndarray, shape, dt, root, start, [s * dt.itemsize for s in strides])


@op("_view_as_real", view=True, promote="keep", numbers=False)
def view_as_real_op(self):
    if self.dtype.kind != "c":
        raise RuntimeError("view_as_real is only supported for complex tensors")
    a = np.asarray(self)
    return _reread(a, REAL[a.dtype], (*a.shape, 2), (*(2 * s for s in strides_of(a)), 1))


@op("_view_as_complex", view=True, promote="keep", numbers=False)
def view_as_complex_op(self):
    if self.dtype not in COMPLEX:
        from minigrad.errors import type_name

        raise RuntimeError(
            "view_as_complex is only supported for half, float and double tensors, but got a tensor of "
            "scalar type: "
            f"{type_name(self)}"
        )
    if self.ndim == 0:
        raise RuntimeError("Input tensor must have one or more dimensions")
    if self.shape[-1] != 2:
        raise RuntimeError("Tensor must have a last dimension of size 2")
    strides = strides_of(self)
    if strides[-1] != 1:
        raise RuntimeError("Tensor must have a last dimension with stride 1")
    if any(s % 2 and n != 1 for n, s in zip(self.shape[:-1], strides[:-1], strict=True)):
        raise RuntimeError("Tensor must have a stride divisible by 2 for all but last dimension")
    if offset_of(self) % 2:
        raise RuntimeError("Tensor must have a storage_offset divisible by 2")
    return _reread(self, COMPLEX[self.dtype], self.shape[:-1], tuple(s // 2 for s in strides[:-1]))


@composite("view_as_real", method=False)
def view_as_real(input):
    """A complex tensor as a real one with a last dimension of two, without a copy."""
    if isinstance(input, Tensor) and input.is_conj():
        raise RuntimeError(
            "view_as_real doesn't work on unresolved conjugated tensors.  To resolve the conjugate tensor so you can "
            "view it as real, use self.resolve_conj(); however, be warned that the resulting tensor will NOT alias the "
            "original."
        )
    out = view_as_real_op(input)
    return replay_with(out, input, view_as_real) if isinstance(input, Tensor) else out


@composite("view_as_complex", method=False)
def view_as_complex(input):
    """A real tensor with a last dimension of two as a complex one, without a copy."""
    out = view_as_complex_op(input)
    return replay_with(out, input, view_as_complex) if isinstance(input, Tensor) else out


def contiguous(x: Any) -> Any:
    """A carrier whose elements lie one after the other."""
    return x.contiguous() if isinstance(x, Tensor) else np.ascontiguousarray(x)


def _resolved(grad: Any) -> Any:
    """The same of complex numbers, conjugated in memory: what was so when it was read is copied."""
    if isinstance(grad, Tensor):
        return resolve_conj(grad.contiguous())
    task = modes.state.task
    if task is not None and task.raw is not None and id(grad) in task.raw.lazy:
        return np.array(grad, order="C")
    return contiguous(grad) if len(grad.shape) else grad


derivative(
    "ViewAsRealBackward0",
    of=view_as_real_op,
    forward="linear",
    self=lambda grad: view_as_complex(contiguous(grad)),
)
derivative(
    "ViewAsComplexBackward0",
    of=view_as_complex_op,
    forward="linear",
    self=lambda grad: view_as_real(_resolved(grad)),
)


# -- parts ----------------------------------------------------------------------------------------------


@composite("real", method=False)
def real(self):
    """The real part as a view; real tensors themselves."""
    if not self.is_complex():
        return self
    return select(view_as_real(conj(self) if self.is_conj() else self), self.ndim, 0)


@composite("imag", method=False)
def imag(self):
    """The imaginary part as a view; raises RuntimeError for real tensors."""
    if not self.is_complex():
        raise RuntimeError("imag is not implemented for tensors with non-complex dtypes.")
    if self.is_conj():
        return select(neg_view(view_as_real(conj(self))), self.ndim, 1)
    return select(view_as_real(self), self.ndim, 1)


def _set_part(part: Any) -> Any:
    def write(self: Tensor, value: Any) -> None:
        part(self).copy_(value)

    return write


_tensor: Any = Tensor
_tensor.real = property(real, _set_part(real))
_tensor.imag = property(imag, _set_part(imag))


# -- conjugation ----------------------------------------------------------------------------------------


@op("_conj", view=True, promote="keep", numbers=False)
def conj_op(self):
    return self.view()


@composite("conj")
def conj(self):
    """The complex conjugate, as a view of the same memory; real tensors themselves."""
    if not isinstance(self, Tensor):
        return np.conjugate(self)
    if is_batched(self):
        return self.conj()
    return _flipped(conj_op(self), self, CONJ, conj) if self.is_complex() else self


def _conj_back(grad):
    """The conjugate; of an array one that stands for the view that it is in torch."""
    task = modes.state.task
    if isinstance(grad, Tensor) or task is None or task.raw is None:
        return conj(grad)
    return task.raw.array(conj(task.raw.tensor(grad)))


derivative("ConjBackward0", of=conj_op, forward=lambda self_t: conj(self_t), self=_conj_back)


@op("_neg_view_op", view=True, promote="keep", numbers=False)
def neg_view_op(self):
    return self.view()


@composite("_neg_view")
def neg_view(self):
    """The negative, as a view of the same memory."""
    if not isinstance(self, Tensor):
        return np.negative(self)
    return _flipped(neg_view_op(self), self, NEG, neg_view)


derivative("NegViewBackward0", of=neg_view_op, forward=lambda self_t: neg_view(self_t), self=lambda grad: -grad)


def _flipped(out: Tensor, operand: Tensor, bit: int, view: Any) -> Tensor:
    """`out`, a view of `operand`, with one bit that is not the operand's."""
    made = replay_with(set_bits(out, bits_of(operand) ^ bit), operand, view)
    tangent = tangents[0].tangent_of(operand) if tangents else None
    if tangent is not None:  # which has the bit only where what carries it has it, too
        made.meta().tangent = view(tangent)
    return made


@op("_conj_physical", promote="keep", numbers=False)
def conj_physical_op(self):
    return lying_as(np.conjugate(self), self)  # also where dimensions of size 1 leave it free


@op("_conj_physical_", promote="keep", numbers=False, inplace=True)
def conj_physical_inplace(self):
    return np.conjugate(self)


derivative(
    "ConjPhysicalBackward0", of=conj_physical_op, forward="linear", self=lambda grad: conj_physical(grad)
)
derivative(
    "ConjPhysicalBackward1",
    of=conj_physical_inplace,
    forward="linear",
    onto=True,
    self=lambda grad: conj_physical(grad),
)


@composite("conj_physical")
def conj_physical(self):
    """The complex conjugate as a copy; real tensors themselves."""
    if not isinstance(self, Tensor):
        return lying_as(np.conjugate(self), self) if self.dtype.kind == "c" else self
    return conj_physical_op(self) if self._a.dtype.kind == "c" else self


@composite("conj_physical_")
def conj_physical_(self):
    """Conjugates in place."""
    return inplace_of(conj_physical_inplace)(self)


@composite("resolve_conj")
def resolve_conj(self):
    """The tensor with its elements in memory: a copy of what `conj` made, otherwise itself."""
    return self.clone() if self.is_conj() else self


@composite("resolve_neg")
def resolve_neg(self):
    """The tensor with its elements in memory: a copy where they are lazily negated, otherwise itself."""
    return self.clone() if self.is_neg() else self
