"""`python -m benchmarks`: what is measured, table by table, each in a process of its own.

Writes Markdown to stdout and, with `--json FILE`, the same as JSON. `benchmarks/README.md` says what each figure
means. What may live here: choosing, starting and showing tables.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import warnings
from importlib import import_module
from pathlib import Path
from typing import Any

from benchmarks.tables import Row, as_markdown

TABLES = ("engines", "memory", "peers", "campaigns", "plain")
"""Modules whose `rows(rounds, only)` measures a table."""


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--rounds", type=int, default=9, help="rounds per figure, at least 1 (default 9)")
    parser.add_argument("--only", default="", metavar="TEXT", help="figures whose name contains TEXT")
    parser.add_argument("--table", choices=TABLES, action="append", help="this table (may be repeated; default all)")
    parser.add_argument("--json", metavar="FILE", help="also write the rows as JSON")
    parser.add_argument("--here", choices=TABLES, help=argparse.SUPPRESS)  # the child that measures this table
    args = parser.parse_args()
    if args.rounds < 1:
        parser.error(f"--rounds must be at least 1, not {args.rounds}")
    if args.here:
        warnings.simplefilter("ignore")  # programs are drawn at random, and torch warns about some
        rows = list(import_module(f"benchmarks.{args.here}").rows(args.rounds, args.only))
        Path(args.json).write_text(json.dumps(rows), encoding="utf-8")
        return
    measured = {table: _measured(table, args) for table in args.table or TABLES}
    if args.json:
        Path(args.json).write_text(json.dumps(measured, indent=1), encoding="utf-8")


def _measured(table: str, args: argparse.Namespace) -> list[Row]:
    """The rows of one table, measured in a child and shown."""
    with tempfile.NamedTemporaryFile(suffix=".json") as file:
        command: list[Any] = [sys.executable, "-m", "benchmarks", "--here", table, "--json", file.name]
        subprocess.run([*command, "--rounds", str(args.rounds), "--only", args.only], check=True)
        rows: list[Row] = json.loads(Path(file.name).read_text(encoding="utf-8"))
    if rows:
        print(as_markdown(rows) + "\n", flush=True)
    return rows


if __name__ == "__main__":
    main()
