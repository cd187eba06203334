"""A finding as something to paste: replay command, standalone torch script, pytest test, issue text.

What may live here: those texts and nothing that runs them. The report's copy buttons and `gradfuzz export`
give the same ones. Whatever a program or an engine said stands inside comments or string literals only.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping

from oracle.discrepancy import Finding
from oracle.errors import HarnessError
from reports.records import RunInfo, finding_id
from reports.tables import side_of
from reports.wording import blame, place, visible

FORMS = ("torch", "pytest", "issue")
"""What `gradfuzz export --as` knows."""

USUAL_OUT = "gradfuzz-out"
"""Where `gradfuzz run` writes and `gradfuzz replay` reads, unless told otherwise."""

_PACKAGES = ("torch", "numpy", "python")


def export(finding: Finding, run: RunInfo, form: str) -> str:
    """The finding as one of `FORMS`; HarnessError for any other."""
    makers = {"torch": torch_script, "pytest": pytest_test, "issue": issue_text}
    if form not in makers:
        raise HarnessError(f"A finding is exported as {', '.join(FORMS)}, not as {form!r}.")
    return makers[form](finding, run)


def replay_command(finding: Finding, run: RunInfo) -> str:
    """The command that runs the finding's program again on both engines, from where the campaign was run.

    `run.extra["out"]` names the campaign's directory, where it is not the usual one.
    """
    name = finding_id(finding.signature)
    words = ["gradfuzz", "replay", name, "--subject", run.subject, "--reference", run.reference]
    out = str(run.extra.get("out") or USUAL_OUT)
    if out != USUAL_OUT:
        words += ["--out", out]
    return shlex.join(map(one_line, words))


def torch_script(finding: Finding, run: RunInfo) -> str:
    """A script that needs torch alone: the program, then a print of what the engines part on."""
    comment = f"{finding.kind} {place(finding)}\n{one_line(finding.detail)}\n{_versions(run.all_versions)}"
    script = finding.program.script("torch", visible(comment))
    shown = _last_look(finding)
    return script + (f"print({shown})\n" if shown else "")


def pytest_test(finding: Finding, run: RunInfo) -> str:
    """A regression test that passes once both engines agree on the program."""
    name = finding_id(finding.signature)
    subject, reference = (one_line(one) for one in (run.subject, run.reference))
    return (
        f'"""Regression test of gradfuzz finding {name}: {_quoted(one_line(finding.detail))}."""\n\n'
        "from oracle.check import require_agreement\n"
        "from oracle.engines import load\n"
        "from oracle.program.parser import parse\n\n"
        f'PROGRAM = """\\\n{_quoted(finding.program.source)}"""\n\n\n'
        f"def test_{_word(subject)}_agrees_with_{_word(reference)}_{name}() -> None:\n"
        f"    require_agreement(parse(PROGRAM), load({_literal(subject)}), load({_literal(reference)}))\n"
    )


def issue_text(finding: Finding, run: RunInfo) -> str:
    """Markdown for a bug tracker: what differs, the program, the evidence, the versions, the replay."""
    evidence = finding.verdict.evidence if finding.verdict is not None else ()
    guilty = run.reference if side_of(finding) == "reference" else run.subject
    parts = [
        f"**{_markdown(guilty)}: {_markdown(finding.detail)}**",
        _markdown(f"{finding.kind} {place(finding)}. {blame(finding, run.subject, run.reference)}"),
        _fenced(finding.program.script("torch"), "python"),
        "\n".join(f"- {_markdown(one)}" for one in evidence),
        _markdown(_versions(run.all_versions)),
        f"Replay: {_code(replay_command(finding, run))}",
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def one_line(text: str) -> str:
    """`text` on one line, with nothing in it that cannot be seen."""
    return visible(text.replace("\n", " ").replace("\t", " "))


def _last_look(finding: Finding) -> str:
    """An expression for what the engines part on, if a name of the program says so; else ""."""
    bound = {name for one in finding.program.instructions for name in one.outs}
    name, _, fact = finding.where.partition(".")
    if name not in bound:
        return ""
    if fact == "grad" or finding.kind in ("grad", "grad-presence"):
        return f"{name}.grad"
    return name


def _versions(versions: Mapping[str, str]) -> str:
    named = [one for one in _PACKAGES if one in versions] + sorted(set(versions) - set(_PACKAGES))
    return "Versions: " + ", ".join(f"{one} {versions[one]}" for one in named) if named else ""


def _quoted(text: str) -> str:
    """`text` inside a triple-quoted literal."""
    return text.replace("\\", "\\\\").replace('"""', '\\"\\"\\"')


def _literal(name: str) -> str:
    return f'"{_quoted(name)}"' if '"' not in name else repr(name)


def _word(name: str) -> str:
    return re.sub(r"\W+", "_", name, flags=re.ASCII).strip("_").lower() or "engine"


def _markdown(text: str) -> str:
    """`text` as Markdown that shows it as it is: no markup, links, mentions or HTML come of it."""
    return re.sub(r"([\\`*_{}\[\]<>#@|~])", r"\\\1", one_line(text))


def _code(text: str) -> str:
    fence = "`" * (1 + max((len(run) for run in re.findall("`+", text)), default=0))
    return f"{fence} {text} {fence}" if len(fence) > 1 else f"`{text}`"


def _fenced(text: str, language: str) -> str:
    fence = "`" * max(3, 1 + max((len(run) for run in re.findall("`+", text)), default=0))
    return f"{fence}{language}\n{text}{fence}"
