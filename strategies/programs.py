"""`programs()`: the Hypothesis strategy, one fixed-size draw per program; and the way back from a buffer.

What may live here: what ties `decode` to Hypothesis. People use `programs()` in their own tests.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

from hypothesis import strategies as st

from oracle.program.program import Program
from strategies.decoder import decode
from strategies.grammar import Grammar, grammar
from strategies.layout import MOST_OPS, SIZE


def programs(
    ops: Iterable[str] | None = None,
    features: Iterable[str] | None = None,
    dtypes: Iterable[str] | None = None,
    profiles: Iterable[str] | None = None,
    max_ops: int = MOST_OPS,
) -> st.SearchStrategy[Program]:
    """Legal programs over the given part of the language; shrinks towards few instructions and simple values.

    ops       names of ops ("mul", "sum", ...); by default every op that subjects are expected to have
    features  beyond calls of ops, names out of `strategies.grammar.ALL_FEATURES`; by default all
    dtypes    dtypes of leaves: float16, float32, float64, complex64, complex128, int32, int64, bool
    profiles  what tensors are filled with: smooth, signed, grid, edges, extremes; one rules each program
    max_ops   at most so many slots between leaves and final queries, 1 to 16; most programs are much shorter

    Raises TypeError or ValueError, naming the argument, where one of them is not as said here.
    """
    return programs_of(grammar(ops, features, dtypes, profiles, max_ops))


def programs_of(chosen: Grammar) -> st.SearchStrategy[Program]:
    """Programs of a grammar. The one draw is the buffer, so that `fuzz_one_input` may be given one."""
    return st.binary(min_size=SIZE, max_size=SIZE).map(partial(decode, grammar=chosen))
