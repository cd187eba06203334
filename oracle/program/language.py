"""What flows, in its parts: instructions and their arguments, as frozen values (`program` has the whole).

What may live here: the data types of the language and nothing that needs an engine, NumPy or torch.
The printed form is Python over a namespace `T`; see `printer` and `parser`, which are inverse to each other.

Semantics are Python's own. Each name is bound once. An instruction that raises ends the program, unless it
is `caught`, in which case its names stay unbound and the program goes on; using an unbound name is a
NameError like any other.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

NAN = math.nan  # the one NaN of the language, so that equal programs compare equal ...
NEGATIVE_NAN = -NAN  # ... and the other one, which signbit and copysign tell from it

Form = Literal["call", "method", "operator", "get", "set", "index", "setindex", "print", "builtin", "del"]

BINARY = (
    "+", "-", "*", "/", "//", "%", "**", "@", "&", "|", "^", "<<", ">>", "==", "!=", "<", "<=", ">", ">=",
)  # fmt: skip
UNARY = {"neg": "-", "pos": "+", "invert": "~"}
"""The operators of the language: binary ones by their symbol, unary ones by the name of their method."""

BUILTINS = ("abs", "bool", "complex", "float", "int", "len", "list", "repr", "str", "tuple")
"""Python's own functions that a program may apply to a name, as `v1 = len(v0)`."""


@dataclass(frozen=True, slots=True)
class Ref:
    """A use of a name bound by an earlier instruction."""

    name: str


@dataclass(frozen=True, slots=True)
class Attr:
    """A dotted name below `T` used as a value: a dtype, a memory format, ... prints as `T.float32`."""

    path: str


@dataclass(frozen=True, slots=True)
class Slice:
    """`start:stop:step` inside an index; the parts are ints, None or Refs."""

    start: Any = None
    stop: Any = None
    step: Any = None


@dataclass(frozen=True, slots=True)
class Fn:
    """A hook, helper function or class from the fixed library of the language (`functions`), by its name."""

    name: str


Arg = Any
"""Ref | Attr | Slice | Fn | None | bool | int | float | complex | str | Ellipsis | tuple[Arg, ...] | ListArg

A list is held as `ListArg` so that an Instruction stays hashable.
"""


@dataclass(frozen=True, slots=True)
class ListArg:
    """A Python list display, which some calls tell from a tuple."""

    items: tuple[Arg, ...]


class Instruction(NamedTuple):
    """One statement. A named tuple, since programs are made of it by the million; change one by `_replace`.

    form       printed as                         op                       args
    call       `v2 = T.mul(v0, v1, alpha=2)`      dotted name below T      positional arguments
    method     `v2 = v0.mul(v1)`                  method name              receiver first
    operator   `v2 = v0 * v1`, `v1 = -v0`         the symbol ("neg" for -) one or two operands
    get        `v1 = v0.grad`                     attribute                receiver
    set        `v0.requires_grad = True`          attribute                receiver, value
    builtin    `v1 = len(v0)`                     the function's name      its argument
    index      `v1 = v0[1, ..., None]`            ""                       receiver, index
    setindex   `v0[1] = v1`                       ""                       receiver, index, value
    del        `del v0`                           ""                       the name that is bound no more
    print      `print(v0)`                        ""                       what is observed at this point

    `outs` are the names bound; with `unpack` the result is unpacked into them (`v1, v2 = ...`), without it
    there is at most one. `modes` are grad-mode blocks around the statement, outermost first, as they print
    ("no_grad()", "set_grad_enabled(False)"). `caught` says that an exception is caught and the program
    goes on.
    """

    outs: tuple[str, ...]
    form: Form
    op: str
    args: tuple[Arg, ...] = ()
    kwargs: tuple[tuple[str, Arg], ...] = ()
    unpack: bool = False
    modes: tuple[str, ...] = ()
    caught: bool = False
