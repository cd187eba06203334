"""`faults()`: programs that break one named rule each, to see that engines refuse what torch refuses.

What may live here: the strategy and what it yields. The rules are in `rules`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial

from hypothesis import strategies as st

from oracle.program.program import Program
from strategies.checks import names_among
from strategies.decoder import compose_slots
from strategies.grammar import Grammar, grammar
from strategies.layout import SIZE, SLOT_WIDTH, slot_at
from strategies.prohibitions import RULES


@dataclass(frozen=True, slots=True)
class Fault:
    """A program whose instruction `at` (from 0) breaks `rule`; all before it is legal."""

    rule: str
    program: Program
    at: int


def fault(rule: str, buffer: bytes, grammar: Grammar) -> Fault:
    """The fault that these bytes mean: the program of the buffer up to its queries, then the rule broken."""
    state = compose_slots(buffer, grammar)
    slot = slot_at(buffer.ljust(SIZE, b"\0"), SIZE - SLOT_WIDTH)
    RULES[rule](state, slot, False)
    return Fault(rule, Program(tuple(state.instructions)), len(state.instructions) - 1)


def faults(rules: Iterable[str] | None = None, ops: Iterable[str] | None = None) -> st.SearchStrategy[Fault]:
    """Programs that break one rule each; every `Fault` says which and where.

    rules  names out of `strategies.prohibitions.RULES`; by default any of them
    ops    names of ops for what stands before; by default those that subjects are expected to have
    """
    chosen = names_among("faults(rules=...)", rules, RULES)
    language = grammar(ops)
    buffers = st.binary(min_size=SIZE, max_size=SIZE)
    return st.builds(partial(fault, grammar=language), st.sampled_from(chosen), buffers)
