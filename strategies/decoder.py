"""`decode`: bytes to Program, the one place where programs are composed.

What may live here: the walk over the slots of a buffer. What a slot does is in ops, queries and features;
what bytes mean is in layout and grammar. Zeroing a slot deletes it; every buffer is some legal program. """

from __future__ import annotations

from typing import Final

from oracle.opset.calls import age_cases
from oracle.program.program import Program
from strategies.blocks import after_slot, leave
from strategies.grammar import NOTHING, Grammar
from strategies.layout import HEADER, LENGTH, LENGTHS, NAMED, SIZE, SLOT_WIDTH, SLOTS_AT, each_slot, slot_at
from strategies.state import State

AGE_EVERY: Final = 1000  # programs
MOST_CASES: Final = 10_000  # remembered as used lately; as many more are set aside


def decode(buffer: bytes, grammar: Grammar) -> Program:
    """The program that these bytes mean under this grammar.

    buffer  `layout.SIZE` bytes; shorter ones are filled up with zeros, what is behind is not looked at
    """
    return Program(tuple(compose(buffer, grammar).instructions))


def compose(buffer: bytes, grammar: Grammar) -> State:
    """Like `decode`, with what is known at the end."""
    state = compose_slots(buffer, grammar)
    buffer = state.buffer
    for at, rows in grammar.query_rows:
        row = rows[buffer[at]]
        if row is not NOTHING:
            slot = slot_at(buffer, at)
            row[slot[1]](state, slot)
    grammar.decoded += 1
    if not grammar.decoded % AGE_EVERY:
        age_cases(MOST_CASES)
    return state


def compose_slots(buffer: bytes, grammar: Grammar) -> State:
    """What the slots before the final queries mean; these may name every one of them."""
    if len(buffer) < SIZE:
        buffer = buffer.ljust(SIZE, b"\0")
    header = buffer[:HEADER]
    state = State(buffer, grammar.settings.get(header[1:]) or grammar.setting(header[1:]))
    near, rows = state.near, grammar.rows
    count = LENGTHS[header[LENGTH]]
    if count > grammar.max_ops:
        count = grammar.max_ops
    slots = each_slot(buffer[SLOTS_AT : SLOTS_AT + count * SLOT_WIDTH])
    for state.named, slot in zip(NAMED, slots, strict=False):
        near.append(rows[slot[0]][slot[1]](state, slot) or near[-1])
        if state.modes:
            after_slot(state)
    state.named = NAMED[count]
    if state.modes:
        leave(state)
    return state
