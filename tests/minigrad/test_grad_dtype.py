"""`Tensor.grad_dtype`: what gradients of a leaf are cast to, on both engines, torch judging.

What may live here: programs about that attribute; what each prints must be the same.
"""

from __future__ import annotations

import warnings
from typing import Any

import pytest
import torch

import minigrad

DTYPES = ("float16", "float64", "complex64", "int64", "uint8", "bool")


def outcome(action: Any, *args: Any) -> str:
    try:
        return str(action(*args))
    except (RuntimeError, TypeError) as error:
        return f"{type(error).__name__}: {error}"


def leaf(engine: Any, allowed: Any = ..., **kwargs: Any) -> Any:
    x = engine.tensor([1.0, 2.0], requires_grad=True, **kwargs)
    if allowed is not ...:
        x.grad_dtype = allowed
    return x


def assigned(x: Any, name: str, value: Any) -> Any:
    setattr(x, name, value)
    return getattr(x, name)


def widened(engine: Any, weight: Any = 1) -> Any:
    class Widened(engine.autograd.Function):  # type: ignore[misc, name-defined]
        """x * 2, whose backward gives float64, or complex numbers."""

        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            return x * 2

        @staticmethod
        def backward(ctx: Any, grad: Any) -> Any:
            return grad.double() * weight

    return Widened.apply


def defaults(engine: Any) -> list[Any]:
    x = leaf(engine)
    y = x * 2
    refused = [outcome(assigned, y, "grad_dtype", value) for value in (engine.float64, 3)]
    return [x.grad_dtype, engine.tensor(1).grad_dtype, outcome(getattr, y, "grad_dtype"), *refused]


def casts(engine: Any) -> list[Any]:
    said: list[Any] = []

    def show(grad: Any) -> None:
        said.append(grad.dtype)

    for allowed in (engine.float64, engine.float16, engine.complex64, engine.int64, None):
        x = leaf(engine)
        x.register_hook(show)
        y = (x * 2).sum()
        x.grad_dtype = allowed  # of a graph that is there already
        said += [outcome(engine.autograd.grad, y, x, None, True), outcome(y.backward), x.grad]
    return said


def keeps(engine: Any) -> list[Any]:
    said: list[Any] = []
    x = leaf(engine, None)
    for function in (widened(engine), lambda x: x * 3, widened(engine, 1j)):
        said += [outcome(function(x).sum().backward), x.grad]
    x.grad = None
    said += [outcome(widened(engine)(x).sum().backward), x.grad, outcome((x * 3).sum().backward), x.grad]
    z = leaf(engine, engine.float32, dtype=engine.complex64)
    return [*said, outcome((z * 2).abs().sum().backward), z.grad]


def refuses(engine: Any) -> list[Any]:
    said: list[Any] = []
    for name in DTYPES:
        dtype = getattr(engine, name)
        x = leaf(engine)
        said.append(outcome(assigned, x, "grad", engine.ones(2, dtype=dtype)))
        x.grad_dtype = None
        x.grad = engine.ones(2, dtype=dtype)
        said.append(outcome(assigned, x, "grad_dtype", engine.float32))
        x.grad = None
        said.append(outcome(assigned, x, "grad_dtype", dtype))
        said.append(outcome(assigned, x, "grad", engine.ones(2)))
    return [*said, outcome(assigned, leaf(engine), "grad_dtype", "float32")]


def follows(engine: Any) -> list[Any]:
    x = leaf(engine, engine.float64)
    edge = engine.autograd.graph.get_gradient_edge(x).node
    said = [x.detach().grad_dtype, engine.nn.Parameter(x).grad_dtype, edge._input_metadata[0].dtype]
    x.data = engine.ones(2, dtype=engine.float16)
    said.append(x.grad_dtype)
    y = leaf(engine)
    y.data = engine.ones(2, dtype=engine.float16)
    said.append(y.grad_dtype)
    x = leaf(engine, engine.float64)
    (x * x).sum().backward(create_graph=True)
    return [*said, x.grad, engine.autograd.grad(x.grad.sum(), x), x.backward(engine.ones(2)), x.grad]


def told(program: Any, engine: Any) -> str:
    """What the program gives, and the warnings it came with."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        said = program(engine)
    return f"{said} {[str(one.message).partition(' (Triggered')[0] for one in caught]}"


@pytest.mark.parametrize("program", [defaults, casts, keeps, refuses, follows])
def test_gradients_have_the_dtype_that_the_leaf_allows(program: Any) -> None:
    assert told(program, minigrad) == told(program, torch)


def test_a_function_of_the_users_may_not_give_a_real_operand_a_complex_gradient() -> None:
    said = []
    for engine in (minigrad, torch):
        x = leaf(engine)
        said.append([outcome(widened(engine, 1j)(x).sum().backward), str(x.grad)])
    assert said[0] == said[1]
    assert "input_is_complex" in said[1][0]


def test_names_of_element_types_are_torchs_where_two_are_mixed() -> None:
    said: list[list[str]] = []
    for engine in (minigrad, torch):
        a, b = engine.ones(2, 2, dtype=engine.float16), engine.ones(2, 2, dtype=engine.complex64)
        conv = engine.nn.functional.conv1d
        said.append([
            outcome(engine.linalg.multi_dot, [a, b, a]),
            outcome(conv, a[:, None], a[:, None, :1], b[0]),
        ])
    assert said[0] == said[1]
