"""Shapes, generators and switches as values: what they are made of, and what is refused; torch says what holds."""

from __future__ import annotations

import pytest

from tests.minigrad.side_by_side import assert_prints_the_same, assert_same, lines

EXPRESSIONS = lines("""
    T.Size((True,)), type(T.Size([True])[0])
    T.Size([T.tensor(2)]), T.Size([T.tensor([3])]), T.Size([T.tensor(True)])
    T.Size([np.int64(2)])
    T.Size([1, 1.5])
    T.Size("ab")
    T.Size([[1]])
    T.Size([T.tensor(1.5)])
    T.Size([np.float32(2)])
    T.Size(3)
    type((1,) + T.Size([2])), (1,) + T.Size([2]), 2 * T.Size([2]), T.Size([2]) * 2
    T.Size([1]) + [1]
    T.Size([1]) + ("a",)
    (1.5,) + T.Size([1])
    T.Generator().manual_seed("a")
    T.Generator().manual_seed(1.5)
    T.Generator().manual_seed(True)
    T.Generator().set_state(3)
    T.Generator().set_state(T.zeros(3))
    T.Generator().set_state(T.zeros(3, dtype=T.uint8))
    T.Generator().get_offset()
    T.rand(2, generator=T.Generator().manual_seed(3).clone_state())
    T.manual_seed(1.7).initial_seed(), T.random.get_rng_state().shape
    T.is_anomaly_enabled(), T.is_anomaly_check_nan_enabled()
    T.autograd.set_detect_anomaly("a")
    T.autograd.set_detect_anomaly(True, 3)
    T.autograd.set_multithreading_enabled("a")
    T.ones(2).__delitem__(0)
    T.tensor(1.0)[1]
    T.tensor(1.0)[-1]
    T.ones(2)[2**70]
    T.ones(2)[np.bool_(True)]
    T.ones(2, dtype=T.int64) ** np.int64(2), np.float32(2) ** T.ones(2, dtype=T.int64)
    T.ones((), dtype=T.bool).add_(T.ones(2))
""")


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_values_and_refusals(expression: str) -> None:
    assert_same(expression)


def test_numbers_drawn_in_a_fork_are_drawn_again() -> None:
    assert_prints_the_same("""
T.manual_seed(0)
with T.random.fork_rng():
    print(T.rand(1))
print(T.rand(1))""")


VALUES = ["T.tensor(1)", "T.tensor(2.0, dtype=T.float64)", "T.tensor(1 + 2j)", "T.tensor(1 + 0j)", "T.tensor([[3]])",
          "T.tensor([1.0, 2.0])", "np.float32(3)", "np.float64(3)", "np.int8(3)", "np.bool_(True)", "None",
          "1j"]  # fmt: skip


@pytest.mark.parametrize("value", VALUES)
@pytest.mark.parametrize("key", ["x > 1", "(x > 1).to(T.uint8)", "False", "0", "[0]"])
def test_what_is_assigned(key: str, value: str) -> None:
    assert_prints_the_same(f"x = T.arange(4.0)\nx[{key}] = {value}\nprint(x)")


FACTS = """shape dtype device layout ndim is_leaf grad_fn output_nr _version _base retains_grad nbytes itemsize is_cpu
    is_sparse T mT H mH"""


@pytest.mark.parametrize("fact", FACTS.split())
def test_facts_of_a_tensor_are_read_only(fact: str) -> None:
    assert_prints_the_same(f"T.ones(2).{fact} = 3")
    assert_prints_the_same(f"del T.ones(2).{fact}")


def test_tensors_have_no_names() -> None:
    assert_same("T.ones(2).names")


@pytest.mark.parametrize("dtype", ["float32", "int64"])
@pytest.mark.parametrize("grad", ["T.ones(3).double()", "T.ones(1)", "T.ones(2, 1).long()", "T.ones(2).double()"])
def test_the_dtype_of_a_gradient_is_looked_at_before_its_size(dtype: str, grad: str) -> None:
    assert_prints_the_same(f"x = T.ones(2, dtype=T.{dtype})\nx.grad = {grad}\nprint(x.grad)")
