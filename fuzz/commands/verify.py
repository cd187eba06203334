"""`gradfuzz verify`: a campaign over the programs of a file, held against the answers recorded there."""

from __future__ import annotations

import argparse

from fuzz.commands import run
from oracle.errors import HarnessError


def main(args: argparse.Namespace) -> int:
    if not run.is_recorded(args.file):
        raise HarnessError(
            f"{args.file} is no file of recorded answers: their names end in .jsonl or .jsonl.gz."
        )
    args.reference = args.file
    return run.main(args)
