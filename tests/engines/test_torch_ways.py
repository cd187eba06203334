"""torch's other ways: each gives what torch eager gives, and says why where it cannot."""

from __future__ import annotations

import pytest
import torch

from oracle import engines
from oracle.check import check_batch, check_program
from oracle.engines import torch_ways
from oracle.engines.functional import FunctionalEngine
from oracle.engines.torch_engine import TorchEngine
from oracle.engines.torch_ways import FuncVjp, Taped
from oracle.program import Program, parse
from oracle.program.classes import CLASSES

TORCH = TorchEngine()
WAYS = [
    way.name
    for way in vars(torch_ways).values()
    if isinstance(way, type) and issubclass(way, torch_ways.TorchWay) and "name" in vars(way)
]

SAME = {
    "the innermost block decides what is recorded": """
v0 = T.tensor([0.5, 2.0], requires_grad=True)
with T.set_grad_enabled(False):
    with T.enable_grad():
        v1 = v0 * v0
    v2 = v0.exp()
v3 = v1 * v2
v4 = v3.sum()
v4.backward()
""",
    "dimensions of none are moved": """
v0 = T.tensor(1.0)
v1 = v0.movedim(0, 0)
v0.mul_(2)
""",
    "a number beside a write without history": """
v0 = T.tensor([1.0, 2.0], requires_grad=True)
with T.no_grad():
    v0.mul_(2)
v1 = v0.numel()
v2 = v0.exp()
v2.backward(v0)
""",
    "grad mode set by a call": """
v0 = T.tensor([0.5, 2.0], requires_grad=True)
T.set_grad_enabled(False)
v1 = v0.exp()
T.set_grad_enabled(True)
v2 = v1 * v0
v2.backward(v1)
""",
    "a chain": """
v0 = T.tensor([0.5, 2.0], requires_grad=True)
v1 = v0.exp()
v2 = v1 * v0
v3 = v2.sum()
v3.backward()
""",
    "several outputs and inputs": """
v0 = T.tensor([0.5, 2.0], requires_grad=True)
v1 = T.tensor([1.0, -1.0], requires_grad=True)
v2 = v0 * v1
v3 = v0 + v1
v4 = T.tensor([1.0, 0.5])
v5, v6 = T.autograd.grad((v2, v3), (v0, v1), grad_outputs=(v4, v4))
""",
    "an input on the way from another": """
v0 = T.tensor([0.5, 2.0], requires_grad=True)
v1 = v0.sin()
v2 = v1 * v0
v3 = v2.sum()
v4, v5 = T.autograd.grad((v3,), (v0, v1))
""",
    "accumulation, reading and resetting": """
v0 = T.tensor([0.5, 2.0], requires_grad=True)
v1 = v0.sin()
v2 = v1.sum()
v2.backward(retain_graph=True)
v3 = v0.grad
v2.backward(retain_graph=True)
v0.grad = None
v2.backward()
""",
    "a write through a view": """
v0 = T.tensor([[0.5, 2.0], [1.0, 3.0]], requires_grad=True)
v1 = v0 * 2
v2 = v1.t()
v2.mul_(3)
v3 = v1.exp()
v4 = v3.sum()
v4.backward()
""",
    "what is detached, and what is made under no_grad": """
v0 = T.tensor([0.5, 2.0], requires_grad=True)
v1 = v0.detach()
with T.no_grad():
    v2 = v0 * 3
v3 = v0 * v1
v4 = v3 * v2
v5 = v4.sum()
v5.backward()
""",
    "a gradient of a gradient": """
v0 = T.tensor([0.5, 2.0], requires_grad=True)
v1 = v0.sin()
v2 = T.tensor([1.0, 3.0])
v3, = T.autograd.grad((v1,), (v0,), grad_outputs=(v2,), create_graph=True)
v4 = v3 * v0
v5, = T.autograd.grad((v4,), (v0,), grad_outputs=(v2,))
""",
    "a broadcast, a sum, and a leaf of its own": """
v0 = T.tensor([[0.5], [2.0]], dtype=T.float64, requires_grad=True)
v1 = T.tensor(3.0, requires_grad=True)
v2 = v0 * v1
v3 = v2.expand(2, 4)
v4 = v3.sum()
v4.backward()
v1.backward()
""",
    "a refusal that is caught": """
v0 = T.tensor(0.5, requires_grad=True)
try:
    v0.mul_(2)
except Exception as error:
    print(error)
v1 = v0.exp()
v1.backward()
""",
    "a tensor that fills": """
v0 = T.tensor([1.0, 2.0])
v1 = T.tensor(3.0, requires_grad=True)
v2 = T.tensor([True, False])
v3 = v0.masked_fill(v2, v1)
v4 = v3.sum()
v4.backward()
""",
    "a leaf told later, and a gradient for a cotangent": """
v0 = T.tensor([[2.0]])
v0.requires_grad = True
v1 = v0 * v0
v2 = T.tensor([[1.0]], requires_grad=True)
v3, = T.autograd.grad((v1,), (v0,), grad_outputs=(v2,), create_graph=True)
v4, = T.autograd.grad((v3,), (v2,))
""",
}

