"""What campaigns find is where Hypothesis looks first."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis.database import choices_from_bytes

from oracle.program import Program
from strategies import decode, grammar, programs
from strategies.examples import CampaignExamples

from .conftest import Ended


def test_hypothesis_replays_what_a_campaign_found(
    campaign: Callable[..., Ended], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    ended = campaign("--subject", "faulty-value", "--examples", "1024", "--seed", "3", "--jobs", "1")
    assert ended.summary["findings"]
    found = {_program(example).source for example in CampaignExamples().fetch(b"any test")}
    assert found
    assert len(found) <= len(ended.summary["findings"])
    drawn: set[str] = set()

    @settings(database=CampaignExamples(), derandomize=False, max_examples=100)
    @given(programs())
    def collect(program: Program) -> None:
        drawn.add(program.source)

    collect()
    assert found <= drawn


def _program(example: bytes) -> Program:
    choices = choices_from_bytes(example)
    assert choices is not None
    (buffer,) = choices
    assert isinstance(buffer, bytes)
    return decode(buffer, grammar())


def test_an_example_that_fails_no_more_is_forgotten(tmp_path: Path) -> None:
    examples = CampaignExamples(tmp_path)
    examples.save(b"a test", b"an example")
    examples.delete(b"a test", b"an example")
    assert list(examples.fetch(b"a test")) == []
