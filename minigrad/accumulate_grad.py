"""AccumulateGrad: the node at a leaf, which adds what arrives to the leaf's `.grad`.

What may live here: that node and how a leaf comes by its one living instance.

Note [Stealing]: an incoming buffer may become `.grad` without a copy only if nobody else can see it: the
engine says so per buffer. A deliberate departure from torch: a buffer is never shared between two leaves
and never the caller's own gradient, which torch 2.13 gets wrong for views (see docs/findings.md).
"""

from __future__ import annotations

from typing import Any
from weakref import ref as _ref

from minigrad.modes import remember
from minigrad.node import LAST_SEQ, Node


class AccumulateGrad(Node):
    """Holds its leaf strongly; the leaf knows it only weakly, so that graphs die with their tensors."""

    __module__ = "builtins"  # as types that are written in C show themselves

    __slots__ = ("variable",)

    label = "torch::autograd::AccumulateGrad"
    variable: Any

    @property
    def requires_grad(self) -> bool:
        return bool(self.variable is not None and self.variable.requires_grad)

    def output_meta(self, nr: int) -> tuple[tuple[int, ...], Any]:
        """Shape and dtype of the leaf itself, whatever its gradients are cast to (`dt`)."""
        known = None if self.variable is None else self.variable._meta
        return self.shape, self.dt if known is None or known.grad_dtype is ... else self.variable._a.dtype


_new = AccumulateGrad.__new__


def accumulator(leaf: Any) -> AccumulateGrad | None:
    """The AccumulateGrad of `leaf`: always the same one as long as anything holds it.

    None for a view that requires grad only because its base does (made under no_grad): nothing flows there.
    """
    if not leaf._rg:
        return None
    known = leaf._acc
    if known is not None:
        node = known()
        if node is not None:
            return node  # type: ignore[no-any-return]
    node = _new(AccumulateGrad)
    node.seq = LAST_SEQ
    node.fns = node.nrs = ()
    node.x = None
    node.variable = leaf
    a = leaf._a
    node.shape = a.shape
    node.dt = a.dtype
    leaf._acc = _ref(node)
    remember(node)
    meta = leaf._meta
    if meta is not None:
        if meta.grad_dtype is not ...:
            node.dt = meta.grad_dtype
        if meta.hooks is not None:  # none may be left, but others may come
            node.extras().tensor_pre_hooks.append((0, meta.hooks))
    return node
