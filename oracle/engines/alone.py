"""A program as a script for one engine alone: what the engine's authors run, without gradfuzz and without torch.

What may live here: writing such scripts. The program is rewritten as for any functional engine and run once, with
values that remember the code they came from; how an engine is imported and asked for gradients is its `Dialect`.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from typing import Any

import numpy as np

from oracle.engines.array_engine import ArrayEngine
from oracle.engines.arrays import Value, lower
from oracle.engines.base import Engine
from oracle.engines.functional import METADATA, Dialect, Env, Function, FunctionalEngine, Pass, Values
from oracle.engines.remote import RemoteEngine
from oracle.functionalize import Functional
from oracle.program.edit import refs
from oracle.program.language import Instruction
from oracle.program.printer import number, statement
from oracle.program.program import Program
from oracle.variants import Query


def script(program: Program, engine: Engine, where: str, gradient: bool) -> str | None:
    """Code that runs `program` on `engine` alone and prints `where` (of its `.grad`, if `gradient`).

    None where the engine is no functional one, does not take the program, or the program cannot be said in its terms
    (hooks, a detached value inside of what is differentiated).
    """
    if isinstance(engine, RemoteEngine):
        module, _, name = engine.inner.partition(":")
        engine = getattr(import_module(module), name)()
    if not isinstance(engine, FunctionalEngine) or engine.dialect is None or engine.supports(program) is not None:
        return None
    rewritten = engine.rewritten(program)
    if isinstance(rewritten, str):
        return None
    lines = Lines()
    seen = engine.shadow.run(program).tensors
    leaves = list(dict.fromkeys(rewritten.grads[name] for name, facts in seen.items() if facts.grad is not None))
    writer: _Writing = (
        _OverArrays(engine, rewritten, leaves, lines)
        if isinstance(engine, ArrayEngine)
        else _OverTorch(engine, rewritten, leaves, lines)
    )
    try:
        for index, one in enumerate(rewritten.program.instructions):
            writer.do(index, one)
    except Unsaid:
        return None
    except Exception as error:  # what the engine refuses, the script shows it refusing
        if not hasattr(error, "__notes__"):
            return None
        lines.write(error.__notes__[0])
        return _whole(engine.dialect, lines)
    shown = rewritten.names.get(where, where)
    owner = rewritten.grads.get(where, shown)
    lines.write(f"print({owner}_grad)" if gradient else f"print({shown})")
    return _whole(engine.dialect, lines)


def _whole(said: Dialect, lines: Lines) -> str:
    asked = f"{said.vjp}\n\n\n" if "vjp(" in str(lines) else ""
    return f"{said.imports}\n\n\n{asked}{lines}"


class Unsaid(Exception):  # noqa: N818 - what it is
    """Something that cannot be written for the engine alone."""


class Lines:
    """Lines of Python, indented as deep as blocks are open; silent while something runs for its values alone."""

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._depth, self._silent = 0, False

    def write(self, text: str) -> None:
        if not self._silent:
            lead, body = ("\n", text[1:]) if text.startswith("\n") else ("", text)
            self._lines.append(lead + "    " * self._depth + body)

    @contextmanager
    def block(self) -> Iterator[None]:
        self._depth += 1
        yield
        self._depth -= 1

    @contextmanager
    def silence(self) -> Iterator[None]:
        before, self._silent = self._silent, True
        yield
        self._silent = before

    def __str__(self) -> str:
        return "\n".join(self._lines) + "\n"


class _Writing(Pass):
    """A pass over the rewritten program that writes down what it does."""

    def __init__(self, engine: FunctionalEngine, rewritten: Functional, leaves: list[str], lines: Lines) -> None:
        super().__init__(engine, rewritten, leaves)
        self.lines = lines
        self.asked = 0
        self.found: dict[str, str] = {}  # by input, the name that the last query's gradient goes by

    def do(self, index: int, one: Instruction) -> None:
        before = dict(self.grads)
        super().do(index, one)
        if one.op == "grad" and one.form == "get":
            self.lines.write(f"{one.outs[0]} = {next(refs(one.args[0]))}_grad")
        elif one.op in METADATA and one.outs:
            self.lines.write(f"{one.outs[0]} = {next(refs(one.args[0]))}")
        for name, held in self.grads.items():
            if name in self.found and before.get(name) is not held:
                sum_ = f"{name}_grad + {self.found[name]}" if name in before else self.found[name]
                self.lines.write(f"{name}_grad = {sum_}")
        self.found = {}

    def step(self, one: Instruction, env: Env) -> None:
        if one.op == "detach" or one.modes:
            raise Unsaid
        super().step(one, env)
        self.said(one, env)

    def said(self, one: Instruction, env: Env) -> None:
        """Write the instruction that was just carried out in `env`."""
        raise NotImplementedError

    def differentiate(
        self, function: Function, names: Sequence[str], query: Query, env: Env, nested: bool
    ) -> Values:
        self.asked += 1
        own, found = f"f{self.asked}", [f"g{self.asked}_{name}" for name in names]
        self.lines.write(f"\ndef {own}({', '.join(names)}):")
        with self.lines.block():
            function(*[env[name] for name in names])
            self.lines.write(f"return {_tuple(query.outputs)}\n")
        pairs = zip(query.weights, query.outputs, strict=True)
        weights = [self.ones(env[out]) if weight is None else next(refs(weight)) for weight, out in pairs]
        asked = "inner_vjp" if nested and "def inner_vjp" in _dialect(self.engine).vjp else "vjp"
        self.lines.write(f"{_tuple(found)} = {asked}({own}, {_tuple(names)}, {_tuple(weights)})")
        self.found.update(zip(names, found, strict=True))
        if not query.accumulates and self.found.keys() >= set(query.inputs):
            given = [self.found[name] for name in query.inputs]
            self.lines.write(f"{_tuple(query.instruction.outs)} = {_tuple(given)}")
        with self.lines.silence():
            return self.valued(super().differentiate(function, names, query, env, nested), found)

    def ones(self, value: Any) -> str:
        """The code of an implicit weight."""
        raise NotImplementedError

    def valued(self, values: Values, names: Sequence[str]) -> Values:
        """Gradients that go by these names from here on."""
        return values


class _OverTorch(_Writing):
    """Instructions are torch's own statements."""

    def said(self, one: Instruction, env: Env) -> None:
        self.lines.write(statement(one))

    def ones(self, value: Any) -> str:
        return f"T.ones({tuple(value.shape)}, dtype={value.dtype})".replace("torch.", "T.")


