"""Gradients as plain arrays within one pass: who else holds a buffer, how often it was written, which Tensor it is.

What may live here: the bookkeeping that makes raw gradients look from outside exactly like Tensors would.

Note [Last reference]: a buffer that only the engine holds may be added to in place, and may become a leaf's
gradient. Reference counts tell; what they are for a fresh buffer is measured once, on this interpreter.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from sys import getrefcount
from typing import Any
from weakref import ref

import numpy as np
from numpy import add, ndarray

from minigrad.layout import laid_out
from minigrad.lazy import LazyTensor
from minigrad.memory import strides_of
from minigrad.modes import state
from minigrad.tensor import NO_GRAD_MODE, Tensor, memory, wrap
from minigrad.views import attach_view
from minigrad.windows import Unchecked, address, offset_of
from minigrad.zeros import ZeroTensor, zero_tensor


def _references(container: Any, key: Any) -> int:
    held = container[key]
    return getrefcount(held)


_ALONE = _references({0: np.zeros(1)}, 0)


_KNOWN_ALONE = _ALONE
"""A Tensor that only `known` holds is held as often, while looked at, as a buffer that only its container holds."""


def fresh(container: Any, key: Any) -> bool:
    """Whether `container` holds the last reference to what is at `key` (and to the memory behind it)."""
    held = container[key]
    if getrefcount(held) > _ALONE:
        return False
    if type(held) is not np.ndarray or held.base is None:
        return True
    return 0 not in (held.strides if held.size else strides_of(held))


def as_added(grad: Any) -> Any:
    """An array as torch adds it: complex numbers are multiplied by 1 on the way, which signs of zeros show."""
    return grad * complex(1) if grad.dtype.kind == "c" else grad


class _Look:
    """What an array looks through that shares the memory of another one and is not to be known as its view."""

    def __init__(self, array: Any) -> None:
        self.base, self.__array_interface__ = array, array.__array_interface__


def _is_owned(array: Any) -> bool:
    """Whether an array is all there is of its memory, also where it was laid out otherwise (`views.owner`)."""
    return array.base is None or not (isinstance(array.base, (ndarray, _Look, Unchecked)) or 0 in array.strides)


def _looked_into(array: Any) -> Any:
    """What an array looks into, None where it does not; NumPy does not check where arrays without elements look."""
    return array.base.base if type(array.base) is Unchecked else array.base


def add_tensor(container: Any, key: Any, grad: Tensor) -> None:
    """Adds to a buffer that is a Tensor: in place where nobody else sees it and no graph is recorded."""
    had = container[key]
    owned = not state.asked and getrefcount(had) <= _ALONE and not had._is_view() and type(had) is not ZeroTensor
    both = owned and type(had._a) is ndarray and type(grad._a) is ndarray  # batched ones are no arrays
    if both and 0 not in had._a.strides:
        had.add_(grad)
    else:
        container[key] = had + grad


def _same_window(lazy: Any, view: Any, whole: Any) -> Tensor:
    """The view of a tensor with bits that `view` is of `whole`, the array that stands for it."""
    item = whole.itemsize
    offset = (address(view) - address(whole)) // item + offset_of(memory(lazy))
    out: Tensor = lazy.as_strided(view.shape, tuple([s // item for s in view.strides]), offset)
    return out


def _gone(owner: Any, key: int, _: Any) -> None:
    """What stood for a Tensor with bits has gone. The pass is known weakly: else it would hold itself."""
    raw = owner()
    if raw is not None:
        del raw.lazy[key]


def _shows_writes(grad: Tensor) -> bool:
    return grad.is_inference() and not state.inference


class RawPass:
    """The arrays of one pass that are known as Tensors, and those that were added to in place."""

    __slots__ = ("__weakref__", "bumps", "detached", "known", "lazy", "looks", "owners", "zeros")

    def __init__(self, grads: Sequence[Tensor | None]) -> None:
        self.known: dict[int, Tensor] = {id(g._a): g for g in grads if g is not None} if grads else {}
        self.owners: dict[int, Tensor] = {}  # roots whose array itself looks into another one
        self.detached: dict[int, Any] = {}  # what a hook returned that looks at the same array, by that
        self.lazy: dict[int, tuple[Any, Tensor]] = {}  # what stands for tensors with bits, as long as it is used
        self.looks: dict[int, list[int]] = {}  # what is known as a view, by the array that it looks into
        self.bumps: dict[int, list[Any]] = {}
        self.zeros = False  # whether some array stands for what formulas on arrays know nothing of (`needs_tensors`)
        for g in grads:
            if type(g) is ZeroTensor or (g is not None and g._meta is not None and _shows_writes(g)):
                self.zeros = True
            if g is not None and (g._meta is not None or g._a.base is not None):
                root = g if g._meta is None or g._meta.base is None else g._meta.base
                self.known.setdefault(id(root._a), root)
                if root._a.base is not None:
                    self.owners[id(root._a.base)] = root

    def add_into(self, container: Any, key: Any, grad: Any) -> None:
        """Adds `grad` to the buffer at `key`: in place where nobody else sees it."""
        had = container[key]
        if self.zeros:
            if self.zero(had) and self.zero(grad):
                container[key] = self.replaced(zero_tensor(had.shape, had.dtype))
                return
            if self.zero(had) or (self.zero(grad) and getrefcount(had) > _ALONE):
                container[key] = np.array(grad if self.zero(had) else had, order="K")
                return
        if grad.dtype.kind == "c":
            grad = as_added(grad)
        if id(had) in self.known:
            if self.zeros and self.needs_tensors(had):  # an inference tensor is not added to in place
                self._add(container, key, had, grad)
                return
            self.forget(had)
        if getrefcount(had) <= _ALONE:
            if type(had) is list:  # what arrived for a node of several outputs: this is for the first of them
                if had[0] is None:
                    had[0] = grad
                else:
                    self.add_into(had, 0, grad)
                return
            if type(had) is not ndarray:  # a NumPy scalar, which nobody can see change
                had = container[key] = np.asarray(had + grad)
            elif had.base is None or _is_owned(had) or self._looks_alone(had):
                try:
                    add(had, grad, had)
                except ValueError:  # it is read-only
                    self._add(container, key, had, grad)
                    return
            else:
                self._add(container, key, had, grad)
                return
            entry = self.bumps.get(id(had))
            if entry is not None and entry[0]() is had:
                entry[1] += 1
            else:
                self.bumps[id(had)] = [ref(had), 1]
            return
        self._add(container, key, had, grad)

    def _looks_alone(self, array: Any) -> bool:
        """Whether what a hook detached is all that is left of what the hook was given."""
        look = array.base
        if type(look) is not _Look:
            return False
        self.forget(look.base)
        return getrefcount(look.base) <= 2  # the look's own and the question's

    def zero(self, array: Any) -> bool:
        """Whether an array stands for a ZeroTensor, whose sum with another one is a copy of that."""
        return type(self.known.get(id(array))) is ZeroTensor

    def needs_tensors(self, array: Any) -> bool:
        """Whether an array stands for a ZeroTensor, or for an inference tensor, of which kernels show what they do."""
        found = self.known.get(id(array))
        return found is not None and (type(found) is ZeroTensor or _shows_writes(found))

    @staticmethod
    def _add(container: Any, key: Any, had: Any, grad: Any) -> None:
        """Puts the sum of both at `key`, as an array of its own."""
        made = add(had, grad, out=...)
        container[key] = made if made.ndim < 2 else laid_out(made, (had, grad))

    def written(self, array: Any, times: int = 1) -> Any:
        """Notes that `array` was filled by so many writes, as some formulas do, and returns it."""
        self.bumps[id(array)] = [ref(array), self.version(array) + times]
        return array

    def version(self, array: Any) -> int:
        """How often an array (or what it looks into) was written during this pass."""
        entry = self.bumps.get(id(array))
        if entry is not None and entry[0]() is array:
            return entry[1]  # type: ignore[no-any-return]
        found = self.known.get(id(array))
        if found is not None and found._a is array and found._vc is not None:
            return int(found._vc[0])
        base = array.base if type(array) is ndarray else None
        return 0 if base is None else self.version(base)

    def tensor(self, grad: Any) -> Tensor:
        """An array as a Tensor: always the same one for the same buffer, a view where the array is one."""
        found = self.known.get(id(grad))
        if found is not None and found._a is grad:
            return found
        if self.lazy:
            here, lazy = self.lazy.get(id(grad), (None, None))
            if here is not None and here() is grad:
                return lazy  # type: ignore[return-value]
            below = grad.base if type(grad) is ndarray else None
            here, lazy = self.lazy.get(id(below), (None, None))
            if here is not None and here() is below:
                if below.dtype is not grad.dtype:  # the real part, which has no bits and looks at what is behind
                    made = wrap(grad)
                    behind = lazy._meta.base  # type: ignore[union-attr]
                    if behind is not None:  # there is none in inference mode
                        attach_view(made, behind, NO_GRAD_MODE)
                    self.known[id(grad)] = made
                    return made
                made = _same_window(lazy, grad, below)
                self._stands_for(grad, made)
                return made
        array = grad if type(grad) is ndarray else np.asarray(grad)
        made = wrap(array)
        below = _looked_into(array)
        if self.bumps and (below is not None or id(array) in self.bumps):
            version = self.version(array)
            if version:
                made._vc = [version]
        if below is not None and isinstance(below, ndarray):
            base = self.owners.get(id(below))
            if self.detached and id(below) in self.detached:
                detached = self.detached[id(below)]()
                base = base if detached is None else detached
            attach_view(made, self.tensor(below) if base is None else base, NO_GRAD_MODE)
            if made._meta is not None and made._meta.base is not None:
                self.looks.setdefault(id(made._meta.base._a), []).append(id(array))
        self.known[id(array)] = made
        return made

    def made_in_inference(self, array: Any) -> bool:
        """Whether an array of a pass in inference mode looks into nothing that was there before, which is normal."""
        while type(array) is ndarray:
            found = self.known.get(id(array))
            if found is not None and found._a is array:
                return bool(found.is_inference())
            array = array.base
        return True

    def forget(self, array: Any) -> bool:
        """Lets go of the Tensor that stands for `array` if nobody else holds it, so that it does not count.

        Also says whether it did.
        """
        found = self.known.get(id(array))
        for view in self.looks.pop(id(array), ()) if self.looks else ():
            if view in self.known and _references(self.known, view) <= _KNOWN_ALONE:
                del self.known[view]
        if found is not None and found._a is array and getrefcount(found) <= _KNOWN_ALONE:
            if found._vc is not None and found._meta is None:
                self.bumps[id(array)] = [ref(array), found._vc[0]]
            del self.known[id(array)]
            return True
        return False

    def given(self, tensor: Tensor) -> Any:
        """The array of a cotangent."""
        return self.array(tensor) if type(tensor) is LazyTensor else tensor._a

    def replaced(self, tensor: Tensor) -> Any:
        """The array of a Tensor that a hook saw or returned, which stands for that array from now on.

        One that looks at the array of another known Tensor, as `detach()` gives it, gets an array of its own.
        """
        if type(tensor) is LazyTensor:
            return self.array(tensor)
        found = self.known.get(id(tensor._a))
        if found is not None and found is not tensor and found._a is tensor._a and type(tensor) is Tensor:
            self.detached[id(tensor._a)] = ref(tensor)  # the base of windows that ops open into the memory itself
            tensor._a = np.asarray(_Look(tensor._a))
        self.known[id(tensor._a)] = tensor
        self.zeros = self.zeros or type(tensor) is ZeroTensor
        return tensor._a

    def _stands_for(self, array: Any, tensor: Tensor) -> None:
        """Notes that `array` stands for a Tensor with bits, until it goes; the pass itself may go before."""
        self.lazy[id(array)] = ref(array, partial(_gone, ref(self), id(array))), tensor

    def array(self, tensor: Tensor) -> Any:
        """The array of a Tensor that a formula made, with how often it (or what it looks into) was "
        "written."""
        root = tensor if tensor._meta is None or tensor._meta.base is None else tensor._meta.base
        if tensor._meta is not None and tensor._meta.bits:  # what its elements mean, which is to look like a view
            held = tensor._a
            meant = self.written(held, 0 if root._vc is None else root._vc[0])[...]
            for array in (held, meant):  # the former is the base of views of the latter
                self._stands_for(array, tensor)
            return meant
        found = self.known.get(id(root._a))
        replaces = root is tensor and found is not None and found is not tensor
        if type(tensor) is ZeroTensor or replaces or type(root) is LazyTensor or _shows_writes(tensor):
            # whose array stands for nothing here
            return self.replaced(tensor)
        if found is None and root._vc is not None and root._vc[0]:
            self.bumps[id(root._a)] = [ref(root._a), root._vc[0]]
        return tensor._a
