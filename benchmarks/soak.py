"""The soak: a long campaign watched from outside. Is memory flat, the rate steady, is nothing left behind?

    python -m benchmarks.soak --minutes 30 --jobs 2

It prints one line a minute and a table in Markdown at the end, and writes both as JSON. Linux only: it reads
/proc. Figures are reported, never asserted.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any

EVERY = 5.0  # seconds between samples
WARM = 0.2  # the share of the time at the beginning that is no part of the trend


@dataclass(slots=True)
class Sample:
    """The campaign and all its processes at one moment; memory in MiB, each process's own pages alone."""

    seconds: float
    programs: int
    main: float
    workers: float
    processes: int
    files: int


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--subject", default="minigrad")
    parser.add_argument("--reference", default="torch")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--write", type=Path, help="a JSON file for samples and figures")
    args = parser.parse_args()
    before = _ours()
    options = ["--minutes", str(args.minutes), "--jobs", str(args.jobs), "--seed", str(args.seed)]
    options += ["--subject", args.subject, "--reference", args.reference]
    samples, status = watched(options, say=True)
    time.sleep(2.0)  # whatever ends with the campaign has ended by now
    figures = _figures(samples) | {"exit status": status, "left behind": sorted(_ours() - before)}
    print(_table(figures))
    if args.write:
        rows = [asdict(one) for one in samples]
        args.write.write_text(json.dumps({"figures": figures, "samples": rows}, indent=2) + "\n")
    return 0


def watched(options: list[str], *, say: bool) -> tuple[list[Sample], int]:
    """What a campaign with these options of `gradfuzz run` held while it ran, and its exit status; with `say`, one line
    a minute is printed."""
    with tempfile.TemporaryDirectory() as out:
        return _watch([sys.executable, "-m", "fuzz", "run", "--json", "--out", out, *options], say)


def _watch(command: list[str], say: bool) -> tuple[list[Sample], int]:
    samples: list[Sample] = []
    latest: dict[str, Any] = {"programs": 0}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as campaign:
        assert campaign.stdout is not None
        threading.Thread(target=_listen, args=(campaign.stdout, latest), daemon=True).start()
        began = said = time.monotonic()
        while campaign.poll() is None:
            time.sleep(EVERY)
            if latest.get("event") == "status":
                samples.append(_sample(campaign.pid, time.monotonic() - began, int(latest["programs"])))
            if say and samples and time.monotonic() - said >= 60:
                said = time.monotonic()
                print(samples[-1], flush=True)
        return samples, campaign.returncode


def _listen(lines: IO[str], latest: dict[str, Any]) -> None:
    for line in lines:
        told = json.loads(line)
        if told["event"] in ("status", "end"):
            latest.update(told)  # "end" comes before the report is written, which is no part of the campaign


def _sample(pid: int, seconds: float, programs: int) -> Sample:
    below = _below(pid)
    return Sample(
        seconds,
        programs,
        _private(pid),
        sum(map(_private, below)),
        1 + len(below),
        sum(map(_files, [pid, *below])),
    )


def _below(pid: int) -> list[int]:
    """All processes that descend from `pid`."""
    children: dict[int, list[int]] = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = int(path.read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue
        children.setdefault(parent, []).append(int(path.parent.name))
    found, pending = [], [pid]
    while pending:
        below = children.get(pending.pop(), [])
        found += below
        pending += below
    return found


def _private(pid: int) -> float:
    """MiB that this process shares with no other; 0.0 for one that has ended."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0.0
    return sum(int(line.split()[1]) for line in lines if line.startswith("Private_")) / 1024


def _files(pid: int) -> int:
    try:
        return len(os.listdir(f"/proc/{pid}/fd"))
    except OSError:
        return 0


def _ours() -> set[str]:
    """Processes and temporary files of campaigns on this machine."""
    found = {str(path) for path in Path(tempfile.gettempdir()).glob(f"gradfuzz-{os.getuid()}-*")}
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = path.read_bytes().split(b"\0")
        except OSError:
            continue
        if b"fuzz" in words or any(b"forkserver" in word for word in words):
            found.add(f"process {path.parent.name}: {b' '.join(words).decode(errors='replace')[:80]}")
    return found


def _figures(samples: list[Sample]) -> dict[str, Any]:
    steady = samples[int(len(samples) * WARM) :]
    if len(steady) < 4:
        return {"samples": len(samples)}
    half = len(steady) // 2
    return {
        "seconds": round(samples[-1].seconds),
        "programs": samples[-1].programs,
        "rate, first half (1/s)": round(_rate(steady[:half])),
        "rate, second half (1/s)": round(_rate(steady[half:])),
        "workers' memory at the end (MiB)": round(steady[-1].workers, 1),
        "workers' growth per 100,000 programs (MiB)": round(_slope(steady, "workers") * 100_000, 2),
        "main process at the end (MiB)": round(steady[-1].main, 1),
        "main process's growth per 100,000 programs (MiB)": round(_slope(steady, "main") * 100_000, 2),
        "processes, least and most": [
            min(one.processes for one in steady),
            max(one.processes for one in steady),
        ],
        "open files, least and most": [min(one.files for one in steady), max(one.files for one in steady)],
    }


def _rate(samples: list[Sample]) -> float:
    first, last = samples[0], samples[-1]
    return (last.programs - first.programs) / max(last.seconds - first.seconds, 1e-9)


def _slope(samples: list[Sample], what: str) -> float:
    """MiB per program, by least squares."""
    xs, ys = [float(one.programs) for one in samples], [float(getattr(one, what)) for one in samples]
    x, y = sum(xs) / len(xs), sum(ys) / len(ys)
    spread = sum((one - x) ** 2 for one in xs)
    return sum((a - x) * (b - y) for a, b in zip(xs, ys, strict=True)) / spread if spread else 0.0


def _table(figures: dict[str, Any]) -> str:
    return "\n".join(
        ["| figure | value |", "|---|---|", *(f"| {key} | {value} |" for key, value in figures.items())]
    )


if __name__ == "__main__":
    sys.exit(main())
