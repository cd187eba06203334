"""A program in another precision: the same program with every float dtype exchanged for one.

What may live here: this one rewriting. Values written in the program stay as they are, bit by bit; whoever
runs the result also sets the default dtype accordingly.
"""

from __future__ import annotations

from oracle.program.edit import map_args
from oracle.program.language import Arg, Attr, Instruction
from oracle.program.program import Program

_FLOATS = ("float16", "half", "bfloat16", "float32", "float", "float64", "double")
_COMPLEX = ("complex32", "chalf", "complex64", "cfloat", "complex128", "cdouble")
_METHODS = {"half": 0, "bfloat16": 0, "float": 0, "double": 0, "chalf": 1, "cfloat": 1, "cdouble": 1}
"""Casting methods: 0 to a real dtype, 1 to a complex one."""


def in_float64(program: Program) -> Program:
    """`program` in float64 and complex128 throughout, in arguments and in casting methods."""
    return _in(program, ("float64", "complex128"), ("double", "cdouble"))


def in_float32(program: Program) -> Program:
    """`program` in float32 and complex64 throughout, in arguments and in casting methods."""
    return _in(program, ("float32", "complex64"), ("float", "cfloat"))


def _in(program: Program, dtypes: tuple[str, str], methods: tuple[str, str]) -> Program:
    exchanged = dict.fromkeys(_FLOATS, Attr(dtypes[0])) | dict.fromkeys(_COMPLEX, Attr(dtypes[1]))

    def other(atom: Arg) -> Arg:
        return exchanged.get(atom.path, atom) if type(atom) is Attr else atom

    def rewritten(instruction: Instruction) -> Instruction:
        new = map_args(instruction, other)
        if new.form == "method" and new.op in _METHODS:
            return new._replace(op=methods[_METHODS[new.op]])
        return new

    return Program(tuple(rewritten(instruction) for instruction in program.instructions))
