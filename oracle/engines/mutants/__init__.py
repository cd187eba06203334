"""minigrad with one bug each: engines that the lab has to catch, or it is worth nothing.

What may live here: the engine. What a bug is is in `mutant`, how one is put into minigrad in `planting`; the bugs
themselves are in `by_hand` (a table) and `derived` (made from minigrad's declarations and sources).

A bug is an edit of one function's source text, or of one declaration. While it is planted, that function runs the
edited code, and everything else, the harness included, is what people run. An edit that no longer applies is an
error of ours.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from oracle.engines.minigrad_engine import MinigradEngine
from oracle.engines.mutants.mutant import Mutant
from oracle.engines.mutants.planting import Reached, planted
from oracle.observation import Observation
from oracle.program.program import Program

__all__ = ("Mutant", "MutantEngine", "planted")


class MutantEngine(MinigradEngine):
    """minigrad with `mutant` planted while it runs, and nowhere else."""

    name: ClassVar[str] = "minigrad"
    summary: ClassVar[str] = "minigrad with one planted bug"

    def __init__(self, mutant: Mutant) -> None:
        super().__init__()
        self.mutant = mutant
        self.reached = Reached()

    def run_batch(self, programs: Sequence[Program]) -> list[Observation]:
        with planted(self.mutant, self.reached):
            return super().run_batch(programs)
