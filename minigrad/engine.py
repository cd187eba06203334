"""The engine: runs a backward graph from its roots, node after node, without recursion.

What may live here: discovery, scheduling, captures, and whose turn it is. What a node computes is the node's own
business, what a leaf keeps that of `accumulation`.

Gradients travel as plain arrays when no graph is recorded ("raw") and as Tensors under create_graph. One
pass: discover what is reachable, sort by sequence number (see node.Note [Order]), run from the top; a leaf's
AccumulateGrad runs as soon as its last gradient has arrived, before anything else.
"""

from __future__ import annotations

from collections.abc import Sequence
from operator import attrgetter
from typing import Any

import numpy as np
from numpy import ndarray

from minigrad import hooks, modes
from minigrad.accumulate_grad import AccumulateGrad
from minigrad.accumulation import accumulate
from minigrad.carriers import RawPass
from minigrad.deposits import Buffers, by_output, fitted, put, run_raw, run_ten, send, settle
from minigrad.node import LAST_SEQ, Node
from minigrad.warn import PASSES, warn_afterwards

by_seq = attrgetter("seq")
DEEPEST = 16
"""Passes nested in one thread; each takes some dozen Python frames, more where users' code is in between."""
Edge = tuple[Node, int]


class GraphTask:
    """One call of backward() or grad(): what it keeps, what it captures, what it may skip."""

    # defaults live in the class, so that making one costs no more than what it says
    targets: list[Node] | None = None  # the nodes that backward(inputs=...) is to reach
    captures: dict[Node, list[tuple[int, int]]] | None = None  # what grad() asks for: (output number, slot) by node
    only_leaves = False  # whether leaves alone are captured
    turns: Sequence[Node] = ()  # what gradients are sent to, last first
    idle: set[Node] | frozenset[Node] = frozenset()  # nodes among them that do not run
    marked = False  # whether a node that is no leaf is captured
    raw: RawPass | None = None
    at: Node | None = None  # whose turn it is, where not all of its edges lead to what was asked for
    edges: Sequence[Node | None] = ()  # those that do, None for others
    warned: Sequence[tuple[str, type[Warning]]] = ()  # what its formulas warn of, which is heard when it is over
    failed = False
    given: tuple[Any, ...] = ()  # the cotangents: held as a caller's, so that none becomes a gradient without a copy

    def __init__(
        self,
        keep_graph: bool,
        create_graph: bool,
        captures: list[tuple[Node | None, int]] | None = None,
        targets: list[Node] | None = None,
    ) -> None:
        self.keep_graph = keep_graph
        self.create_graph = create_graph
        self.captured: list[Any] = []
        if targets is not None:
            self.targets = targets
        if captures is not None:
            by_node: dict[Node, list[tuple[int, int]]] = {}
            self.captures = by_node
            self.captured = [None] * len(captures)
            self.only_leaves = True
            for slot, (node, nr) in enumerate(captures):
                if type(node) is not AccumulateGrad:
                    self.only_leaves = False
                if node in by_node:
                    by_node[node].append((nr, slot))
                elif node is not None:
                    by_node[node] = [(nr, slot)]

    def will_run(self, node: Node) -> bool:
        """Whether this pass reaches `node` and sends it gradients. Raises RuntimeError for a leaf that grad() asks
        for, of which nothing says whether it is done when its gradient is caught before it."""
        if node in self.turns and self.captures and node in self.captures and not node.fns:
            raise RuntimeError(
                "A leaf node was passed to _will_engine_execute_node but we are currently running autograd.grad(). "
                "This is currently not supported."
            )
        return node in self.turns


