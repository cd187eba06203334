"""The whole check of a program: run it on both engines, compare, give back the discrepancies.

What may live here: joining engines and comparison, one program at a time or in batches. How programs come to
be, and what becomes of discrepancies, is for other rooms.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from oracle.checks import Counts
from oracle.compare import compare
from oracle.discrepancy import Discrepancy
from oracle.engines.base import Engine
from oracle.observation import Observation
from oracle.program.program import Program

BATCH = 64
"""Programs that one engine runs before the other does: changing engines costs more than running a program."""


@dataclass(slots=True)
class Checked:
    """What came of one program. `unsupported` names why it was not run, and then nothing else is set."""

    program: Program
    subject: Observation | None = None
    reference: Observation | None = None
    discrepancies: list[Discrepancy] = field(default_factory=list)
    unsupported: str | None = None


class Disagreement(AssertionError):  # noqa: N818 - what it is
    """Two engines part on a program; `checked` has both observations and every discrepancy."""

    def __init__(self, checked: Checked) -> None:
        words = [*map(str, checked.discrepancies), "", checked.program.source]
        super().__init__("\n".join(words))
        self.checked = checked


def require_agreement(program: Program, subject: Engine, reference: Engine) -> None:
    """For tests: raise Disagreement, with the program as source, if there is any discrepancy."""
    __tracebackhide__ = True
    checked = check_batch((program,), subject, reference)[0]
    if checked.discrepancies:
        raise Disagreement(checked)


def check_program(
    program: Program, subject: Engine, reference: Engine, counts: Counts | None = None
) -> list[Discrepancy]:
    """Every discrepancy of `subject` against `reference` on `program`, the most telling first."""
    return check_batch((program,), subject, reference, counts)[0].discrepancies


def check_batch(
    programs: Sequence[Program], subject: Engine, reference: Engine, counts: Counts | None = None
) -> list[Checked]:
    """Each program checked, in order; engines run in phases of BATCH programs."""
    checked: list[Checked] = []
    for start in range(0, len(programs), BATCH):
        checked += _check_phase(programs[start : start + BATCH], subject, reference, counts)
    return checked


def _check_phase(
    programs: Sequence[Program], subject: Engine, reference: Engine, counts: Counts | None
) -> list[Checked]:
    checked = [Checked(program, unsupported=_unsupported(program, subject, reference)) for program in programs]
    asked = [one for one in checked if one.unsupported is None]
    theirs = reference.run_batch([one.program for one in asked])
    ours = subject.run_batch([one.program for one in asked])
    facts = subject.facts & reference.facts
    asking: dict[str, Any] = {
        "measure": reference.run_in_float64, "coarse": reference.run_in_float32,
        "run": partial(_answer, reference), "again": partial(_answer, subject),
    }  # fmt: skip
    for one, mine, its in zip(asked, ours, theirs, strict=True):
        one.subject, one.reference = mine, its
        found = compare(mine, its, one.program, facts, **(asking if subject.measured else {}), counts=counts)
        one.discrepancies = list(found)
    return checked


def _answer(engine: Engine, program: Program) -> Observation | None:
    """What an engine answers; None of a program that it does not support, as those that nobody recorded."""
    return engine.run(program) if engine.supports(program) is None else None


def _unsupported(program: Program, subject: Engine, reference: Engine) -> str | None:
    for engine in (subject, reference):
        reason = engine.supports(program)
        if reason is not None:
            return f"{engine.name}: {reason}"
    return None
