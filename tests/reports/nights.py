"""Real nights against an engine with planted faults: programs composed, compared, reduced, triaged, stored.

What may live here: the campaigns that the report tests and the sample report are made from. They are small
and run in this process, so that they are the same wherever they run.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path

from oracle import triage
from oracle.check import Checked, check_batch
from oracle.checks import Counts
from oracle.discrepancy import Discrepancy, Finding
from oracle.engines.base import Engine
from oracle.observation import Observation
from oracle.program.program import Program
from oracle.reduce import reduce
from oracle.referee import judge
from reports.history import History
from reports.records import Coverage, RunInfo
from strategies import buffers, decode, grammar
from tests.oracle.wrong import FAULTS, WrongTorch

FIRST_NIGHT = datetime(2026, 1, 5, 2, 0, tzinfo=UTC)
OPS = ("tanh", "sqrt", "transpose", "t", "neg", "sum", "mul", "add", "div", "sub", "exp", "unbind", "view")
REDUCING = 2.0  # seconds at most for one finding


@dataclass(frozen=True, slots=True)
class Night:
    """The faults planted in one night's subject, and how many programs are composed against it."""

    faults: Sequence[str]
    programs: int = 150


NIGHTS = (
    Night(["tanh gradient doubled", "sqrt value off", "transpose copies"]),
    Night(["tanh gradient doubled", "sqrt value off", "transpose copies"], 200),
    Night(["sqrt value off", "tanh gradient doubled"], 180),
    Night(["sqrt value off", "transpose copies", "neg refused", "sum in float32", "mul_ off"], 400),
)


def run_nights(
    directory: Path,
    reference: Engine,
    nights: Iterable[Night] = NIGHTS,
    subject: Callable[[Sequence[str]], Engine] | None = None,
    seed: int = 7,
) -> Path:
    """Run the nights one after the other into `directory`/history.sqlite and return `directory`.

    `subject` makes the engine that has the faults of these names.
    """
    make = subject or wrong_torch
    with History(directory / "history.sqlite") as history:
        for number, night in enumerate(nights):
            _run_night(history, number, night, make(night.faults), reference, seed + number)
    return directory


def wrong_torch(faults: Sequence[str]) -> Engine:
    """torch with these faults of `tests.oracle.wrong`."""
    return WrongTorch("wrongtorch", {path: fault for name in faults for path, fault in FAULTS[name].items()})


def _run_night(history: History, number: int, night: Night, subject: Engine, reference: Engine, seed: int) -> None:
    began = FIRST_NIGHT + timedelta(days=number)
    run = RunInfo(
        subject=subject.name, reference=reference.name, id=f"{began:%Y%m%d}-{number}", seed=seed,
        command=f"gradfuzz run --subject {subject.name} --seed {seed} --examples {night.programs}",
        started=began.isoformat(), versions={reference.name: reference.version},
    )  # fmt: skip
    history.start(run)
    heaps = _compose(run, night.programs, subject, reference, seed)
    found: dict[str, tuple[Finding, Discrepancy]] = {}
    for discrepancy, program, count in heaps.found.values():
        finding = _reduced(discrepancy, program, subject, reference)
        finding.count, finding.last_seen = count, run.started
        before, _ = found.setdefault(finding.signature, (finding, discrepancy))
        if before is not finding:
            triage.merge(before, finding)
    for finding, discrepancy in found.values():
        history.record(run.id, finding, discrepancies=[discrepancy])
    for finding in history.unseen(run.id):
        checked = check_batch((finding.program,), subject, reference)[0]
        if finding.signature not in _signatures(checked):
            history.record_gone(run.id, finding.signature)
    coverage, counts = heaps.coverage, heaps.counts
    run.compared = {"exact": counts.exact, "tolerance": counts.tolerated, "different": counts.different}
    run.compared |= dict(counts.skipped)
    run.seconds = night.programs / 500
    run.ended = (began + timedelta(seconds=run.seconds)).isoformat(timespec="seconds")
    run.status, run.exit_status = "finished", 1
    history.finish(run, coverage)


@dataclass(slots=True)
class _Heaps:
    """What a night met: by signature the first discrepancy, its program, the count; and what it covered."""

    found: dict[str, tuple[Discrepancy, Program, int]]
    coverage: Coverage
    counts: Counts


def _compose(run: RunInfo, number: int, subject: Engine, reference: Engine, seed: int) -> _Heaps:
    heaps = _Heaps({}, Coverage(), Counts())
    kinds: Counter[str] = Counter()
    rules = grammar(ops=OPS)
    programs = [decode(buffer, rules) for buffer in islice(buffers(seed, rules), number)]
    for checked in check_batch(programs, subject, reference, heaps.counts):
        run.programs += 1
        run.instructions += len(checked.program)
        _cover(heaps.coverage, checked.program, checked.reference)
        for discrepancy in checked.discrepancies:
            kinds[discrepancy.kind] += 1
        for cause in triage.causes(checked.discrepancies, checked.program):
            name = triage.signature(cause, checked.program)
            first, program, count = heaps.found.get(name, (cause, checked.program, 0))
            heaps.found[name] = first, program, count + 1
    run.discrepancies = dict(kinds)
    reachable = {("pair", one, other) for one in OPS for other in OPS} | {("op", op, "") for op in OPS}
    heaps.coverage.expected = frozenset(reachable | {("op", "atan2", "")})
    return heaps


def _cover(coverage: Coverage, program: Program, reference: Observation | None) -> None:
    """Ops, pairs of ops along a value, and dtypes: enough for a picture."""
    made: dict[str, str] = {}
    for instruction in program.instructions:
        op = instruction.op or instruction.form
        coverage.add("op", op)
        coverage.add("feature", instruction.form)
        for name in (arg.name for arg in instruction.args if hasattr(arg, "name")):
            if name in made:
                coverage.add("pair", made[name], op)
        for name in instruction.outs:
            made[name] = op
            facts = reference.tensors.get(name) if reference is not None else None
            if facts is not None:
                coverage.add("dtype", op, facts.dtype)
                coverage.add("rank", op, f"rank {len(facts.shape)}")


def _reduced(discrepancy: Discrepancy, original: Program, subject: Engine, reference: Engine) -> Finding:
    def check(program: Program) -> list[Discrepancy]:
        return check_batch((program,), subject, reference)[0].discrepancies

    still_fails = triage.same_cause(discrepancy, original, check)
    observed = reference.run(original)
    smaller = reduce(original, still_fails, observation=observed, seconds=REDUCING)
    checked = check_batch((smaller,), subject, reference)[0]
    shown = triage.shown(discrepancy, original, checked.discrepancies, smaller) or discrepancy
    finding = triage.finding(shown, smaller, original)
    finding.subject, finding.reference = checked.subject, checked.reference
    finding.verdict = judge(smaller, shown, subject, reference)
    return finding


def _signatures(checked: Checked) -> set[str]:
    return {triage.signature(one, checked.program) for one in checked.discrepancies}
