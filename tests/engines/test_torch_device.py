"""torch on another device: every tensor of a program is there, and what can differ for good reason is not asked.

The CPU stands for a device where there is none; "meta" shows that tensors are where they should be.
"""

from __future__ import annotations

from itertools import islice
from typing import ClassVar

import pytest
import torch

from oracle import engines
from oracle.check import check_batch
from oracle.engines.base import EngineUnavailable
from oracle.engines.torch_device import OnDevice
from oracle.engines.torch_engine import TorchEngine
from oracle.program import parse
from strategies import buffers, decode, grammar
from tests.engines.test_torch_ways import SAME
from tests.oracle.wrong import WrongTorch, scaled_value

TORCH = TorchEngine()


class OnCpu(OnDevice):
    name: ClassVar[str] = "torch:cpu"
    device: ClassVar[str] = "cpu"


class OnMeta(OnDevice):
    name: ClassVar[str] = "torch:meta"
    device: ClassVar[str] = "meta"


@pytest.mark.parametrize("name", SAME)
def test_a_program_gives_there_what_it_gives_on_the_cpu(name: str) -> None:
    (checked,) = check_batch([parse(SAME[name])], OnCpu(), TORCH)
    assert checked.unsupported is None
    assert [str(one) for one in checked.discrepancies] == []


def test_composed_programs_are_taken_and_agree() -> None:
    everything = grammar()
    programs = [decode(buffer, everything) for buffer in islice(buffers(1, everything, 32), 200)]
    checked = check_batch(programs, OnCpu(), TORCH)
    assert sum(one.unsupported is None for one in checked) > 150
    assert [str(one) for each in checked for one in each.discrepancies] == []


def test_a_wrong_value_is_found() -> None:
    program = parse("v0 = T.tensor([0.5, 2.0], requires_grad=True)\nv1 = v0.exp()\n")
    (checked,) = check_batch([program], OnCpu(), WrongTorch("worse", {"exp": scaled_value(1.01)}))
    assert {one.kind for one in checked.discrepancies} == {"value"}


def test_all_tensors_are_on_the_device() -> None:
    program = parse("v0 = T.tensor([0.5, 2.0])\nv1 = T.ones(2)\nv2 = v0 * v1\n")
    seen = OnMeta().run(program)
    assert set(seen.tensors) == {"v0", "v1", "v2"}
    assert all(isinstance(facts.value, str) and "unreadable" in facts.value for facts in seen.tensors.values())


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("v0 = T.rand(3)", "random numbers"),
        ("v0 = T.ones(3)\nv1 = T.nn.functional.dropout(v0)", "random numbers"),
        ("v0 = T.ones(3)\nv1 = v0.numpy()", "memory that is shared"),
    ],
)
def test_what_a_device_does_its_own_way_is_counted_with_its_reason(line: str, reason: str) -> None:
    assert reason in str(OnCpu().supports(parse(f"{line}\n")))


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a CUDA device here")
def test_without_a_cuda_device_the_engine_says_so() -> None:
    with pytest.raises(EngineUnavailable, match="engine torch:cuda needs a CUDA device"):
        engines.load("torch:cuda")


@pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no CUDA device here")
@pytest.mark.parametrize("name", SAME)
def test_a_program_gives_on_a_cuda_device_what_it_gives_on_the_cpu(name: str) -> None:
    (checked,) = check_batch([parse(SAME[name])], engines.load("torch:cuda"), TORCH)
    assert checked.unsupported is None
    assert [str(one) for one in checked.discrepancies] == []
