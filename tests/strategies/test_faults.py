"""Each fault breaks the rule that it names, at the instruction that it names, and torch refuses it there."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given

from oracle.program.validity import violations
from strategies import faults, grammar
from strategies.faults import Fault, fault
from strategies.layout import SIZE
from strategies.prohibitions import RULES
from tests.strategies.running import Run

LANGUAGE = grammar()


@pytest.mark.parametrize("rule", RULES)
def test_torch_refuses_the_last_statement_and_none_before_it(rule: str) -> None:
    random = Random(rule)
    messages = set()
    for buffer in (bytes(SIZE), *(random.randbytes(SIZE) for _ in range(9))):
        broken = fault(rule, buffer, LANGUAGE)
        run = Run(broken.program)
        assert run.stopped == broken.at == len(broken.program) - 1, (broken.program.source, run.error)
        messages.add(type(run.error))
    assert messages


@given(faults())
def test_faulty_programs_are_sentences_of_the_language(broken: Fault) -> None:
    assert list(violations(broken.program)) == []
    assert broken.rule in RULES


def test_every_rule_says_what_it_is() -> None:
    assert all(breaker.__doc__ for breaker in RULES.values())
