"""How the report looks and is read: both themes, narrow screens, paper, a screen reader's view."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest

import reports
from tests.reports import material

pytestmark = pytest.mark.browser

UNNAMED = """
    const kinds = "input, button, svg[role=img], [role=region], fieldset, section";
    const named = (one) => one.labels?.length || one.ariaLabel || one.getAttribute("aria-labelledby")
      || one.textContent.trim() || one.querySelector("legend, h3");
    return [...document.querySelectorAll(kinds)].filter((one) => !named(one)).map((one) => one.outerHTML);
"""
TIP = "(tip => !tip.hidden && tip.textContent)(document.querySelector('#tip'))"
CONTRAST = (Path(__file__).parent / "contrast.js").read_text("utf-8")


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("name", ["states", "nights"])
def test_all_text_has_enough_contrast(browser, request, name, dark):
    browser.open(request.getfixturevalue(f"{name}_report"), dark=dark, address="?state=new")
    ground = browser.script("return getComputedStyle(document.body).backgroundColor")
    assert (sum(map(int, ground[4:-1].split(","))) < 200) is dark
    assert browser.script(CONTRAST) == {}


def test_the_button_changes_the_colours_and_they_stay(browser, states_report):
    browser.open(states_report)
    browser.script("localStorage.clear()")
    browser.open(states_report)
    grounds = []
    for _ in range(3):
        browser.click("#theme")
        grounds.append(browser.script("return getComputedStyle(document.body).backgroundColor"))
    assert grounds[0] != grounds[1]
    assert grounds[2] == grounds[0]
    browser.click("#theme")
    browser.click("#theme")
    browser.open(states_report)
    assert browser.script("return getComputedStyle(document.body).backgroundColor") == grounds[1]
    browser.script("localStorage.clear()")


@pytest.mark.parametrize("width", [320, 400, 800, 1280])
@pytest.mark.parametrize("name", ["nights", "hostile", "clean"])
def test_no_width_makes_the_page_scroll_sideways(browser, request, name, width):
    browser.open(request.getfixturevalue(f"{name}_report"), width=width)
    assert browser.script("return document.documentElement.scrollWidth") <= width


def test_print_leaves_out_the_controls_and_keeps_the_findings(browser, states_report):
    browser.open(states_report, media="print")
    assert browser.count("#filters, p button, nav a") == 0
    assert browser.count("#details article") == 8
    assert browser.script("return getComputedStyle(document.querySelector('article')).contentVisibility") == "visible"


def test_paper_is_white_even_for_those_who_like_it_dark(browser, states_report):
    browser.open(states_report, media="print", dark=True)
    assert browser.script("return getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert browser.script(CONTRAST) == {}


def test_the_page_has_landmarks_labels_and_headings_in_order(browser, nights_report):
    browser.open(nights_report)
    for landmark in ("header", "main", "footer", "nav[aria-label]", "[role=search]"):
        assert browser.script("return document.querySelectorAll(arguments[0]).length", landmark) == 1
    assert browser.script(UNNAMED) == []
    levels = browser.script("return [...document.querySelectorAll('h1,h2,h3,h4')].map(one => Number(one.tagName[1]))")
    assert levels[0] == 1
    assert all(later <= earlier + 1 for earlier, later in pairwise(levels))
    assert browser.script("return [...document.querySelectorAll('th')].every(one => one.scope === 'col')")
    assert browser.script("return document.documentElement.lang") == "en"


def test_the_heatmap_says_what_stands_under_the_pointer(browser, tmp_path):
    for count, words in (
        (0, "never reached"),
        (1, "once"),
        (5, "4 to 7 times"),
        (10**6, "2048 times or more"),
    ):
        counts = {("pair", "mul", "sum"): count} if count else {}
        coverage = reports.Coverage(counts, frozenset({("pair", "mul", "sum")}))
        browser.open(reports.write_report(tmp_path / "report.html", material.run(), [], coverage))
        browser.point_at(".heat image")
        assert browser.until(TIP) == f"mul → sum: {words}"


def test_graphs_are_drawn_where_there_are_some(browser, states_report):
    browser.open(states_report)
    box = browser.script(
        "const one = document.querySelector('.graph').getBoundingClientRect(); return [one.width, one.height]"
    )
    assert min(box) > 50
    assert browser.script(
        "return [...document.querySelectorAll('.graph text')].every(one => one.getBBox().width <="
        " (one.parentElement.querySelector('rect')?.getBBox().width ?? 99) + 1)"
    )
