"""Ops that torch can run but not differentiate: their results have a node that raises when it is reached.

What may live here: that node and how such ops are declared. The ops stand with their families.
"""

from __future__ import annotations

from typing import Any

from minigrad import dispatch, modes
from minigrad.node import LAST_SEQ, Node
from minigrad.registry import NODES, inplace_of, op, publish
from minigrad.tensor import Tensor
from minigrad.views import check_inplace, rebase_history


class NotImplementedNode(Node):
    """Edges to the operands that require grad, and no derivative; as soon as it may run it does."""

    __slots__ = ("what",)
    label = "torch::autograd::NotImplemented"

    def __init__(self, what: str, operands: list[Tensor], out: Tensor) -> None:
        self.x = None
        self.seq = LAST_SEQ
        self.what = what
        self.fns, self.nrs = zip(*map(dispatch.edge_of, operands), strict=True)
        self.shape, self.dt = out._a.shape, out._a.dtype
        modes.remember(self)

    def raw(self, grad: Any) -> Any:
        raise RuntimeError(f"derivative for aten::{self.what} is not implemented")

    ten = raw


class _OfSeveral(NotImplementedNode):
    """The same of an op with several results."""

    __slots__ = ()
    several = True

    def __init__(self, what: str, operands: list[Tensor], outs: tuple[Tensor, ...]) -> None:
        super().__init__(what, operands, outs[0])
        self.more = [(out._a.shape, out._a.dtype) for out in outs[1:]]


for _kind in (NotImplementedNode, _OfSeveral):
    _kind.__name__ = _kind.__qualname__ = "NotImplemented"
NODES[NotImplementedNode.label] = NotImplementedNode


def _requiring(*operands: Any) -> list[Tensor]:
    found = [x for x in operands if isinstance(x, Tensor) and x.requires_grad] if modes.state.grad else []
    if found and all(x.is_inference() for x in operands if isinstance(x, Tensor)):
        return []  # which autograd overlooks
    return found


def recorded_opaquely(name: str, quiet: Any) -> Any:
    """The function of an op that was declared without a derivative: its results have a NotImplementedNode."""

    def call(*args: Any) -> Any:
        batch = modes.state.batch
        if batch is not None and batch.concerns(args):
            return batch.looped(call, name, args)
        if dispatch.tangents:
            dispatch.tangents[0].refuse(name, args)
        out: Any = quiet(*args)
        differentiable = _requiring(*args)
        if differentiable and isinstance(out, tuple):
            node = _OfSeveral(name, differentiable, out)
            for nr, one in enumerate(out):
                one._fn, one._nr, one._rg = node, nr, True
        elif differentiable and out._a.dtype.kind in "fc":
            out._fn, out._nr, out._rg = NotImplementedNode(name, differentiable, out), 0, True
        return out

    return call


def written_opaquely(name: str, quiet: Any) -> Any:
    """The same of a function that writes into its first operand."""

    def write(self: Tensor, *args: Any) -> Tensor:
        if dispatch.tangents:
            dispatch.tangents[0].refuse(name, (self, *args))
        differentiable = _requiring(self, *args)
        check_inplace(self, bool(differentiable))
        node = NotImplementedNode(name, differentiable, self) if differentiable else None
        with modes.no_grad():
            quiet(self, *args)
        if node is not None and self._a.dtype.kind in "fc":  # integers keep the history that they may have
            rebase_history(self, node)
        return self

    return write


def without_derivative(name: str, kernel: Any, shown: str = "", **how: Any) -> Any:
    """Declares the op `name` (and `name_`) with this kernel of two operands, and publishes both.

    `shown` is its name in the error, if that is another one; then nothing is published.
    """
    quiet = op(f"_{name}", inplace=True, **how)(kernel)
    call, write = recorded_opaquely(shown or name, quiet), written_opaquely(name + "_", inplace_of(quiet))
    call.__name__ = call.__qualname__ = name
    write.__name__ = write.__qualname__ = name + "_"
    if not shown:
        publish(name, call)
        publish(name + "_", write, function=False)
    return call
