"""Backward graphs as SVG, two side by side, with what differs in colour and in words.

What may live here: shapes and labels. What differs is `graph`'s, where nodes stand is `layout`'s. Both graphs
are drawn from one layout, so that what is the same stands at the same place.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from markupsafe import Markup, escape

from oracle.observation import Graph, Observation
from reports import graph as graphs
from reports.graph import Difference
from reports.layout import Layout, Point, lay_out
from reports.wording import several, visible

BESIDE = 470.0  # up to this width two graphs stand side by side, wider ones below each other
LARGEST = 150  # nodes of a graph that is still drawn
_LETTER, _HEIGHT, _STEP, _GAP, _MARGIN = 6.3, 34.0, 84.0, 26.0, 12.0
_NONE = 16.0  # room below for the word None


@dataclass(frozen=True, slots=True)
class _Side:
    """One graph ready to be drawn: its labels and widths by node, and each node's number in the layout."""

    observation: Observation
    difference: Difference
    labels: list[tuple[str, str]]
    widths: list[float]
    ids: list[int]

    @property
    def graph(self) -> Graph:
        return self.observation.graph


def two_graphs(ours: Observation, theirs: Observation, subject: str, reference: str, name: str) -> Markup:
    """Both graphs as figures, or one where they are the same; nothing where there is no graph.

    `name` begins the ids of the figures.
    """
    if not ours.graph.nodes and not theirs.graph.nodes:
        return Markup("")
    there = graphs.matched(ours, theirs)
    mine, its = graphs.differences(ours, theirs, there)
    count = len(theirs.graph.nodes)
    right = _side(theirs, its, list(range(count)))
    if not mine and not its:
        caption = f"Backward graph, the same in {subject} and {reference}"
        layouts = [_layout([right])]
        figures = [_figure(right, layouts[0], caption, f"{name}-g")]
    else:
        left = _side(ours, mine, graphs.merged_ids(len(ours.graph.nodes), count, there))
        shared = len(there) * 2 >= max(count, len(ours.graph.nodes))
        if shared:
            layouts = [_layout([left, right])] * 2
        else:
            left = _side(ours, mine, list(range(len(ours.graph.nodes))))
            layouts = [_layout([left]), _layout([right])]
        figures = [
            _figure(left, layouts[0], f"Backward graph in {subject}", f"{name}-gs"),
            _figure(right, layouts[1], f"Backward graph in {reference}", f"{name}-gr"),
        ]
    wide = any(one is not None and one.width > BESIDE for one in layouts)
    frame = Markup('<div class="graphs{}">{}</div>')
    return frame.format(" wide" if wide else "", Markup("").join(figures))


def _side(observation: Observation, difference: Difference, ids: list[int]) -> _Side:
    names = graphs.owners(observation)
    labels = [_label(observation.graph, node, names) for node in range(len(observation.graph.nodes))]
    widths = [max(len(line) for line in label) * _LETTER + 22 for label in labels]
    return _Side(observation, difference, labels, widths, ids)


def _layout(sides: list[_Side]) -> Layout | None:
    """The layout of all sides together; None where there is nothing to draw or too much."""
    widths: dict[int, float] = {}
    edges: set[tuple[int, int]] = set()
    for side in sides:
        for node, width in zip(side.ids, side.widths, strict=True):
            widths[node] = max(widths.get(node, 0.0), width)
        edges |= graphs.edges_of(side.graph, side.ids)
    if not 0 < len(widths) <= LARGEST:
        return None
    return lay_out(edges, [widths[node] for node in range(len(widths))], _GAP, _STEP)


def _label(graph: Graph, node: int, names: dict[int, list[str]]) -> tuple[str, str]:
    """The two lines in a node: its name without namespaces, and the tensor it belongs to."""
    variable = graph.variables[node]
    under = variable if variable is not None else ", ".join(names.get(node, [])[:3])
    return visible(graph.nodes[node].rsplit("::", 1)[-1])[:48], visible(under)[:48]


def _figure(side: _Side, layout: Layout | None, caption: str, name: str) -> Markup:
    words = _words(side.difference)
    title = Markup("{} <small>{}{}</small>").format(
        caption, several(len(side.graph.nodes), "node"), f"; {words}" if words else ""
    )
    listing = Markup("<details><summary>As a list</summary>{}</details>").format(_listing(side))
    parts = [listing] if side.graph.nodes else [Markup('<p class="muted">no graph</p>')]
    if layout is not None and side.graph.nodes:
        region = '<div class="scroll" role="region" aria-label="{}" tabindex="0">{}</div>'
        parts.insert(0, Markup(region).format(caption, _svg(side, layout, caption, name)))
    frame = Markup("<figure><figcaption>{}</figcaption>{}</figure>")
    return frame.format(title, Markup("").join(parts))


def _svg(side: _Side, layout: Layout, title: str, name: str) -> Markup:
    wide = layout.width + 2 * _MARGIN
    high = layout.height + _HEIGHT + 2 * _MARGIN + _NONE
    shapes = Markup("").join([*_edges(side, layout), *_nodes(side, layout)])
    return Markup(
        '<svg class="graph" role="img" aria-labelledby="{name}" width="{wide:.0f}" height="{high:.0f}" '
        'viewBox="{left:.0f} {top:.0f} {wide:.0f} {high:.0f}">'
        '<title id="{name}">{title}</title>{shapes}</svg>'
    ).format(
        name=name, wide=wide, high=high, left=-_MARGIN, top=-_HEIGHT / 2 - _MARGIN, title=title, shapes=shapes
    )  # fmt: skip


