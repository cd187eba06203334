"""The files a campaign leaves in its directory: report, tables, summary, one program per finding.

What may live here: names and formats of those files. Everything in them comes from the ledger's history.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from oracle.discrepancy import Finding
from oracle.errors import HarnessError
from reports.records import Coverage, RunInfo, finding_id


def directory(path: Path) -> Path:
    """The output directory, made if missing. Raises HarnessError where nothing can be written to it."""
    try:
        path.mkdir(parents=True, exist_ok=True)
        probe = path / f".writable-{os.getpid()}"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise HarnessError(
            f"Nothing can be written to {path}: {error.strerror or error}. Name another directory with --out."
        ) from error
    return path


def program_path(out: Path, signature: str) -> Path:
    """Where the program of a finding is written."""
    return out / "findings" / f"{finding_id(signature)}.py"


def write(out: Path, run: RunInfo, findings: list[Finding], coverage: Coverage) -> list[Path]:
    """Write everything about a run that is over; returns the paths that a person wants to open first."""
    from reports import files, html, tables  # pandas, which nothing before this needs
    from reports.history import History

    summary_path = out / "summary.json"
    try:
        for finding in findings:
            write_program(out, run, finding)
        frames = tables.load(out)
        rows = frames.discrepancies[frames.discrepancies["run"] == run.id].reset_index(drop=True)
        for suffix in (".csv", ".parquet"):
            files.write(rows, out / f"discrepancies{suffix}")
        with History(out / "history.sqlite", create=False) as history:
            report_path = html.write_report(out / "report.html", run, findings, coverage, history)
        temporary = out / f".summary-{os.getpid()}.json"
        temporary.write_text(json.dumps(summary(out, run, findings), indent=2) + "\n", "utf-8")
        temporary.replace(summary_path)  # whoever reads it meanwhile reads a whole one
    except OSError as error:
        raise HarnessError(
            f"The results cannot be written to {out}: {error.strerror or error}. Everything found is kept in "
            f"{out / 'history.sqlite'}."
        ) from error
    return [report_path, summary_path]


def write_program(out: Path, run: RunInfo, finding: Finding) -> Path:
    """The finding's smallest program as a file that Python runs with torch, and `gradfuzz replay` on both."""
    path = program_path(out, finding.signature)
    path.parent.mkdir(exist_ok=True)
    comment = f"{finding.kind} at {finding.where}: {finding.detail}\nsignature: {finding.signature}"
    path.write_text(finding.program.script(comment=_commentable(comment)), "utf-8")
    return path


def summary(out: Path, run: RunInfo, findings: list[Finding]) -> dict[str, Any]:
    """What `summary.json` holds; keys are only ever added."""
    return {
        "run": run.id,
        "status": run.status,
        "exit_status": run.exit_status,
        "subject": run.subject,
        "reference": run.reference,
        "seed": run.seed,
        "command": run.command,
        "started": run.started,
        "ended": run.ended,
        "seconds": round(run.seconds, 3),
        "programs": run.programs,
        "instructions": run.instructions,
        "programs_per_second": round(run.programs_per_second, 1),
        "versions": {**run.versions, **run.extra.get("engines", {})},
        "discrepancies": dict(sorted(run.discrepancies.items())),
        "compared": dict(sorted(run.compared.items())),
        "unreported": dict(sorted(run.extra.get("unreported", {}).items())),
        "unsupported": run.extra.get("unsupported", {}),
        "unexplained": run.extra.get("unexplained", []),
        "findings": [
            {
                "id": finding_id(one.signature),
                "signature": one.signature,
                "kind": one.kind,
                "op": one.op,
                "state": one.state,
                "accepted": bool(one.extra.get("accepted")),
                "count": one.count,
                "verdict": one.verdict.side if one.verdict else None,
                "detail": one.detail,
                "repro": str(program_path(out, one.signature)),
            }
            for one in sorted(findings, key=lambda one: one.signature)
        ],
    }


def _commentable(text: str) -> str:
    """Text of an engine made fit for comment lines: no line end but our own, nothing unprintable."""
    return "\n".join(
        "".join(sign if sign.isprintable() else " " for sign in line) for line in text.split("\n")
    )
