"""`gradfuzz run`: one campaign from its options to its report and exit status."""

from __future__ import annotations

import argparse
import contextlib
import os
import secrets
import shlex
import signal
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import FrameType

from fuzz import flight, outputs, progress
from fuzz.campaign import Campaign
from fuzz.cli import FAULT, FOUND, INTERRUPTED, OK
from fuzz.ledger import Ledger
from fuzz.plan import Budget, Plan
from fuzz.progress import Display
from fuzz.shard import prepare
from fuzz.workers import TORCH, LocalWorkers, is_lost
from oracle import known as known_lists
from oracle.discrepancy import Finding
from oracle.engines import RECORDED
from oracle.errors import HarnessError
from oracle.known import KnownList
from oracle.opset import OPS
from reports.records import new_run_id
from strategies import examples, grammar

SECONDS = 30.0  # of a campaign that is given no budget
KNOWN = "known.toml"  # taken from the current directory when no --known is given


def main(args: argparse.Namespace) -> int:
    out = outputs.directory(Path(args.out))
    flight.tidy()
    known = _known(args.known, args.subject, args.reference)
    ledger = Ledger.resume(out, known) if args.resume else None
    plan, budget = (_plan(args), _budget(args)) if ledger is None else _as_before(ledger, args)
    display = progress.choose(as_json=args.json, quiet=args.quiet)
    with _stop_signals() as stopped, _crew(args, plan) as (executor, jobs):
        engines, programs = _prepared(executor, plan)
        if programs is not None:
            budget = replace(budget, examples=min(programs, budget.examples or programs))
        ledger = ledger or Ledger.begin(out, plan, budget, known, shlex.join(["gradfuzz", *sys.argv[1:]]))
        ledger.run.extra["engines"] = engines
        display.begin(_title(plan, engines, jobs))
        finished = _run(Campaign(plan, budget, executor, jobs, ledger, display, stopped), ledger, display)
    unexplained = ledger.run.extra.get("unexplained", [])
    status = INTERRUPTED if not finished else FAULT if unexplained else FOUND if ledger.failing else OK
    findings = ledger.seen()
    ledger.close("finished" if finished else "interrupted", status)
    _keep_examples(plan, findings)
    _report(args, out, ledger, findings, display)
    if unexplained:
        raise HarnessError(
            f"Workers died again and again while these programs of seed {plan.seed} were examined in processes of "
            f"their own: {', '.join(map(str, unexplained))}. That is no engine's doing alone; is the machine out of "
            f"memory? All other programs were checked, and what they gave is in {out}."
        )
    return status


def _run(campaign: Campaign, ledger: Ledger, display: Display) -> bool:
    try:
        return campaign.run()
    except BaseException:
        with contextlib.suppress(HarnessError):  # the history itself may be what failed
            ledger.close("failed", FAULT)
        raise
    finally:
        display.end(campaign.status())


def _report(
    args: argparse.Namespace, out: Path, ledger: Ledger, findings: list[Finding], display: Display
) -> None:
    met = [one.signature for one in findings if one.state != "fixed"]
    stale = [
        entry for entry in ledger.known.unseen(met) if entry.line is not None
    ]  # not those that are shipped
    for entry in stale:
        display.note(
            f"accepted, but not met in this run: {entry.signature} ({ledger.known.path}:{entry.line})"
        )
    ledger.run.extra["known_no_more"] = [entry.signature for entry in stale]
    paths = outputs.write(out, ledger.run, findings, ledger.coverage)
    if args.junit:
        from fuzz import junit

        junit.write(Path(args.junit), ledger.run, findings)
    if not args.quiet and not args.json:
        from reports.terminal import print_report

        print_report(ledger.run, findings)
    for path in paths:
        display.note(str(path))


def _keep_examples(plan: Plan, findings: list[Finding]) -> None:
    """Hand what failed to Hypothesis, so that a later pytest replays it first.

    Not what kills its process, nor programs of a part of the language, which the tests would read otherwise.
    """
    found = [one.extra["buffer"] for one in findings if one.extra.get("campaign") == plan.campaign]
    if found and not plan.ops and not is_recorded(plan.reference):
        with contextlib.suppress(OSError):  # a convenience, in a directory that may not be ours
            examples.keep(map(bytes.fromhex, found), grammar())


def _known(path: str | None, subject: str, reference: str) -> KnownList:
    """The list that was asked for, or that of the directory, and what the subject has on purpose."""
    if path is None and not Path(KNOWN).is_file():
        chosen = KnownList()
    else:
        chosen = known_lists.load(path or KNOWN)
    return KnownList((*chosen.entries, *known_lists.shipped(subject, reference)), chosen.path)


def chosen_ops(text: str | None) -> tuple[str, ...]:
    """The ops of an `--ops` option. Raises HarnessError for one that does not exist."""
    ops = tuple(dict.fromkeys(name.strip() for name in (text or "").split(",") if name.strip()))
    for name in ops:
        if name not in OPS:
            raise HarnessError(f"There is no op {name!r} to compose of. `gradfuzz ops` lists them.")
    return ops


def _plan(args: argparse.Namespace) -> Plan:
    ops = chosen_ops(args.ops)
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


@contextmanager
def _crew(args: argparse.Namespace, plan: Plan) -> Iterator[tuple[Executor, int]]:
    """The executor that the options ask for, and how many workers it has."""
    if args.cluster:
        from fuzz.cluster import connected

        with connected(args.cluster) as (executor, workers):
            yield executor, args.jobs or workers
        return
    jobs = args.jobs or len(os.sched_getaffinity(0))
    local = LocalWorkers(jobs, plan.max_memory, () if is_recorded(plan.reference) else TORCH)
    try:
        yield local, jobs
    finally:
        local.shutdown(cancel_futures=True)
        flight.forget(plan.campaign)  # no earlier: a worker may have been amid a shard


def _prepared(executor: Executor, plan: Plan) -> tuple[dict[str, str], int | None]:
    """The versions of both engines, from a worker that has them loaded, and how many programs there are."""
    future = executor.submit(prepare, plan)
    error = future.exception()
    if is_lost(error):
        raise HarnessError(
            f"The engines {plan.subject} and {plan.reference} were to be loaded, and the process died over "
            f"it. `gradfuzz engines` shows which of them can be used here."
        )
    if error is not None:
        raise error
    prepared: tuple[dict[str, str], int | None] = future.result()
    return prepared


def is_recorded(engine: str) -> bool:
    """Whether a name stands for recorded answers, so that their engine need not be there."""
    return engine == "recorded" or engine.endswith(RECORDED)


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
