"""The pandas tables: documented columns, proper dtypes, and no loss on the way through any file."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import reports
from oracle.discrepancy import ValueDiscrepancy
from oracle.errors import HarnessError
from oracle.program.parser import parse
from reports import files
from reports.columns import TABLES, TEXT, TIME, shape
from tests.reports import material

FORMATS = (*files.FORMATS, ".sqlite")


@pytest.fixture(scope="module")
def stored(tmp_path_factory):
    """A history of two nights with hostile findings, loaded."""
    place = tmp_path_factory.mktemp("stored")
    with reports.History(place / "history.sqlite") as history:
        for number in (1, 2):
            run = material.run(
                id=f"run {number}", started=f"2026-01-0{number}T02:00:00+00:00", ended="",
                seed=None if number == 1 else 3, versions={"torch": "2.13.0", "odd, \"one\"": "x"},
            )  # fmt: skip
            history.start(run)
            for place_of, words in enumerate(material.HOSTILE[:-1]):
                one = material.hostile_finding(place_of, words)
                one.first_seen = one.last_seen = "2026-01-01T02:00:00.000001+00:00"
                one.line = None if place_of == 0 else place_of
                example = ValueDiscrepancy("v1", words, index=1, op=words, program=one.program)
                history.record(run.id, one, discrepancies=[example])
            coverage = reports.Coverage({("op", "mul", ""): 3, ("pair", "mul", "NA"): 2})
            coverage.expected = frozenset({("op", "mul", ""), ("op", "nan", "")})
            history.finish(run, coverage)
    return place, reports.load(place)


def test_every_column_is_documented_and_has_its_dtype(stored):
    for name, frame in stored[1].items():
        assert list(frame.columns) == list(TABLES[name])
        for column, (dtype, meaning) in TABLES[name].items():
            assert str(frame[column].dtype) == dtype
            assert meaning


def test_what_is_loaded_is_what_the_findings_say(campaign):
    tables = reports.load(campaign)
    with reports.History(campaign / "history.sqlite") as history:
        for run in history.runs():
            frame = reports.findings_frame(history.findings(run.id), run=run.id)
            loaded = tables.findings[tables.findings["run"] == run.id].reset_index(drop=True)
            pd.testing.assert_frame_equal(loaded, frame)
        latest = reports.coverage_frame(history.coverage(run.id), run=run.id)
    pd.testing.assert_frame_equal(tables.coverage, latest)


def test_text_columns_hold_no_nulls(stored):
    for name, frame in stored[1].items():
        texts = [column for column, (dtype, _) in TABLES[name].items() if dtype == TEXT]
        assert not frame[texts].isna().any().any()


@pytest.mark.parametrize("suffix", FORMATS)
def test_tables_go_to_files_and_come_back_equal(stored, tmp_path, suffix):
    place = tmp_path / "all.sqlite" if suffix == ".sqlite" else tmp_path
    reports.save(stored[1], place)
    for name, frame in stored[1].items():
        back = reports.read(place if suffix == ".sqlite" else tmp_path / f"{name}{suffix}", name)
        pd.testing.assert_frame_equal(back, frame)
        assert len(back)


@given(
    st.lists(
        st.tuples(st.text(max_size=8), st.floats(allow_infinity=False), st.integers(0, 2**63 - 1) | st.none()),
        max_size=4,
    )
)
@example([("", -0.0, None)])
@pytest.mark.parametrize("suffix", FORMATS)
def test_no_text_or_number_is_changed_by_any_format(tmp_path_factory, suffix, rows):
    frame = shape("runs", pd.DataFrame([
        {
            "run": text.encode("utf-8", "replace").decode(), "seconds": number, "seed": seed, "programs": 0,
            "instructions": 0, "discrepancies": 0, "programs_per_second": 0.1, "started": None, "ended": None,
        }
        for text, number, seed in rows
    ], columns=list(TABLES["runs"]), dtype=object))  # fmt: skip
    place = tmp_path_factory.mktemp("files") / ("all.sqlite" if suffix == ".sqlite" else "")
    reports.save({"runs": frame}, place)
    back = reports.read(place if suffix == ".sqlite" else place / f"runs{suffix}", "runs")
    pd.testing.assert_frame_equal(back, frame, check_exact=True)
    bits = frame["seconds"].dropna().to_numpy().tobytes()
    assert back["seconds"].dropna().to_numpy().tobytes() == bits


def test_an_empty_history_gives_empty_tables_of_the_same_columns(tmp_path):
    reports.History(tmp_path / "history.sqlite").close()
    for name, frame in reports.load(tmp_path).items():
        assert list(frame.columns) == list(TABLES[name])
        assert len(frame) == 0
        assert [str(dtype) for dtype in frame.dtypes] == [dtype for dtype, _ in TABLES[name].values()]


def test_new_findings_come_first_then_the_frequent_ones():
    found = [
        material.finding("a", state="known", count=9),
        material.finding("b", state="new", count=1),
        material.finding("c", state="new", count=5),
        material.finding("d", state="back", count=1),
    ]
    assert list(reports.findings_frame(found)["signature"]) == ["c", "b", "d", "a"]


def test_discrepancies_carry_the_finding_they_belong_to():
    example = ValueDiscrepancy("v1", "is 1", index=1, op="mul", program=parse(material.SOURCE))
    frame = reports.discrepancies_frame([example], run="r", signature="value|mul|differs")
    assert frame["finding"].tolist() == [reports.finding_id("value|mul|differs")]
    assert frame["program"].tolist() == [material.SOURCE]
    assert frame["instruction"].tolist() == [1]


def test_the_trend_counts_states_and_coverage(tmp_path):
    with reports.History(tmp_path / "history.sqlite") as history:
        for number, signatures in enumerate((["a", "b"], ["b"], ["b", "c"]), start=1):
            run = material.run(id=str(number), started=f"2026-01-0{number}T02:00:00+00:00")
            history.start(run)
            for one in signatures:
                history.record(run.id, material.finding(one))
            for one in history.unseen(run.id):
                history.record_gone(run.id, one.signature)
            expected = frozenset({("op", "mul", ""), ("op", "add", "")})
            history.finish(run, reports.Coverage({("op", "mul", ""): 1}, expected))
        trend = reports.trend_frame(history)
    assert trend[["new", "known", "fixed", "cells"]].to_numpy().tolist() == [
        [2, 0, 0, 1],
        [0, 1, 1, 1],
        [1, 1, 0, 1],
    ]
    assert trend["coverage"].tolist() == [0.5, 0.5, 0.5]


def test_times_are_utc(stored):
    for name, frame in stored[1].items():
        for column, (dtype, _) in TABLES[name].items():
            if dtype == TIME:
                assert str(frame[column].dt.tz) == "UTC"


def test_wrong_requests_say_what_there_is(tmp_path):
    with pytest.raises(HarnessError, match="There is no file"):
        reports.read(tmp_path / "runs.csv")
    with pytest.raises(HarnessError, match="'pigeons' is no table of a report; there are runs, findings"):
        reports.read(tmp_path / "pigeons.csv")
    with pytest.raises(HarnessError, match=r"written as .csv, .parquet, .jsonl or .sqlite, not as '.xlsx'"):
        files.write(reports.runs_frame([]), tmp_path / "runs.xlsx")
    (tmp_path / "file").write_text("")
    with pytest.raises(HarnessError, match="cannot be written to"):
        reports.save({"runs": reports.runs_frame([])}, tmp_path / "file" / "deeper")
