"""How every op carries tangents along while a dual level is open.

What may live here: what `dispatch` calls after each op (it knows this module as `dispatch.tangents[0]`). Which rule
an op has is declared with its derivative and applied by `tangent_rules`; where tangents lie is in `carried`.
"""

from __future__ import annotations

import inspect
import weakref
from typing import Any

import numpy as np

from minigrad import errors, modes
from minigrad.autograd.batching import at_once
from minigrad.autograd.carried import levels, same_window, set_tangent, tangent_of
from minigrad.autograd.tangent_rules import kept, present, rule, tangents
from minigrad.copy_slices import CopySlices
from minigrad.declaration import Op
from minigrad.recording import all_inference
from minigrad.saved_variable import SavedDual, SavedOutput
from minigrad.tensor import Tensor, wrap


def forget(level: list[weakref.ref[Any]]) -> None:
    """Takes their tangents from all that had one in a level that is closed."""
    for ref in level:
        holder = ref()
        if isinstance(holder, Tensor):
            holder.meta().tangent = None
        elif holder is not None:
            holder.tangent = None


# -- what dispatch calls --------------------------------------------------------------------------------


def before_op(op: Op, args: tuple[Any, ...], written: bool = False) -> None:
    """Raises NotImplementedError where operands carry tangents and torch has no rule for the op."""
    if op.forward is not None or op.label is None or written:
        return
    given = (tangents(x) for x, p in zip(args, op.params, strict=False) if p.is_tensor)
    if not any(map(present, given)) or all_inference(op, args):
        return
    name = op.name if op.name == "_unique2" else op.name.removeprefix("_")
    raise unsupported(name) if op.label == "torch::autograd::NotImplemented" else errors.forward_rule_missing(name)


def after_op(op: Op, args: tuple[Any, ...], outs: list[Tensor], written: bool = False) -> None:
    """Gives an op's outputs their tangents, where any operand carries one. `written`: the output was an operand."""
    given = {op.params[i].name: tangents(args[i]) for i in range(len(args)) if op.params[i].is_tensor}
    if not any(present(t) for t in given.values()):
        return
    if all_inference(op, args):
        if op.name == "clone":
            after_copy(outs[0], args[0])  # by its kernel, which copies into a tensor that autograd sees
        return
    if op.label is None or not any(o is not None and o._a.dtype.kind in "fc" for o in outs):
        return
    if op.forward is None:
        raise errors.forward_rule_missing(op.name.removeprefix("_") + "_")  # too late: it is written and recorded
    first = op.params[0].name
    if written and op.onto is not None:
        given[first] = tangent_of(outs[0])
    if written and args[0] is outs[0] and modes.state.grad and given[first] is not None and op.onto is None:
        given[first] = given[first].clone()  # it is about to be overwritten itself
    results = at_once(lambda own: rule(op, args, own, outs, written), given)
    for out, tangent in zip(outs, results, strict=False):
        if tangent is not None and out is not None and out._a.dtype.kind in "fc":
            _store(out, tangent, written)


def before_write(op: Op, args: tuple[Any, ...]) -> tuple[Any, ...]:
    """The operands of a write, the target as a copy where the rule needs it. Other operands that look into the same
    memory are read after the write, as in torch."""
    if not any(present(tangents(x)) for x in args) or not _needs_original(op):
        return args
    return (kept(args[0]), *args[1:])


def _needs_original(op: Op) -> bool:
    """Whether the rule of an op asks for what it overwrites. Then torch keeps a copy with a tangent of its own;
    otherwise the rule reads the tangent after the write, which shows where that shares the memory."""
    named = inspect.signature(op.forward).parameters if callable(op.forward) else sum(op.wants.values(), ())
    return op.params[0].name in named


def after_copy(target: Tensor, source: Tensor) -> None:
    """The tangent of what was overwritten: that of the source, or zeros."""
    tangent, had = tangent_of(source), tangent_of(target)
    if tangent is None:
        if had is not None:
            had.fill_(0)
    elif target._a.dtype.kind in "fc":
        if had is not None:
            had.copy_(tangent)  # be it itself
            return
        tangent = tangent.clone() if tangent._a.shape == target._a.shape else tangent.expand(target._a.shape)
        _store(target, tangent, written=True)


def after_view(view: Tensor, operand: Tensor) -> None:
    """The tangent of a view known by its geometry alone."""
    tangent = None if operand.is_inference() else tangent_of(operand)
    if tangent is not None:
        set_tangent(view, same_window(tangent, view, operand))


def after_strided_copy(out: Tensor, operand: Tensor, geometry: tuple[Any, ...]) -> None:
    """The tangent of a copy of such a view."""
    tangent = tangent_of(operand)
    if tangent is not None:
        set_tangent(out, tangent.as_strided(*geometry))  # a view, as that of other copies of views


def refuse(name: str, operands: tuple[Any, ...]) -> None:
    """Raises NotImplementedError where operands of an op without derivative carry tangents."""
    if any(tangent_of(x) is not None for x in operands):
        raise unsupported(name)


def unsupported(name: str) -> NotImplementedError:
    """For ops that torch cannot differentiate at all."""
    return NotImplementedError(f"Trying to use forward AD with aten::{name} that does not support it.")


# -- storing --------------------------------------------------------------------------------------------


def _store(out: Tensor, tangent: Tensor, written: bool) -> None:
    if written:
        had = tangent_of(out)
        if had is None:
            had = _through_base(out)
        if had is not None:
            if had is not tangent:
                had.copy_(tangent)
            return
    if tangent._a.shape != out._a.shape:
        tangent = tangent.expand(out._a.shape).clone()
    set_tangent(out, tangent)


def _through_base(x: Tensor) -> Tensor | None:
    """A tangent for a view that was written to, as a view of its base's; the base has zeros elsewhere."""
    base = x._base
    if base is None:
        return None
    if tangent_of(base) is None:
        set_tangent(base, wrap(np.zeros_like(base._a)))
    whole = tangent_of(base)
    if whole is None:
        return None
    part = same_window(whole, x, base)
    set_tangent(x, part)
    return part


def to_saved(op: Op, outs: list[Tensor]) -> None:
    """What the node saved of its results carries their tangents."""
    first = next(out for out in outs if out is not None)
    node: Any = first._fn
    base = first._base
    if base is not None and isinstance(base._fn, CopySlices):
        node = base._fn.fn
    for i, slot in ((0, "result"), *enumerate(op.numbered or op.outs[:1])):
        saved = getattr(node, "s_" + slot, None)
        if slot not in op.saved or saved is None:
            continue
        if isinstance(saved, list):
            setattr(node, "s_" + slot, [_dual(one, out) for one, out in zip(saved, outs, strict=True)])
        else:
            setattr(node, "s_" + slot, _dual(saved, outs[i]))


def _dual(saved: Any, out: Tensor) -> Any:
    tangent = tangent_of(out)
    if tangent is None or not isinstance(saved, SavedOutput) or saved.counter[0] != saved.version:
        return saved
    made = SavedDual(saved, tangent, set_tangent)
    levels[-1].append(weakref.ref(made))
    return made

__all__ = ["levels", "set_tangent", "tangent_of"]
