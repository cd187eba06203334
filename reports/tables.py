"""Findings, runs, coverage and trend as pandas tables with documented columns; and to files without loss.

What may live here: the functions that fill the tables of `columns.TABLES`, which says what each column
means; and `load`, `save` and `read`.
"""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from oracle.discrepancy import Discrepancy, Finding
from reports import files, plain
from reports.columns import TABLES, shape
from reports.history import History
from reports.records import SIDES, STATES, Coverage, RunInfo, finding_id


@dataclass(frozen=True, slots=True)
class Tables:
    """The whole of a history as DataFrames; the columns are those of `TABLES`."""

    runs: pd.DataFrame
    findings: pd.DataFrame
    discrepancies: pd.DataFrame
    coverage: pd.DataFrame
    trend: pd.DataFrame

    def items(self) -> list[tuple[str, pd.DataFrame]]:
        """(name, frame) for each table."""
        return [(name, getattr(self, name)) for name in TABLES]


def load(path: str | Path) -> Tables:
    """The tables of a history: `path` is its file, or the output directory that holds `history.sqlite`.

    `coverage` is that of the latest run of each subject and reference; `coverage_frame(history.coverage(run))`
    gives any other. Raises HarnessError when there is no history or it cannot be read.
    """
    place = Path(path)
    with History(place / "history.sqlite" if place.is_dir() else place, create=False) as history:
        runs = history.runs()
        latest = {(run.subject, run.reference): run.id for run in runs}.values()
        return Tables(
            runs=runs_frame(runs),
            findings=_frame("findings", map(_stored_finding, history.rows(_STORED_FINDINGS))),
            discrepancies=_frame("discrepancies", map(_stored_discrepancy, history.rows(_STORED_DISCREPANCIES))),
            coverage=_stacked("coverage", [coverage_frame(history.coverage(run), run=run) for run in latest]),
            trend=trend_frame(history),
        )


def runs_frame(runs: Iterable[RunInfo]) -> pd.DataFrame:
    """One row per run."""
    return _frame("runs", [
        {
            "run": run.id, "subject": run.subject, "reference": run.reference, "started": run.started,
            "ended": run.ended or None, "seconds": run.seconds, "programs": run.programs,
            "instructions": run.instructions, "programs_per_second": run.programs_per_second,
            "seed": run.seed, "command": run.command, "status": run.status, "exit_status": run.exit_status,
            "discrepancies": sum(run.discrepancies.values()),
            "versions": json.dumps(run.all_versions, sort_keys=True),
        }
        for run in runs
    ])  # fmt: skip


def findings_frame(findings: Iterable[Finding], *, run: str = "") -> pd.DataFrame:
    """One row per finding, new ones first."""
    ordered = sorted(findings, key=lambda one: (order(one.state, STATES), -one.count, one.signature))
    return _frame("findings", [
        {
            "run": run, "finding": finding_id(one.signature), "state": one.state, "kind": one.kind,
            "op": one.op, "side": side_of(one), "count": one.count, "where": one.where, "line": one.line,
            "detail": one.detail, "instructions": len(one.program), "flaky": one.flaky,
            "accepted": bool(one.extra.get("accepted", False)),
            "first_seen": one.first_seen or None, "last_seen": one.last_seen or None,
            "evidence": "\n".join(one.verdict.evidence) if one.verdict else "",
            "signature": one.signature, "program": one.program.source, "original": one.original.source,
        }
        for one in ordered
    ])  # fmt: skip


def discrepancies_frame(discrepancies: Iterable[Discrepancy], *, run: str = "", signature: str = "") -> pd.DataFrame:
    """One row per discrepancy, in the order given; `signature` is that of their finding, where known."""
    return _frame("discrepancies", [
        {
            "run": run, "finding": finding_id(signature) if signature else "", "kind": one.kind, "op": one.op,
            "where": one.where, "instruction": one.index, "detail": one.detail,
            "program": one.program.source if one.program is not None else "",
        }
        for one in discrepancies
    ])  # fmt: skip