class _OverArrays(_Writing):
    """Instructions are calls of the module that the engine differentiates."""

    def __init__(self, engine: ArrayEngine, rewritten: Functional, leaves: list[str], lines: Lines) -> None:
        super().__init__(_Tracing(engine), rewritten, leaves, lines)

    def said(self, one: Instruction, env: Env) -> None:
        values = [env[out].raw for out in one.outs]
        if not all(isinstance(value, Traced) for value in values):
            raise Unsaid
        for out, value in zip(one.outs, values, strict=True):
            self.lines.write(f"{out} = {value.code}")
            env[out] = Value(Traced(value.raw, out), env[out].space)

    def ones(self, value: Any) -> str:
        array = self.engine.array(value)
        return _code(np.ones(array.shape, array.dtype), _dialect(self.engine))

    def valued(self, values: Values, names: Sequence[str]) -> Values:
        return [Value(Traced(one.raw.raw, name), one.space) for one, name in zip(values, names, strict=True)]


class _Tracing(ArrayEngine):
    """An engine over arrays whose values remember their code."""

    def __init__(self, real: ArrayEngine) -> None:
        self.real, self.dialect, self.name = real, real.dialect, real.name  # type: ignore[misc]
        said = _dialect(real)
        module = _Module(real.xp, said.module, said)
        special = None if real.special is None else _Module(real.special, said.special, said)

        def constant(value: Any) -> Any:
            return Traced(real.constant_of(value.raw), value.code)

        def array(value: Any) -> Traced:
            return Traced(real.array_from(value), _code(value, said))

        super().__init__(real.space_over(module, special, constant, array))

    @property
    def version(self) -> str:
        return self.real.version

    def raw_vjp(self, function: Function, inputs: Values, weights: Values, nested: bool) -> Values:
        def plain(*values: Any) -> list[Any]:
            return [_raw(one) for one in function(*[Traced(value, "_") for value in values])]

        found = self.real.raw_vjp(plain, [_raw(one) for one in inputs], [_raw(one) for one in weights], nested)
        return [Traced(one, "_") for one in found]

    def array_of(self, raw: Any) -> np.ndarray[Any, Any]:
        return self.real.array_of(_raw(raw))


