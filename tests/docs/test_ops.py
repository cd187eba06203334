"""The table of ops has a row for every op, says what the checks say, and shows what differs.

What may live here: checks of `tests.docs.ops` and of the file it writes.
"""

from __future__ import annotations

from typing import Any

import pytest

import minigrad
from oracle.opset import OPS
from tests.docs import ops
from tests.docs.op_cases import COLUMNS, programs


@pytest.fixture(scope="module")
def written() -> str:
    return ops.PATH.read_text(encoding="utf-8")


def test_every_op_of_the_opset_has_a_row_and_nothing_else_has_one(written: str) -> None:
    assert list(ops.written_rows(written)) == list(OPS), "run `python -m tests.docs.ops --new`"


def test_what_stands_around_the_rows_is_up_to_date(written: str) -> None:
    assert written == ops.document(ops.written_rows(written)), "run `python -m tests.docs.ops --new`"


@pytest.mark.parametrize("name", ops.SAMPLE)
def test_a_row_says_what_its_checks_say(name: str, written: str) -> None:
    assert ops.written_rows(written)[name] == ops.Judge().row(OPS[name]), f"run `python -m tests.docs.ops {name}`"


@pytest.mark.parametrize("column", COLUMNS)
def test_the_programs_of_a_cell_are_the_same_each_time(column: str) -> None:
    first = [program.source for program in programs(OPS["mul"], column)]
    assert first
    assert first == [program.source for program in programs(OPS["mul"], column)]


def test_what_differs_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    def wrong(self: Any) -> Any:
        return self.mul(-1)

    monkeypatch.setattr(minigrad, "neg", wrong)
    monkeypatch.setattr(minigrad.Tensor, "neg", wrong)
    cell = ops.Judge().cell(OPS["neg"], "forward")
    assert cell.differs
    assert cell.text == f"differs ({cell.differs} of {COLUMNS['forward'][1]})"


@pytest.mark.parametrize(
    ("counts", "text"),
    [
        ({}, "-"),
        ({"answered": 3, "refused": 1}, "yes (3)"),
        ({"refused": 4}, "refused (4)"),
        ({"answered": 3, "known": 1}, "known (1 of 4)"),
        ({"answered": 3, "known": 1, "refused": 1, "differs": 2}, "differs (2 of 7)"),
    ],
)
def test_a_cell_never_hides_a_difference(counts: dict[str, int], text: str) -> None:
    assert ops.Cell(**counts).text == text
