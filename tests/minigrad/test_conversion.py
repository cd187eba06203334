"""Tensors as numbers, lists and arrays, and in Python's protocols: values, warnings, refusals are torch's."""

from __future__ import annotations

import pytest
import torch

import minigrad

from .side_by_side import assert_same, lines

TENSORS = lines("""
    T.tensor(1.5)
    T.tensor(3)
    T.tensor(True)
    T.tensor(1 + 2j)
    T.tensor(2 + 0j)
    T.tensor(1.5, requires_grad=True)
    T.tensor(1j, requires_grad=True)
    T.tensor(0.1, dtype=T.float16)
    T.tensor(float('nan'))
    T.tensor(1e30)
    T.tensor([[2]])
    T.tensor([True])
    T.tensor(255, dtype=T.uint8)
    T.tensor([1.5, 2.5])
    T.tensor([1, 2])
    T.tensor([])
    T.zeros(2, 0)
    T.zeros(0, 2)
    T.ones(2, requires_grad=True) * 2
    T.ones(2, 3).t()
    T.ones(1).expand(3)
""")
USES = lines("""
    t.item()
    t.item(1)
    t.item(foo=1)
    t.tolist()
    t.tolist(1)
    bool(t)
    not t
    float(t)
    int(t)
    complex(t)
    operator.index(t)
    [1, 2, 3, 4][t]
    range(t)
    len(t)
    list(t)
    type(iter(t)).__name__
    1.5 in t
    7 in t
    'a' in t
    None in t
    t in t
    '%s' % t
    f'{t}'
    f'{t:.2f}'
    t.numpy()
    t.numpy(1)
    t.numpy(force=True)
    t.numpy(force=1)
    t.numpy(foo=1)
    np.asarray(t)
    np.array(t)
    np.asarray(t, dtype=np.float64)
    t.__array__()
    t.__array__(1, 2, 3)
    t.numpy(force=True).strides
    T.is_nonzero(t)
    (T.numel(t), T.is_floating_point(t), T.is_complex(t), T.is_signed(t), T.is_conj(t), T.is_inference(t))
    (T.is_tensor(t), t.get_device(), t.is_pinned(), t.is_shared())
    t.cuda()
""")


@pytest.mark.parametrize("use", USES)
def test_every_use_of_every_kind_of_tensor_agrees(use: str) -> None:
    for tensor in TENSORS:
        assert_same(f"t = {tensor}\n{use}")


@pytest.mark.parametrize("function", ["numel", "is_floating_point", "is_complex", "is_nonzero", "is_conj"])
def test_facts_are_refused_of_what_is_no_tensor(function: str) -> None:
    for arguments in ("3", "", "T.ones(1), 2", "foo=1"):
        assert_same(f"T.{function}({arguments})")


def test_the_array_of_a_tensor_shares_its_memory() -> None:
    assert_same("t = T.ones(3)\na = t.numpy()\na[0] = 5\nt.mul_(2)\n(a, t)")
    assert_same("t = T.ones(3, requires_grad=True)\na = t.detach().numpy()\na[0] = 5\n(a, t)")


def test_a_numpy_function_gives_a_tensor_back() -> None:
    assert_same("np.sin(T.tensor([0.0, 1.0]))")
    assert_same("np.sin(T.tensor([0.0, 1.0], requires_grad=True))")


def test_iteration_is_recorded_as_unbind() -> None:
    assert_same("list(T.ones(2, requires_grad=True) * 2)")


def test_a_tensor_is_hashed_by_identity() -> None:
    for engine in (torch, minigrad):
        t = engine.ones(2)
        assert len({t, t, engine.ones(2)}) == 2
