"""Whether a value differs for no other reason than that its operands do.

What may live here: that question, and the small program that answers it.

Note [Own operands]: operands may differ by what rounding is allowed, and an op may make anything of that: which of two
near numbers is the least, the sign of what cancelled, the fraction of a large number, the sine of it. No bound on
units says what is right then; the reference does, when it is given the subject's operands instead of its own. Where it
answers them as the subject did, the op is not at fault, and the operands have been judged by themselves. Asked is
only for values of calls that do nothing but compute, where nothing is written from then on.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from oracle.observation import Observation
from oracle.program.edit import binders, is_query, is_write, reads
from oracle.program.language import Instruction, Program
from oracle.tolerance import allowed_units, difference
from oracle.variants import constant

Run = Callable[[Program], Observation | None]
"""What the reference answers; None where it has no answer, as to a program that nobody recorded."""
Sides = tuple[Observation, Observation]

MOST_ELEMENTS = 256
"""Larger operands are not written into a program."""


def answers_own_operands(
    program: Program, sides: Sides, agree: Callable[[str], bool], run: Run, name: str, ours: Any, dtype: str
) -> bool:
    """Whether the reference makes `ours`, the subject's value of `name`, of the subject's operands, which differ.

    `sides` are the subject's and the reference's observations of `program`; `agree` says whether they agree about the
    tensor of a name within what is allowed; `run` has the reference run a program.
    """
    call = _asked(program, name)
    asked = None if call is None else _with_own_operands(call, sides, agree)
    if asked is None:
        return False
    observed = run(asked)
    answer = None if observed is None else observed.tensors.get(name)
    theirs = None if answer is None else answer.value
    if not isinstance(theirs, np.ndarray) or theirs.shape != ours.shape or theirs.dtype != ours.dtype:
        return False
    return difference(ours, theirs, dtype, allowed_units(asked)) is None


def _asked(program: Program, name: str) -> Instruction | None:
    """The call that made `name`, if it is one to ask about."""
    from oracle.opset import OPS  # at first use, as in `tolerance`

    index = binders(program.instructions).get(name)
    if index is None or any(map(is_write, program.instructions[index:])):
        return None
    call = program.instructions[index]
    if call.form == "operator":
        return call
    return call if call.form in ("call", "method") and call.op in OPS and not is_query(call) else None


def _with_own_operands(call: Instruction, sides: Sides, agree: Callable[[str], bool]) -> Program | None:
    """The call on the subject's operands; None if they are the reference's, too, or differ beyond what is allowed."""
    given, differ = [], False
    for name in reads(call):
        mine, its = (side.tensors.get(name) for side in sides)
        if mine is None or its is None or not isinstance(mine.value, np.ndarray) or mine.value.size > MOST_ELEMENTS:
            return None
        if mine.value.tobytes() != its.value.tobytes():
            if not agree(name):
                return None
            differ = True
        given.append(constant(name, mine.value, mine.dtype))
    return Program.of([*given, call._replace(modes=(), caught=False)]) if differ else None
