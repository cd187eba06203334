"""Two observations of one program side by side, instruction by instruction, as rows for the page.

What may live here: which facts stand in which row, and which of them differ. A fact is marked when the two
engines' words for it are not the same; whether that is a fault was judged elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from markupsafe import Markup, escape

from oracle.compare_text import normalised
from oracle.dataflow import METADATA, makers
from oracle.observation import ABSENT, TENSOR, Observation, Raised, Returned, TensorFacts
from oracle.program.edit import is_query
from oracle.program.printer import statement
from oracle.program.program import Program
from reports import marking

_FACTS = (
    "dtype", "shape", "requires_grad", "is_leaf", "grad_fn", "output_nr", "version", "is_view", "base",
    "retains_grad", "grad_dtype", "alias", "same_object", "strides", "repr",
)  # fmt: skip
_SHORT = ("requires_grad", "grad_fn", "output_nr", "version", "is_view", "base", "retains_grad")
LONGEST = 240  # characters of a statement
_PLAIN = TensorFacts(None, "", ())  # what a short line need not say


@dataclass(slots=True)
class Fact:
    """One fact that the engines have otherwise: its name, both answers, and how far apart numbers are."""

    name: str
    subject: Markup
    reference: Markup
    distance: str = ""


@dataclass(slots=True)
class Row:
    """One instruction: its line, its statement, what differs, and what is the same, in short."""

    line: int
    statement: str
    differing: list[Fact] = field(default_factory=list)
    common: list[Markup] = field(default_factory=list)
    reached: bool = True


@dataclass(frozen=True, slots=True)
class _Both:
    program: Program
    subject: Observation
    reference: Observation

    def last_write(self, makers: list[int], bound: int) -> int:
        """The last of a tensor's `makers` that changed its elements; where it was bound, if none did."""
        for index in reversed(makers):
            if self.happened(index) and self.program.instructions[index].op not in METADATA:
                return index
        return bound

    def happened(self, index: int) -> bool:
        """Whether an instruction did its work on at least one side; a refused write has written nothing."""
        outcomes = (_at(self.subject.outcomes, index), _at(self.reference.outcomes, index))
        return any(isinstance(one, Returned) for one in outcomes)

    def same_text(self, ours: str, theirs: str) -> bool:
        modules = tuple({self.subject.module, self.reference.module} - {""})
        return ours == theirs or normalised(ours, modules) == normalised(theirs, modules)


def side_by_side(program: Program, subject: Observation, reference: Observation) -> list[Row]:
    """One row per instruction of `program`, which both observations are of.

    Facts of a tensor stand at the instruction that wrote it last, `.grad` at the last backward pass.
    """
    both = _Both(program, subject, reference)
    statements = zip(program.lines, program.instructions, strict=True)
    rows = [Row(line, _short(statement(instruction))) for line, instruction in statements]
    written = makers(program)
    queries = [index for index, one in enumerate(program.instructions) if is_query(one) and not one.outs]
    for index, (row, instruction) in enumerate(zip(rows, program.instructions, strict=True)):
        _outcome(row, both, index)
        for name in instruction.outs:
            last = both.last_write(written.get(name, []), index)
            own = last == index and len(instruction.outs) == 1
            _tensor(rows[last], both, name, "" if own else f"{name}.")
            passes = [one for one in queries if one > index]
            _grad(rows[passes[-1] if passes else index], both, name, f"{name}." if passes or not own else "")
        _events(row, both, index)
    return rows


def _short(text: str) -> str:
    """A statement in a cell; the program above has it whole."""
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 40]} … {text[-30:]}"


def _outcome(row: Row, both: _Both, index: int) -> None:
    """How the instruction ended, where that is worth a line."""
    ours, theirs = _at(both.subject.outcomes, index), _at(both.reference.outcomes, index)
    if ours is None and theirs is None:
        row.reached = False
    elif not _same_outcome(ours, theirs, both):
        row.differing.append(Fact("", _outcome_html(ours, theirs), _outcome_html(theirs, ours)))
    elif isinstance(theirs, Raised) or _worth_saying(theirs.value):
        row.common.append(_outcome_html(theirs, theirs))


def _same_outcome(ours: Any, theirs: Any, both: _Both) -> bool:
    if isinstance(ours, Raised) and isinstance(theirs, Raised):
        return ours.type == theirs.type and both.same_text(ours.message, theirs.message)
    if isinstance(ours, Returned) and isinstance(theirs, Returned):
        mine, its = marking.value(ours.value), marking.value(theirs.value)
        return both.same_text(str(mine), str(its))
    return ours is theirs


def _outcome_html(outcome: Any, other: Any) -> Markup:
    """An outcome beside another; all of it is marked when they are not of the same sort."""
    if isinstance(outcome, Raised):
        against = other if isinstance(other, Raised) else outcome
        words = marking.text(outcome.message, against.message)
        html = Markup("<b>raises {}</b>: {}").format(marking.text(outcome.type, against.type), words)
    elif isinstance(outcome, Returned):
        against = other.value if isinstance(other, Returned) else outcome.value
        said = _worth_saying(outcome.value)
        html = marking.value(outcome.value, against) if said else Markup("no error")
    else:
        html = Markup("not reached")
    return html if type(outcome) is type(other) else Markup('<mark class="all">{}</mark>').format(html)


