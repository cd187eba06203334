"""How far rounding alone moves what the reference answers: its reruns with every number moved by a unit.

What may live here: moving the numbers of a program, and the spread of the answers.

Note [Moved numbers]: where terms cancel, an answer is rounding and nothing else, and one that happens to be exact says
no more: whether a processor rounds a product before it is added (complex products, sums in some order) decides
whether 0 or 1e-8 is left. The program's own numbers were rounded once; an answer may lie as far off as moving each of
them by one unit, up or down, sends it. What jumps when numbers move (a tie, a step) is no rounding: a spread counts
only below the root of the precision, of the number itself where that is large. After sums in nobody's order (spec:
unordered, lapack) it counts whatever its size, for integers as well: which of two numbers is the larger is rounding
there, and with it what is chosen.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from oracle.literals import read_leaf, write_leaf
from oracle.observation import Observation
from oracle.program.language import Instruction
from oracle.program.program import Program
from oracle.tolerance import PRECISION

MOVES = 12


def moved(program: Program, number: int, dtype_of: Callable[[str], str]) -> Program:
    """`program` with every number of its leaves a unit up or down, each time others; zeros stay."""
    random = np.random.default_rng(number)

    def one(instruction: Instruction) -> Instruction:
        leaf = read_leaf(instruction)
        if leaf is None or not all(isinstance(value, (float, complex)) for value in leaf.numbers):
            return instruction
        precision = PRECISION.get(dtype_of(instruction.outs[0]))
        if precision is None:
            return instruction
        signs = random.choice([-1.0, 1.0], (len(leaf.numbers), 2)).tolist()
        numbers = tuple(
            _moved_number(value, [1.0 + sign * 2.0**-precision for sign in both])
            for value, both in zip(leaf.numbers, signs, strict=True)
        )
        return write_leaf(type(leaf)(leaf.shape, numbers, leaf.kwargs), instruction)

    return Program.of([one(instruction) for instruction in program.instructions])


def _moved_number(value: Any, factors: list[float]) -> Any:
    if isinstance(value, complex):
        return complex(value.real * factors[0], value.imag * factors[1])
    return value * factors[0]


def reruns(
    program: Program, reference: Observation, run: Callable[[Program], Observation | None]
) -> list[Observation]:
    """What the reference answers when the program's numbers are moved; nothing where it has no answer (None)."""

    def dtype_of(name: str) -> str:
        facts = reference.tensors.get(name)
        return "" if facts is None else facts.dtype

    programs = {moved(program, number, dtype_of) for number in range(MOVES)} - {program}
    return [answer for one in programs if (answer := run(one)) is not None]


def array_at(seen: Observation | None, key: tuple[str, str]) -> Any:
    """An array of an observation, by name and fact."""
    return None if seen is None else getattr(seen.tensors.get(key[0]), key[1], None)


def apart(theirs: Any, other: Any) -> Any:
    """How far each element is from that of another answer; 0 where that is not known."""
    if not isinstance(other, np.ndarray) or other.shape != theirs.shape:
        return np.zeros(theirs.shape)
    with np.errstate(all="ignore"):
        off = np.abs(other - theirs if theirs.dtype.kind in "fc" else other != theirs).astype(np.float64)
    return np.where(np.isfinite(off), off, 0.0)


def spread(theirs: Any, others: Iterable[Any], jumps: bool) -> Any:
    """Per element, how far the answers lie apart; 0 where they jump, unless `jumps` count."""
    far = np.max([np.zeros(theirs.shape), *(apart(theirs, other) for other in others)], axis=0)
    if jumps:
        return far
    most = 2.0 ** (-PRECISION[theirs.dtype.name] / 2) if theirs.dtype.kind in "fc" else 0.0
    size = np.abs(theirs)
    return np.where(far <= most * np.where(np.isfinite(size), np.maximum(size, 1.0), 1.0), far, 0.0)


def call_spread(number: int, reference: Observation, others: Iterable[Observation], jumps: bool) -> float:
    """The largest spread among the arrays that a hook was given in its call of a number, over the dtype's precision."""
    largest = 0.0
    for place, theirs in enumerate(reference.hooks[number].values):
        if isinstance(theirs, np.ndarray) and theirs.dtype.kind in "fc":
            calls = [one.hooks[number].values for one in others if len(one.hooks) > number]
            far = spread(theirs, [values[place] for values in calls if len(values) > place], jumps)
            largest = max(largest, float(far.max(initial=0.0)) * 2.0 ** PRECISION[theirs.dtype.name])
    return largest
