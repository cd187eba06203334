"""Turns what a run of a torch-like engine left behind into plain data.

What may live here: reading each fact of a tensor, the backward graph, and results, through torch's public
attribute names alone. Each tensor is read once, after the program's end, in the order of its names: reading a
stale view's grad_fn regenerates it. Everything is copied; no engine object survives in an Observation.
"""

from __future__ import annotations

import marshal
from collections.abc import Callable, Sequence
from math import prod
from operator import attrgetter, methodcaller
from typing import Any

import numpy as np

from oracle.engines.saved import READERS
from oracle.interpreter import NOT_REACHED, Run
from oracle.observation import TANGENT, TENSOR, WIDER, Columns, Graph, Observation, Raised, Returned

_RETURNED_TENSOR = Returned(TENSOR)
_RETURNED_NONE = Returned(None)
_SCALARS = (bool, int, float, complex, str, type(None))
_UNREADABLE = (TypeError, RuntimeError, AttributeError)

_NAMES = (
    "grad_fn", "requires_grad", "is_leaf", "output_nr", "_version", "retains_grad", "_base", "dtype", "shape",
)  # fmt: skip
_read = attrgetter(*_NAMES)
"""Many attributes at once, grad_fn first: it brings a stale view up to date."""
_grad = attrgetter("grad")
_kind = methodcaller("name")
_storage, _address = methodcaller("untyped_storage"), methodcaller("data_ptr")


def _read_guarded(tensor: Any) -> tuple[Any, ...]:
    """As `_read`, where one of them raises: what is raised stands for the fact."""
    return tuple(_guarded(tensor, name) for name in _NAMES)


def _guarded(tensor: Any, name: str) -> Any:
    try:
        return getattr(tensor, name)
    except RuntimeError as error:
        return f"raises {type(error).__name__}: {error}"


def _grad_guarded(tensor: Any) -> Any:
    try:
        return tensor.grad
    except RuntimeError:
        return None


def _first(keys: Sequence[Any], names: Sequence[str]) -> dict[Any, Any]:
    """The first name of each key."""
    return dict(zip(reversed(keys), reversed(names), strict=True))


class _Names(dict[Any, str]):
    """The names of dtypes without their module."""

    def __missing__(self, dtype: Any) -> str:
        name = self[dtype] = str(dtype).rpartition(".")[2]
        return name


