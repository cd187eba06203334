"""Strategies that compose programs: `programs()` for Hypothesis, `buffers()` for campaigns.

What may live here: the public names. No engine is known in this package.
"""

from strategies.buffers import buffers, trimmed
from strategies.decoder import decode
from strategies.faults import Fault, faults
from strategies.grammar import Grammar, grammar
from strategies.programs import programs, programs_of
from strategies.shapes import broadcastable_pairs, shapes
from strategies.values import values

__all__ = [
    "Fault", "Grammar", "broadcastable_pairs", "buffers", "decode", "faults", "grammar", "programs",
    "programs_of", "shapes", "trimmed", "values",
]  # fmt: skip
