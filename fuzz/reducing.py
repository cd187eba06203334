"""From a sighting to a finding worth reading: the smallest program, both observations, the final signature.

What may live here: calling the reducer, the engines and triage for one sighting, in a worker. A signature is
exact only on a reduced program (`oracle.triage`), so what comes back may bear another one than the sighting.
"""

from __future__ import annotations

from collections.abc import Callable

from fuzz.guard import Guarded, loaded, one_at_a_time
from fuzz.plan import Plan, Sighting
from fuzz.suspects import DEADLY, reduce_deadly
from oracle import referee, triage
from oracle.check import Checked, check_batch
from oracle.discrepancy import Discrepancy, Finding
from oracle.engines.recorded import RecordedEngine
from oracle.program.parser import parse
from oracle.program.program import Program
from oracle.reduce import reduce

SECONDS = 10.0  # at most for one finding; the number of questions usually ends it long before


def reduce_finding(plan: Plan, sighting: Sighting) -> Finding:
    """The finding that a sighting turns out to be.

    Runs both engines many times; the caller has to reckon with the death of the process.
    """
    if sighting.kind in DEADLY:
        return reduce_deadly(plan, sighting.finding())
    with one_at_a_time:
        return _reduced(plan, sighting)


def _reduced(plan: Plan, sighting: Sighting) -> Finding:
    subject = Guarded(loaded(plan.subject), plan.timeout)
    reference = Guarded(loaded(plan.reference), plan.timeout)
    answers_any = not isinstance(loaded(plan.reference), RecordedEngine)

    def check(program: Program) -> list[Discrepancy]:
        return check_batch((program,), subject, reference)[0].discrepancies

    original = parse(sighting.source)
    before = check_batch((original,), subject, reference)[0]
    wanted = _cause(before, lambda one: triage.signature(one, original) == sighting.signature)
    if wanted is None:
        finding = sighting.finding()
        finding.flaky = True
        return finding
    smaller, shown, after = original, wanted, before
    if answers_any:
        still_fails = triage.same_cause(wanted, original, check)
        smallest = reduce(original, still_fails, observation=before.reference, seconds=SECONDS)
        again = check_batch((smallest,), subject, reference)[0]
        found = triage.shown(wanted, original, again.discrepancies, smallest)
        if found is not None:
            smaller, shown, after = smallest, found, again
    finding = triage.finding(shown, smaller, original)
    finding.count = sighting.count
    finding.extra.update(campaign=plan.campaign, buffer=sighting.buffer)
    finding.subject, finding.reference = after.subject, after.reference
    if answers_any:
        finding.verdict = referee.judge(smaller, shown, subject, reference)
        finding.flaky = referee.flaky(finding.verdict)
    return finding


def _cause(checked: Checked, wanted: Callable[[Discrepancy], bool]) -> Discrepancy | None:
    causes = triage.causes(checked.discrepancies, checked.program)
    return next((one for one in causes if wanted(one)), None)
