"""`out=`: what becomes of a tensor that an op writes its result into, and where torch refuses it."""

from __future__ import annotations

import pytest

from tests.minigrad.side_by_side import assert_prints_the_same, assert_same, lines

CALLS = lines("""
    T.add(x, y)
    T.add(x, y, alpha=2)
    T.add(x, 1)
    T.sub(x, y)
    T.mul(x, y)
    T.div(x, y)
    T.div(x, y, rounding_mode="floor")
    T.pow(x, 2)
    T.pow(x, y)
    T.exp(x)
    T.sin(x)
    T.tanh(x)
    T.sqrt(x)
    T.neg(x)
    T.abs(x)
    T.sign(x)
    T.floor(x)
    T.clamp(x, 0, 1)
    T.sigmoid(x)
    T.maximum(x, y)
    T.atan2(x, y)
    T.addcmul(x, y, y)
    T.addcdiv(x, y, y)
    T.eq(x, y)
    T.lt(x, 1)
    T.logical_and(x, y)
    T.isposinf(x)
    T.where(x > y, x, y)
    T.sum(x, 0)
    T.sum(x, (0, 1), keepdim=True)
    T.mean(x, 1)
    T.prod(x, 0)
    T.var(x, 0)
    T.std(x, 0)
    T.amax(x, 0)
    T.max(x, 0)
    T.min(x, 1, keepdim=True)
    T.argmax(x, 0)
    T.sort(x)
    T.topk(x, 1)
    T.cumsum(x, 0)
    T.logsumexp(x, 0)
    T.all(x > 0)
    T.cat((x, y))
    T.stack((x, y), 1)
    T.hstack((x, y))
    T.matmul(x, y)
    T.mm(x, y)
    T.dot(x[0], x[1])
    T.outer(x[0], y[1])
    T.bmm(x[None], y[None])
    T.addmm(x, y, y)
    T.linalg.inv(x)
    T.linalg.det(x)
    T.linalg.solve(x, y)
    T.linalg.qr(x)
    T.linalg.eigh(x)
    T.linalg.svd(x)
    T.linalg.vector_norm(x)
    T.gather(x, 1, n)
    T.index_select(x, 0, n[0])
    T.take_along_dim(x, n, 1)
    T.scatter(x, 1, n, y)
    T.masked_select(x, x > y)
    T.tril(x)
    T.inner(x, y)
    T.quantile(x, 0.5)
    T.square(x)
    T.true_divide(x, y)
    T.nn.functional.linear(x, y)
    T.relu(x)
    T.clone(x)
    T.isnan(x)
    T.trace(x)
    T.alias_copy(x)
    T.diagonal_copy(x)
    T.unsqueeze_copy(x, 0)
    T.floor_divide(x, y)
    T.heaviside(x, y)
    T.softmax(x, 0)
    T.diag(x)
    T.polar(x, y)
    T.cummax(x, 0)
    T.mean(x, 0, dtype=T.float32)
    T.cumprod(x, 0, dtype=T.float32)
    T.linalg.eigvals(x)
    T.unbind_copy(x)
    T.split_copy(x, 1)
    T.split_with_sizes_copy(x, (1, 1))
    T.ger(x[0], y[1])
    T.einsum("ij->i", x)
    T.atleast_2d(x)
    T.meshgrid(x[0], y[0], indexing="ij")
    T.logical_xor(x, y)
    T.scatter(x, 1, n, y, reduce="add")
""")
OUTPUTS = lines("""
    like(r, lambda t: T.empty(0, dtype=t.dtype))
    like(r, lambda t: T.zeros(t.shape, dtype=t.dtype))
    like(r, lambda t: T.zeros(tuple(t.shape)[::-1], dtype=t.dtype).permute(*range(t.dim())[::-1]))
    like(r, lambda t: T.zeros(5, dtype=t.dtype))
    like(r, lambda t: T.zeros(t.shape, dtype=T.int64))
    None
""")
MADE = """
x, y = T.tensor([[2.0, -1.0], [0.5, 4.0]]), T.tensor([[1.0, 3.0], [-2.0, 0.25]])
n = T.tensor([[0, 1], [1, 0]])
def like(r, make):
    return tuple(map(make, r)) if isinstance(r, tuple) else make(r)
"""


