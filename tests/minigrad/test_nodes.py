"""Nodes as objects: what they are called with and refuse, their types and metadata; torch says what holds."""

from __future__ import annotations

import pytest

from tests.minigrad.side_by_side import assert_same, lines

START = """
import copy, pickle
a = T.tensor([[1.0, 2.0]], requires_grad=True)
g = T.ones(1, 2)
n = a.exp().grad_fn
several = (a * 1).unbind(1)[0].grad_fn
leaf = n.next_functions[0][0]
written = a * 1
written[0].mul_(2)
copied = written.grad_fn
class F(T.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        return x * 2, x.sum()
    @staticmethod
    def backward(ctx, grad, other):
        return grad
own = F.apply(a)[0].grad_fn
"""

LOOKED_AT = """
n(g)
n(1)
n()
n(g, g)
n(None)
n(g, x=1)
several(g)
several(g, 1)
several(None, None)
several(T.ones(1), None)
leaf()
leaf(g, g)
(leaf(g), a.grad)
(leaf(g), leaf(g), a.grad)
own(g)
repr(type(n))
repr(type(leaf))
repr(type(copied))
repr(own)
repr(n)
copy.copy(n)
copy.deepcopy(leaf)
pickle.dumps(own)
setattr(n, "metadata", {})
setattr(n, "next_functions", ())
setattr(n, "requires_grad", False)
setattr(n, "_saved_result", None)
delattr(n, "metadata")
n.nothing
n < n
n._saved_result is n._saved_result
(n._sequence_nr() < a.exp().grad_fn._sequence_nr(), leaf._sequence_nr())
(n._set_sequence_nr(7), n._sequence_nr())
n._set_sequence_nr("x")
isinstance(n, T.autograd.graph.Node), issubclass(type(own), T.autograd.graph.Node)
"""

META = (
    "[(m.shape, m.dtype, m.device, m.is_nested_tensor, m.is_cpp_nested_tensor) for m in {}._input_metadata]"
)


@pytest.mark.parametrize("call", lines(LOOKED_AT))
def test_a_node_is_looked_at_and_called(call: str) -> None:
    assert_same(START + call)


@pytest.mark.parametrize("node", ["n", "several", "leaf", "copied", "own", "a.double().max(1)[0].grad_fn"])
def test_a_node_says_what_arrives(node: str) -> None:
    assert_same(START + META.format(node))
