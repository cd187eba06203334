"""Units that ask for gradients: backward, autograd.grad, autograd.backward; reading and resetting .grad.

What may live here: how outputs, inputs, cotangents and flags of a query are chosen, and what is known after
it. """

from __future__ import annotations

from typing import Any, Final

from oracle.opset.metas import COMPLEX
from oracle.program.language import Instruction, Ref
from strategies.state import BURIED, NAMES, REFS, UNCERTAIN, Slot, State, Value, new

IMPLICIT: Final = 160  # a byte below this leaves out the cotangent of one element
BORROWED: Final = 216  # ... and from here on the cotangent is a live value, if one is alike
SECOND_OUTPUT: Final = 216  # an extra byte from here on asks from two outputs
TWICE: Final = 248  # ... which may be the same
FUNCTION: Final = 200  # ... and from here on backward is called as a function
INPUTS: Final = 200 << 8  # a code from here on gives backward its inputs
ALL_LEAVES: Final = 128  # below this all leaves of the history are inputs
ANOTHER: Final = 208  # from here on there are two inputs
ANY: Final = 236  # ... whether they were used or not
RETAIN: Final = ("retain_graph", True)
CREATE: Final = ("create_graph", True)
UNUSED: Final = ("allow_unused", True)
MATERIALIZED: Final = ("materialize_grads", True)

