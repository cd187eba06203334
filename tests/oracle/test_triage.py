"""Triage: signatures that last, causes told from consequences, findings that gather what belongs together."""

from __future__ import annotations

import numpy as np
import pytest

from oracle import triage
from oracle.check import check_program
from oracle.dataflow import gradient_path, makers
from oracle.discrepancy import (
    Discrepancy,
    ErrorTextDiscrepancy,
    GradDiscrepancy,
    GradientReturnedDiscrepancy,
    LeafDiscrepancy,
    MissingErrorDiscrepancy,
    RequiresGradDiscrepancy,
    RetainsGradDiscrepancy,
    ValueDiscrepancy,
)
from oracle.engines.minigrad_engine import MinigradEngine
from oracle.engines.torch_engine import TorchEngine
from oracle.passing import PASSED
from oracle.program import Program, parse
from oracle.reduce import reduce
from tests.oracle.wrong import FAULTS, WrongTorch

MINIGRAD, TORCH = MinigradEngine(), TorchEngine()
CHAIN = parse("""
v0 = T.tensor([1.0, 2.0], requires_grad=True)
v1 = v0.exp()
v2 = T.tensor([3.0, 4.0])
v3 = v1 * v2
v3.mul_(2)
v4 = v3.sum()
v4.backward()
""")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("no value at 0x7f12ab34", "no value at 0x55aa00ff"),
        ("v3 must match v12", "v0 must match v1"),
        ("shape is [2, 3], not [4]", "shape is [1], not [5, 5, 5]"),
        ("off by 1.5e-07 at (0, 1)", "off by 3 at (2,)"),
        ("output 0 of Unbind", "output 2 of Unbind"),
        ("got -1.25j", "got 3"),
    ],
)
def test_details_that_differ_in_addresses_names_or_numbers_are_one(one: str, other: str) -> None:
    assert triage.normalised(one) == triage.normalised(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("is_leaf is True", "is_leaf is False"),
        ("dtype is float32", "dtype is float64"),
        ("MulBackward0", "MulBackward1"),
        ("has nan", "has inf"),
    ],
)
def test_details_that_differ_otherwise_stay_apart(one: str, other: str) -> None:
    assert triage.normalised(one) != triage.normalised(other)


def test_a_signature_does_not_depend_on_spelling_names_or_numbers() -> None:
    found = set()
    for text in (
        "v0 = T.tensor([1.0, 2.0])\nv1 = T.mul(v0, 3)\n",
        "v0 = T.tensor(1.0)\nv1 = T.tensor(4.0)\nv2 = v0 * v1\n",
        "v0 = T.tensor(1.0)\nv7 = v0.mul(5)\n",
    ):
        program = parse(text)
        last = len(program) - 1
        name = program.instructions[last].outs[0]
        wrong = ValueDiscrepancy(name, f"value is {last}.5, reference has 7", index=last, op="mul")
        found.add(triage.signature(wrong, program))
    assert found == {"value|mul|differs"}


def test_a_tensor_is_blamed_on_its_last_write_through_any_alias() -> None:
    program = parse("v0 = T.tensor([1.0, 2.0])\nv1 = v0.view(2, 1)\nv1.add_(1)\nv2 = v0 * 2\n")
    assert makers(program)["v0"] == [0, 2]
    assert triage.signature(ValueDiscrepancy("v0", "x", index=0), program) == "value|add_|differs"


def test_a_gradient_is_blamed_on_the_ops_between_leaf_and_output() -> None:
    ops = [CHAIN.instructions[i].op for i in gradient_path(CHAIN, "v0").indexes]
    assert ops == ["exp", "*", "mul_", "sum"]
    wrong = GradDiscrepancy("v0", "in grad, ...", index=6)
    assert triage.signature(wrong, CHAIN) == "gradient|exp+mul+mul_+sum|differs"


