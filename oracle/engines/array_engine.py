"""Functional engines over a NumPy-like module: which programs are theirs, and values in and out.

What may live here: what HIPS autograd, mygrad and jax share. Each differentiates raw arrays by `raw_vjp`.
"""

from __future__ import annotations

from abc import abstractmethod
from typing import Any

import numpy as np

from oracle.dataflow import op_name
from oracle.engines import arrays
from oracle.engines.functional import Function, FunctionalEngine, Values
from oracle.engines.torch_engine import TorchEngine
from oracle.observation import Observation
from oracle.program.language import Instruction, Program


class ArrayEngine(FunctionalEngine):
    """An engine whose values are arrays of a NumPy-like module."""

    rounding = 512.0
    dtypes: tuple[str, ...] = ("float32", "float64", "bool", "int64")

    def __init__(self, space: arrays.ArraySpace) -> None:
        super().__init__(space, TorchEngine())
        self.space = space

    @abstractmethod
    def raw_vjp(self, function: Function, inputs: Values, weights: Values, nested: bool) -> Values:
        """As `vjp`, on raw arrays."""

    @abstractmethod
    def array_of(self, raw: Any) -> np.ndarray[Any, Any]:
        """A raw value as a NumPy array."""

    def vjp(self, function: Function, inputs: Values, weights: Values, nested: bool) -> Values:
        def raw(*values: Any) -> list[Any]:
            return [arrays.lower(one) for one in function(*[self.space.lift(value) for value in values])]

        plain = [arrays.lower(one) for one in inputs]
        found = self.raw_vjp(raw, plain, [arrays.lower(weight) for weight in weights], nested)
        return [self.space.lift(one) for one in found]

    def array(self, value: Any) -> np.ndarray[Any, Any]:
        return np.array(self.array_of(arrays.lower(value)))

    def constant(self, value: Any) -> Any:
        return value.detach() if isinstance(value, arrays.Value) else value

    def refuses(self, program: Program, seen: Observation) -> str | None:
        kinds = {facts.dtype for facts in seen.tensors.values()}
        if not kinds <= set(self.dtypes):
            return f"dtype {sorted(kinds - set(self.dtypes))[0]}"
        if {"float32", "float64"} <= kinds or ("int64" in kinds and _computes(program, seen)):
            return "dtypes mixed by torch's rules of promotion"
        return None

    def knows(self, instruction: Instruction) -> str | None:
        name = "index" if instruction.form == "index" else op_name(instruction)
        if instruction.form in ("builtin", "set") or name not in self.space.ops:
            return f"op {name}"
        return None if self.space.takes(name, instruction) else f"op {name} in this form"


def _computes(program: Program, seen: Observation) -> bool:
    """Whether whole numbers are computed with, rather than only indexed by."""
    whole = {name for name, facts in seen.tensors.items() if facts.dtype == "int64"}
    return any(whole.intersection(one.outs) and one.op != "tensor" for one in program.instructions)
