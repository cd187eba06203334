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
from oracle.observation import ABSENT, TENSOR, Observation, Raised, Returned, TensorFacts
from oracle.program.language import Program
from oracle.program.printer import lines_of, statement
from reports import marking

_FACTS = (
    "dtype", "shape", "requires_grad", "is_leaf", "grad_fn", "output_nr", "version", "is_view", "base",
    "retains_grad", "grad_dtype", "alias", "same_object", "strides", "repr",
)  # fmt: skip


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

    line: int | None
    statement: str
    differing: list[Fact] = field(default_factory=list)
    common: list[Markup] = field(default_factory=list)
    reached: bool = True


@dataclass(frozen=True, slots=True)
class _Both:
    subject: Observation
    reference: Observation

    @property
    def modules(self) -> tuple[str, ...]:
        return tuple({self.subject.module, self.reference.module} - {""})


def side_by_side(program: Program, subject: Observation, reference: Observation) -> list[Row]:
    """One row per instruction; what stands at no instruction (hooks before any, say) is left to the graph."""
    both = _Both(subject, reference)
    places = lines_of(program)
    rows = []
    for index, instruction in enumerate(program.instructions):
        row = Row(places[index], statement(instruction))
        _outcome(row, both, index)
        for name in instruction.outs:
            _tensor(row, both, name, alone=len(instruction.outs) == 1)
        for fact in _events(both, index):
            row.differing.append(fact) if isinstance(fact, Fact) else row.common.append(fact)
        rows.append(row)
    return rows


def _outcome(row: Row, both: _Both, index: int) -> None:
    ours, theirs = (_at(one.outcomes, index) for one in (both.subject, both.reference))
    if ours is None and theirs is None:
        row.reached = False
        return
    if type(ours) is not type(theirs) or _said(ours) != _said(theirs):
        if isinstance(ours, Raised) and isinstance(theirs, Raised) and _same_text(ours, theirs, both):
            row.common.append(_outcome_html(theirs))
            return
        row.differing.append(Fact("", _outcome_html(ours, theirs), _outcome_html(theirs, ours)))
    elif isinstance(theirs, Raised) or (isinstance(theirs, Returned) and _worth_saying(theirs.value)):
        row.common.append(_outcome_html(theirs))


def _same_text(ours: Raised, theirs: Raised, both: _Both) -> bool:
    return ours.type == theirs.type and (
        normalised(ours.message, both.modules) == normalised(theirs.message, both.modules)
    )


def _said(outcome: Any) -> Any:
    if isinstance(outcome, Raised):
        return outcome.type, outcome.message
    if isinstance(outcome, Returned):
        return str(marking.value(outcome.value))
    return None


def _outcome_html(outcome: Any, other: Any = None) -> Markup:
    if isinstance(outcome, Raised):
        against = other if isinstance(other, Raised) else None
        kind = marking.text(outcome.type, against.type if against else None)
        words = marking.text(outcome.message, against.message if against else None)
        html = Markup("<b>raises {}</b>: {}").format(kind, words)
        return (
            html
            if against is not None or other is None
            else Markup('<mark class="all">{}</mark>').format(html)
        )
    if isinstance(outcome, Returned):
        if other is not None and not isinstance(other, Returned):
            return Markup('<mark class="all">{}</mark>').format(_returned(outcome.value))
        return marking.value(outcome.value, other.value if other is not None else None)
    return Markup("<mark class='all'>not reached</mark>")


def _returned(value: Any) -> Markup:
    return Markup("no error") if not _worth_saying(value) else marking.value(value)


def _worth_saying(value: Any) -> bool:
    """Tensors have facts of their own below, and None is what most statements return."""
    if isinstance(value, tuple):
        return any(_worth_saying(one) for one in value)
    return value is not None and value != TENSOR if not isinstance(value, np.ndarray) else True


def _tensor(row: Row, both: _Both, name: str, *, alone: bool) -> None:
    ours, theirs = both.subject.tensors.get(name), both.reference.tensors.get(name)
    prefix = "" if alone else f"{name}."
    if ours is None or theirs is None:
        if ours is not theirs:
            row.differing.append(Fact(f"{prefix}bound", _bound(ours), _bound(theirs)))
        return
    for fact in ("value", "grad"):
        _values(row, prefix + fact, getattr(ours, fact), getattr(theirs, fact), ours.dtype)
    for fact in _FACTS:
        mine, its = getattr(ours, fact), getattr(theirs, fact)
        absent = (isinstance(mine, str) and mine == ABSENT) or (isinstance(its, str) and its == ABSENT)
        if absent or mine == its or _same_words(mine, its, both):
            continue
        row.differing.append(
            Fact(prefix + fact, marking.value(mine, repr_of(its)), marking.value(its, repr_of(mine)))
        )
    row.common.append(_summary(name if not alone else "", ours, theirs))


