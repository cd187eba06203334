"""Bugs made systematically: from minigrad's declarations (formulas, views) and from its own sources.

What may live here: the rules that make mutants, and the list of those that change nothing observable.

Formulas: the sign flipped, a factor changed, the gradient dropped, operands that are both at hand swapped.
Sources of the core: each refusal removed, each message altered, each write uncounted, each order reversed,
each sum replaced by its last term.
"""

from __future__ import annotations

import ast
import inspect
import re
import textwrap
from collections.abc import Iterator
from importlib import import_module
from types import FunctionType
from typing import Any

from oracle.engines.mutants import Mutant
from oracle.opset import OPS as OPSET

CORE = (
    "accumulate_grad", "carriers", "copy_slices", "dispatch", "engine", "hooks", "recording", "saved_variable",
    "straight", "tensor", "validate", "views", "autograd", "autograd.passes", "autograd.gradients", "autograd.function",
    "autograd.graph",
)  # fmt: skip
"""Modules of minigrad whose functions are mutated statement by statement."""

EQUIVALENT: dict[str, str] = {}
"""Mutants that cannot be told from minigrad, by name, with the reason."""

_FORMULAS = (
    ("negated", "lambda *a: -F(*a)", "the sign is flipped"),
    ("doubled", "lambda *a: F(*a) * 2", "a factor is wrong"),
    ("dropped", "lambda *a: None", "no gradient is given"),
)


def formulas(ops: tuple[str, ...] | None = None) -> Iterator[Mutant]:
    """Mutants of every formula of minigrad's ops (or of those whose public names are given)."""
    from minigrad import later
    from minigrad.registry import OPS as DECLARED

    later.everything()
    for overload, decl in DECLARED.items():
        chosen = _composed_for(decl.name)
        if decl.node is None or (ops is not None and not set(ops) & set(chosen)):
            continue
        for parameter, formula in decl.formulas.items():
            if any(p.name == parameter and p.kind == "tensors" for p in decl.params):
                continue
            target = f"formula {overload} {parameter}"
            for word, change, about in _FORMULAS:
                yield _mutant(f"{overload}-{parameter}-{word}", target, "", change, f"{overload}: {about}", chosen)
            names = list(inspect.signature(formula).parameters)
            if "self" in names and "other" in names:
                i, j = sorted((names.index("self"), names.index("other")))
                change = f"lambda *a: F(*a[:{i}], a[{j}], *a[{i + 1}:{j}], a[{i}], *a[{j + 1}:])"
                name = f"{overload}-{parameter}-swapped"
                yield _mutant(name, target, "", change, f"{overload}: operands are swapped", chosen)


_INTERNAL = re.compile(r"_(backward|forward|data|written|nested|with_noise|with_indices|indices|physical|ex|op)(?=_|$)")

_CALLED = {
    "native_batch_norm": "batch_norm", "native_layer_norm": "layer_norm", "native_group_norm": "group_norm",
    "im2col": "unfold", "col2im": "fold", "convolution": "conv2d", "reflection_pad": "pad", "replication_pad": "pad",
    "upsample": "interpolate", "linalg_solve": "linalg_solve", "euclidean_dist": "cdist", "log_sigmoid": "logsigmoid",
    "linalg_slogdet": "linalg_slogdet", "safe_softmax": "scaled_dot_product_attention", "scaled_dot_product":
    "scaled_dot_product_attention", "fft_c2c": "fft_fft", "fft_r2c": "fft_rfft", "fft_c2r": "fft_irfft",
    "slice": "slice_scatter", "linalg_lu": "linalg_lu", "lu_unpack": "linalg_lu", "unsafe_view": "matmul",
}  # fmt: skip
"""What is called for an internal op, by the beginning of its name, where its own name does not say."""


def _composed_for(name: str) -> tuple[str, ...]:
    """The ops to compose programs of for an op of minigrad, by their keys in the opset; all (none named) if none fits.

    What is internal (`_softmax_backward_data`) is reached through the ops that its name begins with.
    """
    base = _INTERNAL.sub("", name.strip("_")).strip("_")
    base = next((ours for theirs, ours in _CALLED.items() if base.startswith(theirs)), base)
    bare = {key: key.removeprefix("nn.functional.") for key in OPSET}
    names = {key: {one.replace(".", "_"), one.rpartition(".")[2], one.partition(".")[0]} for key, one in bare.items()}
    same = [key for key, its in names.items() if base in {one.strip("_") for one in its}]
    return tuple(same or (key for key, its in names.items() if any(len(n) > 3 and base.startswith(n) for n in its)))


