"""`gradfuzz mutants`: how good the lab is at finding bugs that are known to be there.

Exit status: 0 every mutant was caught (or is known to be equivalent), 1 some survived, or their hunt failed.
"""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Iterable
from concurrent.futures import Future, as_completed
from concurrent.futures import TimeoutError as Late
from dataclasses import asdict
from datetime import date
from functools import cache
from statistics import median
from typing import Any

from pebble import ProcessPool
from rich.console import Console
from rich.table import Table

from fuzz.hunted import key_of, read
from fuzz.hunting import Catch, hunt
from oracle.engines.mutants import Mutant
from oracle.engines.mutants.by_hand import MUTANTS
from oracle.engines.mutants.derived import everything, sources
from oracle.errors import HarnessError

PATIENCE = 20.0  # a hunt may take so many times its processor time before its process is given up


def main(args: argparse.Namespace) -> int:
    chosen = _chosen(args)
    rows: list[dict[str, Any]] = []
    console = Console(stderr=True)
    with ProcessPool(max_workers=args.jobs or os.cpu_count() or 1, initializer=_one_thread) as pool:
        waiting = {
            pool.schedule(hunt, args=(one,), kwargs={"seed": args.seed, "seconds": args.seconds_each},
                          timeout=args.seconds_each * PATIENCE + 300): one
            for one in chosen
        }  # fmt: skip
        for future in as_completed(list(waiting)):
            row = _row(waiting[future], future)  # type: ignore[index]  # pebble's futures are those of the library
            rows.append(row)
            if args.out:  # at once: what is known survives an end before the last mutant's
                _write(args.out, [row], "w" if len(rows) == 1 else "a")
            if console.is_terminal:
                console.print(f"{len(rows)}/{len(chosen)} {row['name']}: {row['outcome']}", style="dim")
    rows.sort(key=lambda row: [one.name for one in chosen].index(row["name"]))
    if args.out:
        _write(args.out, rows, "w")
    _show(rows)
    return 1 if any(row["outcome"] in ("survived", "failed") for row in rows) else 0


def _write(path: str, rows: list[dict[str, Any]], mode: str) -> None:
    with open(path, mode, encoding="utf-8") as file:
        file.writelines(json.dumps(row) + "\n" for row in rows)


def _one_thread() -> None:
    from oracle.engines import load

    load("torch").use_one_thread()


def _chosen(args: argparse.Namespace) -> list[Mutant]:
    mutants: Iterable[Mutant] = (*MUTANTS, *everything()) if args.derived else MUTANTS
    if args.again:
        rows = read([args.again])
        caught = {key for key, row in rows.items() if row["outcome"] == "caught"}
        mutants = [one for one in mutants if key_of(one.name, one.about) not in caught]
        mutants = [one for one in mutants if not (one.equivalent or one.beyond)]
    chosen = [one for one in mutants if not args.only or args.only in one.name][:: args.every]
    if not chosen:
        raise HarnessError("no planted bug is chosen by --only and --again; without these all are")
    return chosen


def _row(mutant: Mutant, future: Future[Catch]) -> dict[str, Any]:
    """What became of one mutant, as a line of the table."""
    row: dict[str, Any] = {"name": mutant.name, "family": mutant.family, "about": mutant.about}
    row |= {"equivalent": mutant.equivalent, "beyond": mutant.beyond, **_when()}
    try:
        catch = future.result()
    except Late:
        return {**row, "outcome": "failed", "kind": "late"}
    except HarnessError:
        raise
    except Exception as error:  # ours or the mutant's: nobody has seen a discrepancy
        return {**row, "outcome": "failed", "kind": f"{type(error).__name__}: {error}"[:200]}
    facts = {key: value for key, value in asdict(catch).items() if key not in ("mutant", "program")}
    unseen = "equivalent" if mutant.equivalent else "beyond" if mutant.beyond else "survived"
    if catch.program is not None:
        facts |= {"size": catch.size, "program": catch.program.source}
    return {**row, **facts, "outcome": "caught" if catch.kind else unseen}


@cache
def _when() -> dict[str, str]:
    """The day, and the state of minigrad that rows are measured with."""
    return {"day": date.today().isoformat(), "sources": sources()}


def come_to(row: dict[str, Any]) -> str:
    """What is known of how often programs came to the place of a bug that none of them showed."""
    reached = row.get("reached")
    return "" if reached is None else f", come to {reached} times" if reached else ", never come to"


def _show(rows: list[dict[str, Any]]) -> None:
    table = Table("mutant", "outcome", "programs", "seconds", "kind", "size", box=None)
    for row in rows:
        table.add_row(
            row["name"], row["outcome"], str(row.get("programs", "")), f"{row.get('seconds', 0):.2f}",
            row.get("kind", ""), str(row.get("size", "")),
        )  # fmt: skip
    console = Console()
    console.print(table)
    caught = [row for row in rows if row["outcome"] == "caught"]
    timed = [row for row in caught if "size" in row]
    console.print(f"{len(caught)} of {len(rows)} caught", end="")
    if timed:
        console.print(
            f"; median {median(row['seconds'] for row in timed):.2f} s, "
            f"slowest {max(row['seconds'] for row in timed):.1f} s, "
            f"median size {median(row['size'] for row in timed):g} instructions"
        )
    for row in rows:
        if row["outcome"] in ("survived", "failed"):
            console.print(f"{row['outcome']}: {row['name']} ({row['about']}){come_to(row)}")
