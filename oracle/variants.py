"""Other programs that must give the same: the rewritings by which an engine is held against itself.

What may live here: pure rewritings of programs, each with the law it rests on. Who runs them and what their
disagreement means is the referee's business.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from oracle.dataflow import NUMBERS_STAY, is_plain_query
from oracle.literals import read_leaf, write_leaf
from oracle.program.edit import fresh_name, is_query, is_write, reads, refs
from oracle.program.language import NAN, NEGATIVE_NAN, Arg, Attr, Instruction, ListArg, Ref
from oracle.program.program import Program

HARMLESS_HOOKS = frozenset({
    "nothing", "same", "clone", "accumulated", "node_nothing", "pre_nothing", "multi_nothing",
})  # fmt: skip
HOOKS = frozenset({"register_hook", "register_prehook", "register_post_accumulate_grad_hook"})


def literal(array: np.ndarray[Any, Any]) -> Arg:
    """An array as the literal that `T.tensor` takes, every bit kept."""
    if array.ndim:
        return ListArg(tuple(literal(part) for part in array))
    number = array.item()
    if number != number and isinstance(number, float):
        return NEGATIVE_NAN if np.signbit(number) else NAN
    return number


def constant(name: str, array: np.ndarray[Any, Any], dtype: str, requires_grad: bool = False) -> Instruction:
    """`name = T.tensor(...)` with the elements of an array."""
    kwargs: tuple[tuple[str, Arg], ...] = (("dtype", Attr(dtype)),)
    if requires_grad:
        kwargs += (("requires_grad", True),)
    if array.size == 0:
        return Instruction((name,), "call", "zeros", (tuple(array.shape),), kwargs)
    return Instruction((name,), "call", "tensor", (literal(array),), kwargs)


def changes_gradients(program: Program) -> bool:
    """Whether a hook may make gradients other than the derivative."""
    for one in program.instructions:
        if one.op.rpartition(".")[2] in HOOKS or "hook" in one.op:
            functions = {arg.name for arg in one.args if hasattr(arg, "name") and not isinstance(arg, Ref)}
            if not functions <= HARMLESS_HOOKS:
                return True
    return False


class Query:
    """A `backward` or `autograd.grad`, read: outputs, their weights, inputs, and where it stands."""

    def __init__(self, index: int, one: Instruction) -> None:
        self.index, self.instruction = index, one
        kwargs = dict(one.kwargs)
        first = one.args[0] if one.args else ()
        self.outputs = list(refs(first))
        weights: Arg
        if one.op == "autograd.grad":
            self.inputs = list(refs(one.args[1] if len(one.args) > 1 else kwargs.get("inputs", ())))
            weights = one.args[2] if len(one.args) > 2 else kwargs.get("grad_outputs")
        else:
            weights = one.args[1] if len(one.args) > 1 else kwargs.get("gradient", kwargs.get("grad_tensors"))
            self.inputs = list(refs(kwargs.get("inputs", ())))
        items = weights.items if isinstance(weights, ListArg) else weights
        listed = items if isinstance(items, tuple) else (items,)
        self.weights: list[Arg] = [*listed, *[None] * (len(self.outputs) - len(listed))][: len(self.outputs)]
        self.create_graph = kwargs.get("create_graph") is True

    @property
    def accumulates(self) -> bool:
        """Whether it writes `.grad` rather than returning gradients."""
        return self.instruction.op != "autograd.grad"


def queries(program: Program) -> list[Query]:
    """The plain gradient queries of a program, in order."""
    return [Query(at, one) for at, one in enumerate(program.instructions) if is_plain_query(one)]


def resets(program: Program, leaf: str) -> int | None:
    """The last instruction that sets the leaf's `.grad` to None, -1 if none; None if it is set otherwise."""
    last = -1
    for at, one in enumerate(program.instructions):
        if one.op != "grad" or not one.args or one.args[0] != Ref(leaf):
            continue
        if one.form == "set" and one.args[1] is None:
            last = at
        elif one.form == "set" or any(_writes_to(program, out) for out in one.outs):
            return None
    return last


def _writes_to(program: Program, name: str) -> bool:
    return any(is_write(one) and one.args and one.args[0] == Ref(name) for one in program.instructions)


def with_returned_gradients(program: Program, leaf: str) -> tuple[Program, list[str]] | None:
    """Law: what `backward` adds to a leaf's `.grad` is what `autograd.grad` returns for it.

    The program with every `backward` since the last reset as an `autograd.grad` for `leaf`, and the names of
    the gradients whose sum `.grad` must be; None where something else writes the gradient.
    """
    reset = resets(program, leaf)
    if reset is None or changes_gradients(program):
        return None
    asked = {query.index: query for query in queries(program) if query.accumulates}
    made: list[Instruction] = []
    names: list[str] = []
    for at, one in enumerate(program.instructions):
        query = asked.get(at)
        if query is None:
            made.append(one)
        elif at > reset and (not query.inputs or leaf in query.inputs):
            if query.create_graph:
                return None
            name = fresh_name([*program.instructions, *made])
            names.append(name)
            weights = tuple(query.weights) if any(weight is not None for weight in query.weights) else None
            kwargs = (("retain_graph", True), ("allow_unused", True), ("grad_outputs", weights))
            args = (tuple(Ref(out) for out in query.outputs), (Ref(leaf),))
            ask = Instruction((name,), "call", "autograd.grad", args, kwargs, True, one.modes, one.caught)
            made.append(ask)
    return Program.of(made), names


