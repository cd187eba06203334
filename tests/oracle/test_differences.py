"""Central differences: slopes where there are slopes, both sides of corners, nothing where there is nothing."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from oracle.conventions import CONVENTIONS, conventions_for
from oracle.differences import Slopes, Unavailable, slopes
from oracle.engines.torch_engine import TorchEngine
from oracle.program import Program, parse
from oracle.variants import queries

TORCH = TorchEngine()
LEAF = "v0 = T.tensor(1.0, requires_grad=True)\n"


def of(op: str, values: str = "[0.5, 2.0, -3.0]", dtype: str = "float32") -> Program:
    leaf = f"v0 = T.tensor({values}, dtype=T.{dtype}, requires_grad=True)\n"
    return parse(f"{leaf}v1 = {op}\nv2 = v1.sum()\nv2.backward()\n")


def slopes_of(program: Program, name: str = "v0") -> Slopes:
    return slopes(program, queries(program)[-1], name, TORCH)


@pytest.mark.parametrize(
    "op", ["v0.exp()", "v0.sin()", "T.mul(v0, v0)", "v0.pow(3)", "v0.sigmoid()", "v0.cumsum(0)", "v0.flip(0)"]
)
def test_slopes_are_torchs_gradients_where_the_function_is_smooth(op: str) -> None:
    program = of(op)
    found = slopes_of(program)
    assert found.smooth.all()
    assert found.admits(TORCH.run(program).tensors["v0"].grad, 1e-4).all()


def test_a_corner_has_two_slopes_and_admits_all_between() -> None:
    found = slopes_of(of("v0.abs()", "[0.0, 2.0]"))
    assert found.smooth.tolist() == [False, True]
    assert np.allclose([found.left[0], found.right[0]], [-1, 1], atol=1e-6)
    assert found.admits(np.array([0.3, 1.0]), 1e-4).all()
    assert found.admits(np.array([1.1, 1.1]), 1e-4).tolist() == [False, False]


def test_a_pole_has_no_slope() -> None:
    found = slopes_of(of("v0.sqrt()", "[0.0, 4.0]"))
    assert found.smooth.tolist() == [False, True]
    assert np.isnan(found.central[0])


def test_what_is_detached_is_held_constant() -> None:
    program = parse("""
v0 = T.tensor([2.0, 3.0], requires_grad=True)
v1 = v0.detach()
v2 = v0 * v1
v3 = v2.sum()
v3.backward()
""")
    assert np.allclose(slopes_of(program).central, [2.0, 3.0])


def test_an_intermediate_and_a_written_view_are_stepped_through() -> None:
    program = parse("""
v0 = T.tensor([2.0, 3.0], requires_grad=True)
v1 = v0 * 1
v2 = v1[0]
v2.mul_(5)
v3 = v1.exp()
v4 = T.tensor([1.0, 10.0])
v5, = T.autograd.grad((v3,), (v1,), grad_outputs=(v4,))
""")
    assert np.allclose(slopes_of(program, "v1").central, [np.exp(10.0), 10 * np.exp(3.0)], rtol=1e-6)


def test_a_gradient_of_a_gradient_is_stepped_through() -> None:
    program = parse("""
v0 = T.tensor([2.0, 3.0], requires_grad=True)
v1 = v0.pow(3)
v2 = T.tensor([1.0, 1.0])
v3, = T.autograd.grad((v1,), (v0,), grad_outputs=(v2,), create_graph=True)
v4, = T.autograd.grad((v3,), (v0,), grad_outputs=(v2,))
""")
    assert np.allclose(slopes_of(program).central, [12.0, 18.0], rtol=1e-6)


def test_complex_slopes_follow_torchs_convention() -> None:
    program = parse("""
v0 = T.tensor([1+2j, 0.5-1j], requires_grad=True)
v1 = v0 * v0
v2 = T.tensor([1+0.5j, 1j])
v1.backward(v2)
""")
    assert slopes_of(program).admits(TORCH.run(program).tensors["v0"].grad, 1e-4).all()


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (f"{LEAF}h0 = v0.register_hook(lambda grad: grad * 2)\nv0.backward()\n", "hooks"),
        ("v0 = T.ones((50,), requires_grad=True)\nv1 = v0.sum()\nv1.backward()\n", "more than"),
        ("v0 = T.tensor(1.0)\nv0.backward()\n", "raises"),
    ],
)
def test_where_numbers_cannot_tell_they_say_why(text: str, why: str) -> None:
    with pytest.raises(Unavailable, match=why):
        slopes_of(parse(text))


def test_conventions_are_of_ops_that_torch_has_and_name_their_source() -> None:
    places = (torch, torch.Tensor, torch.nn.functional, torch.linalg)
    for one in CONVENTIONS:
        assert one.source.startswith("https://")
        for op in one.ops:
            assert any(hasattr(place, op.removeprefix("linalg.")) for place in places), op


def test_an_in_place_name_has_the_convention_of_its_op() -> None:
    assert conventions_for(["abs_"]) == conventions_for(["abs"]) != []
    assert conventions_for(["mul"]) == []
