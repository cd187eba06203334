"""One program run again on both engines, in a worker: what is still different, as plain data.

What may live here: the task behind `gradfuzz replay`, which treats a program as hostile (it is checked in a
process of its own that may die, and a death is looked at in yet another), and its use in campaigns.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from fuzz.guard import Guarded, loaded, one_at_a_time
from fuzz.out_of_memory import is_short
from fuzz.plan import Plan
from fuzz.suspects import DEADLY, deadly_sighting, end_isolations
from fuzz.workers import LocalWorkers, is_lost
from oracle import triage
from oracle.check import check_batch
from oracle.discrepancy import Finding
from oracle.program.program import Program


@dataclass(slots=True)
class Replayed:
    """What a replay showed: the signatures of the causes, kinds, and every discrepancy in words."""

    signatures: list[str] = field(default_factory=list)
    kinds: set[str] = field(default_factory=set)
    words: list[str] = field(default_factory=list)
    unsupported: str | None = None


def replay(plan: Plan, program: Program) -> Replayed:
    """Run the program in a worker of its own. Raises what loading an engine raises."""
    with LocalWorkers(1, plan.max_memory) as workers:
        future = workers.submit(check, plan, program)
        error = future.exception()
        if error is not None and not is_lost(error):
            raise error
        result: Replayed | None = None if error else future.result()
    if result is not None:
        return result
    try:
        sighting = deadly_sighting(plan, 0, program)
    finally:
        end_isolations()
    if sighting is None:
        return Replayed(words=["the first process that ran it died, but alone it kills no engine"])
    return Replayed(
        [sighting.signature], {sighting.kind}, [f"{sighting.kind} at {sighting.op}: {sighting.detail}"]
    )


def check(plan: Plan, program: Program) -> Replayed | None:
    """The replay itself, both engines in this process; None where memory ran short over it."""
    subject = Guarded(loaded(plan.subject), plan.timeout)
    reference = Guarded(loaded(plan.reference), plan.timeout)
    checked = check_batch((program,), subject, reference)[0]
    if is_short(checked):
        return None
    return Replayed(
        [triage.signature(one, program) for one in triage.causes(checked.discrepancies, program)],
        {one.kind for one in checked.discrepancies},
        [str(one) for one in checked.discrepancies],
        checked.unsupported,
    )


def recheck(plan: Plan, finding: Finding) -> bool:
    """Whether an earlier finding's program still shows a difference of its kind."""
    if finding.kind in DEADLY:
        return deadly_sighting(plan, 0, finding.program) is not None
    with one_at_a_time:
        replayed = check(plan, finding.program)
    return replayed is None or finding.kind in replayed.kinds
