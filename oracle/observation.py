"""What one engine did with one program, as plain data: numpy arrays, strings, ints, tuples.

No engine object may be held here: an Observation outlives its engine, crosses processes (picklable) and is
written to recorded answers.

Note [Columns]. Most observations are compared once, found equal and dropped. An observer therefore hands over
the facts of all tensors by column, as `Columns`: reading a fact of many tensors is one call, comparing it is
another. They become TensorFacts when somebody first asks for `tensors`.
"""

from __future__ import annotations

import marshal
from collections.abc import Set
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

FACTS = frozenset(
    {
        "alias", "base", "dtype", "errors", "grad", "grad_fn", "graph", "hooks", "is_leaf", "is_view",
        "output_nr", "prints", "repr", "requires_grad", "retains_grad", "returned", "same_object", "saved",
        "shape", "strides", "tangent", "value", "version", "warnings",
    }
)  # fmt: skip
"""Everything an engine may report. "errors": type and text of exceptions; "returned": values no tensor."""

TANGENT = ".tangent"
"""What the name of a tensor's tangent has behind the tensor's own, see Note [Tangents].

Note [Tangents]. A tangent lives as long as the dual level it belongs to, so that nothing is left of it at the
end of a program. It is noted when the level's block ends, as a tensor called "v2.tangent" (of the program's
second level "v2.tangent[1]", and so on) of which only elements, dtype, shape, requires_grad and grad_fn are
looked at.
"""

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
class Saved:
    """What a node shows of what it saved: the names of tensors, those of other values, and these, marshalled."""

    tensors: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    values: bytes = marshal.dumps((), 2)

    @property
    def by_name(self) -> dict[str, Any]:
        """The values that are no tensors."""
        return dict(zip(self.names, marshal.loads(self.values), strict=True))


@dataclass(slots=True)
class Graph:
    """The backward graph reachable from all tensors, nodes numbered in discovery order.

    `edges[i]` are the next_functions of node i: (node number or None, input index). `variables[i]` is, for an
    AccumulateGrad node, the name of its leaf (or "<other>"), for others None. `saved` has an entry per node.
    """

    nodes: tuple[str, ...] = ()
    edges: tuple[tuple[tuple[int | None, int], ...], ...] = ()
    variables: tuple[str | None, ...] = ()
    saved: tuple[Saved, ...] = ()


@dataclass(slots=True)
class HookCall:
    """One call of a hook: which (registering instruction), during which instruction, with what values."""

    hook: int
    during: int
    values: tuple[Any, ...]  # np.ndarray or None each


Outcome = Raised | Returned | None
"""None: the instruction was not reached. For a tensor result: Returned(TENSOR)."""

TENSOR = "<tensor>"


class Columns(NamedTuple):
    """The facts of all tensors of a run, one column for each field of TensorFacts, see Note [Columns].

    value  what `tolist` gives of each, marshalled; instead of a list (bytes,) of a larger tensor, or a text
    grad   the same of the `.grad` of those that have one, None where none has; `grad_shape` and `grad_dtype` are
           None for the others
    """

    names: tuple[str, ...] = ()
    value: bytes = marshal.dumps([], 2)
    dtype: tuple[str, ...] = ()
    shape: tuple[tuple[int, ...], ...] = ()
    requires_grad: tuple[Any, ...] = ()
    is_leaf: tuple[Any, ...] = ()
    grad_fn: tuple[Any, ...] = ()
    output_nr: tuple[Any, ...] = ()
    version: tuple[Any, ...] = ()
    is_view: tuple[Any, ...] = ()
    base: tuple[Any, ...] = ()
    retains_grad: tuple[Any, ...] = ()
    grad: bytes | None = None
    grad_shape: tuple[Any, ...] = ()
    grad_dtype: tuple[Any, ...] = ()
    alias: tuple[Any, ...] = ()
    same_object: tuple[Any, ...] = ()
    strides: tuple[Any, ...] = ()
    grad_node: tuple[Any, ...] = ()

    @property
    def arrays(self) -> int:
        """How many arrays there are: the values, and each `.grad`."""
        count = len(self.names)
        return 2 * count - self.grad_dtype.count(None)

    def beside(self, other: Columns) -> Columns:
        """These tensors and the other ones, whose `.grad`s are None."""
        value = marshal.dumps([*marshal.loads(self.value), *marshal.loads(other.value)], 2)
        ours: tuple[Any, ...] = self
        theirs: tuple[Any, ...] = other
        joined: list[Any] = [
            mine if field in ("value", "grad") else (*mine, *its)
            for field, mine, its in zip(self._fields, ours, theirs, strict=True)
        ]
        return Columns(*joined)._replace(value=value)

    def rows(self) -> dict[str, Row]:
        """The facts of each tensor by name, in the order of TensorFacts; equal rows are equal facts.

        Elements are marshalled, so that NaN equals NaN and the signs of zeros count.
        """
        values = [marshal.dumps(one, 2) for one in marshal.loads(self.value)]
        held = iter(() if self.grad is None else marshal.loads(self.grad))
        grads = [None if shape is None else (marshal.dumps(next(held), 2), shape) for shape in self.grad_shape]
        columns: tuple[Any, ...] = self
        before, after = columns[_VALUE + 1 : _GRAD], columns[_GRAD + 2 : _NODE]
        absent = (ABSENT,) * len(self.names)
        rows = zip(values, *before, grads, *after, absent, self.grad_node, strict=True)
        return dict(zip(self.names, rows, strict=True))


