"""Values and texts as HTML, with what differs between the two engines marked.

What may live here: how a plain value looks beside another. Everything is escaped; `<mark>` is what is added.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from difflib import SequenceMatcher
from typing import Any

import numpy as np
from markupsafe import Markup, escape

from oracle.tolerance import spacing
from reports.wording import visible

WHOLE = 32  # elements up to which an array is shown whole
FEW = 6  # differing elements shown of a larger one
LONGEST = 2_000  # characters of a text

Array = np.ndarray[Any, Any]
_TOKEN = re.compile(r"\w+|\s+|[^\w\s]")


def text(words: str, other: str | None = None) -> Markup:
    """A text; the words that `other` does not have at their place are marked."""
    mine = _short(words)
    if other is None or words == other:
        return escape(mine)
    ours, theirs = _TOKEN.findall(mine), _TOKEN.findall(_short(other))
    parts = []
    for tag, start, stop, _, _ in SequenceMatcher(None, ours, theirs, autojunk=False).get_opcodes():
        piece = escape("".join(ours[start:stop]))
        parts.append(piece if tag == "equal" or not piece else Markup("<mark>{}</mark>").format(piece))
    return Markup("").join(parts)


def value(mine: Any, other: Any = None) -> Markup:
    """Any plain value; elements and words that `other` does not have are marked (where one is given)."""
    if isinstance(mine, np.ndarray):
        return array(mine, other if isinstance(other, np.ndarray) and other.shape == mine.shape else None)
    if isinstance(mine, tuple | list) and any(isinstance(one, np.ndarray | tuple | list) for one in mine):
        paired = other if isinstance(other, tuple | list) and len(other) == len(mine) else [None] * len(mine)
        inside = Markup(", ").join(value(one, its) for one, its in zip(mine, paired, strict=True))
        return Markup("({})" if isinstance(mine, tuple) else "[{}]").format(inside)
    shown = mine if isinstance(mine, str) else repr(mine)
    if other is None:
        return text(shown)
    return text(shown, other if isinstance(other, str) else repr(other))


def array(mine: Array, other: Array | None = None) -> Markup:
    """An array, nested as its shape is; elements that `other`, of its shape, has otherwise are marked."""
    differs = np.zeros(mine.shape, bool) if other is None else unequal(mine, other)
    if mine.size <= WHOLE:
        return _nested(mine, differs, element)
    places = np.argwhere(differs)[:FEW] if differs.any() else np.argwhere(np.ones(mine.shape, bool))[:FEW]
    shown = Markup(", ").join(
        Markup("{}: {}").format(str(at.tolist()), _marked(element(mine[tuple(at)]), bool(differs[tuple(at)])))
        for at in places
    )
    return Markup("{} elements; {}, …").format(mine.size, shown)


def array_text(mine: Any) -> str:
    """A plain value as text, an array with its elements as `array` shows them."""
    return array(mine).unescape() if isinstance(mine, np.ndarray) else repr(mine)


def element(one: Any) -> str:
    """One element with as many digits as tell it from its neighbours."""
    if isinstance(one, np.floating):
        ordinary = 1e-4 <= abs(one.item()) < 1e16 or one == 0  # as a Python number: 1e16 is no half
        return np.format_float_positional(one, trim="0") if ordinary else str(one)
    if isinstance(one, np.complexfloating):
        sign = "" if str(one.imag).startswith(("-", "+")) else "+"
        return f"{element(one.real)}{sign}{element(one.imag)}j"
    return str(one)


def unequal(mine: Array, other: Array) -> Array:
    """Where two arrays of one shape differ in any bit that means something (NaN is NaN, -0.0 is not 0.0)."""
    if mine.dtype != other.dtype:
        common = np.result_type(mine.dtype, other.dtype)
        mine, other = mine.astype(common), other.astype(common)
    if mine.dtype.kind == "c":
        return unequal(mine.real, other.real) | unequal(mine.imag, other.imag)
    if mine.dtype.kind != "f":
        return np.asarray(mine != other)
    both_nan = np.isnan(mine) & np.isnan(other)
    return np.asarray(((mine != other) & ~both_nan) | ((mine == 0) & (np.signbit(mine) != np.signbit(other))))


def distance(mine: Array, other: Array, dtype: str) -> str:
    """How far apart two arrays of one shape are: how many elements, and the largest in units of precision."""
    differs = unequal(mine, other)
    count = int(differs.sum())
    if not count:
        return ""
    words = f"{count} of {mine.size} differ" if mine.size > 1 else ""
    if mine.dtype.kind not in "fc" or mine.dtype != other.dtype:
        return words
    with np.errstate(all="ignore"):
        wide = np.complex128 if mine.dtype.kind == "c" else np.float64
        far = np.where(differs, np.abs(mine.astype(wide) - other.astype(wide)), 0.0) / spacing(other, dtype)
    far = np.where(np.isfinite(far), far, 0.0)
    if not far.any():
        return words
    at = np.unravel_index(int(np.argmax(far)), far.shape)
    where = f" at {[int(one) for one in at]}" if mine.ndim else ""
    largest = f"off by {far[at]:.4g} units of {dtype}{where}"
    return f"{words}; {largest}" if words else largest


def _nested(mine: Array, differs: Array, say: Callable[[Any], str]) -> Markup:
    if mine.ndim == 0:
        return _marked(say(mine[()]), bool(differs))
    return Markup("[{}]").format(Markup(", ").join(_rows(mine, differs, say)))


def _rows(mine: Array, differs: Array, say: Callable[[Any], str]) -> Iterator[Markup]:
    for index in range(mine.shape[0]):
        yield _nested(np.asarray(mine[index]), np.asarray(differs[index]), say)


def _marked(words: str, differs: bool) -> Markup:
    return Markup("<mark>{}</mark>").format(words) if differs else escape(words)


def _short(words: str) -> str:
    seen = visible(words)
    return seen if len(seen) <= LONGEST else f"{seen[:LONGEST]}… ({len(seen) - LONGEST} characters more)"
