"""Tensors written into a program for one call: class indices, signs, running statistics, for which torch has no
derivative.

What may live here: making `Const`s and parameters that take them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

from oracle.opset.indexing import nested
from oracle.opset.metas import Meta, Shape, meta
from oracle.opset.spec import OMIT, REQUIRED, Const, Param

Choices = Callable[..., Sequence[Any]]


@lru_cache(maxsize=1024)
def const(shape: Shape, dtype: str, *values: Any) -> Const:
    """A tensor of this shape, filled with the values over and over."""
    return Const(nested(shape, values), meta(shape, dtype))


def constants(name: str, choices: Choices, default: bool = False, keyword: Any = "may") -> Param:
    """Constants that fit the operands; left out first if there is a default."""
    made: dict[tuple[Meta, ...], tuple[Any, ...]] = {}

    def remembered(*metas: Meta) -> Sequence[Any]:
        found = made.get(metas)
        if found is None:
            if len(made) > 500:
                made.clear()
            found = made[metas] = ((OMIT,) if default else ()) + tuple(choices(*metas))
        return found

    return Param(name, remembered, None if default else REQUIRED, keyword)
