"""Matrix products and linear algebra.

What may live here: one line per op, and rules that serve ops of this file alone.
"""

from __future__ import annotations

from collections.abc import Sequence

from oracle.opset.metas import FLOAT, Meta, meta
from oracle.opset.rules import matmul_shape
from oracle.opset.spec import Operand, OpSpec, rule

MATRIX = meta((2, 2), "float32")


def _factors(x: Meta) -> Sequence[Meta]:
    """Metas that x can be multiplied by, as matrices."""
    inner = x.shape[-1] if x.rank else 1
    return (meta((inner, 2), x.dtype), meta((inner,), x.dtype))


@rule(Operand("self", fresh=MATRIX), Operand("other", likes=_factors))
def multiplied(x: Meta, other: Meta) -> Meta | None:
    if x.dtype != other.dtype or x.category < FLOAT:
        return None
    shape = matmul_shape(x.shape, other.shape)
    return None if shape is None else meta(shape, x.dtype)


SPECS = (OpSpec("matmul", infer=multiplied, operator="@", tolerance="sum"),)
