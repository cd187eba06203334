"""Units that ask for gradients: backward, autograd.grad, autograd.backward; reading and resetting .grad.

What may live here: how outputs, inputs, cotangents and flags of a query are chosen, and what is known after it.
"""

from __future__ import annotations

from typing import Any

from oracle.opset.metas import COMPLEX
from strategies.layout import ARGS, ARGS_HIGH, EXTRA, FIRST, MORE, SECOND
from strategies.state import UNCERTAIN, OUTS, REFS, State, Value, new
from oracle.program.language import Instruction

RETAIN = ("retain_graph", True)
CREATE = ("create_graph", True)
UNUSED = ("allow_unused", True)


def output_of(state: State, byte: int) -> Value | None:
    """A value that requires grad, by an operand byte; the first leaf if nothing was computed yet."""
    found = state.search(byte, _requires_grad)
    if found is None and not state.values:
        leaf = state.leaf(0)
        return leaf if leaf.nodes else None
    return found


def _requires_grad(value: Value) -> bool:
    return value.nodes != 0


def cotangent_for(state: State, output: Value, byte: int) -> Any:
    """None (the implicit 1) where that is allowed and asked for, else a tensor like the output."""
    of = output.meta
    if of.numel == 1 and of.category != COMPLEX and byte < 160:
        return None
    if byte >= 216:
        live = state.search(byte, lambda value: value.meta is of and not value.nodes)
        if live is not None:
            return live.ref
    return state.constant(of, byte).ref


def flags_of(byte: int) -> tuple[tuple[str, bool], ...]:
    """retain_graph and create_graph by a byte; none for 0."""
    kwargs: tuple[tuple[str, bool], ...] = ()
    if byte & 3 == 1 or byte & 15 == 2:
        kwargs += (RETAIN,)
    if byte >> 4 & 7 == 5:
        kwargs += (CREATE,)
    return kwargs


def _asked(state: State, outputs: list[Value], kwargs: tuple[tuple[str, bool], ...]) -> bool:
    """Whether the query is sure to succeed; notes what it frees."""
    history = 0
    for output in outputs:
        history |= output.nodes
    sure = not history & (state.freed | state.stale) and not any(o.flags & UNCERTAIN for o in outputs)
    if RETAIN not in kwargs and CREATE not in kwargs:
        state.freed |= history & ~_leaf_nodes(state)
    return sure


def _leaf_nodes(state: State) -> int:
    nodes = 0
    for value in state.values:
        if value.nodes and value.nodes == value.node:
            nodes |= value.node
    return nodes


def _outputs(state: State, buffer: bytes, at: int) -> list[Value]:
    first = output_of(state, buffer[at + FIRST])
    if first is None:
        return []
    outputs = [first]
    if buffer[at + EXTRA] >= 216:
        second = output_of(state, buffer[at + SECOND])
        if second is not None and (second is not first or buffer[at + EXTRA] >= 248):
            outputs.append(second)
    return outputs


def backward(state: State, buffer: bytes, at: int) -> Value | None:
    """`v0.backward(...)` or `T.autograd.backward(...)`."""
    outputs = _outputs(state, buffer, at)
    if not outputs:
        return None
    cotangents = [cotangent_for(state, output, buffer[at + MORE] + 8 * i & 255) for i, output in enumerate(outputs)]
    kwargs: tuple[Any, ...] = flags_of(buffer[at + ARGS])
    history = 0
    for output in outputs:
        history |= output.nodes
    chosen: list[Value] = []
    if buffer[at + ARGS_HIGH] >= 200:
        chosen = _inputs(state, history, buffer[at + ARGS_HIGH], buffer[at + SECOND])
    sure = _asked(state, outputs, kwargs)
    if chosen:
        kwargs = (*kwargs, ("inputs", tuple(value.ref for value in chosen)))
    if len(outputs) == 1 and buffer[at + EXTRA] < 200:
        args = (outputs[0].ref,) if cotangents[0] is None else (outputs[0].ref, cotangents[0])
        state.emit("method", "backward", args, kwargs, not sure)
    else:
        given = (tuple(cotangents),) if any(c is not None for c in cotangents) else ()
        state.emit("call", "autograd.backward", (tuple(o.ref for o in outputs), *given), kwargs, not sure)
    if sure and not chosen:
        for value in state.values:
            if value.node & history and (value.is_leaf or value.retains) and not value.flags & UNCERTAIN:
                value.has_grad = True
    return None


