"""Backward graphs: matched node by node, laid out in layers, drawn with what differs."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oracle.observation import Graph
from reports import graph as graphs
from reports.drawing import LARGEST, two_graphs
from reports.layout import lay_out, without_cycles
from tests.reports import material


def with_graph(graph, **nodes):
    """An observation of this graph in which tensors of these names have these grad_fn nodes."""
    observed = material.observation()
    observed.graph = graph
    observed.tensors = {name: material.facts([1.0], grad_node=node) for name, node in nodes.items()}
    return observed


def compared(ours, theirs):
    return graphs.differences(ours, theirs, graphs.matched(ours, theirs))


def test_equal_graphs_differ_in_nothing_whatever_order_they_were_found_in():
    theirs = with_graph(material.graph(), v1=0, v2=1)
    turned = Graph(
        ("AccumulateGrad", "SumBackward0", "MulBackward0"),
        ((), ((2, 0),), ((0, 0), (None, 0))),
        ("v0", None, None),
    )
    mine, its = compared(with_graph(turned, v1=2, v2=1), theirs)
    assert not mine
    assert not its


def test_a_node_of_another_name_is_changed():
    theirs = material.graph()
    ours = replace(theirs, nodes=("DivBackward0", *theirs.nodes[1:]))
    mine, its = compared(with_graph(ours, v1=0, v2=1), with_graph(theirs, v1=0, v2=1))
    assert (mine.changed, its.changed) == ({0}, {0})
    assert (mine.lonely, mine.edges) == (set(), set())


def test_another_output_index_is_a_changed_edge():
    theirs = material.graph()
    ours = replace(theirs, edges=(theirs.edges[0], ((0, 1),), ()))
    mine, its = compared(with_graph(ours, v1=0, v2=1), with_graph(theirs, v1=0, v2=1))
    assert (mine.edges, its.edges) == ({(1, 0)}, {(1, 0)})


def test_a_slot_that_is_none_on_one_side_is_a_changed_edge():
    theirs = material.graph()
    ours = replace(theirs, edges=(((None, 0), (None, 0)), *theirs.edges[1:]))
    mine, its = compared(with_graph(ours, v1=0, v2=1), with_graph(theirs, v1=0, v2=1))
    assert mine.edges == {(0, 0)}
    assert its.lonely == set() or its.lonely == {2}
    assert (0, 0) in its.edges


def test_a_node_that_only_one_side_has_is_lonely():
    theirs = material.graph()
    ours = Graph(
        (*theirs.nodes, "CloneBackward0"),
        (*theirs.edges[:1], ((3, 0),), (), ((0, 0),)),
        (*theirs.variables, None),
    )
    mine, its = compared(with_graph(ours, v1=0, v2=1), with_graph(theirs, v1=0, v2=1))
    assert mine.lonely == {3}
    assert its.lonely == set()
    assert its.edges == {(1, 0)}


def test_a_module_in_a_name_is_no_difference():
    ours, theirs = with_graph(material.graph(), v2=1), with_graph(material.graph(), v2=1)
    ours.module, theirs.module = "mine", "torch"
    ours.graph = replace(ours.graph, nodes=(*ours.graph.nodes[:2], "mine::autograd::AccumulateGrad"))
    theirs.graph = replace(theirs.graph, nodes=(*theirs.graph.nodes[:2], "torch::autograd::AccumulateGrad"))
    assert not any(compared(ours, theirs))


edges = st.integers(1, 30).flatmap(
    lambda nodes: st.tuples(
        st.just(nodes), st.lists(st.tuples(st.integers(0, nodes - 1), st.integers(0, nodes - 1)), max_size=60)
    )
)


@given(edges)
def test_every_node_has_a_place_of_its_own_and_no_two_overlap(drawn):
    nodes, several = drawn
    widths = [40.0 + 10 * (node % 5) for node in range(nodes)]
    layout = lay_out(several, widths, 20.0, 80.0)
    boxes = sorted((y, x - width / 2, x + width / 2) for (x, y), width in zip(layout.places, widths, strict=True))
    for (y, _, right), (other_y, left, _) in pairwise(boxes):
        assert y != other_y or left >= right + 19.9
    assert all(left >= -0.1 and right <= layout.width + 0.1 and 0 <= y <= layout.height for y, left, right in boxes)


@given(edges)
def test_edges_lead_downward_once_cycles_are_opened(drawn):
    nodes, several = drawn
    layout = lay_out(several, [40.0] * nodes, 20.0, 80.0)
    for source, target in without_cycles(sorted(set(several)), nodes):
        heights = [
            y
            for _, y in (
                layout.places[source],
                *layout.bends.get((source, target), []),
                layout.places[target],
            )
        ]
        assert heights == sorted(set(heights))


def test_a_layout_is_the_same_every_time():
    several = [(a, b) for a in range(12) for b in range(a + 1, 12) if (a * b) % 3 == 0]
    first = lay_out(several, [50.0] * 12, 20.0, 80.0)
    assert all(lay_out(several, [50.0] * 12, 20.0, 80.0) == first for _ in range(5))


def chain(nodes: int) -> Graph:
    links = tuple(((node + 1, 0),) if node + 1 < nodes else () for node in range(nodes))
    return Graph(("MulBackward0",) * nodes, links, (None,) * nodes)


def test_the_same_graph_is_drawn_once_and_different_ones_twice():
    same = with_graph(material.graph(), v2=1)
    assert two_graphs(same, same, "mine", "torch", "x").count("<svg") == 1
    other = with_graph(replace(material.graph(), nodes=("DivBackward0", "SumBackward0", "AccumulateGrad")), v2=1)
    assert two_graphs(other, same, "mine", "torch", "x").count("<svg") == 2


def test_what_is_the_same_stands_at_the_same_place_in_both_drawings():
    theirs = material.graph()
    ours = Graph(
        (*theirs.nodes, "CloneBackward0"),
        (*theirs.edges[:1], ((3, 0),), (), ((0, 0),)),
        (*theirs.variables, None),
    )
    drawn = two_graphs(with_graph(ours, v1=0, v2=1), with_graph(theirs, v1=0, v2=1), "mine", "torch", "x")
    boxes = re.findall(r'<rect x="(-?\d+)" y="(-?\d+)" width="\d+" height="\d+" rx="\d+"/><text[^>]*>(\w+)', drawn)
    places = {}
    for x, y, name in boxes:
        places.setdefault(name, set()).add((x, y))
    assert len(boxes) == 7
    assert all(len(where) == 1 for where in places.values())


def test_a_drawing_says_in_words_what_its_colours_say():
    ours = with_graph(replace(material.graph(), nodes=("DivBackward0", "SumBackward0", "AccumulateGrad")), v2=1)
    drawn = two_graphs(ours, with_graph(material.graph(), v2=1), "mine", "torch", "x")
    assert "3 nodes; 1 node otherwise" in drawn
    assert "<mark>0 DivBackward0 to (2, 0), None</mark>" in drawn
    assert 'class="node changed"' in drawn


@pytest.mark.parametrize("nodes", [60, LARGEST])
def test_a_graph_of_many_nodes_is_drawn(nodes):
    one = with_graph(chain(nodes), v0=0)
    drawn = two_graphs(one, one, "mine", "torch", "x")
    assert drawn.count('class="node"') == nodes


def test_a_graph_too_large_to_draw_is_listed():
    one = with_graph(chain(LARGEST + 1), v0=0)
    drawn = two_graphs(one, one, "mine", "torch", "x")
    assert "<svg" not in drawn
    assert drawn.count("<li>") == LARGEST + 1


def test_wide_graphs_stand_below_each_other():
    fan = Graph(
        ("SumBackward0", *["MulBackward0"] * 9), (tuple((one, 0) for one in range(1, 10)), *[()] * 9), (None,) * 10
    )
    ours, theirs = with_graph(fan, v0=0), with_graph(replace(fan, nodes=("AddBackward0", *fan.nodes[1:])), v0=0)
    assert 'class="graphs wide"' in two_graphs(ours, theirs, "mine", "torch", "x")
    narrow = with_graph(chain(2), v0=0)
    assert 'class="graphs"' in two_graphs(narrow, narrow, "mine", "torch", "x")


def test_no_graph_is_no_drawing():
    nothing = with_graph(Graph())
    assert two_graphs(nothing, nothing, "mine", "torch", "x") == ""
    assert "no graph" in two_graphs(nothing, with_graph(material.graph(), v2=1), "mine", "torch", "x")


def test_a_graph_that_runs_in_a_circle_is_drawn_all_the_same():
    circle = Graph(("A", "B"), (((1, 0),), ((0, 0), (1, 0))), (None, None))
    one = with_graph(circle, v0=0)
    assert two_graphs(one, one, "mine", "torch", "x").count('class="edge"') == 3
