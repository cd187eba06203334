"""Dimensions in another order: transpose, permute, movedim, `T`, `mT`, `H`."""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad.dims import normal_dim
from minigrad.errors import shape_text
from minigrad.memory import recalled
from minigrad.registry import composite, derivative, op
from minigrad.signatures import Parser
from minigrad.tensor import Tensor
from minigrad.warn import warn_once

# mypy: disable-error-code="no-untyped-def"

Dims = tuple[int, ...]

_PERMUTE = Parser("permute", "(tuple of ints dims)")


@op("transpose.int", view=True, promote="keep", numbers=False)
def transpose(self, dim0: int, dim1: int):
    n = self.ndim
    a, b = normal_dim(dim0, n), normal_dim(dim1, n)
    if 0 in self.shape:
        self = recalled(self)
    return self.swapaxes(a, b) if n else np.asarray(self).view()


derivative(
    "TransposeBackward0",
    of=transpose,
    forward="linear",
    self=lambda grad, dim0, dim1: transpose(grad, dim0, dim1),
)

composite("swapdims")(transpose)


@composite("swapaxes")
def swapaxes(self, axis0: int, axis1: int):
    """`transpose` under NumPy's name."""
    return transpose(self, axis0, axis1)


@op("_permute", view=True, promote="keep", numbers=False)
def permute_op(self, dims: Dims):
    if len(dims) != self.ndim:
        raise RuntimeError(
            "permute(sparse_coo): number of dimensions in the tensor input does not match the length of "
            "the desired "
            f"ordering of dimensions i.e. input.dim() = {self.ndim} is not equal to len(dims) = {len(dims)}"
        )
    order = [normal_dim(d, self.ndim) for d in dims]
    if len(set(order)) != len(order):
        raise RuntimeError("permute(): duplicate dims are not allowed.")
    return recalled(np.asarray(self)).transpose(order)


derivative(
    "PermuteBackward0",
    of=permute_op,
    forward="linear",
    self=lambda grad, dims: permute_op(grad, inverse(dims)),
)


def inverse(dims: Dims) -> Dims:
    """The order of dimensions that undoes `dims`."""
    order = [d % len(dims) for d in dims]
    return tuple(order.index(d) for d in range(len(order)))


@composite("permute")
def permute(self, *dims, **keywords):
    """Dimensions in the order `dims`, given one by one or as one sequence."""
    if keywords or len(dims) == 1:
        return permute_op(self, _PERMUTE.parse(dims, keywords)[1]["dims"])
    if not dims or not all(type(d) is int for d in dims):
        dims = _PERMUTE.parse(dims, keywords)[1]["dims"]
    return permute_op(self, dims)


@op("t", view=True, promote="keep", numbers=False)
def t(self):
    if self.ndim > 2:
        raise RuntimeError(f"t() expects a tensor with <= 2 dimensions, but self is {self.ndim}D")
    return recalled(np.asarray(self)).T if self.ndim else np.asarray(self).view()


derivative("TBackward0", of=t, forward="linear", self=lambda grad: t(grad))


@composite("movedim", aliases=("moveaxis",))
def movedim(self, source: Any, destination: Any):
    """The dimensions `source` moved to `destination`, the others in their old order."""
    n = self._a.ndim
    given = (source,) if isinstance(source, int) else tuple(source)
    wanted = (destination,) if isinstance(destination, int) else tuple(destination)
    if len(given) != len(wanted):
        raise RuntimeError(
            f"movedim: Invalid source or destination dims: source ({shape_text(given)} dims) should "
            "contain the same "
            f"number of dims as destination ({shape_text(wanted)} dims)"
        )
    sources = [normal_dim(d, n) for d in given]
    targets = [normal_dim(d, n) for d in wanted]
    for name, shown, dims in (("source", given, sources), ("destination", wanted, targets)):
        if len(set(dims)) != len(dims):
            raise RuntimeError(f"movedim: repeated dim in `{name}` ({shape_text(shown)})")
    if n == 0:
        return self.alias()
    order = [-1] * n
    for s, d in zip(sources, targets, strict=True):
        order[d] = s
    rest = iter(d for d in range(n) if d not in sources)
    return permute_op(self, tuple(next(rest) if d < 0 else d for d in order))


def _deprecated(what: str, hint: str = " This function is the identity in these cases.") -> None:
    warn_once(f"{what} is deprecated on 0-D tensors.{hint}")


def _numpy_t(self: Tensor) -> Any:
    n = self._a.ndim
    if n == 0:
        _deprecated("Tensor.T")
    elif n != 2:
        warn_once(
            "The use of `x.T` on tensors of dimension other than 2 to reverse their shape is deprecated "
            "and it will "
            "throw an error in a future release. Consider `x.mT` to transpose batches of matrices or "
            "`x.permute(*torch.arange(x.ndim - 1, -1, -1))` to reverse the dimensions of a tensor."
        )
    return permute_op(self, tuple(range(n - 1, -1, -1)))


def _only_matrices(name: str, n: int) -> RuntimeError:
    return RuntimeError(
        f"tensor.{name} is only supported on matrices or batches of matrices. Got {n}-D tensor."
    )


def matrix_transposed(self: Tensor) -> Any:
    """The last two dimensions swapped."""
    n = self._a.ndim
    if n == 1:
        raise _only_matrices("mT", n)
    if n == 0:
        _deprecated("Tensor.mT")
    return transpose(self, -2, -1) if n else self


def adjoint_of(self: Tensor, name: str) -> Any:
    """The last two dimensions swapped, and conjugated."""
    n = self._a.ndim
    if n == 1:
        raise _only_matrices(name, n)
    if n == 0:
        _deprecated(name if name == "adjoint()" else f"Tensor.{name}", " Consider using x.conj().")
        return self.conj() if self.is_complex() else self
    swapped = transpose(self, -2, -1)
    return swapped.conj() if self.is_complex() else swapped


def _hermitian(self: Tensor) -> Any:
    n = self._a.ndim
    if n not in (0, 2):
        hint = " For batches of matrices, consider using tensor.mH" if n > 2 else ""
        raise RuntimeError(f"tensor.H is only supported on matrices (2-D tensors). Got {n}-D tensor.{hint}")
    return adjoint_of(self, "H")


@composite("adjoint")
def adjoint(self):
    """The last two dimensions swapped, and conjugated."""
    return adjoint_of(self, "adjoint()")


properties: Any = Tensor
properties.T = property(_numpy_t)
properties.mT = property(matrix_transposed)
properties.H = property(_hermitian)
properties.mH = property(lambda self: adjoint_of(self, "mH"))
