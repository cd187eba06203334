"""Measurements in child processes: CPU time of importing and of commands, peak memory of a workload.

What may live here: starting a child and reading what it says of itself. Linux alone tells peaks apart from what
importing has cost (/proc/self/clear_refs); elsewhere the peak of the whole process counts.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from collections.abc import Sequence
from statistics import median

_ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}

_TIMED = "import time; _started = time.process_time(); {}; print(time.process_time() - _started)"

_PEAK = """
import gc
from benchmarks import children
{}
gc.collect()
before = children.resident(peak=True)
work()
print(children.peak() - before)
"""


def said(code: str) -> float:
    """The number that a child prints last while it runs `code`."""
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True, env=_ENVIRONMENT)
    return float(done.stdout.split()[-1])


def seconds_of(statements: Sequence[str], rounds: int) -> list[float]:
    """Median CPU seconds of each statement (an import, say) in children of its own, taking turns."""
    for statement in statements:  # so that all modules are compiled
        said(_TIMED.format(statement))
    taken = [[said(_TIMED.format(statement)) for statement in statements] for _ in range(rounds)]
    return [median(column) for column in zip(*taken, strict=True)]


def command_seconds(command: Sequence[str], rounds: int) -> float:
    """Median CPU seconds of a whole command, the start of Python included."""
    taken = []
    for _ in range(rounds + 1):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(command, stdout=subprocess.DEVNULL, check=True, env=_ENVIRONMENT)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        taken.append(after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime)
    return median(taken[1:])


def peak_of(setup: str, rounds: int) -> float:
    """Median bytes by which `work`, which `setup` defines, raises a child's peak of resident memory."""
    return median(said(_PEAK.format(setup)) for _ in range(rounds))


def resident(*, peak: bool = False) -> int:
    """Bytes of memory that this process holds now; with `peak`, its peak is counted anew from here."""
    if not os.path.exists("/proc/self/clear_refs"):
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    if peak:
        with open("/proc/self/clear_refs", "w", encoding="ascii") as file:
            file.write("5")
    return _status("VmRSS")


def peak() -> int:
    """The most bytes of memory that this process has held."""
    if not os.path.exists("/proc/self/clear_refs"):
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return _status("VmHWM")


def _status(name: str) -> int:
    with open("/proc/self/status", encoding="ascii") as file:
        return next(int(line.split()[1]) * 1024 for line in file if line.startswith(name + ":"))
