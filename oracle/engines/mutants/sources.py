"""Bugs in minigrad's source text: refusals removed, messages altered, writes uncounted, orders reversed.

What may live here: the rules that find such statements in modules of minigrad and edit them where they stand.

Note [What is mutated]: the core, whatever it does; and of everything else what some op of the opset leads to.
Programs cannot say the rest. Texts that decorators hold (`supports`) are not edited: they are objects by then.
"""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Callable, Iterator
from functools import cache
from pkgutil import walk_packages

from oracle.engines.mutants.mutant import Mutant
from oracle.engines.mutants.planting import living, text_of
from oracle.engines.mutants.reach import nearest

SMALL = ("mul", "add", "neg", "exp", "sum", "view", "select", "expand", "unbind", "clone", "div")
"""Ops for bugs of the core that any op shows."""
MISTAKES = ("mistake", "refusal", "inplace", "queries", "requires_grad")
_HOOKS = ("hook", "accumulate_hook", "node_hook", "refusal")
_WRONG = ("refusal", "mistake")
_SAVED = ("saved_hooks", "node", "refusal", "second_order", "inference", "detach_")
_FORWARD = ("forward", "refusal", "inference", "grad_mode")
_VIEWS = ("refusal", "grad_mode", "data", "set_", "detach_", "inference", "function", "hook")
_BATCHED = ("batched", "functional", "anomaly")
CORE: dict[str, tuple[str, ...]] = {
    "accumulate_grad": (), "accumulation": (), "carriers": (), "copy_slices": _VIEWS, "deposits": (),
    "dispatch": _WRONG, "engine": (),
    "hooks": _HOOKS, "recording": _SAVED, "saved_variable": _SAVED, "straight": (), "tensor": _WRONG, "validate": (),
    "views": _VIEWS, "autograd.passes": ("refusal", "second_order", "batched", "edge"),
    "autograd.gradients": ("refusal", "second_order", "batched", "edge"), "autograd.function": ("function", "refusal"),
    "autograd.once": ("function", "refusal", "second_order"),
    "autograd.graph": (*_HOOKS, "several_hook", "edge", "increment_version"),
    "autograd.saving": _SAVED, "autograd.forward_ad": _FORWARD, "autograd.tangents": _FORWARD,
    "autograd.anomaly_mode": ("anomaly", "refusal"), "errors": _WRONG, "modes": (),
    "node": ("node", "node_hook", "edge"),
    "autograd.functional": ("functional",), "autograd.functional_arguments": ("functional",),
    "autograd.batched": _BATCHED, "autograd.batching": _BATCHED, "autograd.batching_rules": _BATCHED,
    "autograd.gradcheck_batched": ("gradcheck",),
    "autograd.gradcheck": ("gradcheck",), "autograd.gradcheck_checks": ("gradcheck",),
    "autograd.gradcheck_jacobians": ("gradcheck",), "autograd.gradcheck_modes": ("gradcheck",),
    "ops.outputs": _WRONG, "ops.output_rules": _WRONG, "ops.resizing": _WRONG, "ops.parameters": _WRONG,
}  # fmt: skip
"""Modules of minigrad that are mutated as a whole, and the features that reach them; none named: any."""
_BASICS = ("inplace", "queries", "requires_grad")

Edit = tuple[ast.AST, str, str, str, str]
"""What is replaced, by which text, the family, a word for the name, what is wrong."""
Rule = Callable[[str, ast.AST], Iterator[Edit]]


def refusals(text: str, node: ast.AST) -> Iterator[Edit]:
    """Each `raise` left out; what it would have raised is still looked at, so that nothing else changes."""
    if isinstance(node, ast.Raise) and node.exc is not None:
        raised = _segment(text, node.exc)
        cause = "" if node.cause is None else f", {_segment(text, node.cause)}"
        yield node, f"0 and ({raised}{cause})", "refusal removed", "allows", f"not refused: {_line(raised)}"


def messages(text: str, node: ast.AST) -> Iterator[Edit]:
    """Each message of an exception or a warning with a letter too many."""
    if isinstance(node, ast.Call) and node.args and not isinstance(node.args[0], ast.Starred):
        called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        if called.endswith("Error") or re.search(r"(^|_)warn(?!_afterwards)", called):
            said = node.args[0]
            if isinstance(said, (ast.JoinedStr, ast.Constant, ast.Name, ast.BinOp)):
                old = _segment(text, said)
                yield said, f"(({old}) + '!')", "message altered", "says", f"wrong text: {_line(old)}"


