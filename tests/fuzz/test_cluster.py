"""Campaigns on a Dask cluster: the same findings as on this machine, whatever happens to a worker."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from fuzz.cli import main
from reports.history import History

from .conftest import PLUGIN, Ended

pytestmark = pytest.mark.cluster

Run = Callable[..., Ended]
ARGUMENTS = ("--ops", "neg,mul,sum", "--seed", "9")


@pytest.fixture(scope="module")
def cluster() -> Iterator[dict[str, Any]]:
    """Address and worker processes of a scheduler on this machine, whose workers know the faulty engines."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(PLUGIN), *sys.path])}
    script = Path(__file__).parent / "local_cluster.py"
    with subprocess.Popen(
        [sys.executable, str(script)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment,
    ) as process:  # fmt: skip
        assert process.stdout is not None
        assert process.stdin is not None
        try:
            yield json.loads(process.stdout.readline())
        finally:
            process.stdin.close()
            process.wait(30)


def _kill_amid(pid: int, out: Path) -> threading.Thread:
    """Kills a process once the campaign in `out` has stored its first checkpoint."""

    def kill() -> None:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and not _programs(out):
            time.sleep(0.05)
        with contextlib.suppress(ProcessLookupError):  # a busy machine has its nanny restart it, which is as good
            os.kill(pid, signal.SIGKILL)

    thread = threading.Thread(target=kill)
    thread.start()
    return thread


def _programs(out: Path) -> int:
    if not (out / "history.sqlite").exists():
        return 0
    with History(out / "history.sqlite") as history:
        runs = history.runs()
        return runs[-1].programs if runs else 0


def _counts(ended: Ended) -> dict[str, int]:
    return {finding["signature"]: finding["count"] for finding in ended.summary["findings"]}


def test_a_cluster_that_loses_a_worker_finds_what_one_machine_finds(
    cluster: dict[str, Any], campaign: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fuzz.campaign.CHECKPOINT", 0.1)
    monkeypatch.setattr("fuzz.campaign.SELDOM", 1.0)
    arguments = ("--subject", "faulty-value", "--examples", "900", *ARGUMENTS)
    killer = _kill_amid(cluster["workers"][0], tmp_path / "spread")
    spread = campaign(*arguments, "--cluster", cluster["address"], out=tmp_path / "spread")
    killer.join()
    alone = campaign(*arguments, "--jobs", "1", out=tmp_path / "alone")
    assert spread.summary["programs"] == 900
    assert _counts(spread) == _counts(alone)


def test_a_crash_on_a_cluster_is_a_finding(cluster: dict[str, Any], campaign: Run) -> None:
    ended = campaign(
        "--subject",
        "faulty-crash",
        "--ops",
        "neg",
        "--seed",
        "3",
        "--examples",
        "4",
        "--cluster",
        cluster["address"],
    )
    assert ended.kinds == {"crash"}
    assert ended.summary["programs"] == 4


def test_a_cluster_that_is_not_there_is_said_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fuzz.cluster.PATIENCE", 1)
    status = main(["run", "--cluster", "tcp://127.0.0.1:9", "--out", str(tmp_path), "--examples", "1"])
    assert status == 2
    assert "no Dask scheduler at tcp://127.0.0.1:9" in capsys.readouterr().err
