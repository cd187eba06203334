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
    Ref,
    Slice,
)
from oracle.program.parser import parse
from oracle.program.printer import number, statement, to_source
from oracle.program.program import Program
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
    "number",
    "parse",
    "statement",
    "to_source",
    "violations",
]
