"""What a node keeps of the forward pass, and the check that nobody wrote to it since.

What may live here: unpacking and its errors, saved outputs, packed values under hooks.

Note [Three ways to be saved]: an input is saved as the Tensor itself next to its version (two slots of the
node, see `registry`); a result would keep itself alive through its own grad_fn, so it is saved as array,
counter and version (SavedOutput); and whatever passes through saved-tensor hooks is a Packed. FREED takes
the place of all of them after the pass.

Note [Detached since]: a formula may not use an input that was saved as a result and made a leaf by `detach_()`
since. So that nobody else pays for it, such a tensor goes on counting through a Cut, whose versions equal
none that were noted before.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable
from typing import Any

import numpy as np

from minigrad import modes, saving_errors
from minigrad.accumulate_grad import AccumulateGrad, accumulator
from minigrad.lazy import set_bits
from minigrad.node import Node
from minigrad.tensor import Tensor, Uncounted, _new, memory, wrap
from minigrad.zeros import ZeroTensor


class _Freed:
    """Stands in a node's slot after `release`."""

    def unpack(self, node: Node) -> Tensor:
        raise saving_errors.graph_freed()


FREED = _Freed()


class SavedOutput:
    """The result of the op that made the node, without holding the result."""

    __slots__ = ("array", "counter", "nr", "version")

    def __init__(self, out: Tensor, nr: int) -> None:
        self.array = out._a
        counter = out._vc
        if counter is None:
            out._vc = counter = [0]
        self.counter = counter
        self.version = counter[0]
        self.nr = nr

    def unpack_raw(self, node: Node) -> Any:
        if self.counter[0] != self.version:
            raise modified(self.array, (self.nr, node.label), self.counter[0], self.version)
        return self.array

    def unpack(self, node: Node) -> Tensor:
        """A new tensor with the same data, counter and grad_fn."""
        self.unpack_raw(node)
        return self.tensor(node)

    def tensor(self, node: Node) -> Tensor:
        """The same, whether or not it was written to since."""
        out = _new(Tensor)
        out._a = self.array
        out._rg = True
        out._fn = node
        out._nr = self.nr
        out._grad = out._acc = out._meta = None
        out._vc = self.counter
        return out


class SavedWrittenView(SavedOutput):
    """The result of a write through a view, which is unpacked at the view's place in the graph while that lasts."""

    __slots__ = ("fn",)

    def __init__(self, out: Tensor, nr: int) -> None:
        super().__init__(out, nr)
        fn = out.grad_fn
        self.fn = None if fn is None else weakref.ref(fn)

    def unpack_raw(self, node: Node) -> Any:
        if self.counter[0] != self.version:
            raise modified(self.array, (self.nr, self._place(node).label), self.counter[0], self.version)
        return self.array

    def tensor(self, node: Node) -> Tensor:
        out = super().tensor(node)
        out._fn = self._place(node)
        return out

    def _place(self, node: Node) -> Node:
        return (self.fn and self.fn()) or node


def saved_result(out: Tensor) -> SavedOutput:
    """What the node of a write keeps of its result."""
    return (SavedWrittenView if out._is_view() else SavedOutput)(out, 0)


class SavedDual(SavedOutput):
    """A saved result that carries a tangent, given to what is unpacked by `carry(tensor, tangent)`."""

    __slots__ = ("__weakref__", "carry", "saved", "tangent")

    def __init__(self, saved: SavedOutput, tangent: Tensor, carry: Callable[[Tensor, Tensor], None]) -> None:
        self.array, self.counter, self.nr, self.version = saved.array, saved.counter, saved.nr, saved.version
        self.tangent: Tensor | None = tangent
        self.carry = carry
        self.saved = saved

    def unpack_raw(self, node: Node) -> Any:
        return self.saved.unpack_raw(node)

    def tensor(self, node: Node) -> Tensor:
        return self.saved.tensor(node)

    def unpack(self, node: Node) -> Tensor:
        out = super().unpack(node)
        if self.tangent is not None:
            self.carry(out, self.tangent)
        return out


_NOTHING: Any = object()
"""The payload where packing failed."""


