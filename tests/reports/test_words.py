"""The sentences of the page, the texts to paste, and the short form for a terminal."""

from __future__ import annotations

import io
import os
import pty
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oracle.discrepancy import Verdict
from oracle.errors import HarnessError
from oracle.program.parser import parse
from reports import export, wording
from reports.records import finding_id
from reports.terminal import print_report
from tests.reports import material


def states(**counts):
    return [material.finding(state=state) for state, count in counts.items() for _ in range(count)]


@pytest.mark.parametrize(
    ("counts", "words"),
    [
        ({"new": 3, "fixed": 1, "known": 41}, "3 new findings, 1 fixed since the last run, 41 known"),
        ({"new": 1}, "1 new finding"),
        ({"known": 2}, "No new findings, 2 known"),
        ({"back": 1, "new": 2}, "2 new findings, 1 back"),
        ({"back": 1}, "No new findings, 1 back"),
        ({}, "No differences found"),
    ],
)
def test_the_night_in_one_line(counts, words):
    assert wording.headline(states(**counts)) == words


@pytest.mark.parametrize(
    ("side", "words"),
    [
        ("subject", "Probably mine (the subject) is wrong."),
        ("reference", "Probably torch (the reference) is wrong."),
        ("convention", "Neither is wrong: a choice of convention."),
        ("undetermined", "It is not determined who is wrong."),
        (None, "Nobody has judged yet who is wrong."),
    ],
)
def test_who_is_wrong_is_said_as_the_verdict_has_it(side, words):
    verdict = Verdict(side) if side else None
    assert wording.blame(material.finding(verdict=verdict), "mine", "torch") == words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.84, "0.8 s"), (31.4, "31 s"), (60, "1 min"), (725, "12 min 5 s"), (12000, "3 h 20 min")],
)
def test_durations_are_read_easily(seconds, words):
    assert wording.duration(seconds) == words


@given(st.text())
def test_nothing_invisible_is_left_in_a_text(text):
    shown = wording.visible(text)
    assert all(one.isprintable() or one in "\n\t\u00a0\u3000" or one.isspace() for one in shown)
    assert wording.visible(shown) == shown
    if text.isprintable():
        assert shown == text


def test_what_turns_a_line_round_is_shown_as_its_escape():
    assert wording.visible("a\u202eb\u200bc\x00\x1b") == "a\\u202eb\\u200bc\\x00\\x1b"


# --- texts to paste


def test_a_torch_script_is_the_program_and_a_last_look(tmp_path):
    script = export.torch_script(material.finding(where="v1"), material.run())
    assert parse(script.removesuffix("print(v1)\n")).source == material.SOURCE
    assert script.endswith("print(v1)\n")
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert "grad_fn=<MulBackward0>" in done.stdout


def test_the_last_look_at_a_gradient_is_at_the_gradient():
    assert export.torch_script(material.finding(where="v0", kind="grad"), material.run()).endswith("print(v0.grad)\n")


@pytest.mark.parametrize("words", material.HOSTILE)
def test_hostile_words_stay_inside_comments_and_literals(words):
    found = material.hostile_finding(0, words)
    run = material.run(subject=words, reference=words, versions={words: words})
    compile(export.torch_script(found, run), "script", "exec")
    names = compile(export.pytest_test(found, run), "test", "exec").co_names
    assert set(names) <= {
        "__doc__", "oracle.check", "require_agreement", "oracle.engines", "load", "oracle.program.parser",
        "parse", "PROGRAM", *(name for name in names if name.startswith("test_")),
    }  # fmt: skip
    assert "\n" not in export.replay_command(found, run)
    assert export.issue_text(found, run).isprintable() is False  # its own line ends
    assert "\x1b" not in export.issue_text(found, run)
    assert "\u202e" not in export.issue_text(found, run)


def test_a_pytest_test_holds_the_program_exactly():
    source = 'v0 = T.tensor([1.0])\nv1 = v0.mul(\'\\\\ """ \\n\')\n'
    scope: dict[str, object] = {}
    exec(export.pytest_test(material.finding(source=source), material.run()), scope)
    assert scope["PROGRAM"] == parse(source).source


def test_a_pytest_test_passes_when_the_engines_agree(tmp_path):
    same = material.run(subject="torch", reference="torch")
    (tmp_path / "test_it.py").write_text(export.pytest_test(material.finding(), same))
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", tmp_path / "test_it.py"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert "1 passed" in done.stdout


def test_a_replay_names_the_directory_where_it_is_not_the_usual_one():
    found, name = material.finding(), finding_id("value|mul|differs")
    usual = f"gradfuzz replay {name} --subject mine --reference torch"
    assert export.replay_command(found, material.run(extra={"out": "gradfuzz-out"})) == usual
    assert export.replay_command(found, material.run(extra={"out": "my nights"})) == f"{usual} --out 'my nights'"


def test_an_issue_text_has_all_that_a_maintainer_asks_for():
    found = material.finding(verdict=Verdict("reference", ("central differences give 3.0",)))
    text = export.issue_text(found, material.run())
    for part in (
        "**torch: element \\[0\\] is 3.5", "Probably torch (the reference) is wrong",
        "```python\nimport torch as T",
        "- central differences give 3.0", "Versions: torch 2.13.0",
        f"gradfuzz replay {finding_id(found.signature)}",
    ):  # fmt: skip
        assert part in text


def test_a_fence_is_longer_than_any_in_the_program():
    source = "v0 = T.tensor([1.0])\nv1 = v0.mul('```')\n"
    assert "````python" in export.issue_text(material.finding(source=source), material.run())


def test_another_form_is_refused():
    with pytest.raises(HarnessError, match="exported as torch, pytest, issue, not as 'pdf'"):
        export.export(material.finding(), material.run(), "pdf")


# --- the terminal


def test_a_pipe_gets_plain_text_with_one_line_per_finding():
    out = io.StringIO()
    print_report(material.run(), material.many(5), file=out)
    assert "\x1b" not in out.getvalue()
    lines = out.getvalue().splitlines()
    assert lines[0] == "2 new findings, 1 back, 1 fixed since the last run, 1 known"
    assert len(lines) == 3 + 5
    words = {" ".join(line.split()[:5]) for line in lines[3:]}
    assert words == {
        f"{one.state} {finding_id(one.signature)} {one.kind} {one.op} {one.verdict.side}" for one in material.many(5)
    }


def test_only_the_last_column_gives_way():
    out = io.StringIO()
    print_report(material.run(), [material.finding(detail="long " * 200)], file=out)
    last = out.getvalue().splitlines()[-1]
    assert last.split()[:4] == ["new", finding_id("value|mul|differs"), "value", "mul"]
    assert last.endswith("…")


def test_a_terminal_gets_colours():
    reader, writer = pty.openpty()
    with os.fdopen(writer, "w") as out:
        print_report(material.run(), material.many(2), file=out)
    assert b"\x1b[" in os.read(reader, 100_000)
    os.close(reader)


def test_hostile_words_do_not_reach_the_terminal():
    out = io.StringIO()
    print_report(material.run(), [material.hostile_finding(n, w) for n, w in enumerate(material.HOSTILE)], file=out)
    assert not set(out.getvalue()) & set("\x1b\x00\r\u202e")
    assert len(out.getvalue().splitlines()) == 3 + len(material.HOSTILE)


def test_a_long_list_is_cut_and_counted():
    out = io.StringIO()
    print_report(material.run(), material.many(50), file=out, most=10)
    assert out.getvalue().rstrip().endswith("and 40 more; the report has them all")
