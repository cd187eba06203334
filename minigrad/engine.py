"""The engine: runs a backward graph from its roots, node after node, without recursion.

What may live here: discovery, scheduling, gradient buffers, validation, captures and accumulation. What a
node computes is the node's own business.

Gradients travel as plain arrays when no graph is recorded ("raw") and as Tensors under create_graph. One
pass: discover what is reachable, sort by sequence number (see node.Note [Order]), run from the top; a leaf's
AccumulateGrad runs as soon as its last gradient has arrived, before anything else.
"""

from __future__ import annotations

import threading
from operator import attrgetter
from typing import Any

import numpy as np

from minigrad import hooks, modes
from minigrad.accumulate_grad import AccumulateGrad
from minigrad.carriers import RawPass, add_tensor, fresh
from minigrad.dispatch import raw_via_tensors
from minigrad.lazy import store
from minigrad.node import LAST_SEQ, Node
from minigrad.tensor import Tensor, wrap
from minigrad.validate import fit_raw, fit_tensor

by_seq = attrgetter("seq")
DEEPEST = 16
"""Passes nested in one thread; each takes some dozen Python frames, more where users' code is in between."""
_accumulating = threading.RLock()
Edge = tuple[Node, int]


class GraphTask:
    """One call of backward() or grad(): what it keeps, what it captures, what it may skip."""

    __slots__ = (
        "__weakref__",
        "captured",
        "captures",
        "create_graph",
        "keep_graph",
        "needed",
        "one_root",
        "raw",
        "reachable",
        "runs",
        "targets",
    )

    def __init__(
        self,
        keep_graph: bool,
        create_graph: bool,
        captures: list[tuple[Node | None, int]] | None = None,
        targets: list[Node] | None = None,
    ) -> None:
        """`captures` are grad()'s inputs; `targets` the nodes that backward(inputs=...) is to reach."""
        self.keep_graph = keep_graph
        self.create_graph = create_graph
        self.targets = targets
        self.captures: dict[Node, list[tuple[int, int]]] | None = None
        self.captured: list[Any] = []
        self.needed: set[Node] | None = None  # nodes that gradients are sent to
        self.runs: set[Node] | None = None  # nodes that run
        self.reachable: Any = ()
        self.raw: RawPass | None = None
        self.one_root = False
        if captures is not None:
            self.captures = {}
            self.captured = [None] * len(captures)
            for slot, (node, nr) in enumerate(captures):
                if node is not None:
                    self.captures.setdefault(node, []).append((nr, slot))

    def will_run(self, node: Node) -> bool:
        """Whether this pass runs `node`."""
        if self.needed is not None:
            return node in self.needed
        return any(node in part for part in self.reachable)


def discover(roots: list[Edge]) -> tuple[list[Node], dict[Node, int]]:
    """All nodes reachable from the roots but AccumulateGrads, and how many edges lead to each "
    "AccumulateGrad."""
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
        if order[0].seq == LAST_SEQ:
            order = _first_when_ready(order)
    return order, leaves


def _first_when_ready(order: list[Node]) -> list[Node]:
    """`order` with the nodes of ops without derivative, which it begins with, where torch comes to them: before
    all others, but behind those whose gradients they wait for."""
    early = [node for node in order if node.seq == LAST_SEQ]
    order = order[len(early) :]
    while early:
        node = next(n for n in early if not any(n in other.fns for other in early))
        early.remove(node)
        order.insert(max((i for i, other in enumerate(order, 1) if node in other.fns), default=0), node)
    return order


def mark_needed(task: GraphTask, order: list[Node], leaves: dict[Node, int]) -> None:
    """Which nodes run: all, or with captures or targets only those on a path to one of them.

    A captured node is reached but does not run unless something beyond it is needed; a target itself runs.
    """
    if task.captures is None and task.targets is None:
        return
    captured = task.captures
    wanted: Any = captured if task.targets is None else set(task.targets)
    needed: set[Node] = {leaf for leaf in leaves if leaf in wanted}
    runs: set[Node] = set()
    for node in reversed(order):
        for nxt in node.fns:
            if nxt in needed:
                runs.add(node)
                needed.add(node)
                break
        else:
            if node in wanted:
                needed.add(node)
                if captured is None:
                    runs.add(node)
    task.needed, task.runs = needed, runs


