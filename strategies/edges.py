"""Units on the graph itself: gradient edges, batched gradients, nodes and what they have saved.

What may live here: statements that name nodes or edges. Hooks on nodes are in `hooks`.
"""

from __future__ import annotations

from functools import cache
from typing import Any, Final

from oracle.opset.metas import meta
from oracle.opset.spec import OpSpec
from oracle.program.language import Fn, Instruction, Ref
from strategies.blocks import PACKED
from strategies.hooks import has_node
from strategies.queries import FLAGS, cotangent_of, output_of
from strategies.state import NAMES, UNCERTAIN, Slot, State, new

GET: Final = "autograd.graph.get_gradient_edge"
BATCHED: Final = ("is_grads_batched", True)


def _bound(state: State, letter: str, form: str, op: str, args: tuple[Any, ...], caught: bool = False) -> Ref:
    """A statement that binds something that is no tensor, under a name of its own."""
    name = f"{letter}{state.count}"
    state.count += 1
    state.instructions.append(new(Instruction, ((name,), form, op, args, (), False, state.modes, caught)))
    return Ref(name)


def edge(state: State, slot: Slot) -> None:
    """`e1 = T.autograd.graph.get_gradient_edge(v0)`, and a query from or for it."""
    _, _, extra, first, second, code, more = slot
    output = output_of(state, first)
    if output is None:
        return
    leaves = [leaf for leaf in state.leaves if leaf.node & output.nodes]
    source = leaves[second % len(leaves)] if leaves else output
    sure = not (output.nodes & (state.stale | state.freed) or (output.flags | source.flags) & UNCERTAIN)
    sure = sure and (state.block is None or state.block.records)
    cotangent = cotangent_of(state, output, more)
    asked: Any = output.ref
    if extra & 1:
        asked = _bound(state, "e", "call", GET, (output.ref,), not sure)
    wanted: Any = source.ref
    if extra & 2 or not extra & 1:
        wanted = _bound(state, "e", "call", GET, (source.ref,), not sure)
    flags = FLAGS[code & 255]
    if not flags:
        state.freed |= output.nodes & ~state.leaf_nodes
    caught = not sure
    if extra & 4:
        args: tuple[Any, ...] = ((asked,),) if cotangent is None else ((asked,), (cotangent,))
        state.emit("call", "autograd.backward", args, (*flags, ("inputs", (wanted,))), caught)
        state.gathered &= ~source.node if caught else -1
        return
    kwargs = flags if cotangent is None else (("grad_outputs", (cotangent,)), *flags)
    names = NAMES[state.count : state.count + 1]
    state.count += 1
    instruction = (names, "call", "autograd.grad", ((asked,), (wanted,)), kwargs, True, state.modes, caught)
    state.instructions.append(new(Instruction, instruction))


def batched(state: State, slot: Slot) -> None:
    """`T.autograd.grad(..., is_grads_batched=True)`: several cotangents at once."""
    _, _, extra, first, second, code, more = slot
    output = output_of(state, first)
    if output is None:
        return
    leaves = [leaf for leaf in state.leaves if leaf.node & output.nodes] or [output]
    inputs = tuple(leaves[:2]) if extra & 1 else (leaves[second % len(leaves)],)
    many = state.like(meta((1 + more % 3, *output.meta.shape), output.meta.dtype), more)
    flags = FLAGS[code & 255]
    if not flags:
        state.freed |= output.nodes & ~state.leaf_nodes
    kwargs = (("grad_outputs", (many,)), *flags, BATCHED, *((("materialize_grads", True),) if extra & 2 else ()))
    names = NAMES[state.count : state.count + len(inputs)]
    state.count += len(inputs)
    args = ((output.ref,), tuple([value.ref for value in inputs]))
    state.instructions.append(
        new(Instruction, (names, "call", "autograd.grad", args, kwargs, True, state.modes, True))
    )


@cache
def saved_names(spec: OpSpec) -> tuple[str, ...]:
    """What the node of an op may have saved, by the names of its parameters."""
    own = [name for p in spec.infer.parameters for name in (p.name, f"{p.name}_sym_sizes")]
    return tuple(dict.fromkeys(("self", "result", *own, "alpha")))


def node(state: State, slot: Slot) -> None:
    """`n1 = v0.grad_fn`, and something of it: its edges, its name, what it has saved."""
    _, _, extra, first, second, code, _ = slot
    value = state.search(first, lambda v: has_node(state, v))
    if value is None:
        return
    n = _bound(state, "n", "get", "grad_fn", (value.ref,))
    spec = value.made_by
    names = saved_names(spec) if spec is not None else ("self",)
    name = names[second % len(names)]
    if extra < 64:
        _bound(state, "u", "get", "next_functions", (n,))
    elif extra < 80:
        _bound(state, "u", "method", "name", (n,))
    elif extra < 96:
        _bound(state, "u", "get", "metadata", (n,))
    elif extra < 192:
        _bound(state, "u", "get", f"_saved_{name}", (n,), True)
    else:
        raw = _bound(state, "u", "get", f"_raw_saved_{name}", (n,), True)
        if extra >= 208:
            pack, unpack = PACKED[code % len(PACKED)] if extra < 248 else ("pack_raise", "pack_same")
            state.emit("method", "register_hooks", (raw, Fn(pack), Fn(unpack)), (), True)
            state.stale |= value.node

