"""What a check of `compare` is: the decorator, what it is given, what it says, and what is counted.

What may live here: the small types that the checks share. The checks themselves are in the `compare_*` files.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from oracle.compare_text import normalised
from oracle.discrepancy import Discrepancy
from oracle.moving import apart, array_at, reruns, spread
from oracle.observation import FACTS, GRAD_IN_ROW, TANGENT, Observation, TensorFacts, facts_of
from oracle.operands import Run, answers_own_operands
from oracle.program import Instruction, Program, Ref
from oracle.program.edit import STATEFUL_METHODS, binders, is_query, is_write
from oracle.tolerance import (
    PRECISION,
    Difference,
    allowed_units,
    difference,
    errors_of_roots,
    is_bounded_by_norms,
    is_unordered,
    patterns_differ,
)


@dataclass(slots=True)
class Counts:
    """How much was compared, and how: each array of the reference (values of tensors, `.grad`s) once.

    skipped     arrays that were not compared, by the reason
    unreported  programs of which a fact was not compared since an engine does not report it, by the fact
    """

    exact: int = 0
    tolerated: int = 0
    different: int = 0
    skipped: Counter[str] = field(default_factory=Counter)
    unreported: Counter[str] = field(default_factory=Counter)

    @property
    def arrays(self) -> int:
        """All arrays that were counted."""
        return self.exact + self.tolerated + self.different + self.skipped.total()

    def add(self, other: Counts) -> None:
        """Add another comparison's counts to these."""
        self.exact += other.exact
        self.tolerated += other.tolerated
        self.different += other.different
        self.skipped.update(other.skipped)
        self.unreported.update(other.unreported)


class Said(NamedTuple):
    """What a check yields: where, what differs in one line, both values, the instruction if it knows it."""

    where: str
    detail: str
    subject: Any = None
    reference: Any = None
    at: int | None = None


Measures = tuple[Run, Run]
"""Give the reference's own reruns of a program in float64 and in float32, or None where there is none."""

_FLOAT32_TO_FLOAT64 = 2.0**-29  # 24 bits of precision against 53

HUGE = 1e6
"""From this magnitude on, numbers that cancel may leave anything of the size of their own rounding."""