def _same_words(mine: Any, its: Any, both: _Both) -> bool:
    if not (isinstance(mine, str) and isinstance(its, str)):
        return False
    return normalised(mine, both.modules) == normalised(its, both.modules)


def repr_of(value: Any) -> str:
    """A fact as text, so that None and a name can be told apart word by word."""
    return value if isinstance(value, str) else repr(value)


def _bound(facts: TensorFacts | None) -> Markup:
    return Markup("<mark>not bound to a tensor</mark>") if facts is None else Markup("a tensor")


def _values(row: Row, name: str, ours: Any, theirs: Any, dtype: str) -> None:
    if isinstance(ours, np.ndarray) and isinstance(theirs, np.ndarray) and ours.shape == theirs.shape:
        if ours.dtype == theirs.dtype and not marking.unequal(ours, theirs).any():
            return
        far = marking.distance(ours, theirs, dtype)
        row.differing.append(Fact(name, marking.array(ours, theirs), marking.array(theirs, ours), far))
    elif isinstance(ours, np.ndarray) or isinstance(theirs, np.ndarray) or (ours != theirs and ABSENT not in (ours, theirs)):
        row.differing.append(Fact(name, _whole(ours), _whole(theirs)))


def _whole(value: Any) -> Markup:
    return Markup('<mark class="all">{}</mark>').format(marking.value(value))


def _summary(name: str, ours: TensorFacts, theirs: TensorFacts) -> Markup:
    """What both have, in a line: dtype, shape, value, and whatever is not as for a plain new tensor."""
    parts: list[Markup] = [escape(f"{name}:")] if name else []
    if ours.dtype == theirs.dtype:
        parts.append(escape(theirs.dtype))
    if ours.shape == theirs.shape:
        parts.append(escape(str(tuple(theirs.shape))))
    if _equal_arrays(ours.value, theirs.value):
        parts.append(marking.value(theirs.value))
    plain = TensorFacts(None, "", ())
    for fact in ("requires_grad", "grad_fn", "output_nr", "version", "is_view", "base", "retains_grad"):
        mine, its = getattr(ours, fact), getattr(theirs, fact)
        if mine == its and its != getattr(plain, fact) and its != ABSENT:
            parts.append(escape(fact if its is True else f"{fact} {its}"))
    if _equal_arrays(ours.grad, theirs.grad):
        parts.append(Markup("grad {}").format(marking.value(theirs.grad)))
    return Markup(" · ").join(parts)


def _equal_arrays(ours: Any, theirs: Any) -> bool:
    both = isinstance(ours, np.ndarray) and isinstance(theirs, np.ndarray)
    return (
        both
        and ours.shape == theirs.shape
        and ours.dtype == theirs.dtype
        and not marking.unequal(ours, theirs).any()
    )


def _events(both: _Both, index: int) -> Iterator[Fact | Markup]:
    """Prints, warnings and hook calls of one instruction: a Fact where they differ, else what both did."""
    pairs = (
        (
            "prints",
            [w for at, w in both.subject.prints if at == index],
            [w for at, w in both.reference.prints if at == index],
        ),
        ("warns", _warnings(both.subject, index), _warnings(both.reference, index)),
        ("hooks", _hooks(both.subject, index), _hooks(both.reference, index)),
    )
    for name, ours, theirs in pairs:
        mine, its = "\n".join(ours), "\n".join(theirs)
        if mine == its or normalised(mine, both.modules) == normalised(its, both.modules):
            if its:
                yield Markup("{} {}").format(name, marking.text(its))
        else:
            yield Fact(
                name,
                marking.text(mine or "nothing", its or "nothing"),
                marking.text(its or "nothing", mine or "nothing"),
            )


def _warnings(observation: Observation, index: int) -> list[str]:
    return [f"{category}: {words}" for at, category, words in observation.warnings if at == index]


def _hooks(observation: Observation, index: int) -> list[str]:
    return [
        f"hook of instruction {call.hook + 1} with {', '.join(_plain(one) for one in call.values)}"
        for call in observation.hooks
        if call.during == index
    ]


def _plain(value: Any) -> str:
    return str(marking.array(value).striptags()) if isinstance(value, np.ndarray) else repr(value)


def _at(outcomes: list[Any], index: int) -> Any:
    return outcomes[index] if index < len(outcomes) else None
