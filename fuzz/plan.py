"""What a campaign is asked to do and what its shards answer: plain values that cross process borders.

No behaviour lives here beyond turning a value into the lab's own words for it.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from oracle.discrepancy import KINDS, Discrepancy, Finding
from oracle.program.parser import parse

SHARD = 128  # programs in a shard: a tenth of a second of work, and what a dying worker costs
BATCH = 64  # programs that run on one engine before the other has its turn
STEERED = 4  # of so many programs one is counted for steering
SWARM = 32  # programs that are composed of the same random part of the language


@dataclass(frozen=True, slots=True)
class Lean:
    """What steers the programs of an epoch (`fuzz.steering`): how often each unit was exercised before."""

    epoch: int = 0
    counts: tuple[tuple[str, int], ...] = field(default=(), compare=False)  # decided by the epoch


@dataclass(frozen=True, slots=True)
class Plan:
    """What every worker must know. Programs are numbered from 0; seed, number and `lean` decide each of them.

    `timeout` is in seconds per program, `max_memory` in MiB per worker. Empty `ops` means all.
    """

    campaign: str
    subject: str
    reference: str
    seed: int
    ops: tuple[str, ...] = ()
    timeout: float = 10.0
    max_memory: int = 4096
    lean: Lean = Lean()


@dataclass(frozen=True, slots=True)
class Budget:
    """When a campaign ends: after `seconds`, `examples` programs, or `stale` seconds without new coverage."""

    seconds: float | None = 30.0
    examples: int | None = None
    stale: float | None = None


@dataclass(slots=True)
class Sighting:
    """A signature met in a shard: the first program that showed it, what it showed, and how many did."""

    signature: str
    kind: str
    op: str
    detail: str
    where: str
    index: int | None
    number: int  # of the first program
    source: str
    buffer: str = ""  # the bytes it was composed of, in hexadecimal
    count: int = 1

    def finding(self) -> Finding:
        """The finding that it is as long as nobody has reduced it."""
        program = parse(self.source)
        return Finding(
            self.signature, self.kind, self.op, self.detail, self.where, program, program,
            line=None if self.index is None else self.index + 1, count=self.count,
        )  # fmt: skip

    def discrepancy(self) -> Discrepancy:
        """The single discrepancy that it tells of."""
        kind = KINDS.get(self.kind, Discrepancy)
        return kind(self.where, self.detail, index=self.index, op=self.op, program=parse(self.source))


@dataclass(slots=True)
class ShardResult:
    """What a shard of programs `start` to `stop` (exclusive; where it really ended) brought."""

    start: int
    stop: int
    programs: int = 0
    instructions: int = 0
    kinds: Counter[str] = field(default_factory=Counter)  # discrepancies by kind
    sightings: dict[str, Sighting] = field(default_factory=dict)
    coverage: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    exercised: Counter[str] = field(
        default_factory=Counter
    )  # by unit, for steering; of every STEERED program
    compared: Counter[str] = field(default_factory=Counter)  # arrays, by how or why not
    unreported: Counter[str] = field(default_factory=Counter)  # programs, by facts that an engine did not report
    unsupported: Counter[str] = field(default_factory=Counter)  # programs an engine cannot run, by reason
    suspects: tuple[int, ...] = ()  # programs during which a worker died; left out here
