"""What a node saves and what becomes of it: detached, written to, freed, looked at, packed; torch says what holds."""

from __future__ import annotations

import pytest

from tests.minigrad.side_by_side import assert_prints_the_same, assert_same

START = """
a = T.tensor([1.0, 2.0], requires_grad=True)
b = a * 2
c = b * b
"""

AFTERWARDS = {
    "an operand that was detached in place is refused": "b.detach_()\nc.sum().backward()",
    "create_graph does not change that": "b.detach_()\nT.autograd.grad(c.sum(), a, create_graph=True)",
    "looking at it is allowed": "b.detach_()\nprint(c.grad_fn._saved_self is b, c.grad_fn._saved_self.grad_fn)",
    "a version is looked at afterwards": "b.detach_()\nb.add_(1)\nprint(b._version)\nc.sum().backward()",
    "what is saved later is fine": "b.detach_()\n(b * a).sum().backward()\nprint(a.grad, b._version, type(b._version))",
    "writes are still counted": """
d = b.detach()
b.detach_()
e = b * a
d.add_(1)
print(b._version, d._version)
e.sum().backward()""",
    "views of it still count": """
b.detach_()
v = b[0]
v.add_(1)
print(b._version, v._version)""",
    "as a new leaf it is refused too": "b.detach_().requires_grad_()\nc.sum().backward()",
    "detached twice": "b.detach_()\nd = b * a\nb.requires_grad_()\ne = b * a\nb.detach_()\n(d + e).sum().backward()",
    "ops that save nothing do not mind": """
d = b + b
e = T.stack([b, b])
b.detach_()
(d + e).sum().backward()
print(a.grad)""",
    "results do not mind": """
d = a.exp()
node = d.grad_fn
d.detach_()
print(node(T.ones(2)))""",
    "hooks remember the history": """
with T.autograd.graph.saved_tensors_hooks(lambda x: x, lambda x: x):
    d = b * b
b.detach_()
d.sum().backward()
print(a.grad)""",
    "hooks may be put on what was freed no more": """
c.sum().backward()
c.grad_fn._raw_saved_self.register_hooks(lambda x: x, lambda x: x)""",
    "hooks may be put on what was written to": """
with T.no_grad():
    b.add_(1)
for saved in (c.grad_fn._raw_saved_self, c.grad_fn._raw_saved_other):
    saved.register_hooks(lambda x: x, lambda x: x)
c.sum().backward()
print(a.grad)""",
    "pack hooks must not write": """
with T.autograd.graph.saved_tensors_hooks(lambda x: x.add_(1), lambda x: x):
    b.exp()""",
    "an operand that became a result and was detached has another version": """
d = T.tensor([1.0, 2.0])
e = a * d
d.mul_(a)
d.detach_()
e.sum().backward()""",
    "a Function takes it as it is": """
class Square(T.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x * x
    @staticmethod
    def backward(ctx, grad):
        print(ctx.saved_tensors[0].grad_fn)
        return grad * 2 * ctx.saved_tensors[0]
d = Square.apply(b)
b.detach_()
d.sum().backward()
print(a.grad)""",
}


@pytest.mark.parametrize("rest", AFTERWARDS.values(), ids=AFTERWARDS)
def test_what_was_saved(rest: str) -> None:
    assert_prints_the_same(START + rest.lstrip("\n"))


LISTED = {
    "of an op": """
d = b[T.tensor([0])]
raw = d.grad_fn._raw_saved_indices
raw[0].register_hooks(lambda x: print(x), lambda x: T.tensor([1]))
d.sum().backward()
print(a.grad)
d.grad_fn._raw_saved_indices""",
    "where nothing is saved": """
d = T.stack([b, b])[:, T.tensor([0])]
d.grad_fn._raw_saved_indices[0].register_hooks(lambda x: x, lambda x: x)""",
    "of a Function": """
class Square(T.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x, None)
        return x * x
    @staticmethod
    def backward(ctx, grad):
        print(ctx.saved_tensors)
        return grad * 2 * ctx.saved_tensors[0]
d = Square.apply(b)
raw = d.grad_fn._raw_saved_tensors
raw[0].register_hooks(lambda x: print(x), lambda x: T.tensor([3.0, 3.0]))
d.sum().backward()
print(len(raw), a.grad)
raw[1].register_hooks(lambda x: x, lambda x: x)""",
}


@pytest.mark.parametrize("rest", LISTED.values(), ids=LISTED)
def test_each_tensor_of_a_list_that_was_saved_takes_hooks(rest: str) -> None:
    assert_prints_the_same(START + rest.lstrip("\n"))


CALLS = """
T.autograd.grad(a.sum(), {'x': a, 'y': a})
T.autograd.grad(a.sum(), {})
T.autograd.grad(a.sum(), types.MappingProxyType({'x': a}))
T.autograd.grad(a.sum(), 3)
T.autograd.grad(a.sum(), [])
T.autograd.grad(a.sum(), [a, None])
T.autograd.grad(a.sum(), [a, b], materialize_grads=True, create_graph=True)
T.autograd.grad(a.sum(), [T.autograd.graph.get_gradient_edge(a)], materialize_grads=True)
T.autograd.grad(a.sum(), [T.autograd.graph.get_gradient_edge(b)], materialize_grads=True)
T.autograd.grad(a.sum(), a, retain_graph='x')
T.autograd.grad(a.sum(), a, create_graph=2)
T.autograd.grad(a.sum(), a, allow_unused=0.5)
T.autograd.grad(a.sum(), a, T.ones(()), is_grads_batched=True)
T.autograd.grad(a.sum(), a, T.ones(0), is_grads_batched=True)
T.autograd.grad(a.sum(), a, T.ones(3, 2), is_grads_batched=True)
T.autograd.grad(a.sum(), a, T.ones(3), is_grads_batched=True)
T.autograd.backward(a.sum(), inputs=3)
T.autograd.backward(a.sum(), inputs=[3])
T.autograd.backward(a.sum(), inputs={})
T.autograd.backward(a.sum(), inputs=types.MappingProxyType({'a': a}))
(T.autograd.backward(a.sum(), inputs={'a': a}), a.grad)
a.sum().backward(create_graph=None)
a.sum().backward(foo=1)
"""


@pytest.mark.parametrize("call", CALLS.strip().split("\n"))
def test_arguments_of_backward_and_grad(call: str) -> None:
    made = "a, b = (T.tensor([1.0, 2.0], requires_grad=True) for _ in range(2))"
    assert_same(f"import types\n{made}\n{call}")


def test_a_trace_ends_in_the_users_line() -> None:
    """No frame of ours, where torch has C++."""
    assert_prints_the_same(
        "with T.autograd.detect_anomaly():\n"
        "    a = T.tensor([1.0, 2.0], requires_grad=True)\n"
        "    b = a * 1\n"
        "    c = (b * b).pow(2)\n"
        "    b.add_(1)\n"
        "    c.sum().backward()"
    )
