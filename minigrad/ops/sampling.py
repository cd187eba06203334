"""Tensors drawn from distributions that tensors describe: normal, poisson, multinomial, gumbel_softmax.

What may live here: these. Writes in place are in `random_fills` and `random_laws`.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from minigrad import dtypes, modes
from minigrad.device import contiguous_format
from minigrad.draws import generator_of, laid_out
from minigrad.draws import normal as normal_numbers
from minigrad.dtypes import FROM_NUMPY
from minigrad.factory import OUT, bind, finish, out_dtype
from minigrad.filling import empty_like, zeros_like
from minigrad.memory import check_sizes
from minigrad.ops.carriers import array_of, supports, zero_gradient
from minigrad.ops.copying import zeros_of
from minigrad.ops.loss_forms import real_where_recorded
from minigrad.ops.random_laws import exponential_
from minigrad.promotion import broadcast_shape
from minigrad.registry import FUNCTIONS, composite, derivative, op, publish
from minigrad.signatures import Parser
from minigrad.tensor import Tensor, wrap
from minigrad.warn import warn

# mypy: disable-error-code="no-untyped-def"

_NORMAL = Parser(
    "normal",
    "(Tensor mean, Tensor std, *, torch.Generator? generator = None)",
    "(Tensor mean, float std = 1, *, torch.Generator? generator = None)",
    "(float mean, Tensor std, *, torch.Generator? generator = None)",
    "(float mean, float std, tuple of ints size, *, torch.Generator? generator = None, " + OUT + ")",
)
_POISSON = Parser("poisson", "(Tensor input, torch.Generator? generator = None)")
_MULTINOMIAL = Parser(
    "multinomial", "(Tensor input, int num_samples, bool replacement = False, *, torch.Generator? generator = None)"
)


def _standard(shape: Any, dt: Any, generator: Any, std: float = 1.0) -> Any:
    flat = normal_numbers(generator, int(np.prod(shape)), FROM_NUMPY[np.dtype(dt)], True, 0.0, std)
    return laid_out(flat, tuple(shape), None)


def _check_numbers(std: Any) -> None:
    if std.dtype.kind == "c":
        raise RuntimeError("normal expects standard deviation to be non-complex")
    if std.size and not std.min() >= 0:
        raise RuntimeError("normal expects all elements of std >= 0.0")


@op("_normal.Tensor_float", promote="keep", numbers=False, lays_out=True)
def normal_about(mean, std: Any, generator: Any):
    if not std >= 0:
        raise RuntimeError(f"normal expects std >= 0.0, but found std {std:g}")
    return _standard(mean.shape, mean.dtype, generator, std) + mean


@op("_normal.float_Tensor", promote="keep", numbers=False, lays_out=True)
def normal_as_wide(mean: Any, std, generator: Any):
    _check_numbers(std)
    return _standard(std.shape, std.dtype, generator) * std + std.dtype.type(mean)


@op("_normal.Tensor_Tensor", promote="keep", numbers=False, lays_out=True)
def normal_of(mean, std, generator: Any):
    _check_numbers(std)
    shape = broadcast_shape([mean.shape, std.shape])
    return (_standard(shape, mean.dtype, generator) * std.astype(mean.dtype) + mean).astype(mean.dtype, copy=False)


def _nothing(grad: Any, shape: Any) -> Any:
    return zero_gradient(grad, shape, array_of(grad).dtype)


derivative(
    "NormalBackward1", of=normal_about, forward="elementwise", mean=lambda grad, mean_shape: _nothing(grad, mean_shape)
)
derivative(
    "NormalBackward2", of=normal_as_wide, forward="elementwise", std=lambda grad, std_shape: _nothing(grad, std_shape)
)
derivative(
    "NormalBackward3",
    of=normal_of,
    forward=lambda result: zeros_of(result),
    mean=lambda grad, mean_shape: _nothing(grad, mean_shape),
    std=lambda grad, std_shape: _nothing(grad, std_shape),
)


@composite("normal", method=False)
def normal(*args: Any, **kwargs: Any):
    """Normal numbers with a mean and a standard deviation for each, or of the size that is given."""
    form, given = bind(_NORMAL, args, kwargs)
    mean, std = given["mean"], given.get("std", 1.0)
    if form < 3:
        found = (normal_of, normal_about, normal_as_wide)[form](mean, std, generator_of(given))
        return real_where_recorded("normal", found)
    d = out_dtype(given, dtypes.get_default_dtype())
    check_sizes(given["size"], d.itemsize)
    if not std >= 0:
        raise RuntimeError(f"normal expects std >= 0.0, but found std {std:g}")
    flat = normal_numbers(generator_of(given), int(np.prod(given["size"])), d, True, mean, std)
    return finish(laid_out(flat, given["size"], None), given)


# -- counts of what is rare ---------------------------------------------------------------------------------


@op("_poisson", promote="keep", numbers=False, lays_out=True)
@supports("f", "poisson_cpu")
def poisson_op(self, generator: Any):
    lined = np.ascontiguousarray(self)
    return np.array([_event_count(float(rate), generator) for rate in lined.ravel()], self.dtype).reshape(self.shape)


derivative("PoissonBackward0", of=poisson_op, forward="elementwise", self=lambda grad: zeros_of(grad))


def _event_count(rate: float, generator: Any) -> float:
    if not rate >= 0:
        raise RuntimeError("invalid Poisson rate, expected rate to be non-negative")
    if rate == 0:
        return 0.0

    def uniform() -> float:
        return float(generator.uniform(1, True)[0])

    if rate < 10:
        count, product, least = 0, uniform(), math.exp(-rate)
        while product > least:
            count, product = count + 1, product * uniform()
        return count
    return _by_rejection(rate, uniform)


def _by_rejection(rate: float, uniform: Any) -> int:
    """W. Hoermann's transformed rejection (1993)."""
    b = 0.931 + 2.53 * math.sqrt(rate)
    a = -0.059 + 0.02483 * b
    alpha, ratio = 1.1239 + 1.1328 / (b - 3.4), 0.9277 - 3.6224 / (b - 2)
    while True:
        u = uniform() - 0.5
        v = uniform()
        us = 0.5 - abs(u)
        k: int = math.floor((2 * a / us + b) * u + rate + 0.43)
        if us >= 0.07 and v <= ratio:
            return k
        if k < 0 or (us < 0.013 and v > us):
            continue
        chance = math.log(v) + math.log(alpha) - math.log(a / (us * us) + b)
        if chance <= -rate + k * math.log(rate) - math.lgamma(k + 1):
            return k


