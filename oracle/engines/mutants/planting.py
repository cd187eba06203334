"""Putting a bug into minigrad for a while, and taking it out again.

What may live here: how each kind of target of a `Mutant` is edited, and how it is told whether that place is come to.
Nothing is left behind: what was there before is put back, also when what ran meanwhile raised.
"""

from __future__ import annotations

import ast
import builtins
import gc
import inspect
import re
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache, lru_cache, wraps
from importlib import import_module
from pkgutil import walk_packages
from types import CodeType, FunctionType
from typing import Any

from oracle.engines.mutants.mutant import Mutant
from oracle.errors import HarnessError

REACHED = "__gradfuzz_reached__"
"""What edited code calls where the bug is, a name among Python's own while one is planted."""


class Reached:
    """How often the place of a planted bug was come to; called there. It returns None: `f() or x` is x."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self) -> None:
        self.count += 1


def tells(mutant: Mutant) -> bool:
    """Whether `Reached` counts for this mutant; elsewhere its ops are all that is known of where it shows."""
    return mutant.target.startswith(("source ", "formula ")) or REACHED in mutant.new


@contextmanager
def planted(mutant: Mutant, reached: Reached | None = None) -> Iterator[None]:
    """minigrad with the bug in it, for the time of a `with` block; `reached` counts how often it is come to."""
    kind, _, rest = mutant.target.partition(" ")
    setattr(builtins, REACHED, reached or Reached())
    try:
        if kind in _PLANT:
            yield from _PLANT[kind](rest, mutant)
        else:
            yield from _with_code(_function(mutant.target), mutant)
    finally:
        delattr(builtins, REACHED)


def _with_code(place: tuple[Any, str], mutant: Mutant) -> Iterator[None]:
    function, source = place
    if mutant.old not in source:
        raise HarnessError(
            f"the planted bug {mutant.name!r} no longer applies: {mutant.target} has no {mutant.old!r}; "
            "bring oracle/engines/mutants up to date with minigrad"
        )
    made: dict[str, Any] = {}
    edited = source.replace(mutant.old, mutant.new, 1)
    exec(compile(edited, f"<mutant {mutant.name}>", "exec"), function.__globals__, made)
    changed: Any
    (changed,) = made.values()
    kept = function.__code__
    function.__code__ = changed.__code__
    try:
        yield
    finally:
        function.__code__ = kept


def _function(target: str) -> tuple[Any, str]:
    module, _, path = target.partition(":")
    found: Any = import_module(module)
    for name in path.split("."):
        found = inspect.getattr_static(found, name)
    found = found.fget if isinstance(found, property) else getattr(found, "__func__", found)
    return _source(found)


def _source(function: Any) -> tuple[Any, str]:
    """A function and its source without decorators."""
    source = textwrap.dedent(inspect.getsource(function))
    return function, source[re.search(r"^def ", source, re.MULTILINE).start() :]  # type: ignore[union-attr]


def _with_generated(op: str, mutant: Mutant) -> Iterator[None]:
    from minigrad.codegen import source_of

    decl = declaration(op)
    yield from _with_code((decl.function, source_of(decl)), mutant)


def _with_in_place(op: str, mutant: Mutant) -> Iterator[None]:
    decl = declaration(op)
    yield from _with_code((decl.inplace_function, source_in_place(decl)), mutant)


def source_in_place(decl: Any) -> str:
    """The generated source of an op's in-place form."""
    from minigrad.codegen import inplace_source, write

    write(decl, "inplace_function")
    return inplace_source(decl, decl.inplace_function.__globals__)


def _with_kernel(op: str, mutant: Mutant) -> Iterator[None]:
    yield from _regenerated(op, _with_code(_source(declaration(op).kernel), mutant))


def declaration(op: str) -> Any:
    """What minigrad declares under this overload name."""
    from minigrad import later
    from minigrad.registry import OPS

    later.everything()
    if op not in OPS:
        raise HarnessError(f"a planted bug asks for the op {op!r}, which minigrad does not declare")
    return OPS[op]


def _regenerated(op: str, change: Iterator[None]) -> Iterator[None]:
    """A change of a declaration, and code generated from it anew, before and after."""
    from minigrad.codegen import forget

    for _ in change:
        forget(declaration(op))
        yield
    forget(declaration(op))


def _with_formula(rest: str, mutant: Mutant) -> Iterator[None]:
    """The formula F of an op's parameter replaced by an expression in F."""
    op, parameter = rest.split()
    formulas = declaration(op).formulas
    if parameter not in formulas:
        raise HarnessError(
            f"the planted bug {mutant.name!r} no longer applies: {op} has no formula for {parameter}"
        )
    yield from _regenerated(op, _replaced(formulas, parameter, mutant.new))


def _replaced(formulas: dict[str, Any], parameter: str, expression: str) -> Iterator[None]:
    kept = formulas[parameter]
    changed = eval(expression, {**kept.__globals__, "F": kept})
    reached = getattr(builtins, REACHED)

    @wraps(kept)  # its parameters say what the node saves
    def formula(*args: Any, **keywords: Any) -> Any:
        reached()
        return changed(*args, *keywords.values())

    formulas[parameter] = formula
    try:
        yield
    finally:
        formulas[parameter] = kept


