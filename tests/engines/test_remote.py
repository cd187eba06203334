"""Engines in a child process: the same answers, and an end of the child is an answer too."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

import pytest

from oracle import engines
from oracle.check import check_program
from oracle.engines.base import EngineUnavailable
from oracle.engines.remote import RemoteEngine
from oracle.engines.torch_engine import TorchEngine
from oracle.program import Program, parse
from tests.engines.test_torch_ways import SAME

TORCH = TorchEngine()


class Remote(RemoteEngine):
    name: ClassVar[str] = "fragile"
    inner: ClassVar[str] = "tests.engines.fragile:Fragile"
    package: ClassVar[str] = "torch"
    extra: ClassVar[str] = "none"
    seconds = 5.0


def of(op: str) -> Program:
    return parse(f"v0 = T.tensor(1.0)\nv1 = v0.{op}()\n")


@pytest.fixture(scope="module")
def remote() -> Iterator[Remote]:
    engine = Remote()
    yield engine
    engine.close()


def test_answers_are_those_of_the_engine_inside(remote: Remote) -> None:
    assert check_program(of("neg"), remote, TORCH) == []
    assert remote.version == TORCH.version
    assert remote.facts == TORCH.facts
    assert remote.supports(of("tan")) == "tan"


def test_a_child_that_dies_is_an_answer_and_the_next_one_lives(remote: Remote) -> None:
    found = check_program(of("exp"), remote, TORCH)
    assert (found[0].kind, "SIGSEGV" in found[0].detail) == ("unexpected-error", True)
    assert check_program(of("neg"), remote, TORCH) == []


def test_a_child_that_hangs_is_ended_in_time(remote: Remote) -> None:
    remote.seconds = 0.3
    found = check_program(of("sin"), remote, TORCH)
    assert "in time" in found[0].detail
    remote.seconds = 5.0
    assert check_program(of("neg"), remote, TORCH) == []


def test_a_mistake_in_the_child_is_told(remote: Remote) -> None:
    found = check_program(of("cos"), remote, TORCH)
    assert "a mistake of ours" in found[0].detail


def test_a_package_that_is_missing_is_named() -> None:
    class Missing(Remote):
        package: ClassVar[str] = "no_such_package"

    with pytest.raises(EngineUnavailable, match="no_such_package"):
        Missing()


@pytest.mark.slow
@pytest.mark.parametrize("engine", ["jax", "mlx", "paddle"])
def test_engines_that_need_a_process_of_their_own_agree_with_torch(engine: str) -> None:
    try:
        found = engines.load(engine)
    except EngineUnavailable as error:
        pytest.skip(str(error))
    for name in ("a chain", "a write through a view", "a gradient of a gradient"):
        program = parse(SAME[name])
        assert found.supports(program) is None
        assert [str(one) for one in check_program(program, found, TORCH)] == []
