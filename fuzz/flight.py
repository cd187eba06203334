"""The flight recorder: which program of a shard was running when its process died.

One small file per shard, mapped into memory, one byte per program, so that a note costs a byte store and
survives any death of the process. A shard that finds its own file was tried before by a process that died:
the programs noted as running then are suspects, which it leaves out and names. No engine is known here.
"""

from __future__ import annotations

import contextlib
import mmap
import os
import tempfile
import time
from pathlib import Path

WAITING, RUNNING, DONE, DIED = 0, 1, 2, 3


class FlightRecorder:
    """The record of programs `start` to `stop` (exclusive) of one campaign, on this machine."""

    def __init__(self, campaign: str, start: int, stop: int) -> None:
        self._path = directory(campaign) / f"{start}-{stop}"
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._start, size = start, max(stop - start, 1)
        handle = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            os.ftruncate(handle, size)
            self._notes = mmap.mmap(handle, size)
        finally:
            os.close(handle)
        left_behind = self._notes[:]
        for place, note in enumerate(left_behind):
            self._notes[place] = DIED if note in (RUNNING, DIED) else WAITING

    @property
    def suspects(self) -> tuple[int, ...]:
        """The programs, by number, during which an earlier process of this shard died."""
        return tuple(self._start + place for place, note in enumerate(self._notes[:]) if note == DIED)

    def running(self, number: int) -> None:
        """Note that program `number` is about to run; undone by `done`."""
        self._notes[number - self._start] = RUNNING

    def done(self, number: int) -> None:
        self._notes[number - self._start] = DONE

    def close(self) -> None:
        """The shard ended well: nothing needs to be remembered."""
        self._notes.close()
        self._path.unlink(missing_ok=True)


def directory(campaign: str) -> Path:
    """Where this machine keeps the records of one campaign."""
    return Path(tempfile.gettempdir()) / f"gradfuzz-{os.getuid()}-{campaign}"


def noted(campaign: str, start: int, stop: int) -> int:
    """How many suspects a shard has on record on this machine; 0 where there is no record."""
    try:
        notes = (directory(campaign) / f"{start}-{stop}").read_bytes()
    except OSError:
        return 0
    return notes.count(RUNNING) + notes.count(DIED)


def progress(campaign: str) -> dict[str, tuple[int, int]]:
    """(programs done, programs) of each shard that is running on this machine, for the display."""
    found = {}
    for path in sorted(directory(campaign).glob("*-*")):
        try:
            notes = path.read_bytes()
        except OSError:  # it ended meanwhile
            continue
        found[path.name] = (notes.count(DONE), len(notes))
    return found


def forget(campaign: str) -> None:
    """Remove the records of a campaign that is over."""
    _remove(directory(campaign))


def tidy() -> None:
    """Remove the records of campaigns that were killed and not resumed for a day."""
    for where in directory("x").parent.glob(f"gradfuzz-{os.getuid()}-*-*"):
        with contextlib.suppress(OSError):  # another campaign may be tidying, too
            if time.time() - where.stat().st_mtime > 86_400:
                _remove(where)


def _remove(where: Path) -> None:
    for path in where.glob("*"):
        path.unlink(missing_ok=True)
    if where.exists():
        where.rmdir()
