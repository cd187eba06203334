"""testing.assert_close: passes, fails and complains where torch's does, in the same words."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

import minigrad
from minigrad.closeness import isclose

from .side_by_side import assert_same, lines

PREAMBLE = "from math import inf, nan\nclose = T.testing.assert_close\n"


@pytest.mark.parametrize(
    "code",
    lines("""
        close(T.tensor([1.0, 2.0]), T.tensor([1.0, 2.0]))
        close(T.tensor([1.0, 2.0]), T.tensor([1.0, 2.1]))
        close(T.tensor([1.0]), T.tensor([1.00001]))
        close(T.tensor(1.0), T.tensor(2.0))
        close(T.tensor(nan), T.tensor(nan))
        close(T.tensor(nan), T.tensor(nan), equal_nan=True)
        close(T.tensor([nan, 1]), T.tensor([nan, 2]))
        close(T.tensor([nan, 1]), T.tensor([nan, 2]), equal_nan=True)
        close(T.tensor([inf, 1]), T.tensor([-inf, 2]))
        close(T.tensor([0.0, 1.0]), T.tensor([0.0, 0.0]))
        close(T.tensor([1, 2]), T.tensor([1, 3]))
        close(T.tensor([5, 200], dtype=T.uint8), T.tensor([200, 5], dtype=T.uint8))
        close(T.tensor([True, False]), T.tensor([True, True]))
        close(T.tensor(True), T.tensor(False))
        close(T.tensor([2**62]), T.tensor([2**62 + 1]))
        close(T.tensor([1 + 1j]), T.tensor([1 + 2j]))
        close(T.tensor(1 + 1j), T.tensor(2 + 1j))
        close(T.tensor([1.0], dtype=T.float16), T.tensor([1.01], dtype=T.float16))
        close(T.tensor([[1.0, 2.0], [3.0, 4.0]]), T.tensor([[1.0, 2.0], [3.0, 5.0]]))
        close(T.tensor([1.0], requires_grad=True), T.tensor([2.0]))
        close(T.tensor([]), T.tensor([]))
        close(T.zeros(0, 2), T.zeros(2, 0))
        close(T.tensor([1.0]), T.tensor([1.0], dtype=T.float64))
        close(T.tensor([1.0]), T.tensor([1.1], dtype=T.float64), check_dtype=False)
        close(T.tensor([1]), T.tensor([1.0]), check_dtype=False)
        close(T.ones(2, 3).t(), T.ones(3, 2), check_stride=True)
        close(T.tensor([1.0]), T.tensor([1.5]), rtol=0.5, atol=0)
        close(T.tensor([1.0]), T.tensor([2.5]), rtol=0.5, atol=0)
        close(T.tensor([1.0]), T.tensor([2.5]), rtol=0, atol=0)
        close(T.tensor([1.0]), T.tensor([1.0]), rtol=0.5)
        close(T.tensor([1.0]), T.tensor([1.0]), atol=0.5)
        close([T.tensor([1.0])], [T.tensor([2.0])])
        close([T.tensor([1.0]), 2.0], [T.tensor([1.0]), 3.0])
        close(T.tensor([1.0]), [1.0])
        close(T.tensor([1.0]), 1.0)
        close(T.tensor([1.0]), T.tensor([2.0]), msg='oops')
        close([T.tensor([1.0])], [T.tensor([2.0])], msg=lambda m: 'X' + m)
        close([1], [1, 2], msg='oops')
        close(1.0, 2.0)
        close(1, 2)
        close(1, 0)
        close(1, 1.0)
        close(1, 2.0, check_dtype=False)
        close(1j, 2j)
        close(nan, nan)
        close(nan, nan, equal_nan=True)
        close(inf, -inf)
        close(0.0, 1e-9)
        close(True, False)
        close(np.bool_(True), True)
        close(None, None)
        close(None, 1)
        close('a', 'a')
        close(object(), object())
        close([1, [2, 3]], [1, [2, 4]])
        close((1, 2), [1, 2])
        close({'a': [1, 2]}, {'a': [1, 3]})
        close({'a': 1}, {'b': 1})
        close({1: T.tensor([1.0]), 0: T.tensor([2.0])}, {0: T.tensor([2.5]), 1: T.tensor([1.5])})
        close([1, 'a'], [1, 'a'])
        close(np.ones(2), np.ones(2) * 2)
        close(np.ones(2), T.ones(2))
        close(np.float32(1), np.float32(2))
        close(np.float64(1), 1.0)
        close(1)
        close(1, 2, 3)
        close(1, 2, foo=1)
        T.testing.assert_allclose(T.tensor([1.0]), T.tensor([1.00001]))
        T.testing.assert_allclose([1.0], [1.1])
    """),
)
def test_what_is_close_and_what_is_said_otherwise(code: str) -> None:
    assert_same(PREAMBLE + code)


values = st.floats(width=32) | st.sampled_from([0.0, 1.0, 1.00001, 1.0001, float("nan"), float("inf")])


@given(
    pairs=st.lists(st.tuples(values, values) | values.map(lambda v: (v, v)), min_size=1, max_size=4),
    rtol=st.sampled_from([0.0, 1e-5, 0.5]),
    atol=st.sampled_from([0.0, 1e-6, 1.0]),
    equal_nan=st.booleans(),
)
def test_the_rule_for_numbers_is_that_of_isclose(
    pairs: list[tuple[float, float]], rtol: float, atol: float, equal_nan: bool
) -> None:
    for dtype in ("float32", "float64", "int32", "complex64"):
        with np.errstate(all="ignore"):
            a, b = (
                np.nan_to_num(np.array(pairs).T, posinf=9, neginf=-9)
                if dtype == "int32"
                else np.array(pairs).T
            )
            a, b = a.clip(-1e9, 1e9).astype(dtype), b.clip(-1e9, 1e9).astype(dtype)
            ours = isclose(a, b, rtol, atol, equal_nan)
        options = {"rtol": rtol, "atol": atol, "equal_nan": equal_nan}
        assert ours.tolist() == torch.isclose(torch.from_numpy(a), torch.from_numpy(b), **options).tolist()


def test_tensors_that_are_close_pass_silently() -> None:
    minigrad.testing.assert_close(minigrad.ones(3) / 3 * 3, minigrad.ones(3))
