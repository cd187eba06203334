"""The table of peers: minigrad beside the other engines that are installed (extra `gradfuzz[bench]`).

What may live here: how each peer is asked for gradients, and the functions that all of them differentiate. A row's
ratio is minigrad's time over the peer's, so below 1 minigrad is ahead; a peer that is missing says so in its row.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from importlib.util import find_spec
from types import SimpleNamespace
from typing import Any

from benchmarks.tables import Row
from benchmarks.timing import Workload, interleaved

Function = Callable[..., Any]
"""Of a namespace of functions (`tanh`, `exp`, `sum`) and operands, to a scalar."""


def scalars(t: Any, a: Any, b: Any, d: Any) -> Any:
    c = a * b
    return c * d


def mixed(t: Any, a: Any, b: Any, c: Any) -> Any:
    """The 15 ops of `programs.random_graph`."""
    x = a * b
    z = (x + c) / b
    v = (z - a) * (x + c)
    w = t.tanh(v)
    s = t.exp(w * c + x) * w
    m = (s - z) * 0.5 + 1.0
    return t.sum(m * m)


def chain(t: Any, a: Any, b: Any) -> Any:
    x = a
    for _ in range(20):
        x = x * b
    return t.sum(x)


def broadcasting(t: Any, a: Any, w: Any) -> Any:
    return t.sum((w * a + a) * w)


ROW, MATRIX = [1.0, -2.0, 0.5], [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]
FIGURES: dict[str, tuple[Function, list[Any], int]] = {
    "scalars": (scalars, [2.0, 3.0, 4.0], 200),
    "15-op graph": (mixed, [MATRIX, [[2.0, 0.5, 1.0], [1.5, 2.5, 0.25]], ROW], 50),
    "20-op chain": (chain, [ROW, [1.0, 1.0, 1.0]], 50),
    "broadcasting": (broadcasting, [ROW, MATRIX], 100),
}
"""Name to (function, operands, runs per round)."""


# -- how each engine is asked ---------------------------------------------------------------------------------


def torch_like(engine: Any) -> Callable[[Function, Sequence[Any]], Workload]:
    def make(function: Function, values: Sequence[Any]) -> Workload:
        leaves = [engine.tensor(value, requires_grad=True) for value in values]
        return lambda: engine.autograd.grad(function(engine, *leaves), leaves)

    return make


def torch(function: Function, values: Sequence[Any]) -> Workload:
    import torch

    torch.set_num_threads(1)
    return torch_like(torch)(function, values)


def hips(function: Function, values: Sequence[Any]) -> Workload:
    import autograd
    import autograd.numpy as anp
    import numpy as np

    leaves = [np.array(value, np.float32) for value in values]
    gradients = autograd.grad(lambda *xs: function(anp, *xs), argnum=tuple(range(len(values))))
    return lambda: gradients(*leaves)


def mygrad(function: Function, values: Sequence[Any]) -> Workload:
    import mygrad
    import numpy as np

    leaves = [mygrad.tensor(np.array(value, np.float32)) for value in values]

    def run() -> Any:
        function(mygrad, *leaves).backward()
        return [leaf.grad for leaf in leaves]

    return run


def micrograd(function: Function, values: Sequence[Any]) -> Workload:
    from micrograd.engine import Value

    leaves = [Value(value) for value in values]

    def run() -> Any:
        for leaf in leaves:
            leaf.grad = 0
        function(None, *leaves).backward()
        return [leaf.grad for leaf in leaves]

    return run


def jax(function: Function, values: Sequence[Any], jit: bool = False) -> Workload:
    import jax
    import jax.numpy as jnp

    leaves = [jnp.array(value, jnp.float32) for value in values]
    gradients = jax.grad(lambda *xs: function(jnp, *xs), argnums=tuple(range(len(values))))
    if jit:
        gradients = jax.jit(gradients)
    return lambda: jax.block_until_ready(gradients(*leaves))


def jax_compiled(function: Function, values: Sequence[Any]) -> Workload:
    return jax(function, values, jit=True)


def tinygrad(function: Function, values: Sequence[Any]) -> Workload:
    from tinygrad import Tensor

    ops = SimpleNamespace(tanh=Tensor.tanh, exp=Tensor.exp, sum=Tensor.sum)
    leaves = [Tensor(value).realize() for value in values]

    def run() -> Any:
        gradients = function(ops, *leaves).gradient(*leaves)
        return Tensor.realize(*gradients)

    return run


PEERS = {
    "torch": ("torch", torch, 1),
    "HIPS autograd": ("autograd", hips, 1),
    "mygrad": ("mygrad", mygrad, 1),
    "micrograd": ("micrograd", micrograd, 1),
    "jax": ("jax", jax, 10),
    "jax, compiled by jit before": ("jax", jax_compiled, 1),
    "tinygrad": ("tinygrad", tinygrad, 10),
}
"""Peer to (module, how it is asked, by how much its runs per round are fewer)."""


def rows(rounds: int, only: str) -> Iterator[Row]:
    for figure, (function, values, runs) in FIGURES.items():
        for peer, (module, make, fewer) in PEERS.items():
            name = f"{figure}: {peer}"
            if only in name and (peer != "micrograd" or function is scalars):  # which has no arrays
                row: Row = {"figure": name, "peer µs": "", "ours µs": "", "ratio": "not installed"}
                yield row | (_measured(make, function, values, runs // fewer, rounds) if find_spec(module) else {})


def _measured(make: Any, function: Function, values: Sequence[Any], runs: int, rounds: int) -> Row:
    import minigrad

    try:
        theirs, ours = interleaved([make(function, values), torch_like(minigrad)(function, values)], runs, rounds)
    except Exception as error:  # whatever a peer cannot do on this machine
        return {"ratio": f"{type(error).__name__}: {error}".splitlines()[0]}
    return {"peer µs": theirs * 1e6, "ours µs": ours * 1e6, "ratio": ours / theirs}
