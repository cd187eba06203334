"""What a pass starts from: outputs, their cotangents, and the complaints about them.

What may live here: the checks and conversions between the public calls and the engine.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from operator import index
from typing import Any

import numpy as np

from minigrad import dtypes, errors
from minigrad.accumulate_grad import accumulator
from minigrad.autograd.graph import GradientEdge
from minigrad.node import Node
from minigrad.tensor import Tensor, wrap
from minigrad.validate import bad_shape, expandable_to, fit_tensor, integral

Outputs = Sequence[Any]


def as_outputs(outputs: Any) -> tuple[Any, ...]:
    """One or several outputs or inputs as a tuple."""
    if type(outputs) is tuple:
        return outputs
    if type(outputs) is Tensor:
        return (outputs,)
    return (outputs,) if isinstance(outputs, (Tensor, GradientEdge)) else tuple(outputs)


def as_inputs(function: str, inputs: Any) -> tuple[Any, ...]:
    """What gradients are asked for. Raises RuntimeError for nothing, TypeError for mappings other than dicts."""
    if type(inputs) is tuple:
        pass
    elif type(inputs) is Tensor:
        return (inputs,)
    elif type(inputs) is dict:
        inputs = tuple(inputs.values())
    elif isinstance(inputs, Mapping):
        raise TypeError(
            f"`inputs` argument to `{function}()` must be a dict, not {type(inputs).__name__}. Other Mapping types are "
            "not supported."
        )
    else:
        inputs = as_outputs(inputs)
    if not inputs:
        raise RuntimeError(f"`inputs` argument to `{function}()` cannot be empty.")
    return inputs  # type: ignore[no-any-return]


def flags(*values: Any) -> tuple[bool, ...]:
    """Truth values as torch's engine takes them: any int. Raises TypeError for all else."""
    return tuple([value if type(value) is bool else bool(index(value)) for value in values])


def as_cotangents(grad_tensors: Any, n: int) -> tuple[Any, ...]:
    """Cotangents as one tuple: None stands for `n` of them."""
    if grad_tensors is None:
        return (None,) * n
    return (grad_tensors,) if isinstance(grad_tensors, Tensor) else tuple(grad_tensors)


def _facts(out: Any) -> tuple[tuple[int, ...], np.dtype[Any]]:
    """Shape and dtype of an output, which may be known by its edge alone."""
    if isinstance(out, Tensor):
        return out._a.shape, out._a.dtype
    if not isinstance(out, GradientEdge):
        raise AssertionError("Expected output to be a torch.Tensor")
    return out.node.output_meta(out.output_nr)


def initial_gradients(outputs: Outputs, grads: Sequence[Any], is_grads_batched: bool = False) -> list[Any]:
    """One cotangent per output; ones for scalar outputs. Raises where they do not match."""
    if len(outputs) == len(grads) == 1 and grads[0] is None and type(outputs[0]) is Tensor:
        out = outputs[0]
        return [_implicit(out._a.shape, out._a.dtype) if out._rg or out.requires_grad else None]
    made: list[Any] = []
    for i, (out, grad) in enumerate(zip(outputs, grads, strict=False)):
        shape, dt = _facts(out)
        if isinstance(grad, Tensor):
            if is_grads_batched:
                _check_batched(shape, grad, i)
            else:
                _check_shape(shape, grad, i)
            _check_complex(dt, grad, i)
            made.append(grad)
        elif grad is None:
            made.append(_implicit(shape, dt) if isinstance(out, GradientEdge) or out.requires_grad else None)
        else:
            raise TypeError(f"gradients can be either Tensors or None, but got {type(grad).__name__}")
    if len(made) != len(outputs):  # surplus cotangents go unnoticed, as in torch
        raise RuntimeError(f"got {len(outputs)} tensors and {len(grads)} gradients")
    return made


def _check_shape(shape: tuple[int, ...], grad: Tensor, i: int) -> None:
    if grad._a.shape != shape:
        raise RuntimeError(
            f"Mismatch in shape: grad_output[{i}] has a shape of {errors.size_text(grad._a.shape)} and "
            f"output[{i}] "
            f"has a shape of {errors.size_text(shape)}."
        )


