"""The history under a campaign: a full disk, and two campaigns that write at once."""

from __future__ import annotations

import os
import shlex
import sqlite3
import subprocess
import sys
from pathlib import Path

from reports.history import History

from .conftest import PLUGIN

COMMAND = (
    sys.executable,
    "-m",
    "fuzz",
    "run",
    "--subject",
    "faulty-value",
    "--ops",
    "neg,mul,sum",
    "--quiet",
)
ENVIRONMENT = {**os.environ, "PYTHONPATH": os.pathsep.join([str(PLUGIN), *sys.path])}


def test_a_full_disk_is_said_so_and_leaves_whole_records(tmp_path: Path) -> None:
    campaign = shlex.join([*COMMAND, "--out", str(tmp_path), "--seconds", "60", "--seed", "3", "--jobs", "1"])
    done = subprocess.run(  # no file may grow beyond 120 KiB, which is what a full disk looks like
        ["bash", "-c", f"ulimit -f 120; exec {campaign}"],
        env=ENVIRONMENT, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 2, done.stderr
    assert "disk is full" in done.stderr
    assert str(tmp_path / "history.sqlite") in done.stderr
    with sqlite3.connect(tmp_path / "history.sqlite") as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    connection.close()
    with History(tmp_path / "history.sqlite") as history:
        (run,) = history.runs()
        history.findings(run.id)


def test_two_campaigns_may_share_a_directory(tmp_path: Path) -> None:
    campaigns = [
        subprocess.Popen(
            [*COMMAND, "--out", str(tmp_path), "--examples", "300", "--seed", seed, "--jobs", "1"],
            env=ENVIRONMENT, stderr=subprocess.PIPE,
        )
        for seed in ("1", "2")
    ]  # fmt: skip
    for campaign in campaigns:
        _, said = campaign.communicate(timeout=120)
        assert campaign.returncode == 1, said.decode()
    with History(tmp_path / "history.sqlite") as history:
        runs = history.runs()
        assert {run.seed for run in runs} == {1, 2}
        assert {run.programs for run in runs} == {300}
        assert all(history.findings(run.id) for run in runs)
