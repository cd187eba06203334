"""Reductions and scans.

What may live here: one line per op, and rules that serve ops of this file alone.
"""

from __future__ import annotations

from oracle.opset.rules import reduction
from oracle.opset.spec import OpSpec

SPECS = (
    OpSpec("sum", infer=reduction(), saves=False, tolerance="sum"),
    OpSpec("mean", infer=reduction(floats=True), saves=False, tolerance="sum", ready=False),
)
