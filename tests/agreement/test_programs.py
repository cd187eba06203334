"""Conformance on drawn programs: subject against reference, and the reference against itself.

What may live here: properties over `strategies.programs()`. A failure shows the smallest program as source.
"""

from __future__ import annotations

from itertools import islice

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oracle.check import Disagreement, check_batch
from oracle.checks import Counts
from oracle.engines.base import Engine
from oracle.known import shipped
from oracle.program import Program, check, parse
from oracle.triage import causes, signature
from strategies import buffers, decode, grammar, programs
from strategies.examples import campaign_examples

SILENT = 2_000  # programs; campaigns do the millions


@settings(database=campaign_examples())
@given(program=programs())
def test_the_subject_agrees_with_the_reference_on_drawn_programs(
    program: Program, subject: Engine, reference: Engine
) -> None:
    """Apart from what the shipped list of known differences accepts, with its reasons."""
    checked = check_batch((program,), subject, reference)[0]
    accepted = shipped(subject.name, reference.name)
    signatures = [signature(one, program) for one in causes(checked.discrepancies, program)]
    if not all(any(entry.matches(one) for entry in accepted) for one in signatures):
        raise Disagreement(checked)


@pytest.mark.parametrize("seed", [0, 1])
def test_the_reference_agrees_with_itself(seed: int, reference: Engine) -> None:
    whole = grammar()
    drawn = [decode(buffer, whole) for buffer in islice(buffers(seed, whole), SILENT)]
    counts = Counts()
    checked = check_batch(drawn, reference, reference, counts)
    loud = [one for one in checked if one.discrepancies]
    assert not loud, f"{loud[0].discrepancies[0]}\n{loud[0].program}"
    assert counts.exact > SILENT
    assert counts.tolerated == counts.different == 0


@settings(max_examples=30)
@given(st.lists(programs(), min_size=1, max_size=20))
def test_a_program_gives_the_same_alone_and_in_a_batch(reference: Engine, drawn: list[Program]) -> None:
    """What one program does to the engine must not reach the next."""
    for program, in_batch in zip(drawn, reference.run_batch(drawn), strict=True):
        alone = reference.run(program)
        assert in_batch.tensors.keys() == alone.tensors.keys(), program.source
        assert in_batch.outcomes == alone.outcomes, program.source


@given(program=programs())
def test_a_drawn_program_is_legal_and_survives_printing(program: Program) -> None:
    check(program)
    assert parse(program.source) == program
