"""The sentences of a report: the verdict of a night, what differs in a finding, who is probably wrong.

What may live here: words made from facts that are handed in. Nothing is judged; a side is named only where
the verdict names it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from oracle.discrepancy import Finding
from reports.records import STATES, RunInfo
from reports.tables import side_of

_DOUBTFUL = re.compile(r"[^\n\t -~]")


def headline(findings: Iterable[Finding]) -> str:
    """The night in one line, as "3 new findings, 1 fixed since the last run, 41 known"; no zeros."""
    counts = dict.fromkeys(STATES, 0)
    for one in findings:
        counts[one.state] = counts.get(one.state, 0) + 1
    if not sum(counts.values()):
        return "No differences found"
    parts = [] if counts["new"] else ["No new findings"]
    for state in ("new", "back", "fixed", "known"):
        if counts[state]:
            noun = f" finding{'s' * (counts[state] != 1)}" if state == "new" else ""
            since = " since the last run" if state == "fixed" else ""
            parts.append(f"{counts[state]} {state}{noun}{since}")
    return ", ".join(parts)


def place(finding: Finding) -> str:
    """Where the engines part, as "at v2 (line 3, detach_)"."""
    inside = ", ".join(
        ([f"line {finding.line}"] if finding.line is not None else []) + ([finding.op] if finding.op else [])
    )
    return f"at {finding.where}{f' ({inside})' if inside else ''}"


def blame(finding: Finding, subject: str, reference: str) -> str:
    """Who is probably wrong, in a sentence, as the verdict has it."""
    side = side_of(finding)
    if finding.verdict is None:
        return "Nobody has judged yet who is wrong."
    if side == "subject":
        return f"Probably {subject} (the subject) is wrong."
    if side == "reference":
        return f"Probably {reference} (the reference) is wrong."
    if side == "convention":
        return "Neither is wrong: a choice of convention."
    return "It is not determined who is wrong."


def several(count: int, noun: str, plural: str = "") -> str:
    """ "1 program", "2,345 programs"."""
    return f"{count:,} {noun if count == 1 else plural or noun + 's'}"


def duration(seconds: float) -> str:
    """ "0.8 s", "42 s", "12 min 5 s", "3 h 20 min"."""
    if seconds < 10:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s" if whole % 60 else f"{whole // 60} min"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


def moment(text: str) -> str:
    """An ISO time as a person reads it: "2026-01-31 02:00 UTC"; anything else as it stands."""
    if len(text) >= 16 and text[10] == "T":
        return f"{text[:10]} {text[11:16]} UTC" if text.endswith(("+00:00", "Z")) else text.replace("T", " ")
    return text


def ran(run: RunInfo) -> str:
    """What a run did, in a sentence."""
    rate = f", {run.programs_per_second:,.0f} a second" if run.seconds else ""
    unit = str(run.extra.get("unit", "program"))
    return f"{several(run.programs, unit)} in {duration(run.seconds)}{rate}"


def visible(text: str) -> str:
    """`text` with every character that cannot be seen, or that reorders its neighbours, as its escape.

    Line ends and tabs stay. A message can then not hide or turn round what stands beside it.
    """
    if _DOUBTFUL.search(text) is None:
        return text
    return "".join(one if one in "\n\t" or _seen(one) else _escape(one) for one in text)


def _seen(one: str) -> bool:
    return one == " " or unicodedata.category(one) not in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")


def _escape(one: str) -> str:
    return one.encode("unicode_escape").decode("ascii")
