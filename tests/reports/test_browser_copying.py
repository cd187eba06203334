"""What the report's buttons copy: exactly the texts of `export`, and they show the difference again."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys

import pytest

import reports
from oracle.check import Disagreement
from reports import export
from tests.reports import material, nights

pytestmark = pytest.mark.browser

DONE = "document.querySelector(`button.done[data-copies=${arguments[0]}]`) !== null"


def copied(browser):
    return browser.driver.execute_async_script(
        "navigator.clipboard.readText().then(arguments[0], error => arguments[0](String(error)))"
    )


@pytest.mark.parametrize(
    ("label", "make"),
    [
        ("Copy replay command", export.replay_command), ("Copy torch script", export.torch_script),
        ("Copy pytest test", export.pytest_test), ("Copy issue text", export.issue_text),
    ],
)  # fmt: skip
def test_a_button_copies_exactly_its_text(browser, tmp_path, label, make):
    found = [
        material.finding(source='v0 = T.tensor([1.0])\nv1 = v0.mul(\'\\r\\n <b>&amp; \\x00 """\')\n'),
        *material.many(3),
    ]
    report = reports.write_report(tmp_path / "report.html", material.run(), found)
    for one in found:
        name = reports.finding_id(one.signature)
        browser.open(report, address=f"#f-{name}")
        browser.click(f"#f-{name} button", label)
        browser.until("document.querySelector('button.done')?.textContent === 'Copied'")
        assert copied(browser) == make(one, material.run())


def test_what_is_copied_from_a_real_campaign_shows_the_difference_again(browser, campaign, nights_report, reference):
    """The copied test runs as it is, but for the planted engine, which no other process knows."""
    with reports.History(campaign / "history.sqlite") as history:
        found = history.findings(history.runs()[-1].id)[0]
    name = reports.finding_id(found.signature)
    browser.open(nights_report, address=f"#f-{name}")
    browser.click(f"#f-{name} button", "Copy torch script")
    browser.until(DONE, "torch")
    subprocess.run([sys.executable, "-c", copied(browser)], check=True, capture_output=True)
    browser.click(f"#f-{name} button", "Copy pytest test")
    browser.until(DONE, "pytest")
    scope: dict[str, object] = {}
    exec(copied(browser), scope)
    (test,) = (value for key, value in scope.items() if key.startswith("test_"))
    scope["load"] = lambda name: reference if name == "torch" else nights.wrong_torch(nights.NIGHTS[-1].faults)
    with pytest.raises(Disagreement) as caught:
        test()
    assert found.program.source in str(caught.value)


@pytest.mark.slow
def test_a_copied_replay_command_replays(browser, tmp_path, pytestconfig):
    plugin = pytestconfig.rootpath / "tests" / "fuzz" / "plugin"
    paths = os.pathsep.join([str(plugin), str(pytestconfig.rootpath)])
    environment = {**os.environ, "PYTHONPATH": paths}

    def gradfuzz(*words):
        return subprocess.run(
            [sys.executable, "-m", "fuzz", *words],
            cwd=tmp_path, env=environment, capture_output=True, text=True, check=False, timeout=200,
        )  # fmt: skip

    ended = gradfuzz(
        "run", "--subject", "faulty-value", "--examples", "60", "--seed", "1", "--ops", "neg,mul",
        "--jobs", "1", "--out", "my nights", "--quiet",
    )  # fmt: skip
    assert ended.returncode == 1, ended.stderr
    browser.open(tmp_path / "my nights" / "report.html")
    browser.click("article button", "Copy replay command")
    browser.until(DONE, "replay")
    words = shlex.split(copied(browser))
    assert words[0] == "gradfuzz"
    replayed = gradfuzz(*words[1:])
    assert (replayed.returncode, replayed.stdout.split("\n")[0]) == (1, "still there"), replayed.stderr
