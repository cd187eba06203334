"""How a call is written into the program, and what is known of its results.

What may live here: writing a call of any form with any number of results, constants that it needs, and the
notes on history, views and memory that later slots rely on.
"""

from __future__ import annotations

from typing import Any

from oracle.opset.calls import Arrangement, Call, Place
from oracle.opset.metas import Meta
from oracle.opset.spec import Const, OpSpec
from oracle.program.language import Instruction, ListArg
from strategies.state import (
    DTYPE,
    MULTI,
    NAMES,
    OUTS,
    OVERLAP,
    REFS,
    UNCERTAIN,
    UNTRACKED,
    State,
    Value,
    new,
)


def called(state: State, spec: OpSpec, call: Call, operands: tuple[Value, ...], args: tuple[Any, ...],
           form: str, op: str, caught: bool) -> Value:  # fmt: skip
    """Writes a call and notes its results; constants of the call are written before it."""
    arrangement, outs = call
    kwargs = arrangement.kwargs
    if not arrangement.bare:
        if form == "operator" or (arrangement.star and form == "call"):
            form = "method" if arrangement.star else spec.forms[0]
            op = spec.name if form == "call" else spec.name.rpartition(".")[2]
        if arrangement.args is None:
            args += arrangement.tail
        else:
            args, kwargs = placed(state, arrangement, args)
    if spec.outs == "many":
        instruction: Any = (form, op, args, kwargs, True, state.modes, caught)
        return _many(state, spec, outs, operands, instruction)
    n = state.count
    state.count = n + 1
    state.instructions.append(new(Instruction, (OUTS[n], form, op, args, kwargs, False, state.modes, caught)))
    value = Value(REFS[n], outs[0], spec, operands)
    nodes = 0
    dense = spec.dense
    for operand in operands:
        nodes |= operand.nodes
        if not operand.dense:
            dense = dense == "always"
    if nodes and state.grad_on and spec.grad and value.meta.differentiable:
        node = state.next_node
        state.next_node = node << 1
        value.node = node
        value.nodes = nodes | node
        state.latest = value
        if spec.grad == "refused":
            state.stale |= node
    if not dense:
        value.dense = False
    if spec.view:
        viewed(state, spec, value, operands[0])
    state.values.append(value)
    return value


def _many(state: State, spec: OpSpec, outs: tuple[Meta, ...], operands: tuple[Value, ...],
          instruction: tuple[Any, ...]) -> Value:  # fmt: skip
    """A call with several results, `instruction` but for the names."""
    n = state.count
    state.count = n + len(outs)
    names = NAMES[n : state.count]
    state.instructions.append(new(Instruction, (names, *instruction)))
    nodes = 0
    for operand in operands:
        nodes |= operand.nodes
    node = state.fresh_node() if nodes and state.grad_on and spec.grad and spec.view != "each" else 0
    sources, recorded = operands, node != 0
    if spec.grad == "refused":
        state.stale |= node
    made = []
    for place, of in enumerate(outs, n):
        if spec.view == "each":  # every result has a node of its own
            operands, nodes = (sources[place - n],), sources[place - n].nodes
            recorded = nodes != 0 and state.grad_on
        value = Value(REFS[place], of, spec, operands)
        if recorded and of.differentiable and place - n not in spec.constant:
            # the outputs share a node; a bit of its own tells each apart as an input of a query
            value.node = state.fresh_node()
            value.nodes = nodes | node | value.node
            state.latest = value
        value.dense = False
        if spec.view:
            viewed(state, spec, value, operands[0])
        made.append(value)
    state.values += made
    if len(made) > 1:
        made[0].many = tuple(made)
        for value in made[1:]:
            value.later = not value.flags & MULTI
    return made[0]


def viewed(state: State, spec: OpSpec, value: Value, x: Value) -> None:
    """Notes that `value` is a view of x, made by this op."""
    value.store = x.store or x
    if spec.view == "detached":
        value.flags = x.flags & OVERLAP
        return
    value.base = x.base or x
    value.flags = x.flags
    if spec.overlap:
        value.flags |= OVERLAP
    if spec.outs == "many" and spec.view != "each":
        value.flags |= MULTI
    if not state.grad_on:
        value.flags |= UNTRACKED
        if x.nodes:  # torch says that it requires grad, and lets no gradient arrive at it
            value.node = value.nodes = state.fresh_node()
            value.flags |= UNCERTAIN
        if spec.view == "maybe" and not x.dense:
            value.flags |= UNCERTAIN


def placed(
    state: State, call: Arrangement, operands: tuple[Any, ...]
) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
    """Arguments with operands in their places, after writing the constants of the call."""
    consts = {id(const): _const(state, const) for const in call.consts}

    def put(arg: Any) -> Any:
        if isinstance(arg, Place):
            return operands[arg.index]
        if type(arg) is tuple:
            return tuple(map(put, arg))
        return consts[id(arg)] if isinstance(arg, Const) else arg

    return tuple(map(put, call.args or ())), tuple((name, put(value)) for name, value in call.kwargs)


def _listed(data: Any) -> Any:
    """Nested lists as the language holds them."""
    return ListArg(tuple(map(_listed, data))) if isinstance(data, list) else data


def _const(state: State, const: Const) -> Any:
    of = const.meta
    kwargs: tuple[Any, ...] = (("dtype", DTYPE[of.dtype]),)
    if of.numel == 0:  # nested lists cannot say every empty shape
        made = state.bind(of, "call", "zeros", (of.shape,), kwargs)
    else:
        kwargs = () if of.dtype in ("int64", "bool", "float32") else kwargs
        made = state.bind(of, "call", "tensor", (_listed(const.data),), kwargs)
    state.values.append(made)
    return made.ref
