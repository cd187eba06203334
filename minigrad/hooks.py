"""Hooks: registered on tensors and nodes, called by the engine, removed by handle.

What may live here: registration, the order of calls, and what a return value may be.

Note [Order of hooks]: at a node, hooks of the tensors it made run first, in order of registration, then
retain_grad, then captures of grad(), then the node's own prehooks; after it, its posthooks.
"""

from __future__ import annotations

import weakref
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

from minigrad import errors
from minigrad.carriers import RawPass
from minigrad.device import contiguous_format
from minigrad.node import Extras, Node
from minigrad.tensor import Tensor
from minigrad.views import keep_hooks

Hook = Callable[..., Any]


class RemovableHandle:
    """Removes its hook when asked to, or at the end of a `with` block; ids never repeat."""

    next_id = 0

    def __init__(self, hooks_dict: Any, *, extra_dict: Any = None) -> None:
        self.hooks_dict_ref = weakref.ref(hooks_dict)
        self.id = RemovableHandle.next_id
        RemovableHandle.next_id += 1

    def remove(self) -> None:
        """Takes the hook off; a second call does nothing."""
        hooks_dict = self.hooks_dict_ref()
        if hooks_dict is not None:
            hooks_dict.pop(self.id, None)

    def __enter__(self) -> RemovableHandle:
        return self

    def __exit__(self, *exc: object) -> None:
        self.remove()


def register_hook(self: Tensor, hook: Hook) -> RemovableHandle:
    """Calls `hook(grad) -> Tensor or None` whenever a gradient for this tensor is computed.

    Raises RuntimeError when the tensor does not require grad.
    """
    if not self.requires_grad:
        raise errors.hook_without_requires_grad()
    hooks = None if self._meta is None else self._meta.hooks
    if hooks is None:
        fn = self.grad_fn  # first, since a stale view forgets its hooks with the node that it had; torch dies of that
        hooks = OrderedDict()
        keep_hooks(self, hooks)
        if fn is not None:
            fn.extras().tensor_pre_hooks.append((self._nr, hooks))
    handle = RemovableHandle(hooks)
    hooks[handle.id] = hook
    return handle


def _backward_hooks(self: Tensor) -> Any:
    """The hooks that `register_hook` put on this tensor, None if it was never called since it came to its history."""
    return None if self._meta is None else self._meta.hooks


setattr(Tensor, "_backward_hooks", property(_backward_hooks, keep_hooks))  # noqa: B010


def retain_grad(self: Tensor) -> None:
    """Keeps this non-leaf tensor's gradient in `.grad`. Raises RuntimeError when it requires none."""
    if not self.requires_grad:
        raise errors.retain_grad_without_requires_grad()
    if self._fn is None:  # a stale view that never had a grad_fn counts as a leaf
        return
    fn = self.grad_fn
    meta = self.meta()
    if meta.retains:
        return
    meta.retains = True
    fn.extras().retains[self._nr] = weakref.ref(self)


def register_post_accumulate_grad_hook(self: Tensor, hook: Hook) -> RemovableHandle:
    """Calls `hook(tensor)` after a gradient was added to this leaf's `.grad`."""
    if not self.requires_grad:
        raise RuntimeError("cannot register a hook on a tensor that doesn't require gradient")
    if self.grad_fn is not None:
        raise RuntimeError("post accumulate grad hooks cannot be registered on non-leaf tensors")
    meta = self.meta()
    if meta.post_acc_hooks is None:
        meta.post_acc_hooks = OrderedDict()
    handle = RemovableHandle(meta.post_acc_hooks)
    meta.post_acc_hooks[handle.id] = hook
    return handle


def _node_register_hook(self: Node, fn: Hook) -> RemovableHandle:
    """Calls `fn(grad_inputs, grad_outputs) -> tuple or None` after this node ran."""
    return _register(self.extras(), "post_hooks", fn)


def _node_register_prehook(self: Node, fn: Hook) -> RemovableHandle:
    """Calls `fn(grad_outputs) -> tuple or None` before this node runs."""
    return _register(self.extras(), "pre_hooks", fn)


def _register(extras: Extras, which: str, fn: Hook) -> RemovableHandle:
    hooks = getattr(extras, which)
    if not isinstance(hooks, OrderedDict):
        hooks = OrderedDict()
        setattr(extras, which, hooks)
    handle = RemovableHandle(hooks)
    hooks[handle.id] = fn
    return handle


