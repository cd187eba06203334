"""The referee: who is wrong. One verdict per finding, with the evidence that led to it.

What may live here: weighing evidence. How it is gathered is `evidence`'s, one function each; what is a matter
of choice is listed in `conventions`. Engines are handed in.

Note [Never blame the subject alone]. The reference is held against itself first: its own other ways, other
strides, no in-place writes, `.grad` against returned gradients. Where it disagrees with itself the verdict is
never "subject", whatever else speaks against it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from oracle.compare import compare
from oracle.discrepancy import Discrepancy, Verdict
from oracle.documented import DOCUMENTED
from oracle.engines.base import Engine
from oracle.evidence import (
    BOTH,
    FACTS,
    NEITHER,
    NUMERIC,
    REFERENCE,
    SUBJECT,
    WHEN_RUN_AGAIN,
    Case,
    Evidence,
    repeats,
)
from oracle.observation import FACTS as FACTS_OF_ALL
from oracle.program.program import Program
from oracle.triage import about_gradient, place

CONVENTION, UNDETERMINED = "convention", "undetermined"


def judge(
    program: Program,
    discrepancy: Discrepancy,
    subject: Engine,
    reference: Engine,
    others: Sequence[Engine] = (),
) -> Verdict:
    """Who is wrong about `discrepancy` of `program`.

    `others` are the reference's own other ways. Engines are run, many times for gradients: some tens of
    milliseconds. The verdict's side is "subject", "reference", "convention" or "undetermined".
    """
    case = Case(program, discrepancy, subject, reference, others)
    if not _shows(case):
        found = [*repeats(case)]
        side = _wrong(found) if found else UNDETERMINED
        return Verdict(side, (f"the difference did not show {WHEN_RUN_AGAIN}", *(one.text for one in found)))
    forward = _forward_first(case)
    if forward is not None:
        case = Case(program, forward, subject, reference, others)
    finders = (*FACTS, *NUMERIC, *DOCUMENTED) if case.numeric else FACTS
    found = [one for finder in finders for one in finder(case)]
    side, why = _weigh(case, found)
    texts = [one.text for one in found]
    if forward is not None:
        texts.insert(0, f"the values of {forward.where} part before any gradient: {forward.detail}")
    return Verdict(side, (why, *texts))


def flaky(verdict: Verdict) -> bool:
    """Whether an engine answered otherwise when the same program was run again."""
    return any(WHEN_RUN_AGAIN in text for text in verdict.evidence)


def _shows(case: Case) -> bool:
    """Whether the difference is there this time too."""
    wanted = (case.discrepancy.kind, case.discrepancy.where)
    return any((one.kind, one.where) == wanted for one in _differences(case, FACTS_OF_ALL))


def _forward_first(case: Case) -> Discrepancy | None:
    """A difference of forward values that comes before the gradient in question, if there is one."""
    if not case.gradient or not case.numeric:
        return None
    for one in _differences(case, frozenset({"value"})):
        forward = one.kind in ("value", "non-finite") and not about_gradient(one, case.program)
        if forward and place(one, case.program) <= place(case.discrepancy, case.program):
            return one
    return None


def _differences(case: Case, wanted: frozenset[str]) -> Iterable[Discrepancy]:
    ours, theirs = case.seen[SUBJECT], case.seen[REFERENCE]
    facts = case.subject.facts & case.reference.facts & wanted
    return compare(ours, theirs, case.program, facts, measure=case.reference.run_in_float64)


def _weigh(case: Case, found: Sequence[Evidence]) -> tuple[str, str]:
    """The side at fault, and the reason in one line."""
    unsteady = [one for one in found if one.kind == "repeat"]
    if unsteady:
        return _wrong(unsteady), "an answer that does not repeat is wrong"
    if any(one.kind == "documented" for one in found):
        return CONVENTION, "the documentation promises no answer here"
    parts = [one for one in found if one.kind == "itself" and one.sides != REFERENCE]
    truths = [one for one in found if one.kind == "truth" and one.sides in (SUBJECT, REFERENCE)]
    choices = [one for one in found if one.kind == "convention"]
    if any(one.sides == SUBJECT for one in truths):
        if all(one.sides == SUBJECT for one in truths):
            return REFERENCE, "the subject's answer is right, and the reference's is not"
        return UNDETERMINED, "what is right depends on how it is asked"
    if choices:
        return CONVENTION, "no single answer is right here"
    if parts:
        if all(one.sides == SUBJECT for one in parts) and not truths:
            return REFERENCE, "asked otherwise, the reference parts from itself and sides with the subject"
        return UNDETERMINED, "the reference disagrees with itself"
    if truths:
        return SUBJECT, "the reference's answer is right, and the subject's is not"
    return _by_default(case, found)


def _wrong(unsteady: Sequence[Evidence]) -> str:
    """The engine that does not repeat itself, if it is one of them."""
    if len({one.sides for one in unsteady}) > 1:
        return UNDETERMINED
    return SUBJECT if unsteady[0].sides == REFERENCE else REFERENCE


def _by_default(case: Case, found: Sequence[Evidence]) -> tuple[str, str]:
    """What is said where nothing independent settles it."""
    if not case.numeric:
        return SUBJECT, "what an engine must say here is what the reference says, and it says so every time"
    if any(one.kind == "note" and one.sides == BOTH for one in found):
        return UNDETERMINED, "both answers are right as far as numbers can tell"
    asked = [one for one in found if one.kind == "itself"]
    if any(one.kind == "truth" and one.sides == NEITHER for one in found):
        return UNDETERMINED, "numbers agree with neither side"
    if asked:
        return SUBJECT, "the reference agrees with itself however it is asked"
    return UNDETERMINED, "nothing independent could be asked"
