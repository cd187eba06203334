"""What a campaign found, kept where Hypothesis looks first: so that a later pytest replays those programs.

What may live here: the example database that a property over `programs()` is given for this, and how buffers
get into it. Hypothesis files examples under a digest of the test; what campaigns find has a name of its own.

    @settings(database=campaign_examples())
    @given(programs())
    def test_my_engine_agrees(program): ...
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from hypothesis import settings
from hypothesis.database import DirectoryBasedExampleDatabase, ExampleDatabase, choices_to_bytes

from strategies.buffers import trimmed
from strategies.grammar import Grammar

KEY = b"gradfuzz campaigns: buffers of the default grammar"
DIRECTORY = Path(".hypothesis") / "examples"
"""Hypothesis's own, in the directory in which pytest and campaigns are run."""


class CampaignExamples(ExampleDatabase):
    """The examples of the test itself, and behind them those that campaigns have found."""

    def __init__(self, directory: str | Path = DIRECTORY) -> None:
        super().__init__()
        self._files = DirectoryBasedExampleDatabase(directory)

    def fetch(self, key: bytes) -> Iterable[bytes]:
        """All examples for a test."""
        yield from self._files.fetch(key)
        if not key.endswith((b".secondary", b".pareto")):
            yield from self._files.fetch(KEY)

    def save(self, key: bytes, value: bytes) -> None:
        """Keep an example of a test."""
        self._files.save(key, value)

    def delete(self, key: bytes, value: bytes) -> None:
        """Forget an example that fails no more, whoever found it."""
        self._files.delete(key, value)
        self._files.delete(KEY, value)


def campaign_examples(directory: str | Path = DIRECTORY) -> ExampleDatabase | None:
    """For `settings(database=...)` of a property over `programs()`; None in a derandomized profile."""
    derandomized = settings.default is not None and settings.default.derandomize
    return None if derandomized else CampaignExamples(directory)


def keep(buffers: Iterable[bytes], grammar: Grammar, directory: str | Path = DIRECTORY) -> None:
    """Keep buffers that a campaign found to fail, trimmed to the bytes that matter. May raise OSError."""
    files = DirectoryBasedExampleDatabase(directory)
    for buffer in buffers:
        files.save(KEY, choices_to_bytes((trimmed(buffer, grammar),)))
