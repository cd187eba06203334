"""`pytest --gradfuzz-report=out.html`: the report of a conformance run, under pytest and pytest-xdist.

What may live here: turning failing tests into findings. A test that raises a `Discrepancy` or a
`Disagreement` becomes a finding with its program, any other failure one with its words. Expected failures
and entries of the known list are shown as known. Unless the option is given, nothing more is imported.
"""

from __future__ import annotations

import sys
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from oracle.discrepancy import Finding
    from oracle.known import KnownList

_CARRIED = "gradfuzz_findings"  # what a test's report carries from an xdist worker to the controller


def pytest_addoption(parser: pytest.Parser) -> None:
    """The two options of this plugin."""
    group = parser.getgroup("gradfuzz")
    group.addoption("--gradfuzz-report", metavar="FILE", help="write what differed as an HTML report to FILE")
    group.addoption("--gradfuzz-known", metavar="FILE", help="known list (known.toml): its entries are shown as known")


def pytest_configure(config: pytest.Config) -> None:
    """Register the collector where a report is asked for."""
    if config.getoption("--gradfuzz-report"):
        known = config.getoption("--gradfuzz-known")
        config.pluginmanager.register(Collector(config, Path(known) if known else None), "gradfuzz-report")


class Collector:
    """Gathers findings while tests run and writes the report at the end (on the controller, under xdist)."""

    def __init__(self, config: pytest.Config, known: Path | None) -> None:
        from oracle.errors import HarnessError
        from oracle.known import KnownList, load
        from reports.records import RunInfo

        try:
            self.known: KnownList = load(known) if known is not None else KnownList()
        except HarnessError as error:
            raise pytest.UsageError(str(error)) from error
        self.config = config
        self.findings: dict[str, Finding] = {}
        self.run = RunInfo(
            subject=str(config.getoption("--subject", default="subject")),
            reference=str(config.getoption("--reference", default="reference")),
            command=" ".join(["pytest", *config.invocation_params.args]),
            versions=_versions(),
            extra={"unit": "test"},
        )

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Attach the findings of a failing test to its report, as text, so that they cross processes."""
        report = yield
        failed = report.outcome == "failed" or hasattr(report, "wasxfail")
        if failed and call.excinfo is not None:
            from reports import conformance

            found = conformance.findings(call.excinfo.value, item.nodeid)
            setattr(report, _CARRIED, conformance.dumps(found))
        return report

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Count the test and take over what it carries."""
        if report.when == "call" or (report.when == "setup" and report.outcome != "passed"):
            self.run.programs += 1
        carried = getattr(report, _CARRIED, None)
        if report.outcome == "failed" and carried is None:
            from reports import conformance

            carried = conformance.dumps([conformance.failure(report.nodeid, _last_words(report))])
        if carried is not None:
            self._take(carried, expected=getattr(report, "wasxfail", None))

    def _take(self, carried: str, expected: str | None) -> None:
        from oracle.triage import merge
        from reports import conformance

        for finding in conformance.loads(carried):
            self.run.discrepancies[finding.kind] = self.run.discrepancies.get(finding.kind, 0) + finding.count
            entry = self.known.match(finding.signature)
            reason = entry.reason if entry is not None else expected
            if reason is not None:
                finding.state = "known"
                finding.extra |= {"accepted": True, "reason": reason or "expected to fail"}
            before = self.findings.setdefault(finding.signature, finding)
            if before is not finding:
                merge(before, finding)
                if finding.state == "new":  # met once without an excuse, it has none
                    before.state = "new"
                    before.extra.pop("accepted", None)

    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        """Write the report; an xdist worker leaves that to the controller."""
        if hasattr(self.config, "workerinput"):
            return
        from datetime import datetime

        from reports.html import write_report
        from reports.records import now

        run = self.run
        run.ended, run.exit_status = now(), int(exitstatus)
        began, ended = (datetime.fromisoformat(one) for one in (run.started, run.ended))
        run.seconds = (ended - began).total_seconds()
        run.status = "interrupted" if exitstatus == pytest.ExitCode.INTERRUPTED else "finished"
        write_report(self.config.getoption("--gradfuzz-report"), run, self.findings.values())

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """Say where the report is."""
        terminalreporter.write_line(f"gradfuzz report: {self.config.getoption('--gradfuzz-report')}")


def _last_words(report: pytest.TestReport) -> str:
    crash = getattr(report.longrepr, "reprcrash", None)
    return str(crash.message if crash is not None else report.longrepr or "failed without a word")


def _versions() -> dict[str, str]:
    return {"python": sys.version.split()[0], **dict(_installed())}


def _installed() -> Iterator[tuple[str, str]]:
    from importlib.metadata import PackageNotFoundError, version

    for package in ("gradfuzz", "torch", "numpy", "hypothesis", "pytest"):
        try:
            yield package, version(package)
        except PackageNotFoundError:
            continue
