"""AccumulateGrad: the node at a leaf, which adds what arrives to the leaf's `.grad`.

What may live here: that node and how a leaf comes by its one living instance.

Note [Stealing]: an incoming buffer may become `.grad` without a copy only if nobody else can see it: the
engine says so per buffer. A deliberate departure from torch: a buffer is never shared between two leaves
and never the caller's own gradient, which torch 2.13 gets wrong for views (see docs/findings.md).
"""

from __future__ import annotations

import weakref
from typing import Any

from minigrad.node import LAST_SEQ, Node


class AccumulateGrad(Node):
    """Holds its leaf strongly; the leaf knows it only weakly, so that graphs die with their tensors."""

    __slots__ = ("variable",)

    label = "torch::autograd::AccumulateGrad"

    def __init__(self, variable: Any) -> None:
        self.seq = LAST_SEQ
        self.fns = ()
        self.nrs = ()
        self.x = None
        self.variable = variable
        self.shape = variable._a.shape
        self.dt = variable._a.dtype

    @property
    def requires_grad(self) -> bool:
        return bool(self.variable.requires_grad)


def accumulator(leaf: Any) -> AccumulateGrad | None:
    """The AccumulateGrad of `leaf`: always the same one as long as anything holds it.

    None for a view that requires grad only because its base does (made under no_grad): nothing flows there.
    """
    if not leaf._rg:
        return None
    ref = leaf._acc
    if ref is not None:
        node = ref()
        if node is not None:
            return node  # type: ignore[no-any-return]
    node = AccumulateGrad(leaf)
    leaf._acc = weakref.ref(node)
    meta = leaf._meta
    if meta is not None and meta.hooks:
        node.extras().tensor_pre_hooks.append((0, meta.hooks))
    return node
