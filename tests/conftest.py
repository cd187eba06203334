"""What every test gets: Hypothesis profiles, the choice of engines, one thread, global modes looked after.

What may live here: options and fixtures of more than one room. Warnings are errors (pyproject.toml).
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, Verbosity, settings

from oracle import engines
from oracle.engines.base import Engine
from oracle.errors import HarnessError

os.environ.setdefault("OMP_NUM_THREADS", "1")  # before any test imports torch

CORPUS = Path(__file__).parent / "corpus"

settings.register_profile("dev", deadline=None, max_examples=50)
settings.register_profile("ci", deadline=None, max_examples=100, derandomize=True, database=None, print_blob=True)
settings.register_profile(
    "nightly",
    deadline=None,
    max_examples=5_000,
    verbosity=Verbosity.normal,
    suppress_health_check=[HealthCheck.too_slow],
)
# Hypothesis loads a "ci" profile of its own where CI is set; ours replaces it, so it is loaded again here.
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE") or ("ci" if "CI" in os.environ else "dev"))


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--subject NAME` and `--reference NAME` point the conformance tests at other engines."""
    group = parser.getgroup("gradfuzz")
    group.addoption("--subject", default="minigrad", help="engine under test (default: minigrad)")
    group.addoption("--reference", default="torch", help="engine it is held against (default: torch)")


LONG = ("fuzz", "test_packaging.py", "quality", "reports", "engines", "strategies")
"""Rooms of the tests that take long or wait for other processes: begun first, so that none of them ends last."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Puts the tests of `LONG` first, in this order."""

    def place(item: pytest.Item) -> int:
        room = item.path.relative_to(CORPUS.parent).parts[0] if item.path.is_relative_to(CORPUS.parent) else ""
        return LONG.index(room) if room in LONG else len(LONG)

    items.sort(key=place)


@pytest.fixture(scope="session")
def subject(request: pytest.FixtureRequest) -> Engine:
    """The engine under test."""
    return _engine(request.config.getoption("--subject"))


@pytest.fixture(scope="session")
def reference(request: pytest.FixtureRequest) -> Engine:
    """The engine that is right until shown otherwise."""
    return _engine(request.config.getoption("--reference"))


def _engine(name: str) -> Engine:
    try:
        engine = engines.load(name)
    except HarnessError as error:
        pytest.exit(f"no tests without their engines: {error}", returncode=2)
    engine.use_one_thread()
    return engine


@pytest.fixture(autouse=True)
def global_modes_are_restored() -> Iterator[None]:
    """A test that leaves an engine's grad mode, default dtype or the like changed fails."""
    before = _modes()
    yield
    after = _modes()
    changed = [f"{name}: {mode}" for name, mode in before.items() if after[name] != mode]
    if changed:
        pytest.fail(f"the test changed global modes, which were {', '.join(changed)}")


def _modes() -> dict[str, object]:
    modes: dict[str, object] = {"numpy errors": np.geterr()}
    for engine in engines.loaded():
        modes.update({f"{engine.name} {name}": mode for name, mode in engine.modes().items()})
    return modes
