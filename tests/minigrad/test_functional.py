"""`autograd.functional` agrees with torch: values, graphs of results, nesting of tuples, strict mode, errors."""

from __future__ import annotations

import pytest
import torch

import minigrad
from tests.minigrad.side_by_side import lines, outcome

PREPARED = """
F = T.autograd.functional
x = T.tensor([[1.0, -2.0], [0.5, 3.0]])
y = T.tensor([2.0, -1.0])
s = T.tensor(1.5)
r = T.tensor([2.0, -1.0], requires_grad=True)
c = T.tensor([1.0 + 2.0j, 0.5 - 1.0j])
def exp_sum(x): return x.exp().sum(dim=1)
def both(x, y): return x * y, (y ** 2).sum()
def one(x, y): return 2 * x + 3 * y
def cubes(x): return (x ** 3).sum()
def cross(x, y): return (x ** 2 * y ** 3).sum()
def linear(x): return x.sum()
def apart(x): return x.detach() * 2
def constant(x): return T.ones(2)
def first(x, y): return (x ** 2).sum()
""".strip()

CALLS = """
F.vjp(exp_sum, x, y)
F.vjp(exp_sum, r.expand(2, 2), y, create_graph=True)
F.vjp(both, (x, y), (x, s))
F.vjp(cubes, x)
F.vjp(cubes, x, create_graph=True)
F.vjp(exp_sum, x)
F.vjp(exp_sum, x, x)
F.vjp(both, (x, y), x)
F.vjp(both, (x, y), (x, y))
F.vjp(exp_sum, 3)
F.vjp(both, (x, 3))
F.vjp(lambda x: 3, x)
F.vjp(lambda x: (x, 3), x)
F.vjp(constant, x, y)
F.vjp(constant, x, y, strict=True)
F.vjp(apart, y, y, strict=True)
F.vjp(first, (x, y), strict=True)
F.vjp(first, (x, y))
F.vjp(linear, r, create_graph=True, strict=True)
F.jvp(exp_sum, x, x)
F.jvp(exp_sum, r.expand(2, 2), x, create_graph=True)
F.jvp(both, (x, y), (x, y))
F.jvp(exp_sum, s.view(1, 1))
F.jvp(exp_sum, x)
F.jvp(exp_sum, x, y)
F.jvp(both, (x, y), x)
F.jvp(constant, x, x)
F.jvp(constant, x, x, strict=True)
F.jvp(linear, x, x, strict=True)
F.jvp(linear, x, x)
F.jvp(first, (x, y), (x, y), strict=True)
F.jvp(lambda x: x * x, c, c)
F.vhp(cubes, x, x)
F.vhp(cubes, r, y, create_graph=True)
F.vhp(cross, (y, r), (y, y))
F.vhp(cubes, s)
F.vhp(cubes, x)
F.vhp(exp_sum, x, x)
F.vhp(both, (x, y), (x, y))
F.vhp(linear, x, x)
F.vhp(linear, x, x, strict=True)
F.vhp(first, (x, y), (x, y), strict=True)
F.hvp(cubes, x, x)
F.hvp(cubes, r, y, create_graph=True)
F.hvp(cross, (y, r), (y, y))
F.hvp(cubes, s)
F.hvp(cubes, x)
F.hvp(exp_sum, x, x)
F.hvp(both, (x, y), (x, y))
F.hvp(linear, x, x)
F.hvp(linear, x, x, strict=True)
F.hvp(first, (x, y), (x, y), strict=True)
F.jacobian(exp_sum, x)
F.jacobian(exp_sum, r.expand(2, 2), create_graph=True)
F.jacobian(both, (x, y))
F.jacobian(one, (y, y))
F.jacobian(exp_sum, x, vectorize=True)
F.jacobian(both, (x, y), vectorize=True)
F.jacobian(exp_sum, x, vectorize=True, strategy='forward-mode')
F.jacobian(both, (x, y), vectorize=True, strategy='forward-mode')
F.jacobian(first, (x, y), vectorize=True, strategy='forward-mode')
F.jacobian(exp_sum, x, strategy='forward-mode')
F.jacobian(exp_sum, x, strategy='sideways')
F.jacobian(exp_sum, x, create_graph=True, strategy='forward-mode')
F.jacobian(exp_sum, x, strict=True, strategy='forward-mode')
F.jacobian(exp_sum, x, strict=True, vectorize=True)
F.jacobian(first, (x, y))
F.jacobian(first, (x, y), vectorize=True)
F.jacobian(first, (x, y), strict=True)
F.jacobian(constant, x)
F.jacobian(constant, x, strict=True)
F.jacobian(linear, r, create_graph=True, strict=True)
F.jacobian(lambda x: x.sum(), s)
F.jacobian(exp_sum, [x])
F.hessian(cubes, x)
F.hessian(cubes, r, create_graph=True)
F.hessian(cross, (y, r))
F.hessian(cross, (y, r), vectorize=True)
F.hessian(cubes, y, vectorize=True, outer_jacobian_strategy='forward-mode') + 0
F.hessian(cubes, x, outer_jacobian_strategy='forward-mode')
F.hessian(cubes, x, outer_jacobian_strategy='sideways')
F.hessian(exp_sum, x)
F.hessian(both, (x, y))
F.hessian(linear, x)
F.hessian(linear, x, strict=True)
F.hessian(first, (x, y), strict=True)
T.no_grad()(F.vjp)(cubes, r)
T.no_grad()(F.hessian)(cubes, r)
"""


@pytest.mark.parametrize("call", lines(CALLS))
def test_functional_does_what_torchs_does(call: str) -> None:
    ours, theirs = (outcome(engine, f"{PREPARED}\n{call}") for engine in (minigrad, torch))
    # vmap makes torch complain about its own use of torch.jit
    assert ours == [line for line in theirs if "torch.jit" not in line], "\n".join([*ours, "torch:", *theirs])


ALONG_ALL = lines("""
    jacobian(lambda x: x * x, T.tensor([]))
    [one.storage_offset() for one in jacobian(lambda x, y: x * y, (a, a))]
    (jacobian(lambda x: seen.append(x) or x.t()[0].sin() * x.sum(), a), len(seen))
    jacobian(lambda x: x.clone().mul_(x).neg_(), a).tolist()
    jacobian(lambda x: Twice.apply(x) * x, a)
    hessian(lambda x: (x * x * x).sum(), a)
    [[one.tolist() for one in row] for row in jacobian(lambda x, y: (x + y, T.ones(2)), (a, a))]
""")

ALONG = """
class Twice(T.autograd.Function):
    @staticmethod
    def forward(x):
        return x * 2
    @staticmethod
    def setup_context(ctx, inputs, output):
        pass
    @staticmethod
    def jvp(ctx, tangent):
        return tangent * 2
def jacobian(of, at):
    return T.autograd.functional.jacobian(of, at, vectorize=True, strategy="forward-mode")
def hessian(of, at):
    return T.autograd.functional.hessian(of, at, vectorize=True, outer_jacobian_strategy="forward-mode")
a, seen = T.tensor([[1.0, 2.0], [0.5, -1.0]]), []
"""


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("call", ALONG_ALL)
def test_a_function_is_called_once_for_all_columns_in_forward_mode(call: str) -> None:
    ours, theirs = outcome(minigrad, ALONG + call), outcome(torch, ALONG + call)
    assert ours[0] == theirs[0]  # the first dual tensor of a process makes torch warn of its own use of torch.jit
