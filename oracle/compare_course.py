"""Checks on the course of a run: presence, exceptions, plain results, warnings, hooks, prints, the graph.

What may live here: what is compared per instruction or per run. What is compared per tensor is in
`compare_facts` and `compare_values`.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import zip_longest
from typing import Any

import numpy as np

from oracle.checks import Pair, Said, check
from oracle.compare_text import normalised, same_but_for_rounding, without_numbers
from oracle.discrepancy import (
    ErrorTextDiscrepancy,
    ErrorTypeDiscrepancy,
    GraphDiscrepancy,
    HookDiscrepancy,
    MissingErrorDiscrepancy,
    PresenceDiscrepancy,
    ReprDiscrepancy,
    ReturnedDiscrepancy,
    SavedDiscrepancy,
    UnexpectedErrorDiscrepancy,
    WarningDiscrepancy,
)
from oracle.moving import call_spread
from oracle.observation import TANGENT, Graph, Observation, Raised, Returned, Saved
from oracle.plain import same_plain, same_shapes, shown
from oracle.tolerance import is_unordered


@check(PresenceDiscrepancy, "value")
def presence(pair: Pair) -> Iterator[Said]:
    """Names bound to tensors on one side only, and outcomes missing without an exception to explain them."""
    ours, theirs = pair.subject, pair.reference
    if len(ours.outcomes) != len(theirs.outcomes):
        counts = f"{len(ours.outcomes)} outcomes, reference has {len(theirs.outcomes)}"
        yield Said("outcomes", counts, len(ours.outcomes), len(theirs.outcomes))
    for index in range(min(len(ours.outcomes), len(theirs.outcomes))):
        if (ours.outcomes[index] is None) != (theirs.outcomes[index] is None) and index <= pair.parted:
            sides = ("was not reached", "reached it") if ours.outcomes[index] is None else ("was reached", "did not")
            yield Said(f"instruction {index}", f"{sides[0]}, reference {sides[1]}", at=index)
    for name in theirs.names - ours.names:
        if TANGENT not in name and (pair.binder(name) or 0) < pair.parted:
            yield Said(name, "is no tensor, reference has a tensor", None, "a tensor")
    for name in ours.names - theirs.names:
        if TANGENT not in name and (pair.binder(name) or 0) < pair.parted:
            yield Said(name, "is a tensor, reference has none", "a tensor", None)
    for name, mine, its in pair.tensors:
        if isinstance(mine.value, np.ndarray) != isinstance(its.value, np.ndarray):
            yield Said(name, f"value is {shown(mine.value)}, reference has {shown(its.value)}")


def _outcomes(pair: Pair) -> Iterator[tuple[int, Any, Any]]:
    """Outcomes side by side, up to and with the instruction at which one side stopped alone."""
    for index, (ours, theirs) in enumerate(zip(pair.subject.outcomes, pair.reference.outcomes, strict=False)):
        yield index, ours, theirs


def _where(pair: Pair, index: int) -> str:
    outs = pair.program.instructions[index].outs
    return outs[0] if outs else f"instruction {index}"


@check(MissingErrorDiscrepancy, "errors")
def missing_errors(pair: Pair) -> Iterator[Said]:
    """Instructions that only the reference refuses."""
    for index, ours, theirs in _outcomes(pair):
        if isinstance(theirs, Raised) and isinstance(ours, Returned):
            detail = f"nothing is raised, reference raises {theirs.type}: {theirs.message}"
            yield Said(_where(pair, index), detail, None, theirs, index)


@check(UnexpectedErrorDiscrepancy, "errors")
def unexpected_errors(pair: Pair) -> Iterator[Said]:
    """Instructions that only the subject refuses."""
    for index, ours, theirs in _outcomes(pair):
        if isinstance(ours, Raised) and isinstance(theirs, Returned):
            detail = f"raises {ours.type}: {ours.message}, reference raises nothing"
            yield Said(_where(pair, index), detail, ours, None, index)


@check(ErrorTypeDiscrepancy, "errors")
def error_types(pair: Pair) -> Iterator[Said]:
    """Instructions that both refuse with exceptions of different type."""
    for index, ours, theirs in _outcomes(pair):
        if isinstance(ours, Raised) and isinstance(theirs, Raised) and ours.type != theirs.type:
            detail = f"raises {ours.type}: {ours.message}, reference raises {theirs.type}: {theirs.message}"
            yield Said(_where(pair, index), detail, ours, theirs, index)


@check(ErrorTextDiscrepancy, "errors")
def error_texts(pair: Pair) -> Iterator[Said]:
    """Instructions that both refuse with the same type and other words."""
    modules = pair.modules
    for index, ours, theirs in _outcomes(pair):
        if not (isinstance(ours, Raised) and isinstance(theirs, Raised) and ours.type == theirs.type):
            continue
        mine, its = (normalised(one.message, modules) for one in (ours, theirs))
        if mine != its and not same_but_for_rounding(mine, its):
            detail = f"{ours.type} says {ours.message!r}, reference says {theirs.message!r}"
            yield Said(_where(pair, index), detail, ours, theirs, index)


@check(ReturnedDiscrepancy, "returned")
def returned(pair: Pair) -> Iterator[Said]:
    """Results that are no tensors: numbers, tuples, None, names of objects."""
    for index, ours, theirs in _outcomes(pair):
        if not (isinstance(ours, Returned) and isinstance(theirs, Returned)) or ours is theirs:
            continue
        if not same_plain(ours.value, theirs.value, pair.modules):
            detail = f"is {shown(ours.value)}, reference has {shown(theirs.value)}"
            yield Said(_where(pair, index), detail, ours.value, theirs.value, index)


@check(WarningDiscrepancy, "warnings")
def warnings(pair: Pair) -> Iterator[Said]:
    """Warnings given up to where the runs part, by instruction, category and text."""
    ours, theirs = _heard(pair, pair.subject), _heard(pair, pair.reference)
    for mine, its in zip_longest(ours, theirs):
        if mine == its:
            continue
        index = min(entry[0] for entry in (mine, its) if entry is not None)
        mine, its = (None if entry is None or entry[0] != index else entry for entry in (mine, its))
        yield Said("warnings", f"{_warned(mine)}, reference {_warned(its)}", mine, its, index)
        return  # what follows is shifted


def same_warnings(subject: Observation, reference: Observation) -> bool:
    """Whether the same warnings were given at the same instructions, texts as they are compared."""
    modules = (subject.module, reference.module)
    return len(subject.warnings) == len(reference.warnings) and all(
        mine[:2] == its[:2] and normalised(mine[2], modules) == normalised(its[2], modules)
        for mine, its in zip(subject.warnings, reference.warnings, strict=True)
    )


def _heard(pair: Pair, side: Observation) -> list[tuple[int, str, str]]:
    return [
        (index, kind, normalised(text, pair.modules)) for index, kind, text in side.warnings if index <= pair.parted
    ]


def _warned(entry: tuple[int, str, str] | None) -> str:
    return "gives no warning" if entry is None else f"warns {entry[1]}: {entry[2]}"


@check(ReprDiscrepancy, "prints")
def prints(pair: Pair) -> Iterator[Said]:
    """What `print` showed, up to where the runs part."""
    theirs = dict(pair.reference.prints)
    for index, text in pair.subject.prints:
        its = theirs.get(index)
        if its is None or text == its or normalised(text, pair.modules) == normalised(its, pair.modules):
            continue
        if not (is_unordered(pair.program) and without_numbers(text) == without_numbers(its)):
            yield Said("print", f"shows {text!r}, reference shows {its!r}", text, its, index)


@check(HookDiscrepancy, "hooks")
def hooks(pair: Pair) -> Iterator[Said]:
    """Calls of hooks: how many, in which order, during which instruction, with what values."""
    ours = [call for call in pair.subject.hooks if call.during <= pair.parted]
    theirs = [call for call in pair.reference.hooks if call.during <= pair.parted]
    for number, (mine, its) in enumerate(zip(ours, theirs, strict=False)):
        if (mine.hook, mine.during) != (its.hook, its.during):
            detail = f"calls hook of instruction {mine.hook} during {mine.during}, "
            detail += f"reference calls hook of instruction {its.hook} during {its.during}"
            yield Said("hooks", detail, mine, its, min(mine.during, its.during))
            return
        if not (
            same_plain(mine.values, its.values, pair.modules)
            or same_plain(mine.values, its.values, pair.modules, pair.units, pair.cancelling, pair.narrowest)
            or (pair.sums_in_doubt and same_shapes(mine.values, its.values))
            or same_plain(mine.values, its.values, pair.modules, pair.units, _moved(pair, number), pair.narrowest)
        ):
            detail = f"hook of instruction {mine.hook} is given {shown(mine.values)}, "
            yield Said("hooks", f"{detail}reference gives {shown(its.values)}", mine, its, mine.during)
            return
    if len(ours) != len(theirs):
        extra = (ours if len(ours) > len(theirs) else theirs)[min(len(ours), len(theirs))]
        detail = f"{len(ours)} calls of hooks, reference makes {len(theirs)}"
        yield Said("hooks", detail, len(ours), len(theirs), extra.during)


def _moved(pair: Pair, number: int) -> float:
    """How large numbers would be whose rounding is as large as what moves in the call of a hook of that number."""
    return call_spread(number, pair.reference, pair.reruns, is_unordered(pair.program))


@check(GraphDiscrepancy, "graph")
def graph(pair: Pair) -> Iterator[Said]:
    """The backward graph, where both ran to the same end: its nodes, edges and leaves."""
    if pair.stopped:
        return  # which is counted elsewhere
    ours, theirs = pair.subject.graph, pair.reference.graph
    if ours == theirs:
        return
    roots = _roots(pair)
    for number in range(min(len(ours.nodes), len(theirs.nodes))):
        mine, its = _node(ours, number), _node(theirs, number)
        if mine != its:
            name = roots.get(number)
            index = None if name is None else pair.last_write(name)
            of = f" of {name}" if name else ""
            yield Said("graph", f"node {number}{of} is {mine}, reference has {its}", mine, its, index)
            return
    if len(ours.nodes) != len(theirs.nodes):
        detail = f"{len(ours.nodes)} nodes, reference has {len(theirs.nodes)}"
        yield Said("graph", detail, len(ours.nodes), len(theirs.nodes))


def _roots(pair: Pair) -> dict[int, str]:
    """By node the first tensor that has it for its grad_fn."""
    tensors = reversed(pair.reference.tensors.items())
    return {facts.grad_node: name for name, facts in tensors if facts.grad_node is not None}


@check(SavedDiscrepancy, "saved")
def saved(pair: Pair) -> Iterator[Said]:
    """What nodes show of what they saved, where the graphs are equal."""
    ours, theirs = pair.subject.graph, pair.reference.graph
    if pair.stopped or ours.saved == theirs.saved or (ours.nodes, ours.edges) != (theirs.nodes, theirs.edges):
        return
    roots = _roots(pair)
    for number, (mine, its) in enumerate(zip(ours.saved, theirs.saved, strict=False)):
        for name in sorted({*mine.tensors, *mine.names, *its.tensors, *its.names}):
            here, there = _saved_as(mine, name), _saved_as(its, name)
            if here != there and not _same_steps(mine, its, name):
                root = roots.get(number)
                index = None if root is None else pair.last_write(root)
                what = f"_saved_{name} of {theirs.nodes[number]} is {here}, reference has {there}"
                yield Said("graph", what, here, there, index)
                return


def _same_steps(ours: Saved, theirs: Saved, name: str) -> bool:
    """Whether both are strides that matter alike: in dimensions of more than one element, see compare_facts.

    Nor does it matter where an empty view begins.
    """
    sizes = theirs.by_name.get("size" if name in ("stride", "storage_offset") else name.replace("strides", "sizes"), ())
    if name == "storage_offset":
        return 0 in sizes
    if name != "stride" and not name.endswith("_sym_strides"):
        return False
    steps = [one.by_name.get(name, ()) for one in (ours, theirs)]
    if not len(sizes) == len(steps[0]) == len(steps[1]):
        return False
    return 0 in sizes or all(mine == its for size, mine, its in zip(sizes, *steps, strict=True) if size > 1)


def _saved_as(saved: Saved, name: str) -> str:
    if name in saved.tensors:
        return "a tensor"
    return repr(saved.by_name[name]) if name in saved.names else "not there"


def _node(graph: Graph, number: int) -> str:
    """A node in one line: its name, its leaf, and its edges by the names of the nodes they lead to."""
    edges = ", ".join(
        f"({'None' if target is None else f'{target}: {graph.nodes[target]}'}, {index})"
        for target, index in graph.edges[number]
    )
    variable = graph.variables[number]
    return f"{graph.nodes[number]}{f' of {variable}' if variable else ''} with edges ({edges})"
