"""Disagreements of which we know who is wrong: planted bugs, faults of torch's own, matters of choice.

What may live here: the cases as data, each with its label. The referee is measured on them.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import torch

from tests.oracle.wrong import (
    FAULTS,
    Function,
    copied,
    gradient_where,
    in_float32,
    refusing,
    scaled_gradient,
    scaled_value,
    silent,
    without_history,
)

CALLS = itertools.count()

Faults = dict[str, Callable[[Function], Function]]


@dataclass(frozen=True)
class Labelled:
    """A program, the faults planted in the subject and in the reference, and the side that is wrong."""

    name: str
    side: str
    text: str
    subject: Faults = field(default_factory=dict)
    reference: Faults = field(default_factory=dict)


def weighted(weight: Callable[..., Any]) -> Callable[[Function], Function]:
    """The right value, the gradient times what `weight` says of the operands."""

    def make(real: Function) -> Function:
        def wrong(*args: Any, **kwargs: Any) -> Any:
            result = real(*args, **kwargs)
            if result.requires_grad and not result.is_leaf:
                factor = torch.as_tensor(weight(*args)).detach()
                result.register_hook(lambda grad: grad * factor.to(grad.dtype))
            return result

        return wrong

    return make


def leaning(slope: Callable[..., Any]) -> Callable[[Function], Function]:
    """The right value, its gradient for the first operand increased by what `slope` says of the operands."""

    def make(real: Function) -> Function:
        def wrong(x: Any, *args: Any, **kwargs: Any) -> Any:
            nothing = torch.sub(x, x.detach())
            more = torch.multiply(nothing, torch.as_tensor(slope(x, *args)).to(x.dtype).detach())
            result = real(x, *args, **kwargs)
            return torch.add(result, more if result.shape == more.shape else torch.sum(more))

        return wrong

    return make


def nan_at_zero(x: Any) -> Any:
    return torch.where(x == 0, torch.nan, 1.0)


def unsteady(real: Function) -> Function:
    """An answer that is nan every other time, as from memory never written."""

    def wrong(*args: Any, **kwargs: Any) -> Any:
        result = real(*args, **kwargs)
        if next(CALLS) % 2 == 0:
            result.data.fill_(torch.nan)
        return result

    return wrong


def careful(real: Function) -> Function:
    """`backward` by `autograd.grad`, into gradients that nobody else holds."""

    def backward(tensor: Any, gradient: Any = None, retain_graph: Any = None, **kwargs: Any) -> None:
        found: list[Any] = []
        pending, seen = [tensor.grad_fn], set()
        while pending:
            node = pending.pop()
            if node is None or node in seen:
                continue
            seen.add(node)
            if hasattr(node, "variable"):
                found.append(node.variable)
            pending += [child for child, _ in node.next_functions]
        weight = None if gradient is None else gradient.clone()
        grads = torch.autograd.grad(tensor, found, weight, retain_graph=retain_graph, allow_unused=True)
        for leaf, grad in zip(found, grads, strict=True):
            if grad is not None:
                leaf.grad = grad.clone() if leaf.grad is None else leaf.grad + grad

    return backward


def strided(real: Function) -> Function:
    """The op on operands that are not contiguous."""

    def apart(value: Any) -> Any:
        return torch.stack([value, value], -1)[..., 0] if isinstance(value, torch.Tensor) else value

    return lambda *args, **kwargs: real(*[apart(arg) for arg in args], **kwargs)


def unary(op: str, values: str = "[0.5, 2.0]", extra: str = "") -> str:
    made = f"v0 = T.tensor({values}, requires_grad=True)\nv1 = v0.{op}({extra})\n"
    return f"{made}v2 = v1.sum()\nv2.backward()\n"


def binary(op: str, left: str = "[0.5, 2.0]", right: str = "[3.0, -1.0]") -> str:
    return (
        f"v0 = T.tensor({left}, requires_grad=True)\nv1 = T.tensor({right}, requires_grad=True)\n"
        f"v2 = T.{op}(v0, v1)\nv3 = T.ones_like(v2)\n"
        "v4, v5 = T.autograd.grad((v2,), (v0, v1), grad_outputs=(v3,))\n"
    )


SECOND = """
v0 = T.tensor([0.5, 2.0], requires_grad=True)
v1 = v0.exp()
v2 = v1 * v0
v3 = T.ones_like(v2)
v4, = T.autograd.grad((v2,), (v0,), grad_outputs=(v3,), create_graph=True)
v5, = T.autograd.grad((v4,), (v0,), grad_outputs=(v3,))
"""

WRITTEN = """
v0 = T.tensor([[0.5, 2.0], [1.0, 3.0]], requires_grad=True)
v1 = v0 * 2
v2 = v1[0]
v2.mul_(3)
v3 = v1.exp()
v4 = v3.sum()
v4.backward()
"""

DETACHED = """
v0 = T.tensor([0.5, 2.0], requires_grad=True)
v1 = v0.detach()
v2 = v0 * v1
v3 = v2.sin()
v4 = v3.sum()
v4.backward()
"""

TWICE = """
v0 = T.tensor([0.5, 2.0], requires_grad=True)
v1 = v0.sin()
v2 = v1.sum()
v2.backward(retain_graph=True)
v2.backward()
"""

BROADCAST = """
v0 = T.tensor([[0.5], [2.0]], requires_grad=True)
v1 = T.tensor([1.0, 2.0, 3.0], requires_grad=True)
v2 = v0 * v1
v3 = v2.sum()
v3.backward()
"""

SHARED = """
v0 = T.ones((1, 2), requires_grad=True)
v1 = T.ones((1, 2), requires_grad=True)
v2 = v0.{view}
v3 = v1.{view}
v4 = v2 + v3
v5 = v4 * 3
v6 = v5.sum()
v6.backward(retain_graph=True)
v6.backward(retain_graph=True)
v6.backward(retain_graph=True)
"""

CALLER = """
v0 = T.ones((1, 2), requires_grad=True)
v1 = T.tensor({weight})
v2 = v0.{view}
v2.backward(v1, retain_graph=True)
v2.backward(v1, retain_graph=True)
"""

KEPT = """
v0 = T.ones((1, 2), requires_grad=True)
v1 = T.tensor({weight})
v2 = v0.{view}
v2.backward(v1)
v3 = v0.grad
"""

SUBNORMAL = """
v0 = T.ones((32,), dtype=T.{dtype})
v1 = T.full((32,), {tiny}, dtype=T.{dtype})
v2 = T.{op}(v0, v1)
"""

VIEWS = {
    "view(2)": "[1.0, 2.0]",
    "reshape(2)": "[1.0, 2.0]",
    "squeeze(0)": "[1.0, 2.0]",
    "t()": "[[1.0], [2.0]]",
}


def both_ways(name: str, text: str, faults: Faults) -> list[Labelled]:
    """A wrong gradient planted in the subject, and the same planted in the reference."""
    return [
        Labelled(name, "subject", text, subject=faults),
        Labelled(f"{name}, in the reference", "reference", text, reference=faults),
    ]


GRADIENTS: list[tuple[str, str, Faults]] = [
    ("exp gradient flipped", unary("exp"), {"exp": scaled_gradient(-1.0)}),
    ("sin gradient halved", unary("sin"), {"sin": scaled_gradient(0.5)}),
    ("tanh gradient off by a percent", unary("tanh"), {"tanh": scaled_gradient(1.01)}),
    ("sum gradient zero", unary("cos"), {"sum": scaled_gradient(0.0)}),
    ("mul gradient tripled", binary("mul"), {"mul": scaled_gradient(3.0)}),
    ("div gradient flipped", binary("div"), {"div": scaled_gradient(-1.0)}),
    ("sqrt gradient off at large values", unary("sqrt"), {"sqrt": weighted(lambda x: 1 + (x > 1))}),
    ("maximum gradient off where right is larger", binary("maximum"),
     {"maximum": gradient_where(lambda a, b: a < b, 0.5)}),
    ("second derivative off", SECOND, {"exp": scaled_gradient(1.5)}),
    ("gradient through a written view off", WRITTEN, {"exp": scaled_gradient(2.0)}),
    ("gradient with a detached operand off", DETACHED, {"sin": scaled_gradient(2.0)}),
    ("accumulated gradient off", TWICE, {"sin": scaled_gradient(0.9)}),
    ("broadcast gradient off", BROADCAST, {"__mul__": scaled_gradient(0.25)}),
]  # fmt: skip

SIGNS = "v0 = T.tensor([0.0], requires_grad=True)\nv1 = v0.neg()\nv1.backward(v0)\n"

VALUES: list[tuple[str, str, Faults]] = [
    ("exp value off", unary("exp"), {"exp": scaled_value(1.001)}),
    ("sqrt value off", unary("sqrt"), {"sqrt": scaled_value(0.5)}),
    ("add value off", binary("add"), {"add": scaled_value(1.1)}),
    ("tan value flipped", unary("tan"), {"tan": scaled_value(-1.0)}),
    ("hypot value off", binary("hypot"), {"hypot": scaled_value(1.01)}),
]

FACTS: list[tuple[str, str, Faults]] = [
    ("sum in float32", "v0 = T.tensor([1.0, 2.0], dtype=T.float64)\nv1 = v0.sum()\n", {"sum": in_float32}),
    ("exp forgets its history", unary("exp"), {"exp": without_history}),
    ("neg refused", unary("neg"), {"neg": refusing("no")}),
    ("transpose copies", "v0 = T.ones((2, 3))\nv1 = v0.transpose(0, 1)\n", {"transpose": copied}),
    ("view copies", "v0 = T.ones((2, 3))\nv1 = v0.view(6)\n", {"view": copied}),
    ("retain_grad ignored", "v0 = T.tensor(1.0, requires_grad=True)\nv1 = v0.exp()\nv1.retain_grad()\n",
     {"retain_grad": silent}),
    ("requires_grad_ ignored", "v0 = T.tensor(1.0)\nv0.requires_grad_()\n", FAULTS["requires_grad_ ignored"]),
    ("a leaf may be written", "v0 = T.tensor(1.0, requires_grad=True)\nv0.mul_(2)\n", {"mul_": silent}),
    ("detach_ refused", "v0 = T.tensor(1.0)\nv0.detach_()\n", {"detach_": refusing("cannot")}),
    ("another refusal", "v0 = T.ones((2, 3))\nv1 = v0.view(5)\n", {"view": refusing("shape '[5]' is bad")}),
]  # fmt: skip

CHOICES: list[tuple[str, str, Faults]] = [
    ("maximum at ties", binary("maximum", "[1.0, 2.0]", "[1.0, 3.0]"),
     {"maximum": gradient_where(lambda a, b: a == b, 2.0)}),
    ("minimum at ties", binary("minimum", "[1.0, 2.0]", "[1.0, 3.0]"),
     {"minimum": gradient_where(lambda a, b: a == b, 0.0)}),
    ("abs at zero", unary("abs", "[0.0, 2.0]"), {"abs": leaning(lambda x: x == 0)}),
    ("relu at zero", unary("relu", "[0.0, 2.0]"), {"relu": leaning(lambda x: x == 0)}),
    ("clamp at its bound", unary("clamp", "[1.0, 2.0]", "min=1.0"),
     {"clamp": leaning(lambda x: -1.0 * (x == 1))}),
    ("amax of equals", unary("amax", "[2.0, 2.0]"),
     {"amax": leaning(lambda x: torch.tensor([0.5, -0.5]))}),
    ("sqrt at zero", unary("sqrt", "[0.0, 4.0]"), {"sqrt": weighted(nan_at_zero)}),
    ("rsqrt at zero", unary("rsqrt", "[0.0, 4.0]"), {"rsqrt": weighted(nan_at_zero)}),
    ("log at zero", unary("log", "[0.0, 4.0]"), {"log": weighted(nan_at_zero)}),
    ("norm at zero", unary("norm", "[0.0, 0.0]"),
     {"norm": leaning(lambda x, *rest: torch.tensor([0.4, 0.0]))}),
    ("two elements scattered to one place", "v0 = T.tensor([1.0, 2.0], requires_grad=True)\nv1 = T.tensor([1, 1])\n"
     "v2 = T.tensor([3.0, 4.0])\nv3 = T.scatter(v2, 0, v1, v0)\nv3.backward(v2)\n", {"scatter": scaled_gradient(0.5)}),
]  # fmt: skip

NO_CHOICE: list[tuple[str, str, Faults]] = [
    ("abs at zero, beyond both slopes", unary("abs", "[0.0, 2.0]"),
     {"abs": leaning(lambda x: 5.0 * (x == 0))}),
    ("relu at zero, beyond both slopes", unary("relu", "[0.0, 2.0]"),
     {"relu": leaning(lambda x: -1.0 * (x == 0))}),
    ("maximum away from ties", binary("maximum", "[1.0, 2.0]", "[1.0, 3.0]"),
     {"maximum": leaning(lambda a, b: 1.0 * (a != b))}),
    ("scatter to a place each", "v0 = T.tensor([1.0, 2.0], requires_grad=True)\nv1 = T.tensor([1, 0])\n"
     "v2 = T.tensor([3.0, 4.0])\nv3 = T.scatter(v2, 0, v1, v0)\nv3.backward(v2)\n", {"scatter": scaled_gradient(0.5)}),
]  # fmt: skip

UNSLOPED: list[tuple[str, str, Faults]] = [
    ("a leaf that requires grad only later", "v0 = T.tensor([1.0, 2.0])\nv1 = v0 * v0\nv0.requires_grad_()\n"
     "v2 = v0 * v1\nv3 = v2.exp()\nv3.backward(v1)\n", {"exp": scaled_gradient(2.0)}),
    ("a number beyond float32", "v0 = T.tensor([1e300, 2.0], requires_grad=True)\nv1 = T.tensor([1.0, 1.0])\n"
     "v2 = v0.tanh()\nv2.backward(v1)\n", {"tanh": scaled_gradient(2.0)}),
]  # fmt: skip
"""Whose gradients are no slopes of what they compute in float64, so that central differences may not judge them."""

CAREFUL: Faults = {"backward": careful}

ALL: list[Labelled] = [
    *(case for name, text, faults in (*GRADIENTS, *NO_CHOICE) for case in both_ways(name, text, faults)),
    *(case for name, text, faults in VALUES for case in both_ways(name, text, faults)),
    *(Labelled(name, "subject", text, subject=faults) for name, text, faults in FACTS),
    *(Labelled(name, "subject", text, subject=faults) for name, text, faults in UNSLOPED),
    *(Labelled(name, "convention", text, subject=faults) for name, text, faults in CHOICES),
    Labelled("the sign of a zero in a gradient", "subject", SIGNS, {"neg": scaled_gradient(-1.0)}),
    Labelled("an answer with noise", "subject", unary("exp"), subject={"exp": unsteady}),
    Labelled("a reference with noise", "reference", unary("exp"), reference={"exp": unsteady}),
    Labelled("an internal check that fails", "reference", unary("exp"),
             reference={"exp": refusing("x INTERNAL ASSERT FAILED at y, please report a bug to PyTorch")}),
    *(Labelled(f"torch: two leaves share a gradient through {view}", "reference",
               SHARED.format(view=view), CAREFUL) for view in VIEWS),
    *(Labelled(f"torch: the caller's gradient changes through {view}", "reference",
               CALLER.format(view=view, weight=weight), CAREFUL) for view, weight in VIEWS.items()),
    *(Labelled(f"torch: the caller's gradient is kept through {view}", "reference",
               KEPT.format(view=view, weight=weight), CAREFUL) for view, weight in VIEWS.items()),
    Labelled("the caller's gradient is kept", "subject",
             KEPT.format(view="view(2)", weight="[1.0, 2.0]"), reference=CAREFUL),
    *(Labelled(f"torch: {op} of a subnormal divisor depends on strides ({dtype})", "reference",
               SUBNORMAL.format(op=op, dtype=dtype, tiny=tiny), {op: strided})
      for op in ("fmod", "remainder") for dtype, tiny in (("float32", 1e-45), ("float64", 5e-324))),
    Labelled("torch: cosh overflows too early where it is contiguous", "reference",
             f"v0 = T.tensor({[710.0] * 16}, dtype=T.float64)\nv1 = v0.cosh()\n", {"cosh": strided}),
]  # fmt: skip
