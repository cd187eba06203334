"""What is timed: small graphs written once over a torch-like namespace, and the steps of a campaign.

What may live here: the workloads. How they are timed is in `timing`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Workload = Callable[[], Any]


def random_graph(engine: Any) -> Workload:
    """A fixed 15-op graph of mixed ops on tensors of six elements, forward and grad of all leaves."""
    a = engine.tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]], requires_grad=True)
    b = engine.tensor([[2.0, 0.5, 1.0], [1.5, 2.5, 0.25]], requires_grad=True)
    c = engine.tensor([1.0, -2.0, 0.5], requires_grad=True)

    def run() -> Any:
        x = a * b
        y = x + c
        z = y / b
        u = z - a
        v = u * y
        w = v.tanh()
        p = w * c
        q = p + x
        r = q.exp()
        s = r * w
        t = s - z
        k = t * 0.5
        m = k + 1.0
        n = m * m
        return engine.autograd.grad(n.sum(), (a, b, c))

    return run


def scalars(engine: Any) -> Workload:
    """`c = a * b; e = c * d` on 0-d tensors."""
    a, b, d = (engine.tensor(value, requires_grad=True) for value in (2.0, 3.0, 4.0))

    def run() -> Any:
        c = a * b
        e = c * d
        return engine.autograd.grad(e, (a, b, d))

    return run


def unbind_product(engine: Any) -> Workload:
    """The product of the three outputs of `unbind`."""
    a = engine.tensor([2.0, 3.0, 4.0], requires_grad=True)

    def run() -> Any:
        x, y, z = a.unbind()
        return engine.autograd.grad(x * y * z, a)

    return run


def chain(length: int) -> Callable[[Any], Workload]:
    """A chain of `length` multiplications by a leaf."""

    def make(engine: Any) -> Workload:
        a = engine.tensor([1.0, 2.0, 3.0], requires_grad=True)
        b = engine.tensor([1.0, 1.0, 1.0], requires_grad=True)
        seed = engine.tensor([1.0, 1.0, 1.0])

        def run() -> Any:
            x = a
            for _ in range(length):
                x = x * b
            return engine.autograd.grad(x, (a, b), seed)

        return run

    return make


def fan_in(engine: Any) -> Workload:
    """One leaf used 250 times."""
    a = engine.tensor([1.0, 2.0, 3.0], requires_grad=True)

    def run() -> Any:
        x = a * 1.0
        for _ in range(250):
            x = x + a
        return engine.autograd.grad(x.sum(), a)

    return run


def broadcasting(engine: Any) -> Workload:
    """Gradients summed over broadcast dimensions."""
    a = engine.tensor([1.0, 2.0, 3.0], requires_grad=True)
    w = engine.tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]], requires_grad=True)

    def run() -> Any:
        return engine.autograd.grad(((w * a + a) * w).sum(), (w, a))

    return run


def double_backward(engine: Any) -> Workload:
    """A gradient, and the gradient of its sum."""
    a = engine.tensor([1.0, 2.0, 3.0], requires_grad=True)
    b = engine.tensor([2.0, 3.0, 4.0], requires_grad=True)

    def run() -> Any:
        (g,) = engine.autograd.grad((a * a * b).sum(), a, create_graph=True)
        return engine.autograd.grad(g.sum(), (a, b))

    return run


def hooks(engine: Any) -> Workload:
    """A tensor hook and a node hook."""
    a = engine.tensor([1.0, 2.0, 3.0], requires_grad=True)
    b = engine.tensor([2.0, 3.0, 4.0], requires_grad=True)

    def run() -> Any:
        x = a * b
        x.register_hook(lambda grad: grad * 2)
        y = x * a
        y.grad_fn.register_hook(lambda grad_inputs, grad_outputs: None)
        return engine.autograd.grad(y.sum(), (a, b))

    return run


def in_place(engine: Any) -> Workload:
    """Writes through views: a chain of CopySlices."""
    a = engine.tensor([1.0, 2.0, 3.0, 4.0], requires_grad=True)
    b = engine.tensor([2.0, 3.0], requires_grad=True)

    def run() -> Any:
        x = a * 1.0
        x.narrow(0, 0, 2).mul_(b)
        x.narrow(0, 1, 2).add_(b)
        x.mul_(2.0)
        return engine.autograd.grad(x.sum(), (a, b))

    return run


def large(size: int) -> Callable[[Any], Workload]:
    """Ten ops on `size` float32."""

    def make(engine: Any) -> Workload:
        a = engine.ones(size, requires_grad=True)
        b = engine.ones(size, requires_grad=True)

        def run() -> Any:
            x = a
            for _ in range(5):
                x = x * b + a
            return engine.autograd.grad(x.sum(), (a, b))

        return run

    return make


ENGINE_FIGURES: dict[str, tuple[Callable[[Any], Workload], float, float, int]] = {
    "a 15-op graph of small tensors, forward and grad": (random_graph, 0.60, 0.45, 100),
    "scalars: c = a*b; e = c*d": (scalars, 0.45, 0.35, 300),
    "product of a.unbind()": (unbind_product, 0.45, 0.35, 200),
    "20-op chain": (chain(20), 0.65, 0.50, 100),
    "100-op chain": (chain(100), 0.65, 0.50, 20),
    "10,000-op chain": (chain(10_000), 0.65, 0.50, 1),
    "fan-in of 250": (fan_in, 0.65, 0.50, 10),
    "broadcasting": (broadcasting, 0.70, 0.55, 200),
    "double backward": (double_backward, 0.70, 0.55, 100),
    "hooks on tensors and nodes": (hooks, 0.85, 0.65, 200),
    "in place and views": (in_place, 0.90, 0.65, 100),
    "10 ops on a million float32": (large(1_000_000), 1.0, 0.85, 1),
}
"""Figure to (workload, ratio that must be reached, ratio aimed at, runs per round)."""
