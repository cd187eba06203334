"""Every planted bug is caught, by the code that people run, and shrinks to a program worth reading.

What may live here: hunts. The bugs are in `oracle.engines.mutants`.
"""

from __future__ import annotations

import pytest

import minigrad  # noqa: F401 - sets NumPy's error state, once, before any test looks at it
from fuzz.hunting import hunt
from oracle.check import check_program
from oracle.engines import load
from oracle.engines.base import Engine
from oracle.engines.mutants import Mutant, MutantEngine, planted
from oracle.engines.mutants.by_hand import MUTANTS
from oracle.errors import HarnessError
from oracle.program.parser import parse

SMALL = 6  # instructions, leaves and query included


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda one: one.name)
def test_a_planted_bug_is_caught_and_shrinks(mutant: Mutant) -> None:
    catch = hunt(mutant, programs=6_000, seconds=60)
    assert catch.program is not None, f"{mutant.name} survived {catch.programs} programs: {mutant.about}"
    assert check_program(catch.program, MutantEngine(mutant), load("torch")), "the smallest program shows it too"
    assert not check_program(catch.program, load("minigrad"), load("torch")), "and minigrad itself is right there"
    if mutant.simple:
        assert catch.size <= SMALL, f"{mutant.name} shrank to {catch.size} instructions only:\n{catch.program}"


def test_a_planted_bug_is_gone_afterwards(subject: Engine, reference: Engine) -> None:
    program = parse("v0 = T.tensor([1.0, 2.0], requires_grad=True)\nv1 = T.neg(v0)\nv2 = v1.sum()\nv2.backward()\n")
    with planted(next(one for one in MUTANTS if one.name == "sign-flipped")):
        assert check_program(program, subject, reference)
    assert not check_program(program, subject, reference)


def test_a_bug_that_no_longer_applies_is_an_error_of_ours() -> None:
    stale = Mutant("stale", "minigrad.engine:accumulate", "no such text", "", "")
    with pytest.raises(HarnessError, match="no longer applies"), planted(stale):
        pass
