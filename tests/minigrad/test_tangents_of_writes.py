"""In-place ops on dual tensors: whether the tangent is written or copied into, and the graph that this leaves.

What may live here: writes in a dual level, with and without a tangent on the target and on the other operands.
"""

from __future__ import annotations

import itertools
import warnings

import pytest
import torch

from tests.minigrad.side_by_side import assert_prints_the_same, lines


@pytest.fixture(scope="module", autouse=True)
def _rules_are_compiled() -> None:
    """The first dual tensor of a process makes torch warn of its own use of torch.jit."""
    with warnings.catch_warnings(), torch.autograd.forward_ad.dual_level():
        warnings.simplefilter("ignore")
        torch.autograd.forward_ad.make_dual(torch.ones(1), torch.ones(1))


WRITES = lines("""
    d.zero_()
    d.fill_(2.0)
    d.fill_(k)
    d[0].fill_(k)
    d.eq_(1.0)
    d.ne_(o)
    d.lt_(o)
    d.neg_()
    d.exp_()
    d.floor_()
    d.sgn_()
    d.conj_physical_()
    d.tril_()
    d.add_(o, alpha=2)
    d.sub_(o)
    d.mul_(o)
    d.mul_(2)
    d.div_(o)
    d.hypot_(o)
    d.clamp_(0, 1)
    d.clamp_(o)
    d.clamp_(None, o)
    d.clamp_(o, o)
    d.lerp_(o, o)
    d.renorm_(1, 0, 1.0)
    d.cumsum_(0)
    d.copy_(o)
    d.copy_(k)
    d[0] = k
    d[m] = k
    d.masked_fill_(m, 2.0)
    d.masked_fill_(m, k)
    d.masked_scatter_(m, o)
    d.index_fill_(0, i, 0)
    d.index_fill_(0, i, k)
    d.index_add_(0, i, o, alpha=2)
    d.index_copy_(0, i, o)
    d.index_put_((i,), o)
    d.index_put_((i,), o, accumulate=True)
    d.scatter_(0, j, o)
    d.scatter_(0, j, 0.5)
    d.scatter_add_(0, j, o)
    d.put_(i, k.expand(2), accumulate=True)
    d.polygamma_(1)
    d.squeeze_()
    d.unsqueeze_(0)
    d.t_()
    d.transpose_(0, 1)
""")

LEVEL = """
def graph(node, depth=0):
    if node is None or depth == 3:
        return "-"
    return node.name() + str([graph(one, depth + 1) for one, _ in node.next_functions])
fa = T.autograd.forward_ad
x, t, y, s = (T.tensor([[0.5, 2.0], [0.25, n]], requires_grad=True) for n in (0.25, 0.5, 1.0, 2.0))
two = T.tensor(2.0, requires_grad=True)
m, i, j = T.tensor([[True, False], [False, True]]), T.tensor([0, 1]), T.tensor([[0, 1], [1, 0]])
with fa.dual_level():
    t = t * 1
    d = fa.make_dual(x * 1, t) if "target" in DUAL else x.clone()
    o, k = (fa.make_dual(y, s), fa.make_dual(two, two * 3)) if "others" in DUAL else (y, two)
    WRITE
    u = fa.unpack_dual(d).tangent
    print(u is t, t._version, None if u is None else (u.shape, u.stride(), u._version, u._is_view(), graph(u.grad_fn)))
"""


@pytest.mark.parametrize("dual", ["target", "others", "target others"])
@pytest.mark.parametrize("write", WRITES)
def test_a_write_does_to_the_tangent_what_it_does_in_torch(write: str, dual: str) -> None:
    assert_prints_the_same(LEVEL.replace("DUAL", repr(dual)).replace("WRITE", write))


OPERANDS = ("1.0", "-0.0", "float('inf')", "float('nan')")
OF_ONE_TANGENT = lines("""
    a + d
    a - d
    d - a
    T.add(a, d, alpha=2)
    T.sub(a, d, alpha=2)
    T.rsub(a, d)
    a * d
    d * a
    d * -1
    d / a
    a / d
    d - 1
    1 - d
    T.lerp(a, d, 0.25)
    T.addcmul(a, d, a)
    T.where(a > 0, a, d)
    T.maximum(a, d)
    T.nn.functional.l1_loss(a, d, reduction="none")
""")


@pytest.mark.parametrize("expression", OF_ONE_TANGENT)
def test_what_has_no_tangent_adds_nothing_not_even_a_sign(expression: str) -> None:
    pairs = "\n".join(
        f"""
d, a = T.tensor([{x}, 2.0]), T.tensor([{y}, 0.5])
with T.autograd.forward_ad.dual_level():
    d = T.autograd.forward_ad.make_dual(d, T.tensor([{t}, -0.0]))
    print(T.autograd.forward_ad.unpack_dual({expression}).tangent)"""
        for x, y, t in itertools.product(OPERANDS[:2], OPERANDS, OPERANDS[:2])
    )
    assert_prints_the_same(pairs)


GRADIENTS_OF_SGN = {
    "it is one": "print(a.grad._is_zerotensor(), a.grad._version, a.grad.stride(), a.grad)",
    "nobody writes to it": "a.grad.add_(1)",
    "nobody copies into it": "a.grad.copy_(a.detach())",
    "nothing is added to it": "a.sgn().sum().backward()",
    "views of it are such": "print(*map(zero, (g, g[0], g.t(), g.detach(), g.real)))",
    "products with it are such": "print(*map(zero, (g * 2, 2 * g, g / 2, g / g, g + 1, g + g)))",
    "a copy is plain": "print(*map(zero, (g.clone(), g.neg(), g.sum(), g.to(T.float64))), g.neg())",
    "it has no list": "print(g.tolist())",
    "nothing is what it is times infinity": "print(a.grad * float('inf'), a.grad / 0, a.grad - float('inf'))",
    "it divides like zero": "print(a.detach() / a.grad, a.grad / a.grad)",
    "it becomes no array": "a.grad.numpy()",
    "a sum begins anew with it": "g, = T.autograd.grad(a.sgn().sum() + a.exp().sum(), a)\nprint(g._version, g)",
}


@pytest.mark.parametrize("name", GRADIENTS_OF_SGN)
def test_the_gradient_of_sgn_is_nothing(name: str) -> None:
    assert_prints_the_same(f"""
zero = lambda x: x._is_zerotensor()
a = T.tensor([[1.0, -2.0], [3.0, -0.0]], requires_grad=True)
a.sgn().sum().backward()
g = a.grad
{GRADIENTS_OF_SGN[name]}""")
