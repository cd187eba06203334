"""Functionalisation: no write is left; values and gradients are what torch has with writes."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given

from oracle.dataflow import WRITING_FUNCTIONS
from oracle.engines.torch_engine import TorchEngine
from oracle.functionalize import NotFunctional, functionalize
from oracle.observation import Observation, Raised
from oracle.program import Program, parse
from oracle.program.classes import CLASSES
from oracle.program.edit import is_write
from oracle.variants import never_written
from strategies import programs

TORCH = TorchEngine()
METADATA = ("requires_grad_", "backward", "retain_grad", "register_hook", "remove")

WRITES = {
    "a write of a view reaches its base": """
v0 = T.tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
v1 = T.mul(v0, 3)
v2 = v1.select(0, 1)
v2.mul_(5)
v3 = v1.sum()
v3.backward()
""",
    "a write of a base reaches its views": """
v0 = T.tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
v1 = T.mul(v0, 3)
v2 = v1.transpose(0, 1)
v3 = v2[0]
v1.add_(v0)
v4 = v3.sum()
v4.backward()
""",
    "a write of a view of a view": """
v0 = T.tensor([1.0, 2.0, 3.0, 4.0, 5.0, 6.0], requires_grad=True)
v1 = v0 * 1
v2 = v1.view(2, 3)
v3 = v2.t()
v4 = v3.narrow(0, 1, 2)
v4.mul_(3)
v5 = v2.diagonal()
v5.add_(10)
v6 = v1.exp()
v7 = T.tensor([1.0, 0.5, 0.25, 0.0, -1.0, 2.0])
v8, = T.autograd.grad((v6,), (v0,), grad_outputs=(v7,))
""",
    "a write of one output of split": """
v0 = T.tensor([1.0, 2.0, 3.0, 4.0])
v1, v2, v3 = v0.split([1, 2, 1])
v2.mul_(2)
v4, v5, v6, v7 = v0.unbind()
v7.fill_(9.0)
v8 = v0 * 2
""",
    "a detached alias changes numbers, not history": """
v0 = T.tensor([1.0, 2.0], requires_grad=True)
v1 = v0 * 2
v2 = v1.detach()
v2.mul_(10)
v3 = v1 + 1
v4 = v3.sum()
v4.backward()
""",
    "a detached alias may get a history of its own": """
v0 = T.tensor([1.0, 2.0], requires_grad=True)
v1 = v0 * 1
v2 = v1.detach()
v3 = v2.view(2, 1)
v2.mul_(v0)
v4 = v3.sum()
v4.backward()
v5 = v1.sum()
v5.backward()
""",
    "a leaf written under no_grad stays a leaf": """
v0 = T.tensor([1.0, 2.0], requires_grad=True)
with T.no_grad():
    v0.mul_(5)
v1 = v0 * v0
v2 = v1.sum()
v2.backward()
v3 = v0.grad
""",
    "a view made under no_grad": """
v0 = T.tensor([1.0, 2.0], requires_grad=True)
v1 = v0 * 1
with T.no_grad():
    v2 = v1[1:]
    v2.zero_()
v3 = v1.exp()
v4 = v3.sum()
v4.backward()
""",
    "a diagonal is filled, in place alone": """
v0 = T.tensor([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0], [7.0, 8.0]], requires_grad=True)
v1 = v0 * 2
v1.fill_diagonal_(5.0, wrap=True)
v2 = v0 * 3
v3 = v2[1:]
v3.fill_diagonal_(fill_value=0)
v4 = v0.view(2, 2, 2)
v5 = v4 * 1
v5.fill_diagonal_(2)
v6 = v5.sum()
v7 = v1 * v2
v8 = v7.sum()
v9 = v8 * v6
v9.backward()
""",
    "assignment by index": """
v0 = T.tensor([1.0, 2.0, 3.0, 4.0], requires_grad=True)
v1 = v0 * 1
v2 = v0[0]
v1[1:3] = v2
v1[0] = 7.0
v3 = v0[:2]
v1[::2] = v3
v4 = v1.sum()
v4.backward()
""",
    "assignment by index with None and an ellipsis": """
v0 = T.tensor([[[1.0, 2.0], [3.0, 4.0]]])
v1 = T.tensor([9.0])
v0[..., 1] = v1
v0[None, 0, -1] = 3
v2 = v0 * 1
""",
    "fill, zero and copy keep the history of what they overwrite": """
v0 = T.tensor([1.0, 2.0], requires_grad=True)
v1 = v0 * 2
v1.retain_grad()
v1.zero_()
v1.copy_(v0)
v2 = T.tensor([3, 4])
v3 = v0 * 3
v3.copy_(v2)
v4 = v1 * v3
v5 = v4.sum()
v5.backward()
v6 = v1.grad
""",
    "a write that would promote is cast back": """
