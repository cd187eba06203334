"""The known list: what is read, what is refused with file and line, what `add` keeps, what matches."""

from __future__ import annotations

import datetime
import os
from pathlib import Path

import pytest

from fuzz.plan import Plan
from fuzz.suspects import deadly_sighting, end_isolations
from oracle import engines, known, triage
from oracle.check import check_program
from oracle.errors import HarnessError
from oracle.program import parse
from oracle.referee import judge

GOOD = """# ours
version = 1

[[known]]
signature = "value|fmod|differs"  # by layout
side = "reference"
reason = "depends on memory layout"
link = "https://example.org/1"
expires = 2027-06-30

[[known]]
signature = "grad|norm|*"
side = "convention"
reason = "any subgradient will do"
"""


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "known.toml"
    path.write_text(text, "utf-8")
    return path


def test_entries_are_read_in_order_with_their_lines(tmp_path: Path) -> None:
    entries = known.load(written(tmp_path, GOOD)).entries
    assert [(entry.side, entry.line) for entry in entries] == [("reference", 4), ("convention", 11)]
    assert entries[0].expires == datetime.date(2027, 6, 30)


def test_an_entry_matches_exactly_or_by_its_beginning(tmp_path: Path) -> None:
    listed = known.load(written(tmp_path, GOOD))
    listed.today = datetime.date(2027, 1, 1)
    assert listed.match("value|fmod|differs") is listed.entries[0]
    assert listed.match("value|fmod|differs more") is None
    assert listed.match("grad|norm|anything") is listed.entries[1]


def test_an_entry_accepts_nothing_once_its_date_has_come(tmp_path: Path) -> None:
    listed = known.load(written(tmp_path, GOOD))
    listed.today = datetime.date(2027, 6, 30)
    assert listed.match("value|fmod|differs") is None
    assert listed.expired() == [listed.entries[0]]


def test_entries_that_no_longer_occur_are_reported(tmp_path: Path) -> None:
    listed = known.load(written(tmp_path, GOOD))
    assert listed.unseen(["grad|norm|x", "other"]) == [listed.entries[0]]


@pytest.mark.parametrize(
    ("text", "line", "word"),
    [
        ("version = 1\n[[known]\n", 2, "TOML"),
        ("", 1, "version = 1"),
        ("version = 9\n", 1, "version 9"),
        ("version = true\n", 1, "version"),
        ("version = 1\nother = 2\n", 1, "other"),
        ("version = 1\nknown = 2\n", 1, "known"),
        ("version = 1\nknown = [2]\n", 1, "table"),
        ("version = 1\n\n[[known]]\nsignature = 'a'\nside = 'subject'\n", 3, "reason"),
        ("version = 1\n[[known]]\nsignature = 'a'\nside = 'torch'\nreason = 'r'\n", 2, "torch"),
        ("version = 1\n[[known]]\nsignature = ''\nside = 'subject'\nreason = 'r'\n", 2, "empty"),
        ("version = 1\n[[known]]\nsignature = 1\nside = 'subject'\nreason = 'r'\n", 2, "string"),
        ("version = 1\n[[known]]\nsignature='a'\nside='subject'\nreason='r'\nexpires='x'\n", 2, "date"),
        ("version = 1\n[[known]]\nsignature='a'\nside='subject'\nreason='r'\ncolour='x'\n", 2, "colour"),
        (GOOD + '[[known]]\nsignature="value|fmod|differs"\nside="subject"\nreason="r"\n', 15, "line 4"),
    ],
)
def test_a_broken_list_is_refused_with_file_and_line(tmp_path: Path, text: str, line: int, word: str) -> None:
    path = written(tmp_path, text)
    with pytest.raises(HarnessError) as caught:
        known.load(path)
    message = str(caught.value)
    assert f"{path}" in message
    assert f"line {line}" in message
    assert word in message
    assert "\n" not in message
    with pytest.raises(HarnessError):
        known.add(path, known.Entry("new", "subject", "because"))
    assert path.read_text("utf-8") == text


def test_a_list_that_is_missing_or_not_text_is_refused(tmp_path: Path) -> None:
    with pytest.raises(HarnessError, match="no known list"):
        known.load(tmp_path / "none.toml")
    path = tmp_path / "known.toml"
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(HarnessError, match="UTF-8"):
        known.load(path)
    with pytest.raises(HarnessError, match="cannot be read"):
        known.load(tmp_path)


def test_adding_keeps_comments_and_reads_back(tmp_path: Path) -> None:
    path = written(tmp_path, GOOD)
    entry = known.Entry(
        'a "quoted" | one', "subject", "wrong\nby two", "", datetime.date(2030, 1, 1), "v0 = 1\nprint('v0')\n"
    )
    known.add(path, entry)
    assert path.read_text("utf-8").startswith(GOOD.rstrip())
    added = known.load(path).entries[-1]
    assert (added.signature, added.reason, added.expires, added.program) == (
        entry.signature,
        entry.reason,
        entry.expires,
        entry.program,
    )


def test_adding_starts_a_list_and_adds_to_it_twice(tmp_path: Path) -> None:
    path = tmp_path / "new.toml"
    known.add(path, known.Entry("one", "subject", "because"))
    known.add(path, known.Entry("two", "convention", "as documented", "https://example.org"))
    assert [entry.signature for entry in known.load(path).entries] == ["one", "two"]


def test_adding_what_is_listed_already_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path, GOOD)
    with pytest.raises(HarnessError, match="already"):
        known.add(path, known.Entry("value|fmod|differs", "subject", "again"))
    assert path.read_text("utf-8") == GOOD


def test_adding_a_bad_entry_writes_nothing(tmp_path: Path) -> None:
    path = written(tmp_path, GOOD)
    with pytest.raises(HarnessError, match="side"):
        known.add(path, known.Entry("x", "nobody", "because"))
    assert path.read_text("utf-8") == GOOD
    assert os.listdir(tmp_path) == ["known.toml"]


def test_an_unwritable_place_is_an_error_in_words(tmp_path: Path) -> None:
    with pytest.raises(HarnessError, match="cannot be written"):
        known.add(tmp_path / "no" / "known.toml", known.Entry("x", "subject", "because"))


SUBJECT, REFERENCE = engines.load("minigrad"), engines.load("torch")
SHIPPED = known.load(Path(__file__).parents[2] / "known.toml").entries
DEADLY = [entry for entry in SHIPPED if entry.signature.startswith(("hang|", "crash|", "memory|"))]


@pytest.mark.parametrize("entry", [one for one in SHIPPED if one not in DEADLY], ids=lambda entry: entry.signature)
def test_every_shipped_entry_still_shows_and_is_judged_as_it_says(entry: known.Entry) -> None:
    program = parse(entry.program)
    causes = triage.causes(check_program(program, SUBJECT, REFERENCE), program)
    shown = [one for one in causes if entry.matches(triage.signature(one, program))]
    assert shown
    assert judge(program, shown[0], SUBJECT, REFERENCE).side == entry.side


@pytest.mark.parametrize("entry", DEADLY, ids=lambda entry: entry.signature)
def test_every_shipped_entry_that_kills_still_does(entry: known.Entry) -> None:
    plan = Plan("known", SUBJECT.name, REFERENCE.name, 0, timeout=1.0)
    try:
        found = deadly_sighting(plan, 0, parse(entry.program))
    finally:
        end_isolations()
    assert found is not None
    assert entry.matches(found.signature)
    assert (entry.side, found.where) == ("reference", REFERENCE.name)
