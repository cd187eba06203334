"""docs/mutants.md says of each planted bug what its rows say, and no more.

What may live here: checks of `tests.docs.mutants` on rows made up for them.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import minigrad  # noqa: F401 - sets NumPy's error state, once, before any test looks at it
from fuzz.hunted import Key, Row, key_of, read, write
from oracle.engines.mutants import Mutant
from tests.docs.mutants import ROWS, outcome, text

ONE = Mutant("one", "", "", "", "what is wrong", family="some")
SAME = Mutant("same", "", "", "", "nothing is", family="some", equivalent="nobody can tell")
FAR = Mutant("far", "", "", "", "something is", family="some", beyond="no program can say it")


ONES = key_of(ONE.name, ONE.about)
LONGEST = 1_000_000  # bytes


def _row(name: str, about: str, outcome: str, **facts: Any) -> Row:
    return {"name": name, "about": about, "outcome": outcome, "kind": "grad", "seconds": 1.0, "programs": 3, **facts}


def _read(folder: Path, *rows: Row) -> dict[Key, Row]:
    path = folder / "rows.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return read([str(path)])


def test_a_bug_that_was_caught_once_is_caught(tmp_path: Path) -> None:
    caught, missed = (_row("one", ONE.about, what, size=2) for what in ("caught", "survived"))
    for rows in ((caught, missed), (missed, caught)):
        assert outcome(ONE, _read(tmp_path, *rows)[ONES]) == "caught"


def test_a_row_of_another_bug_by_that_name_does_not_count(tmp_path: Path) -> None:
    rows = _read(tmp_path, _row("one", "something else was wrong", "caught", size=2))
    assert "| some | 1 | 0 | 0 | 0 | 0 | 1 |" in text([ONE], rows)


def test_what_was_missed_is_told_with_how_often_it_was_come_to(tmp_path: Path) -> None:
    for reached, words in ((0, "never come to"), (7, "come to 7 times"), (None, "(1 s)")):
        rows = _read(tmp_path, _row("one", ONE.about, "survived", reached=reached))
        assert words in text([ONE], rows)


def test_reasons_stand_for_what_nothing_can_show() -> None:
    written = text([SAME, FAR], {})
    assert "| some | 2 | 0 | 1 | 1 | 0 | 0 |" in written
    assert "- nobody can tell: `same`" in written
    assert "- no program can say it: `far`" in written


def test_the_states_that_were_measured_are_told(tmp_path: Path) -> None:
    rows = _read(tmp_path, _row("one", ONE.about, "caught", size=2, day="2026-01-02", sources="0123456789"))
    assert "(1 on 2026-01-02); 0 of them were measured with\nminigrad's sources as they" in text([ONE], rows)


def test_how_small_a_program_could_have_been_is_told(tmp_path: Path) -> None:
    leaf, op = "v0 = T.tensor(1.0, requires_grad=True)\n", "v{} = v{}.exp()\n"
    programs = [leaf + "".join(op.format(n + 1, n) for n in range(inner)) for inner in (3, 1, 2)]
    hunts = [_row("one", ONE.about, "caught", size=3, program=program) for program in programs]
    assert "more than once" not in text([ONE], _read(tmp_path, hunts[0]))
    rows = _read(tmp_path, *hunts)
    assert (rows[ONES]["hunts"], rows[ONES]["smallest"], rows[ONES]["inner"]) == (3, 1, 2)
    assert "of that bug in all but 0.\n" in text([ONE], rows)
    assert "of that bug in all but 1: `one`.\n" in text([ONE], _read(tmp_path, hunts[1], hunts[0]))


def test_rows_are_kept_without_their_programs(tmp_path: Path) -> None:
    program = "v0 = T.tensor(1.0, requires_grad=True)\nv1 = v0.exp()\nv1.backward()\n"
    rows = _read(tmp_path, _row("one", ONE.about, "caught", size=3, program=program, day="2026-01-02", sources="0123"))
    assert rows[ONES]["inner"] == 1
    assert "program" not in rows[ONES]
    kept = tmp_path / "kept.jsonl"
    write(kept, list(rows.values()))
    assert read([kept]) == rows


def test_the_rows_in_the_repository_are_few_bytes_each_and_tell_what_was_measured() -> None:
    assert ROWS.stat().st_size < LONGEST
    rows = read([ROWS])
    assert len(rows) > 2_000
    assert all(row["day"] and row["sources"] for row in rows.values())
