"""Several runs or shards in one report."""

from __future__ import annotations

import pytest

import reports
from oracle.errors import HarnessError
from tests.reports import material


def stored(place, run, findings, cell="mul"):
    with reports.History(place / "history.sqlite") as history:
        history.start(run)
        for one in findings:
            history.record(run.id, one)
        history.finish(run, reports.Coverage({("op", cell, ""): 2}, frozenset({("op", "sin", "")})))
    return place


def test_shards_of_one_run_add_up(tmp_path):
    small = material.SOURCE.splitlines(keepends=True)[0]
    one = stored(tmp_path / "a", material.run(id="a", seed=1, compared={"exact": 3}), [
        material.finding("x", count=2), material.finding("y", count=1),
    ])  # fmt: skip
    two = stored(tmp_path / "b", material.run(id="b", seed=2, exit_status=0, compared={"exact": 4}), [
        material.finding("x", count=5, source=small),
    ], cell="add")  # fmt: skip
    (part,) = reports.merge([one, two / "history.sqlite"], tmp_path / "all.html")
    assert {finding.signature: finding.count for finding in part.findings} == {"x": 7, "y": 1}
    assert part.findings[0].program.source == small
    assert (part.run.id, part.run.programs, part.run.seed, part.run.exit_status) == ("a + b", 3000, None, 1)
    assert part.run.compared == {"exact": 7}
    page = (tmp_path / "all.html").read_text()
    assert "Ops: 2 of 3 reached" in page
    assert "3,000 programs" in page


def test_runs_of_different_subjects_stand_side_by_side(tmp_path):
    places = [
        stored(tmp_path / name, material.run(id=name, subject=name), [material.finding("x")]) for name in ("one", "two")
    ]
    parts = reports.merge(places, tmp_path / "all.html")
    assert [part.run.subject for part in parts] == ["one", "two"]
    page = (tmp_path / "all.html").read_text()
    name = reports.finding_id("x")
    assert f'id="f-{name}"' in page
    assert f'id="f-{name}-2"' in page


def test_the_same_directory_twice_counts_once(tmp_path):
    place = stored(tmp_path / "a", material.run(), [material.finding("x", count=2)])
    (part,) = reports.merge([place, place], tmp_path / "all.html")
    assert [finding.count for finding in part.findings] == [2]


def test_a_state_that_is_new_anywhere_is_new(tmp_path):
    first = stored(tmp_path / "a", material.run(id="1"), [material.finding("x")])
    first = stored(tmp_path / "a", material.run(id="2"), [material.finding("x")])
    second = stored(tmp_path / "b", material.run(id="3"), [material.finding("x")])
    (part,) = reports.merge([first, second], tmp_path / "all.html")
    assert [finding.state for finding in part.findings] == ["new"]


def test_nothing_to_merge_is_said_so(tmp_path):
    reports.History(tmp_path / "history.sqlite").close()
    with pytest.raises(HarnessError, match="holds no run"):
        reports.merge([tmp_path], tmp_path / "all.html")
    with pytest.raises(HarnessError, match="at least one run"):
        reports.merge([], tmp_path / "all.html")
    with pytest.raises(HarnessError, match="There is no history at"):
        reports.merge([tmp_path / "none"], tmp_path / "all.html")
