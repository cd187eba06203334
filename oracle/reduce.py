"""The reducer: makes a program smaller while it keeps failing in the same way.

It works on the program itself, greedily, to a fixed point, and asks one question of its caller: does this
one still fail with the same signature? (`triage.same_cause` builds that question.) What it tries is in
`simplify` and `simplify_values`; legality is `program.validity`'s business.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from oracle.observation import Observation
from oracle.program.edit import renumbered
from oracle.program.language import Instruction
from oracle.program.program import Program
from oracle.program.validity import violations
from oracle.simplify import STRUCTURE, Known, cost
from oracle.simplify_values import VALUES

StillFails = Callable[[Program], bool]


@dataclass(slots=True)
class Effort:
    """What a reduction cost: questions asked, illegal candidates, seconds, whether the budget ran out."""

    checks: int = 0
    illegal: int = 0
    seconds: float = 0.0
    spent: bool = False


class _SpentError(Exception):
    """The budget is used up; what has been reached is returned."""


def reduce(
    program: Program,
    still_fails: StillFails,
    *,
    observation: Observation | None = None,
    legal: Callable[[Program], bool] | None = None,
    seconds: float = 3.0,
    checks: int = 3000,
    effort: Effort | None = None,
) -> Program:
    """The smallest program found for which `still_fails` holds, `program` itself if nothing smaller does.

    `observation` of `program` by any engine lets whole subexpressions be replaced by a leaf of their shape
    or numbers; without it the reducer only drops and rewires. `legal` says which
    candidates may be asked about (`program.validity` by default). `seconds` and `checks` bound the work;
    `effort` is filled in when given. `still_fails` is never asked about `program` itself.
    """
    search = _Search(program, still_fails, legal or _legal, time.monotonic() + seconds, checks)
    started = time.monotonic()
    try:
        search.run({} if observation is None else observation.tensors)
    except _SpentError:
        search.effort.spent = True
    search.effort.seconds = time.monotonic() - started
    if effort is not None:
        effort.checks, effort.illegal = search.effort.checks, search.effort.illegal
        effort.seconds, effort.spent = search.effort.seconds, search.effort.spent
    return Program.of(renumbered(search.best))


def _legal(program: Program) -> bool:
    return next(violations(program), None) is None


class _Search:
    """One greedy descent: the best program so far, what has been tried, what is left of the budget."""

    def __init__(
        self,
        program: Program,
        still_fails: StillFails,
        legal: Callable[[Program], bool],
        deadline: float,
        checks: int,
    ) -> None:
        self.best = list(program.instructions)
        self.cost = cost(self.best)
        self.still_fails, self.legal = still_fails, legal
        self.deadline, self.checks = deadline, checks
        self.tried = {program.source}
        self.effort = Effort()

    def run(self, known: Known) -> None:
        """All passes, again and again, until a whole round changes nothing."""
        while True:
            before = self.cost
            for candidates in (*STRUCTURE, *VALUES):
                while any(self.accepts(candidate) for candidate in candidates(self.best, known)):
                    pass  # the pass starts over on what it made smaller; what was tried is remembered
            if self.cost == before:
                return

    def accepts(self, candidate: Sequence[Instruction]) -> bool:
        """Whether the candidate is smaller, new, legal and fails still; then it becomes the best."""
        if not candidate:
            return False
        price = cost(candidate)
        if price >= self.cost:
            return False
        program = Program.of(candidate)
        if not self.legal(program):
            self.effort.illegal += 1
            return False
        if program.source in self.tried:
            return False
        self.tried.add(program.source)
        if self.effort.checks >= self.checks or time.monotonic() > self.deadline:
            raise _SpentError
        self.effort.checks += 1
        if not self.still_fails(program):
            return False
        self.best, self.cost = list(candidate), price
        return True
