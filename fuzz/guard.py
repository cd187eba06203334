"""Engines in a worker, under guard: each program runs under a timer and is noted by the flight recorder.

What may live here: loading engines for a worker, the wrapper, and the iteration that notes. It knows nothing
of shards or comparison.

Note [One at a time]. The note and the timer belong to the program that an engine takes next from the
sequence it is given, so that no engine need know of either. An engine that takes a whole batch at once is
covered by one timer, and a death is noted for the batch's last program.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from typing import overload

from fuzz.flight import FlightRecorder
from fuzz.limits import start_timer, stop_timer
from oracle import engines
from oracle.engines.base import Engine
from oracle.observation import Observation
from oracle.program.program import Program

one_at_a_time = threading.RLock()
"""Held while engines run: they have global state, and a worker of a cluster may have several threads."""


@cache
def loaded(name: str) -> Engine:
    """The engine, once per process, computing on one thread. Raises HarnessError where it cannot be used."""
    engine = engines.load(name)
    engine.use_one_thread()
    return engine


class Guarded(Engine):
    """`engine` with at most `timeout` seconds for each program; a program in `numbers` (by id) is noted."""

    def __init__(
        self,
        engine: Engine,
        timeout: float,
        recorder: FlightRecorder | None = None,
        numbers: Mapping[int, int] | None = None,
    ) -> None:
        self._engine, self._timeout, self._recorder = engine, timeout, recorder
        self._numbers = numbers or {}
        self.facts, self.measured = engine.facts, engine.measured
        self.name = engine.name  # type: ignore[misc]

    @property
    def version(self) -> str:
        return self._engine.version

    def run(self, program: Program) -> Observation:
        return self.run_batch((program,))[0]

    def run_batch(self, programs: Sequence[Program]) -> list[Observation]:
        noted = _Noted(programs, self._timeout, self._recorder, self._numbers)
        try:
            return self._engine.run_batch(noted)
        finally:
            stop_timer()

    def run_in_float64(self, program: Program) -> Observation | None:
        with self._noted(program):
            return self._engine.run_in_float64(program)

    def run_in_float32(self, program: Program) -> Observation | None:
        with self._noted(program):
            return self._engine.run_in_float32(program)

    @contextmanager
    def _noted(self, program: Program) -> Iterator[None]:
        """Within, the program has its time again and is noted as running."""
        number = self._numbers.get(id(program))
        if self._recorder is not None and number is not None:
            self._recorder.running(number)
        start_timer(self._timeout)
        try:
            yield
        finally:
            stop_timer()
            if self._recorder is not None and number is not None:
                self._recorder.done(number)

    def supports(self, program: Program) -> str | None:
        if type(self._engine).supports is Engine.supports:  # which runs nothing
            return None
        with self._noted(program):
            return self._engine.supports(program)

    def modes(self) -> dict[str, object]:
        return self._engine.modes()

    def use_one_thread(self) -> None:
        self._engine.use_one_thread()


class _Noted(Sequence[Program]):
    """Programs that are noted and put under a timer as they are taken (Note [One at a time])."""

    def __init__(
        self,
        programs: Sequence[Program],
        timeout: float,
        recorder: FlightRecorder | None,
        numbers: Mapping[int, int],
    ) -> None:
        self._programs, self._timeout, self._recorder, self._numbers = programs, timeout, recorder, numbers

    def __len__(self) -> int:
        return len(self._programs)

    @overload
    def __getitem__(self, place: int) -> Program: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[Program]: ...
    def __getitem__(self, place: int | slice) -> Program | Sequence[Program]:
        return self._programs[place]

    def __iter__(self) -> Iterator[Program]:
        recorder, numbers, timeout = self._recorder, self._numbers, self._timeout
        for program in self._programs:
            number = numbers.get(id(program))
            start_timer(timeout)
            if recorder is None or number is None:
                yield program
            else:
                recorder.running(number)
                yield program
                recorder.done(number)
