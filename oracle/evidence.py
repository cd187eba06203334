"""Evidence: what speaks for or against each side of one disagreement, one named function each.

What may live here: running engines on the program and on its relatives, and saying which side the outcome
sides with. Weighing it is `referee`'s. "Sides with" is measured by the gap between the two answers: within a
quarter of the gap, at every element where they part.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from oracle.compare import compare
from oracle.dataflow import gradient_path, makers, op_name
from oracle.differences import Slopes, Unavailable, accumulated, close, returned
from oracle.discrepancy import Discrepancy
from oracle.engines.base import Engine
from oracle.functionalize import NotFunctional, functionalize
from oracle.literals import read_leaf
from oracle.observation import Observation, Raised
from oracle.program.edit import binders, is_write, writes_by_name
from oracle.program.language import Instruction, Ref
from oracle.program.program import Program
from oracle.triage import about_gradient, place
from oracle.variants import (
    never_written,
    not_a_function,
    with_accumulated_gradient,
    with_other_layout,
    with_passes_twice,
    with_returned_gradients,
)

Array = np.ndarray[Any, Any]
QUARTER = 0.25
AGAIN = 3  # runs more, for an answer that changes
WHEN_RUN_AGAIN = "when run again"

SUBJECT, REFERENCE, NEITHER, BOTH = "subject", "reference", "neither", "both"


@dataclass(frozen=True, slots=True)
class Evidence:
    """One thing found out: in words, whom it sides with, and what kind of weight it has.

    `kind`: "truth" (independent of either engine's backward pass), "itself" (the reference by another way),
    "repeat" (the same run again), "convention", "documented", or "note".
    """

    kind: str
    text: str
    sides: str = NEITHER


@dataclass(slots=True)
class Case:
    """One disagreement: the program, both engines, torch's other ways, and the two answers."""

    program: Program
    discrepancy: Discrepancy
    subject: Engine
    reference: Engine
    others: Sequence[Engine] = ()
    ours: Any = None
    theirs: Any = None
    fact: str = "value"
    seen: dict[str, Observation] = field(default_factory=dict)

    def __post_init__(self) -> None:
        name = self.discrepancy.where
        self.fact = "grad" if self.discrepancy.kind in ("grad", "grad-presence") else "value"
        self.seen = {SUBJECT: self.subject.run(self.program), REFERENCE: self.reference.run(self.program)}
        self.ours, self.theirs = (self.answer(self.seen[side], name) for side in (SUBJECT, REFERENCE))

    def answer(self, seen: Observation | None, name: str, fact: str | None = None) -> Array | None:
        """The array that an observation has at a name, if it has one."""
        facts = None if seen is None else seen.tensors.get(name)
        value = None if facts is None else getattr(facts, fact or self.fact)
        return value if isinstance(value, np.ndarray) else None

    @property
    def numeric(self) -> bool:
        """Whether both answers are arrays that can be held against others."""
        return (
            isinstance(self.ours, np.ndarray)
            and isinstance(self.theirs, np.ndarray)
            and (self.ours.shape, self.ours.dtype) == (self.theirs.shape, self.theirs.dtype)
            and self.discrepancy.kind in ("value", "non-finite", "zero-sign", "gradient", "grad")
        )

    @property
    def only_signs(self) -> bool:
        """Whether the answers differ in nothing but the signs of zeros."""
        return bool(np.all((self.ours == self.theirs) | (np.isnan(self.ours) & np.isnan(self.theirs))))

    @property
    def gradient(self) -> bool:
        return about_gradient(self.discrepancy, self.program)

    @property
    def ops(self) -> set[str]:
        """The ops that may be behind the difference."""
        if self.gradient:
            return {op_name(self.program.instructions[i]) for i in gradient_path(self.program).indexes}
        return {op_name(one) for one in self.program.instructions}

    def sides(self, found: Array | None) -> str:
        """Whose answer an array stands by, at the elements where the two part."""
        if found is None or found.shape != self.theirs.shape:
            return NEITHER
        if self.only_signs:
            parted = np.signbit(self.ours.real) != np.signbit(self.theirs.real)
            mine = np.signbit(found.real)[parted] == np.signbit(self.ours.real)[parted]
            return SUBJECT if mine.all() else NEITHER if mine.any() else REFERENCE
        wide = np.complex128 if self.theirs.dtype.kind == "c" else np.float64
        ours, theirs, found = (np.asarray(one).astype(wide) for one in (self.ours, self.theirs, found))
        gap = _distance(ours, theirs)
        parted = gap > QUARTER * np.max(gap) if np.isfinite(np.max(gap)) else np.isinf(gap)
        room = np.where(np.isfinite(gap), QUARTER * gap, 0.0)[parted]
        near_ours = bool(np.all(_distance(found, ours)[parted] <= room))
        near_theirs = bool(np.all(_distance(found, theirs)[parted] <= room))
        return SUBJECT if near_ours else REFERENCE if near_theirs else NEITHER


def _distance(one: Array, other: Array) -> Array:
    """|one - other|; infinite where their patterns of nan and infinity part."""
    with np.errstate(all="ignore"):
        same = (one == other) | (np.isnan(one) & np.isnan(other))
        odd = ~np.isfinite(one) | ~np.isfinite(other)
        return np.asarray(np.where(same, 0.0, np.where(odd, np.inf, np.abs(one - other))))


def repeats(case: Case) -> Iterator[Evidence]:
    """The same run again: an engine whose answer changes reads what it should not, or depends on its past."""
    for side, engine in ((SUBJECT, case.subject), (REFERENCE, case.reference)):
        for again in engine.run_batch([case.program] * AGAIN):
            if any(True for _ in compare(again, case.seen[side], case.program, engine.facts)):
                other = REFERENCE if side == SUBJECT else SUBJECT
                yield Evidence("repeat", f"{engine.name} answers otherwise {WHEN_RUN_AGAIN}", other)
                break


def internal_error(case: Case) -> Iterator[Evidence]:
    """An engine that says itself that it is broken."""
    for side in (SUBJECT, REFERENCE):
        for outcome in case.seen[side].outcomes:
            said = outcome.message if isinstance(outcome, Raised) else ""
            if "INTERNAL ASSERT" in said or "report a bug" in said:
                other = REFERENCE if side == SUBJECT else SUBJECT
                yield Evidence("truth", f"the {side} fails an internal check: {said[:120]}", other)


def untouched(case: Case) -> Iterator[Evidence]:
    """A leaf that the program never writes must keep its numbers; the caller's gradients above all."""
    name = case.discrepancy.where
    at = binders(case.program.instructions).get(name)
    leaf = None if at is None else read_leaf(case.program.instructions[at])
    if case.fact != "value" or leaf is None or at is None or not never_written(case.program, name):
        return
    made = Program.of([case.program.instructions[at]])
    truth = case.answer(case.reference.run(made), name)
    sides = case.sides(truth)
    yield Evidence("truth", f"nothing writes {name}; as it was made, it {_agrees(sides)}", sides)


def shared_gradient(case: Case) -> Iterator[Evidence]:
    """Whether a pass more, which may change nothing but `.grad`, changes what a `.grad` shares memory with."""
    bound = binders(case.program.instructions)
    if case.discrepancy.kind != "alias" or case.discrepancy.where not in bound:
        return
    for side, engine in ((SUBJECT, case.subject), (REFERENCE, case.reference)):
        sharer = case.seen[side].tensors[case.discrepancy.where].alias
        if sharer in bound and case.program.instructions[bound[sharer]].op != "grad":
            before = case.answer(case.seen[side], sharer, "value")
            after = case.answer(engine.run(with_passes_twice(case.program)), sharer, "value")
            if before is not None and after is not None and not np.array_equal(before, after, equal_nan=True):
                other = REFERENCE if side == SUBJECT else SUBJECT
                yield Evidence("truth", f"with one pass more the {side} changes {sharer}, which is no .grad", other)


def other_gradient(case: Case) -> Iterator[Evidence]:
    """`autograd.grad` against `.grad`, within the reference."""
    if not case.gradient:
        return
    found, how = _other_gradient(case)
    if found is not None:
        sides = case.sides(found)
        yield Evidence("itself", f"asked by {how} the reference {_says(sides)}", sides)


def _other_gradient(case: Case) -> tuple[Array | None, str]:
    name, index = case.discrepancy.where, case.discrepancy.index
    if case.fact == "grad":
        rewritten = with_returned_gradients(case.program, name)
        if rewritten is None or not rewritten[1]:
            return None, ""
        seen = case.reference.run(rewritten[0])
        parts = [case.answer(seen, part, "value") for part in rewritten[1]]
        arrays = [part for part in parts if part is not None]
        return (sum(arrays[1:], arrays[0]) if arrays else None), "autograd.grad, summed over the passes,"
    if index is None or case.program.instructions[index].op != "autograd.grad":
        return None, ""
    at = case.program.instructions[index].outs.index(name)
    changed = with_accumulated_gradient(case.program, index, at)
    if changed is None:
        return None, ""
    return case.answer(case.reference.run(changed[0]), changed[1], "value"), "backward into an empty .grad"


def functional(case: Case) -> Iterator[Evidence]:
    """The reference on the program rewritten without in-place writes."""
    try:
        rewritten = functionalize(case.program, case.seen[REFERENCE])
    except NotFunctional:
        return
    names = rewritten.grads if case.fact == "grad" else rewritten.names
    name = names.get(case.discrepancy.where)
    if name is None or not any(_writes(one) for one in case.program.instructions):
        return
    seen = case.reference.run(rewritten.program)
    if rewritten.finite_only and not all(_finite(facts.value) for facts in seen.tensors.values()):
        return
    found = case.answer(seen, name)
    if found is not None:
        sides = case.sides(found)
        yield Evidence("itself", f"without in-place writes the reference {_says(sides)}", sides)


def _finite(value: Any) -> bool:
    return not isinstance(value, np.ndarray) or value.dtype.kind not in "fc" or bool(np.isfinite(value).all())


def _writes(one: Instruction) -> bool:
    return one.form == "setindex" or (is_write(one) and writes_by_name(one) and one.op != "requires_grad_")


def other_layout(case: Case) -> Iterator[Evidence]:
    """The reference with every leaf laid out otherwise in memory."""
    changed = with_other_layout(case.program)
    if changed is None:
        return
    found = case.answer(case.reference.run(changed), case.discrepancy.where)
    if found is not None:
        sides = case.sides(found)
        yield Evidence("itself", f"on tensors with other strides the reference {_says(sides)}", sides)


def other_ways(case: Case) -> Iterator[Evidence]:
    """The reference's other ways of differentiating the same program."""
    for engine in case.others:
        if engine.supports(case.program) is not None:
            continue
        found = case.answer(engine.run(case.program), case.discrepancy.where)
        if found is not None:
            sides = case.sides(found)
            yield Evidence("itself", f"asked by way of {engine.name} the reference {_says(sides)}", sides)


def by_numpy(case: Case) -> Iterator[Evidence]:
    """The op at which values part, computed by NumPy in its widest type from operands both agree on."""
    at = place(case.discrepancy, case.program)
    if case.gradient or case.only_signs or not 0 <= at < len(case.program):
        return
    one = case.program.instructions[at]
    function = ELEMENTWISE.get(op_name(one).removesuffix("_"))
    if function is None or one.kwargs or len(one.outs) != 1 or one.outs[0] != case.discrepancy.where:
        return
    operands = [_operand(arg, case) for arg in one.args]
    if any(operand is None for operand in operands) or np.asarray(case.theirs).dtype.kind != "f":
        return
    try:
        with np.errstate(all="ignore"):
            found = function(*[np.asarray(operand, np.longdouble) for operand in operands])
            narrow = np.asarray(found, case.theirs.dtype)
    except (TypeError, ValueError):
        return
    sides = case.sides(narrow)
    yield Evidence("truth", f"NumPy in its widest type {_agrees(sides)}", sides)


def _operand(arg: Any, case: Case) -> Any:
    """An operand as it was at the op: a number, or a tensor that nothing wrote and both sides have alike."""
    if not isinstance(arg, Ref):
        return arg if isinstance(arg, int | float) and not isinstance(arg, bool) else None
    if len(makers(case.program).get(arg.name, ())) != 1:
        return None
    ours, theirs = (case.answer(case.seen[side], arg.name, "value") for side in (SUBJECT, REFERENCE))
    same = ours is not None and theirs is not None and ours.tobytes() == theirs.tobytes()
    return theirs if same else None


ELEMENTWISE: dict[str, Callable[..., Any]] = {
    "add": np.add, "sub": np.subtract, "mul": np.multiply, "div": np.divide, "neg": np.negative,
    "pow": np.power, "exp": np.exp, "exp2": np.exp2, "expm1": np.expm1, "log": np.log, "log2": np.log2,
    "log10": np.log10, "log1p": np.log1p, "sqrt": np.sqrt, "sin": np.sin, "cos": np.cos, "tan": np.tan,
    "asin": np.arcsin, "acos": np.arccos, "atan": np.arctan, "sinh": np.sinh, "cosh": np.cosh,
    "tanh": np.tanh, "asinh": np.arcsinh, "acosh": np.arccosh, "atanh": np.arctanh, "atan2": np.arctan2,
    "hypot": np.hypot, "fmod": np.fmod, "remainder": np.remainder, "maximum": np.maximum,
    "minimum": np.minimum, "fmax": np.fmax, "fmin": np.fmin, "abs": np.abs, "square": np.square,
    "reciprocal": np.reciprocal, "floor": np.floor, "ceil": np.ceil, "trunc": np.trunc, "sign": np.sign,
    "logaddexp": np.logaddexp, "logaddexp2": np.logaddexp2, "copysign": np.copysign,
    "deg2rad": np.deg2rad, "rad2deg": np.rad2deg, "heaviside": np.heaviside,
}  # fmt: skip
"""Ops that NumPy computes on its own, element by element, under the same rules at edges."""


def wider(case: Case) -> Iterator[Evidence]:
    """The reference's rerun in float64: whose answer is it, to the precision that was asked for."""
    if np.asarray(case.theirs).dtype in (np.float64, np.complex128) or not_a_function(case.program):
        return
    found = case.answer(case.reference.run_in_float64(case.program), case.discrepancy.where)
    if found is not None and found.shape == case.theirs.shape:
        with np.errstate(all="ignore"):
            narrow = found.astype(case.theirs.dtype)
        sides = case.sides(narrow)
        kind = "note" if sides == NEITHER else "itself"
        yield Evidence(kind, f"in float64 the reference {_says(sides)}", sides)


def numbers(case: Case) -> Iterator[Evidence]:
    """Central differences in float64: the slope itself, or both slopes of a corner."""
    if not case.gradient:
        return
    try:
        found = _expected(case)
    except Unavailable as error:
        yield Evidence("note", f"central differences cannot tell: {error}")
        return
    tolerance = 1e-2 if case.theirs.dtype in (np.float16,) else 2e-3
    parted = ~close(case.ours, case.theirs, 1e-6) | (np.isnan(case.ours) != np.isnan(case.theirs))
    if not parted.any():
        return
    smooth = bool((found.smooth & parted).any())
    if smooth:  # where there is a slope, it settles the matter
        parted = parted & found.smooth
    ours, theirs = (bool(found.admits(one, tolerance)[parted].all()) for one in (case.ours, case.theirs))
    sides = BOTH if ours and theirs else SUBJECT if ours else REFERENCE if theirs else NEITHER
    where = np.unravel_index(int(np.argmax(parted)), parted.shape)
    if smooth:
        told = f"central differences give {_number(found.central[where])}"
        yield Evidence("truth" if sides != BOTH else "note", f"{told}, which {_agrees(sides)}", sides)
        return
    left, right = _number(found.left[where]), _number(found.right[where])
    told = f"there is no one slope: {left} from the left, {right} from the right"
    if sides == NEITHER and not np.isfinite(found.left[where] + found.right[where]):
        yield Evidence("convention", f"{told}; no finite answer is right")
    else:
        yield Evidence("convention" if sides == BOTH else "truth", f"{told}, which {_agrees(sides)}", sides)


def _expected(case: Case) -> Slopes:
    """The gradient by numbers: of the query that returned it, or summed over those that accumulated it."""
    name, program, index = case.discrepancy.where, case.program, case.discrepancy.index
    if case.fact == "grad":
        return accumulated(program, name, case.seen[REFERENCE], case.reference)
    if index is None or program.instructions[index].op != "autograd.grad":
        raise Unavailable("no query returned it")
    return returned(program, index, program.instructions[index].outs.index(name), case.reference)


def _agrees(sides: str) -> str:
    return {
        SUBJECT: "agrees with the subject",
        REFERENCE: "agrees with the reference",
        BOTH: "agrees with both",
        NEITHER: "agrees with neither",
    }[sides]


def _says(sides: str) -> str:
    """What the reference says when asked otherwise."""
    words = {SUBJECT: "says what the subject says", REFERENCE: "says the same"}
    return words.get(sides, "says something else")


def _number(value: Any) -> str:
    plain = complex(value) if isinstance(value, complex | np.complexfloating) else float(value)
    return f"{plain:.6g}"


Finder = Callable[[Case], Iterator[Evidence]]
FACTS: tuple[Finder, ...] = (internal_error, repeats, shared_gradient)
"""What is asked of any disagreement."""
NUMERIC: tuple[Finder, ...] = (
    untouched, other_gradient, functional, other_layout, other_ways, by_numpy, wider, numbers,
)  # fmt: skip
"""What is asked where both sides have numbers."""
