"""What hooks may return, what edges and handles may be, and what of it is refused; torch says what holds."""

from __future__ import annotations

import pytest

from tests.minigrad.side_by_side import assert_prints_the_same

START = """
g = T.autograd.graph
x = T.ones(2, requires_grad=True)
y = x * 2
z = y.sum()
"""

RETURNED = ["3", "'a'", "T.ones(2)", "T.ones(3)", "T.ones(2).double()", "(T.ones(2),)", "None"]

PROGRAMS = {
    "an edge starts at a node": "T.autograd.grad(z, [g.GradientEdge(1, 0)])",
    "and not at None": "z.backward(inputs=[g.GradientEdge(None, 0)])",
    "and its end is counted": "T.autograd.grad(z, [g.GradientEdge(z.grad_fn, 'a')])",
    "versions of tensors are counted": "g.increment_version(3)",
    "and of nothing else": "g.increment_version([3])",
    "hooks on saved tensors are callable": "g.saved_tensors_hooks(3, 4).__enter__()",
    "both of them": "g.saved_tensors_hooks(max, 4).__enter__()",
    "no hook on all gradients where grad catches a leaf's": """
handle = g.register_multi_grad_hook((y, x), print)
print(T.autograd.grad(z, y, retain_graph=True))
z.backward(inputs=[y], retain_graph=True)
z.backward(retain_graph=True)
T.autograd.grad(z, x)""",
    "what is saved can be looked at as it is": """
product, scaled = x * x, x * 2
saved = product.grad_fn._raw_saved_self
print(saved.data, saved.unpack_hook)
saved.register_hooks(lambda t: "packed", max)
print(saved.data, saved.unpack_hook)
print(scaled.grad_fn._raw_saved_self.data)""",
}


@pytest.mark.parametrize("code", PROGRAMS.values(), ids=list(PROGRAMS))
def test_edges_and_hooks(code: str) -> None:
    assert_prints_the_same(START + code)


@pytest.mark.parametrize("returned", RETURNED)
@pytest.mark.parametrize(
    "register",
    [
        "x.register_hook(lambda grad: {})",
        "x.register_post_accumulate_grad_hook(lambda leaf: {})",
        "y.grad_fn.register_hook(lambda ours, theirs: ({}, None))",
        "y.grad_fn.register_hook(lambda ours, theirs: {})",
        "y.grad_fn.register_prehook(lambda grads: ({},))",
        "y.grad_fn.register_prehook(lambda grads: {})",
    ],
)
def test_what_hooks_return(register: str, returned: str) -> None:
    assert_prints_the_same(START + register.format(returned) + "\nz.backward()\nprint(x.grad)")
