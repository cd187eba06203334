"""The history store: runs, findings as they are found, sightings per run, coverage; and what is new tonight.

What may live here: what the tables of `schema.sql` mean. Every public method is one transaction, so that
whoever is killed leaves whole records. Whether a finding is accepted is decided elsewhere and handed in.

Note [States]. A finding is `new` when no earlier run of the same subject and reference has it on record;
`known` when the latest record has it present, or when it is accepted; `back` when the latest record says it
was gone; and `fixed` when tonight's record says so. Absence alone is no record: a random search that does
not meet a bug has not shown it gone, only a replay of its program has (`record_gone`).
"""

from __future__ import annotations

import json
import sqlite3
import zlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

from oracle.discrepancy import Discrepancy, Finding
from oracle.errors import HarnessError
from oracle.program.parser import parse
from reports import database, plain
from reports.cells import Cells
from reports.records import Coverage, RunInfo, finding_id, now

KEPT = 20  # single discrepancies kept per finding and run; the count is exact all the same

_LATEST_IS_PRESENT = """
    SELECT f.* FROM findings f WHERE subject = :subject AND reference = :reference
    AND NOT EXISTS (SELECT 1 FROM sightings WHERE run = :run AND finding = f.number)
    AND (
        SELECT s.present FROM sightings s JOIN runs r ON r.id = s.run
        WHERE s.finding = f.number AND (r.started, r.id) < (:started, :run)
        ORDER BY r.started DESC, r.id DESC LIMIT 1
    ) = 1
    ORDER BY number
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
        rows = self.rows(
            "SELECT info_json FROM runs WHERE (?1 IS NULL OR subject = ?1) AND (?2 IS NULL OR reference = ?2)"
            " ORDER BY started, id",
            (subject, reference),
        )
        return [RunInfo.from_dict(plain.loads(row["info_json"])) for row in rows]

    def run(self, run_id: str) -> RunInfo:
        """The run of this id; HarnessError when there is none."""
        rows = self.rows("SELECT info_json FROM runs WHERE id = ?", (run_id,))
        if not rows:
            raise HarnessError(f"The history {self.path} has no run {run_id!r}.")
        return RunInfo.from_dict(plain.loads(rows[0]["info_json"]))

    def coverage(self, run_id: str) -> Coverage:
        """What one run covered; empty when it stored nothing."""
        rows = self.rows("SELECT packed FROM coverage WHERE run = ?", (run_id,))
        return _unpacked(rows[0]["packed"]) if rows else Coverage()

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
            row = self._one("SELECT state FROM states WHERE run = ? AND finding = ?", (run_id, number))
            return str(row["state"]) if row is not None else "new"

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
        names = {"subject": run["subject"], "reference": run["reference"], "started": run["started"], "run": run_id}
        return [_finding(row) for row in self.rows(_LATEST_IS_PRESENT, names)]

    def findings(self, run_id: str) -> list[Finding]:
        """What a run met (and what it showed gone, as `fixed`), each with its state and count."""
        self._stored_run(run_id)
        rows = self.rows(
            "SELECT f.*, s.count, s.accepted, s.state FROM states s JOIN findings f ON f.number = s.finding"
            " WHERE s.run = ? ORDER BY f.number",
            (run_id,),
        )
        found = []
        for row in rows:
            one = _finding(row)
            one.count, one.state = row["count"], row["state"]
            one.extra["accepted"] = bool(row["accepted"])
            found.append(one)
        return found

    def gone(self, run_id: str) -> list[Finding]:
        """What a run showed gone: the findings that it fixed."""
        return [one for one in self.findings(run_id) if one.state == "fixed"]

    def lookup(self, name: str) -> Finding:
        """The one finding of this id, beginning of an id, or signature; HarnessError for none or several."""
        rows = self.rows(
            "SELECT * FROM findings WHERE signature = ?1 OR substr(id, 1, length(?1)) = ?1 ORDER BY last_seen DESC",
            (_text(name),),
        )
        if not name or not rows:
            raise HarnessError(f"The history {self.path} has no finding {name!r}.")
        if len({row["id"] for row in rows}) > 1:
            ids = ", ".join(sorted({row["id"] for row in rows})[:8])
            raise HarnessError(f"{name!r} could be any of several findings: {ids}. Give more digits.")
        return _finding(rows[0])

    # --- steps, inside a transaction

    def _put_run(self, run: RunInfo) -> None:
        self._connection.execute(
            "INSERT INTO runs VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET"
            " status = excluded.status, info_json = excluded.info_json",
            (run.id, run.subject, run.reference, run.started, run.status, plain.dumps(run.to_dict())),
        )

    def _put_coverage(self, run_id: str, coverage: Coverage) -> None:
        share = coverage.share() if coverage.expected else None
        self._connection.execute(
            "INSERT OR REPLACE INTO coverage VALUES (?, ?, ?, ?)",
            (run_id, len(coverage.counts), share, _packed(coverage)),
        )

    def _put_finding(self, run: sqlite3.Row, finding: Finding) -> int:
        seen = finding.last_seen or now()
        row = self._one(
            "SELECT number, instructions FROM findings WHERE subject = ? AND reference = ? AND signature = ?",
            (run["subject"], run["reference"], _text(finding.signature)),
        )
        if row is None:
            values = {
                "id": finding_id(finding.signature), "subject": run["subject"], "reference": run["reference"],
                "signature": _text(finding.signature), "kind": _text(finding.kind),
                "first_seen": finding.first_seen or seen, "original": _text(finding.original.source),
                **_growing(finding),
            }  # fmt: skip
            names = ", ".join([*values, "last_seen"])
            marks = ", ".join("?" * (len(values) + 1))
            done = self._connection.execute(
                f"INSERT INTO findings ({names}) VALUES ({marks})", (*values.values(), seen)
            )
            return int(done.lastrowid or 0)
        longer = len(finding.program) - row["instructions"]
        if longer < 0 or (longer == 0 and finding.subject is not None):
            values = _growing(finding)
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

    def rows(self, query: str, values: Mapping[str, Any] | tuple[Any, ...] = ()) -> list[sqlite3.Row]:
        """The rows of a query, for whoever makes tables of the history; see schema.sql."""
        cursor = self._connection.cursor()
        cursor.row_factory = sqlite3.Row
        try:
            return cursor.execute(query, values).fetchall()
        except sqlite3.Error as error:
            raise database.explained(error, self.path) from error

    def _one(self, query: str, values: Mapping[str, Any] | tuple[Any, ...] = ()) -> sqlite3.Row | None:
        rows = self.rows(query, values)
        return rows[0] if rows else None


def _finding(row: sqlite3.Row) -> Finding:
    subject, reference = plain.loads(row["observations_json"])
    return Finding(
        signature=row["signature"], kind=row["kind"], op=row["op"], detail=row["detail"],
        where=row["place"], line=row["line"], program=parse(row["program"]),
        original=parse(row["original"]), flaky=bool(row["flaky"]),
        first_seen=row["first_seen"], last_seen=row["last_seen"], verdict=plain.loads(row["verdict_json"]),
        subject=subject, reference=reference, extra=plain.loads(row["extra_json"]),
    )  # fmt: skip


def _growing(finding: Finding) -> dict[str, Any]:
    """The columns that follow the smallest program."""
    return {
        "op": _text(finding.op), "detail": _text(finding.detail), "place": _text(finding.where),
        "line": finding.line, "instructions": len(finding.program), "program": _text(finding.program.source),
        "flaky": int(finding.flaky), "verdict_json": plain.dumps(finding.verdict),
        "extra_json": plain.dumps(finding.extra),
        "observations_json": plain.dumps([finding.subject, finding.reference]),
    }  # fmt: skip


def _packed(coverage: Coverage) -> bytes:
    """JSON, compressed as it is written: as one text it would be larger than all counts, several times a minute."""
    squeezed = zlib.compressobj()
    parts = [squeezed.compress(b"[[")]
    between = b""
    for row in filter(None, coverage.counts.rows()):
        parts.append(squeezed.compress(between + json.dumps(row)[1:-1].encode("ascii")))
        between = b", "
    parts.append(squeezed.compress(f"], {json.dumps(sorted(coverage.expected))}]".encode("ascii")))
    return b"".join([*parts, squeezed.flush()])


def _unpacked(data: bytes) -> Coverage:
    try:
        counts, expected = json.loads(zlib.decompress(data))
        cells = Cells()
        for axis, item, other, count in counts:
            cells[axis, item, other] = count
        return Coverage(cells, frozenset((axis, item, other) for axis, item, other in expected))
    except (ValueError, zlib.error) as error:
        raise HarnessError(f"A stored coverage cannot be read back ({error}).") from error


def _text(text: str) -> str:
    """`text` as SQLite can hold it: a lone surrogate becomes its escape."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")
