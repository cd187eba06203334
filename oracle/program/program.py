"""The one data structure that flows: a program, a linear list of instructions.

What may live here: what a program is as a whole. Its instructions are `language`'s, its text `printer`'s.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from oracle.program.language import Instruction
from oracle.program.printer import lines_of, to_source


@dataclass(frozen=True, slots=True)
class Program:
    """A linear list of instructions; equal when they print the same (so NaN equals NaN, and 1 is not 1.0)."""

    instructions: tuple[Instruction, ...]

    def __len__(self) -> int:
        return len(self.instructions)

    @classmethod
    def of(cls, instructions: Iterable[Instruction]) -> Program:
        return cls(tuple(instructions))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Program):
            return NotImplemented
        return self is other or self.source == other.source

    def __hash__(self) -> int:
        return hash(self.source)

    @property
    def source(self) -> str:
        """The program as text over `T`, one statement after the other; `parser.parse` reads it back."""
        return to_source(self.instructions)

    @property
    def lines(self) -> list[int]:
        """For each instruction, the 1-based line of `source` on which its statement stands."""
        return lines_of(self.instructions)

    def script(self, module: str = "torch", comment: str = "") -> str:
        """A file for plain Python: `comment` as `#` lines, the import of `module` as T, the statements."""
        header = "".join(f"# {line}\n" if line else "#\n" for line in comment.splitlines())
        return f"{header}import {module} as T\n\n{self.source}"

    def __str__(self) -> str:
        return self.source
