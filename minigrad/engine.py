"""The engine: runs a backward graph from its roots, node after node, without recursion.

What may live here: discovery, scheduling, gradient buffers, validation, captures and accumulation. What a
node computes is the node's own business.

Gradients travel as plain arrays when no graph is recorded ("raw") and as Tensors under create_graph. One
pass: discover what is reachable, sort by sequence number (see node.Note [Order]), run from the top; a leaf's
AccumulateGrad runs as soon as its last gradient has arrived, before anything else.
"""

from __future__ import annotations

import sys
from operator import attrgetter
from typing import Any

import numpy as np

from minigrad import hooks, modes
from minigrad.accumulate_grad import AccumulateGrad
from minigrad.node import Node
from minigrad.tensor import Tensor, as_array, wrap
from minigrad.validate import fit_raw, fit_tensor

by_seq = attrgetter("seq")
Edge = tuple[Node, int]


class GraphTask:
    """One call of backward() or grad(): what it keeps, what it captures, what it may skip."""

    __slots__ = ("captured", "captures", "create_graph", "keep_graph", "needed", "accumulate")

    def __init__(
        self, keep_graph: bool, create_graph: bool, captures: list[Edge] | None, accumulate: bool
    ) -> None:
        self.keep_graph = keep_graph
        self.create_graph = create_graph
        self.accumulate = accumulate
        self.captures: dict[Node, list[tuple[int, int]]] | None = None
        self.captured: list[Any] = []
        self.needed: set[Node] | None = None
        if captures is not None:
            self.captures = {}
            self.captured = [None] * len(captures)
            for slot, (node, nr) in enumerate(captures):
                self.captures.setdefault(node, []).append((nr, slot))


def discover(roots: list[Edge]) -> tuple[list[Node], dict[Node, int]]:
    """All nodes reachable from the roots but AccumulateGrads, and how many edges lead to each AccumulateGrad."""
    seen: set[Node] = set()
    leaves: dict[Node, int] = {}
    stack: list[Node] = []
    for node, _ in roots:
        if type(node) is AccumulateGrad:
            leaves[node] = leaves.get(node, 0) + 1
        elif node not in seen:
            seen.add(node)
            stack.append(node)
    pop, push, add = stack.pop, stack.append, seen.add
    while stack:
        for nxt in pop().fns:
            if nxt is None:
                continue
            if type(nxt) is AccumulateGrad:
                leaves[nxt] = leaves.get(nxt, 0) + 1
            elif nxt not in seen:
                add(nxt)
                push(nxt)
    order = list(seen)
    if len(order) > 1:
        order.sort(key=by_seq, reverse=True)
    return order, leaves


def mark_needed(task: GraphTask, order: list[Node], leaves: dict[Node, int]) -> None:
    """With captures, only nodes on a path to a captured edge run."""
    captures = task.captures
    if captures is None:
        return
    needed: set[Node] = {leaf for leaf in leaves if leaf in captures}
    add = needed.add
    for node in reversed(order):
        if node in captures:
            add(node)
            continue
        for nxt in node.fns:
            if nxt in needed:
                add(node)
                break
    task.needed = needed


def execute(roots: list[Edge], grads: list[Any], task: GraphTask) -> list[Any]:
    """Runs the graph; returns what was captured (Tensors or None), in the order of the captures.

    `grads` are Tensors, one per root, already of the shape and dtype recorded for it.
    """
    order, leaves = discover(roots)
    mark_needed(task, order, leaves)
    state = modes.state
    previous = state.grad
    state.set_grad(task.create_graph)
    depth = getattr(state, "engine_depth", 0)
    state.engine_depth = depth + 1
    try:
        if task.create_graph:
            _run(roots, list(grads), task, order, leaves)
        else:
            _run(roots, [g._a for g in grads], task, order, leaves, {id(g._a): g for g in grads})
    finally:
        state.engine_depth = depth
        state.set_grad(previous)
    return task.captured


