"""docs/mutants.md: what became of planted bugs, from the rows that `gradfuzz mutants --out` writes.

What may live here: that document's text. `python -m tests.docs.mutants FILE...` writes it; where a bug is in several
files, the last one counts. What is known to be equivalent by now is that, whatever its row says.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from statistics import median
from typing import Any

from oracle.engines.mutants import Mutant
from oracle.engines.mutants.by_hand import MUTANTS
from oracle.engines.mutants.derived import everything
from tests.docs.documents import DOCS

PATH = DOCS / "mutants.md"
Row = dict[str, Any]

HEAD = """\
# Which planted bugs are caught

Written by `python -m tests.docs.mutants FILE...` from what `gradfuzz mutants --derived --out FILE` found. Each bug was
planted in minigrad alone, and programs were drawn until one showed a discrepancy from torch that minigrad without
the bug does not show; that one was reduced. Seconds are processor time of one core up to the discrepancy, without
reducing; sizes are instructions of the reduced program, leaves and query included.

| family | bugs | caught | equivalent | missed | not run | median s | slowest s | median programs | median size |
|---|---|---|---|---|---|---|---|---|---|
"""


def read(paths: Iterable[str]) -> dict[str, Row]:
    """The last row of each bug."""
    rows: dict[str, Row] = {}
    for path in paths:
        with open(path, encoding="utf-8") as file:
            rows |= {row["name"]: row for row in map(json.loads, file)}
    return rows


def outcome(mutant: Mutant, row: Row | None) -> str:
    """caught, equivalent, missed, or not run."""
    if row is not None and row["outcome"] == "caught":
        return "caught"
    if mutant.equivalent:
        return "equivalent"
    return "not run" if row is None else "missed"


def _line(family: str, mutants: Sequence[Mutant], rows: dict[str, Row]) -> str:
    counts = Counter(outcome(one, rows.get(one.name)) for one in mutants)
    caught = [rows[one.name] for one in mutants if one.name in rows and rows[one.name]["outcome"] == "caught"]
    timed = [row for row in caught if "seconds" in row]
    cells: list[Any] = [family, len(mutants), *(counts[one] for one in ("caught", "equivalent", "missed", "not run"))]
    if timed:
        seconds = [row["seconds"] for row in timed]
        cells += [f"{median(seconds):.2f}", f"{max(seconds):.1f}"]
        cells += [f"{median(row[what] for row in timed):g}" for what in ("programs", "size")]
    else:
        cells += ["-"] * 4
    return "| " + " | ".join(map(str, cells)) + " |\n"


def text(mutants: Sequence[Mutant], rows: dict[str, Row]) -> str:
    """The document."""
    families: dict[str, list[Mutant]] = {}
    for one in mutants:
        families.setdefault(one.family, []).append(one)
    table = [_line(family, members, rows) for family, members in families.items()]
    return "".join([HEAD, *table, _line("all", mutants, rows), *_rest(mutants, rows)])


def _rest(mutants: Sequence[Mutant], rows: dict[str, Row]) -> Iterator[str]:
    reducing = [row["reducing"] for row in rows.values() if row["outcome"] == "caught" and "reducing" in row]
    if reducing:
        yield f"\nReducing took {median(reducing):.2f} s in the median, {max(reducing):.1f} s at most.\n"
    by_hand = [rows[one.name]["reducing"] for one in MUTANTS if "reducing" in rows.get(one.name, {})]
    if by_hand:
        yield f"Of the bugs planted by hand: {median(by_hand):.2f} s in the median, {max(by_hand):.1f} s at most.\n"
    kinds = Counter(row["kind"] for row in rows.values() if row["outcome"] == "caught")
    yield "\n## By what they were caught\n\n| kind | bugs |\n|---|---|\n"
    yield from (f"| {kind} | {count} |\n" for kind, count in kinds.most_common())
    yield "\n## Equivalent\n\nNothing observable differs, for the reason given.\n\n"
    reasons: dict[str, list[str]] = {}
    for one in mutants:
        if outcome(one, rows.get(one.name)) == "equivalent":
            reasons.setdefault(one.equivalent, []).append(f"`{one.name}`")
    yield from (f"- {reason}: {', '.join(names)}\n" for reason, names in reasons.items())
    yield "\n## Missed\n\nNo program showed these within the seconds that they were given.\n\n"
    for one in mutants:
        row = rows.get(one.name)
        if row is not None and outcome(one, row) == "missed":
            yield f"- `{one.name}` ({row.get('seconds', 0):.0f} s): {one.about}\n"


if __name__ == "__main__":
    PATH.write_text(text((*MUTANTS, *everything()), read(sys.argv[1:])), encoding="utf-8")
