"""What a report is told about a run: `RunInfo` and `Coverage`, as plain data.

What may live here: these records and their JSON form. No database, no pandas, no judgement; whoever runs a
campaign fills them in.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, fields
from datetime import UTC, datetime
from typing import Any

from reports.cells import Cell, Cells

STATES = ("new", "back", "known", "fixed")
"""What a finding can be tonight, in the order in which a reader wants them."""

SIDES = ("subject", "reference", "convention", "undetermined")
"""Who a verdict can name; a finding without a verdict is shown as undetermined."""


def now() -> str:
    """The present moment as ISO 8601 in UTC, to the second: `2026-01-31T02:00:00+00:00`."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def new_run_id() -> str:
    """A name for a run that sorts by time and does not clash between machines."""
    return datetime.now(UTC).strftime("%Y%m%d-%H%M%S-") + secrets.token_hex(3)


def finding_id(signature: str) -> str:
    """The short name of a finding: ten hex digits of its signature's SHA-256, used in links and commands."""
    return hashlib.sha256(signature.encode("utf-8", "surrogatepass")).hexdigest()[:10]


@dataclass(slots=True)
class RunInfo:
    """One run (a night, a pytest session, a shard): what ran against what, for how long, how to repeat it.

    `status` is "running", "finished", "interrupted" or "failed". Times are ISO 8601 in UTC. `discrepancies`
    counts raw discrepancies by kind, `compared` counts compared values by how ("exact", "tolerance", or the
    reason why not at all).
    """

    subject: str
    reference: str
    id: str = field(default_factory=new_run_id)
    seed: int | None = None
    command: str = ""
    started: str = field(default_factory=now)
    ended: str = ""
    seconds: float = 0.0
    programs: int = 0
    instructions: int = 0
    versions: dict[str, str] = field(default_factory=dict)
    status: str = "running"
    exit_status: int | None = None
    discrepancies: dict[str, int] = field(default_factory=dict)
    compared: dict[str, int] = field(default_factory=dict)
    extra: dict[str, Any] = field(default_factory=dict)

    @property
    def all_versions(self) -> dict[str, str]:
        """`versions`, and those of the engines that `extra["engines"]` adds."""
        return {**self.versions, **self.extra.get("engines", {})}

    @property
    def programs_per_second(self) -> float:
        """Programs per second of wall time; 0.0 before anything ran."""
        return self.programs / self.seconds if self.seconds > 0 else 0.0

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON-able data; `from_dict` reads it back."""
        return asdict(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> RunInfo:
        """A RunInfo from `to_dict` data; keys of a later version are ignored."""
        known = {one.name for one in fields(cls)}
        return cls(**{key: value for key, value in data.items() if key in known})


@dataclass(slots=True, init=False)
class Coverage:
    """What a run exercised: how often each cell was reached, and which cells could be reached at all.

    A cell of `expected` that has no count was never reached, and the report names it.
    """

    counts: Cells
    expected: frozenset[Cell]

    def __init__(self, counts: Mapping[Cell, int] | None = None, expected: frozenset[Cell] = frozenset()) -> None:
        self.counts = counts if isinstance(counts, Cells) else Cells(counts)
        self.expected = expected

    def add(self, axis: str, item: str, other: str = "", count: int = 1) -> None:
        """Count one more visit of a cell."""
        self.counts.add({(axis, item, other): count})

    def axis(self, name: str) -> dict[tuple[str, str], int]:
        """The counts of one axis, expected cells included with 0."""
        cells = {(item, other): 0 for axis, item, other in self.expected if axis == name}
        return cells | self.counts.axis(name)

    def missed(self) -> list[Cell]:
        """The expected cells that were never reached, sorted."""
        return sorted(cell for cell in self.expected if not self.counts.get(cell))

    def share(self) -> float:
        """The share of expected cells that were reached; 1.0 where nothing is expected."""
        return 1.0 - len(self.missed()) / len(self.expected) if self.expected else 1.0

    @classmethod
    def merged(cls, several: Iterable[Coverage]) -> Coverage:
        """The sum of several coverages (shards, nights)."""
        total = cls()
        for one in several:
            total.expected |= one.expected
            total.counts.add(one.counts)
        return total
