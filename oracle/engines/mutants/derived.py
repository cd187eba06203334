"""Bugs made systematically: from minigrad's declarations and from its own sources.

What may live here: the list of all of them, with what is known of those that change nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from oracle.engines.mutants.declarations import flags, formulas
from oracle.engines.mutants.equivalent import EQUIVALENT
from oracle.engines.mutants.mutant import Mutant
from oracle.engines.mutants.sources import of_core, of_ops


def everything(ops: tuple[str, ...] | None = None) -> tuple[Mutant, ...]:
    """All derived mutants, in a fixed order; of ops only those that the given keys of the opset lead to."""
    return tuple(_marked(formulas(ops), flags(ops), of_core(), of_ops(ops)))


def _marked(*families: Iterator[Mutant]) -> Iterator[Mutant]:
    for family in families:
        for one in family:
            yield replace(one, equivalent=EQUIVALENT[one.name]) if one.name in EQUIVALENT else one