def test_returned_and_accumulated_gradients_have_one_signature() -> None:
    program = parse("""
v0 = T.tensor(1.0, requires_grad=True)
v1 = v0.exp()
v2, = T.autograd.grad((v1,), (v0,), retain_graph=True)
v1.backward()
""")
    returned = triage.signature(GradientReturnedDiscrepancy("v2", "x", index=2), program)
    accumulated = triage.signature(GradDiscrepancy("v0", "x", index=3), program)
    assert returned == accumulated == "gradient|exp|differs"


def test_an_output_that_is_an_input_is_part_of_the_signature() -> None:
    program = parse("v0 = T.tensor(1.0, requires_grad=True)\nv1, = T.autograd.grad((v0,), (v0,))\n")
    found = triage.signature(GradientReturnedDiscrepancy("v1", "x", index=1), program)
    assert found == f"gradient|autograd.grad|differs|{triage.ITSELF}"


def test_a_leaf_that_a_pass_changed_has_one_signature_whatever_the_pass() -> None:
    text = "v0 = T.ones((1, 2), requires_grad=True)\nv1 = T.tensor([1.0, 2.0])\nv2 = v0.view(2)\n{}"
    found = set()
    by_hand = "v1.requires_grad = False\nv2.backward(v1)\n"
    detached = "v1.detach_()\nv2.backward(v1)\n"
    for asked in ("v2.backward(v1)\n", "T.autograd.backward((v2,), (v1,))\n", by_hand, detached):
        program = parse(text.format(asked))
        found.add(triage.signature(ValueDiscrepancy("v1", "x", index=1), program))
    assert found == {f"value|backward|{triage.CHANGED}"}


def test_what_shares_memory_with_a_leaf_that_a_pass_changed_is_a_consequence() -> None:
    program = parse("""
v0 = T.tensor([[1.0]])
v1 = v0.t()
v2 = T.ones((1, 1), requires_grad=True)
v3 = v2.mT
v3.backward(v0)
v3.backward(v0)
v4 = v0.exp()
""")
    view, leaf = (ValueDiscrepancy(name, "x", index=at) for at, name in enumerate(("v1", "v0")))
    assert triage.causes([view, leaf], program) == [leaf]
    assert triage.causes([view], program) == [view]
    requires = RequiresGradDiscrepancy("v1", "x", index=1)
    assert triage.causes([requires, view, leaf], program) == [requires, leaf]


KEPT = """
v0 = T.tensor([[1.0]], requires_grad=True)
v1 = v0.H
v2 = T.tensor([[0]])
v3 = v1.gather(0, v2)
v1.backward(v3)
v1.backward()
"""


@pytest.mark.parametrize("text", [KEPT, KEPT + "v4 = v0.grad\nv4.zero_()\n"])
def test_a_gradient_that_torch_keeps_and_writes_has_the_signature_of_that_fault(text: str) -> None:
    program = parse(text)
    found = triage.causes(check_program(program, MINIGRAD, TORCH), program)
    assert {triage.signature(one, program) for one in found if one.kind == "value"} == {
        f"value|backward|{triage.CHANGED}"
    }


def test_what_a_program_writes_itself_is_no_such_fault() -> None:
    program = parse(KEPT + "v3.exp_()\n")
    found = check_program(program, MINIGRAD, TORCH)
    assert "value" in [one.kind for one in found]
    assert not any(PASSED in one.detail for one in found)


def test_a_pattern_of_nan_and_infinity_is_part_of_the_signature() -> None:
    program = parse("v0 = T.tensor([0.0, 1.0])\nv1 = v0.log()\n")
    mine, its = np.array([np.nan, 0.0]), np.array([-np.inf, 0.0])
    wrong = ValueDiscrepancy("v1", "x", index=1, subject=mine, reference=its)
    assert triage.signature(wrong, program) == "value|log|nan for inf"


def test_error_texts_that_say_different_things_are_different_findings() -> None:
    program = parse("v0 = T.tensor(1.0)\nv1 = v0.exp()\n")
    one = ErrorTextDiscrepancy("v1", "says 'a leaf', reference says 'a view'", index=1)
    other = ErrorTextDiscrepancy("v1", "says 'a leaf', reference says 'no leaf'", index=1)
    assert triage.signature(one, program) != triage.signature(other, program)


