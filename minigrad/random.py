"""Random factories: `rand`, `randn`, `randint`, `randperm` and their `*_like` forms, as torch has them.

What may live here: leaves made of random numbers, drawn in the order in which torch draws them (see
`generator`, Note [The same numbers]).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad import dtypes, modes
from minigrad.dtypes import Array, dtype
from minigrad.factory import OPTIONS, OUT, Arguments, bind, checked_number, finish, out_dtype
from minigrad.filling import like_strides
from minigrad.generator import Generator, default_generator
from minigrad.memory import allocate, check_sizes, is_contiguous
from minigrad.signatures import Parser
from minigrad.tensor import Tensor


def _overloads(name: str, *heads: str, tail: str = OUT) -> Parser:
    """Each head with and without `generator=`."""
    pairs = [
        f"({head}, *, {given}{tail})" for head in heads for given in ("torch.Generator? generator, ", "")
    ]
    return Parser(name, *pairs)


_FORMAT = "torch.memory_format memory_format = None, " + OPTIONS
_RAND = _overloads("rand", "tuple of ints size")
_RANDN = _overloads("randn", "tuple of ints size")
_RANDINT = _overloads("randint", "int high, tuple of ints size", "int low, int high, tuple of ints size")
_RANDPERM = _overloads("randperm", "int n")
_RAND_LIKE = _overloads("rand_like", "Tensor input", tail=_FORMAT)
_RANDN_LIKE = _overloads("randn_like", "Tensor input", tail=_FORMAT)
_RANDINT_LIKE = _overloads(
    "randint_like",
    "Tensor input, int low, int high",
    "Tensor input, Tensor high",
    "Tensor input, int high",
    tail=_FORMAT,
)


def _generator(given: Arguments) -> Generator:
    """What numbers are drawn from. RuntimeError where they would have to differ between the members of a batch."""
    if modes.state.batch is not None:
        raise RuntimeError(
            "vmap: We do not yet support calling random operations inside of vmap. Please perform random operations "
            "outside of vmap as a workaround"
        )
    return given.get("generator") or default_generator


def kept(count: int, p: float) -> Array:
    """`count` bools, each true with the probability `p`: what `bernoulli_` draws, but on processors of Intel's, where
    torch has MKL draw it."""
    return _generator({}).uniform(count, double=True) < p


def _laid_out(flat: Array, shape: tuple[int, ...], strides: tuple[int, ...] | None) -> Array:
    """Numbers drawn in the order of memory, as an array with these strides."""
    out = allocate(shape, flat.dtype, strides)
    if out.size:
        np.lib.stride_tricks.as_strided(out, (out.size,), (out.itemsize,))[...] = flat
    return out


def _unsupported(kernel: str, d: dtype) -> NotImplementedError:
    return NotImplementedError(f"\"{kernel}\" not implemented for '{d.scalar_type}'")


def _uniform(shape: tuple[int, ...], d: dtype, given: Arguments, strides: tuple[int, ...] | None) -> Tensor:
    check_sizes(shape, d.itemsize)
    if not (d.is_floating_point or d.is_complex):
        raise _unsupported("check_uniform_bounds", d)
    count = int(np.prod(shape)) * (2 if d.is_complex else 1)
    flat = _generator(given).uniform(count, d.to_real() is dtypes.float64)
    return finish(_laid_out(_typed(flat, d), shape, strides), given)


def _typed(flat: Array, d: dtype) -> Array:
    return flat.astype(d.to_real().numpy).view(d.numpy) if d.is_complex else flat.astype(d.numpy)


def _normal(shape: tuple[int, ...], d: dtype, given: Arguments, strides: tuple[int, ...] | None) -> Tensor:
    check_sizes(shape, d.itemsize)
    if not (d.is_floating_point or d.is_complex):
        raise _unsupported("normal_kernel_cpu", d)
    count = int(np.prod(shape)) * (2 if d.is_complex else 1)
    contiguous = strides is None or is_contiguous(shape, strides)
    generator = _generator(given)
    if count >= 16 and contiguous:
        flat = generator.normal_blocks(count, d.to_real() is dtypes.float64, d is dtypes.float16)
    else:
        flat = generator.normal_pairs(count)
    if d.is_complex:
        flat = flat * np.sqrt(0.5)
    return finish(_laid_out(_typed(flat, d), shape, strides), given)


def rand(*args: Any, **kwargs: Any) -> Tensor:
    """Uniform numbers in [0, 1)."""
    given = bind(_RAND, args, kwargs)[1]
    return _uniform(given["size"], out_dtype(given, dtypes.get_default_dtype()), given, None)


def randn(*args: Any, **kwargs: Any) -> Tensor:
    """Normal numbers with mean 0 and variance 1."""
    given = bind(_RANDN, args, kwargs)[1]
    return _normal(given["size"], out_dtype(given, dtypes.get_default_dtype()), given, None)


def rand_like(*args: Any, **kwargs: Any) -> Tensor:
    """Uniform numbers in [0, 1) with the size, dtype and layout of `input`."""
    given = bind(_RAND_LIKE, args, kwargs)[1]
    source = given["input"]
    strides = like_strides(source, given.get("memory_format"))
    return _uniform(source._a.shape, given.get("dtype") or source.dtype, given, strides)


def randn_like(*args: Any, **kwargs: Any) -> Tensor:
    """Normal numbers with the size, dtype and layout of `input`."""
    given = bind(_RANDN_LIKE, args, kwargs)[1]
    source = given["input"]
    strides = like_strides(source, given.get("memory_format"))
    return _normal(source._a.shape, given.get("dtype") or source.dtype, given, strides)


_C_INTEGERS = {
    "uint8": "unsigned char",
    "int8": "signed char",
    "int16": "short",
    "int32": "int",
    "int64": "long",
    "bool": "bool",
}


def _check_range(low: int, high: int, d: dtype) -> None:
    if d.is_complex:
        raise RuntimeError("check_random_bounds handles only integral, floating-point and boolean types")
    if low >= high:
        raise RuntimeError(f"random_ expects 'from' to be less than 'to', but got from={low} >= to={high}")
    if d.is_floating_point:
        return
    limits = (0, 1) if d is dtypes.bool_ else (dtypes.iinfo(d).min, dtypes.iinfo(d).max)
    for name, value in (("from", low), ("to - 1", high - 1)):
        if not limits[0] <= value <= limits[1]:
            raise RuntimeError(f"{name} is out of bounds for {_C_INTEGERS[d.name]}")


def _integers(shape: tuple[int, ...], d: dtype, given: Arguments, strides: tuple[int, ...] | None) -> Tensor:
    low, high = given.get("low", 0), given["high"]
    high = int(high._a.item()) if isinstance(high, Tensor) else high
    check_sizes(shape, d.itemsize)
    _check_range(low, high, d)
    count, span = int(np.prod(shape)), high - low
    draw = _generator(given).words if span < 2**28 else _generator(given).long_words
    flat = (draw(count) % np.uint64(span)).astype(np.int64) + low
    return finish(_laid_out(flat.astype(d.numpy), shape, strides), given)


def randint(*args: Any, **kwargs: Any) -> Tensor:
    """Uniform integers from `low` (0) up to, not including, `high`; int64 unless a dtype is given."""
    given = bind(_RANDINT, args, kwargs)[1]
    return _integers(given["size"], out_dtype(given, dtypes.int64), given, None)


def randint_like(*args: Any, **kwargs: Any) -> Tensor:
    """Uniform integers with the size, dtype and layout of `input`."""
    given = bind(_RANDINT_LIKE, args, kwargs)[1]
    source = given["input"]
    strides = like_strides(source, given.get("memory_format"))
    return _integers(source._a.shape, given.get("dtype") or source.dtype, given, strides)


def randperm(*args: Any, **kwargs: Any) -> Tensor:
    """The integers below `n` in random order; int64 unless a dtype is given."""
    given = bind(_RANDPERM, args, kwargs)[1]
    n, d = given["n"], out_dtype(given, dtypes.int64)
    check_sizes((n,), d.itemsize)
    if d.is_complex or d is dtypes.bool_:
        raise _unsupported("randperm", d)
    checked_number(n, d)
    order = list(range(n))
    for i, word in enumerate(_generator(given).words(max(n - 1, 0)).tolist()):
        other = i + word % (n - i)
        order[i], order[other] = order[other], order[i]
    return finish(np.array(order, d.numpy), given)
