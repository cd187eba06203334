"""Candidate simplifications of a program's leaves and numbers, as generators: shapes, dtypes, values.

What may live here: pure functions from instructions to instructions that read more easily. As in `simplify`,
no candidate is promised to be legal or to fail still; `reduce` asks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from oracle.literals import Leaf, cropped, number_cost, read_leaf, resized, write_leaf
from oracle.program.edit import is_creation, map_args
from oracle.program.language import Instruction
from oracle.simplify import Candidates, Instructions, Known


def shrinkings(now: Instructions, known: Known) -> Candidates:
    """Smaller shapes: every leaf at once, then each dimension's size everywhere, then leaf by leaf."""
    spelt = {index: leaf for index, one in enumerate(now) if (leaf := read_leaf(one)) is not None}
    shape: tuple[int, ...]
    for shape in ((), (1,), (2,)):
        yield _with_leaves(now, spelt, _sized(shape))
    yield _with_ints(_with_leaves(now, spelt, lambda leaf: resized(leaf, (1,))), 0)
    yield _with_ints(_with_leaves(now, spelt, lambda leaf: cropped(leaf, (1,) * len(leaf.shape))), 1)
    rank = max((len(leaf.shape) for leaf in spelt.values()), default=0)
    if rank:
        yield _with_leaves(now, spelt, lambda leaf: _drop_axis(leaf, rank, 0))
        yield _with_leaves(now, spelt, lambda leaf: _drop_axis(leaf, rank, -1))
        yield _with_leaves(now, spelt, lambda leaf: _drop_axis(leaf, len(leaf.shape), 0))
    for size in sorted({size for leaf in spelt.values() for size in leaf.shape if size > 1}, reverse=True):
        for smaller in sorted({1, 2, size - 1} - {size}):
            resize = _resizer(size, smaller)
            yield _with_leaves(now, spelt, resize)
            yield _with_sizes(_with_leaves(now, spelt, resize), size, smaller)
    for index, leaf in spelt.items():
        for shape in ((), (1,), (2,), leaf.shape[1:], leaf.shape[:-1]):
            yield _with_leaves(now, {index: leaf}, _sized(shape))
        for axis, size in enumerate(leaf.shape):
            if size != 1:
                shape = (*leaf.shape[:axis], 1, *leaf.shape[axis + 1 :])
                yield _with_leaves(now, {index: leaf}, _crop(shape))


def _sized(shape: tuple[int, ...]) -> Callable[[Leaf], Leaf]:
    return lambda leaf: resized(leaf, shape)


def _crop(shape: tuple[int, ...]) -> Callable[[Leaf], Leaf]:
    return lambda leaf: cropped(leaf, shape)


def _mapped(change: Callable[[Any], Any]) -> Callable[[Leaf], Leaf]:
    return lambda leaf: leaf.mapped(change)


