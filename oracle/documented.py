"""Evidence out of documentation: choices at ties and corners, and answers that are called arbitrary or wrong.

What may live here: finders whose evidence is a passage with its source. The choices themselves are listed in
`conventions`.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from oracle.conventions import conventions_for
from oracle.dataflow import op_name
from oracle.evidence import REFERENCE, Case, Evidence, Finder
from oracle.program.edit import reads

SCATTER = "https://docs.pytorch.org/docs/stable/generated/torch.Tensor.scatter_.html"
OVERWRITING = ("scatter", "put", "index_put", "index_copy", "index_fill")
"""Ops that write elements to places named by an index, of which the last one stays."""


def written_twice(case: Case) -> Iterator[Evidence]:
    """Several elements written to one place: which one stays is arbitrary, and all get its gradient."""
    tensors = case.seen[REFERENCE].tensors
    for one in case.program.instructions:
        if op_name(one).removesuffix("_") not in OVERWRITING:
            continue
        for name in reads(one):
            index = tensors[name].value if name in tensors else None
            if isinstance(index, np.ndarray) and index.dtype == np.int64 and len(np.unique(index)) < index.size:
                text = f"{name} names a place more than once: documented as arbitrary, its gradient as incorrect"
                yield Evidence("documented", f"{text} ({SCATTER})")


def listed(case: Case) -> Iterator[Evidence]:
    """The documented conventions of the ops involved."""
    for one in conventions_for(case.ops):
        named = sorted(set(one.ops) & {op.rstrip("_") for op in case.ops})
        yield Evidence("note", f"{', '.join(named)} at {one.at}: {one.choice} ({one.source})")


DOCUMENTED: tuple[Finder, ...] = (written_twice, listed)
"""What is asked last where both sides have numbers."""
