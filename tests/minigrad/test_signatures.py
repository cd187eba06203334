"""Argument parsing: which overload fits, and what is said when none does, as torch's functions say it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

import minigrad
from minigrad.arguments import type_name
from minigrad.signatures import Parser, Signature

from .side_by_side import assert_same

KEYWORDS = [
    "dtype",
    "requires_grad",
    "pin_memory",
    "device",
    "layout",
    "out",
    "n",
    "m",
    "foo",
    "bar",
    "names",
    "x",
    "y",
]


@given(order=st.permutations(KEYWORDS), count=st.integers(1, 13))
def test_keywords_are_listed_in_the_order_of_torchs_hash_map(order: list[str], count: int) -> None:
    chosen = ", ".join(f"{name}={{}}" for name in order[:count])
    assert_same(f"T.eye('a', 2, 3, {chosen})")


@given(
    values=st.lists(
        st.sampled_from(["1", "2.5", "'a'", "None", "True", "T.ones(2)", "(1, 2)", "[1]", "T.float32"]),
        max_size=4,
    )
)
@pytest.mark.parametrize(
    "function", ["zeros", "full", "eye", "arange", "linspace", "tensor", "rand", "randint", "zeros_like"]
)
def test_wrong_positional_arguments_get_the_same_words(function: str, values: list[str]) -> None:
    call = f"T.{function}({', '.join(values)})"
    assert_same(
        f"try:\n    {call}\n    said = 'nothing'\nexcept Exception as error:\n    said = repr(error)\nsaid"
    )


@pytest.mark.parametrize(
    "value",
    [
        1,
        1.5,
        "a",
        None,
        True,
        [1],
        (1,),
        {},
        np.ones(1),
        np.float32(1),
        np.int64(1),
        np.bool_(True),
        int,
        print,
        object(),
    ],
)
def test_a_type_is_called_what_torch_calls_it(value: Any) -> None:
    with pytest.raises(TypeError) as said:
        torch.zeros_like(value)
    assert str(said.value).endswith(f"not {type_name(value)}")


@pytest.mark.parametrize(
    "name", ["float32", "strided", "contiguous_format", "Size([])", "device('cpu')", "Generator()"]
)
def test_torchs_own_types_keep_their_names(name: str) -> None:
    assert_same(f"T.zeros_like(T.{name})")


def test_a_parser_tells_the_overload_and_converts_its_arguments() -> None:
    parser = Parser("f", "(Tensor input, *, torch.dtype dtype = None)", "(tuple of ints size, Number s = 1)")
    t = minigrad.ones(1)
    assert parser.parse((t,), {"dtype": float}) == (0, {"input": t, "dtype": minigrad.float64})
    assert parser.parse(((np.int64(2), 3),), {"s": minigrad.tensor(2.5)}) == (1, {"size": (2, 3), "s": 2.5})


def test_marks_that_torch_does_not_print_are_not_shown() -> None:
    signature = Signature("(tuple of ints[2] stride, bool? flag = False)")
    assert signature.text == "(tuple of ints stride, bool flag = False)"
    assert [(p.size, p.allow_none) for p in signature.parameters] == [(2, False), (0, True)]
