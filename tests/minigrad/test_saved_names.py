"""What nodes show of what they saved: every name of every class of nodes, and values, as torch has them.

What may live here: these. That tensors are saved, unpacked and freed is tested in `test_saved_tensors`.
"""

from __future__ import annotations

import pkgutil
from importlib import import_module
from typing import Any

import pytest
import torch

import minigrad
from minigrad.registry import NODES, OPS
from oracle.engines.observer import walked
from tests.minigrad.side_by_side import assert_same


def names(cls: type) -> list[str]:
    return [name for name in dir(cls) if name.startswith(("_saved_", "_raw_saved_"))]


def test_nodes_show_the_names_that_torch_shows() -> None:
    for module in pkgutil.walk_packages(minigrad.__path__, "minigrad."):
        import_module(module.name)
    theirs = vars(torch._C._functions)
    labels = {op.label for op in OPS.values() if op.label in theirs}
    assert len(labels) > 400
    assert {one: names(NODES[one]) for one in labels} == {one: names(theirs[one]) for one in labels}


OPERANDS = """
x = T.tensor([[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]], requires_grad=True)
y = T.tensor([[1.0, 2.0], [2.0, 0.5]], requires_grad=True)
z = T.tensor([1.0, 0.0, 3.0, 0.0], requires_grad=True)
c = T.tensor([1j, 2.0, 3.0], requires_grad=True)
m = T.tensor([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
image = T.rand(1, 1, 4, 4, requires_grad=True)
kernel = T.ones(1, 1, 2, 2, requires_grad=True)


def back(result, *leaves):
    return T.autograd.grad(result, leaves, T.ones_like(result).requires_grad_(), create_graph=True)


def behind(result, *places):
    node = result.grad_fn
    for place in places:
        node = node.next_functions[place][0]
    return node
"""

RESULTS = """
x.narrow(-2, -2, 1)
x.narrow_copy(-2, -2, 1)
back(x.narrow_copy(-2, 0, 1), x)
back(T.slice_copy(x, 1, None, None, 1), x)
back(x.unsqueeze(-2), x)
back(x.sum(-2), x)
back(x.mean((-1, 0)), x)
x.mean()
back(x.unbind(-2)[0], x)
back(T.stack([x, x], -2), x)
x.diff(2, dim=-2)
T.trapezoid(x, dim=-2)
T.trapezoid(x, T.tensor([1.0, 3.0]), dim=-2)
T.cumulative_trapezoid(x, dim=-2)
T.cumulative_trapezoid(x, T.tensor([1.0, 3.0]), dim=-2)
x.as_strided((2,), (1,))
x[:, 1:].as_strided((2,), (1,), 2)
T.as_strided_copy(x, (2,), (1,))
x.split_with_sizes([1, 1], 1)[0]
T.mm(m, y)
T.mm(y, m.t())
T.addmm(y, y, y)
T.fft.fftshift(x, (-2, -1))
F.rms_norm(x, (2, 3))
F.layer_norm(x, (2, 3), eps=0.5)
F.group_norm(x, 1, eps=0.5)
F.triplet_margin_loss(y, y + 1, y + 2, p=3)
F.triplet_margin_loss(z[0], z[1], z[2])
back(T.cumprod(z, 0), z)
back(T.norm(z, 3), z)
back(T.linalg.matrix_norm(y, "fro"), y)
back(T.renorm(y, 3, 0, 0.5), y)
back(T.sgn(c), c)
back(T.lerp(y, y * 2, 0), y)
T.vander(z)
T.linalg.vander(z)
T.linalg.svd(y)[1]
T.lu_unpack(*T.linalg.lu_factor(y))[1]
T.xlogy(2, z)
T.xlogy(z, -3)
F.pad(image, (1, 2, 1, 1), "circular")
F.avg_pool2d(image, 2, 1)
F.avg_pool2d(image, (2,), (1,), (0,))
F.avg_pool1d(x, 2)
back(F.avg_pool2d(image, 2), image)
F.max_pool2d(image, 2)
F.max_pool2d(image, (2,), (1,), (0,))
back(F.adaptive_avg_pool2d(image, 2), image)
F.unfold(image, 2)
F.conv2d(image, kernel)
F.conv2d(image, kernel, z[:1], (1,), (0,), (1,))
F.conv2d(image, kernel, None, 1, "valid")
F.conv2d(image, kernel, None, (1,), "same")
F.conv_transpose2d(image, kernel, None, (1,), (0,), (0,))
back(F.conv2d(image, kernel, None, 1, "valid"), image, kernel)
F.conv1d(c.view(1, 1, 3), T.ones(1, 1, 2, dtype=T.complex64))
F.interpolate(image, scale_factor=(1.5, 2.0), mode="bilinear")
F.interpolate(image, (3, 2))
F.interpolate(x, scale_factor=2.0)
F.embedding(T.tensor([1, 0]), y)
T.gather(y, -1, T.tensor([[0], [1]]))
T.triangular_solve(y, y, transpose=True)[0]
back(T.triangular_solve(m[:2], y, transpose=True)[0], y)
"""


def graph(engine: Any, expression: str) -> Any:
    """The graph behind what `expression` gives, with what its nodes saved."""
    scope = {"T": engine, "F": engine.nn.functional}
    exec(OPERANDS, scope)
    result = eval(expression, scope)
    found = result if isinstance(result, tuple) else (result,)
    return walked([one.grad_fn for one in found], {})[0]


@pytest.mark.parametrize("expression", RESULTS.strip().split("\n"))
@pytest.mark.filterwarnings("ignore")
def test_a_node_shows_the_values_that_torch_shows(expression: str) -> None:
    ours, theirs = graph(minigrad, expression), graph(torch, expression)
    assert ours.nodes == theirs.nodes
    for node, mine, its in zip(theirs.nodes, ours.saved, theirs.saved, strict=True):
        assert (node, mine.by_name) == (node, its.by_name)


TENSORS = """
behind(T.combinations(z, 3), 0)._saved_mask
F.layer_norm(T.ones(1, 1, requires_grad=True), (1,)).grad_fn._saved_result1
behind(F.hinge_embedding_loss(z, z.detach()), 0, 0, 0)._saved_self
back(y.clip(y.detach() * 0, y.detach()), y)[0].grad_fn._saved_condition
"""


@pytest.mark.parametrize("expression", TENSORS.strip().split("\n"))
def test_a_saved_tensor_is_as_it_is_in_torch(expression: str) -> None:
    assert_same(f"F = T.nn.functional\n{OPERANDS}\n{expression}")
