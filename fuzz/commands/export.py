"""`gradfuzz export`: a finding as a regression test, a torch script, or an issue to paste."""

from __future__ import annotations

import argparse
from pathlib import Path

from fuzz.cli import OK
from reports.export import export
from reports.history import History


def main(args: argparse.Namespace) -> int:
    with History(Path(args.out) / "history.sqlite", create=False) as history:
        finding = history.lookup(args.finding)
        runs = [
            run
            for run in history.runs()
            if any(one.signature == finding.signature for one in history.findings(run.id))
        ]
        print(export(finding, runs[-1], args.form), end="")
    return OK
