"""conj() and imag of it: views whose elements are not what lies in memory; torch says what shows."""

from __future__ import annotations

import pytest

from tests.minigrad.side_by_side import assert_prints_the_same, assert_same

START = """
x = T.tensor([[1 + 2j, 3 - 1j]])
c = x.conj()
n = c.imag
def say(t):
    if not isinstance(t, T.Tensor):
        return print(t)
    print(t.detach(), t.is_conj(), t.is_neg(), t._is_view(), t.grad_fn, tuple(t.stride()), t.storage_offset())
"""

EXPRESSIONS = """
c
c.conj()
n
c.real
c.conj().imag
c.real.imag
c._base is x
n._base is x
c.data_ptr() == x.data_ptr()
c.conj()._base is x
c.resolve_conj()
x.resolve_conj() is x
n.resolve_neg()
c.real.resolve_neg()._base is x
c.clone()
c.detach()
c.data
c.contiguous() is c
n.contiguous()
c.H
x.H
x.mH
x.adjoint()
x.H._base is x
x.real.conj() is x.real
c.conj_physical()
c[0]
c[0, 1]
c[..., 0]
c[:, [0]]
c[c.abs() > 3]
c.unbind(1)[1]
c.expand(2, 2)
c.split(1, 1)[1]
c.diagonal()
c.permute(1, 0)
c.as_strided((2,), (1,))
c.unfold(1, 2, 1)
c.squeeze()
c.flatten()
c.t().flatten()
c.reshape(2)
c.view(2)
c.unsqueeze(0)
c.view_as(x)
c.unflatten(1, (2, 1))
c.view(T.complex64)
c.view(T.float32)
n.view(T.int32)
n.view(2)
n[0]
n.neg()
n._neg_view()
n.abs()
n + 1
c + x
c * c
c @ c.t()
T.stack([c, c])
T.cat([c, x])
T.where(c.abs() > 3, c, x)
c.sum()
c.to(T.complex64) is c
c.to(T.complex128)
n.to(T.float64)
T.ones_like(c)
T.zeros_like(n)
c.new_zeros(2)
c.new_tensor(1)
c == x.conj_physical()
T.equal(c, x.conj_physical())
c.tolist()
c[0, 0].item()
n[0, 1].item()
c.numpy()
n.numpy()
c.numpy(force=True)
n.numpy(force=True)
T.view_as_real(c)
T.view_as_real(c.resolve_conj())
c.is_set_to(x)
c.is_set_to(x.conj())
T.is_conj(c)
T.is_neg(n)
T.tensor([1.0]).imag
copy.deepcopy(c)
copy.copy(c)
copy.deepcopy(n)
pickle.loads(pickle.dumps(c))
T.empty(0, dtype=T.complex64).set_(c)
"""


@pytest.mark.parametrize("expression", EXPRESSIONS.strip().split("\n"))
def test_what_is_seen(expression: str) -> None:
    assert_prints_the_same(f"import copy, pickle\n{START}say({expression})")


WRITES = """
c.add_(1j)
c.mul_(2j)
c.copy_(T.tensor([1j, 2j]))
c[0] = 5j
c[0, 1:] = T.tensor([2 + 2j])
x.copy_(c)
c.zero_()
c.fill_(1 + 1j)
n.add_(3)
n.mul_(-1)
n.exp_()
n.zero_()
n.neg_()
c.imag = T.ones(1, 2)
c.real = T.zeros(1, 2)
c.conj_physical_()
c.t_()
c.squeeze_()
c.add_(c)
c.add_(x)
x.add_(c)
x.mul_(2)
n.add_(x.real)
x.set_(c)
x.data = c
c.masked_fill_(c.abs() > 3, 1j)
c.index_fill_(1, T.tensor([0]), 1j)
c.clamp_(0, 1)
"""


@pytest.mark.parametrize("write", WRITES.strip().split("\n"))
def test_writes(write: str) -> None:
    """Through the view, into it, and into what it looks at."""
    shown = "print(x, x.is_conj(), x._version, c, c.is_conj(), c._version, n, n.is_neg(), n._version)"
    assert_prints_the_same(f"{START}{write}\n{shown}")


