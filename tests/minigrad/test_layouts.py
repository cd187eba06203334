"""How results lie in memory where NumPy would leave it open or choose otherwise, held against torch.

What may live here: strides of results and gradients. Values are compared elsewhere.
"""

from __future__ import annotations

from typing import Any

import pytest
import torch

import minigrad
from tests.minigrad.side_by_side import lines

COLUMNS = """
def columns(*shape):
    whole = 1
    for n in shape:
        whole *= n
    return T.arange(1.0, 1.0 + whole).reshape(shape).mT.contiguous().mT
def rows(*shape):
    return columns(*shape).contiguous()
"""

FUNCTIONS = lines("""
    x.exp()
    x.sign()
    x.pow(2.0)
    x.mul(2)
    x * x
    x.abs().neg()
    T.relu(x).mul(2).sqrt()
    x.logical_not()
    x.clamp(0, 1)
    T.nn.functional.lp_pool1d(x, 2.0, 1)
    T.nn.functional.avg_pool1d(x.square(), 1)
    x.sum(2, True).mul(x)
    x.sum((1, 2), True)
    x.unsqueeze(3).permute(0, 1, 3, 2) * rows(1, 1, 5, 1)
    x.lerp(rows(*x.shape), x)
    rows(*x.shape).lerp(x, 0.5)
    x.isclose(rows(*x.shape))
    rows(*x.shape).isclose(x)
    T.nn.functional.soft_margin_loss(x, rows(*x.shape), reduction="none")
    T.nn.functional.soft_margin_loss(rows(*x.shape), x, reduction="none")
    T.nn.functional.binary_cross_entropy_with_logits(x, x, reduction="none", pos_weight=rows(1, x.shape[2])[0])
    T.nn.functional.binary_cross_entropy_with_logits(rows(*x.shape), x, reduction="none")
    T.nn.functional.binary_cross_entropy_with_logits(x, rows(*x.shape), reduction="none")
    T.einsum("bij,jk->bik", x, rows(x.shape[2], 2))
    T.nn.functional.conv1d(rows(2, x.shape[1], 4), x)
    T.nn.functional.conv1d(x, rows(2, x.shape[1], 2))
    T.nn.functional.conv_transpose1d(rows(2, x.shape[0], 4), x)
    T.nn.functional.bilinear(x[0], x[0], rows(3, x.shape[2], x.shape[2]))
""")


def strides(engine: Any, expression: str, shape: tuple[int, ...]) -> Any:
    names: dict[str, Any] = {"T": engine}
    exec(COLUMNS + f"x = columns{shape}", names)
    return eval(f"({expression}).stride()", names)


@pytest.mark.parametrize("shape", [(1, 4, 2), (2, 4, 2), (2, 2, 2), (1, 2, 2)], ids=str)
@pytest.mark.parametrize("expression", FUNCTIONS)
def test_results_of_operands_that_lie_by_columns_lie_as_in_torch(expression: str, shape: tuple[int, ...]) -> None:
    assert strides(minigrad, expression, shape) == strides(torch, expression, shape)


GRADIENTS = lines("""
    T.nn.functional.conv1d(x, w)
    T.nn.functional.conv_transpose1d(x, w)
    T.maximum(x, w)
    T.minimum(x, w)
    T.fmax(x, w)
    T.fmin(x, w)
""")


@pytest.mark.parametrize("ways", ["rows rows", "rows columns", "columns rows", "columns columns"])
@pytest.mark.parametrize("expression", GRADIENTS)
def test_gradients_of_operands_lie_as_in_torch(expression: str, ways: str) -> None:
    first, second = ways.split()
    found = []
    for engine in (minigrad, torch):
        names: dict[str, Any] = {"T": engine}
        exec(COLUMNS + f"x, w = {first}(2, 2, 2).requires_grad_(), {second}(2, 2, 2).requires_grad_()", names)
        exec(f"y = {expression}", names)
        exec(f"once = T.autograd.grad(y, (x, w), {second}(*y.shape), create_graph=True)", names)
        twice = "T.autograd.grad(once, (x, w), [x * 1, w * 1], allow_unused=True) if once[0].requires_grad else ()"
        found.append(eval(f"[g if g is None else g.stride() for g in (*once, *({twice}))]", names))
    assert found[0] == found[1]
