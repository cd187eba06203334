"""The table of memory: by how much a workload raises the peak of a process that has imported and warmed its engine.

What may live here: this one table. Each measurement is a child process of its own, so that nothing is recycled.
"""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.children import peak_of
from benchmarks.tables import Row, ratio

_SETUP = """
import {engine} as engine
from benchmarks.programs import {workload}
getattr(engine, "set_num_threads", lambda n: None)(1)
{warm}(engine)()
work = {made}(engine)
"""

FIGURES = {
    "10 ops on a million float32: peak memory": ("large", "large(10)", "large(1_000_000)", 0.75, 0.55),
    "10,000-op chain: peak memory": ("chain", "chain(10)", "chain(10_000)", 0.5, 0.3),
}


def rows(rounds: int, only: str) -> Iterator[Row]:
    for name, (workload, warm, made, must, aim) in FIGURES.items():
        if only in name:
            theirs, ours = (
                peak_of(_SETUP.format(engine=engine, workload=workload, warm=warm, made=made), rounds)
                for engine in ("torch", "minigrad")
            )
            yield ratio(name, ours / 2**20, theirs / 2**20, must, aim, unit="MiB")
