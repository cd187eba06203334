"""Bugs made systematically: from minigrad's declarations and from its own sources.

What may live here: the list of all of them, with what is known of those that change nothing or that no program shows.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from oracle.engines.mutants.beyond import BEYOND
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
            equivalent, beyond = EQUIVALENT.get(one.name, ""), BEYOND.get(one.name, "")
            yield replace(one, equivalent=equivalent, beyond=beyond) if equivalent or beyond else one


def sources() -> str:
    """Ten digits that say which state of minigrad's sources mutants were made of."""
    import minigrad

    found = hashlib.sha256()
    for path in sorted(Path(str(minigrad.__file__)).parent.rglob("*.py")):
        found.update(path.read_bytes())
    return found.hexdigest()[:10]
