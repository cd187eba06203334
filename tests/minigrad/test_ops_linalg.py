"""Matrix products beside torch's: values, graphs, gradients, second gradients, errors.

What may live here: tables of calls, held against torch while the tests run.
"""

from __future__ import annotations

import pytest

from tests.minigrad.side_by_side import assert_same, lines

MADE = """
def made(*shape):
    n = 1
    for size in shape: n *= size
    return ((T.arange(n, dtype=T.float64) * 7 % 11 - 4) / 8).reshape(shape).requires_grad_()
"""
CALLS = lines("""
T.dot(made(3), made(3) * 2)
T.vdot(made(3), made(3) * 2)
T.mv(made(2, 3), made(3))
T.mv(made(3, 2).t(), made(3))
T.mm(made(2, 3), made(3, 4))
T.mm(made(3, 2).t(), made(4, 3).t())
T.mm(made(1, 1), made(1, 1))
T.mm(made(2, 0).detach(), made(0, 2))
T.bmm(made(2, 2, 3), made(2, 3, 2))
T.outer(made(2), made(3))
T.ger(made(2), made(3))
made(3) @ made(3)
made(3) @ made(3, 2)
made(2, 3) @ made(3)
made(2, 2, 3) @ made(3)
made(2, 2, 3) @ made(3, 2)
made(2, 2, 3).detach() @ made(3, 2).detach()
made(2, 3) @ made(2, 3, 2)
made(3) @ made(2, 3, 2)
made(2, 1, 2, 3) @ made(3, 3, 2)
made(2, 1, 2, 3) @ made(3)
made(1, 2, 3) @ made(2, 3, 2)
made(2, 2, 3) @ made(1, 3, 2)
made(3, 2, 2).transpose(0, 2) @ made(3, 2)
T.addmm(made(2, 2), made(2, 3), made(3, 2))
T.addmm(made(2), made(2, 3), made(3, 2), beta=0.5, alpha=2)
T.addmm(made(2, 2) / 0, made(2, 3), made(3, 2), beta=0)
T.addmv(made(2), made(2, 3), made(3), beta=3)
T.addr(made(2, 3), made(2), made(3), alpha=-0.5)
T.baddbmm(made(2, 2), made(2, 2, 3), made(2, 3, 2), alpha=2)
T.addbmm(made(2, 2), made(2, 2, 3), made(2, 3, 2), beta=2, alpha=3)
T.trace(made(2, 3))
T.trace(made(4, 2))
T.linalg.cross(made(3), made(3) * made(3))
T.linalg.cross(made(3, 2), made(3, 1), dim=0)
T.cross(made(2, 3), made(2, 3) + 1, dim=1)
T.linalg.vecdot(made(2, 3), made(3))
T.linalg.vecdot(made(3), made(3))
T.kron(made(2), made(2, 3))
made(2, 2).clone().addmm_(made(2, 3), made(3, 2))
""")
REFUSED = lines("""
T.dot(T.ones(3), T.ones(2))
T.dot(T.ones(3), T.ones(3, 3))
T.dot(T.ones(3), T.ones(3, dtype=T.int64))
T.dot(T.ones(3) > 0, T.ones(3) > 0)
T.mv(T.ones(2, 3), T.ones(2))
T.mv(T.ones(2), T.ones(2))
T.mv(T.ones(2, 2), T.ones(2, dtype=T.float64))
T.mm(T.ones(2, 3), T.ones(2, 3))
T.mm(T.ones(2), T.ones(2, 3))
T.mm(T.ones(2, 3), T.ones(3, 2, dtype=T.float64))
T.mm(T.ones(2, 2) > 0, T.ones(2, 2) > 0)
T.bmm(T.ones(2, 2, 3), T.ones(1, 3, 1))
T.bmm(T.ones(2, 2), T.ones(2, 2, 2))
T.bmm(T.ones(2, 2, 2), T.ones(2, 2, 2, dtype=T.float64))
T.matmul(T.ones(()), T.ones(2))
T.matmul(T.ones(3, 2, 3), T.ones(2, 3, 2))
T.ones(2) @ 2
2 @ T.ones(2)
T.outer(T.ones(2, 2), T.ones(2))
T.addmm(T.ones(3, 3), T.ones(2, 3), T.ones(3, 2))
T.addmm(T.ones(2, 2), T.ones(2), T.ones(3, 2))
T.addmm(T.ones(2, 2), T.ones(2, 3, dtype=T.float64), T.ones(3, 2))
T.addmm(T.ones(2, 2), T.ones(2, 2), T.ones(2, 2), beta=1j)
T.addmv(T.ones(3), T.ones(2, 3), T.ones(3))
T.addr(T.ones(2, 3), T.ones(2, 2), T.ones(3))
T.addr(T.ones(4, 3), T.ones(2), T.ones(3))
T.baddbmm(T.ones(2, 2, 2), T.ones(2, 2, 3), T.ones(2, 2, 2))
T.baddbmm(T.ones(2, 2, 2), T.ones(2, 2, 3, dtype=T.float64), T.ones(2, 3, 2))
T.addbmm(T.ones(2, 2), T.ones(2, 2, 3), T.ones(3, 3, 2))
T.addbmm(T.ones(2, 2), T.ones(2, 2, 3), T.ones(2, 2, 2))
T.trace(T.ones(2))
T.trace(T.ones(2, 2) > 0)
T.linalg.cross(T.ones(2), T.ones(2))
T.linalg.cross(T.ones(3), T.ones(2, 3))
T.linalg.cross(T.ones(3), T.ones(3), dim=1)
T.linalg.cross(T.ones(3), T.ones(3, dtype=T.float64))
T.linalg.vecdot(T.ones(2, 3), T.ones(2))
T.linalg.vecdot(T.ones(3, dtype=T.int64), T.ones(3, dtype=T.int64))
T.linalg.vecdot(T.ones(3), T.ones(3, dtype=T.float64))
T.kron(T.ones(2, 3).t(), T.ones(2, 2))
""")
GRAPH = """
def leaves(node, seen):
    for parent, _ in node.next_functions if node is not None else ():
        if parent is not None and not parent.next_functions and hasattr(parent, "variable"):
            seen.append(parent.variable)
        leaves(parent, seen)
    return seen
def names(node):
    return None if node is None else (node.name().split("::")[-1], [names(n) for n, _ in node.next_functions])
"""
DIFFERENTIATED = """
first = T.autograd.grad(out, inputs, T.ones_like(out).requires_grad_(), create_graph=True)
shape = [(names(g.grad_fn), g.shape, g.stride()) for g in first]
second = T.autograd.grad([(g * g).sum() for g in first if g.requires_grad], inputs, allow_unused=True)
(out, names(out.grad_fn), [g.detach() for g in first], shape, second)
"""


def program(call: str) -> str:
    """A call, then its graph, gradients and second gradients, as code whose blocks stand on single lines."""
    blocks = f"exec({MADE + GRAPH!r})\nout = {call}\n"
    if ".detach()" in call:
        return blocks + "out"
    return blocks + "inputs = leaves(out.grad_fn, [])" + DIFFERENTIATED.rstrip()


@pytest.mark.parametrize("call", CALLS)
def test_products_and_their_derivatives_are_torchs(call: str) -> None:
    assert_same(program(call))


@pytest.mark.parametrize("call", REFUSED)
def test_what_cannot_be_multiplied_is_refused_in_torchs_words(call: str) -> None:
    assert_same(call)
