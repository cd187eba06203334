"""Bad input of every sort: one paragraph naming the thing and the way out, exit status 2, nothing changed."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from fuzz.cli import FAULT, main
from oracle.discrepancy import Finding
from oracle.program.parser import parse
from reports.history import History
from reports.records import RunInfo

from .conftest import PLUGIN, Ended

Say = Callable[..., str]


@pytest.fixture
def said(capsys: pytest.CaptureFixture[str]) -> Say:
    """Runs gradfuzz with these arguments, which it must refuse, and gives what it says."""

    def refused(*arguments: str) -> str:
        assert main(list(arguments)) == FAULT
        text = capsys.readouterr().err.strip()
        assert text.startswith("gradfuzz: "), text
        assert "Traceback" not in text
        return text

    return refused


def test_an_unknown_op_is_named(said: Say, tmp_path: Path) -> None:
    assert "no op 'mull'" in said("run", "--ops", "mul,mull", "--out", str(tmp_path))


@pytest.mark.parametrize("option", ["--subject", "--reference"])
def test_an_unknown_engine_is_named(said: Say, tmp_path: Path, option: str) -> None:
    assert "'tourch'" in said("run", option, "tourch", "--out", str(tmp_path), "--jobs", "1")


def test_an_engine_that_cannot_be_imported_is_named(said: Say, tmp_path: Path, faulty_engines: None) -> None:
    text = said("run", "--subject", "faulty-import", "--out", str(tmp_path), "--jobs", "1")
    assert "faulty-import" in text
    assert "engines_that_are_not_there" in text


def test_an_unusable_engine_is_listed_with_its_reason() -> None:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(PLUGIN), *sys.path])}
    command = [sys.executable, "-m", "fuzz", "engines"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    lines = done.stdout.splitlines()
    assert any(line.startswith("faulty-import") and "not usable here" in line for line in lines)
    assert any(line.startswith("torch ") for line in lines)


def test_a_directory_that_cannot_be_written_is_named(said: Say, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("not a directory")
    assert str(file / "out") in said("run", "--out", str(file / "out"))
    assert file.read_text() == "not a directory"


BROKEN_LISTS = {
    "not TOML": "version = 1\n[[known]\n",
    "without a version": '[[known]]\nsignature = "a"\nside = "subject"\nreason = "b"\n',
    "of a later version": "version = 99\n",
    "lacking a reason": 'version = 1\n[[known]]\nsignature = "a"\nside = "subject"\n',
    "blaming nobody": 'version = 1\n[[known]]\nsignature = "a"\nside = "moon"\nreason = "b"\n',
    "with a stray key": 'version = 1\n[[known]]\nsignature = "a"\nside = "subject"\nreason = "b"\nx = 1\n',
}


@pytest.mark.parametrize("text", BROKEN_LISTS.values(), ids=BROKEN_LISTS.keys())
def test_a_broken_known_list_is_refused_and_left_alone(said: Say, tmp_path: Path, text: str) -> None:
    path = tmp_path / "known.toml"
    path.write_text(text)
    assert str(path) in said("run", "--known", str(path), "--out", str(tmp_path / "out"))
    assert path.read_text() == text


def test_a_known_list_that_is_not_there_is_named(said: Say, tmp_path: Path) -> None:
    path = tmp_path / "known.toml"
    assert str(path) in said("run", "--known", str(path), "--out", str(tmp_path / "out"))


def test_a_history_of_a_newer_version_is_refused_and_left_alone(said: Say, tmp_path: Path) -> None:
    path = tmp_path / "history.sqlite"
    History(path).close()
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()
    before = path.read_bytes()
    assert "newer gradfuzz" in said("run", "--out", str(tmp_path), "--examples", "1", "--subject", "torch")
    assert path.read_bytes() == before


def test_a_file_that_is_no_history_is_refused_and_left_alone(said: Say, tmp_path: Path) -> None:
    path = tmp_path / "history.sqlite"
    path.write_text("dear diary")
    assert str(path) in said("run", "--out", str(tmp_path), "--examples", "1", "--subject", "torch")
    assert path.read_text() == "dear diary"


def test_an_unknown_finding_is_named(said: Say, tmp_path: Path) -> None:
    History(tmp_path / "history.sqlite").close()
    for command in (["replay"], ["export"], ["known", "add", "--reason", "none"]):
        assert "'f00'" in said(*command, "f00", "--out", str(tmp_path))


def test_accepting_a_finding_without_a_verdict_asks_for_a_side(
    said: Say, tmp_path: Path
) -> None:
    program = parse("v0 = T.zeros(2)")
    run, known = RunInfo("minigrad", "torch"), tmp_path / "known.toml"
    with History(tmp_path / "history.sqlite") as history:
        history.start(run)
        history.record(run.id, Finding("value|zeros|differs", "value", "zeros", "", "v0", program, program))
    arguments = ("known", "add", "value|zeros|differs", "--reason", "x", "--known", str(known))
    text = said(*arguments, "--out", str(tmp_path))
    assert "--side" in text
    assert not known.exists()


def test_an_expiry_that_is_no_date_is_refused(said: Say, campaign: Callable[..., Ended]) -> None:
    ended = campaign(
        "--subject", "faulty-value", "--ops", "neg", "--seed", "3", "--examples", "32", "--jobs", "1"
    )
    finding = ended.summary["findings"][0]["id"]
    arguments = ("known", "add", finding, "--reason", "x", "--side", "subject", "--out", str(ended.out))
    assert "'tomorrow'" in said(*arguments, "--expires", "tomorrow")


HOSTILE = {
    "imports os": "import os\nos.system('touch {marker}')\n",
    "reaches os through torch": "v0 = T.os.system('touch {marker}')\n",
    "calls __import__": "print(__import__('os').system('touch {marker}'))\n",
    "calls eval": 'v0 = eval(\'open("{marker}", "w")\')\n',
    "opens a file": "v0 = open('{marker}', 'w')\n",
    "loads a pickle": "v0 = T.load('{marker}')\n",
    "loads a library": "v0 = T.ops.load_library('{marker}')\n",
    "writes a tensor to a file": "v0 = T.zeros(2)\nv1 = v0.numpy()\nv1.tofile('{marker}')\n",
    "saves": "v0 = T.zeros(2)\nT.save(v0, '{marker}')\n",
    "walks the class tree": "v0 = T.zeros(2)\nv1 = v0.__class__.__mro__\n",
    "reads globals": "v0 = T.zeros(2)\nv1 = v0.backward.__globals__\n",
    "hides code in a lambda": "v0 = T.zeros(2)\nv0.register_hook(lambda g: open('{marker}', 'w'))\n",
    "hides code in a default": "def f(x=open('{marker}', 'w')): pass\n",
    "hides code in a decorator": "@open('{marker}', 'w')\ndef f(): pass\n",
    "hides code in a class": "class X(open('{marker}', 'w')): pass\n",
    "hides code in an f-string": "v0 = f\"{{open('{marker}', 'w')}}\"\n",
    "hides code in a comprehension": "v0 = [open('{marker}', 'w') for x in (1,)]\n",
    "hides code in a block's head": "with T.os.popen('touch {marker}'):\n    v0 = T.zeros(1)\n",
    "takes T for something else": "import os as T\nT.system('touch {marker}')\n",
    "binds T anew": "T = open('{marker}', 'w')\n",
    "hides code in an assignment expression": "v0 = T.zeros((x := open('{marker}', 'w')))\n",
    "declares an encoding": "# -*- coding: unicode_escape -*-\n# \\nopen('{marker}', 'w')\nT = 1\n",
    "computes a huge number": "v0 = 9 ** 9 ** 9 ** 9\n",
    "nests without end": "v0 = " + "(" * 5000 + "1" + ")" * 5000 + "\n",
    "negates without end": "v0 = " + "-" * 100_000 + "1\n",
    "has a null byte": "v0 = T.zeros(1)\0\n",
    "is cut off": "v0 = T.zeros((1, 2\n",
    "is a poem": "Shall I compare thee to a summer's day?\n",
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_hostile_file_runs_no_code(said: Say, tmp_path: Path, text: str) -> None:
    marker, path = tmp_path / "marker", tmp_path / "hostile.py"
    path.write_text(text.format(marker=marker))
    assert str(path) in said("replay", str(path), "--subject", "torch")
    assert not marker.exists()


def test_a_file_that_is_no_text_is_refused(said: Say, tmp_path: Path) -> None:
    path = tmp_path / "program.py"
    path.write_bytes(b"v0 = T.zeros(1) # \xff\xfe")
    assert "not UTF-8" in said("replay", str(path))


def test_a_file_that_is_far_too_large_is_not_read(said: Say, tmp_path: Path) -> None:
    path = tmp_path / "program.py"
    path.write_text("#" * (2**20 + 1))
    assert "larger than any program" in said("replay", str(path))


def test_a_missing_file_is_named(said: Say, tmp_path: Path) -> None:
    assert "nothing.py" in said("replay", str(tmp_path / "nothing.py"))
