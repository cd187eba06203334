"""torch in float64 against itself in float32: silent on what rounding explains, not on what it does not."""

from __future__ import annotations

import pytest

from oracle.check import check_batch
from oracle.engines.torch_engine import TorchEngine
from oracle.engines.torch_precision import InDoubles
from oracle.program import parse
from tests.oracle.wrong import WrongTorch, scaled_value

LEAF = "v0 = T.tensor([0.5, 2.0, 3.25], requires_grad=True)\n"
FINE = (
    "v1 = v0.exp()\nT.autograd.backward((v1,), (v0,))\n",
    "v1 = v0.sub(0.5)\nv1.backward(v0)\n",
    "v1 = T.nn.functional.softmax(v0, 0)\nv1.backward(v0)\n",
    "v1 = v0.var()\nv1.backward()\n",
    "v1 = v0 + 1e7\n",
)


@pytest.mark.parametrize("body", FINE)
def test_rounding_and_cancellation_are_no_difference(body: str) -> None:
    (checked,) = check_batch([parse(LEAF + body)], InDoubles(), TorchEngine())
    assert checked.unsupported is None
    assert [str(one) for one in checked.discrepancies] == []


def test_an_answer_that_is_worse_than_its_operands_is_found() -> None:
    program = parse(LEAF + "v1 = v0.exp()\n")
    worse = WrongTorch("worse", {"exp": scaled_value(1.0001)})
    (checked,) = check_batch([program], InDoubles(), worse)
    assert {one.kind for one in checked.discrepancies} >= {"value"}


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("v0 = T.tensor(1.0, dtype=T.float64)\n", "other floats"),
        ("v0 = T.tensor(0.0)\nv1 = 1 / v0\n", "not finite"),
        ("v0 = T.tensor([1.0, 2.0])\nv1 = v0.view(3)\n", "a refusal"),
        ("v0 = T.tensor([1.0, 2.0])\nv1 = v0.exp()\nv2 = v1.log()\n", "more than one op"),
        ("v0 = T.tensor([1.0, 2.0])\nv1 = v0 / v0\n", "more than one op"),
    ],
)
def test_what_it_cannot_judge_is_counted_with_its_reason(text: str, why: str) -> None:
    assert why in str(InDoubles().supports(parse(text)))
