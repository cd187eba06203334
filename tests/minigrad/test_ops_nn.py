"""nn.functional beside torch's: values, graphs, gradients, second gradients, errors.

What may live here: tables of calls, held against torch while the tests run.
"""

from __future__ import annotations

import pytest

from tests.minigrad.side_by_side import assert_same, lines

# ties and corners of every function here, and numbers between them
POINTS = "[-25.0, -3.0, -1.0, -0.5, -0.0, 0.0, 0.25, 0.5, 1.0, 2.0, 6.0, 25.0]"
CALLS = lines("""
F.relu(x)
F.relu(x * 2, inplace=True)
F.threshold(x, 0.5, 3.0)
F.leaky_relu(x)
F.leaky_relu(x, -0.5)
F.hardtanh(x)
F.hardtanh(x, -0.5, 2.0)
F.relu6(x)
F.elu(x)
F.elu(x, 0.5)
F.selu(x)
F.celu(x, 0.5)
F.softplus(x)
F.softplus(x, 2, 3)
F.silu(x)
F.mish(x)
F.softsign(x)
F.hardshrink(x)
F.tanhshrink(x)
F.sigmoid(x)
F.tanh(x)
F.softmax(x, -1)
F.softmin(x, 0)
F.log_softmax(x, 1)
F.mse_loss(x, y)
F.mse_loss(x, y, reduction="none")
F.mse_loss(y, x, reduction="sum")
F.l1_loss(x, y)
F.l1_loss(x, y, reduction="none")
F.linear(x, y)
F.linear(x, y, y[0, :3])
F.linear(x[0], y, y[0, :3])
F.linear(x.unsqueeze(0), y, y[0, :3])
F.linear(x.t(), y.t()[:, :3], y[0])
F.normalize(x)
F.normalize(x, 1, 0)
T.selu(x)
T.hardshrink(x)
x.hardshrink(1)
""")
REFUSED = lines("""
F.relu(x > 0)
F.relu(x.to(T.complex64))
F.relu6(x > 0)
F.hardtanh(x.to(T.uint8))
F.hardtanh(x, 1, -1)
F.leaky_relu(x.long())
F.elu(x.long())
F.selu(x.long())
F.celu(x, 0)
F.softplus(x.long())
F.silu(x.long())
F.mish(x.to(T.complex64))
F.hardshrink(x > 0)
F.threshold(x > 0, 1, 2)
F.mse_loss(x, y[:2])
F.mse_loss(x.long(), x.long())
F.mse_loss(x, y, reduction="x")
F.l1_loss(x, y, reduction="x")
F.l1_loss(x.long(), x.long())
F.linear(x, y[:, :2])
F.linear(x, y, y[0])
F.linear(x.sum(), y)
""")
BOTH = f"""
x = T.tensor({POINTS}, dtype=T.float64).reshape(3, 4).requires_grad_()
y = T.tensor({POINTS}[::-1], dtype=T.float64).reshape(3, 4).requires_grad_() / 4
F = T.nn.functional
""".strip()
DIFFERENTIATED = """
first = T.autograd.grad(out, x, T.ones_like(out).requires_grad_(), create_graph=True)[0]
second = T.autograd.grad((first * y).sum(), x, allow_unused=True)[0]
(out.grad_fn.name(), out.dtype, out.shape, first.shape, first.grad_fn.name())
""".rstrip()
CLOSE = """
[(v * 2**40).round() / 2**40 + 0.0 for v in (out.detach(), first.detach(), x if second is None else second)]
""".rstrip()


@pytest.mark.parametrize("call", CALLS)
def test_functions_and_their_derivatives_are_torchs(call: str) -> None:
    assert_same(f"{BOTH}\nout = {call}{DIFFERENTIATED}")
    assert_same(f"{BOTH}\nout = {call}{DIFFERENTIATED.rsplit(chr(10), 1)[0]}{CLOSE}")


@pytest.mark.parametrize("call", REFUSED)
def test_what_they_cannot_take_is_refused_in_torchs_words(call: str) -> None:
    assert_same(f"{BOTH}\n{call}")