FLAGS: Final[tuple[tuple[tuple[str, bool], ...], ...]] = tuple(
    ((RETAIN,) if byte % 4 == 1 or byte % 16 == 2 else ()) + ((CREATE,) if byte // 16 % 8 == 5 else ())
    for byte in range(256)
)
"""Argument byte to flags of a query; none for 0."""


def output_of(state: State, byte: int) -> Value | None:
    """A value that requires grad: the one named, else the last computed, else any."""
    value = state.near[state.named[byte]]
    if value is not None:
        if value.many is not None:
            value = value.many[byte % len(value.many)]
        if value.nodes:
            return value
    value = state.latest
    if value is not None and value.nodes:
        return value
    return state.search(byte, _requires_grad) if state.leaves or not state.values else None


def _requires_grad(value: Value) -> bool:
    return value.nodes != 0


def cotangent_of(state: State, output: Value, byte: int) -> Ref | None:
    """None (the implicit 1) where that is allowed and asked for, else a tensor like the output."""
    of = output.meta
    if of.numel == 1 and byte < IMPLICIT and of.category != COMPLEX:
        return None
    if byte >= BORROWED:
        live = state.values[byte % len(state.values)]
        if live.meta is of and not live.nodes and not live.flags & BURIED:
            return live.ref
    return state.like(of, byte)


def _second(state: State, output: Value, slot: Slot) -> Value | None:
    """Another output of the query, now and then the same once more."""
    other = output_of(state, slot[4])
    return other if other is not output or slot[2] >= TWICE else None


def backward(state: State, slot: Slot) -> Value | None:
    """`v0.backward(...)` or `T.autograd.backward(...)`."""
    _, _, extra, first, second, code, more = slot
    output = output_of(state, first)
    if output is None:
        return None
    other = _second(state, output, slot) if extra >= SECOND_OUTPUT else None
    cotangent = cotangent_of(state, output, more)
    history, flags = output.nodes, output.flags
    if other is not None:
        history |= other.nodes
        flags |= other.flags
    kwargs: tuple[Any, ...] = FLAGS[code & 255]
    sure = not (flags & UNCERTAIN or history & (state.freed | state.stale))
    if not kwargs:  # neither retain_graph nor create_graph
        state.freed |= history & ~state.leaf_nodes
    chosen: tuple[Value, ...] = ()
    if code >= INPUTS:
        chosen = _inputs(state, output, history, code >> 8, second)
        kwargs = (*kwargs, ("inputs", tuple([value.ref for value in chosen])))
        for value in chosen:
            sure = sure and not value.flags & UNCERTAIN
    if sure and not chosen:
        state.gathered |= history & (state.leaf_nodes | state.retained)
    if other is None and extra < FUNCTION:
        args: tuple[Any, ...] = (output.ref,) if cotangent is None else (output.ref, cotangent)
        form, op = "method", "backward"
    else:
        outputs: tuple[Ref, ...] = (output.ref,)
        cotangents: tuple[Ref | None, ...] = (cotangent,)
        if other is not None:
            outputs, cotangents = (output.ref, other.ref), (cotangent, cotangent_of(state, other, more ^ 8))
        form, op = "call", "autograd.backward"
        args = (outputs,) if cotangents == (None,) * len(cotangents) else (outputs, cotangents)
    state.instructions.append(new(Instruction, ((), form, op, args, kwargs, False, state.modes, not sure)))
    return None


def grad(state: State, slot: Slot, seed: Value | None = None) -> Value | None:
    """`v3, v4 = T.autograd.grad((v2,), (v0, v1), ...)`; `seed`, if given, is the cotangent of the one output."""
    _, _, extra, first, second, code, more = slot
    output = output_of(state, first)
    if output is None:
        return None
    other = _second(state, output, slot) if extra >= SECOND_OUTPUT else None
    history, flags = output.nodes, output.flags
    if other is not None:
        history |= other.nodes
        flags |= other.flags
    inputs = _inputs(state, output, history, code >> 8, second)
    kwargs: tuple[Any, ...] = FLAGS[code & 255]
    creates = CREATE in kwargs
    sure = not (flags & UNCERTAIN or history & (state.freed | state.stale))
    if not kwargs:
        state.freed |= history & ~state.leaf_nodes
    unused = code & 255 >= 240
    for value in inputs:
        if value.flags & UNCERTAIN:
            sure = False
        if not value.node & history:
            unused = True
    outputs: tuple[Ref, ...] = (output.ref,)
    cotangents: tuple[Ref | None, ...] = (cotangent_of(state, output, more) if seed is None else seed.ref,)
    if seed is not None:
        history |= seed.nodes
    if other is not None:
        outputs, cotangents = (output.ref, other.ref), (*cotangents, cotangent_of(state, other, more ^ 8))
    if cotangents[0] is not None or cotangents[-1] is not None:
        kwargs = (("grad_outputs", cotangents), *kwargs)
    zeros = unused and more % 4 == 3
    if unused:
        kwargs = (*kwargs, MATERIALIZED if zeros else UNUSED)
    n = state.count
    state.count = n + len(inputs)
    names = NAMES[n : state.count]
    args = (outputs, tuple([value.ref for value in inputs]))
    state.instructions.append(
        new(Instruction, (names, "call", "autograd.grad", args, kwargs, True, state.modes, not sure))
    )
    return None if (unused and not zeros) or not sure else _gradients(state, inputs, n, history if creates else 0)


def _gradients(state: State, inputs: tuple[Value, ...], n: int, history: int) -> Value:
    """The results of a query that is sure to succeed, to go on with; `history` is of the created graph."""
    made = []
    for place, value in enumerate(inputs, n):
        result = Value(REFS[place], value.meta)
        result.dense = False
        result.flags = UNCERTAIN
        if history:
            result.node = state.fresh_node()
            result.nodes = history | result.node
            state.stale |= result.node  # whether it requires grad depends on the formulas
        made.append(result)
    state.values += made
    if len(made) > 1:
        made[0].many = tuple(made)
    return made[0]


def _inputs(state: State, output: Value, history: int, how: int, byte: int) -> tuple[Value, ...]:
    """Values to differentiate for: mostly leaves or others of the history; also unused ones, or one twice."""
    leaves = [value for value in state.leaves if value.node & history]
    if how < ALL_LEAVES and leaves:
        return tuple(leaves)
    found = state.near[state.named[byte]]
    if found is None or found.many is not None or not found.node & (history if how < ANY else -1):
        found = leaves[byte % len(leaves)] if leaves else output
    return (
        (found,)
        if how < ANOTHER
        else (found, state.leaves[how % len(state.leaves)] if state.leaves else found)
    )


def read_grad(state: State, slot: Slot) -> Value | None:
    """`v1 = v0.grad` of a leaf or of what retains it; to go on with where it is sure to be a tensor."""
    first = slot[3]
    owner = state.near[state.named[first]]
    if owner is None or not owner.node & (state.leaf_nodes | state.retained):
        if not state.leaves:
            return None
        owner = state.leaves[first % len(state.leaves)]
    value = state.bind(owner.meta, "get", "grad", (owner.ref,))
    if not owner.node & state.gathered:
        return None
    value.flags = UNCERTAIN
    value.dense = False
    state.values.append(value)
    return value


def second_order(state: State, slot: Slot) -> Value | None:
    """A gradient with create_graph, and at once the gradient of that; by its cotangent, too, which may require grad.

    A linear op has no other second derivative: the gradient of its input is no function of the input.
    """
    _, _, extra, first, second, code, more = slot
    output = output_of(state, first)
    if output is None or output.nodes & (state.freed | state.stale) or output.flags & UNCERTAIN:
        return None
    if output.is_leaf:
        return None
    saving = any(v.node & output.nodes and v.made_by is not None and v.made_by.saves for v in state.values)
    seed = None if saving and more & 1 else state.constant(output.meta, more, "grad")
    create = 0x50 | min(code, (ANOTHER << 8) - 1) & 0xFF00
    gradient = grad(state, (0, 0, 0, first, second, create, more), seed)
    if seed is not None:
        seed.flags |= UNCERTAIN  # what passes gradients on returns this very tensor
    if gradient is None:
        return None
    inputs = _inputs(state, gradient, gradient.nodes & ~gradient.node, extra, second)
    cotangent = cotangent_of(state, gradient, code & 255)
    kwargs: tuple[Any, ...] = () if cotangent is None else (("grad_outputs", (cotangent,)),)
    names = NAMES[state.count : state.count + len(inputs)]
    state.count += len(inputs)
    args = ((gradient.ref,), tuple([value.ref for value in inputs]))
    state.instructions.append(
        new(
            Instruction,
            (names, "call", "autograd.grad", args, (*kwargs, RETAIN, UNUSED), True, state.modes, True),
        )
    )
    return gradient


def zero_grad(state: State, slot: Slot) -> None:
    """`v1 = v0.grad` and `v1.zero_()`, as optimizers do without set_to_none; after a backward if there was none."""
    owner = state.search(slot[3], lambda value: value.node & state.gathered != 0)
    if owner is None:
        backward(state, (0, 0, 0, *slot[3:5], slot[5] & 255, slot[6]))
        owner = state.search(slot[3], lambda value: value.node & state.gathered != 0)
    if owner is not None:
        value = state.bind(owner.meta, "get", "grad", (owner.ref,))
        # a gradient that was made with create_graph has a history of its own, and a formula may have given none
        state.emit("method", "zero_", (value.ref,), (), True)


def reset_grad(state: State, slot: Slot) -> Value | None:
    """`v0.grad = None`, or a gradient of the program's own."""
    _, _, extra, first, second, _, _ = slot
    owner = state.search(first, lambda value: value.nodes != 0 and value.is_leaf)
    if owner is None:
        return None
    if extra >= 192:
        given = state.search(second, lambda value: value.meta is owner.meta and not value.nodes)
        if given is not None:
            state.emit("set", "grad", (owner.ref, given.ref))
            state.gathered |= owner.node
            return None
    state.emit("set", "grad", (owner.ref, None))
    state.gathered &= ~owner.node
    return None
