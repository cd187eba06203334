"""The report in a real browser: it opens, filters, sorts, and is linked into."""

from __future__ import annotations

import pytest

import reports
from reports import export
from tests.reports import material

pytestmark = pytest.mark.browser

ROWS, ARTICLES = "#table tbody tr", "#details article"
REPORTS = ("nights", "clean", "hostile", "large")


# --- reading


@pytest.mark.parametrize("name", REPORTS)
def test_it_opens_from_disk_without_a_word_or_a_request(browser, request, name):
    report = request.getfixturevalue(f"{name}_report")
    browser.open(report)
    assert browser.count("h1") == 1
    assert browser.requests() == [report.as_uri()]
    assert browser.complaints() == []


def test_the_first_screen_tells_the_night(browser, nights_report):
    browser.open(nights_report)
    low = "one => one.getBoundingClientRect().bottom"
    bottoms = browser.script(f"return [...document.querySelectorAll('h1, .ran, .again, .chart')].map({low})")
    assert max(bottoms) < 900
    assert "new findings" in browser.texts("h1")[0]
    assert [text.split(" ")[0] for text in browser.texts(".chart figcaption")] == [
        "Findings",
        "Programs",
        "Coverage",
    ]


def test_a_clean_night_says_so(browser, clean_report):
    browser.open(clean_report)
    assert browser.texts("h1") == ["No differences found"]
    assert browser.texts(".clean") == ["Both engines agreed on everything that was compared."]


def test_hostile_words_are_shown_and_nothing_runs(browser, hostile_report):
    browser.open(hostile_report)
    assert "owned" not in browser.script("return document.title").split(" new ")[0]
    assert browser.script("return document.querySelectorAll('img, iframe, base, object, embed, audio').length") == 0
    assert browser.script("return document.querySelectorAll('script').length") == 1
    assert browser.complaints() == []
    told = browser.script("return document.body.textContent")
    for words in material.HOSTILE:
        assert export.one_line(words.replace("\ud800", "\\ud800")).split("\\r")[0] in told


def test_a_script_that_got_in_all_the_same_would_not_run(browser, clean_report):
    browser.open(clean_report)
    browser.script("""
        window.stopped = [];
        const note = (event) => stopped.push(event.violatedDirective);
        document.addEventListener("securitypolicyviolation", note);
        const tag = document.createElement("script");
        tag.textContent = "document.title = 'owned'";
        document.body.append(tag);
        const image = "<img src='https://example.invalid/x' onerror='document.title = 1'>";
        document.body.insertAdjacentHTML("beforeend", image);
    """)
    assert len(browser.until("stopped.length >= 2 && stopped")) >= 2
    assert "owned" not in browser.script("return document.title")


def test_without_scripts_everything_is_there_to_read(browser, states_report):
    browser.open(states_report, scripts=False)
    body = browser.driver.find_element("tag name", "body").text
    assert body.count("Signature ") == 8
    assert "gradfuzz replay" in body
    assert "they part here" in body
    form = browser.driver.find_element("id", "filters")
    assert not form.is_displayed()
    assert not any(one.is_displayed() for one in browser.driver.find_elements("css selector", "button"))


# --- filters


def test_a_filter_leaves_the_rows_and_sections_that_fit(browser, states_report):
    browser.open(states_report)
    browser.click("label.chip", "back")
    browser.until("document.querySelector('#shown').textContent === '2 of 8'")
    assert browser.texts(f"{ROWS} .badge") == ["back", "back"]
    assert browser.count(ARTICLES) == 2


def test_filters_stand_in_the_address_and_come_back_from_it(browser, states_report):
    browser.open(states_report)
    browser.click("label.chip", "new")
    browser.click("label.chip", "known")
    browser.until("location.search === '?state=new&state=known'")
    browser.open(states_report, address="?state=new&state=known&q=case+0+3.5")
    assert browser.texts(f"{ROWS} .badge") == ["new"]
    assert browser.script("return document.querySelector('#search').value") == "case 0 3.5"


def test_counts_say_what_a_filter_would_show(browser, states_report):
    browser.open(states_report, address="?state=fixed")
    counts = dict(zip(browser.texts("[data-facet=state] span"), browser.texts("[data-facet=state] b"), strict=True))
    assert counts == {"new": "2", "back": "2", "known": "2", "fixed": "2"}
    sides = dict(zip(browser.texts("[data-facet=side] span"), browser.texts("[data-facet=side] b"), strict=True))
    fixed = [one for one in material.many(8) if one.state == "fixed"]
    assert sides == {
        side: str(sum(one.verdict.side == side for one in fixed)) for side in ("subject", "reference", "convention")
    }


def test_a_finding_of_several_ops_is_found_under_each(browser, tmp_path):
    found = [
        material.finding("a", op="mul+sum"),
        material.finding("b", op="sum"),
        material.finding("c", op="+"),
    ]
    report = reports.write_report(tmp_path / "report.html", material.run(), found)
    browser.open(report, address="?op=sum")
    assert browser.texts(f"{ROWS} td:nth-child(4)") == ["mul+sum", "sum"]
    browser.open(report, address="?op=mul&op=%2B")
    assert browser.texts(f"{ROWS} td:nth-child(4)") == ["mul+sum", "+"]