_VALUE, _GRAD, _NODE = map(Columns._fields.index, ("value", "grad", "grad_node"))

Row = tuple[Any, ...]
"""The facts of a tensor in the order of TensorFacts; `value` is marshalled, `grad` is None or (marshalled, shape)."""
GRAD_IN_ROW = list(TensorFacts.__dataclass_fields__).index("grad")


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


_TENSORS: Any = _Observed.__dict__["tensors"]  # the slot that the property below stands before


class Observation(_Observed):
    """Everything observed of one run. `outcomes` has one entry per instruction of the program."""

    __slots__ = ("columns",)

    columns: Columns | None  # as an observer left them, None once `tensors` was read; Note [Columns]

    @property
    def tensors(self) -> dict[str, TensorFacts]:
        """The facts of each tensor by its name, in program order."""
        if self.columns is not None:
            self.tensors = {name: facts_of(row) for name, row in self.columns.rows().items()}
        found: dict[str, TensorFacts] = _TENSORS.__get__(self)
        return found

    @tensors.setter
    def tensors(self, tensors: dict[str, TensorFacts]) -> None:
        self.columns = None
        _TENSORS.__set__(self, tensors)

    @property
    def names(self) -> Set[str]:
        """The names of the tensors, in program order."""
        return self.tensors.keys() if self.columns is None else dict.fromkeys(self.columns.names).keys()

    @property
    def arrays(self) -> int:
        """How many arrays there are: the values, and each `.grad`."""
        if self.columns is not None:
            return self.columns.arrays
        return sum(1 if facts.grad is None else 2 for facts in self.tensors.values())

    @property
    def dtypes(self) -> Set[str]:
        """The dtypes of the tensors."""
        return {one.dtype for one in self.tensors.values()} if self.columns is None else set(self.columns.dtype)


def facts_of(row: Row) -> TensorFacts:
    """What a row says, its arrays unpacked."""
    facts = TensorFacts(*row)
    facts.value = _unpacked(facts.value, facts.dtype, facts.shape)
    if facts.grad is not None:
        facts.grad = _unpacked(facts.grad[0], facts.grad_dtype, facts.grad[1])
    return facts


def _unpacked(marshalled: bytes, dtype: str, shape: tuple[int, ...]) -> Any:
    """The array whose elements were marshalled as a list, or as (bytes,); or the text that stands for it."""
    elements = marshal.loads(marshalled)
    numpy_dtype = np.dtype(WIDER.get(dtype, dtype))
    if isinstance(elements, str):
        return elements
    if isinstance(elements, tuple):
        return np.frombuffer(elements[0], numpy_dtype).reshape(shape).copy()
    return np.array(elements, numpy_dtype).reshape(shape)


WIDER = {"bfloat16": "float32", "complex32": "complex64"}
"""What stands for a dtype that NumPy lacks; every value of it is exact there."""
