"""`backward` and `grad`: one pass through the graph, from outputs and cotangents to gradients.

What may live here: these two and `Tensor.backward`. What they start from is in `gradients`, the pass itself in
`engine`.
"""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from minigrad import engine
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
from minigrad.memory import strides_of
from minigrad.registry import FUNCTIONS
from minigrad.straight import leaf_gradients
from minigrad.tensor import Tensor, wrap
from minigrad.warn import warn_once
from minigrad.windows import window

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
    """One pass per slice of the cotangents, and the results stacked: what torch computes in one vectorised "
    "pass."""
    n = batch_size(grads)
    slices = [[g[i] for g in grads] for i in range(n)]
    rows = [
        _gradients(outputs, inputs, slices[i], keep or i < n - 1, create_graph, allow_unused) for i in range(n)
    ]
    return [_joined(list(column), slices[0], grads) for column in zip(*rows, strict=True)]


def _joined(column: list[Any], parts: list[Any], grads: list[Any]) -> Any:
    """The gradients of one input as one tensor."""
    if column[0] is None:
        return None
    whole = _windowed(column[0], parts, grads)
    return _stacked(tuple(column)) if whole is None else whole


def _windowed(first: Tensor, parts: list[Any], grads: list[Any]) -> Tensor | None:
    """The whole cotangent, or a view of it, where the first gradient is its first part, or a view of that."""
    for part, whole in zip(parts, grads, strict=True):
        if first is part:
            return whole  # type: ignore[no-any-return]
        if first.numel() and not first.requires_grad and first.data_ptr() and _within(first, part):
            offset = whole.storage_offset() + (first.data_ptr() - whole.data_ptr()) // first.element_size()
            geometry = ((whole.shape[0], *first.shape), (whole.stride(0), *first.stride()), offset)
            return whole.as_strided(*geometry)  # type: ignore[no-any-return]
    return None


def _within(view: Tensor, whole: Tensor) -> bool:
    """Whether the elements of `view` lie in the memory of `whole`."""
    return np.shares_memory(view._a, whole._a)


def _stacked(rows: tuple[Tensor, ...]) -> Any:
    """Gradients of one shape as one tensor; what is expanded in each stays so."""
    a = rows[0]._a
    if 0 not in a.strides or rows[0].requires_grad:
        return FUNCTIONS["stack"](list(rows))
    once = tuple(slice(0, 1) if stride == 0 else slice(None) for stride in a.strides)
    parts = np.stack([row._a[once] for row in rows])
    steps = [0 if old == 0 else new for old, new in zip((1, *a.strides), strides_of(parts), strict=True)]
    return wrap(window(parts, (len(rows), *a.shape), tuple(steps)))


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
