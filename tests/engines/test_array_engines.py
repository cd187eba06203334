"""Engines over NumPy code: they agree with torch where they must and refuse what is not theirs."""

from __future__ import annotations

import pytest

from oracle import engines
from oracle.check import check_batch, check_program
from oracle.engines.array_engine import ArrayEngine
from oracle.engines.base import EngineUnavailable
from oracle.engines.torch_engine import TorchEngine
from oracle.program import Attr, Program, parse
from tests.engines.test_torch_ways import SAME

TORCH = TorchEngine()


def in_doubles(text: str) -> Program:
    """The program with leaves of float64."""
    made = []
    for one in parse(text).instructions:
        others = tuple(pair for pair in one.kwargs if pair[0] != "dtype")
        made.append(one._replace(kwargs=(*others, ("dtype", Attr("float64")))) if one.op == "tensor" else one)
    return Program.of(made)


DOUBLES = {name: in_doubles(text) for name, text in SAME.items()}

AGREED = """
v0 = T.tensor([[0.5, -2.0, 1.5], [1.0, 3.0, 0.25]], dtype=T.float64, requires_grad=True)
v1 = v0.{op}
v2 = T.ones_like(v1)
v1.backward(v2)
"""

OPS = (
    "exp()", "sin()", "cos()", "tanh()", "abs()", "neg()", "square()", "sinh()", "cosh()", "atan()", "sum()",
    "sum(1)", "sum((0, 1), True)", "mean(0)", "amax()", "amin()", "var(1)", "cumsum(1)", "prod()", "t()",
    "transpose(0, 1)", "permute(1, 0)", "reshape(3, 2)", "view(6)", "flatten()", "unsqueeze(1)", "squeeze()",
    "select(1, 2)", "narrow(1, 1, 2)", "expand(2, 3)", "clamp(-1.25, 1.25)", "mul(3.0)", "div(4.0)",
    "add(v0, alpha=2.0)", "sub(1.0)", "maximum(v0)", "pow(2)", "clone()", "T", "roll(1, 1)",
)  # fmt: skip


@pytest.fixture(scope="module", params=["hips", "mygrad"])
def engine(request: pytest.FixtureRequest) -> ArrayEngine:
    try:
        found = engines.load(request.param)
    except EngineUnavailable as error:
        pytest.skip(str(error))
    assert isinstance(found, ArrayEngine)
    return found


@pytest.mark.parametrize("op", [op for op in OPS if op not in ("T", "maximum(v0)")])
def test_ops_agree_with_torch(engine: ArrayEngine, op: str) -> None:
    program = parse(AGREED.format(op=op))
    if engine.supports(program) is not None:
        assert engine.name == "mygrad", engine.supports(program)
        return
    assert [str(one) for one in check_program(program, engine, TORCH)] == []


@pytest.mark.parametrize("name", DOUBLES)
def test_programs_agree_with_torch_or_are_refused_with_a_reason(engine: ArrayEngine, name: str) -> None:
    checked = check_batch([DOUBLES[name]], engine, TORCH)[0]
    if checked.unsupported is None:
        assert [str(one) for one in checked.discrepancies] == []
    else:
        assert checked.unsupported.startswith(f"{engine.name}: ")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("v0 = T.tensor(1j)\n", "dtype complex64"),
        ("v0 = T.tensor(1.0, dtype=T.float64)\nv1 = v0.lgamma()\nv2 = v1.cumprod(0)\n", "op cumprod"),
        ("v0 = T.tensor(1.0)\nv1 = v0.div(2, rounding_mode='floor')\n", "op div in this form"),
        ("v0 = T.tensor(1, dtype=T.int64)\nv1 = v0 * v0\n", "dtypes mixed"),
    ],
)
def test_what_they_have_not_is_counted_with_its_reason(engine: ArrayEngine, text: str, why: str) -> None:
    assert why in str(engine.supports(parse(text))) or engine.name == "mygrad"


def test_a_wrong_rule_is_caught(engine: ArrayEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    true = engine.raw_vjp
    monkeypatch.setattr(engine, "raw_vjp", lambda *args: [2 * one for one in true(*args)])
    found = check_program(parse(AGREED.format(op="exp()")), engine, TORCH)
    assert [one.kind for one in found] == ["grad"]


def test_an_op_that_raises_is_a_finding_there(
    engine: ArrayEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(raw: object) -> object:
        raise ValueError("broken")

    monkeypatch.setattr(engine.space, "exp", broken)
    found = check_program(parse(AGREED.format(op="exp()")), engine, TORCH)
    assert [(one.kind, one.index) for one in found][:1] == [("unexpected-error", 1)]


QUIETLY = """
v0 = T.tensor([0.5, 2.0], dtype=T.float64, requires_grad=True)
v1 = v0.mul(3.0)
with T.no_grad():
    v1.mul_(2)
v2 = v0 * v1
v3 = T.tensor([1.0, 3.0], dtype=T.float64)
v2.backward(v3)
"""


def test_what_is_written_without_history_is_looked_through_for_what_is_not_finite(engine: ArrayEngine) -> None:
    program = parse(QUIETLY)
    rewritten = engine.rewritten(program)
    assert not isinstance(rewritten, str)
    assert rewritten.finite_only
    assert engine.supports(program) is None
    assert [str(one) for one in check_program(program, engine, TORCH)] == []
    assert "not finite" in str(engine.supports(parse(QUIETLY.replace("2.0]", "1e308]"))))
