"""More rules that faulty programs break: those of forward mode, inference mode, saved tensors, edges, functions.

What may live here: one function per prohibition, as in `rules`, whose helpers they share.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from oracle.opset.metas import meta
from oracle.program.language import Fn, Ref
from strategies.forward import LEVEL, MAKE
from strategies.operands import DEFAULT
from strategies.rules import Breaker, ask, computed, leaf_of, plain_of, squared_sum
from strategies.state import Slot, State, Value

RULES: Final[dict[str, Breaker]] = {}
INFERENCE: Final = "inference_mode()"


def _breaks(breaker: Breaker) -> Breaker:
    RULES[breaker.__name__] = breaker
    return breaker


@contextmanager
def _within(state: State, mode: str) -> Iterator[None]:
    """What is written here stands in a block, leaves too."""
    state.modes = state.outer = (mode,)
    try:
        yield
    finally:
        state.modes = state.outer = ()


def _dual(state: State, slot: Slot) -> Value:
    plain = plain_of(state, slot)
    return state.bind(plain.meta, "call", MAKE, (plain.ref, state.like(plain.meta, slot[6] ^ 1)))


def _make(state: State, *args: Any, caught: bool) -> None:
    state.emit("call", MAKE, args, (), caught)


# --- forward mode


@_breaks
def dual_of_a_dual(state: State, slot: Slot, caught: bool) -> None:
    """A tensor has one tangent in a level."""
    with _within(state, LEVEL):
        dual = _dual(state, slot)
        _make(state, dual.ref, state.like(dual.meta, slot[6]), caught=caught)


@_breaks
def tangent_that_is_dual(state: State, slot: Slot, caught: bool) -> None:
    """A tangent has no tangent of the same level."""
    with _within(state, LEVEL):
        dual = _dual(state, slot)
        _make(state, state.like(dual.meta, slot[6]), dual.ref, caught=caught)


@_breaks
def tangent_of_wrong_shape(state: State, slot: Slot, caught: bool) -> None:
    """A tangent has the shape of its tensor."""
    with _within(state, LEVEL):
        plain = plain_of(state, slot)
        _make(state, plain.ref, state.like(meta((*plain.meta.shape, 2), "float32"), slot[6]), caught=caught)


@_breaks
def dual_of_integers(state: State, slot: Slot, caught: bool) -> None:
    """Only floating point and complex tensors have tangents, and are tangents."""
    with _within(state, LEVEL):
        plain, whole = plain_of(state, slot), plain_of(state, slot, meta((2,), "int64"))
        args = (whole.ref, plain.ref) if slot[5] & 1 else (plain.ref, whole.ref)
        _make(state, *args, caught=caught)


@_breaks
def dual_without_level(state: State, slot: Slot, caught: bool) -> None:
    """Dual tensors live in a level."""
    plain = plain_of(state, slot)
    _make(state, plain.ref, state.like(plain.meta, slot[6]), caught=caught)


@_breaks
def levels_nested(state: State, slot: Slot, caught: bool) -> None:
    """Levels do not nest."""
    with _within(state, LEVEL):
        state.emit("call", "autograd.forward_ad.enter_dual_level", (), (), caught)


@_breaks
def function_without_jvp(state: State, slot: Slot, caught: bool) -> None:
    """A custom function has a jvp, or no dual operands."""
    with _within(state, LEVEL):
        dual = _dual(state, slot)
        state.emit("method", "apply", (Fn("Double"), dual.ref), (), caught)


# --- inference mode


def _inference_tensor(state: State, slot: Slot) -> Value:
    plain = plain_of(state, slot)
    state.modes = (INFERENCE,)
    made = state.bind(plain.meta, "call", "mul", (plain.ref, 2))
    state.modes = ()
    return made


@_breaks
def inference_tensor_saved(state: State, slot: Slot, caught: bool) -> None:
    """Backward can not need an inference tensor."""
    leaf, made = leaf_of(state, slot, DEFAULT), _inference_tensor(state, slot)
    args = (leaf.ref, made.ref) if slot[5] & 1 else (made.ref, leaf.ref)
    state.emit("call", "mul", args, (), caught)


@_breaks
def inference_tensor_written(state: State, slot: Slot, caught: bool) -> None:
    """Nor may one be written outside of the mode."""
    state.emit("method", "zero_" if slot[5] & 1 else "neg_", (_inference_tensor(state, slot).ref,), (), caught)


@_breaks
def inference_tensor_requires_grad(state: State, slot: Slot, caught: bool) -> None:
    """Nor told to require grad."""
    made = _inference_tensor(state, slot)
    if slot[5] & 1:
        state.emit("set", "requires_grad", (made.ref, True), (), caught)
    else:
        state.emit("method", "requires_grad_", (made.ref,), (), caught)


@_breaks
def inference_tensor_has_no_version(state: State, slot: Slot, caught: bool) -> None:
    """What nothing saves has no version."""
    made = _inference_tensor(state, slot)
    state.bind(made.meta, "get", "_version", (made.ref,), (), caught)


# --- saved tensors, nodes and edges


@_breaks
def pack_hook_raises(state: State, slot: Slot, caught: bool) -> None:
    """An exception of a hook that packs is the op's."""
    leaf = leaf_of(state, slot)
    hooks = "autograd.graph.saved_tensors_hooks(lambda saved: 1 / 0, lambda saved: saved)"
    state.modes = (hooks,)
    state.emit("call", "mul", (leaf.ref, leaf.ref), (), caught)
    state.modes = ()


