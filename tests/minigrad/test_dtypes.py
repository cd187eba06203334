"""Element types: dtypes, promotion, finfo and iinfo held against torch's, all pairs of them."""

from __future__ import annotations

import copy
import itertools
import pickle
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import torch

import minigrad
from minigrad import dtypes

from .side_by_side import assert_same

NAMES = [d.name for d in dtypes.ALL]
PAIRS = list(itertools.product(NAMES, NAMES))
FACTS = ("itemsize", "is_floating_point", "is_complex", "is_signed", "abbr")
NEEDS_COMPLEX32 = "torch.complex32"


@pytest.fixture(params=["float16", "float32", "float64"])
def default_dtype(request: pytest.FixtureRequest) -> Iterator[str]:
    for engine in (torch, minigrad):
        engine.set_default_dtype(getattr(engine, request.param))
    yield request.param
    for engine in (torch, minigrad):
        engine.set_default_dtype(engine.float32)


@pytest.mark.parametrize("name", NAMES)
def test_a_dtype_says_the_same_of_itself(name: str) -> None:
    ours, theirs = getattr(minigrad, name), getattr(torch, name)
    assert repr(ours) == str(ours) == repr(theirs)
    assert [getattr(ours, fact) for fact in FACTS] == [getattr(theirs, fact) for fact in FACTS]


@pytest.mark.parametrize("name", NAMES)
def test_a_dtype_stays_one_object_when_copied_or_pickled(name: str) -> None:
    ours = getattr(minigrad, name)
    assert copy.deepcopy(ours) is pickle.loads(pickle.dumps(ours)) is ours


@pytest.mark.parametrize(
    "alias", ["half", "float", "double", "cfloat", "cdouble", "short", "int", "long", "bool"]
)
def test_an_alias_names_the_same_dtype(alias: str) -> None:
    assert repr(getattr(minigrad, alias)) == repr(getattr(torch, alias))


def test_promotion_and_casting_agree_for_all_pairs() -> None:
    for a, b in PAIRS:
        ours, theirs = (getattr(minigrad, a), getattr(minigrad, b)), (getattr(torch, a), getattr(torch, b))
        assert repr(minigrad.promote_types(*ours)) == repr(torch.promote_types(*theirs)), (a, b)
        assert minigrad.can_cast(*ours) == torch.can_cast(*theirs), (a, b)


def result(operands: list[Any]) -> str:
    try:
        return repr(dtypes.result_dtype(*operands))
    except TypeError as error:
        return NEEDS_COMPLEX32 if "complex32" in str(error) else str(error)


@pytest.mark.parametrize(("dims_a", "dims_b"), [(0, 0), (0, 1), (1, 0), (1, 1)])
def test_two_arrays_promote_by_category_and_rank(dims_a: int, dims_b: int) -> None:
    for a, b in PAIRS:
        arrays = [np.ones((2,) * dims_a, a), np.ones((2,) * dims_b, b)]
        theirs = torch.result_type(*[torch.from_numpy(np.asarray(x)) for x in arrays])
        assert result(arrays) == repr(theirs), (a, b)


@pytest.mark.parametrize("number", [True, 2, 1.5, 2j])
@pytest.mark.parametrize("dims", [0, 1])
def test_a_python_number_raises_the_category_alone(number: Any, dims: int, default_dtype: str) -> None:
    for name in NAMES:
        array = np.ones((2,) * dims, name)
        theirs = torch.result_type(torch.from_numpy(np.asarray(array)), number)
        assert result([array, number]) == repr(theirs), name


@pytest.mark.parametrize("name", NAMES)
def test_limits_are_the_same(name: str) -> None:
    for kind in ("finfo", "iinfo"):
        assert_same(f"info = T.{kind}(T.{name})\n(info, info.bits, info.min, info.max, info.dtype)")
    assert_same(f"info = T.finfo(T.{name})\n(info.eps, info.tiny, info.smallest_normal, info.resolution)")


def test_the_default_dtype_decides_what_python_numbers_become(default_dtype: str) -> None:
    assert_same("(T.get_default_dtype(), T.finfo(), T.tensor([1.5]), T.ones(2), T.arange(2.0))")


@pytest.mark.parametrize(
    "code",
    [
        "T.dtype()",
        "T.float32.nothing",
        "setattr(T.float32, 'itemsize', 2)",
        "T.set_default_dtype(T.int32)",
        "T.set_default_dtype(T.complex64)",
        "T.set_default_dtype('float')",
        "T.promote_types(T.int8, 3)",
        "T.promote_types('a', T.int8)",
        "T.can_cast(T.float32, 3)",
        "T.finfo(T.int8)",
        "T.finfo('a')",
        "T.iinfo(T.float32)",
        "T.iinfo(T.bool)",
        "T.iinfo(int)",
        "T.bool.to_complex()",
        "(T.float32.to_complex(), T.complex128.to_real(), T.int8.to_real(), T.complex64.to_complex())",
        "T.float32 == 'torch.float32'",
        "T.float32 < T.float64",
    ],
)
def test_misuse_gets_the_same_words(code: str) -> None:
    assert_same(code)
