"""What a program exercises, in the names by which a grammar weighs it: for steering, and for counting.

What may live here: the way back from instructions to units. Counting cells of coverage is a campaign's
affair. """

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from oracle.opset import OPS
from oracle.program.language import Instruction, Program, Ref

_OPERATORS: Final = {spec.operator: name for name, spec in OPS.items() if spec.operator is not None}
_METHODS: Final = {
    "autograd.backward": "backward", "autograd.grad": "grad", "backward": "backward", "detach_": "detach_",
    "register_hook": "hook", "remove": "hook", "retain_grad": "retain_grad",
    "register_post_accumulate_grad_hook": "accumulate_hook", "register_prehook": "node_hook",
    "autograd.graph.register_multi_grad_hook": "several_hook", "apply": "function", "tensor": "tensor",
}  # fmt: skip
_READ: Final = {"grad": "read_grad", "grad_fn": "node_hook"}


def exercised(program: Program) -> Iterator[str]:
    """For each instruction the name of what it exercises, as in `Grammar.weights`; "mode" once per block."""
    modes: tuple[str, ...] = ()
    gradients: set[object] = set()
    for instruction in program.instructions:
        if instruction.modes != modes:
            modes = instruction.modes
            if modes:
                yield "mode"
        if instruction.form == "get" and instruction.op == "grad":
            gradients.add(Ref(instruction.outs[0]))
        name = _name(instruction)
        if name == "zero_" and instruction.args[0] in gradients:
            yield "zero_grad"
        if name is not None:
            yield name
        if ("create_graph", True) in instruction.kwargs:
            yield "second_order"


def _name(instruction: Instruction) -> str | None:
    form, op = instruction.form, instruction.op
    if form == "operator":
        return _OPERATORS.get(op)
    if form == "index":
        return "getitem"
    if form == "print":
        return "print"
    if form == "get":
        return _READ.get(op)
    if form == "set":
        if op == "grad":
            return "reset_grad"
        return "requires_grad" if instruction.args[1] is True else "requires_grad_off"
    if op == "requires_grad_":
        return "requires_grad" if len(instruction.args) == 1 else "requires_grad_off"
    return _METHODS.get(op, op)


def shares(counts: Mapping[str, int], weights: Mapping[str, float]) -> dict[str, float]:
    """Weights that lean towards what was exercised rarely: between a quarter and eight times as much."""
    total = sum(counts.get(name, 0) for name in weights) or 1
    whole = sum(weights.values())
    leaning = {}
    for name, weight in weights.items():
        wanted, had = weight / whole, counts.get(name, 0) / total
        leaning[name] = weight * (min(8.0, max(0.25, wanted / had)) if had else 8.0)
    return leaning
