"""The promotion table is torch's, entry by entry."""

from __future__ import annotations

import pytest
import torch

from oracle.opset.metas import CATEGORY, DTYPES, NUMBERS, PROMOTED, broadcast, can_cast, meta, result_dtype
from tests.opset.torch_calls import made


def named(dtype: torch.dtype) -> str:
    return str(dtype).removeprefix("torch.")


def test_every_pair_of_dtypes_promotes_as_in_torch() -> None:
    for a in DTYPES:
        for b in DTYPES:
            assert PROMOTED[a, b] == named(torch.promote_types(getattr(torch, a), getattr(torch, b))), (a, b)


def test_tensors_zero_dim_tensors_and_numbers_combine_as_in_torch() -> None:
    kinds = [meta(shape, name) for shape in ((), (2,)) for name in DTYPES] + [
        meta((), name) for name in NUMBERS
    ]
    for a in kinds:
        for b in kinds:
            assert result_dtype(a, b) == named(torch.result_type(made(a), made(b))), (a, b)


def test_casts_in_place_follow_torch() -> None:
    for source in DTYPES:
        for target in DTYPES:
            ours, theirs = (
                can_cast(source, target),
                torch.can_cast(getattr(torch, source), getattr(torch, target)),
            )
            assert ours == theirs, (source, target, CATEGORY[source])


@pytest.mark.parametrize(
    "shapes", [((), (2,)), ((2, 1), (3,)), ((0,), (1,)), ((2, 3), (3, 2)), ((0, 1), (2, 1, 3)), ((1,), ())]
)
def test_shapes_broadcast_as_in_torch(shapes: tuple[tuple[int, ...], ...]) -> None:
    try:
        theirs = tuple(torch.broadcast_shapes(*shapes))
    except RuntimeError:
        theirs = None
    assert broadcast(*shapes) == theirs


def test_equal_metas_are_one_object() -> None:
    assert meta((2, 3), "float32") is meta((2, 3), "float32")
