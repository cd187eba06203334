"""Hypothesis shrinks a program that shows a planted bug to within one instruction of what `reduce` makes of the same.

What may live here: the two of them side by side. What each does by itself is tested where it lives.
"""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, Phase, Verbosity, find, settings

import minigrad  # noqa: F401 - sets NumPy's error state, once, before any test looks at it
from oracle.check import check_program
from oracle.engines import load
from oracle.engines.mutants import Mutant, MutantEngine
from oracle.engines.mutants.by_hand import MUTANTS
from oracle.program.program import Program
from oracle.reduce import reduce
from strategies import programs

QUIET = settings(
    max_examples=3000,
    database=None,
    derandomize=True,
    deadline=None,
    verbosity=Verbosity.quiet,
    phases=(Phase.generate, Phase.shrink),
    suppress_health_check=list(HealthCheck),
)
COMPARED = (
    "fan-in-overwritten", "graph-never-freed", "output-index-of-unbind", "stale-view-history", "saved-result-unchecked"
)


@pytest.mark.parametrize("mutant", [one for one in MUTANTS if one.name in COMPARED], ids=lambda one: one.name)
def test_hypothesis_ends_within_one_instruction_of_the_reducer(mutant: Mutant) -> None:
    faulty, healthy, reference = MutantEngine(mutant), load("minigrad"), load("torch")

    def shows(program: Program) -> bool:
        return bool(check_program(program, faulty, reference)) and not check_program(program, healthy, reference)

    drawn = programs(ops=mutant.ops)
    found = find(drawn, shows, settings=settings(QUIET, phases=(Phase.generate,)))
    reduced = reduce(found, shows, observation=reference.run(found))
    smallest = find(drawn, shows, settings=QUIET)
    assert len(smallest) <= len(reduced) + 1, f"{smallest}\nreduce came to\n{reduced}"