def before(node: Node, extras: Extras, grad: Any, task: Any, raw: RawPass | None, runs: bool) -> Any:
    """Everything that happens to the gradients of a node's outputs before it runs.

    `runs` says whether it will. If it does, captures see what arrived, otherwise what the hooks made of it.
    """
    captures = () if task.captures is None else task.captures.get(node, ())
    if runs and not (extras.tensor_pre_hooks or extras.pre_hooks or extras.retains or captures):
        return grad
    slots = list(grad) if node.several else [grad]
    if raw is not None:
        slots = [None if g is None else raw.tensor(g) for g in slots]
    if runs:
        _capture(task, captures, slots)
    for nr, hooks in extras.tensor_pre_hooks:
        for hook in list(hooks.values()):
            slots[nr] = call_tensor_hook(hook, slots[nr])
    for nr, reference in extras.retains.items():
        tensor = reference()
        if tensor is not None and slots[nr] is not None:
            _retain(tensor, slots[nr])
    if not runs:
        _capture(task, captures, slots)
        return None
    for hook in list(extras.pre_hooks.values()):
        given = tuple(slots)
        got = hook(given)
        if got is not None:
            slots = list(_checked_tuple(got, hook, given))
    if raw is not None:
        slots = [None if g is None else raw.replaced(g) for g in slots]
    return slots if node.several else slots[0]


def _capture(task: Any, captures: Any, slots: list[Any]) -> None:
    for nr, slot in captures:
        task.captured[slot] = slots[nr]


def call_tensor_hook(hook: Hook, grad: Tensor | None) -> Tensor | None:
    """One tensor hook: None keeps the gradient; a tensor replaces it if shape, dtype and type agree."""
    got = hook(grad)
    if got is None:
        return grad
    check_replacement(got, grad, hook)
    return got  # type: ignore[no-any-return]


def check_replacement(got: Any, grad: Tensor | None, hook: Hook) -> None:
    """Raises TypeError or RuntimeError where a hook's gradient could not stand for the one it was given."""
    if grad is None:
        raise RuntimeError("can't replace a None gradient with a non-None value")
    if not isinstance(got, Tensor):
        raise TypeError(f"expected Variable, but hook returned '{type(got).__name__}'")
    name = getattr(hook, "__name__", repr(hook))
    if got._a.dtype is not grad._a.dtype:
        raise RuntimeError(
            f"hook '{name}' has changed the type of value (was {errors.tensor_type(grad._a)} got "
            f"{errors.tensor_type(got._a)})"
        )
    if got._a.shape != grad._a.shape:
        raise RuntimeError(f"hook '{name}' has changed the size of value")


def _checked_tuple(got: Any, hook: Hook, given: tuple[Any, ...]) -> tuple[Any, ...]:
    """What a node's hook returned in place of `given`; raises in torch's words where it cannot stand for "
    "it."""
    if not isinstance(got, tuple):
        raise TypeError(f"expected tuple, but hook returned '{type(got).__name__}'")
    if len(got) != len(given):
        name = getattr(hook, "__name__", repr(hook))
        raise RuntimeError(
            f"hook '{name}' has returned an incorrect number of values (got {len(got)}, but expected "
            f"{len(given)})"
        )
    for new, old in zip(got, given, strict=True):
        if new is not None:
            check_replacement(new, old, hook)
    return got


def _retain(tensor: Tensor, grad: Tensor) -> None:
    """What retain_grad does with a gradient: keep the first one (a copy laid out row by row, whatever the tensor is),
    add the next ones out of place."""
    had = tensor._grad
    if had is None:
        tensor._grad = grad.clone(memory_format=contiguous_format)
    else:
        tensor._grad = had + grad


def after(node: Node, extras: Extras, results: Any, grad: Any, raw: RawPass | None) -> Any:
    """Posthooks: they see what the node was given and what it returned, and may replace the latter."""
    given = tuple(grad) if node.several else (grad,)
    results = tuple(results)
    if raw is not None:
        given = tuple([None if g is None else raw.tensor(g) for g in given])
        results = tuple([None if g is None else raw.tensor(g) for g in results])
    for hook in list(extras.post_hooks.values()):
        got = hook(results, given)
        if got is not None:
            results = _checked_tuple(got, hook, results)
    if raw is not None:
        return tuple([None if g is None else raw.array(g) for g in results])
    return results


def post_accumulate(variable: Tensor) -> None:
    hooks = None if variable._meta is None else variable._meta.post_acc_hooks
    given = variable
    for hook in list((hooks or {}).values()):
        given = call_tensor_hook(hook, given)  # type: ignore[assignment]
    if given is not variable:
        raise RuntimeError("Tensor post accumulate grad hooks should return None.")


for _method in (register_hook, register_post_accumulate_grad_hook):  # as messages about their arguments call them
    _method.__qualname__ = f"Tensor.{_method.__name__}"
Tensor.register_hook = register_hook
Tensor.retain_grad = retain_grad
Tensor.register_post_accumulate_grad_hook = register_post_accumulate_grad_hook
Node.register_hook = _node_register_hook  # type: ignore[attr-defined]
Node.register_prehook = _node_register_prehook  # type: ignore[attr-defined]
