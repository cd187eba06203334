"""The table of campaigns: the steps of checking a program against bare torch running the same programs.

What may live here: this one table.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from typing import Any

from benchmarks.tables import Row, ratio
from benchmarks.timing import interleaved
from fuzz.workers import collect_rarely

PROGRAMS, SEEDS = 400, 50
"""So many programs, as many of each seed: a swarm each, since those of one swarm use the same few ops."""


def rows(rounds: int, only: str) -> Iterator[Row]:
    from hypothesis import HealthCheck, Phase, given, seed, settings

    from oracle.check import check_batch, check_program
    from oracle.checks import Counts
    from oracle.compare import compare
    from oracle.engines import load
    from strategies import buffers, decode, grammar, programs

    subject, reference = load("minigrad"), load("torch")
    reference.use_one_thread()
    chosen = grammar()
    drawn = [one for seed in range(SEEDS) for one in islice(buffers(seed, chosen), PROGRAMS // SEEDS)]
    composed = [decode(buffer, chosen) for buffer in drawn]
    facts = subject.facts & reference.facts
    theirs, ours = reference.run_batch(composed), subject.run_batch(composed)
    interpreter: Any = reference

    def bare() -> None:
        for program in composed:
            interpreter.interpreter.run(program, [])
            interpreter.reset()

    def composing() -> None:
        for buffer in drawn:
            decode(buffer, chosen)

    def comparing() -> None:
        counts = Counts()
        for program, mine, its in zip(composed, ours, theirs, strict=True):
            list(compare(mine, its, program, facts, measure=lambda: None, counts=counts))

    def checking() -> None:
        check_batch([decode(buffer, chosen) for buffer in drawn], subject, reference)

    examples: list[Any] = []

    drawing = settings(max_examples=PROGRAMS, database=None, deadline=None, phases=[Phase.generate])

    @seed(0)
    @settings(drawing, suppress_health_check=list(HealthCheck))
    @given(programs())
    def one_example_each(program: Any) -> None:
        examples.append(program)
        check_program(program, subject, reference)

    def bare_examples() -> None:
        for program in examples[:PROGRAMS]:
            interpreter.interpreter.run(program, [])
            interpreter.reset()

    figures = {
        "composing one program (decode)": (composing, 0.20, 0.15),
        "comparing both observations": (comparing, 0.25, 0.12),
        "the whole check of one program, campaign mode": (checking, 2.2, 1.9),
    }
    for name, (work, must, aim) in figures.items():
        if only in name:
            with _as_in_a_worker():
                base, taken = interleaved([bare, work], 1, rounds)
            row = ratio(name, taken / PROGRAMS, base / PROGRAMS, must, aim)
            if work is checking:
                row["programs per second per core"] = round(PROGRAMS / taken)
            yield row
    name = "the whole check, one Hypothesis example each"
    if only in name:
        base, taken = interleaved([bare_examples, one_example_each], 1, rounds)
        yield ratio(name, taken / PROGRAMS, base / PROGRAMS, 7.0, 6.0)


@contextmanager
def _as_in_a_worker() -> Iterator[None]:
    """Garbage is collected as rarely as in the workers of a campaign; bare torch is measured under the same rule."""
    usual = gc.get_threshold()
    collect_rarely()
    try:
        yield
    finally:
        gc.set_threshold(*usual)
        gc.unfreeze()
