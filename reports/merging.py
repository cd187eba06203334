"""Several runs or shards in one report.

What may live here: uniting runs, findings, coverages and trends. The same finding of several shards becomes
one with their counts; nothing is judged anew.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

import pandas as pd

from oracle.discrepancy import Finding
from oracle.errors import HarnessError
from reports.history import History
from reports.html import Part, write_parts
from reports.records import STATES, Coverage, RunInfo
from reports.tables import order, trend_frame


def merge(paths: Iterable[str | Path], out: str | Path) -> list[Part]:
    """Write one report of the latest run in each of `paths` to `out`; returns what was united.

    Each path is an output directory or its history file. Runs of one subject and reference are shards of one
    run: their counts add up. Raises HarnessError when a path holds no history or no run.
    """
    shards: list[Part] = []
    coverages: list[Coverage] = []
    trends: list[pd.DataFrame] = []
    seen: set[str] = set()
    for path in map(Path, paths):
        with History(path / "history.sqlite" if path.is_dir() else path, create=False) as history:
            runs = history.runs()
            if not runs:
                raise HarnessError(f"The history in {path} holds no run, so there is nothing to report.")
            run = runs[-1]
            trends.append(trend_frame(history, subject=run.subject, reference=run.reference))
            if run.id in seen:
                continue  # the same directory twice
            seen.add(run.id)
            shards.append(Part(run, history.findings(run.id)))
            coverages.append(history.coverage(run.id))
    if not shards:
        raise HarnessError("A merged report needs at least one run; name the directories to merge.")
    parts = united(shards)
    # A trend is of one subject against one reference; several have none in common.
    alike = len(parts) == 1
    nights = pd.concat(trends).drop_duplicates("run").sort_values("started") if alike else None
    write_parts(out, parts, Coverage.merged(coverages), nights)
    return parts


def united(shards: Sequence[Part]) -> list[Part]:
    """One part per subject and reference, in the order in which these first appear."""
    groups: dict[tuple[str, str], list[Part]] = {}
    for shard in shards:
        groups.setdefault((shard.run.subject, shard.run.reference), []).append(shard)
    return [
        group[0] if len(group) == 1 else Part(_one_run([one.run for one in group]), _one_list(group))
        for group in groups.values()
    ]


def _one_run(runs: Sequence[RunInfo]) -> RunInfo:
    """The shards as one run: counts add up, times span all, seeds and commands stay only where equal."""
    first = runs[0]
    return replace(
        first,
        id=" + ".join(run.id for run in runs),
        seed=first.seed if all(run.seed == first.seed for run in runs) else None,
        command=first.command if all(run.command == first.command for run in runs) else "",
        started=min(run.started for run in runs),
        ended=max(run.ended for run in runs) if all(run.ended for run in runs) else "",
        seconds=max(run.seconds for run in runs),
        programs=sum(run.programs for run in runs),
        instructions=sum(run.instructions for run in runs),
        versions=_versions(runs),
        status=_worst(runs),
        exit_status=_exit_status(runs),
        discrepancies=dict(sum((Counter(run.discrepancies) for run in runs), Counter())),
        compared=dict(sum((Counter(run.compared) for run in runs), Counter())),
    )


def _versions(runs: Sequence[RunInfo]) -> dict[str, str]:
    named: dict[str, dict[str, None]] = {}
    for run in runs:
        for package, version in run.all_versions.items():
            named.setdefault(package, {})[version] = None
    return {package: " and ".join(versions) for package, versions in named.items()}


def _worst(runs: Sequence[RunInfo]) -> str:
    words = ("failed", "running", "interrupted", "finished")
    return min((run.status for run in runs), key=lambda status: order(status, words))


def _exit_status(runs: Sequence[RunInfo]) -> int | None:
    known = [run.exit_status for run in runs if run.exit_status is not None]
    return max(known) if len(known) == len(runs) else None


def _one_list(shards: Sequence[Part]) -> list[Finding]:
    """Each signature once: counts add up, the smallest program stays, the most urgent state counts."""
    found: dict[str, Finding] = {}
    for shard in shards:
        for finding in shard.findings:
            before = found.get(finding.signature)
            found[finding.signature] = finding if before is None else _one_finding(before, finding)
    return list(found.values())


def _one_finding(one: Finding, other: Finding) -> Finding:
    small, large = (one, other) if len(one.program) <= len(other.program) else (other, one)
    return replace(
        small,
        count=one.count + other.count,
        verdict=small.verdict or large.verdict,
        state=min((one.state, other.state), key=lambda state: order(state, STATES)),
        first_seen=min(filter(None, (one.first_seen, other.first_seen)), default=""),
        last_seen=max(one.last_seen, other.last_seen),
        flaky=one.flaky or other.flaky,
    )
