"""Each feature beyond ops: it can be drawn, it can be left out, and its programs run to their end in torch."""

from __future__ import annotations

from itertools import islice

import pytest

from oracle.opset import OPS as TABLE
from oracle.program.classes import CLASSES
from oracle.program.parser import parse
from oracle.program.printer import functions_in
from oracle.program.program import Program
from strategies import buffers, decode, grammar
from strategies.blocks import ANOMALY, RAISING, SAVING
from strategies.forward import LEVEL
from strategies.grammar import ALL_FEATURES, FEATURES
from strategies.steering import exercised
from tests.strategies.running import Run

OPS = ("mul", "add", "neg", "exp", "sum", "view", "t", "unbind", "clone", "detach")
READY = grammar()


def composed(feature: str, count: int) -> list[Program]:
    """Programs in which the feature is frequent, beside a few ops, writes and queries."""
    chosen = grammar(ops=OPS, features=(feature, "inplace", "queries", "requires_grad", "grad_mode"))
    stream = buffers(1, chosen, swarm=False)
    stream.steer({name: 1 if name == feature else 10_000 for name in chosen.weights})
    return [decode(buffer, chosen) for buffer in islice(stream, count)]


@pytest.mark.parametrize("feature", FEATURES)
def test_every_feature_is_drawn_and_its_programs_run_to_their_end(feature: str) -> None:
    programs = composed(feature, 150)
    if feature not in ("refusal", "mistake"):  # whose statements have no name of their own
        assert any(feature in exercised(program) for program in programs)
    stopped = [(program.source, run.error) for program in programs if (run := Run(program)).stopped is not None]
    assert len(stopped) <= 1, stopped[0]  # a rare effect of one feature on another may stop one


UNMISTAKABLE = (
    "forward", "saved_hooks", "anomaly", "functional", "gradcheck", "edge", "batched", "function", "data", "set_",
    "increment_version",
)  # fmt: skip
"""Features whose statements no other feature writes."""


@pytest.mark.parametrize("feature", UNMISTAKABLE)
def test_a_feature_left_out_does_not_occur(feature: str) -> None:
    others = tuple(name for name in ALL_FEATURES if name not in (feature, "refusal"))
    chosen = grammar(features=others)
    named = {name for buffer in islice(buffers(2, chosen), 250) for name in exercised(decode(buffer, chosen))}
    assert feature not in named


def test_every_class_of_the_library_is_composed() -> None:
    found = {
        fn.name
        for program in composed("function", 1500)
        for one in program.instructions
        for value in one.args
        for fn in functions_in(value)
    }
    assert set(CLASSES) <= found


def test_every_kind_of_block_is_composed_and_prints() -> None:
    texts = {
        mode
        for feature in ("forward", "saved_hooks", "anomaly")
        for program in composed(feature, 600)
        for one in parse(program.source).instructions
        for mode in one.modes
    }
    assert {LEVEL, *SAVING, *RAISING, *ANOMALY} <= texts


def test_a_dual_level_is_not_interrupted_by_the_leaves_it_needs() -> None:
    for program in composed("forward", 300):
        inside = [LEVEL in one.modes for one in program.instructions if one.op == "autograd.forward_ad.make_dual"]
        assert all(inside)


def test_hooks_on_saved_tensors_are_not_shown_memory_that_nobody_wrote() -> None:
    noisy = [key for key, spec in TABLE.items() if spec.saves == "noise"]
    chosen = grammar(ops=[*noisy, "mul"], features=("inplace", "saved_hooks"))
    stream = buffers(1, chosen, swarm=False)
    stream.steer({name: 1 if name == "saved_hooks" else 10_000 for name in chosen.weights})
    one_by_one = [one for buffer in islice(stream, 300) for one in decode(buffer, chosen).instructions]
    hooked = {one.op for one in one_by_one if any("saved_tensors_hooks" in mode for mode in one.modes)}
    assert "mul" in hooked
    assert not [op for op in hooked if "rrelu" in op]
    assert {one.op for one in one_by_one} >= {"nn.functional.rrelu", "nn.functional.rrelu_"}
