"""Factories of one value, of ranges and like other tensors, in every dtype, and what they refuse."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

import minigrad
from minigrad import memory

from .side_by_side import DTYPES, assert_same, lines


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(
    "call",
    lines("""
        T.zeros(2, 3, {})
        T.ones((2, 3), {})
        T.empty(0, 3, {})
        T.full((2,), 3, {})
        T.full((2,), -2.5, {})
        T.full((2,), 300, {})
        T.full((2,), -1, {})
        T.full((2,), 1e10, {})
        T.full((2,), 1e39, {})
        T.full((2,), 2j, {})
        T.full((2,), 1 + 0j, {})
        T.full((2,), float('nan'), {})
        T.full((2,), 2**63, {})
        T.full((2,), True, {})
        T.full((2,), 2**64, {})
        T.full((2,), T.tensor(3), {})
        T.scalar_tensor(3, {})
        T.zeros(2, {}, requires_grad=True)
        T.zeros_like(T.ones(2, 3).t(), {})
        T.ones_like(T.ones(2, 3), {})
        T.full_like(T.ones(2, 0), 7, {})
        T.ones(2).new_zeros(3, {})
        T.ones(2).new_ones((2, 3), {})
        T.ones(2).new_full((2,), 1.5, {})
        T.tensor([1, 2], {}).new_full((2,), 1.5)
        T.tensor([0, 1], {}).new_zeros(2)
        T.tensor([0, 1], {}).new_tensor([1.5])
        T.eye(2, 3, {})
        T.arange(5, {})
        T.arange(0.5, 5.9, {})
        T.arange(0, 5, 0.5, {})
        T.linspace(0, 10, 5, {})
        T.linspace(3, -3, 4, {})
        T.linspace(0, 300, 3, {})
        T.arange(0, 300, 100, {})
        T.tril_indices(3, 4, {})
        T.triu_indices(3, 4, -1, {})
    """),
)
def test_every_factory_agrees_in_every_dtype(call: str, dtype: str) -> None:
    assert_same(call.format(f"dtype=T.{dtype}"))


@pytest.mark.parametrize(
    "code",
    lines("""
        T.arange(5)
        T.arange(5.0)
        T.arange(1, 5, 2)
        T.arange(5, 1, -1)
        T.arange(5, 1)
        T.arange(1, 5, 0)
        T.arange(0, 1, 0.1)
        T.arange(0.0, float('inf'))
        T.arange(float('nan'))
        T.arange(True)
        T.arange(1j)
        T.arange(0)
        T.arange(1, 1)
        T.arange(T.tensor(3.0))
        T.arange(T.tensor([1, 2]))
        T.arange(1e20)
        T.arange(2**63)
        T.arange(end=5)
        T.arange(1, end=5, step=2)
        T.arange(2**60, 2**60 + 3)
        T.arange('a')
        T.arange(0, 1, 0.3, dtype=T.int64)
        T.arange(5, requires_grad=True)
        T.arange(5.0, requires_grad=True)
        T.arange()
        T.arange(1, 2, 3, 4)
        T.range(1, 3)
        T.range(1, 3, 0.5)
        T.linspace(0, 1, 0)
        T.linspace(0, 1, 1)
        T.linspace(0, 1, -1)
        T.linspace(0, 1)
        T.linspace(0, 1j, 3)
        T.linspace(0, 1j, 3, dtype=T.float32)
        T.linspace(T.tensor(0.0), T.tensor([1.0]), 3)
        T.linspace(T.tensor(1.0, requires_grad=True), 2, 3)
        T.linspace(0, 1e39, 3)
        T.logspace(0, 1, 5)
        T.logspace(0, 1, 5, 2)
        T.logspace(0, 2, 3, base=-2.0)
        T.logspace(0, 1, -1)
        T.eye(2)
        T.eye(-1)
        T.eye(2, -1)
        T.eye(2.5)
        T.eye(0)
        T.eye()
        T.eye(T.tensor([2]))
    """),
)
def test_ranges_agree(code: str) -> None:
    assert_same(code)


@pytest.mark.parametrize(
    "code",
    lines("""
        T.zeros()
        T.zeros(2.5)
        T.zeros('a')
        T.zeros(2, 'a')
        T.zeros((2, 'a'))
        T.zeros(None)
        T.zeros((None,))
        T.zeros(True)
        T.zeros(size=2)
        T.zeros(2, size=(2,))
        T.zeros(-1)
        T.zeros((2, -1))
        T.zeros(2, foo=1)
        T.zeros(2, requires_grad=1)
        T.zeros(2, dtype='a')
        T.zeros(2, dtype=float)
        T.zeros(2, dtype=T.int32, requires_grad=True)
        T.zeros(2, device='cuda')
        T.zeros(2, device='foo')
        T.zeros(2, device=3)
        T.zeros(2, device=1.5)
        T.zeros(2, device='cpu')
        T.zeros(2, pin_memory=True)
        T.zeros(2, pin_memory=None)
        T.zeros(2, layout=3)
        T.zeros(2, layout=T.strided)
        T.zeros(2**62, 2**62)
        T.zeros(np.int64(2))
        T.zeros(T.tensor(2))
        T.zeros((T.tensor(2), np.int32(3)))
        T.zeros(np.array([2, 3]))
        T.zeros(T.Size([2]))
        T.zeros(2, out=3)
        T.ones(-1, -2)
        T.ones('a', 2)
        T.ones([2], 3)
        T.ones(2, True)
        T.ones(range(3))
        T.full()
        T.full((2,))
        T.full(2, 1)
        T.full((2,), 'a')
        T.full((2,), 1, 2, 3)
        T.full((2,), T.tensor([3.5]))
        T.full((-2,), 3)
        T.full(fill_value='a', size=2)
        T.zeros_like()
        T.zeros_like(3)
        T.zeros_like(T.ones(2), T.ones(2))
        T.zeros_like(T.ones(2), dtype='a')
        T.full_like(T.ones(2))
        T.full_like(T.ones(2), 1j)
        T.ones(2).new_zeros()
        T.ones(2).new_zeros('a')
        T.ones(2).new_zeros(-1)
        T.ones(2).new_full(2, 3)
        T.ones(2).new_tensor()
        T.empty(2, 3, memory_format=T.channels_last)
        T.empty(2, 3, memory_format=T.preserve_format)
        T.empty(2, memory_format=3)
        T.empty_strided((2, 3), (1,))
        T.empty_strided((2, 3), (1, -1))
        T.empty_strided((2, -3), (1, 1))
        T.tensor()
        T.tensor(1, 2)
        T.tensor([1], dtype='float32')
        T.tensor([1], dtype=np.float32)
        T.tensor([1], requires_grad=True)
        T.tensor([1.0], foo=1)
        T.tensor([1.0], requires_grad=None)
        T.tensor([1.0], device='cuda')
        T.as_tensor()
        T.as_tensor([1.0], requires_grad=True)
        T.from_numpy([1])
        T.from_numpy(np.float32(1))
        T.from_numpy()
        T.scalar_tensor('a')
        T.scalar_tensor(1j)
        T.eye('a', foo=1, m=2)
        T.eye(dtype=T.float32, requires_grad=True, pin_memory=False)
        T.arange(a=1, b=2)
        T.linspace(end=0, start='a', steps=2)
        T.eye(1, 2, 3, dtype=None, requires_grad=True, pin_memory=False, device=None, layout=None, n=3, m=4)
    """),
)
def test_wrong_calls_get_the_same_words(code: str) -> None:
    assert_same(code)


@given(data=st.data())
def test_like_factories_keep_the_order_of_dimensions(data: st.DataObject) -> None:
    array = np.zeros(data.draw(st.lists(st.sampled_from([1, 2, 3, 0]), max_size=4)))
    if array.ndim:
        array = array.transpose(data.draw(st.permutations(range(array.ndim))))
        array = array[
            data.draw(
                st.tuples(
                    *[st.sampled_from([slice(None), slice(None, None, 2), slice(1, None)])] * array.ndim
                )
            )
        ]
        if 1 in array.shape and data.draw(st.booleans()):
            array = np.broadcast_to(
                array, tuple(data.draw(st.sampled_from([1, 4])) if n == 1 else n for n in array.shape)
            )
    theirs = torch.empty(0).set_(torch.zeros(200).untyped_storage(), 0, array.shape, memory.strides_of(array))
    assert memory.dense_strides(array.shape, memory.strides_of(array)) == torch.zeros_like(theirs).stride()


def test_inference_mode_makes_inference_tensors() -> None:
    assert_same(
        "with T.inference_mode():\n"
        "    made = [T.zeros(2), T.tensor([1.0]), T.ones(1).new_zeros(2)]\n"
        "[m.is_inference() for m in made]"
    )


@pytest.mark.parametrize("dtype", [name for name in DTYPES if name != "bool"])
def test_powers_of_ten_agree_up_to_rounding(dtype: str) -> None:
    made = [engine.logspace(0, 2, 5, dtype=getattr(engine, dtype)) for engine in (minigrad, torch)]
    np.testing.assert_allclose(made[0].numpy(), made[1].numpy(), rtol=1e-2 if dtype == "float16" else 1e-6)
