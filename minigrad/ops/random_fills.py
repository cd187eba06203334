"""Random numbers written everywhere: uniform_, normal_, random_, bernoulli_, and bernoulli, which makes a tensor.

What may live here: ops in place that overwrite with numbers of a generator. How such numbers are drawn is in
`draws`, where they come from in `generator`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad import dtypes, errors
from minigrad.draws import DIGITS, generator_of, integers, laid_out, normal, uniform
from minigrad.dtypes import FROM_NUMPY, dtype
from minigrad.errors import not_implemented_for
from minigrad.factory import bind
from minigrad.memory import is_contiguous, iterator_strides, strides_of
from minigrad.ops.carriers import zero_gradient
from minigrad.ops.copying import zeros_of
from minigrad.ops.undifferentiated import recorded_opaquely
from minigrad.registry import composite, derivative, inplace_of, op
from minigrad.signatures import Parser
from minigrad.tensor import Tensor
from minigrad.windows import expanded

# mypy: disable-error-code="no-untyped-def"

_UNIFORM = Parser("uniform_", "(float from = 0, float to = 1, *, torch.Generator? generator = None)")
_NORMAL = Parser("normal_", "(float mean = 0, float std = 1, *, torch.Generator? generator = None)")
_BERNOULLI = Parser(
    "bernoulli_",
    "(Tensor p, *, torch.Generator? generator = None)",
    "(float p = 0.5, *, torch.Generator? generator = None)",
)
_DRAWN = Parser(
    "bernoulli",
    "(Tensor input, *, torch.Generator? generator = None)",
    "(Tensor input, float p, *, torch.Generator? generator = None)",
)
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


@op("_bernoulli.Tensor", inplace=True, promote="keep", numbers=False)
def bernoulli_each(self, p, generator: Any):
    if self.dtype.kind == "c":
        raise not_implemented_for("bernoulli_tensor_cpu_self_", self.dtype)
    if p.dtype.kind != "f":
        raise not_implemented_for("bernoulli_tensor_cpu_p_", p.dtype)
    order = _order(self)
    chances = np.broadcast_to(p, self.shape).transpose(sorted(range(self.ndim), key=lambda d: -order[d])).ravel()
    if not ((chances >= 0) & (chances <= 1)).all():
        raise errors.unexplained("p_in >= 0 && p_in <= 1")
    flat = generator.uniform(self.size, p.dtype == np.float64) < chances
    return laid_out(flat.astype(self.dtype), self.shape, order)


@op("_bernoulli", promote="keep", numbers=False, lays_out=True)
def bernoulli_of(self, generator: Any):
    lined = np.ascontiguousarray(self)
    return bernoulli_each(lined, lined, generator)


@op("_bernoulli.float", inplace=True, promote="keep", numbers=False)
def bernoulli_all(self, p: Any, generator: Any):
    if self.dtype.kind == "c":
        raise not_implemented_for("bernoulli_scalar_cpu_", self.dtype)
    return laid_out((generator.uniform(self.size, double=True) < p).astype(self.dtype), self.shape, _order(self))


def _largest(d: dtype) -> int:
    """The largest integer that is drawn: of floating point those that have a float each."""
    if d.is_floating_point:
        return int(2 ** DIGITS[d.name])
    return 1 if d is dtypes.bool_ else int(dtypes.iinfo(d).max)


derivative("BernoulliBackward0", of=bernoulli_of, forward="elementwise", self=lambda grad: zeros_of(grad))
for _label, _of in (
    ("UniformBackward0", uniform_op),
    ("NormalBackward0", normal_op),
    ("RandomBackward0", random_between),
    ("RandomBackward1", random_below),
    ("RandomBackward2", random_any),
    ("BernoulliBackward2", bernoulli_all),
):
    derivative(_label, of=_of, forward=lambda self_t: self_t.zero_(), self=lambda grad: zeros_of(grad))
derivative(
    "BernoulliBackward1",
    of=bernoulli_each,
    forward=lambda self_t: self_t.zero_(),
    self=lambda grad: zeros_of(grad),
    p=lambda grad, p_shape, p_dtype: zero_gradient(grad, p_shape, p_dtype),
)


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


def _check_chance(p: float) -> None:
    if not 0 <= p <= 1:
        raise RuntimeError(f"bernoulli_ expects p to be in [0, 1], but got p={p:g}")


@composite("bernoulli_", function=False)
def bernoulli_(self, *args: Any, **kwargs: Any):
    """Writes ones with probability `p` (a number, by default 0.5, or a tensor of them), and zeros elsewhere."""
    given = bind(_BERNOULLI, args, kwargs)[1]
    p = given.get("p", 0.5)
    if isinstance(p, Tensor):
        expanded(p._a, self.shape)  # which may refuse
    else:
        _check_chance(p)
    return inplace_of(bernoulli_each if isinstance(p, Tensor) else bernoulli_all)(self, p, generator_of(given))


@op("_bernoulli.p", promote="keep", numbers=False)
def bernoulli_alike(self, p: Any, generator: Any):
    return bernoulli_all(np.ascontiguousarray(self), p, generator)


_with_one = recorded_opaquely("bernoulli", bernoulli_alike)


@composite("bernoulli")
def bernoulli(*args: Any, **kwargs: Any):
    """Ones with the probabilities that a tensor holds, or with probability `p`, and zeros elsewhere."""
    form, given = bind(_DRAWN, args, kwargs)
    if form:
        _check_chance(given["p"])
        return _with_one(given["input"], given["p"], generator_of(given))
    return bernoulli_of(given["input"], generator_of(given))
