"""What programs do that engines which differentiate functions cannot: the reasons, which are counted.

What may live here: answers read off a program and torch's observation of it, before anything is rewritten.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from oracle.dataflow import NUMBERS_STAY
from oracle.observation import Observation
from oracle.program import Instruction, Program
from oracle.program.edit import reads, refs, writes_by_name
from oracle.variants import changes_gradients

GRAPHS = ("grad_fn", "autograd.graph.get_gradient_edge")
"""A function that is transformed records no graph of its own."""

CHECKS = ("autograd.gradcheck", "autograd.gradgradcheck")

WIDER = {
    "float16": ("float32", "float64", "complex64", "complex128"),
    "float32": ("float64", "complex128"),
}
"""For a dtype those that hold numbers that it does not."""


def beyond_functions(program: Program, seen: Observation) -> str | None:
    """Why a program cannot be understood as functions of some of its names, None if nothing here speaks against it."""
    if changes_gradients(program):
        return "hooks that change gradients"
    if any(one.op == "retain_grad" for one in program.instructions):
        return "retain_grad"
    if any(one.op in CHECKS for one in program.instructions):
        return "gradcheck, which gives no numbers"
    if any(one.op in GRAPHS for one in program.instructions):
        return "something depends on the graph"
    if any(_stops(one, seen) for one in program.instructions):
        return "a leaf that no longer requires grad"
    if any(_by_result(one) for one in program.instructions) and _near_an_end(seen):
        return "a gradient that overflows or vanishes by the operand and not by the result"
    narrow = [dtype for one in program.instructions for dtype in _narrowed(one, seen)]
    if any(_near_an_end(seen, np.finfo(dtype)) for dtype in narrow):
        return "a gradient that overflows or vanishes in the dtype of what is written"
    return None


def _stops(one: Instruction, seen: Observation) -> bool:
    """Whether a leaf gives up its gradients here; in a function it is an input all the same."""
    off = (one.op == "detach_") or (one.op in ("requires_grad_", "requires_grad") and one.args[1:] == (False,))
    return off and any(seen.tensors[name].grad is not None for name in refs(one.args) if name in seen.tensors)


def _by_result(one: Instruction) -> bool:
    """Whether torch takes a gradient of what was written where the op itself takes it of the operand."""
    return writes_by_name(one) and one.op.rpartition(".")[2].removesuffix("_") in ("elu", "selu", "celu")


def _narrowed(one: Instruction, seen: Observation) -> Iterator[str]:
    """The dtype of what is written where an operand's is wider: torch takes gradients in it, the op out of place in
    the wider one."""
    if not writes_by_name(one) or one.op in NUMBERS_STAY:
        return
    written, *others = [seen.tensors[name].dtype if name in seen.tensors else "" for name in reads(one)] or [""]
    if any(other in WIDER.get(written, ()) for other in others):
        yield written


def _near_an_end(seen: Observation, end: np.finfo[np.floating] | None = None) -> bool:
    """Whether a number is so large that its product with a small one may overflow, or so small that its reciprocal
    may, or has an exponential of 0: in its own dtype, or in the one that `end` is of."""
    arrays = [one.value for one in seen.tensors.values() if isinstance(one.value, np.ndarray)]
    known = [(one, end or np.finfo(one.dtype)) for one in arrays if one.dtype.kind == "f"]
    if any(((np.abs(one) > of.max / 64) | (one < np.log(of.tiny))).any() for one, of in known):
        return True
    return end is not None and any(((one != 0) & (np.abs(one) < end.tiny * 64)).any() for one, _ in known)
