"""`gradfuzz run`: one campaign from its options to its report and exit status."""

from __future__ import annotations

import argparse
import os
import secrets
import shlex
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from fuzz import outputs, progress
from fuzz.campaign import Campaign
from fuzz.cli import FOUND, INTERRUPTED, OK
from fuzz.ledger import Ledger
from fuzz.plan import Budget, Plan
from fuzz.shard import prepare
from fuzz.workers import LocalWorkers, is_lost
from oracle.errors import HarnessError
from oracle.known import KnownList
from oracle.opset import OPS
from reports.records import new_run_id
from reports.terminal import print_report

SECONDS = 30.0  # of a campaign that is given no budget


def main(args: argparse.Namespace) -> int:
    out = outputs.directory(Path(args.out))
    known = KnownList()
    ledger = Ledger.resume(out, known) if args.resume else None
    plan, budget = (_plan(args), _budget(args)) if ledger is None else _as_before(ledger, args)
    display = progress.choose(as_json=False, quiet=args.quiet)
    jobs = args.jobs or len(os.sched_getaffinity(0))
    with _stop_signals() as stopped, LocalWorkers(jobs, plan.max_memory) as workers:
        engines = _engines(workers, plan)
        ledger = ledger or Ledger.begin(out, plan, budget, known, shlex.join(["gradfuzz", *sys.argv[1:]]))
        ledger.run.extra["engines"] = engines
        campaign = Campaign(plan, budget, workers, jobs, ledger, display, stopped)
        display.begin(_title(plan, engines, jobs))
        try:
            finished = campaign.run()
        except BaseException:
            ledger.close("failed", 2)
            raise
        finally:
            display.end(campaign.status())
            workers.shutdown(wait=False, cancel_futures=True)
    status = INTERRUPTED if not finished else FOUND if ledger.failing else OK
    ledger.close("finished" if finished else "interrupted", status)
    findings = sorted(ledger.findings.values(), key=lambda one: one.signature)
    outputs.write(out, ledger.run, findings)
    if not args.quiet:
        print_report(ledger.run, findings)
    return status


def _plan(args: argparse.Namespace) -> Plan:
    ops = tuple(dict.fromkeys(name.strip() for name in (args.ops or "").split(",") if name.strip()))
    for name in ops:
        if name not in OPS:
            raise HarnessError(f"There is no op {name!r} to compose of. `gradfuzz ops` lists them.")
    seed = secrets.randbits(32) if args.seed is None else args.seed
    return Plan(
        new_run_id(), args.subject, args.reference, seed, ops, args.timeout_per_program, args.max_memory
    )


def _budget(args: argparse.Namespace) -> Budget:
    seconds = args.seconds or (args.minutes * 60 if args.minutes else None)
    stale = args.until_stale * 60 if args.until_stale else None
    if seconds is None and args.examples is None and stale is None:
        seconds = SECONDS
    return Budget(seconds, args.examples, stale)


def _as_before(ledger: Ledger, args: argparse.Namespace) -> tuple[Plan, Budget]:
    """Plan and budget of the campaign that is resumed; a budget given now replaces the one of then."""
    run = ledger.run
    plan = Plan(
        run.id, run.subject, run.reference, run.seed or 0, tuple(run.extra["ops"]),
        args.timeout_per_program, args.max_memory,
    )  # fmt: skip
    given = args.seconds or args.minutes or args.examples or args.until_stale
    return plan, _budget(args) if given else Budget(**run.extra["budget"])


def _engines(workers: LocalWorkers, plan: Plan) -> dict[str, str]:
    """The versions of both engines, from a worker that has loaded them."""
    future = workers.submit(prepare, plan)
    error = future.exception()
    if is_lost(error):
        raise HarnessError(
            f"The engines {plan.subject} and {plan.reference} were to be loaded, and the process died over "
            f"it. `gradfuzz engines` shows which of them can be used here."
        )
    if error is not None:
        raise error
    return dict(future.result())


def _title(plan: Plan, engines: dict[str, str], jobs: int) -> str:
    against = " against ".join(f"{name} {version}" for name, version in engines.items())
    if len(engines) == 1:
        against += " against itself"
    return f"gradfuzz: {against}, seed {plan.seed}, {jobs} worker{'s' if jobs > 1 else ''}"


@contextmanager
def _stop_signals() -> Iterator[Callable[[], bool]]:
    """Within, a first Ctrl-C or SIGTERM only sets what the yielded function says; a second one interrupts."""
    received: list[int] = []

    def note(number: int, frame: FrameType | None) -> None:
        received.append(number)
        if len(received) > 1:
            raise KeyboardInterrupt

    before = {number: signal.signal(number, note) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield lambda: bool(received)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
