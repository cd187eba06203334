"""Backward graphs as SVG, two side by side, with what differs in colour and in words.

What may live here: shapes and labels. What differs and where nodes stand is `graph`'s.
"""

from __future__ import annotations

from collections import defaultdict

from markupsafe import Markup, escape

from oracle.observation import Graph, Observation
from reports import graph as graphs
from reports.graph import Difference, Layout, Point
from reports.wording import several, visible

LARGEST = 150  # nodes of a graph that is still drawn
_LETTER, _HEIGHT, _STEP, _GAP, _MARGIN = 6.3, 34.0, 84.0, 26.0, 12.0


def two_graphs(ours: Observation, theirs: Observation, subject: str, reference: str, name: str) -> Markup:
    """Both graphs as figures, or one where they are the same; nothing where there is no graph."""
    if not ours.graph.nodes and not theirs.graph.nodes:
        return Markup("")
    mine, its = graphs.differences(ours, theirs)
    if not mine and not its:
        caption = f"Backward graph, the same in {subject} and {reference}"
        drawn = [_figure(theirs, its, caption, f"{name}-g")]
    else:
        drawn = [
            _figure(ours, mine, f"Backward graph in {subject}", f"{name}-gs"),
            _figure(theirs, its, f"Backward graph in {reference}", f"{name}-gr"),
        ]
    return Markup('<div class="graphs">{}</div>').format(Markup("").join(drawn))


def _figure(observation: Observation, difference: Difference, caption: str, name: str) -> Markup:
    graph = observation.graph
    words = _words(difference)
    title = f"{caption}: {several(len(graph.nodes), 'node')}{f'; {words}' if words else ''}"
    frame = Markup("<figure><figcaption>{}</figcaption>{}</figure>")
    if not graph.nodes:
        return frame.format(title, Markup('<p class="muted">no graph</p>'))
    names = graphs.roots(observation)
    listing = _listing(graph, names, difference)
    if len(graph.nodes) > LARGEST:
        return frame.format(
            title, Markup("<details><summary>As a list</summary>{}</details>").format(listing)
        )
    labels = [_label(graph, node, names) for node in range(len(graph.nodes))]
    widths = [max(len(line) for line in label) * _LETTER + 18 for label in labels]
    layout = graphs.lay_out(graph, widths, _GAP, _STEP)
    shapes = [*_edges(graph, layout, widths, difference), *_nodes(labels, layout, widths, difference)]
    box = (
        -_MARGIN,
        -_HEIGHT / 2 - _MARGIN,
        layout.width + 2 * _MARGIN,
        layout.height + _HEIGHT + 2 * _MARGIN + 16,
    )
    svg = Markup(
        '<svg class="graph" role="img" aria-labelledby="{n}" width="{w:.0f}" height="{h:.0f}" viewBox="{b}">'
        '<title id="{n}">{t}</title>{s}</svg>'
    ).format(
        n=name,
        w=box[2],
        h=box[3],
        b=" ".join(f"{one:.0f}" for one in box),
        t=title,
        s=Markup("").join(shapes),
    )
    region = Markup('<div class="scroll" role="region" aria-label="{}" tabindex="0">{}</div>').format(
        caption, svg
    )
    return frame.format(
        title, region + Markup("<details><summary>As a list</summary>{}</details>").format(listing)
    )


def _label(graph: Graph, node: int, names: dict[int, list[str]]) -> tuple[str, str]:
    """The two lines in a node: its name without namespaces, and the tensor it belongs to."""
    variable = graph.variables[node]
    under = variable if variable is not None else ", ".join(names.get(node, [])[:3])
    return visible(graph.nodes[node].rsplit("::", 1)[-1])[:48], visible(under)[:48]


def _nodes(
    labels: list[tuple[str, str]], layout: Layout, widths: list[float], difference: Difference
) -> list[Markup]:
    shapes = []
    for node, (name, under) in enumerate(labels):
        x, y = layout.places[node]
        mark = " only" if node in difference.lonely else " changed" if node in difference.changed else ""
        leaf = " leaf" if name == "AccumulateGrad" else ""
        box = f'x="{x - widths[node] / 2:.0f}" y="{y - _HEIGHT / 2:.0f}" width="{widths[node]:.0f}" height="{_HEIGHT:.0f}"'
        second = (
            Markup('<text class="u" x="{:.0f}" y="{:.0f}">{}</text>').format(x, y + 12, under)
            if under
            else ""
        )
        first = Markup('<text x="{:.0f}" y="{:.0f}">{}</text>').format(x, y - 1 if under else y + 4, name)
        shapes.append(
            Markup('<g class="node{}{}"><rect {} rx="{}"/>{}{}</g>').format(
                leaf, mark, Markup(box), 17 if leaf else 4, first, second
            )
        )
    return shapes


def _edges(graph: Graph, layout: Layout, widths: list[float], difference: Difference) -> list[Markup]:
    """Edges from the slot they leave to their place above the target, with the output index beside the head."""
    heads = _heads(graph, layout, widths)
    shapes = []
    for node, slots in enumerate(graph.edges):
        x, y = layout.places[node]
        for slot, (target, index) in enumerate(slots):
            start = (x - widths[node] / 2 + widths[node] * (slot + 1) / (len(slots) + 1), y + _HEIGHT / 2)
            bad = " bad" if (node, slot) in difference.edges or node in difference.lonely else ""
            if target is None:
                shapes.append(_stub(start, bad))
                continue
            end = heads[node, slot]
            path = _path([start, *layout.bends.get((node, target), []), end])
            shapes.append(
                Markup(
                    '<path class="edge{}" d="{}"/><text class="i{}" x="{:.0f}" y="{:.0f}">{}</text>'
                ).format(bad, Markup(path), bad, end[0] + 4, end[1] - 5, index)
            )
    return shapes


def _heads(graph: Graph, layout: Layout, widths: list[float]) -> dict[tuple[int, int], Point]:
    """Where each edge (node, slot) arrives: spread over the top of its target, from left to right."""
    arriving: dict[int, list[tuple[float, int, int]]] = defaultdict(list)
    for node, slots in enumerate(graph.edges):
        for slot, (target, _) in enumerate(slots):
            if target is not None:
                bends = layout.bends.get((node, target))
                arriving[target].append((bends[-1][0] if bends else layout.places[node][0], node, slot))
    heads = {}
    for target, edges in arriving.items():
        x, y = layout.places[target]
        room = min(16.0, (widths[target] - 16) / len(edges))
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
    return Markup(
        '<path class="none{b}" d="M{x:.0f} {y:.0f}v9"/><text class="none{b}" x="{x:.0f}" y="{t:.0f}">None</text>'
    ).format(b=bad, x=x, y=y, t=y + 19)


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


def _listing(graph: Graph, names: dict[int, list[str]], difference: Difference) -> Markup:
    """The graph as a list: the text alternative to the drawing."""
    items = []
    for node, slots in enumerate(graph.edges):
        first, under = _label(graph, node, names)
        led = ", ".join("None" if to is None else f"({to}, {index})" for to, index in slots)
        marked = node in difference.lonely or node in difference.changed
        marked = marked or any((node, slot) in difference.edges for slot in range(len(slots)))
        words = escape(f"{node} {first}{f' of {under}' if under else ''}{f' to {led}' if led else ''}")
        items.append(
            Markup("<li>{}</li>").format(Markup("<mark>{}</mark>").format(words) if marked else words)
        )
    return Markup('<ul class="nodes">{}</ul>').format(Markup("").join(items))
