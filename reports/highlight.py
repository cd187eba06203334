"""A program's source as highlighted HTML, line by line.

What may live here: which words of the language get which colour. Tokens come from the standard library; a
text that it cannot split is shown plain.
"""

from __future__ import annotations

import io
import keyword
import tokenize
from dataclasses import dataclass

from markupsafe import Markup, escape

from reports.wording import visible


@dataclass(frozen=True, slots=True)
class Line:
    """One line of source: its 1-based number, its HTML, and whether the engines part there."""

    number: int
    html: Markup
    parts: bool = False


def lines(source: str, parting: int | None = None) -> list[Line]:
    """The lines of `source`, the one numbered `parting` marked as where the engines part."""
    texts = source.splitlines()
    spans: dict[int, list[tuple[int, int, str]]] = {}
    for token in _tokens(source):
        kind = _class(token)
        if kind and token.start[0] == token.end[0]:
            spans.setdefault(token.start[0], []).append((token.start[1], token.end[1], kind))
    return [
        Line(number, _line(text, spans.get(number, [])), number == parting)
        for number, text in enumerate(texts, start=1)
    ]


def _tokens(source: str) -> list[tokenize.TokenInfo]:
    try:
        return list(tokenize.generate_tokens(io.StringIO(source).readline))
    except (tokenize.TokenError, SyntaxError):
        return []


def _class(token: tokenize.TokenInfo) -> str:
    if token.type == tokenize.NAME:
        return "k" if keyword.iskeyword(token.string) else ""
    return {tokenize.NUMBER: "n", tokenize.STRING: "s", tokenize.COMMENT: "c"}.get(token.type, "")


def _line(text: str, spans: list[tuple[int, int, str]]) -> Markup:
    parts, at = [], 0
    for start, stop, kind in spans:
        parts.append(escape(visible(text[at:start])))
        parts.append(Markup('<i class="{}">{}</i>').format(kind, visible(text[start:stop])))
        at = stop
    return Markup("").join([*parts, escape(visible(text[at:]))])
