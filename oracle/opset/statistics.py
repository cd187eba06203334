"""How variables vary together, and how often values occur.

What may live here: one line per op, and rules that serve ops of this file alone.
"""

from __future__ import annotations

from typing import Any

from oracle.opset.constants import const, constants
from oracle.opset.metas import BOOL, FLOAT, INT, Meta, float_dtype, meta, result_dtype
from oracle.opset.params import choice, flag, joint, number
from oracle.opset.rules import SELF
from oracle.opset.spec import Const, OpSpec, rule


def _observations(x: Meta) -> int:
    return x.shape[1] if x.rank == 2 else x.numel


def _counts(x: Meta) -> tuple[Const, ...]:
    n = _observations(x)  # a single one with weights is written to
    return (const((n,), "int64", 1, 2, 1),) if x.rank < 3 and n > 1 else ()


def _shares(x: Meta) -> tuple[Const, ...]:
    n = _observations(x)
    return (const((n,), "float64", 0.5, 0.25, 1.0),) if x.rank < 3 and n > 1 else ()


def _together(x: Meta, dtype: str) -> Meta | None:
    if x.rank > 2 or x.category == BOOL:
        return None
    n = x.shape[0] if x.rank == 2 else 1
    return meta(() if n == 1 else (n, n), dtype)


@rule(
    SELF,
    number("correction", 0, 2, default=1, keyword="must"),
    constants("fweights", _counts, default=True, keyword="must"),
    constants("aweights", _shares, default=True, keyword="must"),
)
def varied_together(x: Meta, correction: int, counts: Const | None, shares: Const | None) -> Meta | None:
    dtype = float_dtype(x.dtype)
    return _together(x, dtype if shares is None else result_dtype(meta((1,), dtype), shares.meta))


@rule(SELF)
def correlated(x: Meta) -> Meta | None:
    return _together(x, float_dtype(x.dtype))


@rule(SELF, joint("bins", lambda x: ((4, -2, 2), (3, 0, 1), (1, -1, 1.5))))
def in_bins(x: Meta, bins: tuple[Any, ...]) -> Meta | None:
    return meta((bins[0],), x.dtype) if x.category == FLOAT else None


NUMBERS = {
    const((4,), "int64", 1, 0, 3, 1): 3,
    const((1,), "int64", 2): 2,
    const((3,), "uint8", 2, 2, 0): 2,
    const((0,), "int64"): -1,
}
"""Small integers, and the greatest of each."""


VALUES = {
    const((4,), "int64", 3, 1, 3, 3): (2, 3),
    const((5,), "float32", 0.5, 0.5, -1.0, 2.0, 2.0): (3, 3),
    const((2, 2), "float64", 1.0, 1.0, 1.0, 0.5): (2, 2),
    const((0,), "float32"): (0, 0),
}
"""Values, with how many of them differ and how many runs of equal ones there are."""
BOUNDS = {
    FLOAT: (const((3,), "float32", -1.0, 0.5, 1.0), const((1,), "float32", 0.0), const((0,), "float32")),
    INT: (const((2,), "int64", 0, 1),),
}
"""Sorted boundaries, by the category of what is put between them."""


@rule(
    constants("input", lambda: tuple(NUMBERS), keyword="never"),
    number("minlength", 0, 3, 6, default=0, keyword="must"),
)
def counted(input: Const, minlength: int) -> Meta:
    return meta((max(NUMBERS[input] + 1, minlength),), "int64")


@rule(
    constants("input", lambda: tuple(VALUES), keyword="never"),
    choice("return_inverse", True, keyword="must"),
    choice("return_counts", True, keyword="must"),
)
def different(input: Const, inverse: bool, counts: bool) -> tuple[Meta, ...]:
    n = VALUES[input][0]
    return meta((n,), input.meta.dtype), meta(input.meta.shape, "int64"), meta((n,), "int64")


@rule(
    constants("input", lambda: tuple(VALUES), keyword="never"),
    choice("return_inverse", True, keyword="must"),
    choice("return_counts", True, keyword="must"),
)
def runs_of(input: Const, inverse: bool, counts: bool) -> tuple[Meta, ...]:
    n = VALUES[input][1]
    return meta((n,), input.meta.dtype), meta(input.meta.shape, "int64"), meta((n,), "int64")


@rule(SELF, constants("boundaries", lambda x: BOUNDS.get(x.category, ())), flag("right", keyword="must"),
      flag("out_int32", keyword="must"))  # fmt: skip
def in_buckets(x: Meta, bounds: Const, right: bool, narrow: bool) -> Meta | None:
    return meta(x.shape, "int32" if narrow else "int64")


@rule(SELF, number("size", 2, 0, 5, keyword="must"), number("fill_value", 7, default=-1, keyword="must"))
def first_places(x: Meta, size: int, fill_value: int) -> Meta:
    return meta((size, x.rank), "int64")


@rule(SELF)
def taken_apart(x: Meta) -> tuple[Meta, ...] | None:
    return (x, meta(x.shape, "int32")) if x.category == FLOAT else None


QUIET: dict[str, Any] = {"grad": False, "saves": False, "tolerance": "exact"}

SPECS = (
    OpSpec("cov", infer=varied_together, tolerance="cancelling"),
    OpSpec("corrcoef", infer=correlated, tolerance="loose"),
    OpSpec("histc", infer=in_bins, grad=False, saves=False, tolerance="exact", edges=(0.0, 1.0, float("nan"))),
    OpSpec("frexp", infer=taken_apart, outs="many", edges=(0.0, -0.0, 1.0, 0.5)),
    OpSpec("unique", infer=different, forms=("call",), outs="many", **QUIET),
    OpSpec("unique_consecutive", infer=runs_of, forms=("call",), outs="many", **QUIET),
    OpSpec("bucketize", infer=in_buckets, forms=("call",), edges=(0.0, 0.5, 1.0, float("nan")), **QUIET),
    OpSpec("nonzero_static", infer=first_places, edges=(0.0, -0.0), **QUIET),
    OpSpec("bincount", infer=counted, forms=("call",), grad=False, saves=False, tolerance="exact"),
)
