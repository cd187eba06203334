"""The history store: what is stored stays, what is new is said, and whatever goes wrong is said in words."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
import sys
import tempfile
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from oracle.discrepancy import ValueDiscrepancy
from oracle.errors import HarnessError
from reports import database
from reports.history import KEPT, History
from reports.records import Coverage, finding_id
from tests.reports import material


def night(number: int) -> dict[str, str]:
    return {"id": f"2026010{number}-run", "started": f"2026-01-0{number}T02:00:00+00:00"}


def started(history: History, number: int):
    run = material.run(**night(number))
    history.start(run)
    return run


@pytest.fixture
def history(tmp_path):
    with History(tmp_path / "history.sqlite") as opened:
        yield opened


def test_a_finding_is_new_then_known_then_fixed_then_back(history):
    found = material.finding()
    states = [history.record(started(history, night).id, found) for night in (1, 2)]
    run = started(history, 3)
    history.record_gone(run.id, found.signature)
    states.append(history.findings(run.id)[0].state)
    states.append(history.record(started(history, 4).id, found))
    states.append(history.record(started(history, 5).id, found))
    assert states == ["new", "known", "fixed", "back", "known"]


def test_a_finding_that_was_not_met_is_not_called_fixed(history):
    history.record(started(history, 1).id, material.finding())
    run = started(history, 2)
    assert history.findings(run.id) == []
    assert history.record(started(history, 3).id, material.finding()) == "known"


@given(st.lists(st.sampled_from(["met", "gone", "nothing", "accepted"]), max_size=8))
def test_states_follow_from_the_record_before(steps):
    """The rule of Note [States], said once more in Python and held against the store's own."""
    with tempfile.TemporaryDirectory() as place, History(Path(place) / "history.sqlite") as history:
        before = None
        for number, step in enumerate(steps, start=1):
            run = started(history, number)
            if step == "nothing" or (step == "gone" and before is None):
                continue
            if step == "gone":
                history.record_gone(run.id, "x")
            said = (
                None if step == "gone" else history.record(run.id, material.finding("x"), accepted=step == "accepted")
            )
            wanted = {"gone": "fixed", "accepted": "known"}.get(step) or {None: "new", True: "known", False: "back"}[
                before
            ]
            (stored,) = history.findings(run.id)
            assert said in (wanted, None)
            assert stored.state == wanted
            before = step != "gone"


def test_an_accepted_finding_is_known_the_first_time(history):
    run = started(history, 1)
    assert history.record(run.id, material.finding(), accepted=True) == "known"
    assert history.findings(run.id)[0].extra["accepted"] is True


def test_another_subject_has_its_own_past(history):
    history.record(started(history, 1).id, material.finding())
    other = material.run(**night(2), subject="other")
    history.start(other)
    assert history.record(other.id, material.finding()) == "new"


def test_recording_again_sets_the_count_and_does_not_add_it(history):
    run = started(history, 1)
    for count in (3, 8, 8):
        history.record(run.id, material.finding(count=count))
    assert [one.count for one in history.findings(run.id)] == [8]


def test_a_smaller_program_replaces_the_stored_one_and_a_larger_does_not(history):
    run = started(history, 1)
    small = material.SOURCE.splitlines(keepends=True)[0]
    for source in (material.SOURCE, small, material.SOURCE):
        history.record(run.id, material.finding(source=source, original=material.SOURCE))
    stored = history.findings(run.id)[0]
    assert stored.program.source == small
    assert stored.original.source == material.SOURCE


def test_a_raw_sighting_of_the_same_length_does_not_replace_a_judged_finding(history):
    run = started(history, 1)
    judged = material.many(1)[0]
    history.record(run.id, judged)
    history.record(run.id, material.finding(judged.signature, detail="raw"))
    stored = history.findings(run.id)[0]
    assert (stored.detail, stored.verdict) == (judged.detail, judged.verdict)
    assert stored.subject is not None