def statements(text: str, node: ast.AST) -> Iterator[Edit]:
    """Counting, order and accumulation: `+=` left out or overwriting, loops over hooks reversed, sums cut short."""
    if isinstance(node, ast.AugAssign) and isinstance(node.op, ast.Add):
        line = _line(_segment(text, node))
        target, value = _segment(text, node.target), _segment(text, node.value)
        if isinstance(node.value, ast.Constant):
            yield node, "pass", "version bump", "uncounted", f"left out: {line}"
        else:
            yield node, "pass", "accumulation", "left-out", f"left out: {line}"
            yield node, f"{target} = {value}", "accumulation", "overwrites", f"overwrites: {line}"
    elif isinstance(node, ast.For) and "hooks" in (over := _segment(text, node.iter)):
        yield node.iter, f"reversed(list({over}))", "hook order", "reversed", f"last to first: {_line(over)}"
    elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add) and "had" in (whole := _segment(text, node)):
        yield node, _segment(text, node.right), "accumulation", "overwrites", f"overwrites: {_line(whole)}"
    elif isinstance(node, ast.Call) and re.fullmatch(r"had\.add_|(np\.)?add", called := _segment(text, node.func)):
        args = [_segment(text, one) for one in node.args]
        if called == "had.add_":
            yield node, f"had.copy_({args[0]})", "accumulation", "overwrites", "overwrites what had arrived"
        elif args[:1] == ["had"]:
            yield node, args[1], "accumulation", "overwrites", "overwrites what had arrived"
    elif isinstance(node, ast.Call) and re.fullmatch(r"sum_to\w*", called := _segment(text, node.func)):
        yield node, _segment(text, node.args[0]), "sum to shape", "unsummed", f"left out: {called}"


def of_core() -> Iterator[Mutant]:
    """Refusals, messages and statements of the core."""
    for name, features in CORE.items():
        yield from _mutants(f"minigrad.{name}", (refusals, messages, statements), features)


def of_ops(ops: tuple[str, ...] | None = None) -> Iterator[Mutant]:
    """Refusals and messages of what ops of the opset (or the given ones) lead to."""
    import minigrad

    for module in walk_packages(minigrad.__path__, "minigrad."):
        if module.name.removeprefix("minigrad.") not in CORE and not module.ispkg:
            found = _mutants(module.name, (refusals, messages), None)
            yield from (one for one in found if ops is None or set(ops) & set(one.ops))


def _mutants(module: str, rules: tuple[Rule, ...], features: tuple[str, ...] | None) -> Iterator[Mutant]:
    text = text_of(module)
    for path, function in _functions(ast.parse(text).body, module + ":"):
        chosen = _leading_to(module, function)
        if features is None and not chosen:
            continue
        counted: Counter[str] = Counter()
        nodes = [*ast.walk(function)]
        settled = {id(node) for one in (*function.decorator_list, function.args) for node in ast.walk(one)}
        for old, new, family, word, about in (edit for rule in rules for node in nodes for edit in rule(text, node)):
            counted[word] += 1
            if id(old) in settled:
                continue  # what was worked out when the module was imported is not what editing its text changes
            yield Mutant(
                f"{path}-{word}-{counted[word]}", f"source {module}", _segment(text, old), new, about,
                ops=_ops(features, chosen),
                simple=False, family=family, place=_offset(text, old),
                features=MISTAKES if features is None else (*features, *_BASICS) if features else (),
            )  # fmt: skip


def _ops(features: tuple[str, ...] | None, chosen: tuple[str, ...]) -> tuple[str, ...]:
    """The ops of programs for a bug: of the core few that any op shows, but those of batches, which are of all ops."""
    if features is None or features is _BATCHED:
        return chosen if features is None else ()
    return tuple(dict.fromkeys((*SMALL, *chosen)))


def _functions(body: list[ast.stmt], path: str) -> Iterator[tuple[str, ast.FunctionDef]]:
    """The functions and methods of a module with their names; what is within a function is part of it."""
    for node in body:
        if isinstance(node, ast.FunctionDef):
            yield path + node.name, node
        elif isinstance(node, ast.ClassDef):
            yield from _functions(node.body, f"{path}{node.name}.")


def _leading_to(module: str, function: ast.FunctionDef) -> tuple[str, ...]:
    """The ops that lead to this function, or to one that stands in it."""
    first = min([function.lineno, *(one.lineno for one in function.decorator_list)])
    last = function.end_lineno or first
    inside = [one for one in living(module) if first <= one.__code__.co_firstlineno <= last]
    return tuple(dict.fromkeys(key for one in inside for key in nearest(one)))


@cache
def _starts(text: str) -> list[int]:
    starts = [0]
    for line in text.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    return starts


def _at(text: str, line: int, column: int) -> int:
    """The place in the text of a line and a column, which `ast` counts in bytes."""
    start = _starts(text)[line - 1]
    rest = text[start : _starts(text)[line]]
    return start + (column if rest.isascii() else len(rest.encode()[:column].decode()))


def _offset(text: str, node: ast.AST) -> int:
    return _at(text, node.lineno, node.col_offset)  # type: ignore[attr-defined]


def _segment(text: str, node: ast.AST) -> str:
    return text[_offset(text, node) : _at(text, node.end_lineno, node.end_col_offset)]  # type: ignore[attr-defined]


def _line(text: str) -> str:
    return " ".join(text.split())[:70]

