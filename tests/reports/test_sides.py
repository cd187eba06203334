"""Both engines side by side: what differs is marked and nothing else is."""

from __future__ import annotations

import numpy as np
import pytest
from markupsafe import Markup

from oracle.observation import ABSENT, TENSOR, HookCall, Raised, Returned
from oracle.program.parser import parse
from reports import marking
from reports.sides import side_by_side
from tests.reports import material

PROGRAM = parse(material.SOURCE)


def rows(ours, theirs, program=PROGRAM):
    return side_by_side(program, ours, theirs)


def differing(ours, theirs, program=PROGRAM):
    """{line: {fact: (ours, theirs, distance)}} as plain text."""
    return {
        row.line: {fact.name: (str(fact.subject), str(fact.reference), fact.distance) for fact in row.differing}
        for row in rows(ours, theirs, program)
        if row.differing
    }


def test_equal_observations_have_nothing_marked():
    ours, theirs = material.observation("mine"), material.observation("torch")
    assert differing(ours, theirs) == {}
    assert all("<mark" not in line for row in rows(ours, theirs) for line in row.common)


def test_an_element_that_differs_is_marked_with_its_distance_in_units():
    ours, theirs = material.observation("mine"), material.observation("torch")
    ours.tensors["v1"].value[1] = np.nextafter(np.float32(6), np.float32(7))
    assert differing(ours, theirs) == {
        2: {
            "value": (
                "[3.0, <mark>6.0000005</mark>]",
                "[3.0, <mark>6.0</mark>]",
                "1 of 2 differ; off by 1 units of float32 at [1]",
            )
        }
    }


def test_a_gradient_stands_at_the_backward_pass_that_made_it():
    ours, theirs = material.observation("mine"), material.observation("torch")
    ours.tensors["v0"].grad = None
    found = differing(ours, theirs)
    assert list(found) == [4]
    assert found[4]["v0.grad"][:2] == ('<mark class="all">None</mark>', '<mark class="all">[3.0, 3.0]</mark>')


def test_a_tensor_written_in_place_has_its_facts_at_the_last_write():
    program = parse("v0 = T.tensor([1.0])\nv0.mul_(2.0)\nv1 = v0.neg()\n")
    ours, theirs = material.observation("mine"), material.observation("torch")
    for one, value in ((ours, 3.0), (theirs, 2.0)):
        one.outcomes = [Returned(TENSOR)] * 3
        one.tensors = {"v0": material.facts([value]), "v1": material.facts([-2.0])}
    assert list(differing(ours, theirs, program)) == [2]
    theirs.outcomes[1] = ours.outcomes[1] = Raised("RuntimeError", "no")
    assert list(differing(ours, theirs, program)) == [1], "what was refused has written nothing"
    flag = parse("v0 = T.tensor([1.0])\nv0.requires_grad_()\nv1 = v0.neg()\n")
    assert list(differing(ours, theirs, flag)) == [1]


@pytest.mark.parametrize(
    ("fact", "ours", "theirs"),
    [
        ("requires_grad", True, False), ("is_leaf", False, True), ("grad_fn", "DivBackward0", "MulBackward0"),
        ("grad_fn", None, "MulBackward0"), ("output_nr", 1, 0), ("version", 2, 0), ("base", "v0", None),
        ("strides", (2, 1), (1, 2)), ("dtype", "float32", "float64"), ("repr", "tensor(1)", "tensor(2)"),
    ],
)  # fmt: skip
def test_each_fact_that_differs_is_shown_with_both_answers(fact, ours, theirs):
    mine, its = material.observation("mine"), material.observation("torch")
    setattr(mine.tensors["v1"], fact, ours)
    setattr(its.tensors["v1"], fact, theirs)
    ((name, said),) = differing(mine, its)[2].items()
    assert name == fact
    assert Markup(said[0]).striptags() == str(ours)
    assert Markup(said[1]).striptags() == str(theirs)
    assert "<mark>" in said[0]


def test_a_fact_that_an_engine_cannot_report_is_not_marked():
    ours, theirs = material.observation("mine"), material.observation("torch")
    ours.tensors["v1"].version = ABSENT
    ours.tensors["v1"].grad = ABSENT
    assert differing(ours, theirs) == {}


