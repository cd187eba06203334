"""Units that are neither ops nor queries: requires_grad, detach_, retain_grad, modes, print.

What may live here: one function per feature of the program language.
"""

from __future__ import annotations

from typing import Final

from oracle.dataflow import records
from oracle.program.language import Instruction
from strategies.state import UNCERTAIN, Slot, State, Value, new

MODES: Final = (
    "no_grad()", "enable_grad()", "set_grad_enabled(False)", "set_grad_enabled(True)", "inference_mode(False)",
)  # fmt: skip


def requires_grad(state: State, slot: Slot) -> Value | None:
    """`v0.requires_grad_()` or `v0.requires_grad = True`, on a value without history if there is one."""
    _, _, extra, first, _, _, _ = slot
    value = state.search(first, lambda v: v.meta.differentiable and not v.nodes and not v.flags & UNCERTAIN)
    if value is None:
        value = state.pick(first)
        if not value.meta.differentiable or value.flags & UNCERTAIN:
            return None
    if extra & 1 and value.is_leaf:
        state.emit("set", "requires_grad", (value.ref, True), (), bool(value.flags & UNCERTAIN))
    else:
        state.emit("method", "requires_grad_", (value.ref,))
    if not value.nodes:
        state.rooted(value)
        for other in state.family(value):
            if other is not value:
                other.flags |= UNCERTAIN
    return value


def requires_grad_off(state: State, slot: Slot) -> Value | None:
    """`v0.requires_grad = False` on a leaf."""
    _, _, extra, first, _, _, _ = slot
    value = state.search(first, lambda v: v.nodes != 0 and v.is_leaf)
    if value is None:
        return None
    if extra & 1:
        state.emit("set", "requires_grad", (value.ref, False))
    else:
        state.emit("method", "requires_grad_", (value.ref, False))
    state.stale |= value.node  # earlier history still ends here; what torch makes of it is its own affair
    value.node = value.nodes = 0
    state.leaves = [leaf for leaf in state.leaves if leaf is not value]
    return value


def detach_in_place(state: State, slot: Slot) -> Value | None:
    """`v0.detach_()` on a value that is no view; what is not dense may be one, of something that its op made."""
    value = state.search(slot[3], lambda v: v.base is None)
    if value is None:
        return None
    if state.block is not None and not state.block.records:
        state.emit("method", "detach_", (value.ref,))  # to no effect
        return value
    if not value.dense or (value.made_by is not None and not value.made_by.inplace):
        value.flags |= UNCERTAIN  # what torch composes, linear or pooling, may end in a view
    state.emit("method", "detach_", (value.ref,), (), bool(value.flags & UNCERTAIN))
    state.stale |= value.node & ~state.leaf_nodes  # its node may have saved it
    value.node = value.nodes = 0
    state.leaves = [leaf for leaf in state.leaves if leaf is not value]
    family = state.family(value)
    if len(family) > 1:
        for other in family:  # one of them may be this very object
            other.flags |= UNCERTAIN
            state.stale |= other.node
    return value


def retain_grad(state: State, slot: Slot) -> Value | None:
    """`v0.retain_grad()`."""
    first = slot[3]
    value = state.search(first, lambda v: v.nodes != 0 and not (v.is_leaf or v.later))
    value = value or state.search(first, lambda v: v.nodes != 0 and not v.later)
    if value is None:
        return None
    sure = not value.nodes & state.stale and not value.flags & UNCERTAIN
    state.emit("method", "retain_grad", (value.ref,), (), not sure)
    if sure:
        state.retained |= value.node
    return None


def grad_mode(state: State, slot: Slot) -> Value | None:
    """A grad-mode block around the next instructions."""
    _, _, extra, _, _, code, more = slot
    name = MODES[code % (len(MODES) if state.block is None else 4)]
    if state.block is not None:
        if not state.block.grad_modes:
            return None
        state.modes = (state.modes[0], name)
    else:
        state.modes = (name,) if not state.modes or extra < 192 else (*state.modes[-1:], name)
    state.grad_on = records((name,)) and (state.block is None or state.block.records)
    state.mode_left = max(2 + more % 3, state.mode_left if state.block is not None else 0)
    return None


def printed(state: State, slot: Slot) -> Value | None:
    """`print(v0)`: an explicit point of observation."""
    value = state.search(slot[3], lambda v: True)
    if value is not None:
        state.instructions.append(
            new(Instruction, ((), "print", "", (value.ref,), (), False, state.modes, False))
        )
    return None