@composite("poisson", method=False)
def poisson(*args: Any, **kwargs: Any):
    """How often what is expected `input` times happens."""
    given = bind(_POISSON, args, kwargs)[1]
    return poisson_op(given["input"], generator_of(given))


# -- classes by their chances -----------------------------------------------------------------------------


def _check(a: Any, count: int, replacement: bool) -> None:
    if a.ndim not in (1, 2):
        raise RuntimeError("prob_dist must be 1 or 2 dim")
    if a.dtype.kind != "f":
        raise RuntimeError(
            "multinomial only supports floating-point dtypes for input, got: " + FROM_NUMPY[a.dtype].scalar_type
        )
    if count <= 0:
        raise RuntimeError("cannot sample n_sample <= 0 samples")
    if not replacement and count > a.shape[-1]:
        raise RuntimeError("cannot sample n_sample > prob_dist.size(-1) samples without replacement")
    if a.shape[-1] > 2**24:
        raise RuntimeError("number of categories cannot exceed 2^24")


_NOTHING = "invalid multinomial distribution (sum of probabilities <= 0)"


def _races(input: Tensor, count: int, given: Any) -> Tensor:
    """Without replacement: the greatest of the probabilities, each over an exponential number."""
    a = input._a
    if a.size and not (a.max() < np.inf and a.min() >= 0):
        raise RuntimeError("probability tensor contains either `inf`, `nan` or element < 0")
    if (a.sum(-1) == 0).any():
        raise RuntimeError(_NOTHING)
    times = exponential_(empty_like(input), 1, generator=given.get("generator"))
    scores = input.detach() / times
    return FUNCTIONS["argmax"](scores, -1, True) if count == 1 else FUNCTIONS["topk"](scores, count)[1]  # type: ignore[no-any-return]


def _drawn(a: Any, count: int, generator: Any) -> Any:
    out = np.zeros((*a.shape[:-1], count), np.int64)
    for row in np.ndindex(a.shape[:-1]):
        chances = a[row].astype(np.float32) if a.dtype.char == "e" else a[row]
        bad = ~((chances >= 0) & np.isfinite(chances))
        if bad.any() and not chances[bad][0] >= 0:
            raise RuntimeError("invalid multinomial distribution (encountering probability entry < 0)")
        if bad.any():
            raise RuntimeError("invalid multinomial distribution (encountering probability entry = infinity or NaN)")
        sums = np.add.accumulate(chances)
        if not sums[-1] > 0:
            raise RuntimeError(_NOTHING)
        sums = (sums / sums[-1]).astype(np.float64)
        sums[-1] = 1
        out[row] = np.searchsorted(sums, generator.uniform(count, True))
    return out


@composite("multinomial")
def multinomial(*args: Any, **kwargs: Any):
    """Numbers of classes, drawn with the probabilities that the rows hold, each at most once unless `replacement`."""
    given = bind(_MULTINOMIAL, args, kwargs)[1]
    input, count, replacement = given["input"], given["num_samples"], given.get("replacement", False)
    _check(input._a, count, replacement)
    generator = generator_of(given)
    if not replacement or count == 1:
        with modes.no_grad():
            return _races(input, count, given)
    return wrap(_drawn(input._a, count, generator))


def gumbel_softmax(logits: Any, tau: float = 1, hard: bool = False, eps: float = 1e-10, dim: int = -1) -> Any:
    """Chances, or (`hard`) a one among zeros, drawn by adding noise to `logits`; both have the gradient of chances."""
    if eps != 1e-10:
        warn("`eps` parameter is deprecated and has no effect.")
    noise = -exponential_(empty_like(logits, memory_format=contiguous_format)).log()
    soft = ((logits + noise) / tau).softmax(dim)
    if not hard:
        return soft
    index = soft.max(dim, keepdim=True)[1]
    chosen = zeros_like(logits, memory_format=contiguous_format).scatter_(dim, index, 1.0)
    return chosen - soft.detach() + soft


publish("nn.functional.gumbel_softmax", gumbel_softmax, method=False)
