"""What one engine did with one program, as plain data: numpy arrays, strings, ints, tuples.

No engine object may be held here: an Observation outlives its engine, crosses processes (picklable) and is
written to recorded answers.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

FACTS = frozenset(
    {
        "alias", "base", "dtype", "errors", "grad", "grad_fn", "graph", "hooks", "is_leaf", "is_view",
        "output_nr", "prints", "repr", "requires_grad", "retains_grad", "returned", "same_object", "shape",
        "strides", "value", "version", "warnings",
    }
)  # fmt: skip
"""Everything an engine may report. "errors": type and text of exceptions; "returned": values no tensor."""

ABSENT = "<absent>"  # a fact that the engine cannot report; never compared, always counted


@dataclass(slots=True)
class Raised:
    """An engine's exception: type name, full text, and (via its place in `outcomes`) where."""

    type: str
    message: str


@dataclass(slots=True)
class Returned:
    """A value that is not a tensor bound to a name: a Python number, a bool, a string, a size, None.

    `value` is plain data; tensors inside are replaced by `np.ndarray`.
    """

    value: Any = None


@dataclass(slots=True)
class TensorFacts:
    """The facts of one tensor. Fields an engine does not declare hold ABSENT."""

    value: Any  # np.ndarray: shape and dtype as the engine has them
    dtype: str  # "float32"
    shape: tuple[int, ...]
    requires_grad: Any = False
    is_leaf: Any = True
    grad_fn: Any = None  # type name ("MulBackward0") or None
    output_nr: Any = 0
    version: Any = 0
    is_view: Any = False
    base: Any = None  # name of the instruction result that `_base` is, "<other>", or None
    retains_grad: Any = False
    grad: Any = None  # None, or an np.ndarray (the value of .grad)
    grad_dtype: Any = None
    alias: Any = None  # storage-alias class: the first name (program order) sharing this storage
    same_object: Any = None  # first earlier name bound to the very same object, or None
    strides: Any = None  # in elements
    repr: Any = ABSENT  # taken only when asked for
    grad_node: Any = None  # index into Observation.graph.nodes, or None


@dataclass(slots=True)
class Graph:
    """The backward graph reachable from all tensors, nodes numbered in discovery order.

    `edges[i]` are the next_functions of node i: (node number or None, input index). `variables[i]` is, for an
    AccumulateGrad node, the name of its leaf (or "<other>"), for others None.
    """

    nodes: tuple[str, ...] = ()
    edges: tuple[tuple[tuple[int | None, int], ...], ...] = ()
    variables: tuple[str | None, ...] = ()


@dataclass(slots=True)
class HookCall:
    """One call of a hook: which (registering instruction), during which instruction, with what values."""

    hook: int
    during: int
    values: tuple[Any, ...]  # np.ndarray or None each


Outcome = Raised | Returned | None
"""None: the instruction was not reached. For a tensor result: Returned(TENSOR)."""

TENSOR = "<tensor>"


@dataclass(slots=True)
class Observation:
    """Everything observed of one run. `outcomes` has one entry per instruction of the program."""

    engine: str
    outcomes: list[Any] = field(default_factory=list)
    tensors: dict[str, TensorFacts] = field(default_factory=dict)
    graph: Graph = field(default_factory=Graph)
    hooks: tuple[HookCall, ...] = ()
    warnings: tuple[tuple[int, str, str], ...] = ()  # (instruction, category name, text)
    prints: tuple[tuple[int, str], ...] = ()  # (instruction, what print would show)
    module: str = ""  # the namespace's module name, which texts of this engine may contain


def is_array(value: object) -> bool:
    return isinstance(value, np.ndarray)
