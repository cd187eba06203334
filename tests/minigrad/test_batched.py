"""Batched tensors: what `vectorize=True` and batched gradients compute, record and refuse is what torch's vmap does.

What may live here: tables of functions, inputs and ways, run on both engines and compared with all that is recorded.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import torch

import minigrad
import minigrad.ops
from minigrad.autograd.batching_rules import RULES
from minigrad.registry import OPS
from oracle.program.functions import entry
from strategies.functions import MATRICES
from tests.minigrad.side_by_side import lines

pytestmark = pytest.mark.filterwarnings("ignore")  # vmap makes torch warn of its own use of torch.jit

LIBRARY = sorted({name for kind, name, _ in MATRICES if kind == "jacobian"})
INPUTS = {
    "a number": lambda engine: engine.tensor(1.5, requires_grad=True),
    "a number that needs no gradient": lambda engine: engine.tensor(1.5),
    "one element": lambda engine: engine.tensor([2.0], requires_grad=True),
    "a vector": lambda engine: engine.tensor([0.5, -1.0], requires_grad=True),
    "a vector that needs no gradient": lambda engine: engine.tensor([0.5, -1.0]),
    "a part of a vector": lambda engine: engine.tensor([0.5, -1.0, 2.0, 3.0], requires_grad=True)[1:3],
    "every second element": lambda engine: engine.tensor([0.5, -1.0, 2.0], requires_grad=True)[::2],
    "a matrix": lambda engine: engine.tensor([[0.5, -1.0, 2.0], [1.0, 0.0, 3.0]], requires_grad=True),
    "a transposed matrix": lambda engine: engine.tensor([[0.5, -1.0, 2.0], [1.0, 0.0, 3.0]], requires_grad=True).t(),
    "an expanded vector": lambda engine: engine.tensor([0.5, -1.0], requires_grad=True).expand(2, 2),
    "a matrix of one element": lambda engine: engine.tensor([[2.0]], requires_grad=True),
    "nothing": lambda engine: engine.tensor([], requires_grad=True),
    "nothing in rows": lambda engine: engine.zeros(2, 0, requires_grad=True),
    "nothing behind something": lambda engine: engine.tensor([0.5, -1.0], requires_grad=True)[1:1],
    "a complex number": lambda engine: engine.tensor(1.5 + 0.5j, requires_grad=True),
    "complex numbers": lambda engine: engine.tensor([0.5 - 1.0j, 2.0j], requires_grad=True),
    "conjugates": lambda engine: engine.tensor([0.5 - 1.0j, 2.0j], requires_grad=True).conj(),
    "a double": lambda engine: engine.tensor([0.5, -1.0], dtype=engine.float64, requires_grad=True),
}
WAYS: dict[str, Any] = {
    "forward": {"strategy": "forward-mode"},
    "reverse": {},
    "reverse, recorded": {"create_graph": True},
}
HESSIANS: dict[str, Any] = {
    "forward": {"outer_jacobian_strategy": "forward-mode"},
    "reverse": {},
    "reverse, recorded": {"create_graph": True},
}
MODES: dict[str, Any] = {
    "no_grad": lambda engine: engine.no_grad(),
    "inference_mode": lambda engine: engine.inference_mode(),
    "detect_anomaly": lambda engine: engine.autograd.detect_anomaly(),
    "a dual level": lambda engine: engine.autograd.forward_ad.dual_level(),
}


def flat(results: Any) -> Iterator[Any]:
    if isinstance(results, (tuple, list)):
        yield type(results).__name__
        for one in results:
            yield from flat(one)
    else:
        yield results


def graph_of(fn: Any) -> list[Any]:
    """The graph behind a node: names, and edges by the numbers of the nodes in the order in which they are met."""
    numbers: dict[Any, int] = {}
    found: list[Any] = []
    waiting = [fn]
    while waiting:
        node = waiting.pop()
        if node is None or node in numbers:
            continue
        numbers[node] = len(numbers)
        found.append(node)
        waiting.extend(child for child, _ in reversed(node.next_functions))
    return [
        (node.name(), [(None if child is None else numbers[child], nr) for child, nr in node.next_functions])
        for node in found
    ]


def facts_of(x: Any) -> list[Any]:
    base = x._base
    return [
        tuple(x.shape), x.stride(), x.storage_offset(), str(x.dtype).split(".")[1], x.requires_grad, x.is_leaf,
        x.is_inference() or x._version, x.is_conj(), None if base is None else (tuple(base.shape), base.stride()),
        graph_of(x.grad_fn),
    ]  # fmt: skip


def seen(engine: Any, call: Any) -> tuple[list[Any], list[Any]]:
    """What a call gives: facts, and values."""
    try:
        results = list(flat(call(engine)))
    except Exception as error:
        return [type(error).__name__, str(error)], []
    tensors = [x for x in results if not isinstance(x, str)]
    values = [x.detach().resolve_conj().numpy() for x in tensors]
    return [x if isinstance(x, str) else facts_of(x) for x in results], values


def agree(call: Any) -> None:
    (ours, mine), (theirs, its) = seen(minigrad, call), seen(torch, call)
    assert ours == theirs
    for one, other in zip(mine, its, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-6)


def jacobian(engine: Any, way: str, function: Any, x: Any) -> Any:
    return engine.autograd.functional.jacobian(function, x, vectorize=True, **WAYS[way])


def of_library(engine: Any, way: str, name: str, x: Any) -> Any:
    """The Jacobian of a function of the library, at `x` for each of its arguments."""
    function = entry(name).over(engine)
    return jacobian(engine, way, function, (x, x) if function.__code__.co_argcount == 2 else x)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", LIBRARY)
def test_jacobians_of_the_library(name: str, way: str) -> None:
    for what, make in INPUTS.items():
        if what == "conjugates" and name in ("map_views", "map_parts") and way == "forward":
            continue  # of whose views torch says that it should not have come there
        agree(lambda engine, make=make: of_library(engine, way, name, make(engine)))


@pytest.mark.parametrize("way", HESSIANS)
def test_hessians(way: str) -> None:
    for what, make in INPUTS.items():
        if "complex" not in what and "conj" not in what:
            agree(
                lambda engine, make=make: engine.autograd.functional.hessian(
                    entry("map_sum_of_squares").over(engine), make(engine), vectorize=True, **HESSIANS[way]
                )
            )


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", LIBRARY)
def test_jacobians_in_other_modes(name: str, mode: str) -> None:
    def call(engine: Any, way: str, what: str) -> Any:
        x = INPUTS[what](engine)
        with MODES[mode](engine):
            return of_library(engine, way, name, x)

    for way in WAYS:
        for what in ("a number", "a part of a vector", "complex numbers"):
            agree(lambda engine, way=way, what=what: call(engine, way, what))


def test_inference_tensors_carry_no_tangents() -> None:
    def call(engine: Any, name: str) -> Any:
        with engine.inference_mode():
            x = engine.tensor([1.0, 2.0])
        return of_library(engine, "forward", name, x)

    for name in LIBRARY:
        agree(lambda engine, name=name: call(engine, name))


@pytest.mark.parametrize("name", LIBRARY)
def test_hooks_on_saved_tensors_see_the_whole_batch_once(name: str) -> None:
    def packed(engine: Any, way: str) -> list[Any]:
        calls: list[Any] = []

        def note(what: str) -> Any:
            def noted(x: Any) -> Any:
                calls.append((what, tuple(x.shape), x._is_zerotensor(), str(x.detach())))
                return x

            return noted

        x = INPUTS["a part of a vector"](engine)
        with engine.autograd.graph.saved_tensors_hooks(note("pack"), note("unpack")):
            of_library(engine, way, name, x)
        return calls

    for way in WAYS:
        assert packed(minigrad, way) == packed(torch, way), way


OTHERS = lines("""
    x.sin() * x.cos()
    x.tanh() / c
    x ** 2 - x ** c
    2 ** x + 1 / x
    c / x
    x.log().sqrt().abs()
    x.clamp(0, 1) + x.relu()
    x @ c
    c @ x @ x
    T.mv(x, c[0]) + T.mv(c, x[0])
    T.dot(x[0], x[1]) * T.dot(c[0], x[1])
    T.outer(x[0], x[1])
    x.t() * x.transpose(0, 1) + x.permute(1, 0)
    x.view(-1) * x.t().reshape(-1)
    x[0] * x[:, 1]
    x[:, 1:] * x[:1]
    x.unsqueeze(0) * x.unsqueeze(1)
    x[:1].squeeze() + x.unsqueeze(0).squeeze(0)[1]
    x[:1].expand(3, 2) * 2
    x.sum(0) * x.sum(1, keepdim=True)
    x.mean() * x.mean(0)
    x.var() * x.prod()
    x.diagonal() * c[0]
    x.unbind()[1] * x.split(1)[1]
    T.cat([x, x * 2]) + T.stack([x, c]).view(4, 2)
    T.where(x > 1, x, c)
    x.clone().mul_(x).neg_()
    x.float() * 2
    T.maximum(x, c) + x.flip(0)
    x * x[0] + x[0, 0] * c
    T.nn.functional.mse_loss(x, c)
    (x, c * 1)
