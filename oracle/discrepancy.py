"""Disagreements: one class per kind, so that Hypothesis keeps different bugs apart; and findings."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar

from oracle.observation import Observation
from oracle.program.language import Program


class Discrepancy(Exception):
    """One observable difference between a subject and the reference at one place of one program.

    `where` is the name (or "graph", "hooks", "warnings"); `index` the instruction it belongs to (from 0) or
    None; `op` that instruction's op; `detail` says what differs in one line, subject first.
    """

    kind: ClassVar[str] = "any"

    def __init__(
        self,
        where: str,
        detail: str,
        *,
        index: int | None = None,
        op: str = "",
        subject: Any = None,
        reference: Any = None,
        program: Program | None = None,
    ) -> None:
        super().__init__(where, detail)
        self.where, self.detail, self.index, self.op = where, detail, index, op
        self.subject, self.reference, self.program = subject, reference, program


def _kind(name: str, kind: str, doc: str) -> type[Discrepancy]:
    return type(name, (Discrepancy,), {"kind": kind, "__doc__": doc, "__module__": __name__})


KINDS: dict[str, type[Discrepancy]] = {}
"""Every kind by its word, as tables, reports and signatures use it."""


@dataclass(slots=True)
class Verdict:
    """Who is wrong: "subject", "reference", "convention" or "undetermined", with the evidence in words."""

    side: str
    evidence: tuple[str, ...] = ()


@dataclass(slots=True)
class Finding:
    """All discrepancies with the same signature, its smallest program, its verdict."""

    signature: str
    kind: str
    op: str
    detail: str
    where: str
    program: Program  # the smallest known
    original: Program  # as first composed
    line: int | None = None  # 1-based line of `program.source` where they part
    count: int = 1
    verdict: Verdict | None = None
    subject: Observation | None = None  # of `program`
    reference: Observation | None = None
    state: str = "new"  # new, known, fixed, back
    first_seen: str = ""  # ISO 8601, UTC
    last_seen: str = ""
    flaky: bool = False
    extra: dict[str, Any] = field(default_factory=dict)
