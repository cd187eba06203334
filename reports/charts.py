"""The trend over the stored nights as SVG: findings by state, programs, coverage.

What may live here: small multiples of one table. Every bar and point says its numbers in words, too.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pandas as pd
from markupsafe import Markup

from reports.wording import moment, several

NIGHTS = 60  # the latest that are drawn
_WIDTH, _HEIGHT, _TOP, _LEFT = 300.0, 92.0, 14.0, 4.0
_STACK = ("known", "back", "new")


def trend(table: pd.DataFrame) -> Markup:
    """Three drawings and the table behind them; a word instead while there is only one night."""
    nights = table.tail(NIGHTS).to_dict("records")
    if len(nights) < 2:
        return Markup('<p class="muted">The trend begins with the second stored run.</p>')
    drawn = [
        _findings(nights),
        _line(nights, "Programs", "programs", lambda one: f"{int(one['programs']):,}"),
    ]
    if any(pd.notna(one["coverage"]) for one in nights):
        drawn.append(_line(nights, "Coverage", "coverage", _share))
    elif any(one["cells"] for one in nights):
        drawn.append(_line(nights, "Coverage cells", "cells", lambda one: f"{int(one['cells']):,}"))
    return Markup('<div class="charts">{}</div>{}').format(Markup("").join(drawn), _table(nights))


def _share(night: dict[str, Any]) -> str:
    return "none" if pd.isna(night["coverage"]) else f"{night['coverage']:.1%}"


def _findings(nights: Sequence[dict[str, Any]]) -> Markup:
    """Stacked bars upward for what is there, downward for what was fixed."""
    up = max(1, *(sum(int(one[state]) for state in _STACK) for one in nights))
    down = max(int(one["fixed"]) for one in nights)
    unit = (_HEIGHT - _TOP) / (up + down)
    zero = _TOP + up * unit
    step = _WIDTH / len(nights)
    bars = []
    for place, night in enumerate(nights):
        x, y, wide = _LEFT + place * step, zero, max(step - 2, 1)
        shapes = []
        for state in _STACK:
            tall = int(night[state]) * unit
            if tall:
                y -= tall
                shapes.append(_bar(state, x, y, wide, tall))
        if night["fixed"]:
            shapes.append(_bar("fixed", x, zero, wide, int(night["fixed"]) * unit))
        shapes.append(_bar("hit", x, _TOP, wide, _HEIGHT - _TOP))
        bars.append(Markup("<g>{}<title>{}</title></g>").format(Markup("").join(shapes), _night(night)))
    latest = nights[-1]
    there = sum(int(latest[state]) for state in _STACK)
    axis = Markup('<path class="axis" d="M{:.0f} {:.1f}h{:.0f}"/>').format(_LEFT, zero, _WIDTH)
    return _chart("Findings", several(there, "finding"), f"up to {up}", [*bars, axis])


def _line(nights: Sequence[dict[str, Any]], title: str, column: str, say: Callable[[dict[str, Any]], str]) -> Markup:
    """A line through one column, scaled from 0 to its largest value."""
    values = [0.0 if pd.isna(one[column]) else float(one[column]) for one in nights]
    top = max(values) or 1.0
    step = _WIDTH / len(nights)
    points = [
        (_LEFT + (place + 0.5) * step, _HEIGHT - (_HEIGHT - _TOP) * value / top) for place, value in enumerate(values)
    ]
    path = "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in points)
    area = f"{path}V{_HEIGHT:.0f}H{points[0][0]:.1f}Z"
    shapes = [Markup('<path class="area" d="{}"/><path class="stroke" d="{}"/>').format(area, path)]
    for place, ((x, y), night) in enumerate(zip(points, nights, strict=True)):
        words = f"{moment(night['started'].isoformat())}: {say(night)}"
        hit = _bar("hit", _LEFT + place * step, _TOP, step, _HEIGHT - _TOP)
        shapes.append(
            Markup('<g><circle class="dot" cx="{:.1f}" cy="{:.1f}" r="2"/>{}<title>{}</title></g>').format(
                x, y, hit, words
            )
        )
    most = max(nights, key=lambda one: -1.0 if pd.isna(one[column]) else float(one[column]))
    return _chart(title, say(nights[-1]), f"up to {say(most)}", shapes)


def _chart(title: str, latest: str, top: str, shapes: Sequence[Markup]) -> Markup:
    return Markup(
        '<figure class="chart"><figcaption>{} <b>{}</b> <small>{}</small></figcaption>'
        '<svg role="img" aria-label="{}" viewBox="0 0 {:.0f} {:.0f}" preserveAspectRatio="none">{}</svg>'
        "</figure>"
    ).format(title, latest, top, f"{title} over the stored runs; the table below has the numbers",
             _WIDTH + 2 * _LEFT, _HEIGHT + 4, Markup("").join(shapes))  # fmt: skip


def _bar(kind: str, x: float, y: float, wide: float, tall: float) -> Markup:
    return Markup('<rect class="{}" x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}"/>').format(
        kind, x, y, wide, tall
    )


def _night(night: dict[str, Any]) -> str:
    counts = ", ".join(f"{int(night[state])} {state}" for state in ("new", "back", "known", "fixed"))
    return f"{moment(night['started'].isoformat())}: {counts}"


def _table(nights: Sequence[dict[str, Any]]) -> Markup:
    names = ("Run", "New", "Back", "Known", "Fixed", "Programs", "Coverage")
    head = Markup("").join(Markup('<th scope="col">{}</th>').format(name) for name in names)
    rows = Markup("").join(
        Markup("<tr><td>{}</td>{}</tr>").format(
            moment(night["started"].isoformat()),
            Markup("").join(
                Markup('<td class="number">{}</td>').format(cell)
                for cell in (*(int(night[s]) for s in ("new", "back", "known", "fixed")),
                             f"{int(night['programs']):,}", _share(night))
            ),
        )
        for night in reversed(nights)
    )  # fmt: skip
    return Markup(
        '<details><summary>Trend as a table</summary><div class="scroll"><table class="small">'
        "<thead><tr>{}</tr></thead>"
        "<tbody>{}</tbody></table></div></details>"
    ).format(head, rows)
