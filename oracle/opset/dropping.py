"""Dropout, as far as nothing is random: with the probabilities 0 and 1, and while not training.

What may live here: these lines and their rules. (What is drawn in between depends on the processor: some leave it to a
library with a generator of its own.)
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from oracle.opset.metas import FLOAT, Meta, meta
from oracle.opset.params import choice, joint
from oracle.opset.spec import Operand, OpSpec, Param, Rule, rule

DROPS: tuple[tuple[Any, ...], ...] = ((1.0, True), (0.0, True), (0.5, False))
"""Probability, and whether it is training: everything goes, nothing does, nothing is asked."""


def _drops(*values: tuple[Any, ...]) -> Param:
    return joint("p", lambda x: values, wrong=lambda x: ((1.5, True), (-0.5, False)))


def _dropped(ranks: Sequence[int], *params: Param) -> Rule:
    """x itself or zeros, of tensors with so many dimensions."""
    fresh = meta((2, 3, 2, 1, 2)[: ranks[0]], "float32")

    @rule(Operand("input", fresh=fresh), *params)
    def made(x: Meta, *how: object) -> Meta | None:
        return x if x.rank in ranks and x.category >= FLOAT else None

    return made


ANY, CHANNELS = range(6), range(2, 6)
MAYBE: dict[str, Any] = {"forms": ("call",), "view": "maybe", "tolerance": "exact", "edges": (0.0, -0.0)}
F = "nn.functional."
WRITTEN: dict[str, Any] = {**MAYBE, "view": False, "writes": True, "overload": "inplace"}
ALL_GO = (joint("p", lambda x: ((1.0, True),)), choice("inplace", True, keyword="must"))

SPECS = (
    OpSpec("dropout", infer=_dropped(ANY, _drops(*DROPS)), **MAYBE),
    OpSpec("alpha_dropout", infer=_dropped(ANY, _drops(*DROPS)), **MAYBE),
    OpSpec("feature_dropout", infer=_dropped(CHANNELS, _drops(*DROPS)), **MAYBE),
    OpSpec("feature_alpha_dropout", infer=_dropped(CHANNELS, _drops(*DROPS)), **MAYBE),
    OpSpec(F + "dropout", infer=_dropped(ANY, _drops(*DROPS, (1.0,))), **MAYBE),
    OpSpec(F + "dropout1d", infer=_dropped((2, 3), _drops(*DROPS, (1.0,))), **MAYBE),
    OpSpec(F + "dropout2d", infer=_dropped((4,), _drops(*DROPS, (1.0,))), **MAYBE),
    OpSpec(F + "dropout3d", infer=_dropped((4, 5), _drops(*DROPS, (1.0,))), **MAYBE),
    OpSpec(F + "alpha_dropout", infer=_dropped(ANY, _drops((), (0.5,), *DROPS)), **MAYBE),
    OpSpec(F + "feature_alpha_dropout", infer=_dropped(CHANNELS, _drops((), (0.5,), *DROPS)), **MAYBE),
    OpSpec(F + "dropout", infer=_dropped(ANY, *ALL_GO), **WRITTEN),
    OpSpec(F + "alpha_dropout", infer=_dropped(ANY, *ALL_GO), **WRITTEN),
)
