"""`pytest --gradfuzz-report`: failing tests as findings, expected ones as known, alone and under xdist."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

CONFTEST = """
def pytest_addoption(parser):
    parser.addoption("--subject", default="mine")
    parser.addoption("--reference", default="torch")
"""

TESTS = """
import pytest
from oracle.check import Checked, Disagreement
from oracle.discrepancy import ShapeDiscrepancy, ValueDiscrepancy, VersionDiscrepancy
from oracle.program.parser import parse
from tests.reports import material

PROGRAM = parse(material.SOURCE)

def disagree(detail, kind=ShapeDiscrepancy):
    found = kind("v1", detail, index=1, op="mul", program=PROGRAM)
    raise Disagreement(Checked(PROGRAM, material.observation("mine"), material.observation("torch"), [found]))

def test_that_passes():
    pass

def test_that_disagrees():
    disagree("shape is (2,), reference has (3,)")

@pytest.mark.parametrize("number", [1, 2])
def test_that_raises_a_discrepancy(number):
    raise ValueDiscrepancy("v1", f"element [0] is {number}.0, reference has 7.0", index=1, program=PROGRAM)

def test_that_raises_a_group():
    group = ExceptionGroup("two", [
        ShapeDiscrepancy("v2", "shape is (), reference has (1,)", index=2, program=PROGRAM),
        ValueError("other"),
    ])
    raise RuntimeError("outer") from group

@pytest.mark.xfail(reason="torch <is> wrong here", strict=True)
def test_that_is_expected_to_disagree():
    disagree("_version is 1, reference has 2", VersionDiscrepancy)

def test_that_fails_otherwise():
    assert 1 == 2, "<script>one is not two</script>"

@pytest.fixture
def broken():
    raise OSError("no fixture")

def test_whose_fixture_breaks(broken):
    pass

def test_that_is_skipped():
    pytest.skip("not here")
"""


def _run(place, root, *options):
    """Runs the tests above in `place`; returns the process and the report's text."""
    (place / "conftest.py").write_text(CONFTEST)
    (place / "test_it.py").write_text(TESTS)
    (place / "pytest.ini").write_text("[pytest]\n")
    out = place / "out.html"
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"--rootdir={place}",
         f"--gradfuzz-report={out}", *PLUGIN, *options, place],
        capture_output=True, text=True, check=False, cwd=root, timeout=200,
    )  # fmt: skip
    return done, out.read_text() if out.exists() else ""


@pytest.fixture(scope="module")
def plain(tmp_path_factory, pytestconfig):
    """The process and the report of a run without more options."""
    return _run(tmp_path_factory.mktemp("conformance"), pytestconfig.rootpath)


def _plugin() -> list[str]:
    """The plugin is an entry point of the installed distribution; a bare source tree names it."""
    from importlib.metadata import entry_points

    named = any(point.value == "reports.pytest_plugin" for point in entry_points(group="pytest11"))
    return [] if named else ["-p", "reports.pytest_plugin"]


PLUGIN = _plugin()


def test_failing_tests_become_findings(plain):
    done, page = plain
    assert "5 failed, 1 passed, 1 skipped, 1 xfailed, 1 error" in done.stdout
    assert "gradfuzz report: " in done.stdout
    for words in (
        "shape is (2,), reference has (3,)", "element [0] is 1.0, reference has 7.0",
        "shape is (), reference has (1,)",
        "&lt;script&gt;one is not two&lt;/script&gt;", "no fixture", "9 tests", "mine against torch",
    ):  # fmt: skip
        assert words in page
    assert "<script>one" not in page
    assert "Both engines side by side" in page


def test_findings_of_one_cause_are_one(plain):
    _, page = plain
    assert "element [0] is 2.0, reference has 7.0" not in page.split('id="details"')[0]
    assert "Seen 2 times in this run" in page


def test_expected_failures_are_shown_as_known(plain):
    _, page = plain
    assert "accepted: torch &lt;is&gt; wrong here" in page
    assert "1 known" in page


def test_entries_of_the_known_list_are_shown_as_known(tmp_path, pytestconfig):
    known = tmp_path / "known.toml"
    known.write_text(
        'version = 1\n[[known]]\nsignature = "value|*"\nside = "reference"\nreason = "torch is off by some"\n'
    )
    _, page = _run(tmp_path, pytestconfig.rootpath, "--gradfuzz-known", str(known))
    assert "accepted: torch is off by some" in page
    assert "2 known" in page


def test_under_xdist_the_controller_writes_one_report(tmp_path, pytestconfig):
    pytest.importorskip("xdist", reason="pytest-xdist comes with the extra gradfuzz[test]")
    _, page = _run(tmp_path, pytestconfig.rootpath, "-n", "2")
    assert "shape is (2,), reference has (3,)" in page
    assert "9 tests" in page


def test_a_broken_known_list_is_wrong_usage(tmp_path, pytestconfig):
    (tmp_path / "known.toml").write_text("version = 'x'\n")
    done, page = _run(tmp_path, pytestconfig.rootpath, "--gradfuzz-known", str(tmp_path / "known.toml"))
    assert done.returncode == pytest.ExitCode.USAGE_ERROR
    assert "must begin with `version = 1`" in done.stderr
    assert page == ""


def test_without_the_option_nothing_of_gradfuzz_is_imported(tmp_path, pytestconfig):
    (tmp_path / "test_it.py").write_text(
        "import sys\ndef test_it():\n    assert 'pandas' not in sys.modules and 'torch' not in sys.modules\n"
    )
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *PLUGIN, "-p", "no:hypothesispytest",
         tmp_path / "test_it.py"], capture_output=True, text=True, check=False, cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(pytestconfig.rootpath)},
    )  # fmt: skip
    assert "1 passed" in done.stdout
