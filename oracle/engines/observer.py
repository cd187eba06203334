"""Turns what a run of a torch-like engine left behind into plain data.

What may live here: reading each fact of a tensor, the backward graph, and results, through torch's public
attribute names alone. Each tensor is read once, after the program's end, in the order of its names: reading a
stale view's grad_fn regenerates it. Everything is copied; no engine object survives in an Observation.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from oracle.interpreter import NOT_REACHED, Run
from oracle.observation import TENSOR, Graph, Observation, Raised, Returned, TensorFacts

_RETURNED_TENSOR = Returned(TENSOR)
_RETURNED_NONE = Returned(None)
_SCALARS = (bool, int, float, complex, str, type(None))


def _storage(tensor: Any) -> int:
    """Where a tensor's data lie. torch's zero tensors lie nowhere; they count as having a place of their own."""
    try:
        return tensor.untyped_storage().data_ptr()  # type: ignore[no-any-return]
    except RuntimeError:
        return id(tensor)


class Observer:
    """Reads the tensors of one namespace. `observe` gives the Observation of a finished run."""

    def __init__(self, engine: str, namespace: Any) -> None:
        self._engine = engine
        self._namespace = namespace
        self._module = str(getattr(namespace, "__name__", ""))
        self._tensor: type[Any] = namespace.Tensor
        self._dtypes: dict[Any, str] = {}

    def copy(self, value: Any) -> Any:
        """A value as plain data now: tensors become arrays, containers keep their form."""
        if isinstance(value, self._tensor):
            return self.array(value)
        return self._plain(value, self.array)

    def array(self, tensor: Any) -> Any:
        """The elements as a NumPy array of their own; where NumPy lacks the dtype, as float32."""
        try:
            return tensor.detach().numpy().copy()
        except (TypeError, RuntimeError, AttributeError):
            return self._array_by_detour(tensor)

    def _array_by_detour(self, tensor: Any) -> Any:
        """Conjugate and negative views and torch's zero tensors (a gradient of sgn) are resolved first; bfloat16
        has no NumPy dtype and widens exactly."""
        try:
            plain = tensor.detach().resolve_conj().resolve_neg().clone()
            return (plain.float() if self.dtype(tensor) == "bfloat16" else plain).numpy()
        except (TypeError, RuntimeError, AttributeError) as error:
            return f"<unreadable: {type(error).__name__}>"

    def dtype(self, tensor: Any) -> str:
        """The dtype's name without its module."""
        dtype = tensor.dtype
        name = self._dtypes.get(dtype)
        if name is None:
            name = self._dtypes[dtype] = str(dtype).rpartition(".")[2]
        return name

    def observe(self, run: Run) -> Observation:
        """All facts of a finished run."""
        named = {name: value for name, value in run.names.items() if isinstance(value, self._tensor)}
        walk = _GraphWalk({id(tensor): name for name, tensor in reversed(named.items())})
        tensors: dict[str, TensorFacts] = {}
        owners: dict[int, str] = {}
        for name, tensor in named.items():
            tensors[name] = self._facts(name, tensor, walk, owners)
        return Observation(
            self._engine,
            self._outcomes(run),
            tensors,
            walk.graph(),
            tuple(run.calls),
            tuple(run.warnings),
            tuple(run.prints),
            self._module,
        )

    def _facts(self, name: str, tensor: Any, walk: _GraphWalk, owners: dict[int, str]) -> TensorFacts:
        first_name = walk.names[id(tensor)]
        grad_fn = grad_node = None
        try:
            node = tensor.grad_fn
            if node is not None:
                grad_fn = node.name()
                grad_node = walk.number(node)
            is_leaf, retains_grad = tensor.is_leaf, tensor.retains_grad
            grad = tensor.grad  # of a non-leaf this warns: batches observe with warnings off
        except RuntimeError as error:
            grad_fn = is_leaf = retains_grad = f"raises {type(error).__name__}: {error}"
            grad = None
        base = tensor._base
        storage = _storage(tensor)
        shape = tuple(tensor.shape)
        return TensorFacts(
            self.array(tensor),
            self.dtype(tensor),
            tuple(tensor.shape),
            tensor.requires_grad,
            is_leaf,
            grad_fn,
            tensor.output_nr,
            tensor._version,
            tensor._is_view(),
            None if base is None else walk.names.get(id(base), "<other>"),
            retains_grad,
            None if grad is None else self.array(grad),
            None if grad is None else self.dtype(grad),
            owners.setdefault(storage, name) if storage else None,
            None if first_name == name else first_name,
            tensor.stride(),
            grad_node=grad_node,
        )

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
                outcomes.append(Returned(self._plain(result, self._tensor_mark)))
        return outcomes

    @staticmethod
    def _tensor_mark(tensor: Any) -> str:
        return TENSOR

    def _plain(self, value: Any, tensor: Any) -> Any:
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
            return str(value).rpartition(".")[2]
        return f"<{type(value).__name__}>"


class _GraphWalk:
    """Numbers the nodes reachable from the tensors in the order of discovery, without recursion."""

    def __init__(self, names: dict[int, str]) -> None:
        self.names = names
        """The first name of each tensor object, by id."""
        self._numbers: dict[int, int] = {}
        self._nodes: list[Any] = []  # kept alive, so that ids stay theirs
        self._kinds: list[str] = []
        self._edges: list[tuple[tuple[int | None, int], ...]] = []
        self._variables: list[str | None] = []

    def number(self, node: Any) -> int:
        """The number of `node`; new ones are walked from here."""
        known = self._numbers.get(id(node))
        if known is not None:
            return known
        start = self._add(node)
        pending = [start]
        while pending:
            at = pending.pop()
            edges: list[tuple[int | None, int]] = []
            for child, index in self._nodes[at].next_functions:
                if child is None:
                    edges.append((None, index))
                    continue
                number = self._numbers.get(id(child))
                if number is None:
                    number = self._add(child)
                    pending.append(number)
                edges.append((number, index))
            self._edges[at] = tuple(edges)
        return start

    def _add(self, node: Any) -> int:
        number = len(self._nodes)
        self._numbers[id(node)] = number
        self._nodes.append(node)
        kind = node.name()
        self._kinds.append(kind)
        self._edges.append(())
        variable = None
        if kind.endswith("AccumulateGrad"):
            variable = self.names.get(id(node.variable), "<other>")
        self._variables.append(variable)
        return number

    def graph(self) -> Graph:
        return Graph(tuple(self._kinds), tuple(self._edges), tuple(self._variables))
