"""torch's other ways to the same gradients, each an engine to hold against torch eager.

What may live here: one small class per way. Ops run on torch itself; only how a function is differentiated
differs. A disagreement here is torch against torch, and nobody else's fault.
"""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
import torch
from torch.utils.checkpoint import checkpoint

from oracle.engines.functional import Dialect, Function, FunctionalEngine, Values
from oracle.engines.observer import array_of
from oracle.engines.torch_engine import TorchEngine
from oracle.observation import Observation
from oracle.program.program import Program


class TorchWay(FunctionalEngine):
    """A way of differentiating torch functions."""

    def __init__(self) -> None:
        super().__init__(torch, TorchEngine())

    @property
    def version(self) -> str:
        return str(torch.__version__)

    def array(self, value: Any) -> np.ndarray[Any, Any]:
        read: np.ndarray[Any, Any] = array_of(value)
        return read

    def constant(self, value: Any) -> Any:
        return value.detach() if isinstance(value, torch.Tensor) else value

    def use_one_thread(self) -> None:
        torch.set_num_threads(1)

    def refuses(self, program: Program, seen: Observation) -> str | None:
        held = [array for facts in seen.tensors.values() for array in (facts.value, facts.grad)]
        numbers = [array for array in held if isinstance(array, np.ndarray) and array.dtype.kind == "c"]
        if numbers and not self.complex:
            return "complex numbers"
        if not all(np.isfinite(one).all() for one in numbers):
            return "complex numbers that are not finite"  # 0 + inf has a part that is nan, inf + 0 has none
        if not self.infinite and not all(np.isfinite(facts.value).all() for facts in seen.tensors.values()):
            return "numbers that are not finite"
        return None

    complex = True
    infinite = True
    """Whether it knows complex numbers, and numbers that are not finite."""


def _said(vjp: str, nested: str = "") -> Dialect:
    """The dialect of a way whose `vjp(f, xs, ws)` has these lines; they may use `jvp(f, xs, ws)`, by forward mode."""
    by_forward_mode = f"{_BY_FORWARD_MODE}\n\n\n" if "jvp(" in (vjp + nested).replace("T.func.jvp(", "") else ""
    inner = f"\n\n\ndef inner_vjp(f, xs, ws):\n    {nested}" if nested else ""
    return Dialect("import torch as T", f"{by_forward_mode}def vjp(f, xs, ws):\n    {vjp}{inner}")


_REVERSE = "return T.func.vjp(f, *xs)[1](tuple(ws))"
_FORWARD = "return jvp(f, xs, ws)"
_BY_FORWARD_MODE = """def jvp(f, xs, ws):
    found = []
    for at, x in enumerate(xs):
        parts = []
        for place in range(x.numel()):
            tangents = [T.zeros_like(one) for one in xs]
            direction = T.zeros(x.numel(), dtype=x.dtype)
            direction[place] = 1
            tangents[at] = direction.reshape(x.shape)
            moved = T.func.jvp(f, tuple(xs), tuple(tangents))[1]
            parts.append(sum((w * out).sum() for out, w in zip(moved, ws)))
        found.append(T.stack(parts).reshape(x.shape) if parts else T.zeros_like(x))
    return found"""


def _dot(outputs: Values, weights: Values) -> Any:
    return sum((weight * output).sum() for output, weight in zip(outputs, weights, strict=True))


def _plain(values: Values) -> list[Any]:
    """The tensors without history of their own."""
    return [value.detach() for value in values]


class FuncVjp(TorchWay):
    """`torch.func.vjp`."""

    name: ClassVar[str] = "torch:vjp"
    summary: ClassVar[str] = "torch.func.vjp"
    dialect = _said(_REVERSE)

    def vjp(self, function: Function, inputs: Values, weights: Values, nested: bool) -> Values:
        inputs = inputs if nested else _plain(inputs)
        pull = torch.func.vjp(lambda *xs: tuple(function(*xs)), *inputs)[1]
        found: Values = pull(tuple(weights))
        return found


