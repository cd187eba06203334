"""Graphs die by reference counting alone: what outlives a program here outlives it in torch, too; long chains."""

from __future__ import annotations

import gc
import warnings
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from typing import Any

import pytest

import minigrad
from oracle.engines import load
from oracle.program.parser import parse
from oracle.program.program import Program
from strategies import buffers, decode, grammar
from tests.minigrad.side_by_side import assert_prints_the_same

PROGRAMS = 120
CREATE_GRAPH = """\
v0 = T.tensor(2.0, requires_grad=True)
v1 = v0 * v0
v1.backward(create_graph=True)
"""


@contextmanager
def without_collector() -> Iterator[None]:
    """Cycles stay; what was there before is not looked at."""
    gc.collect()
    gc.freeze()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
        gc.unfreeze()
        gc.collect()


def outliving(engine: Any, program: Program) -> list[str]:
    """The names of the tensors that are still there when the last name of the program is gone."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        run = engine.interpreter.run(program, [])
    tensor = type(engine.namespace.zeros(()))
    kept = {name: weakref.ref(value) for name, value in run.names.items() if isinstance(value, tensor)}
    run.forget()
    del run
    engine.reset()
    return [name for name, tensor in kept.items() if tensor() is not None]


def ours_alive() -> int:
    """Tensors and nodes of minigrad that the collector would have to look at."""
    return sum(isinstance(one, minigrad.Tensor | minigrad.autograd.graph.Node) for one in gc.get_objects())


def test_what_outlives_a_program_outlives_it_in_torch() -> None:
    chosen = grammar()
    programs = [decode(buffer, chosen) for buffer in islice(buffers(5, chosen), PROGRAMS)]
    ours, theirs = load("minigrad"), load("torch")
    with without_collector():
        for program in programs:
            mine, its = outliving(ours, program), outliving(theirs, program)
            assert set(mine) <= set(its), program.source
            if its:
                gc.collect()
            assert ours_alive() == 0, program.source
            gc.freeze()


def test_a_cycle_is_seen() -> None:
    program = parse(CREATE_GRAPH)
    with without_collector():
        for name in ("minigrad", "torch"):
            assert "v0" in outliving(load(name), program)  # its gradient's graph leads back to it
        assert ours_alive() > 0


STORIES = {
    "what a pass has used it lets go": """
import weakref
class Box:
    def __init__(self, tensor):
        self.tensor = tensor
boxes = []
def pack(tensor):
    box = Box(tensor.detach())
    boxes.append(weakref.ref(box))
    return box
a = T.ones(3, requires_grad=True)
with T.autograd.graph.saved_tensors_hooks(pack, lambda box: box.tensor):
    out = (a.exp() * a).sin().sum()
alive = lambda: [box() is not None for box in boxes]
print(alive())
out.backward(retain_graph=True)
print(alive())
out.backward()
print(alive())
try:
    out.backward()
except RuntimeError as error:
    print(error)""",
    "a node outlives its tensor as long as it is held": """
import weakref
a = T.ones(3, requires_grad=True)
b = a * 2
node, seen = b.grad_fn, weakref.ref(b)
del b
print(seen() is None, node.name(), node(T.ones(3)))""",
    "a leaf's accumulator is new once nobody holds it": """
a = T.ones(3, requires_grad=True)
edge = T.autograd.graph.get_gradient_edge(a)
edge.node.metadata["mark"] = 1
print(T.autograd.graph.get_gradient_edge(a).node.metadata)
del edge
print(T.autograd.graph.get_gradient_edge(a).node.metadata)""",
    "what a function wrote holds no node that holds it": """
import weakref
class Twice(T.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        x.mul_(2)
        ctx.mark_dirty(x)
        sign = x > 0
        ctx.mark_non_differentiable(sign)
        ctx.save_for_backward(x)
        ctx.save_for_forward(x)
        return x, sign
    @staticmethod
    def backward(ctx, grad, _):
        return grad * 2
a = T.ones(3, requires_grad=True)
b = a * 1
out, sign = Twice.apply(b)
node, seen = out.grad_fn, weakref.ref(out)
print(node.dirty_tensors, node.non_differentiable, node.to_save, node.saved_for_forward)
del node, b, out
print(seen() is None)""",
    "a view keeps the graph of its base": """
import weakref
a = T.ones(4, requires_grad=True)
base = a * 2
view = base[1:]
seen = weakref.ref(base)
del base
print(seen() is None, view._base is not None, view._base.grad_fn.name())
view.mul_(3)
view.sum().backward()
print(a.grad)""",
}


@pytest.mark.parametrize("story", STORIES)
def test_of_each_story(story: str) -> None:
    with without_collector():
        assert_prints_the_same(STORIES[story])


CHAINS = {
    "products": (150_000, "out = out * factor"),
    "views": (50_000, "out = out.view(())"),
    "writes": (50_000, "out.mul_(factor)"),
    "writes to views": (10_000, "out[...].mul_(factor)"),
    "custom functions": (10_000, "out = Twice.apply(out)"),
}
"""How many, and what makes one more: each many times what recursion would stand."""


@pytest.mark.parametrize("chain", CHAINS)
def test_a_chain_is_built_run_and_let_go_without_recursion(chain: str) -> None:
    length, step = CHAINS[chain]
    code = f"""
class Twice(T.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        return x * 1
    @staticmethod
    def backward(ctx, grad):
        return grad * 1

leaf = T.tensor(1.0, requires_grad=True)
factor = T.tensor(1.0)
def build(length):
    out = leaf.clone()
    for _ in range(length):
        {step}
    return out
"""
    names: dict[str, Any] = {"T": minigrad}
    exec(code, names)
    out = names["build"](length)
    out.backward()
    assert names["leaf"].grad.item() == 1.0
    out = names["build"](length)  # and one that no pass has emptied
    seen = weakref.ref(out.grad_fn)
    del out
    assert seen() is None
