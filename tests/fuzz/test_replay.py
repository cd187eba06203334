"""Replaying: still there, gone, or changed; from a file and from the history; and the forms of an export."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from fuzz.cli import FAULT, FOUND, OK, main
from oracle.program.parser import parse

from .conftest import Ended

NEG = "v0 = T.tensor([1.0, 2.0], requires_grad=True)\nv1 = T.neg(v0)\n"


@pytest.fixture
def ended(campaign: Callable[..., Ended]) -> Ended:
    """A campaign that met the wrong values of faulty-value."""
    return campaign(
        "--subject", "faulty-value", "--ops", "neg", "--seed", "3", "--examples", "64", "--jobs", "1"
    )


def finding(ended: Ended) -> dict[str, str]:
    """Its most frequent finding."""
    return dict(max(ended.summary["findings"], key=lambda one: one["count"]))


@pytest.mark.parametrize(
    ("subject", "status", "words"),
    [
        ("torch", OK, "gone"),
        ("faulty-value", FOUND, "still there"),
        ("faulty-crash", FOUND, "crash at neg"),
        ("faulty-hang", FOUND, "hang at neg"),
        ("faulty-memory", FOUND, "memory at neg"),
    ],
)
def test_a_file_is_replayed(
    tmp_path: Path,
    faulty_engines: None,
    capsys: pytest.CaptureFixture[str],
    subject: str,
    status: int,
    words: str,
) -> None:
    path = tmp_path / "program.py"
    path.write_text(NEG)
    assert main(["replay", str(path), "--subject", subject, "--timeout-per-program", "0.5"]) == status
    assert words in capsys.readouterr().out


def test_a_finding_is_replayed_on_the_engines_it_was_found_with(
    ended: Ended, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["replay", finding(ended)["id"], "--out", str(ended.out)]) == FOUND
    assert capsys.readouterr().out.startswith("still there")


def test_a_finding_that_looks_otherwise_now_is_changed(
    ended: Ended, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    path = tmp_path / "program.py"
    path.write_text(f"# signature: leaf|mul|another one altogether\n{NEG}")
    assert main(["replay", str(path), "--subject", "faulty-value"]) == FOUND
    assert capsys.readouterr().out.startswith("changed")


@pytest.mark.parametrize("form", ["pytest", "torch", "issue"])
def test_a_finding_is_exported_with_its_program(
    ended: Ended, capsys: pytest.CaptureFixture[str], form: str
) -> None:
    one = finding(ended)
    assert main(["export", one["id"], "--as", form, "--out", str(ended.out)]) == OK
    program = parse(Path(one["repro"]).read_text("utf-8"))
    text = capsys.readouterr().out
    assert all(line.strip() in text for line in program.source.splitlines())


def test_what_no_engine_alone_can_be_told_is_refused_with_a_reason(
    ended: Ended, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["export", finding(ended)["id"], "--as", "engine", "--out", str(ended.out)]) == FAULT
    assert "cannot be written for faulty-value alone" in capsys.readouterr().err
