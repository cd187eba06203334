"""Kernels and formulas written down as expressions: what becomes code, what is refused, and that both agree.

What may live here: the third carrier of `minigrad.tracing`. That generated code is right shows in all other tests.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import minigrad
from minigrad import later
from minigrad.declaration import parameters
from minigrad.registry import OPS
from minigrad.tracing import NAMES, Trace, traced

X, Y = Trace("x"), Trace("y")


@pytest.mark.parametrize(
    ("formula", "text"),
    [
        (lambda x, y: x * y, "(x * y)"),
        (lambda x, y: -x * (x / y), "((-x) * (x / y))"),
        (lambda x, y: 1 - np.tanh(x) * 0.5, "((1) - (np_tanh(x) * (0.5)))"),
        (lambda x, y: x * (x < y), "(x * (x < y))"),
        (lambda x, y: x, "x"),
    ],
)
def test_a_formula_becomes_the_expression_that_it_is(formula: Callable[..., Any], text: str) -> None:
    assert traced(formula, X, Y).text == text  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "formula",
    [
        lambda x, y: x if x > 0 else y,
        lambda x, y: x * x.shape[0],
        lambda x, y: np.where(x > y, x, y),
        lambda x, y: x < y,
        lambda x, y: x * np.float64(2),
        lambda x, y: x * float("inf"),
        lambda x, y: x if x.dtype == np.float32 else y,
        lambda x, y: 1.0,
    ],
    ids=["branch", "shape", "no ufunc", "mask", "scalar", "infinite", "precision", "constant"],
)
def test_what_depends_on_more_than_an_expression_says_is_refused(formula: Callable[..., Any]) -> None:
    assert traced(formula, X, Y) is None


def _formulas() -> list[Any]:
    later.everything()
    return [
        pytest.param(formula, id=f"{overload} {name}")
        for overload, decl in OPS.items()
        for name, formula in decl.formulas.items()
        if all(want in ("grad", "result") or decl.param(want) in decl.params for want in parameters(formula))
        and traced(formula, *map(Trace, parameters(formula))) is not None
    ]


@pytest.mark.parametrize("formula", _formulas())
def test_a_trace_computes_what_its_formula_computes(formula: Callable[..., Any]) -> None:
    names = parameters(formula)
    random = np.random.default_rng(0)
    for dtype in (np.float32, np.float64):
        values = [random.uniform(0.1, 0.9, (2, 3)).astype(dtype) for _ in names]
        trace = traced(formula, *map(Trace, names))
        assert trace is not None
        for text in (trace.text, trace.call):
            got = eval(text, {**NAMES, **dict(zip(names, values, strict=True))})
            np.testing.assert_array_equal(got, formula(*values), strict=True)


def test_functions_are_written_when_first_called_and_after_a_change() -> None:
    decl = OPS["neg"]
    kept = decl.kernel.__code__
    x = minigrad.tensor([1.0, 2.0])
    assert minigrad.neg(x).tolist() == [-1.0, -2.0]
    from minigrad.codegen import forget

    try:
        decl.kernel.__code__ = (lambda self: np.multiply(self, 3)).__code__
        forget(decl)
        assert minigrad.neg(x).tolist() == [3.0, 6.0]
    finally:
        decl.kernel.__code__ = kept
        forget(decl)
    assert minigrad.neg(x).tolist() == [-1.0, -2.0]