def discover(roots: list[Edge]) -> tuple[list[Node], list[Node], bool, bool]:
    """All nodes reachable from the roots: in the order in which they were made, and the AccumulateGrads apart.

    Also whether each of the former leads somewhere, and none has hooks; and whether some op has no derivative.
    """
    seen: set[Any] = {None}
    found: list[Node] = []
    leaves: list[Node] = []
    straight = True
    for node, _ in roots:
        if node not in seen:
            seen.add(node)
            (leaves if type(node) is AccumulateGrad else found).append(node)
    add, keep = seen.add, found.append
    nxt: Any
    for node in found:  # which grows meanwhile
        fns = node.fns
        if node.x is not None or not fns or (fns[0] is None and fns.count(None) == len(fns)):
            straight = False
        for nxt in fns:
            if nxt not in seen:
                add(nxt)
                if type(nxt) is AccumulateGrad:
                    leaves.append(nxt)
                else:
                    keep(nxt)
    if len(found) > 1:
        found.sort(key=by_seq)
    early = bool(found) and found[-1].seq == LAST_SEQ
    if early:
        found = _last_when_ready(found)
    return found, leaves, straight, early


def _last_when_ready(found: list[Node]) -> list[Node]:
    """`found` with the nodes of ops without derivative, which it ends with, where torch comes to them: before
    all others, but behind those whose gradients they wait for, and behind those that are ready with them and were
    found before."""
    early = [node for node in found if node.seq == LAST_SEQ]
    found = found[: -len(early)]
    while early:
        node = next(n for n in early if not any(n in other.fns for other in early))
        early.remove(node)
        at = next((i for i, other in enumerate(found) if node in other.fns), len(found))
        while at and found[at - 1].seq == LAST_SEQ:
            at -= 1
        found.insert(at, node)
    return found


def schedule(task: GraphTask, roots: list[Edge]) -> tuple[Sequence[Node], Buffers]:
    """The nodes that gradients are sent to, last turn first, and an empty buffer for each.

    All nodes, or with captures or targets only those on a path to one of them. A leaf's turn comes as soon as its
    last gradient has arrived. A captured node is reached but does not run unless something beyond it is needed; a
    target itself runs. Where grad() asks for every leaf that there is and nobody looks on, all nodes run, and
    nothing tells when a leaf has its turn.
    """
    found, leaves, straight, early = discover(roots)
    captures = task.captures or {}
    if straight and task.only_leaves and all(leaf in captures and leaf.x is None for leaf in leaves):
        leaves.extend(found)
        return leaves, dict.fromkeys(leaves)
    turns: list[Node] = []
    buffers: Buffers = {}
    leaves = []  # those that the node at hand is the last to send to
    wanted: Any = task.captures if task.targets is None else set(task.targets)
    for node in found:
        needed = wanted is None
        for nxt in node.fns:
            if nxt in buffers:
                needed = True
            elif nxt is not None and (wanted is None or nxt in wanted):
                buffers[nxt] = None
                leaves.append(nxt)
                needed = True
        if leaves:
            if early:
                _take_turns(leaves, turns, node.fns)
            else:
                turns += leaves[::-1]
            leaves.clear()
        if not needed:
            if node not in wanted:
                continue
            if task.captures is not None:
                task.idle |= {node}
        if wanted is not None and node in wanted:
            task.marked = True
        buffers[node] = None
        turns.append(node)
    for node, _ in roots:
        if type(node) is AccumulateGrad and node not in buffers and (wanted is None or node in wanted):
            buffers[node] = None
            leaves.append(node)
    if leaves:
        _take_turns(leaves, turns, [node for node, _ in roots])
    return turns, buffers


def _take_turns(leaves: list[Node], turns: list[Node], sent: Sequence[Node | None]) -> None:
    """Leaves have their turn right behind what sends to them, but not before an op without derivative that stands
    earlier among what that sends to: it comes at once, too, and what stands first goes first."""
    early = turns[-1] if turns else None
    if early is not None and early.seq == LAST_SEQ and type(early) is not AccumulateGrad and early in sent:
        at = _last(sent, early)
        later = [leaf for leaf in leaves if _last(sent, leaf) > at]
        turns[-1:] = [*reversed(later), early]
        leaves = leaves[: len(leaves) - len(later)]
    turns.extend(reversed(leaves))


