"""`gradfuzz export`: a finding as a test, a torch script, a script for the subject alone, or an issue to paste."""

from __future__ import annotations

import argparse

from fuzz.cli import OK
from fuzz.stored import find
from oracle.discrepancy import Finding
from oracle.engines import load
from oracle.errors import HarnessError
from reports.export import export


def main(args: argparse.Namespace) -> int:
    finding, run = find(args.out, args.finding)
    print(_for_the_engine(finding, run.subject) if args.form == "engine" else export(finding, run, args.form), end="")
    return OK


def _for_the_engine(finding: Finding, name: str) -> str:
    """The program as its engine's authors would run it; HarnessError where it cannot be said so."""
    from oracle.engines.alone import script  # brings torch along

    gradient = finding.kind in ("grad", "grad-presence")
    written = script(finding.program, load(name), finding.where, gradient)
    if written is None:
        raise HarnessError(
            f"This finding cannot be written for {name} alone: that takes an engine that differentiates functions, and "
            "a program without hooks and detached values inside. `--as torch` prints it over torch's names."
        )
    return written
