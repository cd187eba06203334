"""When a gradient is added to in place during a pass: what hooks see of its version, as torch has it.

What may live here: graphs where the same buffer is on its way to several nodes.
"""

from __future__ import annotations

import pytest

from tests.minigrad.side_by_side import assert_prints_the_same

START = """
a = T.tensor([1.0, 2.0], requires_grad=True)
x = a * 1.0
x.register_hook(lambda grad: print(grad._version, grad))
"""

OTHER_WAYS = ["x * 2", "x.exp()", "x / 3", "x.tanh() * x", "x + x", "-x", "x.view(2)", "x.sum()", "x.unbind()[0]"]


@pytest.mark.parametrize("way", OTHER_WAYS)
@pytest.mark.parametrize("end", ["total", "total * a"], ids=["the caller's", "the engine's own"])
def test_a_gradient_passed_on_by_an_addition_is_added_to_in_place_once_it_is_alone(way: str, end: str) -> None:
    program = f"{START}total = x + {way}\n({end}).backward(T.tensor([1.0, 1.0]))\nprint(a.grad._version, a.grad)"
    assert_prints_the_same(program)


INFERENCE_WAYS = ["x.view(3)", "x[None]", "x.t()", "x + 1", "x[:2]", "x.select(0, 1)", "x.unfold(0, 2, 1)"]


@pytest.mark.parametrize("way", INFERENCE_WAYS)
def test_a_gradient_that_views_an_inference_tensor_is_one(way: str) -> None:
    """It is a copy here, where torch writes into the caller's own gradient (accumulate_grad.Note [Stealing])."""
    assert_prints_the_same(f"""
x = T.ones(3, requires_grad=True)
for _ in range(3):
    with T.inference_mode():
        g = T.ones(({way}).shape)
    ({way}).backward(g)
    print(x.grad, x.grad.is_inference(), x.grad._version)
({way}).backward(T.ones(g.shape))
x.grad.add_(1)
print(x.grad, x.grad._version)
""")
