"""Two backward graphs matched node by node, and one graph laid out in layers.

What may live here: which node of one graph is which of the other, what differs, and where nodes stand. No
markup; `drawing` does that. The layout is Sugiyama's, by the package fast-sugiyama.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

import fast_sugiyama

from oracle.compare_text import normalised
from oracle.observation import Graph, Observation

Point = tuple[float, float]
_UNIT = 72.0  # what fast-sugiyama puts between neighbours


@dataclass(frozen=True, slots=True)
class Difference:
    """What of one graph the other has not: `lonely` nodes, `changed` nodes, and `edges` as (node, slot)."""

    lonely: frozenset[int]
    changed: frozenset[int]
    edges: frozenset[tuple[int, int]]

    def __bool__(self) -> bool:
        return bool(self.lonely or self.changed or self.edges)


def differences(ours: Observation, theirs: Observation) -> tuple[Difference, Difference]:
    """What differs in each of the two graphs, seen from that one."""
    modules = tuple({ours.module, theirs.module} - {""})
    there = _matched(ours, theirs)
    back = {its: mine for mine, its in there.items()}
    return (
        _difference(ours.graph, theirs.graph, there, modules),
        _difference(theirs.graph, ours.graph, back, modules),
    )


def roots(observation: Observation) -> dict[int, list[str]]:
    """Node to the names of the tensors whose grad_fn it is."""
    names: dict[int, list[str]] = {}
    for name, facts in observation.tensors.items():
        if isinstance(facts.grad_node, int) and facts.grad_node < len(observation.graph.nodes):
            names.setdefault(facts.grad_node, []).append(name)
    return names


def _matched(ours: Observation, theirs: Observation) -> dict[int, int]:
    """Our node to their node: equal names of tensors start, equal slots lead on, the first claim counts."""
    there: dict[int, int] = {}
    taken: set[int] = set()
    queue: deque[tuple[int | None, int | None]] = deque()
    theirs_by_name = {name: node for node, names in roots(theirs).items() for name in names}
    for mine, names in roots(ours).items():
        queue.extend((mine, theirs_by_name.get(name)) for name in names)
    while queue:
        mine, its = queue.popleft()
        if mine is None or its is None or mine in there or its in taken:
            continue
        there[mine] = its
        taken.add(its)
        pairs = zip(ours.graph.edges[mine], theirs.graph.edges[its], strict=False)
        queue.extend((a, b) for (a, _), (b, _) in pairs)
    return there


def _difference(graph: Graph, other: Graph, there: dict[int, int], modules: tuple[str, ...]) -> Difference:
    lonely, changed, edges = set(), set(), set()
    for node in range(len(graph.nodes)):
        its = there.get(node)
        if its is None:
            lonely.add(node)
            continue
        same_name = normalised(graph.nodes[node], modules) == normalised(other.nodes[its], modules)
        mine, theirs = graph.edges[node], other.edges[its]
        if not same_name or graph.variables[node] != other.variables[its] or len(mine) != len(theirs):
            changed.add(node)
        for slot, (target, index) in enumerate(mine):
            led = None if target is None else there.get(target, -1)
            if slot >= len(theirs) or theirs[slot] != (led, index):
                edges.add((node, slot))
    return Difference(frozenset(lonely), frozenset(changed), frozenset(edges))


@dataclass(frozen=True, slots=True)
class Layout:
    """Where each node stands, the bends of each edge (source, target), and the size of the whole."""

    places: dict[int, Point]
    bends: dict[tuple[int, int], list[Point]]
    width: float
    height: float


def lay_out(graph: Graph, widths: list[float], gap: float, step: float) -> Layout:
    """Place nodes in layers `step` apart, sources above, `gap` free between neighbours of these widths."""
    edges = sorted(
        {(node, to) for node, slots in enumerate(graph.edges) for to, _ in slots if to is not None}
    )
    places: dict[int, Point] = {}
    chains: dict[tuple[int, int], list[int]] = {}
    left = height = 0.0
    for positions, _, tall, links in fast_sugiyama.from_edges(edges, vertex_spacing=_UNIT) if edges else []:
        raw = {int(node): (x, tall - y) for node, (x, y) in positions}
        block = _spread(raw, widths, gap, step)
        start = min(x - _width(node, widths) / 2 for node, (x, _) in block.items())
        places |= {node: (x - start + left, y) for node, (x, y) in block.items()}
        left = max(places[node][0] + _width(node, widths) / 2 for node in block) + gap
        height = max(height, *(y for _, y in block.values()))
        chains |= _chains([(int(a), int(b)) for a, b in links or ()], len(graph.nodes))
    for node in range(len(graph.nodes)):
        if node not in places:  # neither edge in nor out
            places[node] = (left + widths[node] / 2, 0.0)
            left += widths[node] + gap
    bends = {edge: [places[dummy] for dummy in chains.get(edge, [])] for edge in edges}
    return Layout(places, bends, max(left - gap, 0.0), height)


def _width(node: int, widths: list[float]) -> float:
    return widths[node] if node < len(widths) else 8.0  # a bend of an edge


def _spread(raw: dict[int, Point], widths: list[float], gap: float, step: float) -> dict[int, Point]:
    """The layout's places in our own measure, neighbours of a layer pushed apart where they overlap."""
    scale = (sum(_width(node, widths) for node in raw) / len(raw) + gap) / _UNIT
    layers: dict[float, list[int]] = {}
    for node, (_, y) in raw.items():
        layers.setdefault(y, []).append(node)
    placed: dict[int, Point] = {}
    for number, level in enumerate(sorted(layers)):
        edge = float("-inf")
        for node in sorted(layers[level], key=lambda one: raw[one][0]):
            x = max(raw[node][0] * scale, edge + _width(node, widths) / 2)
            placed[node] = (x, number * step)
            edge = x + _width(node, widths) / 2 + gap
    return placed


def _chains(links: list[tuple[int, int]], nodes: int) -> dict[tuple[int, int], list[int]]:
    """Each long edge to the dummies it runs through."""
    onward = {source: target for source, target in links if source >= nodes}
    chains = {}
    for source, target in links:
        if source < nodes <= target:
            chain = [target]
            while onward[chain[-1]] >= nodes:
                chain.append(onward[chain[-1]])
            chains[source, onward[chain[-1]]] = chain
    return chains
