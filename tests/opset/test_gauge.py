"""Signs of eigenvectors and singular vectors agree on every matrix that the composer makes for them.

Which sign comes out is LAPACK's choice, and torch's LAPACK is another one than SciPy's: the opset lists such ops with
the shapes for which the choice agrees, and this is where that is a fact.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

import minigrad
from oracle.opset import OPS
from strategies.matrices import matrices
from strategies.values import PLACES


@pytest.mark.parametrize("name", ["linalg.eigh", "linalg.eig", "linalg.qr", "linalg.svd", "svd", "linalg.lu"])
def test_the_gauge_agrees_on_matrices_made_for_the_call(name: str) -> None:
    spec = OPS[name]
    made = spec.infer.operands[0].made
    assert made is not None
    for of in made():
        for seed in range(PLACES):
            flat = matrices(spec.domain, of.shape, "complex" in of.dtype, seed)
            array = np.array(flat, of.dtype).reshape(of.shape)
            ours, theirs = (_called(engine, name, array.tolist(), of.dtype) for engine in (minigrad, torch))
            for mine, its in zip(ours, theirs, strict=True):
                np.testing.assert_allclose(mine.numpy(), its.numpy(), rtol=2e-3, atol=2e-4, err_msg=f"{of} {flat}")


def _called(engine: Any, name: str, data: Any, dtype: str) -> Any:
    function, tensors = engine, engine
    for part in name.split("."):
        function = getattr(function, part)
    return function(tensors.tensor(data, dtype=getattr(tensors, dtype)), *((False,) if name == "linalg.svd" else ()))
