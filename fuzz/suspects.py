"""Suspects: programs during which a worker died. Was it their doing, which engine's, at which line, and why.

What may live here: examining one suspect in processes of its own and making a sighting of what is found. A
suspect that kills no engine (someone else killed the worker) is checked like any other program.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from fuzz import flight
from fuzz.isolated import Fate, Isolation
from fuzz.plan import Plan, ShardResult, Sighting
from fuzz.shard import composed, run_shard
from oracle.discrepancy import Finding, Verdict
from oracle.program.language import Instruction
from oracle.program.parser import parse
from oracle.program.precision import in_float32, in_float64
from oracle.program.program import Program
from oracle.reduce import reduce

DEADLY = ("crash", "hang", "memory")
REDUCING = 20.0  # seconds for making a deadly program smaller


_isolations: dict[tuple[str, float, int], Isolation] = {}


def _isolation(engine: str, timeout: float, max_memory: int) -> Isolation:
    """One child process per engine for as long as this worker lives; it ends when its stdin closes."""
    key = (engine, timeout, max_memory)
    if key not in _isolations:
        _isolations[key] = Isolation(*key)
    return _isolations[key]


def end_isolations() -> None:
    """End the child processes of this process; for whoever lives on after having examined something."""
    while _isolations:
        _isolations.popitem()[1].close()


def examine(plan: Plan, number: int) -> ShardResult:
    """What program `number` does when it runs alone, as the result of a shard of one program."""
    program = composed(plan, number)
    found = deadly_sighting(plan, number, program)
    if found is None:
        alone = replace(plan, campaign=f"{plan.campaign}-alone-{number}")
        try:
            return run_shard(alone, number, number + 1, None)
        finally:
            flight.forget(alone.campaign)
    result = ShardResult(number, number + 1, programs=1, instructions=len(program))
    result.kinds[found.kind] += 1
    result.sightings[found.signature] = found
    return result


def deadly_sighting(plan: Plan, number: int, program: Program) -> Sighting | None:
    """How a program kills one of the engines; None if it kills neither. A subject that dies as its reference
    does is faithful, so the reference is asked first.
    """
    for version in (program, *other_precisions(program)):
        for engine in dict.fromkeys((plan.reference, plan.subject)):
            fate = _isolation(engine, plan.timeout, plan.max_memory).fate(version)
            if fate.kind != "fine":
                return sighting(version, number, engine, fate)
    return None


def other_precisions(program: Program) -> Iterator[Program]:
    """The program as a comparison may have it run again to measure rounding, as a program of its own."""
    for changed, dtype in ((in_float64, "float64"), (in_float32, "float32")):
        yield Program((*parse(f"T.set_default_dtype(T.{dtype})\n").instructions, *changed(program).instructions))


def sighting(program: Program, number: int, engine: str, fate: Fate) -> Sighting:
    """The sighting of a death: its signature is the kind, the engine, the op it died at, and how."""
    op = "" if fate.line is None else _op(program.instructions[fate.line])
    detail = f"{engine} {_said(fate)}"
    return Sighting(
        f"{fate.kind}|{op}|{engine}|{fate.how}",
        fate.kind,
        op,
        detail,
        engine,
        fate.line,
        number,
        program.source,
    )


def reduce_deadly(plan: Plan, finding: Finding) -> Finding:
    """The finding with the smallest program found that dies the same death; its trace goes into `extra`."""
    engine = finding.where
    side = "reference" if engine == plan.reference else "subject"
    isolation = _isolation(engine, plan.timeout, plan.max_memory)
    patience = min(plan.timeout, max(0.2, plan.timeout / 20))  # confirmed with all of it in the end

    def dies_alike(program: Program) -> bool:
        fate = isolation.fate(program, patience)
        return fate.kind != "fine" and sighting(program, 0, engine, fate).signature == finding.signature

    smaller = reduce(finding.original, dies_alike, seconds=REDUCING)
    fate = isolation.fate(smaller)
    if fate.kind == "fine":  # slow rather than endless: what was found stands
        smaller, fate = finding.original, isolation.fate(finding.original)
    if fate.kind == "fine":
        return replace(finding, flaky=True)
    return replace(
        finding,
        verdict=Verdict(side, (f"alone in a process of its own, {finding.detail}",)),
        program=smaller,
        line=None if fate.line is None else fate.line + 1,
        extra={**finding.extra, "trace": fate.trace, "how": fate.how},
    )


def _op(instruction: Instruction) -> str:
    return instruction.op or instruction.form


def _said(fate: Fate) -> str:
    if fate.kind == "hang":
        return "did not come to an end in time"
    if fate.kind == "memory":
        return "took more memory than it was allowed"
    return f"died of {fate.how}"
