"""What campaigns of one op each have found, one test per cause.

What may live here: differences that were, in ops of any family, with torch to say what is right.
"""

from __future__ import annotations

import pytest

from tests.minigrad.side_by_side import assert_prints_the_same, assert_same

ZEROS = "[complex(a, b) for a in (0.0, -0.0, 1.0) for b in (0.0, -0.0, 2.0)]"


@pytest.mark.parametrize(
    "call", ["x - y", "T.sub(x, y, alpha=2)", "T.rsub(x, y)", "x + y", "x - x", "T.nn.functional.tanhshrink(x)"]
)
def test_sums_and_differences_of_zeros_have_the_signs_of_torch(call: str) -> None:
    assert_same(f"""
x = T.tensor({ZEROS}).reshape(9, 1)
y = T.tensor({ZEROS})
T.view_as_real({call})
""")


def test_gradients_that_add_up_have_the_signs_of_torch() -> None:
    assert_same(f"""
x = T.tensor({ZEROS}, requires_grad=True)
T.view_as_real(T.autograd.grad((x.clone(), x.clone()), x, (x.detach(), x.detach()))[0])
""")


@pytest.mark.parametrize("name", ["var", "std", "var_mean", "std_mean"])
def test_each_part_is_warned_of_where_nothing_varies(name: str) -> None:
    assert_prints_the_same(f"T.{name}(T.tensor([1 + 2j]))")


def test_a_write_of_bools_into_a_conjugate_is_conjugated_too() -> None:
    made = "x = T.tensor([1 + 2j, 0j]).conj()\nx.logical_and_(x)\n"
    assert_prints_the_same(made + "print(T.view_as_real(x.resolve_conj()))")


def test_convolutions_take_what_is_conjugated_lazily() -> None:
    assert_prints_the_same("x = T.tensor([[[1 + 2j, 3 - 1j]]])\nprint(T.nn.functional.conv1d(x.conj(), x.conj()))")


@pytest.mark.parametrize("key", ["None, :9", ":, 0:3", "None, :1", "0:5,", "0:5"])
@pytest.mark.parametrize("shape", ["0, 3", "2, 3"])
def test_a_slice_of_everything_in_a_tuple_is_no_view_of_its_own(key: str, shape: str) -> None:
    assert_prints_the_same(f"print(T.zeros({shape}, requires_grad=True)[{key}].grad_fn.name())")


@pytest.mark.parametrize("times", [1, 2])
def test_nextafter_keeps_nothing_for_an_operand_without_gradient(times: int) -> None:
    assert_prints_the_same(f"""
x, y = T.ones(2), T.ones(2, requires_grad=True)
z = x.nextafter(y)
for _ in range({times}):
    print(T.autograd.grad(z.sum(), y), y.grad)
""")


def test_arguments_that_an_op_does_not_know_are_named_as_in_torch() -> None:
    assert_prints_the_same("""
for call in (lambda: T.sub(T.ones(1), 1, nonsense=1), lambda: T.addcmul(T.ones(1), T.ones(1), T.ones(1), 1, 1)):
    try:
        call()
    except TypeError as error:
        print(error)
""")


def test_a_copy_without_derivative_refuses_even_what_does_not_need_it() -> None:
    assert_prints_the_same("""
v1 = T.detach_copy(T.tensor(1.0, requires_grad=True))
try:
    v1.backward(inputs=(v1,))
except Exception as error:
    print(error)
""")


def test_gradients_that_a_leaf_gathers_have_the_signs_of_torch() -> None:
    assert_same(f"""
x = T.tensor({ZEROS}, requires_grad=True)
y = x.clone()
y.backward(x.detach(), retain_graph=True)
y.backward(x.detach())
T.view_as_real(x.grad)
""")


@pytest.mark.parametrize("step", [1, 2, 3])
def test_the_gradient_of_windows_that_do_not_overlap_is_copied(step: int) -> None:
    assert_same(f"""
x = T.ones(5, requires_grad=True)
y = x.unfold(0, 2, {step})
T.autograd.grad(y, x, T.full(y.shape, -0.0))[0]
""")
