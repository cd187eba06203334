"""What a failing test says, as findings: from the exceptions that it raised, to text and back.

What may live here: reading exceptions. Both engines' observations are taken where the exception brings them;
nothing is run again.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from oracle import triage
from oracle.check import Disagreement
from oracle.discrepancy import Discrepancy, Finding
from oracle.program.parser import parse
from oracle.program.program import Program
from reports import plain
from reports.records import now

FAILURE = "test"  # the kind of a failure that is no discrepancy

_TEXTS = ("signature", "kind", "op", "detail", "where", "first_seen", "last_seen")


def findings(error: BaseException, test: str) -> list[Finding]:
    """One finding per cause in `error`, its group or its causes; if there is none, its own words as one."""
    found = []
    for one in _walk(error):
        if isinstance(one, Disagreement):
            checked = one.checked
            for discrepancy in triage.causes(checked.discrepancies, checked.program):
                finding = triage.finding(discrepancy, checked.program)
                finding.subject, finding.reference = checked.subject, checked.reference
                found.append(finding)
        elif isinstance(one, Discrepancy) and one.program is not None:
            found.append(triage.finding(one, one.program))
    for finding in found:
        finding.extra["test"] = test
        finding.first_seen = finding.last_seen = now()
    return found or [failure(test, f"{type(error).__name__}: {error}")]


def failure(test: str, words: str) -> Finding:
    """A failing test that is about no discrepancy."""
    nothing = Program(())
    detail = next(iter(words.splitlines()), "") or "failed without a word"
    moment = now()
    return Finding(
        f"{FAILURE}|{test}|{detail}", FAILURE, "", detail, test, nothing, nothing,
        first_seen=moment, last_seen=moment, extra={"test": test},
    )  # fmt: skip


def dumps(several: Sequence[Finding]) -> str:
    """Findings as text that crosses processes."""
    return plain.dumps([_flat(one) for one in several])


def loads(text: str) -> list[Finding]:
    """What `dumps` wrote."""
    return [
        Finding(
            **{name: one[name] for name in (*_TEXTS, "line", "subject", "reference", "extra")},
            program=parse(one["program"]),
            original=parse(one["original"]),
        )
        for one in plain.loads(text)
    ]


def _flat(one: Finding) -> dict[str, Any]:
    values = {name: getattr(one, name) for name in (*_TEXTS, "line", "subject", "reference", "extra")}
    return {**values, "program": one.program.source, "original": one.original.source}


def _walk(error: BaseException | None, depth: int = 0) -> Iterator[BaseException]:
    """The exception, the members of its group, and what caused them."""
    if error is None or depth > 8:
        return
    yield error
    for member in error.exceptions if isinstance(error, BaseExceptionGroup) else ():
        yield from _walk(member, depth + 1)
    yield from _walk(error.__cause__, depth + 1)