@pytest.mark.parametrize("output", OUTPUTS)
@pytest.mark.parametrize("call", CALLS)
def test_an_op_writes_into_an_output(call: str, output: str) -> None:
    assert_same(
        f"{MADE}r = {call}\no = {output}\ng = {call[:-1]}, out=o)\n"
        "(g, type(g).__name__, [a is b for a, b in zip(g, o)] if isinstance(o, tuple) else g is o)"
    )


@pytest.mark.parametrize("asking", ["x", "y", "out", "nothing"])
@pytest.mark.parametrize("call", CALLS)
def test_autograd_refuses_it_where_anything_requires_grad(call: str, asking: str) -> None:
    """In no_grad it is not asked."""
    made = f"{MADE}r = {call}\no = like(r, lambda t: T.zeros(t.shape, dtype=t.dtype))\n"
    if asking in ("x", "y"):
        made += f"{asking}.requires_grad_()\n"
    elif asking == "out":
        made += "[t.requires_grad_() for t in (o if isinstance(o, tuple) else (o,))]\n"
    assert_same(f"{made}{call[:-1]}, out=o)")
    assert_same(f"{made}with T.no_grad():\n    g = {call[:-1]}, out=o)\n(g, o)")


FORMS = lines("""
    T.lerp(x, y, 0.5)
    T.clamp(x, x, y)
    T.clip(x, y)
    T.clamp_max(x, y)
    T.float_power(x, 2)
    T.nan_to_num(x)
    T.nansum(x, 1)
    T.nanmean(x)
    T.mean(x)
    T.median(x, 0)
    T.narrow_copy(x, 0, 0, 1)
    T.matmul(x[0], y[0])
    T.matmul(x[0], y)
    T.matmul(x, y[0])
    T.matmul(x[None], y[0])
    T.kron(x, y)
    T.addbmm(x, x[None], y[None])
    T.linalg.solve_triangular(x, y, upper=True)
    T.triangular_solve(x, y)
    T.cholesky(x @ x.t())
    T.cholesky_inverse(x)
    T.cholesky_solve(x, y)
    T.nn.functional.logsigmoid(x)
    T.mode(x, 0)
    T.kthvalue(x, 1)
    T.max(x, y)
    T.svd(x[:, :1])
    T.svd(x, compute_uv=False)
    T.matrix_power(x, 0)
    T.matrix_power(x, 1)
    T.linalg.matrix_power(x, 2)
    T.matrix_power(x, -1)
    T.linalg.tensorinv(x, 1)
    T.linalg.eig(x)
    T.fft.ifft(x)
    T.fft.ifft(x.to(T.complex64))
    T.index_reduce(x, 0, n[0], y, "mean")
    T.logcumsumexp(x, 0)
    T.bernoulli(x * 0)
    T.nonzero(x)
    T.special.logit(x)
    T.vdot(x[0], y[0])
    T.lu_solve(x, y, n[0].int() + 1)
    T.addr(x, x[0], y[0])
    T.prod(x, 0)
    T.heaviside(x, y)
    T.frexp(x)
    T.isin(x, y)
    T.nonzero_static(x, size=2)
    T.searchsorted(y[0], x)
    T.histc(x)
    T.cross(x[:, :1].expand(2, 3), y[:, :1].expand(2, 3))
""")
DTYPES = ("float64", "float16", "int64", "uint8", "bool", "complex64")
KINDS = (
    *(f"T.zeros(t.shape, dtype=T.{dtype})" for dtype in DTYPES),
    *(f"T.zeros(t.shape, dtype=T.{dtype} if at else t.dtype)" for dtype in DTYPES),
    "T.empty(0, dtype=t.dtype)",
    "T.zeros(7, dtype=t.dtype)",
    "T.zeros(t.shape, dtype=t.dtype, requires_grad=t.is_floating_point())",
)


