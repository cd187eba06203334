"""torch's transforms of programs give what torch eager gives, or say why they cannot."""

from __future__ import annotations

import pytest

from oracle import engines
from oracle.check import check_batch
from oracle.engines.torch_engine import TorchEngine
from oracle.program import parse
from tests.engines.test_torch_ways import SAME

TORCH = TorchEngine()
QUICK = ("torch:strided", "torch:functionalize", "torch:functionalize-views", "torch:fake")
SLOW = ("torch:compile", "torch:compile-aot")


@pytest.mark.parametrize("name", SAME)
@pytest.mark.parametrize("engine", QUICK)
def test_every_transform_gives_what_torch_eager_gives(engine: str, name: str) -> None:
    checked = check_batch([parse(SAME[name])], engines.load(engine), TORCH)[0]
    if checked.unsupported is not None:
        assert checked.unsupported == f"{engine}: something depends on a gradient"
    assert [str(one) for one in checked.discrepancies] == []


@pytest.mark.slow
@pytest.mark.parametrize("engine", SLOW)
def test_compiled_functions_give_what_torch_eager_gives(engine: str) -> None:
    for name in ("a chain", "a write through a view"):
        checked = check_batch([parse(SAME[name])], engines.load(engine), TORCH)[0]
        assert checked.unsupported is None
        assert [str(one) for one in checked.discrepancies] == []


def test_a_shape_that_depends_on_numbers_is_no_fault_of_fake_tensors() -> None:
    program = parse("v0 = T.tensor([1.0, 0.0])\nv1 = v0.nonzero()\n")
    checked = check_batch([program], engines.load("torch:fake"), TORCH)[0]
    assert checked.unsupported == "torch:fake: fake tensors cannot: DynamicOutputShapeException"


def test_strides_are_what_the_strided_engine_changes() -> None:
    program = parse("v0 = T.tensor([[1.0, 2.0], [3.0, 4.0]])\nv1 = v0.stride()\n")
    seen = engines.load("torch:strided").run(program)
    assert seen.outcomes[1].value == (4, 2)


@pytest.mark.parametrize(
    "text",
    [
        "v0 = T.tensor(1.0)\nv1 = T.autograd.functional.jacobian(lambda x, y: x * y, (v0, v0))\n",
        "v0 = T.tensor([[1.0, 2.0], [3.0, 4.0]])\nv1 = v0.as_strided((2, 2), (1, 1))\n",
        "with T.inference_mode():\n    v0 = T.tensor(1.0, requires_grad=True)\nv1 = T.tensor(1.0)\n",
    ],
    ids=["results in a tuple", "memory as it lies", "a leaf that cannot be laid out otherwise"],
)
def test_what_the_strided_engine_cannot_say_is_no_difference(text: str) -> None:
    (checked,) = check_batch([parse(text)], engines.load("torch:strided"), TORCH)
    assert [str(one) for one in checked.discrepancies] == []


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        ("v1 = T.autograd.gradcheck(lambda x: x * x, (v0,))", "gradcheck, which gives no numbers"),
        (
            "v1 = T.tensor([1.0])\nv2 = v1.type_as(v1)\nv2.abs_()",
            "a write where torch's functionalisation makes a copy of what is its operand",
        ),
        ("v1 = T.autograd.functional.jacobian(lambda x: x * x, v0)", "a function that differentiates"),
        (
            "with T.autograd.graph.saved_tensors_hooks(lambda saved: saved.mul_(2), lambda saved: saved):\n"
            "    try:\n        v1 = v0 * v0\n    except Exception as error:\n        print(error)",
            "not functional: a block that does more than record history, or not",
        ),
        ("v1 = v0 * 1.0\nDirtyNotReturned.apply(v1)", "not functional: a Function that writes into its input"),
        ("v1 = v0 * v0\nn1 = v1.grad_fn\nn2 = n1.next_functions", "something depends on the graph"),
    ],
)
def test_what_a_transformed_function_cannot_know_is_unsupported(lines: str, reason: str) -> None:
    program = parse(f"v0 = T.tensor([1.0, 2.0], dtype=T.float64, requires_grad=True)\n{lines}\n")
    checked = check_batch([program], engines.load("torch:functionalize"), TORCH)[0]
    assert checked.unsupported == f"torch:functionalize: {reason}"
