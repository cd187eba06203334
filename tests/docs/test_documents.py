"""What the documents say is what both engines print."""

from __future__ import annotations

from pathlib import Path

import pytest

import minigrad  # noqa: F401 - sets NumPy's error state, once, before any test looks at it
from tests.docs.documents import DOCS, HEADING, Section, run, sections, without_addresses

CASES = [
    pytest.param(section, engine, id=f"{path.stem}-{section.title}-{engine}")
    for path in sorted(DOCS.glob("*.md"))
    for section in sections(path.read_text(encoding="utf-8"))
    for engine in ("torch", "minigrad")
]


@pytest.mark.parametrize(("section", "engine"), CASES)
def test_a_document_prints_what_it_says(section: Section, engine: str) -> None:
    assert run(section, engine) == [output for _, output, _ in section.blocks]


def test_the_tour_has_the_five_lessons() -> None:
    text = (DOCS / "tour.md").read_text(encoding="utf-8")
    assert len(list(sections(text))) >= 5


def test_every_rule_of_the_semantics_has_a_program_of_at_most_eight_lines() -> None:
    text = (DOCS / "semantics.md").read_text(encoding="utf-8")
    rules = [title for title in HEADING.findall(text) if title.startswith("### ")]
    found = list(sections(text))
    assert ["### " + section.title for section in found] == rules
    assert len({*rules}) == len(rules)
    assert [s.title for s in found for code, _, _ in s.blocks if len(code.splitlines()) > 8] == []


def test_an_output_that_is_not_what_is_printed_is_found(tmp_path: Path) -> None:
    text = "# One\n```python\nprint(1)\n```\n\n```output\n2\n```\n"
    (section,) = sections(text)
    assert run(section, "torch") != [output for _, output, _ in section.blocks]
    assert without_addresses("<A object at 0x7f00>") == "<A object>"