def grad(state: State, buffer: bytes, at: int) -> Value | None:
    """`v3, v4 = T.autograd.grad((v2,), (v0, v1), ...)`."""
    outputs = _outputs(state, buffer, at)
    if not outputs:
        return None
    history = 0
    for output in outputs:
        history |= output.nodes
    inputs = _inputs(state, history, buffer[at + ARGS_HIGH], buffer[at + SECOND])
    if not inputs:
        return None
    unused = not all(value.node & history and not value.flags & UNCERTAIN for value in inputs)
    cotangents = [cotangent_for(state, output, buffer[at + MORE] + 8 * i & 255) for i, output in enumerate(outputs)]
    kwargs: tuple[Any, ...] = flags_of(buffer[at + ARGS])
    sure = _asked(state, outputs, kwargs)
    creates = CREATE in kwargs
    if any(c is not None for c in cotangents):
        kwargs = (("grad_outputs", tuple(cotangents)), *kwargs)
    if unused or buffer[at + ARGS] >= 240:
        kwargs = (*kwargs, UNUSED)
    n = state.count
    state.count = n + len(inputs)
    names = OUTS[n] if len(inputs) == 1 else tuple(ref.name for ref in REFS[n : n + len(inputs)])
    args = (tuple(o.ref for o in outputs), tuple(i.ref for i in inputs))
    state.instructions.append(
        new(Instruction, (names, "call", "autograd.grad", args, kwargs, True, state.modes, not sure))
    )
    if not sure or unused:
        return None
    made = []
    for place, value in enumerate(inputs, n):
        result = Value(REFS[place], value.meta)
        result.dense = False
        if creates:
            result.node = state.fresh_node()
            result.nodes = history | result.node
            state.stale |= result.node  # whether it requires grad depends on the formulas
        result.flags = UNCERTAIN
        made.append(result)
    state.values += made
    if len(made) > 1:
        made[0].many = tuple(made)
    return made[0]


def _inputs(state: State, history: int, how: int, byte: int) -> list[Value]:
    """Values to differentiate for: mostly of the history, sometimes any that requires grad, or one twice."""
    candidates = [value for value in state.values if value.node & history]
    if how >= 232 or not candidates:
        candidates = [value for value in state.values if value.nodes]
    if not candidates:
        return []
    first = candidates[byte % len(candidates)]
    if how < 96:
        leaves = [value for value in candidates if value.is_leaf]
        return leaves or [first]
    if how < 176:
        return [first]
    return [first, candidates[how % len(candidates)]]


def read_grad(state: State, buffer: bytes, at: int) -> Value | None:
    """`v1 = v0.grad`; a value to go on with where it is sure to be a tensor."""
    owner = state.search(buffer[at + FIRST], lambda value: value.has_grad)
    if owner is None:
        owner = state.search(buffer[at + FIRST], _requires_grad)
        if owner is None:
            return None
        if not owner.is_leaf and not owner.retains:
            return None  # a warning in torch; composed by the unit for warnings
        state.bind(owner.meta, "get", "grad", (owner.ref,))
        return None
    value = state.bind(owner.meta, "get", "grad", (owner.ref,))
    value.flags = UNCERTAIN
    value.dense = False
    state.values.append(value)
    return value


def reset_grad(state: State, buffer: bytes, at: int) -> Value | None:
    """`v0.grad = None`, or a gradient of the program's own."""
    owner = state.search(buffer[at + FIRST], lambda value: value.nodes != 0 and value.is_leaf)
    if owner is None:
        return None
    if buffer[at + EXTRA] >= 192:
        given = state.search(buffer[at + SECOND], lambda value: value.meta is owner.meta and not value.nodes)
        if given is not None:
            state.emit("set", "grad", (owner.ref, given.ref))
            owner.has_grad = True
            return None
    state.emit("set", "grad", (owner.ref, None))
    owner.has_grad = False
    return None