class _Module:
    """A module whose functions take and give values that remember their code."""

    def __init__(self, real: Any, name: str, said: Dialect) -> None:
        self._real, self._name, self._said = real, name, said

    def __getattr__(self, name: str) -> Any:
        function = getattr(self._real, name)
        if not callable(function):
            return function

        def called(*args: Any, **kwargs: Any) -> Any:
            parts = [_code(arg, self._said) for arg in args]
            parts += [f"{key}={_code(value, self._said)}" for key, value in kwargs.items()]
            code = f"{self._name}.{name}({', '.join(parts)})"
            try:
                result = function(*_raw(args), **{key: _raw(value) for key, value in kwargs.items()})
            except Exception as error:
                error.add_note(code)  # the line of the script that raises it
                raise
            return _traced(result, code)

        return called


class Traced:
    """A raw array and the code that it came from."""

    __slots__ = ("code", "raw")

    def __init__(self, raw: Any, code: str) -> None:
        self.raw, self.code = raw, code

    @property
    def shape(self) -> Any:
        return self.raw.shape

    @property
    def dtype(self) -> Any:
        return self.raw.dtype

    def astype(self, dtype: Any) -> Traced:
        return Traced(self.raw.astype(dtype), f"{self.code}.astype({str(dtype)!r})")

    def __getitem__(self, index: Any) -> Traced:
        where = index if isinstance(index, tuple) else (index,)
        inside = ", ".join(one.code if isinstance(one, Traced) else _place(one) for one in where)
        written = f"{inside}{',' * (len(where) == 1)}" or "()"
        return Traced(self.raw[_raw(index)], f"{self.code}[{written}]")

    def __neg__(self) -> Traced:
        return Traced(-self.raw, f"-{self.code}")


def _infix(sign: str, function: Callable[[Any, Any], Any], swapped: bool) -> Callable[[Traced, Any], Traced]:
    def applied(self: Traced, other: Any) -> Traced:
        left, right = (other, self) if swapped else (self, other)
        return Traced(function(_raw(left), _raw(right)), f"({_code(left, None)} {sign} {_code(right, None)})")

    return applied


for _sign, _name in (("+", "add"), ("-", "sub"), ("*", "mul"), ("/", "truediv"), ("**", "pow")):
    setattr(Traced, f"__{_name}__", _infix(_sign, getattr(operator, _name), False))
    setattr(Traced, f"__r{_name}__", _infix(_sign, getattr(operator, _name), True))


def _dialect(engine: FunctionalEngine) -> Dialect:
    if engine.dialect is None:
        raise Unsaid
    return engine.dialect


def _raw(value: Any) -> Any:
    if isinstance(value, Traced):
        return value.raw
    return type(value)(_raw(one) for one in value) if isinstance(value, tuple | list) else value


def _traced(value: Any, code: str) -> Any:
    if isinstance(value, tuple | list):
        return tuple(_traced(one, f"{code}[{place}]") for place, one in enumerate(value))
    return Traced(value, code) if hasattr(value, "shape") else value


def _place(index: Any) -> str:
    if isinstance(index, slice):
        ends = ["" if end is None else str(end) for end in (index.start, index.stop)]
        return ":".join(ends if index.step is None else [*ends, str(index.step)])
    return "..." if index is Ellipsis else repr(index)


def _code(value: Any, said: Dialect | None) -> str:
    """An argument as code of the engine's module."""
    if isinstance(value, Value):
        value = lower(value)
    if isinstance(value, Traced):
        return value.code
    if isinstance(value, tuple | list):
        inside = [_code(one, said) for one in value]
        return _tuple(inside) if isinstance(value, tuple) else f"[{', '.join(inside)}]"
    if isinstance(value, np.ndarray) and said is not None:
        return f"{said.module}.{said.array}({_nested(value.tolist())}, dtype={said.dtype.format(value.dtype.name)})"
    if isinstance(value, float | np.floating):
        return number(float(value))
    if value is None or isinstance(value, bool | int | str):
        return repr(value)
    raise Unsaid


def _nested(value: Any) -> str:
    if isinstance(value, list):
        return f"[{', '.join(map(_nested, value))}]"
    return number(value) if isinstance(value, float) else repr(value)


def _tuple(parts: Iterable[str]) -> str:
    listed = list(parts)
    return f"({', '.join(listed)}{',' * (len(listed) == 1)})"
