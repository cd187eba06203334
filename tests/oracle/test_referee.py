"""The referee, measured on disagreements of which we know who is wrong."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import numpy as np
import pytest

from oracle import triage
from oracle.check import check_program
from oracle.discrepancy import Discrepancy, Verdict
from oracle.engines.torch_engine import TorchEngine
from oracle.observation import Observation
from oracle.program import Program, parse
from oracle.referee import flaky, judge
from tests.oracle.labelled import ALL, Labelled
from tests.oracle.wrong import WrongTorch

NUMERIC = ("value", "non-finite", "gradient", "grad")


@cache
def judged(case: int) -> tuple[Labelled, Verdict]:
    labelled = ALL[case]
    program = parse(labelled.text)
    subject = WrongTorch("subject", labelled.subject)
    reference = WrongTorch("reference", labelled.reference)
    found: list[Discrepancy] = []
    for _ in range(3):  # a difference that comes and goes
        found = found or check_program(program, subject, reference)
    assert found, f"{labelled.name}: the two sides agree"
    return labelled, judge(program, chosen(found, labelled), subject, reference)


def chosen(found: list[Discrepancy], labelled: Labelled) -> Discrepancy:
    """The difference that the label is about: in numbers, if there is one; faults also change graphs."""
    program = parse(labelled.text)
    numeric = [one for one in found if one.kind in NUMERIC]
    return (triage.causes(numeric, program) or triage.causes(found, program))[0]


def test_the_labelled_set_is_large_and_has_every_side() -> None:
    assert len(ALL) >= 60
    assert {case.side for case in ALL} == {"subject", "reference", "convention"}
    assert len({case.name for case in ALL}) == len(ALL)


def test_almost_every_verdict_is_right() -> None:
    wrong = []
    for number in range(len(ALL)):
        case, verdict = judged(number)
        if verdict.side != case.side:
            wrong.append(f"{case.name}: {verdict.side}, not {case.side}\n  " + "\n  ".join(verdict.evidence))
    assert len(wrong) <= len(ALL) // 20, "\n".join(wrong)


def test_an_answer_that_does_not_repeat_is_marked_flaky() -> None:
    noisy = [number for number, case in enumerate(ALL) if "noise" in case.name]
    steady = [number for number, case in enumerate(ALL) if case.name == "exp value off"]
    assert all(flaky(judged(number)[1]) for number in noisy)
    assert not any(flaky(judged(number)[1]) for number in steady)


def test_every_verdict_gives_its_evidence_in_words() -> None:
    for number in range(len(ALL)):
        verdict = judged(number)[1]
        assert len(verdict.evidence) >= 1
        assert all(text and "\n" not in text for text in verdict.evidence)


class WideGradients(TorchEngine):
    """torch whose gradients come in float64, whatever the leaf is."""

    def run_batch(self, programs: Sequence[Program]) -> list[Observation]:
        seen = super().run_batch(programs)
        for facts in (one for observation in seen for one in observation.tensors.values()):
            if facts.grad is not None:
                facts.grad, facts.grad_dtype = facts.grad.astype(np.float64), "float64"
        return seen


def test_a_gradient_of_another_dtype_is_the_subjects_fault_though_its_numbers_are_right() -> None:
    program = parse("v0 = T.tensor([1.0, 2.0], requires_grad=True)\nv1 = v0.sum()\nv1.backward()\n")
    subject, reference = WideGradients(), TorchEngine()
    (found,) = check_program(program, subject, reference)
    assert "float64" in found.detail
    assert judge(program, found, subject, reference).side == "subject"


@pytest.mark.parametrize("number", [i for i, case in enumerate(ALL) if case.name.startswith("torch:")])
def test_no_fault_of_torch_is_blamed_on_the_subject(number: int) -> None:
    case, verdict = judged(number)
    assert verdict.side == case.side, verdict.evidence
