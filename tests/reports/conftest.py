"""Fixtures of the report tests: the browser, and reports made once per session.

What may live here: fixtures that several test files share.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

import reports
from oracle.engines.base import Engine
from tests.reports import browser as browsers
from tests.reports import material, nights


@pytest.fixture(scope="session")
def browser(tmp_path_factory):
    """A headless Chromium, one for the session."""
    try:
        with browsers.chromium(tmp_path_factory.mktemp("profile")) as opened:
            yield opened
    except browsers.NoBrowserError as missing:
        if os.environ.get("GRADFUZZ_REQUIRE_BROWSER"):
            pytest.fail(f"no browser for the report tests: {missing}")
        pytest.skip(f"no browser for the report tests: {missing}")


@pytest.fixture(scope="session")
def campaign(tmp_path_factory, reference: Engine) -> Path:
    """The directory of a history of four real nights against an engine with planted faults."""
    return nights.run_nights(tmp_path_factory.mktemp("campaign"), reference)


@pytest.fixture(scope="session")
def nights_report(campaign: Path, tmp_path_factory) -> Path:
    """The report of the last of the real nights."""
    with reports.History(campaign / "history.sqlite") as history:
        run = history.runs()[-1]
        path = tmp_path_factory.mktemp("nights") / "report.html"
        return reports.write_report(path, run, history.findings(run.id), history.coverage(run.id), history)


@pytest.fixture
def states_report(tmp_path):
    """Eight findings: two of each state."""
    return reports.write_report(tmp_path / "report.html", material.run(), material.many(8))


@pytest.fixture(scope="session")
def clean_report(tmp_path_factory) -> Path:
    """A night without any finding."""
    return reports.write_report(tmp_path_factory.mktemp("clean") / "report.html", material.run(exit_status=0), [])


@pytest.fixture(scope="session")
def large_report(tmp_path_factory) -> Path:
    """2,000 findings."""
    path = tmp_path_factory.mktemp("large") / "report.html"
    return reports.write_report(path, material.run(), material.many(2000))


@pytest.fixture(scope="session")
def hostile_report(tmp_path_factory) -> Path:
    """Hostile words in every field of everything."""
    words = material.HOSTILE
    everywhere = " ".join(words)
    run = material.run(
        subject=words[0], reference=words[2], id=everywhere, command=everywhere,
        started=words[1], ended=words[3], versions={one: one for one in words}, status=everywhere,
        discrepancies=dict.fromkeys(words, 1),
        compared=dict.fromkeys(words, 1), extra={
            "unit": words[4], "out": everywhere, "engines": {one: one for one in words},
            "unsupported": dict.fromkeys(words, 1), "known_no_more": list(words),
        },
    )  # fmt: skip
    axes = ("op", "pair", "dtype", "edge", "rank", "feature", "grad_fn", "refusal")
    coverage = reports.Coverage(
        {(axis, one, other): 1 for axis in axes for one in words for other in words[:2]},
        frozenset((axis, f"missed {one}", one) for axis in axes for one in words),
    )
    found = [material.hostile_finding(number, one) for number, one in enumerate(words)]
    found[0].state = words[0]
    return reports.write_report(tmp_path_factory.mktemp("hostile") / "report.html", run, found, coverage)
