"""Tensors as other things: Python numbers, lists, NumPy arrays; and what `bool`, `iter` and `in` say.

What may live here: what leaves the world of tensors, or what Python's own protocols ask of them. METHODS
names the attribute of Tensor that each function becomes, FUNCTIONS the public functions. Copies and pickles
are in `serialization`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NoReturn

import numpy as np

from minigrad.dtypes import Array
from minigrad.from_data import from_ndarray, overflow
from minigrad.signatures import Parser
from minigrad.storage import hold
from minigrad.tensor import Tensor, wrap
from minigrad.warn import warn_once

# --- numbers ---


def _no_arguments(method: str, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> None:
    if kwargs:
        raise TypeError(f"TensorBase.{method}() takes no keyword arguments")
    if args:
        raise TypeError(f"TensorBase.{method}() takes no arguments ({len(args)} given)")


def item(self: Tensor, *args: Any, **kwargs: Any) -> Any:
    """The one element as a Python number. Raises RuntimeError if there are more or none."""
    if args or kwargs:
        _no_arguments("item", args, kwargs)
    array = self._a
    if array.size != 1:
        raise RuntimeError(f"a Tensor with {array.size} elements cannot be converted to Scalar")
    return array.item()


def tolist(self: Tensor, *args: Any, **kwargs: Any) -> Any:
    """The elements as nested lists of Python numbers; a plain number for a 0-dim tensor."""
    if args or kwargs:
        _no_arguments("tolist", args, kwargs)
    if self._is_zerotensor():
        raise RuntimeError("tolist() shouldn't be called on a tensor with unallocated storage")
    return self._a.tolist()


def to_bool(self: Tensor) -> bool:
    """Whether the one element is nonzero. Raises RuntimeError if there are more or none."""
    array = self._a
    if array.size == 1:
        return bool(array.item())
    problem = "more than one value" if array.size else "no values"
    raise RuntimeError(f"Boolean value of Tensor with {problem} is ambiguous")


def _scalar(self: Tensor, c_type: str | None) -> Any:
    """The one element for `float()` and relatives; complex numbers must be real if `c_type` is given."""
    if self._a.size != 1:
        raise ValueError("only one element tensors can be converted to Python scalars")
    value = self._a.item()
    if c_type is not None and isinstance(value, complex):
        if value.imag != 0:
            raise overflow(c_type)
        return value.real
    return value


def _warn_requires_grad(self: Tensor) -> None:
    if self.requires_grad:
        warn_once(
            "Converting a tensor with requires_grad=True to a scalar may lead to unexpected behavior.\n"
            "Consider using tensor.detach() first."
        )


def to_float(self: Tensor) -> float:
    """`float(t)`: the one element. Raises ValueError for more or none, RuntimeError for imaginary parts."""
    _warn_requires_grad(self)
    return float(_scalar(self, "double"))


def to_int(self: Tensor) -> int:
    """`int(t)`: the one element, rounded towards zero."""
    return int(_scalar(self, "int64_t"))


def to_complex(self: Tensor) -> complex:
    """`complex(t)`: the one element."""
    _warn_requires_grad(self)
    return complex(_scalar(self, None))


def to_index(self: Tensor) -> int:
    """What the tensor is as an index of a list. Raises TypeError unless it holds one integer (or bool)."""
    if self._a.size != 1 or self._a.dtype.kind not in "iub":
        raise TypeError("only integer tensors of a single element can be converted to an index")
    return int(self._a.item())


# --- sequences ---


def iterate(self: Tensor) -> Iterator[Any]:
    """`iter(t)`: the slices along the first dimension, by `unbind`. Raises TypeError for 0-dim tensors."""
    if self._a.ndim == 0:
        raise TypeError("iteration over a 0-d tensor")
    return iter(self.unbind(0))


def reverse(self: Tensor) -> Tensor:
    """`reversed(t)`: the tensor flipped along its first dimension."""
    return self if self._a.ndim == 0 else self.flip(0)


def contains(self: Tensor, element: Any, /) -> bool:
    """`element in t`: whether any element equals it. Raises RuntimeError for all but tensors and numbers."""
    if isinstance(element, Tensor | int | float | complex | np.number):
        equal: Any = element == self
        return bool(equal._a.any())
    raise RuntimeError(
        f"Tensor.__contains__ only supports Tensor or scalar, but you passed in a {type(element)}."
    )


# --- NumPy ---

_NUMPY = Parser("numpy", "(*, bool force = False)")


def numpy(self: Tensor, *args: Any, **kwargs: Any) -> Array:
    """The data as an ndarray that shares memory with this tensor.

    Raises RuntimeError where torch refuses: for tensors that require grad or are lazily conjugated, unless
    `force`.
    """
    force = bool(args or kwargs) and _NUMPY.parse(args, kwargs)[1].get("force", False)
    if not force and self.requires_grad:
        raise RuntimeError(
            "Can't call numpy() on Tensor that requires grad. Use tensor.detach().numpy() instead."
        )
    if not force and self.is_conj():
        raise RuntimeError(
            "Can't call numpy() on Tensor that has conjugate bit set. "
            "Use tensor.resolve_conj().numpy() instead."
        )
    if not force and self.is_neg():
        raise RuntimeError(
            "Can't call numpy() on Tensor that has negative bit set. "
            "Use tensor.resolve_neg().numpy() instead."
        )
    if not force and self._is_zerotensor():
        raise RuntimeError(" Cannot convert a ZeroTensor to numpy. Set force=True if you need the zero array.")
    array = hold(self._a)
    return array.view() if array.size else np.empty(array.shape, array.dtype)


def array_protocol(self: Tensor, dtype: Any = None) -> Array:
    """What NumPy takes a tensor for: its data, refused like `numpy()`."""
    return self.numpy() if dtype is None else self.numpy().astype(dtype, copy=False)  # type: ignore[no-any-return]


def array_wrap(self: Tensor, array: Array) -> Tensor:
    """What a NumPy function called on a tensor gives: a tensor; truth values become uint8, as in torch."""
    return wrap(hold(from_ndarray(array.astype("uint8") if array.dtype == bool else array)))


def _no_cuda(self: Tensor, *args: Any, **kwargs: Any) -> NoReturn:
    """Always refused: there is no such device."""
    raise AssertionError("Torch not compiled with CUDA enabled")


# --- facts as public functions ---


def is_tensor(obj: Any, /) -> bool:
    """Whether `obj` is a Tensor."""
    return isinstance(obj, Tensor)


def _fact(name: str, of: Callable[[Tensor], Any]) -> Callable[..., Any]:
    """A public function of one tensor, `name(input)`."""
    parser = Parser(name, "(Tensor input)")

    def fact(*args: Any, **kwargs: Any) -> Any:
        if len(args) == 1 and not kwargs and isinstance(args[0], Tensor):
            return of(args[0])
        return of(parser.parse(args, kwargs)[1]["input"])

    fact.__name__ = fact.__qualname__ = name
    fact.__doc__ = f"`{name}(input)`: the method of this name as a function."
    return fact


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "is_tensor": is_tensor,
    "numel": _fact("numel", Tensor.numel),
    "is_floating_point": _fact("is_floating_point", Tensor.is_floating_point),
    "is_complex": _fact("is_complex", Tensor.is_complex),
    "is_signed": _fact("is_signed", Tensor.is_signed),
    "is_conj": _fact("is_conj", Tensor.is_conj),
    "is_neg": _fact("is_neg", Tensor.is_neg),
    "is_inference": _fact("is_inference", Tensor.is_inference),
    "is_nonzero": _fact("is_nonzero", to_bool),
}
"""What becomes a public function."""

METHODS: dict[str, Callable[..., Any]] = {
    "item": item,
    "tolist": tolist,
    "numpy": numpy,
    "is_nonzero": to_bool,
    "__bool__": to_bool,
    "__float__": to_float,
    "__int__": to_int,
    "__complex__": to_complex,
    "__index__": to_index,
    "__iter__": iterate,
    "__reversed__": reverse,
    "__contains__": contains,
    "__array__": array_protocol,
    "__array_wrap__": array_wrap,
    "get_device": lambda self: -1,
    "is_pinned": lambda self: False,
    "cuda": _no_cuda,
}
"""What becomes an attribute of Tensor."""

for _name, _function in METHODS.items():
    _function.__qualname__ = f"Tensor.{_name}"  # Python's own messages show it, and NumPy reads it there
