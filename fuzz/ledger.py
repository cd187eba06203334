"""The campaign's books: findings by signature, totals, and the history they are written to as they come.

What may live here: merging shard results in order, and what is stored when. No processes, no display.

Note [Heaps]. The signature of an unreduced program names a heap: what fails alike at first sight. The heap's
first program is reduced, and the finding it turns out to be counts the whole heap, now and later; until then
the heap stands in the history as a finding of its own, so that nothing is lost by a kill. One heap's name may
well be the signature of what another turns out to be, so a finding's count is always the sum over its heaps:
neither the order in which reductions end nor a kill between two of them can move a program to another finding.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from fuzz.coverage import expected
from fuzz.plan import Budget, Plan, ShardResult, Sighting
from fuzz.versions import versions
from oracle import triage
from oracle.discrepancy import Discrepancy, Finding, Verdict
from oracle.errors import HarnessError
from oracle.known import Entry, KnownList
from reports.history import History
from reports.records import Coverage, RunInfo, now

Range = tuple[int, int]


@dataclass(slots=True)
class Heap:
    """What failed alike at first sight (Note [Heaps]): its first program, until that is reduced."""

    signature: str  # of the finding that it turned out to be; until then its own name
    count: int = 0
    sighting: Sighting | None = None

    @classmethod
    def stored(cls, signature: str, count: int, sighting: dict[str, Any] | None) -> Heap:
        """What `asdict` made of one."""
        return cls(signature, count, None if sighting is None else Sighting(**sighting))


class Ledger:
    """Totals and findings of one campaign.

    `findings` holds findings and unreduced heaps alike, by signature; `heaps` holds, by name, what they are
    counted by.
    """

    def __init__(self, history: History, known: KnownList, run: RunInfo) -> None:
        self.history, self.known, self.run = history, known, run
        self.findings: dict[str, Finding] = {}
        self.heaps: dict[str, Heap] = {}
        self.coverage = Coverage()
        self.last_novelty = 0.0  # the campaign's second in which coverage last grew
        self._unsaved: set[str] = set()

    @classmethod
    def begin(cls, out: Path, plan: Plan, budget: Budget, known: KnownList, command: str) -> Ledger:
        """Books for a new campaign, its history in `out`."""
        run = RunInfo(
            subject=plan.subject, reference=plan.reference, id=plan.campaign, seed=plan.seed, command=command,
            versions=versions(), started=datetime.now(UTC).isoformat(timespec="microseconds"),
            extra={
                "out": str(out), "ops": list(plan.ops), "budget": asdict(budget),
                "progress": {"next": 0, "holes": []},
            },
        )  # fmt: skip
        history = History(out / "history.sqlite")
        history.start(run)
        books = cls(history, known, run)
        books.coverage = Coverage(expected=expected(plan.ops))
        return books

    @classmethod
    def resume(cls, out: Path, known: KnownList) -> Ledger:
        """The books of the latest campaign in `out` that did not come to its end.

        Raises HarnessError when there is no such campaign.
        """
        history = History(out / "history.sqlite", create=False)
        unfinished = [run for run in history.runs() if run.status != "finished"]
        if not unfinished:
            history.close()
            raise HarnessError(
                f"There is no unfinished campaign in {out}. Leave out --resume to begin one, or name the "
                f"directory of the one you mean with --out."
            )
        run = unfinished[-1]
        books = cls(history, known, run)
        books.coverage = history.coverage(run.id)
        progress = run.extra["progress"]
        # What was counted or reduced after the last checkpoint is so again: its programs run once more.
        books.heaps = {name: Heap.stored(**heap) for name, heap in progress.get("heaps", {}).items()}
        settled = {heap.signature for heap in books.heaps.values() if heap.sighting is None}
        books.findings = {one.signature: one for one in history.findings(run.id) if one.signature in settled}
        for signature, finding in books.findings.items():
            finding.count = books._counted(signature)
            finding.subject = finding.reference = None  # as in `_put`
        for sighting in books.unreduced():
            if sighting.signature not in settled:
                books._put(sighting.finding(), [sighting.discrepancy()])
        run.status = "running"
        history.start(run)
        return books

    def merge(self, result: ShardResult, seconds: float) -> list[Sighting]:
        """Add a shard's result; returns the sightings whose signatures are new in this campaign."""
        self.run.programs += result.programs
        self.run.instructions += result.instructions
        for mine, theirs in (
            (self.run.discrepancies, result.kinds),
            (self.run.compared, result.compared),
            (self.run.extra.setdefault("unsupported", {}), result.unsupported),
            (self.run.extra.setdefault("unreported", {}), result.unreported),
        ):
            for key, count in theirs.items():
                mine[key] = mine.get(key, 0) + count
        if self.coverage.counts.add(result.coverage):
            self.last_novelty = seconds
        return [one for one in result.sightings.values() if self._sight(one)]

    def _sight(self, sighting: Sighting) -> bool:
        """Count a sighting; True if its heap is new in this campaign."""
        name = sighting.signature
        is_new = name not in self.heaps
        heap = self.heaps.setdefault(name, Heap(name, sighting=sighting))
        heap.count += sighting.count
        finding = self.findings.get(heap.signature)
        if finding is None:
            self._put(sighting.finding(), [sighting.discrepancy()])
        else:
            finding.count += sighting.count
            self._unsaved.add(heap.signature)
        return is_new

    def reduced(self, name: str, finding: Finding) -> tuple[Finding, bool]:
        """Take in the finding that a heap turned out to be; returns it, and whether it is new."""
        signature = finding.signature
        is_new = not any(one.sighting is None and one.signature == signature for one in self.heaps.values())
        self.heaps[name].signature, self.heaps[name].sighting = signature, None
        if not is_new:
            same = self.findings[signature]
            triage.merge(same, finding)
            finding = same
        finding.count = self._counted(signature)
        self._put(finding)
        if name != signature:
            self._left(name, signature)
        return finding, is_new

    def _left(self, name: str, successor: str) -> None:
        """A heap turned out to be another finding than the one of its name."""
        count = self._counted(name)
        if count:  # which some other heap turned out to be
            self.findings[name].count = count
            self._unsaved.add(name)
            return
        del self.findings[name]
        self._unsaved.discard(name)
        self.history.withdraw(self.run.id, name, successor)

    def _counted(self, signature: str) -> int:
        return sum(heap.count for heap in self.heaps.values() if heap.signature == signature)

    def unexplained(self, number: int) -> None:
        """Note a program over which workers die although it kills no engine alone."""
        self.run.extra.setdefault("unexplained", []).append(number)

    def unreduced(self) -> list[Sighting]:
        """The first programs of the heaps that are still to be reduced."""
        return [heap.sighting for heap in self.heaps.values() if heap.sighting is not None]

    def seen(self) -> list[Finding]:
        """All findings of this campaign as stored, those that it showed to be fixed included."""
        return self.history.findings(self.run.id)

    def unmet(self) -> list[Finding]:
        """Findings of earlier campaigns, present when last seen, that this one has not met so far."""
        return self.history.unseen(self.run.id)

    def rechecked(self, finding: Finding, still_there: bool) -> None:
        """Take in what running an earlier finding's program again has shown."""
        if finding.signature in self.findings:
            return
        if still_there:
            finding.count = 1
            self.heaps[finding.signature] = Heap(finding.signature, finding.count)
            self._put(finding)
        else:
            self.history.record_gone(self.run.id, finding.signature)

    def _put(self, finding: Finding, discrepancies: Iterable[Discrepancy] = ()) -> None:
        self.findings[finding.signature] = finding
        accepted = self.known.match(finding.signature)
        finding.extra["accepted"] = accepted is not None
        if accepted is not None:
            finding.extra["reason"] = accepted.reason
            finding.verdict = _accepted(finding.verdict, accepted)
        finding.last_seen = now()
        finding.state = self.history.record(
            self.run.id, finding, accepted=accepted is not None, discrepancies=discrepancies
        )
        finding.subject = finding.reference = None  # in the history by now; kept here they would add up to megabytes

    def checkpoint(self, seconds: float, progress: dict[str, Any]) -> None:
        """Store how far the campaign is: what `resume` goes on from. `progress` is plain data."""
        for signature in sorted(self._unsaved):
            self._put(self.findings[signature])
        self._unsaved.clear()
        self.run.seconds = seconds
        self.run.extra["progress"] = {
            **progress,
            "heaps": {name: asdict(heap) for name, heap in self.heaps.items()},
        }
        self.history.finish(self.run, self.coverage)

    def close(self, status: str, exit_status: int) -> None:
        """The campaign's last word; the books are shut."""
        self.run.status, self.run.exit_status, self.run.ended = status, exit_status, now()
        self.history.finish(self.run, self.coverage)
        self.history.close()

    @property
    def failing(self) -> list[Finding]:
        """The findings that nobody has accepted."""
        return [one for one in self.findings.values() if not one.extra["accepted"]]

    @property
    def total(self) -> int:
        """Discrepancies so far, of all kinds."""
        return sum(self.run.discrepancies.values())


def _accepted(verdict: Verdict | None, entry: Entry) -> Verdict:
    """The verdict of the entry that accepts a finding: a person's word stands above the referee's."""
    if verdict is not None and verdict.side == entry.side:
        return verdict
    own = () if verdict is None else (f"the referee by itself: {verdict.side}, {'; '.join(verdict.evidence)}",)
    return Verdict(entry.side, (f"accepted as known: {entry.reason}", *own))
