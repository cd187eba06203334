"""minigrad with one bug each: engines that the lab has to catch, or it is worth nothing.

What may live here: putting a bug into minigrad's own code for a while, and the engine that runs with it. The
bugs themselves are in `by_hand` (a table) and `derived` (made from minigrad's declarations and sources).

A bug is an edit of one function's source text. While it is planted, that function runs the edited code, and
everything else, the harness included, is what people run. An edit that no longer applies is an error of ours.
"""

from __future__ import annotations

import inspect
import re
import textwrap
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import wraps
from importlib import import_module
from typing import Any, ClassVar

from oracle.engines.minigrad_engine import MinigradEngine
from oracle.errors import HarnessError
from oracle.observation import Observation
from oracle.program.language import Program


@dataclass(frozen=True, slots=True)
class Mutant:
    """One bug: in `target`, `old` becomes `new`.

    target   `module:function` or `module:Class.method` (a property means its getter); `op NAME` the generated
             public function of an op; `kernel OP` its kernel; `formula OP PARAMETER` a formula, where `new`
             is an expression that wraps it under the name F; `label NODE` the name of a node class.
    about    what is wrong, in one line.
    ops      ops that programs need to show it; empty for any.
    simple   whether it shows in a program of at most six instructions.
    equivalent   the reason why nothing observable differs, for mutants that cannot be caught.
    """

    name: str
    target: str
    old: str
    new: str
    about: str
    ops: tuple[str, ...] = ()
    simple: bool = True
    equivalent: str = ""


class MutantEngine(MinigradEngine):
    """minigrad with `mutant` planted while it runs, and nowhere else."""

    name: ClassVar[str] = "minigrad"
    summary: ClassVar[str] = "minigrad with one planted bug"

    def __init__(self, mutant: Mutant) -> None:
        super().__init__()
        self.mutant = mutant

    def run_batch(self, programs: Sequence[Program]) -> list[Observation]:
        with planted(self.mutant):
            return super().run_batch(programs)


@contextmanager
def planted(mutant: Mutant) -> Iterator[None]:
    """minigrad with the bug in it, for the time of a `with` block."""
    kind, _, rest = mutant.target.partition(" ")
    if kind == "label":
        yield from _relabelled(rest, mutant)
    elif kind == "formula":
        yield from _with_formula(rest, mutant)
    elif kind == "op":
        yield from _with_code(_generated(rest), mutant)
    elif kind == "kernel":
        yield from _regenerated(rest, _with_code(_source(_declaration(rest).kernel), mutant))
    else:
        yield from _with_code(_function(mutant.target), mutant)


def _with_code(place: tuple[Any, str], mutant: Mutant) -> Iterator[None]:
    function, source = place
    if mutant.old not in source:
        raise HarnessError(
            f"the planted bug {mutant.name!r} no longer applies: {mutant.target} has no {mutant.old!r}; "
            "bring oracle/engines/mutants up to date with minigrad"
        )
    made: dict[str, Any] = {}
    edited = source.replace(mutant.old, mutant.new, 1)
    exec(compile(edited, f"<mutant {mutant.name}>", "exec"), function.__globals__, made)
    changed: Any
    (changed,) = made.values()
    kept = function.__code__
    function.__code__ = changed.__code__
    try:
        yield
    finally:
        function.__code__ = kept


def _function(target: str) -> tuple[Any, str]:
    module, _, path = target.partition(":")
    found: Any = import_module(module)
    for name in path.split("."):
        found = inspect.getattr_static(found, name)
    found = found.fget if isinstance(found, property) else getattr(found, "__func__", found)
    return _source(found)


def _source(function: Any) -> tuple[Any, str]:
    """A function and its source without decorators."""
    source = textwrap.dedent(inspect.getsource(function))
    return function, source[re.search(r"^def ", source, re.MULTILINE).start() :]  # type: ignore[union-attr]


def _generated(op: str) -> tuple[Any, str]:
    from minigrad.codegen import source_of

    decl = _declaration(op)
    return decl.function, source_of(decl)


def _declaration(op: str) -> Any:
    from minigrad import later
    from minigrad.registry import OPS

    later.everything()
    if op not in OPS:
        raise HarnessError(f"a planted bug asks for the op {op!r}, which minigrad does not declare")
    return OPS[op]


def _regenerated(op: str, change: Iterator[None]) -> Iterator[None]:
    """A change of a declaration, and code generated from it anew, before and after."""
    from minigrad.codegen import forget

    for _ in change:
        forget(_declaration(op))
        yield
    forget(_declaration(op))


def _with_formula(rest: str, mutant: Mutant) -> Iterator[None]:
    """The formula F of an op's parameter replaced by an expression in F."""
    op, parameter = rest.split()
    formulas = _declaration(op).formulas
    if parameter not in formulas:
        raise HarnessError(
            f"the planted bug {mutant.name!r} no longer applies: {op} has no formula for {parameter}"
        )
    yield from _regenerated(op, _replaced(formulas, parameter, mutant.new))


def _replaced(formulas: dict[str, Any], parameter: str, expression: str) -> Iterator[None]:
    kept = formulas[parameter]
    changed = eval(expression, {**kept.__globals__, "F": kept})

    @wraps(kept)  # its parameters say what the node saves
    def formula(*args: Any, **keywords: Any) -> Any:
        return changed(*args, *keywords.values())

    formulas[parameter] = formula
    try:
        yield
    finally:
        formulas[parameter] = kept


def _relabelled(node: str, mutant: Mutant) -> Iterator[None]:
    from minigrad.registry import NODES

    cls = NODES[node]
    cls.label = mutant.new
    try:
        yield
    finally:
        cls.label = node
