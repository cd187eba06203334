"""From a sighting to a finding worth reading: the smallest program, both observations, the final signature.

What may live here: calling the reducer, the engines and triage for one sighting, in a worker. A signature is
exact only on a reduced program (`oracle.triage`), so what comes back may bear another one than the sighting.
"""

from __future__ import annotations

from collections.abc import Callable

from fuzz.guard import Guarded, loaded
from fuzz.plan import Plan, Sighting
from fuzz.suspects import DEADLY, reduce_deadly
from oracle import referee, triage
from oracle.check import Checked, check_batch
from oracle.discrepancy import Discrepancy, Finding
from oracle.program.language import Program
from oracle.program.parser import parse
from oracle.reduce import reduce

SECONDS = 10.0  # at most for one finding; the number of questions usually ends it long before


def reduce_finding(plan: Plan, sighting: Sighting) -> Finding:
    """The finding that a sighting turns out to be.

    Runs both engines many times; the caller has to reckon with the death of the process.
    """
    if sighting.kind in DEADLY:
        return reduce_deadly(plan, sighting.finding())
    subject = Guarded(loaded(plan.subject), plan.timeout)
    reference = Guarded(loaded(plan.reference), plan.timeout)

    def check(program: Program) -> list[Discrepancy]:
        return check_batch((program,), subject, reference)[0].discrepancies

    original = parse(sighting.source)
    before = check_batch((original,), subject, reference)[0]
    wanted = _cause(before, lambda one: triage.signature(one, original) == sighting.signature)
    if wanted is None:
        finding = sighting.finding()
        finding.flaky = True
        return finding
    still_fails = triage.same_cause(wanted, original, check)
    smaller = reduce(original, still_fails, observation=before.reference, seconds=SECONDS)
    after = check_batch((smaller,), subject, reference)[0]
    shown = triage.shown(wanted, original, after.discrepancies, smaller)
    if shown is None:
        after, shown, smaller = before, wanted, original
    finding = triage.finding(shown, smaller, original)
    finding.count = sighting.count
    finding.extra["number"] = sighting.number
    finding.subject, finding.reference = after.subject, after.reference
    finding.verdict = referee.judge(smaller, shown, subject, reference)
    finding.flaky = referee.flaky(finding.verdict)
    return finding


def _cause(checked: Checked, wanted: Callable[[Discrepancy], bool]) -> Discrepancy | None:
    causes = triage.causes(checked.discrepancies, checked.program)
    return next((one for one in causes if wanted(one)), None)
