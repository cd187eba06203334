"""How things are timed: interleaved rounds in one process, CPU time, medians.

What may live here: the clockwork. Nothing is asserted about time anywhere in the project.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Sequence
from statistics import median
from typing import Any

Workload = Callable[[], Any]


def cpu_seconds(work: Workload, runs: int) -> float:
    """CPU seconds of one run of `work`, averaged over `runs` in a row."""
    started = time.process_time()
    for _ in range(runs):
        work()
    return (time.process_time() - started) / runs


def interleaved(workloads: Sequence[Workload], runs: int, rounds: int) -> list[float]:
    """The median CPU seconds of each workload over `rounds` rounds, in which each takes its turn."""
    for work in workloads:
        work()
    taken: list[list[float]] = [[] for _ in workloads]
    for _ in range(rounds):
        for work, times in zip(workloads, taken, strict=True):
            gc.collect()
            times.append(cpu_seconds(work, runs))
    return [median(times) for times in taken]