def test_searching_finds_words_of_a_finding_or_its_program(browser, states_report):
    browser.open(states_report)
    browser.keys("/")
    browser.keys("has 3.0 unbind")
    browser.until("document.querySelector('#shown').textContent === '1 of 8'")
    browser.open(states_report, address="?q=requires_grad%3DTrue")
    assert browser.count(ROWS) == 8
    browser.open(states_report, address="?q=nowhere")
    assert browser.texts("#none") == ["No finding matches these filters."]
    browser.click("button[type=reset]")
    browser.until("document.querySelector('#shown').textContent === '8'")


def test_two_thousand_findings_are_filtered_and_searched(browser, large_report):
    browser.open(large_report)
    assert browser.texts("#shown") == ["2,000"]
    browser.click("label.chip", "unbind")
    browser.until("document.querySelector('#shown').textContent === '250 of 2,000'")
    browser.open(large_report, address="?q=1234.5")
    assert browser.texts("#shown") == ["1 of 2,000"]


# --- order


def test_a_header_sorts_and_says_so(browser, states_report):
    browser.open(states_report)
    assert browser.script("return document.querySelector('[data-sort=state]').getAttribute('aria-sort')") == "ascending"
    browser.click("th button", "Count")
    counts = [int(text) for text in browser.texts(f"{ROWS} td:nth-child(6)")]
    assert counts == sorted(counts, reverse=True)
    assert (
        browser.script("return document.querySelector('[data-sort=count]').getAttribute('aria-sort')") == "descending"
    )
    assert browser.script("return document.querySelector('[data-sort=state]').getAttribute('aria-sort')") == "none"
    browser.click("th button", "Count")
    assert [int(text) for text in browser.texts(f"{ROWS} td:nth-child(6)")] == sorted(counts)
    assert browser.script("return location.search") == "?sort=count"


def test_the_order_comes_back_from_the_address(browser, states_report):
    browser.open(states_report, address="?sort=-op")
    ops = browser.texts(f"{ROWS} td:nth-child(4)")
    assert ops == sorted(ops, reverse=True)


def test_the_sections_are_in_the_order_of_the_rows(browser, states_report):
    browser.open(states_report, address="?sort=-count")
    links = browser.script("return [...document.querySelectorAll('#table tbody a')].map(one => one.hash)")
    articles = browser.script("return [...document.querySelectorAll('#details article')].map(one => '#' + one.id)")
    assert links == articles


# --- links and keys

SEEN = "(() => { const box = arguments[0].getBoundingClientRect(); return box.top >= 0 && box.top < 200 })()"


FOCUSED = """
    const one = document.activeElement;
    return one.textContent.trim().slice(0, 20) || one.id || one.value;
"""


def article(browser, finding):
    return browser.driver.find_element("id", f"f-{reports.finding_id(finding.signature)}")


@pytest.mark.parametrize("number", [0, 7, 1234, 1999])
def test_a_deep_link_leads_to_its_finding(browser, large_report, number):
    found = material.many(2000)[number]
    browser.open(large_report, address=f"#f-{reports.finding_id(found.signature)}")
    browser.until(SEEN, article(browser, found))
    assert browser.script("return document.activeElement.id") == f"f-{reports.finding_id(found.signature)}"


def test_a_deep_link_shows_its_finding_in_spite_of_a_filter(browser, states_report):
    found = next(one for one in material.many(8) if one.state == "known")
    browser.open(states_report, address=f"?state=new#f-{reports.finding_id(found.signature)}")
    browser.until(SEEN, article(browser, found))


@pytest.mark.parametrize("place", ["coverage", "run", "findings"])
def test_a_link_to_a_part_of_the_page_leads_there(browser, nights_report, place):
    low = f"document.querySelector('#{place}').getBoundingClientRect().top < 200"
    shown = f"{low} || scrollY + innerHeight >= document.documentElement.scrollHeight - 1"
    browser.open(nights_report)
    browser.click("header nav a", place.title())
    browser.until(f"location.hash === '#{place}' && ({shown})")
    browser.open(nights_report, address=f"#{place}")
    browser.until(shown)


def test_a_row_leads_to_its_section(browser, large_report):
    browser.open(large_report, address="?sort=-count")
    browser.click(f"{ROWS} a", "2002.5")
    browser.until(SEEN, article(browser, material.many(2000)[1999]))


def test_keys_walk_through_the_findings(browser, states_report):
    browser.open(states_report)
    ids = browser.script("return [...document.querySelectorAll('#details article')].map(one => one.id)")
    seen = []
    for key in "jjk":
        browser.keys(key)
        seen.append(browser.script("return document.activeElement.id"))
    assert seen == [ids[0], ids[1], ids[0]]
    browser.keys("t")
    assert browser.script("return document.activeElement.closest('#table') !== null")


def test_everything_can_be_reached_with_the_tab_key(browser, states_report):
    from selenium.webdriver.common.keys import Keys

    browser.open(states_report)
    reached = set()
    for _ in range(90):
        browser.keys(Keys.TAB)
        reached.add(browser.script(FOCUSED))
    for words in (
        "Skip to the findings",
        "Auto",
        "search",
        "Clear",
        "new",
        "Count",
        "Copy replay command",
        "Texts to paste",
    ):
        assert words in reached
