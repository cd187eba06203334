"""Whether a value differs for no other reason than that its operands do.

What may live here: that question, and the small program that answers it.

Note [Own operands]: operands may differ by what rounding is allowed, and an op may make anything of that: which of two
near numbers is the least, the sign of what cancelled, the fraction of a large number, the sine of it. No bound on
units says what is right then; the reference does, when it is given the subject's operands instead of its own. Where it
answers them as the subject did, the op is not at fault, and the operands have been judged by themselves. Asked is
for values of calls that do nothing but compute, and of those that write their result into their first operand. What
the operands were at that moment shows when both engines run the program as far as that; where something is written
from then on, they run it that far once more, for a later write must have left the value alone.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from oracle.observation import Observation, TensorFacts
from oracle.program.edit import STATEFUL_METHODS, binders, is_query, is_write, reads
from oracle.program.language import Ref
from oracle.program.program import Program
from oracle.tolerance import allowed_units, difference
from oracle.variants import constant

Run = Callable[[Program], Observation | None]
"""What the reference answers; None where it has no answer, as to a program that nobody recorded."""
Sides = tuple[Observation, Observation]
Runs = tuple[Run | None, Run]
"""How the subject (None: it cannot be asked) and the reference run a program."""
Agree = Callable[[Program, Sides, str], bool]
"""Whether the two sides of a program agree about the tensor of a name within what is allowed."""

MOST_ELEMENTS = 256
"""Larger operands are not written into a program."""

NO_NUMBERS = STATEFUL_METHODS | {"requires_grad_", "requires_grad", "grad"}
"""Writes that leave the numbers of their tensor alone."""


def answers_own_operands(
    program: Program, sides: Sides, agree: Agree, runs: Runs, name: str, ours: Any, dtype: str
) -> bool:
    """Whether the reference makes `ours`, the subject's value of `name`, of the subject's operands, which differ.

    `sides` are the subject's and the reference's observations of `program`.
    """
    index = _maker(program, name)
    moment = None if index is None else _moment(program, index, sides, runs, name)
    asked = None if moment is None or index is None else _asked(program, index, moment, agree)
    if asked is None:
        return False
    observed = runs[1](asked)
    answer = None if observed is None else observed.tensors.get(name)
    theirs = None if answer is None else answer.value
    if not isinstance(theirs, np.ndarray) or theirs.shape != ours.shape or theirs.dtype != ours.dtype:
        return False
    return difference(ours, theirs, dtype, allowed_units(asked)) is None


def _maker(program: Program, name: str) -> int | None:
    """The call that made the value of `name`, if it is one to ask about."""
    from oracle.opset import OPS  # at first use, as in `tolerance`

    index = binders(program.instructions).get(name)
    for later, one in enumerate(program.instructions):
        if one.args and one.args[0] == Ref(name) and is_write(one) and one.op not in NO_NUMBERS:
            index = later
    if index is None:
        return None
    call = program.instructions[index]
    known = call.op in OPS or call.op.removesuffix("_") in OPS
    asked = call.form == "operator" or (call.form in ("call", "method") and known and not is_query(call))
    return index if asked else None


def _moment(program: Program, index: int, sides: Sides, runs: Runs, name: str) -> tuple[Program, Sides] | None:
    """The program up to a call and what both sides are then; None if nobody knows what was written since."""
    if not any(map(is_write, program.instructions[index:])):
        return program, sides
    after = as_far(program, index + 1, runs)
    before = as_far(program, index, runs)
    if after is None or before is None:
        return None
    then, now = ([side.tensors.get(name) for side in both] for both in (after[1], sides))
    return before if all(map(same, then, now)) else None


def as_far(program: Program, length: int, runs: Runs) -> tuple[Program, Sides] | None:
    """The beginning of a program of so many instructions, and what both sides answer to it."""
    beginning = Program.of(program.instructions[:length])
    ours = None if runs[0] is None else runs[0](beginning)
    theirs = None if ours is None else runs[1](beginning)
    return None if ours is None or theirs is None else (beginning, (ours, theirs))


def same(one: TensorFacts | None, other: TensorFacts | None) -> bool:
    """Whether two tensors have the same elements, bit by bit."""
    arrays = [facts.value for facts in (one, other) if facts is not None and isinstance(facts.value, np.ndarray)]
    return len(arrays) == 2 and arrays[0].tobytes() == arrays[1].tobytes()


def _asked(program: Program, index: int, moment: tuple[Program, Sides], agree: Agree) -> Program | None:
    """The call on the subject's operands; None if they are the reference's, too, or differ beyond what is allowed."""
    call, (beginning, sides) = program.instructions[index], moment
    given, differ = [], False
    for name in reads(call):
        mine, its = (side.tensors.get(name) for side in sides)
        if mine is None or its is None or not isinstance(mine.value, np.ndarray) or mine.value.size > MOST_ELEMENTS:
            return None
        if not same(mine, its):
            if not agree(beginning, sides, name):
                return None
            differ = True
        given.append(constant(name, mine.value, mine.dtype))
    return Program.of([*given, call._replace(modes=(), caught=False)]) if differ else None
