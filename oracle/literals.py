"""Leaves as values: reading a creation instruction as shape, numbers and dtype, and writing it back simpler.

What may live here: the arithmetic of leaf literals that the reducer and the referee share. No engine, no
NumPy: values are nested tuples of Python numbers, so that every bit survives.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from oracle.program.edit import is_creation
from oracle.program.language import Arg, Attr, Instruction, ListArg

SHAPED = {"zeros": 0.0, "ones": 1.0}
MOST_LITERALS = 64  # a leaf with more elements stays as it was written


@dataclass(frozen=True)
class Leaf:
    """A leaf's shape, its numbers in row-major order, and the other keyword arguments as they were."""

    shape: tuple[int, ...]
    numbers: tuple[Any, ...]
    kwargs: tuple[tuple[str, Arg], ...] = ()

    @property
    def dtype(self) -> str | None:
        """The dtype written out, or None where the numbers decide."""
        for key, value in self.kwargs:
            if key == "dtype" and isinstance(value, Attr):
                return value.path
        return None

    def mapped(self, change: Callable[[Any], Any]) -> Leaf:
        return replace(self, numbers=tuple(change(number) for number in self.numbers))


def _flatten(arg: Arg, shape: tuple[int, ...], numbers: list[Any], depth: int = 0) -> bool:
    if depth == len(shape):
        numbers.append(arg)
        return isinstance(arg, (bool, int, float, complex))
    return (
        isinstance(arg, ListArg)
        and len(arg.items) == shape[depth]
        and all(_flatten(item, shape, numbers, depth + 1) for item in arg.items)
    )


def _shape_of(arg: Arg) -> tuple[int, ...]:
    shape = []
    while isinstance(arg, ListArg):
        shape.append(len(arg.items))
        if not arg.items:
            break
        arg = arg.items[0]
    return tuple(shape)


def as_shape(args: tuple[Arg, ...]) -> tuple[int, ...] | None:
    """The shape that creation arguments spell: `((2, 3),)`, `([2, 3],)` or `(2, 3)`."""
    if len(args) == 1 and isinstance(args[0], (tuple, ListArg)):
        args = args[0].items if isinstance(args[0], ListArg) else args[0]
    if all(type(size) is int and size >= 0 for size in args):
        return tuple(args)
    return None


def read_leaf(instruction: Instruction) -> Leaf | None:
    """The leaf that a creation instruction spells, or None where it is not one of the spelt-out kinds."""
    if not is_creation(instruction):
        return None
    op, args = instruction.op, instruction.args
    if op == "tensor" and len(args) == 1:
        shape: tuple[int, ...] | None = _shape_of(args[0])
        numbers: list[Any] = []
        if shape is None or not _flatten(args[0], shape, numbers):
            return None
        return Leaf(shape, tuple(numbers), instruction.kwargs)
    if op in SHAPED:
        shape, fill = as_shape(args), SHAPED[op]
    elif op == "full" and len(args) == 2:
        shape, fill = as_shape(args[:1]), args[1]
    else:
        return None
    if shape is None or math.prod(shape) > MOST_LITERALS or not isinstance(fill, (bool, int, float, complex)):
        return None
    return Leaf(shape, (fill,) * math.prod(shape), instruction.kwargs)


def _nest(shape: Sequence[int], numbers: Sequence[Any]) -> Arg:
    if not shape:
        return numbers[0]
    step = len(numbers) // shape[0] if shape[0] else 0
    return ListArg(tuple(_nest(shape[1:], numbers[i * step : (i + 1) * step]) for i in range(shape[0])))


def write_leaf(leaf: Leaf, instruction: Instruction) -> Instruction:
    """`instruction` rewritten to create `leaf`; empty shapes become `T.zeros(shape)`."""
    if leaf.numbers or leaf.shape == (0,):
        return instruction._replace(op="tensor", args=(_nest(leaf.shape, leaf.numbers),), kwargs=leaf.kwargs)
    return instruction._replace(op="zeros", args=(leaf.shape,), kwargs=leaf.kwargs)


def resized(leaf: Leaf, shape: tuple[int, ...]) -> Leaf:
    """The leaf with another shape, its first numbers kept and repeated as needed."""
    count = math.prod(shape)
    numbers = leaf.numbers or (1.0,)
    return replace(leaf, shape=shape, numbers=tuple(numbers[i % len(numbers)] for i in range(count)))


def cropped(leaf: Leaf, shape: tuple[int, ...]) -> Leaf:
    """The leading corner of a leaf of the same rank; where it is too small its numbers repeat."""
    if len(shape) != len(leaf.shape) or any(new > old for new, old in zip(shape, leaf.shape, strict=True)):
        return resized(leaf, shape)
    kept = []
    for position in range(math.prod(shape)):
        rest, flat, stride = position, 0, 1
        for new, old in zip(reversed(shape), reversed(leaf.shape), strict=True):
            rest, digit = divmod(rest, new)
            flat += digit * stride
            stride *= old
        kept.append(leaf.numbers[flat])
    return replace(leaf, shape=shape, numbers=tuple(kept))


def number_cost(number: Any) -> int:
    """How hard a number is to read: 0 for 1, little for small whole numbers, more with every digit."""
    if isinstance(number, bool):
        return 0 if number else 1
    if isinstance(number, complex):
        return 2 + number_cost(number.real) + number_cost(number.imag)
    if number == 1 or (number == 0 and isinstance(number, int)):
        return 0
    if isinstance(number, float) and not math.isfinite(number):
        return 4
    if number in (2, 3):
        return 1
    if number == 0:
        return 2 if math.copysign(1.0, number) > 0 else 4
    return 2 + len(repr(number))
