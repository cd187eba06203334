"""The campaign's books: findings by signature, totals, and the history they are written to as they come.

What may live here: merging shard results in order, and what is stored when. No processes, no display.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from fuzz.plan import Budget, Plan, ShardResult, Sighting
from fuzz.versions import versions
from oracle.discrepancy import Finding
from oracle.errors import HarnessError
from oracle.known import KnownList
from oracle.program.parser import parse
from reports.history import History
from reports.records import Coverage, RunInfo, now

Range = tuple[int, int]


class Ledger:
    """Totals and findings of one campaign. Every finding is in the history before `merge` returns.

    `run.extra["progress"]` holds what `--resume` needs: the seed's next program, the ranges given out before
    it and not merged yet, and the counts by signature as of the same moment.
    """

    def __init__(self, history: History, known: KnownList, run: RunInfo) -> None:
        self.history, self.known, self.run = history, known, run
        self.findings: dict[str, Finding] = {}
        self.coverage = Coverage()
        self.last_novelty = 0.0  # the campaign's second in which coverage last grew
        self._unsaved: set[str] = set()

    @classmethod
    def begin(cls, out: Path, plan: Plan, budget: Budget, known: KnownList, command: str) -> Ledger:
        """Books for a new campaign, its history in `out`."""
        run = RunInfo(
            subject=plan.subject, reference=plan.reference, id=plan.campaign, seed=plan.seed, command=command,
            versions=versions(),
            extra={"ops": list(plan.ops), "budget": asdict(budget), "progress": {"next": 0, "holes": []}},
        )  # fmt: skip
        history = History(out / "history.sqlite")
        history.start(run)
        return cls(history, known, run)

    @classmethod
    def resume(cls, out: Path, known: KnownList) -> Ledger:
        """The books of the campaign in `out` that did not come to its end.

        Raises HarnessError when there is no such campaign.
        """
        history = History(out / "history.sqlite", create=False)
        unfinished = [run for run in history.runs() if run.status in ("running", "interrupted")]
        if not unfinished:
            history.close()
            raise HarnessError(
                f"There is no unfinished campaign in {out}. Leave out --resume to begin one, or name its --out."
            )
        run = unfinished[-1]
        run.status = "running"
        books = cls(history, known, run)
        counts = run.extra["progress"].get("counts", {})
        for finding in history.findings(run.id):
            finding.count = counts.get(finding.signature, 0)
            books.findings[finding.signature] = finding
        books.coverage = history.coverage(run.id)
        history.start(run)
        return books

    def merge(self, result: ShardResult, seconds: float) -> list[Finding]:
        """Add a shard's result; returns the findings that are new in this campaign."""
        self.run.programs += result.programs
        self.run.instructions += result.instructions
        for mine, theirs in (
            (self.run.discrepancies, result.kinds),
            (self.run.compared, result.compared),
            (self.run.extra.setdefault("unsupported", {}), result.unsupported),
        ):
            for key, count in theirs.items():
                mine[key] = mine.get(key, 0) + count
        cells = self.coverage.counts
        if any(cell not in cells for cell in result.coverage):
            self.last_novelty = seconds
        for cell, count in result.coverage.items():
            cells[cell] = cells.get(cell, 0) + count
        return [finding for one in result.sightings.values() if (finding := self.sight(one)) is not None]

    def sight(self, sighting: Sighting) -> Finding | None:
        """Count a sighting; returns the finding if its signature is new in this campaign."""
        finding = self.findings.get(sighting.signature)
        if finding is not None:
            finding.count += sighting.count
            self._unsaved.add(finding.signature)
            return None
        program = parse(sighting.source)
        line = None if sighting.index is None else sighting.index + 1
        finding = Finding(
            sighting.signature, sighting.kind, sighting.op, sighting.detail, sighting.where,
            program, program, line=line, count=sighting.count, last_seen=now(),
        )  # fmt: skip
        self.put(finding)
        return finding

    def put(self, finding: Finding) -> None:
        """Store a finding, new or with a smaller program."""
        self.findings[finding.signature] = finding
        accepted = self.known.match(finding.signature)
        finding.extra["accepted"] = accepted is not None
        if accepted is not None:
            finding.extra["reason"] = accepted.reason
        finding.state = self.history.record(self.run.id, finding, accepted=accepted is not None)

    def reduced(self, finding: Finding) -> None:
        """Store a finding that came back from its reduction; what was counted meanwhile stays counted."""
        finding.count = self.findings[finding.signature].count
        finding.extra["reduced"] = True
        self.put(finding)

    def unreduced(self) -> list[Finding]:
        """The findings whose reduction has not ended."""
        return [one for one in self.findings.values() if not one.extra.get("reduced")]

    def checkpoint(self, seconds: float, next_program: int, holes: Iterable[Range]) -> None:
        """Store how far the campaign is."""
        for signature in sorted(self._unsaved):
            self.put(self.findings[signature])
        self._unsaved.clear()
        self.run.seconds = seconds
        self.run.extra["progress"] = {
            "next": next_program,
            "holes": sorted(holes),
            "counts": {signature: finding.count for signature, finding in self.findings.items()},
        }
        self.history.finish(self.run, self.coverage)

    def close(self, status: str, exit_status: int) -> None:
        """The campaign's last word."""
        self.run.status, self.run.exit_status, self.run.ended = status, exit_status, now()
        self.history.finish(self.run, self.coverage)

    @property
    def failing(self) -> list[Finding]:
        """The findings that nobody has accepted."""
        return [one for one in self.findings.values() if not one.extra.get("accepted")]

    @property
    def total(self) -> int:
        """Discrepancies so far, of all kinds."""
        return sum(self.run.discrepancies.values())

    def progress(self) -> dict[str, Any]:
        """What `checkpoint` stored last."""
        return dict(self.run.extra["progress"])


def kinds_of(findings: Iterable[Finding]) -> Counter[str]:
    """How many findings there are of each kind."""
    return Counter(finding.kind for finding in findings)
