"""What in a program depends on what: writes, shared memory, the ops between a gradient's leaf and its output.

What may live here: static answers read off the text alone, generous where the text does not say (a reshape
may share memory, so it does). Triage places discrepancies with it, and folds those that follow from others.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from oracle.program.edit import is_creation, is_query, is_write, reads, refs, writes_by_name
from oracle.program.language import Fn, Instruction, Ref
from oracle.program.program import Program
from oracle.viewing import SAME_ELEMENTS, TABLE

OPERATORS = {
    "+": "add", "-": "sub", "*": "mul", "/": "div", "//": "floor_divide", "%": "remainder", "**": "pow",
    "@": "matmul", "&": "bitwise_and", "|": "bitwise_or", "^": "bitwise_xor", "==": "eq", "!=": "ne",
    "<": "lt", "<=": "le", ">": "gt", ">=": "ge", "<<": "bitwise_left_shift", ">>": "bitwise_right_shift",
    "invert": "bitwise_not",
}  # fmt: skip
PLAIN_QUERIES = ("backward", "autograd.backward", "autograd.grad")
METADATA = frozenset({
    "retain_grad", "register_hook", "register_post_accumulate_grad_hook", "remove", "requires_grad_",
    "requires_grad", "grad", "zero_grad",
})  # fmt: skip
"""What no gradient passes through."""

NUMBERS_STAY = METADATA | {"detach_"}
"""What writes no elements, whatever its name says."""

BOOLEAN = re.compile(r"(eq|ne|lt|le|gt|ge|less|less_equal|greater|greater_equal|not_equal|logical_\w+?)_$")
"""Writes whose numbers come out as bools, by their names. Logical ones leave the history of what they write alone."""

NO_GRAD = ("no_grad()", "set_grad_enabled(False)")
GRAD = ("enable_grad()", "set_grad_enabled(True)", "inference_mode(False)")
"""How grad mode is turned off and on."""

UNKNOWN = frozenset({
    "set_", "resize_", "resize_as_", "t_", "transpose_", "swapaxes_", "swapdims_", "squeeze_",
    "unsqueeze_", "as_strided_", "share_memory_", "normal_", "uniform_", "random_", "bernoulli_",
    "exponential_", "geometric_", "cauchy_", "log_normal_", "apply_", "map_", "embedding_renorm_",
})  # fmt: skip
"""Writes that change a tensor's shape, storage or numbers in ways that no formula says."""

WRITING_FUNCTIONS = frozenset({"InPlace", "InPlaceUnmarked", "DirtyNotReturned", "InPlaceAndMore"})
"""Classes of the library whose forward writes into what it is given."""

LEAFWISE = frozenset({
    "retain_grad", "register_hook", "register_post_accumulate_grad_hook", "requires_grad_",
    "grad", "requires_grad",
})  # fmt: skip
"""What means the leaf itself rather than its numbers now."""


GRAD_MODES = ("no_grad(", "enable_grad(", "set_grad_enabled(", "inference_mode(False")


def writes_behind(one: Instruction) -> str:
    """What in an instruction may write behind its call's back, in words; "" where nothing does."""
    if any(not mode.startswith(GRAD_MODES) for mode in one.modes) or one.op == "autograd.graph.increment_version":
        return "a block that does more than record history, or not"
    if any(isinstance(arg, Fn) and arg.name in WRITING_FUNCTIONS for arg in one.args):
        return "a Function that writes into its input"
    return ""


def records(modes: Sequence[str], otherwise: bool = True) -> bool:
    """Whether history is recorded in these blocks: the innermost that turns grad mode on or off decides."""
    decided = next((mode for mode in reversed(modes) if mode in NO_GRAD or mode in GRAD), None)
    return otherwise if decided is None else decided in GRAD


def op_name(instruction: Instruction) -> str:
    """One name for an op however it is spelt: `*`, `T.mul` and `.mul` are mul."""
    if instruction.form == "operator":
        return OPERATORS.get(instruction.op, instruction.op)
    if instruction.form in ("index", "setindex"):
        return "[]" if instruction.form == "index" else "[]="
    if instruction.form in ("get", "set"):
        return f".{instruction.op}" + ("=" if instruction.form == "set" else "")
    return instruction.op or instruction.form


def is_plain_query(instruction: Instruction) -> bool:
    return is_query(instruction) and instruction.op in PLAIN_QUERIES


