"""Padding: constant_pad_nd, reflection and replication, circular padding, and nn.functional.pad.

What may live here: these with their gradients. Padding that belongs to a convolution is in `sliding`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad import errors
from minigrad.errors import shape_text
from minigrad.memory import allocate, check_sizes, strides_of
from minigrad.memory_formats import channels_last, formatted, like
from minigrad.ops.carriers import zero_gradient
from minigrad.ops.copying import copied
from minigrad.ops.slicing import slice_op
from minigrad.registry import composite, derivative, op
from minigrad.signatures import Parser
from minigrad.tensor import wrap

# mypy: disable-error-code="no-untyped-def, no-untyped-call"

Sides = tuple[tuple[int, int], ...]


def _sides(pad: Any) -> Sides:
    """(before, after) per padded dimension, in the order of the dimensions; torch lists them from the last."""
    return tuple((pad[i], pad[i + 1]) for i in range(len(pad) - 2, -2, -2))


# -- with a constant ------------------------------------------------------------------------------------


@op("_constant_pad_nd", promote="keep", numbers=False)
def constant_pad_op(self, pad: Any, value: Any = 0):
    if len(pad) > 2 * self.ndim:
        raise RuntimeError(
            "Length of pad should be no more than twice the number of dimensions of the input. Pad length is "
            f"{len(pad)}while the input has {self.ndim}dimensions."
        )
    sides = _sides(pad)
    inside = _narrowed(self, sides)
    if all(side <= 0 for pair in sides for side in pair):
        if not inside.size:
            return allocate(inside.shape, inside.dtype, strides_of(inside))
        return copied(inside)
    lead = self.ndim - len(sides)
    grown = [(max(before, 0), max(after, 0)) for before, after in sides]
    shape = list(inside.shape)
    for i, (before, after) in enumerate(grown):
        shape[lead + i] += before + after
    out = np.full(shape, value if self.dtype.kind != "c" else complex(value), self.dtype) if value else np.zeros(
        shape, self.dtype
    )
    kept = (slice(before, size - after) for (before, after), size in zip(grown, shape[lead:], strict=True))
    whole: Any = out
    whole[(..., *kept)] = inside
    return like(out, self)


def _narrowed(x: Any, sides: Sides) -> Any:
    """`x` without what negative padding takes away."""
    lead = x.ndim - len(sides)
    for i, (before, after) in enumerate(sides, lead):
        size = x.shape[i] + min(before, 0) + min(after, 0)
        if min(before, 0) + x.shape[i] < 0 or size < 0:
            raise RuntimeError("narrow(): length must be non-negative.")
        start = -min(before, 0)
        x = x[(*(slice(None),) * i, slice(start, start + size))]
    return x


derivative(
    "ConstantPadNdBackward0",
    of=constant_pad_op,
    forward=lambda self_t, pad: constant_pad_op(self_t, pad, 0),
    self=lambda grad, pad: constant_pad_op(grad, tuple(-side for side in pad), 0),
)


def constant_pad(input: Any, pad: Any, value: Any = 0) -> Any:
    """`input` with `value` around it; negative padding takes away."""
    return constant_pad_op(input, tuple(pad), value)


_CONSTANT = Parser("constant_pad_nd", "(Tensor input, tuple of ints pad, Number value = 0)")


@composite("constant_pad_nd", method=False)
def constant_pad_nd(*args: Any, **kwargs: Any):
    """`input` with `value` around it."""
    _, given = _CONSTANT.parse(args, kwargs)
    if len(given["pad"]) % 2:
        raise RuntimeError(f"Length of pad must be even but instead it equals {len(given['pad'])}")
    return constant_pad(given["input"], given["pad"], given.get("value", 0))


# -- with what is there already -------------------------------------------------------------------------


def _reflected(size: int, before: int, after: int) -> Any:
    at = np.arange(-before, size + after)
    at = np.where(at < 0, -at, at) if before > 0 else at
    return np.where(at >= size, 2 * (size - 1) - at, at)


def _replicated(size: int, before: int, after: int) -> Any:
    return np.clip(np.arange(-before, size + after), 0, size - 1)


def _check_sizes(a: Any, sides: Sides, reflects: bool) -> None:
    """Refuses what cannot be reflected or replicated into this padding."""
    n = len(sides)
    if any(size == 0 for size in (a.shape[1:] if a.ndim == n + 2 else a.shape)):
        raise RuntimeError(
            f"Expected {n + 1}D or {n + 2}D (batch mode) tensor with possibly 0 batch size and other non-zero "
            f"dimensions for input, but got: {shape_text(a.shape)}"
        )
    lead = a.ndim - n
    if reflects:
        for back, (i, (before, after)) in enumerate(reversed(list(enumerate(sides, lead)))):
            if before >= a.shape[i] or after >= a.shape[i]:
                raise RuntimeError(
                    f"Argument #{4 + 2 * back}: Padding size should be less than the corresponding input dimension, "
                    f"but got: padding ({before}, {after}) at dimension {i} of input {shape_text(a.shape)}"
                )
    out = [a.shape[lead + i] + before + after for i, (before, after) in enumerate(sides)]
    if all(size < 1 for size in out):
        raise _too_small(a.shape[lead:], out, reflects)
    if reflects and n == 2 and min(out) < 0:  # torch resizes what it has
        raise RuntimeError("numel: integer multiplication overflow")
    check_sizes((*a.shape[:lead], *out), a.itemsize)


def _too_small(size: Any, out: list[int], reflects: bool) -> RuntimeError:
    if len(out) == 1:
        return RuntimeError(f"input (W: {size[0]}) is too small. Calculated output W: {out[0]}")
    if len(out) == 2:
        return RuntimeError(
            f"input (H: {size[0]}, W: {size[1]}{'' if reflects else ' '}) is too small. Calculated output H: {out[0]} "
            f"W: {out[1]}"
        )
    return RuntimeError(
        f"input (D: {size[0]} H: {size[1]}, W: {size[2]}) is too small. Calculated output D: {out[0]} H: {out[1]} "
        f"W: {out[2]}"
    )


def _padding(stem: str, kernel_name: str, label: str, places: Any) -> None:
    """Declares the padding of 1 to 3 dimensions whose elements come from `places` along each."""
    for n in (1, 2, 3):
        _PADDINGS[stem, n] = _declared(stem, f"{kernel_name}{n}d", f"{label}Pad{n}D", n, places)


def _declared(stem: str, name: str, label: str, n: int, places: Any) -> Any:
    reflects = stem == "reflect"

    def indices(a: Any, sides: Sides) -> list[tuple[int, Any]]:
        return [(i, places(a[i], *side)) for i, side in enumerate(sides, len(a) - n)]

    def kernel(self, padding: Any):
        _check_sizes(self, _sides(padding), reflects)
        if self.dtype.kind == "b":
            raise errors.not_implemented_for(name, self.dtype)
        out = self
        for axis, at in indices(self.shape, _sides(padding)):
            out = np.take(out, at, axis)
        return like(out, self) if n > 1 else np.ascontiguousarray(out)

    def backward_kernel(grad_output, self, padding: Any):
        out = grad_output
        for axis, at in indices(self.shape, _sides(padding)):
            made = np.zeros((*out.shape[:axis], self.shape[axis], *out.shape[axis + 1 :]), out.dtype)
            np.add.at(made, (*(slice(None),) * axis, at), out)
            out = made
        return formatted(out, n > 1 and channels_last(self))

    pad = op("_" + name, promote="keep", numbers=False)(kernel)
    backward = op(f"_{name}_backward", promote="keep", numbers=False)(backward_kernel)
    derivative(
        label + "Backward0",
        of=pad,
        forward="linear",
        self=lambda grad, self, padding: backward(grad, self, padding),
    )
    derivative(
        label + "BackwardBackward0",
        of=backward,
        forward="along",
        grad_output=lambda grad, padding: pad(grad, padding),
        self=lambda grad, self_shape, self_dtype: zero_gradient(grad, self_shape, self_dtype),
    )
    return pad


_PADDINGS: dict[tuple[str, int], Any] = {}
_padding("reflect", "reflection_pad", "Reflection", _reflected)
_padding("replicate", "replication_pad", "Replication", _replicated)


# -- going round ----------------------------------------------------------------------------------------


def _circular(input: Any, pad: Any) -> Any:
    """Padding with what is at the other end, written piece by piece as torch writes it."""
    a, sides = input._a, _sides(pad)
    lead = a.ndim - len(sides)
    shape = list(a.shape)
    for i, (before, after) in enumerate(sides, lead):
        shape[i] += before + after
        if before > a.shape[i] or after > a.shape[i]:
            raise RuntimeError("Padding value causes wrapping around more than once.")
        if shape[i] < 0:
            raise RuntimeError("Negative padding value is resulting in an empty dimension")
    out = wrap(np.zeros(shape, a.dtype))
    there, here = out, input
    last_first = list(enumerate(sides, lead))[::-1]
    for i, (before, after) in last_first:
        there = slice_op(there, i, max(before, 0), shape[i] - max(after, 0))
        here = slice_op(here, i, max(-before, 0), a.shape[i] - max(-after, 0))
    there.copy_(here)
    for i, (before, after) in last_first:
        first, last = max(before, 0), shape[i] - max(after, 0)
        if before > 0:
            slice_op(out, i, 0, before).copy_(slice_op(out, i, last - before, last))
        if after > 0:
            slice_op(out, i, last, shape[i]).copy_(slice_op(out, i, first, first + after))
    return out


# -- by name --------------------------------------------------------------------------------------------

_USAGE = Parser("pad", '(Tensor input, tuple of ints pad, str mode = "constant", float? value = None)')


@composite("nn.functional.pad", method=False)
def pad(input: Any, pad: Any, mode: str = "constant", value: Any = None):
    """`input` with more elements at the ends of its last dimensions, of which `pad` names the last one first."""
    _, given = _USAGE.parse((input, pad, mode, value), {})
    sides, ndim = given["pad"], input._a.ndim
    if len(sides) % 2:
        raise RuntimeError("Padding length must be divisible by 2")
    if len(sides) > 2 * ndim:
        raise RuntimeError(
            "Padding length should be less than or equal to two times the input dimension but got padding length "
            f"{len(sides)} and input of dimension {ndim}"
        )
    if mode == "constant":
        return constant_pad(input, sides, 0.0 if value is None else value)
    if value:
        raise RuntimeError(f'Padding mode "{mode}" doesn\'t take in value argument')
    n = len(sides) // 2
    if n and n <= 3 and ndim in (n + 1, n + 2):
        if mode == "circular":
            return _circular(input, sides)
        if (mode, n) in _PADDINGS:
            return _PADDINGS[mode, n](input, sides)
        raise NotImplementedError(f"Unrecognised padding mode {mode}")
    raise NotImplementedError(
        f"Padding size {len(sides)} is not supported for {ndim}D input tensor.\n"
        "Supported combinations for non-constant padding:\n"
        "  - 2D or 3D input: padding size = 2 (pads last dimension)\n"
        "  - 3D or 4D input: padding size = 4 (pads last 2 dimensions)\n"
        "  - 4D or 5D input: padding size = 6 (pads last 3 dimensions)"
    )
