"""Gradients by central differences as the reference: silent where torch is right, however it was asked."""

from __future__ import annotations

from itertools import islice

import pytest

from oracle.check import check_batch
from oracle.engines import load
from oracle.engines.minigrad_engine import MinigradEngine
from oracle.engines.torch_engine import TorchEngine
from oracle.program import parse
from strategies import decode, grammar
from strategies.buffers import buffers
from tests.oracle.wrong import WrongTorch, scaled_gradient

MINIGRAD = MinigradEngine()

LEAF = "v0 = T.tensor([0.5, 2.0, 3.25], requires_grad=True)\n"
FINE = {
    "a slope": "v1 = v0.exp()\nT.autograd.backward((v1,), (v0,))\n",
    "a corner": "v1 = v0.sub(0.5)\nv2 = v1.abs()\nv3, = T.autograd.grad((v2,), (v0,), (v0,))\n",
    "a pole, where numbers have no answer": "v1 = v0.sub(0.5)\nv2 = v1.log()\nv2.backward(v0)\n",
    "a write": "v1 = v0 * 2\nv1.mul_(v0)\nv1.backward(v0)\n",
    "two passes": "v1 = v0 * v0\nv1.backward(v0, retain_graph=True)\nv1.backward(v0)\n",
    "a reset": "v1 = v0 * v0\nv1.backward(v0, retain_graph=True)\nv0.grad = None\nv1.backward(v0)\n",
    "a second derivative": (
        "v1 = v0 ** 3\nv2, = T.autograd.grad((v1,), (v0,), (v0,), create_graph=True)\nv2.backward(v0)\n"
    ),
    "complex numbers": (
        "v1 = T.tensor([1.0, 1.0, 2.0], dtype=T.complex64, requires_grad=True)\nv2 = v1 * v1\nv2.backward(v1)\n"
    ),
    "the tensor itself, given back in no_grad": "with T.no_grad():\n    v1 = v0.contiguous()\nv1.backward(v0)\n",
}
SHARED = """v0 = T.tensor([1.0, 2.0], requires_grad=True)
v1 = T.tensor([1.0, 2.0], requires_grad=True)
v2 = v0.view(2)
v3 = v1.view(2)
v4 = v2 + v3
v5 = v4.mul(3)
v6 = v5.sum()
v6.backward(retain_graph=True)
v6.backward(retain_graph=True)
v6.backward()
"""


def kinds(text: str, subject: str | TorchEngine = "torch") -> list[str]:
    engine = {"torch": TorchEngine(), "minigrad": MINIGRAD}[subject] if isinstance(subject, str) else subject
    (checked,) = check_batch([parse(text)], engine, load("numbers"))
    assert checked.unsupported is None
    return sorted({one.kind for one in checked.discrepancies})


@pytest.mark.parametrize("subject", ["torch", "minigrad"])
@pytest.mark.parametrize("body", FINE.values(), ids=FINE)
def test_right_gradients_are_no_difference(body: str, subject: str) -> None:
    assert kinds(LEAF + body, subject) == []


def test_numbers_say_that_torch_shares_a_gradient_and_minigrad_does_not() -> None:
    assert kinds(SHARED) == ["grad"]
    assert kinds(SHARED, "minigrad") == []


def test_wrong_gradients_are_found_both_returned_and_accumulated() -> None:
    wrong = WrongTorch("wrong", {"exp": scaled_gradient(1.01)})
    assert kinds(LEAF + "v1 = v0.exp()\nv1.backward(v0)\n", wrong) == ["grad"]
    assert kinds(LEAF + "v1 = v0.exp()\nv2, = T.autograd.grad((v1,), (v0,), (v0,))\n", wrong) == ["gradient"]


def test_a_gradient_that_is_missing_is_found() -> None:
    without = WrongTorch("without", {"mul": lambda real: lambda x, y: real(x.detach(), y)})
    leaf = "v1 = T.tensor([1.0, 2.0, 3.0], requires_grad=True)\n"
    assert kinds(LEAF + leaf + "v2 = v0.mul(v1)\nv2.backward(v0)\n", without) == ["grad-presence"]


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ("v1 = v0.exp()\n", "no gradient"),
        ("v1 = v0.exp()\nv1.register_hook(lambda grad: grad * 2)\nv1.backward(v0)\n", "hooks change"),
        ("v1 = v0.exp()\nv2, = T.autograd.grad((v1,), (v0,), (v0,))\nv2.mul_(2)\n", "may be written"),
        ("v1 = v0.diag()\nv2 = T.linalg.cholesky(v1)\nv2.backward(v1)\n", "one triangle"),
        ("v1 = v0.expand(15, 3)\nv2 = v1.clone()\nv2.retain_grad()\nv2.backward(v1)\n", "no leaf"),
    ],
)
def test_what_it_cannot_judge_is_counted_with_its_reason(body: str, why: str) -> None:
    assert why in str(load("numbers").supports(parse(LEAF + body)))


def test_programs_that_are_composed_agree_with_numbers() -> None:
    chosen = grammar(ops=["mul", "div", "add", "sub", "neg", "exp", "sin", "sum", "detach"])
    programs = [decode(buffer, chosen) for buffer in islice(buffers(1, chosen), 250)]
    checked = check_batch(programs, MINIGRAD, load("numbers"))
    assert sum(one.unsupported is None for one in checked) > 50
    found = [found for one in checked for found in one.discrepancies if "grad" in found.kind]
    assert [str(one) for one in found] == []
