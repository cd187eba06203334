"""Copies and pickles: what comes along (memory, requires_grad, grad, attributes), what stays, as in torch."""

from __future__ import annotations

import pytest

from .side_by_side import assert_same, lines

TENSORS = lines("""
    T.tensor([1.5, 2.5])
    T.tensor(1 + 2j)
    T.tensor([1, 2], dtype=T.int8)
    T.ones(2, requires_grad=True)
    T.ones(2, requires_grad=True) * 2
    (T.ones(2, requires_grad=True) * 2).detach()
    T.ones(2, 3).t()
    T.ones(4)[1:]
    T.ones(3, 4)[1:, 1:]
    T.ones(1).expand(4)
    T.ones(0, 3)
    T.zeros(())
""")
WAYS = lines("""
    copy.copy(t)
    copy.deepcopy(t)
    pickle.loads(pickle.dumps(t))
    pickle.loads(pickle.dumps(t, protocol=2))
""")


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("tensor", TENSORS)
def test_every_way_of_copying_gives_the_same_tensor(way: str, tensor: str) -> None:
    assert_same(f"t = {tensor}\nc = {way}\n(c, c.is_leaf, c._is_view(), c.storage_offset(), c.grad, c is t)")


@pytest.mark.parametrize("way", WAYS)
def test_grad_and_attributes_come_along_as_in_torch(way: str) -> None:
    assert_same(
        "t = T.ones(2, requires_grad=True)\nt.grad = T.full((2,), 5.0)\nt.note = [1]\n"
        f"c = {way}\n(c.grad, c.grad is t.grad, c.note, c.note is t.note)"
    )


@pytest.mark.parametrize("way", WAYS)
def test_whether_memory_is_shared_with_the_original(way: str) -> None:
    assert_same(f"t = T.ones(2)\nc = {way}\nt.fill_(3)\n(c, t)")


@pytest.mark.parametrize("way", WAYS)
def test_tensors_that_share_memory_still_do_among_themselves(way: str) -> None:
    assert_same(
        f"base = T.ones(4)\nt = [base, base[1:], base]\nc = {way}\nc[0].fill_(9)\n"
        "(c[1], c[0] is c[2], c[1]._is_view(), c[1].storage_offset(), base)"
    )


def test_a_leaf_and_its_gradient_copied_together_stay_together() -> None:
    assert_same(
        "t = T.ones(2, requires_grad=True)\nt.grad = T.ones(2)\n"
        "c = copy.deepcopy([t, t.grad])\nc[0].grad is c[1]"
    )


@pytest.mark.parametrize("way", WAYS)
def test_an_inference_tensor_comes_back_as_a_normal_one(way: str) -> None:
    assert_same(f"with T.inference_mode():\n    t = T.ones(2)\nc = {way}\n(c, c.is_inference())")


def test_inside_inference_mode_copies_are_inference_tensors() -> None:
    assert_same(
        "t = T.ones(2, requires_grad=True)\nwith T.inference_mode():\n    c = copy.deepcopy(t)\n"
        "(c.is_inference(), c.requires_grad)"
    )


def test_hooks_stay_behind_with_a_warning() -> None:
    code = "def hook(grad):\n    return grad\n"
    code += "t = T.ones(2, requires_grad=True)\nhandle = t.register_hook(hook)\n"
    assert_same(code + "copy.deepcopy(t)")
    for mark in ("", "hook.__torch_unserializable__ = True\n"):
        assert_same(
            f"{code}{mark}import warnings\nwith warnings.catch_warnings(record=True) as w:\n"
            "    warnings.simplefilter('always')\n    c = pickle.loads(pickle.dumps(t))\n"
            "(c, [str(x.message) for x in w])"
        )
