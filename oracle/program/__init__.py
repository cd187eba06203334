"""The program language: its types, printer and parser, rules of legality, library of functions."""

from oracle.program.functions import LIBRARY, LibraryFunction, entry
from oracle.program.language import (
    BINARY,
    BUILTINS,
    NAN,
    UNARY,
    Arg,
    Attr,
    Fn,
    Form,
    Instruction,
    ListArg,
    Program,
    Ref,
    Slice,
)
from oracle.program.parser import parse
from oracle.program.printer import lines_of, number, statement, to_script, to_source
from oracle.program.validity import check, violations

__all__ = [
    "BINARY",
    "BUILTINS",
    "LIBRARY",
    "NAN",
    "UNARY",
    "Arg",
    "Attr",
    "Fn",
    "Form",
    "Instruction",
    "LibraryFunction",
    "ListArg",
    "Program",
    "Ref",
    "Slice",
    "check",
    "entry",
    "lines_of",
    "number",
    "parse",
    "statement",
    "to_script",
    "to_source",
    "violations",
]