def test_everything_of_a_finding_comes_back(history):
    run = started(history, 1)
    found = material.many(9)[8]
    found.subject.tensors["v1"].value[0] = np.nan
    history.record(run.id, found)
    stored = history.findings(run.id)[0]
    for name in ("signature", "kind", "op", "detail", "where", "line", "count", "verdict", "first_seen"):
        assert getattr(stored, name) == getattr(found, name)
    np.testing.assert_array_equal(stored.subject.tensors["v1"].value, found.subject.tensors["v1"].value)
    assert stored.subject.graph == found.subject.graph


def test_hostile_texts_come_back_as_they_were(history):
    run = started(history, 1)
    for number, words in enumerate(material.HOSTILE[:-1]):  # the last holds a lone surrogate
        history.record(run.id, material.hostile_finding(number, words))
    assert [one.detail for one in history.findings(run.id)] == list(material.HOSTILE[:-1])


def test_a_lone_surrogate_is_stored_as_its_escape(history):
    run = started(history, 1)
    history.record(run.id, material.finding(detail="bad \ud800"))
    assert history.findings(run.id)[0].detail == "bad \\ud800"


def test_runs_and_coverage_come_back(history):
    run = material.run(extra={"budget": {"seconds": 30}}, compared={"exact": 5})
    history.start(run)
    coverage = Coverage(expected=frozenset({("op", "mul", ""), ("op", "add", "")}))
    coverage.add("op", "mul", count=4)
    history.finish(run, coverage)
    assert history.run(run.id) == run
    assert history.coverage(run.id) == coverage
    assert history.runs(subject="other") == []


def test_the_first_few_discrepancies_of_a_finding_are_kept(history):
    run = started(history, 1)
    several = [ValueDiscrepancy("v1", f"case {number}", index=1, op="mul") for number in range(KEPT + 5)]
    history.record(run.id, material.finding(), discrepancies=several)
    history.record(run.id, material.finding(), discrepancies=several)
    kept = [row["detail"] for row in history.rows("SELECT detail FROM discrepancies ORDER BY rowid")]
    assert kept == [f"case {number}" for number in range(KEPT)]


def test_a_finding_is_looked_up_by_id_beginning_of_id_or_signature(history):
    run = started(history, 1)
    found = material.finding()
    history.record(run.id, found)
    name = finding_id(found.signature)
    for key in (name, name[:4], found.signature):
        assert history.lookup(key).signature == found.signature


def test_a_lookup_that_fits_nothing_or_several_is_refused(history):
    run = started(history, 1)
    for number in range(40):
        history.record(run.id, material.finding(f"value|op{number}|differs"))
    with pytest.raises(HarnessError, match="has no finding 'zz'"):
        history.lookup("zz")
    with pytest.raises(HarnessError, match="has no finding ''"):
        history.lookup("")
    crowded = next(digit for digit in "0123456789abcdef" if _count(history, run.id, digit) > 1)
    with pytest.raises(HarnessError, match="could be any of several findings"):
        history.lookup(crowded)


def _count(history: History, run_id: str, digit: str) -> int:
    return sum(finding_id(one.signature).startswith(digit) for one in history.findings(run_id))


def test_unseen_findings_are_those_that_were_there_last_and_were_not_met_now(history):
    first = started(history, 1)
    history.record(first.id, material.finding("a|b|c"))
    history.record(first.id, material.finding("d|e|f"))
    second = started(history, 2)
    history.record(second.id, material.finding("a|b|c"))
    assert [one.signature for one in history.unseen(second.id)] == ["d|e|f"]
    history.record_gone(second.id, "d|e|f")
    assert history.unseen(started(history, 3).id)[0].signature == "a|b|c"


def test_a_run_that_was_never_started_is_refused(history):
    with pytest.raises(HarnessError, match="has no run 'nobody'"):
        history.record("nobody", material.finding())


WRITER = """
import sys
from reports.history import History
from tests.reports import material
with History(sys.argv[1]) as history:
    run = material.run()
    history.start(run)
    for number in range(10**6):
        history.record(run.id, material.finding(f"value|op{number}|differs", count=number))
        print(number, flush=True)
"""


