"""torch's forward pass with gradients by central differences: what holds an engine against numbers, not formulas.

What may live here: this engine. As the reference it judges any subject, torch among them; how a gradient follows
from forward runs alone is `differences`' business.

Note [Admitted]. Where torch's own gradient is one that numbers admit (the slope, or between the two slopes of a
corner), in the program's dtypes or in float64, it is reported to the bit, so that nothing is let through by a
tolerance but torch itself. Where numbers admit neither, they are reported. Where they have no answer (a pole, the end
of a domain) torch's stands; a program of which a gradient cannot be told at all is counted as unsupported.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, ClassVar

import numpy as np

from oracle.dataflow import is_plain_query
from oracle.differences import Slopes, Unavailable, accumulated, returned
from oracle.engines.remembering import Remembered
from oracle.engines.torch_engine import OverTorch
from oracle.observation import Observation, TensorFacts
from oracle.program.edit import is_query
from oracle.program.program import Program
from oracle.variants import never_written, queries

TOLERANCE = 2e-3
"""How far numbers may be off, relative to 1 and the slope's size."""

Array = np.ndarray[Any, Any]
Told = dict[tuple[str, str], Slopes]
"""The slopes by the name of a tensor and the fact ("value" of a returned gradient, or "grad")."""


class Numbers(OverTorch):
    """Gradients by central differences in float64 around torch's forward pass."""

    name: ClassVar[str] = "numbers"
    summary: ClassVar[str] = "torch eager, its gradients held against central differences"
    facts = frozenset({"value", "shape", "dtype", "grad"})

    def __init__(self) -> None:
        super().__init__()
        self._told = Remembered(self._tell)

    def supports(self, program: Program) -> str | None:
        found = self._told(program)
        return found if isinstance(found, str) else None

    def run(self, program: Program) -> Observation:
        seen = self.torch.run(program)
        return self._settled(program, seen, self.torch.run_in_float64(program))

    def run_in_float64(self, program: Program) -> Observation | None:
        seen = self.torch.run_in_float64(program)
        return None if seen is None else self._settled(program, seen, seen)

    def run_in_float32(self, program: Program) -> Observation | None:
        return self.torch.run_in_float32(program)

    def _tell(self, program: Program) -> Told | str:
        """The slopes of every gradient of a program, or why they cannot be told."""
        if any(is_query(one) and not is_plain_query(one) for one in program.instructions):
            return "a query of another form"
        seen = self.torch.run(program)
        try:
            told = {**self._returned(program, seen), **self._accumulated(program, seen)}
        except Unavailable as error:
            return f"{error}"
        return told or "no gradient"

    def _returned(self, program: Program, seen: Observation) -> Told:
        """The slopes of what each `autograd.grad` returns."""
        names = [out for one in queries(program) if not one.accumulates for out in one.instruction.outs]
        if not all(never_written(program, name) for name in names if name in seen.tensors):
            raise Unavailable("a returned gradient may be written")
        return {
            (name, "value"): returned(program, query.index, place, self.torch)
            for query in queries(program)
            if not query.accumulates
            for place, name in enumerate(query.instruction.outs)
            if name in seen.tensors
        }

    def _accumulated(self, program: Program, seen: Observation) -> Told:
        """The slopes of each `.grad` that is there, or that a query should have left."""
        asked = [query for query in queries(program) if query.accumulates]
        told: Told = {}
        for name, facts in seen.tensors.items():
            leaf = facts.is_leaf is True
            wanted = leaf and facts.requires_grad and any(not one.inputs or name in one.inputs for one in asked)
            if facts.grad is not None and not leaf:
                raise Unavailable("gradients accumulated in what is no leaf")
            if facts.grad is not None or wanted:
                told[name, "grad"] = accumulated(program, name, seen, self.torch)
        return told

    def _settled(self, program: Program, seen: Observation, wide: Observation | None) -> Observation:
        told = self._told(program)
        if isinstance(told, str):
            return seen
        tensors: dict[str, TensorFacts] = dict(seen.tensors)
        for (name, fact), slopes in told.items():
            facts = tensors[name]
            exact = None if wide is None or name not in wide.tensors else getattr(wide.tensors[name], fact)
            if fact == "value":
                tensors[name] = replace(facts, value=_admitted(facts.value, exact, slopes))
            elif facts.grad is not None:
                tensors[name] = replace(facts, grad=_admitted(facts.grad, exact, slopes))
            elif _slopes_somewhere(slopes):
                grad = slopes.central.astype(facts.value.dtype)
                tensors[name] = replace(facts, grad=grad, grad_dtype=facts.dtype)
        return Observation(self.name, list(seen.outcomes), tensors, module=seen.module)


def _admitted(theirs: Array, exact: Any, slopes: Slopes) -> Array:
    """torch's gradient, save where numbers have an answer that neither it nor its rerun in float64 is."""
    right = slopes.admits(theirs, TOLERANCE)
    if isinstance(exact, np.ndarray) and exact.shape == theirs.shape:
        right = right | slopes.admits(exact, TOLERANCE)
    real = not np.iscomplexobj(slopes.central)
    corner = np.isfinite(slopes.left) & np.isfinite(slopes.right) & real
    settled = np.where(right | ~(slopes.smooth | corner), theirs, slopes.central)
    return np.asarray(settled).astype(theirs.dtype)


def _slopes_somewhere(slopes: Slopes) -> bool:
    """Whether numbers see a slope where torch has no gradient at all."""
    return bool((slopes.smooth & (np.abs(slopes.central) > TOLERANCE + slopes.noise)).any())
