"""Gradients of gradients are recorded to be made of what torch's are: graphs, versions and views agree too.

What may live here: ops for which that took work, asked with the programs of docs/ops.md.
"""

from __future__ import annotations

import pytest

from oracle.check import require_agreement
from oracle.opset import OPS
from tests.docs.op_cases import programs
from tests.minigrad.op_programs import MINIGRAD, TORCH

NAMES = ("scatter_reduce", "index_reduce")


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("column", ["backward", "double"])
def test_gradients_are_composed_as_in_torch(name: str, column: str) -> None:
    asked = list(programs(OPS[name], column))
    assert asked
    for program in asked:
        require_agreement(program, MINIGRAD, TORCH)
