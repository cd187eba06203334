"""Random factories: torch's numbers for the same seed, in the same order of draws; the same refusals."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

import minigrad

from .side_by_side import assert_same, lines

INEXACT = ("float16", "float32", "float64", "complex64", "complex128")
shapes = st.lists(st.sampled_from([0, 1, 2, 3, 4, 5, 9]), max_size=3).map(tuple)
seeds = st.sampled_from([0, 1, -1, 2**40 + 7, 2**64 - 1, -(2**63)]) | st.integers(0, 2**32)


@st.composite
def draws(draw: st.DrawFn) -> tuple[str, tuple[Any, ...], str]:
    """A factory, its arguments and a dtype."""
    name = draw(st.sampled_from(["rand", "randn", "randint", "randperm"]))
    if name == "randperm":
        return name, (draw(st.integers(0, 9)),), "int64"
    if name == "randint":
        low = draw(st.sampled_from([0, 1, -5]))
        span = draw(st.sampled_from([1, 7, 100, 2**28 - 1, 2**28, 2**40, 2**62]))
        return name, (low, low + span, draw(shapes)), "int64"
    return name, (draw(shapes),), draw(st.sampled_from(INEXACT))


def drawn(engine: Any, name: str, arguments: tuple[Any, ...], dtype: str) -> Any:
    return getattr(engine, name)(*arguments, dtype=getattr(engine, dtype)).numpy()


@given(seed=seeds, plan=st.lists(draws(), max_size=4))
def test_a_seed_gives_the_numbers_it_gives_in_torch(seed: int, plan: list[Any]) -> None:
    assert torch.manual_seed(seed).initial_seed() == minigrad.manual_seed(seed).initial_seed()
    for name, arguments, dtype in plan:
        theirs, ours = drawn(torch, name, arguments, dtype), drawn(minigrad, name, arguments, dtype)
        assert (ours.dtype, ours.shape) == (theirs.dtype, theirs.shape)
        tolerance = 0.0 if name != "randn" else 3e-3 if dtype == "float16" else 1e-6
        np.testing.assert_allclose(ours, theirs, rtol=tolerance, atol=tolerance)


@given(seed=seeds, data=st.data())
def test_numbers_like_another_tensor_are_drawn_in_the_order_of_its_memory(
    seed: int, data: st.DataObject
) -> None:
    array = np.zeros(data.draw(shapes), np.float32)
    array = array.transpose(data.draw(st.permutations(range(array.ndim))))
    if array.ndim and data.draw(st.booleans()):
        array = array[::2]
    name = data.draw(st.sampled_from(["rand_like", "randn_like", "randint_like"]))
    extra = (7,) if name == "randint_like" else ()
    results = []
    for engine in (torch, minigrad):
        engine.manual_seed(seed)
        made = getattr(engine, name)(engine.from_numpy(array), *extra)
        results.append((made.numpy(), tuple(made.stride())))
    np.testing.assert_allclose(results[1][0], results[0][0], rtol=1e-6, atol=1e-6)
    assert array.size == 0 or results[1][1] == results[0][1]


@pytest.mark.parametrize("dtype", ["uint8", "int8", "int16", "int32", "bool", "float32", "float64"])
def test_integers_of_every_dtype_agree(dtype: str) -> None:
    assert_same(f"g = T.manual_seed(5)\nT.randint(0, 2, (9,), dtype=T.{dtype})")


def test_a_generator_of_ones_own_leaves_the_default_one_alone() -> None:
    assert_same(
        "T.manual_seed(0)\nown = T.Generator().manual_seed(3)\n"
        "(T.rand(2, generator=own), T.rand(2), T.randn(3, generator=own), T.randperm(4, generator=own))"
    )


def test_a_saved_state_continues_where_it_was() -> None:
    assert_same(
        "T.manual_seed(1)\nT.randn(3)\nstate = T.get_rng_state()\nfirst = T.randn(5)\n"
        "T.set_rng_state(state)\n(first, T.randn(5), state.dtype, state.shape)"
    )


@pytest.mark.parametrize(
    "code",
    lines("""
        T.rand()
        T.rand(2.5)
        T.rand(2, 'a')
        T.rand(-1)
        T.rand(2, dtype=T.int32)
        T.rand(2, dtype='a')
        T.rand('a', dtype=T.float32)
        T.rand(dtype=T.float32)
        T.rand(2, generator=3)
        T.randn(2, dtype=T.bool)
        T.randint(3, 3, (2,))
        T.randint(0, (2,))
        T.randint(300, (2,), dtype=T.uint8)
        T.randint(3, 2)
        T.randint(3)
        T.randint('a', (2,))
        T.randint(1, 2, (2,), foo=1)
        T.randint(3, (2,), requires_grad=True)
        T.randint(2, (2,), dtype=T.complex64)
        T.randint(2**64, (2,))
        T.randperm(-1)
        T.randperm()
        T.randperm(2.5)
        T.randperm(300, dtype=T.uint8)
        T.randperm(5, dtype=T.bool)
        T.rand_like(3)
        T.rand_like(T.ones(2, dtype=T.int32))
        T.randint_like(T.ones(2), 3, 3)
        T.randint_like(T.ones(2))
        T.manual_seed('a')
        T.manual_seed(2**64)
        T.Generator().initial_seed()
        T.Generator(device='cpu').device
    """),
)
def test_wrong_calls_get_the_same_words(code: str) -> None:
    assert_same(code)


def test_an_unpredictable_seed_is_told() -> None:
    before = minigrad.get_rng_state()
    assert minigrad.seed() == minigrad.initial_seed()
    minigrad.set_rng_state(before)


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_attention_drops_the_same_elements(dtype: str) -> None:
    _by_the_twister()
    results = []
    for engine in (torch, minigrad):
        engine.manual_seed(5)
        x = engine.tensor([[[0.1, 0.2], [0.3, 0.4]]], dtype=getattr(engine, dtype), requires_grad=True)
        y = engine.nn.functional.scaled_dot_product_attention(x, x, x, dropout_p=0.5)
        (gradient,) = engine.autograd.grad(y.sum(), x)
        results.append((y.detach().numpy(), gradient.numpy(), y.grad_fn.name(), engine.rand(1).item()))
    ours, theirs = results
    np.testing.assert_allclose(ours[0], theirs[0], rtol=2e-3)
    np.testing.assert_allclose(ours[1], theirs[1], rtol=2e-3)
    assert ours[2:] == theirs[2:]


DROPS = """
    torch.dropout(x, 0.3, True)
    torch.dropout_(x * 1, 0.5, True)
    torch.alpha_dropout(x, 0.3, True)
    torch.alpha_dropout_(x * 1, 0.3, True)
    torch.feature_dropout(x, 0.5, True)
    torch.feature_alpha_dropout(x.mT, 0.5, True)
    torch.nn.functional.dropout(x.mT)
    torch.nn.functional.dropout(x * 1, 0.25, inplace=True)
    torch.nn.functional.dropout1d(x)
    torch.nn.functional.dropout1d(x[0] * 1, inplace=True)
    torch.nn.functional.dropout2d(x)
    torch.nn.functional.dropout2d(x[None])
    torch.nn.functional.dropout3d(x[None])
    torch.nn.functional.dropout3d(x[None, None])
    torch.nn.functional.alpha_dropout(x, training=True)
    torch.nn.functional.feature_alpha_dropout(x, training=True)
    (x * 1).bernoulli_(0.3)
    (x * 1).mT.bernoulli_(torch.tensor([0.1, 0.5, 0.9]))
    (x * 1).bernoulli_(torch.tensor(0.4, dtype=torch.float64))
    torch.bernoulli(x.abs().mT)
    x.bernoulli(0.2)
