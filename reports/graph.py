"""Two backward graphs matched node by node: which node of one is which of the other, and what differs.

What may live here: matching and differences over plain Graphs. Where nodes stand is `layout`'s, what they
look like is `drawing`'s.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from oracle.compare_text import normalised
from oracle.observation import Graph, Observation


@dataclass(frozen=True, slots=True)
class Difference:
    """What of one graph the other has not: `lonely` nodes, `changed` nodes, and `edges` as (node, slot)."""

    lonely: frozenset[int]
    changed: frozenset[int]
    edges: frozenset[tuple[int, int]]

    def __bool__(self) -> bool:
        return bool(self.lonely or self.changed or self.edges)


def matched(ours: Observation, theirs: Observation) -> dict[int, int]:
    """Our node to their node: equal names of tensors start, equal slots lead on, the first claim counts."""
    there: dict[int, int] = {}
    taken: set[int] = set()
    queue: deque[tuple[int | None, int | None]] = deque()
    theirs_by_name = {name: node for node, names in owners(theirs).items() for name in names}
    for node, names in owners(ours).items():
        queue.extend((node, theirs_by_name.get(name)) for name in names)
    while queue:
        mine, its = queue.popleft()
        if mine is None or its is None or mine in there or its in taken:
            continue
        there[mine] = its
        taken.add(its)
        pairs = zip(ours.graph.edges[mine], theirs.graph.edges[its], strict=False)
        queue.extend((a, b) for (a, _), (b, _) in pairs)
    return there


def differences(ours: Observation, theirs: Observation, there: dict[int, int]) -> tuple[Difference, Difference]:
    """What differs in each of the two graphs, seen from that one; `there` is `matched(ours, theirs)`."""
    modules = tuple({ours.module, theirs.module} - {""})
    back = {its: mine for mine, its in there.items()}
    return (
        _difference(ours.graph, theirs.graph, there, modules),
        _difference(theirs.graph, ours.graph, back, modules),
    )


def owners(observation: Observation) -> dict[int, list[str]]:
    """Node to the names of the tensors whose grad_fn it is."""
    names: dict[int, list[str]] = {}
    for name, facts in observation.tensors.items():
        if isinstance(facts.grad_node, int) and 0 <= facts.grad_node < len(observation.graph.nodes):
            names.setdefault(facts.grad_node, []).append(name)
    return names


def merged_ids(count: int, other: int, there: dict[int, int]) -> list[int]:
    """A number for each of our `count` nodes: that of its match, or a new one after their `other` nodes."""
    ids, fresh = [], other
    for node in range(count):
        ids.append(there.get(node, fresh))
        fresh += node not in there
    return ids


def edges_of(graph: Graph, ids: list[int]) -> set[tuple[int, int]]:
    """The graph's edges between numbers, None slots left out."""
    return {(ids[node], ids[to]) for node, slots in enumerate(graph.edges) for to, _ in slots if to is not None}


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
