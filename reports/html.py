"""The HTML report: one self-contained file that opens from disk.

What may live here: putting the page together. Sentences are `wording`'s, drawings `drawing`'s and `charts`',
markup the templates' under `page/`. Everything that comes from programs or engines is escaped by the template
engine, and the page's Content-Security-Policy admits this file's own style and script and nothing else.
"""

from __future__ import annotations

import base64
import hashlib
import os
import tempfile
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import pandas as pd
from jinja2 import Environment, FunctionLoader, StrictUndefined
from markupsafe import Markup

from oracle.discrepancy import Finding
from oracle.errors import HarnessError
from reports import charts, drawing, export, heatmap, wording
from reports.highlight import Line, lines
from reports.history import History
from reports.records import SIDES, STATES, Coverage, RunInfo, finding_id
from reports.sides import Row, side_by_side
from reports.tables import order, side_of, trend_frame

FACETS = ("state", "kind", "side", "op")


@dataclass(frozen=True, slots=True)
class Part:
    """One run with its findings; a merged report has several."""

    run: RunInfo
    findings: Sequence[Finding]


@dataclass(frozen=True, slots=True)
class Entry:
    """A finding as the templates read it."""

    id: str
    finding: Finding
    run: RunInfo
    state: str
    kind: str
    side: str
    op: str
    ops: tuple[str, ...]
    place: str
    blame: str
    evidence: tuple[str, ...]
    source: list[Line]
    original: str
    rows: list[Row]
    graphs: Markup
    replay: str
    texts: list[tuple[str, str, str]]  # (form, label, text)


def write_report(
    path: str | Path,
    run: RunInfo,
    findings: Iterable[Finding],
    coverage: Coverage | None = None,
    history: History | pd.DataFrame | None = None,
) -> Path:
    """Write the report of one run to `path` and return it; an existing file is replaced in one step.

    `history` is the store, which adds the trend and what the run showed gone, or a trend table alone
    (`trend_frame`). Raises HarnessError when the file cannot be written.
    """
    found = list(findings)
    if isinstance(history, History):
        seen = {one.signature for one in found}
        found += [one for one in history.gone(run.id) if one.signature not in seen]
        history = trend_frame(history, subject=run.subject, reference=run.reference)
    return write_parts(path, [Part(run, found)], coverage, history)


def write_parts(
    path: str | Path,
    parts: Sequence[Part],
    coverage: Coverage | None = None,
    trend: pd.DataFrame | None = None,
) -> Path:
    """Write one report of several runs; see `write_report`."""
    if not parts:
        raise HarnessError("A report needs at least one run.")
    page = render(parts, coverage or Coverage(), trend)
    target = Path(path)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
        try:
            with os.fdopen(handle, "w", encoding="utf-8", errors="backslashreplace", newline="\n") as out:
                out.write(page)
            os.chmod(name, 0o644)
            os.replace(name, target)
        except BaseException:
            os.unlink(name)
            raise
    except OSError as error:
        raise HarnessError(f"The report cannot be written to {target}: {error}. Name another place.") from error
    return target


def render(parts: Sequence[Part], coverage: Coverage, trend: pd.DataFrame | None) -> str:
    """The page as text."""
    entries = _entries(parts)
    style, script = _resource("style.css"), _resource("script.js")
    return _environment().get_template("report.html").render(
        style=Markup(style), script=Markup(script), style_hash=_hash(style), script_hash=_hash(script),
        title=_title(parts), headline=wording.headline(one.finding for one in entries),
        runs=[part.run for part in parts], entries=entries, facets=_facets(entries),
        several_runs=len({(part.run.subject, part.run.reference) for part in parts}) > 1,
        compared=_compared(parts), trend=charts.trend(trend) if trend is not None else None,
        coverage=heatmap.sections(coverage),
    )  # fmt: skip