def _nodes(side: _Side, layout: Layout) -> list[Markup]:
    shapes = []
    for node, (name, under) in enumerate(side.labels):
        x, y = layout.places[side.ids[node]]
        width = side.widths[node]
        mark = " only" if node in side.difference.lonely else ""
        mark = " changed" if node in side.difference.changed else mark
        leaf = name == "AccumulateGrad"
        rect = Markup('<rect x="{:.0f}" y="{:.0f}" width="{:.0f}" height="{:.0f}" rx="{}"/>').format(
            x - width / 2, y - _HEIGHT / 2, width, _HEIGHT, 17 if leaf else 4
        )
        text = Markup('<text x="{:.0f}" y="{:.0f}">{}</text>').format(x, y - 1 if under else y + 4, name)
        if under:
            text += Markup('<text class="u" x="{:.0f}" y="{:.0f}">{}</text>').format(x, y + 12, under)
        classes = f"node{' leaf' if leaf else ''}{mark}"
        shapes.append(Markup('<g class="{}">{}{}</g>').format(classes, rect, text))
    return shapes


def _edges(side: _Side, layout: Layout) -> list[Markup]:
    """Edges from the slot they leave to their place above the target, with the output index at the head."""
    heads = _heads(side, layout)
    shapes = []
    for node, slots in enumerate(side.graph.edges):
        x, y = layout.places[side.ids[node]]
        left = x - side.widths[node] / 2
        for slot, (target, index) in enumerate(slots):
            start = (left + side.widths[node] * (slot + 1) / (len(slots) + 1), y + _HEIGHT / 2)
            lonely = node in side.difference.lonely
            bad = " bad" if lonely or (node, slot) in side.difference.edges else ""
            if target is None:
                shapes.append(_stub(start, bad))
                continue
            end = heads[node, slot]
            bends = layout.bends.get((side.ids[node], side.ids[target]), [])
            shapes.append(Markup('<path class="edge{}" d="{}"/>').format(bad, _path([start, *bends, end])))
            label = Markup('<text class="i{}" x="{:.0f}" y="{:.0f}">{}</text>')
            shapes.append(label.format(bad, end[0] + 4, end[1] - 5, index))
    return shapes


def _heads(side: _Side, layout: Layout) -> dict[tuple[int, int], Point]:
    """Where each edge (node, slot) arrives: spread over the top of its target, from left to right."""
    arriving: dict[int, list[tuple[float, int, int]]] = defaultdict(list)
    for node, slots in enumerate(side.graph.edges):
        for slot, (target, _) in enumerate(slots):
            if target is not None:
                bends = layout.bends.get((side.ids[node], side.ids[target]))
                last = bends[-1] if bends else layout.places[side.ids[node]]
                arriving[target].append((last[0], node, slot))
    heads = {}
    for target, edges in arriving.items():
        x, y = layout.places[side.ids[target]]
        room = min(16.0, (side.widths[target] - 16) / len(edges))
        for place, (_, node, slot) in enumerate(sorted(edges)):
            heads[node, slot] = (x + (place - (len(edges) - 1) / 2) * room, y - _HEIGHT / 2)
    return heads


def _path(points: list[Point]) -> str:
    x, y = points[0]
    parts = [f"M{x:.0f} {y:.0f}"]
    for to_x, to_y in points[1:]:
        middle = (y + to_y) / 2
        parts.append(f"C{x:.0f} {middle:.0f} {to_x:.0f} {middle:.0f} {to_x:.0f} {to_y:.0f}")
        x, y = to_x, to_y
    return "".join(parts)


def _stub(start: Point, bad: str) -> Markup:
    """A slot that leads nowhere."""
    x, y = start
    line = Markup('<path class="none{}" d="M{:.0f} {:.0f}v9"/>').format(bad, x, y)
    return line + Markup('<text class="none{}" x="{:.0f}" y="{:.0f}">None</text>').format(bad, x, y + 19)


def _words(difference: Difference) -> str:
    """What the colours say, for those who do not see them."""
    parts = []
    if difference.lonely:
        parts.append(f"{several(len(difference.lonely), 'node')} only here")
    if difference.changed:
        parts.append(f"{several(len(difference.changed), 'node')} otherwise")
    if difference.edges:
        parts.append(f"{several(len(difference.edges), 'edge')} otherwise")
    return ", ".join(parts)


def _listing(side: _Side) -> Markup:
    """The graph as a list: the text alternative to the drawing."""
    marked = side.difference.lonely | side.difference.changed | {node for node, _ in side.difference.edges}
    items = []
    for node, slots in enumerate(side.graph.edges):
        name, under = side.labels[node]
        led = ", ".join("None" if to is None else f"({to}, {index})" for to, index in slots)
        words = escape(f"{node} {name}{f' of {under}' if under else ''}{f' to {led}' if led else ''}")
        item = Markup("<mark>{}</mark>").format(words) if node in marked else words
        items.append(Markup("<li>{}</li>").format(item))
    return Markup('<ul class="nodes">{}</ul>').format(Markup("").join(items))
