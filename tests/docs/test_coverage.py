"""The coverage document is what the registries say, and what it excuses is really absent.

What may live here: checks of `tests.docs.coverage` and of the file it writes.
"""

from __future__ import annotations

import pytest
import torch

import minigrad
from oracle.opset import OPS
from tests.docs import coverage


def test_the_coverage_document_is_up_to_date() -> None:
    written = coverage.PATH.read_text(encoding="utf-8")
    assert written == coverage.document(), "run `python -m tests.docs.coverage`"


@pytest.mark.parametrize("path", coverage.ABSENT)
def test_what_is_called_deliberately_absent_is_torchs_and_not_minigrads(path: str) -> None:
    assert coverage.found(torch, path) is not None
    assert not coverage.has(path)


def test_a_form_that_goes_missing_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    assert coverage.missing(OPS["mul"]) == []
    monkeypatch.delattr(minigrad.Tensor, "mul_")
    assert coverage.missing(OPS["mul"]) == ["Tensor.mul_"]


def test_a_name_that_goes_missing_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    before = coverage.document()
    monkeypatch.delattr(minigrad.autograd, "grad")
    assert not coverage.has("autograd.grad")
    assert coverage.document() != before