def execute(roots: list[Edge], grads: list[Any], task: GraphTask) -> list[Any]:
    """Runs the graph; returns what was captured (Tensors or None), in the order of the captures.

    `grads` are Tensors (or None), one per root, already of the shape and dtype recorded for it. A pass that is
    started from within another one (by a hook or a custom Function) goes on in a thread of its own once the
    nesting gets deep, since Python's recursion limit counts per thread.
    """
    state = modes.state
    if state.depth >= DEEPEST:
        return modes.in_fresh_thread(lambda: execute(roots, grads, task))  # type: ignore[no-any-return]
    order, leaves = discover(roots)
    mark_needed(task, order, leaves)
    previous, outer = state.grad, state.task
    state.task = task
    state.depth += 1
    task.reachable = (order, leaves)
    task.one_root = len(roots) == 1
    state.set_grad(task.create_graph)
    try:
        if task.create_graph or state.dual:
            _run(roots, grads, task, order, leaves, None)
        else:
            task.raw = raw = RawPass(grads)
            _run(roots, [None if g is None else g._a for g in grads], task, order, leaves, raw)
    finally:
        state.task = outer
        state.depth -= 1
        state.set_grad(previous)
    return task.captured


def _run(
    roots: list[Edge],
    grads: list[Any],
    task: GraphTask,
    order: list[Node],
    leaves: dict[Node, int],
    raw: RawPass | None,
) -> None:
    captures, needed, runs, keep = task.captures, task.needed, task.runs, task.keep_graph
    fit = fit_tensor if raw is None else fit_raw
    buffers: dict[Node, Any] = {}
    for node, nr in roots:
        grad = grads.pop(0)
        if grad is not None:
            _put(buffers, node, nr, grad, raw)
        if type(node) is AccumulateGrad:
            leaves[node] -= 1
            if not leaves[node]:
                grad = None
                _reach_leaf(node, buffers, task, raw)
    anomaly = modes.state.anomaly
    for node in order:
        if needed is not None and node not in needed:
            if node in buffers and node.x is not None and task.one_root:  # which is visited all the same
                hooks.before(node, node.x, buffers.pop(node), task, raw, False)
            continue
        grad = buffers.pop(node, None)
        if grad is None and node.several:
            grad = [None] * node.output_count()
        extras = node.x
        if extras is not None and extras.active:
            grad = hooks.before(node, extras, grad, task, raw, runs is None or node in runs)
        elif captures is not None and node in captures:
            grad = capture(task, node, grad, raw)
        if runs is not None and node not in runs:
            continue
        if anomaly is not None:
            results = anomaly.run(node, grad, raw is not None)
        elif raw is None:
            results = node.ten(grad)
        elif type(grad) is np.ndarray and grad.ndim > 1 and scattered(grad):
            results = raw_via_tensors(node, grad)  # ops on Tensors know how torch would lay out the results
        else:
            results = node.raw(grad)
        if extras is not None and extras.post_hooks:
            results = hooks.after(node, extras, results, grad, raw)
        grad = None
        if not keep:
            node.release()
        if type(results) is not list:
            results = list(results)
        nrs = node.nrs
        for i, nxt in enumerate(node.fns):
            if nxt is not None:
                g = results[i]
                results[i] = None  # the buffer has the only reference from here on
                if g is not None and (needed is None or nxt in needed):
                    nr = nrs[i]
                    if nr == 0:
                        shape, dt = nxt.shape, nxt.dt
                    else:
                        shape, dt = nxt.more[nr - 1]
                    if g.shape != shape or (g._a.dtype if raw is None else g.dtype) is not dt:
                        g = fit(node, i, g, shape, dt)
                    if nxt.several:
                        _put(buffers, nxt, nr, g, raw)
                    elif nxt not in buffers:
                        buffers[nxt] = g
                    elif raw is None:
                        add_tensor(buffers, nxt, g)
                    else:
                        raw.add_into(buffers, nxt, g)
                    g = None
                if type(nxt) is AccumulateGrad:
                    left = leaves[nxt] - 1
                    leaves[nxt] = left
                    if not left:
                        _reach_leaf(nxt, buffers, task, raw)


def scattered(grad: np.ndarray[Any, Any]) -> bool:
    """Whether the layout of an array could show in what is computed from it."""
    return not grad.flags.c_contiguous and 0 not in grad.strides


