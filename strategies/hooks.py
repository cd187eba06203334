"""Units that register functions to be called during backward, and remove them.

What may live here: hooks on tensors, on leaves after accumulation, on nodes, on several tensors. The
functions are those of the language's library that torch accepts; refused ones are for `faults`. """

from __future__ import annotations

from typing import Any, Final

from oracle.program.language import Fn, Instruction, Ref
from strategies.state import OUTDATED, UNCERTAIN, Slot, State, Value, new

HOOKS: Final = tuple(
    map(Fn, ("double", "nothing", "negate", "same", "increment", "square", "zero", "clone", "detach"))
)
AFTER_ACCUMULATION: Final = tuple(map(Fn, ("accumulated", "double_accumulated", "drop_accumulated")))
ON_NODES: Final = tuple(map(Fn, ("node_nothing", "node_double", "node_same")))
BEFORE_NODES: Final = tuple(map(Fn, ("pre_nothing", "pre_double", "pre_same")))
ON_SEVERAL: Final = Fn("multi_nothing")


def hookable(value: Value) -> bool:
    """Whether a hook may be composed; Note [Hooks on outdated views] in `state`."""
    return value.nodes != 0 and not value.flags & (OUTDATED | UNCERTAIN)


def has_node(state: State, value: Value) -> bool:
    """Whether it is sure to have a grad_fn; a cast to its own dtype is the leaf itself."""
    made_by = value.made_by
    if made_by is not None and made_by.view == "maybe":
        return False
    return hookable(value) and not value.is_leaf and not value.nodes & state.stale


def _register(
    state: State, op: str, args: tuple[Any, ...], caught: bool = False, form: str = "method"
) -> None:
    """`h0 = ...`; a handle that may be missing gets a name that is not offered for removal."""
    name = f"u{state.count}" if caught else f"h{len(state.handles)}"
    if caught:
        state.count += 1
    else:
        state.handles += (Ref(name),)
    state.instructions.append(new(Instruction, ((name,), form, op, args, (), False, state.modes, caught)))


def hook(state: State, slot: Slot) -> None:
    """`h0 = v0.register_hook(...)`, or `h0.remove()` of an earlier one."""
    _, _, extra, first, _, code, _ = slot
    if state.handles and extra >= 208:
        state.emit("method", "remove", (state.handles[code % len(state.handles)],))
        return
    hooked: list[Value] = []
    if extra % 4 == 3:  # the order of hooks on several outputs of a node shows only where there are several
        one_of_several = state.search(first, lambda v: hookable(v) and bool(_siblings(state, v)))
        if one_of_several is not None:
            hooked = [one for one in (one_of_several, *_siblings(state, one_of_several)) if hookable(one)]
    if not hooked:
        value = state.search(first, hookable)
        hooked = [] if value is None else [value]
    for one in hooked:
        _register(state, "register_hook", (one.ref, HOOKS[code % len(HOOKS)]), bool(one.nodes & state.stale))
        _doubt_siblings(state, one)


def _doubt_siblings(state: State, value: Value) -> None:
    """A hook on one of several outputs is given None where a query comes through another one alone."""
    if _siblings(state, value):
        own = value.nodes
        for parent in value.parents:
            own &= ~parent.nodes
        state.stale |= own


def _siblings(state: State, value: Value) -> list[Value]:
    """The other outputs of its node."""
    parents = value.parents
    return [other for other in state.values if other.parents is parents and other is not value] if parents else []


def accumulate_hook(state: State, slot: Slot) -> None:
    """`h0 = v0.register_post_accumulate_grad_hook(...)` on a leaf."""
    value = state.search(slot[3], lambda v: hookable(v) and v.is_leaf)
    if value is not None:
        fn = AFTER_ACCUMULATION[slot[5] % len(AFTER_ACCUMULATION)]
        _register(
            state, "register_post_accumulate_grad_hook", (value.ref, fn), bool(value.nodes & state.stale)
        )
        if fn.name == "drop_accumulated":
            state.gathered &= ~value.node
            state.stale |= value.node


def node_hook(state: State, slot: Slot) -> None:
    """`n0 = v0.grad_fn` and a hook before or after that node."""
    _, _, extra, first, _, code, _ = slot
    value = state.search(first, lambda v: has_node(state, v))
    if value is None:
        return
    node = Ref(f"n{len(state.handles)}")
    state.instructions.append(
        new(Instruction, ((node.name,), "get", "grad_fn", (value.ref,), (), False, state.modes, False))
    )
    for number in range(code, code + 1 + (extra % 4 > 1)):  # now and then two, whose order shows
        if extra & 1:
            _register(state, "register_prehook", (node, BEFORE_NODES[number % len(BEFORE_NODES)]))
        else:
            _register(state, "register_hook", (node, ON_NODES[number % len(ON_NODES)]))


def several_hook(state: State, slot: Slot) -> None:
    """`h0 = T.autograd.graph.register_multi_grad_hook((v0, v1), ...)`."""
    _, _, _, first, second, _, _ = slot
    # of leaves, such a hook asks the engine whether they will be run, which it refuses in autograd.grad
    one = state.search(first, lambda v: hookable(v) and not v.is_leaf and not v.nodes & state.stale)
    other = state.search(second, lambda v: hookable(v) and not v.is_leaf and not v.nodes & state.stale)
    if one is not None and other is not None:
        refs = (one.ref, other.ref) if other is not one else (one.ref,)
        _register(state, "autograd.graph.register_multi_grad_hook", (refs, ON_SEVERAL), form="call")