def with_accumulated_gradient(program: Program, index: int, at: int) -> tuple[Program, str] | None:
    """Law: what `autograd.grad` returns for a leaf is what `backward` leaves in its `.grad` when it was None.

    The program up to the query, which then is a `backward` for the leaf at position `at` of its inputs; and
    the name of the gradient read.
    """
    query = Query(index, program.instructions[index])
    if at >= len(query.inputs) or query.create_graph or changes_gradients(program):
        return None
    leaf = Ref(query.inputs[at])
    kept = list(program.instructions[:index])
    name = fresh_name(program.instructions)
    weights = tuple(query.weights) if any(weight is not None for weight in query.weights) else None
    outputs = tuple(Ref(out) for out in query.outputs)
    args: tuple[Arg, ...] = (outputs,) if weights is None else (outputs, weights)
    kept.append(Instruction((), "set", "grad", (leaf, None)))
    kept.append(Instruction((), "call", "autograd.backward", args, (("inputs", (leaf,)),)))
    kept.append(Instruction((name,), "get", "grad", (leaf,)))
    return Program.of(kept), name


def with_passes_twice(program: Program) -> Program:
    """Law: a pass adds to the `.grad` of leaves and changes no other number. Every `backward` twice in a row."""
    made: list[Instruction] = []
    for one in program.instructions:
        if is_query(one) and one.op in ("backward", "autograd.backward"):
            kept = tuple((key, value) for key, value in one.kwargs if key != "retain_graph")
            made.append(one._replace(kwargs=(*kept, ("retain_graph", True))))
        made.append(one)
    return Program.of(made)


def with_other_layout(program: Program) -> Program | None:
    """Law: values do not depend on strides. Every leaf is taken out of a tensor twice its size."""
    made: list[Instruction] = []
    changed = False
    for one in program.instructions:
        leaf = read_leaf(one)
        if leaf is None or not leaf.numbers:
            made.append(one)
            continue
        grad = ("requires_grad", True) in leaf.kwargs
        kwargs = tuple((key, value) for key, value in leaf.kwargs if key != "requires_grad")
        twice = tuple(number for number in leaf.numbers for _ in range(2))
        wide = type(leaf)((*leaf.shape, 2), twice, kwargs)
        name = fresh_name([*program.instructions, *made])
        made.append(write_leaf(wide, one._replace(outs=(name,))))
        part = fresh_name([*program.instructions, *made])
        made.append(Instruction((part,), "index", "", (Ref(name), (Ellipsis, 0))))
        made.append(Instruction(one.outs, "method", "detach", (Ref(part),)))  # a leaf is no view
        if grad:
            made.append(Instruction((), "method", "requires_grad_", (Ref(one.outs[0]),)))
        changed = True
    return Program.of(made) if changed else None


def never_written(program: Program, name: str) -> bool:
    """Law: a leaf that no instruction names as receiver of a write keeps its numbers."""
    aliases = {name}
    for one in program.instructions:
        if aliases & set(reads(one)) and not is_plain_query(one):
            if is_write(one) and one.op not in NUMBERS_STAY:
                return False
            aliases.update(one.outs)
    return not any("in_place" in getattr(arg, "name", "") for arg in _functions(program))


def _functions(program: Program) -> Iterator[Any]:
    for one in program.instructions:
        for arg in one.args:
            if hasattr(arg, "name") and not isinstance(arg, Ref):
                yield arg


def upto(program: Program, index: int) -> Program:
    """The program without the instructions from `index` on."""
    return Program.of(program.instructions[:index])


def switched(program: Program) -> str | None:
    """Why what a query differentiates is not what the program computes from its leaves; None where it is.

    A function of the leaves knows neither when a leaf began to require grad nor in which mode a query stood.
    """
    used: set[str] = set()
    for one in program.instructions:
        if one.op in ("requires_grad_", "requires_grad") and one.form != "get" and used.intersection(reads(one)):
            return "a leaf requires grad only after it was used"
        if one.modes and is_query(one):
            return "a query stands in a grad mode of its own"
        used.update(reads(one))
    return None


def not_a_function(program: Program) -> str | None:
    """Why the program's gradients are not the slopes of what it computes in float64; None where they are."""
    for one in program.instructions:
        leaf = read_leaf(one)
        if leaf is not None and leaf.dtype in (None, "float32", "float16", "half", "float"):
            largest = float(np.finfo(np.float16 if leaf.dtype in ("float16", "half") else np.float32).max)
            if any(isinstance(number, float) and largest < abs(number) < np.inf for number in leaf.numbers):
                return "a number of the program is infinite in its dtype"
    return switched(program)
