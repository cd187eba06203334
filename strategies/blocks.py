"""Blocks that instructions may stand in: how one is entered, looked after and left; and what may fail in one.

What may live here: what all blocks share, and blocks that need no more than that: saved-tensor hooks, anomaly
mode. Forward mode and inference mode have files of their own. Grad modes are `features`'.
"""

from __future__ import annotations

from typing import Final

from oracle.program.functions import LIBRARY
from oracle.program.language import Fn
from strategies.state import Block, Slot, State, Value

ASKING: Final = frozenset({"autograd.grad", "autograd.backward", "backward"})


def after_slot(state: State) -> None:
    """What is due after a slot while a block stands open."""
    if state.block is not None:
        state.block.after_slot(state)
    state.mode_left -= 1
    if not state.mode_left:
        leave(state)


def enter(state: State, mode: str, slots: int, block: Block, *, grad_on: bool = True) -> bool:
    """Opens a block for this slot and so many after it; what stood open ends.

    Says whether it did: a block right behind one of the same text would be one with it.
    """
    if state.modes:
        leave(state)
    if state.instructions and state.instructions[-1].modes[:1] == (mode,):
        return False
    state.modes, state.grad_on, state.mode_left, state.block = (mode,), grad_on, slots + 1, block
    return True


def leave(state: State) -> None:
    """Every block ends here."""
    state.modes, state.grad_on = (), True
    block = state.block
    if block is not None:
        state.block, state.outer = None, ()
        block.ended(state)


def may_fail(state: State, at: int) -> None:
    """Has instruction `at` caught; what it binds may be missing, so that nothing uses it."""
    one = state.instructions[at]
    if not one.caught:
        state.instructions[at] = one._replace(caught=True)
    for name in one.outs:
        for value in state.values:
            if value.ref.name == name:
                forget(state, value)
    if one.op[-1:] == "_" or one.form == "setindex":
        state.doubted()


def forget(state: State, value: Value) -> None:
    """Nothing names this value any more."""
    state.bury(value)
    state.leaves = [leaf for leaf in state.leaves if leaf is not value]
    if state.latest is value:
        state.latest = None


class Watched(Block):
    """A block in which some statements may fail: queries, and whatever else `risky` says."""

    def __init__(self, state: State) -> None:
        self.seen = len(state.instructions)
        self.gathered = state.gathered

    def risky(self, state: State, at: int) -> bool:
        """Whether instruction `at` may fail, beside queries."""
        return False

    def after_slot(self, state: State) -> None:
        for at in range(self.seen, len(state.instructions)):
            asks = state.instructions[at].op in ASKING
            if asks or self.risky(state, at):
                may_fail(state, at)
            if asks:
                state.gathered &= self.gathered  # what only this one would have gathered
        self.seen, self.gathered = len(state.instructions), state.gathered


def printed(function: str) -> str:
    """A function of the library as it stands in the text of a mode."""
    return LIBRARY[function].printed


PACKED: Final = (
    ("pack_same", "pack_same"), ("pack_double", "pack_same"), ("pack_same", "pack_double"),
    ("pack_detach", "pack_same"), ("pack_list", "unpack_list"), ("pack_same", "pack_detach"),
)  # fmt: skip
"""Functions to pack and to unpack with."""
SAVING: Final = (
    *(f"autograd.graph.saved_tensors_hooks({printed(one)}, {printed(two)})" for one, two in PACKED),
    "autograd.graph.save_on_cpu()",
    "autograd.graph.save_on_cpu(pin_memory=False)",
    "autograd.graph.disable_saved_tensors_hooks('not here')",
)
RAISING: Final = (
    f"autograd.graph.saved_tensors_hooks({printed('pack_raise')}, {printed('pack_same')})",
    f"autograd.graph.saved_tensors_hooks({printed('pack_same')}, {printed('pack_raise')})",
)
ANOMALY: Final = (
    "autograd.detect_anomaly()", "autograd.set_detect_anomaly(True)", "autograd.detect_anomaly(check_nan=False)",
)  # fmt: skip


class _RaisingPack(Watched):
    """Whatever saves a tensor fails."""

    grad_modes = False

    def risky(self, state: State, at: int) -> bool:
        return bool(state.instructions[at].outs) or state.instructions[at].form in ("method", "setindex", "call")


def saved_hooks(state: State, slot: Slot) -> None:
    """A block in which saved tensors are packed by functions of the library; now and then one that raises."""
    _, _, extra, _, _, code, more = slot
    if state.block is None:
        if extra >= 232:
            which = code & 1
            enter(state, RAISING[which], 1 + more % 2, _RaisingPack(state) if which == 0 else _Unpacked(state))
        else:
            enter(state, SAVING[code % len(SAVING)], 2 + more % 4, _Unpacked(state))


class _Unpacked(Watched):
    """Functions that change what was saved, or raise, change what later queries do."""

    def __init__(self, state: State) -> None:
        super().__init__(state)
        self.first = state.next_node

    def ended(self, state: State) -> None:
        state.stale |= (state.next_node - 1) & ~(self.first - 1)


def anomaly(state: State, slot: Slot) -> None:
    """A block of anomaly mode: queries in it look for nan."""
    if state.block is None:
        enter(state, ANOMALY[slot[5] % len(ANOMALY)], 2 + slot[6] % 4, Watched(state))


def is_call_of(state: State, at: int, op: str, *functions: Fn) -> bool:
    """Whether instruction `at` applies `op` to one of these functions."""
    one = state.instructions[at]
    return one.op == op and bool(one.args) and one.args[0] in functions
