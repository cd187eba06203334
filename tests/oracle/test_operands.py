"""A value that differs since its operands do is no discrepancy; one that the reference would not make of them is."""

from __future__ import annotations

import pytest

from oracle.check import check_program
from oracle.compare import compare
from oracle.engines.minigrad_engine import MinigradEngine
from oracle.engines.mutants.mutant import Mutant
from oracle.engines.mutants.planting import planted
from oracle.engines.torch_engine import TorchEngine
from oracle.observation import Observation
from oracle.program import Program, parse

MINIGRAD, TORCH = MinigradEngine(), TorchEngine()
NEAR, NEARER = "[0.3, 0.30000004]", "[0.30000004, 0.3]"
"""Numbers a unit apart: which of them is the least is a matter of rounding."""


def text(numbers: str, *lines: str) -> str:
    return "\n".join([f"v0 = T.tensor({numbers})", *lines]) + "\n"


def kinds(ours: Observation, numbers: str, *lines: str, asked: bool = True) -> list[str]:
    program = parse(text(numbers, *lines))
    found = compare(ours, TORCH.run(program), program, run=TORCH.run if asked else None)
    return [one.kind for one in found]


JUMPS = ("v1 = T.argmin(v0)", "v1 = v0.sub(0.3)\nv2 = v1.signbit()", "v1 = T.gt(v0, 0.30000002)", "v1, v2 = v0.sort()")


@pytest.mark.parametrize("lines", JUMPS)
def test_what_jumps_between_near_numbers_is_judged_by_the_subjects_own(lines: str) -> None:
    ours = TORCH.run(parse(text(NEARER, lines)))
    assert "value" in kinds(ours, NEAR, lines, asked=False)
    assert kinds(ours, NEAR, lines) == []


def test_an_op_that_is_wrong_about_its_own_operands_is_found() -> None:
    ours = TORCH.run(parse(text(NEARER, "v1 = T.argmax(v0)")))
    assert kinds(ours, NEARER.replace("4", "7"), "v1 = T.argmin(v0)") == ["value"]


def test_operands_that_are_the_same_excuse_nothing() -> None:
    ours = TORCH.run(parse(text(NEAR, "v1 = T.argmax(v0)")))
    assert kinds(ours, NEAR, "v1 = T.argmin(v0)") == ["value"]


def test_operands_that_differ_beyond_rounding_excuse_nothing() -> None:
    ours = TORCH.run(parse(text("[0.5, 0.3]", "v1 = T.argmin(v0)")))
    assert kinds(ours, NEAR, "v1 = T.argmin(v0)") == ["value", "value"]


def test_a_write_after_the_call_excuses_nothing() -> None:
    write, call = "v0.mul_(1)", "v1 = T.argmin(v0)"
    assert kinds(TORCH.run(parse(text(NEARER, call, write))), NEAR, call, write) == ["value"]
    assert kinds(TORCH.run(parse(text(NEARER, write, call))), NEAR, write, call) == []


def near_minigrad(ours: str, *lines: str) -> list[str]:
    """The kinds of differences of a subject whose numbers are those of `ours`, and that can be asked again."""
    program = parse(text(NEAR, *lines))

    def again(beginning: Program) -> Observation:
        return TORCH.run(parse(beginning.source.replace(NEAR, ours)))

    found = compare(again(program), TORCH.run(program), program, run=TORCH.run, again=again)
    return [one.kind for one in found]


WRITTEN = (
    ("v1 = T.argmin(v0)", "v0.mul_(1)"),
    ("v0.sub_(0.3)", "v0.sign_()"),
    ("v1 = v0.sub(0.3)", "v1.logical_not_()", "v0.zero_()"),
    ("v1 = v0.clone()", "T.nn.functional.threshold(v1, 0.30000002, 9.0, inplace=True)", "v2 = v1.mul(2)"),
)


@pytest.mark.parametrize("lines", WRITTEN)
def test_a_subject_that_can_be_asked_again_tells_what_operands_were_before_a_write(lines: tuple[str, ...]) -> None:
    assert kinds(TORCH.run(parse(text(NEARER, *lines))), NEAR, *lines) != []
    assert near_minigrad(NEARER, *lines) == []
    assert near_minigrad("[0.5, 0.3]", *lines) != []


def test_a_value_that_was_written_through_a_view_is_not_that_of_its_call() -> None:
    assert near_minigrad(NEARER, "v1 = T.argmin(v0)", "v2 = v1.view(1)", "v2.neg_()") != []


def test_a_write_that_is_wrong_about_its_own_operands_is_found() -> None:
    program = parse(text(NEAR, "v0.sub_(0.3)", "v0.sign_()", "v1 = v0.neg()"))

    def again(beginning: Program) -> Observation:
        return TORCH.run(parse(beginning.source.replace(NEAR, NEARER).replace("sign_()", "cos_()")))

    found = compare(again(program), TORCH.run(program), program, run=TORCH.run, again=again)
    assert "value" in [one.kind for one in found]


def test_the_sign_of_a_nan_is_judged_by_the_subjects_own() -> None:
    """Which sign a NaN has that an op makes is a matter of processors and libraries."""
    (ours, theirs) = (f"v0 = T.tensor([{sign}float('nan')])\nv1 = v0.signbit()\n" for sign in ("-", ""))
    found = compare(TORCH.run(parse(ours)), TORCH.run(parse(theirs)), parse(theirs), run=TORCH.run)
    assert list(found) == []
    assert TORCH.run(parse(ours)).tensors["v1"].value.all()
    assert parse(ours).source == ours


UPPER = Mutant(
    "upper-median",
    "minigrad.ops.extrema:_median_position",
    "order[(len(order) - 1) // 2]",
    "order[len(order) // 2]",
    "of two medians the upper one is taken",
    ("median",),
)


def test_a_planted_bug_is_found_behind_operands_that_differ_by_rounding() -> None:
    program = parse(text("[0.3, 1.7, 2.9, 3.3]", "v1 = v0.digamma()", "v2, v3 = v1.median(0)"))
    ours, theirs = (engine.run(program).tensors["v1"].value for engine in (MINIGRAD, TORCH))
    assert ours.tobytes() != theirs.tobytes()
    assert check_program(program, MINIGRAD, TORCH) == []
    with planted(UPPER):
        assert "value" in [one.kind for one in check_program(program, MINIGRAD, TORCH)]
