"""Sums of products over named dimensions, composed of bmm and mm as torch composes them: einsum, tensordot, inner.

What may live here: these, their reading of equations and torch's order of steps.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from typing import Any

from minigrad.dims import distinct_dims, existing_dim
from minigrad.errors import shape_text, wrong_argument
from minigrad.ops.products import bmm, inner_product, mm
from minigrad.ops.reduction import sum_dims
from minigrad.ops.reshaping import reshape, view_op
from minigrad.ops.transposing import permute_op
from minigrad.refusals import handed
from minigrad.registry import composite
from minigrad.tensor import Tensor

# mypy: disable-error-code="no-untyped-def, no-untyped-call"

ELLIPSIS = 52
"""Stands for `...` among the labels, which are 0 to 25 for A to Z and 26 to 51 for a to z."""


# -- equations ------------------------------------------------------------------------------------------


def _label(char: str) -> int:
    return ord(char) - ord("A") if char.isupper() else ord(char) - ord("a") + 26


def _letter(label: int) -> str:
    return chr(ord("A") + label) if label < 26 else chr(ord("a") + label - 26)


def _labels(text: str, whose: str, offset: int) -> list[int]:
    """The labels of one operand (or of the output). Raises RuntimeError for what is none."""
    out: list[int] = []
    i = 0
    while i < len(text):
        char = text[i]
        if char == ".":
            if ELLIPSIS in out:
                raise RuntimeError(f"einsum(): found '.' for {whose} for which an ellipsis was already found")
            if text[i : i + 3] != "...":
                shown = " (...)" if whose == "output" else ""
                raise RuntimeError(f"einsum(): found '.' for {whose} that is not part of any ellipsis{shown}")
            out.append(ELLIPSIS)
            i += 2
        elif char != " ":
            if not (char.isascii() and char.isalpha()):
                raise RuntimeError(
                    f"einsum(): invalid subscript given at index {offset + i} in the equation string, subscripts must "
                    "be in [a-zA-Z]"
                )
            out.append(_label(char))
        i += 1
    return out


def _check_operand(labels: list[int], ndim: int, number: int) -> None:
    named = len(labels) - (ELLIPSIS in labels)
    if ELLIPSIS in labels:
        if named > ndim:
            raise RuntimeError(
                f"einsum(): the number of subscripts in the equation ({named}) is more than the number of dimensions "
                f"({ndim}) for operand {number}"
            )
    elif named != ndim:
        raise RuntimeError(
            f"einsum(): the number of subscripts in the equation ({named}) does not match the number of dimensions "
            f"({ndim}) for operand {number} and no ellipsis was given"
        )


class _Places:
    """Where each label stands among the dimensions of all operands, those of the output first."""

    def __init__(self, inputs: list[list[int]], output: list[int] | None, covered: int) -> None:
        counts = [sum(labels.count(k) for labels in inputs) for k in range(ELLIPSIS)]
        self.of: dict[int, int] = {}
        self.count = 0
        self.covered, self.ellipsis = covered, 0
        if output is None:
            self.count = covered
            for k in range(ELLIPSIS):
                if counts[k] == 1:
                    self._add(k)
        else:
            self._given(output, counts)
        self.kept = self.count
        if output is not None and ELLIPSIS not in output:
            self.ellipsis = self.count
            self.count += covered
        for k in range(ELLIPSIS):
            if counts[k] and k not in self.of:
                self._add(k)

    def _add(self, label: int) -> None:
        self.of[label] = self.count
        self.count += 1

    def _given(self, output: list[int], counts: list[int]) -> None:
        for k in output:
            if k == ELLIPSIS:
                self.ellipsis = self.count
                self.count += self.covered
                continue
            if k in self.of:
                raise RuntimeError(f"einsum(): output subscript {_letter(k)} appears more than once in the output")
            if not counts[k]:
                raise RuntimeError(
                    f"einsum(): output subscript {_letter(k)} does not appear in the equation for any input operand"
                )
            self._add(k)


def _placed(operand: Any, labels: list[int], number: int, places: _Places) -> Any:
    """An operand with a dimension for every place, of size 1 where it has none; repeated labels as diagonals."""
    order = [-1] * places.count
    dim = 0
    for k in labels:
        if k == ELLIPSIS:
            own = operand._a.ndim - (len(labels) - 1) if dim == 0 else _own(operand, labels, dim)
            for j in range(places.covered - own, places.covered):
                order[places.ellipsis + j] = dim
                dim += 1
            continue
        at = places.of[k]
        if order[at] < 0:
            order[at] = dim
            dim += 1
            continue
        before = order[at]
        sizes = operand._a.shape
        if sizes[before] != sizes[dim]:
            raise RuntimeError(
                f"einsum(): subscript {_letter(k)} is repeated for operand {number} but the sizes don't match, "
                f"{sizes[dim]} != {sizes[before]}"
            )
        operand = operand.diagonal(0, before, dim).movedim(-1, before)
    for at, place in enumerate(order):
        if place < 0:
            operand = operand.unsqueeze(dim)
            order[at] = dim
            dim += 1
    return permute_op(operand, tuple(order))


def _own(operand: Any, labels: list[int], dim: int) -> int:
    rest = labels[labels.index(ELLIPSIS) + 1 :]
    return int(operand._a.ndim - dim - len(rest))


def _read(equation: str, operands: Sequence[Any]) -> tuple[list[list[int]], list[int] | None]:
    left, arrow, right = equation.partition("->")
    parts = left.split(",")
    if len(parts) > len(operands):
        raise RuntimeError("einsum(): fewer operands were provided than specified in the equation")
    if len(parts) < len(operands):
        raise RuntimeError("einsum(): more operands were provided than specified in the equation")
    starts = itertools.accumulate((len(part) + 1 for part in parts), initial=0)
    inputs = [_labels(part, f"operand {i}", start) for i, (part, start) in enumerate(zip(parts, starts, strict=False))]
    output = _labels(right, "output", len(left) + 2) if arrow else None
    return inputs, output


# -- einsum ---------------------------------------------------------------------------------------------


@composite("einsum", method=False)
def einsum(*args: Any) -> Any:
    """Sums of products of elements of the operands, dimensions named by an equation or by lists of numbers."""
    if len(args) < 2:
        raise ValueError(
            "einsum(): must specify the equation string and at least one operand, or at least one operand and its "
            "subscripts list"
        )
    equation, operands = _in_letters(args) if isinstance(args[0], Tensor) else (args[0], args[1:])
    if len(operands) == 1 and isinstance(operands[0], (list, tuple)):
        operands = tuple(operands[0])
    handed("einsum", equation, operands)
    inputs, output = _read(equation, operands)
    covered = 0
    for number, (labels, operand) in enumerate(zip(inputs, operands, strict=True)):
        _check_operand(labels, operand._a.ndim, number)
        if ELLIPSIS in labels:
            covered = max(covered, operand._a.ndim - (len(labels) - 1))
    places = _Places(inputs, output, covered)
    placed = [
        _placed(one, labels, number, places)
        for number, (labels, one) in enumerate(zip(inputs, operands, strict=True))
    ]
    _check_broadcast(placed, places)
    return _contracted(placed, places)


def _in_letters(args: Any) -> tuple[str, Any]:
    """Operands and lists of numbers in turn, as an equation."""

    def letters(numbers: Any) -> str:
        out = ""
        for n in numbers:
            if n is Ellipsis:
                out += "..."
            elif 0 <= n < 52:
                out += _letter(n)
            else:
                raise ValueError("einsum(): subscript in subscript list is not within the valid range [0, 52)")
        return out

    equation = ",".join(map(letters, args[1::2]))
    if len(args) % 2:
        return f"{equation}->{letters(args[-1])}", args[:-1:2]
    return equation, args[::2]


def _check_broadcast(placed: list[Any], places: _Places) -> None:
    for at in range(places.count):
        seen = 1
        for number, one in enumerate(placed):
            size = one._a.shape[at]
            if size == 1 or size == seen:
                continue
            if seen == 1:
                seen = size
                continue
            label = next((_letter(k) for k, place in places.of.items() if place == at), None)
            what = f"subscript {label}" if label else f"dimension {at - places.ellipsis} covered by ellipsis"
            raise RuntimeError(
                f"einsum(): {what} has size {size} for operand {number} which does not broadcast with previously seen "
                f"size {seen}"
            )


def _contracted(placed: list[Any], places: _Places) -> Any:
    """Operand after operand, from the left; each dimension is summed as soon as nobody else has it."""
    several = len(placed) > 1
    counts = [sum(one._a.shape[at] != 1 for one in placed) for at in range(places.count)]
    rest = list(placed)
    while len(rest) > 1:
        a, b = rest[0], rest[1]
        both: list[int] = []
        of_a: list[int] = []
        of_b: list[int] = []
        for at in range(places.kept, places.count):
            sizes = (a._a.shape[at], b._a.shape[at])
            if 1 not in sizes:
                counts[at] -= 1
                if counts[at] == 1:
                    both.append(at)
                    counts[at] = 0
            elif counts[at] == 1 and sizes != (1, 1):
                (of_a if sizes[0] != 1 else of_b).append(at)
                counts[at] = 0
        a = sum_dims(a, tuple(of_a), True) if of_a else a
        b = sum_dims(b, tuple(of_b), True) if of_b else b
        rest[:2] = [_pair(a, b, both)]
    (out,) = rest
    if places.count == places.kept:
        return out
    if several:
        return view_op(out, out._a.shape[: places.kept])
    return sum_dims(out, tuple(range(places.kept, places.count)), False)


def _pair(a: Any, b: Any, summed: list[int]) -> Any:
    """The product of two operands with a dimension for every place, summed over some (torch's sumproduct_pair)."""
    if not summed:
        return a * b
    shared: list[int] = []
    left: list[int] = []
    right: list[int] = []
    for at, (m, n) in enumerate(zip(a._a.shape, b._a.shape, strict=True)):
        if at not in summed:
            (shared if 1 not in (m, n) else left if m != 1 else right).append(at)
    if left and right and right[-1] < left[0]:
        a, b, left, right = b, a, right, left
    m, n = a._a.shape, b._a.shape
    size = {
        "shared": math.prod(m[d] for d in shared),
        "left": math.prod(m[d] for d in left),
        "summed": math.prod(m[d] for d in summed),
        "right": math.prod(n[d] for d in right),
    }
    first = reshape(permute_op(a, (*shared, *left, *summed, *right)), (size["shared"], size["left"], size["summed"]))
    second = reshape(permute_op(b, (*shared, *summed, *right, *left)), (size["shared"], size["summed"], size["right"]))
    order = [*shared, *left, *summed, *right]
    sizes = (*(m[d] for d in (*shared, *left)), *(1 for _ in summed), *(n[d] for d in right))
    return permute_op(view_op(bmm(first, second), sizes), tuple(order.index(d) for d in range(len(order))))


# -- tensordot ------------------------------------------------------------------------------------------


def _dims_of(a: Any, b: Any, dims: Any) -> tuple[list[int], list[int]]:
    if isinstance(dims, Tensor):
        if dims._a.size > 1:
            return dims[0].tolist(), dims[1].tolist()
        dims = int(dims.item())
    if isinstance(dims, (tuple, list)):
        first, second = dims
        named = tuple([one] if isinstance(one, int) else list(one) for one in (first, second))
        return named[0], named[1]
    if not isinstance(dims, int):
        raise RuntimeError(
            "tensordot expects dims to be int or tuple[list[int], list[int]] or list[list[int]] containing two lists, "
            f"but got dims={dims}"
        )
    if dims < 0:
        raise RuntimeError(f"tensordot expects dims >= 0, but got dims={dims}")
    if dims > min(a.dim(), b.dim()):
        raise RuntimeError(f"tensordot expects dims < ndim_a or ndim_b, but got dims={dims}")
    return list(range(-dims, 0)), list(range(dims))


@composite("tensordot", method=False)
def tensordot(a: Any, b: Any, dims: Any = 2) -> Any:
    """The products of all elements, summed over pairs of dimensions."""
    dims_a, dims_b = _dims_of(a, b, dims)
    handed("tensordot", a, b, dims_a, dims_b)
    return _tensordot(a, b, dims_a, dims_b)


def _tensordot(a: Any, b: Any, of_a: list[int], of_b: list[int]) -> Any:
    if len(of_a) != len(of_b):
        raise RuntimeError("both dimension lists should have same length")
    if a._a.dtype != b._a.dtype:
        raise RuntimeError("both inputs should have same dtype")
    summed = 1
    for i, j in zip(of_a, of_b, strict=True):
        m, n = (x._a.shape[existing_dim(d, x._a.ndim)] for x, d in ((a, i), (b, j)))
        if n == 1:
            a = sum_dims(a, (i,), True)
        elif m == 1:
            b = sum_dims(b, (j,), True)
        elif m != n:
            raise RuntimeError(
                f"contracted dimensions need to match, but first has size {m} in dim {i} and second has size {n} in "
                f"dim {j}"
            )
        else:
            summed *= m
    first, second = distinct_dims(of_a, a._a.ndim), distinct_dims(of_b, b._a.ndim)
    rest = [d for d in range(a._a.ndim) if d not in first], [d for d in range(b._a.ndim) if d not in second]
    sizes = [a._a.shape[d] for d in rest[0]], [b._a.shape[d] for d in rest[1]]
    orders = (*rest[0], *of_a), (*of_b, *rest[1])
    shape = (*sizes[0], *sizes[1])
    if math.prod(shape) == 1:
        return reshape(_one_sum(permute_op(a, orders[0]), permute_op(b, orders[1]), summed), shape)
    left = reshape(permute_op(a, orders[0]), (math.prod(sizes[0]), summed))
    right = reshape(permute_op(b, orders[1]), (summed, math.prod(sizes[1])))
    return reshape(mm(left, right), shape)


def _one_sum(left: Any, right: Any, summed: int) -> Any:
    """The one number that is left of two operands: a dot product, unless that would copy one of them."""
    if not (left.is_contiguous() and right.is_contiguous()):
        return (left.squeeze() * right.squeeze()).sum()
    # the second one first, as the last argument in torch
    right, left = (x if x._a.ndim == 1 else reshape(x, (summed,)) for x in (right, left))
    return inner_product(left, right)


@composite("inner")
def inner(self, other):
    """The sums of products along the last dimensions of both."""
    if not isinstance(other, Tensor):
        raise wrong_argument("inner", "other", 1, "Tensor", other)
    if not self._a.ndim or not other._a.ndim:
        return self * other
    if self._a.shape[-1] != other._a.shape[-1]:
        raise RuntimeError(
            "inner() the last dimension must match on both input tensors but got shapes "
            f"{shape_text(self._a.shape)} and {shape_text(other._a.shape)}"
        )
    return _tensordot(self, other, [-1], [-1])
