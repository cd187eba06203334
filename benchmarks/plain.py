"""The table of plain figures: what is no ratio to torch.

What may live here: importing, the command line, the scaling and memory of campaigns, the report.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from statistics import mean
from typing import Any

from benchmarks import children, soak
from benchmarks.children import command_seconds, resident, seconds_of
from benchmarks.tables import Row
from fuzz.plan import SHARD
from fuzz.workers import RETIRED_AFTER

PROGRAMS, WARM, BATCH = 100_000, 10_000, 500
SECONDS = 30
FINDINGS = 2_000
USE = "import minigrad as m; x = m.tensor([1.0, 2.0], requires_grad=True); (x * x).sum().backward()"
UNWANTED = ("numpy", "torch", "pandas")
HELP = "import sys; sys.argv = ['gradfuzz', '--help']; from fuzz.cli import main; main()"


def importing(rounds: int) -> Iterator[Row]:
    numpy, ours, used = seconds_of(["import numpy", "import minigrad", USE], rounds)
    yield _row("import minigrad, over import numpy (CPU)", ours / numpy, "1.3")
    yield _row("import minigrad and a first gradient, over import numpy (CPU)", used / numpy, "")
    yield _row("import numpy, ms (CPU)", numpy * 1e3, "")


def help_text(rounds: int) -> Iterator[Row]:
    taken = command_seconds([sys.executable, "-m", "fuzz", "--help"], rounds)
    start = command_seconds([sys.executable, "-c", "pass"], rounds)
    yield _row("gradfuzz --help, ms (CPU)", taken * 1e3, "80")
    yield _row("of which Python itself takes, ms", start * 1e3, "")
    code = f"import sys\ntry:\n    exec({HELP!r})\nfinally:\n    print(sorted({UNWANTED!r} & sys.modules.keys()))"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False).stdout
    yield _row(f"of {', '.join(UNWANTED)} it imports", said.splitlines()[-1], "[]")


def scaling(rounds: int) -> Iterator[Row]:
    one, two = _rate(1), _rate(2)
    yield _row(f"programs per second, one worker, {SECONDS} s of a campaign", one, "")
    yield _row(f"programs per second, two workers, {SECONDS} s of a campaign", two, "")
    yield _row("scaling to two workers (idle cores needed)", two / one, "1.8")


def _rate(jobs: int) -> float:
    """Programs per second of wall time from when the first have come back, for a campaign."""
    with tempfile.TemporaryDirectory() as out:
        command = [sys.executable, "-m", "fuzz", "run", "--json", "--out", out]
        command += ["--seconds", str(SECONDS), "--jobs", str(jobs), "--seed", "0"]
        said = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False).stdout
    told = [one for one in map(json.loads, said.splitlines()) if one["event"] in ("status", "end") and one["programs"]]
    first, last = told[0], told[-1]
    return float((last["programs"] - first["programs"]) / (last["seconds"] - first["seconds"]))


def growth(rounds: int) -> Iterator[Row]:
    figure = f"memory growth over {PROGRAMS:,} programs, MiB: a campaign of one worker"
    yield _row(figure, campaign_growth(PROGRAMS), "5")
    for engines, name in (
        (("minigrad", "torch"), "one process that checks them all, and is not replaced"),
        (("torch",), "the same, composed and run by torch alone"),
        ((), "the same, composed alone"),
    ):
        code = f"from benchmarks.plain import grown; print(grown({engines}, {PROGRAMS}))"
        yield _row(name, children.said(code), "")


def campaign_growth(programs: int) -> float:
    """MiB by which all processes of a campaign grow over so many programs, once its first worker was replaced.

    A worker grows until it is replaced, which makes a saw of the whole: means over a worker's whole life are
    held against each other, wherever in it they begin.
    """
    life = RETIRED_AFTER * SHARD
    samples, _ = soak.watched(["--examples", str(2 * life + programs), "--jobs", "1", "--seed", "0"], say=False)

    def held(start: int) -> float:
        return mean(one.main + one.workers for one in samples if start <= one.programs < start + life)

    return held(life + programs) - held(life)


def grown(engines: tuple[str, ...], programs: int) -> float:
    """MiB by which this process grows over so many new programs, checked if there are two engines to run them."""
    from oracle.check import check_batch
    from oracle.engines import load
    from strategies import buffers, decode, grammar

    loaded = [load(name) for name in engines]
    for engine in loaded:
        engine.use_one_thread()
    chosen = grammar()
    drawn = iter(buffers(1, chosen))

    def run(count: int) -> None:
        for _ in range(count // BATCH):
            composed = [decode(buffer, chosen) for buffer in islice(drawn, BATCH)]
            if len(loaded) == 2:
                check_batch(composed, loaded[0], loaded[1])
            elif loaded:
                loaded[0].run_batch(composed)

    run(WARM)
    before = resident()
    run(programs)
    return (resident() - before) / 2**20


def report(rounds: int) -> Iterator[Row]:
    import reports
    from tests.reports import material

    findings = material.many(FINDINGS)
    with tempfile.TemporaryDirectory() as folder:
        started = time.process_time()
        written = reports.write_report(Path(folder) / "report.html", material.run(), findings)
        taken = time.process_time() - started
        yield _row(f"HTML report of {FINDINGS:,} findings, s (CPU)", taken, "seconds")
        yield _row("its size, MiB", Path(written).stat().st_size / 2**20, "")


FIGURES: dict[str, Callable[[int], Iterator[Row]]] = {
    "import": importing,
    "help": help_text,
    "scaling": scaling,
    "growth": growth,
    "report": report,
}
"""What `--only` chooses from here to how it is measured."""


def rows(rounds: int, only: str) -> Iterator[Row]:
    for name, measure in FIGURES.items():
        if only in name:
            yield from measure(rounds)


def _row(figure: str, value: Any, must: str) -> Row:
    return {"figure": figure, "value": value, "must": must}
