"""Devices, layouts and memory formats: the small values that say where and how tensors lie."""

from __future__ import annotations

import pytest

from .side_by_side import assert_same, lines


@pytest.mark.parametrize(
    "code",
    lines("""
        T.device('cpu')
        T.device('cpu', 0)
        T.device('cpu:1')
        T.device('cuda:0')
        T.device(T.device('cpu'))
        T.device(device='cpu')
        T.device(type='cpu', index=0)
        T.device('a')
        T.device('')
        T.device('cpu:-1')
        T.device('cpu:00')
        T.device('cpu:0', 1)
        T.device('cpu', -2)
        T.device('cpu', 300)
        T.device('cpu', '0')
        T.device()
        T.device(1.5)
        T.device(3)
        T.device(index=0)
        T.device(type='cpu', foo=1)
        T.device('cpu') == T.device('cpu:0')
        T.device('cpu') == 'cpu'
        T.device('cpu') < T.device('cpu')
        str(T.device('cpu:2'))
        copy.deepcopy(T.strided) is T.strided
        pickle.loads(pickle.dumps(T.device('cpu', 0)))
        T.layout()
        (T.strided, T.contiguous_format, T.preserve_format, T.channels_last)
        T.get_default_device()
        T.ones(1).device
    """),
)
def test_devices_and_layouts_agree(code: str) -> None:
    assert_same(code)


FORMATS = ("None", "1", "T.channels_last", "T.preserve_format", "T.contiguous_format")


@pytest.mark.parametrize("chosen", ["", "1", *(f"memory_format={one}" for one in FORMATS)])
def test_on_the_same_device_a_tensor_may_come_to_lie_otherwise(chosen: str) -> None:
    assert_same(f"x = T.ones(2, 3, 4, 5)\ny = x.cpu({chosen})\n(y is x, y.stride())")
    assert_same(f"x = T.ones(2, 3)\ny = x.cpu({chosen})\n(y is x, y.stride())")
