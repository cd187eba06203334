"""The short form of a report for a terminal: the verdict in words and one line per finding.

What may live here: a rich table. Colours appear on a terminal only; a pipe gets plain text.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TextIO

from rich.console import Console
from rich.table import Table
from rich.text import Text

from oracle.discrepancy import Finding
from reports.export import one_line
from reports.records import STATES, RunInfo, finding_id
from reports.tables import order, side_of
from reports.wording import headline, ran

STYLES = {"new": "bold red", "back": "bold magenta", "known": "dim", "fixed": "green"}
MOST = 40  # findings shown; the rest is counted


def print_report(
    run: RunInfo, findings: Sequence[Finding], *, file: TextIO | None = None, most: int = MOST
) -> None:
    """Print the short form to `file` (default: standard output)."""
    console = Console(file=file, highlight=False, soft_wrap=False)
    if not console.is_terminal:
        console = Console(file=file, highlight=False, no_color=True, width=max(console.width, 120))
    console.print(Text(headline(findings), style="bold"))
    versions = ", ".join(f"{name} {version}" for name, version in sorted(run.versions.items()))
    console.print(Text(one_line(f"{run.subject} against {run.reference}: {ran(run)}. {versions}".strip())))
    ordered = sorted(findings, key=lambda one: (order(one.state, STATES), -one.count, one.signature))
    if ordered:
        console.print(_table(ordered[:most]))
    if len(ordered) > most:
        console.print(Text(f"and {len(ordered) - most} more; the report has them all"))


def _table(findings: Sequence[Finding]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("state", "finding", "kind", "op", "at fault"):
        table.add_column(name, no_wrap=True)
    table.add_column("count", justify="right", no_wrap=True)
    table.add_column("what differs", ratio=1, overflow="ellipsis", no_wrap=True)
    for one in findings:
        table.add_row(
            Text(one.state, style=STYLES.get(one.state, "")),
            Text(finding_id(one.signature)),
            *(Text(one_line(words)) for words in (one.kind, one.op, side_of(one))),
            Text(str(one.count)),
            Text(one_line(one.detail)),
        )
    return table