class FuncGrad(TorchWay):
    """`torch.func.grad` of the weighted sum."""

    name: ClassVar[str] = "torch:grad"
    summary: ClassVar[str] = "torch.func.grad of the weighted sum"
    complex = False
    dialect = _said("""places = tuple(range(len(xs)))
    return T.func.grad(lambda *v: sum((w * o).sum() for o, w in zip(f(*v), ws)), places)(*xs)""")

    def vjp(self, function: Function, inputs: Values, weights: Values, nested: bool) -> Values:
        inputs = inputs if nested else _plain(inputs)
        places = tuple(range(len(inputs)))
        found: Values = torch.func.grad(lambda *xs: _dot(function(*xs), weights), places)(*inputs)
        return found


class Batched(TorchWay):
    """`torch.func.vmap` over `vjp`: three weights at once, of which the middle one is asked for."""

    name: ClassVar[str] = "torch:vmap"
    summary: ClassVar[str] = "torch.func.vmap over torch.func.vjp"
    dialect = _said("""pull = T.func.vjp(f, *xs)[1]
    many = tuple(T.stack([T.zeros_like(w), w, w + w]) for w in ws)
    return [found[1] for found in T.func.vmap(pull)(many)]""")

    def vjp(self, function: Function, inputs: Values, weights: Values, nested: bool) -> Values:
        inputs = inputs if nested else _plain(inputs)
        pull = torch.func.vjp(lambda *xs: tuple(function(*xs)), *inputs)[1]
        many = tuple(torch.stack([torch.zeros_like(weight), weight, weight + weight]) for weight in weights)
        return [found[1] for found in torch.func.vmap(pull)(many)]


class Mapped(TorchWay):
    """`torch.func.vmap` over the function: every op by its batching rule, on three equal inputs."""

    name: ClassVar[str] = "torch:mapped"
    summary: ClassVar[str] = "torch.func.vjp of torch.func.vmap of the function"
    dialect = _said("""pull = T.func.vjp(T.func.vmap(f), *[T.stack([x] * 3) for x in xs])[1]
    return [found[1] for found in pull(tuple(T.stack([w] * 3) for w in ws))]""")

    def vjp(self, function: Function, inputs: Values, weights: Values, nested: bool) -> Values:
        inputs = inputs if nested else _plain(inputs)
        many = [torch.stack([one, one, one]) for one in inputs]
        pull = torch.func.vjp(torch.func.vmap(lambda *xs: tuple(function(*xs))), *many)[1]
        return [found[1] for found in pull(tuple(torch.stack([weight] * 3) for weight in weights))]


def _forward(function: Function, inputs: Values, weights: Values) -> Values:
    """The gradient by forward mode: one directional derivative per element."""
    found = []
    for at, one in enumerate(inputs):
        parts = []
        for place in range(one.numel()):
            tangents = [torch.zeros_like(value) for value in inputs]
            direction = torch.zeros(one.numel(), dtype=one.dtype)
            direction[place] = 1
            tangents[at] = direction.reshape(one.shape)
            moved = torch.func.jvp(lambda *xs: tuple(function(*xs)), tuple(inputs), tuple(tangents))[1]
            parts.append(_dot(moved, weights))
        whole = torch.stack(parts).reshape(one.shape) if parts else torch.zeros_like(one)
        found.append(whole.to(one.dtype))
    return found


class Forward(TorchWay):
    """Forward mode, `torch.func.jvp`, nested for gradients of gradients."""

    name: ClassVar[str] = "torch:jvp"
    summary: ClassVar[str] = "forward mode: torch.func.jvp, one direction per element"
    complex = infinite = False
    dialect = _said(_FORWARD)

    def vjp(self, function: Function, inputs: Values, weights: Values, nested: bool) -> Values:
        return _forward(function, inputs if nested else _plain(inputs), weights)


