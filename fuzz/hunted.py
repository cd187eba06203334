"""What became of hunts, as rows: in full as `gradfuzz mutants --out` writes them, in short as a repository keeps them.

What may live here: reading both, writing the short ones. A short row has no program and no discrepancy's text. Rows
come after a line that says on which day and with which of minigrad's sources they were measured.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

from oracle.program.edit import is_creation, is_query
from oracle.program.parser import parse

Row = dict[str, Any]
Key = tuple[str, str]
"""A bug's name, and a digest of what was wrong: sources change, and names are given anew."""
STATE = ("day", "sources")
KEPT = ("name", "family", "said", "outcome", "programs", "seconds", "kind", "size", "inner", "reducing", "reached",
        "hunts", "smallest")  # fmt: skip
"""What a short row has, if it is known; `inner` are instructions that are neither leaves nor queries, `smallest` is how
few of them the program of any of its `hunts` had, if there were several."""


def key_of(name: str, about: str) -> Key:
    """What a bug's row is found by."""
    return name, hashlib.sha256(about.encode()).hexdigest()[:6]


def read(paths: Iterable[str | Path]) -> dict[Key, Row]:
    """The short row of each bug: the last one that caught it, else the last one."""
    rows: dict[Key, Row] = {}
    for path in paths:
        for row in _rows(path):
            key = row["name"], row["said"]
            before = rows.get(key)
            if before is None or before["outcome"] != "caught":
                rows[key] = row
            elif row["outcome"] == "caught":
                rows[key] = _hunted_again(row, before)
    return rows


def _hunted_again(row: Row, before: Row) -> Row:
    """The row of another hunt, and how small the program of any was."""
    sizes = [one.get("smallest", one.get("inner")) for one in (row, before)]
    known = [size for size in sizes if size is not None]
    hunts = sum(one.get("hunts", 1) for one in (row, before))
    return {**row, "hunts": hunts, **({"smallest": min(known)} if known else {})}


def _rows(path: str | Path) -> Iterator[Row]:
    state: Row = {}
    with open(path, encoding="utf-8") as file:
        for row in map(json.loads, file):
            if "name" in row:
                yield {**state, **(row if "said" in row else short(row))}
            else:
                state = row


def short(row: Row) -> Row:
    """What is kept of a full row."""
    made = {**row, "said": key_of(row["name"], row["about"])[1]}
    if "program" in row:
        made["inner"] = sum(not (is_creation(one) or is_query(one)) for one in parse(row["program"]).instructions)
    if row["outcome"] == "caught":
        made.pop("reached", None)
    kept = {name: made[name] for name in (*STATE, *KEPT) if made.get(name) not in (None, "")}
    return {name: round(value, 2) if isinstance(value, float) else value for name, value in kept.items()}


def write(path: str | Path, rows: Sequence[Row]) -> None:
    """Keeps short rows, those of one state of the sources together."""

    def state(row: Row) -> list[str]:
        return [row.get(name, "") for name in STATE]

    with open(path, "w", encoding="utf-8") as file:
        for measured, same in groupby(sorted(rows, key=state), state):
            file.write(json.dumps(dict(zip(STATE, measured, strict=True))) + "\n")
            for row in same:
                told = {name: row[name] for name in KEPT if name in row}
                file.write(json.dumps(told, separators=(",", ":")) + "\n")
