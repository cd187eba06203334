"""Tensor: an array, its place in the graph, and whatever few tensors have besides (Meta).

What may live here: the slots and the facts that need nothing else. Operations are attached by `registry`,
views by `views`, differentiation by `autograd`; nothing is looked up by name at run time.
"""

from __future__ import annotations

import warnings
from collections import OrderedDict
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from minigrad import assigned_grad, dtypes, errors, modes
from minigrad.device import CPU, device, strided
from minigrad.sizes import Size as Size
from minigrad.sizes import as_size

DEFAULT, IN_CUSTOM_FUNCTION, MULTI_OUTPUT_NODE, NO_GRAD_MODE, INFERENCE_MODE = range(5)
"""How a view was made, which decides whether it may be written to later (torch's CreationMeta)."""


class Meta:
    """What most tensors do without: being a view, hooks, retained gradients, inference, tangents.

    `base` is the root that a view looks into (never itself a view), `attr_version` the version at which the
    view's grad_fn was last right, `creation` how the view was made, `replay` how it is had from the root where
    sizes and strides cannot tell (views under another dtype). `bits` say that memory holds the conjugates or
    negatives of the elements (lazy.Note [Lazy]). `counted`: an inference tensor, detached outside of the mode, that
    has a version all the same. `uncounted`: a tensor that is no longer
    an inference tensor and has none. `hooks` are a tensor's own hooks.
    `primal`: it was taken out of a dual tensor, or is a view of such, and sees no tangent of its base. `number`: it
    stands for a number, which packing hooks are not shown. `grad_dtype`: NumPy's dtype that gradients of a leaf are
    cast to, None for any, Ellipsis where nothing was said.
    """

    # defaults live in the class, so that making one costs no more than what it says
    base: Tensor | None = None
    creation = DEFAULT
    bits = 0
    attr_version = 0
    hooks: OrderedDict[int, Any] | None = None
    post_acc_hooks: OrderedDict[int, Any] | None = None
    retains = False
    inference = False
    counted = False
    uncounted = False
    replay: Callable[[Tensor], Tensor] | None = None
    tangent: Tensor | None = None
    primal = False
    number = False
    grad_dtype: Any = ...