"""


@pytest.mark.filterwarnings("ignore:dropout2d")
@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
@pytest.mark.parametrize("line", DROPS.split("\n")[1:-1])
def test_dropout_drops_the_same_elements(line: str, dtype: str) -> None:
    _by_the_twister()
    results = []
    for engine in (torch, minigrad):
        engine.manual_seed(7)
        x = (engine.arange(24.0) / 24 - 0.5).reshape(2, 3, 4).to(getattr(engine, dtype)).requires_grad_()
        y = eval(line.strip(), {"torch": engine, "x": x})
        facts = (y.grad_fn.name(), y._version, y.stride(), engine.rand(1).item())
        slopes = None if "NotImplemented" in facts[0] else engine.autograd.grad(y.sum(), x)[0].numpy()
        results.append((y.detach().numpy(), slopes, facts))
    ours, theirs = results
    np.testing.assert_allclose(ours[0], theirs[0], rtol=2e-3)
    assert (ours[1] is None) == (theirs[1] is None)
    if ours[1] is not None:
        np.testing.assert_allclose(ours[1], theirs[1], rtol=2e-3)
    assert ours[2] == theirs[2]


def _by_the_twister() -> None:
    torch.manual_seed(5)
    if not np.array_equal(torch.empty(9).bernoulli_(0.5).numpy(), _halves(5, 9)):
        pytest.skip("on this processor torch has MKL draw them")


def _halves(seed: int, count: int) -> Any:
    """What the twister draws of numbers that are one or zero with the same probability."""
    return torch.rand(count, dtype=torch.float64, generator=torch.Generator().manual_seed(seed)).numpy() < 0.5


SOURCES = (
    "T.zeros(3)", "T.ones(20, requires_grad=True) * 2", "T.zeros(4, 5).t()", "T.zeros(20)[::2]", "T.zeros(0)",
    "T.zeros(())",
    "T.zeros(4, 6, dtype=T.float64)", "T.zeros(5, dtype=T.float16)", "T.zeros(5, dtype=T.complex64)",
    "T.zeros(3, 9, dtype=T.complex128)", "T.zeros(5, dtype=T.int64)", "T.zeros(5, dtype=T.int32)",
    "T.zeros(5, dtype=T.uint8)", "T.zeros(5, dtype=T.bool)", "T.ones(2, requires_grad=True)",
)  # fmt: skip
WRITES = """
    uniform_()
    uniform_(1, 2)
    uniform_(to=3)
    uniform_(2, 1)
    uniform_(1.5, 'a')
    uniform_(1, 2, 3)
    uniform_(generator=T.Generator())
    normal_()
    normal_(1, 2)
    normal_(std=3)
    normal_(0, -1)
    random_()
    random_(2)
    random_(300)
    random_(1, 5)
    random_(5, 1)
    random_(0)
    random_(3, None)
    random_(0, 2**40)
    random_(-2**30 - 1, 2**25 + 1)
    random_(1.5)
    random_(from_=2)
