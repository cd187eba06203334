"""One expression, two engines: what `torch` and `minigrad` make of the same text, warnings included.

What may live here: evaluation and normalisation for tests of this room. Nothing expected is written down:
torch says it while the test runs.
"""

from __future__ import annotations

import copy
import io
import operator
import pickle
import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from typing import Any

import numpy as np
import torch

import minigrad

DTYPES = [d.name for d in minigrad.dtypes.ALL]


def shown(value: Any) -> str:
    """A value as text: of tensors also what does not show (dtype, strides, version)."""
    if isinstance(value, torch.Tensor | minigrad.Tensor):
        version = "none" if value.is_inference() else value._version
        return f"{value!r} {value.dtype} {tuple(value.shape)} {tuple(value.stride())} version {version}"
    if isinstance(value, tuple | list):
        return f"{type(value).__name__}({', '.join(map(shown, value))})"
    return repr(value)


def without_origin(text: str) -> str:
    """Without addresses, the modules that classes come from, and the places in torch's source of warnings."""
    text = re.sub(r"0x[0-9a-f]+", "0x", text)
    text = re.sub(r"<class '(?:torch|minigrad)(?:\.\w+)*\.(\w+)'>", r"<class '\1'>", text)
    text = re.sub(r"<(?:torch|minigrad)(?:\.\w+)*\.(\w+) object", r"<\1 object", text)
    text = re.sub(r"'torch\.(dtype|device)'", r"'\1'", text)  # Python's own errors name Python's classes
    text = re.sub(r"'(?:torch|minigrad)\._C\.", "'", text)
    text = re.sub(r" at \S*/(?:torch|minigrad)/\S*\.py:", " in the library:", text)
    return re.sub(r" \(Triggered internally at .*?\)", "", text)


@contextmanager
def every_warning(engine: Any) -> Iterator[None]:
    """Warnings that are given once per process are given each time."""
    before = engine.is_warn_always_enabled()
    engine.set_warn_always(True)
    try:
        yield
    finally:
        engine.set_warn_always(before)


def lines(table: str) -> list[str]:
    """The lines of a table of calls."""
    return [line.strip() for line in table.strip().split("\n")]


def outcome(engine: Any, code: str) -> list[str]:
    """What the last line of `code` gives, or the error that ends it, and the warnings on the way.

    The lines before it are statements; `T` is the engine, `np`, `copy`, `pickle` and `operator` are at hand.
    """
    *statements, expression = code.strip().split("\n")
    names = {"T": engine, "np": np, "copy": copy, "pickle": pickle, "operator": operator}
    with every_warning(engine), warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            exec("\n".join(statements), names)
            result = shown(eval(expression, names))
        except Exception as error:
            result = f"{type(error).__name__}: {error}"
    given = [f"{w.category.__name__} at {w.filename}: {w.message}" for w in caught]
    return [without_origin(text) for text in (result, *given)]


def printed(engine: Any, code: str) -> list[str]:
    """What a program prints, the error that ends it and the warnings on the way; `T` is the engine."""
    said = io.StringIO()
    with every_warning(engine), redirect_stdout(said), warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            exec(code, {"T": engine, "np": np, "__name__": "program"})
        except Exception as error:
            print(f"{type(error).__name__}: {error}")
    given = [f"{w.category.__name__}: {w.message}" for w in caught if "torch.jit" not in str(w.message)]  # torch's own
    return [without_origin(text) for text in (said.getvalue(), *given)]


def assert_prints_the_same(code: str) -> None:
    """minigrad must print what torch prints."""
    ours, theirs = printed(minigrad, code), printed(torch, code)
    assert ours == theirs, "\n".join([code, "minigrad:", *ours, "torch:", *theirs])


def assert_same(code: str) -> None:
    """minigrad must do what torch does."""
    ours, theirs = outcome(minigrad, code), outcome(torch, code)
    assert ours == theirs, "\n".join([code, "minigrad:", *ours, "torch:", *theirs])
