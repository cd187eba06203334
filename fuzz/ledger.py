"""The campaign's books: findings by signature, totals, and the history they are written to as they come.

What may live here: merging shard results in order, and what is stored when. No processes, no display.

Note [Heaps]. The signature of an unreduced program names a heap: what fails alike at first sight. The heap's
first program is reduced, and the finding it turns out to be takes over the heap's count, now and later; until
then the heap stands in the history as a finding of its own, so that nothing is lost by a kill.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from fuzz.coverage import expected
from fuzz.plan import Budget, Plan, ShardResult, Sighting
from fuzz.versions import versions
from oracle import triage
from oracle.discrepancy import Discrepancy, Finding
from oracle.errors import HarnessError
from oracle.known import KnownList
from reports.history import History
from reports.records import Coverage, RunInfo, now

Range = tuple[int, int]


class Ledger:
    """Totals and findings of one campaign.

    `findings` holds findings and unreduced heaps alike, by signature; `heaps` says of each heap which finding
    it turned out to be (Note [Heaps]).
    """

    def __init__(self, history: History, known: KnownList, run: RunInfo) -> None:
        self.history, self.known, self.run = history, known, run
        self.findings: dict[str, Finding] = {}
        self.heaps: dict[str, str] = {}
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
        unfinished = [run for run in history.runs() if run.status in ("running", "interrupted")]
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
        books.heaps = dict(progress.get("heaps", {}))
        counts = progress.get("counts", {})
        for finding in history.findings(run.id):
            # What was counted after the last checkpoint is counted again by the programs since then.
            finding.count = counts.get(finding.signature, 0)
            books.findings[finding.signature] = finding
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
        """Count a sighting; True if its signature is new in this campaign."""
        signature = self.heaps.get(sighting.signature, sighting.signature)
        finding = self.findings.get(signature)
        if finding is not None:
            finding.count += sighting.count
            self._unsaved.add(signature)
            return False
        finding = sighting.finding()
        finding.extra["sighting"] = asdict(sighting)
        self._put(finding, [sighting.discrepancy()])
        return True

    def reduced(self, heap: str, finding: Finding) -> tuple[Finding, bool]:
        """Take in the finding that a heap turned out to be; returns it, and whether it is new."""
        self.heaps[heap] = finding.signature
        before = self.findings.get(heap)
        if before is None:  # reduced twice, after a resume
            return finding, False
        finding.count = before.count
        self._unsaved.discard(heap)
        same = self.findings.get(finding.signature)
        if same is not None and finding.signature != heap:
            triage.merge(same, finding)
            finding = same
        self._put(finding)
        if finding.signature != heap:
            del self.findings[heap]
            self.history.withdraw(self.run.id, heap, finding.signature)
        return finding, same is None or finding.signature == heap

    def unreduced(self) -> list[Sighting]:
        """The heaps that are still to be reduced."""
        return [
            Sighting(**one.extra["sighting"]) for one in self.findings.values() if "sighting" in one.extra
        ]

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
            self._put(finding)
        else:
            self.history.record_gone(self.run.id, finding.signature)

    def _put(self, finding: Finding, discrepancies: Iterable[Discrepancy] = ()) -> None:
        self.findings[finding.signature] = finding
        accepted = self.known.match(finding.signature)
        finding.extra["accepted"] = accepted is not None
        if accepted is not None:
            finding.extra["reason"] = accepted.reason
        finding.last_seen = now()
        finding.state = self.history.record(
            self.run.id, finding, accepted=accepted is not None, discrepancies=discrepancies
        )

    def checkpoint(self, seconds: float, progress: dict[str, Any]) -> None:
        """Store how far the campaign is: what `resume` goes on from. `progress` is plain data."""
        for signature in sorted(self._unsaved):
            self._put(self.findings[signature])
        self._unsaved.clear()
        self.run.seconds = seconds
        self.run.extra["progress"] = {
            **progress,
            "heaps": self.heaps,
            "counts": {signature: finding.count for signature, finding in self.findings.items()},
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