class Packed:
    """A saved tensor as `pack` returned it; `unpack` makes a new tensor of it at each use.

    `nr` is the output number for results of the node itself, None for inputs.
    """

    __slots__ = (
        "accumulator",
        "counter",
        "fn",
        "nr",
        "output_nr",
        "payload",
        "requires_grad",
        "unpack_hook",
        "version",
    )

    def __init__(
        self, tensor: Tensor, pack: Callable[[Any], Any] | None, unpack: Callable[..., Any], nr: int | None
    ) -> None:
        self.nr = nr
        self.counter = tensor.counter()
        self.version = self.counter[0]
        self.unpack_hook = unpack
        self.requires_grad = tensor.requires_grad
        self.fn = tensor.grad_fn if nr is None else None
        self.output_nr = tensor._nr if nr is None else nr
        self.accumulator = accumulator(tensor) if self.requires_grad and nr is None and self.fn is None else None
        self.payload = _NOTHING
        if pack is not None:
            self.fill(tensor, pack)

    def fill(self, tensor: Tensor, pack: Callable[[Any], Any]) -> None:
        """Packs; where that fails the hooks stand all the same, and later the one that unpacks is given nothing."""
        with modes.no_grad():
            self.payload = pack(tensor)
        if self.counter[0] != self.version:
            raise RuntimeError(
                "A saved tensor pack hook is modifying its input in place. Tensors provided as input to pack "
                "hook "
                "cannot be modified by in-place operations as this can lead to unexpected side-effects. "
                "Please "
                "open an issue if you need to perform in-place operations on the input to a pack hook."
            )

    def unpack(self, node: Node) -> Tensor:
        value = self.unpack_hook() if self.payload is _NOTHING else self.unpack_hook(self.payload)
        if not isinstance(value, Tensor):
            raise TypeError(
                "Output of saved tensor unpack_hook expected to be a Tensor but got result of type "
                f"{type(value).__name__}"
            )
        out = detached(value)
        out._rg = self.requires_grad
        out._fn, out._nr = (self.fn, self.output_nr) if self.nr is None else (node, self.nr)
        if self.accumulator is not None:
            out._acc = weakref.ref(self.accumulator)
        return out

    def unpack_raw(self, node: Node) -> Any:
        return self.unpack(node)._a


class PackedNumber(Packed):
    """The same of a Python number, for formulas a number again: one that is a tensor would promote otherwise."""

    __slots__ = ()

    def unpack(self, node: Node) -> Any:
        out = super().unpack(node)
        return out if out._rg or out._a.ndim else out._a.item()

    def unpack_raw(self, node: Node) -> Any:
        out = self.unpack(node)
        return out._a if isinstance(out, Tensor) else out


def detached(tensor: Tensor) -> Tensor:
    """A tensor over the same array and version counter, outside of every graph."""
    out = _new(Tensor)
    out._a = memory(tensor)
    out._rg = False
    out._fn = out._grad = out._acc = out._meta = None
    out._nr = 0
    out._vc = tensor.counter()
    if type(tensor) is ZeroTensor:
        out.__class__ = ZeroTensor
    if tensor._meta is None:
        return out
    if tensor._meta.inference:
        out.meta().inference, out.meta().counted = True, not modes.state.inference
        out._vc = [0]
    elif tensor._meta.uncounted:
        out.meta().uncounted = True
        out.__class__ = Uncounted
    return set_bits(out, tensor._meta.bits)


def modified(array: Any, output: tuple[int, str] | None, version: int, expected: int) -> RuntimeError:
    return saving_errors.saved_tensor_modified(array, output, version, expected, anomaly=anomaly_enabled())


def anomaly_enabled() -> bool:
    return modes.state.anomaly is not None


def input_modified(tensor: Tensor, expected: int, node: Node | None = None, name: str = "") -> RuntimeError:
    """The error for the input `name` of `node`, whose version moved on or which was detached in place."""
    fn = tensor.grad_fn
    if fn is None and isinstance(tensor._vc, Cut) and not isinstance(expected, CutVersion):
        edge = dict(zip(getattr(node, "edges", ()), () if node is None else node.fns, strict=False)).get(name)
        if (edge is not None and type(edge) is not AccumulateGrad) or int(expected) == tensor._version:
            return saving_errors.saved_tensor_detached()
    output = None if fn is None else (0, fn.label)  # of an operand torch does not note which output it was
    return modified(tensor._a, output, tensor._version, expected)


class CutVersion(int):
    """A version of a tensor after a `detach_()`, which `owner` stands for; equal only to versions noted since."""

    owner: Cut

    def __eq__(self, other: object) -> bool:
        return isinstance(other, CutVersion) and other.owner is self.owner and int(self) == int(other)

    def __ne__(self, other: object) -> bool:
        return not self == other

    __hash__ = int.__hash__


