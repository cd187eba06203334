"""What a call with leaves of given shapes gives on torch and on minigrad: facts, derivatives three ways, errors.

What may live here: making the leaves and reading results. Nothing expected is written down: torch says it while
the test runs.

In an expression `x(2, 3)` is a leaf that requires grad, `p(2)` one of positive numbers, `c(2, 3)` a complex one,
`b(2)` a plain buffer of positive numbers, `i(...)` integers, `F` is nn.functional.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np
import torch

import minigrad
from tests.minigrad.differentiated import facts, weights


class Leaves:
    """Makes leaves and remembers them; `dual` ones carry tangents."""

    def __init__(self, engine: Any, dual: bool = False, dtype: str = "float64") -> None:
        self.engine, self.dual, self.dtype = engine, dual, getattr(engine, dtype)
        self.leaves: list[Any] = []
        self.random = np.random.RandomState(5)

    def values(self, shape: tuple[int, ...]) -> Any:
        """Normal numbers of few digits."""
        return np.round(self.random.randn(*shape), 2)

    def leaf(self, values: Any, dtype: Any, grad: bool = True) -> Any:
        """A tensor of these values (zeros where there are none)."""
        tensor = self.engine.tensor(values.tolist(), dtype=dtype).reshape(values.shape)
        if not grad:
            return tensor
        self.leaves.append(tensor.requires_grad_())
        if not self.dual:
            return tensor
        return self.engine.autograd.forward_ad.make_dual(tensor, weights(self.engine, tensor, len(self.leaves)))

    def names(self) -> dict[str, Any]:
        """What an expression may use."""
        wide = self.engine.complex128
        return {
            "T": self.engine,
            "F": self.engine.nn.functional,
            "x": lambda *shape: self.leaf(self.values(shape), self.dtype),
            "p": lambda *shape: self.leaf(np.abs(self.values(shape)) + 0.25, self.dtype),
            "c": lambda *shape: self.leaf(self.values(shape) + 1j * self.values(shape), wide),
            "b": lambda *shape: self.leaf(np.abs(self.values(shape)) + 0.25, self.dtype, grad=False),
            "i": lambda *values: self.engine.tensor(list(values)),
        }


def listed(result: Any) -> list[Any]:
    """The results of a call."""
    return [one for one in (result if isinstance(result, (tuple, list)) else [result]) if one is not None]


def outcome(engine: Any, text: str, dtype: str = "float64") -> dict[str, Any]:
    """Everything seen of an expression: results, graphs, gradients, their gradients, tangents."""
    made = Leaves(engine, dtype=dtype)
    try:
        results = listed(eval(text, made.names()))
    except Exception as error:
        return {"raised": f"{type(error).__name__}: {error}"}
    seen: dict[str, Any] = {f"result {number}": facts(one) for number, one in enumerate(results)}
    rooted = [one for one in results if one.requires_grad]
    if rooted:
        seen.update(derivatives(engine, rooted, made.leaves))
        seen.update(tangents(engine, text, dtype))
    return seen


def derivatives(engine: Any, roots: list[Any], leaves: list[Any]) -> dict[str, Any]:
    """First and second gradients."""
    seen: dict[str, Any] = {}
    given = [weights(engine, one, 1.0).requires_grad_() for one in roots]
    try:
        plain = engine.autograd.grad(roots, leaves, given, allow_unused=True, retain_graph=True)
        first = engine.autograd.grad(roots, leaves, given, allow_unused=True, create_graph=True)
        for number, pair in enumerate(zip(plain, first, strict=True)):
            for how, one in zip(("gradient", "recorded gradient"), pair, strict=True):
                seen[f"{how} {number}"] = None if one is None else facts(one, gradient=True)
        deep = [one for one in first if one is not None and one.requires_grad]
        if deep:
            again = [weights(engine, one, 2.0) for one in deep]
            second = engine.autograd.grad(deep, [*given, *leaves], again, allow_unused=True)
            for number, one in enumerate(second):
                # a zero is absent in one engine and made in the other, as torch's own undefined tensors go
                seen[f"second gradient {number}"] = None if one is None else np.asarray(one.detach().numpy())
    except Exception as error:
        seen["backward raised"] = f"{type(error).__name__}: {error}"
    return seen


def tangents(engine: Any, text: str, dtype: str) -> dict[str, Any]:
    """What the results carry where all leaves do."""
    forward = engine.autograd.forward_ad
    with forward.dual_level():
        try:
            results = listed(eval(text, Leaves(engine, dual=True, dtype=dtype).names()))
        except Exception as error:
            return {"forward raised": f"{type(error).__name__}: {error}"}
        found = [forward.unpack_dual(one).tangent for one in results]
        return {
            f"tangent {number}": None if one is None else np.asarray(one.detach().numpy())
            for number, one in enumerate(found)
        }


def close(text: str, dtype: str = "float64") -> list[str]:
    """Where the engines disagree about an expression, in words."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        ours, theirs = outcome(minigrad, text, dtype), outcome(torch, text, dtype)
    return list(compared(ours, theirs, "", 1e-9 if dtype == "float64" else 2e-4))


def compared(ours: Any, theirs: Any, where: str, precision: float) -> Iterator[str]:
    """Where two outcomes differ by more than this part of the largest number around."""
    if isinstance(ours, dict) and isinstance(theirs, dict):
        for key in dict.fromkeys((*theirs, *ours)):
            yield from compared(ours.get(key), theirs.get(key), f"{where} {key}".strip(), precision)
    elif isinstance(ours, np.ndarray) and isinstance(theirs, np.ndarray):
        scale = np.abs(theirs[np.isfinite(theirs)]).max(initial=1e-3)
        alike = ours.shape == theirs.shape and ours.dtype == theirs.dtype
        if not alike or not np.allclose(ours, theirs, rtol=0, atol=precision * scale, equal_nan=True):
            yield f"{where}: {ours.tolist()}, torch has {theirs.tolist()}"
    elif type(ours) is not type(theirs) or ours != theirs:
        yield f"{where}: {ours}, torch has {theirs}"


def refusal(engine: Any, text: str) -> str:
    """What an expression raises, or that it does not."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            result = eval(text, Leaves(engine).names())
        except Exception as error:
            return f"{type(error).__name__}: {error}"
        shown = [(tuple(one.shape), str(one.dtype).rpartition(".")[2]) for one in listed(result)]
        return f"gives {shown}"
