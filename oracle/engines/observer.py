"""Turns what a run of a torch-like engine left behind into plain data.

What may live here: reading each fact of a tensor, the backward graph, and results, through torch's public
attribute names alone. Each tensor is read once, after the program's end, in the order of its names: reading a
stale view's grad_fn regenerates it. Everything is copied; no engine object survives in an Observation.
"""

from __future__ import annotations

import marshal
from collections.abc import Callable
from math import prod
from operator import attrgetter
from typing import Any

import numpy as np

from oracle.interpreter import NOT_REACHED, Run
from oracle.observation import (
    ABSENT,
    GRAPH,
    HIDDEN_GRADS,
    TENSOR,
    WIDER,
    Graph,
    Observation,
    Raised,
    Returned,
    Row,
)

_RETURNED_TENSOR = Returned(TENSOR)
_RETURNED_NONE = Returned(None)
_SCALARS = (bool, int, float, complex, str, type(None))
_UNREADABLE = (TypeError, RuntimeError, AttributeError)

_NAMES = (
    "grad_fn", "requires_grad", "is_leaf", "output_nr", "_version", "retains_grad", "_base", "dtype", "shape",
)  # fmt: skip
_read = attrgetter(*_NAMES)
"""Many attributes at once, grad_fn first: it brings a stale view up to date."""


def _read_guarded(tensor: Any) -> tuple[Any, ...]:
    """As `_read`, where one of them raises: what is raised stands for the fact, None for a node or a base."""
    return tuple(_guarded(tensor, name) for name in _NAMES)


def _guarded(tensor: Any, name: str) -> Any:
    try:
        return getattr(tensor, name)
    except RuntimeError as error:
        return f"raises {type(error).__name__}: {error}"


class Observer:
    """Reads the tensors of one namespace. `observe` gives the Observation of a finished run."""

    def __init__(self, engine: str, namespace: Any) -> None:
        self._engine = engine
        self._namespace = namespace
        self._module = str(getattr(namespace, "__name__", ""))
        self._tensor: type[Any] = namespace.Tensor
        self._dtypes: dict[Any, str] = {}
        self.place: Callable[[Any], int] = _storage
        """What is the same number for tensors that share a storage, and for no others that are alive."""

    def copy(self, value: Any) -> Any:
        """A value as plain data now: tensors become arrays, containers keep their form."""
        if isinstance(value, self._tensor):
            return self.array(value)
        return self._plain(value, self.array)

    def array(self, tensor: Any) -> Any:
        """The elements as a NumPy array of their own, or a text that says why they cannot be read."""
        return _array(tensor)

    def observe(self, run: Run, *, thorough: bool = True) -> Observation:
        """All facts of a finished run, GRAPH and HIDDEN_GRADS only if `thorough`.

        A tensor in a tuple or list that a name holds is called by name and place, as "v1[0]".

        To be called with warnings off: `grad` of a non-leaf warns, which is not the program's doing.
        """
        tensor_type = self._tensor
        walk = _GraphWalk(thorough)
        names = walk.names
        tensors: dict[str, Any] = {}
        for name, value in run.names.items():
            if isinstance(value, tensor_type):
                tensors[name] = value
            elif isinstance(value, tuple | list):
                items = enumerate(value)
                tensors.update((f"{name}[{at}]", item) for at, item in items if isinstance(item, tensor_type))
        for name, tensor in tensors.items():
            names.setdefault(id(tensor), name)
        rows = self._rows(tensors, walk)
        observation = Observation(
            self._engine,
            self._outcomes(run),
            {},
            walk.graph(),
            tuple(run.calls),
            tuple(run.warnings),
            tuple(run.prints),
            self._module,
            () if thorough else (GRAPH, HIDDEN_GRADS),
        )
        observation.rows = rows
        for tensor in walk.cyclic:
            tensor.grad = None  # a gradient with a graph holds its own tensor, which torch never frees
        return observation

    def _rows(self, tensors: dict[str, Any], walk: _GraphWalk) -> dict[str, Row]:
        """The facts of each in the order of TensorFacts, see Note [Rows].

        One loop, and not a function for each fact: this is half of what observing costs.
        """
        rows: dict[str, Row] = {}
        owners: dict[int, str] = {}
        names, thorough, dtypes, place = walk.names, walk.thorough, self._dtypes, self.place
        for name, tensor in tensors.items():
            try:
                node, requires_grad, is_leaf, output_nr, version, retains_grad, base, dtype, shape = _read(tensor)
            except RuntimeError:  # a view that may no longer be used, or an inference tensor
                guarded = _read_guarded(tensor)
                node, requires_grad, is_leaf, output_nr, version, retains_grad, base, dtype, shape = guarded
            grad_fn = number = grad = grad_dtype = alias = None
            if node is not None and type(node) is not str:
                if thorough:
                    grad_fn, number = walk.visit(node)
                else:
                    grad_fn = node.name()
            if type(node) is str:
                grad_fn = node
            elif is_leaf or retains_grad or thorough:
                held = tensor.grad
                if held is not None:
                    grad, grad_dtype = _packed_grad(held), dtypes.get(held.dtype) or self._dtype(held.dtype)
                    if held.requires_grad:
                        walk.cyclic.append(tensor)
            shape = tuple(shape)
            count = prod(shape)
            storage = 0
            if count:  # where an empty tensor lies is an accident
                storage = place(tensor)
                alias = owners.setdefault(storage, name)
            first_name = names[id(tensor)]
            rows[name] = (
                pack(tensor, count, storage),
                dtypes.get(dtype) or self._dtype(dtype),
                shape,
                requires_grad,
                is_leaf,
                grad_fn,
                output_nr,
                version,
                tensor._is_view(),
                None if base is None else names.get(id(base), "<other>"),
                retains_grad,
                grad,
                grad_dtype,
                alias,
                None if first_name == name else first_name,
                tensor.stride(),
                ABSENT,
                number,
            )
        return rows

    def _dtype(self, dtype: Any) -> str:
        """The dtype's name without its module."""
        name = self._dtypes[dtype] = str(dtype).rpartition(".")[2]
        return name

    def _outcomes(self, run: Run) -> list[Any]:
        outcomes: list[Any] = []
        tensor_type = self._tensor
        for result in run.results:
            if isinstance(result, tensor_type):
                outcomes.append(_RETURNED_TENSOR)
            elif result is None:
                outcomes.append(_RETURNED_NONE)
            elif result is NOT_REACHED:
                outcomes.append(None)
            elif isinstance(result, Raised):
                outcomes.append(result)
            else:
                outcomes.append(Returned(self._plain(result, _tensor_mark)))
        return outcomes

    def _plain(self, value: Any, tensor: Callable[[Any], Any]) -> Any:
        """Plain data for any value; `tensor` says what stands for a tensor."""
        if isinstance(value, _SCALARS):
            return value
        if isinstance(value, self._tensor):
            return tensor(value)
        if isinstance(value, tuple | list):
            items = [self._plain(item, tensor) for item in value]
            return items if isinstance(value, list) else tuple(items)
        if isinstance(value, np.ndarray | np.generic):
            return np.array(value)
        if hasattr(value, "next_functions"):
            return f"<node {value.name()}>"
        if isinstance(value, self._namespace.dtype):
            return self._dtype(value)
        return f"<{type(value).__name__}>"


