"""Conformance on drawn programs: subject against reference, and the reference against itself.

What may live here: properties over `strategies.programs()`. A failure shows the smallest program as source.
"""

from __future__ import annotations

from itertools import islice

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oracle.check import Checked, Disagreement, check_batch
from oracle.checks import Counts
from oracle.engines.base import Engine
from oracle.engines.recorded import RecordedEngine
from oracle.known import shipped
from oracle.program import Program, check, parse
from oracle.triage import causes, signature
from strategies import buffers, decode, grammar, programs
from strategies.examples import campaign_examples

SILENT = 2_000  # programs; campaigns do the millions


@pytest.fixture(scope="session")
def answering(reference: Engine) -> Engine:
    """The reference, where it can be asked anything."""
    if isinstance(reference, RecordedEngine):
        pytest.skip("recorded answers know their own programs alone")
    return reference


@settings(database=campaign_examples())
@given(program=programs())
def test_the_subject_agrees_with_the_reference_on_drawn_programs(
    program: Program, subject: Engine, answering: Engine
) -> None:
    """Apart from what the shipped list of known differences accepts, with its reasons."""
    _require_only_known(check_batch((program,), subject, answering)[0], subject)


def test_the_subject_agrees_with_what_was_recorded(subject: Engine, reference: Engine) -> None:
    if not isinstance(reference, RecordedEngine):
        pytest.skip("the reference answers itself")
    checked = check_batch(list(reference.programs()), subject, reference)
    assert any(one.unsupported is None for one in checked)
    for one in checked:
        _require_only_known(one, subject)


def _require_only_known(checked: Checked, subject: Engine) -> None:
    accepted = shipped(subject.name, checked.reference.engine if checked.reference else "")
    signatures = [signature(one, checked.program) for one in causes(checked.discrepancies, checked.program)]
    if not all(any(entry.matches(one) for entry in accepted) for one in signatures):
        raise Disagreement(checked)


@pytest.mark.parametrize("seed", [0, 1])
def test_the_reference_agrees_with_itself(seed: int, answering: Engine) -> None:
    whole = grammar()
    drawn = [decode(buffer, whole) for buffer in islice(buffers(seed, whole), SILENT)]
    counts = Counts()
    checked = check_batch(drawn, answering, answering, counts)
    loud = [one for one in checked if one.discrepancies]
    assert not loud, f"{loud[0].discrepancies[0]}\n{loud[0].program}"
    assert counts.exact > SILENT
    assert counts.different == 0
    assert counts.tolerated < SILENT / 100  # torch's sums depend on where in memory their operands lie


@settings(max_examples=30)
@given(st.lists(programs(), min_size=1, max_size=20))
def test_a_program_gives_the_same_alone_and_in_a_batch(answering: Engine, drawn: list[Program]) -> None:
    """What one program does to the engine must not reach the next."""
    for program, in_batch in zip(drawn, answering.run_batch(drawn), strict=True):
        alone = answering.run(program)
        assert in_batch.tensors.keys() == alone.tensors.keys(), program.source
        assert in_batch.outcomes == alone.outcomes, program.source


@given(program=programs())
def test_a_drawn_program_is_legal_and_survives_printing(program: Program) -> None:
    check(program)
    assert parse(program.source) == program
