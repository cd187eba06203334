"""`decode`: bytes to Program, the one place where programs are composed.

What may live here: the walk over the slots of a buffer. What a slot does is in ops, queries and features; what
bytes mean is in layout and grammar. Zeroing a slot deletes it; every buffer is some legal program.
"""

from __future__ import annotations

from oracle.opset.calls import forget_cases
from oracle.opset.metas import forget_metas
from oracle.program.language import Program
from strategies import layout
from strategies.grammar import Grammar
from strategies.layout import LENGTHS, QUERIES_AT, SIZE, SLOT_WIDTH, SLOTS_AT, UNIT
from strategies.state import State


def decode(buffer: bytes, grammar: Grammar) -> Program:
    """The program that these bytes mean under this grammar.

    buffer  `layout.SIZE` bytes; shorter ones are filled up with zeros, what is behind is not looked at
    """
    return Program(tuple(compose(buffer, grammar).instructions))


def compose(buffer: bytes, grammar: Grammar) -> State:
    """Like `decode`, with what is known at the end."""
    if len(buffer) < SIZE:
        buffer = buffer.ljust(SIZE, b"\0")
    number = grammar.profile_table[buffer[layout.PROFILE]]
    state = State(
        buffer,
        grammar.profiles[number],
        grammar.numbers[number],
        buffer[layout.BASE_SHAPE],
        grammar.dtype_tables[buffer[layout.DTYPES]],
    )
    near, rows = state.near, grammar.rows
    count = LENGTHS[buffer[layout.LENGTH]]
    if count > grammar.max_ops:
        count = grammar.max_ops
    at = SLOTS_AT
    for slot in range(count):
        state.slot = slot
        row = rows[buffer[at]]
        value = None if row is None else row[buffer[at + UNIT]](state, buffer, at)
        near.append(value or near[-1])
        if state.mode_left:
            state.mode_left -= 1
            if not state.mode_left:
                state.modes, state.grad_on = (), True
        at += SLOT_WIDTH
    state.modes, state.grad_on = (), True
    at = QUERIES_AT
    for slot, rows in enumerate(grammar.query_rows, count):
        state.slot = slot
        row = rows[buffer[at]]
        value = None if row is None else row[buffer[at + UNIT]](state, buffer, at)
        near.append(value or near[-1])
        at += SLOT_WIDTH
    if not grammar.decoded & 1023:
        forget()
    grammar.decoded += 1
    return state


def forget() -> None:
    """Bounds the memory of remembered calls, cases and Metas."""
    if forget_metas(8_000):
        forget_cases(0)
    forget_cases(16_000)
