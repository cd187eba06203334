"""What is generated for a node when it is first needed serves every pass, whatever the first one was.

What may live here: results that must not depend on what the process did before, each looked at in one of its own.
"""

from __future__ import annotations

import subprocess
import sys

import pytest

PROGRAM = """
import {engine} as T
if {recorded}:
    v0 = T.full((33,), 1.0, requires_grad=True)
    v1, = T.autograd.grad(T.nn.functional.{name}(v0).sum(), v0, create_graph=True)
v2 = T.full((33,), -103.0, requires_grad=True)
v3, = T.autograd.grad((T.nn.functional.{name}(v2),), (v2,), grad_outputs=(T.full((33,), float("inf")),))
print(v3.tolist())
"""


@pytest.mark.parametrize("name", ["mish", "silu"])
def test_a_first_pass_that_is_recorded_leaves_later_ones_as_they_are(name: str) -> None:
    said = []
    for engine, recorded in (("minigrad", True), ("minigrad", False), ("torch", True)):
        code = PROGRAM.format(engine=engine, recorded=recorded, name=name)
        said.append(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout)
    assert said[0] == said[1] == said[2]
