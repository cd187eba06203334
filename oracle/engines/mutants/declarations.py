"""Bugs in minigrad's declarations: each formula wrong in each way, the wrong thing saved, flags left out.

What may live here: the rules that make such mutants of the declared ops, and which of them would change nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations
from typing import Any

from oracle.engines.mutants.mutant import Mutant
from oracle.engines.mutants.planting import REACHED, source_in_place
from oracle.engines.mutants.reach import nearest

_WHOLE = (
    ("negated", "sign flipped", "lambda *a: -F(*a)", "the sign is flipped"),
    ("doubled", "factor changed", "lambda *a: F(*a) * 2", "a factor is wrong"),
    ("dropped", "gradient dropped", "lambda *a: None", "no gradient is given"),
)
_ONES = "a[{0}] if a[{0}] is None else a[{0}] * 0 + 1"
_BUMP = "else: c[0] += 1"


_TWICE = ("second_order", "queries", "requires_grad")
"""Features that lead to formulas of what is itself part of a derivative."""
_BESIDE = {"_neg_view_op": ("conj",), "_dot.conjugated": ("conj",), "_mul.Scalar": ("log10",)}
"""Ops that another one needs before it, for a declaration to be come to."""

_FIXED = ("_bernoulli.float-", "_bernoulli.Tensor-")
"""Declarations that calls of the opset come to where no gradient is asked for: the fixed programs show them."""


def _declared(ops: tuple[str, ...] | None) -> Iterator[tuple[str, Any, tuple[str, ...]]]:
    """Every declared op that has a derivative (or what the given ones of the opset lead to), and who leads to it."""
    from minigrad import later
    from minigrad.registry import OPS as DECLARED

    later.everything()
    for overload, decl in DECLARED.items():
        chosen = nearest(decl.function)
        if decl.label is not None and chosen and (ops is None or set(ops) & set(chosen)):
            yield overload, decl, (*chosen, *_BESIDE.get(overload, ()))


def formulas(ops: tuple[str, ...] | None = None) -> Iterator[Mutant]:
    """Each formula with its sign flipped, a factor changed, left out; with operands swapped, dropped, wrongly saved."""
    for one in _formulas(ops):
        yield replace(one, features=_TWICE) if "_backward" in one.target else _fixed(one)


def _fixed(one: Mutant) -> Mutant:
    return replace(one, features=(*one.features, "refusal")) if one.name.startswith(_FIXED) else one


def _formulas(ops: tuple[str, ...] | None) -> Iterator[Mutant]:
    for overload, decl, chosen in _declared(ops):
        for parameter, formula in decl.formulas.items():
            if decl.param(parameter).kind == "tensors" or (decl.joint is not None and parameter != _first(decl)):
                continue
            name, target = f"{overload}-{parameter}", f"formula {overload} {parameter}"
            if decl.joint is None and not refuses(formula):
                for word, family, change, about in _WHOLE:
                    if word == "doubled" and gives_zero(formula):
                        continue
                    about = f"{overload}: {about}"
                    yield Mutant(f"{name}-{word}", target, "", change, about, chosen, False, "", family)
            yield from _operands(name, target, decl, parameter, chosen)


def _first(decl: Any) -> str:
    return str(next(iter(decl.formulas)))


def gives_zero(formula: Any) -> bool:
    """Whether a formula says 0 in so many words: no factor makes another gradient of that."""
    names = _code(formula).co_names
    return bool(names) and all(name.startswith(("zero", "nothing")) for name in names)


def refuses(formula: Any) -> bool:
    """Whether a formula is there to say that there is none: whatever is done to its result is not."""
    return any(re.search("no_derivative|refused|not_implemented", name) for name in _code(formula).co_names)


def _code(formula: Any) -> Any:
    return getattr(formula, "__wrapped__", formula).__code__


def _operands(name: str, target: str, decl: Any, parameter: str, chosen: tuple[str, ...]) -> Iterator[Mutant]:
    """One formula with its operands mixed up."""
    wants = decl.wants[parameter]
    names = _parameters(decl.formulas[parameter])
    saved = [want for want in wants if _is_tensor(decl, want)]
    for one, other in combinations(saved, 2):
        i, j = sorted((names.index(one), names.index(other)))
        change = f"lambda *a: F(*a[:{i}], a[{j}], *a[{i + 1}:{j}], a[{i}], *a[{j + 1}:])"
        about = f"{decl.overload}: {one} and {other} are swapped"
        word = f"{name}-{one}-{other}-swapped"
        yield Mutant(word, target, "", change, about, chosen, False, "", "operands swapped")
    for one in saved:
        i = names.index(one)
        change = f"lambda *a: F(*a[:{i}], {_ONES.format(i)}, *a[{i + 1}:])"
        about = f"{decl.overload}: computes without {one}"
        yield Mutant(f"{name}-without-{one}", target, "", change, about, chosen, False, "", "operand dropped")
        other = _instead(decl, wants, one)
        if other is not None and one not in decl.formulas[parameter].__code__.co_cellvars:
            about = f"{decl.overload}: saves {other} instead of {one}"
            word, place = f"{name}-saves-{other}-for-{one}", target.replace("formula", "saved")
            yield Mutant(word, place, one, other, about, chosen, False, "", "wrong thing saved")


def _parameters(formula: Any) -> list[str]:
    from minigrad.declaration import parameters

    return list(parameters(formula))


def _is_tensor(decl: Any, want: str) -> bool:
    """Whether a formula is given one saved tensor under this name."""
    operand = decl.param(want)
    return want in ("result", *decl.outs) if operand is None else operand.kind in ("tensor", "optional")


def _instead(decl: Any, wants: tuple[str, ...], one: str) -> str | None:
    """Another tensor that is at hand when the node saves."""
    others = [p.name for p in decl.params if p.kind == "tensor"]
    if not decl.several and not decl.outs:
        others.insert(0, "result")
    return next((other for other in others if other != one and other not in wants), None)


def flags(ops: tuple[str, ...] | None = None) -> Iterator[Mutant]:
    """Each view that is not known to be one, each write in place that is not counted."""
    for overload, decl, chosen in _declared(ops):
        if decl.view:
            about = f"{overload}: the result is not known as a view"
            yield Mutant(f"{overload}-no-view", f"flag {overload}", "view", "", about, chosen, False, "", "view flag")
        if decl.inplace_function is not None and _BUMP in source_in_place(decl):
            about = f"{overload}: a second write in place is not counted"
            yield _fixed(Mutant(
                f"{overload}-uncounted", f"inplace {overload}", _BUMP, f"else: {REACHED}()", about,
                chosen, False, "", "version bump", ("inplace",),
            ))  # fmt: skip