def test_what_follows_from_a_wrong_value_is_folded_into_it() -> None:
    first = ValueDiscrepancy("v1", "x", index=1)
    later = [ValueDiscrepancy("v3", "x", index=4), ValueDiscrepancy("v4", "x", index=5)]
    assert triage.causes([*later, GradDiscrepancy("v0", "x", index=6), first], CHAIN) == [first]


def test_what_does_not_follow_stays_a_cause_of_its_own() -> None:
    program = parse("v0 = T.tensor(1.0)\nv1 = v0.exp()\nv2 = v0.sin()\nv3 = v1.neg()\n")
    found = [ValueDiscrepancy(name, "x", index=at) for name, at in (("v1", 1), ("v2", 2), ("v3", 3))]
    assert triage.causes(found, program) == found[:2]


def test_a_missing_error_ends_the_comparison_unless_it_was_caught() -> None:
    plain = parse("v0 = T.tensor(1.0, requires_grad=True)\nv0.mul_(2)\nv1 = v0.exp()\n")
    caught = parse(
        "v0 = T.tensor(1.0, requires_grad=True)\nv2 = T.tensor(2.0)\ntry:\n    v0.mul_(2)\n"
        "except Exception as error:\n    print(error)\nv1 = v2.exp()\n"
    )
    missing = MissingErrorDiscrepancy("v0", "raises nothing", index=1)
    assert triage.causes([missing, ValueDiscrepancy("v1", "x", index=2)], plain) == [missing]
    missing = MissingErrorDiscrepancy("v0", "raises nothing", index=2)
    assert len(triage.causes([missing, LeafDiscrepancy("v1", "x", index=3)], caught)) == 2


def test_retain_grad_is_blamed_for_what_it_did_not_retain() -> None:
    program = parse("v0 = T.tensor(1.0, requires_grad=True)\nv1 = v0.exp()\nv1.retain_grad()\n")
    wrong = RetainsGradDiscrepancy("v1", "retains_grad is False, reference has True", index=1)
    assert triage.signature(wrong, program).startswith("retains-grad|retain_grad|")


def test_findings_gather_by_signature_and_keep_the_smallest_program() -> None:
    small = parse("v0 = T.tensor(1.0)\nv1 = v0.exp()\n")
    large = parse("v0 = T.tensor(1.0)\nv1 = v0 * 2\nv2 = v1.exp()\n")
    met: list[tuple[Discrepancy, Program]] = [
        (ValueDiscrepancy("v2", "x", index=2), large),
        (ValueDiscrepancy("v1", "x", index=1), small),
        (LeafDiscrepancy("v1", "y", index=1), small),
    ]
    findings = triage.group(met)
    assert [(found.count, found.program) for found in findings] == [(2, small), (1, small)]
    assert findings[0].line == 2


def test_one_fault_over_many_programs_reads_as_one_finding() -> None:
    wrong = WrongTorch("exp gradient flipped", FAULTS["exp gradient flipped"])
    texts = [
        "v0 = T.tensor([1.0, 2.0], requires_grad=True)\nv1 = v0.exp()\nv2 = v1.sum()\nv2.backward()\n",
        "v0 = T.tensor(3.0, requires_grad=True)\nv1 = T.exp(v0)\nv2, = T.autograd.grad((v1,), (v0,))\n",
        "v0 = T.tensor([[0.5]], requires_grad=True)\nv1 = v0 * 2\nv2 = v1.exp()\nv2.backward()\n",
    ]
    met = []
    for text in texts:
        program = parse(text)
        cause = triage.causes(check_program(program, wrong, TORCH), program)[0]
        still = triage.same_cause(cause, program, lambda candidate: check_program(candidate, wrong, TORCH))
        small = reduce(program, still)
        met.append((triage.causes(check_program(small, wrong, TORCH), small)[0], small))
    assert [found.count for found in triage.group(met)] == [3]
