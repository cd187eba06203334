"""Numbers of other distributions written everywhere: exponential_, cauchy_, geometric_, log_normal_.

What may live here: these ops in place. Uniform and normal numbers are in `random_fills`, tensors that are made of
random ones in `sampling`. (Exponential numbers are those of processors of others than Intel's, on which torch may have
a library draw them.)
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from minigrad.draws import generator_of, laid_out
from minigrad.dtypes import C_NAMES, FROM_NUMPY
from minigrad.errors import not_implemented_for
from minigrad.factory import bind
from minigrad.memory import iterator_strides
from minigrad.ops.copying import zeros_of
from minigrad.registry import composite, derivative, inplace_of, op
from minigrad.signatures import Parser

# mypy: disable-error-code="no-untyped-def"

_TAIL = ", *, torch.Generator? generator = None)"
_EXPONENTIAL = Parser("exponential_", "(float lambd = 1" + _TAIL)
_CAUCHY = Parser("cauchy_", "(float median = 0, float sigma = 1" + _TAIL)
_GEOMETRIC = Parser("geometric_", "(float p" + _TAIL)
_LOG_NORMAL = Parser("log_normal_", "(float mean = 1, float std = 2" + _TAIL)


def _filled(self: Any, draw: Callable[[int], Any]) -> Any:
    """Numbers drawn in the order of memory, rounded from double precision."""
    flat = np.asarray(draw(self.size)).astype(self.dtype)
    return laid_out(flat, self.shape, iterator_strides(self.shape, [self.strides]))


def _continuous(law: str, dtype: str) -> RuntimeError:
    """For a law that has no whole numbers; of some laws torch says the dtype's C++ name."""
    return RuntimeError(
        f"{law} distribution is a continuous probability distribution. dtype must be a floating point but you "
        f"specified {dtype}"
    )


@op("_exponential", inplace=True, promote="keep", numbers=False)
def exponential_op(self, lambd: Any, generator: Any):
    if not lambd > 0:
        raise RuntimeError(f"exponential_ expects lambda > 0.0, but found lambda={lambd:g}")
    if self.dtype.kind != "f":
        raise _continuous("Exponential", FROM_NUMPY[self.dtype].scalar_type)
    return _filled(self, lambda count: -1.0 / lambd * np.log1p(-generator.uniform(count, True)))


@op("_cauchy", inplace=True, promote="keep", numbers=False)
def cauchy_op(self, median: Any, sigma: Any, generator: Any):
    if not sigma > 0:
        raise RuntimeError(f"cauchy_ expects sigma > 0.0, but found sigma={sigma:g}")
    if self.dtype.kind != "f":
        raise _continuous("Cauchy", C_NAMES[self.dtype.name])
    return _filled(self, lambda count: median + sigma * np.tan(math.pi * (generator.uniform(count, True) - 0.5)))


@op("_geometric", inplace=True, promote="keep", numbers=False)
def geometric_op(self, p: Any, generator: Any):
    if not 0 < p < 1:
        raise RuntimeError(f"geometric_ expects p to be in (0, 1), but got p={p:g}")
    if self.size and self.dtype.kind in "bc":
        raise not_implemented_for("geometric_cpu", self.dtype)
    return _filled(self, lambda count: np.ceil(np.log(generator.uniform(count, True)) / math.log(1 - p)))


@op("_log_normal", inplace=True, promote="keep", numbers=False)
def log_normal_op(self, mean: Any, std: Any, generator: Any):
    if not std > 0:
        raise RuntimeError(f"log_normal_ expects std > 0.0, but found std={std:g}")
    if self.size and self.dtype.kind != "f":
        raise not_implemented_for("log_normal_cpu", self.dtype)
    return _filled(self, lambda count: np.exp(generator.normal_pairs(count) * std + mean))


for _label, _of in (
    ("ExponentialBackward0", exponential_op),
    ("CauchyBackward0", cauchy_op),
    ("GeometricBackward0", geometric_op),
    ("LogNormalBackward0", log_normal_op),
):
    derivative(_label, of=_of, forward=lambda self_t: self_t.zero_(), self=lambda grad: zeros_of(grad))


@composite("exponential_", function=False)
def exponential_(self, *args: Any, **kwargs: Any):
    """Writes numbers of the exponential distribution with rate `lambd` (1)."""
    given = bind(_EXPONENTIAL, args, kwargs)[1]
    return inplace_of(exponential_op)(self, given.get("lambd", 1.0), generator_of(given))


@composite("cauchy_", function=False)
def cauchy_(self, *args: Any, **kwargs: Any):
    """Writes numbers of Cauchy's distribution about `median` (0), of scale `sigma` (1)."""
    given = bind(_CAUCHY, args, kwargs)[1]
    return inplace_of(cauchy_op)(self, given.get("median", 0.0), given.get("sigma", 1.0), generator_of(given))


@composite("geometric_", function=False)
def geometric_(self, *args: Any, **kwargs: Any):
    """Writes how many trials it takes to succeed with probability `p`."""
    given = bind(_GEOMETRIC, args, kwargs)[1]
    return inplace_of(geometric_op)(self, given["p"], generator_of(given))


@composite("log_normal_", function=False)
def log_normal_(self, *args: Any, **kwargs: Any):
    """Writes exponentials of normal numbers with this mean (1) and standard deviation (2)."""
    given = bind(_LOG_NORMAL, args, kwargs)[1]
    return inplace_of(log_normal_op)(self, given.get("mean", 1.0), given.get("std", 2.0), generator_of(given))
