"""`gradfuzz export`: a finding as a regression test, a torch script, or an issue to paste."""

from __future__ import annotations

import argparse

from fuzz.cli import OK
from fuzz.stored import find
from reports.export import export


def main(args: argparse.Namespace) -> int:
    finding, run = find(args.out, args.finding)
    print(export(finding, run, args.form), end="")
    return OK