"""


@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.parametrize("write", lines(WRITES))
def test_random_numbers_written_everywhere(source: str, write: str) -> None:
    engines = (torch, minigrad)
    for engine in engines:
        engine.set_printoptions(precision=2)  # the last bits of normal numbers are the processor's
    try:
        assert_same(f"T.manual_seed(3)\nx = {source}\nx.{write}, x.grad_fn and x.grad_fn.name(), T.rand(1)")
    finally:
        for engine in engines:
            engine.set_printoptions(profile="default")


def test_what_random_numbers_overwrite_gets_no_gradient() -> None:
    for write in ("uniform_", "normal_", "random_"):
        assert_same(f"a = T.ones(4, requires_grad=True)\nb = a * 2\nb[:2].{write}()\nb.sum().backward()\na.grad")


SAMPLES = lines("""
    T.empty(5, 4).t().exponential_(2.0)
    T.empty(2, dtype=T.int64).exponential_()
    T.empty(3).cauchy_(1.0, 2.0)
    T.empty(3, dtype=T.int64).geometric_(0.3)
    T.empty(3, dtype=T.float16).log_normal_(0.5, 0.7)
    T.empty(0).log_normal_(0.5, 0.0)
    T.normal(T.zeros(4, 5), 2.0)
    T.normal(T.zeros(3, 1).half(), T.ones(2))
    T.normal(1.0, T.tensor([1.0, -1.0]))
    T.normal(0, 1, (3,), dtype=T.float64)
    T.poisson(T.tensor([[3.0, 20.0], [100.0, 0.0]]))
    T.multinomial(T.tensor([[0.2, 0.3, 0.5], [1.0, 0.0, 2.0]]), 2)
    T.multinomial(T.tensor([0.2, 0.3, 0.5]).half(), 9, True)
    T.multinomial(T.tensor([0.5, -1.0]), 1)
    T.multinomial(T.tensor([0.5, T.nan]), 2, True)
    T.nn.functional.gumbel_softmax(T.zeros(3, 2).t(), 0.5, hard=True, dim=0)
""")


@pytest.mark.parametrize("call", SAMPLES)
def test_samples_of_distributions(call: str) -> None:
    assert_same(f"g = T.manual_seed(5)\n{call}")


def test_samples_have_gradients_of_zero_but_for_chosen_classes() -> None:
    assert_same("""
a, b = T.ones(3, requires_grad=True), T.ones(3, requires_grad=True)
g = T.manual_seed(5)
c = T.normal(a, b) + T.poisson(a) + (a * 1).exponential_() + T.nn.functional.gumbel_softmax(b, hard=True)
(c, T.autograd.grad(c[0], (a, b)))
""")
