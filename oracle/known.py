"""Accepted differences as data: `known.toml`, read with the standard library, extended with tomlkit.

What may live here: reading, checking, matching and adding entries. No judgement of its own: an entry says who
is at fault and why because a person, or the referee's evidence, said so.

    version = 1

    [[known]]
    signature = "grad|AddBackward0|differs"   # exact, or ending in * for all that start so
    side = "reference"                        # subject, reference or convention
    reason = "torch lets two leaves share one gradient buffer"
    link = "https://..."                      # optional
    expires = 2027-06-30                      # optional: from then on the difference counts as new again
    program = '''...'''                       # optional: one program that shows it
"""

from __future__ import annotations

import datetime
import os
import tempfile
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from oracle.errors import HarnessError

VERSION = 1
SIDES = ("subject", "reference", "convention")
REQUIRED = ("signature", "side", "reason")
KEYS: dict[str, type] = {**dict.fromkeys((*REQUIRED, "link", "program"), str), "expires": datetime.date}
HEADER = "[[known]]"


@dataclass(frozen=True, slots=True)
class Entry:
    """One accepted difference."""

    signature: str
    side: str
    reason: str
    link: str = ""
    expires: datetime.date | None = None
    program: str = ""
    line: int | None = None  # where the entry begins in its file

    def matches(self, signature: str) -> bool:
        if self.signature.endswith("*"):
            return signature.startswith(self.signature[:-1])
        return signature == self.signature

    def expired(self, today: datetime.date) -> bool:
        return self.expires is not None and today >= self.expires


@dataclass(slots=True)
class KnownList:
    """The entries of one file, in its order."""

    entries: tuple[Entry, ...] = ()
    path: Path | None = None
    today: datetime.date = field(default_factory=lambda: datetime.datetime.now(datetime.UTC).date())

    def match(self, signature: str) -> Entry | None:
        """The first unexpired entry that accepts this signature, or None."""
        for entry in self.entries:
            if entry.matches(signature) and not entry.expired(self.today):
                return entry
        return None

    def unseen(self, signatures: Iterable[str]) -> list[Entry]:
        """The entries that none of these signatures meets: differences that no longer occur."""
        seen = list(signatures)
        return [entry for entry in self.entries if not any(entry.matches(one) for one in seen)]

    def expired(self) -> list[Entry]:
        """The entries whose date has come; they accept nothing any more."""
        return [entry for entry in self.entries if entry.expired(self.today)]


def shipped(subject: str, reference: str) -> tuple[Entry, ...]:
    """The differences that an engine of ours has on purpose, which come with it (engines/NAME.known.toml, in which a
    dash stands for a colon)."""
    path = Path(__file__).parent / "engines" / f"{subject.replace(':', '-')}.known.toml"
    if reference != "torch" or not path.is_file():
        return ()
    return tuple(replace(entry, line=None) for entry in load(path).entries)


def load(path: str | os.PathLike[str]) -> KnownList:
    """The known list in a file. Raises HarnessError, naming file and line, for anything amiss in it."""
    path = Path(path)
    try:
        text = path.read_bytes().decode("utf-8")
    except FileNotFoundError:
        raise HarnessError(
            f"There is no known list at {path}. Leave the option out, name a file that exists, or start one "
            f"with `gradfuzz known add`."
        ) from None
    except UnicodeDecodeError as error:
        raise HarnessError(
            f"{path}: the known list is not UTF-8 text (byte {error.start}). It was left as it is."
        ) from None
    except OSError as error:
        raise HarnessError(f"{path}: the known list cannot be read: {error.strerror}.") from None
    return KnownList(tuple(parse(text, str(path))), path)


