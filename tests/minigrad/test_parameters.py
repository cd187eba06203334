"""nn.Parameter and nn.Buffer: what they are, what ops make of them, how they are copied, as in torch."""

from __future__ import annotations

import pytest

from tests.minigrad.side_by_side import assert_prints_the_same, assert_same, lines

MADE = "x = T.tensor([1.0, 2.0], requires_grad=True)\nn = T.tensor([1, 2])\np = T.nn.Parameter(x)\nq = p * 2\n"
CALLS = lines("""
    p, p.is_leaf, p.requires_grad, p.grad_fn, p._is_view(), p._base, p._version
    T.nn.Parameter(x, requires_grad=False), T.nn.Parameter(x, False)
    T.nn.Parameter(n, False)
    T.nn.Parameter(n)
    T.nn.Parameter(n, requires_grad=True)
    T.nn.Parameter()
    T.nn.Parameter(requires_grad=False)
    T.nn.Parameter([1.0])
    T.nn.Parameter(x, 1)
    T.nn.Parameter(x, requires_grad="yes")
    T.nn.Parameter(x, True, 3)
    T.nn.Parameter(data=x, grad=None)
    T.nn.Parameter(q), T.nn.Parameter(q).is_leaf
    T.nn.Parameter(p) is p
    T.nn.Parameter(T.tensor([1 + 2j])), T.nn.Parameter(T.tensor([1.5], dtype=T.float64))
    T.nn.Parameter(T.tensor(1.5)), T.nn.Parameter(T.ones(2, 3).t()).stride()
    str(p), repr([p]), f"{p}", "{}".format(T.nn.Parameter(T.tensor(1.5)))
    f"{T.nn.Parameter(T.tensor(1.5)):.3f}"
    [type(y) for y in (q, p[0], p.view(2), p.detach(), p.data, p.clone(), p.double(), -p, p.sum(), T.exp(p))]
    [type(y) is type(p) for y in (p.contiguous(), p.float(), p.to(T.float32), p.requires_grad_(), T.as_tensor(p))]
    type(T.zeros_like(p)), type(p.new_zeros(2)), type(T.autograd.grad(p.sum(), p)[0]), type(p.tolist())
    p.view(2)._base is p, p.unbind(0)[0]._base is p, p.detach()._base, type(p.untyped_storage())
    isinstance(p, T.nn.Parameter), isinstance(x, T.nn.Parameter), isinstance(q, T.nn.Parameter), isinstance(p, T.Tensor)
    T.nn.Parameter is T.nn.parameter.Parameter, T.nn.Buffer is T.nn.parameter.Buffer, T.nn.Parameter.__name__
    issubclass(T.nn.Parameter, T.Tensor), T.nn.Parameter.__mro__[1] is T.Tensor, p.__dict__
    q.sum().backward(), p.grad, type(p.grad), x.grad
    T.autograd.grad(q.sum(), x)
    q.grad_fn.next_functions[0][0].variable is p
    p.add_(1)
    p.requires_grad_(False).add_(1), x, x._version, p._version
    p.data.mul_(3), x, p._version
    p.zero_()
    p.register_hook(lambda g: g * 2), p.sum().backward(), p.grad
    p.retain_grad(), p.retains_grad
    p.unknown
    T.nn.Parameter(p[:1]), T.nn.Parameter(p[:1]).storage_offset()
    T.nn.Parameter(x.to(T.complex64).conj().detach())
    T.nn.Buffer(x), T.nn.Buffer(x).grad_fn, T.nn.Buffer(x) is x, T.nn.Buffer(n), T.nn.Buffer()
    T.nn.Buffer(x).persistent, T.nn.Buffer(x, persistent=False).persistent, T.nn.Buffer(x)._is_buffer
    isinstance(T.nn.Buffer(x), T.nn.Buffer), isinstance(x, T.nn.Buffer), isinstance(p, T.nn.Buffer)
    T.nn.Buffer(x, False)
    T.nn.Buffer([1.0])
    q.as_subclass(T.nn.Parameter), p.as_subclass(T.Tensor)
    p == p, p is not None, p in (p,), {p: 1}[p], len(p), p.shape, p.dtype
    T.stack([p, p]), T.cat((p, p.detach())), T.where(p > 1, p, 0), T.matmul(p, p), p @ p, 2 ** p, p[None]
    p.__radd__(1), 1 + p, p.add(p), p / 2, abs(p), p.max(), T.equal(p, x), T.allclose(p, x)
    p.set_(T.zeros(3))
    p.detach_(), p.is_leaf
    T.nn.Parameter(T.zeros(2, 2)).t().is_contiguous(), T.nn.Parameter(T.ones(2)).expand(3, 2).sum(0)
    T.autograd.functional.jacobian(lambda y: y * y, p)
    T.autograd.gradcheck(lambda y: y * y, (T.nn.Parameter(T.tensor([1.0, 2.0], dtype=T.float64)),))
    T.testing.assert_close(p, x)
""")


@pytest.mark.parametrize("call", CALLS)
def test_a_parameter(call: str) -> None:
    assert_same(MADE + call)


@pytest.mark.parametrize("way", lines("""
    copy.copy(p)
    copy.deepcopy(p)
    copy.deepcopy([p, p])
    pickle.loads(pickle.dumps(p))
    pickle.loads(pickle.dumps(p, protocol=2))
"""))
def test_a_copy_of_a_parameter_is_one(way: str) -> None:
    assert_same(f"{MADE}p.note = [1]\np.grad = T.ones(2)\nc = {way}\n(c, type(c))")
    assert_same(
        f"{MADE}p.note = [1]\np.grad = T.ones(2)\nc = {way}\nc = c[0] if type(c) is list else c\n"
        "p.requires_grad_(False).fill_(3)\n(c, c.requires_grad, c.grad, getattr(c, 'note', None), c.is_leaf)"
    )


def test_modes_do_not_keep_a_parameter_from_requiring_grad() -> None:
    assert_prints_the_same("""
for mode in (T.no_grad, T.inference_mode, T.enable_grad):
    with mode():
        p = T.nn.Parameter(T.ones(2))
        print(p, p.requires_grad, p.is_inference())
        print((p * 2).requires_grad)
    print(p * 2)
""")


def test_a_class_derived_from_it_prints_under_its_own_name() -> None:
    assert_prints_the_same("""
class Mine(T.nn.Parameter):
    pass
m = Mine(T.ones(2), requires_grad=False)
print(m, type(m), isinstance(m, T.nn.Parameter))
""")


def test_a_step_of_descent_by_hand() -> None:
    assert_prints_the_same("""
w, b = T.nn.Parameter(T.tensor([[1.0, 2.0]])), T.nn.Parameter(T.zeros(1))
for _ in range(3):
    loss = (T.nn.functional.linear(T.tensor([[1.0, -1.0], [2.0, 0.5]]), w, b) ** 2).mean()
    loss.backward()
    with T.no_grad():
        for p in (w, b):
            p -= 0.1 * p.grad
            p.grad = None
    print(loss, w, b, w._version)
""")
