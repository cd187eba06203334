"""Nodes of the backward graph: what an op leaves behind, its edges, its order and its metadata.

What may live here: the Node base, the sequence counter and the recorded metadata. No tensors, no formulas.

Note [Order]: a node's edges lead only to nodes made before it (AccumulateGrad apart), since an op can only
use what exists. So sequence numbers are a topological order of every graph, and running nodes from the
highest number down is exactly what a priority queue of ready nodes would do.
"""

from __future__ import annotations

import itertools
import re
from collections import OrderedDict
from collections.abc import Sequence
from typing import Any, ClassVar

from minigrad.device import CPU
from minigrad.dtypes import FROM_NUMPY
from minigrad.modes import state

next_seq = itertools.count().__next__
ZEROS = tuple((0,) * n for n in range(8))
"""Output numbers of edges that all lead to first outputs, by their count: one tuple for all, known by identity."""
LAST_SEQ = 2**64 - 1  # AccumulateGrad and what has no derivative: run before everything else that is ready


class Extras:
    """What few nodes have: hooks and user metadata. Made on first need."""

    __slots__ = ("metadata", "parent", "post_hooks", "pre_hooks", "retains", "tensor_pre_hooks", "trace")

    def __init__(self) -> None:
        self.tensor_pre_hooks: list[tuple[int, Any]] = []  # (output number, OrderedDict of hooks)
        self.retains: dict[int, Any] = {}  # output number -> function(grad)
        self.pre_hooks: OrderedDict[int, Any] = OrderedDict()
        self.post_hooks: OrderedDict[int, Any] = OrderedDict()
        self.metadata: dict[Any, Any] | None = None
        self.trace: list[str] | None = None  # where it was made, if anomalies were looked for then,
        self.parent: Node | None = None  # and the node that ran when it was

    @property
    def active(self) -> bool:
        """Whether the engine has anything to call here."""
        return bool(self.tensor_pre_hooks or self.retains or self.pre_hooks or self.post_hooks)


class ReadOnly(property):
    """A property that is refused to writers in the words of attributes that are written in C."""

    name = ""

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def __set__(self, instance: Any, value: Any) -> None:
        raise AttributeError(f"attribute '{self.name}' of '{type(instance).__name__}' objects is not writable")

    def __delete__(self, instance: Any) -> None:
        self.__set__(instance, None)


class _InputMetadata:
    """What a node recorded of one forward output, as people see it."""

    __slots__ = ("_dt", "_sizes")

    def __init__(self, sizes: tuple[int, ...], dt: Any) -> None:
        self._sizes, self._dt = sizes, dt

    shape = property(lambda self: list(self._sizes))
    dtype = property(lambda self: FROM_NUMPY[self._dt])
    device = property(lambda self: CPU)
    is_nested_tensor = is_cpp_nested_tensor = property(lambda self: False)


class Node:
    """One backward function. Edges are the pairs `(fns[i], nrs[i])`, `fns[i]` None where no gradient flows.

    `shape` and `dt` are those of output 0 of the forward op; nodes with several outputs keep the rest in
    `more`, a list of (shape, dtype) from output 1 on. They are what incoming gradients are held against.
    """

    __slots__ = ("__weakref__", "dt", "fns", "more", "nrs", "seq", "shape", "x")

    label: ClassVar[str] = "Node"
    several: ClassVar[bool] = False  # whether the forward op has several outputs
    of_user: ClassVar[bool] = False  # whether what it runs is users' own code

    dt: Any
    fns: tuple[Node | None, ...]
    more: list[tuple[tuple[int, ...], Any]]
    nrs: tuple[int, ...]
    seq: int
    shape: tuple[int, ...]
    x: Extras | None

    def name(self) -> str:
        """The node's name as torch has it, `"MulBackward0"`."""
        return self.label

    @ReadOnly
    def next_functions(self) -> tuple[tuple[Node | None, int], ...]:
        """One `(Node or None, output number)` per operand of the forward op."""
        return tuple(zip(self.fns, self.nrs, strict=True))

    @ReadOnly
    def metadata(self) -> dict[Any, Any]:
        """A dict that lives as long as the node."""
        extras = self.extras()
        if extras.metadata is None:
            extras.metadata = {}
        return extras.metadata

    def _sequence_nr(self) -> int:
        return self.seq

    def _set_sequence_nr(self, sequence_nr: int) -> None:
        if not isinstance(sequence_nr, int):
            raise TypeError("an integer is required")
        self.seq = sequence_nr

    @ReadOnly
    def requires_grad(self) -> bool:
        return True

    def __call__(self, *grads: Any, **keywords: Any) -> Any:
        """Runs this node by hand on Tensors; one gradient per operand, a single one bare."""
        raise NotImplementedError  # `autograd.calling` knows how

    def __reduce_ex__(self, protocol: Any) -> Any:
        raise TypeError(f"cannot pickle '{type(self).__name__}' object")

    @ReadOnly
    def _input_metadata(self) -> tuple[_InputMetadata, ...]:
        return tuple(_InputMetadata(*self.output_meta(i)) for i in range(self.output_count()))

    def extras(self) -> Extras:
        if self.x is None:
            self.x = Extras()
        return self.x

    def output_meta(self, nr: int) -> tuple[tuple[int, ...], Any]:
        """Shape and NumPy dtype of forward output `nr`."""
        return (self.shape, self.dt) if nr == 0 else self.more[nr - 1]

    def output_count(self) -> int:
        return 1 + len(self.more) if self.several else 1

    def raw(self, grad: Any) -> tuple[Any, ...]:
        """Gradients of the operands on plain arrays; `grad` is one array, or a list with None for several."""
        raise RuntimeError(f"{self.label} has no backward formula")

    def sweep(self, grad: Any, buffers: dict[Node, Any], keep: bool, raw: Any) -> None:
        """Runs on arrays, releases what is saved unless `keep`, and puts the results into the `buffers`."""
        raise NotImplementedError  # `deposits` knows how

    def ten(self, grad: Any) -> tuple[Any, ...]:
        """The same on Tensors, so that the result can be differentiated."""
        raise RuntimeError(f"{self.label} has no backward formula")

    def release(self) -> None:
        """Give up saved values; a later `raw` or `ten` that needs them raises."""

    def __repr__(self) -> str:
        return f"<{type(self).__name__} object at {id(self):#x}>"


def short_name(label: str) -> str:
    """How error texts call a node: `MulBackward0` is spoken of as `Mul`, `PowBackward1` as `Pow1`."""
    return re.sub(r"Backward0?$|Backward(?=\d+$)", "", label)


def wanted_edges(node: Node) -> Sequence[Node | None]:
    """The edges of `node` that its gradients are to be sent along, None for others: in its own turn those that lead
    to what the pass was asked for; else, run by hand or by another node, all."""
    task = state.task
    return node.fns if task is None or task.at is not node else task.edges
