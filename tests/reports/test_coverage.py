"""Coverage and trend as pictures: what is drawn is what was counted, and what was missed is named."""

from __future__ import annotations

import base64
import re
import struct
import tracemalloc
import zlib

import pytest

import reports
from reports import charts, heatmap
from reports.cells import Cells
from reports.records import Coverage
from tests.reports import material


def counted() -> Coverage:
    """Three ops of which one was never reached, and pairs of them."""
    coverage = Coverage(
        expected=frozenset(
            {("op", op, "") for op in ("add", "mul", "sin")}
            | {("pair", a, b) for a in ("add", "mul", "sin") for b in ("add", "mul")}
        )
    )
    coverage.add("op", "add", count=7)
    coverage.add("op", "mul")
    coverage.add("pair", "add", "mul", 5)
    coverage.add("dtype", "add", "float32", 900)
    coverage.add("edge", "add", "empty")
    coverage.add("refusal", "no <b>such</b> thing")
    return coverage


def pixels(data: bytes) -> list[list[int]]:
    """The palette numbers of a PNG of one byte per pixel."""
    wide, high = struct.unpack(">II", data[16:24])
    at, raw = 8, b""
    while at < len(data):
        length, name = struct.unpack(">I4s", data[at : at + 8])
        body = data[at + 8 : at + 8 + length]
        assert struct.unpack(">I", data[at + 8 + length : at + 12 + length])[0] == zlib.crc32(name + body)
        raw += body if name == b"IDAT" else b""
        at += 12 + length
    rows = zlib.decompress(raw)
    return [list(rows[row * (wide + 1) + 1 : (row + 1) * (wide + 1)]) for row in range(high)]


def test_a_picture_has_a_pixel_for_each_cell():
    levels = [[0, 1, 2], [3, 13, 0]]
    assert pixels(heatmap.png(levels)) == levels


@pytest.mark.parametrize(
    ("count", "expected", "level"),
    [(0, False, 0), (0, True, 1), (1, True, 2), (2, True, 3), (3, False, 3), (4, True, 4), (10**9, True, 13)],
)
def test_a_shade_is_a_doubling(count, expected, level):
    assert heatmap.level(count, expected) == level


def test_what_was_never_reached_is_named():
    page = heatmap.sections(counted())
    assert "Ops: 2 of 3 reached" in page
    assert "Never reached: <code>sin</code>" in page
    assert "Never reached: 5 cells" in page
    assert "<li><b>mul</b>: all</li>" in page
    assert "<li><b>add</b>: add</li>" in page


def test_ops_that_met_no_other_are_named():
    page = heatmap.sections(counted())
    assert "Nothing used what these made: 2 ops</summary><p><code>mul</code>, <code>sin</code></p>" in page
    assert "These used nothing that another op made: 2 ops</summary><p><code>add</code>, <code>sin</code>" in page


def test_the_picture_in_the_page_has_the_counts():
    page = heatmap.sections(counted())
    pictures = [base64.b64decode(one) for one in re.findall(r'href="data:image/png;base64,([^"]*)"', page)]
    assert [pixels(one) for one in pictures] == [[[1, 4], [1, 1], [1, 1]], [[11, 2]]]


def test_messages_in_coverage_are_escaped():
    page = heatmap.sections(counted())
    assert "no &lt;b&gt;such&lt;/b&gt; thing" in page
    assert "\u202e" not in heatmap.sections(Coverage({("refusal", "\u202eturned", ""): 1}))


def test_a_map_of_two_hundred_ops_is_small():
    ops = [f"operation_{number}" for number in range(200)]
    coverage = Coverage(expected=frozenset(("pair", a, b) for a in ops for b in ops))
    for number, cell in enumerate(sorted(coverage.expected)):
        if number % 3:
            coverage.counts[cell] = number
    page = heatmap.sections(coverage)
    assert len(page) < 300_000
    assert "26,666 cells reached of 40,000" in page


def test_a_long_list_is_cut_and_says_so():
    page = heatmap.sections(Coverage({("refusal", f"message {n}", ""): n + 1 for n in range(heatmap.LISTED + 7)}))
    assert page.count("<tr>") == heatmap.LISTED + 1
    assert "and 7 more; the coverage table has them all" in page
    assert f"message {heatmap.LISTED + 6}" in page
    assert "message 6<" not in page


def test_nothing_counted_is_nothing_drawn():
    assert heatmap.sections(Coverage()) == ""


def test_coverages_of_shards_add_up():
    total = Coverage.merged([counted(), counted()])
    assert total.counts["op", "add", ""] == 14
    assert total.expected == counted().expected
    assert total.missed() == counted().missed()
    assert total.share() == pytest.approx(3 / 9)


def trend_of(nights):
    rows = [material.run(id=str(n), started=f"2026-01-{n:02}T02:00:00+00:00", programs=100 * n) for n in nights]
    frame = reports.tables.runs_frame(rows)[["run", "started", "subject", "reference", "programs"]]
    return frame.assign(new=1, back=0, known=3, fixed=2, programs_per_second=1.0, cells=5, coverage=0.25)


def test_the_trend_says_its_numbers_in_words_too():
    drawn = charts.trend(trend_of(range(1, 6)))
    assert drawn.count("<svg") == 3
    assert "<title>2026-01-05 02:00 UTC: 1 new, 0 back, 3 known, 2 fixed</title>" in drawn
    assert "<title>2026-01-05 02:00 UTC: 500</title>" in drawn
    assert "Coverage <b>25.0%</b>" in drawn


def test_one_night_is_no_trend():
    assert "begins with the second stored run" in charts.trend(trend_of([1]))


def test_only_the_latest_nights_are_drawn():
    assert charts.trend(trend_of([1 + n % 28 for n in range(200)])).count('class="dot"') == 2 * charts.NIGHTS


def test_cells_are_a_mapping_that_counts() -> None:
    plain = {("op", "add", ""): 2, ("pair", "add", "mul"): 1, ("pair", "add", "sin"): 300, ("op", "sin", ""): 1}
    cells = Cells(plain)
    assert cells == plain
    assert len(cells) == 4
    assert set(cells) == set(plain)
    assert cells.axis("pair") == {("add", "mul"): 1, ("add", "sin"): 300}
    assert not cells.add({("op", "add", ""): 5})
    assert cells["op", "add", ""] == 7
    assert cells.add({("op", "add", ""): 1, ("op", "cos", ""): 1})
    assert len(cells) == 5
    assert [cell for row in cells.rows() for cell in row] == [(*cell, cells[cell]) for cell in sorted(cells)]
    del cells["op", "cos", ""]
    assert ("op", "cos", "") not in cells
    assert len(cells) == 4
    assert cells.get(("pair", "mul", "add"), 0) == 0


def test_a_large_coverage_takes_a_fraction_of_the_memory_of_a_dict() -> None:
    def names(row: int, column: int) -> tuple[str, str, str]:
        return "".join(("pa", "ir")), f"op {row}", f"op {column}"  # strings of their own, as from a worker

    tracemalloc.start()
    try:
        plain = {names(row, column): 1 for row in range(150) for column in range(150)}
        of_a_dict = tracemalloc.get_traced_memory()[0]
        cells = Cells()
        for row in range(150):
            cells.add({names(row, column): 1 for column in range(150)})
        of_cells = tracemalloc.get_traced_memory()[0] - of_a_dict
    finally:
        tracemalloc.stop()
    assert cells == plain
    assert of_cells * 3 < of_a_dict, (of_cells, of_a_dict)
