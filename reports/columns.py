"""The columns of every table: their dtypes and what they mean.

What may live here: `TABLES`, and `shape`, which gives a frame exactly these columns. Text columns hold no
nulls (nothing is ""), whole numbers that can be missing are `Int64`, times are UTC.
"""

from __future__ import annotations

import pandas as pd

from oracle.errors import HarnessError

TEXT, INT, MAYBE, FLOAT, BOOL, TIME = "str", "int64", "Int64", "float64", "bool", "datetime64[us, UTC]"

TABLES: dict[str, dict[str, tuple[str, str]]] = {
    "runs": {
        "run": (TEXT, "name of the run; sorts by time"),
        "subject": (TEXT, "engine under test"),
        "reference": (TEXT, "engine that it was compared with"),
        "started": (TIME, "begin of the run"),
        "ended": (TIME, "end of the run; missing while it runs"),
        "seconds": (FLOAT, "wall time"),
        "programs": (INT, "programs run on both engines"),
        "instructions": (INT, "instructions in them"),
        "programs_per_second": (FLOAT, "rate over the whole run"),
        "seed": (MAYBE, "seed to run it again with"),
        "command": (TEXT, "command to run it again with"),
        "status": (TEXT, "running, finished, interrupted or failed"),
        "exit_status": (MAYBE, "exit status of the command"),
        "discrepancies": (INT, "raw discrepancies, before triage"),
        "versions": (TEXT, "JSON object: package to version"),
    },
    "findings": {
        "run": (TEXT, "run that met it"),
        "finding": (TEXT, "short id, as in links and commands"),
        "state": (TEXT, "new, back, known or fixed in that run"),
        "kind": (TEXT, "kind of its discrepancies"),
        "op": (TEXT, "op at which the engines part"),
        "side": (TEXT, "who is at fault: subject, reference, convention or undetermined"),
        "count": (INT, "discrepancies with this signature in that run"),
        "where": (TEXT, "name in the program (or graph, hooks, warnings)"),
        "line": (MAYBE, "1-based line of the program where they part"),
        "detail": (TEXT, "what differs, subject first"),
        "instructions": (INT, "length of the smallest program"),
        "flaky": (BOOL, "did not repeat every time"),
        "accepted": (BOOL, "listed in known.toml"),
        "first_seen": (TIME, "first ever seen"),
        "last_seen": (TIME, "last seen"),
        "evidence": (TEXT, "the referee's evidence, one line each"),
        "signature": (TEXT, "what all its discrepancies share; its identity"),
        "program": (TEXT, "smallest program, as source over T"),
        "original": (TEXT, "program as first composed"),
    },
    "discrepancies": {
        "run": (TEXT, "run that met it"),
        "finding": (TEXT, "short id of the finding it belongs to, or empty"),
        "kind": (TEXT, "kind"),
        "op": (TEXT, "op of the instruction"),
        "where": (TEXT, "name in the program (or graph, hooks, warnings)"),
        "instruction": (MAYBE, "instruction it belongs to, from 0"),
        "detail": (TEXT, "what differs, subject first"),
        "program": (TEXT, "program that showed it, as source over T"),
    },
    "coverage": {
        "run": (TEXT, "run that counted"),
        "axis": (TEXT, "op, pair, dtype, rank, edge, feature, grad_fn or refusal"),
        "item": (TEXT, "op (or feature, message)"),
        "other": (TEXT, "what it met: the op it fed, the dtype, ...; or empty"),
        "count": (INT, "programs that reached the cell"),
        "expected": (BOOL, "could be reached by what the run composed from"),
    },
    "trend": {
        "run": (TEXT, "name of the run"),
        "started": (TIME, "begin of the run"),
        "subject": (TEXT, "engine under test"),
        "reference": (TEXT, "engine that it was compared with"),
        "new": (INT, "findings never on record before"),
        "back": (INT, "findings that had been shown gone before"),
        "known": (INT, "findings on record or accepted"),
        "fixed": (INT, "findings shown gone by a replay in this run"),
        "programs": (INT, "programs run"),
        "programs_per_second": (FLOAT, "rate over the whole run"),
        "cells": (INT, "coverage cells reached"),
        "coverage": (FLOAT, "share of expected cells reached; missing where none are expected"),
    },
}
"""Every table: column to (dtype, meaning)."""


def shape(name: str, frame: pd.DataFrame) -> pd.DataFrame:
    """`frame` with exactly the columns of the table `name`, in its order and dtypes."""
    if name not in TABLES:
        raise HarnessError(f"There is no table {name!r}; there are {', '.join(TABLES)}.")
    columns = {}
    for column, (dtype, _) in TABLES[name].items():
        values = frame[column] if column in frame else pd.Series([None] * len(frame))
        if dtype == TIME:
            columns[column] = pd.to_datetime(values, utc=True, format="ISO8601").astype(dtype)
        else:
            columns[column] = (values.fillna("") if dtype == TEXT else values).astype(dtype)
    return pd.DataFrame(columns).reset_index(drop=True)