def _relabelled(node: str, mutant: Mutant) -> Iterator[None]:
    from minigrad.registry import NODES

    cls = NODES[node]
    cls.label = mutant.new
    try:
        yield
    finally:
        cls.label = node


def _with_flag(op: str, mutant: Mutant) -> Iterator[None]:
    """A declaration without one of its flags."""
    yield from _regenerated(op, _without(declaration(op), mutant))


def _without(decl: Any, mutant: Mutant) -> Iterator[None]:
    if getattr(decl, mutant.old, None) is not True:
        raise HarnessError(f"the planted bug {mutant.name!r} no longer applies: {decl.overload} is no {mutant.old}")
    setattr(decl, mutant.old, False)
    try:
        yield
    finally:
        setattr(decl, mutant.old, True)


def _with_another_saved(rest: str, mutant: Mutant) -> Iterator[None]:
    """A formula that asks for `new` where it should for `old`, so that its node saves that."""
    from minigrad.codegen import forget

    op, parameter = rest.split()
    decl = declaration(op)
    kept, wants = decl.formulas[parameter], decl.wants
    decl.formulas[parameter] = renamed(kept, mutant.old, mutant.new)
    decl.wants = {**wants, parameter: tuple(mutant.new if one == mutant.old else one for one in wants[parameter])}
    decl.settle()
    forget(decl)
    try:
        yield
    finally:
        decl.formulas[parameter], decl.wants = kept, wants
        decl.settle()
        forget(decl)


def renamed(function: FunctionType, old: str, new: str) -> FunctionType:
    """The same function with another name for a parameter."""
    code = function.__code__
    names = tuple(new if name == old else name for name in code.co_varnames)
    made = FunctionType(
        code.replace(co_varnames=names), function.__globals__, function.__name__, function.__defaults__,
        function.__closure__,
    )  # fmt: skip
    made.__kwdefaults__ = function.__kwdefaults__
    return made


# -- text of modules ------------------------------------------------------------------------------------


def _with_source(module: str, mutant: Mutant) -> Iterator[None]:
    """The functions of a module whose code differs once its text is edited."""
    changed = _edited(module, mutant)
    kept = [function.__code__ for function, _ in changed]
    for function, code in changed:
        function.__code__ = code
    _generate_anew(module)
    try:
        yield
    finally:
        for (function, _), code in zip(changed, kept, strict=True):
            function.__code__ = code
        _generate_anew(module)


def _generate_anew(module: str) -> None:
    """Has what was generated forgotten, if `module` has a part in what is written."""
    from minigrad.codegen import forget
    from minigrad.registry import OPS

    if module == "minigrad.tracing":
        for declared in OPS.values():
            forget(declared)


@lru_cache(maxsize=2)
def _edited(module: str, mutant: Mutant) -> tuple[tuple[FunctionType, CodeType], ...]:
    text = text_of(module)
    end = mutant.place + len(mutant.old)
    if text[mutant.place : end] != mutant.old:
        raise HarnessError(f"the planted bug {mutant.name!r} no longer applies: {module} has other text there")
    edited = text[: mutant.place] + _counted(mutant.new) + text[end:]
    codes = {_place(code): code for code in _codes(compile(edited, living(module)[0].__code__.co_filename, "exec"))}
    return tuple(
        (function, codes[place])
        for function in living(module)
        if (place := _place(function.__code__)) in codes and codes[place] != function.__code__
    )


def _counted(new: str) -> str:
    """The text that is put in, so that it says that it was come to."""
    try:
        ast.parse(f"({new})", mode="eval")
    except SyntaxError:
        return f"{REACHED}(); {new}"
    return f"({REACHED}() or ({new}))"


@cache
def text_of(module: str) -> str:
    """The source of a module of minigrad."""
    return inspect.getsource(import_module(module))


@cache
def _living() -> dict[str, list[FunctionType]]:
    import minigrad

    for module in walk_packages(minigrad.__path__, "minigrad."):
        import_module(module.name)
    found: dict[str, list[FunctionType]] = {}
    for one in gc.get_objects():
        if type(one) is FunctionType:
            found.setdefault(one.__code__.co_filename, []).append(one)
    return found


@cache
def living(module: str) -> tuple[FunctionType, ...]:
    """Every function that there is and whose code stands in that module, in the order of its text."""
    found = _living().get(str(import_module(module).__file__), [])
    return tuple(sorted(found, key=lambda function: function.__code__.co_firstlineno))


def _codes(code: CodeType) -> Iterator[CodeType]:
    for const in code.co_consts:
        if isinstance(const, CodeType):
            yield const
            yield from _codes(const)


def _place(code: CodeType) -> tuple[str, int]:
    return code.co_qualname, code.co_firstlineno


_PLANT = {
    "label": _relabelled, "formula": _with_formula, "saved": _with_another_saved, "op": _with_generated,
    "inplace": _with_in_place, "kernel": _with_kernel, "flag": _with_flag, "source": _with_source,
}  # fmt: skip
"""Kinds of target to how they are edited."""
