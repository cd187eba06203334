"""Rows of figures and how they are shown. What may live here: the forms of rows, and Markdown."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

Row = dict[str, Any]
"""Column to text or number; the first column says what was measured."""


def ratio(figure: str, ours: float, theirs: float, must: float, aim: float, unit: str = "µs") -> Row:
    """Ours against torch, both in seconds (shown in µs) or in another `unit`."""
    scale = 1e6 if unit == "µs" else 1.0
    return {
        "figure": figure, f"torch {unit}": theirs * scale, f"ours {unit}": ours * scale, "ratio": ours / theirs,
        "must": must, "aim": aim,
    }  # fmt: skip


def as_markdown(rows: Sequence[Row]) -> str:
    """One table; columns that some rows have beyond those of the first stand in a line of their own below."""
    heads = list(rows[0])
    lines = ["| " + " | ".join(heads) + " |", "|---" + "|--:" * (len(heads) - 1) + "|"]
    lines += ["| " + " | ".join(_cell(head, row.get(head, "")) for head in heads) + " |" for row in rows]
    for row in rows:
        lines += [f"\n{_cell(name, value)} {name}" for name, value in row.items() if name not in heads]
    return "\n".join(lines)


def _cell(head: str, value: Any) -> str:
    if not isinstance(value, float):
        return str(value)
    shown = f"{value:.1f}" if "µs" in head else f"{value:.2f}"
    return f"**{shown}**" if head == "ratio" else shown
