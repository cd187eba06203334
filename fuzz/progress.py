"""What a person or a machine sees while a campaign runs: a live display, plain lines, JSON lines, or nothing.

Displays are told `Status` values and findings; they decide nothing. rich is imported by the live one alone.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import IO, TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.table import Table

PLAIN_EVERY = 10.0  # seconds between plain lines


@dataclass(slots=True)
class Status:
    """The state of a campaign at one moment. `left` is seconds or programs still to go, in words."""

    seconds: float = 0.0
    share: float = 0.0  # of the budget, 0 to 1
    left: str = ""
    programs: int = 0
    rate: float = 0.0  # programs per second over the last while
    discrepancies: int = 0
    findings: int = 0
    new: int = 0
    coverage: int = 0  # cells reached
    missed: int = 0  # cells expected and not reached so far
    reducing: int = 0
    lost_workers: int = 0
    workers: dict[str, tuple[int, int]] = field(default_factory=dict)  # shard: (programs done, programs)


class Display(Protocol):
    """Anything that can show a campaign."""

    def begin(self, title: str) -> None: ...
    def update(self, status: Status) -> None: ...
    def found(self, state: str, kind: str, op: str, detail: str) -> None: ...
    def note(self, text: str) -> None: ...
    def end(self, status: Status) -> None: ...


def choose(*, as_json: bool, quiet: bool, stream: IO[str] | None = None) -> Display:
    """The display that fits: JSON lines or nothing when asked for, a live one on a terminal, else lines."""
    if as_json:
        return JsonLines(stream or sys.stdout)
    if quiet:
        return Silent()
    stream = stream or sys.stderr
    return Live(stream) if stream.isatty() else PlainLines(stream)


class Silent:
    """Shows nothing."""

    def begin(self, title: str) -> None:
        return

    def update(self, status: Status) -> None:
        return

    def found(self, state: str, kind: str, op: str, detail: str) -> None:
        return

    def note(self, text: str) -> None:
        return

    def end(self, status: Status) -> None:
        return


class JsonLines:
    """One JSON object per line: {"event": "begin" | "status" | "finding" | "note" | "end", ...}."""

    def __init__(self, stream: IO[str]) -> None:
        self._stream, self._last = stream, float("-inf")

    def _say(self, event: str, **facts: Any) -> None:
        print(json.dumps({"event": event, **facts}), file=self._stream, flush=True)

    def begin(self, title: str) -> None:
        self._say("begin", title=title)

    def update(self, status: Status) -> None:
        if status.seconds - self._last >= 1.0:
            self._last = status.seconds
            self._say("status", **asdict(status))

    def found(self, state: str, kind: str, op: str, detail: str) -> None:
        self._say("finding", state=state, kind=kind, op=op, detail=detail)

    def note(self, text: str) -> None:
        self._say("note", text=text)

    def end(self, status: Status) -> None:
        self._say("end", **asdict(status))


class PlainLines:
    """A line now and then, for logs and pipes."""

    def __init__(self, stream: IO[str]) -> None:
        self._stream, self._last = stream, time.monotonic()

    def _say(self, text: str) -> None:
        print(text, file=self._stream, flush=True)

    def begin(self, title: str) -> None:
        self._say(title)

    def update(self, status: Status) -> None:
        if time.monotonic() - self._last >= PLAIN_EVERY:
            self._last = time.monotonic()
            self._say(line(status))

    def found(self, state: str, kind: str, op: str, detail: str) -> None:
        self._say(f"{state} finding: {kind} at {op}: {_one_line(detail)}")

    def note(self, text: str) -> None:
        self._say(text)

    def end(self, status: Status) -> None:
        self._say(line(status))


class Live:
    """A display in place, redrawn a few times a second."""

    def __init__(self, stream: IO[str]) -> None:
        from rich.console import Console
        from rich.live import Live as RichLive

        self._console = Console(file=stream)
        self._live = RichLive(console=self._console, refresh_per_second=4, transient=True)
        self._last = float("-inf")

    def begin(self, title: str) -> None:
        self._console.print(title, markup=False, highlight=False)
        self._live.start()

    def update(self, status: Status) -> None:
        if status.seconds - self._last >= 0.25:
            self._last = status.seconds
            self._live.update(panel(status))

    def found(self, state: str, kind: str, op: str, detail: str) -> None:
        self._console.print(
            f"{state} finding: {kind} at {op}: {_one_line(detail)}",
            markup=False, highlight=False, overflow="ellipsis", no_wrap=True,
        )  # fmt: skip

    def note(self, text: str) -> None:
        self._console.print(text, markup=False, highlight=False)

    def end(self, status: Status) -> None:
        self._live.stop()
        self._console.print(line(status), markup=False, highlight=False)


def line(status: Status) -> str:
    """The status as one line of text."""
    parts = [
        f"{status.seconds:.0f} s",
        f"{status.programs:,} programs",
        f"{status.rate:,.0f}/s",
        f"{status.discrepancies:,} discrepancies",
        f"{status.findings} findings ({status.new} new)",
        f"coverage {status.coverage:,}" + (f" ({status.missed:,} missing)" if status.missed else ""),
    ]
    if status.reducing:
        parts.append(f"{status.reducing} being reduced")
    if status.lost_workers:
        parts.append(f"{status.lost_workers} workers lost")
    if status.left:
        parts.append(status.left)
    return ", ".join(parts)


def panel(status: Status) -> RenderableType:
    """The status as a block for a terminal: a bar, the counts, and one line per worker."""
    from rich.console import Group
    from rich.progress_bar import ProgressBar
    from rich.table import Table
    from rich.text import Text

    budget = Table.grid()  # a bar by itself does not end its line
    budget.add_row(ProgressBar(total=1.0, completed=min(status.share, 1.0), width=60))
    return Group(budget, Text(line(status)), _workers(sorted(status.workers.items())))


def _workers(states: Sequence[tuple[str, tuple[int, int]]]) -> Table:
    from rich.progress_bar import ProgressBar
    from rich.table import Table

    table = Table.grid(padding=(0, 1))
    for number, (shard, (done, size)) in enumerate(states):
        table.add_row(
            f"worker {number}", f"programs {shard}", ProgressBar(total=size, completed=done, width=24)
        )
    return table


def _one_line(text: str, limit: int = 160) -> str:
    """Text of an engine made fit for a terminal: one line, no control characters, not too long."""
    clean = "".join(sign if sign.isprintable() else " " for sign in text)
    return clean if len(clean) <= limit else clean[: limit - 1] + "…"
