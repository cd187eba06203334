"""A program in another precision: the same program with every narrower float widened to float64.

What may live here: this one rewriting. Values written in the program stay as they are, bit by bit; whoever
runs the result also sets the default dtype to float64.
"""

from __future__ import annotations

from oracle.program.edit import map_args
from oracle.program.language import Arg, Attr, Instruction, Program

_WIDER = {
    "float16": "float64", "half": "float64", "bfloat16": "float64", "float32": "float64", "float": "float64",
    "complex64": "complex128", "cfloat": "complex128",
}  # fmt: skip
_METHODS = {"float": "double", "half": "double", "bfloat16": "double", "cfloat": "cdouble"}


def in_float64(program: Program) -> Program:
    """`program` with dtypes below float64 (complex128) widened, in arguments and in casting methods."""
    return Program(tuple(_widened(instruction) for instruction in program.instructions))


def _widened(instruction: Instruction) -> Instruction:
    wide = map_args(instruction, _wider)
    if wide.form == "method" and wide.op in _METHODS:
        return wide._replace(op=_METHODS[wide.op])
    return wide


def _wider(atom: Arg) -> Arg:
    if type(atom) is Attr and atom.path in _WIDER:
        return Attr(_WIDER[atom.path])
    return atom
