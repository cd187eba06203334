"""Windows of signals: those of `torch.signal.windows`, composed as there, and the older hann_window and its like.

What may live here: these factories of vectors.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from minigrad import dtypes
from minigrad.creation import tensor
from minigrad.device import strided
from minigrad.errors import not_implemented_for
from minigrad.factory import OPTIONS, bind, finish, out_dtype
from minigrad.filling import empty, ones
from minigrad.ops.carriers import in_float32
from minigrad.ops.special import i0
from minigrad.ranges import arange, linspace
from minigrad.registry import FUNCTIONS, publish
from minigrad.signatures import Parser
from minigrad.tensor import Tensor, wrap

# mypy: disable-error-code="no-untyped-def, no-untyped-call"
# ruff: noqa: N803 - torch calls the length M


def _window(name: str, *, one: bool = True) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Publishes a window: what is decorated makes it where there is more than nothing, or (`one`) than one point."""

    def declare(make: Callable[..., Any]) -> Callable[..., Any]:
        defaults = make.__kwdefaults__ or {}

        def window(M, *, sym=True, dtype=None, layout=strided, device=None, requires_grad=False, **own):
            dtype = dtypes.get_default_dtype() if dtype is None else dtype
            check(name, M, dtype, layout)
            how = {"dtype": dtype, "layout": layout, "device": device, "requires_grad": requires_grad}
            values = {**defaults, **own}
            early = CHECKS.get(name)
            if early is not None:
                early(sym=sym, **values)
            if M == 0:
                return empty((0,), **how)
            if M == 1 and one:
                return ones((1,), **how)
            return make(M, sym, how, **values)

        window.__name__ = window.__qualname__ = name
        window.__doc__ = make.__doc__
        publish(f"signal.windows.{name}", window, method=False)
        return window

    return declare


def check(name: str, M: int, dtype: Any, layout: Any) -> None:
    if M < 0:
        raise ValueError(f"{name} requires non-negative window length, got M={M}")
    if layout is not strided:
        raise ValueError(f"{name} is implemented for strided tensors only, got: {layout}")
    if dtype not in (dtypes.float32, dtypes.float64):
        raise ValueError(f"{name} expects float32 or float64 dtypes, got: {dtype}")


def _check_exponential(sym: bool, center: Any, tau: float) -> None:
    if tau <= 0:
        raise ValueError(f"Tau must be positive, got: {tau} instead.")
    if sym and center is not None:
        raise ValueError("Center must be None for symmetric windows")


def _check_gaussian(sym: bool, std: float) -> None:
    if std <= 0:
        raise ValueError(f"Standard deviation must be positive, got: {std} instead.")


def _check_kaiser(sym: bool, beta: float) -> None:
    if beta < 0:
        raise ValueError(f"beta must be non-negative, got: {beta} instead.")


CHECKS: dict[str, Callable[..., None]] = {
    "exponential": _check_exponential, "gaussian": _check_gaussian, "kaiser": _check_kaiser,
}  # fmt: skip


@_window("exponential", one=False)
def exponential(M: int, sym: bool, how: Any, *, center: float | None = None, tau: float = 1.0):
    """Falls off exponentially from its center."""
    middle = (M if not sym and M > 1 else M - 1) / 2.0 if center is None else center
    each = 1 / tau
    return (-linspace(-middle * each, (-middle + (M - 1)) * each, M, **how).abs()).exp()


@_window("cosine", one=False)
def cosine(M: int, sym: bool, how: Any):
    """Half of a wave."""
    each = math.pi / (M + 1 if not sym and M > 1 else M)
    return linspace(0.5 * each, (0.5 + (M - 1)) * each, M, **how).sin()


@_window("gaussian", one=False)
def gaussian(M: int, sym: bool, how: Any, *, std: float = 1.0):
    """Gauss' curve."""
    start = -(M if not sym and M > 1 else M - 1) / 2.0
    each = 1 / (std * math.sqrt(2))
    k: Any = linspace(start * each, (start + (M - 1)) * each, M, **how)
    return (-(k**2)).exp()


@_window("kaiser")
def kaiser(M: int, sym: bool, how: Any, *, beta: float = 12.0):
    """Kaiser's, of Bessel functions."""
    wide: Any = tensor(beta, dtype=how["dtype"], device=how["device"])
    start = -wide
    each = 2.0 * wide / (M if not sym else M - 1)
    end = FUNCTIONS["minimum"](wide, start + (M - 1) * each)
    k = linspace(start, end, M, **how)
    return i0((wide * wide - k.pow(2)).sqrt()) / i0(wide)


@_window("bartlett")
def bartlett(M: int, sym: bool, how: Any):
    """A triangle."""
    each = 2 / (M if not sym else M - 1)
    return 1 - linspace(-1, -1 + (M - 1) * each, M, **how).abs()


