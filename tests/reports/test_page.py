"""The report as a file: one, self-contained, of bounded size, well formed, replaced in one step."""

from __future__ import annotations

import base64
import hashlib
import re
import subprocess
import sys
from html.parser import HTMLParser

import pytest

import reports
from oracle.errors import HarnessError
from reports import html
from tests.reports import browser, material

VOID = {"meta", "input", "img", "br", "link", "hr"}


class Outline(HTMLParser):
    """Reads a page as strictly as it was written: tags must close, ids must be unique."""

    def __init__(self, page):
        super().__init__(convert_charrefs=True)
        self.open, self.ids, self.links, self.tags, self.faults = [], [], [], [], []
        self.feed(page)
        self.close()
        assert not self.open

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        names = [name for name, _ in attrs]
        if len(names) != len(set(names)):
            self.faults.append((tag, names))
        self.ids += [value for name, value in attrs if name == "id"]
        self.links += [value for name, value in attrs if name in ("href", "src", "action", "data", "srcset")]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag):
        if self.open.pop() != tag:
            self.faults.append(tag)


@pytest.fixture(params=["nights", "clean", "hostile"])
def page(request):
    return request.getfixturevalue(f"{request.param}_report").read_text("utf-8")


def test_tags_close_and_ids_are_unique(page):
    outline = Outline(page)
    assert outline.faults == []
    assert len(outline.ids) == len(set(outline.ids))


def test_everything_stands_in_the_file(page):
    links = Outline(page).links
    assert all(link.startswith(("#", "data:image/png;base64,")) for link in links)
    assert {tag for tag, _ in Outline(page).tags} & {
        "link",
        "iframe",
        "object",
        "embed",
        "base",
        "img",
        "form",
    } <= {"form"}


def test_every_link_leads_somewhere(page):
    outline = Outline(page)
    assert {link[1:] for link in outline.links if link.startswith("#")} <= set(outline.ids)


def test_the_policy_admits_this_style_and_script_and_nothing_else(page):
    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]+)"', page)[1]
    assert policy.startswith("default-src 'none'; ")
    assert "unsafe" not in policy
    for tag in ("style", "script"):
        (body,) = re.findall(rf"<{tag}>(.*?)</{tag}>", page, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(body.encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in policy
    assert page.index("Content-Security-Policy") < page.index("<style>")


def test_no_attribute_carries_style_or_script(page):
    for _, attributes in Outline(page).tags:
        assert not [name for name in attributes if name == "style" or name.startswith("on")]


def test_a_hundred_findings_are_under_a_megabyte(tmp_path, campaign):
    with reports.History(campaign / "history.sqlite") as history:
        run = history.runs()[-1]
        found = (history.findings(run.id) * 10)[:100]
        path = reports.write_report(tmp_path / "report.html", run, found, history.coverage(run.id), history)
    assert path.read_text().count("<article ") == 100
    assert path.stat().st_size < 1_000_000


def test_what_was_not_run_and_what_is_no_longer_met_is_said(tmp_path):
    extra = {
        "engines": {"mine": "3.1"}, "unsupported": {"mine: no complex numbers": 1200},
        "known_no_more": ["value|mul|differs"],
    }  # fmt: skip
    page = reports.write_report(tmp_path / "report.html", material.run(extra=extra), []).read_text()
    for words in ("mine 3.1, torch 2.13.0", "1,200 mine: no complex numbers", "No longer met: value|mul|differs"):
        assert words in page


def test_a_finding_without_observations_has_a_section_all_the_same(tmp_path):
    found = material.finding("crash|mul|signal 11", kind="crash", detail="the process died of signal 11", line=99)
    page = reports.write_report(tmp_path / "report.html", material.run(), [found]).read_text()
    assert "the process died of signal 11" in page
    assert "they part here" not in page


def test_an_existing_report_is_replaced_whole_or_not_at_all(tmp_path, monkeypatch):
    path = reports.write_report(tmp_path / "report.html", material.run(), [])
    before = path.read_text()

    def full(*arguments):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(html.os, "replace", full)
    with pytest.raises(HarnessError, match=r"cannot be written to .*No space left"):
        reports.write_report(path, material.run(), material.many(3))
    assert path.read_text() == before
    assert [one.name for one in tmp_path.iterdir()] == ["report.html"]


def test_what_was_fixed_comes_from_the_history(tmp_path):
    with reports.History(tmp_path / "history.sqlite") as history:
        for number, signatures in enumerate((["a", "b"], ["b"]), start=1):
            run = material.run(id=str(number), started=f"2026-01-0{number}T02:00:00+00:00")
            history.start(run)
            found = [material.finding(one) for one in signatures]
            for one in found:
                one.state = history.record(run.id, one)
            for one in history.unseen(run.id):
                history.record_gone(run.id, one.signature)
        page = reports.write_report(tmp_path / "report.html", run, found, None, history).read_text()
    assert "No new findings, 1 fixed since the last run, 1 known" in page


def test_a_report_needs_a_run(tmp_path):
    with pytest.raises(HarnessError, match="at least one run"):
        reports.write_parts(tmp_path / "report.html", [])


def test_reports_do_not_import_torch():
    code = "import reports, sys; [getattr(reports, name) for name in reports.__all__]"
    code += "; assert 'torch' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_machine_without_a_browser_is_told_what_is_missing(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    with (
        pytest.raises(browser.NoBrowserError, match=r"chromium and chromedriver|selenium is not"),
        browser.chromium(tmp_path),
    ):
        pass
