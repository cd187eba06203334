"""How variables vary together, and how often values occur.

What may live here: one line per op, and rules that serve ops of this file alone.
"""

from __future__ import annotations

from typing import Any

from oracle.opset.constants import const, constants
from oracle.opset.metas import BOOL, FLOAT, Meta, float_dtype, meta, result_dtype
from oracle.opset.params import joint, number
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


@rule(
    constants("input", lambda: tuple(NUMBERS), keyword="never"),
    number("minlength", 0, 3, 6, default=0, keyword="must"),
)
def counted(input: Const, minlength: int) -> Meta:
    return meta((max(NUMBERS[input] + 1, minlength),), "int64")


SPECS = (
    OpSpec("cov", infer=varied_together, tolerance="cancelling"),
    OpSpec("corrcoef", infer=correlated, tolerance="loose"),
    OpSpec("histc", infer=in_bins, grad=False, saves=False, tolerance="exact", edges=(0.0, 1.0, float("nan"))),
    OpSpec("bincount", infer=counted, forms=("call",), grad=False, saves=False, tolerance="exact"),
)
