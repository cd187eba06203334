"""Coverage as heatmaps: op by op, op by dtype, rank and edge value; and by name what was never reached.

What may live here: the pictures and lists. A map is one small PNG, a pixel per cell, inside an SVG with the
labels, so that 40,000 cells cost a few kilobytes; colours are transparent and suit both themes.
"""

from __future__ import annotations

import base64
import math
import struct
import zlib
from collections import defaultdict
from collections.abc import Sequence

from markupsafe import Markup

from reports.cells import Cell
from reports.records import Coverage
from reports.wording import several, visible

_CELL, _LETTER = 11.0, 5.6
_TURN = math.radians(58)  # of the labels of columns
_LEVELS = 12  # shades; a shade is a doubling of the count
LISTED = 300  # items whose counts are listed, the most frequent first
NAMED = 2_000  # cells that were never reached are named up to so many per map

_MAPS = (
    (("pair",), "Op by op", "The op of the row made what the op of the column used."),
    (("dtype", "rank", "edge"), "Op by dtype, rank and edge value", "What the ops were given."),
    (("grad_fn",), "Backward node by backward node", "The node of the row leads to the node of the column."),
)
_LEGEND = Markup(
    '<p class="legend"><span class="l0"></span> never reached <span class="l1"></span> once '
    '<span class="l2"></span> about 50 times <span class="l3"></span> thousands of times</p>'
)
_LISTS = (("op", "Ops"), ("feature", "Features of the language"), ("refusal", "Refusals"))


def sections(coverage: Coverage) -> Markup:
    """All maps and lists of a coverage; empty markup where nothing was counted."""
    coverage = _visible(coverage)
    parts = [_list(coverage, axis, title) for axis, title in _LISTS]
    for axes, title, words in _MAPS:
        parts.append(_map(coverage, axes, title, words))
        if axes == ("pair",):
            parts.append(_alone(coverage))
    return Markup("").join(part for part in parts if part)


def _alone(coverage: Coverage) -> Markup:
    """By name the ops that met no other: nothing used what they made, or they used nothing that another made."""
    pairs = [cell for cell, count in coverage.axis("pair").items() if count]
    ops = {item for item, _ in coverage.axis("op")}
    if not pairs or not ops:
        return Markup("")
    parts = []
    for words, met in (
        ("Nothing used what these made", {one for one, _ in pairs}),
        ("These used nothing that another op made", {other for _, other in pairs}),
    ):
        names = sorted(ops - met)
        if names:
            shown = Markup(", ").join(Markup("<code>{}</code>").format(name) for name in names[:NAMED])
            summary = "<details><summary>{}: {}</summary><p>{}</p></details>"
            parts.append(Markup(summary).format(words, several(len(names), "op"), shown))
    return Markup("").join(parts)


def _visible(coverage: Coverage) -> Coverage:
    """The coverage with names that show what is in them; refusals are an engine's words."""

    def shown(cell: Cell) -> Cell:
        return cell[0], visible(cell[1]), visible(cell[2])

    return Coverage(
        {shown(cell): count for cell, count in coverage.counts.items()},
        frozenset(map(shown, coverage.expected)),
    )


def png(levels: Sequence[Sequence[int]]) -> bytes:
    """A palette image, a pixel per number: 0 nothing, 1 never reached, 2 and more ever darker."""
    high, wide = len(levels), len(levels[0])
    palette, alpha = bytearray(b"\0\0\0\xe0\x70\x10"), bytearray(b"\0\x48")
    for step in range(_LEVELS):
        palette += bytes((45, 115, 230))
        alpha.append(70 + round(185 * step / (_LEVELS - 1)))
    raw = b"".join(b"\0" + bytes(row) for row in levels)
    header = struct.pack(">IIBBBBB", wide, high, 8, 3, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"PLTE", bytes(palette)), (b"tRNS", bytes(alpha)),
              (b"IDAT", zlib.compress(raw, 9)), (b"IEND", b""))  # fmt: skip
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data)) for name, data in chunks
    )


def level(count: int, expected: bool) -> int:
    """The shade of a cell: 0 neither reached nor expected, 1 missed, then one more for each doubling."""
    if not count:
        return 1 if expected else 0
    return 2 + min(count.bit_length() - 1, _LEVELS - 1)


def _map(coverage: Coverage, axes: Sequence[str], title: str, words: str) -> Markup:
    cells: dict[tuple[str, str], int] = {}
    columns: list[str] = []
    for axis in axes:
        found = coverage.axis(axis)
        cells |= {(item, other): found[item, other] for item, other in found}
        columns += sorted({other for _, other in found})
    if not cells:
        return Markup("")
    rows = sorted({item for item, _ in cells})
    expected = {(item, other) for axis, item, other in coverage.expected if axis in axes}
    levels = [[level(cells.get((row, column), 0), (row, column) in expected) for column in columns] for row in rows]
    reached = sum(1 for count in cells.values() if count)
    total = len(expected) or len(cells)
    share = f"{several(reached, 'cell')} reached" + (f" of {total:,} ({reached / total:.0%})" if expected else "")
    return Markup('<section class="map"><h3>{}</h3><p>{} {}.</p>{}{}{}</section>').format(
        title, words, share, _LEGEND, _picture(title, rows, columns, levels), _missed(expected, cells)
    )


