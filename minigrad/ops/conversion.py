"""Tensors in another dtype: `to`, `type`, `float()` and the others."""

from __future__ import annotations

from typing import Any

from minigrad import dtypes, errors
from minigrad.memory_formats import suggested
from minigrad.ops.copying import cast, to_copy
from minigrad.registry import composite, publish
from minigrad.signatures import Parser
from minigrad.tensor import Tensor

# mypy: disable-error-code="no-untyped-def"


_REST = "bool non_blocking = False, bool copy = False, *, torch.memory_format memory_format = None)"
_TO = Parser(
    "to",
    "(torch.device device = None, torch.dtype dtype = None, " + _REST,
    "(torch.dtype dtype, " + _REST,
    "(Tensor tensor, " + _REST,
)


@composite("to", function=False)
def to(self, *args, **kwargs):
    """This tensor in another dtype (itself where it has it, unless `copy`)."""
    if len(args) == 1 and not kwargs and type(args[0]) is dtypes.dtype:
        dt = args[0].numpy
        return self if self._a.dtype == dt else to_copy(self, dt)
    overload, given = _TO.parse(args, kwargs)
    if overload == 2:
        dt = given["tensor"]._a.dtype
    else:
        dt = given["dtype"].numpy if given.get("dtype") is not None else self._a.dtype
    if self._a.dtype == dt and not given.get("copy"):
        return _as_it_lies(self, given.get("memory_format"))
    return to_copy(self, dt, given.get("memory_format"))


def _as_it_lies(self: Tensor, chosen: Any) -> Any:
    """A tensor of the right dtype already, copied where it is to lie otherwise."""
    if chosen is None or chosen.name == "preserve_format" or suggested(self._a) is chosen:
        return self
    return to_copy(self, self._a.dtype, chosen)


_RESULT_TYPE = Parser(
    "result_type",
    "(Tensor tensor, Tensor other)",
    "(Number scalar, Tensor tensor)",
    "(Tensor tensor, Number other)",
    "(Number scalar1, Number scalar2)",
)


@composite("result_type", method=False)
def result_type(*args, **kwargs):
    """The dtype in which an op would compute on these two."""
    _, given = _RESULT_TYPE.parse(args, kwargs)
    return dtypes.result_dtype(*(x._a if isinstance(x, Tensor) else x for x in given.values()))


def _method(name: str, dtype: dtypes.dtype) -> None:
    def convert(self: Tensor, *args: Any, memory_format: Any = None) -> Any:
        if args:
            given = f"{len(args)} {'was' if len(args) == 1 else 'were'}"
            raise TypeError(f"{name}() takes 0 positional arguments but {given} given")
        if self._a.dtype == dtype.numpy:
            return _as_it_lies(self, memory_format)
        return to_copy(self, dtype.numpy, memory_format)

    convert.__name__ = convert.__qualname__ = name
    convert.__doc__ = f"This tensor as {dtype!r}."
    publish(name, convert, function=False)


for _name, _dtype in {
    "float": dtypes.float32, "double": dtypes.float64, "half": dtypes.float16, "long": dtypes.int64,
    "int": dtypes.int32, "short": dtypes.int16, "char": dtypes.int8, "byte": dtypes.uint8,
    "bool": dtypes.bool_,
    "cfloat": dtypes.complex64, "cdouble": dtypes.complex128,
}.items():  # fmt: skip
    _method(_name, _dtype)


@composite("type_as", function=False)
def type_as(self, other):
    """This tensor in the dtype of `other`."""
    if not isinstance(other, Tensor):
        raise errors.wrong_argument("type_as", "other", 1, "Tensor", other)
    return to(self, other.dtype)


_LEGACY = {f"torch.{d.scalar_type}Tensor": d for d in dtypes.ALL}
"""Dtypes by the names of torch's old tensor types."""


@composite("type", function=False)
def type_(self, dtype: Any = None, non_blocking: bool = False):
    """This tensor in another dtype, or without argument the name of its old tensor type."""
    if dtype is None:
        return f"torch.{self.dtype.scalar_type}Tensor"
    if isinstance(dtype, str):
        found = _LEGACY.get(dtype)
    elif isinstance(dtype, dtypes.dtype):
        found = dtype
    else:
        found, dtype = None, getattr(dtype, "__name__", dtype)
    if found is None:
        raise ValueError(f"invalid type: '{dtype}'")
    return to(self, found)


@composite("cpu", function=False)
def cpu(self, memory_format: Any = None):
    """This tensor, as there is no other device, copied where it is to lie otherwise."""
    return _as_it_lies(self, memory_format)


__all__ = ["cast", "to_copy"]