class Pair:
    """Two observations of one program, and what the checks derive from them once."""

    def __init__(
        self,
        subject: Observation,
        reference: Observation,
        program: Program,
        measures: Measures | None = None, run: Run | None = None, again: Run | None = None,
    ) -> None:
        self.subject, self.reference, self.program = subject, reference, program
        self.measures, self.run, self.again = measures, run, again
        self.counts = Counts()
        self._judged: dict[tuple[str, str], Difference | None] = {}

    @cached_property
    def tensors(self) -> list[tuple[str, TensorFacts, TensorFacts]]:
        """(name, subject's facts, reference's facts) of each tensor that both have, in program order.

        Those whose rows are equal to the byte are counted and left out, see Note [Columns]. Tangents are not
        among them.
        """
        return [one for one in self._alike if TANGENT not in one[0]]

    @cached_property
    def tangents(self) -> list[tuple[str, TensorFacts, TensorFacts]]:
        """As `tensors`, of the tangents that both have, see Note [Tangents]."""
        return [one for one in self._alike if TANGENT in one[0]]

    @cached_property
    def _alike(self) -> list[tuple[str, TensorFacts, TensorFacts]]:
        if self.stopped:
            return []
        if self.subject.columns is None or self.reference.columns is None:
            mine = self.subject.tensors
            return [(name, mine[name], its) for name, its in self.reference.tensors.items() if name in mine]
        ours, theirs = self.subject.columns.rows(), self.reference.columns.rows()
        other = []
        for name, row in theirs.items():
            if name not in ours:
                continue
            if ours[name] == row:
                self.counts.exact += 1 if row[GRAD_IN_ROW] is None else 2
            else:
                other.append((name, facts_of(ours[name]), facts_of(row)))
        return other

    def counted(self, facts: frozenset[str]) -> Counts:
        """The counts, once every check has run: what no check has judged is judged now, or said to be left out."""
        left_out = self.counts.skipped
        for fact in FACTS - facts:
            self.counts.unreported[fact] += 1
        if self.stopped:
            left_out["one side stopped alone"] += self.reference.arrays
            return self.counts
        for name, ours, theirs in self._alike:
            fact = "tangent" if TANGENT in name else "value"
            if fact in facts:
                self.judged(name, ours, theirs)
            else:
                left_out[f"{fact}: not reported by an engine"] += 1
            if theirs.grad is None:
                continue
            if "grad" not in facts:
                left_out["grad: not reported by an engine"] += 1
            elif ours.grad is None:
                left_out["grad: the subject has none"] += 1
            else:
                self.judged_grad(name, ours, theirs)
        for name in self.reference.names - self.subject.names:
            left_out["the subject has no such tensor"] += 1 if self.reference.tensors[name].grad is None else 2
        return self.counts

    @cached_property
    def parted(self) -> int:
        """The first instruction whose outcomes part in kind (one raised or was not reached), else the end."""
        pairs = zip(self.subject.outcomes, self.reference.outcomes, strict=False)
        for index, (ours, theirs) in enumerate(pairs):
            if type(ours) is not type(theirs):
                return index
        return min(len(self.subject.outcomes), len(self.reference.outcomes))

    @cached_property
    def stopped(self) -> bool:
        """Whether one side's run ended before the other's: what they leave behind is then not comparable."""
        pairs = zip(self.subject.outcomes, self.reference.outcomes, strict=False)
        return any((ours is None) != (theirs is None) for ours, theirs in pairs)

    @cached_property
    def binders(self) -> dict[str, int]:
        """Which instruction binds each name."""
        return binders(self.program.instructions)

    def binder(self, name: str) -> int | None:
        """The instruction that binds `name`; "v1[0]" is part of what v1 holds."""
        return self.binders.get(name.partition("[")[0])

    @cached_property
    def gradients(self) -> frozenset[str]:
        """Names that `autograd.grad` binds."""
        found = (one.outs for one in self.program.instructions if one.op == "autograd.grad")
        return frozenset(name for outs in found for name in outs)

    @cached_property
    def modules(self) -> tuple[str, ...]:
        """The module names of both engines, which texts may differ in."""
        return tuple({self.subject.module, self.reference.module} - {""})

    def same_text(self, ours: Any, theirs: Any) -> bool:
        """Whether both are texts that say the same."""
        if not (isinstance(ours, str) and isinstance(theirs, str)):
            return False
        return normalised(ours, self.modules) == normalised(theirs, self.modules)

    @cached_property
    def units(self) -> float:
        """The units of precision that the program's ops may put between two engines."""
        return allowed_units(self.program)

    @cached_property
    def _fine(self) -> Observation | None:
        """The reference's rerun in float64, made when a difference first asks for it."""
        return self.measures[0](self.program) if self.measures is not None else None

    @cached_property
    def _coarse(self) -> Observation | None:
        """The reference's rerun in float32, made when a difference in float64 first asks for it."""
        return self.measures[1](self.program) if self.measures is not None else None

    @cached_property
    def _largest(self) -> float:
        """The largest finite magnitude among the reference's values and gradients."""
        largest = 0.0
        columns = self.reference.columns  # which stay as they are
        rows = () if columns is None else columns.rows().values()
        for facts in self.reference.tensors.values() if columns is None else map(facts_of, rows):
            for array in (facts.value, facts.grad):
                if isinstance(array, np.ndarray) and array.dtype.kind in "fc" and array.size:
                    size = np.abs(array)
                    largest = max(largest, float(np.max(size, where=np.isfinite(size), initial=0.0)))
        return largest

    def judged(self, name: str, ours: TensorFacts, theirs: TensorFacts) -> Difference | None:
        """How the elements of a tensor differ, if they do."""
        return self._judge((name, "value"), ours.value, theirs.value, theirs.dtype, ours.dtype)

    def judged_grad(self, name: str, ours: TensorFacts, theirs: TensorFacts) -> Difference | None:
        """How the elements of a tensor's `.grad` differ, if they do; both have one."""
        return self._judge((name, "grad"), ours.grad, theirs.grad, theirs.grad_dtype, ours.grad_dtype)

    def _judge(self, key: tuple[str, str], ours: Any, theirs: Any, dtype: str, our_dtype: str) -> Difference | None:
        if key in self._judged:
            return self._judged[key]
        found: Difference | None = None
        if not isinstance(ours, np.ndarray) or not isinstance(theirs, np.ndarray):
            self.counts.skipped[f"{key[1]}: no array"] += 1
        elif ours.shape != theirs.shape or dtype != our_dtype or ours.dtype != theirs.dtype:
            self.counts.skipped[f"{key[1]}: other shape or dtype"] += 1
        elif ours.tobytes() == theirs.tobytes():
            self.counts.exact += 1
        else:
            found = self._beyond_tolerance(key, ours, theirs, dtype)
            if found is not None and key[1] == "value" and self._of_own_operands(key[0], ours, dtype):
                found = None
            if found is None:
                self.counts.tolerated += 1
            else:
                self.counts.different += 1
        self._judged[key] = found
        return found

    def _of_own_operands(self, name: str, ours: Any, dtype: str) -> bool:
        """Whether a value differs since its operands do, which agree within what is allowed."""

        def agree(program: Program, sides: tuple[Observation, Observation], operand: str) -> bool:
            pair = self if program is self.program else Pair(*sides, program, self.measures, self.run, self.again)
            return pair.judged(operand, *(side.tensors[operand] for side in sides)) is None

        sides, run = (self.subject, self.reference), self.run
        return run is not None and answers_own_operands(
            self.program, sides, agree, (self.again, run), name, ours, dtype
        )

    def _beyond_tolerance(self, key: tuple[str, str], ours: Any, theirs: Any, dtype: str) -> Difference | None:
        """The difference that neither the ops nor what is known of the reference's rounding explains.

        Asked in the order of cost: units of the dtype, units of a narrower dtype that the program computes in as well,
        the rerun in float64, and for a float64 value, which has nothing wider to be held against, what it is off in
        float32, scaled down by the precisions; where huge numbers are about (HUGE) or errors are bounded by norms, what
        is left when they cancel, as wider numbers lose the small ones too; and what moving the numbers does.
        """
        found = difference(ours, theirs, dtype, self.units)
        if found is not None and theirs.dtype.kind in "fc" and is_unordered(self.program):
            ours = self._beyond_doubt(ours, theirs)
            found = difference(ours, theirs, dtype, self.units)
        if found is None or found.kind != "value":
            return found
        if theirs.dtype.kind not in "fc":
            return found if (self._moved(key, theirs)[ours != theirs] == 0).any() else None
        if self.narrowest != dtype and difference(ours, theirs, self.narrowest, self.units) is None:
            return None
        errors = apart(theirs, array_at(self._fine, key))
        if dtype in ("float64", "complex128"):
            errors = errors + apart(theirs, array_at(self._coarse, key)) * _FLOAT32_TO_FLOAT64
        found = difference(ours, theirs, dtype, self.units, errors)
        if found is not None and found.kind == "value":
            unit = 2.0 ** -min(PRECISION[dtype], PRECISION[self.narrowest])
            errors = errors + self.cancelling * unit + errors_of_roots(self.program, ours, theirs, self._largest, unit)
            found = difference(ours, theirs, dtype, self.units, errors)
        if found is None or found.kind != "value":
            return found
        return difference(ours, theirs, dtype, self.units, np.maximum(errors, self._moved(key, theirs)))

    @cached_property
    def reruns(self) -> list[Observation]:
        """The reference's reruns with moved numbers, made when a difference first asks for them."""
        return [] if self.run is None else reruns(self.program, self.reference, self.run)

    def _moved(self, key: tuple[str, str], theirs: Any) -> Any:
        """How far each element moves when the program's numbers do, see moving.Note [Moved numbers]."""
        return spread(theirs, [array_at(one, key) for one in self.reruns], is_unordered(self.program))

    @cached_property
    def cancelling(self) -> float:
        """The largest number about where errors are those of numbers as large: by the ops, or as they are HUGE."""
        return self._largest if is_bounded_by_norms(self.program) or self._largest >= HUGE else 0.0

    @cached_property
    def narrowest(self) -> str:
        """The float dtype of least precision among the reference's tensors."""
        return min(self.reference.dtypes & PRECISION.keys(), key=PRECISION.__getitem__, default="float64")

    def _beyond_doubt(self, ours: Any, theirs: Any) -> Any:
        """Our elements, less what says nothing, as the order of a sum is nobody's promise (spec: unordered).

        Signs of zero never do, in either part; infinities and NaNs do not where the reference computed with some, or
        with HUGE numbers: libraries skip factors of zero or not, and overflow in one order and not in another.
        """
        if self._overflowing:
            return np.where(patterns_differ(ours, theirs), theirs, ours)
        if theirs.dtype.kind != "c":
            return np.where((ours == 0) & (theirs == 0), theirs, ours)
        out = np.array(ours)
        for mine, its in ((out.real, theirs.real), (out.imag, theirs.imag)):
            np.copyto(mine, its, where=(mine == 0) & (its == 0))
        return out

    @cached_property
    def sums_in_doubt(self) -> bool:
        """Whether a sum may cancel or overflow in one order and not in another, which is nobody's promise."""
        return is_unordered(self.program) and self._overflowing

    @cached_property
    def _overflowing(self) -> bool:
        """Whether a value or gradient of the reference is infinite, NaN or HUGE."""
        arrays = (a for facts in self.reference.tensors.values() for a in (facts.value, facts.grad))
        numbers = (a for a in arrays if isinstance(a, np.ndarray) and a.dtype.kind in "fc")
        return self._largest >= HUGE or not all(np.isfinite(a).all() for a in numbers)

    def last_write(self, name: str) -> int | None:
        """The instruction that last wrote elements into `name` itself, else the one that bound it."""
        return self._last(name, lambda one: is_write(one) and one.op not in _FLAGS)

    def last_touch(self, name: str) -> int | None:
        """The instruction that last wrote elements or flags of `name` itself, else the one that bound it."""
        return self._last(name, lambda one: is_write(one) and one.op not in _NOT_WRITING)

    def _last(self, name: str, touches: Callable[[Instruction], bool]) -> int | None:
        for index in range(len(self.program.instructions) - 1, -1, -1):
            one = self.program.instructions[index]
            if one.args and one.args[0] == Ref(name) and touches(one):
                return index
        return self.binder(name)

    def last_query(self, name: str) -> int | None:
        """The last instruction that asked for derivatives, else the one that last wrote into `name`."""
        for index in range(len(self.program.instructions) - 1, -1, -1):
            if is_query(self.program.instructions[index]):
                return index
        return self.last_write(name)


_NOT_WRITING = STATEFUL_METHODS - {"retain_grad"}
_FLAGS = STATEFUL_METHODS | {"requires_grad_", "requires_grad", "grad"}


@dataclass(frozen=True, slots=True)
class Check:
    """One comparison: the kind it yields, the fact it needs from both engines, and the generator."""

    kind: type[Discrepancy]
    fact: str
    find: Callable[[Pair], Iterator[Said]]

    def run(self, pair: Pair) -> Iterator[Discrepancy]:
        """What it finds, as Discrepancies of its kind."""
        for said in self.find(pair):
            index = said.at if said.at is not None else pair.binder(said.where)
            yield self.kind(
                said.where,
                said.detail,
                index=index,
                op=_op(pair.program, index),
                subject=said.subject,
                reference=said.reference,
                program=pair.program,
            )


def check(kind: type[Discrepancy], fact: str) -> Callable[[Callable[[Pair], Iterator[Said]]], Check]:
    """Make the decorated generator over a Pair a Check that yields `kind`; `fact` is a word of FACTS."""
    return lambda find: Check(kind, fact, find)


def _op(program: Program, index: int | None) -> str:
    if index is None:
        return ""
    one = program.instructions[index]
    return one.op or one.form
