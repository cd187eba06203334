"""The gradients of the gradients of a normalization, of whatever is normalized together.

What may live here: the terms that batch and layer norms share. The input's gradient is
`gain * rstd * (g - mean(g) - apart * rstd^2 * mean(g * apart))`, with `apart` the input less its mean and `rstd`
1 over the standard deviation; the terms are its derivatives. Steps and their order are torch's, which graphs show.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from minigrad.ops.arithmetic import add, over, sub, times
from minigrad.ops.loss_forms import in_place
from minigrad.ops.powers import pow  # noqa: A004 - torch's name

# mypy: disable-error-code="no-untyped-def, no-untyped-call"


def added(x: Any, part: Any) -> Any:
    """A sum of what is defined, in place where there is something to add to."""
    return part if x is None else x if part is None else in_place(add, x, part)


def with_bias(x: Any, part: Any, weight: Any) -> Any:
    """`x` with what the bias's gradient adds, which torch knows only beside a weight."""
    if weight is not None:
        return added(x, part)
    if x is not None:
        raise RuntimeError(
            "Expected a proper Tensor but got None (or an undefined Tensor in C++) for argument #1 'other'"
        )
    return None


class Normalized:
    """What was normalized: `apart` and `rstd`; `total` sums over `count` elements that were normalized together."""

    def __init__(self, apart: Any, rstd: Any, total: Callable[[Any], Any], count: int) -> None:
        self.apart, self.rstd, self.total, self.count = apart, rstd, total, count
        self.inverse, self.cube = pow(rstd, 2), pow(rstd, 3)
        self.lever = apart * self.cube

    def _mean_of(self, x: Any) -> Any:
        return in_place(over, x, self.count)

    def first(self, grad: Any, gain: Any) -> Any:
        """The input's gradient itself, for this gradient of the result."""
        head = self._mean_of(gain * self.rstd)
        scaled = times(grad, self.count)
        scaled = in_place(sub, scaled, self.total(grad))
        drift = self.apart * self.inverse * self.total(grad * self.apart)
        return head * in_place(sub, scaled, drift)

    def bend(self, grad: Any, along: Any, product: Any) -> Any:
        """How the input's gradient for `grad`, held against `along` (`product` is that of both, in the order in which
        it is made), changes with the input."""
        n = self.count
        grad_apart, grad_sum = self.total(grad * self.apart), self.total(grad)
        along_sum, along_apart = self.total(along), self.total(along * self.apart)
        everything = in_place(sub, self._mean_of(along_sum * grad_sum), self.total(product))
        third = in_place(times, self.inverse * grad_apart * along_apart, 3.0 / n if n else math.inf)
        everything = in_place(add, everything, third)
        found = self._mean_of(self.lever * everything)
        one = self._mean_of(along_apart * self.cube) * (over(grad_sum, n) - grad)
        other = self._mean_of(grad_apart * self.cube) * (over(along_sum, n) - along)
        return in_place(add, in_place(add, found, one), other)

    def slope(self, grad: Callable[[], Any]) -> Any:
        """How the weight's gradient for `grad` changes with the input. What makes it is called each time."""
        found = grad() * self.rstd
        mean = in_place(over, self.rstd * self.total(grad()), -self.count)
        drift = in_place(over, self.lever * self.total(grad() * self.apart), -self.count)
        return in_place(add, in_place(add, found, mean), drift)
