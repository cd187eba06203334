"""Runs programs over an engine's namespace, with exactly the semantics of the printed text under Python.

What may live here: the execution of each form, grad-mode blocks, recorded hooks, prints and warnings. No
engine is imported: everything goes through the namespace `T` that the engine hands in. What the run left
behind is a `Run`; turning that into plain data is the observer's work, not done here.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from typing import Any

from oracle.errors import HarnessError
from oracle.observation import HookCall, Raised
from oracle.program.expressions import parse_mode
from oracle.program.functions import entry
from oracle.program.language import Attr, Fn, Instruction, ListArg, Ref, Slice
from oracle.program.printer import shared_depth
from oracle.program.program import Program

_PLAIN = frozenset({bool, int, float, complex, str, type(None), type(Ellipsis)})

_OPERATORS: dict[str, Callable[..., Any]] = {
    "+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv, "//": operator.floordiv,
    "%": operator.mod, "**": operator.pow, "@": operator.matmul, "&": operator.and_, "|": operator.or_,
    "^": operator.xor, "<<": operator.lshift, ">>": operator.rshift, "==": operator.eq, "!=": operator.ne,
    "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
    "neg": operator.neg, "pos": operator.pos, "invert": operator.invert,
}  # fmt: skip

_BUILTINS: dict[str, Callable[..., Any]] = {
    "abs": abs, "bool": bool, "complex": complex, "float": float, "int": int, "len": len, "list": list,
    "repr": repr, "str": str, "tuple": tuple,
}  # fmt: skip


_Args = tuple[Any, ...]
_Kwargs = tuple[tuple[str, Any], ...]


class _NotReached:
    """The result of an instruction that was never begun."""


NOT_REACHED = _NotReached()


class Names(dict[str, Any]):
    """Bound names; reading an unbound one is Python's NameError."""

    def __missing__(self, name: str) -> Any:
        raise NameError(f"name {name!r} is not defined")


class Run:
    """What one run left behind, still with the engine's objects.

    `results` has one entry per instruction: `Raised`, or the value it gave (also when no name took it), or
    NOT_REACHED. `reached` is the number of instructions begun. `tangents` is what the observer noted when
    dual levels ended, in order.
    """

    __slots__ = (
        "calls", "hooked", "index", "names", "prints", "program", "reached", "results", "tangents", "warnings",
    )  # fmt: skip

    def __init__(self, program: Program) -> None:
        self.program = program
        self.names = Names()
        self.results: list[Any] = [NOT_REACHED] * len(program.instructions)
        self.reached = 0
        self.index = 0
        self.hooked = False  # whether a function of the library was handed to the engine
        self.calls: list[HookCall] = []
        self.prints: list[tuple[int, str]] = []
        self.warnings: list[tuple[int, str, str]] = []
        self.tangents: list[Any] = []

    def forget(self) -> None:
        """Let go of the engine's objects: hooks hold their run, and torch cannot see that as a cycle."""
        if self.hooked:
            for result in self.results:
                if type(result).__name__.endswith("Handle"):
                    result.remove()
        self.names.clear()
        self.results.clear()