def test_whatever_was_stored_before_kill_9_is_there_and_whole(tmp_path):
    path = tmp_path / "history.sqlite"
    writer = subprocess.Popen([sys.executable, "-c", WRITER, path], stdout=subprocess.PIPE, text=True)
    with writer:
        for line in writer.stdout:
            if int(line) == 30:
                writer.send_signal(signal.SIGKILL)
                break
        told = int(line)
        for line in writer.stdout:
            told = int(line)
    assert writer.returncode == -signal.SIGKILL
    with History(path, create=False) as history:
        stored = history.findings(material.run().id)
        assert len(stored) in (told + 1, told + 2)  # the last may have been stored and not yet told
        assert [one.count for one in stored] == list(range(len(stored)))
    with sqlite3.connect(path) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    connection.close()


FILLER = """
import resource, signal, sys
from reports.history import History
from oracle.errors import HarnessError
from tests.reports import material
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (400_000, 400_000))
with History(sys.argv[1]) as history:
    run = material.run()
    history.start(run)
    number = 0
    try:
        while True:
            history.record(run.id, material.finding(f"value|op{number}|{'x' * 3000}"))
            number += 1
    except HarnessError as error:
        print(number, error)
"""


def test_a_full_disk_is_said_clearly_and_leaves_no_half_record(tmp_path):
    path = tmp_path / "history.sqlite"
    done = subprocess.run([sys.executable, "-c", FILLER, path], capture_output=True, text=True, check=True, timeout=120)
    number, _, words = done.stdout.partition(" ")
    assert int(number) > 0
    assert str(path) in words
    assert "The disk is full or failing: free some space; what was stored before is intact" in words
    with History(path, create=False) as history:
        stored = history.findings(material.run().id)
        assert len(stored) == int(number)
        history.record(material.run().id, material.finding("there is room again"))


def _write_fifty(path: Path, subject: str) -> int:
    with History(path) as history:
        run = material.run(id=subject, subject=subject)
        history.start(run)
        for number in range(50):
            history.record(run.id, material.finding(f"value|op{number}|differs"))
        history.finish(run, Coverage({("op", "mul", ""): 1}))
        return len(history.findings(run.id))


def test_two_campaigns_write_at_once_and_neither_loses_anything(tmp_path):
    path = tmp_path / "history.sqlite"
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        counts = list(pool.map(_write_fifty, [path, path], ["one", "two"]))
    assert counts == [50, 50]


def test_a_newer_history_is_refused_and_left_as_it_was(tmp_path):
    path = tmp_path / "history.sqlite"
    History(path).close()
    with sqlite3.connect(path) as connection:
        connection.execute(f"PRAGMA user_version = {database.SCHEMA + 1}")
    connection.close()
    before = path.read_bytes()
    with pytest.raises(HarnessError, match=r"newer gradfuzz \(its schema is version 2.*Upgrade gradfuzz"):
        History(path)
    assert path.read_bytes() == before


def test_a_database_of_another_program_is_refused_and_left_as_it_was(tmp_path):
    path = tmp_path / "other.sqlite"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE precious (thing TEXT)")
    connection.close()
    before = path.read_bytes()
    with pytest.raises(HarnessError, match="a database of another program"):
        History(path)
    assert path.read_bytes() == before


def test_a_file_that_is_no_database_is_refused_and_left_as_it_was(tmp_path):
    path = tmp_path / "notes.txt"
    path.write_text("my notes, " * 200)
    with pytest.raises(HarnessError, match="no SQLite file or it is damaged"):
        History(path)
    assert path.read_text().startswith("my notes")


def test_reading_a_history_that_is_not_there_makes_none(tmp_path):
    with pytest.raises(HarnessError, match="There is no history at"):
        History(tmp_path / "none.sqlite", create=False)
    assert list(tmp_path.iterdir()) == []


def test_a_place_that_cannot_be_written_to_is_named(tmp_path):
    (tmp_path / "file").write_text("not a directory")
    with pytest.raises(HarnessError, match="cannot be opened"):
        History(tmp_path / "file" / "history.sqlite")