""")


@pytest.mark.parametrize("way", ["forward", "reverse, recorded"])
@pytest.mark.parametrize("body", OTHERS)
def test_jacobians_of_other_functions(body: str, way: str) -> None:
    def call(engine: Any) -> Any:
        scope = {"T": engine, "c": engine.tensor([[1.5, 2.0], [0.5, 0.25]], dtype=engine.float64)}
        x = engine.tensor([[0.5, 2.0], [1.25, 0.75]], dtype=engine.float64, requires_grad=True)
        return jacobian(engine, way, eval(f"lambda x: {body}", scope), x)

    agree(call)


def test_every_rule_is_of_an_op() -> None:
    for family in pkgutil.iter_modules(minigrad.ops.__path__):  # those that are imported when first asked for, too
        importlib.import_module(f"minigrad.ops.{family.name}")
    assert RULES.keys() <= OPS.keys()


BATCHED_GRADS = lines("""
    T.autograd.grad(x * x, x, v, is_grads_batched=True)
    T.autograd.grad(x * x, x, v, is_grads_batched=True, create_graph=True)
    T.autograd.grad((x * x).sum(), x, T.ones(3), is_grads_batched=True, create_graph=True)
    T.autograd.grad((x * 2, x.exp()), x, (v, v), is_grads_batched=True, create_graph=True)
    T.autograd.grad(x.clone(), x, v, is_grads_batched=True)
    T.autograd.grad(x * 2, y, v, is_grads_batched=True, allow_unused=True, materialize_grads=True)
    T.autograd.grad(x * y, (x, y), v, is_grads_batched=True, create_graph=True)
    T.autograd.grad(Twice.apply(x), x, v, is_grads_batched=True, create_graph=True)
    T.autograd.grad(x * 2, x, T.ones(0, 2), is_grads_batched=True)
    T.autograd.grad(x * 2, x, T.ones(3, 3), is_grads_batched=True)
    T.autograd.grad(x * 2, x, T.tensor(1.0), is_grads_batched=True)