def test_different_exceptions_have_their_different_words_marked():
    ours, theirs = material.observation("mine"), material.observation("torch")
    ours.outcomes[2] = Raised("RuntimeError", "cannot sum this")
    theirs.outcomes[2] = Raised("RuntimeError", "cannot sum that")
    ours.tensors.pop("v2"), theirs.tensors.pop("v2")
    assert differing(ours, theirs)[3][""][:2] == (
        "<b>raises RuntimeError</b>: cannot sum <mark>this</mark>",
        "<b>raises RuntimeError</b>: cannot sum <mark>that</mark>",
    )


def test_addresses_and_module_names_in_words_are_no_difference():
    ours, theirs = material.observation("mine"), material.observation("torch")
    ours.outcomes[2] = Raised("RuntimeError", "mine.Tensor at 0x7f0011223344 is no")
    theirs.outcomes[2] = Raised("RuntimeError", "torch.Tensor at 0x55aa55aa55aa is no")
    ours.tensors.pop("v2"), theirs.tensors.pop("v2")
    assert differing(ours, theirs) == {}


def test_an_exception_on_one_side_only_is_marked_whole():
    ours, theirs = material.observation("mine"), material.observation("torch")
    ours.outcomes[3] = Raised("RuntimeError", "no")
    (said,) = differing(ours, theirs)[4].values()
    assert said[:2] == (
        '<mark class="all"><b>raises RuntimeError</b>: no</mark>',
        '<mark class="all">no error</mark>',
    )


def test_what_no_engine_reached_is_said_so():
    ours, theirs = material.observation("mine"), material.observation("torch")
    ours.outcomes = theirs.outcomes = [Returned(TENSOR), Raised("RuntimeError", "no")]
    ours.tensors = theirs.tensors = {}
    assert [row.reached for row in rows(ours, theirs)] == [True, True, False, False]


def test_prints_warnings_and_hooks_are_compared_where_they_happened():
    ours, theirs = material.observation("mine"), material.observation("torch")
    ours.prints, theirs.prints = ((2, "tensor(1)"),), ((2, "tensor(2)"),)
    theirs.warnings = ((3, "UserWarning", "mind"),)
    ours.hooks = (HookCall(0, 3, (np.float32([1.0]), None)),)
    theirs.hooks = (HookCall(0, 3, (np.float32([2.0]), None)),)
    found = differing(ours, theirs)
    assert Markup(found[3]["prints"][0]).striptags() == "tensor(1)"
    assert Markup(found[4]["warns"][0]).striptags() == "nothing"
    assert Markup(found[4]["calls"][1]).striptags() == "v0 with [2.0], None"


def test_everything_from_an_engine_is_escaped():
    for words in material.HOSTILE:
        found = material.hostile_finding(0, words)
        for row in rows(found.subject, found.reference, found.program):
            for html in [*row.common, *(one.subject for one in row.differing)]:
                bare = html
                for allowed in ("<mark>", '<mark class="all">', "</mark>", "<b>", "</b>"):
                    bare = bare.replace(Markup(allowed), "")
                assert "<" not in bare


def test_nan_equals_nan_and_signs_of_zero_count():
    one = np.array([np.nan, 0.0, -0.0, np.inf])
    other = np.array([np.nan, -0.0, -0.0, -np.inf])
    assert marking.unequal(one, other).tolist() == [False, True, False, True]


def test_a_large_array_shows_only_where_it_differs():
    one, other = np.zeros((10, 10), np.float32), np.zeros((10, 10), np.float32)
    one[3, 4] = 1.0
    assert str(marking.array(one, other)) == "100 elements; [3, 4]: <mark>1.0</mark>, …"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (np.float32(0.1), "0.1"), (np.float64(0.1), "0.1"), (np.float32(1 / 3), "0.33333334"),
        (np.float32(1e-30), "1e-30"), (np.float32(2.0), "2.0"), (np.float64(-0.0), "-0.0"),
        (np.int64(3), "3"), (np.bool_(True), "True"), (np.complex64(1 - 2j), "1.0-2.0j"),
        (np.float32("nan"), "nan"), (np.float16(0.5), "0.5"), (np.float16(1000), "1000.0"),
        (np.float64("-inf"), "-inf"), (np.complex128(complex(0, float("nan"))), "0.0+nanj"),
    ],
)  # fmt: skip
def test_elements_are_written_with_the_digits_that_tell_them_apart(value, text):
    assert marking.element(value) == text