class Interpreter:
    """Executes programs over `namespace`; `copy` turns an argument of a hook into plain data at once."""

    def __init__(self, namespace: Any, copy: Callable[[Any], Any]) -> None:
        self._namespace = namespace
        self._copy = copy
        self._paths: dict[str, Any] = {}
        self._functions: dict[str, Callable[..., Any]] = {}
        self._modes: dict[str, tuple[str, tuple[Any, ...], tuple[tuple[str, Any], ...]]] = {}
        self._keywords: dict[int, tuple[_Kwargs, dict[str, Any]]] = {}
        self.guards: dict[str, Callable[[Any], None]] = {}
        """By op, what an engine does with the first argument before the call, so that it survives it."""
        self.ending: dict[str, Callable[[Run], None]] = {}
        """By the mode of a block, what is done while it still stands, just before it is left."""
        self._forms: dict[str, Callable[[str, _Args, _Kwargs, Run], Any]] = {
            "call": self._call,
            "method": self._method,
            "operator": self._operator,
            "get": self._get,
            "set": self._set,
            "index": self._index,
            "setindex": self._setindex,
            "print": self._print,
            "builtin": self._builtin,
            "del": self._del,
        }

    def run(self, program: Program, caught: Sequence[Any] = ()) -> Run:
        """Execute `program` to its end or first uncaught exception.

        `caught` is the list that a surrounding `warnings.catch_warnings(record=True)` fills; what is added
        to it during an instruction is that instruction's.
        """
        run = Run(program)
        blocks = _Blocks(self)
        try:
            self._execute(run, blocks, caught)
        finally:
            blocks.leave(run)
        return run

    def step(self, instruction: Instruction, run: Run) -> None:
        """Execute one instruction by itself in `run`, inside its own modes; what it raises is raised."""
        outs, form, op, args, kwargs, unpack, modes, _ = instruction
        blocks = _Blocks(self)
        try:
            blocks.enter(modes, run)
            result = self._forms[form](op, args, kwargs, run)
        finally:
            blocks.leave(run)
        if unpack:
            run.names.update(zip(outs, unpacked(result, len(outs)), strict=True))
        elif outs:
            run.names[outs[0]] = result

    def _execute(self, run: Run, blocks: _Blocks, caught: Sequence[Any]) -> None:
        open_modes: tuple[str, ...] = ()
        forms, results, names = self._forms, run.results, run.names
        heard = len(caught)
        for index, instruction in enumerate(run.program.instructions):
            outs, form, op, args, kwargs, unpack, modes, is_caught = instruction
            run.index = index
            survives = False
            try:
                if modes != open_modes:
                    depth = shared_depth(open_modes, modes)
                    open_modes = ()
                    blocks.leave(run, depth)
                    blocks.enter(modes[depth:], run)
                    open_modes = modes
                survives = is_caught
                result = forms[form](op, args, kwargs, run)
                if unpack:
                    names.update(zip(outs, unpacked(result, len(outs)), strict=True))
                elif outs:
                    names[outs[0]] = result
                results[index] = result
            except HarnessError:
                raise
            except Exception as error:
                results[index] = Raised(type(error).__name__, str(error))
                if len(caught) != heard:
                    heard = _hear(run, caught, heard)
                if not survives:
                    run.reached = index + 1
                    return
            if len(caught) != heard:
                heard = _hear(run, caught, heard)
        run.reached = len(results)

    def value(self, arg: Any, run: Run) -> Any:
        """An argument of the language as the engine's own value."""
        kind = type(arg)
        if kind is Ref:
            return run.names[arg.name]
        if kind in _PLAIN:
            return arg
        if kind is tuple:
            return tuple([item if type(item) in _PLAIN else self.value(item, run) for item in arg])
        if kind is ListArg:
            known = _LISTS.get(id(arg))
            return known[1] if known is not None else self._list(arg, run)
        if kind is Attr:
            return self._paths.get(arg.path) or self._path(arg.path)
        if kind is Slice:
            return slice(self.value(arg.start, run), self.value(arg.stop, run), self.value(arg.step, run))
        if kind is Fn:
            return self._function(arg.name, run)
        raise HarnessError(f"{arg!r} of type {kind.__name__} cannot stand in a program; see language.Arg")

    def values(self, args: _Args, run: Run) -> Sequence[Any]:
        """Positional arguments as the engine's own values, in order."""
        names, value = run.names, self.value
        if len(args) == 2:  # by far the most frequent
            one, two = args
            return (
                names[one.name] if type(one) is Ref else one if type(one) in _PLAIN else value(one, run),
                names[two.name] if type(two) is Ref else two if type(two) in _PLAIN else value(two, run),
            )
        return [
            names[arg.name] if type(arg) is Ref else arg if type(arg) in _PLAIN else value(arg, run) for arg in args
        ]

    def keywords(self, kwargs: _Kwargs, run: Run) -> dict[str, Any]:
        """Keyword arguments as the engine's own values."""
        known = self._keywords.get(id(kwargs))
        if known is not None:
            return known[1]
        values = {key: self.value(arg, run) for key, arg in kwargs}
        if all(type(arg) in _PLAIN or type(arg) is Attr for _, arg in kwargs):
            _remember(self._keywords, kwargs, values)
        return values

    def _list(self, arg: ListArg, run: Run) -> list[Any]:
        values = _plain(arg)
        if values is None:
            return [item if type(item) in _PLAIN else self.value(item, run) for item in arg.items]
        _remember(_LISTS, arg, values)
        return values

    def entered(self, mode: str, run: Run) -> Any:
        """The context manager that `mode` means."""
        if mode not in self._modes:
            self._modes[mode] = parse_mode(mode)
        path, args, kwargs = self._modes[mode]
        return self._path(path)(*self.values(args, run), **self.keywords(kwargs, run))

    def _path(self, path: str) -> Any:
        try:
            return self._paths[path]
        except KeyError:
            pass
        found = self._namespace
        for part in path.split("."):
            found = getattr(found, part)
        self._paths[path] = found
        return found

    def _function(self, name: str, run: Run) -> Callable[..., Any]:
        """The library's function `name`; calls of a lambda are recorded for the instruction it stands in."""
        if name not in self._functions:
            self._functions[name] = entry(name).over(self._namespace)
        function = self._functions[name]
        if entry(name).is_class:
            return function
        calls, copy, registered = run.calls, self._copy, run.index
        run.hooked = True

        def noted(args: tuple[Any, ...]) -> tuple[Any, ...]:
            calls.append(HookCall(registered, run.index, tuple(copy(arg) for arg in args)))
            return args

        return lambda *args: function(*noted(args))  # a lambda, since engines put a hook's name into texts

    def _call(self, op: str, args: _Args, kwargs: _Kwargs, run: Run) -> Any:
        function = self._paths.get(op) or self._path(op)
        values = self.values(args, run)
        if op in self.guards:
            self.guards[op](values[0])
        if kwargs:
            return function(*values, **self.keywords(kwargs, run))
        return function(*values)

    def _method(self, op: str, args: _Args, kwargs: _Kwargs, run: Run) -> Any:
        receiver = args[0]
        owner = run.names[receiver.name] if type(receiver) is Ref else self.value(receiver, run)
        function = getattr(owner, op)
        if op in self.guards:
            self.guards[op](owner)
        if len(args) == 1 and not kwargs:
            return function()
        values = self.values(args[1:], run)
        if kwargs:
            return function(*values, **self.keywords(kwargs, run))
        return function(*values)

    def _operator(self, op: str, args: _Args, kwargs: _Kwargs, run: Run) -> Any:
        return _OPERATORS[op](*self.values(args, run))

    def _get(self, op: str, args: _Args, kwargs: _Kwargs, run: Run) -> Any:
        return getattr(self.value(args[0], run), op)

    def _set(self, op: str, args: _Args, kwargs: _Kwargs, run: Run) -> Any:
        receiver, value = args
        new = self.value(value, run)  # Python evaluates the right side first
        setattr(self.value(receiver, run), op, new)

    def _index(self, op: str, args: _Args, kwargs: _Kwargs, run: Run) -> Any:
        receiver, index = self.values(args, run)
        return receiver[index]

    def _setindex(self, op: str, args: _Args, kwargs: _Kwargs, run: Run) -> Any:
        receiver, index, value = args
        new = self.value(value, run)
        self.value(receiver, run)[self.value(index, run)] = new

    def _print(self, op: str, args: _Args, kwargs: _Kwargs, run: Run) -> Any:
        run.prints.append((run.index, " ".join([str(value) for value in self.values(args, run)])))

    def _builtin(self, op: str, args: _Args, kwargs: _Kwargs, run: Run) -> Any:
        return _BUILTINS[op](*self.values(args, run))

    def _del(self, op: str, args: _Args, kwargs: _Kwargs, run: Run) -> Any:
        name = args[0].name
        self.value(args[0], run)  # a NameError if it is not bound
        del run.names[name]