""")


OPERANDS = {
    "s": "T.tensor(0.5, dtype=T.float64)",
    "x": "T.tensor([0.5, 0.25])",
    "y": "T.tensor([0.75, 0.125])",
    "m": "T.tensor([[2.0, 1.0], [1.0, 3.0]])",
    "k": "T.tensor([[[1.0, 2.0]]])",
    "n": "T.tensor([[[1.0], [2.0]]])",
}
FORMULAS = lines("""
    x.max()
    x.median()
    x.nanmedian()
    x.aminmax(dim=0)[0]
    m.trace()
    x.t()
    T.t_copy(x)
    x.cumprod(0)
    T.linalg.vander(x)
    m.mv(x)
    k.bmm(n)
    k @ m
    T.nn.functional.mish(s)
    T.nn.functional.mish(x)
    T.nn.functional.hardsigmoid(x)
    T.nn.functional.multi_margin_loss(m, T.tensor([0, 1]))
    T.nn.functional.binary_cross_entropy(x, y)
    m.matrix_exp()
    m.matrix_power(0)
    m.det()
    m.logdet()
    T.linalg.solve(m, x)
    T.linalg.eig(m)[1]
    T.linalg.eigvals(m)
    T.polar(x, y)
    T.fft.rfft(x)
    T.fft.ihfft(x)
    T.fft.hfft(x)
    T.group_norm(m, 1, x)
    x.as_strided((2,), (1,))
    T.as_strided_copy(x, (), ())
    T.as_strided_scatter(x, y, (2,), (1,))
    x.masked_fill(T.tensor(True), s.float())
    x[T.tensor([True, False])]
    m.addcmul(m, T.tensor([0, 1]), value=0.5)
""")


@pytest.mark.parametrize("create_graph", [False, True])
@pytest.mark.parametrize("call", FORMULAS)
def test_formulas_of_gradients_go_torch_s_way_with_a_batch(call: str, create_graph: bool) -> None:
    def run(engine: Any) -> Any:
        operands = {name: eval(text, {"T": engine}).requires_grad_() for name, text in OPERANDS.items()}
        made = eval(call, {"T": engine, **operands})
        batch = engine.stack([engine.ones_like(made), engine.full_like(made, 2.0)]).detach()
        batch.requires_grad_(create_graph)
        found = engine.autograd.grad(
            made, list(operands.values()), batch, is_grads_batched=True, create_graph=create_graph, allow_unused=True
        )
        return [grad for grad in found if grad is not None]

    agree(run)


@pytest.mark.parametrize("call", BATCHED_GRADS)
def test_batched_gradients(call: str) -> None:
    def run(engine: Any) -> Any:
        class Twice(engine.autograd.Function):  # type: ignore[misc]
            @staticmethod
            def forward(ctx: Any, x: Any) -> Any:
                return x * 2

            @staticmethod
            def backward(ctx: Any, grad: Any) -> Any:
                return grad * 2

        x, y = engine.tensor([1.0, 2.0], requires_grad=True), engine.tensor(3.0, requires_grad=True)
        v = engine.tensor([[1.0, 0.0], [0.5, 2.0], [0.0, 1.0]])
        return eval(call, {"T": engine, "x": x, "y": y, "v": v, "Twice": Twice})

    agree(run)