def _tensor_mark(tensor: Any) -> str:
    return TENSOR


def _storage(tensor: Any) -> int:
    """Where the data lie. torch's zero tensors lie nowhere and count as having a place of their own."""
    try:
        return tensor.untyped_storage().data_ptr()  # type: ignore[no-any-return]
    except RuntimeError:
        return id(tensor)


_LONGEST_LIST = 64  # elements up to which tolist and marshal are faster than numpy


def pack(tensor: Any, count: int, storage: int) -> Any:
    """The `count` elements of a tensor as bytes, for `observation.unpack`. Equal bytes are equal elements.

    `storage` is what `_storage` says: `tolist` of a view of a zero tensor is a segmentation fault in torch.
    """
    if count > _LONGEST_LIST:
        found = _array(tensor)
        return (found.tobytes(),) if isinstance(found, np.ndarray) else found
    try:
        elements = array_of(tensor).tolist() if storage == id(tensor) else tensor.tolist()
    except _UNREADABLE:
        found = _array(tensor)
        if not isinstance(found, np.ndarray):
            return found
        elements = found.tolist()
    return marshal.dumps(elements, 2)  # version 2 has no back references


def _array(tensor: Any) -> Any:
    """`array_of`, or a text that says why the elements cannot be read."""
    try:
        return array_of(tensor)
    except _UNREADABLE as error:
        return f"<unreadable: {type(error).__name__}>"


def _packed_grad(grad: Any) -> tuple[Any, tuple[int, ...]]:
    shape = tuple(grad.shape)
    return pack(grad, prod(shape), _storage(grad)), shape


def array_of(tensor: Any) -> Any:
    """The elements as a NumPy array of their own; where NumPy lacks the dtype, in the next wider one."""
    plain = tensor.detach()
    wider = WIDER.get(str(plain.dtype).rpartition(".")[2])
    if wider is not None:
        plain = plain.float() if wider == "float32" else plain.cfloat()
    try:
        return plain.numpy().copy()
    except RuntimeError:
        return plain.resolve_conj().resolve_neg().clone().numpy()  # a zero tensor has elements once it is cloned


class _GraphWalk:
    """Numbers the nodes reachable from the tensors in the order of discovery, without recursion."""

    def __init__(self, thorough: bool) -> None:
        self.thorough = thorough
        """Whether to walk at all."""
        self.names: dict[int, str] = {}
        """The first name of each tensor object, by id."""
        self._kinds: list[str] = []
        self.cyclic: list[Any] = []
        """Tensors whose `.grad` has a history, and so leads back to them."""
        self._numbers: dict[Any, int] = {}
        self._nodes: list[Any] = []
        self._edges: list[tuple[tuple[int | None, int], ...]] = []

    def visit(self, node: Any) -> tuple[str, int | None]:
        """The name of `node`, and its number if the graph is walked; what is new is walked from here."""
        if not self.thorough:
            return node.name(), None
        numbers, nodes, kinds = self._numbers, self._nodes, self._kinds
        known = numbers.get(node)
        if known is not None:
            return kinds[known], known
        at = start = len(nodes)
        numbers[node] = start
        nodes.append(node)
        kinds.append(node.name())
        while at < len(nodes):
            edges: list[tuple[int | None, int]] = []
            for child, index in nodes[at].next_functions:
                if child is None:
                    edges.append((None, index))
                    continue
                number = numbers.get(child)
                if number is None:
                    number = numbers[child] = len(nodes)
                    nodes.append(child)
                    kinds.append(child.name())
                edges.append((number, index))
            self._edges.append(tuple(edges))
            at += 1
        return kinds[start], start

    def graph(self) -> Graph:
        """What was walked, leaves by the names of their tensors."""
        names, nodes = self.names, self._nodes
        variables = [
            names.get(id(nodes[number].variable), "<other>") if kind.endswith("AccumulateGrad") else None
            for number, kind in enumerate(self._kinds)
        ]
        return Graph(tuple(self._kinds), tuple(self._edges), tuple(variables))
