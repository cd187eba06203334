"""The campaign's books: whatever the order of reductions and wherever a kill falls, they tell the same."""

from __future__ import annotations

from itertools import permutations
from pathlib import Path

import pytest

from fuzz.ledger import Ledger
from fuzz.plan import Budget, Plan, ShardResult, Sighting
from oracle import triage
from oracle.known import KnownList
from oracle.observation import Observation

PLAN = Plan(campaign="c", subject="minigrad", reference="torch", seed=0)
# What each heap turns out to be. "b" is the name of one heap and the signature of what two others are.
MEANINGS = {"a": "b", "b": "c", "c": "d", "e": "b", "f": "f"}
COUNTS = {"a": 3, "b": 5, "c": 7, "e": 11, "f": 13}
EXPECTED = {"b": 14, "c": 5, "d": 7, "f": 13}


def _sighting(name: str) -> Sighting:
    source = f"a = T.tensor({float(ord(name))})\n"
    return Sighting(name, "value", "neg", "differs", "a", 0, ord(name), source, count=COUNTS[name])


def _begun(out: Path) -> Ledger:
    out.mkdir()
    return Ledger.begin(out, PLAN, Budget(), KnownList(), "gradfuzz run")


def _merge(books: Ledger, names: str) -> list[str]:
    result = ShardResult(0, 0, sightings={name: _sighting(name) for name in names})
    return [one.signature for one in books.merge(result, 0.0)]


def _reduce(books: Ledger, name: str) -> None:
    finding = _sighting(name).finding()
    finding.signature = MEANINGS[name]
    books.reduced(name, finding)


def _told(books: Ledger) -> tuple[dict[str, int], dict[str, str], dict[str, int]]:
    """Counts and programs as the books have them, and the counts as the history has them."""
    books.checkpoint(0.0, {})
    return (
        {signature: one.count for signature, one in books.findings.items()},
        {signature: one.program.source for signature, one in books.findings.items()},
        {one.signature: one.count for one in books.seen()},
    )


@pytest.mark.parametrize("order", list(permutations("abce"))[::3], ids="".join)
def test_findings_do_not_depend_on_the_order_of_reductions(tmp_path: Path, order: tuple[str, ...]) -> None:
    books = _begun(tmp_path / "out")
    assert _merge(books, "abcef") == list("abcef")
    for name in (*order, "f"):
        _reduce(books, name)
    counts, programs, history = _told(books)
    assert counts == history == EXPECTED
    assert programs["b"] == _sighting("a").source


def test_a_heap_is_reduced_though_another_turned_out_to_bear_its_name(tmp_path: Path) -> None:
    books = _begun(tmp_path / "out")
    _merge(books, "a")
    _reduce(books, "a")
    assert _merge(books, "b") == ["b"]
    assert _merge(books, "b") == []
    _reduce(books, "b")
    assert _told(books)[0] == {"b": 3, "c": 10}


@pytest.mark.parametrize("saved", range(6))
def test_a_kill_between_two_reductions_moves_no_program_to_another_finding(tmp_path: Path, saved: int) -> None:
    books = _begun(tmp_path / "out")
    _merge(books, "abcef")
    for number, name in enumerate("abcef"):
        if number == saved:
            books.checkpoint(0.0, {})
        _reduce(books, name)
    if saved == 5:
        books.checkpoint(0.0, {})
    books.history.close()
    books = Ledger.resume(tmp_path / "out", KnownList())
    assert [one.signature for one in books.unreduced()] == list("abcef")[saved:]
    for sighting in books.unreduced():
        _reduce(books, sighting.signature)
    counts, _, history = _told(books)
    assert counts == history == EXPECTED


def test_a_smaller_program_brings_all_that_was_found_of_it() -> None:
    """Verdict and the bytes that it was composed of belong to a program."""
    into, other = _sighting("b").finding(), _sighting("a").finding()
    into.extra, other.extra = {"buffer": "b"}, {"buffer": "a"}
    into.flaky, other.flaky = True, False
    triage.merge(into, other)
    assert (into.program, into.extra, into.flaky) == (other.program, {"buffer": "a"}, False)
    assert into.count == 8


def test_what_both_engines_did_is_kept_in_the_history_alone(tmp_path: Path) -> None:
    """A campaign of days must not hold the observations of all of its findings, nor lose them by counting on."""
    books = _begun(tmp_path / "out")
    _merge(books, "f")
    finding = _sighting("f").finding()
    finding.subject = finding.reference = Observation("none", [], {})
    books.reduced("f", finding)
    _merge(books, "f")
    books.checkpoint(0.0, {})
    assert books.findings["f"].subject is books.findings["f"].reference is None
    (kept,) = books.seen()
    assert kept.count == 2 * COUNTS["f"]
    assert kept.subject is not None
    assert kept.reference is not None