def _run(
    roots: list[Edge],
    grads: list[Any],
    task: GraphTask,
    order: list[Node],
    leaves: dict[Node, int],
    known: dict[int, Tensor] | None = None,
) -> None:
    raw = known is not None
    captures, needed, keep = task.captures, task.needed, task.keep_graph
    fit = fit_raw if raw else fit_tensor
    buffers: dict[Node, Any] = {}
    for (node, nr), grad in zip(roots, grads, strict=True):
        _put(buffers, node, nr, grad)
        if type(node) is AccumulateGrad:
            leaves[node] -= 1
            if not leaves[node]:
                _reach_leaf(node, buffers.pop(node), task, known)
    anomaly = getattr(modes.state, "anomaly", None)
    for node in order:
        if needed is not None and node not in needed:
            buffers.pop(node, None)
            continue
        grad = buffers.pop(node, None)
        if grad is None and node.several:
            grad = [None] * node.output_count()
        extras = node.x
        if extras is not None and extras.active:
            grad = hooks.before(node, extras, grad, raw, captures, task, known)
        elif captures is not None and node in captures:
            _capture(task, node, grad, known)
        if needed is not None and captures is not None and node in captures:
            if not any(nxt in needed for nxt in node.fns if nxt is not None):
                continue
        if anomaly is not None:
            results = anomaly.run(node, grad, raw)
        else:
            results = node.raw(grad) if raw else node.ten(grad)
        if extras is not None and extras.post_hooks:
            results = hooks.after(node, extras, results, grad, raw)
        if not keep:
            node.release()
        nrs = node.nrs
        i = 0
        for nxt in node.fns:
            if nxt is not None:
                g = results[i]
                nr = nrs[i]
                if type(nxt) is AccumulateGrad:
                    if needed is None or nxt in needed:
                        if g is not None:
                            if g.shape != nxt.shape or (g.dtype if raw else g._a.dtype) is not nxt.dt:
                                g = fit(node, i, g, nxt.shape, nxt.dt)
                            had = buffers.get(nxt)
                            buffers[nxt] = g if had is None else had + g
                        left = leaves[nxt] - 1
                        leaves[nxt] = left
                        if not left:
                            del g
                            _reach_leaf(nxt, buffers.pop(nxt, None), task, known)
                elif g is not None and (needed is None or nxt in needed):
                    if nr == 0:
                        shape, dt = nxt.shape, nxt.dt
                    else:
                        shape, dt = nxt.more[nr - 1]
                    if g.shape != shape or (g.dtype if raw else g._a.dtype) is not dt:
                        g = fit(node, i, g, shape, dt)
                    if nxt.several:
                        _put(buffers, nxt, nr, g)
                    else:
                        had = buffers.get(nxt)
                        buffers[nxt] = g if had is None else had + g
            i += 1


def _put(buffers: dict[Node, Any], node: Node, nr: int, grad: Any) -> None:
    """Adds a gradient to what has arrived for output `nr` of `node`."""
    if not node.several:
        had = buffers.get(node)
        buffers[node] = grad if had is None else had + grad
        return
    slots = buffers.get(node)
    if slots is None:
        slots = buffers[node] = [None] * node.output_count()
    slots[nr] = grad if slots[nr] is None else slots[nr] + grad


def as_tensor(grad: Any, known: dict[int, Tensor] | None) -> Tensor:
    """A raw gradient as a Tensor: always the same one for the same buffer within a pass."""
    if known is None:
        return grad  # type: ignore[no-any-return]
    found = known.get(id(grad))
    if found is not None and found._a is grad:
        return found
    array = as_array(grad)
    made = wrap(array)
    known[id(array)] = made
    return made


def _capture(task: GraphTask, node: Node, grad: Any, known: dict[int, Tensor] | None) -> None:
    assert task.captures is not None
    for nr, slot in task.captures.get(node, ()):
        g = grad[nr] if node.several else grad
        task.captured[slot] = None if g is None else as_tensor(g, known)


def _reach_leaf(leaf: AccumulateGrad, grad: Any, task: GraphTask, known: dict[int, Tensor] | None) -> None:
    """All gradients of a leaf have arrived: hooks, capture, accumulation."""
    captures = task.captures
    extras = leaf.x
    captured = captures is not None and leaf in captures
    if extras is not None and extras.active:
        grad = hooks.before(leaf, extras, grad, known is not None, captures, task, known)
    elif captured:
        _capture(task, leaf, grad, known)
    if captures is not None and not (task.accumulate and captured):
        return
    if grad is not None and leaf.variable.requires_grad:
        accumulate(leaf.variable, grad, known is not None)
    variable = leaf.variable
    if extras is not None and extras.post_hooks:
        hooks.after(leaf, extras, (), grad, known is not None)
    if variable._meta is not None and variable._meta.post_acc_hooks and grad is not None:
        hooks.post_accumulate(variable)


def accumulate(variable: Tensor, grad: Any, raw: bool) -> None:
    """Adds `grad` to `variable.grad`: in place unless a graph is recorded (see accumulate_grad.Note [Stealing])."""
    had = variable._grad
    if raw:
        if had is None:
            variable._grad = wrap(_own(grad, variable._a))
        else:
            had._a += grad
            had.counter()[0] += 1
    elif had is None:
        variable._grad = hooks.copied(grad)
    else:
        variable._grad = had + grad


def _own(grad: Any, like: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """`grad` as a buffer that nobody else sees, laid out like the leaf."""
    a = as_array(grad)
    # 3 references: this frame's two names and the argument of the call; the caller's own is the fourth
    if a is grad and a.base is None and sys.getrefcount(a) <= 6 and a.flags.c_contiguous and like.flags.c_contiguous:
        return a
    out = np.empty_like(like, dtype=a.dtype, order="K", subok=False)
    out[...] = a
    return out
