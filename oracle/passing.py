"""Whether the reference's own backward pass wrote into a tensor that no instruction writes.

What may live here: that question, asked of both engines. A pass may keep the gradient that it was given and add to it
the next time: torch does (a known fault), which then shows in whatever shares memory with that gradient.
"""

from __future__ import annotations

from oracle.checks import Pair
from oracle.operands import NO_NUMBERS, as_far, same
from oracle.program.edit import binders, is_query, is_write, made_of
from oracle.program.language import Instruction, Ref

PASSED = "; no instruction writes it, a pass of the reference's did"
"""What is then said beside the difference."""


def beside(pair: Pair, name: str) -> str:
    """PASSED, if what `name` held when it was bound has changed on the reference's side alone, with no write about."""
    if pair.run is None:
        return ""
    program, sides = pair.program, (pair.subject, pair.reference)
    index = binders(program.instructions).get(name.partition("[")[0])
    if index is None:
        return ""
    later = program.instructions[index + 1 :]
    grads = {out for one in program.instructions if (one.form, one.op) == ("get", "grad") for out in one.outs}
    if name.partition("[")[0] in made_of(program, grads):
        return ""  # what `.grad` holds is added to by every pass
    if not any(map(is_query, later)) or any(_may_write(one, grads) for one in later):
        return ""
    then = as_far(program, index + 1, (pair.again, pair.run))
    if then is None:
        return ""
    kept = [
        same(was := side.tensors.get(name), now := after.tensors.get(name))
        and was is not None and now is not None and was.version == now.version
        for side, after in zip(then[1], sides, strict=True)
    ]  # fmt: skip
    return PASSED if kept == [True, False] else ""


def _may_write(one: Instruction, grads: set[str]) -> bool:
    """Whether an instruction may write numbers elsewhere than into what was some `.grad`."""
    if not is_write(one) or is_query(one) or one.op in NO_NUMBERS:
        return False
    target = one.args[0] if one.args else None
    return not (isinstance(target, Ref) and target.name in grads)