class Cut(list[int]):
    """The version counter of a tensor after `detach_()`: that of its storage, seen as CutVersions."""

    __slots__ = ("shared",)

    def __init__(self, counter: list[int]) -> None:
        self.shared: list[int] = counter.shared if isinstance(counter, Cut) else counter

    def __getitem__(self, index: Any) -> Any:
        version = CutVersion(self.shared[0])
        version.owner = self
        return version

    def __setitem__(self, index: Any, version: Any) -> None:
        self.shared[0] = int(version)


def unpack(node: Node | None, saved: Any, version: int, name: str = "") -> Tensor | None:
    """The tensor that a formula of `node` takes from the slot `name`; None where nothing was saved."""
    if type(saved) is Tensor:
        counter = saved._vc
        if counter is not None and counter[0] != version:
            raise input_modified(saved, version, node, name)
        return saved
    if isinstance(saved, Tensor) and saved._vc is not None and saved._vc[0] != version:
        raise input_modified(saved, version, node, name)
    if saved is None or not hasattr(saved, "unpack"):
        return saved  # type: ignore[no-any-return]
    return saved.unpack(node)  # type: ignore[no-any-return]


def shown(node: Node, saved: Any, version: int) -> Tensor | None:
    """The tensor behind a slot for those who look at it; they may see one that was detached in place."""
    if type(saved) is Tensor and isinstance(saved._vc, Cut) and saved._version == int(version):
        return saved
    seen: Tensor | None = _as_tensor(unpack(node, saved, version))
    return seen


def _as_tensor(saved: Any) -> Any:
    """What is saved, Python numbers as the tensors that they are to torch."""
    return wrap(np.array(saved)) if isinstance(saved, (int, float, complex)) else saved


def unpack_raw(node: Node, saved: Any, version: int) -> Any:
    """The array behind a slot of `node` (or a Python number, or None)."""
    got = unpack(node, saved, version)
    return got._a if isinstance(got, Tensor) else got


_NO_HOOKS = (
    "register_hooks(): incompatible function arguments. The following argument types are supported:\n"
    "    1. (self: torch._C._autograd.SavedTensor, arg0: collections.abc.Callable, arg1: collections.abc.Callable)"
    " -> None\n\nInvoked with: <torch._C._autograd.SavedTensor object at {:#x}>, {!r}, {!r}"
)


class SavedTensor:
    """`_raw_saved_*`: a handle on one slot of one node, through which hooks can be put on it.

    Where a node saved a list, `among` is that list, and `slot` the place in it.
    """

    __slots__ = ("_among", "_node", "_slot")

    def __init__(self, node: Node, slot: Any, among: list[Any] | None = None) -> None:
        self._node, self._slot, self._among = node, slot, among

    def _saved(self) -> Any:
        return getattr(self._node, "s_" + self._slot) if self._among is None else self._among[self._slot]

    @property
    def data(self) -> Any:
        """What is kept: a tensor, or what a hook packed; None where nothing is."""
        saved = self._saved()
        if isinstance(saved, Packed):
            return saved.payload
        tensor = saved.tensor(self._node) if isinstance(saved, SavedOutput) else _as_tensor(saved)
        return tensor if isinstance(tensor, Tensor) else None

    @property
    def unpack_hook(self) -> Any:
        """The hook that unpacks it, if there is one."""
        saved = self._saved()
        return saved.unpack_hook if isinstance(saved, Packed) else None

    def register_hooks(self, pack_hook: Callable[[Any], Any], unpack_hook: Callable[[Any], Any]) -> None:
        """Packs the saved tensor now; it is unpacked by `unpack_hook` at each use.

        Raises RuntimeError where nothing is saved, it was freed, or hooks stand already.
        """
        saved = self._saved()
        if not callable(pack_hook) or not callable(unpack_hook):
            raise TypeError(_NO_HOOKS.format(id(self), pack_hook, unpack_hook))
        if saved is FREED:
            raise saving_errors.hooks_after_release()
        if saved is None:
            raise RuntimeError("Calling register_hooks on a saved tensor with value None is forbidden")
        if isinstance(saved, Packed):
            raise RuntimeError(
                "Calling register_hooks on a saved tensor whose hooks have already been set. Hint: only one "
                "pair of "
                "hooks is allowed at a time."
            )
        nr = saved.nr if isinstance(saved, SavedOutput) else None
        tensor = saved.tensor(self._node) if isinstance(saved, SavedOutput) else _as_tensor(saved)
        if isinstance(tensor, Tensor):
            packed = (Packed if tensor is saved or nr is not None else PackedNumber)(tensor, None, unpack_hook, nr)
            if self._among is None:
                setattr(self._node, "s_" + self._slot, packed)
            else:
                self._among[self._slot] = packed
            packed.fill(tensor, lambda t: pack_hook(detached(t)))
