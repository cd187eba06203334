"""Engines that are torch with one fault each, planted by exchanging single functions while a program runs.

What may live here: faults for the tests of triage, reduction and verdicts, which must not depend on any other
engine. Faults of minigrad itself are planted in tests/quality.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import torch

from oracle.engines.torch_engine import TorchEngine

Function = Callable[..., Any]


class WrongTorch(TorchEngine):
    """torch in which the attributes of `torch.Tensor` and `torch` named in `faults` are exchanged."""

    def __init__(self, name: str, faults: dict[str, Callable[[Function], Function]]) -> None:
        super().__init__()
        self.name = name  # type: ignore[misc]
        self.faults = faults

    @contextmanager
    def recording(self) -> Iterator[list[Any]]:
        places = []
        for path, make in self.faults.items():
            for owner in (torch.Tensor, torch):
                if hasattr(owner, path):
                    places.append((owner, path, getattr(owner, path)))
                    setattr(owner, path, make(getattr(owner, path)))
        try:
            with super().recording() as caught:
                yield caught
        finally:
            for owner, path, real in places:
                setattr(owner, path, real)


def scaled_gradient(factor: float) -> Callable[[Function], Function]:
    """The right value, the gradient off by a factor."""

    def make(real: Function) -> Function:
        def wrong(*args: Any, **kwargs: Any) -> Any:
            result = real(*args, **kwargs)
            if result.requires_grad and not result.is_leaf:
                result.register_hook(lambda grad: grad * factor)
            return result

        return wrong

    return make


def scaled_value(factor: float) -> Callable[[Function], Function]:
    """A value off by a factor, without touching the graph."""

    def make(real: Function) -> Function:
        def wrong(*args: Any, **kwargs: Any) -> Any:
            result = real(*args, **kwargs)
            if result.dtype.is_floating_point:
                result.data.copy_(torch.multiply(result.data, factor))
            return result

        return wrong

    return make


def refusing(text: str) -> Callable[[Function], Function]:
    """An op that is always refused."""

    def make(real: Function) -> Function:
        def wrong(*args: Any, **kwargs: Any) -> Any:
            raise RuntimeError(text)

        return wrong

    return make


def in_float32(real: Function) -> Function:
    """A result in single precision."""

    def wrong(*args: Any, **kwargs: Any) -> Any:
        result = real(*args, **kwargs)
        return result.to(torch.float32) if result.dtype == torch.float64 else result

    return wrong


def without_history(real: Function) -> Function:
    """A result that forgets where it came from."""

    def wrong(*args: Any, **kwargs: Any) -> Any:
        return real(*args, **kwargs).detach()

    return wrong


def gradient_where(
    condition: Callable[[Any, Any], Any], factor: float
) -> Callable[[Function], Function]:
    """A binary op whose gradient is off where its operands meet a condition, and nowhere else."""

    def make(real: Function) -> Function:
        def wrong(a: Any, b: Any, *args: Any, **kwargs: Any) -> Any:
            result = real(a, b, *args, **kwargs)
            if result.requires_grad and not result.is_leaf:
                weight = torch.where(torch.as_tensor(condition(a, b)), factor, 1.0).detach()
                result.register_hook(lambda grad: grad * weight.to(grad.dtype))
            return result

        return wrong

    return make


def silent(real: Function) -> Function:
    """A method that does nothing."""
    return lambda tensor, *args, **kwargs: tensor if args or kwargs else None


def copied(real: Function) -> Function:
    """A view that is a copy."""
    return lambda *args, **kwargs: real(*args, **kwargs).clone()


FAULTS: dict[str, dict[str, Callable[[Function], Function]]] = {
    "tanh gradient doubled": {"tanh": scaled_gradient(2.0)},
    "exp gradient flipped": {"exp": scaled_gradient(-1.0)},
    "mul gradient zero": {"mul": scaled_gradient(0.0), "__mul__": scaled_gradient(0.0)},
    "sqrt value off": {"sqrt": scaled_value(1.01)},
    "neg refused": {"neg": refusing("no"), "__neg__": refusing("no")},
    "sum in float32": {"sum": in_float32},
    "exp forgets": {"exp": without_history},
    "retain_grad ignored": {"retain_grad": silent},
    "requires_grad_ ignored": {"requires_grad_": silent},
    "transpose copies": {"transpose": copied, "t": copied},
    "reshape copies": {"reshape": copied, "view": copied},
    "select gradient tripled": {"select": scaled_gradient(3.0)},
    "mul_ off": {"mul_": scaled_value(2.0)},
    "sum gradient halved": {"sum": scaled_gradient(0.5)},
    "maximum at ties": {"maximum": gradient_where(lambda a, b: a == b, 0.0)},
    "detach refused": {"detach_": refusing("cannot")},
}
