"""What is asked of each op for the table of ops: short programs, drawn for one op and one question at a time.

What may live here: composing those programs from the opset's lines, with the composer's own units and values.
How they are judged and what the table says of them is `tests.docs.ops`'s. Equal names give equal programs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from random import Random
from typing import Any

from oracle.opset.spec import OpSpec
from oracle.program.edit import reads, substitute
from oracle.program.language import Instruction, Ref
from oracle.program.program import Program
from strategies.grammar import ALL_DTYPES, Grammar, grammar
from strategies.layout import HEADER, SIZE, slot_at
from strategies.mistakes import mistakes
from strategies.ops import unit_of_call
from strategies.state import State, Value

LEVEL = "autograd.forward_ad.dual_level()"
MAKE_DUAL = "autograd.forward_ad.make_dual"
DRAWN = 5
"""How many programs are drawn for one that is kept: many turn out equal, or ask nothing."""

REAL = grammar(dtypes=("float32", "float64", "int64", "bool"))
COMPLEX = grammar(dtypes=("complex64", "complex128"), profiles=("smooth", "signed", "grid"))
"""Finite values: what becomes of the parts of complex infinities differs between torch's own loops."""
EVERY = grammar(dtypes=ALL_DTYPES)


@dataclass(slots=True)
class Drawn:
    """One call of an op as the composer draws it, the last instruction of `state`; its results, its leaves."""

    state: State
    outs: tuple[Value, ...]
    leaves: tuple[Value, ...]

    @property
    def program(self) -> Program:
        """The program so far."""
        return Program.of(self.state.instructions)


def drawn(spec: OpSpec, language: Grammar, random: Random) -> Drawn | None:
    """One call of the op on new leaves; None where these bytes mean none."""
    buffer = random.randbytes(SIZE)
    state = State(buffer, language.setting(buffer[1:HEADER]))
    value = unit_of_call(spec)(state, slot_at(buffer, HEADER))
    if value is None:
        return None
    call = state.instructions.pop()._replace(caught=True)
    used = set(reads(call))
    kept = [one for one in state.instructions if used.issuperset(one.outs or reads(one))]
    state.instructions[:] = [*kept, call]
    leaves = tuple(leaf for leaf in state.leaves if leaf.ref.name in used)
    if spec.writes:
        _written_to_a_copy(state)
    return Drawn(state, value.many or (value,), leaves)


def _written_to_a_copy(state: State) -> None:
    """A leaf that requires grad may not be written: the call is to write into a copy of it."""
    call = state.instructions.pop()
    name = f"w{state.count}"
    state.instructions.append(Instruction((name,), "method", "clone", (call.args[0],)))
    state.instructions.append(call._replace(args=(Ref(name), *call.args[1:])))


def _asked(found: Drawn, outputs: list[Any], inputs: list[Ref], names: str, create_graph: bool = False) -> list[Ref]:
    """Asks for gradients of outputs (with their Metas), given cotangents that require grad too; returns these."""
    state = found.state
    given = [state.constant(of, 3 + place, "grad").ref for place, (_, of) in enumerate(outputs)]
    gradients = [f"{names}{place}" for place in range(len(inputs))]
    flags = (("create_graph", True),) if create_graph else ()
    kwargs = (("grad_outputs", tuple(given)), *flags, ("allow_unused", True))
    args = (tuple(ref for ref, _ in outputs), tuple(inputs))
    state.instructions.append(Instruction(tuple(gradients), "call", "autograd.grad", args, kwargs, True, (), True))
    return given


def forward(spec: OpSpec, language: Grammar, random: Random) -> Program | None:
    """The call alone, on tensors that require grad where they can."""
    found = drawn(spec, language, random)
    return found and found.program


def _differentiable(found: Drawn | None) -> list[Any]:
    """The results that have a history, with their Metas; none where there is nothing to differentiate by."""
    if found is None or not found.leaves:
        return []
    return [(one.ref, one.meta) for one in found.outs if one.nodes]