class Observer:
    """Reads the tensors of one namespace. `observe` gives the Observation of a finished run."""

    def __init__(self, engine: str, namespace: Any) -> None:
        self._engine = engine
        self._namespace = namespace
        self._module = str(getattr(namespace, "__name__", ""))
        self._tensor: type[Any] = namespace.Tensor
        self._dtypes = _Names()
        self._tolist, self._is_view = self._tensor.tolist, self._tensor._is_view
        self.stride: Callable[[Any], Any] = self._tensor.stride
        self.places: Callable[[Sequence[Any]], list[Any]] = _storages
        """For each tensor a number that those share that share its storage; negative where there is none."""

    def copy(self, value: Any) -> Any:
        """A value as plain data now: tensors become arrays, containers keep their form."""
        if isinstance(value, self._tensor):
            return self.array(value)
        return self._plain(value, self.array)

    def array(self, tensor: Any) -> Any:
        """The elements as a NumPy array of their own, or a text that says why they cannot be read."""
        return _array(tensor)

    def observe(self, run: Run) -> Observation:
        """All facts of a finished run.

        A tensor in a tuple or list that a name holds is called by name and place, as "v1[0]".

        To be called with warnings off: `grad` of a non-leaf warns, which is not the program's doing.
        """
        tensor_type = self._tensor
        names: list[str] = []
        tensors: list[Any] = []
        for name, value in run.names.items():
            if isinstance(value, tensor_type):
                names.append(name)
                tensors.append(value)
            elif isinstance(value, tuple | list):
                for at, item in enumerate(value):
                    if isinstance(item, tensor_type):
                        names.append(f"{name}[{at}]")
                        tensors.append(item)
        columns, graph = self._columns(tuple(names), tensors) if names else (Columns(), Graph())
        for tangents in run.tangents:
            columns = columns.beside(tangents)
        observation = Observation(
            self._engine,
            self._outcomes(run),
            {},
            graph,
            tuple(run.calls),
            tuple(run.warnings),
            tuple(run.prints),
            self._module,
        )
        observation.columns = columns
        return observation

    def _columns(self, names: tuple[str, ...], tensors: list[Any]) -> tuple[Columns, Graph]:
        """The facts of the tensors, at least one, and the graph behind them; see Note [Columns]."""
        try:
            facts = [*map(_read, tensors)]
        except RuntimeError:  # a view that may no longer be used, or an inference tensor
            facts = [*map(_read_guarded, tensors)]
        nodes, requires_grad, is_leaf, output_nr, version, retains_grad, bases, dtype, sizes = zip(*facts, strict=True)
        ids = [*map(id, tensors)]
        known = _first(ids, names)
        graph, kinds, numbers = walked(nodes, known)
        shape = tuple(map(tuple, sizes))
        counts = [*map(prod, shape)]
        places = self.places(tensors)
        value = self.elements(tensors, counts, places)
        if 0 in counts:  # where an empty tensor lies is an accident
            places = [place if count else None for place, count in zip(places, counts, strict=True)]
        owners = _first(places, names)
        owners[None] = None
        if len(known) == len(names):
            same_object: tuple[str | None, ...] = (None,) * len(names)
        else:
            earlier = zip(map(known.__getitem__, ids), names, strict=True)
            same_object = tuple([None if first == name else first for first, name in earlier])
        columns = Columns(
            names,
            value,
            tuple([self._dtypes[one] for one in dtype]),
            shape,
            requires_grad,
            is_leaf,
            kinds,
            output_nr,
            version,
            tuple(map(self._is_view, tensors)),
            tuple([None if base is None else known.get(id(base), "<other>") for base in bases]),
            retains_grad,
            *self.grads(tensors),
            tuple([owners[place] for place in places]),
            same_object,
            tuple(map(self.stride, tensors)),
            numbers,
        )
        return columns, graph

    def note_tangents(self, run: Run) -> None:
        """The tangents of all named tensors while their level still stands, see Note [Tangents]."""
        unpack = self._namespace.autograd.forward_ad.unpack_dual
        names, tangents = [], []
        for name, tensor in run.names.items():
            if isinstance(tensor, self._tensor):
                try:
                    tangent = unpack(tensor).tangent
                except RuntimeError:  # a view that may no longer be used
                    continue
                if tangent is not None:
                    names.append(f"{name}{TANGENT}[{len(run.tangents)}]" if run.tangents else name + TANGENT)
                    tangents.append(tangent)
        run.tangents.append(self._of_tangents(tuple(names), tangents) if names else Columns())

    def _of_tangents(self, names: tuple[str, ...], tangents: list[Any]) -> Columns:
        """The facts of tangents that are looked at; the others are the same for all."""
        shape = tuple([tuple(one.shape) for one in tangents])
        value = self.elements(tangents, [*map(prod, shape)], self.places(tangents))
        dtype = tuple([self._dtypes[one.dtype] for one in tangents])
        kinds = tuple([None if one.grad_fn is None else one.grad_fn.name() for one in tangents])
        requires_grad = tuple([one.requires_grad for one in tangents])
        zero, no, none = ((same,) * len(names) for same in (0, False, None))
        leaf, strides = (True,) * len(names), ((),) * len(names)
        return Columns(
            names, value, dtype, shape, requires_grad, leaf, kinds, zero, zero, no, none, no, None, none, none, none,
            none, strides, none,
        )  # fmt: skip

    def grads(self, tensors: list[Any]) -> tuple[bytes | None, tuple[Any, ...], tuple[Any, ...]]:
        """The columns on `.grad`: elements of those there are, shapes and dtypes."""
        try:
            grads = [*map(_grad, tensors)]
        except RuntimeError:  # as in `_columns`
            grads = [_grad_guarded(tensor) for tensor in tensors]
        held = [grad for grad in grads if grad is not None]
        if not held:
            none = (None,) * len(tensors)
            return None, none, none
        shapes = [None if grad is None else tuple(grad.shape) for grad in grads]
        counts = [prod(shape) for shape in shapes if shape is not None]
        elements = self.elements(held, counts, self.places(held))
        dtypes = tuple([None if grad is None else self._dtypes[grad.dtype] for grad in grads])
        for tensor, grad in zip(tensors, grads, strict=True):
            if grad is not None and grad.requires_grad:
                tensor.grad = None  # a gradient with a graph holds its own tensor, which torch never frees
        return elements, tuple(shapes), dtypes

    def elements(self, tensors: list[Any], counts: list[int], places: Sequence[Any]) -> bytes:
        """The elements of so many each, marshalled (version 2 has no back references)."""
        if max(counts) <= _LONGEST_LIST and min(places) >= 0:
            try:
                return marshal.dumps([*map(self._tolist, tensors)], 2)
            except _UNREADABLE:
                pass
        each = zip(tensors, counts, places, strict=True)
        return marshal.dumps([_elements(tensor, count, place) for tensor, count, place in each], 2)

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
            return self._dtypes[value]
        return f"<{type(value).__name__}>"


