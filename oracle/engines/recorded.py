"""Recorded answers: an engine's observations in a file, and the engine that answers out of such a file.

What may live here: writing and reading the file, and `RecordedEngine`. One line of JSON each: a head that
says what this is, of which version and whose answers, then one program with its answer per line; a name that
ends in .gz is compressed. The encoding of one answer is `answers`'. No engine is imported here.
"""

from __future__ import annotations

import gzip
import json
import os
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO, Any, ClassVar

from oracle.answers import decode, decode_float64, encode
from oracle.engines.base import Engine
from oracle.errors import HarnessError
from oracle.observation import FACTS, Observation
from oracle.program.parser import parse
from oracle.program.program import Program

VERSION = 1
KIND = "gradfuzz recorded answers"
SHIPPED = Path(__file__).with_name("recorded_torch.jsonl.gz")
"""torch's answers to a corpus chosen for coverage, for where torch is not installed."""

NARROW = ("float16", "bfloat16", "float32", "complex64", "complex32")


def record(programs: Iterable[Program], engine: Engine, path: str | os.PathLike[str]) -> int:
    """Write the engine's answer to each program it supports, each program once; gives how many were written.

    The file appears whole or not at all. Raises HarnessError where it cannot be written.
    """
    path = Path(path)
    head = {
        "kind": KIND,
        "version": VERSION,
        "engine": engine.name,
        "engine_version": engine.version,
        "facts": sorted(engine.facts),
    }
    written: set[str] = set()
    try:
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    except OSError as error:
        raise HarnessError(f"{path}: recorded answers cannot be written: {error.strerror}.") from None
    try:
        with os.fdopen(handle, "wb") as raw, _packed(raw, path) as file:
            for line in _lines(programs, engine, head, written):
                file.write(line)
        os.replace(temporary, path)
    except OSError as error:
        raise HarnessError(f"{path}: recorded answers cannot be written: {error.strerror}.") from None
    finally:
        Path(temporary).unlink(missing_ok=True)
    return len(written)


def _packed(raw: IO[bytes], path: Path) -> IO[bytes]:
    """The stream to write lines to; compressed without name and date, so that equals make equals."""
    return gzip.GzipFile("", "wb", 9, raw, mtime=0) if path.suffix == ".gz" else raw  # type: ignore[return-value]


def _lines(
    programs: Iterable[Program], engine: Engine, head: dict[str, Any], written: set[str]
) -> Iterator[bytes]:
    first = True
    for program in programs:
        source = program.source
        if source in written or engine.supports(program) is not None:
            continue
        seen = engine.run(program)
        if first:
            yield _line({**head, "module": seen.module})
            first = False
        written.add(source)
        narrow = any(facts.dtype in NARROW for facts in seen.tensors.values())
        float64 = engine.run_in_float64(program) if narrow else None
        yield _line({"program": source, **encode(seen, float64)})
    if first:
        yield _line({**head, "module": engine.name})


def _line(data: dict[str, Any]) -> bytes:
    return json.dumps(data, allow_nan=False, ensure_ascii=True, separators=(",", ":")).encode() + b"\n"


class RecordedEngine(Engine):
    """Answers out of a file; it supports exactly the programs recorded there.

    Raises HarnessError, naming file and line, for a file that is not one of recorded answers.
    """

    name: ClassVar[str] = "recorded"
    summary: ClassVar[str] = "answers recorded earlier, without the engine that gave them"

    def __init__(self, path: str | os.PathLike[str] = SHIPPED) -> None:
        self.path = Path(path)
        self._answers: dict[str, bytes] = {}
        head: dict[str, Any] | None = None
        for number, line in enumerate(_read_lines(self.path), 1):
            data = _parsed(line, self.path, number)
            if head is None:
                head = _checked_head(data, self.path)
            else:
                self._answers[_source(data, self.path, number)] = line
        if head is None:
            raise HarnessError(f"{self.path} is empty; the first of recorded answers says whose they are.")
        self.facts = frozenset(head["facts"]) & FACTS
        self._engine, self._module = str(head["engine"]), str(head["module"])
        self._version = str(head["engine_version"])

    @property
    def version(self) -> str:
        return f"{self._engine} {self._version}"

    def __len__(self) -> int:
        return len(self._answers)

    def programs(self) -> Iterator[Program]:
        """The programs recorded, in the order of the file."""
        for source in self._answers:
            yield parse(source)

    def supports(self, program: Program) -> str | None:
        return None if program.source in self._answers else "not among the recorded programs"

    def run(self, program: Program) -> Observation:
        return decode(self._data(program), self._engine, self._module)

    def run_in_float64(self, program: Program) -> Observation | None:
        return decode_float64(self._data(program), self._engine)

    def _data(self, program: Program) -> dict[str, Any]:
        line = self._answers.get(program.source)
        if line is None:
            raise HarnessError(f"{self.path} has no answer to this program:\n{program.source}")
        data: dict[str, Any] = json.loads(line)
        return data


def _read_lines(path: Path) -> Iterator[bytes]:
    try:
        with gzip.open(path, "rb") if path.suffix == ".gz" else open(path, "rb") as file:
            yield from file
    except FileNotFoundError:
        raise HarnessError(
            f"There are no recorded answers at {path}. Make some by `gradfuzz record`, or name another file."
        ) from None
    except (OSError, EOFError) as error:
        raise HarnessError(f"{path}: the recorded answers cannot be read: {error}.") from None


def _parsed(line: bytes, path: Path, number: int) -> dict[str, Any]:
    try:
        data = json.loads(line)
    except ValueError as error:
        raise HarnessError(
            f"{path}, line {number}: no JSON ({error}). Recorded answers are one JSON object per line."
        ) from None
    if not isinstance(data, dict):
        raise HarnessError(f"{path}, line {number}: recorded answers are one JSON object per line.")
    return data


def _checked_head(data: dict[str, Any], path: Path) -> dict[str, Any]:
    if data.get("kind") != KIND:
        raise HarnessError(f"{path}, line 1: no recorded answers; those begin with the kind {KIND!r}.")
    version = data.get("version")
    if type(version) is not int or version > VERSION:
        raise HarnessError(
            f"{path}, line 1: recorded answers of version {version!r}; this gradfuzz reads up to {VERSION}."
        )
    for key, kind in (("engine", str), ("engine_version", str), ("module", str), ("facts", list)):
        if not isinstance(data.get(key), kind):
            raise HarnessError(f"{path}, line 1: the head lacks {key!r}.")
    return data


ANSWER = ("outcomes", "tensors", "graph", "hooks", "warnings", "prints")


def _source(data: dict[str, Any], path: Path, number: int) -> str:
    missing = [key for key in ("program", *ANSWER) if key not in data]
    if missing:
        raise HarnessError(f"{path}, line {number}: the answer lacks {', '.join(map(repr, missing))}.")
    try:
        return parse(data["program"]).source
    except HarnessError as error:
        raise HarnessError(f"{path}, line {number}: {error}") from None
    except TypeError:
        raise HarnessError(f"{path}, line {number}: the program is no text.") from None