def _entries(parts: Sequence[Part]) -> list[Entry]:
    taken: Counter[str] = Counter()
    pairs = [(part.run, one) for part in parts for one in part.findings]
    pairs.sort(key=lambda pair: (order(pair[1].state, STATES), -pair[1].count, pair[1].signature))
    entries = []
    for run, finding in pairs:
        name = finding_id(finding.signature)
        taken[name] += 1
        entries.append(_entry(f"{name}-{taken[name]}" if taken[name] > 1 else name, finding, run))
    return entries


def _entry(name: str, finding: Finding, run: RunInfo) -> Entry:
    rows, graphs = [], Markup("")
    if finding.subject is not None and finding.reference is not None:
        rows = side_by_side(finding.program, finding.subject, finding.reference)
        graphs = drawing.two_graphs(finding.subject, finding.reference, run.subject, run.reference, name)
    original = finding.original.source
    source = finding.program.source
    return Entry(
        id=name, finding=finding, run=run, state=finding.state, kind=finding.kind, side=side_of(finding),
        op=finding.op or "none", ops=ops_of(finding), place=wording.place(finding),
        blame=wording.blame(finding, run.subject, run.reference),
        evidence=finding.verdict.evidence if finding.verdict is not None else (),
        source=lines(source, _parting(finding)), original=original if original != source else "",
        rows=rows, graphs=graphs, replay=export.replay_command(finding, run),
        texts=[
            ("torch", "torch script", export.torch_script(finding, run)),
            ("pytest", "pytest test", export.pytest_test(finding, run)),
            ("issue", "issue text", export.issue_text(finding, run)),
        ],
    )  # fmt: skip


def _parting(finding: Finding) -> int | None:
    return (
        finding.line if finding.line is not None and finding.line <= max(finding.program.lines, default=0) else None
    )


def _facets(entries: Sequence[Entry]) -> list[tuple[str, list[tuple[str, int]]]]:
    """Each facet with its values and how many findings have each, in the order of the page."""
    facets = []
    for facet in FACETS:
        counts = Counter(value for one in entries for value in _values(one, facet))
        words = {"state": STATES, "side": SIDES}.get(facet, ())
        ordered = sorted(counts.items(), key=lambda item: (order(item[0], words), -item[1], item[0]))
        facets.append((facet, ordered))
    return facets


def _values(entry: Entry, facet: str) -> tuple[str, ...]:
    """The values that an entry has in a facet; several ops may be to blame for one gradient."""
    return entry.ops if facet == "op" else (str(getattr(entry, facet)),)


def ops_of(finding: Finding) -> tuple[str, ...]:
    """The ops that a finding is blamed on, each on one line; "none" where there is none."""
    several = [export.one_line(op) for op in finding.op.split("+") if op]
    return tuple(dict.fromkeys(several)) or (export.one_line(finding.op) or "none",)


def _compared(parts: Sequence[Part]) -> list[tuple[str, int, float]]:
    """How the reference's arrays were compared, or why not: (how or why, count, share)."""
    total: Counter[str] = Counter()
    for part in parts:
        total.update(part.run.compared)
    everything = sum(total.values())
    return [(how, count, count / everything) for how, count in total.most_common() if everything]


def _title(parts: Sequence[Part]) -> str:
    return ", ".join(dict.fromkeys(f"{part.run.subject} against {part.run.reference}" for part in parts))


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FunctionLoader(_resource), autoescape=True, undefined=StrictUndefined, finalize=_finalize,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    environment.filters |= {
        "duration": wording.duration, "moment": wording.moment, "ran": wording.ran,
        "several": wording.several,
    }  # fmt: skip
    return environment


def _finalize(value: Any) -> Any:
    """What every expression of a template passes: plain text loses nothing but its invisible characters."""
    return value if isinstance(value, Markup) or not isinstance(value, str) else wording.visible(value)


@cache
def _resource(name: str) -> str:
    return files("reports").joinpath("page", name).read_text("utf-8")


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode("utf-8")).digest()).decode("ascii")
