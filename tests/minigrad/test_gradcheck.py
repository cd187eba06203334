"""`gradcheck` and `gradgradcheck` agree with torch: what passes, what fails, and in which words."""

from __future__ import annotations

import pytest
import torch

import minigrad
from tests.minigrad.side_by_side import lines, outcome

PREPARED = """
T.manual_seed(0)
G, H = T.autograd.gradcheck, T.autograd.gradgradcheck
x = T.tensor([[1.0, -2.0], [0.5, 3.0]], dtype=T.float64, requires_grad=True)
y = T.tensor([2.0, -1.0], dtype=T.float64, requires_grad=True)
f = T.tensor([2.0, -1.0], requires_grad=True)
c = T.tensor([1.0 + 2.0j, 0.5 - 1.0j], dtype=T.complex128, requires_grad=True)
n = T.tensor([1, 2])
class Wrong(T.autograd.Function):
    @staticmethod
    def forward(ctx, x): return x * 2
    @staticmethod
    def backward(ctx, g): return g * 3
class Shifted(Wrong):
    @staticmethod
    def backward(ctx, g): return g * 2 + 1
class Unready(Wrong):
    @staticmethod
    def forward(ctx, x):
        ctx.set_materialize_grads(False)
        return x * 2
    @staticmethod
    def backward(ctx, g): return g * 2
class Single(Wrong):
    @staticmethod
    def backward(ctx, g): return (g * 2).float()
class Restless(Wrong):
    count = 0
    @staticmethod
    def backward(ctx, g):
        Restless.count += 1
        return g * 2 + Restless.count * 1e-9
class Growing(Wrong):
    count = 0
    @staticmethod
    def backward(ctx, g):
        Growing.count += 1
        return g * (2 + Growing.count)
class Asking(Wrong):
    @staticmethod
    def backward(ctx, g): return g * 2 + g.sum().item() * 0
    @staticmethod
    def jvp(ctx, t): return t * 2 + t.sum().item() * 0
class Turned(Wrong):
    @staticmethod
    def backward(ctx, g): return g * 2j
    @staticmethod
    def jvp(ctx, t): return t * 3
class Whole(Wrong):
    @staticmethod
    def backward(ctx, g): return (g.real * 2).long()
""".strip()

CALLS = """
G(lambda x: x.exp(), x)
G(lambda x: x.exp(), (x,), fast_mode=True)
G(lambda x, y: (x * y, y.sum()), (x, y))
G(lambda x, y: (x * y, y.sum()), (x, y), fast_mode=True)
G(lambda x, y: (x * y, y.sin()), (x, y), check_forward_ad=True)
G(lambda x, y: (x * y, y.sin()), (x, y), check_forward_ad=True, fast_mode=True)
G(lambda x, y: (x * y, y.sin()), (x, y), check_forward_ad=True, check_backward_ad=False)
G(lambda x: x.prod(0), x, check_batched_grad=True)
G(lambda c: c * c, c)
G(lambda c: c * c, c, check_forward_ad=True)
G(lambda c: c.abs(), c, fast_mode=True, check_forward_ad=True)
G(lambda c, y: c * y, (c, y), fast_mode=True)
G(Wrong.apply, y)
G(Wrong.apply, y, raise_exception=False)
G(Wrong.apply, c)
G(Turned.apply, c)
G(Turned.apply, c, check_forward_ad=True, check_backward_ad=False)
G(Turned.apply, y, check_forward_ad=True, check_backward_ad=False)
G(Turned.apply, y)
G(Whole.apply, c)
G(Whole.apply, y, atol=9)
Turned.apply(y * 1).sum().backward()
Whole.apply(c).sum().backward(T.tensor(1.0 + 0j, dtype=T.complex128))
G(Shifted.apply, y, atol=2)
G(Unready.apply, y)
G(Unready.apply, y, check_undefined_grad=False)
G(Single.apply, y, check_grad_dtypes=True)
G(Restless.apply, y)
G(Restless.apply, y, nondet_tol=1e-6)
G(lambda x: x.detach() * 2, y)
G(lambda x: x.detach() * 0, y)
G(lambda x: x * 2, f)
G(lambda x: x * 2, y.expand(2, 2))
G(lambda x: x * 2, n)
G(lambda x: x * 2, 3)
G(lambda x: x * 2, y, check_backward_ad=False)
G(lambda x: x * 2, y, check_batched_grad=True, check_backward_ad=False)
G(lambda x: x * 2, y, check_batched_forward_grad=True)
G(lambda x: x[x > 2.0], y)
G(lambda x, y: (x * y, y.sum()), (x, y), check_batched_grad=True)
G(lambda x, y: (x * y, y.sum()), (x, y), check_forward_ad=True, check_batched_forward_grad=True)
G(lambda x: (x * 2, x.detach() * 2), y, check_batched_grad=True)
G(Growing.apply, y, nondet_tol=9, atol=99, check_undefined_grad=False, check_batched_grad=True)
G(Asking.apply, y, check_undefined_grad=False, check_batched_grad=True)
G(Asking.apply, y, check_undefined_grad=False, check_forward_ad=True, check_batched_forward_grad=True)
H(lambda x: x ** 3, x)
H(lambda x: x ** 3, x, fast_mode=True)
H(lambda x, y: x * y * y, (x, y), (x.detach().clone().requires_grad_(),))
H(lambda x: x ** 3, y, check_fwd_over_rev=True)
H(lambda x: x ** 3, y, gen_non_contig_grad_outputs=True)
H(lambda c: c * c, c)
H(Turned.apply, y)
H(lambda x: x.detach(), y)
H(lambda x: (), y, fast_mode=True)
H(lambda x: x ** 3, y, check_rev_over_rev=False)
H(lambda x: x ** 3, y, check_rev_over_rev=False, check_undefined_grad=False)
H(lambda x: x ** 3, y, check_rev_over_rev=False, check_undefined_grad=False, check_fwd_over_rev=True)
"""


@pytest.mark.parametrize("call", lines(CALLS))
def test_gradcheck_says_what_torchs_says(call: str) -> None:
    ours, theirs = (outcome(engine, f"{PREPARED}\n{call}") for engine in (minigrad, torch))
    # vmap makes torch complain about its own use of torch.jit
    theirs = [line for line in theirs if "torch.jit" not in line]
    assert ours == theirs, "\n".join([*ours, "torch:", *theirs])
