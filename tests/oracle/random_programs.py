"""Random legal programs over the whole language, whether or not an engine could run them.

What may live here: a generator from `random.Random`, for the tests of printer, parser and validity alone. The
composer in `strategies` makes programs that mean something; these only have to be well-formed.
"""

from __future__ import annotations

import math
import random
import struct
from typing import Any

from oracle.program import (
    BINARY,
    BUILTINS,
    LIBRARY,
    UNARY,
    Attr,
    Fn,
    Form,
    Instruction,
    ListArg,
    Program,
    Ref,
    Slice,
)

_LAMBDAS = [name for name, function in LIBRARY.items() if not function.is_class]
_MODES = ("no_grad()", "enable_grad()", "set_grad_enabled(False)", "inference_mode(mode=True)")
_WORDS = ("mul", "sum", "linalg.det", "nn.functional.relu", "autograd.grad", "add_", "exp")
_SPECIAL = (0.0, -0.0, math.inf, -math.inf, math.nan, 5e-324, 1.7976931348623157e308, 0.1, 1e22, -1.5)


class RandomPrograms:
    """Programs drawn from one `random.Random`."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.names: list[str] = []

    def program(self) -> Program:
        self.names = []
        return Program(tuple(self.instruction() for _ in range(self.random.randint(0, 8))))

    def instruction(self) -> Instruction:
        choose = self.random
        form: Form = choose.choice(
            ["call", "method", "operator", "get", "set", "index", "setindex", "print", "builtin", "del"]
            if self.names
            else ["call"]
        )
        outs = self.outs() if form in ("call", "method", "operator", "get", "index", "builtin") else ()
        if form in ("operator", "get", "index") and not outs:
            outs = (self.name(),)
        op, args, kwargs = self.parts(form)
        instruction = Instruction(
            outs,
            form,
            op,
            args,
            kwargs,
            unpack=len(outs) > 1 or (bool(outs) and choose.random() < 0.2),
            modes=tuple(choose.choices(_MODES, k=choose.choice([0, 0, 0, 1, 2]))),
            caught=choose.random() < 0.2,
        )
        self.names += outs
        return instruction

    def outs(self) -> tuple[str, ...]:
        count = self.random.choice([0, 1, 1, 1, 2, 3])
        return tuple(self.name(offset) for offset in range(count))

    def name(self, offset: int = 0) -> str:
        return f"{self.random.choice('vhx')}{len(self.names) + offset}"

    def parts(self, form: str) -> tuple[str, tuple[Any, ...], tuple[tuple[str, Any], ...]]:
        choose = self.random
        if form == "call":
            return choose.choice(_WORDS), self.values(), self.kwargs()
        receiver = Ref(choose.choice(self.names))
        if form == "method":
            return choose.choice(["mul_", "register_hook", "sum"]), (receiver, *self.values()), self.kwargs()
        if form == "operator":
            if choose.random() < 0.3:
                return choose.choice(list(UNARY)), (receiver,), ()
            operands = (self.value(), receiver) if choose.random() < 0.5 else (receiver, self.value())
            return choose.choice(BINARY), operands, ()
        if form == "get":
            return choose.choice(["grad", "shape", "_version"]), (receiver,), ()
        if form == "set":
            return choose.choice(["grad", "requires_grad"]), (receiver, self.value()), ()
        if form == "index":
            return "", (receiver, self.index()), ()
        if form == "setindex":
            return "", (receiver, self.index(), self.value()), ()
        if form in ("print", "del"):
            return "", (receiver,), ()
        return choose.choice(BUILTINS), (receiver,), ()

    def kwargs(self) -> tuple[tuple[str, Any], ...]:
        names = self.random.sample(["dim", "keepdim", "dtype", "alpha"], k=self.random.choice([0, 0, 1, 2]))
        return tuple((name, self.value()) for name in names)

    def index(self) -> Any:
        parts = tuple(self.index_part() for _ in range(self.random.randint(0, 3)))
        return self.index_part() if len(parts) == 1 and self.random.random() < 0.5 else parts

    def index_part(self) -> Any:
        bound = [None, 0, 1, -1, 2**40, *([Ref(self.names[0])] if self.names else [])]
        return self.random.choice([Slice(*self.random.choices(bound, k=3)), Ellipsis, None, self.value()])

    def values(self) -> tuple[Any, ...]:
        return tuple(self.value() for _ in range(self.random.randint(0, 3)))

    def value(self, depth: int = 0) -> Any:
        choose = self.random
        kind = choose.randint(0, 11 if depth < 3 else 8)
        if kind == 0 and self.names:
            return Ref(choose.choice(self.names))
        if kind == 1:
            return choose.choice([None, True, False, Ellipsis])
        if kind == 2:
            return choose.choice([0, 1, -1, 7, -(2**70)])
        if kind == 3:
            return choose.choice(_SPECIAL)
        if kind == 4:
            return self.any_float()
        if kind == 5:
            return complex(choose.choice(_SPECIAL), choose.choice([self.any_float(), *_SPECIAL]))
        if kind == 6:
            return choose.choice(["", "floor", "it's", 'a "b"\n\\', "ü"])
        if kind == 7:
            return Fn(choose.choice(_LAMBDAS))
        if kind == 8:
            return Attr(choose.choice(["float64", "contiguous_format", "bool"]))
        if kind == 9:
            return Slice(1, None, 2)
        items = tuple(self.value(depth + 1) for _ in range(choose.randint(0, 3)))
        return items if kind == 10 else ListArg(items)

    def any_float(self) -> float:
        """Any bit pattern but that of a NaN, of which the language has one."""
        (value,) = struct.unpack("<d", self.random.randbytes(8))
        return 1.25 if math.isnan(value) else value
