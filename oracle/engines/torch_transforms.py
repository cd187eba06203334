"""torch's transforms of whole programs, each an engine to hold against torch eager.

What may live here: one small class per transform: other strides, `functionalize`, fake tensors, `compile`.
What they report is numbers and metadata; history is torch eager's own.
"""

from __future__ import annotations

import logging
import warnings
from typing import Any, ClassVar

import torch
from torch._subclasses.fake_tensor import FakeTensorMode

from oracle.dataflow import followers, is_plain_query
from oracle.engines.functional import METADATA, Function, Values
from oracle.engines.torch_engine import OverTorch
from oracle.engines.torch_ways import FuncVjp, Taped
from oracle.errors import HarnessError
from oracle.functionalize import Functional
from oracle.interpreter import Run
from oracle.observation import ABSENT, Observation, Raised, TensorFacts
from oracle.program.edit import is_creation, is_write, reads
from oracle.program.program import Program
from oracle.variants import with_other_layout

NUMBERS = frozenset({"value", "shape", "dtype", "grad"})
COPIED = ("type_as", "broadcast_tensors", "atleast_1d", "atleast_2d", "atleast_3d")
"""Ops whose results share memory with an operand, and are copies under torch.func.functionalize of torch 2.13.0."""


RAW = frozenset({
    "as_strided", "as_strided_", "as_strided_copy", "as_strided_scatter", "set_", "untyped_storage",
    "autograd.forward_ad.make_dual",
})  # fmt: skip
"""Ops that do not look at the strides of their operand, or, of a tangent, copy it where they are others."""


class OtherLayout(OverTorch):
    """torch eager, every leaf taken out of a tensor twice its size."""

    name: ClassVar[str] = "torch:strided"
    summary: ClassVar[str] = "torch eager on leaves that are not contiguous"
    facts = NUMBERS

    def supports(self, program: Program) -> str | None:
        if any(one.op == "contiguous" for one in program.instructions):
            return "contiguous"  # gives the leaf itself, or a copy of it
        if any(one.op in RAW for one in program.instructions):
            return "what depends on how memory lies"
        if with_other_layout(program) is None:
            return "no leaf to lay out otherwise"
        pairs = zip(self.run(program).outcomes, self.torch.run(program).outcomes, strict=True)
        if any(_fate(ours) != _fate(theirs) for ours, theirs in pairs):
            return "a refusal that depends on strides"
        return None

    def run(self, program: Program) -> Observation:
        changed = with_other_layout(program) or program
        seen = self.torch.run(changed)
        at = {one: place for place, one in enumerate(changed.instructions)}
        bound = {one.outs: place for place, one in enumerate(changed.instructions) if one.outs}
        outcomes = [seen.outcomes[bound.get(one.outs, at.get(one, -1))] for one in program.instructions]
        names = {out for one in program.instructions for out in one.outs}
        tensors = {name: facts for name, facts in seen.tensors.items() if name.partition("[")[0] in names}
        return Observation(self.name, outcomes, tensors, module=seen.module)


def _fate(outcome: Any) -> str:
    return "not reached" if outcome is None else "raised" if isinstance(outcome, Raised) else "returned"


