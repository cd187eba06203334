"""Gradients of softmax and of picked losses as torch composes them of other ops where an operand carries a tangent.

What may live here: these, as torch's decompositions for forward mode have them, to the order of their steps, since its
kernels have no formula for tangents. Those of normalizations are in `normalization_composed`.
"""

from __future__ import annotations

from typing import Any

from minigrad.filling import zeros_like
from minigrad.ops.normalization_composed import tangents_of
from minigrad.registry import FUNCTIONS
from minigrad.tensor import Tensor


def carried(run: Any, tangents: dict[int, Any], *operands: Any, result: Tensor) -> Any:
    """The tangent of the one tensor that `run` gives of these operands, which becomes what `result` is."""
    return tangents_of(lambda *given: [run(*given)], [result], tangents, *operands)[0]


def softmax_backward(grad_output: Any, output: Any, dim: int) -> Any:
    """What the gradient of softmax is for its operand."""
    product = grad_output * output
    return (product - output * FUNCTIONS["sum"](product, dim=dim, keepdim=True)).contiguous()


def log_softmax_backward(grad_output: Any, output: Any, dim: int) -> Any:
    """The same for log_softmax."""
    return grad_output - FUNCTIONS["exp"](output) * FUNCTIONS["sum"](grad_output, dim=dim, keepdim=True)


def nll_backward(
    grad_output: Any, self: Any, target: Any, total_weight: Any, weight: Any, mean: bool, ignore_index: int
) -> Any:
    """What the gradient of a loss is for the numbers that it has picked: -1 at each, times the gradient."""
    where, rank = FUNCTIONS["where"], self.dim()
    channels = 0 if rank < 2 else 1
    if mean:
        grad_output = grad_output / total_weight
    if rank == 1 and target.dim():
        target = target[0]
    target = target.unsqueeze(channels)
    counted = target != ignore_index
    picked = zeros_like(self)
    picked = FUNCTIONS["scatter"](picked, channels, where(counted, target, 0), -1.0)
    if rank > grad_output.dim() > 0:
        grad_output = grad_output.unsqueeze(channels)
    if weight is not None:
        grad_output = grad_output * weight.reshape((*(1,) * channels, -1, *(1,) * (rank - channels - 1)))
    return picked * where(counted, grad_output, 0)
