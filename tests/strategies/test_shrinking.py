"""Hypothesis shrinks what programs() yields to the few instructions that matter."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, Phase, Verbosity, find, settings

from oracle.program.program import Program
from strategies import programs
from strategies.grammar import READY_FEATURES
from strategies.steering import exercised

OPS = ("mul", "add", "neg", "exp", "sum", "detach", "view", "unbind")
IN_PIECES = [name for name in READY_FEATURES if name != "refusal"]
"""The features less that whose units are whole programs, which cannot be made smaller."""
QUIET = settings(
    max_examples=5000,
    database=None,
    derandomize=True,
    deadline=None,
    verbosity=Verbosity.quiet,
    phases=(Phase.generate, Phase.shrink),
    suppress_health_check=list(HealthCheck),
)


def names(program: Program) -> list[str]:
    return list(exercised(program))


def ops(program: Program) -> list[str]:
    return [instruction.op for instruction in program.instructions]


def has(*wanted: str) -> Callable[[Program], bool]:
    return lambda program: all(name in names(program) for name in wanted)


def in_order(*wanted: str) -> Callable[[Program], bool]:
    def found(program: Program) -> bool:
        rest = iter(names(program))
        return all(name in rest for name in wanted)

    return found


@pytest.mark.parametrize(
    ("planted", "most"),
    [
        (has("mul"), 2),
        (has("unbind"), 2),
        (has("mul_"), 3),
        (has("backward"), 2),
        (has("sum", "backward"), 3),
        (in_order("detach", "mul_"), 4),
        (in_order("backward", "backward"), 4),
        (in_order("unbind", "mul", "backward"), 5),
        (has("retain_grad", "exp"), 3),
        (has("hook"), 2),
    ],
)
def test_a_planted_fault_shrinks_to_the_instructions_that_trip_it(
    planted: Callable[[Program], bool], most: int
) -> None:
    smallest = find(programs(ops=OPS, features=IN_PIECES), planted, settings=QUIET)
    assert planted(smallest)
    assert len(smallest) <= most, smallest.source


def test_values_and_shapes_become_simple() -> None:
    smallest = find(programs(features=IN_PIECES), has("exp"), settings=QUIET)
    assert smallest.source.splitlines()[0] == "v0 = T.tensor(1.0, requires_grad=True)"
