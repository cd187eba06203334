"""Whether an observation shows that an engine ran out of memory. Words of allocators are known here alone."""

from __future__ import annotations

from oracle.check import Checked
from oracle.observation import Observation, Raised

_TYPES = ("MemoryError", "OutOfMemoryError", "_ArrayMemoryError")
_WORDS = ("can't allocate memory", "Unable to allocate", "std::bad_alloc", "out of memory")


def is_short(checked: Checked) -> bool:
    """Whether one of the engines ran into the memory limit, which then is the thing to look at."""
    return any(one is not None and ran_out(one) for one in (checked.subject, checked.reference))


def ran_out(observation: Observation) -> bool:
    """True when an instruction was refused for want of memory."""
    return any(
        isinstance(outcome, Raised)
        and (outcome.type in _TYPES or any(words in outcome.message for words in _WORDS))
        for outcome in observation.outcomes
    )
