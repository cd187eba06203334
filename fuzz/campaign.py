"""A campaign: gives shards to an executor, takes their results in order, has findings reduced, keeps books.

What may live here: what is run when, and what happens to whatever comes back. It knows the
`concurrent.futures.Executor` interface and no process; which programs a shard runs is for `fuzz.shard`.

Note [Order]. Shards end in any order but are merged in the order of their programs, so that the first
program of each signature, and with it everything reported, does not depend on how shards were spread.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from dataclasses import dataclass, field, replace
from typing import Any

from fuzz import flight
from fuzz.ledger import Ledger, Range
from fuzz.plan import SHARD, Budget, Plan, ShardResult, Sighting
from fuzz.progress import Display, Status
from fuzz.reducing import reduce_finding
from fuzz.replaying import recheck
from fuzz.shard import run_shard
from fuzz.steering import Steering
from fuzz.suspects import examine
from fuzz.workers import is_lost
from oracle.discrepancy import Finding

TRIES = 3  # of examining a suspect, whose own death cannot kill the worker
GRACE = 15.0  # seconds after the time is up in which findings may still be reduced
RECHECKED = 1000  # findings of earlier campaigns run again at most
CHECKPOINT = 2.0  # seconds between checkpoints, at least
SELDOM = 20.0  # ... and so many times what one takes: the coverage of a long campaign is large


@dataclass(slots=True)
class Task:
    """Something an executor is working on."""

    what: str  # "shard", "suspect", "finding" or "recheck"
    programs: Range = (0, 0)
    plan: Plan | None = None  # that of its programs
    sighting: Sighting | None = None
    finding: Finding | None = None
    suspects: int = 0  # as recorded when its worker died last
    deaths: int = 0


@dataclass(slots=True)
class Waiting:
    """A shard's result that cannot be merged yet, because earlier ones or its own suspects are still out."""

    result: ShardResult
    suspects: int
    examined: list[ShardResult] = field(default_factory=list)


