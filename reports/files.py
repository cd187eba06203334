"""Tables to CSV, Parquet, JSON lines and SQLite, and back with their dtypes.

What may live here: formats. The columns and dtypes are those of `columns.TABLES`; nothing is lost on the way,
whatever the text holds (line ends, quotes, NUL, "NA"). No reader may guess: cells are read as texts or as
they stand, and `columns.shape` gives them their dtypes.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

import pandas as pd

from oracle.errors import HarnessError
from reports.columns import BOOL, TABLES, TEXT, shape

FORMATS = (".csv", ".parquet", ".jsonl")
DATABASES = (".sqlite", ".db")


def save(frames: Mapping[str, pd.DataFrame], path: Path) -> list[Path]:
    """See `tables.save`."""
    try:
        if path.suffix in DATABASES:
            return [_to_sqlite(frames, path)]
        path.mkdir(parents=True, exist_ok=True)
        return [write(frame, path / f"{name}{suffix}") for name, frame in frames.items() for suffix in FORMATS]
    except (OSError, sqlite3.Error) as error:
        raise HarnessError(f"The tables cannot be written to {path}: {error}. Name another place.") from error


def write(frame: pd.DataFrame, path: Path) -> Path:
    """One table into one file; the ending of `path` says how (.csv, .parquet or .jsonl)."""
    if path.suffix == ".parquet":
        frame.to_parquet(path, index=False)
    elif path.suffix == ".csv":
        _plain(frame).to_csv(path, index=False, lineterminator="\n", encoding="utf-8")
    elif path.suffix == ".jsonl":
        rows = _plain(frame).to_dict("records")
        cells = ({key: None if pd.isna(value) else value for key, value in row.items()} for row in rows)
        path.write_text("".join(f"{json.dumps(row, allow_nan=False)}\n" for row in cells), "utf-8")
    else:
        raise HarnessError(f"A table is written as {', '.join(FORMATS)} or .sqlite, not as {path.suffix!r}.")
    return path


def read(path: Path, table: str | None) -> pd.DataFrame:
    """See `tables.read`."""
    name = table or path.stem
    if name not in TABLES:
        raise HarnessError(f"{name!r} is no table of a report; there are {', '.join(TABLES)}.")
    if not path.is_file():
        raise HarnessError(f"There is no file {path}.")
    if path.suffix == ".parquet":
        return shape(name, pd.read_parquet(path))
    if path.suffix == ".csv":
        return shape(name, _from_csv(path, name))
    if path.suffix == ".jsonl":
        rows = [json.loads(line) for line in path.read_text("utf-8").split("\n") if line]
        return shape(name, pd.DataFrame(rows, columns=list(TABLES[name]), dtype=object))
    if path.suffix in DATABASES:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as connection:
            cursor = connection.execute(f'SELECT * FROM "{name}"')
            columns = [column for column, *_ in cursor.description]
            return shape(name, pd.DataFrame(cursor.fetchall(), columns=columns, dtype=object))
    raise HarnessError(f"A table is read from {', '.join(FORMATS)} or .sqlite, not from {path.suffix!r}.")


def _from_csv(path: Path, name: str) -> pd.DataFrame:
    frame = pd.read_csv(path, dtype="str", keep_default_na=False, na_filter=False, lineterminator="\n")
    for column, (dtype, _) in TABLES[name].items():
        if dtype == BOOL:
            frame[column] = frame[column] == "True"
        elif dtype != TEXT:
            frame[column] = frame[column].astype(object).where(frame[column] != "", None)
    return frame


def _to_sqlite(frames: Mapping[str, pd.DataFrame], path: Path) -> Path:
    path.unlink(missing_ok=True)
    path.parent.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(path)) as connection:
        for name, frame in frames.items():
            # A column of type REAL keeps a whole number as an integer, and -0.0 loses its sign; BLOB changes nothing.
            floats = dict.fromkeys(frame.select_dtypes("float").columns, "BLOB")
            _plain(frame).to_sql(name, connection, index=False, dtype=floats)
        connection.commit()
    return path


def _plain(frame: pd.DataFrame) -> pd.DataFrame:
    """The frame with times as ISO 8601 texts to the microsecond, which every format can hold."""
    frame = frame.copy()
    for column in frame.columns:
        if isinstance(frame[column].dtype, pd.DatetimeTZDtype):
            texts = frame[column].map(lambda moment: "" if pd.isna(moment) else moment.isoformat())
            frame[column] = texts.astype("str")
    return frame
