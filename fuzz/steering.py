"""Leaning towards what was exercised rarely, without depending on how shards are spread.

What may live here: which counts steer which programs. How counts become weights is `strategies.steering`'s.

Note [Epochs]. Programs are steered by epochs: those of epoch e by the counts of all epochs up to
e - behind(e), which have been merged by then, since no shard of an epoch is given out before. So the same
seed composes the same programs whatever the workers do. The distance is two epochs at first, since a short
campaign is to be steered at all, and grows with the campaign: a program that kills its worker may take two
minutes to be looked at, in which the other workers run ahead instead of waiting for it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from fuzz.plan import SHARD, Lean

EPOCH = 64 * SHARD
SOONEST, LATEST = 2, 8  # an epoch is steered by those at least so many before it: first, and in the long run


def behind(epoch: int) -> int:
    """The distance of `epoch` from the latest one that steers it (Note [Epochs]); grows by one at most."""
    return min(max(SOONEST, epoch // 4), LATEST)


class Steering:
    """What was exercised, epoch by epoch, as far as it may still be needed."""

    def __init__(self, stored: Mapping[str, Any] | None = None) -> None:
        """An empty one, or the one whose `to_dict` is given."""
        stored = stored or {}
        self._leans = {
            int(epoch): Lean(int(epoch), _pairs(counts)) for epoch, counts in stored.get("leans", {}).items()
        }
        self._recent = {int(epoch): Counter(counts) for epoch, counts in stored.get("recent", {}).items()}
        self._total: Counter[str] = Counter(stored.get("total", {}))
        self._next = int(stored.get("next", SOONEST))  # the first epoch whose lean has not been made

    def lean(self, number: int, frontier: int) -> Lean | None:
        """What steers program `number`, or None while that is not known.

        `frontier` is the first program whose result has not been merged.
        """
        epoch = number // EPOCH
        if epoch < SOONEST:
            return Lean()
        while self._next <= epoch and frontier >= (self._next - behind(self._next) + 1) * EPOCH:
            self._total += self._recent.pop(self._next - behind(self._next), Counter())
            self._leans[self._next] = Lean(self._next, _pairs(self._total))
            oldest = min(epoch, frontier // EPOCH)
            self._leans = {of: lean for of, lean in self._leans.items() if of >= oldest}
            self._next += 1
        return self._leans.get(epoch)

    def merged(self, start: int, exercised: Mapping[str, int]) -> None:
        """Take in what a shard that begins at `start` exercised."""
        self._recent.setdefault(start // EPOCH, Counter()).update(exercised)

    def to_dict(self) -> dict[str, Any]:
        """Plain data that `Steering` reads back."""
        return {
            "leans": {str(epoch): dict(lean.counts) for epoch, lean in self._leans.items()},
            "recent": {str(epoch): dict(counts) for epoch, counts in self._recent.items()},
            "total": dict(self._total),
            "next": self._next,
        }


def _pairs(counts: Mapping[str, int]) -> tuple[tuple[str, int], ...]:
    return tuple(sorted(counts.items()))
