"""A stored finding by its id, with the campaign that met it last: what several commands begin with.

What may live here: looking it up in the history of a directory.
"""

from __future__ import annotations

from pathlib import Path

from oracle.discrepancy import Finding
from reports.history import History
from reports.records import RunInfo


def find(out: str, name: str) -> tuple[Finding, RunInfo]:
    """The finding of this id, beginning of an id, or signature in `out`, and the latest run that has it.

    Raises HarnessError where there is none, or several.
    """
    with History(Path(out) / "history.sqlite", create=False) as history:
        finding = history.lookup(name)
        for run in reversed(history.runs()):
            if any(one.signature == finding.signature for one in history.findings(run.id)):
                return finding, run
        return finding, history.runs()[-1]
