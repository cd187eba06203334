"""`buffers()`: the seeded byte generator of campaigns, with swarm testing and steering by what was covered.

What may live here: how bytes are chosen. What they mean is the decoder's business, so a buffer found here
replays and shrinks under Hypothesis with the same grammar.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from random import Random

from strategies.checks import integer_between
from strategies.decoder import decode
from strategies.grammar import FEATURES, Grammar
from strategies.layout import (
    BASE_SHAPE,
    DTYPES,
    LENGTH,
    LENGTHS,
    PROFILE,
    QUERIES_AT,
    SIZE,
    SLOT_WIDTH,
    SLOTS_AT,
)
from strategies.steering import shares

SHARES = (0.15, 0.3, 0.5, 0.75, 1.0)
"""What part of the ops and features a batch may use; drawn anew for each."""
FEW = {PROFILE: 2, BASE_SHAPE: 4, DTYPES: 2}
"""How many profiles, base shapes and mixtures of dtypes a batch uses."""
MASKS = ((7, 0), (31, 0), (255, 0), (255, 255))
"""Bits of the two argument bytes that a batch may use: the fewer, the simpler the arguments."""


class Buffers:
    """An endless iterator of buffers for one grammar; equal seeds give equal buffers.

    seed   any int
    batch  after so many buffers another random part of the language is used (swarm testing)
    swarm  False: always the whole of it

    `steer` leans towards units that were rarely exercised.
    """

    def __init__(self, seed: int, grammar: Grammar, batch: int = 64, swarm: bool = True) -> None:
        integer_between("buffers(seed=...)", seed, -(2**63), 2**64 - 1)
        self.grammar = grammar
        self._batch = integer_between("buffers(batch=...)", batch, 1, 1_000_000)
        self._swarm = swarm
        self._random = Random(seed)
        self._left = 0
        self._weights = dict(grammar.weights)
        self._codes: list[bytes] = []
        self._header: list[tuple[int, bytes]] = []
        self._low = self._high = 255

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        if not self._left:
            self._left = self._batch
            self._draw_batch()
        self._left -= 1
        raw = bytearray(self._random.randbytes(SIZE))
        for place, bytes_of_batch in self._header:
            raw[place] = bytes_of_batch[raw[place] % len(bytes_of_batch)]
        codes, low, high = self._codes, self._low, self._high
        count = min(LENGTHS[raw[LENGTH]], self.grammar.max_ops)
        at = SLOTS_AT
        for _ in range(count):
            raw[at : at + 2] = codes[raw[at]]
            raw[at + 5] &= low
            raw[at + 6] &= high
            at += SLOT_WIDTH
        raw[at:QUERIES_AT] = bytes(QUERIES_AT - at)
        return bytes(raw)

    def steer(self, counts: Mapping[str, int]) -> None:
        """Leans towards what was exercised rarely; `counts` by the names of `steering.exercised`."""
        self._weights = shares(counts, self.grammar.weights)
        self._left = 0

    def _draw_batch(self) -> None:
        """What this batch uses: some ops and features, a few shapes, dtypes and profiles, fewer arguments.

        Programs that have much in common are also composed faster, since inference is remembered.
        """
        random = self._random
        self._codes = self._draw_codes()
        self._low, self._high = random.choice(MASKS) if self._swarm else MASKS[-1]
        self._header = [(place, random.randbytes(few)) for place, few in FEW.items()] if self._swarm else []

    def _draw_codes(self) -> list[bytes]:
        """256 choices of row and unit out of the part of the language that this batch uses."""
        random = self._random
        names = list(self._weights)
        if self._swarm:
            share = random.choice(SHARES)
            kept = [name for name in names if random.random() < share]
            if not any(name not in FEATURES for name in kept):
                kept.append(random.choice([name for name in names if name not in FEATURES]))
        else:
            kept = names
        weights = [self._weights[name] for name in kept]
        codes = self.grammar.codes
        return [bytes(codes[name]) for name in random.choices(kept, weights, k=256)]


def buffers(seed: int, grammar: Grammar, batch: int = 64, swarm: bool = True) -> Buffers:
    """An endless, reproducible stream of buffers; see `Buffers`."""
    return Buffers(seed, grammar, batch, swarm)


def trimmed(buffer: bytes, grammar: Grammar) -> bytes:
    """The buffer with every byte zeroed that does not change its program: what to hand on to Hypothesis."""
    program = decode(buffer, grammar)
    kept = bytearray(buffer)
    at, step = 0, SIZE
    while step:
        for at in range(0, SIZE, step):
            piece = kept[at : at + step]
            if any(piece):
                kept[at : at + step] = bytes(len(piece))
                if decode(bytes(kept), grammar) != program:
                    kept[at : at + step] = piece
        step //= 4
    return bytes(kept)
