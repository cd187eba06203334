"""docs/ops.md: for each op of the opset, what of it agrees with torch; every cell is what a check said that ran.

What may live here: running the programs of `tests.docs.op_cases` on both engines, and the document.
`python -m tests.docs.ops` writes the file; with names, the rows of these ops alone; with `--new`, those of ops
that have no row yet, and of the sample. A test says when the file is out of date.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch

from oracle.check import Checked, check_batch
from oracle.engines.base import Engine
from oracle.engines.minigrad_engine import MinigradEngine
from oracle.engines.torch_engine import TorchEngine
from oracle.known import shipped
from oracle.observation import Raised
from oracle.opset import OPS, OpSpec
from oracle.triage import causes, signature
from tests.docs.documents import DOCS
from tests.docs.op_cases import COLUMNS, programs

PATH = DOCS / "ops.md"
ROW = re.compile(r"^\| `(?P<name>[^`]+)` \|.*\|$", re.MULTILINE)
COUNT = re.compile(r"\((?:\d+ of )?(\d+)\)")
SAMPLE = ("mul", "sum", "unbind", "gather", "copy_", "linalg.det", "nn.functional.relu")
"""Ops whose rows a test runs anew each time."""
OF_QUERY = ("backward", "double", "errors")
"""Columns in which the last instruction is the one that torch answers or refuses, not the first that may fail."""


@dataclass(slots=True)
class Cell:
    """How many programs of a cell torch answered and refused, and on how many minigrad differs."""

    answered: int = 0
    refused: int = 0
    known: int = 0
    differs: int = 0

    @property
    def text(self) -> str:
        """What stands in the table."""
        whole = self.answered + self.refused + self.known + self.differs
        if self.differs:
            return f"differs ({self.differs} of {whole})"
        if self.known:
            return f"known ({self.known} of {whole})"
        if self.answered:
            return f"yes ({self.answered})"
        return f"refused ({self.refused})" if self.refused else "-"


class Judge:
    """Runs programs on both engines and counts what came of them."""

    def __init__(self, subject: Engine | None = None) -> None:
        self.subject, self.reference = subject or MinigradEngine(), TorchEngine()
        self._accepted = shipped(self.subject.name, self.reference.name)

    def checked(self, spec: OpSpec, column: str) -> list[Checked]:
        """The programs of a cell, each compared in every fact."""
        return check_batch(list(programs(spec, column)), self.subject, self.reference)

    def cell(self, spec: OpSpec, column: str) -> Cell:
        """One op, one question. A mistake that torch puts up with is none, and not counted."""
        cell = Cell()
        for one in self.checked(spec, column):
            refused = _refused(one, column)
            if one.discrepancies:
                known = self.is_known(one)
                cell.known += known
                cell.differs += not known
            elif column == "errors":
                cell.answered += refused
            else:
                cell.answered += not refused
                cell.refused += refused
        return cell

    def is_known(self, one: Checked) -> bool:
        """Whether all that differs is accepted, with its reasons, in the known list that comes with the engine."""
        found = [signature(cause, one.program) for cause in causes(one.discrepancies, one.program)]
        return all(any(entry.matches(text) for entry in self._accepted) for text in found)

    def row(self, spec: OpSpec) -> str:
        """The line of an op in the table."""
        return f"| `{spec.key}` | " + " | ".join(self.cell(spec, column).text for column in COLUMNS) + " |"


def _refused(one: Checked, column: str) -> bool:
    """Whether torch refused what was asked."""
    if one.reference is None:
        return False
    at = -1
    if column not in OF_QUERY:
        at = next(place for place, instruction in enumerate(one.program.instructions) if instruction.caught)
    return isinstance(one.reference.outcomes[at], Raised)


def written_rows(text: str) -> dict[str, str]:
    """The rows of a document by op."""
    return {found["name"]: found[0] for found in ROW.finditer(text)}


def document(rows: dict[str, str]) -> str:
    """The text of docs/ops.md from the row of each op."""
    return "\n".join([*_head(rows), *_tables(rows)]).rstrip() + "\n"


def _head(rows: dict[str, str]) -> Iterator[str]:
    version = torch.__version__.partition("+")[0]
    whole = sum(int(count) for row in rows.values() for count in COUNT.findall(row))
    agree = sum("differs" not in row for row in rows.values())
    yield from (
        "# What of each op agrees with torch",
        "",
        f"Written by `python -m tests.docs.ops` from {whole} programs that ran on minigrad and on torch {version} and",
        f"were compared in every fact. Of {len(rows)} ops, {agree} differ in nothing that was asked. A test says when",
        "this is out of date. Which names there are at all is in [coverage.md](coverage.md).",
        "",
        "The programs are drawn by the composer from the op's line in the opset, with its shapes, dtypes, arguments",
        "and values (ties, edges of its domain, zeros of both signs, infinities, nan, subnormal and huge numbers).",
        "Compared are values, dtypes, shapes, strides, grad_fn and graph, versions, views, aliases, warnings, errors.",
        "",
        "| column | what is asked |",
        "|---|---|",
        "| forward | the call, on tensors that require grad where they can |",
        "| backward | the gradients of all results by all leaves, for given cotangents |",
        "| double | the gradients of one of these by leaves and cotangents |",
        "| forward-mode | the call on dual tensors: the tangent, and its history |",
        "| in-place | the in-place form on a copy of a leaf, and the gradients through it |",
        "| complex | the call on complex tensors of finite numbers, and its gradients |",
        "| errors | the call with one mistake: an operand, a value, an argument too few or many; type and text |",
        "",
        "| cell | what it says |",
        "|---|---|",
        "| yes (n) | torch answered n programs (of errors: refused them), and minigrad did the same |",
        "| refused (n) | torch refuses; minigrad does, too, in the same words, n times |",
        "| known (k of n) | k of n differ, each in what the known list of the engine accepts, with its reasons |",
        "| differs (k of n) | k of n differ |",
        "| - | nothing to ask: no such form, no gradient, no complex numbers |",
        "",
    )


def _tables(rows: dict[str, str]) -> Iterator[str]:
    for family in dict.fromkeys(spec.family for spec in OPS.values()):
        yield from (f"## {family}", "", f"| op | {' | '.join(COLUMNS)} |", "|---" * (1 + len(COLUMNS)) + "|")
        yield from (rows[key] for key, spec in OPS.items() if spec.family == family and key in rows)
        yield ""


def write(names: Sequence[str] = ()) -> None:
    """Writes the document anew; with names, only the rows of these ops (of `--new`, the sample) and of new ones."""
    rows = written_rows(PATH.read_text(encoding="utf-8")) if names else {}
    named = {*names, *(SAMPLE if "--new" in names else ())}
    asked = [key for key in OPS if key in named or key not in rows]
    judge = Judge()
    judge.subject.use_one_thread()
    judge.reference.use_one_thread()
    rows |= {key: judge.row(OPS[key]) for key in asked}
    PATH.write_text(document({key: rows[key] for key in OPS}), encoding="utf-8")


if __name__ == "__main__":
    write(sys.argv[1:])
