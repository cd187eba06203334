"""Printing: the text of a tensor is torch's to the letter, for drawn and for chosen tensors and options."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

import minigrad
from minigrad import dtypes

from .side_by_side import assert_same

NAMES = [d.name for d in dtypes.ALL]
SPECIAL = [
    0.0, -0.0, 1.0, -1.0, 0.5, 1e-4, 9.99e-5, 1e8, 1.00001e8, 1e3, 1001.0, 999.9, 0.99995, 5e-5, 1e-8, 1e30,
    math.inf, -math.inf, math.nan, 1 / 3, 1e5, 123456.789, -1e-3, 1e-45, 5e-324, 1e308, 65504.0, -7.0,
]  # fmt: skip
OPTIONS: list[dict[str, Any]] = [
    {},
    {"profile": "short"},
    {"profile": "full"},
    {"precision": 2},
    {"precision": 0},
    {"precision": 8, "linewidth": 40},
    {"threshold": 5},
    {"threshold": 5, "edgeitems": 1},
    {"threshold": 3, "edgeitems": 0},
    {"sci_mode": True},
    {"sci_mode": False},
    {"linewidth": 20},
]

reals = st.one_of(
    st.sampled_from(SPECIAL),
    st.integers(-1000, 10**9).map(float),
    st.floats(allow_nan=True, allow_infinity=True),
    st.floats(-10, 10),
)


@st.composite
def arrays(draw: st.DrawFn) -> np.ndarray[Any, Any]:
    dtype = np.dtype(draw(st.sampled_from(NAMES)))
    shape = draw(st.lists(st.sampled_from([1, 2, 3, 7, 0]), max_size=4))
    element: st.SearchStrategy[Any] = reals
    if dtype.kind == "b":
        element = st.booleans()
    elif dtype.kind in "iu":
        limits = np.iinfo(dtype)
        element = st.integers(int(limits.min), int(limits.max)) | st.integers(0, 9)
    elif dtype.kind == "c":
        element = st.builds(complex, reals, reals)
    few = draw(st.lists(element, min_size=1, max_size=6))
    with np.errstate(all="ignore"):
        return np.resize(np.array(few, dtype), shape)


@contextmanager
def options(**chosen: Any) -> Iterator[None]:
    engines = (torch, minigrad)
    for engine in engines:
        engine.set_printoptions(**chosen)
    try:
        yield
    finally:
        for engine in engines:
            engine.set_printoptions(profile="default")


@given(array=arrays(), chosen=st.sampled_from(OPTIONS), requires_grad=st.booleans())
def test_any_tensor_prints_the_same(array: Any, chosen: dict[str, Any], requires_grad: bool) -> None:
    requires_grad &= array.dtype.kind in "fc"
    theirs = torch.from_numpy(array.copy()).requires_grad_(requires_grad)
    ours = minigrad.from_numpy(array.copy()).requires_grad_(requires_grad)
    with options(**chosen):
        assert repr(ours) == str(ours) == repr(theirs)


@pytest.mark.parametrize(
    "shape", [(1001,), (1000,), (40, 40), (2, 600), (600, 2), (11, 11, 11), (1, 7, 2, 100)]
)
@pytest.mark.parametrize(
    "chosen", [{}, {"edgeitems": 1}, {"edgeitems": 0}, {"profile": "full"}, {"profile": "short"}]
)
@pytest.mark.parametrize("dtype", ["float32", "int64", "complex64", "bool"])
def test_large_tensors_are_cut_short_the_same_way(shape: Any, chosen: dict[str, Any], dtype: str) -> None:
    array = (np.arange(math.prod(shape)).reshape(shape) % 977 - 5).astype(dtype)
    with options(**chosen):
        assert repr(minigrad.from_numpy(array)) == repr(torch.from_numpy(array))


def test_only_what_is_shown_decides_the_notation() -> None:
    array = np.ones(2000, np.float32)
    array[1000] = 1e30
    assert repr(minigrad.from_numpy(array)) == repr(torch.from_numpy(array))


@pytest.mark.parametrize("default", ["float16", "float32", "float64"])
def test_the_default_dtype_is_not_spelled_out(default: str) -> None:
    for engine in (torch, minigrad):
        engine.set_default_dtype(getattr(engine, default))
    try:
        for name in NAMES:
            assert_same(
                f"(T.ones(2, dtype=T.{name}), T.ones(0, dtype=T.{name}), T.ones((0, 3), dtype=T.{name}))"
            )
    finally:
        for engine in (torch, minigrad):
            engine.set_default_dtype(engine.float32)


@pytest.mark.parametrize(
    "code",
    [
        "T.ones(2, requires_grad=True)",
        "T.ones(2, requires_grad=True) * 2",
        "(T.ones(2, requires_grad=True) * 2).detach()",
        "(T.ones(9, requires_grad=True) / 3, T.ones(10, requires_grad=True) / 3)",
        "T.ones(8, dtype=T.float64, requires_grad=True) / 3",
        "T.ones(6, dtype=T.complex128, requires_grad=True) * 3",
        "T.ones(2, 0, dtype=T.float64, requires_grad=True) * 1",
        "T.ones(2, requires_grad=True).unbind(0)",
    ],
)
def test_the_place_in_the_graph_follows_the_values(code: str) -> None:
    assert_same(code)


def test_a_history_that_cannot_be_told_prints_as_invalid() -> None:
    assert_same(
        "a = T.ones(3, requires_grad=True) * 1\nwith T.no_grad():\n    v = a[:2]\n    v.mul_(2)\nrepr(v)"
    )


@pytest.mark.parametrize("spec", ["", ".2f", "5d", ">12", ".1e", "x", "s"])
@pytest.mark.parametrize(
    "tensor",
    ["tensor(1.5)", "tensor(3)", "tensor(True)", "tensor(1 + 2j)", "ones(1)", "ones(())", "ones(2, 0)"],
)
def test_format_takes_a_0_dim_tensor_for_its_number(spec: str, tensor: str) -> None:
    assert_same(f"format(T.{tensor}, {spec!r})")


def test_options_can_be_read_and_set_for_a_block() -> None:
    before = minigrad.get_printoptions()
    assert before == torch._tensor_str.get_printoptions()
    with minigrad.printoptions(precision=1), torch._tensor_str.printoptions(precision=1):
        assert repr(minigrad.tensor([1.25])) == repr(torch.tensor([1.25]))
    assert minigrad.get_printoptions() == before
