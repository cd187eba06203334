"""What one program may use: time and memory, enforced by the kernel, so that no Python code need take part.

A timer whose signal is left at its default action ends a process even inside a loop in C that holds the GIL.
The memory limit is on writable private memory (RLIMIT_DATA), which malloc and mmap count towards; past it an
engine gets MemoryError (or aborts).
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import resource
import signal
import tempfile
import threading
import time
from pathlib import Path

MEMORY_EXIT = 77  # the exit status of a process of ours that ran out of its memory

_claims: list[int] = []  # file handles whose locks say which core is ours; released when the process ends


def start_timer(seconds: float) -> None:
    """End this process with SIGALRM in `seconds`, unless the timer is started again or stopped before."""
    signal.setitimer(signal.ITIMER_REAL, seconds)


def stop_timer() -> None:
    signal.setitimer(signal.ITIMER_REAL, 0.0)


def limit_memory(mebibytes: int) -> None:
    """Let this process have at most so much memory of its own from now on."""
    wanted = mebibytes * 2**20
    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    if hard != resource.RLIM_INFINITY:
        wanted = min(wanted, hard)
    resource.setrlimit(resource.RLIMIT_DATA, (wanted, hard))


def end_with(parent: int) -> None:
    """End this process soon after `parent` has ended, however that came about."""

    def watch() -> None:
        while True:
            try:
                os.kill(parent, 0)
            except OSError:
                os._exit(1)
            time.sleep(1.0)

    threading.Thread(target=watch, name="end with the campaign", daemon=True).start()


def no_core_dumps() -> None:
    """A crash of an engine is reported by us; gigabytes of core file would only fill the disk."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))


def pin_to_free_core() -> int | None:
    """Bind this process to a core that no other worker of this user holds; None where all are taken."""
    if not hasattr(os, "sched_setaffinity"):
        return None
    where = Path(tempfile.gettempdir()) / f"gradfuzz-{os.getuid()}-cores"
    where.mkdir(mode=0o700, exist_ok=True)
    for core in sorted(os.sched_getaffinity(0)):
        handle = os.open(where / str(core), os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(handle)
            continue
        with contextlib.suppress(OSError):  # a container may forbid it; then we run unpinned
            os.sched_setaffinity(0, {core})
        _claims.append(handle)
        return core
    return None