def _last(sent: Sequence[Node | None], node: Node) -> int:
    """Where the gradient that `node` still waits for stands among what is sent."""
    return max(i for i, one in enumerate(sent) if one is node)


def execute(roots: list[Edge], grads: list[Any], task: GraphTask) -> list[Any]:
    """Runs the graph; returns what was captured (Tensors or None), in the order of the captures.

    `grads` are Tensors (or None), one per root, already of the shape and dtype recorded for it. A pass that is
    started from within another one (by a hook or a custom Function) goes on in a thread of its own once the
    nesting gets deep, since Python's recursion limit counts per thread.
    """
    state = modes.state
    own = state.__dict__  # this thread's; each look through `state` costs more than all of these
    if own["depth"] >= DEEPEST:
        return modes.in_fresh_thread(lambda: execute(roots, grads, task))  # type: ignore[no-any-return]
    task.turns, buffers = schedule(task, roots)
    previous, outer = own["grad"], own["task"]
    own["task"] = task
    own["depth"] += 1
    if previous is not task.create_graph:
        state.set_grad(task.create_graph)
    try:
        if task.create_graph or own["dual"] or own["batch"] is not None:
            task.given = tuple(grads)
            _seed(roots, grads, task, buffers)
            _run(task, buffers, None)
        else:
            task.raw = raw = RawPass(grads)
            _seed(roots, [None if g is None else raw.given(g) for g in grads], task, buffers)
            _run(task, buffers, raw)
    except BaseException:
        task.failed = True
        raise
    finally:
        own["task"] = outer
        own["depth"] -= 1
        if previous is not task.create_graph:
            state.set_grad(previous)
        if task.warned:
            warn_afterwards(task)
    return task.captured


PASSES.add(execute.__code__)


def _seed(roots: list[Edge], grads: list[Any], task: GraphTask, buffers: Buffers) -> None:
    """Puts the cotangents into the buffers of the roots."""
    if len(roots) == 1:
        ((node, nr),) = roots
        if node in buffers and not node.several:
            buffers[node] = grads.pop()
            return
    for node, nr in roots:
        grad = grads.pop(0)
        if node in buffers:
            if grad is not None:
                put(buffers, node, nr, grad, task.raw)
        elif grad is not None and node.x is not None and len(roots) == 1:  # it is visited all the same
            if node.several:
                grad = [grad if i == nr else None for i in range(node.output_count())]
            hooks.before(node, node.x, grad, task, task.raw, False)


def _run(task: GraphTask, buffers: Buffers, raw: RawPass | None) -> None:
    """Gives every node its turn. Those that nothing is to be known of but their results go the short way."""
    keep, captures, captured, turns = task.keep_graph, task.captures, task.captured, task.turns
    marked = captures is not None and task.marked
    own = modes.state.__dict__
    plain = raw is not None and own["anomaly"] is None
    pop = buffers.pop
    for node in reversed(turns):
        if type(node) is AccumulateGrad:
            if captures is None or node.x is not None:
                reach_leaf(node, buffers, task, raw)
                continue
            grad = pop(node)
            if grad is not None and node in captures:
                if raw is not None:
                    grad = raw.tensor(grad if type(grad) is ndarray else np.asarray(grad))
                for _, slot in captures[node]:
                    captured[slot] = grad
        elif plain and node.x is None and not marked and not raw.zeros:  # type: ignore[union-attr]
            node.sweep(pop(node), buffers, keep, raw)
        elif own["anomaly"] is None:
            _visit(node, buffers, task, raw, own)
        else:
            visit(node, buffers, task, raw)


def visit(node: Node, buffers: Buffers, task: GraphTask, raw: RawPass | None) -> None:
    """The turn of a node with hooks, captured, while looking for anomalies, or on Tensors."""
    own = modes.state.__dict__
    if own["anomaly"] is None:
        _visit(node, buffers, task, raw, own)
        return
    with own["anomaly"].watching(node):
        _visit(node, buffers, task, raw, own)


