"""The flight recorder: what a process that died leaves behind."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from fuzz import flight
from fuzz.flight import FlightRecorder


@pytest.fixture(autouse=True)
def own_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))


def test_a_fresh_shard_has_no_suspects() -> None:
    assert FlightRecorder("c", 0, 8).suspects == ()


def test_the_program_that_was_running_is_the_suspect_of_the_next_attempt() -> None:
    record = FlightRecorder("c", 16, 24)
    record.running(16)
    record.done(16)
    record.running(17)  # and here the process dies
    assert FlightRecorder("c", 16, 24).suspects == (17,)


def test_suspects_of_several_deaths_add_up() -> None:
    for number in (3, 5):
        record = FlightRecorder("c", 0, 8)
        record.running(number)
    assert FlightRecorder("c", 0, 8).suspects == (3, 5)


def test_a_shard_that_ended_well_leaves_nothing() -> None:
    record = FlightRecorder("c", 0, 8)
    record.running(0)
    record.close()
    assert list(flight.directory("c").iterdir()) == []


def test_progress_counts_the_programs_done_in_each_running_shard() -> None:
    record = FlightRecorder("c", 8, 12)
    for number in (8, 9):
        record.running(number)
        record.done(number)
    assert flight.progress("c") == {"8-12": (2, 4)}


def test_records_of_yesterday_are_tidied_away_and_no_others() -> None:
    for campaign in ("old-one", "new-one"):
        FlightRecorder(campaign, 0, 8).running(0)
    os.utime(flight.directory("old-one"), (0, 0))
    flight.tidy()
    assert not flight.directory("old-one").exists()
    assert flight.directory("new-one").exists()


def test_forgetting_a_campaign_removes_its_directory() -> None:
    FlightRecorder("c", 0, 8).running(0)
    flight.forget("c")
    assert not flight.directory("c").exists()
    flight.forget("c")
