"""The pages about reports: every block runs, and what they print is what comes out."""

from __future__ import annotations

import re

import pytest

import reports
from tests.reports import sample


@pytest.mark.parametrize("name", sample.PAGES)
def test_what_a_page_prints_is_what_comes_out(name, monkeypatch):
    monkeypatch.chdir(sample.DOCS.parent)
    page = (sample.DOCS / name).read_text("utf-8")
    assert sample.with_outputs(page) == page, "rebuild it: python -m tests.reports.sample"


@pytest.mark.parametrize("name", sample.PAGES)
def test_the_files_that_a_page_links_to_are_there(name):
    page = (sample.DOCS / name).read_text("utf-8")
    for target in re.findall(r"\]\((?!http)([^)#]+)", page):
        assert (sample.DOCS / target).is_file()


def test_the_sample_report_tells_of_its_history():
    with reports.History(sample.SAMPLE / "history.sqlite", create=False) as history:
        run = history.runs()[-1]
        found = history.findings(run.id)
    page = (sample.SAMPLE / "report.html").read_text("utf-8")
    assert all(f'id="f-{reports.finding_id(one.signature)}"' in page for one in found)
    assert {one.state for one in found} >= {"new", "known", "fixed"}


def test_the_picture_is_there():
    assert (sample.DOCS / "report.png").read_bytes().startswith(b"\x89PNG")