def _visit(node: Node, buffers: Buffers, task: GraphTask, raw: RawPass | None, own: dict[str, Any]) -> None:
    grad = by_output(buffers, node) if node.several else buffers[node]
    del buffers[node]
    extras, captures, targets, runs = node.x, task.captures, task.targets, True
    if captures is not None:
        runs = node not in task.idle
    if extras is not None and extras.active:
        grad = hooks.before(node, extras, grad, task, raw, runs)
    elif captures is not None and node in captures:
        grad = capture(task, node, grad, raw)
    if not runs:
        return
    if len(node.fns) > 1 and (captures is not None or targets is not None):
        task.at, task.edges = node, [fn if fn in buffers else None for fn in node.fns]
    seen = extras is not None and bool(extras.post_hooks)
    if raw is not None and targets is None and not (seen or raw.zeros or own["anomaly"]):
        buffers[node], grad = grad, None  # this frame is not to hold it
        node.sweep(buffers.pop(node), buffers, task.keep_graph, raw)
        return
    unneeded = targets is not None and not any(fn in buffers for fn in node.fns)
    if unneeded and hasattr(node, "declaration") and node.seq != LAST_SEQ:
        grad = [None] * node.output_count() if node.several else None  # looks at what it saved, and computes nothing
    results: Any = run_ten(node, grad, own["batch"]) if raw is None else run_raw(node, grad, own["task"])
    if extras is not None and extras.post_hooks:
        results = hooks.after(node, extras, fitted(node, results, raw), grad, raw)
    grad = None
    if type(results) is not list:
        results = list(results)
    settle(node, results, buffers, raw)
    if not task.keep_graph:
        node.release()
    if own["anomaly"] is not None:
        own["anomaly"].check(node, results)
    send(node, results, buffers, raw)


def capture(task: GraphTask, node: Node, grad: Any, raw: RawPass | None) -> Any:
    """Keeps what arrived at a captured node, as Tensors; returns it as what can be told from its sum later."""
    assert task.captures is not None
    if raw is not None and isinstance(grad, np.generic):
        grad = np.asarray(grad)  # once, so that several captures are one tensor
    for nr, slot in task.captures.get(node, ()):
        g = grad[nr] if node.several else grad
        task.captured[slot] = g if g is None or raw is None else raw.tensor(g)
    return grad


def reach_leaf(leaf: Any, buffers: Buffers, task: GraphTask, raw: RawPass | None) -> None:
    """All gradients of a leaf have arrived: hooks, capture, accumulation."""
    anomaly = modes.state.anomaly
    if anomaly is None:
        _reach_leaf(leaf, buffers, task, raw)
        return
    with anomaly.watching(leaf):
        _reach_leaf(leaf, buffers, task, raw)


def _reach_leaf(leaf: Any, buffers: Buffers, task: GraphTask, raw: RawPass | None) -> None:
    extras = leaf.x
    variable = leaf.variable
    if variable is None:  # a function wrote into it since; torch ends the process over that
        raise RuntimeError("cannot call get_autograd_meta() on undefined tensor")
    if extras is not None and extras.active:
        buffers[leaf] = hooks.before(leaf, extras, buffers.pop(leaf), task, raw, task.captures is None)
    elif task.captures is not None:
        capture(task, leaf, buffers[leaf], raw)
    if task.captures is not None:
        del buffers[leaf]
        return
    shown = buffers[leaf] if extras is not None and extras.post_hooks else None
    if buffers[leaf] is not None and variable.grad_fn is not None:
        raise RuntimeError("leaf variable has been moved into the graph interior")
    if buffers[leaf] is not None and variable.requires_grad:
        accumulate(variable, buffers, leaf, raw)
    else:
        del buffers[leaf]
    if variable._meta is not None and variable._meta.post_acc_hooks:
        hooks.post_accumulate(variable)
    if extras is not None and extras.post_hooks:
        hooks.after(leaf, extras, (), shown, raw)