class ForwardOverReverse(FuncVjp):
    """Gradients of gradients by forward mode over reverse mode."""

    name: ClassVar[str] = "torch:jvp-of-vjp"
    summary: ClassVar[str] = "forward mode over reverse mode"
    complex = infinite = False
    dialect = _said(_FORWARD, nested=_REVERSE)

    def vjp(self, function: Function, inputs: Values, weights: Values, nested: bool) -> Values:
        if nested:
            return super().vjp(function, inputs, weights, nested)
        return _forward(function, _plain(inputs), weights)


class ReverseOverForward(FuncVjp):
    """Gradients of gradients by reverse mode over forward mode."""

    name: ClassVar[str] = "torch:vjp-of-jvp"
    summary: ClassVar[str] = "reverse mode over forward mode"
    complex = infinite = False
    dialect = _said(_REVERSE, nested=_FORWARD)

    def vjp(self, function: Function, inputs: Values, weights: Values, nested: bool) -> Values:
        if nested:
            return _forward(function, inputs, weights)
        return super().vjp(function, inputs, weights, nested)


class Rewritten(TorchWay):
    """`torch.autograd.grad` on the program without writes: the rewriting's own control, and `.backward()`'s."""

    name: ClassVar[str] = "torch:rewritten"
    summary: ClassVar[str] = "torch.autograd.grad on the program without writes"
    records_queries = True

    def vjp(self, function: Function, inputs: Values, weights: Values, nested: bool) -> Values:
        with torch.enable_grad():
            # within a function, too, an input may be none that is differentiated, or told to require grad later
            leaves = [one if nested and one.requires_grad else one.detach().requires_grad_() for one in inputs]
            return self.differentiate(function, leaves, weights, nested)

    def differentiate(self, function: Function, leaves: Values, weights: Values, recorded: bool) -> Values:
        """The gradients for `leaves`, zeros where there are none; with a graph of their own if `recorded`."""
        outputs, chosen = _differentiable(function(*leaves), weights)
        if not outputs:
            return [torch.zeros_like(leaf) for leaf in leaves]
        return torch.autograd.grad(outputs, leaves, chosen, create_graph=recorded, materialize_grads=True)


class Taped(Rewritten):
    """The same with create_graph, always: a control of the formulas that torch takes for it."""

    name: ClassVar[str] = "torch:create-graph"
    summary: ClassVar[str] = "torch.autograd.grad with create_graph=True, always"

    def differentiate(self, function: Function, leaves: Values, weights: Values, recorded: bool) -> Values:
        return super().differentiate(function, leaves, weights, True)


def _differentiable(outputs: Values, weights: Values) -> tuple[list[Any], list[Any]]:
    pairs = [(out, weight) for out, weight in zip(outputs, weights, strict=True) if out.requires_grad]
    return [out for out, _ in pairs], [weight for _, weight in pairs]


class GradsBatched(Taped):
    """`torch.autograd.grad` with is_grads_batched: a control."""

    name: ClassVar[str] = "torch:batched"
    summary: ClassVar[str] = "torch.autograd.grad with is_grads_batched=True"

    def differentiate(self, function: Function, leaves: Values, weights: Values, recorded: bool) -> Values:
        outputs, chosen = _differentiable(function(*leaves), weights)
        if not outputs:
            return [torch.zeros_like(leaf) for leaf in leaves]
        many = [torch.stack([torch.zeros_like(weight), weight]) for weight in chosen]
        found = torch.autograd.grad(
            outputs, leaves, many, create_graph=True, is_grads_batched=True, allow_unused=True
        )
        pairs = zip(leaves, found, strict=True)
        return [torch.zeros_like(leaf) if one is None else one[1] for leaf, one in pairs]


class Checkpointed(Taped):
    """The function as one checkpointed segment: a control."""

    name: ClassVar[str] = "torch:checkpoint"
    summary: ClassVar[str] = "torch.utils.checkpoint around the whole function"

    def differentiate(self, function: Function, leaves: Values, weights: Values, recorded: bool) -> Values:
        def again(*values: Any) -> Any:
            return checkpoint(lambda *xs: tuple(function(*xs)), *values, use_reentrant=False)

        return super().differentiate(again, leaves, weights, recorded)
