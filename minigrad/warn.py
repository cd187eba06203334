"""Warnings as torch's core gives them: at the caller's line, some of them once per process.

What may live here: how a warning is given. What it says stands where it is given.
"""

from __future__ import annotations

import contextlib
import os
import sys
import warnings
from types import CodeType
from typing import Any

from minigrad.modes import state

_INNER = (os.path.dirname(__file__) + os.sep, contextlib.__file__, "<op ", "<node ")
"""Whose lines are nobody's business: ours, those of the code we generate, and of the blocks we enter."""
PASSES: set[CodeType] = set()
"""The functions that run a backward graph: what a formula warns of is heard when the pass is over, as in torch."""
_given: set[str] = set()
_always = False


def warn(text: str, category: type[Warning] = UserWarning) -> None:
    """Warn at the first line outside of minigrad (and of the code it generates)."""
    level = 1
    frame = sys._getframe()
    while frame.f_back is not None and frame.f_code.co_filename.startswith(_INNER):
        if frame.f_code in PASSES and state.task is not None:
            state.task.warned = [*state.task.warned, (text, category)]
            return
        frame = frame.f_back
        level += 1
    warnings.warn(text, category, stacklevel=level)


def warn_once(text: str, category: type[Warning] = UserWarning, key: str = "") -> None:
    """Warn at the first line outside of minigrad, unless this process was told so before, or something of this key."""
    if (key or text) in _given and not _always:
        return
    _given.add(key or text)
    warn(text, category)


def warn_afterwards(task: Any) -> None:
    """Gives the warnings of a pass that is over. Of one that failed none is turned into an error of its own."""
    for text, category in task.warned:
        try:
            warn(text, category)
        except Warning:
            if not task.failed:
                raise


def set_warn_always(b: bool, /) -> None:
    """Whether warnings that are given once per process are given every time instead."""
    global _always
    if not isinstance(b, bool):
        raise RuntimeError(f"setWarnOnlyOnce expects a bool, but got {type(b).__name__}")
    _always = b


def is_warn_always_enabled() -> bool:
    """Whether warnings are given every time."""
    return _always
