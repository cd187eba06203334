"""The examples in torch's own docstrings: minigrad shows, line by line, what torch shows."""

from __future__ import annotations

import ast
import contextlib
import doctest
import inspect
import io
import math
import re
import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import torch

import minigrad
from tests.minigrad.side_by_side import every_warning, without_origin

PLACES = (
    "", "Tensor", "autograd", "autograd.forward_ad", "autograd.function", "autograd.functional", "autograd.graph",
    "fft", "linalg", "nn.functional", "testing",
)  # fmt: skip
BEYOND = ("cuda", "compile", "multiprocessing", "torch.save", "torch.load", "sparse", "quantize", "distributed")
"""Words of examples that are about what minigrad does not mean to have."""
APART = {
    "autograd.detect_anomaly": "prints the lines of the library that a traceback goes through",
    "conv3d": "takes seconds",
    "conv_transpose3d": "takes seconds",
    "empty": "shows memory that nothing was written to",
    "empty_strided": "shows memory that nothing was written to",
    "Tensor.view": "shows the last bits of normal numbers, which are the processor's",
    "Tensor.new_empty": "shows memory that nothing was written to",
    "Tensor.new_empty_strided": "shows memory that nothing was written to",
    "sort": "which of equal elements comes first is torch's kernel's choice, by processor",
    "kthvalue": "leans on Tensor.resize_, which minigrad lacks",
    "linalg.eig": "shows vectors whose direction is LAPACK's choice",
    "linalg.svd": "shows vectors whose direction is LAPACK's choice",
    "svd": "shows vectors whose direction is LAPACK's choice",
    "logical_and": "leans on out=, which minigrad's ops lack",
    "logical_not": "leans on out=, which minigrad's ops lack",
    "logical_or": "leans on out=, which minigrad's ops lack",
    "logical_xor": "leans on out=, which minigrad's ops lack",
    "no_grad": "leans on nn.Parameter, which minigrad lacks",
    "set_default_dtype": "makes complex numbers of halves, which NumPy lacks",
}
"""Examples that are not held against torch, and why."""
ROUNDINGS = ("allclose(", "dist(")
"""Functions whose value, in these examples, tells how large the rounding is, which is the processor's."""
NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?")


def examples() -> Iterator[tuple[str, list[doctest.Example]]]:
    """Every docstring with examples of what both have, once."""
    seen = set()
    for place in PLACES:
        theirs, ours = _found(torch, place), _found(minigrad, place)
        for name in dir(theirs):
            if name.startswith("_") or not hasattr(ours, name):
                continue
            text = inspect.getdoc(getattr(theirs, name)) or ""
            if ">>>" not in text or text in seen or any(word in text for word in BEYOND):
                continue
            seen.add(text)
            with contextlib.suppress(ValueError):  # the examples are not written as the standard library reads them
                yield f"{place}.{name}".lstrip("."), doctest.DocTestParser().get_examples(text)


def _found(engine: Any, place: str) -> Any:
    for part in filter(None, place.split(".")):
        engine = getattr(engine, part)
    return engine


def shown(engine: Any, lines: list[doctest.Example]) -> list[str]:
    """What the lines show: of each its value or error, what it prints and what it warns of."""
    names: dict[str, Any] = {
        "torch": engine, "F": engine.nn.functional, "fwAD": engine.autograd.forward_ad, "math": math, "np": np,
        "autograd": engine.autograd, "Function": engine.autograd.Function,
        "once_differentiable": engine.autograd.function.once_differentiable,
    }  # fmt: skip
    engine.manual_seed(0)
    out = []
    for line in lines:
        if re.search(r"(import|from) +torch", line.source):
            continue
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed), warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            try:
                value = repr(_run(line.source, names))
                value = "" if any(name in line.source for name in ROUNDINGS) else value
            except Exception as error:
                value = f"{type(error).__name__}: {error}"
        heard = [str(one.message) for one in caught]
        text = "\n".join([line.source, value, printed.getvalue(), *heard])
        out.append(without_origin(text.replace("minigrad", "torch")))
    return out


def _run(source: str, names: dict[str, Any]) -> Any:
    """Executes a statement; the value of an expression."""
    tree = ast.parse(source)
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, "example", "exec"), names)
    return None if last is None else eval(compile(ast.Expression(last.value), "example", "eval"), names)


def alike(ours: str, theirs: str) -> bool:
    """Whether two texts are the same but for the last digits of the numbers in them."""
    if ours == theirs:
        return True
    if NUMBER.sub("#", ours).split() != NUMBER.sub("#", theirs).split():
        return False
    pairs = zip(NUMBER.findall(ours), NUMBER.findall(theirs), strict=True)
    return all(math.isclose(float(mine), float(its), rel_tol=1e-3, abs_tol=1e-3) for mine, its in pairs)


EXAMPLES = {name: lines for name, lines in examples() if name not in APART}


def test_there_are_many() -> None:
    assert len(EXAMPLES) > 350
    assert APART.keys() <= {name for name, _ in examples()}


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_examples_of(name: str) -> None:
    try:
        with every_warning(torch), every_warning(minigrad):
            theirs, ours = shown(torch, EXAMPLES[name]), shown(minigrad, EXAMPLES[name])
    finally:
        for engine in (torch, minigrad):
            engine.set_default_dtype(engine.float32)
            engine.set_grad_enabled(True)
    for mine, its in zip(ours, theirs, strict=True):
        assert alike(mine, its), f"minigrad:\n{mine}\n\ntorch:\n{its}"


def test_a_difference_is_seen() -> None:
    assert alike("tensor([1.0001, 2.])", "tensor([1.0002, 2.])")
    assert not alike("tensor([1.0, 2.])", "tensor([1.0, 3.])")
    assert not alike("tensor([1.0, 2.])", "tensor([1.0, 2.], requires_grad=True)")
