"""What an engine of ours does otherwise on purpose is listed, with a program that shows it."""

from __future__ import annotations

import pytest

from oracle import engines, triage
from oracle.check import check_program
from oracle.engines.base import Engine
from oracle.known import Entry, shipped
from oracle.program.parser import parse

ENTRIES = shipped("minigrad", "torch")


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda one: one.signature)
def test_the_program_of_a_shipped_entry_shows_it(entry: Entry, subject: Engine, reference: Engine) -> None:
    if (subject.name, reference.name) != ("minigrad", "torch"):
        pytest.skip("the shipped list is about minigrad against torch")
    program = parse(entry.program)
    found = {triage.signature(one, program) for one in check_program(program, subject, reference)}
    assert entry.signature in found


@pytest.mark.parametrize("entry", shipped("torch:rewritten", "torch"), ids=lambda one: one.signature)
def test_the_program_of_an_entry_of_a_way_of_torch_shows_it(entry: Entry) -> None:
    program = parse(entry.program)
    found = check_program(program, engines.load("torch:rewritten"), engines.load("torch"))
    assert found
    assert all(entry.matches(triage.signature(one, program)) for one in found)


def test_nothing_is_shipped_for_other_pairs() -> None:
    assert ENTRIES
    assert shipped("torch", "torch") == ()
    assert shipped("minigrad", "recorded") == ()