class Tensor:
    """An n-dimensional array that remembers how it came about.

    Slots: `_a` the ndarray (never a NumPy scalar); `_rg` whether it requires grad by itself; `_fn`, `_nr` its
    grad_fn and the output it is of it; `_grad`; `_acc` a weak reference to a leaf's AccumulateGrad; `_vc` the
    version counter, a one-element list shared by all that share the storage, None until somebody writes or
    looks through another tensor; `_meta` a Meta or None.
    """

    __slots__ = ("__dict__", "__weakref__", "_a", "_acc", "_fn", "_grad", "_meta", "_nr", "_rg", "_vc")

    _a: np.ndarray[Any, Any]
    _acc: Any
    _fn: Any
    _grad: Tensor | None
    _meta: Meta | None
    _nr: int
    _rg: bool
    _vc: list[int] | None
    __array_priority__ = 1000
    __hash__ = object.__hash__

    if TYPE_CHECKING:  # operations are attached by the registry, the rest by the modules that know how
        backward: Any
        data: Any
        grad_fn: Any
        register_hook: Any
        register_post_accumulate_grad_hook: Any
        retain_grad: Any

        def __getattr__(self, name: str) -> Any: ...
        def __add__(self, other: Any) -> Tensor: ...
        def __mul__(self, other: Any) -> Tensor: ...
        def __getitem__(self, index: Any) -> Tensor: ...

    # -- facts of the data ------------------------------------------------------------------------------

    @property
    def shape(self) -> Size:
        return as_size(Size, self._a.shape)

    @property
    def dtype(self) -> dtypes.dtype:
        return dtypes.FROM_NUMPY[self._a.dtype]

    @property
    def ndim(self) -> int:
        return self._a.ndim

    @property
    def device(self) -> device:
        return CPU

    @property
    def layout(self) -> Any:
        return strided

    @property
    def itemsize(self) -> int:
        return self._a.itemsize

    @property
    def nbytes(self) -> int:
        return self._a.nbytes

    @property
    def is_cpu(self) -> bool:
        return True

    @property
    def is_cuda(self) -> bool:
        return False

    @property
    def is_sparse(self) -> bool:
        return False

    @property
    def is_quantized(self) -> bool:
        return False

    @property
    def is_meta(self) -> bool:
        return False

    @property
    def is_mkldnn(self) -> bool:
        return False

    @property
    def is_nested(self) -> bool:
        return False

    def dim(self) -> int:
        """Number of dimensions."""
        return self._a.ndim

    ndimension = dim

    def numel(self) -> int:
        """Number of elements."""
        return self._a.size

    nelement = numel

    def element_size(self) -> int:
        """Bytes per element."""
        return self._a.itemsize

    def is_floating_point(self) -> bool:
        return bool(self._a.dtype.kind == "f")

    def is_complex(self) -> bool:
        return bool(self._a.dtype.kind == "c")

    def is_signed(self) -> bool:
        return self._a.dtype.kind in "fic"

    def is_conj(self) -> bool:
        return self._meta is not None and bool(self._meta.bits & 1)

    def is_neg(self) -> bool:
        return self._meta is not None and bool(self._meta.bits & 2)

    def _is_zerotensor(self) -> bool:
        return False

    def is_inference(self) -> bool:
        """Whether the tensor was made in inference mode."""
        return self._meta is not None and self._meta.inference

    # -- place in the graph -----------------------------------------------------------------------------

    @property
    def requires_grad(self) -> bool:
        """Whether gradients flow to or through this tensor."""
        if self._rg:
            return True
        meta = self._meta
        return meta is not None and meta.base is not None and meta.base.requires_grad

    @requires_grad.setter
    def requires_grad(self, value: bool) -> None:
        if not isinstance(value, bool):
            raise RuntimeError("requires_grad must be a bool")
        if self._fn is not None:
            raise errors.requires_grad_of_non_leaf(value)
        if value and self._a.dtype.kind not in "fc":
            raise errors.only_floating_require_grad()
        self._set_requires_grad(value)

    def _set_requires_grad(self, value: bool) -> None:
        if value and modes.state.inference is False and self.is_inference():
            raise errors.inference_requires_grad()
        self._rg = value
        if value and self.is_inference() and type(self) is Tensor:
            self.__class__ = InferenceLeaf

    def requires_grad_(self, requires_grad: bool = True) -> Tensor:
        """Sets `requires_grad` in place; raises where the attribute would, in the method's words."""
        if not isinstance(requires_grad, bool):
            raise errors.wrong_argument("requires_grad_", "requires_grad", 1, "bool", requires_grad)
        if self._fn is not None and not requires_grad:  # of a stale view torch does not look whether it has one by now
            raise errors.requires_grad_of_non_leaf(False)
        if requires_grad and self._a.dtype.kind not in "fc":
            raise errors.only_floating_require_grad_method()
        if self._fn is None:
            self._set_requires_grad(requires_grad)
        return self

    @property
    def is_leaf(self) -> bool:
        """Whether no recorded operation made this tensor."""
        return not self.requires_grad or self.grad_fn is None

    @property
    def output_nr(self) -> int:
        """Which output of `grad_fn` this tensor is."""
        return self._nr

    @property
    def retains_grad(self) -> bool:
        """Whether `retain_grad()` was called on this non-leaf tensor."""
        return self._meta is not None and self._meta.retains

    @property
    def _version(self) -> int:
        if self._meta is not None and (self._meta.uncounted or (self._meta.inference and not self._meta.counted)):
            raise errors.inference_has_no_version()
        return 0 if self._vc is None else int(self._vc[0])

    @property
    def _base(self) -> Tensor | None:
        return None if self._meta is None else self._meta.base

    @property
    def grad(self) -> Tensor | None:
        """The accumulated gradient; warns when read from a non-leaf that retains none."""
        if self._grad is None and self._fn is not None and not self.retains_grad:  # a stale view is not looked into
            warnings.warn(errors.GRAD_OF_NON_LEAF, UserWarning, stacklevel=2)
        return self._grad

    @grad.setter
    def grad(self, value: Tensor | None) -> None:
        if value is not None:
            assigned_grad.check_assigned_grad(self, value, Tensor)
        self._grad = value

    @grad.deleter
    def grad(self) -> None:
        self._grad = None

    @property
    def grad_dtype(self) -> dtypes.dtype | None:
        """The dtype that gradients of this leaf are cast to, its own unless set; None allows any."""
        if not self.is_leaf:
            raise RuntimeError("grad_dtype can only be accessed on leaf tensors.")
        allowed = self._grad_dtype()
        return None if allowed is None else dtypes.FROM_NUMPY[allowed]

    @grad_dtype.setter
    def grad_dtype(self, value: dtypes.dtype | None) -> None:
        assigned_grad.check_grad_dtype(self, value)
        self.meta().grad_dtype = allowed = None if value is None else np.dtype(value.numpy)
        node = None if self._acc is None else self._acc()
        if node is not None:
            node.dt = allowed  # graphs that lead here already, too

    def _grad_dtype(self) -> Any:
        """The same as NumPy has it, of any tensor."""
        meta = self._meta
        return self._a.dtype if meta is None or meta.grad_dtype is ... else meta.grad_dtype

    def _is_view(self) -> bool:
        return self._meta is not None and self._meta.base is not None

    def meta(self) -> Meta:
        """This tensor's Meta, made now if there was none."""
        if self._meta is None:
            self._meta = Meta()
        return self._meta

    def counter(self) -> list[int]:
        """This tensor's version counter, made now if there was none."""
        if self._vc is None:
            self._vc = [0]
        return self._vc

    def __len__(self) -> int:
        if self._a.ndim == 0:
            raise TypeError("len() of a 0-d tensor")
        return int(self._a.shape[0])




