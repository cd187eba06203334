"""Helpers of the strategies' tests: what torch makes of a program, instruction by instruction.

What may live here: running programs on torch without observing more than a test asks for. No test.
"""

from __future__ import annotations

import warnings
from typing import Any

import torch

from oracle.program.language import Program
from oracle.program.printer import to_source


class Run:
    """A program run on torch: names bound, where it stopped and why, what was caught."""

    def __init__(self, program: Program) -> None:
        self.names: dict[str, Any] = {"T": torch, "print": self._print}
        self.stopped: int | None = None
        self.error: BaseException | None = None
        self.caught: list[tuple[int, BaseException]] = []
        self._at = 0
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            for self._at, instruction in enumerate(program.instructions):
                try:
                    exec(to_source(Program((instruction,))), self.names)
                except Exception as error:
                    self.stopped, self.error = self._at, error
                    return

    def _print(self, value: Any) -> None:
        if isinstance(value, BaseException):
            self.caught.append((self._at, value))
