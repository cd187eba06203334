"""Hunting a planted bug: how many programs, seconds and instructions it takes to catch one.

What may live here: one hunt. Which bugs there are is in `oracle.engines.mutants`.
"""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import cycle, islice

from oracle import triage
from oracle.check import Checked, check_batch, check_program
from oracle.discrepancy import Discrepancy
from oracle.engines import load
from oracle.engines.base import Engine
from oracle.engines.mutants import Mutant, MutantEngine
from oracle.engines.mutants.planting import tells
from oracle.engines.mutants.sources import SMALL
from oracle.errors import HarnessError
from oracle.program.program import Program
from oracle.reduce import reduce
from strategies import buffers, decode, grammar
from strategies.grammar import ALL_DTYPES, ALL_FEATURES, QUERIES
from strategies.provoking import batched_queries, broken_rules, spoilt_calls

BATCH = 8
MANY = 160  # programs at once of those of which few come to a mutant's place
LONGEST = 10.0  # seconds of processor time for a batch; it takes a tenth of a second
RARE, COMMON = 1, 1000  # said of how often was drawn what a mutant needs, and everything else, so as to lean to it
OFTEN = 0.5  # where so many programs come to a mutant's place, none are set aside because they do not


@dataclass(slots=True)
class Catch:
    """What became of one hunt. `program` is the smallest that shows the bug, None where nothing did or where one
    hung, or made something that cannot be looked at.

    reached   how often the place of the bug was come to; None where that is not known (`planting.tells`)
    """

    mutant: Mutant
    programs: int
    seconds: float
    kind: str = ""
    detail: str = ""
    program: Program | None = None
    reducing: float = 0.0
    reached: int | None = None

    @property
    def size(self) -> int:
        """Instructions of the smallest program."""
        return 0 if self.program is None else len(self.program)


def hunt(mutant: Mutant, *, seed: int = 0, programs: int = 20_000, seconds: float = 60.0) -> Catch:
    """Draws programs until one shows the bug and minigrad without it does not; reduces that one.

    `seconds` is processor time of this process; programs come from the ops and features that the mutant names, if any.
    """
    subject, healthy, reference = MutantEngine(mutant), load("minigrad"), load("torch")
    started = time.process_time()
    catch = Catch(mutant, 0, 0.0)
    aim = _Aim(subject)
    for batch in _batches(mutant, seed):
        try:
            with _not_for_ever():
                every = check_batch(aim.at(batch), subject, reference)
        except _Endless:
            catch.kind, every = "hang", []
        except HarnessError:
            raise
        except Exception as error:  # not even what came of a program can be looked at
            healthy.run_batch(batch)  # which is the bug's doing, or this fails as well
            catch.kind, catch.detail, every = "crash", repr(error), []
        for checked in every:
            for wanted in _new(checked, healthy, reference):
                catch.programs += 1 + next(i for i, one in enumerate(batch) if one is checked.program)
                catch.seconds, catch.reached = time.process_time() - started, aim.reached
                return _reduced(catch, checked, wanted, subject, reference)
        catch.programs += len(batch)
        catch.seconds, catch.reached = time.process_time() - started, aim.reached
        if catch.kind or catch.programs >= programs or catch.seconds >= seconds:
            break
    return catch


class _Endless(BaseException):
    """Engines take what they raise for an answer, but not this."""


@contextmanager
def _not_for_ever() -> Iterator[None]:
    """Ends with _Endless what takes more processor time than any batch does; wall clocks tell of other processes."""

    def ring(*_: object) -> None:
        raise _Endless

    before = signal.signal(signal.SIGVTALRM, ring)
    signal.setitimer(signal.ITIMER_VIRTUAL, LONGEST)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def _batches(mutant: Mutant, seed: int) -> Iterator[list[Program]]:
    """Programs for a mutant without end: composed ones, and between them those that are made to be refused."""
    chosen = grammar(ops=mutant.ops or None, features=mutant.features or None, dtypes=ALL_DTYPES)
    stream = buffers(seed, chosen)
    if mutant.features:
        wanted = set(mutant.features)
        if mutant.target.startswith("inplace "):  # calls and features have names of their own
            wanted |= chosen.weights.keys() - {*chosen.ops, *ALL_FEATURES, *QUERIES}
        stream.steer({name: RARE if name in wanted else COMMON for name in chosen.weights})
    made: list[tuple[Iterator[Program], int]] = [((decode(buffer, chosen) for buffer in stream), BATCH)]
    if "refusal" in mutant.features or mutant.target.startswith("source "):
        made.append((broken_rules(grammar(ops=SMALL), seed), MANY))
    if "mistake" in mutant.features:
        made.append((spoilt_calls(chosen.ops, chosen, seed), BATCH))
    if "batched" in mutant.features:
        made.append((batched_queries(chosen.ops, chosen, seed), MANY))
    for source, size in cycle(made):
        batch = list(islice(source, size))
        if batch:
            yield batch


class _Aim:
    """Sets aside programs that do not come to where the bug is, which need not be run twice and compared."""

    def __init__(self, subject: MutantEngine) -> None:
        self.subject = subject
        self.near = not tells(subject.mutant)  # whether to look at every program

    @property
    def reached(self) -> int | None:
        """How often the place was come to."""
        return self.subject.reached.count if tells(self.subject.mutant) else None

    def at(self, batch: list[Program]) -> list[Program]:
        """The programs that come to the place; all of them where most do."""
        if self.near or not self._comes(batch):
            return batch if self.near else []
        coming = [program for program in batch if self._comes([program])]
        self.near = len(coming) >= OFTEN * len(batch)
        return coming

    def _comes(self, programs: list[Program]) -> bool:
        before = self.subject.reached.count
        self.subject.run_batch(programs)
        return self.subject.reached.count > before


def _new(checked: Checked, healthy: Engine, reference: Engine) -> Iterator[Discrepancy]:
    """The discrepancies that minigrad as it is does not have on the same program."""
    if not checked.discrepancies:
        return
    known = {triage.signature(d, checked.program) for d in check_program(checked.program, healthy, reference)}
    for found in triage.causes(checked.discrepancies, checked.program):
        if triage.signature(found, checked.program) not in known:
            yield found


def _reduced(catch: Catch, checked: Checked, wanted: Discrepancy, subject: Engine, reference: Engine) -> Catch:
    original = checked.program

    def check(program: Program) -> list[Discrepancy]:
        with _not_for_ever():
            return check_program(program, subject, reference)

    started = time.process_time()
    try:
        smallest = reduce(original, triage.same_cause(wanted, original, check), observation=checked.reference)
    except _Endless:  # where one smaller program hangs others do, too
        smallest = original
    catch.kind, catch.detail, catch.program = wanted.kind, str(wanted), smallest
    catch.reducing = time.process_time() - started
    return catch