def _worth_saying(value: Any) -> bool:
    """Tensors have facts of their own below, and None is what most statements return."""
    if isinstance(value, np.ndarray):
        return True
    if isinstance(value, tuple):
        return any(_worth_saying(one) for one in value)
    return value is not None and value != TENSOR


def _tensor(row: Row, both: _Both, name: str, prefix: str) -> None:
    ours, theirs = both.subject.tensors.get(name), both.reference.tensors.get(name)
    if ours is None or theirs is None:
        if ours is not theirs:
            row.differing.append(Fact(f"{prefix}bound to", _bound(ours), _bound(theirs)))
        return
    _values(row, f"{prefix}value", ours.value, theirs.value, theirs.dtype)
    for fact in _FACTS:
        mine, its = getattr(ours, fact), getattr(theirs, fact)
        if _absent(mine) or _absent(its) or mine == its or both.same_text(_word(mine), _word(its)):
            continue
        row.differing.append(
            Fact(prefix + fact, marking.text(_word(mine), _word(its)), marking.text(_word(its), _word(mine)))
        )
    row.common.append(_summary(prefix.removesuffix("."), ours, theirs))


def _grad(row: Row, both: _Both, name: str, prefix: str) -> None:
    ours, theirs = both.subject.tensors.get(name), both.reference.tensors.get(name)
    if ours is None or theirs is None:
        return
    _values(row, f"{prefix}grad", ours.grad, theirs.grad, theirs.dtype)
    if _equal_arrays(ours.grad, theirs.grad):
        row.common.append(Markup("{}grad {}").format(prefix, marking.value(theirs.grad)))


def _absent(fact: Any) -> bool:
    return isinstance(fact, str) and fact == ABSENT


def _word(fact: Any) -> str:
    return fact if isinstance(fact, str) else repr(fact)


def _bound(facts: TensorFacts | None) -> Markup:
    return Markup("a tensor") if facts is not None else Markup("<mark>no tensor</mark>")


def _values(row: Row, name: str, ours: Any, theirs: Any, dtype: str) -> None:
    """Arrays element by element where shapes allow, else whole."""
    if _equal_arrays(ours, theirs) or (ours is None and theirs is None) or _absent(ours) or _absent(theirs):
        return
    if isinstance(ours, np.ndarray) and isinstance(theirs, np.ndarray) and ours.shape == theirs.shape:
        far = marking.distance(ours, theirs, dtype)
        row.differing.append(Fact(name, marking.array(ours, theirs), marking.array(theirs, ours), far))
        return
    whole = Markup('<mark class="all">{}</mark>')
    row.differing.append(Fact(name, whole.format(marking.value(ours)), whole.format(marking.value(theirs))))


def _equal_arrays(ours: Any, theirs: Any) -> bool:
    """Whether two arrays show the same elements; their dtype is a fact of its own."""
    if not (isinstance(ours, np.ndarray) and isinstance(theirs, np.ndarray)):
        return False
    return ours.shape == theirs.shape and not marking.unequal(ours, theirs).any()


def _summary(name: str, ours: TensorFacts, theirs: TensorFacts) -> Markup:
    """What both have, in a line: dtype, shape, value, and whatever is not as for a plain new tensor."""
    parts: list[Markup] = []
    if ours.dtype == theirs.dtype:
        parts.append(escape(theirs.dtype))
    if ours.shape == theirs.shape:
        parts.append(escape(str(tuple(theirs.shape))))
    if _equal_arrays(ours.value, theirs.value):
        parts.append(marking.value(theirs.value))
    for fact in _SHORT:
        mine, its = getattr(ours, fact), getattr(theirs, fact)
        if mine == its and its != getattr(_PLAIN, fact) and not _absent(its):
            parts.append(escape(fact if its is True else f"{fact} {its}"))
    line = Markup(" · ").join(parts)
    return Markup("{}: {}").format(name, line) if name else line


def _events(row: Row, both: _Both, index: int) -> None:
    """Prints, warnings and hook calls during one instruction."""
    for title, said in (("prints", _prints), ("warns", _warnings), ("calls", _hooks)):
        ours = "\n".join(said(both.subject, both.program, index)) or "nothing"
        theirs = "\n".join(said(both.reference, both.program, index)) or "nothing"
        if not both.same_text(ours, theirs):
            row.differing.append(Fact(title, marking.text(ours, theirs), marking.text(theirs, ours)))
        elif theirs != "nothing":
            row.common.append(Markup("{} {}").format(title, marking.text(theirs)))


def _prints(observation: Observation, program: Program, index: int) -> Iterator[str]:
    return (words for at, words in observation.prints if at == index)


def _warnings(observation: Observation, program: Program, index: int) -> Iterator[str]:
    return (f"{category}: {words}" for at, category, words in observation.warnings if at == index)


def _hooks(observation: Observation, program: Program, index: int) -> Iterator[str]:
    for call in observation.hooks:
        if call.during == index:
            outs = program.instructions[call.hook].outs if 0 <= call.hook < len(program) else ()
            values = ", ".join(marking.array_text(one) if one is not None else "None" for one in call.values)
            yield f"{outs[0] if outs else f'the hook of instruction {call.hook + 1}'} with {values}"


def _at(outcomes: list[Any], index: int) -> Any:
    return outcomes[index] if index < len(outcomes) else None
