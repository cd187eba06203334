"""Gradients that torch's formulas leave complex though the operand is real: the engine refuses those.

What may live here: ops of complex and real operands, with both gradients asked for.
"""

from __future__ import annotations

import pytest

from tests.minigrad.side_by_side import assert_prints_the_same, lines

MIXED = lines("""
    T.fill(c, r0)
    c.clone().fill_(r0)
    c.masked_fill(m, r0)
    c.index_fill(0, i, r0)
    T.where(m, c, r)
    T.where(m, r, c)
    c + r
    T.sub(r, c, alpha=2)
    c * r
    r / c
    T.addcmul(c, r, c)
    T.addcdiv(r, c, r)
    T.cat([c, r])
    T.stack([r, c])
    c.clone().copy_(r)
    T.pow(c, r)
    T.pow(r, c)
    T.ldexp(c, r)
    T.dist(c, r)
    T.sum(r, dtype=T.complex64)
    T.sum(r, 0, dtype=T.complex64)
    T.mean(r, dtype=T.complex64)
    T.mean(r, 0, dtype=T.complex64)
    T.prod(r, dtype=T.complex64)
    T.prod(r, 0, dtype=T.complex64)
    T.cumsum(r, 0, dtype=T.complex64)
    T.cumprod(r, 0, dtype=T.complex64)
    r.to(T.complex64)
    T.kron(c, r)
    T.polar(r, r)
    T.nn.functional.l1_loss(c, r)
""")


@pytest.mark.parametrize("create_graph", [False, True])
@pytest.mark.parametrize("expression", MIXED)
def test_a_complex_gradient_of_a_real_operand_is_made_real_or_refused(expression: str, create_graph: bool) -> None:
    assert_prints_the_same(f"""
c, r = T.tensor([1 + 1j, 2 - 1j], requires_grad=True), T.tensor([1.0, 2.0], requires_grad=True)
r0, m, i = T.tensor(2.0, requires_grad=True), T.tensor([True, False]), T.tensor([0, 1])
y = {expression}
along = T.ones_like(y) * (1 + 1j if y.is_complex() else 1)
for g in T.autograd.grad(y, (c, r, r0), along, allow_unused=True, create_graph={create_graph}):
    print(g if g is None else (g.dtype, g.shape))
""")