def _cosines(M: int, sym: bool, how: Any, *, a: Any):
    """A sum of cosines."""
    if not isinstance(a, Iterable):
        raise TypeError("Coefficients must be a list/tuple")
    if not a:
        raise ValueError("Coefficients cannot be empty")
    each = 2 * math.pi / (M if not sym else M - 1)
    k = linspace(0, (M - 1) * each, M, **how)
    signed = [(-1) ** i * w for i, w in enumerate(a)]
    weights = tensor(signed, device=how["device"], dtype=how["dtype"], requires_grad=how["requires_grad"])
    i = arange(len(signed), dtype=weights.dtype, device=weights.device, requires_grad=weights.requires_grad)
    return (weights.unsqueeze(-1) * (i.unsqueeze(-1) * k).cos()).sum(0)


general_cosine = _window("general_cosine")(_cosines)


def general_hamming(M, *, alpha=0.54, sym=True, dtype=None, layout=strided, device=None, requires_grad=False):
    """A cosine above a constant."""
    return general_cosine(M, a=[alpha, 1.0 - alpha], sym=sym, dtype=dtype, layout=layout, device=device,
                          requires_grad=requires_grad)  # fmt: skip


def _of_cosines(name: str, a: list[float]) -> None:
    def window(M, *, sym=True, dtype=None, layout=strided, device=None, requires_grad=False):
        if name == "blackman":
            check(name, M, dtypes.get_default_dtype() if dtype is None else dtype, layout)
        return general_cosine(M, a=a, sym=sym, dtype=dtype, layout=layout, device=device, requires_grad=requires_grad)

    window.__name__ = window.__qualname__ = name
    publish(f"signal.windows.{name}", window, method=False)


publish("signal.windows.general_hamming", general_hamming, method=False)
for _name, _a in (
    ("hamming", [0.54, 1.0 - 0.54]), ("hann", [0.5, 1.0 - 0.5]), ("blackman", [0.42, 0.5, 0.08]),
    ("nuttall", [0.3635819, 0.4891775, 0.1365995, 0.0106411]),
):  # fmt: skip
    _of_cosines(_name, _a)


# -- the older ones, periodic unless told otherwise -----------------------------------------------------------


def _older(name: str, make: Callable[..., Any], *own: str) -> None:
    heads = ("int window_length", *(f"int window_length, {', '.join(('bool periodic', *own[:n]))}"
                                    for n in range(len(own) + 1)))  # fmt: skip
    usage = Parser(name, *(f"({head}, *, {OPTIONS})" for head in heads))
    names = [one.rpartition(" ")[2] for one in own]

    def window(*args: Any, **kwargs: Any) -> Tensor:
        given = bind(usage, args, kwargs)[1]
        length, periodic, d = given["window_length"], given.get("periodic", True), out_dtype(given, _default())
        if not (d.is_floating_point or d.is_complex):
            raise RuntimeError(
                f"{name} expects floating point dtypes, got: TensorOptions(dtype={dtypes.C_NAMES[d.name]}, device=cpu, "
                "layout=Strided (default), requires_grad=false (default), pinned_memory=false, "
                "memory_format=(nullopt))"
            )
        if length < 0:
            raise RuntimeError(f"{name} requires non-negative window_length, got window_length={length}")
        if length < 2:
            return finish(np.ones(length, d.numpy), given)
        if d.is_complex:
            raise not_implemented_for("arange_cpu", d.numpy)
        whole = length + 1 if periodic else length
        values = make(np.arange(whole).astype(d.numpy), whole, **{n: given[n] for n in names if n in given})
        return finish(np.ascontiguousarray(np.asarray(values).astype(d.numpy)[:length]), given)

    window.__name__ = window.__qualname__ = name
    publish(name, window, method=False)


def _default() -> Any:
    return dtypes.get_default_dtype()


def _raised(k: Any, n: int, alpha: float = 0.54, beta: float = 0.46) -> Any:
    return wrap(k).mul_(math.pi * 2.0 / (n - 1)).cos_().mul_(-beta).add_(alpha)._a


def _triangle(k: Any, n: int) -> Any:
    found = wrap(k).mul_(2.0 / (n - 1))
    found[((n - 1) >> 1) + 1 :].mul_(-1).add_(2)
    return found._a


def _blackman(k: Any, n: int) -> Any:
    x = wrap(k).mul_(math.pi / (n - 1))
    return ((x * 4).cos_().mul_(0.08) - (x * 2).cos_().mul_(0.5) + 0.42)._a


@in_float32
def _kaiser(k: Any, n: int, beta: float = 12.0) -> Any:
    number = k.dtype.type
    x = k * number(2.0 / (n - 1)) - 1
    y = np.maximum(0, 1 - x * x)
    return np.asarray(i0(np.asarray(number(beta) * np.sqrt(y)))) / np.asarray(i0(np.asarray(number(beta))))


_older("hann_window", lambda k, n: _raised(k, n, 0.5, 0.5))
_older("hamming_window", _raised, "float alpha", "float beta")
_older("bartlett_window", _triangle)
_older("blackman_window", _blackman)
_older("kaiser_window", _kaiser, "float beta")
