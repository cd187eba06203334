"""A directed graph laid out in layers (Sugiyama's method, by the package fast-sugiyama).

What may live here: numbers in, places out; nothing knows what a node means. The package aborts the process on
a cycle, so cycles are opened before it is asked.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import fast_sugiyama

Point = tuple[float, float]
Edge = tuple[int, int]
_UNIT = 72.0  # what fast-sugiyama puts between neighbours
_BEND = 8.0  # the width of an edge that passes through a layer


@dataclass(frozen=True, slots=True)
class Layout:
    """Where each node stands (its middle), the bends of each edge, and the size of the whole."""

    places: list[Point]
    bends: dict[Edge, list[Point]]
    width: float
    height: float


def lay_out(edges: Iterable[Edge], widths: Sequence[float], gap: float, step: float) -> Layout:
    """Place the nodes 0 .. len(widths) - 1 in layers `step` apart, sources above.

    Neighbours of these `widths` keep `gap` free between them. Components stand side by side; an edge that
    would close a cycle has no influence and no bends.
    """
    kept = without_cycles(sorted(set(edges)), len(widths))
    # Numbered without holes, since the package gives the bends the numbers that follow.
    named = sorted({node for edge in kept for node in edge})
    number = {node: place for place, node in enumerate(named)}
    renamed = [(number[source], number[target]) for source, target in kept]
    places: dict[int, Point] = {}
    bends: dict[Edge, list[Point]] = {}
    left = height = 0.0
    components = fast_sugiyama.from_edges(renamed, vertex_spacing=_UNIT) if renamed else []
    for positions, _, tall, links in components:
        raw = {int(node): (x, tall - y) for node, (x, y) in positions}
        wide = {node: widths[named[node]] if node < len(named) else _BEND for node in raw}
        block = _spread(raw, wide, gap, step)
        start = left - min(x - wide[node] / 2 for node, (x, _) in block.items())
        block = {node: (x + start, y) for node, (x, y) in block.items()}
        left = max(x + wide[node] / 2 for node, (x, _) in block.items()) + gap
        height = max(height, *(y for _, y in block.values()))
        places |= {named[node]: place for node, place in block.items() if node < len(named)}
        for source, target, chain in _chains([(int(a), int(b)) for a, b in links or ()], len(named)):
            bends[named[source], named[target]] = [block[node] for node in chain]
    for node, width in enumerate(widths):
        if node not in places:  # no edge at all
            places[node] = (left + width / 2, 0.0)
            left += width + gap
    return Layout([places[node] for node in range(len(widths))], bends, max(left - gap, 0.0), height)


def without_cycles(edges: Sequence[Edge], nodes: int) -> list[Edge]:
    """The edges that no depth-first walk from the lowest numbers up finds leading back."""
    onward: list[list[int]] = [[] for _ in range(nodes)]
    for source, target in edges:
        onward[source].append(target)
    kept: list[Edge] = []
    state = [0] * nodes  # 0 not seen, 1 on the walk, 2 done
    for root in range(nodes):
        walk = [(root, iter(onward[root]))] if state[root] == 0 else []
        state[root] = state[root] or 1
        while walk:
            node, rest = walk[-1]
            target = next(rest, -1)
            if target == -1:
                state[node] = 2
                walk.pop()
                continue
            if state[target] != 1:
                kept.append((node, target))
            if state[target] == 0:
                state[target] = 1
                walk.append((target, iter(onward[target])))
    return sorted(kept)


def _spread(raw: dict[int, Point], wide: dict[int, float], gap: float, step: float) -> dict[int, Point]:
    """The layout's places in our own measure, neighbours of a layer pushed apart where they overlap."""
    scale = (sum(wide.values()) / len(wide) + gap) / _UNIT
    layers: dict[float, list[int]] = {}
    for node, (_, y) in raw.items():
        layers.setdefault(y, []).append(node)
    placed: dict[int, Point] = {}
    for level, y in enumerate(sorted(layers)):
        taken = float("-inf")
        for node in sorted(layers[y], key=lambda one: raw[one][0]):
            x = max(raw[node][0] * scale, taken + wide[node] / 2)
            placed[node] = (x, level * step)
            taken = x + wide[node] / 2 + gap
    return placed


def _chains(links: Sequence[Edge], nodes: int) -> Iterable[tuple[int, int, list[int]]]:
    """Each long edge with the bends that it runs through, which are numbered from `nodes` on."""
    onward = {source: target for source, target in links if source >= nodes}
    for source, target in links:
        if source < nodes <= target:
            chain = [target]
            while onward[chain[-1]] >= nodes:
                chain.append(onward[chain[-1]])
            yield source, onward[chain[-1]], chain
