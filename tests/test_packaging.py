"""The wheel: what is installed elsewhere works there, data files and all; and the README tells the truth."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
ROOMS = ("minigrad", "oracle", "strategies", "reports", "fuzz")


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory with the unpacked wheel of this tree, built from a copy so that nothing is left behind."""
    work = tmp_path_factory.mktemp("wheel")
    source = work / "source"
    source.mkdir()
    for name in (*ROOMS, "pyproject.toml", "README.md", "LICENSE"):
        _run("cp", "-r", str(ROOT / name), str(source))
    _run(sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation",
         "--wheel-dir", str(work), str(source))  # fmt: skip
    (wheel,) = work.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(work / "site")
    return work / "site"


def _run(*command: str, cwd: Path | None = None, environment: dict[str, str] | None = None) -> str:
    done = subprocess.run(
        command,
        cwd=cwd,
        env={**os.environ, **(environment or {})},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_a_wheel_holds_every_file_of_every_room(installed: Path) -> None:
    kept = {path.relative_to(ROOT) for room in ROOMS for path in (ROOT / room).rglob("*") if path.is_file()}
    kept = {path for path in kept if "__pycache__" not in path.parts}
    missing = sorted(str(path) for path in kept if not (installed / path).exists())
    assert missing == []


def test_an_installed_wheel_runs_a_campaign(installed: Path, tmp_path: Path) -> None:
    elsewhere = {"PYTHONPATH": str(installed)}
    where = _run(
        sys.executable, "-c", "import fuzz; print(fuzz.__file__)", cwd=tmp_path, environment=elsewhere
    )
    assert where.startswith(str(installed))
    command = (sys.executable, "-m", "fuzz", "run", "--subject", "torch", "--examples", "16", "--jobs", "1")
    _run(*command, cwd=tmp_path, environment=elsewhere)
    assert (tmp_path / "gradfuzz-out" / "report.html").stat().st_size > 10_000


def test_constraints_pin_what_is_needed() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    extras = project["optional-dependencies"]
    needed = [*project["dependencies"], *extras["test"], *extras["cluster"]]
    names = {re.match(r"[\w-]+", line)[0].lower() for line in needed}  # type: ignore[index]
    pinned = {line.split("==")[0] for line in (ROOT / "constraints.txt").read_text("utf-8").splitlines()}
    assert names - {"gradfuzz"} <= pinned


def test_the_readme_names_every_command() -> None:
    from fuzz.cli import _parser

    readme = (ROOT / "README.md").read_text("utf-8")
    actions = _parser()._subparsers._group_actions[0].choices  # type: ignore[union-attr]
    assert [name for name in actions if f"gradfuzz {name}" not in readme] == []  # type: ignore[union-attr]
