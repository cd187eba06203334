"""once_differentiable: a backward whose result cannot be differentiated again says so when somebody tries.

What may live here: that decorator and the node that refuses.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from minigrad import modes
from minigrad.accumulate_grad import accumulator
from minigrad.node import Node, next_seq
from minigrad.saved_variable import detached
from minigrad.tensor import Tensor


def once_differentiable(fn: Callable[..., Any]) -> Callable[..., Any]:
    """For a `backward` whose result cannot be differentiated again: doing so raises."""

    @functools.wraps(fn)
    def wrapper(ctx: Any, *args: Any) -> Any:
        with modes.no_grad():
            outputs = fn(ctx, *args)
        if not modes.is_grad_enabled():
            return outputs
        if not any(isinstance(a, Tensor) and a.requires_grad for a in args):
            return outputs
        several = isinstance(outputs, tuple)
        marked = _undifferentiable(list(outputs) if several else [outputs])
        return tuple(marked) if several else marked[0]

    return wrapper


class DelayedError(Node):
    """Stands where a graph must not be differentiated again; raises when it is."""

    label = "torch::autograd::Error"
    several = True

    def __init__(self, text: str, stand_ins: list[Tensor]) -> None:
        self.x = None
        self.text = text
        self.fns = tuple(accumulator(x) for x in stand_ins)
        self.nrs = (0,) * len(stand_ins)
        self.seq = next_seq()
        metas = [(x._a.shape, x._a.dtype) for x in stand_ins]
        (self.shape, self.dt), self.more = metas[0], metas[1:]

    def raw(self, grad: Any) -> tuple[Any, ...]:
        raise RuntimeError(self.text)

    ten = raw


def _undifferentiable(outputs: list[Any]) -> list[Any]:
    """The same tensors as results of a DelayedError."""
    tensors = [x for x in outputs if isinstance(x, Tensor)]
    stand_ins = [detached(x) for x in tensors]
    for x in stand_ins:
        x._rg = True
    if not tensors:
        return outputs
    node = DelayedError(
        "trying to differentiate twice a function that was marked with @once_differentiable", stand_ins
    )
    made = []
    for nr, x in enumerate(tensors):
        out = detached(x)
        out._fn, out._nr, out._rg = node, nr, True
        made.append(out)
    rest = iter(made)
    return [next(rest) if isinstance(x, Tensor) else x for x in outputs]
