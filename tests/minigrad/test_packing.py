"""What saved-tensor hooks are given, call by call in its order: by ops, by ops that fail, by second derivatives.

What may live here: a table of ops, run on both engines under hooks that print. What becomes of a saved tensor is in
`test_saved_tensors`.
"""

from __future__ import annotations

import pytest

from tests.minigrad.side_by_side import assert_prints_the_same, lines

HOOKED = """
def shape(t):
    return str(t.dtype)[6:], list(t.shape), [round(x.real, 3) for x in map(complex, t.detach().reshape(-1).tolist())]

def pack(t):
    print("pack", shape(t))
    return t

def unpack(t):
    print("unpack", shape(t))
    return t

a = T.tensor([[2.0, 1.0], [1.0, 3.0]], requires_grad=True)
b = T.tensor([[2.0, 1.0], [1.0, 4.0]], requires_grad=True)
w = T.tensor([2.0, 1.0], requires_grad=True)
x = T.tensor([[[[2.0, 1.0], [1.0, 3.0]]]], requires_grad=True)
one = T.tensor([0])
with T.autograd.graph.saved_tensors_hooks(pack, unpack):
    try:
        out = CALL
        out = [t for t in (out if isinstance(out, tuple) else (out,)) if t.requires_grad]
        if out:
            T.autograd.grad(out, (a, b, w, x), [T.ones_like(t) for t in out], create_graph=True, allow_unused=True)
    except Exception as error:
        print(type(error).__name__, error)
"""

CALLS = """
T.linalg.solve(a, b)
T.linalg.solve_ex(a, w)
T.linalg.lu_factor_ex(a)
T.linalg.lu(a)
T.linalg.slogdet(a)
T.logdet(a)
T.linalg.inv_ex(a)
T.inverse(a)
T.linalg.cholesky_ex(a)
T.linalg.svdvals(a)
T.linalg.matrix_norm(a, 'nuc')
T.linalg.eigh(a)
T.linalg.qr(a)
T.linalg.matrix_power(a, -3)
T.triangular_solve(a, b)
T.linalg.solve_triangular(a, b, upper=True)
T.cholesky_solve(a, b)
T.std_mean(a)
T.aminmax(a, dim=0)
T.nn.functional.batch_norm(a, None, None, w, training=True)
T.layer_norm(a, (2,), w, w)
T.conv2d(x, x, T.ones(1, requires_grad=True))
T.conv_transpose2d(x, x)
a[a > 1]
a[:, [1]]
a.index_put((one,), w)
a.clone().index_put_((one,), w)
a.put(one, T.ones(1))
a.put(one, T.ones(1, requires_grad=True))
a.argsort()
a.argsort(stable=True)
a.isfinite()
(a * 1j).isfinite()
a.neg().abs_()
T.nn.functional.cosine_embedding_loss(a, b, T.tensor([1.0, -1.0]))
a[T.tensor([5])]
T.cholesky_solve(w, w)
T.layer_norm(w, (1,))
T.linalg.det(w)
a.mul(T.ones(3, requires_grad=True))
a.exp().mul_(T.ones(3))
"""


@pytest.mark.parametrize("call", lines(CALLS))
def test_hooks_are_given_what_torch_gives_them(call: str) -> None:
    assert_prints_the_same(HOOKED.replace("CALL", call).lstrip("\n"))
