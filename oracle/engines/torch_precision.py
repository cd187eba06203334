"""torch eager in float64, held against torch eager in float32: where is the narrower answer worse than it must be?

What may live here: this engine. It takes programs of one op, since what cancels between ops is no op's fault.
Note [Condition]: an answer may be as far off as its operands' own rounding makes it;
the program is run again with every number moved by a unit of float32, several times, and what spreads is let go.
"""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from oracle.engines.functional import METADATA
from oracle.engines.torch_engine import OverTorch
from oracle.errors import HarnessError
from oracle.literals import read_leaf, write_leaf
from oracle.observation import ABSENT, Observation, Raised, TensorFacts
from oracle.program.edit import is_creation, is_query, reads, refs
from oracle.program.language import Instruction
from oracle.program.program import Program

MOVES = 4
ROOM = 64.0
"""How much further than its operands' rounding spreads it, and than this many units, an answer may lie."""
EPS = float(np.finfo(np.float32).eps)


class InDoubles(OverTorch):
    """torch eager in float64, rounded back to float32; differences that ill conditioning explains are let go."""

    name: ClassVar[str] = "torch:float64"
    summary: ClassVar[str] = "torch eager in float64, rounded back to float32"
    facts = frozenset({"value", "shape", "dtype", "grad"})
    measured = False

    def supports(self, program: Program) -> str | None:
        ops = [one for one in program.instructions if _computes(one)]
        if len(ops) > 1 or any(len(reads(one)) < len(list(refs(one.args))) for one in ops):
            return "more than one op, or one of a repeated operand"
        seen = self.torch.run(program)
        if any(isinstance(outcome, Raised) for outcome in seen.outcomes):
            return "a refusal"
        kinds = {facts.dtype for facts in seen.tensors.values()}
        if "float32" not in kinds or not kinds <= {"float32", "bool", "int64"}:
            return "other floats than float32"
        held = [one for facts in seen.tensors.values() for one in (facts.value, facts.grad)]
        if not all(np.isfinite(one).all() for one in held if isinstance(one, np.ndarray)):
            return "numbers that are not finite"
        exact = self._in_float64(program)
        if any(isinstance(outcome, Raised) for outcome in exact.outcomes):
            return "dtypes that float64 does not go with"
        return None

    def run(self, program: Program) -> Observation:
        seen, exact = self.torch.run(program), self._in_float64(program)
        moved = [self._in_float64(_moved(program, number)) for number in range(MOVES)]
        tensors = {}
        for name, theirs in seen.tensors.items():
            others = [one.tensors[name] for one in moved if name in one.tensors]
            facts = TensorFacts(ABSENT, theirs.dtype, theirs.shape)
            mine = exact.tensors[name]
            facts.value = _settled(theirs.value, mine.value, [one.value for one in others])
            facts.grad = _settled(theirs.grad, mine.grad, [one.grad for one in others])
            facts.grad_dtype = theirs.grad_dtype
            tensors[name] = facts
        return Observation(self.name, list(seen.outcomes), tensors, module=seen.module)

    def _in_float64(self, program: Program) -> Observation:
        found = self.torch.run_in_float64(program)
        if found is None:
            raise HarnessError("torch does not run in float64")
        return found


def _computes(one: Instruction) -> bool:
    return not (is_creation(one) or is_query(one) or one.op in METADATA or one.op == "grad" or one.form == "print")


def _moved(program: Program, number: int) -> Program:
    """The program with every number of its leaves a unit of float32 up or down, each time others."""
    random = np.random.default_rng(number)

    def one(instruction: Instruction) -> Instruction:
        leaf = read_leaf(instruction)
        if leaf is None or not all(isinstance(value, float) for value in leaf.numbers):
            return instruction
        signs = random.choice([-EPS, EPS], len(leaf.numbers)).tolist()
        numbers = tuple(value * (1 + sign) for value, sign in zip(leaf.numbers, signs, strict=True))
        return write_leaf(type(leaf)(leaf.shape, numbers, leaf.kwargs), instruction)

    return Program.of([one(instruction) for instruction in program.instructions])


def _settled(theirs: Any, mine: Any, moved: list[Any]) -> Any:
    """The exact answer, rounded; the reference's own where the two are as near as the numbers allow."""
    if not isinstance(theirs, np.ndarray) or not isinstance(mine, np.ndarray) or mine.dtype.kind != "f":
        return theirs
    same = [one for one in moved if isinstance(one, np.ndarray) and one.shape == mine.shape]
    spread = np.max([np.abs(one - mine) for one in same], axis=0, initial=0.0) if same else np.zeros(mine.shape)
    largest = np.max(np.abs(mine), initial=0.0)
    near = np.abs(theirs - mine) <= ROOM * (spread + EPS * np.maximum(np.abs(mine), largest * EPS))
    return np.where(near, theirs, mine.astype(np.float32)).astype(theirs.dtype)
