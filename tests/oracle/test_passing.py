"""What a pass did to the gradient that it was handed has one name; what an op or an accumulation got wrong has not."""

from __future__ import annotations

from oracle import triage
from oracle.check import check_program
from oracle.engines.base import Engine
from oracle.engines.minigrad_engine import MinigradEngine
from oracle.engines.mutants.mutant import Mutant
from oracle.engines.mutants.planting import planted
from oracle.engines.torch_engine import TorchEngine
from oracle.program import parse
from tests.oracle.wrong import WrongTorch, scaled_gradient, scaled_value

TORCH, MINIGRAD = TorchEngine(), MinigradEngine()
TWICE = """
v0 = T.tensor(1.0)
v1 = T.t_copy(v0)
v2 = T.tensor(1.0, requires_grad=True)
v3 = v2.transpose(0, 0)
v3.backward(v1)
T.autograd.backward((v3,))
"""
ACCUMULATED = """
v0 = T.tensor(1.0, requires_grad=True)
v1 = v0.mul(2)
v1.backward()
v2 = v0.grad
v3 = v0.exp()
v3.backward(v2)
"""
OUT_OF_PLACE = Mutant(
    "added-out-of-place",
    "minigrad.accumulation:accumulate",
    "had._a += grad",
    "variable._grad = had = wrap(had._a + grad)",
    "a gradient is added to a new .grad, so that what the old one was stays as it was",
)


def signatures(text: str, subject: Engine) -> set[str]:
    program = parse(text)
    found = triage.causes(check_program(program, subject, TORCH), program)
    return {triage.signature(one, program) for one in found}


def test_a_gradient_that_torch_changed_is_its_fault_whatever_made_it() -> None:
    assert signatures(TWICE, MINIGRAD) == {f"value|backward|{triage.CHANGED}"}


def test_a_wrong_op_that_makes_the_gradient_is_blamed_itself() -> None:
    assert signatures(TWICE, WrongTorch("wrong", {"t_copy": scaled_value(2.0)})) == {"value|t_copy|differs"}


def test_what_a_pass_adds_up_wrongly_is_no_change_to_what_it_was_handed() -> None:
    wrong = WrongTorch("wrong", {"exp": scaled_gradient(2.0)})
    assert signatures(ACCUMULATED, wrong) == {"gradient|.grad|differs"}


def test_a_subject_that_does_not_add_to_what_grad_holds_is_found() -> None:
    """What the old `.grad` was stays as it was: torch's changed as it should."""
    program = parse("""
v0 = T.tensor(1.0, requires_grad=True)
v1 = v0.mul(2)
v1.backward()
v2 = v0.grad
v3 = v2.view(1)
v4 = v0.mul(3)
v4.backward()
""")
    assert check_program(program, MINIGRAD, TORCH) == []
    with planted(OUT_OF_PLACE):
        found = [one for one in check_program(program, MINIGRAD, TORCH) if one.kind == "value"]
    assert [one.where for one in found] == ["v2", "v3"]
    assert triage.CHANGED not in {triage.signature(one, program) for one in found}
