"""Helpers of the strategies' tests: what torch makes of a program, instruction by instruction.

What may live here: running programs on torch without observing more than a test asks for. No test.
"""

from __future__ import annotations

import warnings
from typing import Any

import torch

from oracle.program.printer import shared_depth, to_source
from oracle.program.program import Program


class Run:
    """A program run on torch: names bound, where it stopped and why, what was caught."""

    def __init__(self, program: Program) -> None:
        self.names: dict[str, Any] = {"T": torch, "print": self._print}
        self.stopped: int | None = None
        self.error: BaseException | None = None
        self.caught: list[tuple[int, BaseException]] = []
        self._at = 0
        self._blocks: list[tuple[str, Any]] = []
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                for self._at, instruction in enumerate(program.instructions):
                    self._enter(instruction.modes)
                    exec(to_source([instruction._replace(modes=())]), self.names)
            except Exception as error:
                self.stopped, self.error = self._at, error
            finally:
                self._enter(())

    def _enter(self, modes: tuple[str, ...]) -> None:
        """Leaves the blocks that end here, and enters those that begin."""
        depth = shared_depth(tuple(mode for mode, _ in self._blocks), modes)
        while len(self._blocks) > depth:
            self._blocks.pop()[1].__exit__(None, None, None)
        for mode in modes[depth:]:
            block = eval(f"T.{mode}", self.names)
            block.__enter__()
            self._blocks.append((mode, block))

    def _print(self, value: Any) -> None:
        if isinstance(value, BaseException):
            self.caught.append((self._at, value))
