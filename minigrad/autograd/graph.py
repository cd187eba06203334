"""`autograd.graph`: nodes and edges as values, hooks on saved tensors, hooks on several gradients.

What may live here: the public names of that module. The mechanisms are in `saved_variable` and `engine`.
"""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable, Iterable, Sequence
from typing import Any, ClassVar, NamedTuple

from minigrad import modes
from minigrad.accumulate_grad import accumulator
from minigrad.autograd.function import BackwardCFunction
from minigrad.autograd.mutation import allow_mutation_on_saved_tensors
from minigrad.autograd.saving import disable_saved_tensors_hooks, save_on_cpu, saved_tensors_hooks
from minigrad.dispatch import bump_version
from minigrad.hooks import RemovableHandle
from minigrad.node import Node
from minigrad.tensor import Tensor


class GradientEdge(NamedTuple):
    """A place in the graph that gradients can be asked for: input `output_nr` of `node`."""

    node: Node
    output_nr: int
    ownership_token: Node | None = None


def get_gradient_edge(tensor: Tensor) -> GradientEdge:
    """Where the gradient of `tensor` is computed. Raises RuntimeError when it requires none."""
    if not tensor.requires_grad:
        raise RuntimeError("It is not possible to get the gradient edge for a Tensor that does not require gradients")
    fn = tensor.grad_fn
    if fn is None and (modes.state.inference or tensor.is_inference()):  # torch looks through a view, which has none
        raise AttributeError("'NoneType' object has no attribute 'next_functions'")
    node = accumulator(tensor) if fn is None else fn
    if node is None:  # a view of what requires grad, made where no graph was recorded
        raise AssertionError("Expected gradient function to be set")
    token = None
    if isinstance(node, BackwardCFunction):  # which keeps no graph alive in torch: another node has to
        with modes.enable_grad():
            token = tensor.view_as(tensor).grad_fn
    return GradientEdge(node, tensor.output_nr, token)


def increment_version(tensor: Tensor | Iterable[Tensor]) -> None:
    """Counts a write that happened behind autograd's back."""
    several: Iterable[Tensor] = (tensor,) if isinstance(tensor, Tensor) else tensor
    if not isinstance(several, Iterable):
        raise RuntimeError("increment_version expect a Iterable[Tensor] as input")
    for one in several:
        if not isinstance(one, Tensor):
            raise RuntimeError("increment_version expects each element of the iterable to be a tensor")
        if not one.is_inference():  # which has no version to count
            bump_version(one)


class _MultiHandle(RemovableHandle):
    """Removes several hooks at once."""

    def __init__(self, handles: tuple[RemovableHandle, ...]) -> None:
        self.handles = handles

    def remove(self) -> None:
        for handle in self.handles:
            handle.remove()


def register_multi_grad_hook(
    tensors: Sequence[Tensor],
    fn: Callable[[Sequence[Tensor | None]], None] | Callable[[Tensor], None],
    *,
    mode: str = "all",
) -> RemovableHandle:
    """Calls `fn` once per pass: with all gradients when the last of `tensors` has its own ("all"), or with the
    first that is computed ("any"). Tensors the pass does not reach count as None. AssertionError where one of all
    `tensors` requires no gradient."""
    if mode not in ("all", "any"):
        raise ValueError(f"Expects mode to be one of ('all', 'any') but got {mode}")
    lock = threading.Lock()
    if mode == "all":
        return _all_hook(tensors, fn, lock)
    ran: weakref.WeakKeyDictionary[Any, bool] = weakref.WeakKeyDictionary()

    def first(grad: Tensor) -> None:
        task = _Token.of(modes.state.task)
        with lock:
            before = ran.get(task, False)
            ran[task] = True
        if not before:
            fn(grad)  # type: ignore[arg-type]

    return _MultiHandle(tuple(t.register_hook(first) for t in tensors if t.requires_grad))


class _Token:
    """Stands for one pass in a weak dictionary."""

    tokens: ClassVar[weakref.WeakKeyDictionary[Any, _Token]] = weakref.WeakKeyDictionary()

    @classmethod
    def of(cls, task: Any) -> _Token:
        return cls.tokens.setdefault(task, cls())


def _all_hook(tensors: Sequence[Tensor], fn: Any, lock: threading.Lock) -> RemovableHandle:
    gathered: weakref.WeakKeyDictionary[Any, list[Any]] = weakref.WeakKeyDictionary()
    nodes = [get_gradient_edge(t).node if t.requires_grad else None for t in tensors]
    if None in nodes:
        raise AssertionError("Expected gradient function to be set")

    def one(position: int) -> Callable[[Tensor], None]:
        def hook(grad: Tensor) -> None:
            task = modes.state.task
            with lock:
                seen = gathered.setdefault(task, [0, [None] * len(tensors)])
                seen[0] += 1
                seen[1][position] = grad
                expected = sum(1 for node in nodes if task.will_run(node))
                complete = seen[0] == expected
            if complete:
                fn(gathered.pop(task)[1])

        return hook

    return _MultiHandle(tuple(t.register_hook(one(i)) for i, t in enumerate(tensors)))


__all__ = [
    "GradientEdge",
    "Node",
    "allow_mutation_on_saved_tensors",
    "disable_saved_tensors_hooks",
    "get_gradient_edge",
    "increment_version",
    "register_multi_grad_hook",
    "save_on_cpu",
    "saved_tensors_hooks",
]
