"""Scripts for one engine alone print what the engine gives inside of the lab."""

from __future__ import annotations

import subprocess
import sys

import pytest

from oracle import engines
from oracle.engines.alone import script
from oracle.engines.base import EngineUnavailable
from oracle.program import parse

PRODUCT = """
v0 = T.tensor([1.0, 2.0], dtype=T.float64, requires_grad=True)
v1 = v0 * 3.0
v4 = v1[()]
v2 = T.exp(v4)
v3 = T.tensor([0.5, -1.0], dtype=T.float64)
v2.backward(v3)
"""
TWICE = """
v0 = T.tensor(2.0, dtype=T.float64, requires_grad=True)
v1 = v0 * v0
v2 = v1 * v0
v3, = T.autograd.grad((v2,), (v0,), create_graph=True)
v4, = T.autograd.grad((v3,), (v0,))
"""
EVERYONE = ("hips", "mygrad", "jax", "mlx", "torch:vjp", "torch:grad", "torch:vmap", "torch:mapped", "torch:jvp",
            "torch:jvp-of-vjp", "torch:vjp-of-jvp")  # fmt: skip


@pytest.mark.parametrize("name", EVERYONE)
@pytest.mark.parametrize(("text", "where", "gradient"), [(PRODUCT, "v0", True), (TWICE, "v4", False)])
def test_a_script_prints_the_engines_answer(
    name: str, text: str, where: str, gradient: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    try:
        engine = engines.load(name)
    except EngineUnavailable as error:
        pytest.skip(str(error))
    if name == "mlx":
        text = text.replace("float64", "float32")
    program = parse(text)
    written = script(program, engine, where, gradient)
    if engine.supports(program) is not None:
        assert written is None
        return
    assert written is not None
    assert ("torch" in written) == name.startswith("torch:")
    facts = engine.run(program).tensors[where]
    answer = facts.grad if gradient else facts.value
    shown = f"import numpy as np\nprint(np.allclose(np.asarray({_value(name, where, gradient)}), {answer.tolist()}))\n"
    if name in ("jax", "mlx"):  # which are never loaded where tests run
        run = subprocess.run([sys.executable, "-W", "ignore", "-c", written + shown], capture_output=True, text=True)
        printed = run.stdout + run.stderr
    else:
        exec(compile(written + shown, "alone", "exec"), {})
        printed = capsys.readouterr().out
    assert printed.splitlines()[-1:] == ["True"], printed + written


def _value(name: str, where: str, gradient: bool) -> str:
    value = f"{where}_grad" if gradient else where
    return f"{value}.detach()" if name.startswith("torch:") else f"{value}.data" if name == "mygrad" else value


def test_what_cannot_be_said_for_the_engine_alone_is_not_written() -> None:
    hooked = parse("v0 = T.tensor([1.0], requires_grad=True)\nv1 = v0.detach()\nv2 = v1 * v0\nv2.backward()\n")
    assert script(hooked, engines.load("torch:vjp"), "v0", True) is None
    assert script(parse(PRODUCT), engines.load("torch"), "v0", True) is None