@pytest.mark.parametrize("call", FORMS)
def test_each_form_of_an_op_looks_at_its_outputs_in_its_own_way(call: str) -> None:
    for kind in KINDS:
        for asking in ("", "x.requires_grad_(), y.requires_grad_()\n"):
            made = f"o = tuple({kind} for at, t in enumerate(r)) if isinstance(r, tuple) else one(r)"
            assert_same(
                f"{MADE}one = lambda t, at=0: {kind}\nr = {call}\n{made}\n{asking}g = {call[:-1]}, out=o)\n"
                "(g, type(g).__name__, [a is b for a, b in zip(g, o)] if isinstance(o, tuple) else g is o)"
            )


REFUSED = lines("""
    T.add(x, y, out=3)
    T.add(x, y, out=(x, y))
    T.add(x, y, out=T.zeros(1).expand(2, 2))
    T.max(x, 0, out=x)
    T.exp(x, 0, out=x)
    T.exp(out=x)
    T.exp(x, out=x), x
    T.add(x, y, out=y), y, y._version
    T.exp(x, out=x[0])
    T.exp(x, out=T.zeros(4, 4)[::2, ::2])
    T.add(x, y, out=y.detach()), y._version
    x.add(y, out=x)
    x.exp(out=x)
    T.add(x, y, out=T.zeros(2, 2, dtype=T.float64))
    T.add(x, y, out=T.zeros(2, 2, dtype=T.complex64))
    T.add(n, n, out=T.zeros(2, 2))
    T.add(n, n, out=T.zeros(2, 2, dtype=T.int32))
    T.add(x, y, out=T.zeros(2, 2, dtype=T.bool))
    T.zeros(2, out=T.zeros(3))
    T.ones(2, out=x)
    T.full((2,), 3.0, out=T.empty(0))
    T.arange(3, out=T.empty(0, dtype=T.int64))
    T.eye(2, out=T.empty(0))
    T.linspace(0, 1, 3, out=T.empty(0))
    T.gather(x, 0, n, out=x)
    T.gather(x, 0, n, out=x[:1])
    T.gather(x, 0, n, out=T.zeros(1).expand(3))
    T.take(x, n, out=x[0])
    T.take(x, n[0], out=x.view(-1)[:1])
    T.take_along_dim(x, n, 0, out=x)
    T.masked_select(x, x > 1, out=x)
    T.masked_select(x, x > 1, out=T.zeros(1).expand(7))
    T.index_select(x, 0, n[0], out=x)
    T.index_select(x, 0, n[0], out=T.zeros(1).expand(7))
    T.cat((x, y), out=y)
    T.cat((T.zeros(0), y), out=y[0])
    T.stack((x, y), out=x[0])
    T.vstack((x, y), out=x)
    T.kthvalue(x, 1, out=(x, n))
    T.kthvalue(x, 1, out=(x[0], n))
    T.topk(x, 1, out=(x[:, :1], n))
    T.topk(x, 1, out=(x[0], n))
    T.mode(x, out=(x[0], n))
    T.where(x > 1, x, y, out=x[0])
    T.where(x > 1, x, y, out=x)
    T.cross(T.ones(2, 3), T.ones(3).expand(2, 3), 1, out=T.zeros(2, 3))
    T.kthvalue(x, 1, out=(T.ones(4, 5), T.ones(3, dtype=T.int64)))
    T.kthvalue(x, 1, 0, out=(T.ones(4, 5, 6), T.ones(1, 3, dtype=T.int64)))
    T.kthvalue(x[0, 0], 1, out=(T.ones(4, 5), T.ones(3, dtype=T.int64)))
    T.mode(x, out=(T.ones(1), T.ones(3, 4, dtype=T.int64)))
    T.mode(x, 0, out=(T.ones(3), T.ones(3, 4, 5, dtype=T.int64)))
    T.mode(x[0, 0], out=(T.ones(1), T.ones(3, 4, dtype=T.int64)))
    T.lu_unpack(x, T.ones(2, dtype=T.int32), out=(T.zeros(0), T.zeros(0), T.zeros(0, dtype=T.float64)))
""")


