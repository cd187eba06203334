"""Factories from data: values, dtypes, strides, warnings and refusals are torch's."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from .side_by_side import DTYPES, assert_same, lines

numbers = st.one_of(
    st.booleans(),
    st.integers(-300, 300),
    st.sampled_from([2**31, -(2**31) - 1, 2**53 + 1, 2**63 - 1, 2**63, -(2**63), 2**64, 65504, 65520]),
    st.floats(),
    st.sampled_from([1e39, 3.4028235e38, 0.1, -0.5, 255.5, 1 + 2**-11 + 2**-30, 1e400, 5e-324, 2.0**63]),
    st.complex_numbers(),
)


def source(data: Any) -> str:
    """Nested lists of numbers as Python source, nan and infinities included."""
    if isinstance(data, list):
        return f"[{', '.join(map(source, data))}]"
    if isinstance(data, complex):
        return f"complex({source(data.real)}, {source(data.imag)})"
    return f"float({str(data)!r})" if isinstance(data, float) else repr(data)


@given(
    data=st.recursive(numbers, lambda inner: st.lists(inner, max_size=3), max_leaves=6),
    dtype=st.none() | st.sampled_from(DTYPES),
)
def test_any_nested_numbers_become_the_same_tensor_or_the_same_error(data: Any, dtype: str | None) -> None:
    dtype_argument = f", dtype=T.{dtype}" if dtype else ""
    assert_same(f"T.tensor({source(data)}{dtype_argument})")


@pytest.mark.parametrize(
    "data",
    lines("""
        [[1, 2], [3]]
        [[1, 2], 3]
        [1, [2, 3]]
        [[1], [2, 3]]
        [[], [1]]
        [[], []]
        ()
        [[[1], [2]], [[3]]]
        [[[1], [2]], [[3], [4, 5]]]
        'a'
        ['a']
        [1, 'a']
        b'ab'
        bytearray(b'ab')
        None
        [None]
        [1, None]
        {1: 2}
        {1}
        int
        range(3)
        ((1, 2), [3, 4])
        (x for x in [1])
        object
        [1j, None]
        [[1.0], 2.0]
    """),
)
@pytest.mark.parametrize(
    "dtype", ["", ", dtype=T.float32", ", dtype=T.int32", ", dtype=T.bool", ", dtype=T.complex64"]
)
def test_unusual_data_is_taken_or_refused_alike(data: str, dtype: str) -> None:
    assert_same(f"T.tensor({data}{dtype})")


def test_a_list_in_itself_has_too_many_dimensions() -> None:
    assert_same("data = []\ndata.append(data)\nT.tensor(data)")


@pytest.mark.parametrize(
    "data",
    lines("""
        np.float32(1.5)
        np.float64(1.5)
        np.float16(1.5)
        np.int8(1)
        np.bool_(True)
        [np.float32(1.5)]
        [np.float32(1.5), 2.0]
        [np.float64(1.5), 2]
        [np.int8(1), 2.0]
        [np.bool_(True)]
        [np.array([1, 2]), np.array([3, 4])]
        [np.array([1.0, 2])]
        [np.array(1.0)]
        [np.float32(1), np.array(2)]
        [np.array([1, 2]), [3, 4]]
        np.array(['a'])
        np.array([1, None])
        np.array([1, 2])[::-1]
        np.arange(6).reshape(2, 3).T
        np.ones((4, 6))[::2, ::2]
        np.array(3)
        np.broadcast_to(np.ones(1), (3,))
        np.ones(2, '>f4')
        np.ones(2, np.longdouble)
        np.ones(2, np.longlong)
        np.ones(2, [('a', 'f4'), ('b', 'i1')])['a']
        np.ones(2, [('a', 'f4'), ('b', 'f4')])['a']
    """),
)
@pytest.mark.parametrize(
    "call",
    lines("""
        T.tensor({})
        T.tensor({}, dtype=T.float32)
        T.tensor({}, dtype=T.int32)
        T.as_tensor({})
        T.from_numpy({})
    """),
)
def test_numpy_data_is_taken_or_refused_alike(data: str, call: str) -> None:
    assert_same(call.format(data))


@pytest.mark.parametrize(
    "data",
    lines("""
        T.ones(2)
        T.ones(2, requires_grad=True)
        T.ones(2, requires_grad=True) * 2
        T.ones(2, 3).t()
        T.ones(4, 6)[::2, ::2]
        T.ones(1, 3).expand(2, 3)
        T.tensor([1 + 1j])
        T.ones(0, 3)
        [T.ones(2)]
        [T.ones(1)]
        [T.ones(())]
        [T.ones((), dtype=T.float64), 1]
        [T.ones((), dtype=T.int8), 1.0]
        [T.ones((), requires_grad=True)]
        [T.ones(2), [1, 2]]
        [[1, 2], T.ones(2)]
        [T.ones(1, 1), T.ones(1, 1)]
        [T.tensor([1, 2])]
        [T.tensor(1.5)]
        [T.tensor(1)]
        [T.tensor(True)]
        [T.tensor([])]
        [T.tensor(1 + 2j)]
    """),
)
@pytest.mark.parametrize(
    "call",
    lines("""
        T.tensor({})
        T.tensor({}, dtype=T.float32)
        T.tensor({}, dtype=T.int32)
        T.as_tensor({})
        T.ones(1).new_tensor({})
    """),
)
def test_tensors_as_data_are_taken_or_refused_alike(data: str, call: str) -> None:
    assert_same(call.format(data))


@pytest.mark.parametrize(
    "code",
    lines("""
        T.Tensor()
        T.Tensor((2, 3))
        T.Tensor([1, 2])
        T.Tensor(2.5)
        T.Tensor('a')
        T.Tensor(2, 'a')
        T.Tensor(None)
        T.Tensor(-1)
        T.Tensor([1j])
        T.Tensor([1], dtype=T.int32)
        T.Tensor(np.ones(2))
        T.Tensor(T.ones(2, requires_grad=True))
        T.ones(2, dtype=T.int32).new([1, 2])
    """),
)
def test_the_old_constructor_agrees(code: str) -> None:
    assert_same(code)


def test_the_old_constructor_takes_sizes() -> None:
    for code in ("T.Tensor(2, 3)", "T.Tensor(T.Size([2]))", "T.ones(2, dtype=T.int32).new(0, 3)"):
        assert_same(f"made = {code}\n(made.shape, made.dtype)")


def test_complex_numpy_numbers_stay_complex() -> None:
    assert_same("[T.tensor(data) for data in (np.complex64(1j), [np.complex128(1.5), 1])]")


def test_an_array_and_its_tensor_share_memory() -> None:
    for call in ("T.from_numpy(data)", "T.as_tensor(data)", "T.asarray(data)"):
        assert_same(f"data = np.ones(2)\nmade = {call}\ndata[0] = 5\nmade.mul_(2)\n(made, data)")


@pytest.mark.parametrize(
    "call", ["T.as_tensor(t)", "T.as_tensor(t, dtype=T.float32)", "T.asarray(t)", "T.asarray(t, copy=True)"]
)
def test_a_tensor_of_the_wanted_dtype_is_returned_as_it_is(call: str) -> None:
    assert_same(f"t = T.ones(2)\nmade = {call}\n(made is t, made)")


def test_a_conversion_of_a_tensor_is_recorded() -> None:
    assert_same("T.as_tensor(T.ones(2, requires_grad=True), dtype=T.float64)")


def test_a_new_thread_is_as_silent_about_overflow() -> None:
    assert_same(
        "import threading\nmade = []\n"
        "def make():\n    made.append(T.tensor([1e300, 1]))\n    T.testing.assert_close(made[0], made[0])\n"
        "thread = threading.Thread(target=make)\nthread.start()\nthread.join()\nmade"
    )