def _plain(arg: ListArg) -> list[Any] | None:
    """Nested lists of what stands for itself; None if anything else is in them."""
    values: list[Any] = []
    for item in arg.items:
        if type(item) in _PLAIN:
            values.append(item)
            continue
        inner = _plain(item) if type(item) is ListArg else None
        if inner is None:
            return None
        values.append(inner)
    return values


# Note [Constants]. The composer uses the same lists and keywords again and again, and both engines run each
# program. Those without names in them are turned into values once, and known by their id, which the entry itself
# keeps from being used again. Engines do not change what they are given.

_LISTS: dict[int, tuple[ListArg, list[Any]]] = {}
_MOST_REMEMBERED = 2000


def _remember(memory: dict[int, tuple[Any, Any]], arg: Any, value: Any) -> None:
    """Note [Constants]."""
    if len(memory) >= _MOST_REMEMBERED:
        memory.clear()
    memory[id(arg)] = (arg, value)


class _Blocks:
    """The grad-mode blocks that stand open."""

    __slots__ = ("_interpreter", "_open")

    def __init__(self, interpreter: Interpreter) -> None:
        self._interpreter = interpreter
        self._open: list[tuple[str, Any]] = []

    def enter(self, modes: tuple[str, ...], run: Run) -> None:
        for mode in modes:
            block = self._interpreter.entered(mode, run)
            block.__enter__()
            self._open.append((mode, block))

    def leave(self, run: Run, depth: int = 0) -> None:
        """Leave all blocks but the outermost `depth`."""
        while len(self._open) > depth:
            mode, block = self._open.pop()
            ending = self._interpreter.ending.get(mode)
            if ending is not None:
                ending(run)
            block.__exit__(None, None, None)


def _hear(run: Run, caught: Sequence[Any], heard: int) -> int:
    for warning in caught[heard:]:
        run.warnings.append((run.index, warning.category.__name__, str(warning.message)))
    return len(caught)


def unpacked(value: Any, count: int) -> tuple[Any, ...]:
    """`a, b, ... = value` for `count` names; raises exactly what Python raises."""
    if count not in _UNPACK:
        names = ", ".join(f"a{i}" for i in range(count)) + ","
        scope: dict[str, Any] = {}
        exec(f"def unpack(value):\n    {names} = value\n    return {names}", scope)
        _UNPACK[count] = scope["unpack"]
    return _UNPACK[count](value)


_UNPACK: dict[int, Callable[[Any], tuple[Any, ...]]] = {}
