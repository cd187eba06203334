"""Rebuilds what docs/ shows of reports: `python -m tests.reports.sample` from the root of the source tree.

What may live here: the nights of the sample (minigrad with bugs planted from night to night), the report and
picture made from them, and the outputs and columns printed in the pages. Tests hold the pages against this.
"""

from __future__ import annotations

import contextlib
import io
import re
import sqlite3
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import pandas as pd

import reports
from oracle.engines import load
from oracle.engines.base import Engine
from oracle.engines.minigrad_engine import MinigradEngine
from oracle.engines.mutants import planted
from oracle.engines.mutants.by_hand import MUTANTS
from oracle.observation import Observation
from oracle.program.program import Program
from reports.columns import TABLES
from tests.reports import browser, nights
from tests.reports.nights import Night

DOCS = Path(__file__).parents[2] / "docs"
SAMPLE = DOCS / "sample"
PAGES = ("five-questions.md", "reports.md")

NIGHTS = (
    Night([], 300),
    Night(["grad-fn-name", "sign-flipped"], 400),
    Night(["grad-fn-name", "sign-flipped", "div-denominator-squared-missing"], 400),
    Night(["grad-fn-name", "div-denominator-squared-missing"], 500),
    Night(["grad-fn-name", "sign-flipped", "sub-sign-lost"], 600),
)

_BLOCK = re.compile(r"```python\n(?P<code>.*?)```\n(?:\n```text\n.*?```\n)?", re.DOTALL)
_COLUMNS = re.compile(r"(?<=<!-- columns -->\n).*(?=<!-- end of columns -->)", re.DOTALL)


class Planted(MinigradEngine):
    """minigrad with several bugs of `oracle.engines.mutants` at once."""

    def __init__(self, faults: Sequence[str]) -> None:
        super().__init__()
        self._mutants = [one for one in MUTANTS if one.name in faults]

    def run_batch(self, programs: Sequence[Program]) -> list[Observation]:
        with ExitStack() as stack:
            for mutant in self._mutants:
                stack.enter_context(planted(mutant))
            return super().run_batch(programs)


def rebuild() -> None:
    """Run the nights, write the sample, the picture, and what the pages print."""
    reference = load("torch")
    reference.use_one_thread()
    SAMPLE.mkdir(parents=True, exist_ok=True)
    store = SAMPLE / "history.sqlite"
    with tempfile.TemporaryDirectory() as place:
        nights.run_nights(Path(place), reference, NIGHTS, planted_engine)
        store.unlink(missing_ok=True)
        with closing(sqlite3.connect(Path(place) / "history.sqlite")) as connection:
            connection.execute("VACUUM INTO ?", (str(store),))  # one file, without a write-ahead log beside it
    with reports.History(store, create=False) as history:
        run = history.runs()[-1]
        found, coverage = history.findings(run.id), history.coverage(run.id)
        report = reports.write_report(SAMPLE / "report.html", run, found, coverage, history)
    with tempfile.TemporaryDirectory() as profile, browser.chromium(Path(profile)) as window:
        window.open(report, width=1100).picture(DOCS / "report.png", height=1000)
        graph = next(one for one in found if one.kind == "graph")
        section = f"#f-{reports.finding_id(graph.signature)}"
        window.open(report, width=1100, dark=True).picture(DOCS / "report-finding.png", of=section)
    for name in PAGES:
        page = DOCS / name
        page.write_text(with_outputs(page.read_text("utf-8")), "utf-8")


def planted_engine(faults: Sequence[str]) -> Engine:
    """The subject of a night."""
    return Planted(faults)


def with_outputs(page: str) -> str:
    """A page with each output replaced by what its block prints now, and the columns by those of `TABLES`."""
    scope: dict[str, Any] = {"__name__": "page"}

    def again(block: re.Match[str]) -> str:
        printed = run_block(block["code"], scope)
        code = f"```python\n{block['code']}```\n"
        return f"{code}\n```text\n{printed}```\n" if printed else code

    return _COLUMNS.sub(lambda _: columns(), _BLOCK.sub(again, page))


def run_block(code: str, scope: dict[str, Any]) -> str:
    """What a block of a page prints, run in `scope` with the tables shown whole."""
    printed = io.StringIO()
    whole = ("display.width", 110, "display.max_columns", 20, "display.max_colwidth", 48)
    with pd.option_context(*whole), contextlib.redirect_stdout(printed):
        exec(compile(code, "page", "exec"), scope)
    return "".join(f"{line.rstrip()}\n" for line in printed.getvalue().splitlines())


def columns() -> str:
    """The tables' columns as Markdown."""
    parts = []
    for table, names in TABLES.items():
        rows = "".join(f"| `{name}` | {dtype} | {meaning} |\n" for name, (dtype, meaning) in names.items())
        parts.append(f"\n### {table}\n\n| column | dtype | meaning |\n| --- | --- | --- |\n{rows}")
    return "".join(parts) + "\n"


if __name__ == "__main__":
    rebuild()