class Functionalized(FuncVjp):
    """The program, writes and all, under `torch.func.functionalize`."""

    name: ClassVar[str] = "torch:functionalize"
    summary: ClassVar[str] = "torch.func.functionalize, views kept"
    remove: ClassVar[str] = "mutations"

    def _observed(self, program: Program, seen: Observation, rewritten: Functional) -> Observation | str:
        queries = [at for at, one in enumerate(program.instructions) if is_plain_query(one)]
        late: set[str] = set()
        for at in queries:
            late |= followers(program, at)[0]
        body = [
            one
            for at, one in enumerate(program.instructions)
            if at not in queries
            and one.op not in METADATA
            and one.op != "grad"
            and not isinstance(seen.outcomes[at], Raised)
            and seen.outcomes[at] is not None
        ]
        bound = {out for one in body for out in one.outs}
        if any(one.op in COPIED for one in body) and any(is_write(one) for one in body):
            return "a write where torch's functionalisation makes a copy of what is its operand"
        if any(one.op.startswith("autograd.functional.") for one in body):
            return "a function that differentiates"
        if late or any(name in late or name not in bound for one in body for name in reads(one)):
            return "something depends on a gradient"
        leaves = [one.outs[0] for one in body if is_creation(one) and one.outs[0] in seen.tensors]
        # elements of a returned tuple have names too (v1[0]), but none that the program binds: they stay as seen
        names = [name for name in seen.tensors if name in bound - late and seen.tensors[name].alias is not None]

        def function(*values: Any) -> Any:
            run = Run(Program(()))
            run.names.update(zip(leaves, values, strict=True))
            for one in body:
                if not (is_creation(one) and one.outs[0] in leaves):
                    self.interpreter.step(one, run)
            return tuple(run.names[name] for name in names)

        made = Run(Program(()))
        for one in body:
            if is_creation(one) and one.outs[0] in leaves:
                self.interpreter.step(one, made)
        with torch.no_grad(), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            values = [made.names[name].detach().clone() for name in leaves]
            try:
                found = torch.func.functionalize(function, remove=self.remove)(*values)
            except (RuntimeError, NotImplementedError) as error:
                return f"not functionalised by torch: {type(error).__name__}"
        tensors = {}
        for name, value in zip(names, found, strict=True):
            tensors[name] = self._facts(value, None, seen.tensors[name])
            tensors[name].grad = seen.tensors[name].grad
            tensors[name].grad_dtype = seen.tensors[name].grad_dtype
        for name, facts in seen.tensors.items():
            tensors.setdefault(name, facts)
        return Observation(self.name, list(seen.outcomes), tensors, module=seen.module)


class FunctionalizedViews(Functionalized):
    """The same, views replaced by copies too."""

    name: ClassVar[str] = "torch:functionalize-views"
    summary: ClassVar[str] = "torch.func.functionalize, views removed too"
    remove: ClassVar[str] = "mutations_and_views"


class Fake(OverTorch):
    """torch's fake tensors: shapes, dtypes and strides without numbers."""

    name: ClassVar[str] = "torch:fake"
    summary: ClassVar[str] = "torch's fake tensors: shapes, dtypes, strides"
    facts = frozenset({"shape", "dtype", "strides"})

    def supports(self, program: Program) -> str | None:
        found = self._answer(program)
        return found if isinstance(found, str) else None

    def run(self, program: Program) -> Observation:
        found = self._answer(program)
        if isinstance(found, str):
            raise HarnessError(f"{self.name} cannot run this program ({found}); ask `supports` first")
        return found

    def _answer(self, program: Program) -> Observation | str:
        seen = self.torch.run(program)
        before = logging.root.manager.disable
        logging.disable(logging.CRITICAL)  # a refusal is told twice otherwise
        try:
            with self.torch.recording(), FakeTensorMode(allow_non_fake_inputs=True):
                run = self.torch.interpreter.run(program)
        finally:
            logging.disable(before)
            self.torch.reset()
        for ours, theirs in zip(run.results, seen.outcomes, strict=True):
            if isinstance(ours, Raised) and not isinstance(theirs, Raised):
                return f"fake tensors cannot: {ours.type}"
        tensors = {}
        for name, value in run.names.items():
            if isinstance(value, torch.Tensor) and name in seen.tensors:
                facts = TensorFacts(ABSENT, str(value.dtype).rpartition(".")[2], tuple(value.shape))
                facts.strides = tuple(value.stride())
                tensors[name] = facts
        return Observation(self.name, list(seen.outcomes), tensors, module=seen.module)


class Compiled(Taped):
    """`torch.compile` of the function that a query differentiates."""

    name: ClassVar[str] = "torch:compile"
    summary: ClassVar[str] = "torch.compile, backend eager; slow"
    backend: ClassVar[str] = "eager"

    def differentiate(self, function: Function, leaves: Values, weights: Values, recorded: bool) -> Values:
        torch._dynamo.reset()
        fast = torch.compile(lambda *xs: tuple(function(*xs)), backend=self.backend, dynamic=False)
        return super().differentiate(fast, leaves, weights, recorded)


class CompiledAot(Compiled):
    """The same through AOTAutograd, whose backward is a graph of its own."""

    name: ClassVar[str] = "torch:compile-aot"
    summary: ClassVar[str] = "torch.compile, backend aot_eager; slow"
    backend: ClassVar[str] = "aot_eager"
