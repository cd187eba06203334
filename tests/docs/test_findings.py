"""The page of faults is what its data say, and the faults of torch are still there."""

from __future__ import annotations

import pytest

from oracle.check import check_program
from oracle.engines import load
from oracle.program.parser import parse
from tests.docs.findings import LONGEST, PAGE, Row, page, read

DATA = read()
FAULTS = [one for one in DATA if "fault" in one and one["side"] != "convention"]
OF_TORCH = [one for one in FAULTS if one["engine"].startswith("torch") and one["subject"].startswith("torch")]


def test_the_page_is_made_of_the_data() -> None:
    assert PAGE.read_text("utf-8") == page(DATA)


def test_every_fault_has_evidence_a_small_program_and_two_answers() -> None:
    for one in FAULTS:
        assert one["evidence"], one["fault"]
        assert len(parse(one["program"])) <= LONGEST
        assert one["gives"] != one["right"]


def test_no_fault_stands_there_twice() -> None:
    names = [(one["engine"], one["fault"]) for one in FAULTS]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("one", OF_TORCH[::3], ids=lambda one: f"{one['engine']} {one['fault']}")
def test_a_fault_of_torch_is_still_there(one: Row) -> None:
    found = check_program(parse(one["program"]), load(one["subject"]), load("torch"))
    assert one["kind"] in {discrepancy.kind for discrepancy in found}
