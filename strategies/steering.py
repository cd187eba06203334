"""What a program exercises, in the names by which a grammar weighs it: for steering, and for counting.

What may live here: the way back from instructions to units. Counting cells of coverage is a campaign's
affair. """

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from oracle.opset import OPS
from oracle.program.language import Instruction, Ref
from oracle.program.program import Program

_OPERATORS: Final = {spec.operator: name for name, spec in OPS.items() if spec.operator is not None}
_METHODS: Final = {
    "autograd.backward": "backward", "autograd.grad": "grad", "backward": "backward", "detach_": "detach_",
    "register_hook": "hook", "remove": "hook", "retain_grad": "retain_grad",
    "register_post_accumulate_grad_hook": "accumulate_hook", "register_prehook": "node_hook",
    "autograd.graph.register_multi_grad_hook": "several_hook", "apply": "function", "tensor": "tensor",
    "autograd.forward_ad.make_dual": "forward", "autograd.forward_ad.unpack_dual": "forward",
    "autograd.gradcheck": "gradcheck", "autograd.gradgradcheck": "gradcheck",
    "autograd.graph.get_gradient_edge": "edge", "autograd.graph.increment_version": "increment_version",
    "is_inference": "inference", "register_hooks": "node", "name": "node",
}  # fmt: skip
_READ: Final = {
    "grad": "read_grad", "grad_fn": "node_hook", "data": "data", "next_functions": "node", "metadata": "node",
    "_version": "inference",
}  # fmt: skip
_SET: Final = {"grad": "reset_grad", "data": "data"}
_MODES: Final = {
    "autograd.forward_ad.dual_level": "forward", "inference_mode": "inference", "autograd.detect_anomaly": "anomaly",
    "autograd.set_detect_anomaly": "anomaly", "autograd.graph.saved_tensors_hooks": "saved_hooks",
    "autograd.graph.save_on_cpu": "saved_hooks", "autograd.graph.disable_saved_tensors_hooks": "saved_hooks",
}  # fmt: skip
_FLAGS: Final = {("create_graph", True): "second_order", ("is_grads_batched", True): "batched"}


def exercised(program: Program) -> Iterator[str]:
    """For each instruction the name of what it exercises, as in `Grammar.weights`; a block counts once."""
    modes: tuple[str, ...] = ()
    gradients: set[object] = set()
    turned: set[object] = set()
    for instruction in program.instructions:
        if instruction.modes != modes:
            modes = instruction.modes
            if modes:
                yield _MODES.get(modes[-1].partition("(")[0], "grad_mode")
        if instruction.form == "get" and instruction.op == "grad":
            gradients.add(Ref(instruction.outs[0]))
        name = _name(instruction)
        if name == "t":
            turned.add(Ref(instruction.outs[0]) if instruction.outs else None)
        if name == "clone" and instruction.args[0] in turned:
            yield "scattered"
        if name == "zero_" and instruction.args[0] in gradients:
            yield "zero_grad"
        if name is not None:
            yield name
        for flag in instruction.kwargs:
            if flag[1] is True and flag in _FLAGS:
                yield _FLAGS[flag]


def _name(instruction: Instruction) -> str | None:
    form, op = instruction.form, instruction.op
    if form == "operator":
        return _OPERATORS.get(op)
    if form == "index":
        return "getitem"
    if form == "print":
        return "print"
    if form == "get":
        return "node" if op.startswith(("_saved_", "_raw_saved_")) else op if op in OPS else _READ.get(op)
    if form == "set":
        if op in _SET:
            return _SET[op]
        return "requires_grad" if instruction.args[1] is True else "requires_grad_off"
    if op == "requires_grad_":
        return "requires_grad" if len(instruction.args) == 1 else "requires_grad_off"
    return "functional" if op.startswith("autograd.functional.") else _METHODS.get(op, op)


def shares(counts: Mapping[str, int], weights: Mapping[str, float]) -> dict[str, float]:
    """Weights that lean towards what was exercised rarely: between a quarter and eight times as much."""
    total = sum(counts.get(name, 0) for name in weights) or 1
    whole = sum(weights.values())
    leaning = {}
    for name, weight in weights.items():
        wanted, had = weight / whole, counts.get(name, 0) / total
        leaning[name] = weight * (min(8.0, max(0.25, wanted / had)) if had else 8.0)
    return leaning
