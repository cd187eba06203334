"""`gradfuzz known`: the accepted differences of known.toml: add one, or list them with those gone stale."""

from __future__ import annotations

import argparse
import datetime

from fuzz.cli import OK
from fuzz.stored import find
from oracle import known
from oracle.errors import HarnessError


def main(args: argparse.Namespace) -> int:
    return _add(args) if args.action == "add" else _list(args)


def _add(args: argparse.Namespace) -> int:
    finding, _ = find(args.out, args.finding)
    side = args.side or (finding.verdict.side if finding.verdict else None)
    if side not in known.SIDES:
        raise HarnessError(
            f"The finding has no verdict that can be accepted ({side or 'none'}). Say who is at fault with "
            f"--side {', --side '.join(known.SIDES)}."
        )
    entry = known.Entry(
        finding.signature, side, args.reason, args.link or "", _date(args.expires), finding.program.source
    )
    known.add(args.known, entry)
    print(f"{args.known}: accepted {finding.signature}")
    return OK


def _date(text: str | None) -> datetime.date | None:
    if text is None:
        return None
    try:
        return datetime.date.fromisoformat(text)
    except ValueError as error:
        raise HarnessError(f"--expires takes a date such as 2027-06-30, not {text!r}.") from error


def _list(args: argparse.Namespace) -> int:
    listed = known.load(args.known)
    expired = listed.expired()
    for entry in listed.entries:
        mark = "expired " if entry in expired else ""
        print(f"{mark}{entry.side}: {entry.signature}\n    {entry.reason} {entry.link}".rstrip())
    return OK
