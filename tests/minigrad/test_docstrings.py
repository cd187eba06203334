"""The examples of torch's own docstrings, run on both engines: what users copy first must give the same.

What may live here: finding these examples, running them with the same random numbers, comparing what each statement
prints or raises. They are read from torch when the tests run; docstrings with a name that minigrad lacks are left out.
"""

from __future__ import annotations

import contextlib
import doctest
import importlib
import inspect
import io
import math
import re
import warnings
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
import torch

import minigrad

PLACES = (
    "torch", "torch.Tensor", "torch.autograd", "torch.autograd.forward_ad", "torch.autograd.function",
    "torch.autograd.functional", "torch.autograd.grad_mode", "torch.autograd.graph", "torch.fft", "torch.linalg",
    "torch.nn.functional", "torch.special",
)  # fmt: skip
"""Modules and classes whose docstrings are read, and those of what they hold."""

ELSEWHERE = re.compile(
    r"cuda|xpu|mps|compile|sparse|quanti|fork|default|_threads|interop|Generator|Stream|Event|vmap|conv.*3d"
)
"""Names of what is about devices, threads, other layouts or the whole process; and what takes half a minute."""

OWN_NUMBERS = re.compile(
    r"uniform_|normal_|torch\.normal|gumbel_softmax|bernoulli|randperm|empty|dropout|multinomial|poisson|rand_like|randn_like"
)
"""What draws or finds numbers that no two engines share."""

ROUNDED = re.compile(r"dist\(|allclose|torch\.norm\(")
"""What prints differences of roundings."""

NUMBER = re.compile(r"(?<![\w.])[-+]?(?:\d+\.?\d*(?:e[-+]?\d+)?|inf|nan)j?(?!\w)")


def documented() -> Iterator[tuple[str, list[str]]]:
    """The examples by where they stand, each docstring once."""
    seen: set[int] = set()
    for place in PLACES:
        owner = importlib.import_module(place) if place != "torch.Tensor" else torch.Tensor
        for name in sorted(vars(owner)) if isinstance(owner, ModuleType) else sorted(dir(owner)):
            value = None if name.startswith("_") or ELSEWHERE.search(name) else getattr(owner, name, None)
            if value is None or inspect.ismodule(value) or id(value) in seen:
                continue
            seen.add(id(value))
            parts = [("", value), *(vars(value).items() if inspect.isclass(value) and "autograd" in place else ())]
            for part, one in parts:
                text = one.__doc__ if isinstance(getattr(one, "__doc__", None), str) else ""
                if ">>>" in text and not OWN_NUMBERS.search(text):
                    yield f"{place}.{name}.{part}".rstrip("."), examples(text)


def examples(text: str) -> list[str]:
    try:
        return [one.source for one in doctest.DocTestParser().get_examples(inspect.cleandoc(text))]
    except ValueError:  # prompts that nobody ever ran
        return []


def lacking(statements: list[str]) -> bool:
    """Whether they name something of torch's that minigrad has not: docs/coverage.md says what."""
    text = "\n".join(statements)
    paths = {
        *re.findall(r"\btorch\.([\w.]+)", text),
        *(f"nn.functional.{name}" for name in re.findall(r"\bF\.(\w+)", text)),
        *(f"Tensor.{name}" for name in re.findall(r"\.(\w+)", text)),
    }
    return any(has(torch, path) and not has(minigrad, path) for path in paths)


def has(owner: Any, path: str) -> bool:
    for name in path.rstrip(".").split("."):
        if not hasattr(owner, name):
            return False
        owner = getattr(owner, name)
    return True


EXAMPLES = {place: found for place, found in documented() if found and not lacking(found)}


class Sharing:
    """Factories of random numbers that give every engine the same."""

    def __init__(self, engine: Any) -> None:
        self.engine, self.numbers = engine, np.random.default_rng(0)

    def _made(self, array: Any, dtype: Any, requires_grad: bool) -> Any:
        made = self.engine.zeros(array.shape, dtype=dtype)
        made.copy_(self.engine.tensor(array.tolist())) if array.size else None
        return made.requires_grad_() if requires_grad else made

    def randn(self, *size: Any, dtype: Any = None, requires_grad: bool = False, **_: Any) -> Any:
        shape = size[0] if size and isinstance(size[0], tuple | list) else size
        array = self.numbers.standard_normal(tuple(shape)).round(3)
        return self._made(np.asarray(array), dtype or self.engine.float32, requires_grad)

    def rand(self, *size: Any, dtype: Any = None, requires_grad: bool = False, **_: Any) -> Any:
        shape = size[0] if size and isinstance(size[0], tuple | list) else size
        return self._made(np.asarray(self.numbers.random(tuple(shape)).round(3)), dtype, requires_grad)

    def randint(self, low: Any, high: Any = None, size: Any = None, dtype: Any = None, **_: Any) -> Any:
        if size is None:
            low, high, size = 0, low, high
        return self._made(np.asarray(self.numbers.integers(low, high, tuple(size))), dtype or self.engine.int64, False)


def outcomes(statements: list[str], engine: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[str, str]]:
    """What each statement raises, if anything, and what it prints."""
    own = engine.__name__
    known: dict[str, Any] = {
        "torch": engine, "np": np, "numpy": np, "math": math, "F": engine.nn.functional,
        "fwAD": engine.autograd.forward_ad, "autograd": engine.autograd, "Function": engine.autograd.Function,
    }  # fmt: skip
    sharing = Sharing(engine)
    for name in ("randn", "rand", "randint"):
        monkeypatch.setattr(engine, name, getattr(sharing, name))
    for statement in statements:
        source = re.sub(r"\b(from|import) torch\b(?! as)", rf"\1 {own}", statement)
        printed, raised = io.StringIO(), ""
        with engine.enable_grad(), contextlib.redirect_stdout(printed), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                exec(compile(source, "<example>", "single"), known)
            except Exception as error:
                raised = f"{type(error).__name__}: {error}"
        known["torch"] = engine
        shown = re.sub(r"0x[0-9a-f]+", "0x", printed.getvalue())
        yield raised.replace("minigrad", "torch"), shown.replace("minigrad", "torch")


def same(ours: str, theirs: str) -> bool:
    """Whether two texts are equal, numbers to the last digit but one that is printed."""
    ours, theirs = (re.sub(r"[-+]0\.j", "+0.j", text) for text in (ours, theirs))
    if ours == theirs:
        return True
    mine, its = ([complex(one.replace("inf", "1e999")) for one in NUMBER.findall(text)] for text in (ours, theirs))
    words = ["".join(NUMBER.sub("#", text).split()) for text in (ours, theirs)]
    return words[0] == words[1] and len(mine) == len(its) and bool(np.allclose(mine, its, 2e-3, 2e-4, equal_nan=True))


@pytest.mark.parametrize("place", EXAMPLES)
def test_examples_give_what_they_give_in_torch(place: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    statements = EXAMPLES[place]
    with monkeypatch.context() as patched:
        theirs = list(outcomes(statements, torch, patched))
    with monkeypatch.context() as patched:
        ours = list(outcomes(statements, minigrad, patched))
    for statement, mine, its in zip(statements, ours, theirs, strict=True):
        assert mine[0] == its[0], statement
        assert ROUNDED.search(statement) or same(mine[1], its[1]), f"{statement}\n{mine[1]}\n{its[1]}"


def test_most_of_the_docstrings_are_run() -> None:
    assert len(EXAMPLES) > 350
    assert sum(map(len, EXAMPLES.values())) > 1700
