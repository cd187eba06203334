"""What a program exercised, counted in cells of `reports.records.Coverage`.

What may live here: which cells one checked program reaches, and which a campaign can reach. Cells are counted
once for each instruction or edge that reaches them. Ops, features and refusals are counted in every program;
pairs, dtypes, ranks and backward nodes in one out of CLOSELY, edge values in one out of SAMPLED.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

import numpy as np

from oracle.dataflow import op_name
from oracle.observation import Observation, Raised, TensorFacts
from oracle.opset import OPS, OpSpec, ready_ops
from oracle.program.language import Ref
from oracle.program.program import Program
from oracle.triage import normalised

Cell = tuple[str, str, str]

CLOSELY, SAMPLED = 3, 9
PLAIN = ("call", "method")  # forms that say their op themselves


def expected(ops: Iterable[str]) -> frozenset[Cell]:
    """The cells that a campaign over these ops (all that are ready, if none) can reach."""
    chosen = [OPS[name] for name in (tuple(ops) or ready_ops())]
    return frozenset(("op", name, "") for spec in chosen for name in _spellings(spec))


def _spellings(spec: OpSpec) -> tuple[str, ...]:
    """What `oracle.dataflow.op_name` calls an op, and its in-place form; an overload goes by its op's name."""
    if spec.forms == ("get",):
        return (f".{spec.name}",)
    if spec.forms == ("index",):
        return ("[]",)
    return (spec.name, f"{spec.name}_") if spec.inplace else (spec.name,)


_OPS = frozenset(name for spec in OPS.values() for name in _spellings(spec))


def count(cells: Counter[Cell], program: Program, reference: Observation, number: int) -> None:
    """Add what program `number` exercised to `cells`."""
    made_by: dict[str, str] = {}
    closely = number % CLOSELY == 0
    tensors = reference.tensors if closely else {}
    look = number % SAMPLED == 0
    for one in program.instructions:
        outs, form, _, args, kwargs, _, modes, caught = one
        op = one.op if form in PLAIN else op_name(one)
        axis = "op" if op in _OPS else "feature"
        cells[axis, op, ""] += 1
        for key, _ in kwargs:
            if axis == "feature":
                cells["feature", f"{op} {key}", ""] += 1
        for mode in modes:
            cells["feature", mode, ""] += 1
        if caught:
            cells["feature", "an error that is caught", ""] += 1
        if closely and axis == "op":
            _operands(cells, op, args, made_by, tensors, look)
        for name in outs:
            made_by[name] = op
    for outcome in reference.outcomes:
        if type(outcome) is Raised:
            cells["refusal", _refusal(outcome.type, outcome.message), ""] += 1
    if closely:
        _backward_nodes(cells, reference)


def _operands(
    cells: Counter[Cell],
    op: str,
    args: tuple[Any, ...],
    made_by: dict[str, str],
    tensors: dict[str, TensorFacts],
    look: bool,
) -> None:
    for arg in args:
        if type(arg) is not Ref:
            continue
        name = arg.name
        cells["pair", made_by.get(name, "?"), op] += 1
        facts = tensors.get(name)
        if facts is None:
            continue
        cells["dtype", op, facts.dtype] += 1
        cells["rank", op, _RANKS[len(facts.shape)] if len(facts.shape) < 6 else "many"] += 1
        if 0 in facts.shape:
            cells["edge", op, "empty"] += 1
        elif look:
            for edge in _edges(facts.value):
                cells["edge", op, edge] += 1


_RANKS = ("0", "1", "2", "3", "4", "5")


def _edges(array: Any) -> list[str]:
    """The special values among an array's elements."""
    if not isinstance(array, np.ndarray) or array.dtype.kind not in "fc":
        return []
    found = []
    if not np.isfinite(array).all():
        found += ["nan"] if np.isnan(array).any() else []
        found += ["inf"] if np.isinf(array).any() else []
    zeros = array == 0
    if zeros.any():
        found.append("zero")
        if array.dtype.kind == "f" and np.signbit(array[zeros]).any():
            found.append("-0.0")
    return found


def _backward_nodes(cells: Counter[Cell], reference: Observation) -> None:
    nodes = reference.graph.nodes
    for name, edges in zip(nodes, reference.graph.edges, strict=True):
        for child, _ in edges:
            cells["grad_fn", name, "None" if child is None else nodes[child]] += 1


@lru_cache(maxsize=4096)
def _refusal(kind: str, message: str) -> str:
    return f"{kind}: {normalised(message)[:160]}"