REFUSED = {
    "hooks that change gradients": """
v0 = T.tensor(1.0, requires_grad=True)
h0 = v0.register_hook(lambda grad: grad * 2)
v0.backward()
""",
    "retain_grad": "v0 = T.tensor(1.0, requires_grad=True)\nv1 = v0 * 2\nv1.retain_grad()\n",
    "a refused query": """
v0 = T.tensor(1.0, requires_grad=True)
v1 = v0.exp()
v1.backward()
try:
    v1.backward()
except Exception as error:
    print(error)
""",
    "a gradient written in place": """
v0 = T.tensor(1.0, requires_grad=True)
v0.backward()
v1 = v0.grad
v1.zero_()
""",
    "a leaf requires grad only after it was used": """
v0 = T.tensor(1.0)
v1 = v0.exp()
v0.requires_grad_()
v2 = v0 * v1
v2.backward()
""",
    "a query stands in a grad mode of its own": """
v0 = T.tensor(1.0, requires_grad=True)
v1 = v0.exp()
with T.no_grad():
    v2, = T.autograd.grad((v1,), (v0,))
""",
    "a leaf that no longer requires grad": """
v0 = T.tensor(1.0, requires_grad=True)
v1 = v0.exp()
v1.backward(retain_graph=True)
v0.detach_()
v1.backward()
""",
    "a Function that is refused where it is recorded": f"""
{CLASSES["SavesANumber"]}
v0 = T.tensor(1.0, requires_grad=True)
v0.detach_()
v1 = SavesANumber.apply(v0)
""",
    "a Function that is refused": f"""
{CLASSES["SavesANumber"]}
v0 = T.tensor(1.0, requires_grad=True)
with T.no_grad():
    v1 = SavesANumber.apply(v0)
""",
    "a gradient that overflows or vanishes by the operand": """
v0 = T.tensor([1.0, -103.0], requires_grad=True)
v1 = v0.clone()
T.nn.functional.selu_(v1)
v1.backward(v0)
""",
    "a gradient that overflows or vanishes by": """
v0 = T.tensor([1.0, -3.0], requires_grad=True)
v1 = v0.clone()
T.nn.functional.selu_(v1)
v2 = T.tensor([1.0, 3.4e+38])
v1.backward(v2)
""",
    "a gradient that overflows or vanishes in the dtype": """
v0 = T.tensor([1.0, 2.0])
v1 = T.tensor(1.0, dtype=T.float64, requires_grad=True)
v0.xlogy_(v1)
v2 = T.tensor([1.0, 3.4e+38])
v0.backward(v2)
""",
    "something depends on the graph": """
v0 = T.tensor(1.0, requires_grad=True)
e0 = T.autograd.graph.get_gradient_edge(v0)
v1, = T.autograd.grad((v0,), (e0,))
""",
    "one name for several tensors": """
v0 = T.tensor([1.0, 2.0], requires_grad=True)
v1 = T.autograd.functional.jacobian(lambda x: (x * 2, x.sum()), v0)
v0.backward(v0)
""",
    "complex numbers that are not finite": "v0 = T.tensor(complex(1.0, float('inf')))\n",
    "complex numbers that are not": """
v0 = T.tensor(complex(1.0, 0.0), requires_grad=True)
v1 = v0.real
v2 = T.tensor(float('inf'))
v1.backward(v2)
""",
    "not functional: views of memory that may change": """
v0 = T.tensor([[1.0]], requires_grad=True)
v1 = T.tensor([[1.0]])
v0.grad = v1
v2 = T.diagonal(v1)
v0.backward()
""",
    "not functional: v0 shares memory in a way": """
v0 = T.tensor([])
v1 = v0.view(0)
v2 = T.tensor([], requires_grad=True)
v0.add_(v2)
v1.backward(v1)
""",
    "not functional: an operand that changes while it is read": """
v0 = T.tensor([[1, 1, 1], [1, 1, 1]])
v1, v2, v3 = v0.chunk(3, 1)
v0.sub_(v2)
""",
    "not functional": "v0 = T.tensor([1.0])\nv1 = v0.data\nv1.mul_(2)\n",
}