def _on_numbers(change: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda atom: change(atom) if _is_number(atom) else atom


def _drop_axis(leaf: Leaf, rank: int, axis: int) -> Leaf:
    if len(leaf.shape) != rank or not rank:
        return leaf
    shape = leaf.shape[1:] if axis == 0 else leaf.shape[:-1]
    return resized(leaf, shape)


def _resizer(size: int, smaller: int) -> Callable[[Leaf], Leaf]:
    return lambda leaf: cropped(leaf, tuple(smaller if one == size else one for one in leaf.shape))


def _with_leaves(
    now: Instructions, chosen: Mapping[int, Leaf], change: Callable[[Leaf], Leaf]
) -> list[Instruction]:
    result = list(now)
    for index, leaf in chosen.items():
        changed = change(leaf)
        if changed != leaf:
            result[index] = write_leaf(changed, now[index])
    return result


def _with_sizes(now: Instructions, size: int, smaller: int) -> list[Instruction]:
    """Every whole number `size` in the arguments of ops replaced too: view and expand name their shapes."""
    return [
        one
        if is_creation(one)
        else map_args(one, lambda atom: smaller if type(atom) is int and atom == size else atom)
        for one in now
    ]


def _with_ints(now: Instructions, to: int) -> list[Instruction]:
    """Every whole number in the arguments of ops replaced: dims by 0, sizes by 1."""
    return [
        one if is_creation(one) else map_args(one, lambda atom: to if type(atom) is int else atom)
        for one in now
    ]


def dtypes(now: Instructions, known: Known) -> Candidates:
    """Leaves without a dtype of their own, all at once, then one by one; complex numbers as real ones."""
    spelt = {index: leaf for index, one in enumerate(now) if (leaf := read_leaf(one)) is not None}
    plain = {index: leaf for index, leaf in spelt.items() if leaf.dtype or any(map(_odd, leaf.numbers))}
    if plain:
        yield _with_leaves(now, plain, _default)
    for index, leaf in plain.items():
        yield _with_leaves(now, {index: leaf}, _default)


def _odd(number: object) -> bool:
    return not isinstance(number, float)


def _default(leaf: Leaf) -> Leaf:
    kwargs = tuple((key, value) for key, value in leaf.kwargs if key != "dtype")
    numbers = tuple(float(n.real if isinstance(n, complex) else n) for n in leaf.numbers)
    return Leaf(leaf.shape, numbers, kwargs)


def numbers(now: Instructions, known: Known) -> Candidates:
    """Plainer numbers: in all leaves at once, leaf by leaf, scalar by scalar, element by element."""
    spelt = {index: leaf for index, one in enumerate(now) if (leaf := read_leaf(one)) is not None}
    for change in (_one, _two, _rounded):
        yield _with_leaves(now, spelt, _mapped(change))
    for index, leaf in spelt.items():
        for change in (_one, _two, _rounded, _zero):
            yield _with_leaves(now, {index: leaf}, _mapped(change))
        yield _with_leaves(now, {index: leaf}, _counted)
    for index, one in enumerate(now):
        leaf = spelt.get(index)
        for changed in _plainer_leaf(one, leaf) if leaf else _plainer_scalars(one):
            yield [*now[:index], changed, *now[index + 1 :]]


def _plainer_leaf(one: Instruction, leaf: Leaf) -> Iterator[Instruction]:
    if len(leaf.numbers) > 8:
        return
    for at, number in enumerate(leaf.numbers):
        for change in (_one, _two, _rounded, _zero):
            if number_cost(change(number)) < number_cost(number):
                altered = (*leaf.numbers[:at], change(number), *leaf.numbers[at + 1 :])
                yield write_leaf(Leaf(leaf.shape, altered, leaf.kwargs), one)


def _plainer_scalars(one: Instruction) -> Iterator[Instruction]:
    for target in (_one, _two, _rounded, _zero):
        yield map_args(one, _on_numbers(target))


def _is_number(atom: object) -> bool:
    return isinstance(atom, (int, float, complex)) and not isinstance(atom, bool)


def _counted(leaf: Leaf) -> Leaf:
    """1, 2, 3, ... in the kind of number the leaf has."""
    if not leaf.numbers or isinstance(leaf.numbers[0], bool):
        return leaf
    kind = type(leaf.numbers[0])
    return Leaf(leaf.shape, tuple(kind(i + 1) for i in range(len(leaf.numbers))), leaf.kwargs)


def _one(number: bool | int | float | complex) -> bool | int | float | complex:
    return type(number)(1)


def _two(number: bool | int | float | complex) -> bool | int | float | complex:
    return type(number)(2)


def _zero(number: bool | int | float | complex) -> bool | int | float | complex:
    return type(number)(0)


def _rounded(number: bool | int | float | complex) -> bool | int | float | complex:
    """The nearest whole number, or half of one; small, and of the same sign."""
    if isinstance(number, complex):
        return complex(_rounded(number.real), _rounded(number.imag))
    if isinstance(number, bool) or number != number or abs(number) == float("inf"):
        return number
    whole = max(-3, min(3, round(number)))
    return type(number)(whole) if whole else (0.5 if number > 0 else -0.5) if number else number


VALUES = (shrinkings, dtypes, numbers)
"""In the order tried: smaller leaves first, since they make everything after cheaper."""
