"""Numbers agree to the units that the ops allow and no further; patterns and signs are exact."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from oracle.check import check_program
from oracle.checks import Counts
from oracle.compare import compare
from oracle.engines.torch_engine import TorchEngine
from oracle.program import Program, parse
from oracle.tolerance import allowed_units, difference, spacing

FLOATS = ("float16", "float32", "float64")


def kind(ours: Any, theirs: Any, dtype: str = "float64", units: float = 0.0, errors: Any = None) -> str | None:
    found = difference(np.asarray(ours, dtype), np.asarray(theirs, dtype), dtype, units, errors)
    return None if found is None else found.kind


@pytest.mark.parametrize("dtype", FLOATS)
def test_a_unit_is_the_distance_to_the_next_number(dtype: str) -> None:
    values = np.array([1.0, 1.5, 3.0, -4.0, 1e-4, 65000.0], dtype)
    np.testing.assert_array_equal(spacing(values, dtype), np.spacing(np.abs(values)).astype(np.float64))


def test_a_unit_of_a_subnormal_is_the_smallest_number() -> None:
    assert spacing(np.array([5e-324, 0.0]), "float64").tolist() == [5e-324, 5e-324]


@pytest.mark.parametrize("dtype", FLOATS)
def test_values_agree_to_the_units_allowed(dtype: str) -> None:
    one = np.ones(1, dtype)
    near = one + 3 * np.spacing(one)
    assert kind(near, one, dtype, units=3) is None
    assert kind(near, one, dtype, units=2.9) == "value"


def test_nan_equals_nan_whatever_its_bits() -> None:
    assert kind([-np.float64("nan")], [np.nan]) is None


def test_patterns_come_before_magnitudes() -> None:
    assert kind([np.nan, 1.0], [1.0, 99.0], units=1e9) == "non-finite"
    assert kind([np.inf], [-np.inf], units=1e9) == "non-finite"
    assert kind([np.inf], [1e308], units=1e30) == "non-finite"


def test_the_sign_of_a_zero_is_a_fact() -> None:
    assert kind([-0.0], [0.0], units=1e9) == "zero-sign"


def test_a_complex_number_is_measured_by_its_modulus() -> None:
    assert kind([1e8 + 1e-9j], [1e8 + 0j], "complex128", units=1) is None
    assert kind([1e8 + 1e-7j], [1e8 + 0j], "complex128", units=1) == "value"
    assert kind([complex(0, np.nan)], [complex(0, 1)], "complex128", units=1e9) == "non-finite"


def test_integers_and_bools_are_exact() -> None:
    assert kind([2**62 + 1], [2**62], "int64", units=1e9) == "value"
    assert kind([True], [False], "bool", units=1e9) == "value"


def test_huge_values_of_other_sign_are_far_apart() -> None:
    assert kind([1e308], [-1e308], units=1e6) == "value"


def test_empty_arrays_agree() -> None:
    assert kind([], []) is None


def test_measured_errors_widen_what_is_allowed_element_by_element() -> None:
    ours, theirs = [1.0, 1.001], [1.0, 1.0]
    assert kind(ours, theirs, units=2) == "value"
    assert kind(ours, theirs, units=2, errors=np.array([0.0, 1e-3])) is None
    assert kind(ours, theirs, units=2, errors=np.array([1e-3, 0.0])) == "value"


def test_a_program_allows_the_sum_of_its_ops_for_each_pass() -> None:
    leaf, ops, query = (
        "v0 = T.ones(2, requires_grad=True)\n",
        "v1 = v0 * v0\nv2 = v1.sum()\n",
        "v2.backward()\n",
    )
    assert allowed_units(parse(leaf + ops)) > 0
    assert allowed_units(parse(leaf + ops + query)) == 2 * allowed_units(parse(leaf + ops))


def test_the_quick_way_and_the_long_way_agree() -> None:
    """Few numbers are judged by a loop, many by NumPy: the same pairs must be judged the same."""
    random = np.random.default_rng(0)
    specials = np.array([0.0, -0.0, np.inf, -np.inf, np.nan, 5e-324, 1.0])
    for _ in range(300):
        theirs = np.where(random.random(4) < 0.3, random.choice(specials, 4), random.standard_normal(4))
        ours = theirs + random.integers(-4, 5, 4) * np.spacing(theirs)
        ours = np.where(random.random(4) < 0.1, random.choice(specials, 4), ours)
        few = difference(ours, theirs, "float64", 3.0)
        many = difference(np.tile(ours, 20), np.tile(theirs, 20), "float64", 3.0)
        assert (few and few.kind) == (many and many.kind)


class Sloppy(TorchEngine):
    """torch whose first result is off by some units of its precision."""

    def __init__(self, units: float) -> None:
        super().__init__()
        self.units = units

    def run_batch(self, programs: Any) -> Any:
        seen = super().run_batch(programs)
        for one in seen:
            value = one.tensors["v2"].value
            one.tensors["v2"].value = (value + self.units * np.spacing(np.abs(value))).astype(value.dtype)
        return seen


CANCELLING = parse("v0 = T.tensor([1.0000001], dtype=T.float32)\nv1 = v0.exp()\nv2 = v1 - 2.7182817\n")
CANCELLING64 = parse("v0 = T.tensor([1.0000001], dtype=T.float64)\nv1 = v0.exp()\nv2 = v1 - 2.718281828459045\n")
STEADY = parse("v0 = T.tensor([1.0, 3.0], dtype=T.float32)\nv1 = v0.exp()\nv2 = v1 * 2.5\n")


def test_an_ill_conditioned_value_is_judged_by_the_references_own_error() -> None:
    torch, sloppy = TorchEngine(), Sloppy(1e5)
    ours, theirs = sloppy.run(CANCELLING), torch.run(CANCELLING)
    assert [one.kind for one in compare(ours, theirs, CANCELLING)] == ["value"]
    counts = Counts()
    assert check_program(CANCELLING, sloppy, torch, counts) == []
    assert counts.tolerated == 1


def test_an_ill_conditioned_float64_value_is_judged_by_what_float32_makes_of_it() -> None:
    torch, counts = TorchEngine(), Counts()
    assert check_program(CANCELLING64, Sloppy(1e6), torch, counts) == []
    assert counts.tolerated == 1
    assert [one.kind for one in check_program(CANCELLING64, Sloppy(1e12), torch)] == ["value"]


def test_a_float64_value_that_comes_of_float32_is_as_precise_as_that() -> None:
    mixed = "v0 = T.tensor([0.5, 0.7], dtype=T.float32)\nv1 = v0.exp()\nv2 = v1.double()\n"
    alone = mixed.replace("float32", "float64")
    torch = TorchEngine()
    assert check_program(parse(mixed), Sloppy(2.0**29), torch) == []
    assert [one.kind for one in check_program(parse(alone), Sloppy(2.0**29), torch)] == ["value"]


def test_a_well_conditioned_value_is_not() -> None:
    torch, counts = TorchEngine(), Counts()
    assert [one.kind for one in check_program(STEADY, Sloppy(1000), torch)] == ["value"]
    assert check_program(STEADY, Sloppy(1), torch, counts) == []
    assert counts.tolerated == 1


def test_a_rerun_in_float64_leaves_the_default_dtype_alone() -> None:
    torch = TorchEngine()
    seen = torch.run_in_float64(parse("v0 = T.ones(2)\nv1 = T.ones(2, dtype=T.float32)\nv2 = v1.float()\n"))
    assert seen is not None
    assert {facts.dtype for facts in seen.tensors.values()} == {"float64"}
    assert torch.modes()["default dtype"] == "float32"


class Adding(TorchEngine):
    """torch with something added to the gradient of v0."""

    def __init__(self, off: complex) -> None:
        super().__init__()
        self.off = off

    def run_batch(self, programs: Any) -> Any:
        seen = super().run_batch(programs)
        for one in seen:
            facts = one.tensors["v0"]
            facts.grad = np.asarray(facts.grad + self.off, facts.grad.dtype)
        return seen


def kinds(program: Program, off: complex) -> list[str]:
    """The kinds of differences that torch has with itself where something is added to the gradient of v0."""
    torch = TorchEngine()
    (ours,) = Adding(off).run_batch([program])
    ours.columns = None
    return [one.kind for one in compare(ours, torch.run(program), program, run=torch.run)]


RADIAL = parse("v0 = T.tensor(complex(0.698, 1.869), requires_grad=True)\nv1 = v0.sgn()\nv1.backward(v0)\n")
TIE = parse("v0 = T.tensor([1.0, 1.0], requires_grad=True)\nv1 = v0.amax()\nv1.backward()\n")


def test_what_is_left_of_cancelling_terms_may_move_as_far_as_the_numbers_move_it() -> None:
    """Whether nothing or 1e-8 is left of complex products depends on how a processor rounds them."""
    assert kinds(RADIAL, 2e-8j) == []
    assert kinds(RADIAL, 1e-4j) == ["grad"]


def test_what_jumps_when_numbers_move_is_no_rounding() -> None:
    assert kinds(TIE, 0.5) == ["grad"]


def test_a_root_of_what_cancels_may_be_that_of_its_rounding_near_nothing_alone() -> None:
    program = parse("v0 = T.tensor([[1.0, 1.171], [2.0, 1.207]], dtype=T.float64)\nv1 = T.cdist(v0, v0)\n")

    def kinds(*off: float) -> list[str]:
        ours, theirs = TorchEngine().run(program), TorchEngine().run(program)
        facts = ours.tensors["v1"]
        facts.value = facts.value + np.asarray(off).reshape(2, 2)
        ours.columns = None
        return [one.kind for one in compare(ours, theirs, program)]

    assert kinds(3e-8, 0.0, 0.0, 3e-8) == []
    assert kinds(0.0, 3e-8, 0.0, 0.0) == ["value"]
    assert kinds(1e-4, 0.0, 0.0, 0.0) == ["value"]
