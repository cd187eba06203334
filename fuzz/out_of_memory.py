"""Whether an observation shows that an engine ran out of memory. Words of allocators are known here alone."""

from __future__ import annotations

from oracle.observation import Observation, Raised

_TYPES = ("MemoryError", "OutOfMemoryError", "_ArrayMemoryError")
_WORDS = ("can't allocate memory", "Unable to allocate", "std::bad_alloc", "out of memory")


def ran_out(observation: Observation) -> bool:
    """True when an instruction was refused for want of memory."""
    return any(
        isinstance(outcome, Raised)
        and (outcome.type in _TYPES or any(words in outcome.message for words in _WORDS))
        for outcome in observation.outcomes
    )
