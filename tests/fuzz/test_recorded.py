"""Recorded answers from the command line: made with torch, used without it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from fuzz.cli import FAULT, FOUND, OK, main

BLOCKED = "raise ImportError('torch is not installed here')\n"


@pytest.fixture
def answers(tmp_path: Path) -> Path:
    """torch's answers to sixty programs."""
    path = tmp_path / "answers.jsonl.gz"
    assert main(["record", "--examples", "60", "--ops", "neg,mul,sum", "--out", str(path)]) == OK
    return path


def test_torch_agrees_with_its_own_answers(answers: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert main(["verify", str(answers), "--subject", "torch", "--out", str(out), "--jobs", "1"]) == OK
    summary = json.loads((out / "summary.json").read_text("utf-8"))
    assert 30 < summary["programs"] <= 60
    assert summary["reference"] == str(answers)


def test_an_engine_with_a_fault_does_not_agree(answers: Path, tmp_path: Path, faulty_engines: None) -> None:
    arguments = ["--subject", "faulty-value", "--out", str(tmp_path / "out"), "--jobs", "1"]
    assert main(["verify", str(answers), *arguments]) == FOUND


def test_answers_are_verified_where_torch_is_not_installed(answers: Path, tmp_path: Path) -> None:
    (tmp_path / "no_torch").mkdir()
    (tmp_path / "no_torch" / "torch.py").write_text(BLOCKED)
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path / "no_torch"), *sys.path])}
    arguments = [
        "verify",
        str(answers),
        "--subject",
        str(answers),
        "--out",
        str(tmp_path / "out"),
        "--jobs",
        "1",
    ]
    done = subprocess.run(
        [sys.executable, "-m", "fuzz", *arguments],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == OK, done.stderr
    assert "No differences" in done.stdout


def test_a_choice_of_programs_is_recorded(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "answers.jsonl"
    assert (
        main(["record", "--examples", "80", "--chosen", "10", "--out", str(path), "--ops", "mul,neg"]) == OK
    )
    assert ": 10 programs" in capsys.readouterr().out


@pytest.mark.parametrize("command", [["record", "--out"], ["verify"]])
def test_a_file_of_another_name_is_refused(command: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*command, "answers.txt"]) == FAULT
    assert ".jsonl" in capsys.readouterr().err
