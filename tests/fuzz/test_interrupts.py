"""Campaigns that are ended from outside: everything found so far is kept, and can be gone on from."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from fuzz import flight
from fuzz.cli import INTERRUPTED, OK, main
from reports.history import History

from .conftest import PLUGIN, Ended

Run = Callable[..., Ended]
ARGUMENTS = ("--subject", "faulty-value", "--ops", "neg,mul,sum,add", "--seed", "4", "--jobs", "2", "--quiet")
OFTEN = (
    "import sys\n"
    "from fuzz import campaign, cli\n"
    "campaign.CHECKPOINT, campaign.SELDOM = 0.1, 1.0\n"
    "sys.exit(cli.main())"
)
"""The command line, with a checkpoint as soon as there is something to keep."""


@contextmanager
def started(out: Path, *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    """A campaign in a process of its own that has found something already."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(PLUGIN), *sys.path])}
    command = [sys.executable, "-c", OFTEN, "run", "--out", str(out), *ARGUMENTS, *arguments]
    with subprocess.Popen(command, env=environment, start_new_session=True) as process:
        try:
            _until(lambda: _found(out) > 0, process)
            yield process
        finally:
            process.kill()


def _until(condition: Callable[[], bool], process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        if process.poll() is not None:
            pytest.fail(f"the campaign ended by itself with {process.returncode}")
        if time.monotonic() > deadline:
            pytest.fail("the campaign found nothing in a minute")
        time.sleep(0.05)


def _found(out: Path) -> int:
    """Findings that a checkpoint has counted."""
    if not (out / "history.sqlite").exists():
        return 0
    with History(out / "history.sqlite") as history:
        runs = history.runs()
        return len(runs[-1].extra["progress"].get("heaps", {})) if runs else 0


def _summary(out: Path) -> dict[str, Any]:
    return dict(json.loads((out / "summary.json").read_text("utf-8")))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_a_campaign_with_its_report(tmp_path: Path, number: signal.Signals) -> None:
    with started(tmp_path, "--seconds", "120") as process:
        process.send_signal(number)
        assert process.wait(30) == INTERRUPTED
    summary = _summary(tmp_path)
    assert summary["status"] == "interrupted"
    assert summary["exit_status"] == INTERRUPTED
    assert summary["findings"]
    assert (tmp_path / "report.html").exists()


def test_a_killed_campaign_is_resumed_to_the_same_end(
    tmp_path: Path, campaign: Run, faulty_engines: None
) -> None:
    arguments = ("--examples", "700")
    with started(tmp_path / "killed", *arguments) as process:
        os.kill(process.pid, signal.SIGKILL)
        process.wait(30)
    resumed = campaign("--resume", *ARGUMENTS, out=tmp_path / "killed")
    whole = campaign(*ARGUMENTS, *arguments, out=tmp_path / "whole")
    assert resumed.summary["programs"] == whole.summary["programs"] == 700
    assert resumed.summary["discrepancies"] == whole.summary["discrepancies"]
    assert _counts(resumed) == _counts(whole)


def _counts(ended: Ended) -> dict[str, int]:
    return {finding["signature"]: finding["count"] for finding in ended.summary["findings"]}


def test_workers_end_when_their_campaign_is_killed(tmp_path: Path) -> None:
    with started(tmp_path, "--seconds", "120") as process:
        workers = _descendants(process.pid)
        assert workers
        os.kill(process.pid, signal.SIGKILL)
        process.wait(30)
    deadline = time.monotonic() + 30
    while any(Path(f"/proc/{worker}").exists() for worker in workers):
        assert time.monotonic() < deadline, "workers outlive their campaign"
        time.sleep(0.1)


def _descendants(pid: int) -> list[int]:
    """All processes below `pid`."""
    children: dict[int, list[int]] = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        children.setdefault(int(fields[1]), []).append(int(path.parent.name))
    found, pending = [], [pid]
    while pending:
        below = children.get(pending.pop(), [])
        found += below
        pending += below
    return found


def test_a_campaign_that_ended_well_leaves_no_flight_records(campaign: Run) -> None:
    ended = campaign("--subject", "torch", "--examples", "64", "--seed", "1", "--jobs", "1")
    assert ended.status == OK
    assert not flight.directory(ended.summary["run"]).exists()


def test_there_is_nothing_to_resume_after_a_finished_campaign(
    campaign: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    campaign("--subject", "torch", "--examples", "8", "--seed", "1", "--jobs", "1")
    assert main(["run", "--resume", "--out", str(tmp_path / "out")]) == 2
    assert "no unfinished campaign" in capsys.readouterr().err
