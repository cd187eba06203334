"""The pass that is asked for most: grad() of one scalar for all of its leaves.

What may live here: that pass. It does what `engine.execute` does where no leaf has hooks, so that nothing tells when a
leaf has its turn, and no mode is on that only the engine knows, with less around each node; whatever is not as plain is
left to the engine, before anything has run.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy import ndarray

from minigrad.accumulate_grad import AccumulateGrad
from minigrad.carriers import RawPass
from minigrad.engine import DEEPEST, GraphTask, by_seq, reach_leaf, visit
from minigrad.modes import state
from minigrad.node import LAST_SEQ, Node
from minigrad.tensor import Tensor
from minigrad.warn import PASSES, warn_afterwards

Buffers = dict[Any, Any]


def leaf_gradients(out: Any, inputs: Sequence[Any], keep: bool) -> list[Any] | None:
    """The gradients of the scalar `out` for `inputs`; None where the engine is to find out what to do."""
    own = state.__dict__
    if type(out) is not Tensor or out._meta is not None or own["fast"] is None or own["depth"] >= DEEPEST:
        return None
    root, dt = out._fn, out._a.dtype
    if root is None or root.several or root.shape != () or dt is not root.dt or dt.kind != "f":
        return None
    captures: dict[Any, list[tuple[int, int]]] = {}
    for x in inputs:
        if type(x) is not Tensor or x._meta is not None or x._fn is not None or x._acc is None or not x._rg:
            return None
        captures[x._acc()] = [(0, len(captures))]
    if len(captures) != len(inputs):  # one is asked for twice
        return None
    buffers: Buffers = {root: None}
    found = _reached(root, captures, buffers)
    if found is None:
        return None
    given = np.array(1, dt)  # which is held until the end, as a caller's would be: nothing is added to it in place
    buffers[root] = given
    task = GraphTask(keep, False)
    task.captures, task.captured, task.turns = captures, [None] * len(captures), found
    task.raw = RawPass(())
    before = own["asked"], own["grad"], own["task"]
    own["task"] = task
    own["depth"] += 1
    own["asked"] = own["grad"] = own["fast"] = False
    try:
        return _run(found, buffers, task, task.raw)
    except BaseException:
        task.failed = True
        raise
    finally:
        own["asked"], own["grad"], own["task"] = before
        own["fast"] = None if own["special"] or own["inference"] else own["grad"]
        own["depth"] -= 1
        if task.warned:
            warn_afterwards(task)


PASSES.add(leaf_gradients.__code__)


def _reached(root: Node, captures: Any, buffers: Buffers) -> list[Node] | None:
    """The nodes reachable from `root` in the order in which they were made, each with an empty buffer, and so have
    the leaves; None where some node leads nowhere, or the leaves have hooks or are others than those captured."""
    found = [root]
    for node in found:  # which grows meanwhile
        fns = node.fns
        if not fns or (fns[0] is None and fns.count(None) == len(fns)):
            return None
        for nxt in fns:
            if nxt not in buffers and nxt is not None:
                buffers[nxt] = None
                if type(nxt) is not AccumulateGrad:
                    found.append(nxt)
                elif nxt.x is not None or nxt not in captures:
                    return None
    if len(buffers) - len(found) != len(captures):
        return None
    found.sort(key=by_seq)
    return None if found[-1].seq == LAST_SEQ else found


def _run(found: list[Node], buffers: Buffers, task: GraphTask, raw: RawPass) -> list[Any]:
    keep, pop = task.keep_graph, buffers.pop
    for node in reversed(found):
        if node.x is None and not raw.zeros:
            node.sweep(pop(node), buffers, keep, raw)
        else:  # it has hooks, or a gradient is a ZeroTensor
            visit(node, buffers, task, raw)
    captured: Any = task.captured
    captures: Any = task.captures
    for leaf, ((_, slot),) in captures.items():
        if leaf.x is None:
            grad = pop(leaf)
            if grad is not None:
                captured[slot] = raw.tensor(grad if type(grad) is ndarray else np.asarray(grad))
        else:
            reach_leaf(leaf, buffers, task, raw)
    return captured  # type: ignore[no-any-return]
