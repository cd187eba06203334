"""What a legal program is, as an executable statement.

What may live here: one small generator per rule, each a complaint that names what is wrong and what would be
right. Nothing here repairs a program and nothing needs an engine.

The rules: names are plain and bound once; a name is used only after an instruction that binds it (one that is
caught may have left it unbound: that is a NameError at run time and legal); every form has its own shape;
functions are those of the library; dotted names are words of the vocabulary.
"""

from __future__ import annotations

import keyword
import re
from collections.abc import Iterator
from typing import Any, get_args

from oracle.errors import BadProgramError
from oracle.program.expressions import parse_mode
from oracle.program.functions import LIBRARY
from oracle.program.language import (
    BINARY,
    BUILTINS,
    UNARY,
    Attr,
    Fn,
    Form,
    Instruction,
    ListArg,
    Ref,
    Slice,
)
from oracle.program.program import Program
from oracle.program.vocabulary import knows, knows_word

_NAME = re.compile(r"[a-z][a-z0-9_]{0,62}")
_RESERVED = frozenset({*keyword.kwlist, *BUILTINS, "print", "error", "slice"})
_SCALARS = (bool, int, float, complex, str, type(None), type(Ellipsis))
FORMS = get_args(Form)


def check(program: Program) -> None:
    """Raise BadProgramError with the first thing that is wrong with `program`, if anything is."""
    for index, complaint in violations(program):
        raise BadProgramError(f"instruction {index}: {complaint}")


def violations(program: Program) -> Iterator[tuple[int, str]]:
    """(index of the instruction, what is wrong and what would be right), in program order."""
    bound: set[str] = set()
    for index, instruction in enumerate(program.instructions):
        for complaint in _complaints(instruction, bound):
            yield index, complaint
        bound.update(instruction.outs)


def _complaints(instruction: Instruction, bound: set[str]) -> Iterator[str]:
    if instruction.form not in FORMS:
        yield f"form {instruction.form!r} does not exist; there are {', '.join(FORMS)}"
        return
    yield from _names(instruction, bound)
    yield from _shape(instruction)
    yield from _words(instruction)
    for value in instruction.args + tuple(value for _, value in instruction.kwargs):
        yield from _argument(value, bound)
    for mode in instruction.modes:
        yield from _mode(mode)


def _mode(mode: str) -> Iterator[str]:
    """A mode is a call below T of values that need no name."""
    try:
        path, args, kwargs = parse_mode(mode)
    except BadProgramError as error:
        yield str(error)
        return
    if not knows(path):
        yield _unknown(f"T.{path}")
    for value in args + tuple(value for _, value in kwargs):
        yield from _argument(value, set())


def _names(instruction: Instruction, bound: set[str]) -> Iterator[str]:
    seen: set[str] = set()
    for name in instruction.outs:
        if not _NAME.fullmatch(name) or name in _RESERVED:
            yield f"{name!r} cannot be bound; names are lower-case words that Python does not reserve, as v0"
        elif name in bound or name in seen:
            yield f"{name} is bound twice; every name is bound once, so take a new one"
        seen.add(name)


def _shape(instruction: Instruction) -> Iterator[str]:
    """Each form has its number of operands and of results."""
    form, op, args, outs = instruction.form, instruction.op, instruction.args, instruction.outs
    if len(outs) > 1 and not instruction.unpack:
        yield f"{len(outs)} names are bound without unpacking; set `unpack` or bind one name"
    if instruction.unpack and not outs:
        yield "unpacking binds at least one name"
    if form in ("set", "setindex", "print", "del") and outs:
        yield f"a {form} binds no name"
    if form in ("get", "operator", "index") and not outs:
        yield f"a {form} alone does nothing; bind its result to a name"
    if instruction.kwargs and form not in ("call", "method"):
        yield f"a {form} takes no keywords"
    count = {"get": 1, "set": 2, "index": 2, "setindex": 3, "del": 1}.get(form)
    if count is not None and len(args) != count:
        yield f"a {form} has {count} operands, not {len(args)}"
    elif form == "operator":
        yield from _operator(op, args)
    elif form == "builtin" and (op not in BUILTINS or len(args) != 1):
        yield f"a builtin is one of {', '.join(BUILTINS)}, of one argument"
    elif form == "print" and not args:
        yield "print observes at least one value"
    elif form in ("method", "get", "set", "index", "setindex", "del"):
        yield from _receiver(args)


def _operator(op: str, args: tuple[Any, ...]) -> Iterator[str]:
    if len(args) == 1:
        if op not in UNARY:
            yield f"{op!r} is no operator of one operand; there are {', '.join(UNARY)}"
        if type(args[0]) is not Ref:
            yield f"{op} of a literal is a literal; apply it to a name"
    elif len(args) != 2 or op not in BINARY:
        yield f"{op!r} of {len(args)} operands is no operator; there are {' '.join(BINARY)} of two"


def _receiver(args: tuple[Any, ...]) -> Iterator[str]:
    if not args or type(args[0]) not in (Ref, Fn):
        yield "what stands left of the dot or bracket is a name"


def _argument(value: Any, bound: set[str], depth: int = 0) -> Iterator[str]:
    kind = type(value)
    if kind is Ref:
        if value.name not in bound:
            yield f"{value.name} is used before anything binds it"
    elif kind in (tuple, ListArg):
        if depth > 64:
            yield "a value is nested more than 64 deep; write it flatter"
            return
        for item in value if kind is tuple else value.items:
            yield from _argument(item, bound, depth + 1)
    elif kind is Slice:
        for part in (value.start, value.stop, value.step):
            yield from _argument(part, bound, depth + 1)
    elif kind is Fn:
        if value.name not in LIBRARY:
            yield f"there is no function {value.name!r} in the library; see program/functions.py"
    elif kind is Attr:
        if not knows(value.path):
            yield _unknown(f"T.{value.path}")
    elif kind not in _SCALARS:
        yield f"{value!r} of type {kind.__name__} cannot stand in a program; see language.Arg"


def _words(instruction: Instruction) -> Iterator[str]:
    """Dotted names are words of the vocabulary: a program may come from anybody."""
    form, op = instruction.form, instruction.op
    if form == "call" and not knows(op):
        yield _unknown(f"T.{op}")
    elif form in ("method", "get", "set") and not knows_word(op):
        yield _unknown(op)


def _unknown(path: str) -> str:
    return f"{path} is not a name that a program may use; the known ones are in oracle/program/vocabulary.py"
