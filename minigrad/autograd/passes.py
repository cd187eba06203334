"""`backward` and `grad`: one pass through the graph, from outputs and cotangents to gradients.

What may live here: these two and `Tensor.backward`. What they start from is in `gradients`, the pass itself in
`engine`.
"""

from __future__ import annotations

import warnings
from typing import Any

from minigrad import engine
from minigrad.autograd.batched import batched, whole_of
from minigrad.autograd.batching import open_batch
from minigrad.autograd.gradients import (
    as_cotangents,
    as_inputs,
    as_outputs,
    batch_size,
    flags,
    initial_gradients,
    input_edge,
    output_edges,
)
from minigrad.filling import zeros_like
from minigrad.straight import leaf_gradients
from minigrad.tensor import Tensor
from minigrad.warn import warn_once

CYCLE = (
    "Using backward() with create_graph=True will create a reference cycle between the parameter and its "
    "gradient "
    "which can cause a memory leak. We recommend using autograd.grad when creating the graph to avoid this. "
    "If you "
    "have to use this function, make sure to reset the .grad fields of your parameters to None after use to "
    "break the "
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
    if grad_variables is not None:
        warnings.warn(
            "`grad_variables` is deprecated. Use `grad_tensors` instead.", FutureWarning, stacklevel=2
        )
        if grad_tensors is not None:
            raise RuntimeError(
                "`grad_tensors` and `grad_variables` (deprecated) arguments both passed to `backward()`. "
                "Please only "
                "use `grad_tensors`."
            )
        grad_tensors = grad_variables
    wanted = None if inputs is None else as_inputs("backward", inputs)
    tensors = as_outputs(tensors)
    grads = initial_gradients(tensors, as_cotangents(grad_tensors, len(tensors)))
    keep, create_graph = flags(create_graph if retain_graph is None else retain_graph, create_graph)
    roots, grads = output_edges(tensors, grads)
    targets = None
    if wanted is not None:
        targets = []
        for x in wanted:
            if isinstance(x, Tensor):
                x.retain_grad()
            node = input_edge(x)[0]
            if node is not None:
                targets.append(node)
    task = engine.GraphTask(keep, create_graph, targets=targets)
    if create_graph:
        warn_once(CYCLE)
    engine.execute(roots, grads, task)


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
) -> Any:
    """The gradients of `outputs` with respect to `inputs`, one per input; `.grad` is left alone.

    A tuple, or a dict with the keys of `inputs` where that is one.

    grad_outputs       cotangents, one per output, each of its shape; None for scalars.
    allow_unused       whether an input may be absent from the graph (its gradient is then None).
    is_grads_batched   each cotangent has one more dimension in front, and so has each gradient.
    materialize_grads  gives zeros instead of None.
    Raises RuntimeError where an input is unused or requires no grad, or shapes or counts disagree.
    """
    if materialize_grads and allow_unused is False:
        raise ValueError(
            "Expected allow_unused to be True or not passed when materialize_grads=True, but got: "
            "allow_unused=False."
        )
    if allow_unused is None:
        allow_unused = materialize_grads
    outputs, keyed = as_outputs(outputs), inputs
    inputs = as_inputs("grad", inputs)
    if not only_inputs:
        warnings.warn(
            "only_inputs argument is deprecated and is ignored now (defaults to True). To accumulate "
            "gradient for other "
            "parts of the graph, please use torch.autograd.backward.",
            FutureWarning,
            stacklevel=2,
        )
    got = None
    if (
        grad_outputs is None
        and create_graph is False
        and not is_grads_batched
        and len(outputs) == 1
        and (retain_graph is None or type(retain_graph) is bool)
        and type(allow_unused) is bool
    ):
        got = leaf_gradients(outputs[0], inputs, retain_graph is True)
    if got is not None:
        _refuse_unused(got, allow_unused)
    else:
        grads = initial_gradients(outputs, as_cotangents(grad_outputs, len(outputs)), is_grads_batched)
        keep = create_graph if retain_graph is None else retain_graph
        keep, create_graph, allow_unused = flags(keep, create_graph, allow_unused)
        through = _batched if is_grads_batched else _gradients
        got = through(outputs, inputs, grads, keep, create_graph, allow_unused)
    if materialize_grads:
        if any(g is None and not isinstance(x, Tensor) for x, g in zip(inputs, got, strict=True)):
            raise RuntimeError("materialize_grads cannot be used when the given input is a GradientEdge")
        got = [_zeros(x, create_graph) if g is None else g for x, g in zip(inputs, got, strict=True)]
    return dict(zip(keyed, got, strict=True)) if type(keyed) is dict else tuple(got)


def _zeros(like: Tensor, requires_grad: bool) -> Any:
    return zeros_like(like).requires_grad_(requires_grad)


def _gradients(
    outputs: Any, inputs: Any, grads: list[Any], keep: bool, create_graph: bool, allow_unused: bool
) -> list[Any]:
    roots, grads = output_edges(outputs, grads)
    task = engine.GraphTask(keep, create_graph, [input_edge(x) for x in inputs])
    got = engine.execute(roots, grads, task)
    _refuse_unused(got, allow_unused)
    return got


def _refuse_unused(got: list[Any], allow_unused: bool) -> None:
    for i, g in enumerate(got):
        if g is None and not allow_unused:
            raise RuntimeError(
                f"The differentiated Tensor at index {i} appears to not have been used in the graph. Set "
                "allow_unused=True if this is the desired behavior."
            )


def _batched(
    outputs: Any, inputs: Any, grads: list[Any], keep: bool, create_graph: bool, allow_unused: bool
) -> list[Any]:
    """One pass on batched cotangents."""
    n = batch_size(grads)
    with open_batch():
        many = [None if g is None else batched(g) for g in grads]
        got = _gradients(outputs, inputs, many, keep, create_graph, allow_unused)
        return [None if g is None else whole_of(g, n) for g in got]


def _tensor_backward(
    self: Tensor,
    gradient: Any = None,
    retain_graph: bool | None = None,
    create_graph: bool = False,
    inputs: Any = None,
) -> None:
    """Differentiates this tensor with respect to the leaves of its graph; see `autograd.backward`."""
    backward(self, gradient, retain_graph, create_graph, inputs=inputs)


_tensor_backward.__name__, _tensor_backward.__qualname__ = "backward", "Tensor.backward"
Tensor.backward = _tensor_backward

__all__ = ["backward", "grad"]
