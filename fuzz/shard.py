"""A shard: a range of a campaign's programs, composed, checked and counted, in whatever process it is called.

What may live here: the campaign's inner loop. Results are plain data that cross process borders; they depend
on the plan and the range alone. Which shard runs where and when, and what happens to findings, is for others.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Sequence
from functools import cache, lru_cache
from hashlib import blake2b
from itertools import islice

from fuzz import coverage
from fuzz.flight import FlightRecorder
from fuzz.guard import Guarded, loaded, one_at_a_time
from fuzz.limits import MEMORY_EXIT
from fuzz.out_of_memory import is_short
from fuzz.plan import BATCH, SHARD, STEERED, SWARM, Lean, Plan, ShardResult, Sighting
from oracle import triage
from oracle.check import Checked, check_batch
from oracle.checks import Counts
from oracle.engines.recorded import RecordedEngine
from oracle.program.program import Program
from strategies import buffers, decode, grammar
from strategies.grammar import Grammar
from strategies.steering import exercised


def prepare(plan: Plan) -> tuple[dict[str, str], int | None]:
    """Load both engines in this process; returns their versions by name, and how many programs there are.

    There is an end of programs (else None) where the reference's answers are recorded. Raises HarnessError
    (EngineUnavailable) for an engine that is unknown or cannot be loaded.
    """
    versions = {name: loaded(name).version for name in dict.fromkeys((plan.subject, plan.reference))}
    recorded = _recorded(plan.reference)
    return versions, None if recorded is None else len(recorded)


def run_shard(plan: Plan, start: int, stop: int, deadline: float | None) -> ShardResult:
    """Run programs `start` to `stop` (exclusive), or fewer if `deadline` (as `time.time()`) comes first."""
    result = ShardResult(start, start)
    recorder = FlightRecorder(plan.campaign, start, stop)
    suspects = recorder.suspects
    counts = Counts()
    try:
        with one_at_a_time:
            for batch in _batches(start, stop):
                if deadline is not None and time.time() >= deadline:
                    break
                numbers = [number for number in batch if number not in suspects]
                _run_batch(result, plan, numbers, recorder, counts)
                result.stop = batch.stop
    except MemoryError:
        os._exit(MEMORY_EXIT)  # the note tells which program it was; this process is of no use any more
    recorder.close()
    result.suspects += tuple(number for number in suspects if number < result.stop)
    result.compared.update(exact=counts.exact, tolerance=counts.tolerated, different=counts.different)
    result.compared.update(counts.skipped)
    result.unreported = counts.unreported
    return result


def _run_batch(
    result: ShardResult, plan: Plan, numbers: Sequence[int], recorder: FlightRecorder, counts: Counts
) -> None:
    programs = [composed(plan, number) for number in numbers]
    noted = {id(program): number for number, program in zip(numbers, programs, strict=True)}
    subject, reference = (
        Guarded(loaded(name), plan.timeout, recorder, noted) for name in (plan.subject, plan.reference)
    )
    try:
        found = check_batch(programs, subject, reference, counts)
    except Exception as error:
        error.add_note(_blamed(plan, numbers, programs, subject, reference))
        raise
    for number, checked in zip(numbers, found, strict=True):
        _count(result, plan, number, checked)


def _blamed(
    plan: Plan, numbers: Sequence[int], programs: Sequence[Program], subject: Guarded, reference: Guarded
) -> str:
    """Which of these programs it is that cannot be checked, for whoever is to mend it."""
    for number, program in zip(numbers, programs, strict=True):
        try:
            check_batch([program], subject, reference)
        except Exception:  # whatever it is, the campaign ends of the first
            return f"This was program {number} of seed {plan.seed}:\n{program.source}"
    return f"This was one of the programs {numbers[0]} to {numbers[-1]} of seed {plan.seed}, of none of them alone."


def composed(plan: Plan, number: int) -> Program:
    """Program `number` of a campaign: of the recorded ones, or else seed, number and ops decide it."""
    recorded = _recorded(plan.reference)
    if recorded is not None:
        return recorded[number]
    return decode(buffer(plan, number), _grammar(plan.ops))


@cache
def _grammar(ops: tuple[str, ...]) -> Grammar:
    """The campaign's grammar; asking for it by its options costs as much as composing a program."""
    return grammar(ops=ops or None)


@cache
def _recorded(reference: str) -> tuple[Program, ...] | None:
    """The programs that there are recorded answers to, if the reference is such a record."""
    engine = loaded(reference)
    return tuple(engine.programs()) if isinstance(engine, RecordedEngine) else None


def buffer(plan: Plan, number: int) -> bytes:
    """The bytes that program `number` of a campaign is composed of."""
    return _block(plan.seed, number // SHARD, plan.ops, plan.lean)[number % SHARD]


@lru_cache(maxsize=4)
def _block(seed: int, block: int, ops: tuple[str, ...], lean: Lean) -> list[bytes]:
    """The buffers of one block of programs; each has a seed of its own, so that any can be made first."""
    own = int.from_bytes(blake2b(f"{seed}/{block}".encode(), digest_size=8).digest(), "little")
    stream = buffers(own, _grammar(ops), SWARM)
    if lean.counts:
        stream.steer(dict(lean.counts))
    return list(islice(stream, SHARD))


def _hex(plan: Plan, number: int) -> str:
    return "" if _recorded(plan.reference) is not None else buffer(plan, number).hex()


def _batches(start: int, stop: int) -> Iterator[range]:
    """The range cut at multiples of BATCH."""
    while start < stop:
        end = min(stop, (start // BATCH + 1) * BATCH)
        yield range(start, end)
        start = end


def _count(result: ShardResult, plan: Plan, number: int, checked: Checked) -> None:
    result.programs += 1
    if checked.unsupported is not None:
        result.unsupported[checked.unsupported] += 1
        return
    program = checked.program
    result.instructions += len(program)
    if checked.reference is not None:
        coverage.count(result.coverage, program, checked.reference, number)
    if number % STEERED == 0:
        result.exercised.update(exercised(program))
    if not checked.discrepancies:
        return
    if is_short(checked):
        result.suspects = (*result.suspects, number)
        result.programs -= 1
        result.instructions -= len(program)
        return
    for discrepancy in checked.discrepancies:
        result.kinds[discrepancy.kind] += 1
    for cause in triage.causes(checked.discrepancies, program):
        signature = triage.signature(cause, program)
        known = result.sightings.get(signature)
        if known is not None:
            known.count += 1
            continue
        result.sightings[signature] = Sighting(
            signature,
            cause.kind,
            cause.op,
            cause.detail,
            cause.where,
            cause.index,
            number,
            program.source,
            _hex(plan, number),
        )