def _put(buffers: dict[Node, Any], node: Node, nr: int, grad: Any, raw: RawPass | None) -> None:
    """Adds a gradient to what has arrived for output `nr` of `node`."""
    key: Any = node
    into: Any = buffers
    if node.several:
        into, key = buffers.setdefault(node, [None] * node.output_count()), nr
        had = into[nr]
    else:
        had = buffers.get(node)
    if had is None:
        into[key] = grad
    elif raw is None:
        into[key] = had + grad
    else:
        del had
        raw.add_into(into, key, grad)


def capture(task: GraphTask, node: Node, grad: Any, raw: RawPass | None) -> Any:
    """Keeps what arrived at a captured node, as Tensors; returns it as what can be told from its sum later."""
    assert task.captures is not None
    if raw is not None and isinstance(grad, np.generic):
        grad = np.asarray(grad)  # once, so that several captures are one tensor
    for nr, slot in task.captures.get(node, ()):
        g = grad[nr] if node.several else grad
        task.captured[slot] = g if g is None or raw is None else raw.tensor(g)
    return grad


def _reach_leaf(leaf: AccumulateGrad, buffers: dict[Node, Any], task: GraphTask, raw: RawPass | None) -> None:
    """All gradients of a leaf have arrived: hooks, capture, accumulation."""
    extras = leaf.x
    if task.needed is not None and leaf not in task.needed:
        if leaf in buffers and extras is not None and task.one_root:  # which is visited all the same
            hooks.before(leaf, extras, buffers.pop(leaf), task, raw, False)
        return
    if extras is not None and extras.active:
        buffers[leaf] = hooks.before(leaf, extras, buffers.pop(leaf, None), task, raw, task.captures is None)
    elif task.captures is not None:
        capture(task, leaf, buffers.get(leaf), raw)
    if task.captures is not None:
        buffers.pop(leaf, None)
        return
    variable = leaf.variable
    if buffers.get(leaf) is None or not variable.requires_grad:
        buffers.pop(leaf, None)
        return
    shown = buffers[leaf] if extras is not None and extras.post_hooks else None
    accumulate(variable, buffers, leaf, raw)
    if variable._meta is not None and variable._meta.post_acc_hooks:
        hooks.post_accumulate(variable)
    if extras is not None and extras.post_hooks:
        hooks.after(leaf, extras, (), shown, raw)


def accumulate(variable: Tensor, buffers: dict[Any, Any], key: Any, raw: RawPass | None) -> None:
    """Moves `buffers[key]` into `variable.grad`: in place unless a graph is recorded.

    See accumulate_grad.Note [Stealing] for when the buffer itself becomes the gradient.
    """
    with _accumulating:  # several threads may reach one leaf
        had = variable._grad
        if raw is None:
            grad = buffers.pop(key)
            variable._grad = hooks.copied(grad, variable) if had is None else had + grad
        elif had is not None:
            grad = buffers.pop(key)
            if type(had) is Tensor:
                had._a += grad
            else:
                store(had, had._a + grad)
            had.counter()[0] += 1
        else:
            variable._grad = _first_gradient(variable._a, buffers, key, raw)


def _first_gradient(like: np.ndarray[Any, Any], buffers: dict[Any, Any], key: Any, raw: RawPass) -> Tensor:
    """The buffer as a gradient that nobody else sees, laid out like the leaf."""
    raw.forget(buffers[key])
    alone = fresh(buffers, key)
    grad = buffers.pop(key)
    version = raw.version(grad)
    if type(grad) is not np.ndarray:
        made = wrap(np.asarray(grad))
    elif alone and grad.strides == like.strides and grad.size:
        # a deliberate departure: torch keeps a view as it is, and writes to what it looks into later, which may be
        # the caller's own gradient or that of another leaf (accumulate_grad.Note [Stealing])
        made = wrap(grad if grad.base is None else grad.copy(order="K"))
    elif not modes.state.layout and (alone or 0 in grad.strides):
        made = wrap(grad if grad.base is None or not alone else grad.copy(order="K"))
    else:
        out = np.empty_like(like, dtype=grad.dtype, order="K", subok=False)
        out[...] = grad
        made = wrap(out)
        version = 1 if not alone or (grad.strides != like.strides and grad.size) else version
    if version:
        made._vc = [version]
    return made
