"""The short form of a report for a terminal: the verdict in words and one line per finding.

What may live here: a rich table. Colours appear on a terminal only; a pipe gets plain text.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TextIO

from rich.cells import cell_len
from rich.console import Console, JustifyMethod
from rich.table import Table
from rich.text import Text

from oracle.discrepancy import Finding
from reports.export import one_line
from reports.records import STATES, RunInfo, finding_id
from reports.tables import order, side_of
from reports.wording import headline, ran

STYLES = {"new": "bold red", "back": "bold magenta", "known": "dim", "fixed": "green"}
NAMES = ("state", "finding", "kind", "op", "at fault", "count", "what differs")
MOST = 40  # findings shown; the rest is counted


def print_report(run: RunInfo, findings: Sequence[Finding], *, file: TextIO | None = None, most: int = MOST) -> None:
    """Print the short form to `file` (default: standard output)."""
    console = Console(file=file, highlight=False, soft_wrap=False)
    if not console.is_terminal:
        console = Console(file=file, highlight=False, no_color=True, width=max(console.width, 120))
    console.print(Text(headline(findings), style="bold"))
    versions = ", ".join(f"{name} {version}" for name, version in sorted(run.all_versions.items()))
    console.print(Text(one_line(f"{run.subject} against {run.reference}: {ran(run)}. {versions}".strip())))
    ordered = sorted(findings, key=lambda one: (order(one.state, STATES), -one.count, one.signature))
    if ordered:
        console.print(_table(ordered[:most], console.width))
    if len(ordered) > most:
        console.print(Text(f"and {len(ordered) - most} more; the report has them all"))


def _table(findings: Sequence[Finding], width: int) -> Table:
    """One line per finding; only the last column gives way where `width` is short."""
    rows = [
        [one.state, finding_id(one.signature), one.kind, one.op, side_of(one), f"{one.count:,}", one.detail]
        for one in findings
    ]
    cells = [[one_line(cell) for cell in row] for row in rows]
    table = Table(box=None, pad_edge=False, header_style="bold")
    taken = 0
    for place, name in enumerate(NAMES):
        wide = min(max(cell_len(row[place]) for row in [*cells, list(NAMES)]), 24)
        if name == NAMES[-1]:
            wide = max(width - taken, 20)
        justify: JustifyMethod = "right" if name == "count" else "left"
        table.add_column(name, width=wide, no_wrap=True, overflow="ellipsis", justify=justify)
        taken += wide + 2
    for row in cells:
        table.add_row(Text(row[0], style=STYLES.get(row[0], "")), *map(Text, row[1:]))
    return table
