"""Reduction: small results, the same cause, legal programs, a bounded effort; shown on torch with faults."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest

from oracle import triage
from oracle.check import check_batch, check_program
from oracle.engines.torch_engine import TorchEngine
from oracle.program import Program, parse, violations
from oracle.program.edit import is_creation, is_query
from oracle.reduce import Effort, reduce
from strategies.decoder import decode
from strategies.grammar import grammar
from strategies.layout import SIZE
from tests.oracle.wrong import FAULTS, WrongTorch, gradient_where

TORCH = TorchEngine()

OPS = ("add", "exp", "mul", "neg", "reshape", "select", "sqrt", "sum", "t", "tanh", "transpose", "view")
REALS = ("float32", "float64", "int64", "bool")
LONG = parse("""
v0 = T.tensor([[1.5, 2.25], [3.0, -4.0]], dtype=T.float64, requires_grad=True)
v1 = T.tensor([[0.5, -0.0], [3.0, 4.0]], dtype=T.float64, requires_grad=True)
v2 = T.mul(v0, 3)
v3 = v1 / v2
v4, v5 = v3.unbind(0)
with T.no_grad():
    v6 = v4 * 2
v7 = T.add(v4, v5, alpha=2)
v8 = v7.exp()
v9 = v8 * v1
v10 = v9.detach()
v11 = T.sub(v9, v0)
v12 = T.tensor([[1.0, 0.25], [0.5, 2.0]], dtype=T.float64)
v13, v14 = T.autograd.grad((v11,), (v0, v1), grad_outputs=(v12,), retain_graph=True)
v11.backward(v12)
v15 = v0.grad
""")


def checked_with(name: str) -> Callable[[Program], list[triage.Discrepancy]]:
    wrong = WrongTorch(name, FAULTS[name])
    return lambda program: check_program(program, wrong, TORCH)


def beyond_leaves_and_queries(program: Program) -> int:
    return sum(not (is_creation(one) or is_query(one)) for one in program.instructions)


def reduced(program: Program, name: str, effort: Effort | None = None) -> Program:
    check = checked_with(name)
    wanted = triage.causes(check(program), program)[0]
    return reduce(program, triage.same_cause(wanted, program, check), effort=effort)


def test_a_long_program_comes_down_to_the_op_that_is_wrong() -> None:
    found = reduced(LONG, "exp gradient flipped")
    assert found == parse("v0 = T.tensor(1.0, requires_grad=True)\nv1 = v0.exp()\nv1.backward()\n")


@pytest.mark.parametrize("name", [name for name in FAULTS if name != "maximum at ties"])
def test_programs_that_show_a_fault_become_small_and_stay_at_it(name: str) -> None:
    wrong, rng, drawn = WrongTorch(name, FAULTS[name]), random.Random(11), grammar(ops=OPS, dtypes=REALS)
    failing: list[Program] = []
    for _ in range(100):
        batch = check_batch([decode(rng.randbytes(SIZE), drawn) for _ in range(8)], wrong, TORCH)
        # where a fault shows as a warning just before one side stops, what it is about is never compared
        parted = [(one.program, triage.causes(one.discrepancies, one.program)) for one in batch if one.discrepancies]
        failing += [program for program, found in parted if found[0].kind != "warning"]
        if len(failing) >= 2:
            break
    assert failing
    for program in failing[:2]:
        effort = Effort()
        before = triage.causes(check_program(program, wrong, TORCH), program)[0]
        small = reduced(program, name, effort)
        after = [triage.cause(one, small) for one in triage.causes(check_program(small, wrong, TORCH), small)]
        assert any(one.kind == triage.cause(before, program).kind for one in after), small.source
        assert beyond_leaves_and_queries(small) <= 3, small.source
        assert not list(violations(small))
        assert effort.checks < 1000


def test_the_reducer_does_not_slip_from_a_fault_to_another_at_a_tie() -> None:
    program = parse("""
v0 = T.tensor([0.25, -1.5], requires_grad=True)
v1 = T.tensor([0.5, -0.75], requires_grad=True)
v2 = T.maximum(v0, v1)
v3 = T.tensor([1.25, -3.5])
v2.backward(v3)
""")
    both = gradient_where(lambda a, b: (a == b) | ((a < 0) & (b < 0)), 0.0)
    wrong = WrongTorch("of negatives, and at ties", {"maximum": both})

    def check(candidate: Program) -> list[triage.Discrepancy]:
        return check_program(candidate, wrong, TORCH)

    wanted = triage.causes(check(program), program)[0]
    small = reduce(program, triage.same_cause(wanted, program, check))
    leaves = TORCH.run(small).tensors
    assert (leaves["v0"].value < 0).any()
    assert not (leaves["v0"].value == leaves["v1"].value).any()


def test_a_program_that_nothing_makes_smaller_comes_back_as_it_was() -> None:
    assert reduce(LONG, lambda program: False) == LONG


def test_the_original_is_never_asked_about_and_no_program_twice() -> None:
    asked: list[str] = []

    def still_fails(program: Program) -> bool:
        asked.append(program.source)
        return "exp" in program.source

    reduce(LONG, still_fails)
    assert LONG.source not in asked
    assert len(asked) == len(set(asked))


def test_only_legal_programs_are_asked_about() -> None:
    def still_fails(program: Program) -> bool:
        assert not list(violations(program)), program.source
        return "unbind" in program.source

    reduce(LONG, still_fails)


def test_the_budget_ends_the_search_with_the_best_so_far() -> None:
    effort = Effort()
    small = reduce(LONG, lambda program: "exp" in program.source, checks=3, effort=effort)
    assert effort.spent
    assert effort.checks == 3
    assert len(small) < len(LONG)


def test_an_observation_lets_a_subexpression_become_a_leaf() -> None:
    program = parse("v0 = T.tensor([4.0, 9.0])\nv1 = v0.sqrt()\nv2 = v1.expand(2, 2)\nv3 = v2.ravel()\n")

    def sums_to_ten(candidate: Program) -> bool:
        seen = TORCH.run(candidate).tensors
        last = candidate.instructions[-1]
        return last.op == "ravel" and float(seen[last.outs[0]].value.sum()) == 10.0

    small = reduce(program, sums_to_ten, observation=TORCH.run(program))
    assert [one.op for one in small.instructions] == ["tensor", "ravel"]


def test_flags_move_into_the_leaf_and_caught_exceptions_go() -> None:
    program = parse("""
v0 = T.tensor(3.0)
v0.requires_grad = True
try:
    v1 = v0.exp()
except Exception as error:
    print(error)
v1.backward()
""")
    check = checked_with("exp gradient flipped")
    wanted = triage.causes(check(program), program)[0]
    small = reduce(program, triage.same_cause(wanted, program, check))
    assert small.instructions[0].kwargs == (("requires_grad", True),)
    assert not any(one.caught for one in small.instructions)
