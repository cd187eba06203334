"""The embedded SQLite file under the history: opening, schema version, and errors in words.

What may live here: what is true of any such file (WAL, transactions, a full disk, a newer version, a file
that is something else). What the tables mean is `history`'s.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path

from oracle.errors import HarnessError

SCHEMA = 1
APPLICATION = 0x67667A7A  # "gfzz", so that another program's database is never taken for ours
PATIENCE = 60.0  # seconds to wait for another writer


def connect(path: Path, *, create: bool) -> sqlite3.Connection:
    """Open the history at `path`, making it where `create` is set; the caller closes it.

    Raises HarnessError when there is none, when it is something else, or when a newer gradfuzz wrote it; the
    file is left as it was.
    """
    if not create and not path.is_file():
        raise HarnessError(
            f"There is no history at {path}. `gradfuzz run` writes history.sqlite into its --out directory."
        )
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(path, timeout=PATIENCE, isolation_level=None)
    except (OSError, sqlite3.Error) as error:
        raise HarnessError(f"The history {path} cannot be opened: {error}. Name a writable place.") from error
    try:
        _prepare(connection, path, create=create)
    except BaseException as error:
        connection.close()
        if isinstance(error, sqlite3.Error):
            raise explained(error, path) from error
        raise
    return connection


def _prepare(connection: sqlite3.Connection, path: Path, *, create: bool) -> None:
    connection.execute("PRAGMA foreign_keys = ON")
    version = _version(connection, path)
    if version == 0:
        if not create:
            raise HarnessError(f"{path} is an empty database, not a gradfuzz history. Name another file.")
        connection.execute("PRAGMA journal_mode = WAL")
    # FULL: what was told to be stored is stored, even if the power goes; a finding is worth one fsync.
    connection.execute("PRAGMA synchronous = FULL")
    if version == 0:
        _make_tables(connection, path)


def _version(connection: sqlite3.Connection, path: Path) -> int:
    application = connection.execute("PRAGMA application_id").fetchone()[0]
    version = int(connection.execute("PRAGMA user_version").fetchone()[0])
    tables = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
    if tables and application != APPLICATION:
        raise HarnessError(f"{path} is a database of another program, not a gradfuzz history. Name another file.")
    if version > SCHEMA:
        raise HarnessError(
            f"The history {path} was written by a newer gradfuzz (its schema is version {version}, this one "
            f"reads up to {SCHEMA}). Upgrade gradfuzz, or name another file; nothing was changed."
        )
    return version


def _make_tables(connection: sqlite3.Connection, path: Path) -> None:
    script = files("reports").joinpath("schema.sql").read_text("utf-8")
    with transaction(connection, path):
        if _version(connection, path):
            return  # another process was first
        for statement in script.split(";\n"):
            if statement.strip():
                connection.execute(statement)
        connection.execute(f"PRAGMA application_id = {APPLICATION}")
        connection.execute(f"PRAGMA user_version = {SCHEMA}")


@contextmanager
def transaction(connection: sqlite3.Connection, path: Path) -> Iterator[sqlite3.Connection]:
    """All of the block is stored, or nothing of it; sqlite's errors come out as HarnessError."""
    try:
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield connection
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise
    except sqlite3.Error as error:
        raise explained(error, path) from error


def explained(error: sqlite3.Error, path: Path) -> HarnessError:
    """The paragraph that a person needs for an error of the database."""
    text = str(error)
    if "full" in text or "disk I/O" in text:
        way_out = "The disk is full or failing: free some space; what was stored before is intact"
    elif "locked" in text or "busy" in text:
        way_out = f"Another process has been writing to it for over {PATIENCE:.0f} s: wait for it, or end it"
    elif "readonly" in text or "read-only" in text or "unable to open" in text:
        way_out = "Name a place that can be written to"
    elif "not a database" in text or "malformed" in text:
        way_out = "It is no SQLite file or it is damaged: name another file, or move this one away"
    else:
        way_out = "Nothing of this record was stored; what was stored before is intact"
    return HarnessError(f"The history {path} cannot be used: {text}. {way_out}.")