def refusals() -> Iterator[Mutant]:
    """Each `raise` of the core left out."""
    for path, source, function in _functions():
        for number, node in enumerate(one for one in ast.walk(function) if isinstance(one, ast.Raise) and one.exc):
            old = ast.get_source_segment(source, node)
            if old is not None and source.count(old) == 1:
                yield _mutant(f"{path}-allows-{number}", path, old, "pass", f"not refused: {_first_line(old)}")


def messages() -> Iterator[Mutant]:
    """Each message of minigrad.errors with a letter too many."""
    errors = import_module("minigrad.errors")
    for name, function in vars(errors).items():
        if not isinstance(function, FunctionType) or function.__module__ != errors.__name__:
            continue
        source = textwrap.dedent(inspect.getsource(function))
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "").endswith("Error") and node.args:
                old = ast.get_source_segment(source, node.args[0])
                if old is not None and source.count(old) == 1:
                    target = f"minigrad.errors:{name}"
                    yield _mutant(f"message-{name}", target, old, f"({old}) + '!'", f"the text of {name} is wrong")
                break


def statements() -> Iterator[Mutant]:
    """Counting, order and accumulation of the core: `+= 1` left out, loops reversed, sums cut short."""
    for path, source, function in _functions():
        for number, node in enumerate(ast.walk(function)):
            change = _change(source, node)
            if change is not None and source.count(change[0]) == 1:
                yield _mutant(f"{path}-{change[2]}-{number}", path, change[0], change[1], f"{change[2]} in {path}")


def _change(source: str, node: ast.AST) -> tuple[str, str, str] | None:
    old = ast.get_source_segment(source, node) if hasattr(node, "lineno") else None
    if old is None:
        return None
    if isinstance(node, ast.AugAssign) and isinstance(node.op, ast.Add):
        return old, "pass", "uncounted"
    if isinstance(node, ast.For) and "hooks" in (head := old.splitlines()[0]) and " in list(" in head:
        return head, head.replace(" in list(", " in reversed(list(").replace("):", ")):"), "reversed"
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add) and "had" in old and "grad" in old:
        return old, ast.get_source_segment(source, node.right) or old, "overwritten"
    return None


def _functions() -> Iterator[tuple[str, str, ast.AST]]:
    """(target, source without decorators, tree) of every function and method of the core."""
    for name in CORE:
        module = import_module(f"minigrad.{name}")
        for key, value in vars(module).items():
            if isinstance(value, FunctionType) and value.__module__ == module.__name__ and not value.__closure__:
                yield from _parsed(f"minigrad.{name}:{key}", value)
            elif inspect.isclass(value) and value.__module__ == module.__name__:
                for method, function in vars(value).items():
                    function = function.fget if isinstance(function, property) else function
                    if isinstance(function, FunctionType) and not function.__closure__:
                        yield from _parsed(f"minigrad.{name}:{key}.{method}", function)


def _parsed(path: str, function: Any) -> Iterator[tuple[str, str, ast.AST]]:
    try:
        source = textwrap.dedent(inspect.getsource(function))
    except OSError:  # made by a template
        return
    at = source.find("def ")
    if at >= 0 and (at == 0 or source[at - 1] == "\n"):
        yield path, source[at:], ast.parse(source[at:])


def _first_line(text: str) -> str:
    return text.splitlines()[0][:80]


def _mutant(name: str, target: str, old: str, new: str, about: str, ops: tuple[str, ...] = ()) -> Mutant:
    return Mutant(name, target, old, new, about, ops, simple=False, equivalent=EQUIVALENT.get(name, ""))


def everything(ops: tuple[str, ...] | None = None) -> tuple[Mutant, ...]:
    """All derived mutants, in a fixed order."""
    return (*formulas(ops), *refusals(), *messages(), *statements())
