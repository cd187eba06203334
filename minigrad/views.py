"""Views: what they know of their base, when they may be written to, and how a write rewrites history.

What may live here: view metadata, the checks before a write, rebasing, and regenerated grad_fns. The names
follow torch's own (check_inplace, handle_view_on_rebase, rebase_history), so that both can be read together.

Note [Stale views]: a write through a base or a sibling gives the base a CopySlices; a view finds out the
next time its grad_fn is asked for, by comparing versions, and makes itself a new AsStridedBackward0 then.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import as_strided

from minigrad import errors, modes
from minigrad.accumulate_grad import accumulator
from minigrad.copy_slices import CopySlices, Geometry
from minigrad.lazy import set_bits
from minigrad.memory import strides_of
from minigrad.node import Node
from minigrad.strided import AsStridedBackward0
from minigrad.tensor import DEFAULT, Meta, Tensor, memory
from minigrad.windows import offset_of

Replay = Callable[[Tensor], Tensor]


def attach_view(out: Tensor, base: Tensor, creation: int) -> None:
    """Makes `out`, whose array looks into that of `base`, a view of the root behind `base`."""
    meta = Meta()
    below = base._meta
    if below is not None:
        if below.inference:
            meta.inference = True
            out._meta = meta
            set_bits(out, below.bits)
            return
        if below.uncounted:
            raise errors.inference_has_no_version()
        if below.base is not None:
            base = below.base
            if creation == DEFAULT:
                creation = below.creation
        meta.primal = below.primal
        if below.replay is not None:
            meta.replay = _then_strided(below.replay, out._a)
    counter = base._vc
    if counter is None:
        base._vc = counter = [0]
    meta.base = base
    meta.creation = creation
    meta.attr_version = counter[0]
    out._vc = counter
    out._meta = meta
    if below is not None and below.bits:
        set_bits(out, below.bits)


def _then_strided(before: Replay, a: Any) -> Replay:
    geometry = a.shape, strides_of(a), offset_of(a)
    return lambda root: before(root).as_strided(*geometry)


def replay_with(out: Tensor, operand: Tensor, view: Replay) -> Tensor:
    """Has `out`, the `view` of `operand` under another dtype, remember how it is had from its root."""
    meta, below = out._meta, operand._meta
    if meta is None or meta.base is None:
        return out
    before = None if below is None else below.replay
    if before is None and meta.base is not operand:
        before = _then_strided(lambda root: root, memory(operand))
    meta.replay = view if before is None else lambda root: view(before(root))
    return out


def _grad_fn(self: Tensor) -> Node | None:
    """The node that made this tensor; for a view written to since, made anew (see Note [Stale views])."""
    meta = self._meta
    if meta is None or meta.base is None:
        return self._fn  # type: ignore[no-any-return]
    if self._fn is None and not meta.base.requires_grad:
        return None
    counter = self._vc
    if counter is not None and counter[0] != meta.attr_version:
        _regenerate(self, meta, meta.base)
    return self._fn  # type: ignore[no-any-return]


def _regenerate(view: Tensor, meta: Meta, base: Tensor, geometry: Geometry | None = None) -> None:
    handle_view_on_rebase(view, indirect=True)
    old = view._fn
    fn = base.grad_fn
    if fn is None and base.requires_grad:
        fn = accumulator(base)
    node: Any
    if meta.replay is not None:
        with modes.enable_grad():
            node = meta.replay(base)._fn
    else:
        window = memory(view)
        node = AsStridedBackward0(base, window, offset_of(window), geometry)
        node.fns, node.nrs = (fn,), (0 if fn is None else base._nr,)
    if node is None:  # the base has lost its history: torch takes it that this cannot be
        view._fn, view._nr, view._rg = None, 0, False
        raise RuntimeError(_NOT_RETAINED.format("new_fn", 198))
    update_hooks(view, old, view._nr, node, 0)
    view._fn, view._nr, view._rg = node, 0, True
    meta.attr_version = view.counter()[0]


def check_inplace(target: Tensor, requires_grad: bool) -> None:
    """Raises where a write to `target` that involves gradients is forbidden."""
    meta = target._meta
    if not requires_grad or not modes.state.grad:
        return
    if meta is not None and meta.base is not None:
        handle_view_on_rebase(target)
        if target.requires_grad and meta.base.is_leaf:
            raise errors.view_of_leaf_modified_in_place()
    # a stale view that never had a grad_fn counts as a leaf, too; not where tangents and batches are written by ours
    within = modes.state.batch is not None
    if target.requires_grad and (target.is_leaf if within else target._fn is None):
        raise errors.leaf_modified_in_place()


def handle_view_on_rebase(view: Tensor, indirect: bool = False) -> None:
    """Raises where the way a view was made forbids rewriting its history."""
    meta = view._meta
    if meta is None or meta.creation == DEFAULT:
        return
    label = None if view._fn is None else view._fn.label
    raise errors.view_modified_in_place(meta.creation, label, view._nr, indirect)


def rebase_history(target: Tensor, node: Node) -> None:
    """Makes `node` the history of `target` after a write; through a view, of its base as well."""
    meta = target._meta
    if meta is not None and meta.base is not None:
        base = meta.base
        node_for_base = CopySlices(base, target, node)
        if target.requires_grad:  # else torch takes it that there are no hooks to move
            update_hooks(base, base._fn, base._nr, node_for_base, 0)
        base._fn, base._nr, base._rg = node_for_base, 0, True
        if target.counter()[0] != meta.attr_version:  # torch asks for its grad_fn at this moment, too
            known = node_for_base.geometry if type(target) is Tensor else None
            _regenerate(target, meta, base, known)
        return
    before = target._fn, target._nr
    set_history(target, node)
    update_hooks(target, *before, node, 0)


def set_history(target: Tensor, node: Node) -> None:
    """Makes `node` the grad_fn of `target` itself, whatever it is a view of; hooks are not told."""
    target._fn, target._nr, target._rg = node, 0, True
    if target._meta is not None and target._meta.base is not None:
        target._meta.attr_version = target.counter()[0]


_NOT_RETAINED = (
    '{} INTERNAL ASSERT FAILED at "/__w/pytorch/pytorch/torch/csrc/autograd/variable.cpp":{}, '
    "please report a bug to PyTorch. "
)


def update_hooks(tensor: Tensor, old: Node | None, old_nr: int, new: Node, new_nr: int) -> None:
    """retain_grad follows the tensor to its new history; hooks stay with the old one, or with nothing.

    torch looks for it where the tensor stands from now on, so that it finds none of a later output. It takes it that
    who retains a gradient has a history, which `detach_()` may have ended since.
    """
    meta = tensor._meta
    if meta is None:
        return
    if meta.hooks is not None:
        keep_hooks(tensor, None)
    if not meta.retains:
        return
    if old is None:
        raise _asserted("old_fn", 205, new)
    if old_nr != new_nr or old.x is None or old_nr not in old.x.retains:
        raise _asserted("out != nullptr", 207, new)
    new.extras().retains[new_nr] = old.x.retains.pop(old_nr)


def _asserted(what: str, line: int, new: Node) -> RuntimeError:
    """The error in the midst of an op, whose node stays without what it was to save of the result."""
    for name in type(new).__slots__ if hasattr(new, "declaration") else ():
        if not hasattr(new, name):
            setattr(new, name, None)
    return RuntimeError(_NOT_RETAINED.format(what, line))


def keep_hooks(tensor: Tensor, hooks: Any) -> None:
    """Makes `hooks` those of `tensor` itself: what its AccumulateGrad calls, if it has one or comes to have one."""
    if hooks is not None or tensor._meta is not None:
        tensor.meta().hooks = hooks
    node = None if tensor._acc is None else tensor._acc()
    if node is not None and (hooks is not None or node.x is not None):
        node.extras().tensor_pre_hooks[:] = [] if hooks is None else [(0, hooks)]


Tensor.grad_fn = property(_grad_fn)


def owner(grad: Tensor) -> Tensor:
    """A gradient that is no view, as an array that does not look like one: what `unsafe_view` gives looks so."""
    if isinstance(grad._a.base, np.ndarray) and not grad._is_view():
        grad._a = as_strided(grad._a, grad._a.shape, grad._a.strides)
    return grad
