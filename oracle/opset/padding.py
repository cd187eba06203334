"""Padding: with a constant, by reflection or replication, circular.

What may live here: one line per op, and rules that serve ops of this file alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from oracle.opset.metas import BOOL, Meta, meta
from oracle.opset.params import by_shape, joint
from oracle.opset.params import number as python_number
from oracle.opset.spec import Operand, OpSpec, Param, rule

WALLS = {"reflect": 1, "replicate": 10**9, "circular": 0}
"""By mode, how much less than its size a side may be padded."""


def _grown(x: Meta, pad: tuple[int, ...]) -> tuple[int, ...] | None:
    """The padded shape, or None where torch refuses it."""
    shape = list(x.shape)
    for i in range(0, len(pad), 2):
        axis = x.rank - 1 - i // 2
        before, after = pad[i : i + 2]
        if shape[axis] + min(before, 0) + min(after, 0) < 0:
            return None
        shape[axis] += before + after
    return tuple(shape)


@by_shape
def _sides(x: Meta) -> Sequence[tuple[int, ...]]:
    found: list[tuple[int, ...]] = [()]
    if x.rank:
        found += [(1, 0), (0, 2), (-1, 1), (0, 0), (-1, 0)]
    if x.rank > 1:
        found += [(0, 0, 1, 1), (1, -1, 0, 1)]
    return found


def _walled(n: int) -> Sequence[tuple[Any, ...]]:
    """(pad, mode) for the last `n` dims."""
    pads = ((1, 0) * n, (1, 1) * n, (0, 0) * n, (-1, 1) * n, (0, 2) * n, (1, 0) * (n - 1) + (0, 0))
    return [(pad, mode) for mode in WALLS for pad in pads]


@by_shape
def _modes(x: Meta) -> Sequence[tuple[Any, ...]]:
    """(pad, mode, value) as nn.functional.pad takes them."""
    found: list[tuple[Any, ...]] = [(pad,) for pad in _sides(x)]
    found += [(pad, "constant", 1.5) for pad in _sides(x)[1:4]]
    for n in (1, 2, 3):
        if x.rank in (n + 1, n + 2):
            found += _walled(n)
    return found


@by_shape
def _walls_of_three(x: Meta) -> Sequence[tuple[Any, ...]]:
    return _walled(3) if x.rank in (4, 5) else ()


@rule(Operand("input"), joint("pad", _modes))
def padded(x: Meta, given: tuple[Any, ...]) -> Meta | None:
    pad, mode = given[0], given[1] if len(given) > 1 else "constant"
    shape = _grown(x, pad)
    if shape is None or (x.category == BOOL and mode != "constant"):
        return None
    if mode == "constant":
        return meta(shape, x.dtype)
    n = len(pad) // 2
    if 0 in (x.shape[1:] if x.rank == n + 2 else x.shape) or 0 in shape[-n:]:
        return None
    if mode == "circular" and min(pad, default=0) < 0:
        return None  # torch gives memory that nobody wrote
    for i, side in enumerate(pad):
        if side > x.shape[-1 - i // 2] - WALLS[mode] and mode != "replicate":
            return None
    return meta(shape, x.dtype)


@rule(Operand("input", fresh=meta((1, 2, 2, 2), "float32")), joint("pad", _walls_of_three))
def padded_in_space(x: Meta, given: tuple[Any, ...]) -> Meta | None:
    """In three dims, which tensors drawn for other ops seldom have."""
    return padded.infer(x, given)  # type: ignore[return-value]


@rule(Operand("input"), Param("pad", _sides), python_number("value", 2, -0.5, default=0))
def constant(x: Meta, pad: tuple[int, ...], value: Any) -> Meta | None:
    shape = _grown(x, pad)
    return None if shape is None else meta(shape, x.dtype)


OpSpec_ = partial(OpSpec, forms=("call",), tolerance="exact", dense=False)
SPECS = (
    OpSpec_("nn.functional.pad", infer=padded),
    OpSpec_("nn.functional.pad", infer=padded_in_space, overload="3d"),
    OpSpec_("constant_pad_nd", infer=constant),
)
