"""docs/mutants.md: what became of planted bugs, from the rows that docs/mutants.jsonl keeps.

What may live here: that document's text. `python -m tests.docs.mutants [FILE...]` writes it, and takes into the rows
that are kept those that `gradfuzz mutants --out FILE` wrote; where a bug has several rows, the last one counts, but one
that caught it. A row counts only if it says of the bug what is said of it now, since sources change. What is known to
be equivalent by now is that, whatever its row says.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from statistics import median
from typing import Any

from fuzz.commands.mutants import come_to
from fuzz.hunted import Key, Row, key_of, read, write
from oracle.engines.mutants import Mutant
from oracle.engines.mutants.by_hand import MUTANTS
from oracle.engines.mutants.derived import everything, sources
from tests.docs.documents import DOCS

PATH, ROWS = DOCS / "mutants.md", DOCS / "mutants.jsonl"
Found = tuple[Mutant, Row | None]
"""A bug and the row that counts for it."""
OUTCOMES = ("caught", "equivalent", "beyond", "missed", "not run")
REASONED = {
    "equivalent": "Nothing observable differs, for the reason given.",
    "beyond": "Other callers of minigrad can tell, but no program of the language, for the reason given.",
}
SLOW = 2  # seconds

HEAD = """\
# Which planted bugs are caught

Written by `python -m tests.docs.mutants` from the rows in mutants.jsonl, which `gradfuzz mutants --derived --out FILE`
measured (`--again docs/mutants.jsonl` measures what was missed or is new; `python -m tests.docs.mutants FILE` takes it
up). Each bug was planted in minigrad alone, and programs were drawn until one showed a discrepancy from torch that
minigrad without the bug does not show; that one was reduced. Seconds are processor time of one core up to the
discrepancy, without reducing; sizes are instructions of the reduced program, the inner ones those that are neither
leaves nor queries; programs and sizes are medians.

"Equivalent" are bugs that nothing can tell, "beyond" those that no program of the language can say; both with their
reasons below. {versions}

| family | bugs | caught | equivalent | beyond | missed | not run | median s | slowest s | programs | size | inner |
|---|---|---|---|---|---|---|---|---|---|---|---|
"""


def outcome(mutant: Mutant, row: Row | None) -> str:
    """caught, equivalent, beyond, missed, or not run."""
    if row is not None and row["outcome"] == "caught":
        return "caught"
    if mutant.equivalent or mutant.beyond:
        return "equivalent" if mutant.equivalent else "beyond"
    return "not run" if row is None else "missed"


def _line(family: str, found: Sequence[Found]) -> str:
    counts = Counter(outcome(*one) for one in found)
    caught = [row for _, row in found if row is not None and row["outcome"] == "caught"]
    cells: list[Any] = [family, len(found), *(counts[one] for one in OUTCOMES)]
    seconds = [row["seconds"] for row in caught]
    cells += [f"{median(seconds):.2f}", f"{max(seconds):.1f}"] if seconds else ["-"] * 2
    for what in ("programs", "size", "inner"):
        known = [row[what] for row in caught if what in row]
        cells.append(f"{median(known):g}" if known else "-")
    return "| " + " | ".join(map(str, cells)) + " |\n"


def text(mutants: Sequence[Mutant], rows: dict[Key, Row]) -> str:
    """The document."""
    found: list[Found] = [(one, rows.get(key_of(one.name, one.about))) for one in mutants]
    families: dict[str, list[Found]] = {}
    for mutant, row in found:
        families.setdefault(mutant.family, []).append((mutant, row))
    table = [_line(family, members) for family, members in families.items()]
    head = HEAD.replace("{versions}", _versions([row for _, row in found if row is not None]))
    return "".join([head, *table, _line("all", found), *_caught(found), *_uncaught(found)])


def _versions(rows: Sequence[Row]) -> str:
    """Which states of minigrad were measured."""
    now = sources()
    days = Counter(row.get("day", "before days were noted") for row in rows)
    told = ", ".join(f"{count} {day if day[0] == 'b' else 'on ' + day}" for day, count in sorted(days.items()))
    same = sum(row.get("sources") == now for row in rows)
    return (
        f"Of {len(rows)}\nbugs there are rows ({told}); {same} of them were measured with\nminigrad's sources as they "
        f"are now ({now}), the others with earlier ones, in which the bug was the same."
    )


def _caught(found: Sequence[Found]) -> Iterator[str]:
    caught = [(mutant, row) for mutant, row in found if row is not None and row["outcome"] == "caught"]
    reducing = [row["reducing"] for _, row in caught if "reducing" in row]
    if reducing:
        yield f"\nReducing took {median(reducing):.2f} s in the median, {max(reducing):.1f} s at most.\n"
    by_hand = [row["reducing"] for mutant, row in caught if mutant.family == "by hand" and "reducing" in row]
    if by_hand:
        yield f"Of the bugs planted by hand: {median(by_hand):.2f} s in the median, {max(by_hand):.1f} s at most.\n"
    slow = sum(row.get("seconds", 0) > SLOW for _, row in caught)
    yield f"{slow} took more than {SLOW} s to be caught.\n"
    inner = Counter(row["inner"] for _, row in caught if "inner" in row)
    told = ", ".join(f"{count} have {size}" for size, count in sorted(inner.items()))
    yield f"\nOf the reduced programs {told} instructions that are neither leaves nor queries.\n" if inner else ""
    again = [(mutant, row) for mutant, row in caught if "inner" in row and "smallest" in row]
    larger = [f"`{mutant.name}`" for mutant, row in again if row["inner"] > row["smallest"] + 1]
    if again:
        yield f"{len(again)} were hunted more than once, from other programs; the last one's reduced program has\n"
        yield f"at most one instruction more than the smallest known of that bug in all but {len(larger)}"
        yield f": {', '.join(larger)}.\n" if larger else ".\n"
    kinds = Counter(row["kind"] for _, row in caught)
    yield "\n## By what they were caught\n\n| kind | bugs |\n|---|---|\n"
    yield from (f"| {kind} | {count} |\n" for kind, count in kinds.most_common())


def _uncaught(found: Sequence[Found]) -> Iterator[str]:
    by_outcome: dict[str, list[Found]] = {}
    for one in found:
        by_outcome.setdefault(outcome(*one), []).append(one)
    for which, head in REASONED.items():
        yield f"\n## {which.capitalize()}\n\n{head}\n\n"
        reasons: dict[str, list[str]] = {}
        for mutant, _ in by_outcome.get(which, ()):
            reasons.setdefault(mutant.equivalent or mutant.beyond, []).append(f"`{mutant.name}`")
        yield from (f"- {reason}: {', '.join(names)}\n" for reason, names in reasons.items())
    yield "\n## Missed\n\nNo program showed these within the seconds that they were given.\n\n"
    for mutant, row in by_outcome.get("missed", ()):
        seconds = 0 if row is None else row.get("seconds", 0)
        yield f"- `{mutant.name}` ({seconds:.0f} s{come_to(row or {})}): {mutant.about}\n"


def main(paths: Sequence[str]) -> None:
    """Writes the document, and keeps the rows that it is written from."""
    mutants = (*MUTANTS, *everything())
    rows = read([*([ROWS] if ROWS.exists() else []), *paths])
    counting = [row for one in mutants if (row := rows.get(key_of(one.name, one.about))) is not None]
    write(ROWS, counting)
    PATH.write_text(text(mutants, rows), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
