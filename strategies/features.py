"""Units that are neither ops nor queries: requires_grad, detach_, retain_grad, hooks, modes, print.

What may live here: one function per feature of the program language.
"""

from __future__ import annotations

from oracle.program.language import Fn, Instruction, Ref
from strategies.layout import ARGS, EXTRA, FIRST, MORE
from strategies.state import OUTDATED, UNCERTAIN, State, Value, new

MODES = ("no_grad()", "enable_grad()", "set_grad_enabled(False)", "set_grad_enabled(True)")
HOOKS = ("double", "nothing", "negate", "same", "increment", "square", "zero", "clone", "detach")


def requires_grad(state: State, buffer: bytes, at: int) -> Value | None:
    """`v0.requires_grad_()` or `v0.requires_grad = True`, on a value without history if there is one."""
    value = state.search(buffer[at + FIRST], lambda v: v.meta.differentiable and not v.nodes)
    if value is None:
        value = state.pick(buffer[at + FIRST])
        if not value.meta.differentiable:
            return None
    if buffer[at + EXTRA] & 1 and value.is_leaf:
        state.emit("set", "requires_grad", (value.ref, True))
    else:
        state.emit("method", "requires_grad_", (value.ref,))
    if not value.nodes:
        value.node = value.nodes = state.fresh_node()
    return value


def requires_grad_off(state: State, buffer: bytes, at: int) -> Value | None:
    """`v0.requires_grad = False` on a leaf."""
    value = state.search(buffer[at + FIRST], lambda v: v.nodes != 0 and v.is_leaf)
    if value is None:
        return None
    if buffer[at + EXTRA] & 1:
        state.emit("set", "requires_grad", (value.ref, False))
    else:
        state.emit("method", "requires_grad_", (value.ref, False))
    state.stale |= value.node  # earlier history still ends here; what torch makes of it is its own affair
    value.node = value.nodes = 0
    return value


def detach_in_place(state: State, buffer: bytes, at: int) -> Value | None:
    """`v0.detach_()` on a value that is no view."""
    value = state.search(buffer[at + FIRST], lambda v: v.base is None)
    if value is None:
        return None
    shared = len(state.family(value)) > 1
    state.emit("method", "detach_", (value.ref,))
    value.node = value.nodes = 0
    if shared:
        value.flags |= UNCERTAIN
    return value


def retain_grad(state: State, buffer: bytes, at: int) -> Value | None:
    """`v0.retain_grad()`."""
    value = state.search(buffer[at + FIRST], lambda v: v.nodes != 0 and not v.is_leaf)
    value = value or state.search(buffer[at + FIRST], lambda v: v.nodes != 0)
    if value is None:
        return None
    state.emit("method", "retain_grad", (value.ref,), (), bool(value.nodes & state.stale))
    value.retains = True
    return None


def _hookable(value: Value) -> bool:
    return value.nodes != 0 and not value.flags & (OUTDATED | UNCERTAIN)


def hook(state: State, buffer: bytes, at: int) -> Value | None:
    """`h0 = v0.register_hook(...)`, or `h0.remove()` of an earlier one."""
    if state.handles and buffer[at + EXTRA] >= 208:
        state.emit("method", "remove", (state.handles[buffer[at + ARGS] % len(state.handles)],))
        return None
    value = state.search(buffer[at + FIRST], _hookable)
    if value is None:
        return None
    name = f"h{state.hook_count}"
    state.hook_count += 1
    fn = Fn(HOOKS[buffer[at + ARGS] % len(HOOKS)])
    state.instructions.append(
        new(Instruction, ((name,), "method", "register_hook", (value.ref, fn), (), False, state.modes, False))
    )
    state.handles += (Ref(name),)
    return None


def mode(state: State, buffer: bytes, at: int) -> Value | None:
    """A grad-mode block around the next instructions."""
    name = MODES[buffer[at + ARGS] & 3]
    state.modes = (name,) if not state.modes or buffer[at + EXTRA] < 192 else (*state.modes[-1:], name)
    state.grad_on = name in ("enable_grad()", "set_grad_enabled(True)")
    state.mode_left = 2 + buffer[at + MORE] % 3
    return None


def printed(state: State, buffer: bytes, at: int) -> Value | None:
    """`print(v0)`: an explicit point of observation."""
    value = state.search(buffer[at + FIRST], lambda v: True)
    if value is not None:
        state.instructions.append(
            new(Instruction, ((), "print", "", (value.ref,), (), False, state.modes, False))
        )
    return None