def coverage_frame(coverage: Coverage, *, run: str = "") -> pd.DataFrame:
    """One row per cell, expected cells that were never reached included with count 0."""
    return _frame("coverage", [
        {
            "run": run, "axis": axis, "item": item, "other": other,
            "count": coverage.counts.get((axis, item, other), 0),
            "expected": (axis, item, other) in coverage.expected,
        }
        for axis, item, other in sorted(coverage.expected | coverage.counts.keys())
    ])  # fmt: skip


def trend_frame(history: History, *, subject: str | None = None, reference: str | None = None) -> pd.DataFrame:
    """One row per stored run, oldest first, of one subject and reference where these are given."""
    states: dict[str, Counter[str]] = {}
    for row in history.rows("SELECT run, state, count(*) AS n FROM states GROUP BY run, state"):
        states.setdefault(row["run"], Counter())[row["state"]] = row["n"]
    covered = {row["run"]: row for row in history.rows("SELECT run, cells, share FROM coverage")}
    return _frame("trend", [
        {
            "run": run.id, "started": run.started, "subject": run.subject, "reference": run.reference,
            **{state: states.get(run.id, Counter())[state] for state in STATES},
            "programs": run.programs, "programs_per_second": run.programs_per_second,
            "cells": covered[run.id]["cells"] if run.id in covered else 0,
            "coverage": covered[run.id]["share"] if run.id in covered else None,
        }
        for run in history.runs(subject, reference)
    ])  # fmt: skip


def side_of(finding: Finding) -> str:
    """Who is at fault; "undetermined" where there is no verdict."""
    return finding.verdict.side if finding.verdict is not None else "undetermined"


def order(word: str, words: tuple[str, ...] = SIDES) -> int:
    """The place of `word` among `words`; unknown ones last."""
    return words.index(word) if word in words else len(words)


def save(frames: Tables | Mapping[str, pd.DataFrame], path: str | Path) -> list[Path]:
    """Write tables without loss and return the files written; `read` gives them back equal.

    `path` is a directory for `NAME.csv`, `NAME.parquet` and `NAME.jsonl` (all three), or a file ending in
    .sqlite that takes every table. Existing files of these names are replaced.
    """
    return files.save(dict(frames.items()), Path(path))


def read(path: str | Path, table: str | None = None) -> pd.DataFrame:
    """A table that `save` wrote, with its dtypes; `table` defaults to the name of the file."""
    return files.read(Path(path), table)


def _frame(name: str, rows: Iterable[Mapping[str, Any]]) -> pd.DataFrame:
    return shape(name, pd.DataFrame(list(rows), columns=list(TABLES[name]), dtype=object))


def _stacked(name: str, frames: list[pd.DataFrame]) -> pd.DataFrame:
    return shape(name, pd.concat(frames, ignore_index=True)) if frames else _frame(name, [])


_STORED_FINDINGS = """
    SELECT f.*, s.run, s.state, s.count, s.accepted FROM states s
    JOIN findings f ON f.number = s.finding JOIN runs r ON r.id = s.run
    ORDER BY r.started, r.id, CASE s.state WHEN 'new' THEN 0 WHEN 'back' THEN 1 WHEN 'known' THEN 2 ELSE 3 END,
    s.count DESC, f.signature
"""
_STORED_DISCREPANCIES = "SELECT * FROM discrepancies ORDER BY rowid"


def _stored_finding(row: sqlite3.Row) -> dict[str, Any]:
    """A row of the table `findings` from the store, without reading programs or observations."""
    verdict = plain.loads(row["verdict_json"])
    return {
        **{name: row[name] for name in (
            "run", "state", "kind", "op", "count", "line", "detail", "instructions", "first_seen", "last_seen",
            "signature", "program", "original",
        )},
        "finding": row["id"], "where": row["place"], "flaky": bool(row["flaky"]),
        "accepted": bool(row["accepted"]), "side": verdict.side if verdict else "undetermined",
        "evidence": "\n".join(verdict.evidence) if verdict else "",
    }  # fmt: skip


def _stored_discrepancy(row: sqlite3.Row) -> dict[str, Any]:
    return {
        **{name: row[name] for name in ("run", "kind", "op", "instruction", "detail", "program")},
        "finding": finding_id(row["signature"]) if row["signature"] else "", "where": row["place"],
    }  # fmt: skip
