"""What a pass starts from: outputs, their cotangents, and the complaints about them.

What may live here: the checks and conversions between the public calls and the engine.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from minigrad import errors
from minigrad.accumulate_grad import accumulator
from minigrad.node import Node
from minigrad.tensor import Tensor, wrap
from minigrad.validate import bad_shape, expandable_to, fit_tensor


def flatten(grad_tensors: Any, n: int) -> tuple[Any, ...]:
    """Cotangents as one tuple: None stands for `n` of them."""
    if grad_tensors is None:
        return (None,) * n
    if isinstance(grad_tensors, Tensor):
        return (grad_tensors,)
    return tuple(grad_tensors)


def initial_gradients(outputs: Sequence[Any], grads: Sequence[Any], is_grads_batched: bool) -> tuple[Any, ...]:
    """One cotangent per output; ones for scalar outputs. Raises where they do not match."""
    if len(grads) != len(outputs):
        raise RuntimeError(f"got {len(outputs)} tensors and {len(grads)} gradients")
    made: list[Any] = []
    for i, (out, grad) in enumerate(zip(outputs, grads, strict=True)):
        if isinstance(grad, Tensor):
            check_cotangent(out, grad, i)
            made.append(grad)
        elif grad is None:
            made.append(_implicit(out) if out.requires_grad else None)
        else:
            raise TypeError(f"gradients can be either Tensors or None, but got {type(grad).__name__}")
    return tuple(made)


def check_cotangent(out: Tensor, grad: Tensor, i: int) -> None:
    if grad._a.shape != out._a.shape:
        raise RuntimeError(
            f"Mismatch in shape: grad_output[{i}] has a shape of {errors.size_text(grad._a.shape)} and output[{i}] "
            f"has a shape of {errors.size_text(out._a.shape)}."
        )
    if (out._a.dtype.kind == "c") != (grad._a.dtype.kind == "c"):
        raise RuntimeError(
            "For complex Tensors, both grad_output and output are required to have the same dtype. Mismatch in "
            f"dtype: grad_output[{i}] has a dtype of {grad.dtype} and output[{i}] has a dtype of {out.dtype}."
        )


def _implicit(out: Tensor) -> Tensor:
    if out._a.size != 1:
        raise RuntimeError("grad can be implicitly created only for scalar outputs")
    if out._a.dtype.kind not in "f":
        raise RuntimeError(f"grad can be implicitly created only for real scalar outputs but got {out.dtype}")
    return wrap(np.ones_like(out._a))


def output_edges(outputs: Sequence[Tensor], grads: Sequence[Any]) -> tuple[list[tuple[Node, int]], list[Tensor]]:
    """The graph's roots and their cotangents, held against what each root recorded."""
    roots: list[tuple[Node, int]] = []
    kept: list[Tensor] = []
    for i, (out, grad) in enumerate(zip(outputs, grads, strict=True)):
        fn = out.grad_fn
        if fn is None:
            fn = accumulator(out)
        if fn is None:
            raise RuntimeError(f"element {i} of tensors does not require grad and does not have a grad_fn")
        nr = out._nr
        if grad is not None:
            shape, dt = fn.output_meta(nr)
            if grad._a.shape != shape and not expandable_to(shape, grad._a.shape):
                raise bad_shape(fn, i, grad._a.shape, shape)
            grad = fit_tensor(fn, i, grad, shape, dt)
        roots.append((fn, nr))
        kept.append(grad)
    return roots, kept