class InferenceLeaf(Tensor):
    """An inference tensor that requires grad, of which no fast path knows: beside others of its kind autograd does not
    see that it does."""

    __slots__ = ()


class Uncounted(Tensor):
    """A tensor that was an inference tensor before its `data` were set, of which no fast path knows that it has no
    version."""

    __slots__ = ()


Uncounted.__name__ = Uncounted.__qualname__ = Tensor.__name__
InferenceLeaf.__name__ = InferenceLeaf.__qualname__ = Tensor.__name__
_new = Tensor.__new__
_slot: Any = Tensor.__dict__["_a"]


def memory(x: Tensor) -> np.ndarray[Any, Any]:
    """The array over the memory that `x` looks at, whatever its elements mean (lazy.Note [Lazy])."""
    return _slot.__get__(x)  # type: ignore[no-any-return]


def set_memory(x: Tensor, array: np.ndarray[Any, Any]) -> None:
    _slot.__set__(x, array)


def wrap(array: np.ndarray[Any, Any], requires_grad: bool = False) -> Tensor:
    """A new leaf over `array`, which is not copied (0-d arrays allowed, NumPy scalars not)."""
    out = _new(Tensor)
    out._a = array
    out._rg = requires_grad
    out._fn = out._grad = out._acc = out._vc = None
    out._nr = 0
    if modes.state.inference:
        out._meta = meta = Meta()
        meta.inference = True
        if requires_grad:
            out.__class__ = InferenceLeaf
    else:
        out._meta = None
    return out


def as_array(value: Any) -> np.ndarray[Any, Any]:
    """A kernel's result as an ndarray: NumPy turns 0-d results into scalars, which tensors never hold."""
    return value if type(value) is np.ndarray else np.asarray(value)
