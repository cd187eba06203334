"""resize_ and resize_as_: what stays of a tensor that gets other sizes, and where torch refuses it."""

from __future__ import annotations

import warnings

import pytest
import torch

from tests.minigrad.side_by_side import assert_prints_the_same, assert_same, lines

CALLS = lines("""
    x.resize_(2)
    x.resize_(2, 2)
    x.resize_((2, 1))
    x.resize_(4)
    x.resize_(())
    x.resize_(6).shape, x._version, x[:4], x.untyped_storage().nbytes()
    x.resize_(-1)
    x.resize_()
    x.resize_("a")
    x.resize_(2, memory_format=T.preserve_format)
    x.resize_(2, memory_format=T.channels_last)
    x.resize_(1, 1, 2, 2, memory_format=T.channels_last)
    x.resize_(2, memory_format=T.contiguous_format)
    x.requires_grad_().resize_(2)
    x.requires_grad_().resize_(4)
    (x.requires_grad_() * 2).resize_(2)
    x[1:].resize_(3), x[1:].resize_(2), x[1:].resize_(2).storage_offset(), x._version
    x[1:].resize_(5)[:3], x
    x.view(2, 2).t().resize_(2, 2)
    x.view(2, 2).t().resize_(4)
    x.detach().resize_(2), x._version, x
    x.expand(2, 4).resize_(2, 4)
    x.to(T.complex64).conj().resize_(1)
    x.resize_as_(T.zeros(2, 2))
    x.resize_as_(T.zeros(2, 2).t())
    x.resize_as_(T.zeros(2, 2, dtype=T.int64))
    x.resize_as_(T.zeros(2, 2).requires_grad_())
    x.requires_grad_().resize_as_(T.zeros(2, 2))
    x.resize_as_(3)
    x.resize_as_(T.zeros(1, 2, 2, 2)[..., :1].permute(0, 3, 1, 2), memory_format=T.preserve_format)
    x.resize_as_(T.zeros(2, 2), memory_format=T.contiguous_format)
    T.resize_as_(x, T.zeros(2))
    x.resize_(0), x.resize_(2)
""")


@pytest.mark.parametrize("call", CALLS)
def test_a_tensor_gets_other_sizes(call: str) -> None:
    assert_same("x = T.tensor([1.0, 2.0, 3.0, 4.0])\n" + call)


@pytest.mark.parametrize("made", lines("""
    T.from_numpy(np.ones(4))
    T.from_numpy(np.ones(4))[1:]
    T.from_numpy(np.ones(4)).clone()
    T.as_tensor(np.ones(4))
    T.as_tensor(np.ones(4), dtype=T.float32)
    T.as_tensor(np.ones(0))
    T.tensor(np.ones(4))
    T.asarray(np.ones(4))
"""))  # fmt: skip
def test_memory_of_numpy_s_does_not_grow(made: str) -> None:
    assert_same(f"x = {made}\nx.resize_(2), x.resize_(1, 2)")
    assert_same(f"x = {made}\nx.resize_(7).shape")
    assert_same(f"x = {made}\nT.cat((T.ones(9, dtype=x.dtype),), out=x).shape")
    assert_same(f"x = {made}\nT.ones(9, dtype=x.dtype).add(1).resize_as_(x)")


@pytest.mark.parametrize("read", ["x.numpy()", "x.detach().numpy()", "np.asarray(x)", "x.tolist()", "x[1:].numpy()"])
def test_nor_does_what_numpy_looks_into(read: str) -> None:
    assert_same(f"x = T.ones(4)\n{read}\nx.resize_(2)")
    assert_same(f"x = T.ones(4)\n{read}\nx.resize_(7).shape")
    assert_same(f"x = T.ones(4)\n{read}\nx.clone().resize_(7).shape")


def test_modes_and_saved_tensors_know_of_it() -> None:
    assert_prints_the_same("""
a, b = T.ones(4, requires_grad=True), T.ones(4)
c = a * b
b.resize_(2)
try:
    c.sum().backward()
except RuntimeError as error:
    print(error)
with T.inference_mode():
    q = T.ones(4)
    print(q.resize_(2))
try:
    q.resize_(1)
except RuntimeError as error:
    print(error)
with T.no_grad():
    try:
        a.resize_(2)
    except RuntimeError as error:
        print(error)
""")


def test_a_dual_tensor_is_not_resized() -> None:
    with warnings.catch_warnings(), torch.autograd.forward_ad.dual_level():  # the first level loads what warns
        warnings.simplefilter("ignore")
        torch.autograd.forward_ad.make_dual(torch.ones(1), torch.ones(1))
    code = "with T.autograd.forward_ad.dual_level():\n    T.autograd.forward_ad.make_dual(T.ones(4), T.ones(4))"
    assert_same(f"{code}.resize_(%s)\n0" % 2)
    assert_same(f"{code}.resize_(%s)\n0" % 4)
