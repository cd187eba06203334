"""Hunting a planted bug: how many programs, seconds and instructions it takes to catch one.

What may live here: one hunt. Which bugs there are is in `oracle.engines.mutants`.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from oracle import triage
from oracle.check import Checked, check_batch, check_program
from oracle.discrepancy import Discrepancy
from oracle.engines import load
from oracle.engines.base import Engine
from oracle.engines.mutants import Mutant, MutantEngine
from oracle.program.language import Program
from oracle.reduce import reduce
from strategies import buffers, decode, grammar
from strategies.grammar import ALL_DTYPES

BATCH = 8
RARE, COMMON = 1, 1000  # said of how often was drawn what a mutant needs, and everything else, so as to lean to it


@dataclass(slots=True)
class Catch:
    """What became of one hunt. `program` is the smallest that shows the bug, None where nothing did."""

    mutant: Mutant
    programs: int
    seconds: float
    kind: str = ""
    detail: str = ""
    program: Program | None = None
    reducing: float = 0.0

    @property
    def size(self) -> int:
        """Instructions of the smallest program."""
        return 0 if self.program is None else len(self.program)


def hunt(mutant: Mutant, *, seed: int = 0, programs: int = 20_000, seconds: float = 60.0) -> Catch:
    """Draws programs until one shows the bug and minigrad without it does not; reduces that one.

    `seconds` is processor time of this process; programs come from the ops and features that the mutant names, if any.
    """
    subject, healthy, reference = MutantEngine(mutant), load("minigrad"), load("torch")
    chosen = grammar(ops=mutant.ops or None, features=mutant.features or None, dtypes=ALL_DTYPES)
    stream = buffers(seed, chosen)
    if mutant.features:
        stream.steer({name: RARE if name in mutant.features else COMMON for name in chosen.weights})
    started = time.process_time()
    done = 0
    while done < programs and time.process_time() - started < seconds:
        batch = [decode(buffer, chosen) for buffer in islice(stream, BATCH)]
        for number, checked in enumerate(check_batch(batch, subject, reference), 1):
            for wanted in _new(checked, healthy, reference):
                spent = time.process_time() - started
                return _reduced(mutant, done + number, spent, checked, wanted, subject, reference)
        done += len(batch)
    return Catch(mutant, done, time.process_time() - started)


def _new(checked: Checked, healthy: Engine, reference: Engine) -> Iterator[Discrepancy]:
    """The discrepancies that minigrad as it is does not have on the same program."""
    if not checked.discrepancies:
        return
    known = {triage.signature(d, checked.program) for d in check_program(checked.program, healthy, reference)}
    for found in triage.causes(checked.discrepancies, checked.program):
        if triage.signature(found, checked.program) not in known:
            yield found


def _reduced(
    mutant: Mutant,
    programs: int,
    seconds: float,
    checked: Checked,
    wanted: Discrepancy,
    subject: Engine,
    reference: Engine,
) -> Catch:
    original = checked.program

    def check(program: Program) -> list[Discrepancy]:
        return check_program(program, subject, reference)

    started = time.process_time()
    smallest = reduce(original, triage.same_cause(wanted, original, check), observation=checked.reference)
    return Catch(mutant, programs, seconds, wanted.kind, str(wanted), smallest, time.process_time() - started)