v0 = T.tensor([1.0, 2.0], requires_grad=True)
v1 = v0 * 1
v2 = T.tensor([0.1, 0.2], dtype=T.float64)
v1.mul_(v2)
v3 = v1.sum()
v3.backward()
""",
    "the result of a write is its receiver": """
v0 = T.tensor([1.0, 2.0], requires_grad=True)
v1 = v0 * 1
v2 = v1.add_(1)
v1.mul_(2)
v3 = v2.sum()
v3.backward()
""",
    "detach_ parts a tensor from its history": """
v0 = T.tensor([1.0, 2.0], requires_grad=True)
v1 = v0 * 2
v2 = v1 * 3
v1.detach_()
v3 = v1 * v2
v4 = v3.sum()
v4.backward()
""",
}


def agree(one: Any, other: Any) -> bool:
    return bool(
        one.shape == other.shape
        and one.dtype == other.dtype
        and np.allclose(one, other, rtol=1e-5, atol=1e-6, equal_nan=True)
    )


def check(program: Program, seen: Observation) -> None:
    """Hold the rewritten program against the original, both on torch."""
    rewritten = functionalize(program, seen)
    again = TORCH.run(rewritten.program)
    if rewritten.finite_only and not all(np.isfinite(one.value).all() for one in again.tensors.values()):
        raise NotFunctional("numbers that are not finite")
    assert not any(isinstance(outcome, Raised) for outcome in again.outcomes), rewritten.program.source
    for name, facts in seen.tensors.items():
        now = again.tensors[rewritten.names[name]]
        # A gradient handed in may be changed by torch itself; that is no write of the program's.
        assert agree(facts.value, now.value) or never_written(program, name), (name, rewritten.program.source)
        if facts.is_leaf is True and rewritten.grads:
            mine, its = again.tensors[rewritten.grads[name]].grad, facts.grad
            none = np.zeros_like(facts.value)
            assert agree(none if mine is None else mine, none if its is None else its), (name, program.source)


def writes(program: Program) -> list[str]:
    made = [one.op for one in program.instructions if is_write(one) and one.form == "method"]
    return [op for op in made if op not in METADATA]


@pytest.mark.parametrize("name", WRITES)
def test_a_program_without_writes_does_the_same(name: str) -> None:
    program = parse(WRITES[name])
    seen = TORCH.run(program)
    assert not [outcome for outcome in seen.outcomes if isinstance(outcome, Raised)]
    check(program, seen)


@pytest.mark.parametrize("name", WRITES)
def test_no_write_is_left(name: str) -> None:
    program = parse(WRITES[name])
    rewritten = functionalize(program, TORCH.run(program)).program
    assert not writes(rewritten)
    assert not [one for one in rewritten.instructions if one.form == "setindex"]


@given(programs(profiles=("smooth", "signed", "grid")))
def test_composed_programs_do_the_same_without_writes(program: Program) -> None:
    seen = TORCH.run(program)
    assume(all(np.isfinite(facts.value).all() and facts.value.size for facts in seen.tensors.values()))
    try:
        check(program, seen)
    except NotFunctional:
        assume(False)


def test_a_program_that_writes_nothing_stays_as_it_is() -> None:
    program = parse("v0 = T.tensor([1.0, 2.0], requires_grad=True)\nv1 = v0.view(2, 1)\nv2 = v1 * v0\n")
    assert functionalize(program, TORCH.run(program)).program == program


def test_what_raised_is_left_out() -> None:
    program = parse("""
v0 = T.tensor(1.0, requires_grad=True)
try:
    v0.mul_(2)
except Exception as error:
    print(error)
v1 = v0 * 2
""")
    rewritten = functionalize(program, TORCH.run(program)).program
    assert rewritten == parse("v0 = T.tensor(1.0, requires_grad=True)\nv1 = v0 * 2\n")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("v0 = T.tensor([1.0])\nv1 = v0.data\nv1.mul_(2)\n", "data"),
        ("v0 = T.tensor([1.0])\nv1 = T.exp(v0, out=v0)\n", "out="),
        ("v0 = T.tensor([[1.0, 2.0]])\nv0.t_()\n", "t_"),
        ("v0 = T.tensor([1.0])\nv1 = v0.unbind()\nv0.mul_(2)\nv2 = T.stack(v1)\n", "before a write"),
        ("v0 = T.tensor([1.0, 2.0])\nv1 = T.tensor([0])\nv0[v1] = 3.0\n", "advanced indexing"),
    ],
)
def test_what_has_no_meaning_without_writes_is_refused(text: str, why: str) -> None:
    program = parse(text)
    with pytest.raises(NotFunctional, match=why):
        functionalize(program, TORCH.run(program))


def test_every_function_that_writes_into_its_input_is_known_as_one() -> None:
    forwards = {name: re.search(r"def forward\(.*?(?=@|\Z)", text, re.S) for name, text in CLASSES.items()}
    writing = {name for name, found in forwards.items() if found and re.search(r"\b[a-z]\.\w+[a-z]_\(", found[0])}
    assert writing == WRITING_FUNCTIONS
