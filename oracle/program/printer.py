"""Programs as text: the statements over `T`, and the standalone script that people run and paste.

What may live here: how each form prints, so that `parser.parse` reads an equal program back. Every bit of a
float survives. Canonical: one statement per line, neighbours share `with` blocks as far as they can.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

from oracle.errors import BadProgramError
from oracle.program.functions import entry
from oracle.program.language import NEGATIVE_NAN, UNARY, Attr, Fn, Instruction, ListArg, Ref, Slice

_PLAIN = (bool, int, str, type(None))


def to_source(instructions: Sequence[Instruction]) -> str:
    """The instructions as statements over `T`, each line ended; classes that it uses come first."""
    lines: list[str] = []
    open_modes: tuple[str, ...] = ()
    for instruction in instructions:
        modes = instruction.modes
        if modes != open_modes:
            for depth in range(shared_depth(open_modes, modes), len(modes)):
                lines.append("    " * depth + f"with T.{modes[depth]}:")
            open_modes = modes
        indent = "    " * len(modes)
        if instruction.caught:
            lines.append(f"{indent}try:")
            lines.append(f"{indent}    {statement(instruction)}")
            lines.append(f"{indent}except Exception as error:")
            lines.append(f"{indent}    print(error)")
        else:
            lines.append(indent + statement(instruction))
    return "".join(_prelude(instructions)) + "\n".join(lines) + ("\n" if lines else "")


def statement(instruction: Instruction) -> str:
    """One instruction on one line, without its modes and its `try`."""
    right = _FORMS[instruction.form](instruction)
    if not instruction.outs:
        return right
    names = ", ".join(instruction.outs)
    return f"{names}{',' if instruction.unpack and len(instruction.outs) == 1 else ''} = {right}"


def lines_of(instructions: Sequence[Instruction]) -> list[int]:
    """For each instruction, the 1-based line of `to_source` on which its statement stands."""
    line = sum(text.count("\n") for text in _prelude(instructions))
    open_modes: tuple[str, ...] = ()
    lines = []
    for instruction in instructions:
        line += len(instruction.modes) - shared_depth(open_modes, instruction.modes)
        open_modes = instruction.modes
        line += 1
        lines.append(line + 1 if instruction.caught else line)
        line += 3 if instruction.caught else 0
    return lines


def shared_depth(first: tuple[str, ...], second: tuple[str, ...]) -> int:
    """How many blocks, from the outside, neighbours with these modes share: as many as read the same."""
    depth = 0
    while depth < min(len(first), len(second)) and first[depth] == second[depth]:
        depth += 1
    return depth


def argument(value: Any) -> str:
    """One argument as text. Raises BadProgramError for what the language does not know."""
    kind = type(value)
    if kind is Ref:
        return str(value.name)
    if kind is float:
        return number(value)
    if kind in _PLAIN:
        return repr(value)
    if kind is tuple:
        inside = ", ".join([argument(item) for item in value])
        return f"({inside},)" if len(value) == 1 else f"({inside})"
    if kind is ListArg:
        return f"[{', '.join([argument(item) for item in value.items])}]"
    if kind is Attr:
        return f"T.{value.path}"
    if kind is Fn:
        return entry(value.name).printed
    if kind is complex:
        return f"complex({number(value.real)}, {number(value.imag)})"
    if kind is Slice:
        parts = [argument(value.start), argument(value.stop), argument(value.step)]
        return f"slice({', '.join(parts)})"
    if value is Ellipsis:
        return "..."
    raise BadProgramError(f"{value!r} of type {kind.__name__} cannot stand in a program; see language.Arg")


def number(value: float) -> str:
    """A float such that reading it back gives the same bits (of NaNs the language has one of each sign)."""
    if math.isfinite(value):
        return repr(value)
    return "-float('nan')" if value is NEGATIVE_NAN else f"float('{value}')"


def _prelude(instructions: Sequence[Instruction]) -> list[str]:
    """The text of each class that they use, in order of first use, with the blank lines after it."""
    classes: dict[str, str] = {}
    for instruction in instructions:
        for value in instruction.args + tuple(value for _, value in instruction.kwargs):
            for fn in functions_in(value):
                found = entry(fn.name)
                if found.is_class:
                    classes[fn.name] = f"{found.source}\n\n"
    return list(classes.values())


def functions_in(value: Any) -> Iterator[Fn]:
    """The library functions inside an argument."""
    if type(value) is Fn:
        yield value
    elif type(value) in (tuple, ListArg):
        for item in value if type(value) is tuple else value.items:
            yield from functions_in(item)


def _arguments(positional: Sequence[Any], kwargs: Sequence[tuple[str, Any]]) -> str:
    texts = [argument(value) for value in positional]
    texts += [f"{name}={argument(value)}" for name, value in kwargs]
    return ", ".join(texts)


def _operand(value: Any, *, left_of_power: bool = False) -> str:
    text = argument(value)
    # -2.0 ** v0 would be read as -(2.0 ** v0)
    return f"({text})" if (left_of_power and text.startswith("-")) or type(value) is Fn else text


def _call(instruction: Instruction) -> str:
    return f"T.{instruction.op}({_arguments(instruction.args, instruction.kwargs)})"


def _method(instruction: Instruction) -> str:
    receiver, *rest = instruction.args
    return f"{argument(receiver)}.{instruction.op}({_arguments(rest, instruction.kwargs)})"


def _operator(instruction: Instruction) -> str:
    op, args = instruction.op, instruction.args
    if len(args) == 1:
        return f"{UNARY[op]}{argument(args[0])}"
    return f"{_operand(args[0], left_of_power=op == '**')} {op} {_operand(args[1])}"


def _get(instruction: Instruction) -> str:
    return f"{argument(instruction.args[0])}.{instruction.op}"


def _set(instruction: Instruction) -> str:
    return f"{argument(instruction.args[0])}.{instruction.op} = {argument(instruction.args[1])}"


def _index(instruction: Instruction) -> str:
    return f"{argument(instruction.args[0])}[{_subscript(instruction.args[1])}]"


def _setindex(instruction: Instruction) -> str:
    receiver, index, value = instruction.args
    return f"{argument(receiver)}[{_subscript(index)}] = {argument(value)}"


def _subscript(index: Any) -> str:
    if type(index) is tuple and index:
        inside = ", ".join(_slice(item) if type(item) is Slice else argument(item) for item in index)
        return f"{inside}," if len(index) == 1 else inside
    return _slice(index) if type(index) is Slice else argument(index)


def _slice(index: Slice) -> str:
    parts = (index.start, index.stop, index.step)
    start, stop, step = ("" if part is None else argument(part) for part in parts)
    return f"{start}:{stop}:{step}" if step else f"{start}:{stop}"


def _print(instruction: Instruction) -> str:
    return f"print({_arguments(instruction.args, ())})"


def _builtin(instruction: Instruction) -> str:
    return f"{instruction.op}({_arguments(instruction.args, ())})"


def _del(instruction: Instruction) -> str:
    return f"del {argument(instruction.args[0])}"


_FORMS = {
    "call": _call,
    "method": _method,
    "operator": _operator,
    "get": _get,
    "set": _set,
    "index": _index,
    "setindex": _setindex,
    "print": _print,
    "builtin": _builtin,
    "del": _del,
}
