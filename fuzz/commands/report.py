"""`gradfuzz report`: the latest campaigns of some directories, as tables here or as one HTML file."""

from __future__ import annotations

import argparse
from pathlib import Path

from fuzz.cli import OK
from oracle.errors import HarnessError
from reports.history import History
from reports.merging import merge
from reports.terminal import print_report


def main(args: argparse.Namespace) -> int:
    paths = [Path(path) for path in args.paths]
    if args.out:
        for part in merge(paths, args.out):
            print_report(part.run, part.findings)
        print(args.out)
        return OK
    for path in paths:
        with History(path / "history.sqlite" if path.is_dir() else path, create=False) as history:
            runs = history.runs()
            if not runs:
                raise HarnessError(f"The history in {path} holds no run yet; `gradfuzz run` makes one.")
            print_report(runs[-1], history.findings(runs[-1].id))
    return OK
