"""gradient: slopes of what is sampled along dimensions, by differences of neighbours; composed of other ops, as in
torch.

What may live here: that function, with the forms of its arguments.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from minigrad import errors
from minigrad.dims import normal_dim
from minigrad.ops.arithmetic import over, times
from minigrad.ops.joining import cat_op
from minigrad.ops.scans import diff
from minigrad.ops.slicing import slice_op
from minigrad.registry import composite
from minigrad.signatures import Parser
from minigrad.tensor import Tensor

_FORMS = Parser(
    "gradient",
    "(Tensor input, *, tuple of ints dim, int edge_order = 1)",
    "(Tensor input, *, Number spacing, tuple of ints dim, int edge_order = 1)",
    "(Tensor input, *, Number? spacing = None, int? dim = None, int edge_order = 1)",
    "(Tensor input, *, tuple of Scalars spacing, int? dim = None, int edge_order = 1)",
    "(Tensor input, *, tuple of Scalars spacing, tuple of ints dim, int edge_order = 1)",
    "(Tensor input, *, tuple of Tensors spacing, int? dim = None, int edge_order = 1)",
    "(Tensor input, *, tuple of Tensors spacing, tuple of ints dim, int edge_order = 1)",
)


@composite("gradient", method=False)
def gradient(*args: Any, **kwargs: Any) -> tuple[Tensor, ...]:
    """The slopes along each dimension, or those of `dim`, at distances of `spacing` or places that it lists."""
    given = _FORMS.parse(args, kwargs)[1]
    x, order = given["input"], given.get("edge_order", 1)
    dim: Any = given.get("dim")
    spacing = given.get("spacing")
    dims = list(range(x._a.ndim)) if dim is None else [dim] if isinstance(dim, int) else [*dim]
    same = [1.0 if spacing is None else spacing] * len(dims)
    steps: list[Any] = [*spacing] if isinstance(spacing, (tuple, list)) else same
    _check(x._a, len(steps), dim, dims, order)
    at_places = bool(steps) and isinstance(steps[0], Tensor)
    return tuple([(_at if at_places else _even)(x, s, d, order) for s, d in zip(steps, dims, strict=False)])


def _check(a: Any, count: int, dim: Any, dims: Sequence[int], order: int) -> None:
    if a.dtype.name == "uint8":
        raise RuntimeError("torch.gradient does not support uint8 input.")
    if dim is None and count != a.ndim:
        raise RuntimeError(
            "torch.gradient expected spacing to be unspecified, a scalar, or a list of length equal to "
            f"'self.dim() = {a.ndim}', since dim argument was not given, but got a list of length {count}"
        )
    if dim is not None and count != len(dims):
        raise RuntimeError(
            "torch.gradient expected spacing to be unspecified, a scalar or it's spacing and dim arguments to have the "
            f"same length, but got a spacing argument of length {count} and a dim argument of length {len(dims)}."
        )
    if order not in (1, 2):
        raise RuntimeError("torch.gradient only supports edge_order=1 and edge_order=2.")
    seen = set()
    for d in dims if dim is not None else ():
        if (place := normal_dim(d, a.ndim)) in seen:
            raise errors.repeated_dim(place)
        seen.add(place)
    for d in dims:
        if not a.ndim:
            raise errors.no_dimensions(d)
        if a.shape[d] < order + 1:
            raise RuntimeError("torch.gradient expected each dimension size to be at least edge_order+1")


def _over(x: Any, number: Any) -> Any:
    return over(x, number) if x._a.dtype.kind in "fc" else x / number


def _joined(first: Any, middle: Any, last: Any, d: int) -> Any:
    return cat_op([first, middle, last], d)


def _even(x: Any, step: Any, d: int, order: int) -> Any:
    """At distances of `step` everywhere."""
    d = normal_dim(d, x._a.ndim)

    def part(start: Any, end: Any = None) -> Any:
        return slice_op(x, d, start, end)

    def between(later: tuple[Any, ...], earlier: tuple[Any, ...]) -> Any:
        return _less(lambda: part(*later), lambda: part(*earlier))

    middle = _over(between((2,), (0, -2)), step)
    if order == 1:
        first, last = _over(between((1, 2), (0, 1)), step), _over(between((-1,), (-2, -1)), step)
    else:
        last_of_three, two = times(part(2, 3), 0.5), times(part(1, 2), 2)
        first = _over(times(part(0, 1), -1.5) + two - last_of_three, step)
        last_one, two = times(part(-1), 1.5), times(part(-2, -1), 2)
        last = _over(times(part(-3, -2), 0.5) - two + last_one, step)
    return _joined(first, _over(middle, 2), last, d)


def _at(x: Any, places: Any, d: int, order: int) -> Any:
    """At these places along the dimension."""
    if places._a.ndim != 1:
        raise RuntimeError(
            "torch.gradient expected each element of spacing to have one dimension, but got an element with "
            f"{places._a.ndim} dimensions!"
        )
    d = normal_dim(d, x._a.ndim)
    shape = [1] * x._a.ndim
    shape[d] = -1

    def part(start: Any, end: Any = None) -> Any:
        return slice_op(x, d, start, end)

    gaps = diff(places, 1, 0)
    before, after = slice_op(gaps, 0, 0, -1), slice_op(gaps, 0, 1)
    a = _ratio(lambda: -after, lambda: before * (before + after)).reshape(shape)
    b = _ratio(lambda: after - before, lambda: before * after).reshape(shape)
    c = _ratio(lambda: before, lambda: after * (before + after)).reshape(shape)
    middle = _three(part, (a, b, c), ((0, -2), (1, -1), (2,)))
    if order == 1:
        first = _ratio(lambda: _less(lambda: part(1, 2), lambda: part(0, 1)), lambda: gaps[0])
        last = _ratio(lambda: _less(lambda: part(-1), lambda: part(-2, -1)), lambda: gaps[-1])
        return _joined(first, middle, last, d)
    return _joined(_edge(part, gaps, 0, 1), middle, _edge(part, gaps, -1, -2), d)


def _edge(part: Any, gaps: Any, here: int, next_to: int) -> Any:
    """The slope at the first or the last place, from it and the two beside it."""

    def both() -> Any:
        second = gaps[next_to]
        return gaps[here] + second

    def product(first: int, rest: Any) -> Any:
        known = rest()
        return gaps[first] * known

    def doubled() -> Any:
        second = gaps[next_to]
        return times(gaps[here], 2 if here else 2.0) + second

    at_edge = partial(product, here, both)
    if not here:
        a = _ratio(lambda: -doubled(), at_edge)
        b = _ratio(both, lambda: product(here, lambda: gaps[next_to]))
        c = _ratio(lambda: -gaps[here], lambda: product(next_to, both))
        return _three(part, (a, b, c), ((0, 1), (1, 2), (2, 3)))
    a = _ratio(lambda: gaps[here], lambda: product(next_to, both))
    b = _ratio(lambda: -both(), lambda: product(here, lambda: gaps[next_to]))
    c = _ratio(doubled, at_edge)
    return _three(part, (a, b, c), ((-3, -2), (-2, -1), (-1,)))


# What stands on the right is made first, as C++ does (arithmetic.right_first).


def _ratio(above: Any, below: Any) -> Any:
    divisor = below()
    return above() / divisor


def _less(left: Any, right: Any) -> Any:
    second = right()
    return left() - second


def _three(part: Any, factors: Any, pieces: Any) -> Any:
    third = factors[2] * part(*pieces[2])
    second = factors[1] * part(*pieces[1])
    return factors[0] * part(*pieces[0]) + second + third
