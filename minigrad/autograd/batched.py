"""Several tangents of one tensor at once, so that a function is called once for all columns of its Jacobian.

What may live here: the class. torch runs such a function under vmap; here every rule of tangents is applied to one
member after the other, and what else is done to a tangent is done to all.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from minigrad.tensor import Tensor


class Batch:
    """What stands for a tangent where there are several: facts are those of the first, methods go to all."""

    __slots__ = ("members",)

    def __init__(self, members: Iterable[Tensor]) -> None:
        self.members = list(members)

    def __getattr__(self, name: str) -> Any:
        found = [getattr(one, name) for one in self.members]
        if not callable(found[0]):
            return found[0]

        def of_all(*args: Any, **keywords: Any) -> Any:
            got = [each(*(member_of(a, k) for a in args), **keywords) for k, each in enumerate(found)]
            return Batch(got) if isinstance(got[0], Tensor) else got[0]

        return of_all


def member_of(x: Any, k: int) -> Any:
    """The tangent number `k` of several; anything else as it is."""
    if isinstance(x, list):
        return [member_of(one, k) for one in x]
    return x.members[k] if isinstance(x, Batch) else x


def size_of(x: Any) -> int:
    """How many tangents there are, 0 where there is no Batch."""
    if isinstance(x, list):
        return max(map(size_of, x), default=0)
    return len(x.members) if isinstance(x, Batch) else 0


def together(results: list[list[Any]]) -> list[Any]:
    """Per output the tangents that a rule gave for each member."""
    return [None if column[0] is None else Batch(column) for column in zip(*results, strict=True)]
