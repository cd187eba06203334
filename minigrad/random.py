"""Random factories: `rand`, `randn`, `randint`, `randperm` and their `*_like` forms, as torch has them.

What may live here: leaves made of random numbers, drawn in the order in which torch draws them (see
`generator`, Note [The same numbers]).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad import dtypes
from minigrad.draws import generator_of, integers, laid_out, normal, uniform
from minigrad.dtypes import dtype
from minigrad.errors import not_implemented_for
from minigrad.factory import OPTIONS, OUT, Arguments, bind, checked_number, finish, out_dtype
from minigrad.filling import like_strides
from minigrad.generator import _fork_rng as fork_rng  # noqa: F401 - the names that torch.random has, too
from minigrad.generator import default_generator, get_rng_state, initial_seed, manual_seed, seed  # noqa: F401
from minigrad.generator import set_rng_state as set_rng_state
from minigrad.memory import check_sizes, is_contiguous
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


def _uniform(shape: tuple[int, ...], d: dtype, given: Arguments, strides: tuple[int, ...] | None) -> Tensor:
    check_sizes(shape, d.itemsize)
    flat = uniform(generator_of(given), int(np.prod(shape)), d)
    return finish(laid_out(flat, shape, strides), given)


def _normal(shape: tuple[int, ...], d: dtype, given: Arguments, strides: tuple[int, ...] | None) -> Tensor:
    check_sizes(shape, d.itemsize)
    contiguous = strides is None or is_contiguous(shape, strides)
    flat = normal(generator_of(given), int(np.prod(shape)), d, contiguous)
    return finish(laid_out(flat, shape, strides), given)


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


def _integers(shape: tuple[int, ...], d: dtype, given: Arguments, strides: tuple[int, ...] | None) -> Tensor:
    low, high = given.get("low", 0), given["high"]
    high = int(high._a.item()) if isinstance(high, Tensor) else high
    check_sizes(shape, d.itemsize)
    flat = integers(generator_of(given), int(np.prod(shape)), d, low, high)
    return finish(laid_out(flat, shape, strides), given)


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
        raise not_implemented_for("randperm", d.numpy)
    checked_number(n, d)
    order = list(range(n))
    for i, word in enumerate(generator_of(given).words(max(n - 1, 0)).tolist()):
        other = i + word % (n - i)
        order[i], order[other] = order[other], order[i]
    return finish(np.array(order, d.numpy), given)
