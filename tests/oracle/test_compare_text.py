"""Texts say the same when only what cannot be equal differs."""

from __future__ import annotations

import pytest

from oracle.compare_text import normalised, same_but_for_rounding

MODULES = ("minigrad", "torch")
SAME = {
    "an address": ("<hook at 0x7f1234567890>", "<hook at 0x55aa99887766>"),
    "a module before a dot": ("got minigrad.Size([2])", "got torch.Size([2])"),
    "a module in C++ spelling": ("torch::autograd::CopySlices", "minigrad::autograd::CopySlices"),
    "a place in C++": ("careful (Triggered internally at /a/b.cpp:12.)", "careful"),
    "the frames of anomaly mode": (
        "Error detected in X. Traceback of forward call that caused the error:\n  File a, line 1\n    b\n",
        "Error detected in X. Traceback of forward call that caused the error:\n  File c, line 2\n",
    ),
}
OTHER = {
    "a number": ("expected 2", "expected 3"),
    "a word that begins like a module": ("torchlight", "minigradlight"),
    "a short hexadecimal number": ("0x1", "0x2"),
    "a space": ("a b", "a  b"),
    "the node that anomaly mode names": (
        "Error detected in X. Traceback of forward call that caused the error:\n  File a\n",
        "Error detected in Y. Traceback of forward call that caused the error:\n  File a\n",
    ),
}


COMPLAINT = "Jacobian mismatch for output 0 with respect to input 0,\nnumerical:{}\nanalytical:{}\n"
SINGLE = (
    "tensor([[2.7418, 0.0000],\n        [0.0000, 2.7418]])",
    "tensor([[2.7183, 0.0000],\n        [0.0000, 2.7183]])",
)
ROUNDED = {
    "a rounding at one end": ("2.7418", "2.6226"),
    "the last digit of what is exact": ("2.7183", "2.7184"),
}
WRONG = {
    "twice the quotient": ("2.7418", "5.4836"),
    "another sign": ("2.7418", "-2.7418"),
    "an element that is no zero": ("0.0000", "0.1192"),
    "another derivative": ("2.7183", "2.7318"),
    "no number": ("2.7418", "nan"),
    "fewer elements": ("2.7418, 0.0000", "2.7418"),
    "another output": ("output 0", "output 1"),
    "another word": ("mismatch", "match"),
    "the numbers of a double": ("]])", "]], dtype=T.float64)"),
}


@pytest.mark.parametrize("what", ROUNDED)
def test_a_complaint_of_gradcheck_may_be_moved_by_a_rounding(what: str) -> None:
    text = COMPLAINT.format(*SINGLE)
    assert same_but_for_rounding(text, text.replace(*ROUNDED[what]))


@pytest.mark.parametrize("what", WRONG)
def test_a_complaint_of_gradcheck_is_compared_in_all_else(what: str) -> None:
    text = COMPLAINT.format(*SINGLE)
    assert not same_but_for_rounding(text.replace(*WRONG[what]), text)
    assert not same_but_for_rounding(text, text.replace(*WRONG[what]))


def test_in_double_precision_a_rounding_does_not_show() -> None:
    text = COMPLAINT.format(*(one.replace("]])", "]], dtype=T.float64)") for one in SINGLE))
    assert not same_but_for_rounding(text, text.replace("2.7418", "2.6226"))


def test_other_texts_are_no_complaints_of_gradcheck() -> None:
    assert not same_but_for_rounding("expected 2.7418", "expected 2.6226")


@pytest.mark.parametrize("what", SAME)
def test_what_cannot_be_equal_is_normalised(what: str) -> None:
    ours, theirs = SAME[what]
    assert normalised(ours, MODULES) == normalised(theirs, MODULES)


@pytest.mark.parametrize("what", OTHER)
def test_what_can_be_equal_is_not(what: str) -> None:
    ours, theirs = OTHER[what]
    assert normalised(ours, MODULES) != normalised(theirs, MODULES)
