"""Gradients of gradients are recorded to be made of what torch's are: graphs, versions and views agree too.

What may live here: ops for which that took work, asked with the programs of docs/ops.md.
"""

from __future__ import annotations

import pytest

from oracle.check import require_agreement
from oracle.opset import OPS
from tests.docs.op_cases import programs
from tests.minigrad.op_programs import MINIGRAD, TORCH
from tests.minigrad.side_by_side import assert_prints_the_same

NAMES = (
    "scatter_reduce", "index_reduce", "atan2", "repeat", "select_scatter", "diagonal_scatter", "fft.ifft", "fft.ihfft",
    "linalg.matrix_exp", "linalg.slogdet", "linalg.qr",
)  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("column", ["backward", "double"])
def test_gradients_are_composed_as_in_torch(name: str, column: str) -> None:
    asked = list(programs(OPS[name], column))
    assert asked
    for program in asked:
        require_agreement(program, MINIGRAD, TORCH)


SCATTERED = """
x = T.tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]], requires_grad=True)
w = x.t().contiguous().t()
y = {}
c = T.ones(y.shape).requires_grad_({})
g, = T.autograd.grad(y, x, c)
print(g, g._version, g._is_view(), g._base is c, g.requires_grad, g.stride(), y.stride())
"""


@pytest.mark.parametrize("recorded", [False, True])
@pytest.mark.parametrize(
    "call",
    ["w.clone()", "w[:2, :2].trace()", "w.gather(1, T.tensor([[0, 1]]))", "w.index_select(0, T.tensor([1]))",
     "T.nn.functional.logsigmoid(w)", "w.cummax(0)[0]", "w.slice_scatter(w[:1], 0, 0, 1)"],
)  # fmt: skip
def test_a_gradient_is_a_view_and_counts_writes_through_other_layouts(call: str, recorded: bool) -> None:
    assert_prints_the_same(SCATTERED.format(call, recorded))


@pytest.mark.parametrize(
    "call",
    ["w.long().ceil()", "w.long().round()", "T.nn.functional.rrelu(w)", "T.nn.functional.logsigmoid(w)", "T.pow(2, w)",
     "T.detach_copy(w)", "w[:2, :2].matrix_power(0)", "w[:2, :2].matrix_power(1)"],
)  # fmt: skip
def test_a_result_is_laid_out_as_in_torch(call: str) -> None:
    assert_prints_the_same(f"w = T.tensor([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]).t()\nprint({call}.stride())")
