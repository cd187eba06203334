"""Random numbers written everywhere: uniform_, normal_, random_.

What may live here: ops in place that overwrite with numbers of a generator. How such numbers are drawn is in
`draws`, where they come from in `generator`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad import dtypes
from minigrad.draws import DIGITS, generator_of, integers, laid_out, normal, uniform
from minigrad.dtypes import FROM_NUMPY, dtype
from minigrad.errors import not_implemented_for
from minigrad.factory import bind
from minigrad.memory import is_contiguous, iterator_strides, strides_of
from minigrad.ops.copying import zeros_of
from minigrad.registry import composite, derivative, inplace_of, op
from minigrad.signatures import Parser

# mypy: disable-error-code="no-untyped-def"

_UNIFORM = Parser("uniform_", "(float from = 0, float to = 1, *, torch.Generator? generator = None)")
_NORMAL = Parser("normal_", "(float mean = 0, float std = 1, *, torch.Generator? generator = None)")
_RANDOM = Parser(
    "random_",
    "(*, torch.Generator? generator = None)",
    "(int from, int? to, *, torch.Generator? generator = None)",
    "(int to, *, torch.Generator? generator = None)",
)


def _order(self: Any) -> tuple[int, ...]:
    """Strides of a block of memory in which elements follow one another as in that of `self`: so they are drawn."""
    return iterator_strides(self.shape, [self.strides])


@op("_uniform", inplace=True, promote="keep", numbers=False)
def uniform_op(self, low: Any, high: Any, generator: Any):
    flat = uniform(generator, self.size, FROM_NUMPY[self.dtype], low, high)
    return laid_out(flat, self.shape, _order(self))


@op("_normal", inplace=True, promote="keep", numbers=False)
def normal_op(self, mean: Any, std: Any, generator: Any):
    if std < 0:
        raise RuntimeError(f"normal expects std >= 0.0, but found std {std:g}")
    contiguous = is_contiguous(self.shape, strides_of(self))
    flat = normal(generator, self.size, FROM_NUMPY[self.dtype], contiguous, mean, std)
    return laid_out(flat, self.shape, _order(self))


@op("_random.from", inplace=True, promote="keep", numbers=False)
def random_between(self, low: Any, high: Any, generator: Any):
    d = FROM_NUMPY[self.dtype]
    if high is None:
        if d.is_complex:
            raise RuntimeError("random_from_to_impl handles only integral, floating-point and boolean types")
        largest = _largest(d)
        if d.is_floating_point and low >= largest:
            raise RuntimeError(
                "random_ expects 'from' casted to dtype to be less than or equal to 'to_inc' casted to dtype, but got "
                f"from={low} > to_inc={largest}"
            )
        high = max(low, largest) + 1  # one of both is refused, then, as being out of bounds
    return laid_out(integers(generator, self.size, d, low, high), self.shape, _order(self))


@op("_random.to", inplace=True, promote="keep", numbers=False)
def random_below(self, high: Any, generator: Any):
    flat = integers(generator, self.size, FROM_NUMPY[self.dtype], 0, high)
    return laid_out(flat, self.shape, _order(self))


@op("_random", inplace=True, promote="keep", numbers=False)
def random_any(self, generator: Any):
    d = FROM_NUMPY[self.dtype]
    if d.is_complex:
        raise not_implemented_for("random_kernel_cpu", self.dtype)
    words = (generator.long_words if self.itemsize == 8 else generator.words)(self.size)
    flat = (words % np.uint64(_largest(d) + 1)).astype(self.dtype)
    return laid_out(flat, self.shape, _order(self))


def _largest(d: dtype) -> int:
    """The largest integer that is drawn: of floating point those that have a float each."""
    if d.is_floating_point:
        return int(2 ** DIGITS[d.name])
    return 1 if d is dtypes.bool_ else int(dtypes.iinfo(d).max)


for _label, _of in (
    ("UniformBackward0", uniform_op),
    ("NormalBackward0", normal_op),
    ("RandomBackward0", random_between),
    ("RandomBackward1", random_below),
    ("RandomBackward2", random_any),
):
    derivative(_label, of=_of, forward=None, self=lambda grad: zeros_of(grad))


@composite("uniform_", function=False)
def uniform_(self, *args: Any, **kwargs: Any):
    """Writes uniform numbers in [from, to), by default [0, 1)."""
    given = bind(_UNIFORM, args, kwargs)[1]
    return inplace_of(uniform_op)(self, given.get("from", 0.0), given.get("to", 1.0), generator_of(given))


@composite("normal_", function=False)
def normal_(self, *args: Any, **kwargs: Any):
    """Writes normal numbers with this mean (0) and standard deviation (1)."""
    given = bind(_NORMAL, args, kwargs)[1]
    return inplace_of(normal_op)(self, given.get("mean", 0.0), given.get("std", 1.0), generator_of(given))


@composite("random_", function=False)
def random_(self, *args: Any, **kwargs: Any):
    """Writes uniform integers in [from, to), from 0, by default up to the largest that the dtype tells apart."""
    form, given = bind(_RANDOM, args, kwargs)
    if form == 0:
        return inplace_of(random_any)(self, generator_of(given))
    if form == 2:
        return inplace_of(random_below)(self, given["to"], generator_of(given))
    return inplace_of(random_between)(self, given["from"], given.get("to"), generator_of(given))
