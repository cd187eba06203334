"""Units of forward mode: a dual level around the next slots, dual tensors, and what is in them.

What may live here: which tensors are made dual, and what is known to be dual. Ops are called by the units of
`ops` and `writes` as everywhere else; what forward mode refuses, or may, is caught.
"""

from __future__ import annotations

from typing import Any, Final

from oracle.opset import OPS
from oracle.opset.metas import Meta
from oracle.program.language import Fn, Instruction, Ref
from strategies.blocks import Watched, enter, forget, is_call_of
from strategies.calling import viewed
from strategies.operands import DEFAULT
from strategies.state import BURIED, OUTDATED, OUTS, OVERLAP, REFS, UNCERTAIN, Slot, State, Value, new

LEVEL: Final = "autograd.forward_ad.dual_level()"
MAKE, UNPACK = "autograd.forward_ad.make_dual", "autograd.forward_ad.unpack_dual"
UNPACKING: Final = 144  # an extra byte from here on, in a level, unpacks
AGAIN: Final = 216  # ... and from here on makes a dual tensor of a dual one, which is refused
LIVE: Final = 128  # a second-operand byte from here on is a live tangent, if one is alike

LACKING: Final = frozenset(
    form
    for spec in OPS.values()
    for form, refused in (
        (spec.name, not spec.forward or spec.grad == "refused"),
        (f"{spec.name}_", not spec.forward or "refused" in (spec.grad, spec.inplace)),
        (spec.operator, spec.grad == "refused"),
    )
    if refused
)
"""How calls are spelt that forward mode may refuse."""
_NUMBER_FIRST: Final = frozenset(
    form for spec in OPS.values() if spec.number_first == "refused" for form in (spec.name, spec.operator)
)
FORWARD_FUNCTIONS: Final = (Fn("WithJvp"),)


class _Level(Watched):
    """A dual level. `duals` are the values that are sure to have a tangent."""

    def __init__(self, state: State, slot: Slot) -> None:
        super().__init__(state)
        self.slot = slot
        self.begun, self.known = len(state.instructions), len(state.values)
        self.duals: set[Value] = set()

    def risky(self, state: State, at: int) -> bool:
        one = state.instructions[at]
        if one.op in LACKING:
            return True
        if one.op == "apply":
            return not is_call_of(state, at, "apply", *FORWARD_FUNCTIONS)
        return one.op in _NUMBER_FIRST and type(one.args[0]) is not Ref

    def after_slot(self, state: State) -> None:
        duals = self.duals
        for value in state.values[self.known :]:
            spec = value.made_by
            if spec is None or not value.meta.differentiable or spec.grad is not True or spec.view == "detached":
                continue
            if not duals.isdisjoint(value.parents):
                duals.add(value)
        self.known = len(state.values)
        super().after_slot(state)

    def ended(self, state: State) -> None:
        """Now and then asks for a tangent of the level that is gone: there is none."""
        left = [value for value in state.values if value in self.duals]
        if left and self.slot[5] & 1:
            value = left[self.slot[3] % len(left)]
            state.emit_unpacked("call", UNPACK, (value.ref,), 2, (("level", 0),))

    def untouched(self, state: State, value: Value) -> bool:
        """Whether nothing in this level can have made the value dual."""
        if value in self.duals or value.flags & (UNCERTAIN | BURIED | OVERLAP) or not value.meta.differentiable:
            return False
        names = {other.ref for other in state.family(value)}
        since = state.instructions[self.begun :]
        made = {name for one in since if one.op not in ("tensor", "zeros") for name in one.outs}
        return value.ref.name not in made and not any(
            one.args and one.args[0] in names and (one.op[-1:] == "_" or one.form == "setindex") for one in since
        )


def forward(state: State, slot: Slot) -> Value | None:
    """Opens a dual level and makes a dual tensor; in a level makes another one, or unpacks one."""
    extra = slot[2]
    if state.block is None:
        if not enter(state, LEVEL, 3 + slot[6] % 4, _Level(state, slot)):
            return None
        state.outer = state.modes
    level = state.block
    if not isinstance(level, _Level):
        return None
    if extra >= UNPACKING and level.duals:
        if extra >= AGAIN:
            _refused(state, level, slot)
            return None
        return _unpacked(state, level, slot)
    return _made(state, level, slot)


def _made(state: State, level: _Level, slot: Slot) -> Value | None:
    """`v2 = T.autograd.forward_ad.make_dual(v0, v1)`."""
    _, _, _, first, second, _, more = slot
    x = state.search(first, lambda value: level.untouched(state, value))
    if x is None:
        x = state.constant(_floating(state), more, "grad")
    tangent = _tangent(state, level, x, second, more)
    value = _bound(state, (x.ref, tangent), x, caught=False)
    level.duals.add(value)
    return value


def _floating(state: State) -> Meta:
    of = state.setting.metas[0][0]
    return of if of.differentiable else DEFAULT


def _tangent(state: State, level: _Level, x: Value, second: int, more: int) -> Ref:
    if second >= LIVE:
        live = state.search(second, lambda value: value.meta is x.meta and level.untouched(state, value))
        if live is not None:
            _lent(state, live)
            return live.ref
    return state.like(x.meta, more ^ 1)


def _lent(state: State, live: Value) -> None:
    """A tangent is written when its dual tensor is, by whatever name: nothing sure is known of a live one."""
    grad_on, state.grad_on = state.grad_on, False
    state.written(live, (), OPS["mul"].in_place, uncertain=True)
    state.grad_on = grad_on
    for one in state.family(live):
        one.flags |= UNCERTAIN | OUTDATED
        state.stale |= one.node


def _bound(state: State, args: tuple[Any, ...], x: Value, caught: bool) -> Value:
    """A call of make_dual: its result is a view of x."""
    n = state.count
    state.count = n + 1
    state.instructions.append(new(Instruction, (OUTS[n], "call", MAKE, args, (), False, state.modes, caught)))
    value = Value(REFS[n], x.meta, _VIEW, (x,))
    if x.nodes and state.grad_on:
        value.node = state.fresh_node()
        value.nodes = x.nodes | value.node
        state.latest = value
    value.dense = x.dense
    viewed(state, _VIEW, value, x)
    state.values.append(value)
    return value


def _unpacked(state: State, level: _Level, slot: Slot) -> Value | None:
    """`v3, v4 = T.autograd.forward_ad.unpack_dual(v2)`; stands for the tangent, or for the primal."""
    x = state.search(slot[3], lambda value: value in level.duals and not value.flags & BURIED)
    if x is None:
        return None
    n = state.count
    state.emit_unpacked("call", UNPACK, (x.ref,), 2)
    primal, tangent = Value(REFS[n], x.meta, _VIEW, (x,)), Value(REFS[n + 1], x.meta)
    viewed(state, _VIEW, primal, x)
    for value in (primal, tangent):
        value.flags |= UNCERTAIN
        value.dense = False
        state.values.append(value)
    return tangent if slot[5] & 1 == 0 else primal


def _refused(state: State, level: _Level, slot: Slot) -> None:
    """A dual tensor of a dual tensor, or with a dual tangent."""
    x = state.search(slot[3], lambda value: value in level.duals and not value.flags & BURIED)
    if x is None:
        return
    if slot[5] & 1:
        forget(state, _bound(state, (x.ref, state.like(x.meta, slot[6])), x, caught=True))
    else:
        plain = state.like(x.meta, slot[6])
        forget(state, _bound(state, (plain, x.ref), x, caught=True))


_VIEW: Final = OPS["view"]
