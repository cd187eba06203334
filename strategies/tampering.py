"""Units that reach behind autograd's back: `.data`, `set_`, increment_version; and leaves laid out otherwise.

What may live here: statements that change or share memory in ways that no history tells.
"""

from __future__ import annotations

from typing import Any, Final

from oracle.opset import OPS
from oracle.opset.metas import meta
from oracle.program.language import Instruction
from strategies.calling import viewed
from strategies.state import OUTS, OVERLAP, REFS, UNCERTAIN, Slot, State, Value, new

INCREMENT: Final = "autograd.graph.increment_version"
PLAIN: Final = 192  # an extra byte from here on leaves a scattered tensor without requires_grad
_SIZES: Final = ((2, 3), (3, 2), (2, 2), (3, 3), (1, 2))


def data(state: State, slot: Slot) -> Value | None:
    """`v1 = v0.data`: shares memory, and neither history nor version; now and then `v0.data = v1`."""
    _, _, extra, first, second, _, _ = slot
    x = state.search(first, lambda value: not value.flags & UNCERTAIN)
    if x is None:
        return None
    if extra >= 232:
        other = state.search(second, lambda value: value.meta is x.meta and value is not x and value.store is None)
        if other is not None and not other.nodes:
            state.emit("set", "data", (x.ref, other.ref), (), True)
            _shaken(state, (x, other))
            return None
    value = state.bind(x.meta, "get", "data", (x.ref,))
    value.made_by, value.parents, value.dense = OPS["detach"], (x,), x.dense
    viewed(state, OPS["detach"], value, x)
    state.values.append(value)
    return value


def _shaken(state: State, values: tuple[Value, ...]) -> None:
    """Nothing sure is known of these any more, nor of what shares their memory or was computed from them."""
    for value in values:
        for one in state.family(value):
            one.flags |= UNCERTAIN | OVERLAP
            state.stale |= one.node
            one.dense = False
    state.stale |= state.next_node - 1


def set_(state: State, slot: Slot) -> None:
    """`v0.set_(v1)`: v0 looks into v1's memory from now on; refused for leaves that require grad."""
    x = state.search(slot[3], lambda value: not value.flags)
    other = None if x is None else state.search(slot[4], lambda value: value.meta is x.meta and not value.flags)
    if x is not None and other is not None:
        state.emit("method", "set_", (x.ref, other.ref), (), True)
        _shaken(state, (x, other))


def increment_version(state: State, slot: Slot) -> None:
    """`T.autograd.graph.increment_version(v0)`: as if it had been written."""
    x = state.search(slot[3], lambda value: True)
    if x is None:
        return
    other = state.search(slot[4], lambda value: True)
    given: Any = x.ref if slot[2] < 192 or other is None else (x.ref, other.ref)
    state.emit("call", INCREMENT, (given,))
    grad_on, state.grad_on = state.grad_on, False
    for one in (x,) if given is x.ref or other is None else (x, other):
        state.written(one, (), OPS["mul"].in_place, uncertain=True)
    state.grad_on = grad_on


def scattered(state: State, slot: Slot) -> Value | None:
    """A leaf that is not contiguous: `v1 = v0.t()`, `v2 = v1.clone()`, `v2.requires_grad_()`."""
    dtype = state.setting.metas[slot[3]][0].dtype
    sizes = _SIZES[slot[5] % len(_SIZES)]
    made = state.constant(meta(sizes[::-1], dtype), slot[6])
    n = state.count
    state.count += 2
    modes, state.modes = state.modes, state.outer
    for at, (op, source) in enumerate((("t", made.ref), ("clone", REFS[n])), n):
        state.instructions.append(new(Instruction, (OUTS[at], "method", op, (source,), (), False, state.modes, False)))
    value = Value(REFS[n + 1], meta(sizes, dtype))
    value.dense = False
    if value.meta.differentiable and slot[2] < PLAIN:
        state.emit("method", "requires_grad_", (value.ref,))
        state.rooted(value)
    state.modes = modes
    state.values.append(value)
    return value