class Campaign:
    """One run of a plan. `stopped` is asked often; once it says True, everything is brought to an end."""

    def __init__(
        self,
        plan: Plan,
        budget: Budget,
        executor: Executor,
        jobs: int,
        ledger: Ledger,
        display: Display,
        stopped: Callable[[], bool] = lambda: False,
    ) -> None:
        self.plan, self.budget, self.ledger = plan, budget, ledger
        self._executor, self._jobs, self._display, self._stopped = executor, jobs, display, stopped
        progress = ledger.run.extra["progress"]
        self._next: int = progress["next"]
        self._holes: list[Range] = [(start, stop) for start, stop in progress["holes"]]
        self._steering = Steering(progress.get("steering"))
        self._spent = ledger.run.seconds
        self._began = self._saved = time.monotonic()
        self._pause = CHECKPOINT
        self._tasks: dict[Future[Any], Task] = {}
        self._out: dict[int, Range] = {}  # ranges given out and not yet back, by their first program
        self._waiting: dict[int, Waiting] = {}
        self._shown = float("-inf")
        self._rechecked = False
        self._lost = 0
        self._recent: list[tuple[float, int]] = [(self._spent, ledger.run.programs)]

    @property
    def seconds(self) -> float:
        """Time spent on the campaign, before it was resumed included."""
        return self._spent + time.monotonic() - self._began

    def run(self) -> bool:
        """Run until the budget is used up (True) or `stopped` (False). HarnessError for our own faults."""
        for sighting in self.ledger.unreduced():
            self._reduce(sighting)
        try:
            while not self._stopped():
                self._give_out()
                if not self._tasks:
                    if self._rechecked:
                        return True
                    self._recheck()
                if self._out_of_patience():
                    return True
                done, _ = wait(self._tasks, timeout=0.1, return_when=FIRST_COMPLETED)
                self._take(done)
                self._merge()
                self._show()
            return False
        finally:
            self._end()

    # --- giving out

    def _give_out(self) -> None:
        while (
            self._may_start() and sum(one.what != "finding" for one in self._tasks.values()) < 2 * self._jobs
        ):
            start = self._holes[0][0] if self._holes else self._next
            lean = self._steering.lean(start, self._frontier())
            if lean is None:
                return  # some shards are far behind
            if self._holes:
                start, stop = self._holes.pop(0)
            else:
                stop = start + SHARD
                if self.budget.examples is not None:
                    stop = min(stop, self.budget.examples)
                self._next = stop
            self._start(Task("shard", (start, stop), replace(self.plan, lean=lean)))

    def _frontier(self) -> int:
        """The first program whose result has not been merged."""
        return min([self._next, *self._out, *self._waiting, *(start for start, _ in self._holes)])

    def _may_start(self) -> bool:
        if self._time_is_up():
            return False
        return bool(self._holes) or self.budget.examples is None or self._next < self.budget.examples

    def _time_is_up(self) -> bool:
        seconds, budget = self.seconds, self.budget
        if budget.seconds is not None and seconds >= budget.seconds:
            return True
        return budget.stale is not None and seconds - self.ledger.last_novelty >= budget.stale

    def _out_of_patience(self) -> bool:
        """Whether only reductions are left and have had their time; a campaign by examples waits for all."""
        if self.budget.seconds is None or self.seconds < self.budget.seconds + GRACE:
            return False
        return all(one.what in ("finding", "recheck") for one in self._tasks.values())

    def _start(self, task: Task) -> None:
        start, stop = task.programs
        self._out[start] = task.programs
        left = None if self.budget.seconds is None else self.budget.seconds - self.seconds
        deadline = None if left is None else time.time() + max(left, 0.0)
        self._submit(task, run_shard, task.plan, start, stop, deadline)

    def _reduce(self, sighting: Sighting) -> None:
        self._submit(Task("finding", sighting=sighting), reduce_finding, self.plan, sighting)

    def _recheck(self) -> None:
        """Run what earlier campaigns found and this one has not met: only that shows what is fixed."""
        self._rechecked = True
        for finding in self.ledger.unmet()[:RECHECKED]:
            self._submit(Task("recheck", finding=finding), recheck, self.plan, finding)

    def _submit(self, task: Task, function: Callable[..., Any], *args: Any) -> None:
        self._tasks[self._executor.submit(function, *args)] = task

    # --- taking back

    def _take(self, done: set[Future[Any]]) -> None:
        for future in done:
            task = self._tasks.pop(future)
            error = future.exception()
            if error is None:
                self._came_back(task, future.result())
            elif is_lost(error):
                self._lost += 1
                self._died(task)
            else:
                raise error

    def _came_back(self, task: Task, result: Any) -> None:
        start, stop = task.programs
        if task.sighting is not None:
            self._reduced(task.sighting, result)
        elif task.finding is not None:
            self.ledger.rechecked(task.finding, still_there=result)
        elif task.what == "suspect":
            self._shard_of(start).examined.append(result)
        else:
            del self._out[start]
            if result.stop < stop:
                self._holes.append((result.stop, stop))
            self._waiting[start] = Waiting(result, len(result.suspects))
            for number in result.suspects:
                self._submit(Task("suspect", (number, number + 1), task.plan), examine, task.plan, number)

    def _reduced(self, sighting: Sighting, result: Finding) -> None:
        finding, is_new = self.ledger.reduced(sighting.signature, result)
        if is_new:
            self._display.found(finding.state, finding.kind, finding.op, finding.detail)

    def _shard_of(self, number: int) -> Waiting:
        return next(one for one in self._waiting.values() if one.result.start <= number < one.result.stop)

    def _died(self, task: Task) -> None:
        """A worker died over a task. Its flight record, if it is on this machine, makes the next attempt
        leave the culprit out; without one (a cluster), halving the shard finds it.
        """
        start, stop = task.programs
        suspects = flight.noted(self.plan.campaign, start, stop)
        if task.sighting is not None:
            finding = task.sighting.finding()
            finding.extra["reduction"] = "given up: a smaller program killed the worker"
            self._reduced(task.sighting, finding)
        elif task.finding is not None:
            pass  # whether it is fixed is not known, then
        elif task.what == "suspect" and task.deaths < TRIES:
            task.deaths += 1
            self._submit(task, examine, task.plan, start)
        elif task.what == "suspect":
            self.ledger.unexplained(start)
            self._shard_of(start).examined.append(ShardResult(start, stop))
        elif suspects > task.suspects:
            task.suspects = suspects
            self._start(task)
        elif stop - start > 1:
            middle = (start + stop) // 2
            self._start(Task("shard", (start, middle), task.plan))
            self._start(Task("shard", (middle, stop), task.plan))
        else:
            del self._out[start]
            self._waiting[start] = Waiting(ShardResult(start, stop), 1)
            self._submit(Task("suspect", task.programs, task.plan), examine, task.plan, start)

    def _merge(self, *, at_the_end: bool = False) -> None:
        """Merge what is complete and has nothing outstanding before it (Note [Order])."""
        for start in sorted(self._waiting):
            waiting = self._waiting[start]
            unexamined = len(waiting.examined) < waiting.suspects
            if not at_the_end and (unexamined or any(one < start for one in self._out)):
                break
            if unexamined:
                continue  # the campaign ends before its suspects could be looked at: a hole, for --resume
            del self._waiting[start]
            for result in (waiting.result, *sorted(waiting.examined, key=lambda one: one.start)):
                self._steering.merged(result.start, result.exercised)
                for sighting in self.ledger.merge(result, self.seconds):
                    if not at_the_end:
                        self._reduce(sighting)
        if time.monotonic() - self._saved >= self._pause:
            self._checkpoint()

    def _checkpoint(self) -> None:
        unmerged = [
            *self._out.values(),
            *((one.result.start, one.result.stop) for one in self._waiting.values()),
        ]
        holes = sorted([*self._holes, *unmerged])
        progress = {"next": self._next, "holes": holes, "steering": self._steering.to_dict()}
        began = time.monotonic()
        self.ledger.checkpoint(self.seconds, progress)
        self._saved = time.monotonic()
        self._pause = max(CHECKPOINT, SELDOM * (self._saved - began))

    def _end(self) -> None:
        for future in self._tasks:
            future.cancel()
        self._merge(at_the_end=True)
        self._checkpoint()

    # --- showing

    def _show(self) -> None:
        if time.monotonic() - self._shown >= 0.2:
            self._shown = time.monotonic()
            self._display.update(self.status())

    def status(self) -> Status:
        """The campaign at this moment."""
        seconds = self.seconds
        programs = self.ledger.run.programs + sum(one.result.programs for one in self._waiting.values())
        self._recent = [*[one for one in self._recent if one[0] > seconds - 10.0], (seconds, programs)]
        since, before = self._recent[0]
        coverage = self.ledger.coverage
        share, left = self._share(seconds, programs)
        return Status(
            seconds=seconds, share=share, left=left, programs=programs,
            rate=(programs - before) / (seconds - since) if seconds > since else 0.0,
            discrepancies=self.ledger.total, findings=len(self.ledger.findings),
            new=sum(one.state == "new" for one in self.ledger.findings.values()),
            coverage=len(coverage.counts), missed=len(coverage.expected - coverage.counts.keys()),
            reducing=sum(one.what == "finding" for one in self._tasks.values()),
            lost_workers=self._lost, workers=flight.progress(self.plan.campaign),
        )  # fmt: skip

    def _share(self, seconds: float, programs: int) -> tuple[float, str]:
        if self.budget.examples is not None:
            return programs / self.budget.examples, f"{self.budget.examples - programs:,} programs left"
        if self.budget.seconds is not None:
            return seconds / self.budget.seconds, f"{max(self.budget.seconds - seconds, 0.0):.0f} s left"
        return 0.0, ""