def _picture(title: str, rows: list[str], columns: list[str], levels: list[list[int]]) -> Markup:
    left = max(map(len, rows)) * _LETTER + 8
    top = max(map(len, columns)) * _LETTER * 0.85 + 12
    wide, high = len(columns) * _CELL, len(rows) * _CELL
    right = max(map(len, columns)) * _LETTER * 0.6
    image = "data:image/png;base64," + base64.b64encode(png(levels)).decode("ascii")
    row_labels = Markup("").join(
        Markup('<text y="{:.0f}">{}</text>').format((place + 0.78) * _CELL, name) for place, name in enumerate(rows)
    )
    column_labels = Markup("").join(
        Markup('<text x="{:.0f}" y="{:.0f}">{}</text>').format(
            (place + 0.7) * _CELL * math.cos(_TURN), (place + 0.7) * _CELL * math.sin(_TURN), name
        )
        for place, name in enumerate(columns)
    )
    return Markup(
        '<div class="scroll" role="region" aria-label="{t}" tabindex="0">'
        '<svg class="heat" role="img" aria-label="{t}" width="{w:.0f}" height="{h:.0f}" '
        'viewBox="0 0 {w:.0f} {h:.0f}" data-left="{l:.0f}" data-top="{p:.0f}" data-cell="{c}">'
        '<g class="r" transform="translate({rx:.0f} {p:.0f})">{rl}</g>'
        '<g class="c" transform="translate({l:.0f} {cy:.0f})rotate({turn})">{cl}</g>'
        '<image x="{l:.0f}" y="{p:.0f}" width="{iw:.0f}" height="{ih:.0f}" '
        'preserveAspectRatio="none" href="{image}"/></svg></div>'
    ).format(t=title, w=left + wide + right + 8, h=top + high + 4, l=left, p=top, c=_CELL, rx=left - 4,
             cy=top - 4, turn=-round(math.degrees(_TURN)), rl=row_labels, cl=column_labels, iw=wide, ih=high,
             image=image)  # fmt: skip


def _missed(expected: set[tuple[str, str]], cells: dict[tuple[str, str], int]) -> Markup:
    """By name what was never reached, row by row; a row that was missed whole in one word."""
    missing: dict[str, list[str]] = defaultdict(list)
    whole: dict[str, int] = defaultdict(int)
    for item, other in sorted(expected):
        whole[item] += 1
        if not cells.get((item, other)):
            missing[item].append(other)
    count = sum(map(len, missing.values()))
    if not count:
        return Markup("<p>Every expected cell was reached.</p>") if expected else Markup("")
    items, named = [], 0
    for item, others in sorted(missing.items(), key=lambda one: (-len(one[1]) / whole[one[0]], one[0])):
        if named > NAMED:
            items.append(Markup("<li>and more; the coverage table has them all</li>"))
            break
        every = len(others) == whole[item] and len(others) > 1
        named += 1 if every else len(others)
        items.append(Markup("<li><b>{}</b>: {}</li>").format(item, "all" if every else ", ".join(others)))
    return Markup("<details><summary>Never reached: {}</summary><ul class='missed'>{}</ul></details>").format(
        several(count, "cell"), Markup("").join(items)
    )


def _list(coverage: Coverage, axis: str, title: str) -> Markup:
    counts = {item: count for (item, _), count in coverage.axis(axis).items()}
    if not counts:
        return Markup("")
    missed = sorted(item for item, count in counts.items() if not count)
    reached = sorted(((count, item) for item, count in counts.items() if count), reverse=True)
    never = (
        Markup('<p class="never">Never reached: {}.</p>').format(
            Markup(", ").join(Markup("<code>{}</code>").format(item) for item in missed)
        )
        if missed
        else Markup("")
    )
    rows = Markup("").join(
        Markup('<tr><td>{}</td><td class="number">{:,}</td></tr>').format(item, count)
        for count, item in reached[:LISTED]
    )
    if len(reached) > LISTED:
        more = several(len(reached) - LISTED, "more", "more")
        rows += Markup('<tr><td colspan="2">and {}; the coverage table has them all</td></tr>').format(more)
    return Markup(
        '<section class="map"><h3>{}: {} of {} reached</h3>{}<details><summary>Counts</summary>'
        '<table class="small"><tbody>{}</tbody></table></details></section>'
    ).format(title, len(reached), len(counts), never, rows)
