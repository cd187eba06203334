"""Documents whose programs are run: Python blocks of a Markdown file and the output printed under them.

What may live here: reading, running and rewriting such files. A ```python block that is followed by an ```output
block is run; the blocks of one section (a heading) share their names. `python -m tests.docs.documents FILE`
rewrites the outputs from torch, so that none is typed by hand.
"""

from __future__ import annotations

import contextlib
import io
import re
import sys
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

DOCS = Path(__file__).parents[2] / "docs"
BLOCK = re.compile(r"^```python\n(?P<code>.*?)^```\n+```output\n(?P<output>.*?)^```$", re.MULTILINE | re.DOTALL)
HEADING = re.compile(r"^#+ .*$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Section:
    """One heading's programs, in order: (code, printed output, where the output stands in the file)."""

    title: str
    blocks: tuple[tuple[str, str, tuple[int, int]], ...]


def sections(text: str) -> Iterator[Section]:
    """The sections of a document that have programs."""
    starts = [m.start() for m in HEADING.finditer(text) if not _inside_block(text, m.start())] + [len(text)]
    for start, end in pairwise(starts):
        blocks = tuple((m["code"], m["output"], m.span("output")) for m in BLOCK.finditer(text, start, end))
        if blocks:
            yield Section(text[start : text.index("\n", start)].lstrip("# "), blocks)


def _inside_block(text: str, at: int) -> bool:
    return text.count("\n```", 0, at) % 2 == 1


def run(section: Section, engine: str) -> list[str]:
    """What each program of a section prints under `engine` ("torch" or "minigrad"), errors included."""
    names: dict[str, Any] = {}
    printed = []
    for code, _, _ in section.blocks:
        out = io.StringIO()
        code = code.replace("import torch\n", f"import {engine} as torch\n")
        with contextlib.redirect_stdout(out), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                exec(compile(code, section.title, "exec"), names)
            except Exception as error:
                print(f"{type(error).__name__}: {error}")
        printed.append(without_addresses(out.getvalue()))
    return printed


def without_addresses(text: str) -> str:
    return re.sub(r" at 0x[0-9a-f]+", "", text)


def rewrite(path: Path) -> None:
    """Puts torch's answers under the programs of a document."""
    text = path.read_text(encoding="utf-8")
    pieces, at = [], 0
    for section in sections(text):
        for (_, _, (start, end)), printed in zip(section.blocks, run(section, "torch"), strict=True):
            pieces += [text[at:start], printed]
            at = end
    path.write_text("".join([*pieces, text[at:]]), encoding="utf-8")


if __name__ == "__main__":
    for name in sys.argv[1:]:
        rewrite(Path(name))
