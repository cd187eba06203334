"""Programs made to be refused: for who looks for one certain refusal, and cannot wait until it is drawn.

What may live here: endless streams of short programs that go through what `mistakes` and `rules` hold, one after the
other, where `decode` draws a piece of it now and then.
"""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import Final

from oracle.opset.spec import OpSpec
from oracle.program.edit import refs, substitute
from oracle.program.language import Attr, Instruction, Ref
from oracle.program.parser import parse
from oracle.program.program import Program
from strategies.faults import fault
from strategies.grammar import Grammar
from strategies.layout import HEADER, SIZE, SLOTS_AT, slot_at
from strategies.misfits import misfits
from strategies.mistakes import Mistake, mistakes, units_of, write
from strategies.prohibitions import RULES
from strategies.refused_lines import LINES
from strategies.refused_texts import OTHERS
from strategies.state import State, Value

AT_ONCE: Final = 6
"""Mistakes in one program."""
PAIRS: Final = 60
"""Calls with two mistakes, of one call that was right."""


def spoilt_calls(names: tuple[str, ...], language: Grammar, seed: int) -> Iterator[Program]:
    """Calls of these ops with every mistake that can be made of them, op after op, without end."""
    random = Random(seed)
    for spec, _, state in _calls(names, language, random):
        yield from _each_spoilt(spec, state, random)


def _calls(names: tuple[str, ...], language: Grammar, random: Random) -> Iterator[tuple[OpSpec, Value, State]]:
    """A legal call of each op in turn, without end: its line in the opset, its result, and the program so far."""
    units = units_of(names)
    while units:
        for spec, unit in units:
            buffer = random.randbytes(SIZE)
            state = State(buffer, language.setting(buffer[1:HEADER]))
            value = unit(state, slot_at(buffer, SLOTS_AT))
            if value is not None:
                yield spec, value, state


def _each_spoilt(spec: OpSpec, state: State, random: Random) -> Iterator[Program]:
    """The call that was written last, then it with its mistakes: each alone, then with a second one beside it."""
    call = state.instructions.pop()
    single = [*mistakes(spec, state, call), *misfits(spec, state, call)]
    random.shuffle(single)
    pairs = [pair for one in single[:PAIRS] if (pair := _with_another(spec, state, one, random)) is not None]
    every: list[Mistake] = [([], call), *single, *pairs]
    leaves = tuple(state.instructions)
    for start in range(0, len(every), AT_ONCE):
        state.instructions = list(leaves)
        for number, (before, spoilt) in enumerate(every[start : start + AT_ONCE]):
            outs = tuple(f"{out}_{number}" for out in spoilt.outs)
            write(spec, state, (before, spoilt._replace(outs=outs)))
            _ask(state, outs[:1] or tuple(refs(state.instructions[-1].args[:1])))
        yield Program.of(state.instructions)


def _ask(state: State, outs: tuple[str, ...]) -> None:
    """A query from what came of a call, if anything did: some refuse no sooner."""
    for out in outs:
        state.instructions += (
            Instruction((f"{out}_s",), "method", "sum", (Ref(out),), caught=True),
            Instruction((), "method", "backward", (Ref(f"{out}_s"),), caught=True),
        )


def _with_another(spec: OpSpec, state: State, first: Mistake, random: Random) -> Mistake | None:
    """A mistake and one more in the same call."""
    made, call = first
    named = {out: Ref(f"{out}a") for one in made for out in one.outs}  # the second one may make another tensor
    made = [substitute(one, named)._replace(outs=tuple(named[out].name for out in one.outs)) for one in made]
    call = substitute(call, named)
    more = [*mistakes(spec, state, call), *misfits(spec, state, call)]
    if not more:
        return None
    also, spoilt = more[random.randrange(len(more))]
    said = [name for name, _ in spoilt.kwargs]
    return ([*made, *also], spoilt) if len(set(said)) == len(said) else None


def batched_queries(names: tuple[str, ...], language: Grammar, seed: int) -> Iterator[Program]:
    """Calls of these ops whose gradients are asked for in batches, op after op, without end."""
    random = Random(seed)
    for spec, value, state in _calls(names, language, random):
        if spec.grad and state.leaves:
            yield Program.of([*state.instructions, *_asked_in_batches(value, state, random)])


def _asked_in_batches(value: Value, state: State, random: Random) -> Iterator[Instruction]:
    """Queries for the gradients of all leaves, with as many cotangents at once as there are members."""
    of = value.meta
    leaves = tuple(leaf.ref for leaf in state.leaves)
    members, again = random.randrange(1, 4), bool(random.randrange(2))
    made = Instruction(("b0",), "call", "full", ((members, *of.shape), 2), (("dtype", Attr(of.dtype)),))
    flags = (("is_grads_batched", True), ("allow_unused", True), ("create_graph", again))
    asked = ((value.ref,), leaves), (("grad_outputs", (Ref("b0"),)), *flags)
    yield made
    outs = tuple(f"b{place + 1}" for place in range(len(leaves)))
    yield Instruction(outs, "call", "autograd.grad", *asked, True, (), True)


def broken_rules(language: Grammar, seed: int) -> Iterator[Program]:
    """Programs that break a rule each, rule after rule, without end; first with nothing before it."""
    random = Random(seed)
    while True:
        yield from map(parse, (*OTHERS, *LINES))
        for rule in RULES:
            buffer = bytes(HEADER) + random.randbytes(SIZE - HEADER)
            yield fault(rule, buffer, language).program
        for rule in RULES:
            yield fault(rule, random.randbytes(SIZE), language).program
