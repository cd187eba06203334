"""Answers about programs, kept for a while: whoever asks whether one is supported runs it next.

What may live here: this memory. What is answered is each engine's own.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

from oracle.program.program import Program

Answer = TypeVar("Answer")

REMEMBERED = 64
"""Programs whose answers are kept."""


class Remembered(Generic[Answer]):
    """`answer`, asked once for each of the last programs. They are known by their identity, which the entry keeps."""

    def __init__(self, answer: Callable[[Program], Answer]) -> None:
        self._answer = answer
        self._known: dict[int, tuple[Program, Answer]] = {}

    def __call__(self, program: Program) -> Answer:
        known = self._known.get(id(program))
        if known is None:
            if len(self._known) >= REMEMBERED:
                self._known.clear()
            known = self._known[id(program)] = program, self._answer(program)
        return known[1]
