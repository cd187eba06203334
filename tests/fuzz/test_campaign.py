"""Campaigns from end to end: what they find, that it is always the same, and what they leave behind."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import pandas as pd
import pytest

from fuzz import campaign as campaign_module
from fuzz.cli import FAULT, FOUND, OK, main
from oracle.program.parser import parse

from .conftest import Ended

Run = Callable[..., Ended]
NEG = ("--ops", "neg,mul", "--reference", "torch", "--seed", "3", "--jobs", "1")

ONLY_NEG = ("--ops", "neg", *NEG[2:])


def test_torch_against_itself_is_silent(campaign: Run) -> None:
    ended = campaign("--subject", "torch", "--examples", "300", "--seed", "5", "--jobs", "1")
    assert ended.status == OK
    assert ended.summary["programs"] == 300
    assert ended.summary["findings"] == []
    assert ended.summary["compared"]["exact"] > 300


def test_a_wrong_value_is_found_and_reduced(campaign: Run) -> None:
    ended = campaign("--subject", "faulty-value", "--examples", "128", *NEG)
    assert ended.status == FOUND
    assert "value" in ended.kinds
    finding = max(ended.summary["findings"], key=lambda one: one["count"])
    program = parse(Path(finding["repro"]).read_text("utf-8"))
    assert finding["op"] == "neg"
    assert len(program) <= 2


def test_findings_do_not_depend_on_how_shards_are_spread(campaign: Run, tmp_path: Path) -> None:
    several = [
        campaign("--subject", "faulty-value", "--examples", "600", *NEG[:-1], jobs, out=tmp_path / jobs)
        for jobs in ("1", "3")
    ]
    counts = [
        {finding["signature"]: finding["count"] for finding in ended.summary["findings"]} for ended in several
    ]
    assert counts[0] == counts[1]
    assert several[0].summary["discrepancies"] == several[1].summary["discrepancies"]


@pytest.mark.parametrize(
    ("engine", "kind"),
    [
        ("faulty-crash", "crash"),
        ("faulty-abort", "crash"),
        ("faulty-exit", "crash"),
        ("faulty-hang", "hang"),
        ("faulty-answer", "hang"),
        ("faulty-memory", "memory"),
    ],
)
def test_the_death_of_an_engine_is_a_finding(campaign: Run, engine: str, kind: str) -> None:
    ended = campaign("--subject", engine, "--examples", "6", "--timeout-per-program", "0.5", *ONLY_NEG)
    assert ended.status == FOUND
    assert ended.kinds == {kind}
    assert ended.summary["programs"] == 6
    finding = ended.summary["findings"][0]
    assert finding["op"] in ("neg", "neg_")
    assert len(parse(Path(finding["repro"]).read_text("utf-8"))) <= 2


def test_an_endless_rerun_in_doubles_is_a_finding_that_can_be_replayed(campaign: Run) -> None:
    """Where numbers differ the reference runs again, to measure its rounding."""
    engines = ("--subject", "faulty-value", "--reference", "faulty-in-doubles")
    ended = campaign(*ONLY_NEG, *engines, "--examples", "1", "--timeout-per-program", "0.4")
    assert ended.status == FOUND
    assert ended.summary["programs"] == 1
    hanging = next(one for one in ended.summary["findings"] if one["kind"] == "hang")
    assert "float64" in Path(hanging["repro"]).read_text("utf-8")
    assert main(["replay", hanging["repro"], *engines, "--timeout-per-program", "0.5"]) == FOUND


def test_a_program_that_workers_die_of_for_no_reason_does_not_end_a_campaign(
    campaign: Run, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from faulty_engines import die

    monkeypatch.setattr(campaign_module, "examine", die)
    ended = campaign("--subject", "faulty-exit", "--examples", "6", *NEG, "--ops", "neg,exp,sum,add,view")
    assert ended.status == FAULT
    said = capsys.readouterr().err
    for number in ended.summary["unexplained"]:
        assert str(number) in said
    assert 0 < ended.summary["programs"] < 6
    assert ended.summary["programs"] + len(ended.summary["unexplained"]) == 6
    assert (ended.out / "report.html").exists()


def test_a_campaign_leaves_tables_report_and_programs(campaign: Run) -> None:
    ended = campaign("--subject", "faulty-value", "--examples", "64", *NEG)
    rows = pd.read_csv(ended.out / "discrepancies.csv")
    assert len(rows) == len(pd.read_parquet(ended.out / "discrepancies.parquet")) > 0
    assert (ended.out / "report.html").read_text("utf-8").startswith("<!doctype html>")
    for finding in ended.summary["findings"]:
        done = subprocess.run([sys.executable, finding["repro"]], capture_output=True, text=True, check=False)
        assert "SyntaxError" not in done.stderr


def test_the_summary_says_what_ran(campaign: Run) -> None:
    summary = campaign("--subject", "torch", "--examples", "8", *NEG).summary
    assert summary["seed"] == 3
    assert summary["subject"] == "torch"
    assert summary["exit_status"] == 0
    assert summary["instructions"] > 8
    assert {"gradfuzz", "torch", "numpy", "hypothesis", "python"} <= set(summary["versions"])


def test_an_accepted_finding_does_not_fail_a_campaign(campaign: Run, tmp_path: Path) -> None:
    known = tmp_path / "known.toml"
    arguments = ("--subject", "faulty-value", "--examples", "64", *NEG)
    first = campaign(*arguments)
    for finding in first.summary["findings"]:
        assert finding["verdict"] != "convention"
        added = ["known", "add", finding["id"], "--reason", "planted", "--side", "convention"]
        assert main([*added, "--known", str(known), "--out", str(first.out)]) == OK
    second = campaign(*arguments, "--known", str(known))
    assert second.status == OK
    assert {finding["state"] for finding in second.summary["findings"]} == {"known"}
    assert {finding["verdict"] for finding in second.summary["findings"]} == {"convention"}  # the entry's word


def test_junit_has_a_failure_for_each_finding(campaign: Run, tmp_path: Path) -> None:
    path = tmp_path / "junit.xml"
    ended = campaign("--subject", "faulty-value", "--examples", "64", "--junit", str(path), *NEG)
    suites = ElementTree.parse(path).getroot()
    assert (
        len(list(suites.iter("failure"))) == len(ended.summary["findings"]) == int(suites.get("failures", 0))
    )


def test_a_second_campaign_knows_the_findings_of_the_first(campaign: Run) -> None:
    arguments = ("--subject", "faulty-value", "--examples", "64", *NEG)
    assert {one["state"] for one in campaign(*arguments).summary["findings"]} == {"new"}
    assert {one["state"] for one in campaign(*arguments).summary["findings"]} == {"known"}


def test_a_finding_that_is_gone_is_fixed_and_may_come_back(
    campaign: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    arguments = ("--subject", "faulty-value", "--examples", "64", *NEG)
    assert campaign(*arguments).status == FOUND
    (tmp_path / "faulty_value_is_mended.py").touch()
    with monkeypatch.context() as mending:
        mending.syspath_prepend(str(tmp_path))
        mended = campaign(*arguments)
    assert mended.status == OK
    assert states(mended) == {"fixed"}
    assert states(campaign(*arguments)) == {"back"}


def test_a_finding_that_was_not_met_again_is_looked_for(campaign: Run) -> None:
    first = campaign("--subject", "faulty-value", "--examples", "64", *NEG)
    second = campaign("--subject", "faulty-value", "--examples", "1", "--ops", "mul", *NEG[2:])
    assert second.status == FOUND
    assert states(second) == {"known"}
    assert len(second.summary["findings"]) == len(first.summary["findings"])


def states(ended: Ended) -> set[str]:
    return {finding["state"] for finding in ended.summary["findings"]}


def test_a_fault_of_the_lab_names_its_program_and_the_campaign_goes_on_once_it_is_mended(
    campaign: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
    faulty_engines: None,
) -> None:  # fmt: skip
    out = tmp_path / "broken"
    arguments = ("--subject", "faulty-adapter", "--examples", "64", *NEG)
    assert main(["run", "--out", str(out), "--quiet", *arguments]) == FAULT
    said = capsys.readouterr().err
    assert "the adapter is broken" in said
    assert re.search(r"This was program \d+ of seed 3:\nv0 = ", said)
    (tmp_path / "faulty_value_is_mended.py").touch()
    monkeypatch.syspath_prepend(str(tmp_path))
    resumed = campaign("--resume", "--subject", "faulty-adapter", out=out)
    assert (resumed.status, resumed.summary["programs"]) == (OK, 64)