@pytest.mark.parametrize("call", REFUSED)
def test_an_output_that_torch_may_refuse(call: str) -> None:
    assert_same(MADE + call)


def test_versions_saved_tensors_and_modes_know_of_it() -> None:
    assert_prints_the_same("""
a, b = T.ones(2, requires_grad=True), T.ones(2)
c = a * b
T.exp(T.zeros(2), out=b)
print(b, b._version)
try:
    c.sum().backward()
except RuntimeError as error:
    print(error)
with T.inference_mode():
    i = T.zeros(2)
    print(T.exp(T.zeros(2), out=i), T.exp(T.zeros(2), out=b), b._version)
try:
    T.exp(T.zeros(2), out=i)
except RuntimeError as error:
    print(error)
with T.no_grad():
    print(T.exp(a, out=b), T.exp(b, out=a), a.grad_fn, a._version)
""")


def test_the_old_lu_copies_into_outputs_with_a_history() -> None:
    assert_prints_the_same("""
x = T.tensor([[2.0, -1.0], [0.5, 4.0]])
for out in (T.zeros(0), T.zeros(0)), [T.zeros(3), T.zeros(0, dtype=T.int32)], (T.zeros(0),), x, (x, x, x):
    for infos in False, True:
        try:
            made = T.lu(x, get_infos=infos, out=out)
            print(made is out, made, made[0]._version)
        except TypeError as error:
            print(error)
print(T.lu(x.requires_grad_(), out=(T.zeros(0), T.zeros(0, dtype=T.int32))))
print(type(x.lu(get_infos=True)), type(T.lu(x, get_infos=True)), type(x.lu()), type(T.lu(x)))
""")


FORMS = lines("""
    T.inner(T.tensor(1.0), T.ones(3), out=o)
    T.inner(T.ones(3), T.tensor(1.0, requires_grad=True), out=o)
    T.diff(T.ones(3), n=0, out=o)
    T.diff(T.ones(3, requires_grad=True), 0, out=o)
    T.nn.functional.linear(T.ones(3), T.ones(4, 3), T.ones(4), out=o)
    T.nn.functional.linear(T.ones(3), T.ones(4, 3), out=o)
    T.nn.functional.linear(T.ones(2, 2, 3), T.ones(4, 3), out=o)
    T.matmul(T.ones(5, 5, 0), T.ones(0, 5), out=o)
    T.matmul(T.ones(5, 5, 2), T.ones(2, 5), out=o)
    T.matmul(T.ones(5, 5, 2), T.ones(2), out=o)
    T.searchsorted(T.arange(5.0), T.ones(0), out=o)
    T.searchsorted(T.arange(10.0)[::2], T.ones(0), out=o)
    T.searchsorted(T.arange(10.0)[::2], T.ones(3), out=o)
""")
FORM_OUTPUTS = lines("""
    T.zeros(3)
    T.zeros(4)
    T.zeros(1, 4)
    T.zeros(0)
    T.zeros(3, dtype=T.int32)
    T.zeros(0, dtype=T.int64)
    T.zeros(2, dtype=T.int64)
    T.zeros(5, 5).t()
    T.zeros(5, 5, 5)
    T.zeros(5, 5, 5).transpose(0, 1)
    T.zeros(5, 5, 5).transpose(1, 2)
""")


@pytest.mark.parametrize("output", FORM_OUTPUTS)
def test_arguments_decide_what_is_run(output: str) -> None:
    for call in FORMS:
        assert_same(f"o = {output}\n{call}\n(o, o._version)")
