"""Nodes that somebody calls by hand: one gradient per output of the forward op in, one per operand out.

What may live here: checks of what is given, and what AccumulateGrad does with it.
"""

from __future__ import annotations

from typing import Any

from minigrad.accumulate_grad import AccumulateGrad
from minigrad.accumulation import accumulate
from minigrad.node import Node
from minigrad.tensor import Tensor


def _call(self: Node, *grads: Any, **keywords: Any) -> Any:
    """Runs this node on Tensors; a single gradient bare. Raises TypeError in torch's words for anything else."""
    if keywords:
        raise TypeError("keyword arguments are not supported")
    if len(grads) != self.output_count():
        raise TypeError(f"expected {self.output_count()} arguments, got {len(grads)} instead")
    for i, grad in enumerate(grads):
        if not (grad is None or isinstance(grad, Tensor)):
            raise TypeError(f"argument {i} is not a Variable")
    results = tuple(self.ten(list(grads) if self.several else grads[0]))
    return results[0] if len(results) == 1 else results


def _accumulated(self: AccumulateGrad, grad: Tensor | None) -> tuple[Any, ...]:
    if grad is not None:
        accumulate(self.variable, {None: grad}, None, None)
    return ()


Node.__call__ = _call  # type: ignore[method-assign]
AccumulateGrad.ten = _accumulated  # type: ignore[assignment, method-assign]
