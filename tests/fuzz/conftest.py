"""What the tests of campaigns share: engines with faults as an installed plug-in, and ended campaigns.

What may live here: fixtures. The faults are in plugin/faulty_engines.py.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from fuzz.cli import main

PLUGIN = Path(__file__).parent / "plugin"


@dataclass(slots=True)
class Ended:
    """A campaign that is over: its exit status, its directory, its summary."""

    status: int
    out: Path
    summary: dict[str, Any]

    @property
    def kinds(self) -> set[str]:
        return {finding["kind"] for finding in self.summary["findings"]}


@pytest.fixture
def faulty_engines(monkeypatch: pytest.MonkeyPatch) -> None:
    """The engines of plugin/, found as if their package were installed."""
    monkeypatch.syspath_prepend(str(PLUGIN))


@pytest.fixture
def campaign(tmp_path: Path, faulty_engines: None) -> Callable[..., Ended]:
    """Runs `gradfuzz run` with these arguments in a directory of its own."""

    def run(*arguments: str, out: Path = tmp_path / "out") -> Ended:
        status = main(["run", "--out", str(out), "--quiet", *arguments])
        return Ended(status, out, json.loads((out / "summary.json").read_text("utf-8")))

    return run
