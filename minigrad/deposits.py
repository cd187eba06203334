"""Gradients on their way: what a node returned, held against its edges and put where it is waited for.

What may live here: the buffers of one pass. A buffer exists for every node that gradients are sent to: None before
the first has arrived, an array or Tensor, or for nodes of several outputs a list of such.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad.carriers import RawPass, add_tensor
from minigrad.modes import state
from minigrad.node import Node
from minigrad.templates import HOOKS
from minigrad.validate import fit, fit_raw, refuse_unfit

Buffers = dict[Node, Any]


def spread(node: Node, grad: Any, buffers: Buffers, keep: bool, raw: RawPass) -> None:
    """Runs `node` on arrays and sends on what it returns. Generated nodes do the same in one go."""
    buffers[node] = grad
    del grad  # a frame further down would count as somebody who holds what is passed through
    spread_buffer(node, buffers, keep, raw)


def spread_buffer(node: Node, buffers: Buffers, keep: bool, raw: RawPass) -> None:
    """The same for a gradient that waits in the buffer of `node`."""
    grad = by_output(buffers, node) if node.several else buffers[node]
    del buffers[node]
    task = state.task
    if task is not None and (task.captures is not None or task.targets is not None):
        task.at, task.edges = node, [fn if fn in buffers else None for fn in node.fns]
    results = run_raw(node, grad, task)
    del grad
    settle(node, results, buffers, raw)
    if not keep:
        node.release()
    send(node, results, buffers, raw)


def run_raw(node: Node, grad: Any, task: Any) -> list[Any]:
    """The gradients of a node's operands, as arrays in a list of their own; `task` is the thread's, if any."""
    known = None if task is None else task.raw
    if known is not None and known.zeros and any(map(known.needs_tensors, grad if type(grad) is list else (grad,))):
        return list(HOOKS["raw_via_tensors"](node, grad))
    if type(grad) is np.ndarray and grad.ndim > 1 and scattered(grad):
        # ops on Tensors know how torch would lay out the results
        return list(HOOKS["raw_via_tensors"](node, grad))
    if type(grad) is np.ndarray and grad.dtype.kind == "c" and not node.of_user:
        # and how it rounds and adds complex numbers, which zeros and infinities show
        return list(HOOKS["raw_via_tensors"](node, grad))
    results: Any = node.raw(grad)
    return results if type(results) is list else list(results)


def run_ten(node: Node, grad: Any, batch: Any) -> Any:
    """The same as Tensors, of a thread's `batch`, if any, at once where the node's formula does not mind."""
    if batch is None:
        return node.ten(grad)
    return batch.at_once(lambda given: node.ten(given[0]), [grad], ours=not node.of_user)


def scattered(grad: np.ndarray[Any, Any]) -> bool:
    """Whether the layout of an array could show in what is computed from it."""
    return not grad.flags.c_contiguous and 0 not in grad.strides


def settle(node: Node, results: list[Any], buffers: Buffers, raw: RawPass | None) -> None:
    """Makes each gradient that `node` returned fit what its edge recorded: all before the node lets go of what it
    saved, which a pass that fails here may be asked for again, and before any is added, which the order of nodes
    shows."""
    nrs = node.nrs
    for i, nxt in enumerate(node.fns):
        g = results[i]
        if g is None or nxt is None:
            continue
        nr = nrs[i]
        a = g if raw is not None else g._a
        shape, dt = nxt.output_meta(nr) if nr else (nxt.shape, nxt.dt)
        if a.shape != shape or a.dtype is not dt:
            if nxt in buffers:
                results[i] = fit(node, i, g, shape, dt, raw is not None)
            else:  # nobody waits for it, but it must fit all the same
                refuse_unfit(node, i, a, shape)


def send(node: Node, results: list[Any], buffers: Buffers, raw: RawPass | None) -> None:
    """Puts each gradient that `node` returned, settled, into the buffer its edge leads to.

    `results` is emptied, so that each buffer has the only reference from then on.
    """
    nrs = node.nrs
    for i, nxt in enumerate(node.fns):
        g = results[i]
        if g is None or nxt not in buffers:
            continue
        results[i] = None
        nr = nrs[i]
        if nr == 0 and buffers[nxt] is None:
            buffers[nxt] = g
        else:
            put(buffers, nxt, nr, g, raw)


def fitted(node: Node, results: list[Any], raw: RawPass | None) -> list[Any]:
    """What `node` returned, each made to fit its edge: as hooks are shown it."""
    out = list(results)
    nrs = node.nrs
    for i, (nxt, g) in enumerate(zip(node.fns, results, strict=False)):
        if g is not None and nxt is not None:
            shape, dt = nxt.output_meta(nrs[i]) if nrs[i] else (nxt.shape, nxt.dt)
            out[i] = fit(node, i, g, shape, dt, raw is not None)
    return out[: len(node.fns)]


def place(node: Node, i: int, nr: int, grad: Any, buffers: Buffers, raw: RawPass) -> None:
    """Puts the array that `node` returned for its operand `i` into the buffer of output `nr`, which is not the
    first, of what made that."""
    nxt: Any = node.fns[i]
    shape, dt = nxt.more[nr - 1] if nxt.several else nxt.output_meta(nr)
    if grad.shape != shape or grad.dtype is not dt:
        grad = fit_raw(node, i, grad, shape, dt)
    if nxt.several:
        had = buffers[nxt]
        if type(had) is not list:
            buffers[nxt] = had = [had, *[None] * (nxt.output_count() - 1)]
        if had[nr] is None:
            had[nr] = grad
            return
    put(buffers, nxt, nr, grad, raw)


def put(buffers: Buffers, node: Node, nr: int, grad: Any, raw: RawPass | None) -> None:
    """Adds a gradient to what has arrived for output `nr` of `node`."""
    key: Any = node
    into: Any = buffers
    if node.several:
        into, key = by_output(buffers, node), nr
    if into[key] is None:
        into[key] = grad
    elif raw is None:
        add_tensor(into, key, grad)
    else:
        raw.add_into(into, key, grad)


def by_output(buffers: Buffers, node: Node) -> list[Any]:
    """The buffer of a node of several outputs as a list: what came first may have been left there bare."""
    had = buffers[node]
    if type(had) is not list:
        buffers[node] = had = [had, *[None] * (node.output_count() - 1)]
    return had


Node.sweep = spread  # type: ignore[method-assign, assignment]
