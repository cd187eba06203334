"""Displays: what they say, and that nothing of an engine gets through to a terminal unclean."""

from __future__ import annotations

import io
import json

import pytest
from rich.console import Console

from fuzz import progress
from fuzz.progress import Display, JsonLines, Live, PlainLines, Silent, Status

STATUS = Status(
    seconds=12.0, share=0.4, left="18 s left", programs=23_456, rate=1_954.6, discrepancies=7, findings=2,
    new=1, coverage=6_093, missed=11, reducing=1, lost_workers=3,
    workers={"0-128": (64, 128), "128-256": (8, 128)},
)  # fmt: skip
HOSTILE = "a\x1b[31mb\nc\r\x07"


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("stream", "as_json", "quiet", "kind"),
    [
        (io.StringIO(), False, False, PlainLines),
        (Terminal(), False, False, Live),
        (Terminal(), True, False, JsonLines),
        (io.StringIO(), False, True, Silent),
    ],
)
def test_the_display_fits_the_output(stream: io.StringIO, as_json: bool, quiet: bool, kind: type) -> None:
    assert type(progress.choose(as_json=as_json, quiet=quiet, stream=stream)) is kind


def test_the_line_says_rate_programs_discrepancies_findings_coverage_and_what_is_left() -> None:
    assert progress.line(STATUS) == (
        "12 s, 23,456 programs, 1,955/s, 7 discrepancies, 2 findings (1 new), coverage 6,093 (11 missing), "
        "1 being reduced, 3 workers lost, 18 s left"
    )


def test_the_panel_has_a_bar_the_line_and_a_row_per_worker() -> None:
    console = Console(file=io.StringIO(), width=200, color_system=None)
    with console.capture() as captured:
        console.print(progress.panel(STATUS))
    lines = [line.rstrip() for line in captured.get().splitlines()]
    assert len(lines) == 4
    assert lines[1] == progress.line(STATUS)
    assert lines[2].startswith("worker 0 programs 0-128")


@pytest.mark.parametrize("make", [Live, PlainLines])
def test_nothing_of_an_engine_reaches_a_terminal_unclean(make: type[Live] | type[PlainLines]) -> None:
    stream = Terminal()
    display: Display = make(stream)
    display.begin("campaign")
    display.found("new", "value", "mul", HOSTILE)
    display.end(STATUS)
    assert "\x1b[31mb" not in stream.getvalue()
    assert "\x07" not in stream.getvalue()
    assert "new finding: value at mul: a [31mb c" in stream.getvalue()


def test_json_lines_are_one_object_each() -> None:
    stream = io.StringIO()
    display = JsonLines(stream)
    display.begin("campaign")
    display.update(STATUS)
    display.found("new", "value", "mul", HOSTILE)
    display.end(STATUS)
    events = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert [event["event"] for event in events] == ["begin", "status", "finding", "end"]
    assert events[1]["programs"] == 23_456
    assert events[2]["detail"] == HOSTILE