def _check_batched(shape: tuple[int, ...], grad: Tensor, i: int) -> None:
    first = grad[0]
    if first._a.shape != shape:
        # torch leaves out two dimensions when it says what it was given
        raise RuntimeError(
            "If `is_grads_batched=True`, we interpret the first dimension of each grad_output as the batch "
            "dimension. "
            "The sizes of the remaining dimensions are expected to match the shape of corresponding output, "
            "but a "
            f"mismatch was detected: grad_output[{i}] has a shape of {errors.size_text(grad._a.shape[2:])} "
            f"and "
            f"output[{i}] has a shape of {errors.size_text(shape)}. If you only want some tensors in "
            f"`grad_output` to "
            "be considered batched, consider using vmap."
        )


def _check_complex(dt: np.dtype[Any], grad: Tensor, i: int) -> None:
    if (dt.kind == "c") != (grad._a.dtype.kind == "c"):
        raise RuntimeError(
            "For complex Tensors, both grad_output and output are required to have the same dtype. Mismatch "
            "in "
            f"dtype: grad_output[{i}] has a dtype of {grad.dtype} and output[{i}] has a dtype of "
            f"{dtypes.FROM_NUMPY[dt]}."
        )


def _implicit(shape: tuple[int, ...], dt: np.dtype[Any]) -> Tensor:
    if shape and any(n != 1 for n in shape):
        raise RuntimeError("grad can be implicitly created only for scalar outputs")
    if dt.kind != "f":
        raise RuntimeError(
            f"grad can be implicitly created only for real scalar outputs but got {dtypes.FROM_NUMPY[dt]}"
        )
    return wrap(np.ones(shape, dt) if shape else np.array(1, dt))


def batch_size(grads: Sequence[Any]) -> int:
    """How many cotangents are stacked in each of `grads`; raises ValueError where they differ."""
    sizes = [g._a.shape[0] for g in grads if g is not None and g._a.ndim]
    if len(sizes) < len(grads):
        raise ValueError(
            "vmap(vjp, in_dims=0, ...)(<inputs>): Got in_dim=0 for some input, but that input is a Tensor of "
            "dimensionality 0 so expected in_dim to satisfy 0 <= in_dim < 0."
        )
    if len(set(sizes)) > 1:
        raise ValueError(
            "vmap: Expected all tensors to have the same size in the mapped dimension, got sizes "
            f"{sizes} for the mapped dimension"
        )
    return int(sizes[0])


def output_edges(outputs: Outputs, grads: Sequence[Any]) -> tuple[list[tuple[Node, int]], list[Any]]:
    """The graph's roots and their cotangents, held against what each root recorded."""
    roots: list[tuple[Node, int]] = []
    kept: list[Any] = []
    for i, (out, grad) in enumerate(zip(outputs, grads, strict=True)):
        fn: Node | None
        if isinstance(out, Tensor):
            fn, nr = out.grad_fn or accumulator(out), out._nr
        else:
            fn, nr = out.node, out.output_nr
        if fn is None:
            raise RuntimeError(f"element {i} of tensors does not require grad and does not have a grad_fn")
        if grad is not None:
            shape, dt = fn.output_meta(nr) if nr else (fn.shape, fn.dt)
            if grad._a.shape != shape or grad._a.dtype is not dt:
                if not expandable_to(shape, grad._a.shape):
                    raise bad_shape(None, i, grad._a.shape, shape)
                grad = fit_tensor(fn, i, grad, shape, dt)
            if grad._a.dtype.kind in "biu":
                raise integral()
        roots.append((fn, nr))
        kept.append(grad)
    return roots, kept


def input_edge(x: Any) -> tuple[Node | None, int]:
    """Where the gradient of an input is found; (None, nr) where nothing can arrive."""
    if type(x) is Tensor and x._rg and x._meta is None:
        return (accumulator(x), 0) if x._fn is None else (x._fn, x._nr)
    if isinstance(x, GradientEdge):
        if not isinstance(x.node, Node):
            raise RuntimeError(
                f"GradientEdge's first object must be an autograd.graph.Node but got {type(x.node).__name__}"
            )
        return x.node, index(x.output_nr)
    if not isinstance(x, Tensor):
        raise RuntimeError(f"all inputs have to be Tensors or GradientEdges, but got {type(x).__name__}")
    if not x.requires_grad:
        raise RuntimeError("One of the differentiated Tensors does not require grad")
    fn = x.grad_fn
    return (accumulator(x), 0) if fn is None else (fn, x._nr)
