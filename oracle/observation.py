"""What one engine did with one program, as plain data: numpy arrays, strings, ints, tuples.

No engine object may be held here: an Observation outlives its engine, crosses processes (picklable) and is
written to recorded answers.

Note [Rows]. Most observations are compared once, found equal and dropped. An observer therefore hands over
each tensor as a row, a plain tuple in the order of TensorFacts whose arrays are `pack`ed to bytes; rows of
two engines are compared as they are, and become TensorFacts when somebody first asks for `tensors`.
"""

from __future__ import annotations

import marshal
from collections.abc import Mapping, Set
from dataclasses import dataclass, field, fields
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
    """What an instruction gave. `value` is plain data: numbers, texts, tuples; TENSOR stands for a tensor."""

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

GRAPH = "graph"
HIDDEN_GRADS = "grad of tensors that are neither leaves nor retain it"
"""What costs so much to look at that batches look at it in some programs only, see `Engine.run_batch`."""

Row = tuple[Any, ...]
"""The facts of a tensor in the order of TensorFacts; `value`, and `grad` as (bytes, shape), are packed."""


@dataclass(slots=True)
class _Observed:
    """The fields of an Observation."""

    engine: str
    outcomes: list[Any] = field(default_factory=list)
    tensors: dict[str, TensorFacts] = field(default_factory=dict)
    graph: Graph = field(default_factory=Graph)
    hooks: tuple[HookCall, ...] = ()
    warnings: tuple[tuple[int, str, str], ...] = ()  # (instruction, category name, text)
    prints: tuple[tuple[int, str], ...] = ()  # (instruction, what print would show)
    module: str = ""  # the namespace's module name, which texts of this engine may contain
    left_out: tuple[str, ...] = ()  # what was not looked at this time: GRAPH, HIDDEN_GRADS


_TENSORS: Any = _Observed.__dict__["tensors"]  # the slot that the property below stands before


class Observation(_Observed):
    """Everything observed of one run. `outcomes` has one entry per instruction of the program."""

    __slots__ = ("rows",)

    rows: Mapping[str, Row] | None  # as an observer left them, None once `tensors` was read; Note [Rows]

    @property
    def tensors(self) -> dict[str, TensorFacts]:
        """The facts of each tensor by its name, in program order."""
        if self.rows is not None:
            self.tensors = {name: facts_of(row) for name, row in self.rows.items()}
        found: dict[str, TensorFacts] = _TENSORS.__get__(self)
        return found

    @tensors.setter
    def tensors(self, tensors: dict[str, TensorFacts]) -> None:
        self.rows = None
        _TENSORS.__set__(self, tensors)

    @property
    def names(self) -> Set[str]:
        """The names of the tensors, in program order."""
        return (self.tensors if self.rows is None else self.rows).keys()


def facts_of(row: Row) -> TensorFacts:
    """What a row says, its arrays unpacked."""
    facts = TensorFacts(*row)
    facts.value = unpack(facts.value, facts.dtype, facts.shape)
    if facts.grad is not None:
        facts.grad = unpack(facts.grad[0], facts.grad_dtype, facts.grad[1])
    return facts


def arrays_in(row: Row) -> int:
    """How many arrays a row holds: its value, and its `.grad` if there is one."""
    return 1 if row[_GRAD] is None else 2


_GRAD = [one.name for one in fields(TensorFacts)].index("grad")


def unpack(packed: Any, dtype: str, shape: tuple[int, ...]) -> Any:
    """The array that was packed: a marshalled list as bytes, a longer buffer as (bytes,), else a text."""
    numpy_dtype = np.dtype(WIDER.get(dtype, dtype))
    if isinstance(packed, bytes):
        return np.array(marshal.loads(packed), numpy_dtype).reshape(shape)
    if isinstance(packed, tuple):
        return np.frombuffer(packed[0], numpy_dtype).reshape(shape).copy()
    return packed


WIDER = {"bfloat16": "float32", "complex32": "complex64"}
"""What stands for a dtype that NumPy lacks; every value of it is exact there."""
