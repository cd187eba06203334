"""Plain data of observations: equality that knows arrays and NaN, and a short text of any value.

What may live here: walking over numbers, texts, tuples, lists and arrays. No engine objects occur.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from oracle.compare_text import normalised
from oracle.tolerance import PRECISION, difference

_LONGEST = 200  # characters of a shown value


def same_plain(
    ours: Any, theirs: Any, modules: tuple[str, ...], units: float = 0.0, cancelling: float = 0.0, narrowest: str = ""
) -> bool:
    """Whether two plain values agree: types and structure exact, texts normalised, floats within `units`.

    The units of arrays are those of `narrowest` where what they were computed from had so few digits.
    """
    if isinstance(ours, np.ndarray) and isinstance(theirs, np.ndarray):
        return same_array(ours, theirs, units, cancelling, narrowest)
    if type(ours) is not type(theirs):
        return False
    if isinstance(ours, str):
        return ours == theirs or normalised(ours, modules) == normalised(theirs, modules)
    if isinstance(ours, tuple | list):
        return len(ours) == len(theirs) and all(
            same_plain(mine, its, modules, units, cancelling, narrowest)
            for mine, its in zip(ours, theirs, strict=True)
        )
    if isinstance(ours, float | complex):
        return same_array(np.asarray(ours), np.asarray(theirs), units)
    return bool(ours == theirs)


def same_to_the_byte(ours: tuple[Any, ...], theirs: tuple[Any, ...]) -> bool:
    """A quick yes for tuples of arrays and Nones; a no means that nobody knows yet."""
    return len(ours) == len(theirs) and all(
        mine is its
        or (
            isinstance(mine, np.ndarray)
            and isinstance(its, np.ndarray)
            and mine.dtype == its.dtype
            and mine.shape == its.shape
            and mine.tobytes() == its.tobytes()
        )
        for mine, its in zip(ours, theirs, strict=True)
    )


def same_shapes(ours: Any, theirs: Any) -> bool:
    """Whether two plain values agree in all but the elements of arrays."""
    if isinstance(ours, np.ndarray) and isinstance(theirs, np.ndarray):
        return bool(ours.shape == theirs.shape and ours.dtype == theirs.dtype)
    if isinstance(ours, tuple | list) and type(ours) is type(theirs):
        return len(ours) == len(theirs) and all(map(same_shapes, ours, theirs))
    return type(ours) is type(theirs)


def same_array(ours: Any, theirs: Any, units: float = 0.0, cancelling: float = 0.0, narrowest: str = "") -> bool:
    """Whether two arrays agree in shape, dtype and, within `units`, in their elements; see `same_plain`."""
    if ours.shape != theirs.shape or ours.dtype != theirs.dtype:
        return False
    if ours.tobytes() == theirs.tobytes():
        return True
    dtype = str(ours.dtype)
    if narrowest and dtype in PRECISION and PRECISION[narrowest] < PRECISION[dtype]:
        dtype = narrowest
    left = cancelling * 2.0 ** -PRECISION[dtype] if cancelling and dtype in PRECISION else None
    return difference(ours, theirs, dtype, units, left) is None


def shown(value: Any) -> str:
    """A value in at most 200 characters."""
    if isinstance(value, np.ndarray):
        text = f"{value.dtype}{value.tolist()}"
    elif isinstance(value, tuple | list):
        inside = ", ".join(shown(item) for item in value)
        text = f"({inside})" if isinstance(value, tuple) else f"[{inside}]"
    else:
        text = repr(value)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 3]}..."
