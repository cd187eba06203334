"""Every planted bug is caught, by the code that people run, and shrinks to a program worth reading.

What may live here: hunts. The bugs are in `oracle.engines.mutants`.
"""

from __future__ import annotations

from dataclasses import replace

import pytest

import minigrad  # noqa: F401 - sets NumPy's error state, once, before any test looks at it
from fuzz.hunting import hunt
from oracle.check import check_program
from oracle.engines import load
from oracle.engines.base import Engine
from oracle.engines.mutants import Mutant, MutantEngine, planted
from oracle.engines.mutants.beyond import BEYOND
from oracle.engines.mutants.by_hand import MUTANTS
from oracle.engines.mutants.declarations import flags, formulas
from oracle.engines.mutants.derived import everything
from oracle.engines.mutants.equivalent import EQUIVALENT
from oracle.engines.mutants.sources import of_core, of_ops
from oracle.errors import HarnessError
from oracle.program.parser import parse

FAMILIES: dict[str, list[Mutant]] = {}
for _one in (*formulas(("mul", "div", "exp", "tanh", "where")), *flags(("mul", "exp", "view", "t")), *of_core()):
    if len(_few := FAMILIES.setdefault(_one.family, [])) < 12:
        _few.append(_one)
"""Some derived mutants of each family."""
SMALL = 6  # instructions, leaves and query included


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda one: one.name)
def test_a_planted_bug_is_caught_and_shrinks(mutant: Mutant) -> None:
    catch = hunt(mutant, programs=6_000, seconds=60)
    assert catch.program is not None, f"{mutant.name} survived {catch.programs} programs: {mutant.about}"
    assert check_program(catch.program, MutantEngine(mutant), load("torch")), "the smallest program shows it too"
    assert not check_program(catch.program, load("minigrad"), load("torch")), "and minigrad itself is right there"
    if mutant.simple:
        assert catch.size <= SMALL, f"{mutant.name} shrank to {catch.size} instructions only:\n{catch.program}"


def test_an_altered_refusal_is_hunted_with_calls_that_are_refused() -> None:
    mutant = next(one for one in of_ops(("cat",)) if one.name == "minigrad.ops.joining:cat-says-1")
    catch = hunt(mutant, programs=2_000)
    assert catch.program is not None
    assert catch.reached


def test_a_hunt_tells_whether_its_programs_came_to_the_bug() -> None:
    mutant = next(one for one in formulas(("exp",)) if one.name == "exp-self-negated")
    assert hunt(replace(mutant, ops=("neg",)), programs=100).reached == 0
    assert hunt(mutant, programs=100).reached


def test_a_planted_bug_is_gone_afterwards(subject: Engine, reference: Engine) -> None:
    program = parse("v0 = T.tensor([1.0, 2.0], requires_grad=True)\nv1 = T.neg(v0)\nv2 = v1.sum()\nv2.backward()\n")
    with planted(next(one for one in MUTANTS if one.name == "sign-flipped")):
        assert check_program(program, subject, reference)
    assert not check_program(program, subject, reference)


def test_a_bug_that_no_longer_applies_is_an_error_of_ours() -> None:
    stale = Mutant("stale", "minigrad.accumulation:accumulate", "no such text", "", "")
    with pytest.raises(HarnessError, match="no longer applies"), planted(stale):
        pass


def test_what_is_said_to_change_nothing_is_derived() -> None:
    derived = {one.name for one in everything()}
    assert set(EQUIVALENT) <= derived
    assert set(BEYOND) <= derived
    assert not set(BEYOND) & set(EQUIVALENT)


@pytest.mark.parametrize("family", FAMILIES)
def test_a_derived_bug_of_every_family_can_be_planted_and_taken_out_again(family: str, subject: Engine) -> None:
    program = parse("v0 = T.tensor([1.0, 2.0], requires_grad=True)\nv1 = T.mul(v0, v0)\nv2 = v1.sum()\nv2.backward()\n")
    before = subject.run(program)
    for mutant in FAMILIES[family]:
        with planted(mutant):
            subject.run(program)
    assert subject.run(program).tensors.keys() == before.tensors.keys()
    assert not check_program(program, subject, load("torch"))
