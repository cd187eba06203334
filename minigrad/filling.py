"""Factories of one value: `zeros`, `ones`, `full`, `empty`, their `*_like` and `new_*` forms.

What may live here: functions that make leaves which hold one number everywhere.
Departure: `empty` and relatives give zeros where torch leaves whatever was in memory.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from minigrad import dtypes, modes
from minigrad.device import channels_last, channels_last_3d, contiguous_format, preserve_format
from minigrad.dtypes import Array, dtype
from minigrad.factory import LIKE, OPTIONS, OUT, Arguments, bind, filled, finish, out_dtype
from minigrad.memory import allocate, check_sizes, dense_strides, strides_of
from minigrad.signatures import Parser
from minigrad.tensor import Tensor, wrap

_SIZE = "tuple of ints size"
_PARSERS: dict[str, Parser] = {
    name: Parser(name, f"({text})")
    for name, text in {
        "zeros": f"{_SIZE}, *, {OUT}",
        "ones": f"{_SIZE}, *, {OUT}",
        "empty": f"{_SIZE}, *, torch.memory_format memory_format = None, {OUT}",
        "empty_strided": f"{_SIZE}, tuple of ints stride, *, {OPTIONS}",
        "full": f"{_SIZE}, Number fill_value, *, {OUT}",
        "zeros_like": f"Tensor input, {LIKE}",
        "ones_like": f"Tensor input, {LIKE}",
        "empty_like": f"Tensor input, {LIKE}",
        "full_like": f"Tensor input, Number fill_value, {LIKE}",
        "new_zeros": f"{_SIZE}, *, {OPTIONS}",
        "new_ones": f"{_SIZE}, *, {OPTIONS}",
        "new_empty": f"{_SIZE}, *, {OPTIONS}",
        "new_empty_strided": f"{_SIZE}, tuple of ints stride, *, {OPTIONS}",
        "new_full": f"{_SIZE}, Number fill_value, *, {OPTIONS}",
    }.items()
}


def _parse(name: str, args: tuple[Any, ...], kwargs: Arguments) -> dict[str, Any]:
    return bind(_PARSERS[name], args, kwargs)[1]


def _quick_zeros(args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Array | None:
    """Zeros for the plainest of calls, `(2, 3)` or `((2, 3),)` with at most a dtype; None for all others."""
    shape = args[0] if len(args) == 1 and type(args[0]) is tuple else args
    for n in shape:
        if type(n) is not int or n < 1 or n > 10_000:
            return None
    if not kwargs:
        return np.zeros(shape, dtypes.get_default_dtype().numpy) if shape or args else None
    d = kwargs.get("dtype")
    if type(d) is not dtype or len(kwargs) > 1:
        return None
    return np.zeros(shape, d.numpy) if args else None


def zeros(*args: Any, **kwargs: Any) -> Tensor:
    """A tensor of zeros of the given size."""
    quick = _quick_zeros(args, kwargs)
    if quick is not None:
        return wrap(quick)
    given = _parse("zeros", args, kwargs)
    if any(n < 0 for n in given["size"]):
        raise RuntimeError("zeros: Dimension size must be non-negative.")
    return finish(allocate(given["size"], out_dtype(given, dtypes.get_default_dtype()).numpy), given)


def ones(*args: Any, **kwargs: Any) -> Tensor:
    """A tensor of ones of the given size."""
    quick = _quick_zeros(args, kwargs)
    if quick is not None:
        quick.fill(1)
        return wrap(quick)
    given = _parse("ones", args, kwargs)
    return finish(filled(given["size"], 1, out_dtype(given, dtypes.get_default_dtype())), given)


def full(*args: Any, **kwargs: Any) -> Tensor:
    """A tensor of the given size full of one number, whose kind decides the dtype unless given."""
    given = _parse("full", args, kwargs)
    value = given["fill_value"]
    return finish(filled(given["size"], value, out_dtype(given, dtypes.scalar_dtype(value))), given)


def empty(*args: Any, **kwargs: Any) -> Tensor:
    """A tensor of the given size and no particular value (here: zeros)."""
    given = _parse("empty", args, kwargs)
    chosen, wanted = given.get("memory_format"), out_dtype(given, dtypes.get_default_dtype())
    if chosen is preserve_format:
        raise RuntimeError("unsupported memory format Preserve")
    strides = _format_strides(given["size"], chosen) if chosen else None
    return finish(allocate(given["size"], wanted.numpy, strides), given)


def empty_strided(*args: Any, **kwargs: Any) -> Tensor:
    """A tensor of the given size and strides and no particular value (here: zeros)."""
    given = _parse("empty_strided", args, kwargs)
    return _strided(given, given.get("dtype") or dtypes.get_default_dtype())


def _strided(given: Arguments, d: dtype) -> Tensor:
    size, stride = given["size"], given["stride"]
    if len(size) != len(stride):
        raise RuntimeError(
            f"dimensionality of sizes ({len(size)}) must match dimensionality of strides ({len(stride)})"
        )
    check_sizes(size, d.itemsize)
    if any(s < 0 for s in stride):
        raise RuntimeError(
            f"Storage size calculation overflowed with sizes={list(size)} and strides={list(stride)}"
        )
    return finish(allocate(size, d.numpy, stride), given)


# --- like another tensor ---


def _format_strides(size: tuple[int, ...], chosen: Any) -> tuple[int, ...] | None:
    """Strides of a memory format; None for contiguous ones. Raises RuntimeError for the wrong rank."""
    if chosen is contiguous_format:
        return None
    rank = {channels_last: 4, channels_last_3d: 5}[chosen]
    if len(size) != rank:
        raise RuntimeError(f"required rank {rank} tensor to use {chosen.name} format")
    order = (1, *range(rank - 1, 1, -1), 0)  # innermost first
    strides, step = [0] * rank, 1
    for dim in order:
        strides[dim] = step
        step *= size[dim]
    return tuple(strides)


def like_strides(input: Tensor, chosen: Any) -> tuple[int, ...] | None:
    """The strides of a new tensor like `input`: the same order of dimensions unless a format is given."""
    if chosen is None or chosen is preserve_format:
        return dense_strides(input._a.shape, strides_of(input._a))
    return _format_strides(input._a.shape, chosen)


def _like(name: str, value: Any, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Tensor:
    if len(args) == 1 and not kwargs and isinstance(args[0], Tensor) and value is not None:
        array = args[0]._a
        if array.size and array.flags.c_contiguous:
            return wrap(
                np.zeros(array.shape, array.dtype) if value == 0 else np.ones(array.shape, array.dtype)
            )
    given = _parse(name, args, kwargs)
    source, d = given["input"], given.get("dtype") or given["input"].dtype
    strides = like_strides(source, given.get("memory_format"))
    return finish(filled(source._a.shape, given.get("fill_value", value), d, strides), given)


def zeros_like(*args: Any, **kwargs: Any) -> Tensor:
    """Zeros with the size, dtype and layout of `input`."""
    return _like("zeros_like", 0, args, kwargs)


def ones_like(*args: Any, **kwargs: Any) -> Tensor:
    """Ones with the size, dtype and layout of `input`."""
    return _like("ones_like", 1, args, kwargs)


def empty_like(*args: Any, **kwargs: Any) -> Tensor:
    """No particular value (here: zeros) with the size, dtype and layout of `input`."""
    return _like("empty_like", 0, args, kwargs)


def full_like(*args: Any, **kwargs: Any) -> Tensor:
    """One number with the size, dtype and layout of `input`."""
    return _like("full_like", None, args, kwargs)


def _new(self: Tensor, name: str, value: Any, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Tensor:
    quick = None if value is None else _quick_zeros(args, kwargs or {"dtype": self.dtype})
    if quick is not None:
        if value:
            quick.fill(value)
        made = wrap(quick)
    else:
        given = _parse(name, args, kwargs)
        d = given.get("dtype") or self.dtype
        made = finish(filled(given["size"], given.get("fill_value", value), d), given)
    if name != "new_empty" and self.is_inference() and not modes.state.inference:
        made.counter()[0] += 1  # torch writes the numbers by an op that autograd does not hide
    return made


def new_zeros(self: Tensor, *args: Any, **kwargs: Any) -> Tensor:
    """Zeros of the given size with this tensor's dtype."""
    return _new(self, "new_zeros", 0, args, kwargs)


def new_ones(self: Tensor, *args: Any, **kwargs: Any) -> Tensor:
    """Ones of the given size with this tensor's dtype."""
    return _new(self, "new_ones", 1, args, kwargs)


def new_empty(self: Tensor, *args: Any, **kwargs: Any) -> Tensor:
    """No particular value (here: zeros) of the given size with this tensor's dtype."""
    return _new(self, "new_empty", 0, args, kwargs)


def new_full(self: Tensor, *args: Any, **kwargs: Any) -> Tensor:
    """One number in the given size with this tensor's dtype."""
    return _new(self, "new_full", None, args, kwargs)


def new_empty_strided(self: Tensor, *args: Any, **kwargs: Any) -> Tensor:
    """No particular value (here: zeros) of the given size and strides with this tensor's dtype."""
    given = _parse("new_empty_strided", args, kwargs)
    return _strided(given, given.get("dtype") or self.dtype)


METHODS: dict[str, Callable[..., Any]] = {
    f.__name__: f for f in (new_zeros, new_ones, new_empty, new_full, new_empty_strided)
}
"""What becomes an attribute of Tensor."""