def backward(spec: OpSpec, language: Grammar, random: Random) -> Program | None:
    """The gradients of every result by every leaf, for given cotangents."""
    found = drawn(spec, language, random)
    outputs = _differentiable(found)
    if found is None or not outputs:
        return None
    _asked(found, outputs, [leaf.ref for leaf in found.leaves], "g")
    return found.program


def double(spec: OpSpec, language: Grammar, random: Random) -> Program | None:
    """The gradients of one of those gradients, by leaves and cotangents."""
    found = drawn(spec, language, random)
    outputs = _differentiable(found)
    if found is None or not outputs:
        return None
    inputs = [leaf.ref for leaf in found.leaves]
    cotangents = _asked(found, outputs, inputs, "g", create_graph=True)
    place = random.randrange(len(inputs))
    _asked(found, [(Ref(f"g{place}"), found.leaves[place].meta)], [*inputs, *cotangents], "s")
    return found.program


def forward_mode(spec: OpSpec, language: Grammar, random: Random) -> Program | None:
    """The call on dual tensors; tangents are noted when the level ends."""
    found = drawn(spec, language, random)
    if found is None or not _differentiable(found):
        return None
    state = found.state
    call = state.instructions.pop()
    tangents = [state.like(leaf.meta, 1 + place) for place, leaf in enumerate(found.leaves)]
    duals = {leaf.ref.name: Ref(f"d{place}") for place, leaf in enumerate(found.leaves)}
    copy = state.instructions.pop() if spec.writes else None
    for leaf, tangent in zip(found.leaves, tangents, strict=True):
        made = (duals[leaf.ref.name].name,)
        state.instructions.append(Instruction(made, "call", MAKE_DUAL, (leaf.ref, tangent), modes=(LEVEL,)))
    for one in (copy, call):
        if one is not None:
            state.instructions.append(substitute(one, duals)._replace(modes=(LEVEL,)))
    return found.program


def in_place(spec: OpSpec, language: Grammar, random: Random) -> Program | None:
    """The in-place form on a copy of its first operand, and the gradients through it."""
    if not (spec.inplace or spec.writes):
        return None
    found = drawn(spec if spec.writes else spec.in_place, language, random)
    outputs = _differentiable(found)
    if found is not None and outputs:
        _asked(found, outputs, [leaf.ref for leaf in found.leaves], "g")
    return found and found.program


def complex_numbers(spec: OpSpec, _: Grammar, random: Random) -> Program | None:
    """The call on complex tensors, and its gradients."""
    found = drawn(spec, COMPLEX, random)
    if found is None or not any(one.meta.dtype in COMPLEX.dtypes for one in found.state.values):
        return None
    outputs = _differentiable(found)
    if outputs:
        _asked(found, outputs, [leaf.ref for leaf in found.leaves], "g")
    return found.program


def errors(spec: OpSpec, language: Grammar, random: Random) -> Program | None:
    """The call with one mistake in it."""
    found = drawn(spec, EVERY, random)
    if found is None:
        return None
    made = list(mistakes(spec, found.state, found.state.instructions[-1]))
    if not made:
        return None
    before, call = made[random.randrange(len(made))]
    found.state.instructions[-1:] = [*before, call]
    return found.program


Question = Callable[[OpSpec, Grammar, Random], Program | None]
COLUMNS: dict[str, tuple[Question, int]] = {
    "forward": (forward, 10),
    "backward": (backward, 10),
    "double": (double, 8),
    "forward-mode": (forward_mode, 8),
    "in-place": (in_place, 8),
    "complex": (complex_numbers, 8),
    "errors": (errors, 16),
}
"""The columns of the table: what is asked, and by how many programs."""


def programs(spec: OpSpec, column: str) -> Iterator[Program]:
    """The programs of one cell, all different."""
    question, wanted = COLUMNS[column]
    random = Random(f"{spec.key} {column}")
    seen: set[Program] = set()
    for _ in range(DRAWN * wanted):
        program = question(spec, REAL, random)
        if program is not None and program not in seen:
            seen.add(program)
            yield program
            if len(seen) == wanted:
                return