def shares(instruction: Instruction) -> bool:
    """Whether results may share memory with the receiver."""
    op = instruction.op
    if instruction.form == "index" or op in TABLE or op in SAME_ELEMENTS or op in MORE_VIEWS:
        return True
    return is_write(instruction) and writes_by_name(instruction)


MORE_VIEWS = frozenset({
    "unfold", "as_strided", "view_as_real", "view_as_complex", "real", "imag", "data", "H", "mH", "to",
})  # fmt: skip


class Sharing:
    """Names that may share memory, as sets that grow together."""

    def __init__(self, instructions: Iterable[Instruction]) -> None:
        self.sets: dict[str, set[str]] = {}
        for one in instructions:
            receiver = next(iter(reads(one)), None)
            for out in one.outs:
                together = self.sets.get(receiver, {receiver}) if receiver and shares(one) else set()
                together.add(out)
                for name in together:
                    self.sets[name] = together

    def of(self, name: str) -> set[str]:
        return self.sets.get(name, {name})


def written(one: Instruction, sharing: Sharing) -> set[str]:
    """The names whose numbers, history or gradient the instruction may change."""
    receiver = one.args[0] if one.args else None
    if not isinstance(receiver, Ref) or not is_write(one) or is_query(one):
        return set()
    if one.op in METADATA:
        return {receiver.name} if one.op in ("requires_grad_", "requires_grad") else set()
    return set(sharing.of(receiver.name))


def makers(program: Program) -> dict[str, list[int]]:
    """For each name the instructions that made its tensor what it is: its binder, then every write to it."""
    sharing = Sharing(program.instructions)
    result: dict[str, list[int]] = {}
    for index, one in enumerate(program.instructions):
        for name in written(one, sharing):
            if name in result:
                result[name].append(index)
        for out in one.outs:
            result[out] = [index]
    return result


@dataclass(frozen=True, slots=True)
class Path:
    """The instructions between the leaves and outputs of gradient queries; whether an output is an input."""

    indexes: tuple[int, ...]
    output_is_input: bool = False


def gradient_path(program: Program, leaf: str | None = None, query: int | None = None) -> Path:
    """What a gradient went through: from `leaf` (or any input) to the outputs of `query` (or of all)."""
    instructions = program.instructions
    sharing = Sharing(instructions)
    asked = [i for i, one in enumerate(instructions) if is_plain_query(one) and (query is None or i == query)]
    outputs = {name for i in asked for name in _outputs(instructions[i])}
    last = max(asked, default=len(instructions))
    ahead = {leaf} if leaf is not None else {name for i in asked for name in _inputs(instructions[i])}
    if not ahead:
        ahead = {out for one in instructions[:last] if is_creation(one) for out in one.outs}
    inputs = set(ahead)
    marked = []
    for index, one in enumerate(instructions[:last]):
        if not is_creation(one) and any(name in ahead for name in reads(one)):
            ahead.update(one.outs, written(one, sharing))
            marked.append(index)
    needed, path = set(outputs), []
    for index in reversed(marked):
        one = instructions[index]
        touched = written(one, sharing) | set(one.outs)
        if touched & needed and one.op not in METADATA:
            needed.update(reads(one))
            if not is_plain_query(one) or one.outs:
                path.append(index)
    return Path(tuple(reversed(path)), bool(outputs & inputs))


def _outputs(one: Instruction) -> Iterator[str]:
    yield from refs(one.args[0]) if one.args else ()


def _inputs(one: Instruction) -> Iterator[str]:
    if one.op == "autograd.grad" and len(one.args) > 1:
        yield from refs(one.args[1])
    for key, value in one.kwargs:
        if key == "inputs":
            yield from refs(value)


def followers(program: Program, index: int) -> tuple[set[str], bool]:
    """The names that may be wrong once instruction `index` went wrong, and whether gradients may be."""
    instructions = program.instructions
    sharing = Sharing(instructions)
    start = instructions[index]
    tainted = set(start.outs) | written(start, sharing)
    gradients = is_query(start)
    for one in instructions[index + 1 :]:
        if any(name in tainted for name in reads(one)) or (gradients and one.op == "grad"):
            tainted |= set(one.outs) | written(one, sharing)
            gradients = gradients or is_query(one)
    return tainted, gradients
