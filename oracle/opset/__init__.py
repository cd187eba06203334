"""The opset: one line per op, split by family, as the table `OPS`.

What may live here: the table and how to look things up in it. Lines live in the family files, inference rules
in `rules`, parameter kinds in `params`; how to add an op is told in `spec`.
"""

from __future__ import annotations

from types import MappingProxyType

from oracle.errors import HarnessError
from oracle.opset import (
    attention,
    contractions,
    convolutions,
    copies,
    creation,
    dropping,
    fft,
    functional,
    grids,
    indexing,
    linalg,
    logic,
    losses,
    matrices,
    normalization,
    padding,
    patching,
    placing,
    pointwise,
    pooling,
    rearranging,
    reduction,
    resampling,
    scans,
    shape,
    special,
    statistics,
    view_copies,
    views,
    writing,
)
from oracle.opset.metas import DTYPES, Meta, meta
from oracle.opset.spec import OMIT, Const, Joint, Operand, Opset, OpSpec, Param, Rule

_OPSET = Opset()
_OPSET.add("pointwise", *pointwise.SPECS, *special.SPECS, *logic.SPECS)
_OPSET.add("reduction", *reduction.SPECS, *scans.SPECS, *statistics.SPECS)
_OPSET.add("shape", *shape.SPECS, *views.SPECS, *copies.SPECS, *grids.SPECS, *view_copies.SPECS)
_OPSET.add("indexing", *indexing.SPECS, *patching.SPECS)
_OPSET.add("linalg", *linalg.SPECS, *matrices.SPECS, *contractions.SPECS)
_OPSET.add("functional", *functional.SPECS, *losses.SPECS)
_OPSET.add("layers", *convolutions.SPECS, *pooling.SPECS, *padding.SPECS, *normalization.SPECS)
_OPSET.add("layers", *rearranging.SPECS, *resampling.SPECS, *attention.SPECS, *dropping.SPECS, *placing.SPECS)
_OPSET.add("fft", *fft.SPECS)
_OPSET.add("writing", *writing.SPECS)
_OPSET.add("creation", *creation.SPECS)

OPS = MappingProxyType(_OPSET.specs)
"""Every op by torch's name, in declaration order."""


def ready_ops() -> tuple[str, ...]:
    """Names of the ops that subjects are expected to have by now."""
    return tuple(name for name, spec in OPS.items() if spec.ready)


def spec_of(op: str) -> OpSpec:
    """The line of an op, or of the op whose in-place form `op` is ("mul_"). HarnessError if there is none."""
    found = OPS.get(op) or (OPS.get(op[:-1]) if op.endswith("_") else None)
    if found is None:
        raise HarnessError(f"{op!r} is not an op of the opset; `gradfuzz ops` lists them")
    return found if found.name == op else found.in_place


__all__ = [
    "DTYPES", "OMIT", "OPS", "Const", "Joint", "Meta", "OpSpec", "Operand", "Param", "Rule",
    "meta", "ready_ops", "spec_of",
]  # fmt: skip
