"""Engines are found, loaded once, checked for what they are, and say why they cannot be used."""

from __future__ import annotations

import sys
from importlib.metadata import EntryPoint

import pytest

from oracle import engines
from oracle.check import check_batch, check_program
from oracle.engines import EngineUnavailable
from oracle.engines.torch_engine import TorchEngine
from oracle.errors import HarnessError
from oracle.program import Program, parse

MUL = parse("v0 = T.ones(2)\nv1 = v0 * 2\n")


class Picky(TorchEngine):
    """torch that knows no multiplication."""

    def supports(self, program: Program) -> str | None:
        return "no mul" if any(one.op == "*" for one in program.instructions) else None


def test_the_built_in_engines_are_known() -> None:
    assert {"minigrad", "torch"} <= set(engines.names())


def test_an_engine_is_made_once() -> None:
    assert engines.load("torch") is engines.load("torch")
    assert engines.load("torch") in engines.loaded()


def test_an_unknown_engine_is_answered_with_the_known_ones() -> None:
    with pytest.raises(HarnessError, match=r"no engine .tourch.*minigrad.*torch"):
        engines.load("tourch")


@pytest.mark.parametrize(
    "place",
    ["no.such.module:Engine", "oracle.errors:NoSuchEngine", "oracle.errors:HarnessError", "json:loads"],
)
def test_an_engine_that_fails_to_load_says_why(place: str, monkeypatch: pytest.MonkeyPatch) -> None:
    point = EntryPoint("broken", place, engines.GROUP)
    monkeypatch.setattr(engines, "entry_points", lambda group: [point])
    with pytest.raises(EngineUnavailable, match="engine broken"):
        engines.load("broken")
    assert "broken" in engines.names()


def test_a_registered_engine_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "their_engine", type(sys)("their_engine"))
    sys.modules["their_engine"].Their = Picky  # type: ignore[attr-defined]
    point = EntryPoint("theirs", "their_engine:Their", engines.GROUP)
    monkeypatch.setattr(engines, "entry_points", lambda group: [point])
    monkeypatch.setattr(engines, "_LOADED", {})
    assert isinstance(engines.load("theirs"), Picky)


def test_torch_agrees_with_itself() -> None:
    torch = TorchEngine()
    assert check_program(MUL, torch, torch) == []


@pytest.mark.parametrize("write", ["v1.mul_(2)", "v2.logical_or_(v2)", "v1.zero_()"])
def test_torch_survives_a_hook_on_an_outdated_view(write: str) -> None:
    text = f"v0 = T.ones((2, 2), requires_grad=True)\nv1 = v0 * 3\nv2 = v1.view(4)\n{write}\n"
    hooks = "h0 = v2.register_hook(lambda grad: grad * 2)\n"
    hooks += "T.autograd.graph.register_multi_grad_hook((v2,), lambda grad: None, mode='any')\n"
    program = parse(text + hooks + "v3 = v2.sum()\nv3.backward()\n")
    assert len(TorchEngine().run(program).hooks) == 2


def test_what_an_engine_does_not_support_is_said_and_not_run() -> None:
    add = parse("v0 = T.ones(2)\nv1 = v0 + 2\n")
    checked = check_batch([MUL, add], Picky(), TorchEngine())
    assert [one.unsupported for one in checked] == ["torch: no mul", None]
    assert checked[0].subject is None
    assert checked[1].subject is not None


def test_batches_of_any_length_keep_their_order() -> None:
    torch = TorchEngine()
    programs = [parse(f"v0 = T.ones({size})\n") for size in range(21)]
    checked = check_batch(programs, torch, torch)
    assert [one.reference.tensors["v0"].shape for one in checked if one.reference] == [(n,) for n in range(21)]