PROGRAMS = {
    "nodes": """
for t in (c, c.real, c.imag, c.conj(), c.resolve_conj(), c.clone(), c.conj_physical(), c.imag.resolve_neg(), x.t().H):
    print(t.grad_fn, t.grad_fn.next_functions[0][0])
print(c.imag.grad_fn.next_functions[0][0].next_functions)""",
    "gradients": """
for out in (c, c.imag, c.conj().real, c * c, c.abs(), (x * c), c.imag.exp(), x.conj() @ x.t(), c.resolve_conj()):
    print(T.autograd.grad(out.abs().sum(), x, create_graph=True))
    print(T.autograd.grad(out.abs().sum(), x)[0].resolve_conj())""",
    "a recorded conjugate of a cotangent": """
w = T.tensor([[1j, 2j]], requires_grad=True)
g, = T.autograd.grad(c, x, w, create_graph=True)
print(g, g.is_conj(), g._is_view(), g._base is w, g.grad_fn)""",
    "saved": """
y = c * x
print(y.grad_fn._saved_self, y.grad_fn._saved_self.is_conj(), y.grad_fn._saved_self is c, y.grad_fn._saved_other is x)
with T.no_grad():
    c.add_(1)
y.sum().abs().backward()""",
    "a write through it": """
b = x * 2
d = b.conj()
d.mul_(3)
print(b.grad_fn, d.grad_fn, d.grad_fn.next_functions, b, d)
b.abs().sum().backward()
print(x.grad)""",
    "a write through its imaginary part": """
b = x * 2
d = b.conj()
e = d.imag
e.mul_(3)
print(b.grad_fn, d.grad_fn, e.grad_fn, b, d, e)
b.abs().sum().backward()
print(x.grad)""",
    "a write to its base": """
b = x * 2
d = b.conj()
b.mul_(3)
print(b.grad_fn, d.grad_fn, d)
d.abs().sum().backward()
print(x.grad)""",
    "writes to leaves are refused": """
try:
    c.mul_(2)
except RuntimeError as error:
    print(error)
T.tensor([1j], requires_grad=True).conj().imag.mul_(2)""",
    "modes": """
with T.inference_mode():
    e = T.ones(2, dtype=T.complex64).conj()
    print(e.is_conj(), e.is_inference(), e.imag.is_neg(), x.conj().is_conj())
with T.no_grad():
    print(x.conj(), x.conj()._is_view())""",
    "hooks on what is saved": """
with T.autograd.graph.saved_tensors_hooks(lambda t: t, lambda t: t):
    y = c * x
print(y.grad_fn._saved_self.is_conj())
y.abs().sum().backward()
print(x.grad)""",
    "accumulated into": """
x.grad = c.detach()
(x * 2).abs().sum().backward()
print(x.grad, x.grad.is_conj())""",
    "tangents": """
import warnings
warnings.simplefilter("ignore")  # torch compiles something then
with T.autograd.forward_ad.dual_level():
    dual = T.autograd.forward_ad.make_dual(T.tensor([1j, 2j]), T.tensor([1 + 1j, 2 + 2j]))
    for t in (dual.conj(), dual.conj().imag, dual.conj() * dual, dual.conj()[0]):
        primal, tangent = T.autograd.forward_ad.unpack_dual(t)
        print(primal, tangent, primal.is_conj(), tangent.is_conj(), tangent.is_neg())
    lazy = T.tensor([1 + 1j, 2 + 2j]).conj()
    print(T.autograd.forward_ad.unpack_dual(T.autograd.forward_ad.make_dual(T.tensor([1j, 2j]).conj(), lazy)))""",
}


@pytest.mark.parametrize("program", PROGRAMS.values(), ids=PROGRAMS)
def test_in_a_graph(program: str) -> None:
    assert_prints_the_same(f"{START}x.requires_grad_()\nc = x.conj()\n{program.lstrip(chr(10))}")


def test_the_class_of_a_lazy_tensor_does_not_show() -> None:
    assert_same("type(T.tensor([1j]).conj()).__name__")
