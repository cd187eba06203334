"""Texts say the same when only what cannot be equal differs."""

from __future__ import annotations

import pytest

from oracle.compare_text import normalised

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


@pytest.mark.parametrize("what", SAME)
def test_what_cannot_be_equal_is_normalised(what: str) -> None:
    ours, theirs = SAME[what]
    assert normalised(ours, MODULES) == normalised(theirs, MODULES)


@pytest.mark.parametrize("what", OTHER)
def test_what_can_be_equal_is_not(what: str) -> None:
    ours, theirs = OTHER[what]
    assert normalised(ours, MODULES) != normalised(theirs, MODULES)
