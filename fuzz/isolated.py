"""One program alone in a process of its own, to see whether it kills an engine, and how.

`Isolation` holds a child process that has loaded the engine and forks once per question, so that a death
costs milliseconds. The child runs the program one instruction longer each time and notes how far it has come:
the place of a death is known without any help from the engine. Nothing here is said about right or wrong.
"""

from __future__ import annotations

import contextlib
import mmap
import os
import pickle
import signal
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from importlib import import_module
from typing import IO

from fuzz import limits
from fuzz.out_of_memory import ran_out
from fuzz.workers import TORCH
from oracle.engines.base import Engine
from oracle.program.program import Program

KINDS = {
    signal.SIGALRM: "hang",
    signal.SIGKILL: "memory",
}  # the kernel kills with SIGKILL when memory is short


@dataclass(frozen=True, slots=True)
class Fate:
    """How one engine fared with one program: "fine", "crash", "hang" or "memory".

    `line` is the instruction (from 0) at which the process died, `how` the signal or exit status in words,
    `trace` the last lines that the dying process wrote.
    """

    kind: str
    line: int | None = None
    how: str = ""
    trace: str = ""


class Isolation:
    """A child process for one engine; whoever makes it has to `close` it.

    `timeout` is in seconds per run of the program, `max_memory` in MiB.
    """

    def __init__(self, engine: str, timeout: float, max_memory: int) -> None:
        self._child = subprocess.Popen(
            [sys.executable, "-m", "fuzz.isolated", engine, str(timeout), str(max_memory)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},  # it finds what we find
        )

    def close(self) -> None:
        """End the child."""
        self._child.kill()
        self._child.wait()
        for stream in (self._child.stdin, self._child.stdout):
            if stream is not None:
                stream.close()

    def fate(self, program: Program, timeout: float | None = None) -> Fate:
        """Run the program alone; a child that cannot even load its engine is a crash at no line."""
        assert self._child.stdin is not None
        assert self._child.stdout is not None
        try:
            pickle.dump((program, timeout), self._child.stdin)
            self._child.stdin.flush()
            answer = pickle.load(self._child.stdout)
        except (EOFError, BrokenPipeError, pickle.UnpicklingError):
            return Fate("crash", None, _words(self._child.wait()), "the engine died while it was loaded")
        return Fate(*answer)


def _words(code: int) -> str:
    """An exit code as `subprocess` gives it, in words."""
    if code >= 0:
        return f"exit status {code}"
    try:
        return signal.Signals(-code).name
    except ValueError:
        return f"signal {-code}"


# --- the child


def _serve(engine_name: str, timeout: float, max_memory: int) -> None:
    """Answer questions from stdin until it closes; stdout carries nothing but answers."""
    from oracle.engines import load

    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # an engine that prints must not disturb the answers
    limits.no_core_dumps()
    for name in TORCH:
        with contextlib.suppress(ImportError):
            import_module(name)
    engine = load(engine_name)
    while True:
        try:
            program, patience = pickle.load(sys.stdin.buffer)
        except EOFError:
            return
        with tempfile.TemporaryFile() as stderr, mmap.mmap(-1, 8) as progress:
            child = os.fork()
            if child == 0:
                os.dup2(stderr.fileno(), 2)
                _run(engine, program, patience or timeout, max_memory, progress)
            code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
            try:
                pickle.dump(_answer(code, int.from_bytes(progress[:], "little"), stderr), answers)
                answers.flush()
            except BrokenPipeError:
                return


def _run(engine: Engine, program: Program, timeout: float, max_memory: int, progress: mmap.mmap) -> None:
    """Run ever longer beginnings of the program in this process, which then ends."""
    import faulthandler

    faulthandler.enable()
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    limits.limit_memory(max_memory)
    for length in range(1, len(program) + 1):
        progress[:] = length.to_bytes(8, "little")
        limits.start_timer(timeout)
        observation = engine.run(Program(program.instructions[:length]))
        limits.stop_timer()
        if ran_out(observation):
            os._exit(limits.MEMORY_EXIT)
    os._exit(0)


def _answer(code: int, length: int, stderr: IO[bytes]) -> tuple[str, int | None, str, str]:
    if code == 0:
        return ("fine", None, "", "")
    stderr.seek(max(0, stderr.seek(0, os.SEEK_END) - 4000))
    trace = stderr.read().decode("utf-8", "replace")
    if code == limits.MEMORY_EXIT:
        return ("memory", length - 1, "out of memory", trace)
    kind = KINDS.get(signal.Signals(-code), "crash") if code < 0 else "crash"
    return (kind, length - 1, _words(code), trace)


if __name__ == "__main__":
    _serve(sys.argv[1], float(sys.argv[2]), int(sys.argv[3]))