@_breaks
def saved_tensor_read_after_it_was_freed(state: State, slot: Slot, caught: bool) -> None:
    """What a pass has freed is not looked at."""
    leaf = leaf_of(state, slot, DEFAULT)
    square = state.bind(DEFAULT, "call", "mul", (leaf.ref, leaf.ref))
    number = state.bind(meta((), "float32"), "method", "sum", (square.ref,))
    node = state.bind(DEFAULT, "get", "grad_fn", (square.ref,))
    state.emit("method", "backward", (number.ref,))
    state.bind(DEFAULT, "get", "_saved_self" if slot[5] & 1 else "_saved_other", (node.ref,), (), caught)


@_breaks
def edge_of_a_plain_tensor(state: State, slot: Slot, caught: bool) -> None:
    """There is an edge where there is a gradient."""
    state.emit("call", "autograd.graph.get_gradient_edge", (plain_of(state, slot).ref,), (), caught)


@_breaks
def zeros_for_unused_inputs_not_allowed(state: State, slot: Slot, caught: bool) -> None:
    """Zeros for unused inputs allow them."""
    leaf, number = squared_sum(state, slot)
    kwargs = (("allow_unused", False), ("materialize_grads", True))
    state.emit("call", "autograd.grad", ((number.ref,), (leaf.ref,)), kwargs, caught)


@_breaks
def no_inputs(state: State, slot: Slot, caught: bool) -> None:
    """A query for gradients has inputs."""
    _, number = squared_sum(state, slot)
    if slot[5] & 1:
        state.emit("call", "autograd.grad", ((number.ref,), ()), (), caught)
    else:
        state.emit("method", "backward", (number.ref,), (("inputs", ()),), caught)


@_breaks
def node_hook_of_wrong_number(state: State, slot: Slot, caught: bool) -> None:
    """A hook on a node gives as many gradients as it got."""
    value = computed(state, slot)
    number = state.bind(meta((), value.meta.dtype), "method", "sum", (value.ref,))
    node = state.bind(value.meta, "get", "grad_fn", (value.ref,))
    if slot[5] & 1:
        state.emit("method", "register_hook", (node.ref, Fn("node_wrong_count")))
    else:
        state.emit("method", "register_prehook", (node.ref, Fn("pre_wrong_count")))
    state.emit("method", "backward", (number.ref,), (), caught)


# --- functions


_WRONG: Final = ("TooManyGrads", "GradOfWrongShape", "GradOfWrongType", "RaisesBackward", "NoBackward")


@_breaks
def function_gives_wrong_gradients(state: State, slot: Slot, caught: bool) -> None:
    """A custom function gives a gradient for each operand, like it."""
    leaf = leaf_of(state, slot, DEFAULT)
    value = state.bind(DEFAULT, "method", "apply", (Fn(_WRONG[slot[5] % len(_WRONG)]), leaf.ref))
    number = state.bind(meta((), "float32"), "method", "sum", (value.ref,))
    number.nodes = leaf.nodes
    ask(state, (*slot[:5], slot[5] >> 8, slot[6]), number, leaf, caught)


@_breaks
def function_saves_a_number(state: State, slot: Slot, caught: bool) -> None:
    """A custom function saves tensors alone."""
    state.emit("method", "apply", (Fn("SavesANumber"), leaf_of(state, slot).ref), (), caught)


@_breaks
def written_and_not_returned(state: State, slot: Slot, caught: bool) -> None:
    """What a custom function marks as written it returns."""
    value: Ref = plain_of(state, slot).ref
    state.emit("method", "apply", (Fn("DirtyNotReturned"), value), (), caught)
