"""interpolate: by copies, by averages of areas, between neighbours, with antialiasing.

What may live here: its line, for each number of dimensions, and the names it had before.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from oracle.opset.convolutions import INPUT, sides
from oracle.opset.metas import Meta, meta
from oracle.opset.params import choice
from oracle.opset.spec import Joint, Operand, OpSpec, Param, Rule, rule

COPYING = ("nearest", "nearest-exact", "area")
BETWEEN = {1: "linear", 2: "bilinear", 3: "trilinear"}
SIZES: dict[int, tuple[Any, ...]] = {1: (3, 1, 5), 2: (3, 1, (2, 3)), 3: (2, 1, (1, 2, 3))}
FACTORS: dict[int, tuple[Any, ...]] = {1: (2.0, 0.5, 1.6), 2: (2.0, 0.5, (1.5, 2.0)), 3: (2.0, 0.5)}


def _operand(n: int) -> Operand:
    return Operand("input", fresh=meta(INPUT[n], "float32"))


def _resampled(x: Meta, n: int, size: Any, factor: Any) -> Meta | None:
    if x.rank != n + 2 or x.dtype not in ("float32", "float64") or 0 in x.shape[1:]:
        return None
    old = x.shape[2:]
    new = sides(size, n) if size is not None else tuple(int(m * f) for m, f in zip(old, sides(factor, n), strict=True))
    return None if min(new) < 1 else meta((*x.shape[:2], *new), x.dtype)


def _by_size(n: int) -> Rule:
    """With a size: corners may be aligned where something is computed between them."""
    modes = tuple((size, None, mode) for mode in (*COPYING, BETWEEN[n]) for size in SIZES[n])
    aligned = tuple((size, None, BETWEEN[n], True) for size in SIZES[n])
    factors = tuple((None, factor, mode) for mode in (*COPYING, BETWEEN[n]) for factor in FACTORS[n])
    every = tuple(map(Joint, (*((size,) for size in SIZES[n]), *modes, *aligned, *factors)))

    def wrong(*_: Meta) -> Any:
        return tuple(map(Joint, ((0,), (None,), (2, 2.0), (2, None, "no"), (2, None, "nearest", True))))

    @rule(_operand(n), Param("size", lambda *_: every, keyword="never", wrong=wrong))
    def infer(x: Meta, how: tuple[Any, ...]) -> Meta | None:
        size, factor = (*how, None)[:2]
        return _resampled(x, n, size, factor)

    return infer


@rule(_operand(2), choice("size", *SIZES[2]), choice("mode", "bicubic", keyword="must"))
def cubic(x: Meta, size: Any, mode: str) -> Meta | None:
    return _resampled(x, 2, size, None)


@rule(
    _operand(2),
    choice("size", *SIZES[2]),
    choice("mode", "bilinear", "bicubic", "lanczos", keyword="must"),
    choice("antialias", True, keyword="must"),
)
def smoothed(x: Meta, size: Any, mode: str, antialias: bool) -> Meta | None:
    """Not to a width of one, where torch repeats the first row."""
    return _resampled(x, 2, size, None) if sides(size, 2)[-1] > 1 else None


OpSpec_ = partial(OpSpec, forms=("call",), tolerance="loose", dense=False)
SPECS = (
    *(OpSpec_("nn.functional.interpolate", infer=_by_size(n), overload=f"{n}d") for n in (1, 2, 3)),
    # not drawn by default: where the products of gradients and weights vanish, zeros have other signs here
    OpSpec_("nn.functional.interpolate", infer=cubic, overload="bicubic", ready=False),
    OpSpec_("nn.functional.interpolate", infer=smoothed, overload="antialias", ready=False),
)
