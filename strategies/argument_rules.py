"""Still more rules that faulty programs break: what hooks return, and arguments that queries do not take.

What may live here: one function per prohibition, as in `rules`, whose helpers they share.
"""

from __future__ import annotations

from typing import Final

from oracle.opset.metas import meta
from oracle.program.language import Fn, Ref
from strategies.operands import DEFAULT
from strategies.rules import Breaker, ask, computed, leaf_of, plain_of, squared_sum
from strategies.state import Slot, State, Value

RULES: Final[dict[str, Breaker]] = {}


def _breaks(breaker: Breaker) -> Breaker:
    RULES[breaker.__name__] = breaker
    return breaker


def _node_of(state: State, value: Value) -> Ref:
    return state.bind(value.meta, "get", "grad_fn", (value.ref,)).ref


# --- hooks


@_breaks
def hook_returns_no_gradient(state: State, slot: Slot, caught: bool) -> None:
    """What a hook on a tensor returns has the dtype of the gradient, and is a tensor."""
    leaf, number = squared_sum(state, slot, DEFAULT)
    state.emit("method", "register_hook", (leaf.ref, Fn(("wrong_dtype", "wrong_type")[slot[5] >> 8 & 1])))
    ask(state, slot, number, leaf, caught)


@_breaks
def node_hook_returns_no_tuple(state: State, slot: Slot, caught: bool) -> None:
    """A hook on a node returns a tuple."""
    value = computed(state, slot)
    number = state.bind(meta((), value.meta.dtype), "method", "sum", (value.ref,))
    state.emit("method", "register_hook", (_node_of(state, value), Fn("node_wrong_type")))
    state.emit("method", "backward", (number.ref,), (), caught)


@_breaks
def accumulation_hooked_elsewhere(state: State, slot: Slot, caught: bool) -> None:
    """Gradients accumulate in leaves that require grad alone."""
    value = computed(state, slot) if slot[5] & 1 else plain_of(state, slot)
    state.emit("method", "register_post_accumulate_grad_hook", (value.ref, Fn("accumulated")), (), caught)


@_breaks
def pack_hook_writes(state: State, slot: Slot, caught: bool) -> None:
    """A hook that packs may not write to what it is given."""
    _recorded_within(state, slot, "lambda saved: saved.mul_(2)", "lambda saved: saved", caught)


@_breaks
def unpack_hook_returns_no_tensor(state: State, slot: Slot, caught: bool) -> None:
    """A hook that unpacks returns a tensor."""
    square = _recorded_within(state, slot, "lambda saved: saved", "lambda saved: 1", False)
    number = state.bind(meta((), "float32"), "method", "sum", (square.ref,))
    state.emit("method", "backward", (number.ref,), (), caught)


def _recorded_within(state: State, slot: Slot, pack: str, unpack: str, caught: bool) -> Value:
    """The square of a new leaf, saved through hooks."""
    leaf = state.constant(DEFAULT, slot[6], "grad")
    state.modes = (f"autograd.graph.saved_tensors_hooks({pack}, {unpack})",)
    square = state.bind(DEFAULT, "call", "mul", (leaf.ref, leaf.ref), (), caught)
    state.modes = ()
    return square


@_breaks
def saved_tensor_hooked_in_vain(state: State, slot: Slot, caught: bool) -> None:
    """Hooks on a saved tensor are given once, and before it is freed."""
    leaf = state.constant(DEFAULT, slot[6], "grad")
    square = state.bind(DEFAULT, "call", "mul", (leaf.ref, leaf.ref))
    number = state.bind(meta((), "float32"), "method", "sum", (square.ref,))
    saved = state.bind(DEFAULT, "get", "_raw_saved_self", (_node_of(state, square),))
    hooks = (Fn("pack_same"), Fn("pack_same"))
    if slot[5] & 1:
        state.emit("method", "register_hooks", (saved.ref, *hooks))
    else:
        state.emit("method", "backward", (number.ref,))
    state.emit("method", "register_hooks", (saved.ref, *hooks), (), caught)


# --- arguments


@_breaks
def length_of_a_number(state: State, slot: Slot, caught: bool) -> None:
    """A 0-dim tensor has no length."""
    number = plain_of(state, slot, meta((), "float32"))
    state.bind(number.meta, "builtin", "len", (number.ref,), (), caught)


@_breaks
def requires_grad_is_no_bool(state: State, slot: Slot, caught: bool) -> None:
    """requires_grad is True or False."""
    plain = plain_of(state, slot)
    if slot[5] & 1:
        state.emit("set", "requires_grad", (plain.ref, "x"), (), caught)
    else:
        state.emit("method", "requires_grad_", (plain.ref, "x"), (), caught)


@_breaks
def output_is_no_tensor(state: State, slot: Slot, caught: bool) -> None:
    """What is differentiated is a tensor."""
    leaf = leaf_of(state, slot)
    if slot[5] & 1:
        state.emit("call", "autograd.grad", ((1.5,), (leaf.ref,)), (), caught)
    else:
        state.emit("call", "autograd.backward", ((1.5,),), (), caught)


@_breaks
def cotangent_is_no_tensor(state: State, slot: Slot, caught: bool) -> None:
    """A cotangent is a tensor or None."""
    leaf, number = squared_sum(state, slot)
    if slot[5] & 1:
        state.emit("call", "autograd.grad", ((number.ref,), (leaf.ref,)), (("grad_outputs", (1.5,)),), caught)
    else:
        state.emit("method", "backward", (number.ref, 1.5), (), caught)


@_breaks
def cotangent_of_another_kind(state: State, slot: Slot, caught: bool) -> None:
    """A complex output has complex cotangents, a real one real ones."""
    real, other = meta((2,), "float32"), meta((2,), "complex64")
    real, other = (other, real) if slot[5] & 1 else (real, other)
    leaf = state.constant(real, slot[6], "grad")
    value = state.bind(real, "call", "mul", (leaf.ref, 2))
    state.emit("method", "backward", (value.ref, plain_of(state, slot, other).ref), (), caught)


@_breaks
def cotangents_said_twice(state: State, slot: Slot, caught: bool) -> None:
    """The old name of an argument does not stand beside the new one."""
    _, number = squared_sum(state, slot)
    one = plain_of(state, slot, number.meta)
    kwargs = (("grad_tensors", (one.ref,)), ("grad_variables", (one.ref,)))
    state.emit("call", "autograd.backward", ((number.ref,),), kwargs, caught)


@_breaks
def cotangents_of_no_batch(state: State, slot: Slot, caught: bool) -> None:
    """Batched cotangents have a first dim more than their outputs, all of one size."""
    leaf = state.constant(DEFAULT, slot[6], "grad")
    value = state.bind(DEFAULT, "call", "mul", (leaf.ref, leaf.ref))
    shapes = (((2,),), ((3, 3),), ((), ()), ((2, 2), (3, 2)))[slot[5] % 4]
    given = tuple(plain_of(state, slot, meta(shape, "float32")).ref for shape in shapes)
    kwargs = (("grad_outputs", given), ("is_grads_batched", True))
    state.emit("call", "autograd.grad", ((value.ref,) * len(given), (leaf.ref,)), kwargs, caught)
