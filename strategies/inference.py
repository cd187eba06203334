"""Units of inference mode: a block of it, and what becomes of inference tensors outside.

What may live here: which values are inference tensors, and their uses afterwards, allowed ones and refused ones.
"""

from __future__ import annotations

from typing import Any, Final

from oracle.opset.metas import meta
from oracle.program.language import Fn
from strategies.blocks import ASKING, enter, forget, may_fail
from strategies.state import Block, Slot, State, Value

MODES: Final = ("inference_mode()", "inference_mode(True)", "inference_mode(mode=True)")
OUTSIDE: Final = 160  # an extra byte below this uses an inference tensor that is left, if there is one
USED_AT_ONCE: Final = 96  # a second-operand byte from here on uses one as soon as the block ends
MOST: Final = 8  # inference tensors that are remembered


class _Inference(Block):
    """Inference mode. `made` are the inference tensors: all results but views of other tensors;
    `unsure` those that may be such views."""

    records = False

    def __init__(self, state: State, slot: Slot) -> None:
        self.slot = slot
        self.seen, self.known = len(state.instructions), len(state.values)
        self.made: set[Value] = set()
        self.unsure: set[Value] = set()

    def after_slot(self, state: State) -> None:
        for value in state.values[self.known :]:
            spec = value.made_by
            if spec is None:
                continue
            if value.store is None or value.store in self.made:
                self.made.add(value)
            elif spec.view == "maybe" or not self.unsure.isdisjoint(value.parents):
                self.unsure.add(value)
        self.known = len(state.values)
        for at in range(self.seen, len(state.instructions)):
            one = state.instructions[at]
            if one.op in ASKING:
                may_fail(state, at)
            if one.op in ASKING or (one.op == "grad" and one.form == "set"):
                state.doubted()  # a .grad may be an inference tensor from now on, which refuses to be added to
        self.seen = len(state.instructions)

    def ended(self, state: State) -> None:
        self.after_slot(state)
        left = [value for value in state.values if value in self.made]
        for value in (*left, *[value for value in state.values if value in self.unsure]):
            forget(state, value)
        state.lost = (*left, *state.lost)[:MOST]
        if left and self.slot[4] >= USED_AT_ONCE:
            used(state, self.slot)


def inference(state: State, slot: Slot) -> Value | None:
    """Opens a block of inference mode, or uses what an earlier one has left."""
    if state.block is not None:
        return None
    if state.lost and slot[2] < OUTSIDE:
        return used(state, slot)
    enter(state, MODES[slot[5] % len(MODES)], 2 + slot[6] % 3, _Inference(state, slot), grad_on=False)
    return None


def used(state: State, slot: Slot) -> Value | None:
    """One use of an inference tensor that is left."""
    return _USES[slot[6] % len(_USES)](state, slot, state.lost[slot[3] % len(state.lost)])


def _copied(state: State, slot: Slot, x: Value) -> Value | None:
    """A copy is a tensor like any other."""
    args: tuple[Any, ...] = (x.ref,) if slot[4] & 1 else (x.ref, 1)
    value = state.bind(x.meta, "method", "clone" if slot[4] & 1 else "add", args, (), not slot[4] & 1)
    if slot[4] & 1:
        state.values.append(value)
        return value
    return None


def _summed(state: State, slot: Slot, x: Value) -> Value | None:
    if x.meta.dtype != "float32":
        return None
    value = state.bind(meta((), "float32"), "method", "sum", (x.ref,))
    state.values.append(value)
    return value


def _saved(state: State, slot: Slot, x: Value) -> None:
    """Refused where backward would need it."""
    other = state.search(slot[4], lambda value: value.meta is x.meta and value.nodes != 0)
    args = (x.ref, other.ref if other is not None else x.ref)
    state.bind(x.meta, "call", "mul", args if slot[2] & 1 else args[::-1], (), True)


def _written(state: State, slot: Slot, x: Value) -> None:
    """Refused."""
    state.emit("method", "zero_" if slot[4] & 1 else "neg_", (x.ref,), (), True)


def _asked_to_require_grad(state: State, slot: Slot, x: Value) -> None:
    """Refused."""
    if slot[4] & 1:
        state.emit("set", "requires_grad", (x.ref, True), (), True)
    else:
        state.emit("method", "requires_grad_", (x.ref,), (), True)


def _viewed(state: State, slot: Slot, x: Value) -> None:
    """An inference tensor too."""
    value = state.bind(x.meta, "method", ("detach", "view_as", "t")[slot[4] % 3], (x.ref,), (), True)
    if slot[4] % 3 == 1:
        state.instructions[-1] = state.instructions[-1]._replace(args=(x.ref, x.ref))
    state.emit("method", "is_inference", (value.ref,), (), True)


def _read(state: State, slot: Slot, x: Value) -> None:
    if slot[4] & 1:
        state.bind(x.meta, "method", "is_inference", (x.ref,))
    else:
        state.bind(x.meta, "get", "_version", (x.ref,), (), True)


def _as_cotangent(state: State, slot: Slot, x: Value) -> None:
    output = state.search(slot[4], lambda value: value.meta is x.meta and value.nodes != 0)
    if output is not None:
        state.emit("method", "backward", (output.ref, x.ref), (("retain_graph", True),), True)
        state.doubted()


def _hooked(state: State, slot: Slot, x: Value) -> None:
    state.emit("method", "register_hook", (x.ref, Fn("same")), (), True)


_USES: Final = (
    _copied, _saved, _written, _asked_to_require_grad, _viewed, _read, _summed, _as_cotangent, _saved, _hooked,
)  # fmt: skip
