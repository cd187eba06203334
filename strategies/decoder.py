"""`decode`: bytes to Program, the one place where programs are composed.

What may live here: the walk over the slots of a buffer. What a slot does is in ops, queries and features; what
bytes mean is in layout and grammar. Zeroing a slot deletes it; every buffer is some legal program.
"""

from __future__ import annotations

from typing import Final

from oracle.opset.calls import age_cases
from oracle.program.language import Program
from strategies.grammar import Grammar
from strategies.layout import (
    BASE_SHAPE,
    DTYPES,
    LEAVES,
    LENGTH,
    LENGTHS,
    NAMED,
    PROFILE,
    QUERIES_AT,
    SIZE,
    SLOT_WIDTH,
    SLOTS_AT,
    slot_at,
)
from strategies.shapes import BASE_OF
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
    near, buffer = state.near, state.buffer
    at = QUERIES_AT
    place = len(near) - LEAVES
    for rows in grammar.query_rows:
        row = rows[buffer[at]]
        if row is not None:
            slot = slot_at(buffer, at)
            state.named = NAMED[place]
            near.append(row[slot[1]](state, slot) or near[-1])
        else:
            near.append(near[-1])
        place += 1
        at += SLOT_WIDTH
    grammar.decoded += 1
    if not grammar.decoded % AGE_EVERY:
        age_cases(MOST_CASES)
    return state


def compose_slots(buffer: bytes, grammar: Grammar) -> State:
    """What the slots before the final queries mean."""
    if len(buffer) < SIZE:
        buffer = buffer.ljust(SIZE, b"\0")
    number = grammar.profile_table[buffer[PROFILE]]
    state = State(
        buffer,
        grammar.profiles[number],
        grammar.numbers[number],
        BASE_OF[buffer[BASE_SHAPE]],
        grammar.leaf_metas[buffer[DTYPES]],
        NAMED[0],
    )
    near, rows = state.near, grammar.rows
    count = LENGTHS[buffer[LENGTH]]
    if count > grammar.max_ops:
        count = grammar.max_ops
    at = SLOTS_AT
    for place in range(count):
        slot = slot_at(buffer, at)
        state.named = NAMED[place]
        row = rows[slot[0]]
        near.append((row[slot[1]](state, slot) if row is not None else None) or near[-1])
        if state.mode_left:
            state.mode_left -= 1
            if not state.mode_left:
                state.modes, state.grad_on = (), True
        at += SLOT_WIDTH
    state.modes, state.grad_on = (), True
    return state
