"""Engines in a child process: those that crash, hang, or drag much in.

What may live here: the conversation with the child, and the child's side of it (`python -m
oracle.engines.remote MODULE:CLASS`). What is said are pickles of plain data, their length before them, over
pipes that nobody else holds. A child that dies or does not answer in time is an answer too: the exception
`EngineDied` at the first instruction; the next program gets a new child.
"""

from __future__ import annotations

import contextlib
import importlib.util
import os
import pickle
import select
import signal
import struct
import subprocess
import sys
import time
from importlib import import_module
from typing import IO, Any, ClassVar

from oracle.engines.base import Engine, EngineUnavailable
from oracle.observation import Observation, Raised
from oracle.program.program import Program

HEAD = struct.Struct("<Q")
START = 120.0  # seconds for a child to import its engine


class DiedError(Exception):
    """The child is gone; the message says how."""


class RemoteEngine(Engine):
    """An engine that runs in a child. Subclasses name it, the package it needs and the extra that has it."""

    inner: ClassVar[str]
    """MODULE:CLASS of the engine that runs in the child."""

    package: ClassVar[str]
    extra: ClassVar[str]

    seconds = 60.0
    """How long one program may take."""

    def __init__(self) -> None:
        if importlib.util.find_spec(self.package) is None:
            raise EngineUnavailable(
                f"engine {self.name} needs the package {self.package}: pip install gradfuzz[{self.extra}]"
            )
        self._child: _Child | None = None
        self._version = ""
        self._ask("hello", None, START)  # learns version and facts

    @property
    def version(self) -> str:
        return self._version

    def run(self, program: Program) -> Observation:
        try:
            found: Observation = self._ask("run", program, self.seconds)
        except DiedError as error:
            self.close()
            outcomes: list[Any] = [None] * len(program)
            outcomes[:1] = [Raised("EngineDied", str(error))]
            return Observation(self.name, outcomes)
        return found

    def supports(self, program: Program) -> str | None:
        try:
            reason: str | None = self._ask("supports", program, self.seconds)
        except DiedError:
            self.close()
            return None  # `run` will meet the same end, and report it
        return reason

    def close(self) -> None:
        """End the child, if there is one; the next question starts another."""
        if self._child is not None:
            self._child.end()
            self._child = None

    def __del__(self) -> None:
        try:  # noqa: SIM105 - at exit the module that `suppress` is of may be gone
            self.close()
        except Exception:
            pass

    def _ask(self, what: str, program: Program | None, seconds: float) -> Any:
        if self._child is None:
            self._child = _Child(self.inner)
            kind, found = self._child.ask(("hello", None), START)
            if kind == "unavailable":
                self.close()
                raise EngineUnavailable(str(found))
            self._version, self.facts = found
        if what == "hello":
            return None
        kind, found = self._child.ask((what, program), seconds)
        if kind == "failed":
            raise DiedError(f"the engine's process failed: {found}")
        return found


class _Child:
    """One child process and the two pipes to it."""

    def __init__(self, inner: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "oracle.engines.remote", inner],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
        )

    def ask(self, question: Any, seconds: float) -> Any:
        """The child's answer; DiedError if it dies, or has to be killed since it does not answer in time."""
        into, out = self.process.stdin, self.process.stdout
        if into is None or out is None:
            raise DiedError("the engine's process has no pipes")
        deadline = time.monotonic() + seconds
        try:
            _write(into, question)
            (size,) = HEAD.unpack(self._read(out, HEAD.size, deadline))
            return pickle.loads(self._read(out, size, deadline))
        except (BrokenPipeError, EOFError):
            raise DiedError(f"the engine's process died of {self._how()}") from None

    def _read(self, pipe: IO[bytes], size: int, deadline: float) -> bytes:
        found = b""
        while len(found) < size:
            ready, _, _ = select.select([pipe], [], [], max(0.0, deadline - time.monotonic()))
            if not ready:
                self.end()
                raise DiedError("the engine's process did not answer in time")
            part = os.read(pipe.fileno(), min(size - len(found), 1 << 16))
            if not part:
                raise EOFError
            found += part
        return found

    def _how(self) -> str:
        status = self.process.wait(timeout=5)
        return signal.Signals(-status).name if status < 0 else f"exit status {status}"

    def end(self) -> None:
        """Kill the child and close its pipes."""
        self.process.kill()
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()


def _write(pipe: IO[bytes], data: Any) -> None:
    packed = pickle.dumps(data)
    pipe.write(HEAD.pack(len(packed)) + packed)
    pipe.flush()


def main(inner: str) -> None:
    """The child: answers questions on standard input until it is closed."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what the engine prints must not come between
    module, _, name = inner.partition(":")
    engine: Engine | None = None
    while True:
        head = sys.stdin.buffer.read(HEAD.size)
        if len(head) < HEAD.size:
            return
        what, program = pickle.loads(sys.stdin.buffer.read(HEAD.unpack(head)[0]))
        try:
            if engine is None:
                engine = getattr(import_module(module), name)()
                engine.use_one_thread()
            if what == "hello":
                answer: Any = ("well", (engine.version, engine.facts))
            else:
                answer = ("well", engine.run(program) if what == "run" else engine.supports(program))
        except EngineUnavailable as error:
            answer = ("unavailable", str(error))
        except Exception as error:
            answer = ("failed", f"{type(error).__name__}: {error}")
        _write(answers, answer)


if __name__ == "__main__":
    main(sys.argv[1])
