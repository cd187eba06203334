"""The pass that is asked for most: grad() of one scalar for all of its leaves, while nobody looks on.

What may live here: that pass. It does what `engine.execute` does where no tensor and no node has hooks and no mode is
on that only the engine knows, with less around each node; whatever is not as plain is left to the engine, before
anything has run.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from minigrad.carriers import RawPass
from minigrad.engine import DEEPEST, GraphTask, all_captured, discover, reach_leaf, visit
from minigrad.modes import state
from minigrad.tensor import Tensor


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
    found, leaves, plain = discover([(root, 0)])
    if not plain or len(leaves) != len(captures) or not all_captured(leaves, captures):
        return None
    task = GraphTask(keep, False)
    task.captures, task.captured, task.turns = captures, [None] * len(captures), found
    task.raw = raw = RawPass(())
    buffers: dict[Any, Any] = dict.fromkeys(leaves)
    buffers.update(dict.fromkeys(found))
    buffers[root] = np.array(1, dt)
    before = own["asked"], own["grad"], own["task"]
    own["task"] = task
    own["depth"] += 1
    own["asked"] = own["grad"] = own["fast"] = False
    try:
        _run(found, leaves, buffers, task, raw)
    finally:
        own["asked"], own["grad"], own["task"] = before
        own["depth"] -= 1
        state.refresh()
    return task.captured  # type: ignore[return-value]


def _run(found: list[Any], leaves: list[Any], buffers: dict[Any, Any], task: GraphTask, raw: RawPass) -> None:
    keep, pop = task.keep_graph, buffers.pop
    for node in reversed(found):
        if node.x is None:
            node.sweep(pop(node), buffers, keep, raw)
        else:  # a custom function registered a hook meanwhile
            visit(node, buffers, task, raw)
    captured: Any = task.captured
    captures: Any = task.captures
    for leaf in leaves:
        if leaf.x is None:
            grad = pop(leaf)
            if grad is not None:
                captured[captures[leaf][0][1]] = raw.tensor(grad if type(grad) is np.ndarray else np.asarray(grad))
        else:
            reach_leaf(leaf, buffers, task, raw)