def test_a_gradient_without_memory_is_read_as_zeros() -> None:
    """torch's own `numpy(force=True)` reads memory that a ZeroTensor has not: garbage, or the end of the process."""
    nothing = torch._efficientzerotensor((400, 400), dtype=torch.float64)
    assert nothing._is_zerotensor()
    assert not FuncVjp().array(nothing).any()


def test_every_way_can_be_asked_for_by_name() -> None:
    assert len(WAYS) >= 10
    assert set(WAYS) <= set(engines.names())


@pytest.fixture(scope="module", params=WAYS)
def way(request: pytest.FixtureRequest) -> FunctionalEngine:
    engine = engines.load(request.param)
    assert isinstance(engine, FunctionalEngine)
    return engine


@pytest.mark.parametrize("name", SAME)
def test_every_way_gives_what_torch_eager_gives(way: FunctionalEngine, name: str) -> None:
    program = parse(SAME[name])
    assert way.supports(program) is None
    assert [str(one) for one in check_program(program, way, TORCH)] == []


@pytest.mark.parametrize("why", REFUSED)
def test_what_no_way_can_do_is_counted_with_its_reason(why: str) -> None:
    program = parse(REFUSED[why])
    checked = check_batch([program], FuncVjp(), TORCH)
    assert checked[0].unsupported is not None
    assert checked[0].unsupported.startswith(f"torch:vjp: {why}")


def test_a_wrong_way_is_caught() -> None:
    class Wrong(Taped):
        def vjp(self, function, inputs, weights, nested):  # type: ignore[no-untyped-def]
            return [2 * gradient for gradient in super().vjp(function, inputs, weights, nested)]

    kinds = [one.kind for one in check_program(parse(SAME["a chain"]), Wrong(), TORCH)]
    assert kinds == ["grad"]


def test_a_way_that_raises_is_a_finding_at_the_query() -> None:
    class Raising(Taped):
        def vjp(self, function, inputs, weights, nested):  # type: ignore[no-untyped-def]
            raise ValueError("broken")

    program = parse(SAME["a chain"])
    found = check_program(program, Raising(), TORCH)
    assert [(one.kind, one.index) for one in found][:1] == [("unexpected-error", len(program) - 1)]


def test_a_way_that_is_not_implemented_is_unsupported() -> None:
    class Unfinished(Taped):
        def vjp(self, function, inputs, weights, nested):  # type: ignore[no-untyped-def]
            raise RuntimeError("Batching rule not implemented for aten::exp")

    assert Unfinished().supports(parse(SAME["a chain"])) == "not implemented: backward"


def test_complex_numbers_are_refused_by_ways_that_have_no_convention_for_them() -> None:
    program: Program = parse("v0 = T.tensor(1j, requires_grad=True)\nv1 = v0 * v0\n")
    assert engines.load("torch:jvp").supports(program) == "complex numbers"
    assert engines.load("torch:vjp").supports(program) is None


CONTROLLED = {
    "a zero that is part of a complex number has no sign": """
v0 = T.tensor([[complex(1.0, 0.0)]], requires_grad=True)
v1 = T.tensor(complex(1.0, -0.0))
v2 = T.tensor(0)
with T.no_grad():
    v0.index_put_((v2, v2), v1)
""",
    "a device is looked through for no numbers": """
v0 = T.tensor([1.0, 2.0], requires_grad=True)
v1 = v0.clone()
v2 = v1.device
with T.no_grad():
    v1.mul_(2)
v3 = v0 * v1
""",
    "a zero keeps its sign": """
v0 = T.tensor(-0.5, requires_grad=True)
with T.no_grad():
    v0.ceil_()
v1 = T.tensor(1.0)
v2 = v1.copysign(v0)
""",
    "create_graph has formulas of its own": """
v0 = T.tensor([1.0, float('nan')], requires_grad=True)
v1 = v0.logit(1.0)
v2, = T.autograd.grad((v1,), (v0,), grad_outputs=(v1,), create_graph=True)
""",
}


@pytest.mark.parametrize("name", CONTROLLED)
def test_the_program_without_writes_gives_what_the_program_gives(name: str) -> None:
    program, control = parse(CONTROLLED[name]), engines.load("torch:rewritten")
    assert control.supports(program) is None
    assert [str(one) for one in check_program(program, control, TORCH)] == []
