"""`gradfuzz record`: an engine's answers to composed programs, in a file that stands in for the engine."""

from __future__ import annotations

import argparse

from fuzz.cli import OK
from fuzz.commands.run import chosen_ops, is_recorded
from fuzz.guard import loaded
from fuzz.plan import Plan
from fuzz.shard import composed
from oracle.choosing import choose
from oracle.engines.recorded import record
from oracle.errors import HarnessError


def main(args: argparse.Namespace) -> int:
    if not is_recorded(args.out):
        raise HarnessError(f"--out {args.out}: a file of answers ends in .jsonl, or .jsonl.gz to be small.")
    plan = Plan("record", args.engine, args.engine, args.seed, chosen_ops(args.ops))
    engine = loaded(args.engine)
    programs = (composed(plan, number) for number in range(args.examples))
    count = record(choose(programs, engine, args.chosen) if args.chosen else programs, engine, args.out)
    print(f"{args.out}: {count} programs with the answers of {engine.name} {engine.version}")
    return OK
