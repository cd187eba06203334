"""Differentiation as torch.autograd offers it: `backward`, `grad`, and the submodules around them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from minigrad import engine, modes
from minigrad.accumulate_grad import accumulator
from minigrad.autograd import anomaly_mode, forward_ad, function, graph
from minigrad.autograd.anomaly_mode import detect_anomaly, set_detect_anomaly
from minigrad.autograd.function import Function
from minigrad.autograd.gradients import flatten, initial_gradients, output_edges
from minigrad.modes import enable_grad, inference_mode, no_grad, set_grad_enabled
from minigrad.node import Node
from minigrad.tensor import Tensor
from minigrad.warn import warn_once

grad_mode = modes.namespace()

CYCLE = (
    "Using backward() with create_graph=True will create a reference cycle between the parameter and its gradient "
    "which can cause a memory leak. We recommend using autograd.grad when creating the graph to avoid this. If you "
    "have to use this function, make sure to reset the .grad fields of your parameters to None after use to break the "
    "cycle and avoid the leak."
)


def backward(
    tensors: Any,
    grad_tensors: Any = None,
    retain_graph: bool | None = None,
    create_graph: bool = False,
    grad_variables: Any = None,
    inputs: Any = None,
) -> None:
    """Adds the gradients of `tensors` to the `.grad` of the leaves (or of `inputs`).

    grad_tensors   cotangents, one per tensor, each of its shape; None for scalars.
    retain_graph   whether the graph may be used again; by default what `create_graph` says.
    Raises RuntimeError where there is nothing to differentiate, or shapes or counts disagree.
    """
    if inputs is not None and not isinstance(inputs, (Tensor, tuple)) and len(inputs) == 0:
        raise RuntimeError("`inputs` argument to `backward()` cannot be empty.")
    if inputs is not None and isinstance(inputs, tuple) and len(inputs) == 0:
        raise RuntimeError("`inputs` argument to `backward()` cannot be empty.")
    tensors = (tensors,) if isinstance(tensors, (Tensor, graph.GradientEdge)) else tuple(tensors)
    wanted = None if inputs is None else ((inputs,) if isinstance(inputs, (Tensor, graph.GradientEdge)) else tuple(inputs))
    grads = initial_gradients(tensors, flatten(grad_tensors, len(tensors)), is_grads_batched=False)
    keep = create_graph if retain_graph is None else retain_graph
    roots, grads = output_edges(tensors, grads)
    targets = None
    if wanted is not None:
        targets = []
        for x in wanted:
            if isinstance(x, Tensor):
                x.retain_grad()
            node = _input_edge(x)[0]
            if node is not None:
                targets.append(node)
    task = engine.GraphTask(keep, create_graph, targets=targets)
    if create_graph:
        warn_once(CYCLE)
    engine.execute(roots, grads, task)


def _input_edge(x: Any) -> tuple[Node | None, int]:
    if isinstance(x, graph.GradientEdge):
        return x.node, x.output_nr
    if not x.requires_grad:
        raise RuntimeError("One of the differentiated Tensors does not require grad")
    fn = x.grad_fn
    return (accumulator(x), 0) if fn is None else (fn, x._nr)


def grad(
    outputs: Any,
    inputs: Any,
    grad_outputs: Any = None,
    retain_graph: bool | None = None,
    create_graph: bool = False,
    only_inputs: bool = True,
    allow_unused: bool | None = None,
    is_grads_batched: bool = False,
    materialize_grads: bool = False,
) -> tuple[Any, ...]:
    """The gradients of `outputs` with respect to `inputs`, one per input; `.grad` is left alone.

    grad_outputs       cotangents, one per output, each of its shape; None for scalars.
    allow_unused       whether an input may be absent from the graph (its gradient is then None).
    materialize_grads  gives zeros instead of None.
    Raises RuntimeError where an input is unused or requires no grad, or shapes or counts disagree.
    """
    if materialize_grads and allow_unused is False:
        raise ValueError("Expected allow_unused to be True or not passed when materialize_grads=True, but got: allow_unused=False.")
    if allow_unused is None:
        allow_unused = materialize_grads
    outputs = (outputs,) if isinstance(outputs, (Tensor, graph.GradientEdge)) else tuple(outputs)
    inputs = (inputs,) if isinstance(inputs, (Tensor, graph.GradientEdge)) else tuple(inputs)
    grads = initial_gradients(outputs, flatten(grad_outputs, len(outputs)), is_grads_batched=False)
    if not inputs:
        raise RuntimeError("`inputs` argument to `grad()` cannot be empty.")
    keep = create_graph if retain_graph is None else retain_graph
    roots, grads = output_edges(outputs, grads)
    captures = [_input_edge(x) for x in inputs]
    task = engine.GraphTask(keep, create_graph, captures)
    got = engine.execute(roots, grads, task)
    for i, g in enumerate(got):
        if g is None and not allow_unused:
            raise RuntimeError(
                f"The differentiated Tensor at index {i} appears to not have been used in the graph. Set "
                "allow_unused=True if this is the desired behavior."
            )
    if materialize_grads:
        got = [x.new_zeros(x.shape) if g is None else g for x, g in zip(inputs, got, strict=True)]
    return tuple(got)


def _tensor_backward(
    self: Tensor,
    gradient: Any = None,
    retain_graph: bool | None = None,
    create_graph: bool = False,
    inputs: Any = None,
) -> None:
    """Differentiates this tensor with respect to the leaves of its graph; see `autograd.backward`."""
    backward(self, gradient, retain_graph, create_graph, inputs=inputs)


Tensor.backward = _tensor_backward  # type: ignore[method-assign]

__all__ = [
    "Function",
    "anomaly_mode",
    "backward",
    "detect_anomaly",
    "enable_grad",
    "forward_ad",
    "function",
    "grad",
    "grad_mode",
    "graph",
    "inference_mode",
    "no_grad",
    "set_detect_anomaly",
    "set_grad_enabled",
]
