"""`python -m benchmarks`: minigrad and the campaign against torch, as ratios measured side by side.

Writes a Markdown table to stdout and, with `--json FILE`, the same as JSON. `benchmarks/README.md` says what
each figure means.
"""

from __future__ import annotations

import argparse
import json
import warnings
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from benchmarks.programs import ENGINE_FIGURES
from benchmarks.timing import interleaved

Row = dict[str, Any]


def engine_rows(rounds: int, only: str) -> Iterator[Row]:
    """minigrad against torch, one row per workload."""
    import torch

    import minigrad

    torch.set_num_threads(1)
    for name, (make, must, aim, runs) in ENGINE_FIGURES.items():
        if only in name:
            theirs, ours = interleaved([make(torch), make(minigrad)], runs, rounds)
            yield _row(name, ours, theirs, must, aim)


def campaign_rows(rounds: int, only: str, count: int = 400) -> Iterator[Row]:
    """The steps of a campaign against bare torch running the same programs."""
    from hypothesis import HealthCheck, Phase, given, seed, settings

    from oracle.check import check_batch, check_program
    from oracle.checks import Counts
    from oracle.compare import compare
    from oracle.engines import load
    from strategies import buffers, decode, grammar, programs

    subject, reference = load("minigrad"), load("torch")
    reference.use_one_thread()
    chosen = grammar()
    drawn = list(islice(buffers(0, chosen), count))
    composed = [decode(buffer, chosen) for buffer in drawn]
    facts = subject.facts & reference.facts
    theirs, ours = reference.run_batch(composed), subject.run_batch(composed)
    interpreter: Any = reference

    def bare() -> None:
        for program in composed:
            interpreter.interpreter.run(program, [])
            interpreter.reset()

    def composing() -> None:
        for buffer in drawn:
            decode(buffer, chosen)

    def comparing() -> None:
        counts = Counts()
        for program, mine, its in zip(composed, ours, theirs, strict=True):
            list(compare(mine, its, program, facts, measure=lambda: None, counts=counts))

    def checking() -> None:
        check_batch([decode(buffer, chosen) for buffer in drawn], subject, reference)

    examples: list[Any] = []

    drawing = settings(max_examples=count, database=None, deadline=None, phases=[Phase.generate])

    @seed(0)
    @settings(drawing, suppress_health_check=list(HealthCheck))
    @given(programs())
    def one_example_each(program: Any) -> None:
        examples.append(program)
        check_program(program, subject, reference)

    def bare_examples() -> None:
        for program in examples[:count]:
            interpreter.interpreter.run(program, [])
            interpreter.reset()

    figures = {
        "composing one program (decode)": (composing, 0.20, 0.15),
        "comparing both observations": (comparing, 0.25, 0.12),
        "the whole check of one program, campaign mode": (checking, 2.2, 1.9),
        "the whole check, one Hypothesis example each": (one_example_each, 7.0, 6.0),
    }
    for name, (work, must, aim) in figures.items():
        if only in name:
            base, taken = interleaved([bare_examples if work is one_example_each else bare, work], 1, rounds)
            row = _row(name, taken / count, base / count, must, aim)
            if work is checking:
                row["programs per second per core"] = round(count / taken)
            yield row


def _row(name: str, ours: float, theirs: float, must: float, aim: float) -> Row:
    return {
        "figure": name, "torch_us": theirs * 1e6, "ours_us": ours * 1e6, "ratio": ours / theirs,
        "must": must, "aim": aim,
    }  # fmt: skip


def as_markdown(rows: list[Row]) -> str:
    lines = ["| figure | torch µs | ours µs | ratio | must | aim |", "|---|--:|--:|--:|--:|--:|"]
    for row in rows:
        lines.append(
            f"| {row['figure']} | {row['torch_us']:.1f} | {row['ours_us']:.1f} | **{row['ratio']:.2f}** "
            f"| {row['must']:.2f} | {row['aim']:.2f} |"
        )
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--rounds", type=int, default=9, help="rounds per figure, at least 1 (default 9)")
    parser.add_argument("--only", default="", metavar="TEXT", help="figures whose name contains TEXT")
    parser.add_argument("--json", metavar="FILE", help="also write the rows as JSON")
    args = parser.parse_args()
    if args.rounds < 1:
        parser.error(f"--rounds must be at least 1, not {args.rounds}")
    warnings.simplefilter("ignore")  # programs are drawn at random, and torch warns about some
    rows = [*engine_rows(args.rounds, args.only), *campaign_rows(args.rounds, args.only)]
    print(as_markdown(rows))
    for row in rows:
        if "programs per second per core" in row:
            print(f"\n{row['programs per second per core']} programs per second per core in a campaign")
    if args.json:
        Path(args.json).write_text(json.dumps(rows, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
