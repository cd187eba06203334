"""What docs/plug-in-an-engine.md says is done to the letter: a package of its own, installed, found, run."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOCUMENT = (ROOT / "docs" / "plug-in-an-engine.md").read_text("utf-8")
FILES = dict(re.findall(r"<!-- file: (\S+) -->\n```\w+\n(.*?)```", DOCUMENT, re.DOTALL))

RUN = """
from oracle import engines
from oracle.check import check_program
from oracle.program import parse

assert "complex-step" in engines.names()
mine, torch = engines.load("complex-step"), engines.load("torch")
program = parse('''
v0 = T.tensor([0.5, 2.0], dtype=T.float64, requires_grad=True)
v1 = v0.exp()
v2 = v1 * v0
v3 = v2.sum()
v3.backward()
''')
assert mine.supports(program) is None
assert not check_program(program, mine, torch)
assert mine.supports(parse("v0 = T.tensor(1.0)\\n")) == "dtype float32"
print("agreed")
"""


def test_the_engine_is_short() -> None:
    assert len(FILES["complex_step.py"].splitlines()) < 60


@pytest.mark.slow
def test_the_documented_engine_is_installed_found_and_agrees(tmp_path: Path) -> None:
    source, target = tmp_path / "source", tmp_path / "target"
    source.mkdir()
    for name, text in FILES.items():
        (source / name).write_text(text, "utf-8")
    install = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index"]
    install += ["--no-build-isolation", "--target", str(target), str(source)]
    done = subprocess.run(install, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(target), str(ROOT)])}
    run = [sys.executable, "-c", RUN]
    done = subprocess.run(run, capture_output=True, text=True, check=False, env=environment, cwd=tmp_path)
    assert done.stdout.strip() == "agreed", done.stderr
