"""Gradients of operands of several dtypes or layouts, which only formulas on Tensors get right.

What may live here: how a node that computes on arrays comes to compute on Tensors.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad import modes
from minigrad.node import Node
from minigrad.tensor import Tensor, as_array, wrap
from minigrad.views import owner


def _as_known(grad: Any, there: dict[int, Tensor], known: Any) -> Tensor:
    found = there.get(id(grad))
    if found is not None and found._a is grad:
        return found
    # a view cannot be added to in place, so that it may as well be known as one
    is_view = known is not None and isinstance(getattr(grad, "base", None), np.ndarray)
    if is_view:
        return known.tensor(grad)  # type: ignore[no-any-return]
    made = wrap(as_array(grad))
    version = known.version(grad) if known is not None and known.bumps else 0
    if version:
        made._vc = [version]
    return made


def raw_via_tensors(node: Node, grad: Any) -> tuple[Any, ...]:
    """A node's `raw` by way of Tensors, for operands of several dtypes."""
    task = modes.state.task  # None where another node runs this one by hand
    known = None if task is None else task.raw
    # a buffer that is nobody's Tensor yet stays so: the engine may still add to it in place
    there: dict[int, Tensor] = {} if known is None else known.known
    array: Any = (lambda g: g._a) if known is None else known.array
    with modes.no_grad():
        wrapped: Any
        if isinstance(grad, list):
            wrapped = [None if g is None else _as_known(g, there, known) for g in grad]
        else:
            wrapped = None if grad is None else _as_known(grad, there, known)
        return tuple(array(owner(g)) if isinstance(g, Tensor) else g for g in node.ten(wrapped))
