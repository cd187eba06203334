"""The history store: runs, findings as they are found, sightings per run, coverage; and what is new tonight.

What may live here: what the tables of `schema.sql` mean. Every public method is one transaction, so that
whoever is killed leaves whole records. Whether a finding is accepted is decided elsewhere and handed in.

Note [States]. A finding is `new` when no earlier run of the same subject and reference has it on record;
`known` when the latest record has it present, or when it is accepted; `back` when the latest record says it
was gone; and `fixed` when tonight's record says so. Absence alone is no record: a random search that does
not meet a bug has not shown it gone, only a replay of its program has (`record_gone`).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

from oracle.discrepancy import Discrepancy, Finding
from oracle.errors import HarnessError
from oracle.program.parser import parse
from reports import database, plain
from reports.records import Coverage, RunInfo, finding_id, now

KEPT = 20  # single discrepancies kept per finding and run; the count is exact all the same

_EARLIER = """
    SELECT s.present FROM sightings s JOIN runs r ON r.id = s.run
    WHERE s.finding = :finding AND (r.started, r.id) < (:started, :run)
    ORDER BY r.started DESC, r.id DESC LIMIT 1
"""


class History:
    """One history file. Use it as a context manager, from one thread; any number of processes may share it.

    >>> with History("gradfuzz-out/history.sqlite") as history:
    ...     history.start(run)
    ...     history.record(run.id, finding)
    ...     history.finish(run, coverage)
    """

    def __init__(self, path: str | Path, *, create: bool = True) -> None:
        """Open `path`; see `database.connect` for what is refused and how."""
        self.path = Path(path)
        self._connection = database.connect(self.path, create=create)

    def __enter__(self) -> History:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file; harmless when done twice."""
        self._connection.close()

    # --- runs

    def start(self, run: RunInfo) -> None:
        """Store a run at its beginning (or again, when it is resumed)."""
        with database.transaction(self._connection, self.path):
            self._put_run(run)

    def finish(self, run: RunInfo, coverage: Coverage | None = None) -> None:
        """Store the run's last word (status, counts, exit status) and what it covered."""
        with database.transaction(self._connection, self.path):
            self._put_run(run)
            if coverage is not None:
                self._put_coverage(run.id, coverage)

    def runs(self, subject: str | None = None, reference: str | None = None) -> list[RunInfo]:
        """All runs, oldest first, of one subject and reference where these are given."""
        rows = self._all(
            "SELECT info_json FROM runs WHERE (?1 IS NULL OR subject = ?1) AND (?2 IS NULL OR reference = ?2)"
            " ORDER BY started, id",
            (subject, reference),
        )
        return [RunInfo.from_dict(plain.loads(row["info_json"])) for row in rows]

    def run(self, run_id: str) -> RunInfo:
        """The run of this id; HarnessError when there is none."""
        rows = self._all("SELECT info_json FROM runs WHERE id = ?", (run_id,))
        if not rows:
            raise HarnessError(f"The history {self.path} has no run {run_id!r}.")
        return RunInfo.from_dict(plain.loads(rows[0]["info_json"]))

    def coverage(self, run_id: str) -> Coverage:
        """What one run covered; empty when it stored nothing."""
        rows = self._all("SELECT axis, item, other, count, expected FROM coverage WHERE run = ?", (run_id,))
        cells = {(row["axis"], row["item"], row["other"]): row for row in rows}
        return Coverage(
            counts={cell: row["count"] for cell, row in cells.items() if row["count"]},
            expected=frozenset(cell for cell, row in cells.items() if row["expected"]),
        )

    # --- findings

    def record(
        self,
        run_id: str,
        finding: Finding,
        *,
        accepted: bool = False,
        discrepancies: Iterable[Discrepancy] = (),
    ) -> str:
        """Store a finding the moment it is found or grown, and return its state tonight (Note [States]).

        `finding.count` is the run's total so far, so that recording the same finding again is harmless. A
        smaller program than the stored one replaces it. `discrepancies` are examples; the first `KEPT` stay.
        """
        with database.transaction(self._connection, self.path):
            run = self._stored_run(run_id)
            number = self._put_finding(run, finding)
            self._put_sighting(run_id, number, present=1, count=finding.count, accepted=accepted)
            self._put_discrepancies(run_id, finding.signature, discrepancies)
            return self._state(run, number, accepted=accepted, present=True)

    def record_gone(self, run_id: str, signature: str) -> None:
        """Store that the program of an earlier finding was replayed in this run and no longer fails."""
        with database.transaction(self._connection, self.path):
            run = self._stored_run(run_id)
            row = self._finding_row(run, signature)
            self._put_sighting(run_id, row["number"], present=0, count=0, accepted=False)

    def withdraw(self, run_id: str, signature: str, successor: str) -> None:
        """Forget what a run recorded under `signature`: it turned out to be the finding `successor`."""
        with database.transaction(self._connection, self.path):
            run = self._stored_run(run_id)
            number = self._finding_row(run, signature)["number"]
            self._connection.execute("DELETE FROM sightings WHERE run = ? AND finding = ?", (run_id, number))
            self._connection.execute(
                "DELETE FROM findings WHERE number = ?1 AND NOT EXISTS (SELECT 1 FROM sightings WHERE finding = ?1)",
                (number,),
            )
            self._connection.execute(
                "UPDATE discrepancies SET signature = ? WHERE run = ? AND signature = ?",
                (_text(successor), run_id, _text(signature)),
            )

    def unseen(self, run_id: str) -> list[Finding]:
        """Findings that the latest record has present and this run has not met: those worth a replay."""
        run = self._stored_run(run_id)
        rows = self._all(
            "SELECT * FROM findings WHERE subject = ? AND reference = ? AND number NOT IN"
            " (SELECT finding FROM sightings WHERE run = ?) ORDER BY number",
            (run["subject"], run["reference"], run_id),
        )
        return [self._finding(row) for row in rows if self._before(run, row["number"])]

    def findings(self, run_id: str) -> list[Finding]:
        """What a run met (and what it showed gone, as `fixed`), each with its state and count."""
        run = self._stored_run(run_id)
        rows = self._all(
            "SELECT f.*, s.present, s.count, s.accepted FROM sightings s"
            " JOIN findings f ON f.number = s.finding WHERE s.run = ? ORDER BY f.number",
            (run_id,),
        )
        found = []
        for row in rows:
            one = self._finding(row)
            one.count = row["count"]
            one.state = self._state(run, row["number"], accepted=bool(row["accepted"]), present=bool(row["present"]))
            one.extra["accepted"] = bool(row["accepted"])
            found.append(one)
        return found

    def gone(self, run_id: str) -> list[Finding]:
        """What a run showed gone: the findings that it fixed."""
        return [one for one in self.findings(run_id) if one.state == "fixed"]

    def lookup(self, name: str) -> Finding:
        """The one finding of this id, beginning of an id, or signature; HarnessError for none or several."""
        rows = self._all(
            "SELECT * FROM findings WHERE signature = ?1 OR substr(id, 1, length(?1)) = ?1 ORDER BY last_seen DESC",
            (_text(name),),
        )
        if not name or not rows:
            raise HarnessError(f"The history {self.path} has no finding {name!r}.")
        if len({row["id"] for row in rows}) > 1:
            ids = ", ".join(sorted({row["id"] for row in rows})[:8])
            raise HarnessError(f"{name!r} could be any of several findings: {ids}. Give more digits.")
        return self._finding(rows[0])

    def discrepancies(self) -> list[dict[str, Any]]:
        """The kept examples of all runs as rows of the table of that name (see `reports.columns`)."""
        rows = self._all("SELECT * FROM discrepancies ORDER BY rowid")
        return [
            {
                "run": row["run"], "finding": finding_id(row["signature"]) if row["signature"] else "",
                "kind": row["kind"], "op": row["op"], "where": row["place"],
                "instruction": row["instruction"], "detail": row["detail"], "program": row["program"],
            }
            for row in rows
        ]  # fmt: skip

    # --- steps, inside a transaction

    def _put_run(self, run: RunInfo) -> None:
        self._connection.execute(
            "INSERT INTO runs VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET"
            " status = excluded.status, info_json = excluded.info_json",
            (run.id, run.subject, run.reference, run.started, run.status, plain.dumps(run.to_dict())),
        )

    def _put_coverage(self, run_id: str, coverage: Coverage) -> None:
        self._connection.execute("DELETE FROM coverage WHERE run = ?", (run_id,))
        cells = sorted(coverage.expected | coverage.counts.keys())
        self._connection.executemany(
            "INSERT INTO coverage VALUES (?, ?, ?, ?, ?, ?)",
            ((run_id, *map(_text, cell), coverage.counts.get(cell, 0), cell in coverage.expected) for cell in cells),
        )

    def _put_finding(self, run: sqlite3.Row, finding: Finding) -> int:
        seen = finding.last_seen or now()
        row = self._one(
            "SELECT number, program FROM findings WHERE subject = ? AND reference = ? AND signature = ?",
            (run["subject"], run["reference"], _text(finding.signature)),
        )
        source = _text(finding.program.source)
        if row is None:
            values = {
                "id": finding_id(finding.signature), "subject": run["subject"], "reference": run["reference"],
                "signature": _text(finding.signature), "kind": finding.kind, "op": _text(finding.op),
                "first_seen": finding.first_seen or seen, "original": _text(finding.original.source),
                "program": source, **_growing(finding),
            }  # fmt: skip
            names = ", ".join([*values, "last_seen"])
            marks = ", ".join("?" * (len(values) + 1))
            done = self._connection.execute(
                f"INSERT INTO findings ({names}) VALUES ({marks})", (*values.values(), seen)
            )
            return int(done.lastrowid or 0)
        if len(source.splitlines()) <= len(row["program"].splitlines()):
            values = {"program": source, **_growing(finding)}
            sets = ", ".join(f"{name} = ?" for name in values)
            self._connection.execute(f"UPDATE findings SET {sets} WHERE number = ?", (*values.values(), row["number"]))
        self._connection.execute(
            "UPDATE findings SET last_seen = max(last_seen, ?) WHERE number = ?", (seen, row["number"])
        )
        return int(row["number"])

    def _put_sighting(self, run_id: str, number: int, *, present: int, count: int, accepted: bool) -> None:
        self._connection.execute(
            "INSERT INTO sightings VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (run, finding) DO UPDATE SET"
            " present = excluded.present, count = excluded.count, accepted = excluded.accepted,"
            " seen = excluded.seen",
            (run_id, number, present, count, accepted, now()),
        )

    def _put_discrepancies(self, run_id: str, signature: str, several: Iterable[Discrepancy]) -> None:
        kept = self._one(
            "SELECT count(*) AS n FROM discrepancies WHERE run = ? AND signature = ?",
            (run_id, _text(signature)),
        )
        room = KEPT - (kept["n"] if kept else 0)
        for one, _ in zip(several, range(room), strict=False):
            source = one.program.source if one.program is not None else ""
            self._connection.execute(
                "INSERT INTO discrepancies VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    run_id, *map(_text, (signature, one.kind, one.op, one.where)),
                    one.index, _text(one.detail), _text(source),
                ),
            )  # fmt: skip

    # --- reading

    def _state(self, run: sqlite3.Row, number: int, *, accepted: bool, present: bool) -> str:
        if not present:
            return "fixed"
        if accepted:
            return "known"
        before = self._before(run, number)
        return "new" if before is None else "known" if before else "back"

    def _before(self, run: sqlite3.Row, number: int) -> bool | None:
        """Whether the latest earlier record has the finding present; None when there is no record."""
        row = self._one(_EARLIER, {"finding": number, "started": run["started"], "run": run["id"]})
        return None if row is None else bool(row["present"])

    def _stored_run(self, run_id: str) -> sqlite3.Row:
        row = self._one("SELECT * FROM runs WHERE id = ?", (run_id,))
        if row is None:
            raise HarnessError(f"The history {self.path} has no run {run_id!r}; start it first.")
        return row

    def _finding_row(self, run: sqlite3.Row, signature: str) -> sqlite3.Row:
        row = self._one(
            "SELECT * FROM findings WHERE subject = ? AND reference = ? AND signature = ?",
            (run["subject"], run["reference"], _text(signature)),
        )
        if row is None:
            raise HarnessError(f"The history {self.path} has no finding with the signature {signature!r}.")
        return row

    def _finding(self, row: sqlite3.Row) -> Finding:
        record = plain.loads(row["record_json"])
        return Finding(
            signature=row["signature"], kind=row["kind"], op=row["op"], detail=row["detail"],
            where=row["place"], line=row["line"], program=parse(row["program"]),
            original=parse(row["original"]), flaky=bool(row["flaky"]),
            first_seen=row["first_seen"], last_seen=row["last_seen"], **record,
        )  # fmt: skip

    def _all(self, query: str, values: Mapping[str, Any] | tuple[Any, ...] = ()) -> list[sqlite3.Row]:
        cursor = self._connection.cursor()
        cursor.row_factory = sqlite3.Row
        try:
            return cursor.execute(query, values).fetchall()
        except sqlite3.Error as error:
            raise database.explained(error, self.path) from error

    def _one(self, query: str, values: Mapping[str, Any] | tuple[Any, ...] = ()) -> sqlite3.Row | None:
        rows = self._all(query, values)
        return rows[0] if rows else None


def _growing(finding: Finding) -> dict[str, Any]:
    """The columns that follow the smallest program."""
    record = {
        "verdict": finding.verdict, "subject": finding.subject,
        "reference": finding.reference, "extra": finding.extra,
    }  # fmt: skip
    return {
        "detail": _text(finding.detail), "place": _text(finding.where), "line": finding.line,
        "flaky": int(finding.flaky), "record_json": plain.dumps(record),
    }  # fmt: skip


def _text(text: str) -> str:
    """`text` as SQLite can hold it: a lone surrogate becomes its escape."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")
