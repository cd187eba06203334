"""`buffers()`: the seeded byte generator of campaigns, with swarm testing and steering by what was covered.

What may live here: how bytes are chosen. What they mean is the decoder's business, so a buffer found here
replays and shrinks under Hypothesis with the same grammar.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from random import Random

from strategies.checks import integer_between
from strategies.decoder import decode
from strategies.grammar import FEATURES, QUERIES, Grammar
from strategies.layout import (
    BASE_SHAPE,
    DTYPES,
    HEADER,
    LEAF_WIDTH,
    LEAVES,
    LENGTH,
    LENGTHS,
    PROFILE,
    QUERIES_AT,
    SIZE,
    SLOT_WIDTH,
    SLOTS_AT,
)
from strategies.steering import shares

SIZES = (2, 4, 8, 16, 32, 10_000)
"""How many ops a batch may use, at most; drawn anew for each."""
SHARES = (0.3, 0.6, 1.0)
"""What part of the features a batch may use."""
FEW = {PROFILE: 2, BASE_SHAPE: 3, DTYPES: 2}
"""How many profiles, base shapes and mixtures of dtypes a batch uses."""
LEAF_FEW = (5, 5, 12, 8)
"""How many different bytes a batch uses for the shape, dtype, style and values of a leaf."""
CODES = (4, 8, 16)
"""How many different codes of arguments a batch uses, the simplest among them."""
_NO_OPS = frozenset({*FEATURES, *QUERIES})


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
        self._kinds: list[bytes] = []
        self._codes: list[bytes] = []
        self._few: list[tuple[int, bytes]] = []

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        if not self._left:
            self._left = self._batch
            self._draw_batch()
        self._left -= 1
        raw = bytearray(self._random.randbytes(SIZE))
        for place, few in self._few:
            raw[place] = few[raw[place] % len(few)]
        kinds, codes = self._kinds, self._codes
        count = min(LENGTHS[raw[LENGTH]], self.grammar.max_ops)
        at = SLOTS_AT
        for _ in range(count):
            raw[at : at + 2] = kinds[raw[at]]
            if codes:
                raw[at + 5 : at + 7] = codes[raw[at + 5] % len(codes)]
            at += SLOT_WIDTH
        raw[at:QUERIES_AT] = bytes(QUERIES_AT - at)
        return bytes(raw)

    def steer(self, counts: Mapping[str, int]) -> None:
        """Leans towards what was exercised rarely; `counts` by the names of `steering.exercised`."""
        self._weights = shares(counts, self.grammar.weights)
        self._left = 0

    def _draw_batch(self) -> None:
        """What this batch uses: some ops and features, a few shapes, dtypes, profiles and arguments.

        Programs that have much in common are also composed faster, since inference is remembered.
        """
        random = self._random
        self._kinds = self._draw_kinds()
        if not self._swarm:
            return
        self._few = [(place, random.randbytes(few)) for place, few in FEW.items()]
        fields = [random.randbytes(few) for few in LEAF_FEW]
        self._few += [
            (HEADER + leaf * LEAF_WIDTH + field, few) for leaf in range(LEAVES) for field, few in enumerate(fields)
        ]
        self._codes = [bytes(2), *(random.randbytes(2) for _ in range(random.choice(CODES) - 1))]

    def _draw_kinds(self) -> list[bytes]:
        """256 choices of row and unit out of the part of the language that this batch uses."""
        random = self._random
        weights = self._weights
        if self._swarm:
            ops = [name for name in weights if name not in _NO_OPS]
            others = [name for name in weights if name in _NO_OPS]
            size, share = random.choice(SIZES), random.choice(SHARES)
            whole = sum(weights[name] for name in ops)
            if size < len(ops):
                ops = list(dict.fromkeys(random.choices(ops, [weights[name] for name in ops], k=size)))
            scale = whole / sum(weights[name] for name in ops)  # the few weigh as much as all did
            weights = {name: weights[name] * scale for name in ops}
            weights |= {name: self._weights[name] for name in others if random.random() < share}
        codes = self.grammar.codes
        chosen = random.choices(list(weights), list(weights.values()), k=256)
        return [bytes(codes[name]) for name in chosen]


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
