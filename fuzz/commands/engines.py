"""`gradfuzz engines`: every engine that is registered, its version, and what it still needs to be used."""

from __future__ import annotations

import argparse

from oracle import engines
from oracle.engines.base import EngineUnavailable


def main(args: argparse.Namespace) -> int:
    rows = [_row(name) for name in engines.names()]
    widths = [max(len(row[column]) for row in rows) for column in range(2)]
    for name, version, about in rows:
        print(f"{name:{widths[0]}}  {version:{widths[1]}}  {about}")
    return 0


def _row(name: str) -> tuple[str, str, str]:
    try:
        engine = engines.load(name)
        return (name, engine.version, engine.summary)
    except EngineUnavailable as error:
        return (name, "-", f"not usable here: {error}")
