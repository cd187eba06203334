"""The table of engines: minigrad against torch, one row per workload. What may live here: this one table."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.programs import ENGINE_FIGURES
from benchmarks.tables import Row, ratio
from benchmarks.timing import interleaved


def rows(rounds: int, only: str) -> Iterator[Row]:
    import torch

    import minigrad

    torch.set_num_threads(1)
    for name, (make, must, aim, runs) in ENGINE_FIGURES.items():
        if only in name:
            theirs, ours = interleaved([make(torch), make(minigrad)], runs, rounds)
            yield ratio(name, ours, theirs, must, aim)
