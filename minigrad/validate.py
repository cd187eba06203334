"""Holding gradients against the metadata their edge recorded: summed to its shape, cast to its dtype.

What may live here: `fit_*` and the errors of gradients that cannot be made to fit (torch's validate_outputs).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad import errors
from minigrad.casting import cast
from minigrad.dtypes import FROM_NUMPY
from minigrad.node import Node
from minigrad.summing import total, total_of_all
from minigrad.tensor import Tensor, as_array

Shape = tuple[int, ...]


def expandable_to(shape: Shape, to: Shape) -> bool:
    """Whether `shape` broadcasts to exactly `to`."""
    lead = len(to) - len(shape)
    if lead < 0:
        return False
    if to[lead:] == shape:
        return True
    return all(a in (1, b) for a, b in zip(reversed(shape), reversed(to), strict=False))


_FIRST = tuple(tuple(range(n)) for n in range(8))


def _reduced_dims(shape: Shape, to: Shape) -> tuple[int, ...]:
    lead = len(shape) - len(to)
    if shape[lead:] == to:
        return _FIRST[lead] if lead < len(_FIRST) else tuple(range(lead))
    inner = (i + lead for i, n in enumerate(to) if n == 1 and shape[i + lead] != 1)
    return (*range(lead), *inner)


def bad_shape(node: Node | None, i: int, got: Shape, expected: Shape) -> RuntimeError:
    """What is said of a gradient that cannot be made to fit; without a node of one that was handed to a query."""
    which = "invalid gradient" if node is None else f"Function {node.name()} returned an invalid gradient"
    return RuntimeError(
        f"{which} at index {i} - got {errors.shape_text(got)} but expected shape compatible with "
        f"{errors.shape_text(expected)}"
    )


def refuse_unfit(node: Node, i: int, grad: Any, shape: Shape) -> None:
    """Raises RuntimeError where an array's shape cannot be summed to `shape`."""
    if grad.shape != shape and not expandable_to(shape, grad.shape):
        raise bad_shape(node, i, grad.shape, shape)


def _real_part_of(node: Any, i: int, grad: Any) -> Any:
    """What a real operand gets of a complex gradient, unless its formula is one that torch refuses to.

    A complex leaf whose gradients are real (`Tensor.grad_dtype`) gets it by a cast instead, with its warning.
    """
    leaf = getattr(node.fns[i] if i < len(node.fns) else node, "variable", None)
    if leaf is not None and leaf._a.dtype.kind == "c":
        return grad
    writing = getattr(node, "fn", None)  # within CopySlices
    declaration = getattr(node if writing is None else writing, "declaration", None)
    if node.of_user or (declaration is not None and declaration.unreal):
        raise errors.complex_gradient_of_real()
    return grad.real


def _kept(node: Node, i: int, given: np.dtype[Any]) -> np.dtype[Any]:
    """The dtype of a gradient of a leaf that allows any (`Tensor.grad_dtype`): its own, but real where the leaf is."""
    leaf: Any = node.fns[i] if i < len(node.fns) else node  # the leaf's own node is handed what a query gives it
    if given.kind == "c" and leaf.variable._a.dtype.kind != "c":
        raise errors.complex_gradient_of_real()
    return given


def fit_raw(node: Node, i: int, grad: Any, shape: Shape, dt: np.dtype[Any] | None) -> Any:
    """An array gradient made to fit; raises RuntimeError where its shape cannot be summed to `shape`.

    Without `dt` it keeps its dtype (`Tensor.grad_dtype`).
    """
    dt = _kept(node, i, grad.dtype) if dt is None else dt
    if grad.dtype is not dt and grad.dtype.kind == "c" and dt.kind != "c":
        grad = _real_part_of(node, i, grad)  # as torch's formulas end, before anything is summed
    if grad.shape != shape:
        if not expandable_to(shape, grad.shape):
            raise bad_shape(node, i, grad.shape, shape)
        grad = sum_to_raw(as_array(grad), shape)
    if grad.dtype is not dt and grad.dtype != dt:
        if dt.kind == "c" and grad.dtype.kind in "biu":
            raise errors.complex_gradient_of_real()
        grad = cast(as_array(grad), dt)
    if dt.kind in "biu":
        raise integral()
    return grad


def sum_to_raw(grad: np.ndarray[Any, Any], shape: Shape) -> np.ndarray[Any, Any]:
    """The sum over all dimensions that broadcasting `shape` had added or stretched."""
    if not shape:
        return np.asarray(total_of_all(grad))
    out: np.ndarray[Any, Any] = total(grad, _reduced_dims(grad.shape, shape), True, grad.dtype)
    out = out if out.flags.c_contiguous else out.copy(order="C")
    return out.reshape(shape) if grad.ndim > len(shape) else out


def fit_tensor(node: Node, i: int, grad: Tensor, shape: Shape, dt: np.dtype[Any] | None) -> Tensor:
    """The same for Tensors, recorded: SumBackward1 and ViewBackward0, ToCopyBackward0."""
    dt = _kept(node, i, grad._a.dtype) if dt is None else dt
    if grad._a.dtype.kind == "c" and dt.kind != "c":
        grad = _real_part_of(node, i, grad)
    if grad._a.shape != shape:
        if not expandable_to(shape, grad._a.shape):
            raise bad_shape(node, i, grad._a.shape, shape)
        if not shape:
            grad = grad.sum()
        else:
            lead = grad._a.ndim - len(shape)
            grad = grad.sum(_reduced_dims(grad._a.shape, shape), keepdim=True)
            grad = grad.view(shape) if lead else grad
    if grad._a.dtype is not dt and grad._a.dtype != dt:
        if dt.kind == "c" and grad._a.dtype.kind in "biu":
            raise errors.complex_gradient_of_real()
        grad = grad.to(FROM_NUMPY[dt])
    if dt.kind in "biu":
        raise integral()
    return grad


def integral() -> RuntimeError:
    """A gradient for integers that took floats into their history by a write to a view of them."""
    return RuntimeError(
        "isDifferentiableType(grad.scalar_type()) INTERNAL ASSERT FAILED at "
        '"/__w/pytorch/pytorch/torch/csrc/autograd/engine.cpp":998, please report a bug to PyTorch. '
    )


def fit(node: Node, i: int, grad: Any, shape: Shape, dt: np.dtype[Any] | None, raw: bool) -> Any:
    """A gradient made to fit, be it an array (`raw`) or a Tensor."""
    a = grad if raw else grad._a
    if a.shape == shape and a.dtype is dt:
        return grad
    return fit_raw(node, i, grad, shape, dt) if raw else fit_tensor(node, i, grad, shape, dt)
