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
from oracle.program.edit import is_creation, is_query, reads
from oracle.program.language import Instruction
from oracle.program.program import Program


class ArrayEngine(FunctionalEngine):
    """An engine whose values are arrays of a NumPy-like module."""

    rounding = 512.0
    dtypes: tuple[str, ...] = ("float32", "float64", "bool", "int64")

    xp: Any
    special: Any = None
    """The module that it differentiates, and the one with its special functions, if there is one."""

    def __init__(self, space: arrays.ArraySpace | None = None) -> None:
        """Over `space`; by default over the engine's own modules."""
        if space is None:
            space = self.space_over(self.xp, self.special, self.constant_of, self.array_from)
        super().__init__(space, TorchEngine())
        self.space = space

    def space_over(self, xp: Any, special: Any, constant: arrays.Op, array: arrays.Op) -> arrays.ArraySpace:
        """The namespace of its ops over these modules; engines whose module deviates define some anew."""
        return arrays.ArraySpace(xp, special, constant, array)

    def constant_of(self, raw: Any) -> Any:
        """A raw value that no gradient passes through."""
        return raw

    def array_from(self, array: np.ndarray[Any, Any]) -> Any:
        """A raw value made of a NumPy array."""
        return self.xp.array(array)

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
        if {"float32", "float64"} <= kinds or any(_promotes(one, seen) for one in program.instructions):
            return "dtypes mixed by torch's rules of promotion"
        return None

    def knows(self, instruction: Instruction) -> str | None:
        name = "index" if instruction.form == "index" else op_name(instruction)
        if instruction.form in ("builtin", "set") or name not in self.space.ops:
            return f"op {name}"
        return None if self.space.takes(name, instruction) else f"op {name} in this form"


def _promotes(one: Instruction, seen: Observation) -> bool:
    """Whether dtypes of several kinds meet here, or whole numbers become others: NumPy has rules of its own."""
    if is_creation(one) or is_query(one) or one.form == "index":
        return False
    kinds = {seen.tensors[name].dtype for name in reads(one) if name in seen.tensors}
    made = {seen.tensors[name].dtype for name in one.outs or reads(one) if name in seen.tensors} - {"bool"}
    return bool(made) and ("int64" in kinds or kinds == {"bool"})
