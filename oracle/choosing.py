"""Choosing a small corpus out of many programs, so that what the many exercise the few still do.

What may live here: what a program exercises, read off the program and its observation, and the choice. Used
for the shipped recorded answers.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

from oracle.dataflow import op_name
from oracle.engines.base import Engine
from oracle.observation import Observation, Raised
from oracle.program.language import Fn, Ref
from oracle.program.program import Program
from oracle.triage import normalised

KEPT = 4  # programs kept per trait while looking through the many


def traits(program: Program, seen: Observation) -> set[str]:
    """What a program exercises: ops by dtype, rank and form, keywords, refusals, pairs of nodes, features."""
    found: set[str] = set()
    for index, one in enumerate(program.instructions):
        op = op_name(one)
        facts = [seen.tensors[out] for out in one.outs if out in seen.tensors]
        found.add(f"{one.form} {op}")
        found |= {f"{op} gives {fact.dtype}" for fact in facts}
        found |= {f"{op} of rank {len(fact.shape)}" for fact in facts}
        found |= {f"{op} empty" for fact in facts if 0 in fact.shape}
        found |= {f"{op} not finite" for fact in facts if not _finite(fact.value)}
        found |= {f"{op} {key}={type(value).__name__}" for key, value in one.kwargs}
        found |= {f"{op} {arg.name}" for arg in one.args if isinstance(arg, Fn)}
        found |= {f"{op} in {mode}" for mode in one.modes}
        operands = [arg for arg in one.args if isinstance(arg, Ref)]
        if len(set(operands)) < len(operands):
            found.add(f"{op} of one operand twice")
        outcome = seen.outcomes[index]
        if isinstance(outcome, Raised):
            found.add(f"{op} refused: {outcome.type}: {normalised(outcome.message)}")
    graph = seen.graph
    for node, edges in zip(graph.nodes, graph.edges, strict=True):
        found |= {f"{node} -> {'None' if to is None else graph.nodes[to]}" for to, _ in edges}
    found |= {f"warning {category}" for _, category, _ in seen.warnings}
    return found


def _finite(value: object) -> bool:
    return not isinstance(value, np.ndarray) or value.dtype.kind not in "fc" or bool(np.isfinite(value).all())


def choose(programs: Iterable[Program], engine: Engine, count: int) -> list[Program]:
    """At most `count` of the programs, small ones, that together exercise as much as all of them.

    First one program for every trait, the shortest; then a second for those that need few, and so on.
    """
    best: dict[str, list[tuple[int, int, Program]]] = {}
    for number, program in enumerate(programs):
        if engine.supports(program) is not None:
            continue
        size = len(program.source)
        for trait in traits(program, engine.run(program)):
            held = best.setdefault(trait, [])
            if len(held) < KEPT or size < held[-1][0]:
                held.append((size, number, program))
                held.sort(key=lambda item: item[:2])
                del held[KEPT:]
    chosen: dict[str, Program] = {}
    for program in _in_turn(best):
        if len(chosen) >= count:
            break
        chosen.setdefault(program.source, program)
    return list(chosen.values())


def _in_turn(best: dict[str, list[tuple[int, int, Program]]]) -> Iterator[Program]:
    for place in range(KEPT):
        for trait in sorted(best):
            if place < len(best[trait]):
                yield best[trait][place][2]