def _tensor_mark(tensor: Any) -> str:
    return TENSOR


def _storages(tensors: Sequence[Any]) -> list[int]:
    """Where the data of each lie. torch's zero tensors lie nowhere."""
    try:
        return [*map(_address, map(_storage, tensors))]
    except RuntimeError:
        return [*map(_storage_guarded, tensors)]


def _storage_guarded(tensor: Any) -> int:
    try:
        return tensor.untyped_storage().data_ptr()  # type: ignore[no-any-return]
    except RuntimeError:
        return ~id(tensor)


_LONGEST_LIST = 64  # elements up to which tolist and marshal are faster than numpy


def _elements(tensor: Any, count: int, place: int) -> Any:
    """The `count` elements of a tensor as `Columns.value` has them. Equal ones marshal to equal bytes.

    `place` is what `Observer.places` says: `tolist` of a view of a zero tensor is a segmentation fault in torch.
    """
    if count > _LONGEST_LIST:
        found = _array(tensor)
        return (found.tobytes(),) if isinstance(found, np.ndarray) else found
    try:
        return array_of(tensor).tolist() if place < 0 else tensor.tolist()
    except _UNREADABLE:
        found = _array(tensor)
        return found.tolist() if isinstance(found, np.ndarray) else found


def _array(tensor: Any) -> Any:
    """`array_of`, or a text that says why the elements cannot be read."""
    try:
        return array_of(tensor)
    except _UNREADABLE as error:
        return f"<unreadable: {type(error).__name__}>"


def array_of(tensor: Any) -> Any:
    """The elements as a NumPy array of their own; where NumPy lacks the dtype, in the next wider one."""
    plain = tensor.detach()
    wider = WIDER.get(str(plain.dtype).rpartition(".")[2])
    if wider is not None:
        plain = plain.float() if wider == "float32" else plain.cfloat()
    try:
        return plain.numpy().copy()
    except (RuntimeError, TypeError):  # a zero tensor has elements once it is cloned; a device has them of its own
        return plain.resolve_conj().resolve_neg().clone().cpu().numpy()


_LEAVES = frozenset({"AccumulateGrad", "torch::autograd::AccumulateGrad"})


def walked(
    roots: Sequence[Any], known: dict[int, str]
) -> tuple[Graph, tuple[str | None, ...], tuple[int | None, ...]]:
    """The graph behind some tensors' grad_fn, and of each its name and its number in that graph.

    Nodes are numbered in the order of discovery, from one root after the other, without recursion; `known` names
    tensors by id. A text in place of a root stands for its name.
    """
    numbers: dict[Any, int] = {}
    nodes: list[Any] = []
    edges: list[tuple[tuple[int | None, int], ...]] = []
    at = 0
    for root in roots:
        if root is None or root in numbers or type(root) is str:
            continue
        numbers[root] = at
        nodes.append(root)
        while at < len(nodes):
            found: list[tuple[int | None, int]] = []
            for child, index in nodes[at].next_functions:
                if child is None:
                    found.append((None, index))
                    continue
                number = numbers.get(child)
                if number is None:
                    number = numbers[child] = len(nodes)
                    nodes.append(child)
                found.append((number, index))
            edges.append(tuple(found))
            at += 1
    if not nodes:
        return Graph(), tuple(roots), (None,) * len(roots)
    kinds = [*map(_kind, nodes)]
    variables = [
        known.get(id(node.variable), "<other>") if kind in _LEAVES else None
        for node, kind in zip(nodes, kinds, strict=True)
    ]
    saved = tuple([READERS[type(node)](node) for node in nodes])
    graph = Graph(tuple(kinds), tuple(edges), tuple(variables), saved)
    found_as = tuple(map(numbers.get, roots))
    named = [root if number is None else kinds[number] for root, number in zip(roots, found_as, strict=True)]
    return graph, tuple(named), found_as
