"""Mistakes that a call of an op can have: what torch refuses, or may.

What may live here: ways to spoil one call, and the unit that writes such a call into a program. Whether torch
refuses what comes of it is found out by running it: the call is caught, and nothing that it binds is used.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from oracle.opset import OPS
from oracle.opset.spec import Const, Joint, OpSpec, Param
from oracle.program.edit import substitute
from oracle.program.language import Attr, Instruction, ListArg, Ref
from strategies.misfits import misfits, of_unknown_condition
from strategies.ops import Unit, unit_of_call
from strategies.state import Slot, State

Mistake = tuple[list[Instruction], Instruction]
"""What is to stand before the call, and the call."""

OTHERS = (
    ((3,), "float32"), ((2, 5), "float32"), ((), "float32"), ((0,), "float32"), ((1, 2, 2, 1, 2, 1), "float64"),
    ((2, 3), "bool"), ((2, 2), "int64"), ((2, 3), "complex64"), ((2, 3), "float64"),
)  # fmt: skip
"""Tensors that may not fit where a tensor stands."""
NO_TENSORS = (None, "x", ListArg((1.0, 2.0)), True)
"""What is no tensor."""


def mistakes(spec: OpSpec, state: State, call: Instruction) -> Iterator[Mistake]:
    """The call with one thing amiss each: an operand, an argument, one too few, one too many."""
    for place, arg in enumerate(call.args):
        receives = call.form in ("method", "index", "get") and place == 0
        for before, other in _instead(state, arg, receives):
            if not of_unknown_condition(spec, place, before):
                yield before, call._replace(args=(*call.args[:place], other, *call.args[place + 1 :]))
    for place, (name, arg) in enumerate(call.kwargs):
        for before, other in _instead(state, arg, False):
            yield before, call._replace(kwargs=(*call.kwargs[:place], (name, other), *call.kwargs[place + 1 :]))
    yield from _declared(spec, state, call)
    if call.form in ("call", "method"):
        yield [], call._replace(args=call.args[:-1] if len(call.args) > (call.form == "method") else call.args)
        yield [], call._replace(args=(*call.args, 1, 1))
        yield [], call._replace(kwargs=(*call.kwargs, ("nonsense", 1)))


def _instead(state: State, arg: Any, receives: bool) -> Iterator[tuple[list[Instruction], Any]]:
    """What may stand for an argument, and what has to be made for it."""
    if isinstance(arg, Ref):
        for shape, dtype in OTHERS:
            made = Instruction(("m0",), "call", "ones", (shape,), (("dtype", Attr(dtype)),))
            yield [made], Ref("m0")
        if not receives:
            yield from (([], one) for one in NO_TENSORS)
    elif not receives:
        yield from (([], one) for one in _values(arg))


def _values(arg: Any) -> tuple[Any, ...]:
    """What is wrong where a plain value stands."""
    if isinstance(arg, bool):
        return ("x", None, 2)
    if isinstance(arg, int):
        return (7, -7, 1.5, "x", None)
    if isinstance(arg, float):
        return ("x", None, -1.0)
    if isinstance(arg, str):
        return ("nonsense", 3, None)
    if isinstance(arg, Attr):
        return (Attr("int64"), Attr("bool"), 3)
    if isinstance(arg, ListArg):
        return (ListArg((*arg.items, 7)), 1.5, "x", None)
    if isinstance(arg, tuple):
        return ((*arg, 7), (*arg[:-1], -7), (*arg[:-1], 1.5), "x", None)
    return ("x", 1.5)


def _declared(spec: OpSpec, state: State, call: Instruction) -> Iterator[Mistake]:
    """The call with each value that its line in the opset says is wrong."""
    metas = {value.ref: value.meta for value in state.values}
    operands = [metas[arg] for arg in call.args if isinstance(arg, Ref) and arg in metas]
    operands = operands[: len(spec.infer.operands)]
    if len(operands) < len(spec.infer.operands):
        return
    for place, parameter in enumerate(spec.infer.parameters):
        if isinstance(parameter, Param) and parameter.wrong is not None:
            for value in parameter.wrong(*operands):
                values = value.values if isinstance(value, Joint) else (value,)
                before = [_made(one) for one in values if isinstance(one, Const)]
                said = tuple(Ref("m0") if isinstance(one, Const) else one for one in values)
                yield before, _with(call, place, parameter, said)


def _made(const: Const) -> Instruction:
    """A tensor that is written into the program."""
    return Instruction(("m0",), "call", "tensor", (const.data,), (("dtype", Attr(const.meta.dtype)),))


def _with(call: Instruction, place: int, parameter: Param, values: tuple[Any, ...]) -> Instruction:
    """The call with this value for a parameter, or these for several in a row."""
    if len(values) > 1 or place < len(call.args) or parameter.keyword == "never":
        return call._replace(args=(*call.args[:place], *values, *call.args[place + len(values) :]))
    kwargs = tuple(pair for pair in call.kwargs if pair[0] != parameter.name)
    return call._replace(kwargs=(*kwargs, (parameter.name, *values)))


def units_of(names: tuple[str, ...]) -> list[tuple[OpSpec, Unit]]:
    """The ops of these names and their in-place forms, each with the unit that calls it rightly."""
    specs = [OPS[name] for name in names]
    specs += [spec.in_place for spec in specs if spec.inplace and not spec.writes]
    return [(spec, unit_of_call(spec)) for spec in specs]


def unit_of_mistake(names: tuple[str, ...]) -> Unit:
    """The unit that calls one of these ops with a mistake; what is written in place is a copy."""
    units = units_of(names)

    def unit(state: State, slot: Slot) -> None:
        if units:
            _, _, extra, first, second, code, more = slot
            spec, unit = units[(extra + 256 * more) % len(units)]
            if unit(state, (0, 0, 0, first, second, code, more)) is not None:
                _spoil(spec, state, code + extra)

    return unit


def _spoil(spec: OpSpec, state: State, number: int) -> None:
    """The call that was written last with one of its mistakes, as if it had bound nothing."""
    call = state.instructions[-1]
    made = [*mistakes(spec, state, call), *misfits(spec, state, call)]
    del state.instructions[-1]
    bound = {Ref(out) for out in call.outs}
    state.values = [value for value in state.values if value.ref not in bound]
    if state.latest is not None and state.latest.ref in bound:
        state.latest = None
    if not made:
        return
    write(spec, state, made[number % len(made)])


def write(spec: OpSpec, state: State, mistake: Mistake) -> None:
    """Appends a call with its mistake, caught; of a call that writes, into a copy."""
    before, spoilt = mistake
    named = {out: Ref(f"u{state.count}{out}") for one in before for out in one.outs}
    if spec.writes and spoilt.args and isinstance(spoilt.args[0], Ref):
        copy = Ref(f"w{state.count}")
        before = [*before, Instruction((copy.name,), "method", "clone", spoilt.args[:1])]
        spoilt = spoilt._replace(args=(copy, *spoilt.args[1:]))
    state.count += 1
    for one in before:
        outs = tuple(named[out].name if out in named else out for out in one.outs)
        state.instructions.append(substitute(one, named)._replace(outs=outs, modes=state.modes))
    state.instructions.append(substitute(spoilt, named)._replace(caught=True))