def parse(text: str, name: str = "known.toml") -> list[Entry]:
    """The entries of a known list given as text; `name` is what errors call it."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise HarnessError(
            f"{name}: the known list is not valid TOML: {error}. It was left as it is; mend that line."
        ) from None
    version = data.pop("version", None)
    if type(version) is not int or version < 1:
        raise _fault(name, 1, f"the list must begin with `version = {VERSION}`, not {version!r}")
    if version > VERSION:
        raise _fault(name, 1, f"the list is of version {version}; this gradfuzz reads up to {VERSION}")
    tables = data.pop("known", [])
    if data or not isinstance(tables, list):
        stray = ", ".join(map(repr, data)) or "'known'"
        raise _fault(name, 1, f"{stray} has no place here; entries are tables under {HEADER}")
    lines = [number for number, line in enumerate(text.splitlines(), 1) if line.strip().startswith(HEADER)]
    lines += [1] * len(tables)  # entries written as an inline array have no header of their own
    entries: list[Entry] = []
    for table, line in zip(tables, lines, strict=False):
        entry = _entry(table, name, line)
        twin = next((one for one in entries if one.signature == entry.signature), None)
        if twin is not None:
            raise _fault(name, line, f"signature {entry.signature!r} stands in line {twin.line} already")
        entries.append(entry)
    return entries


def _fault(name: str, line: int, what: str) -> HarnessError:
    return HarnessError(f"{name}, line {line}: {what}. The file was left as it is.")


def _entry(table: Any, name: str, line: int) -> Entry:
    if not isinstance(table, dict):
        raise _fault(name, line, f"an entry must be a table, not {table!r}")
    for key in table:
        if key not in KEYS:
            raise _fault(name, line, f"an entry has no key {key!r}; it may have {', '.join(KEYS)}")
    for key in REQUIRED:
        if key not in table:
            raise _fault(name, line, f"the entry lacks {key!r}")
    for key, value in table.items():
        kind = KEYS[key]
        if not isinstance(value, kind) or isinstance(value, datetime.datetime):
            expected = "a date like 2027-06-30" if kind is datetime.date else "a string"
            raise _fault(name, line, f"{key} must be {expected}, not {value!r}")
    for key in REQUIRED:
        if not table[key].strip():
            raise _fault(name, line, f"{key} is empty")
    if table["side"] not in SIDES:
        raise _fault(name, line, f"side must be one of {', '.join(SIDES)}, not {table['side']!r}")
    return Entry(**table, line=line)


def add(path: str | os.PathLike[str], entry: Entry) -> None:
    """Append an entry to the file (made if missing), keeping everything that stands there, comments included.

    Raises HarnessError where the file is broken, the entry is, or its signature is listed already; nothing is
    written then. The new text replaces the old in one step, so a full disk or a kill leaves the old file.
    """
    import tomlkit

    path = Path(path)
    before = load(path) if path.exists() else KnownList()
    if any(one.signature == entry.signature for one in before.entries):
        raise HarnessError(f"{path}: {entry.signature!r} is on the known list already; edit that entry.")
    if before.path:
        document = tomlkit.parse(path.read_text("utf-8"))
    else:
        document = tomlkit.document()
        document.add(tomlkit.comment("Accepted differences between a subject and the reference."))
        document.add("version", VERSION)
    table = tomlkit.table()
    for key in KEYS:
        value = getattr(entry, key)
        if value not in ("", None):
            table.add(key, tomlkit.string(value, multiline=True) if key == "program" else value)
    if "known" not in document:
        document.add(tomlkit.nl())
        document.add("known", tomlkit.aot())
    if before.entries:
        table.trivia.indent = "\n"  # an empty line between entries
    document["known"].append(table)
    text = tomlkit.dumps(document)
    parse(text, str(path))
    _replace(path, text)


def _replace(path: Path, text: str) -> None:
    """Write a file so that readers see the old text or the new one, never half of it."""
    try:
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    except OSError as error:
        raise HarnessError(f"{path}: the known list cannot be written: {error.strerror}.") from None
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        if path.exists():
            os.chmod(temporary, path.stat().st_mode & 0o777)
        os.replace(temporary, path)
    except OSError as error:
        Path(temporary).unlink(missing_ok=True)
        raise HarnessError(f"{path}: the known list cannot be written: {error.strerror}.") from None
