"""The rules that faulty programs break: one function per prohibition of torch, by name in `RULES`.

What may live here: how each rule is broken on the values of a program; those of modes, saved tensors and
functions are in `mode_rules`. A breaker appends what it needs and, as its last statement, the one that torch
refuses. Messages are torch's affair; the names here are ours.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from oracle.opset.metas import COMPLEX, Meta, meta
from oracle.program.language import Fn
from strategies.operands import DEFAULT
from strategies.state import OVERLAP, UNCERTAIN, Slot, State, Value

Breaker = Callable[[State, Slot, bool], None]
RULES: Final[dict[str, Breaker]] = {}
"""Name of the rule to what breaks it: `(state, slot, caught)`; `caught` is for the refused statement."""


def _breaks(breaker: Breaker) -> Breaker:
    RULES[breaker.__name__] = breaker
    return breaker


# --- what breakers need


def leaf_of(state: State, slot: Slot, of: Meta | None = None) -> Value:
    """A leaf that requires grad, a live one if there is one."""
    found = None
    if of is None:
        found = state.search(
            slot[3], lambda v: v.node & state.leaf_nodes != 0 and _usual(v) and v.meta.numel > 0
        )
    return found or state.constant(of or DEFAULT, slot[6], "grad")


def plain_of(state: State, slot: Slot, of: Meta | None = None) -> Value:
    """A tensor that requires no grad."""
    return state.constant(of or DEFAULT, slot[6])


def _usual(value: Value) -> bool:
    """Whether all that a rule may do with a leaf is allowed; of complex numbers, no gradient can be implicit."""
    plain = value.store is None and value.dense and not value.flags & (UNCERTAIN | OVERLAP)
    return plain and value.meta.category != COMPLEX


def _call(
    state: State, op: str, args: tuple[Any, ...], of: Meta, *sources: Value, form: str = "call"
) -> Value:
    """One more value, of these sources."""
    value = state.bind(of, form, op, args)
    for source in sources:
        value.nodes |= source.nodes
    if value.nodes:
        value.node = state.fresh_node()
        value.nodes |= value.node
        value.flags = UNCERTAIN
    state.values.append(value)
    return value


def computed(state: State, slot: Slot) -> Value:
    """A tensor with a history that nothing has touched."""
    leaf = leaf_of(state, slot)
    return _call(state, "mul", (leaf.ref, 2), leaf.meta, leaf)


def squared_sum(state: State, slot: Slot, of: Meta | None = None) -> tuple[Value, Value]:
    """A leaf and a number computed from it that saves tensors; a new leaf if `of` is given."""
    leaf = leaf_of(state, slot, of)
    square = _call(state, "mul", (leaf.ref, leaf.ref), leaf.meta, leaf)
    return leaf, _call(state, "sum", (square.ref,), meta((), leaf.meta.dtype), square)


def _grad(
    state: State, outputs: tuple[Any, ...], inputs: tuple[Any, ...], caught: bool, **kwargs: Any
) -> None:
    state.emit("call", "autograd.grad", (outputs, inputs), tuple(kwargs.items()), caught)


# --- writing


@_breaks
def leaf_written(state: State, slot: Slot, caught: bool) -> None:
    """A leaf that requires grad may not be written in place."""
    leaf = leaf_of(state, slot)
    state.emit("method", "mul_" if slot[5] & 1 else "add_", (leaf.ref, 2), (), caught)


@_breaks
def view_of_leaf_written(state: State, slot: Slot, caught: bool) -> None:
    """Nor may a view of one."""
    leaf = leaf_of(state, slot)
    view = _call(
        state, "view", (leaf.ref, -1), meta((leaf.meta.numel,), leaf.meta.dtype), leaf, form="method"
    )
    state.emit("method", "mul_", (view.ref, 2), (), caught)


@_breaks
def multi_output_view_written(state: State, slot: Slot, caught: bool) -> None:
    """The outputs of unbind, split and chunk may not be written."""
    leaf = leaf_of(state, slot, DEFAULT)
    base = _call(state, "mul", (leaf.ref, 2), DEFAULT, leaf)
    op, *rest = (("unbind",), ("split", 1), ("chunk", 2))[slot[5] % 3]
    n = state.count
    state.emit_unpacked("method", op, (base.ref, *rest), 2)
    state.emit("method", "add_", (state.ref(n + (slot[5] >> 8) % 2), 1), (), caught)


@_breaks
def outdated_multi_output_view_used(state: State, slot: Slot, caught: bool) -> None:
    """Nor used after their base was written."""
    leaf = leaf_of(state, slot, DEFAULT)
    base = _call(state, "mul", (leaf.ref, 2), DEFAULT, leaf)
    n = state.count
    state.emit_unpacked("method", "unbind", (base.ref,), 2)
    state.emit("method", "add_", (base.ref, 1))
    state.emit("call", "mul", (state.ref(n), 2), (), caught)


@_breaks
def untracked_view_written(state: State, slot: Slot, caught: bool) -> None:
    """A view made under no_grad may not be written with history on."""
    base = computed(state, slot)
    modes, state.modes = state.modes, ("no_grad()",)
    view = state.bind(base.meta, "method", "view", (base.ref, base.meta.shape))
    state.modes = modes
    state.emit("method", "mul_", (view.ref, 2), (), caught)


@_breaks
def overlapping_written(state: State, slot: Slot, caught: bool) -> None:
    """An expanded tensor may not be written: several elements are one place of memory."""
    base = plain_of(state, slot, meta((1,), "float32"))
    wide = state.bind(meta((3,), "float32"), "method", "expand", (base.ref, 3))
    state.emit("method", "add_", (wide.ref, 1), (), caught)


@_breaks
def write_changes_shape(state: State, slot: Slot, caught: bool) -> None:
    """A write may not broadcast what is written."""
    small, large = plain_of(state, slot), plain_of(state, slot, meta((3, 2), "float32"))
    state.emit("method", "add_" if slot[5] & 1 else "mul_", (small.ref, large.ref), (), caught)


@_breaks
def write_changes_dtype(state: State, slot: Slot, caught: bool) -> None:
    """A write may not need a wider category of dtype."""
    whole = plain_of(state, slot, meta((2,), "int64"))
    op, other = (("mul_", 0.5), ("div_", 2), ("add_", 1.5))[slot[5] % 3]
    state.emit("method", op, (whole.ref, other), (), caught)


@_breaks
def saved_tensor_modified(state: State, slot: Slot, caught: bool) -> None:
    """What backward needs may not have been written since."""
    leaf = leaf_of(state, slot)
    middle = _call(state, "mul", (leaf.ref, 2), leaf.meta, leaf)
    squared = _call(state, "mul", (middle.ref, middle.ref), leaf.meta, middle)
    number = _call(state, "sum", (squared.ref,), meta((), leaf.meta.dtype), squared)
    state.emit("method", "add_", (middle.ref, 1))
    ask(state, slot, number, leaf, caught)


@_breaks
def view_detached_in_place(state: State, slot: Slot, caught: bool) -> None:
    """A view may not be detached in place."""
    base = computed(state, slot)
    view = _call(
        state, "view", (base.ref, -1), meta((base.meta.numel,), base.meta.dtype), base, form="method"
    )
    state.emit("method", "detach_", (view.ref,), (), caught)


# --- requiring grad


@_breaks
def integers_require_grad(state: State, slot: Slot, caught: bool) -> None:
    """Only floating point and complex tensors can require grad."""
    whole = plain_of(state, slot, meta((2,), "int64" if slot[5] >> 8 & 1 else "bool"))
    if slot[5] & 1:
        state.emit("set", "requires_grad", (whole.ref, True), (), caught)
    else:
        state.emit("method", "requires_grad_", (whole.ref,), (), caught)


@_breaks
def history_stops_requiring_grad(state: State, slot: Slot, caught: bool) -> None:
    """Only a leaf can cease to require grad."""
    value = computed(state, slot)
    if slot[5] & 1:
        state.emit("set", "requires_grad", (value.ref, False), (), caught)
    else:
        state.emit("method", "requires_grad_", (value.ref, False), (), caught)


@_breaks
def history_set_to_require_grad(state: State, slot: Slot, caught: bool) -> None:
    """Assigning requires_grad is for leaves alone."""
    state.emit("set", "requires_grad", (computed(state, slot).ref, True), (), caught)


@_breaks
def plain_tensor_retains_grad(state: State, slot: Slot, caught: bool) -> None:
    """retain_grad is for tensors that require grad."""
    state.emit("method", "retain_grad", (plain_of(state, slot).ref,), (), caught)


@_breaks
def plain_tensor_hooked(state: State, slot: Slot, caught: bool) -> None:
    """Hooks are for tensors that require grad."""
    state.emit("method", "register_hook", (plain_of(state, slot).ref, Fn("nothing")), (), caught)


# --- asking for gradients


def ask(state: State, slot: Slot, output: Value, leaf: Value, caught: bool, **kwargs: Any) -> None:
    if slot[5] & 1:
        _grad(state, (output.ref,), (leaf.ref,), caught, **kwargs)
    else:
        state.emit("method", "backward", (output.ref,), tuple(kwargs.items()), caught)


@_breaks
def graph_used_twice(state: State, slot: Slot, caught: bool) -> None:
    """Without retain_graph a graph serves once."""
    leaf, number = squared_sum(state, slot)
    ask(state, (*slot[:5], slot[5] >> 8, slot[6]), number, leaf, False)
    ask(state, slot, number, leaf, caught)


@_breaks
def several_elements_without_cotangent(state: State, slot: Slot, caught: bool) -> None:
    """The implicit cotangent is for one element."""
    leaf = leaf_of(state, slot, DEFAULT)
    value = _call(state, "mul", (leaf.ref, 2), DEFAULT, leaf)
    ask(state, slot, value, leaf, caught)


@_breaks
def nothing_requires_grad(state: State, slot: Slot, caught: bool) -> None:
    """An output must have a history."""
    plain = plain_of(state, slot, meta((), "float32"))
    number = _call(state, "mul", (plain.ref, 2), plain.meta)
    ask(state, slot, number, leaf_of(state, slot), caught)


@_breaks
def input_requires_no_grad(state: State, slot: Slot, caught: bool) -> None:
    """So must an input of a query, or be a leaf that requires grad."""
    _, number = squared_sum(state, slot)
    _grad(state, (number.ref,), (plain_of(state, slot).ref,), caught)


@_breaks
def input_unused(state: State, slot: Slot, caught: bool) -> None:
    """Without allow_unused every input must have been used."""
    _, number = squared_sum(state, slot)
    other = state.constant(DEFAULT, slot[5] >> 8, "grad")
    _grad(state, (number.ref,), (other.ref,), caught)


@_breaks
def cotangent_of_wrong_shape(state: State, slot: Slot, caught: bool) -> None:
    """A cotangent has the shape of its output."""
    leaf = leaf_of(state, slot)
    value = _call(state, "mul", (leaf.ref, 2), leaf.meta, leaf)
    wrong = plain_of(state, slot, meta((*leaf.meta.shape, 2), leaf.meta.dtype))
    if slot[5] & 1:
        _grad(state, (value.ref,), (leaf.ref,), caught, grad_outputs=(wrong.ref,))
    else:
        state.emit("method", "backward", (value.ref, wrong.ref), (), caught)


@_breaks
def cotangents_of_wrong_number(state: State, slot: Slot, caught: bool) -> None:
    """There are as many cotangents as outputs."""
    leaf, number = squared_sum(state, slot)
    one = plain_of(state, slot, number.meta)
    if slot[5] & 1:
        _grad(state, (number.ref, number.ref), (leaf.ref,), caught, grad_outputs=(one.ref,))
    else:
        state.emit("call", "autograd.backward", ((number.ref, number.ref), (one.ref,)), (), caught)


@_breaks
def grad_of_wrong_shape_assigned(state: State, slot: Slot, caught: bool) -> None:
    """A .grad has the shape of its tensor."""
    leaf = leaf_of(state, slot)
    wrong = plain_of(state, slot, meta((*leaf.meta.shape, 2), leaf.meta.dtype))
    state.emit("set", "grad", (leaf.ref, wrong.ref), (), caught)


@_breaks
def grad_of_wrong_dtype_assigned(state: State, slot: Slot, caught: bool) -> None:
    """And its dtype."""
    leaf = leaf_of(state, slot)
    other = "float64" if leaf.meta.dtype != "float64" else "float32"
    wrong = plain_of(state, slot, meta(leaf.meta.shape, other))
    state.emit("set", "grad", (leaf.ref, wrong.ref), (), caught)


@_breaks
def grad_assigned_to_itself(state: State, slot: Slot, caught: bool) -> None:
    """No tensor is its own gradient."""
    leaf = leaf_of(state, slot)
    state.emit("set", "grad", (leaf.ref, leaf.ref), (), caught)


@_breaks
def hook_changes_shape(state: State, slot: Slot, caught: bool) -> None:
    """What a hook returns is like the gradient."""
    leaf, number = squared_sum(state, slot, DEFAULT)
    state.emit("method", "register_hook", (leaf.ref, Fn("wrong_shape")))
    ask(state, slot, number, leaf, caught)


@_breaks
def hook_raises(state: State, slot: Slot, caught: bool) -> None:
    """An exception of a hook ends the backward pass."""
    leaf, number = squared_sum(state, slot, DEFAULT)
    state.emit("method", "register_hook", (leaf.ref, Fn("raise")))
    ask(state, slot, number, leaf, caught)


# --- calling ops


@_breaks
def shapes_do_not_broadcast(state: State, slot: Slot, caught: bool) -> None:
    """Sizes are equal or 1."""
    x, y = plain_of(state, slot), plain_of(state, slot, meta((3,), "float32"))
    state.emit("call", ("mul", "add", "sub", "div")[slot[5] % 4], (x.ref, y.ref), (), caught)


@_breaks
def dim_out_of_range(state: State, slot: Slot, caught: bool) -> None:
    """A dim is between -rank and rank - 1."""
    x = leaf_of(state, slot)
    rank = max(x.meta.rank, 1)
    op = ("sum", "unbind")[(slot[5] >> 8) % 2] if x.meta.rank else "sum"
    state.emit("method", op, (x.ref, rank if slot[5] & 1 else -rank - 1), (), caught)


@_breaks
def view_of_other_size(state: State, slot: Slot, caught: bool) -> None:
    """A view has as many elements as its base."""
    x = leaf_of(state, slot)
    state.emit("method", "view" if slot[5] & 1 else "reshape", (x.ref, (x.meta.numel + 1,)), (), caught)


@_breaks
def view_of_scattered_elements(state: State, slot: Slot, caught: bool) -> None:
    """A view cannot flatten what is not contiguous."""
    x = leaf_of(state, slot, meta((2, 3), "float32"))
    turned = _call(state, "t", (x.ref,), meta((3, 2), "float32"), x, form="method")
    state.emit("method", "view", (turned.ref, -1), (), caught)


@_breaks
def bools_subtracted(state: State, slot: Slot, caught: bool) -> None:
    """There is no `-` for bools."""
    x = plain_of(state, slot, meta((2,), "bool"))
    if slot[5] & 1:
        state.emit("call", "neg", (x.ref,), (), caught)
    else:
        state.emit("call", "sub", (x.ref, x.ref), (), caught)
