"""What an engine is to the lab: a name, a version, the facts it can report, and runs of programs.

What may live here: the protocol and its errors; no engine. A new engine is one file with one subclass and one
entry point in the group `gradfuzz.engines`; torch-like packages subclass `TorchLikeEngine` instead.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import ClassVar

from oracle.errors import HarnessError
from oracle.observation import FACTS, Observation
from oracle.program.program import Program


class EngineUnavailable(HarnessError):  # noqa: N818 - a state of affairs
    """The engine cannot be used here; the message says what is missing and how to get it."""


class Engine(ABC):
    """One way to run programs. Constructing it imports what it needs, or raises EngineUnavailable."""

    name: ClassVar[str]
    summary: ClassVar[str] = ""
    """One line for `gradfuzz engines`."""

    facts: frozenset[str] = FACTS
    """What it reports, as words of `observation.FACTS`; nothing else is compared."""

    measured: bool = True
    """Whether the reference's own rounding, measured by reruns, excuses a difference from it."""

    @property
    @abstractmethod
    def version(self) -> str:
        """The version of the package that is run."""

    @abstractmethod
    def run(self, program: Program) -> Observation:
        """Run `program` and say what happened; an exception of the engine is part of the answer."""

    def run_batch(self, programs: Sequence[Program]) -> list[Observation]:
        """One observation per program, in order; faster than one by one where the engine has set-up costs."""
        return [self.run(program) for program in programs]

    def run_in_float64(self, program: Program) -> Observation | None:
        """What `program` gives in float64 throughout, to measure the engine's rounding; None if it cannot."""
        return None

    def run_in_float32(self, program: Program) -> Observation | None:
        """What `program` gives in float32 throughout, to measure how float64 rounds; None if it cannot."""
        return None

    def supports(self, program: Program) -> str | None:
        """None if the engine can run `program`, else the reason why not, in words that can be counted."""
        return None

    def modes(self) -> dict[str, object]:
        """The engine's global state that programs may change, by name; equal before and after every run."""
        return {}

    def use_one_thread(self) -> None:
        """Compute on one thread from now on, for steady times and many workers."""
        return
