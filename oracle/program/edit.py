"""Plain edits of programs: what an instruction reads, substitution, dropping with closure, renumbering.

What may live here: pure functions over the language that know no op and no engine. The reducer, triage and
the functionalisation are built on them.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

from oracle.program.language import Arg, Instruction, ListArg, Ref, Slice
from oracle.program.program import Program

CREATION_PREFIXES = ("autograd.", "func.", "linalg.", "nn.")  # dotted calls that never create a leaf


def refs(arg: Arg) -> Iterator[str]:
    """The names used inside an argument, in order of appearance, with repeats."""
    if isinstance(arg, Ref):
        yield arg.name
    elif isinstance(arg, ListArg):
        yield from refs(arg.items)
    elif isinstance(arg, Slice):
        yield from refs((arg.start, arg.stop, arg.step))
    elif isinstance(arg, tuple):
        for item in arg:
            yield from refs(item)


def reads(instruction: Instruction) -> tuple[str, ...]:
    """The names an instruction uses, each once, in order of appearance."""
    found = dict.fromkeys(refs(instruction.args))
    for _, value in instruction.kwargs:
        found.update(dict.fromkeys(refs(value)))
    return tuple(found)


def map_arg(arg: Arg, change: Callable[[Any], Any]) -> Arg:
    """`arg` rebuilt with `change` applied to every atom (anything that is not a tuple, list or slice)."""
    if isinstance(arg, ListArg):
        return ListArg(tuple(map_arg(item, change) for item in arg.items))
    if isinstance(arg, Slice):
        return Slice(map_arg(arg.start, change), map_arg(arg.stop, change), map_arg(arg.step, change))
    if isinstance(arg, tuple):
        return tuple(map_arg(item, change) for item in arg)
    return change(arg)


def map_args(instruction: Instruction, change: Callable[[Any], Any]) -> Instruction:
    """The instruction with `change` applied to every atom of its arguments and keyword arguments."""
    return instruction._replace(
        args=tuple(map_arg(arg, change) for arg in instruction.args),
        kwargs=tuple((key, map_arg(value, change)) for key, value in instruction.kwargs),
    )


def substitute(instruction: Instruction, names: Mapping[str, Arg]) -> Instruction:
    """The instruction reading `names[n]` wherever it read `n`; the names it binds stay."""
    if not any(name in names for name in reads(instruction)):
        return instruction
    return map_args(instruction, lambda atom: names.get(atom.name, atom) if isinstance(atom, Ref) else atom)


def binders(instructions: Sequence[Instruction]) -> dict[str, int]:
    """Which instruction binds each name."""
    return {name: index for index, one in enumerate(instructions) for name in one.outs}


def without(instructions: Sequence[Instruction], dropped: Collection[int]) -> list[Instruction]:
    """The instructions less the dropped ones and, in turn, all that read a name no longer bound."""
    gone: set[str] = set()
    kept: list[Instruction] = []
    for index, one in enumerate(instructions):
        if index in dropped or any(name in gone for name in reads(one)):
            gone.update(one.outs)
        else:
            kept.append(one)
    return kept


def made_of(program: Program, names: set[str]) -> set[str]:
    """These names, and all that hang on them."""
    found = set(names)
    for one in program.instructions if names else ():
        if not found.isdisjoint(reads(one)):
            found.update(one.outs)
    return found


def is_write(instruction: Instruction) -> bool:
    """Whether an instruction may change something that exists already (data, metadata or `.grad`)."""
    if instruction.form in ("set", "setindex"):
        return True
    if instruction.form == "method":
        op = instruction.op
        return (op.endswith("_") and not op.endswith("__")) or op in STATEFUL_METHODS
    return instruction.form == "call" and (writes_by_name(instruction) or instruction.op == "autograd.backward")


def writes_by_name(instruction: Instruction) -> bool:
    """Whether an op says that it writes into its first operand: by its name, or by `inplace=True`."""
    return instruction.op.endswith("_") or (bool(instruction.kwargs) and ("inplace", True) in instruction.kwargs)


def out_of_place(instruction: Instruction) -> Instruction:
    """The call of an op that says so, as one that makes a new tensor instead."""
    if instruction.op.endswith("_"):
        return instruction._replace(op=instruction.op[:-1])
    return instruction._replace(kwargs=tuple(pair for pair in instruction.kwargs if pair[0] != "inplace"))


STATEFUL_METHODS = frozenset(
    {"backward", "retain_grad", "register_hook", "register_post_accumulate_grad_hook", "remove"}
)


def is_query(instruction: Instruction) -> bool:
    """Whether an instruction asks for derivatives."""
    if instruction.form == "method":
        return instruction.op == "backward"
    return instruction.form == "call" and instruction.op.startswith(("autograd.", "func."))


def is_creation(instruction: Instruction) -> bool:
    """Whether an instruction makes a tensor out of nothing but literals."""
    return (
        instruction.form == "call"
        and len(instruction.outs) == 1
        and not instruction.op.startswith(CREATION_PREFIXES)
        and not reads(instruction)
    )


def tidied(instructions: Sequence[Instruction], before: Iterable[Instruction]) -> list[Instruction]:
    """The instructions less those whose results lost their last reader by an edit of `before`.

    Results nobody read before the edit stay: they may be what a check looks at.
    """
    once_read = {name for one in before for name in reads(one)}
    kept = list(instructions)
    while True:
        read = {name for one in kept for name in reads(one)}
        rest = [
            one
            for one in kept
            if is_write(one) or not one.outs or any(out in read or out not in once_read for out in one.outs)
        ]
        if len(rest) == len(kept):
            return kept
        kept = rest


def renumbered(instructions: Sequence[Instruction]) -> list[Instruction]:
    """The instructions with names v0, v1, ... (and h0, ... for handles) in order of binding."""
    counts: dict[str, int] = {}
    names: dict[str, str] = {}
    result = []
    for one in instructions:
        one = substitute(one, {old: Ref(new) for old, new in names.items()})
        outs = []
        for out in one.outs:
            letter = out.rstrip("0123456789") or "v"
            names[out] = f"{letter}{counts.get(letter, 0)}"
            counts[letter] = counts.get(letter, 0) + 1
            outs.append(names[out])
        result.append(one._replace(outs=tuple(outs)))
    return result


def fresh_name(instructions: Iterable[Instruction], letter: str = "v") -> str:
    """A name that no instruction binds."""
    taken = {name for one in instructions for name in one.outs}
    number = len(taken)
    while f"{letter}{number}" in taken:
        number += 1
    return f"{letter}{number}"
